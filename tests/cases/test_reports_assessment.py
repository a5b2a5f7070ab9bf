"""The year's assessment: each target beside what was reached, who is best, and what cannot be judged."""

from typing import Any

import pytest

import cases.tables as t
from cases.questions.figures import assessment_report, period_report
from cases.verbs import counts
from tests.cases.ledgers import COUNTY, EAST, WEST, Ledger
from workflow.errors import Refused


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """East reaches its targets, West half of them; the bureau answers for mines, and the county for all of it."""
    cases = ledger.find(2, days=0)
    ledger.order(cases, 1, due_on=ledger.on(20))
    ledger.submit(cases, 5)
    ledger.passed(cases, 6)
    ledger.close(cases, 7)
    ledger.find(2, unit="Mine", by=["Sun", "Zhou"], days=3)
    with ledger.store.begin() as tx:
        tx.add(t.department_sectors, department_id=ledger.departments["bureau"], sector="非煤矿山")
    with ledger.door("Sun", ledger.at(10)) as door:
        for of, key, value in (
            (EAST, "inspections", "9"), (EAST, "inspections", "1"), (EAST, "rate.rectified", "95"), (EAST, "accidents", "0"),
            (WEST, "inspections", "2"), (WEST, "rate.rectified", "0.95"), (WEST, "balance.end", "1"),
            (WEST, "publicity.banners", "8"), (COUNTY, "hazards.found", "8"), ("bureau", "inspections", "1"),
            ("bureau", "coverage", "100"),
        ):  # fmt: skip
            counts.set_target(door, of, year=2026, key=key, value=value)
        counts.add_tally(door, EAST, "accidents", "0", measure="起", about=False, on=ledger.on(9))
    return ledger


def assessed(ledger: Ledger, days: int = 60, **options: Any) -> dict[str, Any]:
    with ledger.asking("Sun", days) as asking:
        return assessment_report(asking, 2026, **options)


def test_each_target_stands_beside_what_was_reached(ledger):
    told = {group["name"]: group for group in assessed(ledger)["groups"]}
    reached = {
        name: {key: (figure["value"], figure["target"], figure["met"]) for key, figure in group["figures"].items()}
        for name, group in told.items()
    }
    assert reached == {
        "East": {"inspections": (1, 1, True), "rate.rectified": (1.0, 0.95, True), "accidents": (0, 0, True)},
        "West": {
            "inspections": (1, 2, False),
            "rate.rectified": (0.0, 0.95, False),
            "balance.end": (2, 1, False),
            "publicity.banners": (None, 8, None),
        },
        "Xiao": {"hazards.found": (4, 8, False)},
        "bureau": {"inspections": (1, 1, True), "coverage": (1.0, 1.0, True)},
    }
    assert told["East"]["figures"]["rate.rectified"]["of"] == [2, 2]
    assert told["West"]["figures"]["inspections"]["achieved"] == 0.5
    assert told["West"]["figures"]["balance.end"] | {"cases": None} == told["West"]["figures"]["balance.end"] | {
        "achieved": 0.5, "sense": "at_most", "target": 1, "cases": None,
    }  # fmt: skip


def test_who_reached_most_comes_first_areas_and_departments_apart(ledger):
    told = assessed(ledger)["groups"]
    assert [(group["kind"], group["name"], group["rank"], group["met"]) for group in told] == [
        ("area", "East", 1, [3, 3]),
        ("area", "Xiao", 2, [0, 1]),
        ("area", "West", 3, [0, 4]),
        ("department", "bureau", 1, [2, 2]),
    ]
    assert [group["score"] for group in told] == [1.0, 0.5, pytest.approx(1 / 3), 1.0]
    assert [group["name"] for group in assessed(ledger, by="department")["groups"]] == ["bureau"]


def test_what_nobody_recorded_is_named_and_neither_reached_nor_missed(ledger):
    told = assessed(ledger)["contradictions"]
    assert "West has a target of publicity.banners, and there is nothing to measure it by" in told
    assert not any("accidents" in line for line in told), "a recorded 0 is something"


def test_the_whole_is_the_year_and_a_target_set_later_was_not_known(ledger):
    told = assessed(ledger)
    with ledger.asking("Sun", 60) as asking:
        year = period_report(asking, ledger.on(0).replace(month=1, day=1), ledger.on(0).replace(month=12, day=31))
    assert told["figures"] == year["figures"]
    assert assessed(ledger, as_of=ledger.on(9))["groups"] == []
    assert assessed(ledger, cases=True)["groups"][0]["figures"]["inspections"]["value"] == 1


def test_a_year_to_come_is_refused(ledger):
    with ledger.asking("Sun", 60) as asking, pytest.raises(Refused, match="still to come"):
        assessment_report(asking, 2027)
