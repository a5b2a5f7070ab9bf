"""Jobs: what each is, and how one slot of one is run. A job is a function of the store and the occasion; no clock here.

run_once(store, "deadlines", now, node="night-1:4711")
"""

import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from time import monotonic
from typing import Any

from cases import slots
from cases.acting import local, policy_of
from cases.clockwork import LeaseLost, Tally
from cases.slots import OURS, Slot, Verdict
from cases.store import Store, Transaction
from schedules.nodes import is_gone
from schedules.timetable import JOBS, missed, next_slot, slot_at
from workflow.policy import Policy

log = logging.getLogger("rectify.schedule")

#: Where the function of each job is.
_WORK = {
    "deadlines": "schedules.sweep:deadlines",
    "digest": "schedules.digest:digest",
    "outbox": "schedules.outbox:outbox",
    "seal": "schedules.seal:seal",
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """One run of a job: what time it is for, when it is recorded, and how it says that it lives."""

    now: datetime
    recorded_at: datetime
    dry_run: bool = False
    batch: int | None = None
    #: Called inside each transaction of the run: renews the lease, raises LeaseLost where it is somebody else's.
    keep: Callable[[Transaction], None] = lambda _: None
    #: Whether to stop after the transaction at hand.
    is_stopped: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to, with CONTRACT's keys. `skipped` counts rows left alone – or the slot itself, as one."""

    job: str
    slot: str
    looked_at: int = 0
    moved: int = 0
    notices: int = 0
    skipped: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_skipped(self) -> bool:
        """Whether the slot itself was left to whoever has it."""
        return self.skipped > 0 and not self.looked_at and not self.errors

    @property
    def document(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return asdict(self)


class _Clock:
    """What time it is while a run goes on: when it began, and how long ago that is."""

    def __init__(self, began_at: datetime) -> None:
        self._began_at = began_at
        self._since = monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return round(monotonic() - self._since, 3)

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self._began_at + timedelta(seconds=monotonic() - self._since)


def run_once(
    store: Store,
    job: str,
    now: datetime,
    *,
    node: str,
    dry_run: bool = False,
    recorded_at: datetime | None = None,
    batch: int | None = None,
    again: bool = True,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Run a job for the slot that `now` is in; return what it came to.

    A slot somebody else is running is skipped, and with `again` off also one that was run before. `recorded_at` is
    what the clock says, where that is not `now`. Raises StoreError when the store cannot be reached or written.
    """
    with store.read() as tx:
        _, policy = policy_of(tx)
    slot, clock = Slot(job, slot_at(job, now, policy), node), _Clock(recorded_at or now)
    occasion = Occasion(now, recorded_at or now, dry_run, batch, is_stopped=is_stopped)
    if dry_run:
        return _report(slot, _work(job)(store, occasion), clock, policy)
    lease = timedelta(minutes=policy.service.lease_minutes)
    verdict = slots.claim(store, slot, now=clock.now, until=clock.now + lease, again=again, is_gone=is_gone)
    if verdict not in OURS:
        log.info("%s of %s: skipped, it is %s", job, local(slot.at, policy), _BECAUSE[verdict])
        return _report(slot, Tally(skipped=1), clock, policy)
    return _run(store, slot, occasion, clock, lease, policy)


_BECAUSE = {Verdict.running: "being run by another process", Verdict.finished: "done already"}


def _run(store: Store, slot: Slot, occasion: Occasion, clock: _Clock, lease: timedelta, policy: Policy) -> Report:
    """Run a slot that is ours, and leave a row that says how it went."""
    tally = Tally()
    kept = replace(occasion, keep=lambda tx: slots.renew(tx, slot, clock.now + lease))
    try:
        tally = _work(slot.job)(store, kept)
    except LeaseLost:
        log.warning("%s of %s: another node took it over", slot.job, local(slot.at, policy))
        tally.skipped += 1
        return _report(slot, tally, clock, policy)
    except Exception:
        # What is left is free at once; a store that cannot even be told so is told by the lease.
        with contextlib.suppress(Exception):
            slots.release(store, slot, tally, seconds=clock.seconds)
        raise
    if occasion.is_stopped():
        slots.release(store, slot, tally, seconds=clock.seconds)
    else:
        slots.finish(store, slot, tally, now=clock.now, seconds=clock.seconds)
    report = _report(slot, tally, clock, policy)
    log.info("%s of %s: %s", slot.job, report.slot, _counts(report), extra=_facts(report))
    return report


def _work(job: str) -> Callable[[Store, Occasion], Tally]:
    module, _, name = _WORK[job].partition(":")
    work: Callable[[Store, Occasion], Tally] = getattr(import_module(module), name)
    return work


def _report(slot: Slot, tally: Tally, clock: _Clock, policy: Policy) -> Report:
    return Report(slot.job, local(slot.at, policy), **asdict(tally), seconds=clock.seconds)


def _counts(report: Report) -> str:
    return (
        f"looked at {report.looked_at}, moved {report.moved}, notices {report.notices}, skipped {report.skipped}"
        f" in {report.seconds:.1f} s"
    )


def _facts(report: Report) -> dict[str, Any]:
    """Return what a machine reads of a run in the log; of its errors how many: the run's row has them."""
    return {**report.document, "errors": len(report.errors)}


def status(store: Store, now: datetime) -> list[dict[str, Any]]:
    """Return what is known of each job: its last run, its last good one, how many slots passed since, the next one."""
    with store.read() as tx:
        _, policy = policy_of(tx)
        return [_status(tx, job, now, policy) for job in JOBS]


def _status(tx: Transaction, job: str, now: datetime, policy: Policy) -> dict[str, Any]:
    last, good = slots.last(tx, job), slots.last_good(tx, job)
    return {
        "job": job,
        "state": _state(last, now),
        "last_good": None if good is None else local(good.slot, policy),
        "missed": len(missed(job, good.slot, now, policy)) if good is not None else None,
        "next": local(next_slot(job, now, policy), policy),
        "last": None if last is None else _run_of(last, policy),
    }


def _state(last: Any, now: datetime) -> str:
    if last is None:
        return "never_run"
    if last.finished_at is not None:
        return "idle"
    return "running" if last.lease_until > now and not is_gone(last.node) else "interrupted"


def _run_of(row: Any, policy: Policy) -> dict[str, Any]:
    return {
        "slot": local(row.slot, policy),
        "node": row.node,
        "started_at": local(row.started_at, policy),
        "finished_at": None if row.finished_at is None else local(row.finished_at, policy),
        "looked_at": row.looked_at,
        "moved": row.moved,
        "notices": row.notices,
        "skipped": row.skipped,
        "errors": json.loads(row.errors),
        "seconds": row.seconds,
        "ok": row.ok,
    }
