"""Slots: which run of which job is whose. Whoever inserts the row runs it; a lease says that its runner still lives.

A slot is the instant a job was to run at. An unfinished one whose lease ran out is taken over; a finished one runs
again only when somebody asks for it by hand. Running twice at once would harm nothing (the rungs' keys see to that),
it would only be work done for nothing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cases.clockwork import LeaseLost, Tally
from cases.statements import Statement
from cases.store import Store, Transaction
from cases.tables import runs
from workflow.words import Sentence

_COUNTS = ("looked_at", "moved", "notices", "skipped")
_THIS = (runs.c.job == bindparam("job_"), runs.c.slot == bindparam("slot_"))
_MINE = (*_THIS, runs.c.node == bindparam("node_"), runs.c.finished_at.is_(None))
_FIRST = {
    "job": bindparam("job"), "slot": bindparam("slot"), "node": bindparam("node"), "started_at": bindparam("now"),
    "lease_until": bindparam("until"), "looked_at": 0, "moved": 0, "notices": 0, "skipped": 0, "errors": "[]",
    "seconds": 0.0, "ok": False,
}  # fmt: skip
_INSERT = {
    "sqlite": Statement(sqlite.insert(runs).values(_FIRST).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(runs).values(_FIRST).on_conflict_do_nothing()),
}
_HELD = Statement(select(runs).where(*_THIS).with_for_update())
_TAKE = Statement(
    update(runs)
    .where(*_THIS)
    .values(node=bindparam("node"), started_at=bindparam("now"), lease_until=bindparam("until"), finished_at=None)
)
_RENEW = Statement(update(runs).where(*_MINE).values(lease_until=bindparam("until")))
_COUNTED: dict[str, Any] = {name: bindparam(name) for name in (*_COUNTS, "errors", "seconds", "lease_until")}
_RELEASE = Statement(update(runs).where(*_MINE).values(_COUNTED))
_FINISH = Statement(
    update(runs).where(*_MINE).values({**_COUNTED, "ok": bindparam("ok"), "finished_at": bindparam("finished_at")})
)
_NEWEST = select(runs).where(runs.c.job == bindparam("job")).order_by(runs.c.slot.desc()).limit(1)
_LAST = Statement(_NEWEST)
_LAST_GOOD = Statement(_NEWEST.where(runs.c.ok, runs.c.finished_at.is_not(None)))


class Verdict(StrEnum):
    """What became of a claim."""

    claimed = "claimed"  #: nobody had it
    taken_over = "taken_over"  #: its runner is gone
    again = "again"  #: it was finished, and is wanted once more
    running = "running"  #: somebody else is at it
    finished = "finished"  #: it was run already


#: Claims that make the claimer the runner.
OURS = (Verdict.claimed, Verdict.taken_over, Verdict.again)


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of one job, and the node that wants it or has it."""

    job: str
    at: datetime
    node: str

    @property
    def key(self) -> dict[str, Any]:
        """Return the parameters that name it."""
        return {"job_": self.job, "slot_": self.at}


def claim(
    store: Store,
    slot: Slot,
    *,
    now: datetime,
    until: datetime,
    again: bool = False,
    is_gone: Callable[[str], bool] = lambda _: False,
) -> Verdict:
    """Ask for a slot, on a lease that ends at `until` unless it is renewed.

    `again` also takes one that was run already. `is_gone` tells of a node that it is surely dead: its lease need not
    be waited out.
    """
    with store.begin() as tx:
        if tx.run(_INSERT[store.kind], job=slot.job, slot=slot.at, node=slot.node, now=now, until=until):
            return Verdict.claimed
        verdict = _judged(tx.one(_HELD, **slot.key), slot.node, now, again, is_gone)
        if verdict in OURS:
            tx.run(_TAKE, **slot.key, node=slot.node, now=now, until=until)
        return verdict


def _judged(held: Any, node: str, now: datetime, again: bool, is_gone: Callable[[str], bool]) -> Verdict:
    if held.finished_at is not None:
        return Verdict.again if again else Verdict.finished
    is_free = held.lease_until <= now or held.node == node or is_gone(held.node)
    return Verdict.taken_over if is_free else Verdict.running


def renew(tx: Transaction, slot: Slot, until: datetime) -> None:
    """Say that its runner still lives. Raises LeaseLost when it is somebody else's by now."""
    if not tx.run(_RENEW, **slot.key, node_=slot.node, until=until):
        raise LeaseLost(Sentence("the run of {job} was taken over by another node", job=slot.job), job=slot.job)


def finish(store: Store, slot: Slot, tally: Tally, *, now: datetime, seconds: float, ok: bool = True) -> None:
    """Record what a run came to. It does nothing for a slot that somebody else took over."""
    with store.begin() as tx:
        tx.run(_FINISH, **slot.key, node_=slot.node, **_counts(tally, seconds), ok=ok, finished_at=now, lease_until=now)


def release(store: Store, slot: Slot, tally: Tally, *, seconds: float) -> None:
    """Leave a run unfinished, for anybody to take over at once: its lease ended when it began."""
    with store.begin() as tx:
        tx.run(_RELEASE, **slot.key, node_=slot.node, **_counts(tally, seconds), lease_until=slot.at)


def _counts(tally: Tally, seconds: float) -> dict[str, Any]:
    counts = {name: getattr(tally, name) for name in _COUNTS}
    return {**counts, "errors": json.dumps(tally.errors, ensure_ascii=False), "seconds": seconds}


def last(tx: Transaction, job: str) -> Any:
    """Return the newest run of a job, finished or not; None when it never ran."""
    return tx.one(_LAST, job=job)


def last_good(tx: Transaction, job: str) -> Any:
    """Return the newest run of a job that came to its end; None when there is none."""
    return tx.one(_LAST_GOOD, job=job)
