"""Exits through the real command line: every move of the process and of the visits after, and every refusal with its sentence."""

from typing import Any

import pytest

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import OFFICERS, Station
from workflow import exit as leaving
from workflow import follow_up
from workflow.terms import ExitKind

UNIT, INSPECTOR, SUPERVISOR = "刘洋", "王敏", "赵刚"
STORE = "宏达冷库"  #: a cold store with two open hazards: one found, one ordered and served


def deciding(station: Station, unit: str = STORE, kind: str = "shutdown", days: int = 60, **said: str) -> list[str]:
    """Return what decides an exit."""
    told = {"kind": kind, "basis": "voluntary", "due": station.day(days), "interim": "停产并专人值守", **said}
    return ["exit", "decide", unit, *(part for name, text in told.items() for part in (f"--{name}", text))]


def decide(station: Station, *args: str, **said: Any) -> Any:
    return station.told(SUPERVISOR, *deciding(station, **said), *args)


def decided(station: Station, **said: Any) -> int:
    return int(decide(station, **said)["exit"]["id"])


def see(station: Station, number: int, kind: str = "shutdown") -> None:
    """See every step of a kind on site."""
    for step in leaving.STEPS[kind]:
        station.done(INSPECTOR, "exit", "step", number, step.value, "--evidence", station.photo(f"{step.value}.jpg"))


def verified(station: Station, kind: str = "shutdown") -> int:
    number = decided(station, kind=kind)
    see(station, number, kind)
    station.done(SUPERVISOR, "exit", "verify", number, *OFFICERS)
    return number


def look_back(station: Station, unit: str = STORE, *at: str) -> int:
    told = station.told(INSPECTOR, "inspect", unit, *OFFICERS, "--kind", "look-back", *at)
    return int(told["inspection"]["id"])


def shown(station: Station, number: int) -> Any:
    return station.told(INSPECTOR, "exit", "show", number)


def states(told: Any) -> list[str]:
    return [case["state"] for case in told["cases"]]


# -- the moves ---------------------------------------------------------------------------------------------------------


def test_deciding_takes_the_units_open_hazards_along(station: Station) -> None:
    """Found, ordered, rectifying and submitted ones go, their items are superseded; rechecked ones go their own way."""
    told = decide(station, unit="永安氧气")
    gone = {case["id"] for case in told["cases"]}
    for name, case in station.cases.items():
        state = station.show(case)["state"]
        if "elsewhere" in name or "voided" in name or name in ("closed", "corrected") or "rechecked" in name:
            assert case not in gone
        else:
            assert (case in gone, state) == (True, "exiting"), name
    ordered = station.show(station.cases["ordered twice"])
    results = [item["result"] for order in ordered["orders"] for item in order["items"]]
    assert (set(results), ordered["waiting_on"], ordered["due_on"]) == ({"superseded"}, "unit", station.day(60))
    last = station.history(station.cases["ordered"])[-1]
    assert (last["trigger"], last["facts"]["exit"]) == ("decide_exit", told["exit"]["id"])
    assert station.told(INSPECTOR, "audit", "verify")["ok"]


def test_a_government_decides_with_body_number_and_date(station: Station) -> None:
    number = decided(station, basis="government", body="湖光县人民政府", number="湖政〔2026〕12号")
    found = shown(station, number)
    assert (found["body"], found["number"], found["decided_on"]) == (
        "湖光县人民政府",
        "湖政〔2026〕12号",
        station.day(0),
    )
    first = found["steps"][0]
    assert (first["trigger"], first["to"], first["facts"]["exit_kind"]) == ("decide", "decided", "shutdown")
    assert first["facts"]["cases"] == [station.cases["found elsewhere"], station.cases["ordered elsewhere"]]


