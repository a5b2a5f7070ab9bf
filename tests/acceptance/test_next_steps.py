"""A refusal says what to do next, asks first who may, and names all that is missing – on both stores."""

import json
from pathlib import Path

import pytest

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import OFFICERS, Station
from tests.cli import Cli

WITHDRAW = ("--reason", "mistake", "--note", "有误")
DUPLICATE = ("--reason", "duplicate", "--note", "同一隐患")


# -- papers that ask nothing any more ----------------------------------------------------------------------------------


def test_an_order_that_is_finished_is_neither_served_nor_withdrawn(unchanged: Station) -> None:
    paper = f"id:{unchanged.orders(unchanged.cases['closed'])[0]}"
    for who, command in (("赵刚", ("orders", "withdraw", paper, *WITHDRAW)), ("王敏", ("serve", paper, "--post", "1"))):
        error = refused(unchanged, who, *command, exit_code=4)
        says(error, "no open item any more", f"rectify orders show {paper}")
        assert len(error["reasons"]) == 1


def test_who_may_is_asked_before_an_order_is_found_finished(unchanged: Station) -> None:
    paper = f"id:{unchanged.orders(unchanged.cases['closed'])[0]}"
    refused(unchanged, "王敏", "orders", "withdraw", paper, *WITHDRAW, exit_code=8)
    refused(unchanged, "张伟", "serve", paper, "--post", "1", exit_code=8)
    refused(unchanged, "陈涛", "serve", paper, "--post", "1", exit_code=8)


def test_a_withdrawn_order_is_neither_served_nor_withdrawn_again(station: Station) -> None:
    paper = f"id:{station.orders(station.cases['ordered unserved'])[0]}"
    station.done("赵刚", "orders", "withdraw", paper, *WITHDRAW)
    error = refused(station, "赵刚", "orders", "withdraw", paper, *WITHDRAW, exit_code=4)
    says(error, "it was withdrawn", "rectify order")
    assert len(error["reasons"]) == 1
    assert refused(station, "王敏", "serve", paper, "--post", "1", exit_code=4)["reasons"] == error["reasons"]
    refused(station, "王敏", "orders", "withdraw", paper, *WITHDRAW, exit_code=8)
    refused(station, "张伟", "serve", paper, "--post", "1", exit_code=8)


# -- rechecks ----------------------------------------------------------------------------------------------------------


def test_the_same_case_cannot_both_pass_and_fail(unchanged: Station) -> None:
    case = unchanged.cases["ordered"]
    both = ("--pass", case, "--fail", case)
    error = refused(unchanged, "王敏", "recheck", *both, *OFFICERS, "--note", "好", *unchanged.in_days(), exit_code=4)
    says(error, f"case {case} cannot both pass and fail", "--pass or with --fail")
    assert len(error["reasons"]) == 1


def test_a_visit_to_another_unit_is_told_with_all_that_is_missing(unchanged: Station) -> None:
    elsewhere = unchanged.show(unchanged.cases["ordered elsewhere"])["inspection"]
    error = refused(
        unchanged, "王敏", "recheck", "--pass", unchanged.cases["ordered"], "--by", "王敏", "--note", " ",
        "--inspection", elsewhere, exit_code=4,
    )  # fmt: skip
    says(error, f"inspection {elsewhere} was at another unit", "--inspection", "two different officers", "opinion")
    assert len(error["reasons"]) == 3


def test_a_visit_that_is_not_there_is_told_before_who_may(unchanged: Station) -> None:
    case = unchanged.cases["ordered"]
    joined = ("--inspection", 99999)
    refused(unchanged, "张伟", "recheck", "--pass", case, *OFFICERS, "--note", "好", *joined, exit_code=5)


def test_a_case_is_not_reopened_by_a_visit_to_another_unit(unchanged: Station) -> None:
    elsewhere = unchanged.show(unchanged.cases["ordered elsewhere"])["inspection"]
    error = refused(
        unchanged, "王敏", "reopen", unchanged.cases["closed"], "--inspection", elsewhere, "--note", "又",
        *unchanged.at(1, "10:00"), exit_code=4,
    )  # fmt: skip
    says(error, "was at another unit", "in the future")
    assert len(error["reasons"]) == 2


def test_a_recheck_joins_a_visit_to_its_own_unit(station: Station) -> None:
    case = station.cases["submitted"]
    visit = station.told("王敏", "inspect", "永安氧气", *OFFICERS)["inspection"]["id"]
    told = station.told("王敏", "recheck", "--pass", case, *OFFICERS, "--note", "合格", "--inspection", visit)
    assert told["inspection"] == {"id": visit}


# -- orders and duplicates ---------------------------------------------------------------------------------------------


