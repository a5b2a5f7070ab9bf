"""A notice comes in: provisional deadlines are counted anew by a step, and dates on an order never move by themselves."""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

import cases.tables as t
from cases.history import verify
from cases.verbs import extensions
from cases.verbs.calendars import load
from cases.verbs.recounts import provisional, recount
from tests.cases.ledgers import Ledger
from workflow.calendar import china

FIRM = china().firm_until
#: The first year whose days off are not known yet.
YEAR = china().known_to.year + 1

NOTICE = f"""
document = "国办发明电〔{YEAR - 1}〕7号"
published = {YEAR - 1}-11-05
year = {YEAR}
off = [{{ from = {YEAR}-01-01, to = {YEAR}-01-05 }}]
"""


def days_to(ledger: Ledger, day: date) -> int:
    return (day - ledger.on(0)).days


def loaded(ledger: Ledger, days: int, said: str = NOTICE) -> Any:
    administrator = ledger.person("Admin", "administrator")
    assert administrator
    with ledger.door("Admin", ledger.at(days)) as door:
        return load(door, said, "notice.toml").document["calendar"]


def running(ledger: Ledger, case: int, kind: str = "hazard") -> dict[str, tuple[date, bool, int]]:
    """Return the running deadlines: rule → date, provisional or not, the step that set it."""
    query = select(t.deadlines).where(
        t.deadlines.c.kind == kind, t.deadlines.c.subject_id == case, t.deadlines.c.ended_by.is_(None)
    )
    with ledger.store.read() as tx:
        return {row.rule: (row.due_on, row.provisional, row.set_by) for row in tx.all(query)}


def last_step(ledger: Ledger, case: int, kind: str = "hazard") -> Any:
    query = select(t.steps).where(t.steps.c.kind == kind, t.steps.c.subject_id == case).order_by(t.steps.c.seq.desc())
    with ledger.store.read() as tx:
        return tx.one(query)


def test_a_provisional_deadline_is_counted_anew_by_a_step(ledger: Ledger) -> None:
    found = days_to(ledger, date(YEAR - 1, 12, 30))
    [case] = ledger.find(days=found)
    before = running(ledger, case)["order"]
    assert before[1], "nobody knows yet which days of the new year are off"
    assert loaded(ledger, found + 1)["recounted"] == 1
    due_on, is_provisional, set_by = running(ledger, case)["order"]
    assert (due_on > before[0], is_provisional, set_by) == (True, False, 2)
    step = last_step(ledger, case)
    assert (step.trigger, step.from_state, step.to_state, step.actor_id) == (
        "recount", "found", "found", ledger.people["Admin"],
    )  # fmt: skip
    assert json.loads(step.facts)["recounted"] == [
        {"rule": "order", "seq": 1, "was": before[0].isoformat(), "due_on": due_on.isoformat()}
    ]
    with ledger.store.read() as tx:
        shown = tx.one(select(t.hazards).where(t.hazards.c.id == case))
    assert (shown.due_on, shown.provisional, shown.state) == (due_on, False, "found")
    assert not verify(ledger.store)[2]


def test_a_date_on_an_order_never_moves_by_itself(ledger: Ledger) -> None:
    served = days_to(ledger, FIRM) - 2
    [case] = ledger.find(days=served)
    ledger.order([case], served + 1, due_on=date(YEAR, 1, 2))
    before = running(ledger, case)
    assert not before["date"][1]
    assert before["recheck"][1]
    loaded(ledger, served + 2)
    after = running(ledger, case)
    assert after["date"] == before["date"]
    assert not after["recheck"][1]


def test_a_request_for_a_later_date_is_counted_anew_too(ledger: Ledger) -> None:
    asked = days_to(ledger, date(YEAR - 1, 12, 28))
    [case] = ledger.find(days=asked - 2)
    ledger.order([case], asked - 1, due_on=ledger.on(asked + 10))
    with ledger.door("Contact", ledger.at(asked)) as door:
        number = extensions.request(
            door, case, until=ledger.on(asked + 20), ground="other", reason="late", interim="keep out"
        ).document["extension"]["id"]
    assert running(ledger, number, "extension")["answer"][1]
    loaded(ledger, asked + 1)
    assert not running(ledger, number, "extension")["answer"][1]
    assert last_step(ledger, number, "extension").trigger == "recount"
    assert not verify(ledger.store)[2]


def test_what_is_firm_stays_as_it_is(ledger: Ledger) -> None:
    published = days_to(ledger, date(YEAR - 1, 11, 10))
    [case] = ledger.find(days=published)
    assert loaded(ledger, published + 1)["recounted"] == 0
    assert last_step(ledger, case).trigger == "record"


def test_everything_that_is_counted_can_be_counted_anew(ledger: Ledger) -> None:
    """What `policy load --refix` asks for."""
    [case] = ledger.find(days=0)
    with ledger.door("Sun", ledger.at(1)) as door:
        assert recount(door, everything=True) == 1
    assert running(ledger, case)["order"][2] == 2
    with ledger.store.read() as tx:
        assert provisional(tx) == 0


def test_rungs_that_were_taken_stay_taken(ledger: Ledger) -> None:
    from tests.schedules.nights import levels, swept

    [case] = ledger.find(grade="major", days=0)
    swept(ledger, 5)
    with ledger.door("Sun", ledger.at(5)) as door:
        recount(door, everything=True)
    assert swept(ledger, 6).moved == 1, "the second rung, three days after"
    assert levels(ledger, case) == [[1], [2]]


def test_it_happens_now_whatever_time_is_given(ledger: Ledger) -> None:
    [case] = ledger.find(days=0)
    with ledger.door("Sun", ledger.at(1)) as door:
        recount(door, everything=True)
    assert isinstance(last_step(ledger, case).at, datetime)
