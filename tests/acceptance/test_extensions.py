"""Extensions through the real command line: every move of the process, and every refusal with its sentence."""

from typing import Any

import pytest

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import OFFICERS, Station
from workflow.extension import MOVES

UNIT, INSPECTOR, SUPERVISOR = "张伟", "王敏", "赵刚"


def asked(station: Station, case: int, days: int = 40, *, who: str = UNIT, **instead: str) -> tuple[str, ...]:
    """Return what asks for a later date."""
    said = {"ground": "other", "reason": "设备未到货", "interim": "停用并设专人看护", **instead}
    options = [part for name, text in said.items() for part in (f"--{name}", text)]
    return ("extension", "request", str(case), "--until", station.day(days), *options)


def ask(station: Station, case: int, who: str = UNIT, days: int = 40) -> int:
    """Ask for a later date; return the request's number."""
    return int(station.told(who, *asked(station, case, days))["extension"]["id"])


def state(station: Station, number: int) -> str:
    return str(station.told(INSPECTOR, "extension", "show", number)["state"])


def triggers(station: Station, number: int) -> list[str]:
    return [step["trigger"] for step in station.told(INSPECTOR, "extension", "show", number)["steps"]]


@pytest.mark.parametrize("name", ["ordered", "rectifying"])
def test_a_granted_request_moves_the_date(station: Station, name: str) -> None:
    case = station.cases[name]
    before = station.show(case)
    number = ask(station, case)
    assert station.show(case)["due_on"] == before["due_on"], "a request moves no date"
    told = station.told(SUPERVISOR, "extension", "grant", number, "--note", "同意")
    assert (told["extension"]["state"], told["cases"][0]["due_on"]) == ("granted", station.day(40))
    shown = station.show(case)
    assert (shown["due_on"], shown["extensions"], shown["state"]) == (station.day(40), 1, before["state"])
    assert shown["orders"][0]["items"][0]["first_due_on"] == before["due_on"], "the first date stays"
    last = station.history(case)[-1]
    assert (last["trigger"], last["facts"]["was"], last["facts"]["extension"]) == ("extend", before["due_on"], number)
    assert triggers(station, number) == ["request", "grant"]
    assert station.told(INSPECTOR, "audit", "verify")["ok"]


def test_a_request_may_name_the_version_of_its_case(station: Station) -> None:
    case = station.cases["ordered"]
    version = station.show(case)["version"]
    says(refused(station, UNIT, *asked(station, case), "--if-version", version - 1, exit_code=6), f"version {version}")
    assert station.told(UNIT, *asked(station, case), "--if-version", version)["extension"]["state"] == "requested"


def test_an_inspector_asks_for_the_unit(station: Station) -> None:
    assert ask(station, station.cases["ordered"], who=INSPECTOR)


def test_a_refused_request_leaves_the_date(station: Station) -> None:
    case = station.cases["ordered"]
    before = station.show(case)
    number = ask(station, case)
    assert station.told(SUPERVISOR, "extension", "refuse", number)["extension"]["state"] == "refused"
    assert station.show(case) == before, "nothing happened to the case itself"
    assert ask(station, case) != number, "another may be asked for"


def test_who_asked_takes_it_back(station: Station) -> None:
    number = ask(station, station.cases["ordered"])
    assert station.told(UNIT, "extension", "withdraw", number)["extension"]["state"] == "withdrawn"
    assert triggers(station, number) == ["request", "withdraw"]


@pytest.mark.parametrize(
    ("who", "moves_on"),
    [
        (UNIT, ("submit", "--done", "已分开")),
        (SUPERVISOR, ("void", "--reason", "mistaken", "--note", "误录")),
    ],
    ids=["submitted", "voided"],
)
def test_a_request_lapses_when_its_date_does_not_run_any_more(
    station: Station, who: str, moves_on: tuple[str, ...]
) -> None:
    case = station.cases["rectifying"]
    number = ask(station, case)
    station.done(who, moves_on[0], case, *moves_on[1:])
    assert (state(station, number), triggers(station, number)) == ("lapsed", ["request", "lapse"])
    assert station.told(INSPECTOR, "audit", "verify")["ok"]
    assert refused(station, SUPERVISOR, "extension", "grant", number, exit_code=3)


