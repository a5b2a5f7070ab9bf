"""Halts through the real command line: every move of the process, and every refusal with its exit code and sentence."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import FRESH, OFFICERS, Station
from workflow.deadlines import months_after
from workflow.halt import HALT

UNIT, INSPECTOR, SUPERVISOR, ANOTHER = "张伟", "王敏", "赵刚", "钱勇"
FIRM = "永安氧气"


def imposing(station: Station, *cases: str, days: int = 60, kind: str = "temporary", **more: str) -> tuple[str, ...]:
    """Return what halts the firm for these cases."""
    named = [part for case in cases for part in ("--case", str(station.cases[case]))]
    said = {"scope": "part", "until": station.day(days), "reason": "边坡失稳", **more}
    options = [part for name, text in said.items() for part in (f"--{name}", text)]
    return ("halt", "impose", FIRM, "--kind", kind, *named, *options)


def impose(station: Station, *cases: str, who: str = SUPERVISOR, on_site: tuple[str, ...] = (), **more: Any) -> int:
    """Halt the firm; return the halt's number."""
    return int(station.told(who, *imposing(station, *cases, **more), *on_site)["halt"]["id"])


def asked_to_resume(station: Station, *cases: str, **more: Any) -> int:
    """Halt the firm and let it ask to resume."""
    number = impose(station, *cases, **more)
    station.done(UNIT, "halt", "request", number, "--note", "已加固")
    return number


def shown(station: Station, number: int) -> dict[str, Any]:
    found: dict[str, Any] = station.told(INSPECTOR, "halt", "show", number)
    return found


def triggers(station: Station, number: int) -> list[str]:
    return [step["trigger"] for step in shown(station, number)["steps"]]


# -- moves -------------------------------------------------------------------------------------------------------------


def test_a_unit_is_halted_for_named_hazards_and_stands_until_every_one_was_put_right(station: Station) -> None:
    rechecked, open_ = station.cases["rechecked"], station.cases["submitted"]
    number = impose(station, "rechecked", "submitted")
    halt = shown(station, number)
    assert (halt["unit"], halt["kind"], halt["scope"], halt["state"]) == (FIRM, "temporary", "part", "imposed")
    assert (halt["waiting_on"], halt["due_on"], halt["department"]) == ("unit", station.day(60), "县安监局")
    assert [case["id"] for case in halt["cases"]] == sorted([rechecked, open_])

    error = refused(station, INSPECTOR, "close", rechecked, exit_code=4)
    says(error, f"a halt stands on it: {number}")
    station.done(UNIT, "halt", "request", number, "--note", "已加固", "--evidence", station.photo())
    asked = shown(station, number)
    assert (asked["state"], asked["waiting_on"]) == ("resumption_requested", "department")
    assert asked["evidence"][0]["name"] == "after.jpg"
    got = station.told(INSPECTOR, "evidence", "get", number, "--of", "halt", "-o", station.folder / "out")
    assert [path.endswith("after.jpg") for path in got["files"]] == [True]
    error = refused(station, SUPERVISOR, "halt", "lift", number, *FRESH, "--note", "可恢复", exit_code=4)
    says(error, f"not rechecked yet: case {open_}")

    station.done(INSPECTOR, "recheck", "--pass", open_, *FRESH, "--note", "合格")
    told = station.told(SUPERVISOR, "halt", "lift", number, *FRESH, "--note", "可恢复")
    assert (told["halt"]["state"], told["halt"]["due_on"]) == ("lifted", None)
    assert triggers(station, number) == ["impose", "request", "lift"]
    says(refused(station, SUPERVISOR, "send-back", rechecked, "--note", "再查", exit_code=4), "a halt on it was lifted")
    assert station.told(INSPECTOR, "close", rechecked)["cases"][0]["state"] == "closed"
    assert [(each["id"], each["state"]) for each in station.show(rechecked)["halts"]] == [(number, "lifted")]
    assert station.told(INSPECTOR, "audit", "verify")["ok"]


def test_what_came_back_has_left_its_halt(station: Station) -> None:
    case = station.cases["rechecked"]
    number = impose(station, "rechecked", "ordered")
    station.done(SUPERVISOR, "void", case, "--reason", "mistaken", "--note", "误录")
    assert shown(station, number)["state"] == "imposed", "the halt stands for the other one"
    again = asked_to_resume(station, "submitted")
    station.done(INSPECTOR, "recheck", "--pass", station.cases["submitted"], *FRESH, "--note", "合格")
    station.done(SUPERVISOR, "halt", "lift", again, *FRESH, "--note", "可恢复")
    station.done(INSPECTOR, "close", station.cases["submitted"])
    station.done(INSPECTOR, "reopen", station.cases["submitted"], "--note", "复发")
    station.done(INSPECTOR, "order", station.cases["submitted"], *station.in_days())
    assert impose(station, "submitted") > again, "a new round may be halted anew"


