"""Units that are halted and leave, on a real store: what is proved of the tables holds for the rows they move.

Random people try random moves of hazards, halts and exits of one unit after another. After each, no case is exiting
without a running exit and none is left in a halt that is over; and from wherever a history got to, a clean end is
reached by ordinary commands.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, update

import cases.tables as t
from cases.history import verify
from cases.ledger import Door
from cases.statements import Statement
from cases.verbs import exits, halts, moves, orders, rechecks, visits
from cases.verbs.evidence import File
from tests.cases.ledgers import EAST, Ledger, opened
from workflow.errors import RectifyError
from workflow.exit import RUNNING, STEPS
from workflow.halt import STANDING
from workflow.states import ENDED

PHOTO = File("gate.jpg", "0" * 64, "image/jpeg", b"\xff\xd8\xff")
ANEW = orders.Demand("Boss", "mend it", None, "keep out")
TWO = ["Li", "Wang"]

_OF_UNIT = {
    table.name: Statement(select(table).where(table.c.unit_id == bindparam("unit")).order_by(table.c.id))
    for table in (t.hazards, t.halts, t.exits, t.follow_ups)
}
_DONE = Statement(select(t.exit_steps.c.step).where(t.exit_steps.c.exit_id == bindparam("exit")))
_COUNTS = Statement(
    select(
        *[
            select(func.count()).select_from(table).scalar_subquery().label(table.name)
            for table in (t.steps, t.deadlines, t.exit_hazards, t.exit_steps, t.halt_hazards)
        ]
    )
)
_GOING = Statement(
    select(t.exit_hazards.c.exit_id, t.exit_hazards.c.hazard_id, t.exit_hazards.c.round)
    .join(t.exits, t.exits.c.id == t.exit_hazards.c.exit_id)
    .where(t.exits.c.unit_id == bindparam("unit"))
)
_HALTED = Statement(
    select(t.halt_hazards.c.halt_id, t.halt_hazards.c.hazard_id, t.halt_hazards.c.round)
    .join(t.halts, t.halts.c.id == t.halt_hazards.c.halt_id)
    .where(t.halts.c.unit_id == bindparam("unit"))
)


class Unit:
    """One unit with two hazards, and everything anybody may try on it."""

    def __init__(self, ledger: Ledger, number: int, chance: random.Random) -> None:
        self.ledger, self.chance, self.name = ledger, chance, f"Works {number}"
        self.id = ledger.unit(self.name, EAST, "冷库")
        self.cases = [*ledger.find(unit=self.name), *ledger.find(unit=self.name, grade="larger")]
        self.day = 1.0

    # -- what may be tried

    def any_move(self) -> None:
        """Let somebody try something, sensible or not."""
        self.day += self.chance.choice([0, 0.01, 1])
        who, verb = self.chance.choice(list(self.tries()))
        self.try_(self.chance.choice([*[who] * 9, "Contact"]), verb)

    def tries(self) -> Iterator[tuple[str, Callable[[Door], Any]]]:
        """Yield who would do what, of the hazards, of halts or of exits."""
        one, both = self.chance.choice(self.cases), self.cases
        match self.chance.choice(["hazard", "halt", "exit"]):
            case "hazard":
                yield from self.of_hazard(one)
            case "halt":
                yield from self.of_halt(self.newest(t.halts), self.chance.choice([[one], both]))
            case _:
                yield from self.of_exit(self.newest(t.exits), one)

    def of_hazard(self, case: int) -> Iterator[tuple[str, Callable[[Door], Any]]]:
        yield "Li", lambda door: self.ordered(door, case)
        yield "Li", lambda door: self.passed(door, case)
        for who, trigger in (("Li", "submit"), ("Zhao", "close"), ("Zhao", "send_back")):
            yield (
                who,
                lambda door, trigger=trigger: moves.move(
                    door, trigger, [case], {"note": "n", "done": "d"}, files=[PHOTO]
                ),
            )
        yield "Li", lambda door: moves.reopen(door, case, None, "seen again", if_version=None)
        if self.rarely:
            yield "Zhao", lambda door: moves.void(door, case, "mistaken", None, None, "n", if_version=None)

    @property
    def rarely(self) -> bool:
        """Whether something is tried that sets aside what was done so far."""
        return self.chance.random() < 0.2

    def ordered(self, door: Door, case: int) -> None:
        """Order a case and serve the order."""
        due = self.ledger.on(int(self.day) + 20)
        demand = orders.Demand("Boss", "mend it", due, "keep out")
        orders.order(door, [case], {case: demand}, orders.Paper(), if_version=None)
        orders.serve(door, "last", orders.Service(receipt="Boss"))

    def passed(self, door: Door, case: int) -> None:
        rechecks.recheck(door, rechecks.Recheck([case], [], TWO, "seen"), [], if_version=None)

    def of_halt(self, number: int, named: Sequence[int]) -> Iterator[tuple[str, Callable[[Door], Any]]]:
        measure = halts.Measure("stop_use", "whole", named, self.ledger.on(150), "danger")
        yield "Sun", lambda door: halts.impose(door, self.name, measure)
        yield "Li", lambda door: halts.request(door, number, "mended", [])
        yield "Sun", lambda door: halts.lift(door, number, TWO, "seen", [])
        yield "Sun", lambda door: halts.decide(door, "refuse", number, {"note": "not yet"})
        if self.rarely:
            yield "Sun", lambda door: halts.decide(door, "revoke", number, {"note": "n"}, reason="mistaken")

    def of_exit(self, number: int, case: int) -> Iterator[tuple[str, Callable[[Door], Any]]]:
        due, missing = self.ledger.on(int(self.day) + 60), self.missing(number)
        yield "Sun", self.decided
        part = exits.Decision("partial", "voluntary", due, "guarded", line="kiln", cases=[case])
        yield "Sun", lambda door: exits.decide(door, self.name, part)
        yield "Li", lambda door: exits.add(door, number, [case])
        yield "Li", lambda door: exits.step(door, number, "stopped", [PHOTO])
        yield "Li", lambda door: [exits.step(door, number, step, [PHOTO]) for step in missing]
        yield "Zhao", lambda door: exits.verify(door, number, TWO)
        anew = orders.Demand("Boss", "mend it", self.ledger.on(int(self.day) + 20), "keep out")
        if self.rarely:
            yield "Zhao", lambda door: exits.revoke(door, number, exits.Revocation("n", anew))
        yield "Li", lambda door: exits.breach(door, number, self.seen(door), "smoke")
        yield "Li", lambda door: exits.visit(door, number, self.seen(door))

    def decided(self, door: Door) -> None:
        due = self.ledger.on(int(self.day) + 60)
        exits.decide(door, self.name, exits.Decision("shutdown", "voluntary", due, "guarded"))

    def seen(self, door: Door) -> str:
        told = visits.inspect(door, self.name, TWO, visits.Visit(kind="look-back"))
        return str(told.document["inspection"]["id"])

    def try_(self, who: str, verb: Callable[[Door], Any]) -> None:
        """Let somebody try something: it is done, or it is refused and nothing has changed."""
        before, refused = self.picture(), None
        try:
            with self.ledger.door(who, self.ledger.at(self.day)) as door:
                verb(door)
        except RectifyError as error:
            refused = error
        assert refused is None or self.picture() == before, f"something was left behind by: {refused}"

    # -- what is there

    def rows(self, table: Any) -> list[Any]:
        return self.ask(_OF_UNIT[table.name], unit=self.id)

    def ask(self, statement: Statement, **given: Any) -> list[Any]:
        with self.ledger.store.read() as tx:
            return tx.all(statement, **given)

    def newest(self, table: Any) -> int:
        found = self.rows(table)
        return found[-1].id if found else 0

    def missing(self, number: int) -> list[str]:
        kinds = [row.exit_kind for row in self.rows(t.exits) if row.id == number]
        done = {row.step for row in self.ask(_DONE, exit=number)}
        return [step.value for kind in kinds for step in STEPS[kind] if step not in done]

    def picture(self) -> list[Any]:
        return [self.rows(table) for table in (t.hazards, t.halts, t.exits, t.follow_ups)] + self.ask(_COUNTS)

    # -- what must always hold

    def holds(self) -> None:
        cases = {row.id: row for row in self.rows(t.hazards)}
        leaving = {row.id: row for row in self.rows(t.exits)}
        going = [tuple(row) for row in self.ask(_GOING, unit=self.id)]
        for case in cases.values():
            if case.state == "exiting":
                ours = [leaving[number] for number, *of in going if of == [case.id, case.round]]
                assert any(each.state in RUNNING for each in ours), f"case {case.id} is exiting alone"
        over = {row.id for row in self.rows(t.halts) if row.state in ("lifted", "converted")}
        for halt, hazard, round_ in self.ask(_HALTED, unit=self.id):
            if halt in over and cases[hazard].round == round_:
                assert cases[hazard].state in (*ENDED, "rechecked"), f"case {hazard} is left in halt {halt}"
        for row in (*leaving.values(), *self.rows(t.follow_ups), *self.rows(t.halts)):
            assert (row.waiting_on == "none") == (row.due_at is None), "what waits on somebody has a date"
        planned = {row.exit_id for row in self.rows(t.follow_ups) if row.state == "planned"}
        assert all(leaving[number].state == "verified" for number in planned)

    # -- a clean end

    def end(self) -> None:
        """Bring everything to an end by ordinary commands: what can go goes, what was rechecked is closed."""
        self.day += 1
        for _ in range(3):
            running = [row.id for row in self.rows(t.exits) if row.state in RUNNING]
            if not running:
                self.must("Sun", self.decided)
            for number in running or [self.newest(t.exits)]:
                self.finish(number)
            if self.is_clean():
                return
        raise AssertionError(f"{self.name} came to no clean end")

    def finish(self, number: int) -> None:
        line = {row.id: row.line for row in self.rows(t.exits)}[number]
        for case in self.rows(t.hazards):
            if not line or case.line == line:
                self.bring_along(number, case)
        for step in self.missing(number):
            self.must("Li", lambda door, step=step: exits.step(door, number, step, [PHOTO]))
        self.must("Zhao", lambda door: exits.verify(door, number, TWO))

    def bring_along(self, number: int, case: Any) -> None:
        if case.state == "rechecked":
            self.must("Zhao", lambda door: moves.move(door, "close", [case.id], {}))
        elif case.state not in (*ENDED, "exiting"):
            self.must("Li", lambda door: exits.add(door, number, [case.id]))

    def must(self, who: str, verb: Callable[[Door], Any]) -> None:
        with self.ledger.door(who, self.ledger.at(self.day)) as door:
            verb(door)
        self.holds()

    def is_clean(self) -> bool:
        ended = all(row.state in ENDED for row in self.rows(t.hazards))
        return ended and not any(row.state in STANDING for row in self.rows(t.halts))


def _run(url: str, histories: int, steps: int) -> set[str]:
    """Live through so many units; return the triggers of the moves that were made."""
    chance = random.Random(7)
    with opened(url) as ledger:
        if ledger.store.kind == "sqlite":
            ledger.store.connection().execute("PRAGMA synchronous = OFF")
        with ledger.store.begin() as tx:
            tx.run(update(t.departments).where(t.departments.c.name == "bureau").values(may_halt=True))
        for number in range(histories):
            unit = Unit(ledger, number, chance)
            for _ in range(steps):
                unit.any_move()
                unit.holds()
            unit.end()
        assert not verify(ledger.store)[2]
        with ledger.store.read() as tx:
            return {row.trigger for row in tx.all(select(t.steps.c.trigger).distinct())}


def test_what_is_proved_of_the_tables_holds_on_a_store(tmp_path: Path) -> None:
    """On SQLite; a fixed seed, so that every run is the same and comes by every move."""
    made = _run(str(tmp_path / "rectify.db"), histories=16, steps=70)
    assert made >= {
        *("decide", "add", "step", "verify", "revoke", "breach", "visit", "drop"),
        *("impose", "request", "lift", "convert"),
    }


@pytest.mark.postgresql
def test_what_is_proved_of_the_tables_holds_on_postgresql(postgres_url: str) -> None:
    """The same on PostgreSQL, with fewer units: the rules are the same, the store is not."""
    assert _run(postgres_url, histories=8, steps=40)
