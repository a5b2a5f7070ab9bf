"""A clerk loads last year's ledger: cases with the past that its rows prove, all of them or none, once."""

import hashlib
import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import update

from cases.exchange import importing
from cases.exchange.values import same
from cases.store import open_store
from cases.tables import imported_rows, units
from tests.cli import Cli

HEAD = "企业名称,属地,行业领域,检查人,检查时间,隐患等级,隐患描述,指令文号,下达日期,送达日期,整改责任人,整改措施,整改期限,整改完成日期,复查日期,复查人员,复查意见,销号情况,销号日期,备注"
WHOLE = "永安氧气,东溪镇,氧气,王敏、李强,2025.7.17,一般,混放,〔2025〕1号,2025.7.18,2025.7.19,张伟,分开存放,2025.8.1,2025.7.30,2025.7.31,王敏、周洁,合格,已销号,2025.8.2,已归档"
BARE = "永安氧气,,,,2025-7-20,3级,未接地,,,,,,,,,,,已整改销号,,"
OPEN = "宏达冷库,东溪镇,冷库,赵六,2025-07-21,重大,1.氨泄漏；2.无报警,,,,刘洋,更换,2025-9-1,,,,,整改中,,"
FOUND = "宏达冷库,东溪镇,冷库,王敏,2025-07-22,较大,通道堵塞,,,,,,,,,,,,,"
BAD = "宏达冷库,东溪镇,冷库,王敏,去年,较大,无标志,,,,,,,,,,,,,"


@pytest.fixture
def rectify(database_url: str) -> Cli:
    cli = Cli(database_url)
    cli.init()
    cli.done("area", "add", "330109", "湖光县", "--rank", "county")
    cli.done("area", "add", "330109001", "东溪镇", "--rank", "township", "--under", "330109")
    cli.done("department", "add", "县安监局", "--area", "330109", "--rank", "county")
    for name, role in (
        ("王敏", "inspector"),
        ("李强", "inspector"),
        ("周洁", "inspector"),
        ("赵刚", "supervisor"),
        ("陈静", "clerk"),
    ):
        cli.done(
            "person",
            "add",
            name,
            "--role",
            role,
            "--department",
            "县安监局",
            "--certificate",
            "A" + name,
            "--login",
            name,
        )
    cli.done("unit", "add", "永安氧气", "--area", "330109001", "--sector", "氧气")
    return cli


def ledger(folder: Path, *rows: str) -> Path:
    path = folder / "2025年台账.csv"
    path.write_text("\n".join((HEAD, *rows)), encoding="utf-8")
    return path


def told(cli: Cli, path: Path, *options: str, login: str = "陈静") -> dict[str, Any]:
    answer: dict[str, Any] = cli.told("import", "ledger", path, *options, login=login)
    return answer


def steps(cli: Cli, case: int) -> list[tuple[str, str, str]]:
    return [(step["trigger"], step["to"], step["at"][:10]) for step in cli.told("history", case)]


def test_a_row_becomes_the_past_it_proves_at_its_own_dates(rectify: Cli, tmp_path: Path) -> None:
    answer = told(rectify, ledger(tmp_path, WHOLE, BARE, OPEN, FOUND))
    assert [each["state"] for each in answer["cases"]] == ["closed", "closed", "rectifying", "rectifying", "found"]
    assert answer["import"]["units_added"] == ["宏达冷库"]
    whole, bare, leaking, alarm, blocked = (each["id"] for each in answer["cases"])
    assert steps(rectify, whole) == [
        ("record", "found", "2025-07-17"), ("order", "ordered", "2025-07-18"), ("serve", "ordered", "2025-07-19"),
        ("submit", "submitted", "2025-07-30"), ("pass_recheck", "rechecked", "2025-07-31"), ("close", "closed", "2025-08-02"),
    ]  # fmt: skip
    assert [(trigger, to) for trigger, to, _ in steps(rectify, bare)] == [("record", "found"), ("close", "closed")]
    assert [(trigger, to) for trigger, to, _ in steps(rectify, blocked)] == [("record", "found")]
    (one,), (other,) = (rectify.told("show", case)["orders"] for case in (leaking, alarm))
    assert one["id"] == other["id"], "several hazards of one cell are on one order"
    assert [item["requirement"] for order in (one, other) for item in order["items"]] == ["氨泄漏", "无报警"]
    shown = rectify.told("show", leaking)
    assert (shown["waiting_on"], shown["due_on"]) == ("unit", "2025-09-01")
    assert shown["overdue_days"] > 0
    assert rectify.told("audit", "verify")["ok"]