def test_two_officers_impose_a_halt_on_site_and_their_supervisor_confirms_it(station: Station) -> None:
    number = impose(station, "ordered", who=INSPECTOR, on_site=OFFICERS)
    assert shown(station, number)["confirm_by"] is not None
    mine = [row for row in station.told(SUPERVISOR, "mine") if row["kind"] == "halt"]
    assert [(row["halt"], row["id"], row["unit"]) for row in mine] == [(number, station.cases["ordered"], FIRM)]
    assert station.told(SUPERVISOR, "halt", "confirm", number, "--note", "同意")["halt"]["state"] == "imposed"
    assert shown(station, number)["confirm_by"] is None
    assert triggers(station, number) == ["impose", "confirm"]
    assert not [row for row in station.told(SUPERVISOR, "mine") if row["kind"] == "halt"]
    says(refused(station, SUPERVISOR, "halt", "confirm", number, exit_code=4), "needs no confirmation")


def test_a_refused_request_leaves_the_halt_standing(station: Station) -> None:
    number = asked_to_resume(station, "ordered")
    assert [row["halt"] for row in station.told(SUPERVISOR, "mine") if row["kind"] == "halt"] == [number]
    assert not [row for row in station.told(UNIT, "mine") if row["kind"] == "halt"]
    says(refused(station, SUPERVISOR, "halt", "refuse", number, exit_code=4), "say why; add --note T")
    told = station.told(SUPERVISOR, "halt", "refuse", number, "--note", "西侧未处理")
    assert (told["halt"]["state"], told["halt"]["due_on"]) == ("imposed", station.day(60))
    assert [row["halt"] for row in station.told(UNIT, "mine") if row["kind"] == "halt"] == [number]
    assert shown(station, number)["note"] == "西侧未处理"


def test_a_temporary_halt_is_prolonged_to_six_months_in_all_and_no_further(station: Station) -> None:
    number = impose(station, "ordered", days=30)
    last = months_after(station.today, 6)
    says(_prolonged(station, number, last + timedelta(1), 4), f"until {last}", "6 months in all")
    says(_prolonged(station, number, station.today + timedelta(30), 4), "no later than the date that stands")
    told = _prolonged(station, number, last)
    assert (told["halt"]["until"], told["halt"]["due_on"], told["halt"]["state"]) == (last.isoformat(),) * 2 + (
        "imposed",
    )
    assert shown(station, number)["steps"][-1]["facts"]["was"] == station.day(30)


def _prolonged(station: Station, number: int, until: Any, exit_code: int = 0) -> dict[str, Any]:
    words = ("halt", "prolong", number, "--until", until, "--reason", "工程未完")
    if exit_code:
        return refused(station, SUPERVISOR, *words, exit_code=exit_code)
    told: dict[str, Any] = station.told(SUPERVISOR, *words)
    return told


def test_a_halt_is_revoked_and_lets_its_hazards_go(station: Station) -> None:
    unconfirmed = impose(station, "another rechecked", who=INSPECTOR, on_site=OFFICERS)
    number = impose(station, "rechecked")
    words = ("halt", "revoke", number, "--note", "撤销", "--reason")
    says(refused(station, SUPERVISOR, *words, "unconfirmed", exit_code=4), "waits for no confirmation")
    says(refused(station, SUPERVISOR, *words, "revoked", exit_code=4), "--number NO")
    told = station.told(SUPERVISOR, *words, "revoked", "--number", "（2026）行复1号")
    assert told["halt"]["state"] == "revoked"
    station.done(SUPERVISOR, "halt", "revoke", unconfirmed, "--reason", "unconfirmed", "--note", "未确认")
    for case in ("rechecked", "another rechecked"):
        assert station.told(INSPECTOR, "close", station.cases[case])["cases"][0]["state"] == "closed"


def test_a_penalty_has_its_decisions_number_and_no_end_but_its_own(station: Station) -> None:
    says(
        refused(station, SUPERVISOR, *imposing(station, "ordered", kind="penalty", days=400), exit_code=4),
        "--number NO",
    )
    number = impose(station, "ordered", kind="penalty", days=400, number="（2026）罚3号")
    assert shown(station, number)["number"] == "（2026）罚3号"


def test_another_kind_may_stand_beside_it(station: Station) -> None:
    assert impose(station, "ordered") < impose(station, "ordered", kind="stop_use")


# -- refusals ----------------------------------------------------------------------------------------------------------


def _anothers(station: Station) -> tuple[str, ...]:
    return imposing(station, "ordered elsewhere")


