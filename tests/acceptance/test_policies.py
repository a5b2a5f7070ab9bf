"""The group `policy` as people type it: another policy checked, tried on what happened, and loaded."""

from pathlib import Path

import pytest

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import OFFICERS, Station

#: What was applied for is rechecked the next day, and a general hazard climbs at once.
HASTY = """
title = "从严规则"
[limits]
recheck = { days = 1, source = "县规定" }
[ladders.general]
rungs = [{ after = 1, rank = "county" }]
repeat = 30
source = "县规定"
"""
AMENDED = """
document = "国办发明电〔2023〕99号"
published = 2023-12-01
year = 2024
off = [{ from = 2024-01-01, to = 2024-01-01, name = "元旦" }]
"""


def written(station: Station, text: str = HASTY, name: str = "hasty.toml") -> Path:
    file = station.folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_policy_is_tried_loaded_and_shown(station: Station) -> None:
    first = station.told("王敏", "policy", "show")
    assert first["version"] == 1
    assert first["loaded_by"] is not None
    tried = station.told("赵刚", "policy", "simulate", written(station))
    assert set(tried) == {"before", "after", "cases", "since", "until"}
    assert set(tried["before"]) == set(tried["after"]) == {"overdue", "escalated", "rungs", "tonight"}
    rehearsed = station.told(None, "policy", "load", written(station), "--dry-run")["policy"]
    loaded = station.told(None, "policy", "load", written(station))["policy"]
    assert rehearsed == {**loaded, "dry_run": True}
    assert (loaded["version"], loaded["title"], loaded["recounted"]) == (2, "从严规则", 0)
    assert "limits.recheck.days" in loaded["changed"]
    shown = station.told("王敏", "policy", "show")
    assert (shown["version"], shown["title"], shown["limits"]["recheck"]["days"]) == (2, "从严规则", 1)
    assert (shown["loaded_by"], shown["loaded_at"][:10]) == (first["loaded_by"], station.day(0))
    assert station.told(None, "audit", "verify")["ok"]


def test_dates_that_run_stay_unless_they_are_to_be_counted_anew(station: Station) -> None:
    case = station.cases["submitted"]
    before = station.show(case)["due_on"]
    station.done(None, "policy", "load", written(station))
    assert station.show(case)["due_on"] == before
    again = written(station, HASTY.replace("days = 1", "days = 2"))
    assert station.told(None, "policy", "load", again, "--refix")["policy"]["recounted"] > 10
    assert station.show(case)["due_on"] <= before
    assert station.history(case)[-1]["trigger"] == "recount"
    assert station.told("王敏", "explain", case)["policy"] == 3
    assert station.told(None, "audit", "verify")["ok"]


def test_a_trial_is_shown_as_two_rows_and_the_cases_that_differ(unchanged: Station) -> None:
    said = unchanged.done("赵刚", "policy", "simulate", written(unchanged)).stdout
    assert all(each in said for each in ("the rules in force", "the rules tried", "overdue", "tonight"))
    same = unchanged.done("赵刚", "policy", "simulate", written(unchanged, 'title = "x"')).stdout
    assert "no case would have fared otherwise" in same
    notice = written(unchanged, AMENDED, "2024.toml")
    both = unchanged.told("赵刚", "policy", "simulate", written(unchanged), "--calendar", notice)
    assert both == unchanged.told("赵刚", "policy", "simulate", written(unchanged))
    assert unchanged.told("赵刚", "policy", "simulate", "--calendar", notice)["cases"] == []


def test_the_first_twenty_cases_are_named_and_the_others_counted(file_station: Station) -> None:
    station, at = file_station, file_station.at(-30, "09:00")
    visit = station.told("王敏", "inspect", "永安氧气", *OFFICERS, *at)["inspection"]["id"]
    found = written(station, "text,grade\n" + "".join(f"第{each}处,general\n" for each in range(24)), "found.csv")
    station.done("王敏", "record", visit, "--file", found, *at)
    strict = written(station, 'title = "x"\n[limits]\norder = { days = 1, source = "s" }\n')
    count = len(station.told(None, "policy", "simulate", strict)["cases"])
    assert count >= 24
    lines = station.done(None, "policy", "simulate", strict).stdout.splitlines()
    assert lines[-1] == f"and {count - 20} more: --json names all"
    assert len([line for line in lines if "永安氧气" in line or "宏达冷库" in line]) == 20


def test_a_loading_says_every_key_that_changes(file_station: Station) -> None:
    said = file_station.done(None, "policy", "load", written(file_station), "--dry-run", "--lang", "en").stdout
    assert said.startswith("policy version 2 would be: 从严规则\n")
    assert "limits.recheck.days: 10 -> 1\n" in said
    assert "ladders.general.rungs: 7 township; 20 county -> 1 county\n" in said
    assert said.endswith("running deadlines keep their dates\n")
    refixed = file_station.done(None, "policy", "load", written(file_station), "--refix", "--dry-run").stdout
    assert "would be counted anew" in refixed
    assert "第 2 版" in file_station.done(None, "policy", "load", written(file_station), "--lang", "zh").stdout


@pytest.mark.parametrize("who", ["王敏", "赵刚", "孙丽"])
def test_only_an_administrator_loads_a_policy(file_station: Station, who: str) -> None:
    says(refused(file_station, who, "policy", "load", written(file_station), exit_code=8), who)


def test_the_same_policy_twice_is_refused(station: Station) -> None:
    station.done(None, "policy", "load", written(station))
    error = refused(station, None, "policy", "load", written(station), exit_code=4)
    says(error, "hasty.toml is not loaded", "version 2 says the same already")


@pytest.mark.parametrize("command", ["check", "load", "simulate"])
def test_a_mistake_in_the_file_is_named_by_line_and_key(unchanged: Station, command: str) -> None:
    file = written(unchanged, HASTY.replace("days = 1", 'days = "one"'), "wrong.toml")
    error = refused(unchanged, None, "policy", command, file, exit_code=9)
    says(error, "wrong.toml cannot be used as a policy", "line 4, limits.recheck.days", "whole number")


@pytest.mark.parametrize("name", ["none.toml", ".", "gbk.toml", "long.toml"])
@pytest.mark.parametrize("command", ["check", "load", "simulate", "simulate --calendar"])
def test_a_file_that_cannot_be_read_is_said_to_be_so(unchanged: Station, command: str, name: str) -> None:
    (unchanged.folder / "gbk.toml").write_bytes("标题".encode("gbk"))
    (unchanged.folder / "long.toml").write_text("#" * 1_000_001)
    error = refused(unchanged, None, "policy", *command.split(), unchanged.folder / name, exit_code=9)
    says(error, "give a TOML file")


def test_a_wrong_notice_is_named_by_line_and_key(unchanged: Station) -> None:
    notice = written(unchanged, AMENDED.replace("off", "of"), "notice.toml")
    says(refused(unchanged, None, "policy", "simulate", "--calendar", notice, exit_code=9), "notice.toml", "line 5, of")


def test_a_time_that_ends_before_it_begins_is_bad_input(unchanged: Station) -> None:
    span = ("--since", unchanged.day(-1), "--until", unchanged.day(-2))
    says(refused(unchanged, None, "policy", "simulate", written(unchanged), *span, exit_code=9), "turn them round")


def test_a_trial_of_nothing_is_a_mistake_of_usage(unchanged: Station) -> None:
    says(refused(unchanged, None, "policy", "simulate", exit_code=2), "--calendar")
    refused(unchanged, None, "policy", "simulate", written(unchanged), "--since", "yesterday", exit_code=2)
