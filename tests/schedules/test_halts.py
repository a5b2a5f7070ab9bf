"""A halt's date lifts nothing: past it the halt climbs, and so do a confirmation and a review that nobody gives."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update

import cases.tables as t
from cases.outbox import told
from cases.verbs import halts, moves, recounts
from schedules.digest import facts, text, title
from tests.cases.ledgers import Ledger
from tests.schedules.nights import holds, swept
from workflow.deadlines import local_date


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One whose bureau may halt; its supervisor is Sun, its inspector Zhou."""
    with ledger.store.begin() as tx:
        tx.run(update(t.departments).where(t.departments.c.id == ledger.departments["bureau"]).values(may_halt=True))
        tx.run(update(t.people).where(t.people.c.name == "Contact").values(notify="file:///dev/null"))
    return ledger


def halted(ledger: Ledger, cases: list[int], days: float = 1, *, until: int = 10, by: str = "Sun") -> int:
    """Halt the mill for these cases; without the supervisor two officers do, on site."""
    on_site = () if by == "Sun" else ("Zhou", "Li")
    measure = halts.Measure("temporary", "whole", cases, ledger.on(until), "fumes", on_site)
    with ledger.door(by, ledger.at(days)) as door:
        return int(halts.impose(door, "Mill", measure).document["halt"]["id"])


def climbs(ledger: Ledger, number: int) -> list[dict[str, Any]]:
    """Return what each escalation of a halt remembers."""
    chosen = (t.steps.c.kind == "halt", t.steps.c.subject_id == number, t.steps.c.trigger == "escalate")
    with ledger.store.read() as tx:
        return [json.loads(row.facts) for row in tx.all(select(t.steps).where(*chosen).order_by(t.steps.c.seq))]


def climbed(ledger: Ledger, number: int) -> list[tuple[str, str]]:
    """Return the rule and the rank of each."""
    return [(facts["deadline"]["rule"], facts["rank"]) for facts in climbs(ledger, number)]


def test_an_overdue_halt_climbs_by_the_ladder_of_its_gravest_hazard_and_stands(ledger: Ledger) -> None:
    number = halted(ledger, [*ledger.find(), *ledger.find(grade="major")])
    swept(ledger, 11)
    assert climbs(ledger, number) == [], "rungs below the bureau are skipped"
    swept(ledger, 13)
    assert climbs(ledger, number) == [
        {"deadline": {"rule": "halt", "seq": 1}, "rank": "county", "rungs": [2], "overdue_days": 3}
    ]
    swept(ledger, 13)
    swept(ledger, 17)
    assert climbed(ledger, number) == [("halt", "county"), ("halt", "city")], "exactly once each"
    with ledger.store.read() as tx:
        halt = tx.one(select(t.halts))
        notices = tx.all(select(t.notices.c.person_id).where(t.notices.c.kind == "halt", t.notices.c.rank == "county"))
    assert (halt.state, halt.rank, halt.waiting_on) == ("imposed", "city", "unit")
    assert [row.person_id for row in notices] == [ledger.people["Sun"]]
    assert holds(ledger)


def test_a_general_one_climbs_by_the_general_ladder_until_its_hazard_is_regraded(ledger: Ledger) -> None:
    [case] = ledger.find()
    number = halted(ledger, [case])
    swept(ledger, 13)
    assert climbs(ledger, number) == []
    with ledger.door("Li", ledger.at(13)) as door:
        moves.move(door, "regrade", [case], {"basis": "GB 1"}, grade="major")
    swept(ledger, 14)
    assert climbed(ledger, number) == [("halt", "county")]
    assert holds(ledger)


def test_a_halt_that_nobody_confirms_climbs_from_the_day_after(ledger: Ledger) -> None:
    number = halted(ledger, ledger.find(grade="major"), until=60, by="Zhou")
    swept(ledger, 2)
    assert climbs(ledger, number) == [], "its day is not over"
    swept(ledger, 5)
    assert climbed(ledger, number) == [("confirm", "county")]
    with ledger.door("Sun", ledger.at(5)) as door:
        halts.decide(door, "confirm", number, {"note": None})
    swept(ledger, 9)
    assert climbed(ledger, number) == [("confirm", "county")], "late, but confirmed"
    assert holds(ledger)


def test_a_review_that_is_owed_climbs_though_the_halt_is_in_time(ledger: Ledger) -> None:
    number = halted(ledger, ledger.find(grade="major"), until=100)
    with ledger.door("Contact", ledger.at(2)) as door:
        halts.request(door, number, "put right", [])
    with ledger.store.read() as tx:
        due_at = tx.value(select(t.halts.c.due_at))
    owed = (local_date(due_at, ledger.policy.timezone) - ledger.on(0)).days
    swept(ledger, owed + 3)
    assert climbed(ledger, number) == [("review", "county")]
    assert holds(ledger)


def test_what_ended_climbs_no_more(ledger: Ledger) -> None:
    number = halted(ledger, ledger.find(grade="major"))
    with ledger.door("Sun", ledger.at(2)) as door:
        halts.decide(door, "revoke", number, {"note": "another firm"}, reason="mistaken")
    swept(ledger, 20)
    assert climbs(ledger, number) == []
    assert holds(ledger)


def test_a_message_says_that_it_is_a_halt_that_climbed(ledger: Ledger) -> None:
    halted(ledger, ledger.find(grade="major"))
    swept(ledger, 13)
    with ledger.store.begin() as tx:
        tx.run(update(t.notices).where(t.notices.c.kind == "halt").values(digest="k"))
        found = told(tx, "k", ledger.at(13), ledger.on(13), ledger.policy)
    assert (facts(found, 1)["other"], facts(found, 1)["by_kind"]) == (1, {"halt": 1})
    assert str(title(found)) == "Overdue: halt 1"
    assert text(found, "k", str).startswith("other matters: halt 1\n")


def test_whoever_owes_it_is_reminded_by_the_gravest_hazard_it_names(ledger: Ledger) -> None:
    general, major = *ledger.find(days=0), *ledger.find(grade="major")
    number = halted(ledger, [general, major], until=10)
    swept(ledger, 7)
    with ledger.store.begin() as tx:
        [row] = tx.all(select(t.reminders).where(t.reminders.c.kind == "halt"))
        assert (row.subject_id, row.rule, row.person_id) == (number, "halt", ledger.people["Contact"])
        tx.run(update(t.reminders).where(t.reminders.c.kind == "halt").values(digest="k"))
        found = told(tx, "k", ledger.at(7), ledger.on(7), ledger.policy)
    assert [(each["id"], each["rule"]) for each in found.soonest] == [(major, "halt")]


def test_a_review_is_counted_anew_and_a_date_on_paper_is_not(ledger: Ledger) -> None:
    number = halted(ledger, ledger.find(), until=60, by="Zhou")
    with ledger.door("Contact", ledger.at(2)) as door:
        halts.request(door, number, "put right", [])
    with ledger.door("Sun", ledger.at(3)) as door:
        assert recounts.recount(door, everything=True) == 2, "the case's own clock, and the halt's review"
    with ledger.store.read() as tx:
        said = json.loads(tx.value(select(t.steps.c.facts).where(t.steps.c.kind == "halt", t.steps.c.seq == 3)))
    assert [each["rule"] for each in said["recounted"]] == ["review"]
    assert holds(ledger)