def _twice(station: Station) -> tuple[str, ...]:
    impose(station, "ordered", "rectifying")
    return imposing(station, "ordered")


REFUSED: dict[str, tuple[Callable[[Station], tuple[str, ...]], str]] = {
    "another unit's hazard": (_anothers, "of another unit: case"),
    "a closed hazard": (lambda station: imposing(station, "closed"), "at an end: case"),
    "twice": (_twice, "of this kind stands for case"),
    "too long": (lambda station: imposing(station, "ordered", days=200), "at most 6 months in all"),
    "in the past": (lambda station: imposing(station, "ordered", days=-1), "before the day it is imposed"),
    "no reason": (lambda station: imposing(station, "ordered", reason=" "), "--reason T"),
}


def test_a_halt_is_refused_with_its_reason(station: Station) -> None:
    for against, why in REFUSED.values():
        says(refused(station, SUPERVISOR, *against(station), exit_code=4), why)


def test_all_that_speaks_against_a_halt_is_named(station: Station) -> None:
    words = imposing(station, "closed", "ordered elsewhere", kind="penalty", days=-1)
    error = refused(station, INSPECTOR, *words, exit_code=4)
    assert len(error["reasons"]) == 5
    says(error, "of another unit", "at an end", "before the day", "--number NO", "two different officers")


def test_one_imposed_on_site_takes_two_certified_officers(station: Station) -> None:
    says(
        refused(station, INSPECTOR, *imposing(station, "ordered"), "--by", "王敏", exit_code=4),
        "two different officers",
    )
    words = (*imposing(station, "ordered"), "--by", "王敏", "--by", "何静")
    says(refused(station, INSPECTOR, *words, exit_code=4), "何静")


def test_a_department_that_may_not_halt_reports_up(station: Station) -> None:
    person = ("person", "add", "林涛", "--role", "supervisor", "--department", "东溪镇政府", "--login", "林涛")
    station.done(None, *person)
    case = station.cases["ordered"]
    error = refused(station, "林涛", *imposing(station, "ordered"), exit_code=8)
    says(error, "东溪镇政府 may not halt", f"rectify escalate {case} --reason beyond_power")
    told = station.told("林涛", "escalate", case, "--reason", "beyond_power", "--note", "请县局责令停产")
    assert told["cases"][0]["id"] == case
    station.done(None, "department", "edit", "东溪镇政府", "--may-halt")
    assert impose(station, "ordered", who="林涛"), "powers may be delegated"


def test_who_may_not_halt_is_told_who_may(unchanged: Station) -> None:
    for who in ("陈涛", "周平", "孙丽", UNIT):
        refused(unchanged, who, *imposing(unchanged, "ordered"), exit_code=8)


#: What is typed to decide each move of a halt, but for its number.
DECIDED = {
    "lift": (*FRESH, "--note", "可恢复"),
    "refuse": ("--note", "否"),
    "prolong": ("--until", "2099-01-01", "--reason", "未完"),
    "revoke": ("--reason", "mistaken", "--note", "误"),
    "confirm": (),
}


def test_only_the_department_that_imposed_it_decides(station: Station) -> None:
    number = asked_to_resume(station, "rechecked", who=INSPECTOR, on_site=OFFICERS)
    for verb, said in DECIDED.items():
        for who in ("冯军", INSPECTOR):
            error = refused(station, who, "halt", verb, number, *said, exit_code=8)
            says(error, "only a supervisor of the department that imposed it")


def test_another_unit_neither_asks_nor_reads(station: Station) -> None:
    number = impose(station, "ordered")
    refused(station, "刘洋", "halt", "request", number, "--note", "已加固", exit_code=8)
    refused(station, "刘洋", "halt", "show", number, exit_code=8)
    assert station.told("刘洋", "halt", "list") == []
    assert [row["id"] for row in station.told(UNIT, "halt", "list", "--state", "imposed")] == [number]


def test_what_has_ended_stays_ended(station: Station) -> None:
    number = impose(station, "ordered")
    station.done(SUPERVISOR, "halt", "revoke", number, *DECIDED["revoke"])
    for verb, said in DECIDED.items():
        says(refused(station, SUPERVISOR, "halt", verb, number, *said, exit_code=3), f"halt {number} is revoked")
    refused(station, UNIT, "halt", "request", number, "--note", "已加固", exit_code=3)


def test_what_is_not_there_is_named(station: Station) -> None:
    says(refused(station, SUPERVISOR, "halt", "show", 99, exit_code=5), "no halt 99; type: rectify halt list")
    says(refused(station, SUPERVISOR, "halt", "confirm", 99, exit_code=5), "no halt 99")
    refused(station, SUPERVISOR, "halt", "lift", 99, *FRESH, "--note", "可恢复", exit_code=5)
    words = ("halt", "impose", "没有的厂", *imposing(station, "ordered")[3:])
    says(refused(station, SUPERVISOR, *words, exit_code=5), "没有的厂")