def test_a_line_goes_with_its_own_hazards(station: Station) -> None:
    mine, other = station.cases["ordered"], station.cases["rectifying"]
    rechecked = station.cases["rechecked"]
    named = ("--case", str(mine), "--case", str(rechecked))
    number = int(decide(station, *named, unit="永安氧气", kind="partial", line="二号炉")["exit"]["id"])
    assert station.show(mine)["state"] == "exiting"
    assert station.show(mine)["line"] == station.show(rechecked)["line"] == "二号炉"
    assert (station.show(other)["state"], station.show(other)["line"]) == ("rectifying", None)
    see(station, number, "partial")
    error = refused(station, SUPERVISOR, "exit", "verify", number, *OFFICERS, exit_code=4)
    says(error, f"case {rechecked}")
    station.done(INSPECTOR, "close", rechecked)
    assert states(station.told(SUPERVISOR, "exit", "verify", number, *OFFICERS)) == ["shutdown"]
    assert station.show(other)["state"] == "rectifying", "the unit itself stays"


def test_two_lines_go_side_by_side(station: Station) -> None:
    for line, name in (("一号炉", "ordered"), ("二号炉", "rectifying")):
        case = str(station.cases[name])
        decide(station, "--case", case, unit="永安氧气", kind="partial", line=line)
    rows = station.told(INSPECTOR, "exit", "list", "--unit", "永安氧气")
    assert [row["line"] for row in rows] == ["一号炉", "二号炉"]


def test_a_hazard_found_meanwhile_joins(station: Station) -> None:
    number = decided(station)
    late = station.find(STORE, text="氨气报警器失灵", grade="major")
    see(station, number)
    says(
        refused(station, SUPERVISOR, "exit", "verify", number, *OFFICERS, exit_code=4), f"case {late}", f"add {number}"
    )
    told = station.told(INSPECTOR, "exit", "add", number, late)
    assert (states(told), shown(station, number)["grade"]) == (["exiting"], "major")
    told = station.told(SUPERVISOR, "exit", "verify", number, *OFFICERS)
    assert (told["exit"]["state"], set(states(told))) == ("verified", {"shutdown"})


@pytest.mark.parametrize("kind", ["shutdown", "relocation", "retreat"])
def test_what_is_verified_ends_its_hazards(station: Station, kind: str) -> None:
    number = decided(station, kind=kind)
    see(station, number, kind)
    assert shown(station, number)["waiting_on"] == "supervisor"
    told = station.told(SUPERVISOR, "exit", "verify", number, *OFFICERS)
    ended = {"shutdown": "shutdown", "relocation": "relocated", "retreat": "retreated"}[kind]
    assert (told["exit"]["state"], set(states(told))) == ("verified", {ended})
    assert [visit["months"] for visit in told["follow_ups"]] == [1, 3, 6]
    found = shown(station, number)
    assert [each["evidence"] for each in found["seen"]] == [[f"{step.value}.jpg"] for step in leaving.STEPS[kind]]
    assert [each["trigger"] for each in found["steps"]] == ["decide", *["step"] * len(leaving.STEPS[kind]), "verify"]
    assert station.show(station.cases["found elsewhere"])["exit"]["state"] == "verified"
    assert [each["state"] for each in station.told(INSPECTOR, "unit", "show", STORE)["unit"]["exits"]] == ["verified"]
    assert station.told(INSPECTOR, "audit", "verify")["ok"]


def test_a_step_may_be_recorded_late(station: Station) -> None:
    number = int(decide(station, *station.at(-2, "09:00"))["exit"]["id"])
    told = ("exit", "step", number, "stopped", "--evidence", station.photo(), "--on", station.day(-1))
    station.done(INSPECTOR, *told)
    assert shown(station, number)["seen"][0]["on"] == station.day(-1)
    early = ("exit", "step", number, "removed", "--evidence", station.photo(), "--on", station.day(-4))
    says(refused(station, INSPECTOR, *early, exit_code=4), "later --at")


def test_a_revoked_exit_orders_anew_what_was_ordered(station: Station) -> None:
    number = decided(station)
    anew = ("--responsible", "刘洋", "--measure", "更换阀门", "--due", station.day(20))
    told = station.told(SUPERVISOR, "exit", "revoke", number, "--note", "企业撤回承诺", *anew)
    assert told["exit"]["state"] == "revoked"
    assert states(told) == ["found", "ordered"]
    ordered = station.show(station.cases["ordered elsewhere"])
    assert (ordered["waiting_on"], ordered["orders"][-1]["id"]) == ("inspector", told["order"]["id"])
    assert station.show(station.cases["found elsewhere"])["exit"]["state"] == "revoked", "it is told how it went"
    assert decided(station) != number, "another may be decided"


