"""Chains that are about the store itself and not about a case: its calendar, its policy. Each loading is a step of one."""

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
    .where(steps.c.kind == bindparam("of"), steps.c.subject_id == SUBJECT)
    .order_by(steps.c.seq.desc())
    .limit(1)
)
_ADD_STEP = Statement(insert(steps).values({column.name: bindparam(column.name) for column in steps.c}))


def head_of(tx: Transaction, kind: str) -> Any:
    """Return the last step of a chain, None before the first."""
    return tx.one(_HEAD, of=kind)


def append_loading(door: Door, kind: str, facts: Mapping[str, Any]) -> None:
    """Add the step that something was loaded; it stands under the rules that were in force until then."""
    acting, head = door.acting, head_of(door.tx, kind)
    step = {
        "kind": kind,
        "subject_id": SUBJECT,
        "seq": 1 if head is None else head.seq + 1,
        "area_code": "",
        "trigger": "load",
        "from_state": None if head is None else head.to_state,
        "to_state": "loaded",
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
