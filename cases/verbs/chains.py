"""Chains that are not a case's: the store's calendar and policy, whose loadings are steps, and printed papers."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, insert, select

from cases.history import GENESIS, canonical, digest
from cases.ledger import Door
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import steps

#: There is one calendar and one policy in a store.
SUBJECT: Final = 1

_HEAD = Statement(
    select(steps.c.seq, steps.c.at, steps.c.to_state, steps.c.hash)
    .where(steps.c.kind == bindparam("of"), steps.c.subject_id == bindparam("subject"))
    .order_by(steps.c.seq.desc())
    .limit(1)
)
_ADD_STEP = Statement(insert(steps).values({column.name: bindparam(column.name) for column in steps.c}))


def head_of(tx: Transaction, kind: str, subject: int = SUBJECT) -> Any:
    """Return the last step of a chain, None before the first."""
    return tx.one(_HEAD, of=kind, subject=subject)


def append_loading(door: Door, kind: str, facts: Mapping[str, Any]) -> None:
    """Add the step that something was loaded; it stands under the rules that were in force until then."""
    append(door, kind, SUBJECT, "load", "loaded", facts)


def append(
    door: Door, kind: str, subject: int, trigger: str, state: str, facts: Mapping[str, Any], area: str = ""
) -> None:
    """Add a step to a chain. Whoever appends holds the subject, so that nobody else does meanwhile."""
    acting, head = door.acting, head_of(door.tx, kind, subject)
    step = {
        "kind": kind,
        "subject_id": subject,
        "seq": 1 if head is None else head.seq + 1,
        "area_code": area,
        "trigger": trigger,
        "from_state": None if head is None else head.to_state,
        "to_state": state,
        "actor_id": acting.actor.id,
        "recorded_by": acting.recorded_by,
        "at": door.at,
        "recorded_at": acting.when.recorded_at,
        "facts": canonical(facts),
        "policy": acting.policy_version,
        "calendar": acting.calendar.version,
        "seal": door.epoch,
        "prev": GENESIS if head is None else head.hash,
    }
    door.tx.run(_ADD_STEP, **step, hash=digest(step))
