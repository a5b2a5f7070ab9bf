"""What bad input gets: one line, the right exit code, every reason, and nothing written – on both stores."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import column, select, table, update

from cases.store import open_store
from cases.tables import forbidden_attempts, hazards
from tests.acceptance.refusing import error_of, refused, says
from tests.acceptance.station import OFFICERS, PLAN, Station
from tests.cli import Result

Args = tuple[object, ...]
ROUTINE = ("inspect", "永安氧气")
NOTE = ("--note", "合格")


@dataclass(frozen=True)
class Mistake:
    """A command that must be refused: who types what, the exit code, and what the line says."""

    name: str
    who: str
    args: Callable[[Station], Args]
    exit_code: int
    says: tuple[str, ...] = ()
    #: How many reasons are told at least.
    reasons: int = 0


def case(name: str, *more: object, before: Args = ()) -> Callable[[Station], Args]:
    """Return a command about one of the station's cases: `before`, the case's number, `more`."""
    return lambda station: (*before, station.cases[name], *more)


def order(*names: str, by: Callable[[Station], Args] = lambda station: station.in_days()) -> Callable[[Station], Args]:
    """Return an order of these cases."""
    return lambda station: ("order", *(station.cases[name] for name in names), *by(station))


def recheck(name: str, *officers: str, failing: bool = False, more: Args = NOTE) -> Callable[[Station], Args]:
    """Return a recheck of a case by these officers."""
    return lambda station: (
        "recheck", "--fail" if failing else "--pass", station.cases[name],
        *(each for officer in officers for each in ("--by", officer)), *more,
    )  # fmt: skip


def fixed(*args: object) -> Callable[[Station], Args]:
    return lambda _: args


UNKNOWN = [
    Mistake("case", "王敏", fixed("show", 99999), 5, ("no case 99999", "rectify list")),
    Mistake("case to move", "王敏", fixed("close", 99999), 5, ("99999",)),
    Mistake("cases, several", "王敏", fixed("start", 99998, 99999), 5, ("99998", "99999")),
    Mistake("case of a duplicate", "赵刚", case("found", "--reason", "duplicate", "--of", 99999, "--note", "同", before=("void",)), 5, ("99999",)),
    Mistake("unit", "王敏", fixed("inspect", "永安氧汽", *OFFICERS), 5, ("永安氧汽", "did you mean 永安氧气")),
    Mistake("unit by number", "王敏", fixed("inspect", "id:99999", *OFFICERS), 5, ("id:99999",)),
    Mistake("unit to order", "王敏", lambda s: ("order", s.cases["found"], *s.in_days(), "--to", "宏达冷厍"), 5, ("did you mean 宏达冷库",)),
    Mistake("person on site", "王敏", fixed(*ROUTINE, "--by", "王敏", "--by", "李墙"), 5, ("did you mean 李强",)),
    Mistake("person at a recheck", "王敏", recheck("ordered", "王敏", "李墙"), 5, ("did you mean 李强",)),
    Mistake("person to take it", "赵刚", case("found", "--to", "李墙", before=("assign",)), 5, ("did you mean 李强",)),
    Mistake("person to act for", "孙丽", lambda s: ("close", s.cases["rechecked"], "--as", "王民"), 5, ("did you mean 王敏",)),
    Mistake("approver", "王敏", lambda s: ("order", s.cases["found"], *s.in_days(), "--approved-by", "赵钢", "--why", "难"), 5, ("did you mean 赵刚",)),
    Mistake("department", "赵刚", case("found", "--to", "县消防大对", "--note", "移", before=("transfer",)), 5, ("did you mean 县消防大队",)),
    Mistake("campaign", "王敏", fixed(*ROUTINE, *OFFICERS, "--campaign", "大检查"), 5, ("大检查",)),
    Mistake("inspection", "王敏", fixed("record", 99999, "堵塞", "--grade", "general"), 5, ("99999", "rectify inspections list")),
    Mistake("order", "王敏", fixed("serve", "id:99999", "--receipt", "张伟"), 5, ("id:99999", "rectify orders list")),
    Mistake("last order of nobody", "陈涛", fixed("serve", "last", "--receipt", "张伟"), 5, ("last",)),
    Mistake("area", "王敏", fixed("list", "--area", "东西镇"), 5, ("did you mean",)),
    Mistake("command", "王敏", fixed("recheckk"), 2, ("did you mean recheck",)),
]  # fmt: skip

WRONG_STATE = [
    Mistake("close what was found", "王敏", case("found", before=("close",)), 3, ("found", "close", "order", "correct")),
    Mistake("submit what was found", "张伟", case("found", "--done", "好", before=("submit",)), 3),
    Mistake("start what was submitted", "张伟", case("submitted", before=("start",)), 3),
    Mistake("order what is closed", "王敏", order("closed"), 3, ("closed", "reopen")),
    Mistake("order what was submitted", "王敏", order("submitted"), 3),
    Mistake("recheck what was found", "王敏", recheck("found", "王敏", "李强"), 3),
    Mistake("fail what was closed", "王敏", lambda s: ("recheck", "--fail", s.cases["closed"], *OFFICERS, *NOTE, *s.in_days()), 3),
    Mistake("reopen what is open", "王敏", case("ordered", "--note", "又", before=("reopen",)), 3),
    Mistake("void what is voided", "赵刚", case("voided", "--reason", "mistaken", "--note", "误", before=("void",)), 3),
    Mistake("send back what was submitted", "赵刚", case("submitted", "--note", "误", before=("send-back",)), 3),
    Mistake("correct what was ordered", "王敏", lambda s: ("correct", s.cases["ordered"], "--evidence", s.photo()), 3),
    Mistake("release what is open", "赵刚", case("found", "--note", "好", before=("release",)), 3),
]  # fmt: skip

MISSING = [
    Mistake("no person", "王敏", lambda s: ("order", s.cases["found"], "--measure", "分", "--due", s.day(9)), 2, ("--responsible",)),
    Mistake("no measure", "王敏", lambda s: ("order", s.cases["found"], "--responsible", "张", "--due", s.day(9)), 2, ("--measure",)),
    Mistake("no date", "王敏", lambda s: ("order", s.cases["found"], "--responsible", "张", "--measure", "分"), 2, ("--due",)),
    Mistake("empty person", "王敏", lambda s: ("order", s.cases["found"], "--responsible", " ", "--measure", "分", "--due", s.day(9)), 4, ("--responsible",), 1),
    Mistake("date for one of two", "王敏", lambda s: ("order", s.cases["found"], s.cases["ordered"], "--responsible", "张", "--measure", "分", "--due", f"{s.cases['found']}={s.day(9)}"), 4, ("--due",), 1),
    Mistake("date that is none", "王敏", lambda s: ("order", s.cases["found"], "--responsible", "张", "--measure", "分", "--due", "soon"), 2, ("soon",)),
    Mistake("three-fixed of what failed", "王敏", recheck("ordered", "王敏", "李强", failing=True), 4, ("--responsible", "--measure", "--due"), 1),
    Mistake("evidence of a major one", "张伟", case("major ordered", "--done", "好", before=("submit",)), 4, ("--evidence",), 1),
    Mistake("how it was served", "王敏", fixed("serve", "id:1"), 2, ("--receipt",)),
    Mistake("witness of a refusal", "王敏", fixed("serve", "id:1", "--refused", "不在"), 2, ("--witness",)),
    Mistake("what was rechecked", "王敏", fixed("recheck", *OFFICERS, *NOTE), 2, ("--pass",)),
    Mistake("number of what revoked it", "赵刚", case("found", "--reason", "revoked", "--note", "复议", before=("void",)), 4, ("--number",), 1),
    Mistake("note of blanks", "赵刚", case("rechecked", "--note", "  ", before=("send-back",)), 4, ("--note",), 1),
    Mistake("plan of a major one", "钱勇", case("major rechecked", before=("close",)), 4, ("plan",), 1),
]  # fmt: skip

DATES = [
    Mistake("before the day of the order", "王敏", order("found", by=lambda s: s.in_days(-1)), 4, ("before the day of the order",), 1),
    Mistake("beyond the limit of a general one", "王敏", order("found", by=lambda s: s.in_days(31)), 4, ("at most 30 days", "--approved-by"), 1),
    Mistake("beyond the limit of a major one", "王敏", order("major found", by=lambda s: s.in_days(181)), 4, ("at most 180 days",), 1),
    Mistake("approved by an inspector", "王敏", order("found", by=lambda s: (*s.in_days(31), "--approved-by", "李强", "--why", "难")), 4, ("--approved-by",), 1),
    Mistake("approved without a reason", "王敏", order("found", by=lambda s: (*s.in_days(31), "--approved-by", "赵刚")), 4, ("--why",), 1),
    Mistake("failed beyond the limit", "王敏", lambda s: ("recheck", "--fail", s.cases["ordered"], *OFFICERS, *NOTE, *s.in_days(31)), 4, ("at most 30 days",), 1),
    Mistake("acknowledged too long", "赵刚", lambda s: ("acknowledge", s.cases["found"], "--until", s.day(31), "--note", "途"), 4, reasons=1),
    Mistake("listed until yesterday", "赵刚", lambda s: ("supervise", s.cases["found"], "--body", "县安监局", "--number", "1", "--due", s.day(-1)), 4, reasons=1),
    Mistake("in the future", "王敏", lambda s: ("note", s.cases["found"], "好", *s.at(1, "10:00")), 4, ("in the future",), 1),
    Mistake("a visit in the future", "王敏", lambda s: (*ROUTINE, *OFFICERS, "--on", s.day(1)), 4, ("in the future",), 1),
    Mistake("before the last step that moved it", "王敏", lambda s: ("start", s.cases["ordered"], *s.at(-3, "09:50")), 4, ("moved at",), 1),
    Mistake("closed before it was rechecked", "王敏", lambda s: ("close", s.cases["rechecked"], *s.at(-3, "13:30")), 4, ("moved at",), 1),
    Mistake("corrected on another day", "王敏", lambda s: ("correct", s.cases["found"], "--evidence", s.photo()), 4, ("day of the inspection",), 1),
    Mistake("a time that is none", "王敏", case("found", "好", "--at", "yesterday-ish", before=("note",)), 9, ("yesterday-ish", "2026-09-01 10:30")),
]  # fmt: skip

ON_SITE = [
    Mistake("one inspector", "王敏", fixed(*ROUTINE, "--by", "王敏"), 4, ("two different officers",), 1),
    Mistake("the same twice", "王敏", fixed(*ROUTINE, "--by", "王敏", "--by", "王敏"), 4, ("two different officers",), 1),
    Mistake("an expired certificate", "王敏", fixed(*ROUTINE, "--by", "王敏", "--by", "何静"), 4, ("certificate", "何静"), 1),
    Mistake("a clerk without a certificate", "王敏", fixed(*ROUTINE, "--by", "王敏", "--by", "孙丽"), 4, ("孙丽",), 1),
    Mistake("a recheck by one", "王敏", recheck("ordered", "王敏"), 4, ("two different officers",), 1),
    Mistake("a recheck by the same twice", "王敏", recheck("ordered", "王敏", "王敏"), 4, ("two different officers",), 1),
    Mistake("a recheck without a certificate", "王敏", recheck("ordered", "王敏", "何静"), 4, ("何静",), 1),
    Mistake("the responsible person rechecking", "王敏", recheck("ordered to 李强", "王敏", "李强"), 4, ("person responsible", "李强"), 1),
    Mistake("only finders at a major one", "王敏", recheck("major ordered", "王敏", "李强"), 4, ("--waive-by",), 1),
    Mistake("a rechecker closing a major one", "赵刚", case("major rechecked", before=("close",)), 4, ("赵刚 rechecked it",), 1),
]  # fmt: skip

POWERS = [
    Mistake("an inspector closing a major one", "王敏", case("major rechecked", before=("close",)), 8, ("supervisor",)),
    Mistake("a patroller ordering", "周平", order("found"), 8, ("patroller", "inspector")),
    Mistake("a patroller on a routine visit", "周平", fixed(*ROUTINE, *OFFICERS), 8, ("patroller",)),
    Mistake("a department that may not order", "吴江", order("found"), 8, ("东溪镇政府 may not order", "rectify escalate")),
    Mistake("somebody from another area", "陈涛", order("found"), 8, ("陈涛", "330109001")),
    Mistake("a visit to another area", "陈涛", fixed(*ROUTINE, *OFFICERS), 8, ("陈涛",)),
    Mistake("a contact at another unit's case", "刘洋", case("ordered", "--done", "好", before=("submit",)), 8, ("another unit",)),
    Mistake("a contact reading another unit's case", "刘洋", case("ordered", before=("show",)), 8, ("another unit",)),
    Mistake("a contact reading another unit's history", "刘洋", case("ordered", before=("history",)), 8, ("another unit",)),
    Mistake("a contact closing", "张伟", case("rechecked", before=("close",)), 8, ("contact",)),
    Mistake("an inspector voiding", "王敏", case("found", "--reason", "mistaken", "--note", "误", before=("void",)), 8, ("supervisor",)),
    Mistake("an inspector lowering a grade", "王敏", lambda s: ("regrade", s.cases["major found"], "--grade", "general", "--basis", "轻", "--evidence", s.photo()), 8),
    Mistake("another department answering a transfer", "赵刚", case("found", before=("accept",)), 4, ("no transfer",), 1),
    Mistake("an inspector acting for another", "王敏", case("rechecked", "--as", "赵刚", before=("close",)), 8, ("--as",)),
    Mistake("a clerk moving a case", "孙丽", case("rechecked", before=("close",)), 8, ("clerk",)),
    Mistake("an inspector adding people", "王敏", fixed("person", "add", "新人", "--role", "clerk", "--department", "县安监局"), 8, ("administrators",)),
    Mistake("nobody", "路人", case("found", "好", before=("note",)), 8, ("路人 is nobody here", "rectify person add")),
    Mistake("nobody asking", "路人", fixed("list"), 8, ("路人 is nobody here",)),
]  # fmt: skip

SEVERAL = [
    Mistake("one of five cannot", "王敏", lambda s: ("close", *(s.cases[n] for n in ("rechecked", "corrected", "another rechecked", "third rechecked", "found"))), 3, ("found", "cannot close")),
    Mistake("three of five cannot", "王敏", lambda s: ("start", *(s.cases[n] for n in ("ordered", "found", "submitted", "ordered twice", "closed"))), 3, ("3 of the cases",), 3),
    Mistake("two units on one order", "王敏", order("found", "found elsewhere"), 4, ("2 units",), 2),
    Mistake("two units at one recheck", "王敏", lambda s: ("recheck", "--pass", s.cases["ordered"], "--pass", s.cases["ordered elsewhere"], *OFFICERS, *NOTE), 4, ("2 units",), 2),
    Mistake("two units failing at one recheck", "王敏", lambda s: ("recheck", "--fail", s.cases["ordered"], "--fail", s.cases["ordered elsewhere"], *OFFICERS, *NOTE, *s.in_days()), 4, ("2 units",), 2),
    Mistake("passing and failing", "王敏", lambda s: ("recheck", "--pass", s.cases["ordered"], "--fail", s.cases["ordered"], *OFFICERS, *NOTE, *s.in_days()), 4, ("both",)),
    Mistake("an item of a case that is not there", "王敏", lambda s: ("order", s.cases["found"], *s.in_days(), "--due", f"99999={s.day(3)}"), 2, ("99999",)),
]  # fmt: skip

TEXTS = [
    Mistake("a control character", "王敏", case("found", "好\x07了", before=("note",)), 9, ("U+0007",)),
    Mistake("an escape to the terminal", "张伟", case("ordered", "--done", "\x1b[2J好", before=("submit",)), 9, ("U+001B",)),
    Mistake("a character that turns the line around", "王敏", case("found", "好\u202e了", before=("note",)), 9, ("U+202E",)),
    Mistake("a null", "王敏", recheck("ordered", "王敏", "李强", more=("--note", "合\x00格")), 9, ("U+0000",)),
    Mistake("half a character", "王敏", case("found", "好\udcff", before=("note",)), 9, ("U+DCFF",)),
    Mistake("a note of 100 kB", "王敏", case("found", "好" * 34_000, before=("note",)), 9, ("34000 characters",)),
    Mistake("a hazard of 100 kB", "王敏", fixed("record", 1, "a" * 100_000, "--grade", "general"), 9, ("100000 characters",)),
    Mistake("a measure of 100 kB", "王敏", lambda s: ("order", s.cases["found"], "--responsible", "张", "--measure", "a" * 100_000, "--due", s.day(9)), 9, ("100000 characters",)),
    Mistake("a name of 100 kB", "王敏", fixed("inspect", "a" * 100_000, *OFFICERS), 5),
    Mistake("a name with an escape", "王敏", fixed("inspect", "\x1b[2J", *OFFICERS), 9, ("U+001B",)),
    Mistake("a name with a null", "王敏", fixed("inspect", "永\x00安", *OFFICERS), 9, ("U+0000",)),
    Mistake("a name with half a character", "王敏", fixed("serve", "\udcff", "--receipt", "张伟"), 9, ("U+DCFF",)),
    Mistake("a filter with a null", "王敏", fixed("list", "--text", "\x00"), 9, ("U+0000",)),
    Mistake("a number of 100 kB", "王敏", fixed("serve", "9" * 100_000, "--receipt", "张伟"), 5),
    Mistake("a case number of 100 kB", "王敏", fixed("show", "9" * 3_000), 2),
    Mistake("an empty hazard", "王敏", fixed("record", 1, "  ", "--grade", "general"), 9),
    Mistake("funds that are no amount", "王敏", lambda s: ("plan", s.cases["found"], *PLAN, "--funds", "很多", "--deadline", s.day(9)), 9, ("很多",)),
]  # fmt: skip

ALL = {
    "unknown": UNKNOWN, "state": WRONG_STATE, "missing": MISSING, "dates": DATES, "on site": ON_SITE, "powers": POWERS,
    "several": SEVERAL, "texts": TEXTS,
}  # fmt: skip


@pytest.mark.parametrize(
    "mistake", [pytest.param(each, id=f"{kind}: {each.name}") for kind, mistakes in ALL.items() for each in mistakes]
)
def test_a_mistake_is_answered_in_one_line_and_writes_nothing(unchanged: Station, mistake: Mistake) -> None:
    error = refused(unchanged, mistake.who, *mistake.args(unchanged), exit_code=mistake.exit_code)
    says(error, *mistake.says)
    assert len(error["reasons"]) >= mistake.reasons, error
    assert all(reason in error["message"] for reason in error["reasons"])


# -- every reason, not the first ---------------------------------------------------------------------------------------


def test_an_order_with_three_mistakes_names_all_three(unchanged: Station) -> None:
    error = refused(
        unchanged, "王敏", "order", unchanged.cases["major found"], "--responsible", "张伟", "--measure", " ",
        "--due", unchanged.day(200), exit_code=4,
    )  # fmt: skip
    says(error, "must all be named", "at most 180 days", "interim safety measures")
    assert len(error["reasons"]) == 3


def test_a_recheck_with_four_mistakes_names_all_four(unchanged: Station) -> None:
    case = unchanged.cases["ordered to 李强"]
    error = refused(
        unchanged, "王敏", "recheck", "--pass", case, "--by", "李强", "--by", "何静", "--note", " ", exit_code=4
    )
    says(error, "certificate", "opinion", "person responsible")
    error = refused(
        unchanged, "王敏", "recheck", "--pass", unchanged.cases["ordered unserved"], "--by", "何静", "--note", " ",
        *unchanged.at(1, "10:00"), exit_code=4,
    )  # fmt: skip
    says(error, "in the future", "not served yet", "two different officers", "certificate", "opinion")
    assert len(error["reasons"]) == 5


def test_a_visit_with_three_mistakes_names_all_three(unchanged: Station) -> None:
    error = refused(
        unchanged, "王敏", *ROUTINE, "--by", "何静", "--on", unchanged.day(2), "--start", "11:00", "--end", "09:00",
        exit_code=4,
    )  # fmt: skip
    says(error, "two different officers", "何静", "in the future", "before it starts")
    assert len(error["reasons"]) == 4


def test_several_cases_each_name_what_each_lacks(unchanged: Station) -> None:
    first, second = unchanged.cases["found"], unchanged.cases["ordered"]
    error = refused(unchanged, "王敏", "order", first, second, *unchanged.in_days(40), exit_code=4)
    says(error, f"case {first}: general hazards get at most 30 days", f"case {second}: general hazards get at most")
    assert len(error["reasons"]) == 2


def test_a_paper_over_two_units_also_says_what_else_is_wrong_with_it(unchanged: Station) -> None:
    cases = unchanged.cases["found"], unchanged.cases["found elsewhere"]
    error = refused(unchanged, "王敏", "order", *cases, *unchanged.in_days(40), exit_code=4)
    says(error, "2 units", "at most 30 days")


# -- evidence ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.jpg", None, "no such file"),
        ("empty.jpg", b"", "is empty"),
        ("huge.jpg", b"huge", "bytes"),
        ("disguised.jpg", b"%PDF-1.7", "does not begin like a .jpg"),
        ("program.exe", b"MZ", "is no kind of evidence"),
        ("script.png", b"#!/bin/sh\nrm -rf ~", "does not begin like a .png"),
        ("..\\..\\escaped.jpg", b"\xff\xd8\xff", "rename it"),
        ("line\nbreak.jpg", b"\xff\xd8\xff", "rename it"),
        ("bell\x07.jpg", b"\xff\xd8\xff", "U+0007"),
        (".", None, "is a folder; name the files in it"),
        ("../../../../../../etc/passwd", None, "is no kind of evidence"),
    ],
)
def test_evidence_that_is_none_is_not_taken(unchanged: Station, name: str, content: bytes | None, said: str) -> None:
    file = unchanged.folder / name
    if content is not None:
        file.write_bytes(content)
    if content == b"huge":
        with file.open("r+b") as stream:  # a hole: nothing is written to the disk
            stream.write(b"\xff\xd8\xff")
            stream.truncate(2**31)
    for command in (("submit", unchanged.cases["ordered"], "--done", "好"), ("note", unchanged.cases["found"], "好")):
        error = refused(unchanged, "王敏", *command, "--evidence", file, exit_code=9)
        says(error, said)


def test_every_bad_file_is_named(unchanged: Station) -> None:
    files = [unchanged.folder / name for name in ("gone1.jpg", "gone2.jpg")]
    given = [each for file in files for each in ("--evidence", file)]
    error = refused(unchanged, "王敏", "note", unchanged.cases["found"], "好", *given, exit_code=9)
    assert len(error["reasons"]) == 2


# -- version, precedence, the log of attempts --------------------------------------------------------------------------


def test_a_case_that_moved_meanwhile_is_not_moved_again(unchanged: Station) -> None:
    case = unchanged.cases["ordered"]
    seen = unchanged.show(case)["version"] - 1
    says(refused(unchanged, "张伟", "start", case, "--if-version", seen, exit_code=6), str(case))


LONG = "好" * 34_000
PRECEDENCE: list[tuple[int, int, str, Callable[[Station], Args]]] = [
    (2, 7, "王敏", fixed("start", "x", "--db", "/nowhere/rectify.db")),
    (2, 9, "王敏", lambda s: ("start", "--at", "never")),
    (7, 9, "王敏", lambda s: ("start", s.cases["ordered"], "--at", "never", "--db", "/nowhere/rectify.db")),
    (7, 8, "路人", fixed("list", "--db", "/nowhere/rectify.db")),
    (9, 5, "王敏", fixed("note", 99999, LONG)),
    (9, 5, "王敏", fixed("serve", "id:99999", "--receipt", LONG)),
    (9, 5, "赵刚", fixed("void", 99999, "--reason", "duplicate", "--of", 99998, "--note", LONG)),
    (9, 5, "王敏", fixed("reopen", 99999, "--note", LONG)),
    (9, 5, "赵刚", fixed("orders", "withdraw", "id:99999", "--reason", "mistake", "--note", LONG)),
    (9, 5, "赵刚", fixed("transfer", 99999, "--to", "没有", "--note", LONG)),
    (9, 5, "赵刚", lambda s: ("supervise", 99999, "--body", "没有", "--number", LONG, "--due", s.day(9))),
    (9, 5, "王敏", fixed("plan", 99999, *PLAN, "--funds", "很多", "--deadline", "2027-01-01")),
    (9, 5, "王敏", lambda s: ("order", 99999, *s.in_days(), "--why", LONG, "--approved-by", "没有")),
    (9, 5, "王敏", fixed("recheck", "--pass", 99999, "--by", "没有", "--note", LONG)),
    (9, 8, "周平", case("found", LONG, before=("note",))),
    (9, 3, "王敏", lambda s: ("submit", s.cases["found"], "--done", "好", "--evidence", s.folder / "none.jpg")),
    (9, 4, "王敏", lambda s: ("order", s.cases["found"], *s.in_days(99), "--why", LONG)),
    (5, 8, "周平", lambda s: ("order", 99999, *s.in_days())),
    (5, 8, "周平", fixed("assign", 99999, "--to", "没有")),
    (5, 3, "王敏", lambda s: ("close", s.cases["found"], 99999)),
    (5, 4, "王敏", fixed("inspect", "没有", "--by", "王敏")),
    (8, 3, "周平", case("found", before=("close",))),
    (8, 3, "周平", case("found", "--note", "又", before=("reopen",))),
    (8, 4, "周平", lambda s: ("order", s.cases["found"], s.cases["found elsewhere"], *s.in_days(99))),
    (8, 4, "周平", fixed(*ROUTINE, "--by", "周平")),
    (8, 4, "王敏", lambda s: ("close", s.cases["rechecked"], s.cases["major rechecked"], *s.at(1, "10:00"))),
    (8, 6, "周平", case("found", before=("close", "--if-version", 99))),
    (3, 4, "张伟", case("found", "--done", " ", before=("submit",))),
    (3, 4, "王敏", lambda s: ("order", s.cases["submitted"], s.cases["found elsewhere"], *s.in_days(99))),
    (3, 6, "王敏", case("found", before=("close", "--if-version", 99))),
    (4, 6, "张伟", case("ordered unserved", before=("start", "--if-version", 99))),
    (4, 6, "王敏", lambda s: ("order", s.cases["found"], *s.in_days(99), "--if-version", 99)),
]


@pytest.mark.parametrize(
    ("first", "then", "who", "args"), PRECEDENCE, ids=lambda value: str(value) if isinstance(value, int) else ""
)
def test_of_two_mistakes_the_contract_says_which_is_told(
    unchanged: Station, first: int, then: int, who: str, args: Callable[[Station], Args]
) -> None:
    refused(unchanged, who, *args(unchanged), exit_code=first)


def test_whoever_tried_what_is_forbidden_is_remembered(station: Station) -> None:
    refused(station, "周平", "close", station.cases["found"], exit_code=8)
    refused(station, "刘洋", "show", station.cases["found"], exit_code=8)
    refused(station, "路人", "list", exit_code=8)
    refused(station, "王敏", "mine", "--as", "赵刚", exit_code=8)
    store = open_store(station.store)
    with closing(store), store.read() as tx:
        tried = [(row.login, row.command) for row in tx.all(select(forbidden_attempts))]
    each = [("周平", "close"), ("刘洋", "show"), ("路人", "list"), ("王敏", "mine")]
    assert tried == [attempt for attempt in each for _ in range(2)]  # with and without --json


def test_history_keeps_who_acted_and_who_recorded(station: Station) -> None:
    station.done("孙丽", "close", station.cases["rechecked"], "--as", "王敏")
    last = station.history(station.cases["rechecked"])[-1]
    assert (last["trigger"], last["actor"], last["recorded_by"]) == ("close", "王敏", "孙丽")


# -- a policy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x"\n[dates]\ngeneral = 30\nlarger = 60\nmajor = 180\nmajro = 1\nrolls = false\nsource = "s"\n', ("line 6", "dates.majro", "did you mean major?")),
        ('title = "x"\n[limits]\nserve = { days = "seven", working = false, source = "s" }\n', ("line 3", "limits.serve.days", "whole number")),
        ('title = "x"\n[limits]\nserve = { days = 7, working = false }\n', ("line 3", "limits.serve.source", "missing")),
        ('title = "x"\n[ladders.major]\nsource = "s"\nrungs = [{ days = 7, rank = "city" }, { days = 1, rank = "county" }]\n', ("ladders.major",)),
        ('title = \n', ("line 1",)),
        ('title = "x"\ntitle = "y"\n', ("line 2",)),
        ("\x00\x01", ("cannot be used as a policy",)),
    ],
    ids=["wrong key", "wrong type", "no source", "wrong order", "no value", "twice", "no TOML"],
)  # fmt: skip
def test_a_wrong_policy_is_told_line_and_key(unchanged: Station, text: str, said: tuple[str, ...]) -> None:
    file = unchanged.folder / "policy.toml"
    file.write_text(text, encoding="utf-8")
    error = refused(unchanged, "赵刚", "policy", "check", file, exit_code=9)
    says(error, *said)
    assert error["reasons"]


@pytest.mark.parametrize("name", ["none.toml", ".", "gbk.toml"])
def test_a_policy_that_cannot_be_read_says_so(unchanged: Station, name: str) -> None:
    (unchanged.folder / "gbk.toml").write_bytes("标题".encode("gbk"))
    refused(unchanged, "赵刚", "policy", "check", unchanged.folder / name, exit_code=9)


# -- a table of hazards ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text,grade\n堵塞,general\n,major\n混放,grave\n", ("row 3, column text", "row 4, column grade")),
        ("text,grade\n", ("no rows",)),
        ("", ("no rows",)),
        ("text,grade\n堵塞,general,x\n", ("row 2", "more cells")),
        ("text,grade\n堵\x07塞,general\n", ("U+0007",)),
        (b"\xff\xfe", ("UTF-8",)),
    ],
)
def test_a_table_with_mistakes_says_where_and_records_nothing(
    unchanged: Station, text: str | bytes, said: tuple[str, ...]
) -> None:
    file = unchanged.folder / "hazards.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    error = refused(unchanged, "王敏", "record", 1, "--file", file, exit_code=9)
    says(error, *said)


# -- stores ------------------------------------------------------------------------------------------------------------

ASK, MOVE, SETUP = ("list",), ("note", "1", "好"), ("init",)
EVERY_WAY = pytest.mark.parametrize("command", [ASK, MOVE, SETUP], ids=["ask", "move", "init"])


def _bytes_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in ("", ".db", ".txt")
    }


def cannot_use(station: Station, command: Args) -> dict[str, object]:
    """Run a command on a store that cannot be used; return the error, once nothing on the disk has changed."""
    before = _bytes_below(station.folder)
    plain, told = station.run("王敏", *command), station.run("王敏", *command, "--json")
    error = error_of(told, 7)
    assert (plain.exit_code, plain.stdout, plain.stderr) == (7, "", told.stderr)
    assert _bytes_below(station.folder) == before
    return error


@pytest.mark.parametrize("command", [ASK, MOVE], ids=["ask", "move"])
def test_a_missing_store_says_what_to_type(file_station: Station, command: Args) -> None:
    missing = file_station.copied(str(file_station.folder / "none.db"), file_station.folder)
    says(cannot_use(missing, command), "there is no store", f"rectify init --db {missing.store}")


@pytest.mark.parametrize(("version", "said"), [("0000", "older rectify"), ("9999", "newer rectify (9999)")])
@pytest.mark.parametrize("command", [ASK, MOVE], ids=["ask", "move"])
def test_a_store_of_another_program_says_which(station: Station, version: str, said: str, command: Args) -> None:
    with closing(open_store(station.store)) as store, store.begin() as tx:
        tx.run(update(table("alembic_version", column("version_num"))).values(version_num=version))
    says(cannot_use(station, command), said)


@EVERY_WAY
def test_a_file_that_is_no_database_says_so(file_station: Station, command: Args) -> None:
    file = file_station.folder / "notes.txt"
    file.write_text("nothing of the kind\n" * 500)
    says(cannot_use(file_station.copied(str(file), file_station.folder), command), "is not a rectify store")


@EVERY_WAY
def test_a_damaged_store_says_so(file_station: Station, command: Args) -> None:
    file = Path(file_station.store)
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\x5a" * (len(content) - 4096))
    says(cannot_use(file_station, command), "is damaged; restore a backup")


@EVERY_WAY
def test_a_server_that_is_away_says_so(file_station: Station, command: Args) -> None:
    away = file_station.copied(
        f"postgresql+psycopg://me:secret@/rectify?host={file_station.folder}", file_station.folder
    )
    error = cannot_use(away, command)
    says(error, "cannot be reached")
    assert "secret" not in str(error)


def test_a_locked_store_says_so_and_can_be_read(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.store.PATIENCE", 0.05)
    before = station.dump()
    with closing(open_store(station.store)) as store, store.begin() as tx:
        tx.all(select(hazards).where(hazards.c.id == 1).with_for_update())
        error = error_of(station.run("王敏", *MOVE, "--json"), 7)
        assert station.run("王敏", *ASK).exit_code == 0
    says(error, "is locked by somebody else; try again")
    assert station.dump() == before


HARSH = """
import os, resource, signal, sys
from cases.commands import framework, main, moves  # while everything can still be read
import cases.desk, cases.verbs.moves, workflow.hazard, json
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if sys.argv[1] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
elif os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)  # root may write everywhere
sys.argv[1:2] = []
sys.exit(main())
"""


@pytest.mark.parametrize(("how", "said"), [("full", "is full or failing"), ("read-only", "is read-only")])
def test_a_store_that_cannot_be_written_says_so(file_station: Station, how: str, said: str) -> None:
    file_station.folder.chmod(0o755)
    file = Path(file_station.store)
    file.chmod(0o444 if how == "read-only" else 0o644)
    large = file_station.folder / "large.png"
    large.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 200_000)
    large.chmod(0o644)
    before = file_station.dump()
    done = subprocess.run(
        [sys.executable, "-c", HARSH, how, "note", "1", "好", "--evidence", large, "--as", "王敏", "--db", file, "--json"],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    says(error_of(Result(done.returncode, done.stdout, done.stderr), 7), said)
    file.chmod(0o644)
    assert file_station.dump() == before