def test_what_is_ordered_anew_may_be_due_beyond_the_limit_when_a_supervisor_approves(station: Station) -> None:
    anew = ("--responsible", "刘洋", "--measure", "更换阀门", "--due", station.day(90))
    revoke = ("exit", "revoke", decided(station), "--note", "企业撤回承诺", *anew)
    says(refused(station, SUPERVISOR, *revoke, exit_code=4), "--approved-by SUPERVISOR --why T")
    station.done(SUPERVISOR, *revoke, "--approved-by", SUPERVISOR, "--why", "设备定制")
    facts = station.history(station.cases["ordered elsewhere"])[-1]["facts"]
    assert (facts["approved_by"], facts["why"]) == (SUPERVISOR, "设备定制")


def test_what_runs_again_comes_back_and_climbs_at_once(station: Station) -> None:
    number = verified(station)
    case = station.cases["ordered elsewhere"]
    visit = look_back(station)
    told = station.told(INSPECTOR, "exit", "breach", number, "--inspection", visit, "--note", "夜间恢复生产")
    assert (told["exit"]["state"], states(told)) == ("breached", ["found", "found"])
    assert {each["state"] for each in told["follow_ups"]} == {"dropped"}
    found = station.show(case)
    assert (found["recurrences"], found["round"], found["rank"], found["exit"]) == (1, 2, "city", None)
    steps = station.history(case)[-2:]
    assert [(step["trigger"], step["facts"]["exit"]) for step in steps] == [("reopen", number), ("escalate", number)]
    assert [row["came_back"] for row in shown(station, number)["cases"]] == [True, True]
    assert station.told(INSPECTOR, "audit", "verify")["ok"]


def test_visits_see_that_it_stays_shut(station: Station) -> None:
    """One visit makes one follow-up, and none before the date of the one before."""
    number = verified(station)
    planned = shown(station, number)["follow_ups"]
    assert [each["state"] for each in planned] == ["planned"] * 3
    assert planned[1]["opens_on"] == planned[0]["due_on"]
    visit = look_back(station)
    told = station.told(INSPECTOR, "exit", "visit", number, "--inspection", visit)
    assert [(each["months"], each["state"]) for each in told["follow_ups"]] == [(1, "visited")]
    error = refused(station, INSPECTOR, "exit", "visit", number, "--inspection", visit, exit_code=4)
    says(error, "was told of already")
    again = look_back(station)
    says(refused(station, INSPECTOR, "exit", "visit", number, "--inspection", again, exit_code=4), planned[0]["due_on"])


def test_a_new_exit_drops_the_visits_after_the_old_one(station: Station) -> None:
    number = verified(station)
    told = decide(station, kind="relocation")
    assert [each["state"] for each in told["follow_ups"]] == ["dropped"] * 3
    assert {each["state"] for each in shown(station, number)["follow_ups"]} == {"dropped"}


def test_what_it_would_come_to_is_said_and_undone(station: Station) -> None:
    """A command that moves many cases can be tried first."""
    before = station.dump()
    told = decide(station, "--dry-run")
    assert (told["exit"]["state"], states(told)) == ("decided", ["exiting", "exiting"])
    assert (told["dry_run"], station.dump()) == (True, before)
    assert "nothing was written" in station.done(SUPERVISOR, *deciding(station), "--dry-run").stderr
    refused(station, INSPECTOR, *deciding(station), "--dry-run", exit_code=8)


# -- halts that stand on what goes -------------------------------------------------------------------------------------


def halted(station: Station, unit: str, *cases: int) -> int:
    named = [part for case in cases for part in ("--case", str(case))]
    said = ("--kind", "penalty", "--number", "湖安监罚〔2026〕3号", "--scope", "whole", "--until", station.day(90))
    told = station.told(SUPERVISOR, "halt", "impose", unit, *named, *said, "--reason", "重大隐患")
    return int(told["halt"]["id"])


def halt_state(station: Station, number: int) -> str:
    return str(station.told(INSPECTOR, "halt", "show", number)["state"])


