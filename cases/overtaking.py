"""What is recorded late: which of the clock's steps it overtakes, and what becomes of what people are told of them.

The clock's steps stay, and the late step lists them: one that moved something lists all since it happened, one that
moved nothing only those about a deadline that it ended; so a note lists none. A notice is taken back only where the
late step ended the deadline it tells of: of one that runs on it is still true, and its rung is not taken again.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from cases import outbox
from cases.recipients import ADD_NOTICE
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import messages, notices, steps
from workflow.case import Attempt, Subject

_CLOCK_STEPS_AFTER = Statement(
    select(steps.c.seq, steps.c.facts)
    .where(
        steps.c.kind == bindparam("kind"),
        steps.c.subject_id == bindparam("subject"),
        steps.c.actor_id.is_(None),
        steps.c.at > bindparam("at"),
    )
    .order_by(steps.c.seq)
)
_OF_STEP = (
    notices.c.kind == bindparam("kind_"),
    notices.c.subject_id == bindparam("subject"),
    notices.c.seq == bindparam("step"),
)
_CANCEL = Statement(
    update(notices)
    .where(*_OF_STEP, notices.c.sent_at.is_(None), notices.c.cancelled_at.is_(None))
    .values(cancelled_at=bindparam("now"))
)
_TOLD = Statement(
    select(notices.c.person_id)
    .join_from(notices, messages, messages.c.key == notices.c.digest)
    .where(*_OF_STEP, outbox.IS_TOLD)
    .order_by(messages.c.id)
    .with_for_update(of=messages)
)


def overtake(tx: Transaction, attempt: Attempt, recorded_at: datetime) -> None:
    """Let what was recorded late overtake the clock's steps since it happened."""
    subject = attempt.subject
    ended = {(each.rule, each.set_by) for each in subject.deadlines if each.ended_by == attempt.seq}
    since = tx.all(_CLOCK_STEPS_AFTER, kind=subject.kind, subject=subject.id, at=attempt.at)
    answered = [step.seq for step in since if _deadline_of(step.facts) in ended]
    overtaken = [step.seq for step in since] if attempt.moved else answered
    if overtaken:
        attempt.facts["overtakes"] = overtaken
    if answered:
        _take_back(tx, subject, answered, attempt.seq, recorded_at)


def _deadline_of(facts: str) -> tuple[str, int] | None:
    named = json.loads(facts).get("deadline")
    return None if named is None else (named["rule"], named["seq"])


def _take_back(tx: Transaction, subject: Subject, answered: Sequence[int], seq: int, now: datetime) -> None:
    """Cancel the unsent notices of these steps, and write one of the late step to whoever was told of them.

    A message left with nothing to tell is dropped; one that still goes out tells of them, and is corrected.
    """
    of_steps = [{"kind_": subject.kind, "subject": subject.id, "step": step} for step in answered]
    _told(tx, of_steps)  # whoever notes that a message was sent holds it before its notices: so does this
    tx.many(_CANCEL, [{**of_step, "now": now} for of_step in of_steps])
    outbox.drop_empty(tx, now)
    own = {"kind": subject.kind, "subject_id": subject.id, "seq": seq, "area_code": subject.area_code}
    notice = {**own, "rank": None, "created_at": now, "attempts": 0}
    tx.many(ADD_NOTICE, [{**notice, "person_id": person} for person in _told(tx, of_steps)])


def _told(tx: Transaction, of_steps: Sequence[dict[str, Any]]) -> list[int]:
    """Return whoever was or will be told of these steps, and hold the messages."""
    return sorted({row.person_id for of_step in of_steps for row in tx.all(_TOLD, **of_step)})
