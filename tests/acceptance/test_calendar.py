"""The group `calendar` as people type it: a year on the screen, a count, and the notice it comes from."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import Station
from workflow.calendar import china

#: An amendment of a year long past: whatever day the tests run on, it is out.
AMENDED = """
document = "国办发明电〔2023〕99号"
published = 2023-12-01
year = 2024
off = [{ from = 2024-01-01, to = 2024-01-01, name = "元旦" }, { from = 2024-02-10, to = 2024-02-17, name = "春节" }]
worked = [2024-02-04, 2024-02-18]
"""


def written(station: Station, text: str = AMENDED) -> Path:
    file = station.folder / "2024.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_notice_is_loaded_shown_and_counted_by(station: Station) -> None:
    assert station.told(None, "calendar", "add", "2024-04-03", 1) == {"date": "2024-04-07", "provisional": False}
    loaded = station.told(None, "calendar", "load", written(station))["calendar"]
    assert (loaded["version"], loaded["year"], loaded["days_off"], loaded["days_worked"]) == (1, 2024, 9, 2)
    assert loaded["firm_until"] == china().firm_until.isoformat()
    # the amendment says nothing of the Qingming festival
    assert station.told("王敏", "calendar", "add", "2024-04-03", 1) == {"date": "2024-04-04", "provisional": False}
    shown = station.told("王敏", "calendar", "show", 2024)
    assert len(shown["days"]) == 366
    days = {day["date"]: day for day in shown["days"]}
    assert days["2024-02-18"] == {"date": "2024-02-18", "working": True, "why": "moved working day", "provisional": False}  # fmt: skip
    assert days["2024-02-12"]["why"] == "holiday"
    assert shown["source"] == "国办发明电〔2023〕99号"
    assert station.told(None, "audit", "verify")["ok"]


def test_a_year_is_shown_as_twelve_months_with_a_legend(unchanged: Station) -> None:
    said = unchanged.done("王敏", "calendar", "show", 2024).stdout
    assert all(name in said for name in ("January", "December", "Mo Tu We Th Fr Sa Su", "* holiday", "+ weekend day"))
    assert " 5  6  7  8  9 10*11*" in said  # February: the festival begins on a Saturday
    assert "12*13*14*15*16*17*18+" in said
    assert f"source: {china().version}" in said
    assert "every day is firm" in said


def test_what_is_not_known_is_said_to_be_provisional(unchanged: Station) -> None:
    year = china().known_to.year
    beyond = unchanged.done("王敏", "calendar", "show", year + 1).stdout
    grid = beyond.partition("* holiday")[0]
    assert not {"*", "+"} & set(grid)
    assert f"no notice for {year + 1} is known: only weekends are off" in beyond
    assert f"provisional: {year + 1}-01-01 to {year + 1}-12-31" in beyond
    assert f"provisional: {year}-12-21 to {year}-12-31" in unchanged.done("王敏", "calendar", "show", year).stdout
    assert "(provisional)" in unchanged.done("王敏", "calendar", "add", f"{year}-12-18", 5).stdout
    assert "（暂定）" in unchanged.done("王敏", "calendar", "add", f"{year}-12-18", 5, "--lang", "zh").stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("columns", "across"), [(20, 1), (45, 2), (80, 3), (100, 4), (200, 6)])
def test_the_months_fit_the_terminal(file_station, monkeypatch, lang, columns, across):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = file_station.done("王敏", "calendar", "show", 2026, "--lang", lang).stdout.partition("\n*")[0].splitlines()
    heads = [line for line in lines if line.startswith(("Mo Tu", "一 二"))]
    assert len(heads) == 12 // across
    assert {cell_len(line) for line in heads} == {across * 24 - 4}
    assert max(map(cell_len, lines)) <= max(columns, 21)


@pytest.mark.parametrize("who", ["王敏", "赵刚", "孙丽"])
def test_only_an_administrator_loads_a_notice(file_station: Station, who: str) -> None:
    says(refused(file_station, who, "calendar", "load", written(file_station), exit_code=8), who)


def test_the_same_file_twice_changes_nothing(station: Station) -> None:
    station.done(None, "calendar", "load", written(station))
    says(refused(station, None, "calendar", "load", written(station), exit_code=4), "nothing changed")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (AMENDED.replace("worked", "wroked"), ["line 6, wroked", "did you mean worked"]),
        (AMENDED.replace("2024-02-18", "2024-02-17"), ["line 6, worked.2", "keep one"]),
        (AMENDED.replace("2024-02-04", "2024-02-05"), ["line 6, worked.1", "Saturdays and Sundays"]),
        (AMENDED.replace("to = 2024-02-17", "to = 2024-12-17"), ["line 5, off.2", "at most 15 days"]),
        (AMENDED.replace("to = 2024-02-17", "to = 2024-02-30"), ["line 5"]),
        ("", ["is missing"]),
    ],
)
def test_a_mistake_in_the_file_is_named_and_nothing_is_written(file_station, text, told):
    says(refused(file_station, None, "calendar", "load", written(file_station, text), exit_code=9), "2024.toml", *told)


def test_a_file_that_cannot_be_read_is_said_to_be_so(file_station: Station) -> None:
    (file_station.folder / "gbk.toml").write_bytes("年".encode("gbk"))
    for file in (file_station.folder / "nowhere.toml", file_station.folder, file_station.folder / "gbk.toml"):
        says(refused(file_station, None, "calendar", "load", file, exit_code=9), "cannot be read")


@pytest.mark.parametrize("asked", [("show", 2003), ("show", 2200), ("show", 10**30), ("add", "2003-12-31", 1), ("add", "2199-12-31", 1)])  # fmt: skip
def test_years_beyond_the_calendar_are_refused_in_one_line(file_station, asked):
    says(refused(file_station, "王敏", "calendar", *asked, exit_code=9), "from 2004 to 2199")


@pytest.mark.parametrize("asked", [("add", "2026-01-05", 0), ("add", "2026-01-05", "--", -3), ("add", "2026-01-05", 10_001), ("add", "2026-02-30", 1), ("show", "next")])  # fmt: skip
def test_a_count_or_date_that_is_none_is_a_mistake_of_usage(file_station, asked):
    said = file_station.run("王敏", "calendar", *asked)
    assert (said.exit_code, said.stdout, said.stderr.count("\n")) == (2, "", 1)