def test_a_date_for_one_item_leaves_only_the_date_of_the_other_missing(unchanged: Station) -> None:
    first, second = unchanged.cases["found"], unchanged.cases["ordered"]
    common = ("--responsible", "张伟", "--measure", "分库储存", "--due", f"{first}={unchanged.day(9)}")
    error = refused(unchanged, "王敏", "order", first, second, *common, exit_code=4)
    says(error, f"case {second}:", "add --due")
    assert [reason.endswith("must all be named; add --due") for reason in error["reasons"]] == [True]


def test_a_duplicate_of_a_voided_case_is_refused(unchanged: Station) -> None:
    voided = unchanged.cases["voided"]
    error = refused(unchanged, "赵刚", "void", unchanged.cases["found"], *DUPLICATE, "--of", voided, exit_code=4)
    says(error, f"case {voided} was voided itself", "--of CASE")
    assert len(error["reasons"]) == 1


def test_what_is_found_after_a_closing_is_a_recurrence_and_no_duplicate(station: Station) -> None:
    closed, late = station.cases["closed"], station.find()
    error = refused(station, "赵刚", "void", late, *DUPLICATE, "--of", closed, exit_code=4)
    says(error, f"rectify reopen {closed}")
    assert len(error["reasons"]) == 1


def test_a_duplicate_found_before_the_other_was_closed_is_voided(station: Station) -> None:
    found = station.cases["found"]
    station.done("赵刚", "void", found, *DUPLICATE, "--of", station.cases["closed"])
    facts = station.history(found)[-1]["facts"]
    assert (facts["reason"], facts["of"]) == ("duplicate", station.cases["closed"])
    assert "stays" not in facts


# -- names, files and stores -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("unit", "show", "id:0"), "type: rectify unit list"),
        (("person", "show", "id:99999"), "type: rectify person list"),
        (("unit", "show", "zzzz"), "type: rectify unit list"),
        (("department", "add", "新局", "--area", "UNKNOWN", "--rank", "county"), "type: rectify area list"),
    ],
)
def test_a_name_unlike_any_other_says_where_to_look(unchanged: Station, command: tuple[str, ...], said: str) -> None:
    assert refused(unchanged, None, *command, exit_code=5)["message"].endswith(f"; {said}")


def test_a_folder_is_no_evidence(unchanged: Station) -> None:
    case = unchanged.cases["found"]
    error = refused(unchanged, "王敏", "note", case, "好", "--evidence", unchanged.folder, exit_code=9)
    says(error, f"{unchanged.folder} is a folder", "name the files in it")


def test_a_backup_that_is_not_there_says_what_to_name(tmp_path: Path) -> None:
    told = Cli(str(tmp_path / "new.db")).run("db", "restore", tmp_path / "nofile")
    assert told.exit_code == 9
    assert told.stderr.endswith("; name a file that rectify db backup wrote\n")


@pytest.mark.parametrize("command", [("init",), ("list",), ("db", "check")])
def test_a_folder_is_no_store(tmp_path: Path, command: tuple[str, ...]) -> None:
    told = Cli(str(tmp_path)).run(*command)
    assert (told.exit_code, told.stdout) == (7, "")
    assert told.stderr == f"rectify: {tmp_path} is a folder; name a file in it with --db or RECTIFY_DB\n"


# -- numbers and seals -------------------------------------------------------------------------------------------------


def test_help_shows_no_range_of_case_numbers() -> None:
    told = Cli("none").done("recheck", "--help").stdout
    assert "1<=" not in told
    assert "9007199254740992" not in told


@pytest.mark.parametrize("number", ["0", "-1", "9007199254740993", "x", "1.5"])
def test_what_is_no_number_of_a_case_is_a_mistake_of_usage(number: str) -> None:
    told = Cli("none").run("void", "--reason", "duplicate", "--note", "同", "--of", number, "1", "--json")
    assert (told.exit_code, told.error["code"]) == (2, "usage")
    assert number in told.error["message"]


def test_where_nothing_was_recorded_there_is_no_seal_to_write(tmp_path: Path) -> None:
    rectify, file = Cli(str(tmp_path / "new.db")), tmp_path / "seal.json"
    rectify.init()
    assert rectify.done("audit", "seal", "--to", file).stderr.startswith("note: there is no seal yet")
    assert not file.exists()


def test_a_seal_that_is_written_again_says_so(station: Station) -> None:
    first, again = station.folder / "first.json", station.folder / "again.json"
    station.done(None, "audit", "seal", "--to", first)
    told = station.done(None, "audit", "seal", "--to", again)
    assert told.stderr == f"note: nothing was recorded since the last seal; {again} holds that one\n"
    assert json.loads(again.read_text("utf-8")) == json.loads(first.read_text("utf-8"))
    assert not station.told(None, "audit", "seal")["sealed"]


def test_next_says_where_a_move_that_nobody_types_comes_from(unchanged: Station) -> None:
    told = {move["trigger"]: move["who"] for move in unchanged.told("赵刚", "next", unchanged.cases["ordered"])}
    assert "calendar or a policy" in told["recount"]
    assert "extension or an exit" in told["extend"]