def test_every_step_says_which_row_it_is_from_and_nothing_is_made_up(rectify: Cli, tmp_path: Path) -> None:
    answer = told(rectify, ledger(tmp_path, WHOLE, BARE, OPEN))
    source = {"import": answer["import"]["id"], "sheet": "2025年台账"}
    for row, case in ((2, 0), (3, 1), (4, 2)):
        history = rectify.told("history", answer["cases"][case]["id"])
        assert [step["facts"]["imported"] for step in history] == [{**source, "row": row}] * len(history)
        assert {step["actor"] for step in history} == {"陈静"}
    whole = rectify.told("history", answer["cases"][0]["id"])
    assert [officer["name"] for officer in whole[4]["facts"]["officers"]] == ["王敏", "周洁"]
    bare = rectify.told("history", answer["cases"][1]["id"])
    assert bare[1]["facts"]["dated"] is False, "a closing without a date is dated by the import, and says so"
    assert bare[1]["at"][:10] > "2025-12-31"
    visits = rectify.told("inspections", "list")
    assert {visit["unit"] for visit in visits} == {"永安氧气", "宏达冷库"}
    assert "赵六" not in json.dumps(rectify.told("person", "list"), ensure_ascii=False), "nobody is added"


def test_an_imported_case_goes_on_by_the_rules(rectify: Cli, tmp_path: Path) -> None:
    answer = told(rectify, ledger(tmp_path, OPEN.replace("重大", "一般"), FOUND.replace("较大", "一般")))
    leaking, alarm, blocked = (each["id"] for each in answer["cases"])
    rectify.done("submit", leaking, alarm, "--done", "已更换", "--as", "王敏")
    rectify.done(
        "recheck",
        "--pass",
        leaking,
        "--pass",
        alarm,
        "--by",
        "王敏",
        "--by",
        "李强",
        "--note",
        "合格",
        "--as",
        "王敏",
        "--close",
    )
    assert rectify.told("show", leaking)["state"] == "closed"
    rectify.done(
        "order",
        blocked,
        "--responsible",
        "刘洋",
        "--measure",
        "清理",
        "--due",
        "2099-01-01",
        "--approved-by",
        "赵刚",
        "--why",
        "大修",
        "--as",
        "王敏",
    )
    assert rectify.run("correct", alarm, "--evidence", __file__, "--as", "王敏").exit_code in (3, 9)
    assert rectify.told("audit", "verify")["ok"]


def test_the_year_s_report_counts_it_and_the_night_takes_up_what_is_overdue(rectify: Cli, tmp_path: Path) -> None:
    told(rectify, ledger(tmp_path, WHOLE, BARE, OPEN, FOUND))
    figures = rectify.told("report", "period", "--from", "2025-01-01", "--to", "2025-12-31")["figures"]
    counted = {
        key: figures[key]["value"] for key in ("units.inspected", "hazards.found", "hazards.ordered", "hazards.closed")
    }
    assert counted == {"units.inspected": 2, "hazards.found": 5, "hazards.ordered": 3, "hazards.closed": 1}
    assert figures["rate.on_time"]["of"] == [1, 3]
    night = rectify.told("nightly")
    assert night["moved"] > 0
    assert night["errors"] == []
    assert rectify.told("nightly")["moved"] == 0
    assert rectify.told("audit", "verify")["ok"]


def test_rows_are_counted_as_a_spreadsheet_shows_them(rectify: Cli, tmp_path: Path) -> None:
    two_lines = OPEN.replace("1.氨泄漏；2.无报警", '"1.氨泄漏\n2.无报警"')
    refused = rectify.run("import", "ledger", ledger(tmp_path, two_lines, BAD), "--json", login="陈静")
    assert [reason.split(", ")[1] for reason in refused.error["reasons"]] == ["row 3"]


