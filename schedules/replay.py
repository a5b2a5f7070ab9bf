"""Plays a script into an empty store through the same verbs that people use, under the script's own time.

Each event is a transaction of its own, recorded when it happened. Between the events the nights run: the real jobs.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases import desk
from cases.acting import Acting, When, policy_of
from cases.ledger import Door
from cases.names import find
from cases.people import actor_of
from cases.store import Store, Transaction
from schedules.events import Book, Event
from schedules.jobs import run_once
from schedules.script import Lines, Script
from schedules.timetable import DEADLINES, SEAL, next_slot
from workflow.calendar import china
from workflow.errors import BadInput, RectifyError, StoreError
from workflow.policy import Policy

#: The node that the runs of a replay bear.
NODE = "demo"

#: Called after each event and each night, with how many of them there are.
Tick = Callable[[int], None]


def replay(script: Script, lines: Lines, store: Store, login: str, tick: Tick = lambda _: None) -> Book:
    """Play a whole script into a store whose administrator is `login`; return what its marks stand for.

    Raises BadInput naming the line of an event that the rules refuse, and StoreError.
    """
    stage = Stage(script, lines, store, login)
    acts = list(stage.acts())
    for _, act in acts:
        act()
        tick(len(acts))
    return stage.book


class Stage:
    """A script in the middle of being played."""

    def __init__(self, script: Script, lines: Lines, store: Store, login: str) -> None:
        self.book = Book(script.campaign.name)
        self._script = script
        self._lines = lines
        self._store = store
        self._login = login
        with store.read() as tx:
            _, self._policy = policy_of(tx)

    def acts(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """Return everything there is to do in order of time; a night comes before what happens at its hour."""
        events = [(event.at, lambda at=at, event=event: self._happens(at, event)) for at, event in self._numbered()]
        nights = [(at, lambda at=at: self._passes(at)) for at in nights_of(self._script, self._policy)]
        opening = [(self._script.begins, self._opens)]
        yield from opening
        yield from sorted([*nights, *events], key=lambda act: act[0])

    def _numbered(self) -> Iterator[tuple[int, Event]]:
        return enumerate(self._script.events)

    def _opens(self) -> None:
        now = instant(self._script.begins, self._policy)
        with self._store.begin() as tx:
            try:
                self._script.register(desk.door(tx, self._login, None, None, now))
            except StoreError:
                raise
            except RectifyError as error:
                raise BadInput(self._lines.fault((), error.what), reasons=error.reasons) from error

    def _happens(self, number: int, event: Event) -> None:
        with self._store.begin() as tx:
            try:
                event.play(self._door(tx, event), self.book)
            except StoreError:
                raise
            except RectifyError as error:
                raise BadInput(self._lines.fault(("events", number), error.what), reasons=error.reasons) from error

    def _passes(self, at: datetime) -> None:
        """Run the night's jobs as the service does."""
        now = instant(at, self._policy)
        run_once(self._store, DEADLINES, now, node=NODE)
        run_once(self._store, SEAL, next_slot(SEAL, now, self._policy), node=NODE)

    def _door(self, tx: Transaction, event: Event) -> Door:
        """Open the ledger for whoever it was, at the time it was; they record it themselves."""
        now = instant(event.at, self._policy)
        if event.who is None:
            return desk.door(tx, self._login, None, None, now)
        actor = actor_of(tx, find(tx, "person", event.who))
        version, policy = policy_of(tx)
        return Door(tx, Acting(actor, actor.id, When(now, now), policy, version, china()))


def nights_of(script: Script, policy: Policy) -> Iterator[datetime]:
    """Return when the nightly job runs in the script's time, by the hour in the policy."""
    at = datetime.combine(script.begins.date(), time.fromisoformat(policy.service.nightly_at)) + timedelta(1)
    while at <= script.ends:
        yield at
        at += timedelta(1)


def instant(local: datetime, policy: Policy) -> datetime:
    """Return a local time of the policy's zone as an instant."""
    return local.replace(tzinfo=ZoneInfo(policy.timezone)).astimezone(UTC)
