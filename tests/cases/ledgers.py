"""A small ledger for tests: a county with two townships, their people and units; cases move through the real door.

    with opened(database_url) as ledger:
        case = ledger.find()[0]
        ledger.order([case], due_on=ledger.on(20))

Day 0 is Monday, 2 March 2026; `at(3)` is 09:00 local time three days later, `on(3)` that date.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

import cases.tables as t
from cases.acting import Acting, When
from cases.ledger import Door, Try
from cases.people import actor_of, officer_of
from cases.questions.asking import Asking
from cases.setup import prepare
from cases.store import Store, store_url
from workflow.calendar import Calendar, china
from workflow.case import CLOCK, Actor, Case, Item, Officer
from workflow.policy import Policy, default
from workflow.terms import ItemResult

START = datetime(2026, 3, 2, 1, tzinfo=UTC)

PROVINCE, CITY, COUNTY, EAST, WEST = "330000", "330100", "330109", "330109001", "330109002"


@contextmanager
def opened(database_url: str) -> Iterator["Ledger"]:
    """Lend a ledger made in an empty store, closed afterwards."""
    prepare(database_url, START, "administrator")
    store = Store(store_url(database_url))
    try:
        yield Ledger(store)
    finally:
        store.close()


@dataclass
class Ledger:
    """A store with its registers filled in, and short ways to move its cases."""

    store: Store
    policy: Policy = field(default_factory=default)
    calendar: Calendar = field(default_factory=china)
    people: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    #: When what happens next is recorded; None: when it happens.
    recorded_at: datetime | None = None

    def __post_init__(self) -> None:
        self.area(PROVINCE, "Zhe", "province")
        self.area(CITY, "Hang", "city", PROVINCE)
        self.area(COUNTY, "Xiao", "county", CITY)
        self.area(EAST, "East", "township", COUNTY)
        self.area(WEST, "West", "township", COUNTY)
        for name, area, rank in (("bureau", COUNTY, "county"), ("east", EAST, "township"), ("west", WEST, "township")):
            self.department(name, area, rank)
        for name, role, department in (
            ("Li", "inspector", "east"),
            ("Wang", "inspector", "east"),
            ("Zhao", "supervisor", "east"),
            ("Qian", "inspector", "west"),
            ("Sun", "supervisor", "bureau"),
            ("Zhou", "inspector", "bureau"),
        ):
            self.person(name, role, department)
        self.unit("Mill", EAST, "冷库")
        self.unit("Mine", WEST, "非煤矿山")
        self.person("Contact", "contact", unit="Mill")

    @contextmanager
    def copied(self, database_url: str | Path) -> Iterator["Ledger"]:
        """Lend the same ledger over a copy of its store."""
        store = Store(store_url(str(database_url)))
        try:
            made = copy(self)  # its registers are filled in already
            made.store = store
            made.people, made.departments, made.units = dict(self.people), dict(self.departments), dict(self.units)
            yield made
        finally:
            store.close()

    # -- registers

    def area(self, code: str, name: str, rank: str, under: str | None = None) -> None:
        with self.store.begin() as tx:
            above = tx.value(select(t.areas.c.path).where(t.areas.c.code == under)) if under else None
            tx.add(t.areas, code=code, name=name, rank=rank, under=under, path=f"{above}/{code}" if above else code)

    def department(self, name: str, area: str, rank: str) -> int:
        with self.store.begin() as tx:
            number = tx.add(t.departments, name=name, area_code=area, rank=rank, may_halt=False, working_group=False)
        self.departments[name] = number
        return int(number)

    def person(self, name: str, role: str, department: str | None = None, unit: str | None = None, **more: Any) -> int:
        with self.store.begin() as tx:
            number = tx.add(
                t.people, name=name, role=role, certificate="C" + name,
                department_id=self.departments[department] if department else None,
                unit_id=self.units[unit] if unit else None, **more,
            )  # fmt: skip
        self.people[name] = number
        return int(number)

    def retire(self, name: str, on: date) -> None:
        with self.store.begin() as tx:
            tx.run(update(t.people).where(t.people.c.id == self.people[name]).values(retired_on=on))

    def unit(self, name: str, area: str, sector: str) -> int:
        with self.store.begin() as tx:
            number = tx.add(t.units, name=name, kind="enterprise", sector=sector, area_code=area, above_scale=False)
        self.units[name] = number
        return int(number)

    def campaign(self, name: str, **scope: str) -> int:
        """Make a campaign; `scope` names the list of each unit."""
        with self.store.begin() as tx:
            number = tx.add(t.campaigns, name=name, from_on=self.on(0), to_on=self.on(100), area_code=COUNTY)
            for unit, which in scope.items():
                tx.add(
                    t.campaign_units, campaign_id=number, unit_id=self.units[unit], list=which, product=None,
                    status="final", added_at=START, area_code=COUNTY,
                )  # fmt: skip
        return int(number)

    # -- time and people

    def at(self, days: float, hour: int = 9) -> datetime:
        return START + timedelta(days=days, hours=hour - 9)

    def on(self, days: int) -> date:
        return START.date() + timedelta(days)

    def actor(self, name: str | None) -> Actor:
        if name is None:
            return CLOCK
        with self.store.read() as tx:
            return actor_of(tx, tx.one(select(t.people).where(t.people.c.id == self.people[name])))

    def officers(self, *names: str) -> list[Officer]:
        ids = [self.people[name] for name in names]
        with self.store.read() as tx:
            return [officer_of(tx.one(select(t.people).where(t.people.c.id == each))) for each in ids]

    @contextmanager
    def asking(self, viewer: str | None, days: float = 2, **more: Any) -> Iterator[Asking]:
        """Ask as somebody on a day."""
        who = self.actor(viewer)
        with self.store.read() as tx:
            yield Asking(tx, who, self.at(days), more.get("policy", self.policy), self.calendar)

    # -- moving cases

    @contextmanager
    def door(self, actor: str | None, at: datetime) -> Iterator[Door]:
        who = self.actor(actor)
        with self.store.begin() as tx:
            when = When(at, self.recorded_at or at, is_given=self.recorded_at is not None)
            yield Door(tx, Acting(who, who.id, when, self.policy, 1, self.calendar))

    def inspect(self, unit: str, at: datetime, *, by: Sequence[str] = ("Li", "Wang"), **columns: Any) -> int:
        """Record a visit; return its number."""
        people = [self.people[name] for name in by]
        with self.store.begin() as tx:
            area = tx.value(select(t.units.c.area_code).where(t.units.c.id == self.units[unit]))
            office = tx.value(select(t.people.c.department_id).where(t.people.c.id == people[0]))
            given = {
                "unit_id": self.units[unit], "area_code": area, "visited_on": at.date(), "kind": "routine",
                "made_by": people[0], "department_id": office, "recorded_by": people[0], "made_at": at, "recorded_at": self.recorded_at or at,
            }  # fmt: skip
            number = tx.add(t.inspections, **{**given, **columns})
            for person in people:
                tx.add(t.inspection_officers, inspection_id=number, person_id=person, certificate="C")
        return int(number)

    def find(
        self,
        count: int = 1,
        *,
        unit: str = "Mill",
        grade: str = "general",
        days: float = 0,
        by: Sequence[str] = ("Li", "Wang"),
        campaign: int | None = None,
        visit_round: str | None = None,
        **columns: Any,
    ) -> list[int]:
        """Visit a unit and record hazards; return the cases' numbers."""
        at = self.at(days)
        inspection = self.inspect(unit, at, by=by, campaign_id=campaign, round=visit_round)
        finder = self.actor(by[0])
        with self.door(by[0], at) as door:
            area, sector = door.tx.one(
                select(t.units.c.area_code, t.units.c.sector).where(t.units.c.id == self.units[unit])
            )
            found = {
                "unit_id": self.units[unit], "inspection_id": inspection, "campaign_id": campaign, "area_code": area,
                "department_id": finder.department.id, "found_on": at.date(), "grade": grade, "sector": sector,
                "finders": str([self.people[name] for name in by]),
            }  # fmt: skip
            rows = [{**found, "text": f"hazard {n + 1}", **columns} for n in range(count)]
            return [case.id for case in door.record(rows, {"inspection": inspection})]

    def move(
        self,
        trigger: str,
        cases: Sequence[int],
        days: float = 1,
        *,
        by: str | None = "Li",
        given: Mapping[str, Any] | None = None,
        officers: Sequence[str] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> list[Case]:
        """Make one move of each case."""
        on_site = self.officers(*officers)
        with self.door(by, self.at(days)) as door:
            tries = [Try(trigger, case, given or {}, on_site, facts or {}) for case in door.load(list(cases))]
            return [step.case for step in door.advance(tries)]

    def order(
        self,
        cases: Sequence[int],
        days: float = 1,
        *,
        due_on: date | None = None,
        by: str = "Li",
        responsible: str = "Boss",
        to: str | None = None,
        serve: bool = True,
    ) -> int:
        """Order cases of one unit to be put right, and serve the paper at once; return the order's number."""
        order = self.paper(cases[0], days, by=by, to=to)
        due = due_on or self.on(int(days) + 20)
        with self.door(by, self.at(days)) as door:
            tries = [
                Try("order", case, {"items": [item(order, case, responsible, due, self.at(days))]})
                for case in door.load(list(cases))
            ]
            door.advance(tries)
        if serve:
            self.serve(order, cases, days, by=by)
        return order

    def paper(self, case: int, days: float, *, by: str, to: str | None = None) -> int:
        maker = self.actor(by)
        with self.store.begin() as tx:
            unit = tx.value(select(t.hazards.c.unit_id).where(t.hazards.c.id == case))
            number = 1 + len(tx.all(select(t.orders.c.id)))
            return int(
                tx.add(
                    t.orders, number=f"[2026]{number}", department_id=maker.department.id, area_code=COUNTY, unit_id=unit,
                    addressee_id=self.units[to] if to else unit, made_by=maker.id, officers="[]",
                    ordered_at=self.at(days), recorded_at=self.recorded_at or self.at(days),
                )
            )  # fmt: skip

    def serve(self, order: int, cases: Sequence[int], days: float, *, by: str = "Li") -> None:
        self.move("serve", cases, days, by=by, given={"order_id": order, "receipt": "Boss"})
        with self.store.begin() as tx:
            tx.run(update(t.orders).where(t.orders.c.id == order).values(served_at=self.at(days)))

    def submit(self, cases: Sequence[int], days: float, **more: Any) -> None:
        self.move("submit", cases, days, given={"done": "mended", "evidence": ["photo"]}, **more)

    def passed(self, cases: Sequence[int], days: float, *, officers: Sequence[str] = ("Li", "Wang")) -> None:
        self.move("pass_recheck", cases, days, given={"note": "as it should be"}, officers=officers)

    def failed(self, case: int, days: float, *, due_on: date, officers: Sequence[str] = ("Li", "Wang")) -> int:
        """Fail a recheck: a second order with a new date, served at once."""
        order = self.paper(case, days, by="Li")
        again = item(order, Named("hazard"), "Boss", due_on, self.at(days))
        given = {"note": "not yet", "items": [again], "no_referral": "first time"}
        self.move("fail_recheck", [case], days, given=given, officers=officers)
        self.serve(order, [case], days)
        return order

    def close(self, cases: Sequence[int], days: float, *, by: str = "Li") -> None:
        self.move("close", cases, days, by=by)


@dataclass
class Named:
    """Whatever has a text, where a case is not loaded."""

    text: str
    round: int = 1


def item(order: int, case: Any, responsible: str, due_on: date, at: datetime) -> Item:
    """Return a new item of an order, with its three-fixed."""
    return Item(
        id=None, order_id=order, number=f"[2026]{order}", round=case.round, requirement=case.text,
        responsible=responsible, measure="mend it", interim="keep out", first_due_on=due_on, due_on=due_on,
        result=ItemResult.open, result_seq=None, ordered_at=at, served_at=None, addressee_id=0,
    )  # fmt: skip
