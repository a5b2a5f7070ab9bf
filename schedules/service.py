"""The service: APScheduler ticks, the store says whose slot it is. It keeps no jobs of its own and may be killed any time.

At start-up every job is offered its latest slot: if that was missed it is run once, however many were missed. The same
is done when the clock was set, or the machine slept: what was run once is never run again, whatever the clock says.
"""

import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from cases import slots
from cases.acting import policy_of
from cases.store import Store
from schedules.jobs import run_once
from schedules.nodes import this_node
from schedules.timetable import JOBS, missed, trigger_of
from workflow.errors import RectifyError

log = logging.getLogger("rectify.schedule")


def _utc_now() -> datetime:
    return datetime.now(UTC)


#: After how long a run that failed is tried again, if its next slot is not sooner.
_PAUSE = timedelta(minutes=1)
#: How often the clock is compared with the time that passed, in seconds, and from what difference on it was set.
_WATCH = 300
_JUMP = timedelta(minutes=1)


class Service:
    """Runs every job at its time until it is stopped."""

    def __init__(
        self,
        store: Store,
        *,
        node: str | None = None,
        now: Callable[[], datetime] = _utc_now,
        passed: Callable[[], float] = monotonic,
    ) -> None:
        """Make a service of a store. `now` is the clock, `passed` seconds that no hand sets."""
        self._store = store
        self._node = node or this_node()
        self._now, self._passed = now, passed
        self._seen = now(), passed()
        self._stopping = threading.Event()
        # One thread: on one machine the jobs take turns, and share one connection.
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})

    def stop(self) -> None:
        """Finish the batch at hand, then leave."""
        self._stopping.set()

    def serve(self) -> None:
        """Run until stopped. Raises StoreError when the store cannot be read at the start."""
        self._add_jobs()
        self._scheduler.start()
        log.info("serving as %s", self._node)
        try:
            while not self._stopping.wait(_WATCH):
                self.watch()
        finally:
            self._stopping.set()
            self._scheduler.shutdown(wait=True)
            log.info("left")

    @property
    def waiting(self) -> list[Any]:
        """The jobs that wait for their time, as APScheduler has them."""
        return list(self._scheduler.get_jobs())

    def watch(self) -> None:
        """Compare the clock with the time that passed; report a jump, and offer every job its slot by the new time."""
        (then, since), now, passed = self._seen, self._now(), self._passed()
        self._seen = now, passed
        jump = now - then - timedelta(seconds=passed - since)
        if abs(jump) < _JUMP:
            return
        log.warning(
            "the clock went %s by %s while nobody looked: it was set, or the machine slept; every job is offered its slot",
            "forward" if jump > timedelta(0) else "back",
            timedelta(seconds=round(abs(jump).total_seconds())),
        )
        self._add_jobs()

    def tick(self, job: str) -> None:
        """Run the slot of a job that is at hand, unless that was done. What fails is told, and tried again soon."""
        if self._stopping.is_set():
            return
        try:
            self._say_missed(job)
            report = run_once(
                self._store, job, self._now(), node=self._node, again=False, is_stopped=self._stopping.is_set
            )
            if report.is_skipped:
                self._come_back(job)
        except RectifyError as error:
            log.error("%s: %s", job, error, extra={"job": job})
            self._try_again(job, self._now() + _PAUSE)
        except Exception:
            log.exception("%s failed", job, extra={"job": job})
            self._try_again(job, self._now() + _PAUSE)

    def _add_jobs(self) -> None:
        with self._store.read() as tx:
            _, policy = policy_of(tx)
        for job in JOBS:
            # At once by the scheduler's own clock, and then at its times: what was missed is made up for.
            self._add(job, trigger_of(job, policy), name=job, next_run_time=datetime.now(UTC))

    def _come_back(self, job: str) -> None:
        """Look again when the lease of whoever runs this job is out: it may have been killed, or frozen."""
        with self._store.read() as tx:
            last = slots.last(tx, job)
        if last is not None and last.finished_at is None and last.lease_until > self._now():
            self._try_again(job, last.lease_until + timedelta(seconds=1))

    def _try_again(self, job: str, at: datetime) -> None:
        if not self._stopping.is_set():
            self._add(job, DateTrigger(at), name=f"{job} again")

    def _add(self, job: str, trigger: Any, *, name: str, **more: Any) -> None:
        self._scheduler.add_job(
            self.tick,
            trigger,
            args=[job],
            id=name,
            replace_existing=True,
            misfire_grace_time=None,  # late is better than never; the default is to drop what is a second late
            coalesce=True,
            max_instances=1,
            **more,
        )

    def _say_missed(self, job: str) -> None:
        with self._store.read() as tx:
            _, policy = policy_of(tx)
            last = slots.last_good(tx, job)
        passed = missed(job, last and last.slot, self._now(), policy)
        if last is not None and len(passed) > 1:
            log.warning("%s: %d slots were missed; they are made up for at once", job, len(passed) - 1)


@contextlib.contextmanager
def stopped_by_signals(service: Service) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C stop the service gently for as long as it runs."""
    before = {number: signal.signal(number, lambda *_: service.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