def test_a_verified_exit_converts_the_halts(station: Station) -> None:
    halt = halted(station, STORE, station.cases["found elsewhere"], station.cases["ordered elsewhere"])
    number = decided(station)
    assert halt_state(station, halt) == "imposed", "a halt is no exit: it stands until the exit is verified"
    see(station, number)
    station.done(SUPERVISOR, "exit", "verify", number, *OFFICERS)
    assert halt_state(station, halt) == "converted"
    assert shown(station, number)["steps"][-1]["facts"]["halts"] == [halt]


def test_a_revoked_exit_leaves_the_halt_standing(station: Station) -> None:
    halt = halted(station, STORE, station.cases["found elsewhere"])
    number = decided(station)
    anew = ("--responsible", "刘洋", "--measure", "更换阀门", "--due", station.day(20))
    station.done(SUPERVISOR, "exit", "revoke", number, "--note", "企业撤回承诺", *anew)
    assert halt_state(station, halt) == "imposed"


def test_a_line_converts_only_halts_that_name_nothing_else(station: Station) -> None:
    mine, other = station.cases["ordered"], station.cases["rectifying"]
    own, both = halted(station, "永安氧气", mine), halted(station, "永安氧气", other)
    decide(station, "--case", str(mine), unit="永安氧气", kind="partial", line="二号炉")
    see(station, 1, "partial")
    station.done(SUPERVISOR, "exit", "verify", 1, *OFFICERS)
    assert (halt_state(station, own), halt_state(station, both)) == ("converted", "imposed")


def test_what_was_rechecked_is_closed_under_a_halt_only_while_the_exit_runs(station: Station) -> None:
    """Of a line's exit only the line's own."""
    case = station.cases["rechecked"]
    halted(station, "永安氧气", case)
    says(refused(station, INSPECTOR, "close", case, exit_code=4), "a halt stands on it")
    line = ("--case", str(station.cases["ordered"]))
    decide(station, *line, unit="永安氧气", kind="partial", line="二号炉")
    refused(station, INSPECTOR, "close", case, exit_code=4)
    station.done(INSPECTOR, "amend", case, "--line", "二号炉", "--note", "属二号炉")
    station.done(INSPECTOR, "close", case)


# -- asking ------------------------------------------------------------------------------------------------------------


def test_it_waits_on_the_unit_then_on_who_verifies_it(station: Station) -> None:
    number = decided(station)

    def mine(who: str) -> list[Any]:
        return [row for row in station.told(who, "mine") if row["kind"] == "exit"]

    assert [row["exit"] for row in mine(UNIT)] == [number]
    assert mine(SUPERVISOR) == mine("张伟") == []
    see(station, number)
    assert (mine(UNIT), [row["exit"] for row in mine(SUPERVISOR)]) == ([], [number])
    station.done(SUPERVISOR, "exit", "verify", number, *OFFICERS)
    assert mine(SUPERVISOR) == []
    visits = [row for row in station.told(INSPECTOR, "mine") if row["kind"] == "follow_up"]
    assert [(row["exit"], row["unit"]) for row in visits] == [(number, STORE)], "the next visit, not all three"


def test_people_read_what_is_theirs(station: Station) -> None:
    number = decided(station)
    assert station.told(UNIT, "exit", "show", number)["unit"] == STORE
    assert [row["id"] for row in station.told(UNIT, "exit", "list")] == [number]
    assert station.told("张伟", "exit", "list") == []
    refused(station, "张伟", "exit", "show", number, exit_code=8)
    assert "二号炉" not in station.done(INSPECTOR, "exit", "show", number).stdout
    assert STORE in station.done(INSPECTOR, "exit", "list", "--state", "decided").stdout


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_all_that_speaks_against_it_is_named(station: Station) -> None:
    said = {"basis": "government", "interim": " ", "line": "一号库", "days": -1}
    error = refused(station, SUPERVISOR, *deciding(station, **said), exit_code=4)  # type: ignore[arg-type]  # texts but for the days
    assert len(error["reasons"]) == 4
    says(error, "the government's decision", "--interim", "lies before today", "--kind partial")


