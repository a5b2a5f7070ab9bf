"""Random people make random moves on a real store: whatever they try, the ledger stays whole.

Each history opens cases of its own in one store and tries anything anybody might try, sensible or not. A move is made
whole or leaves nothing behind; every open case waits on somebody and has a running clock; figures equal a recount.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

import cases.tables as t
from cases.clockwork import sweep
from cases.history import digest, verify
from cases.ledger import Door
from cases.store import Store
from cases.verbs import look_backs, moves, orders, rechecks
from cases.verbs.evidence import File
from tests.cases.ledgers import Ledger, opened
from workflow.errors import RectifyError
from workflow.hazard import ENDED, HAZARD, OPEN
from workflow.terms import Grade, WaitsOn

PEOPLE = ["Li", "Wang", "Zhao", "Qian", "Sun", "Zhou", "Contact"]
PHOTO = File("after.png", "0" * 64, "image/png", b"\x89PNG\r\n\x1a\n")
#: The moves that nobody types: they come with extensions and exits.
FIRED = {trigger for trigger, by in HAZARD.authorities.items() if by.name == "fired"}

people = st.sampled_from(PEOPLE)
pairs = st.lists(people, min_size=1, max_size=3)
grades = st.sampled_from([grade.value for grade in Grade])
days_off = st.integers(-2, 200)


class Histories(RuleBasedStateMachine):
    """One history: a handful of cases, moved by anybody, through days and nights."""

    ledger: Ledger

    def __init__(self) -> None:
        super().__init__()
        self.day = 0.0
        self.cases: list[int] = []
        self.seen: dict[int, int] = {}

    @initialize(grade=grades, count=st.integers(1, 3))
    def begin(self, grade: str, count: int) -> None:
        self.cases = self.ledger.find(count, grade=grade, days=self.day)

    # -- time

    @rule(days=st.integers(0, 40))
    def days_pass(self, days: int) -> None:
        self.day += days

    @rule()
    def a_night_passes(self) -> None:
        self.day += 1
        sweep(self.ledger.store, self.now)

    # -- moves

    @rule(who=people, due=days_off, interim=st.sampled_from([None, "keep out"]), at=st.integers(0, 2))
    def order(self, who: str, due: int, interim: str | None, at: int) -> None:
        case = self.case(at)
        demand = orders.Demand("Boss", "mend it", self.today + timedelta(due), interim)
        approved = orders.Paper(approved_by="Zhao", why="spare parts") if due > 30 else orders.Paper()
        self.try_(who, lambda door: orders.order(door, [case], {case: demand}, approved, if_version=None))

    @rule(who=people, start=st.booleans())
    def serve(self, who: str, start: bool) -> None:
        self.try_(who, lambda door: orders.serve(door, "last", orders.Service(receipt="Boss", start=start)))

    @rule(who=people, reason=st.sampled_from(["mistake", "replaced", "revoked"]))
    def withdraw(self, who: str, reason: str) -> None:
        self.try_(who, lambda door: orders.withdraw(door, "last", reason, "wrong unit", None))

    @rule(who=people, by=pairs, passes=st.booleans(), close=st.booleans(), due=days_off, at=st.integers(0, 2))
    def recheck(self, who: str, by: list[str], passes: bool, close: bool, due: int, at: int) -> None:
        case = self.case(at)
        demand = {case: orders.Demand("Boss", "again", self.today + timedelta(due), "keep out")}
        seen = rechecks.Recheck(
            [case] if passes else [], [] if passes else [case], by, "seen", demands=demand, close=close,
            no_referral="first time",
        )  # fmt: skip
        self.try_(who, lambda door: rechecks.recheck(door, seen, [], if_version=None))

    @rule(who=people, close=st.booleans(), at=st.integers(0, 2))
    def correct(self, who: str, close: bool, at: int) -> None:
        case = self.case(at)
        self.try_(who, lambda door: rechecks.correct(door, [case], [PHOTO], "done", close=close, if_version=None))

    @rule(who=people, trigger=st.sampled_from(["start", "submit", "close", "send_back", "note", "release", "decline",
                                               "accept", "refer"]), at=st.integers(0, 2))  # fmt: skip
    def move(self, who: str, trigger: str, at: int) -> None:
        case = self.case(at)
        said = {"note": "because", "done": "mended", "number": "7"}
        self.try_(who, lambda door: moves.move(door, trigger, [case], said, files=[PHOTO]))

    @rule(who=people, reason=st.sampled_from(["overdue", "refusal", "danger"]), at=st.integers(0, 2))
    def escalate(self, who: str, reason: str, at: int) -> None:
        case = self.case(at)
        self.try_(who, lambda door: moves.escalate(door, case, reason, "look", if_version=None))

    @rule(who=people, grade=grades, at=st.integers(0, 2))
    def regrade(self, who: str, grade: str, at: int) -> None:
        case = self.case(at)
        self.try_(who, lambda door: moves.move(door, "regrade", [case], {"basis": "3.1"}, files=[PHOTO], grade=grade))

    @rule(who=people, days=st.integers(0, 40), at=st.integers(0, 2))
    def acknowledge(self, who: str, days: int, at: int) -> None:
        case, until = self.case(at), self.today + timedelta(days)
        self.try_(who, lambda door: moves.move(door, "acknowledge", [case], {"note": "known"}, until=until))

    @rule(who=people, body=st.sampled_from(["bureau", "east"]), at=st.integers(0, 2))
    def supervise(self, who: str, body: str, at: int) -> None:
        case, due = self.case(at), self.today + timedelta(30)
        self.try_(who, lambda door: moves.supervise(door, case, body, "L1", due, if_version=None))

    @rule(who=people, to=st.sampled_from(["bureau", "west"]), at=st.integers(0, 2))
    def transfer(self, who: str, to: str, at: int) -> None:
        case = self.case(at)
        self.try_(who, lambda door: moves.transfer(door, case, to, "theirs", if_version=None))

    @rule(who=people, at=st.integers(0, 2))
    def plan(self, who: str, at: int) -> None:
        parts = {"goal": "g", "method": "m", "funds": "3.5", "organisation": "o", "emergency": "e"}
        case, until = self.case(at), self.today + timedelta(60)
        self.try_(who, lambda door: moves.plan(door, case, parts, until, if_version=None))

    @rule(who=people, to=people, at=st.integers(0, 2))
    def assign(self, who: str, to: str, at: int) -> None:
        case = self.case(at)
        self.try_(who, lambda door: moves.assign(door, [case], to, if_version=None))

    @rule(who=people, reason=st.sampled_from(["mistaken", "duplicate"]), at=st.integers(0, 2))
    def void(self, who: str, reason: str, at: int) -> None:
        case, other = self.case(at), self.case(at + 1)
        self.try_(who, lambda door: moves.void(door, case, reason, other, None, "twice", if_version=None))

    @rule(who=people, at=st.integers(0, 2))
    def reopen(self, who: str, at: int) -> None:
        case = self.case(at)
        self.try_(who, lambda door: moves.reopen(door, case, None, "seen again", if_version=None))

    @rule(who=people, to=st.sampled_from(["bureau", "east", "west"]), at=st.integers(0, 2))
    def assist(self, who: str, to: str, at: int) -> None:
        case = self.case(at)
        self.try_(who, lambda door: moves.assist(door, case, [to], "together", if_version=None))

    @rule(
        who=people, kind=st.sampled_from(["power_cut", "power_restored"]), days=st.integers(0, 3), at=st.integers(0, 2)
    )
    def measure(self, who: str, kind: str, days: int, at: int) -> None:
        case, begins = self.case(at), self.today + timedelta(days)
        said = {"note": "disobeyed", "to": "grid", "number": "8"}
        self.try_(who, lambda door: moves.move(door, "measure", [case], said, kind=kind, begins=begins))

    @rule(who=people, result=st.sampled_from(["stayed", "recurred"]), at=st.integers(0, 2))
    def look_back(self, who: str, result: str, at: int) -> None:
        case = self.case(at)
        visit = self.ledger.inspect("Mill", self.now, kind="look-back")
        self.try_(who, lambda door: look_backs.look_back(door, str(visit), [case], result, "seen again"))

    # -- what must always hold

    @invariant()
    def every_case_is_where_its_history_leaves_it(self) -> None:
        for row, steps in self.stories():
            assert [step.seq for step in steps] == list(range(1, len(steps) + 1))
            assert (row.seq, row.version, row.head) == (len(steps), len(steps), steps[-1].hash)
            assert row.state == steps[-1].to_state
            prev = ""
            for step in steps:
                assert (step.prev, step.hash) == (prev, digest(step._asdict()))
                prev = step.hash
            assert len(steps) >= self.seen.get(row.id, 0), "history never gets shorter"
            self.seen[row.id] = len(steps)

    @invariant()
    def every_open_case_waits_on_somebody_with_a_clock(self) -> None:
        for row, _ in self.stories():
            running = self.ask(
                select(t.deadlines).where(t.deadlines.c.subject_id == row.id, t.deadlines.c.ended_by.is_(None))
            )
            if row.state in OPEN:
                assert row.waiting_on != WaitsOn.none
                assert row.due_at is not None
                assert running
                assert all(each.check_at is not None for each in running)
            else:
                assert row.state in ENDED
                assert (row.waiting_on, row.due_at, running) == (WaitsOn.none, None, [])

    # -- helpers

    @property
    def now(self) -> datetime:
        return self.ledger.at(self.day)

    @property
    def today(self) -> date:
        return self.now.date()

    def case(self, at: int) -> int:
        return self.cases[at % len(self.cases)]

    def try_(self, who: str, verb: Callable[[Door], Any]) -> None:
        """Let somebody try something: it is done, or it is refused and nothing has changed."""
        before = self.picture()
        refused = None
        try:
            with self.ledger.door(who, self.now) as door:
                verb(door)
        except RectifyError as error:
            refused = error
        if refused is not None:
            assert str(refused)
            assert self.picture() == before, f"something was left behind by: {refused}"

    def picture(self) -> list[Any]:
        ids = self.cases
        return [
            *self.ask(select(t.hazards).where(t.hazards.c.id.in_(ids)).order_by(t.hazards.c.id)),
            *self.ask(select(t.items).where(t.items.c.hazard_id.in_(ids)).order_by(t.items.c.id)),
            *self.ask(select(t.deadlines).where(t.deadlines.c.subject_id.in_(ids))),
            *self.ask(select(t.orders.c.id, t.orders.c.served_at, t.orders.c.withdrawn_at)),
            *self.ask(select(t.numberings)),
        ]

    def stories(self) -> Iterator[tuple[Any, list[Any]]]:
        for case in self.cases:
            (row,) = self.ask(select(t.hazards).where(t.hazards.c.id == case))
            yield row, self.ask(select(t.steps).where(t.steps.c.subject_id == case).order_by(t.steps.c.seq))

    def ask(self, query: Any) -> list[Any]:
        with self.ledger.store.read() as tx:
            return tx.all(query)


@contextmanager
def _store_of(url: str) -> Iterator[Ledger]:
    """Lend a ledger that does not wait for the disk: thousands of small steps, and no power cut here."""
    with opened(url) as ledger:
        if ledger.store.kind == "sqlite":
            ledger.store.connection().execute("PRAGMA synchronous = OFF")
        yield ledger


@contextmanager
def lived(url: str, histories: int, steps: int) -> Iterator[Ledger]:
    """Lend a ledger in which so many histories were lived through."""
    with _store_of(url) as ledger:
        machine = type("Machine", (Histories,), {"ledger": ledger})
        run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
            machine,
            settings=settings(
                max_examples=histories, stateful_step_count=steps, deadline=None, database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
        yield ledger


def _run(url: str, histories: int, steps: int) -> Store:
    with lived(url, histories, steps) as ledger:
        _check_whole(ledger)
        return ledger.store


def _check_whole(ledger: Ledger) -> None:
    """Every chain holds, and the states counted from history are those of the rows."""
    steps, count, breaks = verify(ledger.store)
    assert not breaks
    with ledger.store.read() as tx:
        rows = tx.all(select(t.hazards.c.id, t.hazards.c.state))
        every = tx.all(
            select(t.steps.c.subject_id, t.steps.c.trigger, t.steps.c.to_state).order_by(
                t.steps.c.subject_id, t.steps.c.seq
            )
        )
        rungs = tx.all(select(t.rungs.c.subject_id, t.rungs.c.rule, t.rungs.c.set_by, t.rungs.c.level))
    assert len(every) == steps
    assert count == len(rows) == sum(step.trigger == "record" for step in every)
    assert Counter(row.state for row in rows) == Counter({step.subject_id: step.to_state for step in every}.values())
    assert len(rungs) == len(set(rungs))


def test_two_hundred_random_histories_leave_the_ledger_whole(tmp_path: Path) -> None:
    """Two hundred histories of random people and moves, on SQLite."""
    _run(str(tmp_path / "rectify.db"), histories=200, steps=30)


@pytest.mark.postgresql
def test_random_histories_leave_the_ledger_whole_on_postgresql(postgres_url: str) -> None:
    """The same machine on PostgreSQL, with fewer histories: the rules are the same, the store is not."""
    _run(postgres_url, histories=25, steps=25)


def test_every_typed_trigger_is_tried_by_the_machine() -> None:
    """The machine knows every move that somebody types."""
    tried = {"order", "serve", "withdraw", "pass_recheck", "fail_recheck", "correct", "start", "submit", "close",
             "send_back", "note", "release", "decline", "accept", "refer", "escalate", "regrade", "acknowledge",
             "supervise", "transfer", "plan", "assign", "void", "reopen", "assist", "measure",
             "look_back"}  # fmt: skip
    assert tried == set(HAZARD.authorities) - FIRED - {"amend"}


def test_a_seeded_storm_of_moves_of_many_cases_is_all_or_none(tmp_path: Path) -> None:
    """Bulk moves of random sets of cases: each set moves together or not at all."""
    chance = random.Random(20)
    with _store_of(str(tmp_path / "rectify.db")) as ledger:
        cases = ledger.find(12)
        for _ in range(40):
            some = chance.sample(cases, chance.randint(2, 6))
            demands = {case: orders.Demand("Boss", "mend", ledger.on(chance.choice([9, 400]))) for case in some}
            states = _states(ledger, some)
            try:
                with ledger.door("Li", ledger.at(1)) as door:
                    orders.order(door, some, demands, orders.Paper(), if_version=None)
            except RectifyError:
                assert _states(ledger, some) == states
        _check_whole(ledger)


def _states(ledger: Ledger, cases: list[int]) -> list[tuple[int, str, int]]:
    with ledger.store.read() as tx:
        rows = tx.all(select(t.hazards.c.id, t.hazards.c.state, t.hazards.c.version).where(t.hazards.c.id.in_(cases)))
    return [tuple(row) for row in rows]
