"""What is decided to go has a date that climbs; what has gone is visited, and a visit that nobody makes climbs too."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update

import cases.tables as t
from cases.history import verify
from cases.questions import exits as questions
from cases.verbs import exits, recounts, visits
from cases.verbs.evidence import File
from cases.verbs.outcome import Outcome
from tests.cases.ledgers import Ledger
from tests.schedules.nights import holds, swept
from workflow.exit import STEPS

PHOTO = File("gate.jpg", "0" * 64, "image/jpeg", b"\xff\xd8\xff")


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One whose bureau may halt, and close."""
    with ledger.store.begin() as tx:
        tx.run(update(t.departments).where(t.departments.c.id == ledger.departments["bureau"]).values(may_halt=True))
    return ledger


def decided(ledger: Ledger, days: float = 1, *, due: int = 10, unit: str = "Mill") -> int:
    said = exits.Decision("shutdown", "voluntary", ledger.on(due), "guarded")
    with ledger.door("Sun", ledger.at(days)) as door:
        return int(exits.decide(door, unit, said).document["exit"]["id"])


def verified(ledger: Ledger, days: float = 2) -> int:
    number = decided(ledger)
    for step in STEPS["shutdown"]:
        with ledger.door("Li", ledger.at(days)) as door:
            exits.step(door, number, step.value, [PHOTO])
    with ledger.door("Zhao", ledger.at(days, 10)) as door:
        exits.verify(door, number, ["Li", "Wang"])
    return number


def looked_back(ledger: Ledger, days: float) -> int:
    with ledger.door("Li", ledger.at(days)) as door:
        return int(
            visits.inspect(door, "Mill", ["Li", "Wang"], visits.Visit(kind="look-back")).document["inspection"]["id"]
        )


def climbs(ledger: Ledger, kind: str, number: int) -> list[dict[str, Any]]:
    """Return what each escalation of a subject remembers."""
    chosen = (t.steps.c.kind == kind, t.steps.c.subject_id == number, t.steps.c.trigger == "escalate")
    with ledger.store.read() as tx:
        return [json.loads(row.facts) for row in tx.all(select(t.steps).where(*chosen).order_by(t.steps.c.seq))]


def visits_of(ledger: Ledger) -> list[Any]:
    with ledger.store.read() as tx:
        return tx.all(select(t.follow_ups).order_by(t.follow_ups.c.id))


def test_an_exit_that_is_late_climbs_by_the_ladder_of_its_gravest_hazard(ledger: Ledger) -> None:
    """So do the hazards that go with it: they are still there."""
    general, major = *ledger.find(), *ledger.find(grade="major")
    number = decided(ledger, due=10)
    swept(ledger, 10)
    assert climbs(ledger, "exit", number) == [], "its date counts in full"
    swept(ledger, 13)
    [first] = climbs(ledger, "exit", number)
    assert (first["deadline"], first["rank"]) == ({"rule": "exit", "seq": 1}, "county"), "whoever decided it is county"
    assert [len(climbs(ledger, "hazard", case)) for case in (general, major)] == [0, 1]
    swept(ledger, 17)
    assert [each["rank"] for each in climbs(ledger, "exit", number)] == ["county", "city"]
    assert holds(ledger)


def test_what_has_gone_climbs_no_more(ledger: Ledger) -> None:
    ledger.find(grade="major")
    number = verified(ledger)
    swept(ledger, 30)
    assert climbs(ledger, "exit", number) == climbs(ledger, "hazard", 1) == []


def test_a_unit_without_hazards_goes_too(ledger: Ledger) -> None:
    number = verified(ledger)
    assert [visit.state for visit in visits_of(ledger)] == ["planned"] * 3
    assert climbs(ledger, "exit", number) == []


def test_a_visit_that_nobody_makes_climbs(ledger: Ledger) -> None:
    """Each by its own date: one, three and six months after 4 March, on working days."""
    verified(ledger)
    dates = [visit.due_on.isoformat() for visit in visits_of(ledger)]
    assert dates == ["2026-04-04", "2026-06-04", "2026-09-04"]
    swept(ledger, 36)  # 7 April, the day it rolls to past the holiday
    assert climbs(ledger, "follow_up", 1) == []
    swept(ledger, 60)
    [first, *_] = climbs(ledger, "follow_up", 1)
    assert (first["deadline"], first["rank"]) == ({"rule": "follow_up", "seq": 1}, "county")
    assert climbs(ledger, "follow_up", 2) == []
    assert visits_of(ledger)[0].rank == "county"
    assert holds(ledger)