@pytest.mark.parametrize(
    ("said", "args", "why"),
    [
        ({"basis": "government", "body": "湖光县人民政府"}, (), "--number"),
        ({"basis": "government", "number": "12"}, (), "--body"),
        ({"kind": "partial"}, (), "--line T and --case"),
        ({"kind": "partial", "line": "一号库"}, (), "--line T and --case"),
        ({}, ("--case", "found elsewhere"), "leave out --line and --case"),
        ({"kind": "partial", "line": "一号库"}, ("--case", "ordered"), "another unit's"),
    ],
)
def test_a_decision_is_refused_with_its_reason(station: Station, said: Any, args: Any, why: str) -> None:
    named = [str(station.cases.get(each, each)) for each in args]
    says(refused(station, SUPERVISOR, *deciding(station, **said), *named, exit_code=4), why)


def test_one_exit_at_a_time(station: Station) -> None:
    number = decided(station)
    says(refused(station, SUPERVISOR, *deciding(station), exit_code=4), f"exit {number} is running already")
    line = str(station.find(STORE))
    partial = (*deciding(station, kind="partial", line="一号库"), "--case", line)
    says(refused(station, SUPERVISOR, *partial, exit_code=4), f"exit {number}")


def test_what_has_ended_joins_no_exit(station: Station) -> None:
    line = deciding(station, unit="永安氧气", kind="partial", line="二号炉")
    refused(station, SUPERVISOR, *line, "--case", str(station.cases["closed"]), exit_code=3)
    number = decided(station)
    refused(station, INSPECTOR, "exit", "add", number, station.cases["found elsewhere"], exit_code=3)
    refused(station, INSPECTOR, "exit", "add", number, station.cases["found"], exit_code=4)


def test_what_goes_with_another_line_joins_no_exit(station: Station) -> None:
    mine, other = station.cases["ordered"], station.cases["found"]
    number = int(decide(station, "--case", str(mine), unit="永安氧气", kind="partial", line="二号炉")["exit"]["id"])
    station.done(INSPECTOR, "amend", other, "--line", "一号炉", "--note", "属一号炉")
    says(refused(station, INSPECTOR, "exit", "add", number, other, exit_code=4), "of another line")


def test_nothing_is_verified_before_all_is_seen_and_all_goes_along(station: Station) -> None:
    number = decided(station)
    station.done(INSPECTOR, "exit", "step", number, "stopped", "--evidence", station.photo())
    late = station.find(STORE)
    error = refused(station, SUPERVISOR, "exit", "verify", number, "--by", "王敏", exit_code=4)
    assert len(error["reasons"]) == 3
    says(
        error, "two different officers", f"rectify exit step {number} disposed", f"rectify exit add {number}", str(late)
    )
    expired = ("--by", "王敏", "--by", "何静")
    says(refused(station, SUPERVISOR, "exit", "verify", number, *expired, exit_code=4), "何静")


def test_a_step_is_seen_once_with_evidence(station: Station) -> None:
    number = decided(station)
    says(refused(station, INSPECTOR, "exit", "step", number, "stopped", exit_code=4), "--evidence")
    station.done(INSPECTOR, "exit", "step", number, "stopped", "--evidence", station.photo())
    again = ("exit", "step", number, "stopped", "--evidence", station.photo())
    says(refused(station, INSPECTOR, *again, exit_code=4), "seen on site already")
    new_site = ("exit", "step", number, "new_site", "--evidence", station.photo())
    says(refused(station, INSPECTOR, *new_site, exit_code=4), "only a relocation")
    text = station.folder / "note.txt"
    text.write_text("no evidence")
    refused(station, INSPECTOR, "exit", "step", number, "removed", "--evidence", text, exit_code=9)


def test_what_was_ordered_is_not_given_back_without_a_date(station: Station) -> None:
    number = decided(station)
    error = refused(station, SUPERVISOR, "exit", "revoke", number, "--note", "撤回", exit_code=4)
    says(error, "--responsible", "--measure", "--due")
    far = ("--responsible", "刘洋", "--measure", "更换", "--due", station.day(99))
    says(refused(station, SUPERVISOR, "exit", "revoke", number, "--note", "撤回", *far, exit_code=4), "at most 30 days")


