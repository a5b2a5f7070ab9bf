"""Looking back over what had ended, and what is done about grave hazards besides orders: joint handling, study, power cuts."""

import pytest

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import OFFICERS, Station


def look(station: Station, unit: str = "永安氧气", kind: str = "look-back") -> int:
    return int(station.told("王敏", "inspect", unit, *OFFICERS, "--kind", kind)["inspection"]["id"])


def closed(station: Station, count: int) -> list[int]:
    """Close some of what was put right on the spot."""
    cases = [station.find(text=f"通道堵塞{each}") for each in range(count)]
    station.done("王敏", "correct", *cases, "--evidence", station.photo(), "--close")
    return cases


def test_a_look_back_counts_what_stayed_what_recurred_and_what_is_new(station: Station) -> None:
    stayed, also, recurred = closed(station, 3)
    visit = look(station)
    told = station.told("王敏", "look-back", visit, stayed, also, "--stayed", "--note", "通道畅通")
    assert told["look_back"] == {"inspection": visit, "stayed": 2, "recurred": 0, "new": 0}
    assert [case["state"] for case in told["cases"]] == ["closed", "closed"]
    station.done("王敏", "record", visit, "灭火器失效", "--grade", "general")
    told = station.told("王敏", "look-back", visit, recurred, "--recurred", "--note", "再次堵塞")
    assert told["look_back"] == {"inspection": visit, "stayed": 2, "recurred": 1, "new": 1}
    assert station.history(stayed)[-1]["trigger"] == "look_back"
    assert station.history(stayed)[-1]["facts"]["inspection"] == visit
    last = station.history(recurred)[-1]
    assert (last["trigger"], last["to"], last["facts"]["look_back"]) == ("reopen", "found", "recurred")
    assert station.show(recurred)["recurrences"] == 1
    assert "2 stayed, 1 recurred, 1 new" not in station.done("王敏", "history", stayed).stdout
    assert station.told("王敏", "audit", "verify")["ok"]


def test_an_open_case_is_not_looked_back_at(station: Station) -> None:
    (case,) = closed(station, 1)
    visit = look(station)
    both = ("look-back", visit, case, station.cases["found"], "--stayed")
    says(refused(station, "王敏", *both, exit_code=3), f"case {station.cases['found']} is found")
    says(refused(station, "王敏", "look-back", visit, case, exit_code=2), "either --stayed or --recurred")


@pytest.mark.parametrize("result", ["--stayed", "--recurred"])
def test_only_a_look_back_at_the_same_unit_says_so_and_once(station: Station, result: str) -> None:
    one, two = closed(station, 2)
    routine = look(station, kind="routine")
    says(
        refused(station, "王敏", "look-back", routine, one, result, "--note", "见", exit_code=4),
        "only a look-back visit says so",
    )
    elsewhere = look(station, "宏达冷库")
    says(
        refused(station, "王敏", "look-back", elsewhere, one, result, "--note", "见", exit_code=4),
        "was at another unit",
    )
    visit = look(station)
    station.done("王敏", "look-back", visit, one, "--stayed")
    error = refused(station, "王敏", "look-back", visit, one, two, result, "--note", "见", exit_code=4)
    says(error, f"inspection {visit} has told of case {one} already")
    says(refused(station, "张伟", "look-back", visit, two, result, exit_code=8), "张伟 is contact")
    says(refused(station, "王敏", "look-back", 9999, two, result, exit_code=5), "no inspection 9999")


# -- grave hazards -----------------------------------------------------------------------------------------------------


def test_departments_that_handle_a_case_jointly_see_it_and_one_answers(station: Station) -> None:
    case = station.cases["major found"]
    station.done("赵刚", "assist", case, "--with", "县消防大队", "--with", "东溪镇政府", "--note", "合力整改")
    shown = station.show(case)
    assert (shown["department"], shown["joint"]) == ("县安监局", ["县消防大队", "东溪镇政府"])
    assert [departed["name"] for departed in station.history(case)[-1]["facts"]["departments"]] == [
        "县消防大队",
        "东溪镇政府",
    ]
    for who in ("冯军", "吴江"):
        assert [row["kind"] for row in station.told(who, "mine") if row["id"] == case] == ["joint"]
    assert [row["kind"] for row in station.told("王敏", "mine") if row["id"] == case] == ["hazard"]
    again = ("assist", case, "--with", "县消防大队", "--with", "县安监局", "--note", "合力整改")
    says(refused(station, "赵刚", *again, exit_code=4), "县消防大队, 县安监局 handle it already")
    says(refused(station, "王敏", *again, exit_code=8), "this takes supervisor")
    says(
        refused(station, "赵刚", "assist", case, "--with", "县水利局", "--note", "合", exit_code=5),
        "no department is called 县水利局",
    )


def test_a_special_study_is_noted_as_one(station: Station) -> None:
    case = station.cases["major found"]
    station.done("王敏", "note", case, "区安委会专题研究，确定迁建", "--kind", "study")
    assert station.history(case)[-1]["facts"]["kind"] == "study"


NOTICE = ("--to", "湖光供电所", "--number", "停〔2026〕1号", "--note", "拒不执行停产决定")


def test_power_is_cut_for_a_major_hazard_by_a_notice_a_day_before(station: Station) -> None:
    case = station.cases["major ordered"]
    station.done("赵刚", "measure", case, "--kind", "power_cut", "--from", station.day(2), *NOTICE)
    station.done(
        "赵刚",
        "measure",
        case,
        "--kind",
        "power_restored",
        "--to",
        "湖光供电所",
        "--number",
        "复1号",
        "--note",
        "已执行",
    )
    measures = station.show(case)["measures"]
    assert [(each["kind"], each["number"], each["begins"]) for each in measures] == [
        ("power_cut", "停〔2026〕1号", station.day(2)), ("power_restored", "复1号", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "case", "more", "exit_code", "said"),
    [
        ("赵刚", "ordered", ("--kind", "power_cut", "--danger"), 4, "power is cut for a major hazard only"),
        ("赵刚", "major ordered", ("--kind", "power_cut"), 4, "the unit is told 24 hours before"),
        ("王敏", "major ordered", ("--kind", "power_cut", "--danger"), 8, "this takes supervisor"),
        ("赵刚", "closed", ("--kind", "power_cut", "--danger"), 3, "cannot measure"),
    ],
)
def test_a_power_cut_without_its_ground_is_refused(
    unchanged: Station, who: str, case: str, more: tuple[str, ...], exit_code: int, said: str
) -> None:
    says(refused(unchanged, who, "measure", unchanged.cases[case], *more, *NOTICE, exit_code=exit_code), said)
