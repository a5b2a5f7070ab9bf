"""The chain of something that moves and is no case – a request, a halt, an exit – as rows in the order of recording."""

import json
from typing import Any

from sqlalchemy import bindparam, select

from cases.questions.asking import Asking
from cases.statements import Statement
from cases.tables import people, steps
from workflow.terms import Kind

_STEPS = Statement(
    select(steps.c.seq, steps.c.trigger, steps.c.to_state, steps.c.at, steps.c.facts, people.c.name)
    .join_from(steps, people, people.c.id == steps.c.actor_id, isouter=True)
    .where(steps.c.kind == bindparam("of"), steps.c.subject_id == bindparam("number"))
    .order_by(steps.c.seq)
)


def steps_of(asking: Asking, kind: Kind, number: int) -> list[dict[str, Any]]:
    """Return every step of a subject: who made it, when, and what it remembers."""
    return [
        {
            "seq": found.seq,
            "trigger": found.trigger,
            "to": found.to_state,
            "actor": found.name or "clock",
            "at": asking.instant(found.at),
            "facts": json.loads(found.facts),
        }
        for found in asking.tx.all(_STEPS, of=kind, number=number)
    ]
