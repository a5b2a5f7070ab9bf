"""Reports through the real command line: a campaign, a period, an assessment, and what each refuses in one line."""

from typing import Any

import pytest

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import COUNTY, Station


def period(station: Station, first: int, last: int, *more: object) -> Any:
    return station.told("孙丽", "report", "period", "--from", station.day(first), "--to", station.day(last), *more)


def test_a_periods_report_counts_what_happened_and_says_how(unchanged: Station) -> None:
    told = period(unchanged, -10, 0, "--by", "area", "--cases")
    found = told["figures"]["hazards.found"]
    assert set(told) == {"figures", "groups", "open", "contradictions"}
    assert found["value"] == len(found["cases"]) > 0
    assert (found["of"], found["rule"]) == (None, "cases not voided")
    assert sum(group["figures"]["hazards.found"]["value"] for group in told["groups"]) == found["value"]
    rate = told["figures"]["rate.rectified"]
    assert rate["value"] == rate["of"][0] / rate["of"][1]
    assert set(told["open"]) <= set(found["cases"])


def test_a_report_is_a_table_in_the_readers_language(unchanged: Station) -> None:
    span = ("--from", unchanged.day(-10), "--to", unchanged.day(0))
    english = unchanged.done("孙丽", "report", "period", *span, "--lang", "en").stdout
    chinese = unchanged.done("孙丽", "report", "period", *span, "--lang", "zh").stdout
    assert "not all is rectified" in english
    assert "并未全部整改到位" in chinese
    assert "排查出隐患" in chinese


def test_what_changed_since_a_report_was_filed_stands_beside_it(unchanged: Station) -> None:
    told = period(unchanged, -10, 0, "--changed-since", unchanged.day(-3))["figures"]["hazards.found"]
    assert told["was"]["value"] <= told["value"]
    span = ("--from", unchanged.day(-10), "--to", unchanged.day(0), "--changed-since", unchanged.day(-3))
    assert "was" in unchanged.done("孙丽", "report", "period", *span, "--lang", "en").stdout.splitlines()[0]


def test_an_area_and_what_lies_below_it_report_for_themselves(unchanged: Station) -> None:
    whole, county, west = (period(unchanged, -10, 0, *more) for more in ((), ("--area", COUNTY), ("--area", "西溪镇")))
    assert whole["figures"] == county["figures"]
    assert west["figures"]["hazards.found"]["value"] < county["figures"]["hazards.found"]["value"]


def test_a_quiet_period_is_a_report_of_nothing(unchanged: Station) -> None:
    told = period(unchanged, -40, -30)
    assert told["figures"]["hazards.found"]["value"] == 0
    assert (told["figures"]["rate.on_time"]["value"], told["figures"]["rate.on_time"]["of"]) == (None, [0, 0])
    assert (told["groups"], told["open"], told["contradictions"]) == ([], [], [])


def test_that_all_is_rectified_is_refused_while_a_case_is_open(unchanged: Station) -> None:
    span = ("--from", unchanged.day(-10), "--to", unchanged.day(0))
    error = refused(unchanged, "孙丽", "report", "period", *span, "--all-rectified", exit_code=4)
    says(error, "not all is rectified", f"case {unchanged.cases['found']} of 永安氧气 is found")
    told = period(unchanged, -40, -30, "--all-rectified")
    assert told["open"] == []


@pytest.mark.parametrize(
    ("args", "exit_code", "said"),
    [
        (("period", "--from", "2026-02-01", "--to", "2026-01-01"), 9, "before it begins"),
        (("period", "--from", "2190-01-01", "--to", "2190-02-01"), 4, "still to come"),
        (("period", "--from", "2020-01-01", "--to", "2020-02-01", "--as-of", "2019-12-31"), 4, "nothing was recorded"),
        (("period", "--from", "2020-01-01", "--to", "2020-02-01", "--as-of", "2190-12-31"), 4, "still to come"),
        (("period", "--from", "2020-01-01", "--to", "2020-02-01", "--area", "无此乡"), 5, "无此乡"),
        (("campaign", "无此行动"), 5, "无此行动"),
        (("assessment", "--year", "2190"), 4, "still to come"),
    ],
)
def test_what_cannot_be_reported_is_refused_in_one_line(
    unchanged: Station, args: tuple[str, ...], exit_code: int, said: str
) -> None:
    says(refused(unchanged, "孙丽", "report", *args, exit_code=exit_code), said)


def test_an_assessment_sets_targets_beside_what_was_reached(station: Station) -> None:
    year = station.today.year
    for of, key, value in (
        (COUNTY, "inspections", 4),
        ("东溪镇", "inspections", 400),
        ("县安监局", "hazards.found", 1),
    ):
        station.done("孙丽", "target", "set", of, key, value, "--year", year)
    station.done("孙丽", "tally", "add", COUNTY, "accidents", 0, "--measure", "起", "--on", station.day(0))
    told = station.told("孙丽", "report", "assessment", "--year", year)
    assert [(group["kind"], group["rank"], group["met"]) for group in told["groups"]] == [
        ("area", 1, [1, 1]), ("area", 2, [0, 1]), ("department", 1, [1, 1]),
    ]  # fmt: skip
    assert told["figures"]["accidents"]["value"] == 0
    shown = station.done("孙丽", "report", "assessment", "--year", year, "--by", "area", "--lang", "en").stdout
    assert "at least 400" in shown