def test_a_request_lapses_when_an_earlier_date_is_served(station: Station) -> None:
    case = station.cases["ordered"]
    number = ask(station, case)
    station.done(INSPECTOR, "order", case, *station.in_days(10))
    assert state(station, number) == "requested", "what was not served binds nobody"
    station.done(INSPECTOR, "serve", "last", "--receipt", UNIT)
    assert state(station, number) == "lapsed"


def test_a_request_waits_on_the_supervisor(station: Station) -> None:
    case = station.cases["ordered"]
    number = ask(station, case)
    mine = station.told(SUPERVISOR, "mine")
    assert [(row["id"], row["extension"]) for row in mine if row["kind"] == "extension"] == [(case, number)]
    rows = station.told(INSPECTOR, "extension", "list", "--state", "requested")
    assert [(row["id"], row["case"], row["waiting_on"]) for row in rows] == [(number, case, "supervisor")]


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_all_that_speaks_against_a_request_is_named(station: Station) -> None:
    error = refused(station, UNIT, *asked(station, station.cases["ordered"], 1, interim=" "), exit_code=4)
    assert len(error["reasons"]) == 2
    says(error, "no later than the date that runs", "--interim")


def _too_long(station: Station) -> tuple[str, ...]:
    return asked(station, station.cases["ordered"], 90)


def _not_served(station: Station) -> tuple[str, ...]:
    return asked(station, station.cases["ordered unserved"])


def _submitted(station: Station) -> tuple[str, ...]:
    return asked(station, station.cases["submitted"])


def _twice(station: Station) -> tuple[str, ...]:
    ask(station, station.cases["ordered"])
    return asked(station, station.cases["ordered"])


def _again(station: Station) -> tuple[str, ...]:
    station.done(SUPERVISOR, "extension", "grant", ask(station, station.cases["ordered"]))
    return asked(station, station.cases["ordered"], 55)


@pytest.mark.parametrize(
    ("against", "why"),
    [
        (_too_long, "at most 30 days"),
        (_not_served, "no date runs"),
        (_submitted, "no date runs"),
        (_twice, "asks about this date already"),
        (_again, "at most 1 times"),
    ],
)
def test_a_request_is_refused_with_its_reason(station: Station, against: Any, why: str) -> None:
    says(refused(station, UNIT, *against(station), exit_code=4), why)


def test_a_date_that_has_passed_is_not_moved(station: Station) -> None:
    case = station.find()
    station.done(INSPECTOR, "order", case, *station.in_days(0))
    station.done(INSPECTOR, "serve", "last", "--receipt", UNIT)
    station.told(INSPECTOR, *asked(station, case, 5))
    error = refused(station, UNIT, *asked(station, station.cases["ordered"], 40), *station.at(1, "09:00"), exit_code=4)
    says(error, "future")


def test_who_may_not_is_told_who_would(station: Station) -> None:
    case = station.cases["ordered"]
    refused(station, "刘洋", *asked(station, case), exit_code=8)
    number = ask(station, case)
    refused(station, INSPECTOR, "extension", "grant", number, exit_code=8)
    refused(station, INSPECTOR, "extension", "withdraw", number, exit_code=8)


def test_nobody_decides_their_own_request(station: Station) -> None:
    number = ask(station, station.cases["ordered"], who=SUPERVISOR)
    for verb in ("grant", "refuse"):
        says(refused(station, SUPERVISOR, "extension", verb, number, exit_code=4), "another supervisor")


def test_what_is_decided_stays_decided(station: Station) -> None:
    number = ask(station, station.cases["ordered"])
    station.done(SUPERVISOR, "extension", "refuse", number)
    for verb in ("grant", "refuse"):
        says(refused(station, SUPERVISOR, "extension", verb, number, exit_code=3), f"extension {number}")


def test_unknown_numbers(station: Station) -> None:
    refused(station, UNIT, *asked(station, 9999), exit_code=5)
    refused(station, SUPERVISOR, "extension", "grant", 9999, exit_code=5)
    refused(station, SUPERVISOR, "extension", "show", 9999, exit_code=5)


def test_a_stale_version_writes_nothing(station: Station) -> None:
    number = ask(station, station.cases["ordered"])
    refused(station, SUPERVISOR, "extension", "grant", number, "--if-version", 7, exit_code=6)


def test_every_move_of_the_process_is_made_here_or_by_the_clock() -> None:
    assert {move.trigger for move in MOVES} == {
        *("request", "grant", "refuse", "withdraw", "lapse"),
        *("escalate", "recount"),  # tests/schedules/test_waiting.py, tests/cases/test_recounts.py
    }
    assert OFFICERS