def test_only_what_had_gone_is_breached(station: Station) -> None:
    visit = look_back(station)
    number = decided(station)
    breach = ("exit", "breach", number, "--inspection", visit, "--note", "恢复生产")
    refused(station, INSPECTOR, *breach, exit_code=3)
    see(station, number)
    station.done(SUPERVISOR, "exit", "verify", number, *OFFICERS)
    elsewhere = look_back(station, "永安氧气")
    error = refused(station, INSPECTOR, *breach[:4], elsewhere, *breach[5:], exit_code=4)
    says(error, "another unit")
    before = look_back(station, STORE, "--on", station.day(-2))
    says(refused(station, INSPECTOR, *breach[:4], before, *breach[5:], exit_code=4), "before the exit was verified")
    station.done(INSPECTOR, *breach)
    refused(station, INSPECTOR, *breach, exit_code=3)
    late = refused(station, INSPECTOR, "exit", "visit", number, "--inspection", visit, exit_code=4)
    says(late, "no visit to it is planned any more")


def test_a_patrol_is_no_visit_that_counts(station: Station) -> None:
    number = verified(station)
    visit = station.told("周平", "inspect", STORE, "--by", "周平", "--kind", "patrol")["inspection"]["id"]
    says(
        refused(station, INSPECTOR, "exit", "visit", number, "--inspection", visit, exit_code=4),
        "two different officers",
    )
    elsewhere = look_back(station, "永安氧气")
    says(refused(station, INSPECTOR, "exit", "visit", number, "--inspection", elsewhere, exit_code=4), "another unit")


@pytest.mark.parametrize(
    ("who", "args", "why"),
    [
        ("冯军", (), "beyond_power"),  # a supervisor of a department that may not halt
        (INSPECTOR, (), "this takes"),
        (UNIT, (), "this takes"),
        ("孙丽", (), "this takes"),
    ],
)
def test_who_may_not_decide_is_told_who_would(station: Station, who: str, args: Any, why: str) -> None:
    says(refused(station, who, *deciding(station), *args, exit_code=8), why)


def test_who_may_not_move_it_is_told_who_would(station: Station) -> None:
    number = decided(station)
    photo = ("--evidence", station.photo())
    refused(station, UNIT, "exit", "step", number, "stopped", *photo, exit_code=8)
    refused(station, "陈涛", "exit", "add", number, station.cases["found"], exit_code=8)
    refused(station, INSPECTOR, "exit", "verify", number, *OFFICERS, exit_code=8)
    refused(station, INSPECTOR, "exit", "revoke", number, "--note", "撤回", exit_code=8)
    refused(station, UNIT, "exit", "breach", number, "--inspection", look_back(station), "--note", "恢复", exit_code=8)


def test_unknown_numbers(station: Station) -> None:
    refused(station, SUPERVISOR, *deciding(station, unit="无此单位"), exit_code=5)
    for verb in (("verify", *OFFICERS), ("revoke", "--note", "无"), ("show",)):
        says(refused(station, SUPERVISOR, "exit", verb[0], 99, *verb[1:], exit_code=5), "exit list")


def test_a_stale_version_writes_nothing(station: Station) -> None:
    number = decided(station)
    refused(station, INSPECTOR, "exit", "add", number, station.find(STORE), "--if-version", 7, exit_code=6)


def test_every_move_of_the_process_is_made_here_or_by_the_clock() -> None:
    made = {"decide", "add", "step", "verify", "revoke", "breach"}
    assert {move.trigger for move in leaving.MOVES} == {*made, "escalate"}  # tests/schedules/test_exits.py
    assert {move.trigger for move in follow_up.MOVES} == {"arrange", "visit", "drop", "recount", "escalate"}
    assert set(leaving.STEPS) == set(ExitKind)


def test_an_exit_that_is_refused_names_its_unit(station: Station) -> None:
    going = ("--kind", "shutdown", "--basis", "government", "--due", station.day(20), "--interim", "专人值守")
    says(
        refused(station, "赵刚", "exit", "decide", "永安氧气", *going, exit_code=4),
        "the exit of 永安氧气: decide is refused",
    )
