"""What became of units: those that left, counted when they stopped or were enrolled, and how far they were verified."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

import cases.tables as t
from cases.questions.figures import campaign_report, period_report
from cases.verbs import exits, halts, registers
from cases.verbs.evidence import File
from tests.cases.ledgers import EAST, WEST, Ledger
from tests.cases.recounts import Recount, plainly
from workflow.exit import STEPS

PHOTO = File("gate.jpg", "0" * 64, "image/jpeg", b"\xff\xd8\xff")
TODAY = 90


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """A campaign of works, some of which leave: each in a way of its own, one taken back, one found running again."""
    with ledger.store.begin() as tx:
        tx.run(update(t.departments).values(may_halt=True))
    for name in ("Glue", "Paste", "Resin", "Paint", "Salt", "Soap"):
        ledger.unit(name, EAST if name < "Q" else WEST, "化工")
    listed = dict.fromkeys(("Glue", "Paste", "Resin", "Paint", "Salt"), "listed")
    number = ledger.campaign("Works", **listed)
    ledger.find(2, unit="Glue", campaign=number)
    ledger.find(1, unit="Paint", campaign=number)
    ledger.find(1, unit="Soap", by=["Sun", "Zhou"], campaign=number)
    for version, days in ((1, 1), (2, 26)):
        checklist(ledger, number, version, days)
    for case, days in ((1, 2), (2, 3), (4, 4), (3, 4)):
        halt(ledger, case, days)
    with ledger.door("Sun", ledger.at(33)) as door:
        halts.decide(door, "revoke", 4, {"reason": "mistaken", "note": "another firm"})
    shut = go(ledger, "Glue", "shutdown", 5)
    seen(ledger, shut, "shutdown", 20, 25)
    go(ledger, "Paste", "retreat", 6)
    away = go(ledger, "Resin", "relocation", 7)
    seen(ledger, away, "relocation", 40, 45)
    line = go(ledger, "Paint", "partial", 8, line="kettle", cases=[3])
    step(ledger, line, "stopped", 30)
    back = go(ledger, "Salt", "retreat", 9)
    with ledger.door("Sun", ledger.at(50)) as door:
        exits.revoke(door, back, exits.Revocation("stays"))
    soap = go(ledger, "Soap", "shutdown", 10)
    seen(ledger, soap, "shutdown", 12, 14)
    again = ledger.inspect("Soap", ledger.at(60), by=["Sun", "Zhou"], kind="look-back")
    with ledger.door("Sun", ledger.at(60)) as door:
        exits.breach(door, soap, str(again), "running again")
    return ledger


def checklist(ledger: Ledger, campaign: int, version: int, days: int) -> None:
    """Load a checklist of 43 standards and its version more."""
    at = ledger.at(days)
    with ledger.store.begin() as tx:
        number = tx.add(
            t.checklists, campaign_id=campaign, version=version, name="45", made_by=1, recorded_by=1, made_at=at,
            recorded_at=at,
        )  # fmt: skip
        for place in range(1, 44 + version):
            tx.add(
                t.checklist_items, checklist_id=number, number=str(place), place=place, text="a standard", grade=None,
                basis=None,
            )  # fmt: skip


def halt(ledger: Ledger, case: int, days: int) -> None:
    unit = {1: "Glue", 2: "Glue", 3: "Paint", 4: "Soap"}[case]
    said = halts.Measure("temporary", "whole", [case], ledger.on(60), "gas leaks", by=["Sun", "Zhou"])
    with ledger.door("Sun", ledger.at(days)) as door:
        halts.impose(door, unit, said)


def go(ledger: Ledger, unit: str, kind: str, days: int, **more: Any) -> int:
    said = exits.Decision(kind, "voluntary", ledger.on(80), "guarded", **more)
    with ledger.door("Sun", ledger.at(days)) as door:
        return int(exits.decide(door, unit, said).document["exit"]["id"])


def step(ledger: Ledger, number: int, name: str, days: int) -> None:
    with ledger.door("Sun", ledger.at(days)) as door:
        exits.step(door, number, name, [PHOTO])


def seen(ledger: Ledger, number: int, kind: str, days: int, verified: int) -> None:
    """See every step of an exit on site, and verify it."""
    for name in STEPS[kind]:
        step(ledger, number, name.value, days)
    with ledger.door("Sun", ledger.at(verified)) as door:
        exits.verify(door, number, ["Sun", "Zhou"])


def units(told: dict[str, Any]) -> dict[str, int]:
    """Return the figures of units that left, those that are not 0."""
    left = ("shutdown", "relocated", "retreated", "partial", "halted")
    return {
        key.removeprefix("units."): figure["value"] for key, figure in told["figures"].items()
        if key.startswith("units.") and key.split(".")[1] in left and figure["value"]
    }  # fmt: skip


def test_what_became_of_units_is_counted_from_their_exits(ledger):
    with ledger.asking("Sun", TODAY) as asking:
        campaign = campaign_report(asking, 1, by="list")
        months = [
            period_report(asking, ledger.on(first), ledger.on(last)) for first, last in ((0, 19), (20, 39), (40, 69))
        ]
        early = campaign_report(asking, 1, as_of=ledger.on(15))
    gone = {
        "shutdown": 1,
        "shutdown.verified": 1,
        "relocated": 1,
        "relocated.verified": 1,
        "retreated": 1,
        "partial": 1,
    }
    assert units(campaign) == gone | {"halted": 2}
    assert {group["name"]: units(group) for group in campaign["groups"]} == {
        "listed": gone | {"halted": 1}, "–": {"halted": 1},
    }  # fmt: skip
    assert units(months[0]) == {"relocated": 1, "retreated": 2, "shutdown": 1, "shutdown.verified": 1, "halted": 3}
    assert units(months[1]) == {"shutdown": 1, "shutdown.verified": 1, "partial": 1}
    assert units(months[2]) == {"relocated.verified": 1}
    assert units(early) == {"relocated": 1, "retreated": 2, "shutdown": 1, "shutdown.verified": 1, "halted": 3}


def test_the_standards_are_those_of_the_checklist_in_force(ledger):
    with ledger.asking("Sun", TODAY) as asking:
        told = campaign_report(asking, 1, by="list")
        early = campaign_report(asking, 1, as_of=ledger.on(25))
    assert [each["figures"]["standards"]["value"] for each in (told, *told["groups"], early)] == [45, 45, 45, 44]


def test_the_figures_of_units_are_those_of_a_recount(ledger):
    again = Recount(ledger)
    with ledger.asking("Sun", TODAY) as asking:
        for as_of in (None, 5, 13, 30, 55):
            day = None if as_of is None else ledger.on(as_of)
            told = plainly(campaign_report(asking, 1, as_of=day))
            assert told == again.figures(now=ledger.at(TODAY), campaign=1, as_of=day or date.max), as_of
        for first, last in ((0, 9), (10, 29), (14, 25), (30, 60), (0, 89)):
            window = {"first": ledger.on(first), "last": ledger.on(last)}
            for as_of in (None, last):
                day = None if as_of is None else ledger.on(as_of)
                told = plainly(period_report(asking, **window, as_of=day))
                assert told == again.figures(now=ledger.at(TODAY), **window, as_of=day or date.max), (window, as_of)


def test_a_unit_that_was_added_since_is_not_due_in_a_report_as_of_an_earlier_day(ledger: Ledger) -> None:
    def due(as_of: int | None) -> tuple[int, list[int]]:
        with ledger.asking("Sun", TODAY) as asking:
            day = None if as_of is None else ledger.on(as_of)
            figures = period_report(asking, ledger.on(0), ledger.on(60), as_of=day)["figures"]
        return figures["units.due"]["value"], figures["coverage"]["of"]

    before = due(60)
    with ledger.door("Sun", ledger.at(70)) as door:
        registers.add_unit(door, "Varnish", area=EAST, sector="化工")
    assert due(60) == due(69) == before
    assert due(70)[0] == due(None)[0] == before[0] + 1
