"""Sending: due messages are claimed on a lease, sent from a few threads, and marked. The store is this thread's alone.

A receiver that hangs costs its own thread and no more: at the policy's timeout it is left to itself, and its message is
tried again later. Threads never touch the store, so that nothing they do holds a transaction open.
"""

import json
import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

from cases import outbox as letters
from cases.acting import policy_of
from cases.clockwork import MOST_ERRORS, LeaseLost, Tally
from cases.store import Store
from schedules.channels import TIMED_OUT, Envelope, Undelivered, deliver, place_of
from schedules.jobs import Occasion
from schedules.nodes import this_node
from workflow.deadlines import local_date
from workflow.policy import Policy
from workflow.words import Sentence

log = logging.getLogger("rectify.schedule")

#: So many messages are under way at once.
AT_ONCE = 8
#: What a lease is longer than a try: time to note how it went.
_MARGIN = timedelta(minutes=2)


def outbox(store: Store, run: Occasion) -> Tally:
    """Send every message that is due: `looked_at` messages, `moved` sent, `notices` in those, `skipped` not delivered."""
    with store.read() as tx:
        _, policy = policy_of(tx)
        if run.dry_run:
            messages, notices = letters.due(tx, run.now, run.recorded_at, local_date(run.now, policy.timezone))
            return Tally(looked_at=messages, moved=messages, notices=notices)
    return _Sending(store, run, policy).all()


@dataclass(frozen=True, slots=True)
class _Try:
    """A message under way: what it is, and when it is given no more time."""

    message: Any
    until: float


class _Sending:
    """One run: a few messages at a time, until none is due."""

    def __init__(self, store: Store, run: Occasion, policy: Policy) -> None:
        self.tally = Tally()
        self._store = store
        self._run = run
        self._rules = policy.notices
        self._today = local_date(run.now, policy.timezone)
        self._began = time.monotonic()
        # Not the node alone: a run that was relieved of its slot may still be sending beside the next one.
        self._claimer = f"{this_node()}:{uuid4().hex[:8]}"
        self._under_way: dict[Future[None], _Try] = {}
        self._is_dry = False
        self._lost: LeaseLost | None = None

    def all(self) -> Tally:
        """Send what is due. What is under way is always seen to its end, also when the slot was lost meanwhile."""
        with self._store.begin() as tx:
            letters.drop_empty(tx, self._at)
        while True:
            self._begin_some()
            if not self._under_way:
                break
            self._settle_some()
        if self._lost is not None:
            raise self._lost
        return self.tally

    @property
    def _at(self) -> datetime:
        """What time it is: when the run began, and how long ago that is."""
        return self._run.recorded_at + timedelta(seconds=time.monotonic() - self._began)

    def _begin_some(self) -> None:
        room = AT_ONCE - len(self._under_way)
        if self._is_dry or self._lost or not room or self._run.is_stopped():
            return
        found = self._claimed(room)
        self._is_dry = len(found) < room
        for message in found:
            self.tally.looked_at += 1
            until = time.monotonic() + self._rules.timeout_seconds
            self._under_way[_started(message, self._rules.timeout_seconds)] = _Try(message, until)

    def _claimed(self, most: int) -> list[Any]:
        lease = timedelta(seconds=self._rules.timeout_seconds) + _MARGIN
        try:
            with self._store.begin() as tx:
                at = self._at
                found = letters.claim(
                    tx, self._run.now, self._today, at=at, until=at + lease, claimer=self._claimer, most=most
                )
                self._run.keep(tx)
                return list(found)
        except LeaseLost as lost:
            self._lost = lost
            return []

    def _settle_some(self) -> None:
        """Wait for the first to end, or for the first whose time is up, and note how it went."""
        soonest = min(each.until for each in self._under_way.values())
        wait(self._under_way, timeout=max(0.0, soonest - time.monotonic()), return_when=FIRST_COMPLETED)
        now = time.monotonic()
        for future, trying in list(self._under_way.items()):
            if future.done() or trying.until <= now:
                del self._under_way[future]
                self._settle(trying.message, _outcome(future))

    def _settle(self, message: Any, why: Sentence | None) -> None:
        if why is None:
            with self._store.begin() as tx:
                letters.sent(tx, message, self._at)
            self.tally.moved += 1
            self.tally.notices += message.count
        else:
            self._failed(message, f"{why} ({place_of(message.notify)})")

    def _failed(self, message: Any, why: str) -> None:
        attempts = message.attempts + 1
        with self._store.begin() as tx:
            if attempts >= self._rules.attempts:
                letters.give_up(tx, message, self._claimer, self._at, why)
            else:
                letters.again(tx, message, self._claimer, self._next_try(attempts), why)
        log.warning("message %s to %s, attempt %d: %s", message.key, message.name, attempts, why)
        self.tally.skipped += 1
        if len(self.tally.errors) < MOST_ERRORS:
            self.tally.errors.append({"person": message.name, "message": message.key, "reason": why})

    def _next_try(self, attempts: int) -> datetime:
        pauses = self._rules.backoff_minutes
        pause = timedelta(minutes=pauses[min(attempts, len(pauses)) - 1])
        # By the minute: what is to be tried in five is not late for the run in five by the time it took.
        return max(self._run.now, self._run.recorded_at).replace(second=0, microsecond=0) + pause


def _started(message: Any, timeout: float) -> "Future[None]":
    """Send a message from a thread of its own; nobody waits for one that hangs, not even the end of the process."""
    future: Future[None] = Future()
    Thread(target=_send, args=(future, message, timeout), daemon=True).start()
    return future


def _send(future: "Future[None]", message: Any, timeout: float) -> None:
    try:
        facts = json.loads(message.facts)
        deliver(message.notify, Envelope(message.key, message.name, message.subject, message.body, facts), timeout)
    except Undelivered as error:
        future.set_exception(error)
    except ValueError:
        future.set_exception(Undelivered(Sentence("the message cannot be read")))
    else:
        future.set_result(None)


def _outcome(future: "Future[None]") -> Sentence | None:
    """Return why a message did not arrive, None when it did."""
    if not future.done():
        return TIMED_OUT
    error = future.exception()
    return error.why if isinstance(error, Undelivered) else None