def test_a_late_visit_makes_all_that_were_due_by_then(ledger: Ledger) -> None:
    number = verified(ledger)
    seen = looked_back(ledger, 100)  # 10 June
    with ledger.door("Li", ledger.at(100, 10)) as door:
        exits.visit(door, number, str(seen))
    assert [(visit.state, visit.inspection_id) for visit in visits_of(ledger)] == [
        ("visited", seen), ("visited", seen), ("planned", None),
    ]  # fmt: skip
    swept(ledger, 130)
    assert climbs(ledger, "follow_up", 1) == []
    assert holds(ledger)


def late(ledger: Ledger, days: float) -> list[tuple[int, int, int]]:
    with ledger.asking("Sun", days) as ask:
        rows = questions.list_exits(ask, overdue=True)
    return [(row["id"], row["overdue_days"], row["visit_overdue_days"]) for row in rows]


def test_what_is_late_is_listed_until_it_is_done(ledger: Ledger) -> None:
    """First the exit itself, then each visit after it."""
    number = decided(ledger, due=10)
    assert (late(ledger, 10), late(ledger, 13)) == ([], [(number, 3, 0)])
    for step in STEPS["shutdown"]:
        with ledger.door("Li", ledger.at(14)) as door:
            exits.step(door, number, step.value, [PHOTO])
    with ledger.door("Zhao", ledger.at(14, 10)) as door:
        exits.verify(door, number, ["Li", "Wang"])
    assert (late(ledger, 15), late(ledger, 50)) == ([], [(number, 0, 5)]), "a visit was due on 16 April"
    seen = looked_back(ledger, 50)
    with ledger.door("Li", ledger.at(50, 10)) as door:
        exits.visit(door, number, str(seen))
    assert late(ledger, 51) == []


def breached(ledger: Ledger, number: int, days: float) -> Outcome:
    seen = looked_back(ledger, days)
    with ledger.door("Li", ledger.at(days, 10)) as door:
        return exits.breach(door, number, str(seen), "smoke from the stack")


def test_what_runs_again_is_told_at_once_and_climbs_as_a_new_case(ledger: Ledger) -> None:
    """The next rank is told with the step; nobody waits for a night, and no visit is left to make."""
    [case] = ledger.find(grade="major")
    number = verified(ledger)
    ledger.person("Mayor", "supervisor", "bureau")
    breached(ledger, number, 40)
    with ledger.store.read() as tx:
        told = tx.all(select(t.notices).order_by(t.notices.c.kind, t.notices.c.person_id))
    assert [(each.kind, each.rank, each.person_id) for each in told] == [
        (kind, "county", ledger.people[name]) for kind in ("exit", "hazard") for name in ("Sun", "Mayor")
    ]
    assert [visit.state for visit in visits_of(ledger)] == ["dropped"] * 3
    swept(ledger, 50)
    assert len(climbs(ledger, "hazard", case)) == 2, "and it is ordered in time, or climbs like any other"
    assert climbs(ledger, "follow_up", 1) == []
    assert not verify(ledger.store)[2]


def test_a_visit_beyond_the_calendar_is_provisional_until_the_notice_comes(ledger: Ledger) -> None:
    said = exits.Decision("shutdown", "voluntary", ledger.on(310), "guarded")
    with ledger.door("Sun", ledger.at(300)) as door:
        number = exits.decide(door, "Mill", said).document["exit"]["id"]
    for step in STEPS["shutdown"]:
        with ledger.door("Li", ledger.at(301)) as door:
            exits.step(door, number, step.value, [PHOTO])
    with ledger.door("Zhao", ledger.at(302)) as door:
        exits.verify(door, number, ["Li", "Wang"])
    assert [visit.provisional for visit in visits_of(ledger)] == [True] * 3
    with ledger.door("Zhao", ledger.at(303)) as door:
        assert recounts.provisional(door.tx) == 3
        assert recounts.recount(door, everything=False) == 3

    assert holds(ledger)
