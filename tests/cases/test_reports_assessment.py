"""The year's assessment: each target beside what was reached, who is best, and what cannot be judged."""

from dataclasses import replace
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

import cases.tables as t
from cases.locale import in_language
from cases.questions.figures import assessment_report, period_report
from cases.reports import filing
from cases.reports.page import Page, Subject, page_of
from cases.verbs import counts
from tests.cases.ledgers import COUNTY, EAST, WEST, Ledger
from workflow.errors import Refused
from workflow.words import Sentence


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


def filed(ledger: Ledger, translate: Any = str) -> Page:
    with ledger.asking("Sun", 60) as asking:
        there = replace(asking, translate=translate)
        subject = Subject(Sentence("Assessment of safety work in {year}", year=2026))
        return page_of(there, assessment_report(there, 2026), subject)


def test_a_filed_assessment_says_who_reached_what_and_what_was_missed(ledger):
    said = [line for [line] in filed(ledger).said.rows]
    assert "East: place 1, 3 of 3 targets reached, score 100.0%." in said
    assert (
        "West: place 3, 0 of 4 targets reached, score 33.3%; missed: inspections 1 (at least 2), "
        "rate.rectified 0.0% (0/2) (at least 95.0%), balance.end 2 (at most 1)."
    ) in [line.replace("at_least", "at least").replace("at_most", "at most") for line in said]
    assert any("nothing to measure it by" in line for line in said)
    assert any(
        line.startswith("东") or "第1名，3项指标完成3项" in line
        for [line] in filed(ledger, in_language("zh")).said.rows
    )


def test_every_kind_of_file_has_every_target(ledger, tmp_path):
    page = filed(ledger)
    targets = {
        (group["name"], key): figure for group in assessed(ledger)["groups"] for key, figure in group["figures"].items()
    }
    for kind in (".md", ".docx", ".csv", ".xlsx"):
        filing.file(page, str(tmp_path / f"assessment{kind}"))
    rows = load_workbook(tmp_path / "assessment.xlsx").worksheets[2].iter_rows(min_row=4, values_only=True)
    found = {(row[1], row[2]): row for row in rows}
    assert found.keys() == targets.keys()
    for where, figure in targets.items():
        _, _, _, count, rate, _, achieved, met = found[where]
        assert (count, rate) == ((None, figure["value"]) if figure["of"] else (figure["value"], None))
        assert achieved == (None if figure["achieved"] is None else pytest.approx(figure["achieved"]))
        assert met == {True: "yes", False: "no", None: None}[figure["met"]]
    tables = [
        [cell.text for cell in row.cells]
        for table in Document(str(tmp_path / "assessment.docx")).tables
        for row in table.rows
    ]
    assert sum(row[1:3] in [list(where) for where in targets] for row in tables if len(row) == 8) == len(targets)
    assert (tmp_path / "assessment.md").read_text(encoding="utf-8").count("| East |") == 3
    assert (tmp_path / "assessment.csv").read_text(encoding="utf-8-sig").count("\nWest,") == 4