def test_all_or_nothing_and_the_copy_says_why(rectify: Cli, tmp_path: Path) -> None:
    path = ledger(tmp_path, WHOLE, BAD)
    refused = rectify.run("import", "ledger", path, "--json", login="陈静")
    assert refused.exit_code == 9
    assert refused.error["reasons"] == [
        "sheet 2025年台账, row 3, column 检查时间: 去年 stands there, expected a date like 2026-03-02"
    ]
    assert "1 rows of 2025年台账.csv cannot be read, nothing was written" in refused.error["message"]
    assert rectify.told("list") == []
    page = openpyxl.load_workbook(path.with_name("2025年台账.reasons.xlsx")).active
    assert page is not None
    rows = list(page.iter_rows(values_only=True))
    assert [row[-1] for row in rows] == ["reason", None, "检查时间: expected a date like 2026-03-02"]
    assert rows[2][:5] == tuple(each or None for each in BAD.split(",")[:5])


def test_a_copy_takes_the_place_of_none_that_somebody_may_be_mending(rectify: Cli, tmp_path: Path) -> None:
    path = ledger(tmp_path, WHOLE, BAD)
    mended = path.with_name("2025年台账.reasons.xlsx")
    mended.write_bytes(b"half mended")
    copies = [told(rectify, path, "--dry-run")["import"]["copy"] for _ in range(2)]
    assert [Path(copy).name for copy in copies] == ["2025年台账.reasons-2.xlsx", "2025年台账.reasons-3.xlsx"]
    refused = rectify.run("import", "ledger", path, login="陈静")
    assert "2025年台账.reasons-4.xlsx says why" in refused.stderr
    assert mended.read_bytes() == b"half mended"


def test_bad_rows_are_left_out_when_asked_for(rectify: Cli, tmp_path: Path) -> None:
    answer = told(rectify, ledger(tmp_path, WHOLE, BAD, FOUND), "--skip-bad")
    assert [each["state"] for each in answer["cases"]] == ["closed", "found"]
    assert answer["import"]["bad_rows"] == 1
    assert answer["import"]["copy"].endswith("2025年台账.reasons.xlsx")


def test_a_dry_run_shows_all_of_it_and_writes_nothing(rectify: Cli, tmp_path: Path) -> None:
    path = ledger(tmp_path, WHOLE, OPEN, BAD)
    answer = told(rectify, path, "--dry-run")
    assert (answer["import"]["id"], answer["cases"]) == (None, [])
    assert answer["import"]["states"] == {"closed": 1, "rectifying": 2}
    assert answer["import"]["complaints"][0]["row"] == 4
    assert answer["import"]["sheets"][0]["columns"]["found_on"] == "检查时间"
    shown = rectify.done("import", "ledger", path, "--dry-run", login="陈静").stdout
    assert "2025年台账, header in row 1: 企业名称, 属地" in shown
    assert "1 units are added: 宏达冷库" in shown
    assert "nothing was written: this was a dry run" in shown
    assert rectify.told("list") == [] == rectify.told("inspections", "list")
    assert [unit["name"] for unit in rectify.told("unit", "list")] == ["永安氧气"]


def test_the_same_file_again_adds_nothing(rectify: Cli, tmp_path: Path) -> None:
    path = ledger(tmp_path, WHOLE, OPEN, "永安氧气,,,王敏,2025-7-23,,未发现隐患,,,,,,,,,,,,,")
    first = told(rectify, path)
    before = (rectify.told("list"), rectify.told("inspections", "list"))
    again = told(rectify, path)
    assert (again["import"]["id"], again["cases"]) == (None, [])
    assert [(odd["kind"], odd["count"]) for odd in again["import"]["oddities"]] == [("there_already", 3)]
    assert (rectify.told("list"), rectify.told("inspections", "list")) == before
    more = told(rectify, ledger(tmp_path, WHOLE, OPEN.replace("整改中", "已销号"), FOUND))
    assert len(more["cases"]) == 1
    assert {odd["kind"]: odd["count"] for odd in more["import"]["oddities"]}["changed"] == 1
    assert len(first["cases"]) == 3


def test_what_was_recorded_here_is_not_imported_again(rectify: Cli, tmp_path: Path) -> None:
    rectify.done("inspect", "永安氧气", "--by", "王敏", "--by", "李强", "--on", "2025-07-17", "--as", "王敏")
    rectify.done("record", "last", "混放", "--grade", "general", "--as", "王敏")
    answer = told(rectify, ledger(tmp_path, WHOLE))
    assert answer["cases"] == []
    assert [odd["kind"] for odd in answer["import"]["oddities"]] == ["there_already"]