def test_a_version_that_passed_is_not_moved(station: Station) -> None:
    number = impose(station, "ordered")
    station.done(UNIT, "halt", "request", number, "--note", "已加固")
    words = ("halt", "refuse", number, "--note", "否", "--if-version")
    says(refused(station, SUPERVISOR, *words, 1, exit_code=6), "it is at version 2", f"rectify halt show {number}")
    assert station.told(SUPERVISOR, *words, 2)["halt"]["version"] == 3


def test_a_halt_is_recorded_late_but_not_before_its_hazards_last_move(station: Station) -> None:
    words = imposing(station, "ordered")
    says(refused(station, SUPERVISOR, *words, *station.at(-3, "09:00"), exit_code=4), "after the time given")
    says(refused(station, SUPERVISOR, *words, *station.at(1, "09:00"), exit_code=4), "future")
    number = int(station.told(SUPERVISOR, *words, *station.at(-1, "09:00"))["halt"]["id"])
    assert shown(station, number)["imposed_at"].startswith(station.day(-1))
    station.done(UNIT, "halt", "request", number, "--note", "已加固", "--at", station.day(-1))


# -- asking ------------------------------------------------------------------------------------------------------------


def test_a_unit_and_a_case_tell_of_their_halts(station: Station) -> None:
    number = impose(station, "ordered", "rectifying")
    unit = station.told(INSPECTOR, "unit", "show", FIRM)["unit"]
    assert [(halt["id"], halt["state"]) for halt in unit["halts"]] == [(number, "imposed")]
    assert unit["halts"][0]["cases"] == sorted([station.cases["ordered"], station.cases["rectifying"]])
    assert [halt["id"] for halt in station.show(station.cases["ordered"])["halts"]] == [number]
    assert station.show(station.cases["submitted"])["halts"] == []
    assert [row["id"] for row in station.told(INSPECTOR, "halt", "list", "--unit", FIRM)] == [number]
    assert str(number) in station.done(INSPECTOR, "halt", "list").stdout
    assert "永安氧气" in station.done(INSPECTOR, "halt", "show", number).stdout


def test_next_says_that_a_halt_stands(station: Station) -> None:
    number = impose(station, "rechecked")
    moves = {each["trigger"]: each for each in station.told(INSPECTOR, "next", station.cases["rechecked"])}
    assert any(f"a halt stands on it: {number}" in reason for reason in moves["close"]["missing"])


def test_a_halt_that_ends_soon_makes_its_hazards_stuck(station: Station) -> None:
    case = station.cases["rechecked"]
    number = impose(station, "rechecked", days=5)
    assert impose(station, "ordered", days=90)
    stuck = station.told(INSPECTOR, "stuck", "--reason", "halt_ending")
    assert [row["id"] for row in stuck] == [case]
    assert "halt_ending" in stuck[0]["reasons"]
    station.done(SUPERVISOR, "halt", "revoke", number, "--reason", "mistaken", "--note", "误")
    assert station.told(INSPECTOR, "stuck", "--reason", "halt_ending") == []


def test_a_regraded_hazard_takes_its_halt_along(station: Station) -> None:
    number = impose(station, "ordered")
    case = station.cases["ordered"]
    station.done(INSPECTOR, "regrade", case, "--grade", "major", "--basis", "判定标准第3条")
    assert shown(station, number)["steps"][-1]["facts"] == {"cases": [case], "fired_by": "regrade"}
    assert station.told(INSPECTOR, "audit", "verify")["ok"]


def test_every_typed_move_of_the_process_is_made_here() -> None:
    typed = {trigger for trigger in HALT.authorities if HALT.command_of(trigger)}
    assert typed == {"impose", "confirm", "request", "refuse", "lift", "prolong", "revoke"}


def test_mine_names_the_halt_beside_the_case(station: Station) -> None:
    for case in ("submitted", "rechecked"):
        number = asked_to_resume(station, case)
    heading, _, *rows = station.done(SUPERVISOR, "mine").stdout.splitlines()
    at = heading.index("halt")
    assert str(number) in [row[at : at + len("halt")].strip() for row in rows]


def test_show_tells_of_the_exit_in_words(station: Station) -> None:
    going = ("--kind", "shutdown", "--basis", "voluntary", "--due", station.day(20), "--interim", "专人值守")
    station.done(SUPERVISOR, "exit", "decide", FIRM, *going)
    told = station.done(INSPECTOR, "show", station.cases["found"]).stdout
    assert "{" not in told
    assert "stopped, disposed, removed, licence" in told