@pytest.mark.parametrize(("login", "code"), [("王敏", 0), ("陈静", 0), ("张伟", 8)])
def test_who_may_import(login: str, code: int, rectify: Cli, tmp_path: Path) -> None:
    rectify.done("person", "add", "张伟", "--role", "contact", "--unit", "永安氧气", "--login", "张伟")
    assert rectify.run("import", "ledger", ledger(tmp_path, WHOLE), login=login).exit_code == code


def test_an_inspector_imports_their_own_area_alone(rectify: Cli, tmp_path: Path) -> None:
    rectify.done("area", "add", "330110", "邻县", "--rank", "county")
    rectify.done("department", "add", "邻县安监局", "--area", "330110", "--rank", "county")
    rectify.done("person", "add", "孙莉", "--role", "inspector", "--department", "邻县安监局", "--login", "孙莉")
    refused = rectify.run("import", "ledger", ledger(tmp_path, WHOLE), "--department", "县安监局", login="孙莉")
    assert refused.exit_code == 8
    assert "永安氧气 lies outside the area of 孙莉" in refused.stderr


def test_who_belongs_to_no_department_imports_for_whoever_answers_there(rectify: Cli, tmp_path: Path) -> None:
    path = ledger(tmp_path, WHOLE, FOUND)
    assert rectify.run("import", "ledger", path, "--department", "县环保局").exit_code == 9
    answer = rectify.told("import", "ledger", path)
    assert [rectify.told("show", case["id"])["department"] for case in answer["cases"]] == ["县安监局"] * 2


def test_where_nobody_answers_a_department_is_asked_for(rectify: Cli, tmp_path: Path) -> None:
    rectify.done("area", "add", "330110", "邻县", "--rank", "county")
    refused = rectify.run("import", "ledger", ledger(tmp_path, WHOLE, FOUND.replace("东溪镇", "邻县")))
    assert refused.exit_code == 9
    assert "a department of the register; or name one with --department" in refused.stderr


def test_a_township_s_own_ledger_need_not_say_where_its_units_lie(rectify: Cli, tmp_path: Path) -> None:
    rectify.done("department", "add", "东溪镇政府", "--area", "330109001", "--rank", "township")
    path = ledger(tmp_path, FOUND.replace("东溪镇", ""))
    assert rectify.run("import", "ledger", path, login="陈静").exit_code == 9, "in a county it could be anywhere"
    answer = told(rectify, path, "--department", "东溪镇政府")
    assert rectify.told("show", answer["cases"][0]["id"])["area"] == "东溪镇"


def test_a_case_goes_to_the_department_that_its_sector_names(rectify: Cli, tmp_path: Path) -> None:
    rectify.done("department", "add", "县冷链办", "--area", "330109", "--rank", "county", "--sector", "冷库")
    answer = told(rectify, ledger(tmp_path, WHOLE, FOUND))
    assert [rectify.told("show", case["id"])["department"] for case in answer["cases"]] == ["县安监局", "县冷链办"]


def test_two_units_of_one_name_keep_their_own_hazards(rectify: Cli, tmp_path: Path) -> None:
    rectify.done("area", "add", "330109002", "西溪镇", "--rank", "township", "--under", "330109")
    rectify.done("unit", "add", "永安氧气", "--area", "330109002", "--sector", "氧气")
    rows = [FOUND.replace("宏达冷库,东溪镇,冷库", f"永安氧气,{area},氧气") for area in ("东溪镇", "西溪镇")]
    answer = told(rectify, ledger(tmp_path, *rows))
    areas = [rectify.told("show", case["id"])["area"] for case in answer["cases"]]
    assert areas == ["东溪镇", "西溪镇"]
    assert told(rectify, ledger(tmp_path, *rows))["cases"] == []


def test_what_the_first_imports_brought_is_known_again(rectify: Cli, tmp_path: Path) -> None:
    """They kept rows by the name of the unit alone, which says whose a row is while one unit bears it."""
    path = ledger(tmp_path, "永安氧气,,,王敏,2025-7-23,,未发现隐患,,,,,,,,,,,,,")
    told(rectify, path)
    by_name = hashlib.sha256(same("永安氧气", date(2025, 7, 23), None, None).encode()).hexdigest()[:32]
    with closing(open_store(rectify.store)) as store, store.begin() as tx:
        tx.run(update(imported_rows).values(fingerprint=by_name))
    again = told(rectify, path)["import"]
    assert (again["id"], [odd["kind"] for odd in again["oddities"]]) == (None, ["there_already"])
    rectify.done("area", "add", "330109002", "西溪镇", "--rank", "township", "--under", "330109")
    rectify.done("unit", "add", "永安氧气", "--area", "330109002", "--sector", "氧气")
    path = ledger(tmp_path, "永安氧气,西溪镇,,王敏,2025-7-23,,未发现隐患,,,,,,,,,,,,,")
    assert told(rectify, path)["import"]["clean"] == 1


def test_a_row_joins_no_order_that_was_made_out_here(rectify: Cli, tmp_path: Path) -> None:
    """Its other hazards were served by nobody, and an import does not serve them."""
    rectify.done("inspect", "永安氧气", "--by", "王敏", "--by", "李强", login="王敏")
    case = rectify.told("record", "last", "混放", "--grade", "general", login="王敏")["cases"][0]["id"]
    made = (
        "--responsible",
        "张伟",
        "--measure",
        "分开",
        "--due",
        datetime.now(UTC).date() + timedelta(10),
        "--number",
        "〔2025〕1号",
    )
    rectify.done("order", case, *made, login="王敏")
    refused = rectify.run("import", "ledger", ledger(tmp_path, WHOLE), login="陈静")
    assert refused.exit_code == 9
    assert "expected a number that is not of an order made out here" in refused.stderr
    assert [each["served_at"] for each in rectify.told("orders", "list")] == [None]
    rectify.done("serve", "last", "--receipt", "张伟", login="王敏")


def test_a_row_joins_an_imported_order_only_as_that_one_stands(rectify: Cli, tmp_path: Path) -> None:
    unserved = FOUND.replace("通道堵塞,,,,", "通道堵塞,〔2025〕2号,2025.7.23,,张伟").replace(
        "张伟,,,", "张伟,清走,2025.8.9,"
    )
    first = told(rectify, ledger(tmp_path, unserved))["cases"][0]
    assert first["state"] == "ordered"
    served = unserved.replace("2025.7.23,,", "2025.7.23,2025.7.24,").replace("通道堵塞", "灯坏")
    refused = rectify.run("import", "ledger", ledger(tmp_path, served), login="陈静")
    assert refused.exit_code == 9
    assert "expected the number of an order that was served" in refused.stderr
    rectify.done("serve", "〔2025〕2号", "--receipt", "张伟", login="王敏")
    joined = told(rectify, ledger(tmp_path, served.replace("2025.7.24", "")))["cases"][0]
    assert (joined["state"], rectify.told("show", joined["id"])["waiting_on"]) == ("ordered", "unit")
    again = served.replace("灯坏", "门坏")
    rectify.done("orders", "withdraw", "〔2025〕2号", "--reason", "mistake", "--note", "写错", login="赵刚")
    refused = rectify.run("import", "ledger", ledger(tmp_path, again), login="陈静")
    assert refused.exit_code == 9
    assert "expected a number whose order was not withdrawn" in refused.stderr


def test_what_became_bad_after_it_was_read_is_not_left_out_in_silence(
    rectify: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody renames a unit between the reading and the writing: nothing is written."""
    rectify.done("unit", "add", "宏达冷库", "--area", "330109001", "--sector", "冷库")
    path = ledger(tmp_path, WHOLE, FOUND.replace("东溪镇", ""))

    survey = importing.surveyed

    def surveyed(*given: Any) -> Any:
        found = survey(*given)
        with closing(open_store(rectify.store)) as store, store.begin() as tx:
            tx.run(update(units).where(units.c.name == "宏达冷库").values(name="别的冷库"))
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("cases.exchange.importing.surveyed", surveyed)
        refused = rectify.run("import", "ledger", path, login="陈静")
    assert refused.exit_code == 9
    assert rectify.told("list") == []
    assert told(rectify, path, "--skip-bad")["import"]["bad_rows"] == 1


def test_a_paper_of_another_unit_keeps_its_number(rectify: Cli, tmp_path: Path) -> None:
    told(rectify, ledger(tmp_path, WHOLE))
    other = WHOLE.replace("永安氧气", "宏达冷库")
    refused = rectify.run("import", "ledger", ledger(tmp_path, other), login="陈静")
    assert refused.exit_code == 9
    assert "expected a number of this unit alone" in refused.stderr
    same = told(rectify, ledger(tmp_path, WHOLE.replace("混放", "无标志")))
    assert rectify.told("show", same["cases"][0]["id"])["orders"][0]["number"] == "〔2025〕1号"
    assert len(rectify.told("orders", "list")) == 1
