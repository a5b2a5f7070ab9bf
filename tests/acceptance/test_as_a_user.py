"""The command line as people use it: in a pipe, with Ctrl-C, before an old terminal, with completion, help and `last`."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pytest

from cases.commands import root
from cases.store import open_store
from tests.acceptance.refusing import refused, says
from tests.acceptance.station import OFFICERS, PLAN, ZONE, Station

RECTIFY = [sys.executable, "-c", "import sys; from cases.commands import main; sys.exit(main())"]


def commands(path: str = "", command: click.Command = root) -> Iterator[tuple[str, click.Command]]:
    """Yield every command and group by what is typed after `rectify`."""
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            member = command.get_command(ctx, name)
            assert member is not None, f"{path} {name} is named and not there"
            yield from commands(f"{path} {name}".strip(), member)


def leaves() -> set[str]:
    return {path for path, command in commands() if not isinstance(command, click.Group)}


# -- help and JSON, everywhere -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_help_has_an_example(file_station: Station, lang: str) -> None:
    for path, _ in commands():
        for option in ("-h", "--help"):
            told = file_station.done(None, *path.split(), option, "--lang", lang)
            assert told.stderr == ""
            lines = [line.strip() for line in told.stdout.splitlines()]
            assert any(line.startswith(f"rectify {path}".rstrip()) for line in lines), f"{path}: no example"
            assert all(f"{each}" in told.stdout for each in ("--db", "--as", "--at", "--json", "--lang"))


def test_a_group_without_its_command_shows_its_help(file_station: Station) -> None:
    bare = file_station.run(None, "person")
    assert (bare.exit_code, bare.stdout) == (2, "")
    assert "retire" in bare.stderr
    assert len(bare.stderr.splitlines()) > 10


#: Run in this order on one station; what they come to is tested elsewhere.
SAID: dict[str, str] = {
    "init": "",
    "area add": "330109003 南溪镇 --rank township --under 330109",
    "area list": "",
    "area show": "330109",
    "area edit": "330109003 --name 南溪街道",
    "department add": "县住建局 --area 330109 --rank county",
    "department list": "",
    "department show": "县安监局",
    "department edit": "县住建局 --may-halt",
    "person add": "新人 --role inspector --department 县住建局",
    "person list": "",
    "person show": "王敏",
    "person edit": "新人 --certificate A-99",
    "person retire": "新人",
    "unit add": "新厂 --area 330109001 --sector 化工",
    "unit list": "",
    "unit show": "永安氧气",
    "unit edit": "新厂 --park 东园",
    "campaign add": "大检查 --from 2026-01-01 --to 2026-12-31",
    "campaign list": "",
    "campaign show": "大检查",
    "campaign edit": "大检查 --to 2027-01-31",
    "campaign scope": "大检查 永安氧气 --list listed",
    "campaign commit": "大检查 永安氧气 --path in_place --on 2026-01-02",
    "campaign diagnose": "大检查 永安氧气 --agency 院 --due 2026-01-02 --done 2026-01-02 --problem 漏",
    "campaign evaluate": "大检查 永安氧气 --agency 所 --passed 1",
    "campaign accept": "大检查 永安氧气 --by 王敏 --by 李强 --pass --note 好",
    "checklist load": "大检查 {standards}",
    "checklist list": "",
    "checklist show": "大检查",
    "tally add": "大检查 land.mu 229.8 --measure 亩 --on 2026-01-02",
    "tally correct": "1 229.9",
    "tally list": "",
    "target set": "330109 inspections 12 --year 2026",
    "target list": "",
    "inspect": "新厂 --by 王敏 --by 李强 --campaign 大检查",
    "inspections list": "",
    "inspections show": "last",
    "record": "last 堵塞 --grade general",
    "correct": "{new} --evidence {photo}",
    "print inspection": "last -o {folder}/record.docx",
    "print measures": "last -o {folder}/measures.pdf",
    "print fields": "order",
    "print template": "order -o {folder}/ours.docx",
    "order": "{found} --responsible 张 --measure 分 --due {soon}",
    "orders list": "",
    "orders show": "last",
    "print order": "last -o {folder}/order.docx --template {folder}/ours.docx",
    "serve": "last --receipt 张伟",
    "start": "{found}",
    "submit": "{found} --done 好",
    "recheck": "--pass {found} --by 王敏 --by 李强 --note 好",
    "print recheck": "last -o {folder}/opinion.docx",
    "send-back": "{found} --note 误",
    "orders withdraw": "{paper} --reason mistake --note 误",
    "close": "{rechecked}",
    "reopen": "{rechecked} --note 又",
    "look-back": "{visit} {closed} --stayed",
    "assist": "{ordered} --with 县消防大队 --note 合",
    "measure": "{major} --kind power_cut --to 所 --number 1 --note 拒 --danger",
    "void": "{found} --reason mistaken --note 误",
    "extension request": "{ordered} --until {later} --ground other --reason 迟 --interim 停",
    "extension refuse": "1 --note 否",
    "extension withdraw": "2",
    "extension grant": "3",
    "print extension": "3 -o {folder}/answer.docx",
    "extension list": "",
    "extension show": "3",
    "halt impose": "永安氧气 --kind temporary --case {ordered} --scope part --until {later} --reason 险 --by 王敏 --by 李强",
    "halt confirm": "2",
    "halt request": "2 --note 好",
    "halt refuse": "2 --note 否",
    "halt prolong": "2 --until {latest} --reason 迟",
    "halt revoke": "2 --reason mistaken --note 误",
    "halt lift": "1 --by 王敏 --by 李强 --note 好",
    "print resumption": "1 -o {folder}/reply.docx",
    "halt list": "",
    "halt show": "1",
    "exit decide": "新厂 --kind shutdown --basis voluntary --due {later} --interim 停",
    "exit add": "2 {old}",
    "exit step": "2 stopped --evidence {photo}",
    "exit verify": "2 --by 王敏 --by 李强",
    "exit revoke": "3 --note 误",
    "exit visit": "1 --inspection {seen}",
    "exit breach": "1 --inspection {seen} --note 又",
    "exit list": "",
    "exit show": "1",
    "plan": "{major} --goal 无 --method 无 --funds 3 --organisation 张 --emergency 无 --deadline {soon}",
    "regrade": "{ordered} --grade larger --basis 条",
    "amend": "{ordered} --place 库 --note 误",
    "assign": "{ordered} --to 李强",
    "note": "{ordered} 好 --evidence {photo}",
    "evidence get": "{ordered} -o {folder}/out",
    "escalate": "{ordered} --reason danger --note 险",
    "supervise": "{rechecked2} --body 县安监局 --number 1 --due {soon}",
    "print listing": "{rechecked2} -o {folder}/notice.docx",
    "release": "{rechecked2} --note 好",
    "acknowledge": "{ordered} --until {soon} --note 途",
    "refer": "{ordered} --number 1 --note 罚",
    "transfer": "{ordered} --to 县消防大队 --note 移",
    "decline": "{ordered} --note 不",
    "accept": "{ordered2}",
    "show": "{ordered}",
    "next": "{ordered}",
    "history": "{ordered}",
    "explain": "{ordered}",
    "list": "",
    "mine": "",
    "overdue": "",
    "stuck": "",
    "report campaign": "大检查",
    "report period": "--from 2026-01-01 --to 2026-12-31",
    "report assessment": "--year 2026",
    "export cases": "{folder}/cases.xlsx",
    "import template": "{folder}/empty.xlsx",
    "import ledger": "{folder}/cases.xlsx --dry-run",
    "process show": "",
    "process check": "",
    "process diagram": "",
    "policy show": "",
    "policy check": "{folder}/policy.toml",
    "policy simulate": "{folder}/policy.toml",
    "policy load": "{folder}/policy.toml --refix",
    "calendar load": "{folder}/2024.toml",
    "calendar show": "2026",
    "calendar add": "2026-09-28 10",
    "audit verify": "",
    "audit seal": "",
    "schedule once": "deadlines",
    "schedule status": "",
    "nightly": "",
    "doctor": "",
    "db check": "",
    "db upgrade": "",
    "db backup": "{folder}/saved.db",
    "db restore": "{folder}/saved.db --db {folder}/restored.db",
}  # fmt: skip

#: A service that runs until it is stopped, and a replay that has tests of its own.
NOT_HERE = {"schedule run", "demo"}
ADMINISTERS = {
    "init",
    "area",
    "department",
    "person",
    "db",
    "schedule",
    "nightly",
    "policy",
    "calendar",
    "process",
    "audit",
    "doctor",
}
SUPERVISES = {
    "extension grant",
    "extension refuse",
    "halt confirm",
    "halt refuse",
    "halt lift",
    "halt prolong",
    "halt revoke",
    "exit decide",
    "exit verify",
    "exit revoke",
    "send-back",
    "orders withdraw",
    "void",
    "supervise",
    "release",
    "acknowledge",
    "transfer",
    "assist",
    "measure",
}
RECEIVES = {"decline", "accept"}


def _two_exits(station: Station) -> dict[str, object]:
    """Let one plant be shut and seen since, and another go but for its last step; return the visit and a case found."""
    gone = ("--kind", "shutdown", "--basis", "voluntary", "--due", station.day(25), "--interim", "停")
    station.done(None, "unit", "add", "旧厂", "--area", "330109002", "--sector", "化工")
    for number, unit, steps in ((1, "西溪矿业", ("stopped",)), (2, "旧厂", ())):
        station.done("赵刚", "exit", "decide", unit, *gone, *station.at(-3, "09:00"))
        for step in ("disposed", "removed", "licence", *steps):
            station.done("王敏", "exit", "step", number, step, "--evidence", station.photo(), *station.at(-2, "09:00"))
    station.done("赵刚", "exit", "verify", 1, "--by", "王敏", "--by", "李强", *station.at(-2, "10:00"))
    visits = [
        station.told("王敏", "inspect", unit, "--by", "王敏", "--by", "李强", "--kind", "look-back")["inspection"]["id"]
        for unit in ("西溪矿业", "旧厂")
    ]
    return {"seen": visits[0], "old": station.moved("王敏", "record", visits[1], "漏", "--grade", "general")}


def test_every_command_prints_exactly_one_json_document(file_station: Station) -> None:
    assert leaves() - NOT_HERE == set(SAID)
    station, cases = file_station, file_station.cases
    (station.folder / "policy.toml").write_text('title = "x"\n')
    (station.folder / "2024.toml").write_text(
        'document = "x"\npublished = 2023-12-01\nyear = 2024\noff = [2024-01-01]\n'
    )
    (station.folder / "standards.csv").write_text("number,text,grade\n1,x,general\n")
    words = {
        "found": cases["found"], "ordered": cases["ordered"], "ordered2": cases["ordered twice"], "major": cases["major found"],
        "rechecked": cases["rechecked"], "rechecked2": cases["another rechecked"], "soon": station.day(9),
        "closed": cases["closed"],
        "visit": station.told("王敏", "inspect", "永安氧气", "--by", "王敏", "--by", "李强", "--kind", "look-back")["inspection"]["id"],
        "later": station.day(25), "latest": station.day(30), "standards": station.folder / "standards.csv",
        "paper": station.orders(cases["rectifying"])[0], "photo": station.photo(), "folder": station.folder, "new": 0,
    }  # fmt: skip
    for each in ("ordered elsewhere", "ordered to 李强"):
        asked = SAID["extension request"].format(ordered=cases[each], later=station.day(25)).split()
        station.done("王敏", "extension", "request", *asked)
    words |= _two_exits(station)
    halted = SAID["halt impose"].format(ordered=cases["third rechecked"], later=station.day(25)).split()
    station.done("赵刚", "halt", "impose", *halted)
    station.done("王敏", "halt", "request", "1", "--note", "好")
    station.done("赵刚", "transfer", cases["ordered twice"], "--to", "县消防大队", "--note", "移")
    for path, said in SAID.items():
        first = path.split()[0]
        who = None if first in ADMINISTERS else "冯军" if path in RECEIVES else "赵刚" if path in SUPERVISES else "王敏"
        told = station.run(who, *path.split(), *said.format(**words).split(), "--json")
        assert told.exit_code == (4 if path == "doctor" else 0), (path, told)
        document = json.loads(told.stdout)
        assert told.stdout.count("\n") == 1, f"{path}: {told.stdout}"
        assert told.stderr == "", f"{path}: {told.stderr}"
        if path == "record":
            words["new"] = document["cases"][0]["id"]


def test_common_options_stand_before_or_after_the_command(file_station: Station) -> None:
    station = file_station
    elsewhere = ("--db", station.store)
    nowhere = station.copied("/nowhere/rectify.db", station.folder)
    expected = station.told("赵刚", "list")
    for args in (("--json", *elsewhere, "list"), ("list", "--json", *elsewhere), ("--json", "list", *elsewhere)):
        assert nowhere.done("赵刚", *args).json == expected
    assert nowhere.done("赵刚", *elsewhere, "person", "--json", "list").json == station.told("赵刚", "person", "list")
    at = station.at(-2, "20:00")
    case = station.cases["rechecked"]
    said = ("--as", "王敏", *at, "note", case, "好"), ("note", *at, case, "好", "--as", "王敏")
    for args in said:
        station.done("孙丽", *args)
    first, second = station.history(case)[-2:]
    assert [(step["actor"], step["at"][:16]) for step in (first, second)] == [("王敏", f"{station.day(-2)}T20:00")] * 2
    assert station.done("王敏", "--lang", "zh", "list", "--area", "西溪镇").stdout != station.done("王敏", "list", "--area", "西溪镇", "--lang", "en").stdout  # fmt: skip


def test_help_waits_for_no_database() -> None:
    heavy = "import sys; from cases.commands import main; code = main(); print(code, {'sqlalchemy', 'sqlmodel', 'pydantic', 'apscheduler'} & {*sys.modules}, file=sys.stderr)"
    for args in (["--help"], ["person", "add", "--help"], ["recheck", "-h"]):
        done = subprocess.run(
            [sys.executable, "-c", heavy, *args], capture_output=True, text=True, check=True, encoding="utf-8"
        )
        assert done.stderr == "0 set()\n", args


# -- pipes, interrupts, terminals --------------------------------------------------------------------------------------


def started(station: Station, *args: object) -> "subprocess.Popen[str]":
    """Start the real program on a station's store."""
    environment = {**os.environ, "RECTIFY_DB": station.store}
    environment.pop(
        "PYTHONUNBUFFERED", None
    )  # unbuffered, Python takes half a write into a closed pipe for a whole one
    return subprocess.Popen(
        [*RECTIFY, *map(str, args)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )  # fmt: skip


def test_whoever_has_read_enough_closes_the_pipe(file_station: Station) -> None:
    station = file_station
    table = station.folder / "many.csv"
    table.write_text("text,grade\n" + "".join(f"{'堵塞' * 200}{number},general\n" for number in range(300)))
    station.done("王敏", "record", 1, "--file", table)
    for args in (["list", "--limit", "300"], ["list", "--json"]):
        with started(station, *args) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            assert child.stdout.read(1)
            child.stdout.close()
            said = child.stderr.read()
            assert (args, child.wait(), said) == (args, 141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_an_answer_that_cannot_be_written_is_not_our_fault(file_station: Station) -> None:
    """What was asked is done; a code of its own says that nobody heard so."""
    with Path("/dev/full").open("w") as full:
        command = [*RECTIFY, "note", "1", "好", "--as", "王敏"]
        done = subprocess.run(
            command, env={**os.environ, "RECTIFY_DB": file_station.store}, stdout=full, stderr=subprocess.PIPE, check=False
        )  # fmt: skip
    assert done.returncode == 74
    assert done.stderr.decode().startswith("rectify: the answer could not be written (")
    assert done.stderr.count(b"\n") == 1
    assert file_station.history(1)[-1]["trigger"] == "note"


def test_a_command_runs_without_an_output(file_station: Station) -> None:
    for asked in (["note", "1", "好", "--as", "王敏"], ["list"]):
        command = f"exec {' '.join(map(shlex.quote, [*RECTIFY, *asked]))} >&-"
        done = subprocess.run(
            ["sh", "-c", command], env={**os.environ, "RECTIFY_DB": file_station.store}, stderr=subprocess.PIPE, check=False
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
    assert file_station.history(1)[-1]["trigger"] == "note"


def test_a_document_loses_no_character(file_station: Station) -> None:
    file_station.done("王敏", "note", 1, "𠮷田㎡")
    surroundings = {**os.environ, "RECTIFY_DB": file_station.store, "PYTHONIOENCODING": "gbk"}
    said = subprocess.run(
        [*RECTIFY, "history", "1", "--json"], env=surroundings, capture_output=True, check=True
    ).stdout
    assert json.loads(said.decode("gbk"))[-1]["facts"]["note"] == "𠮷田㎡"


def test_an_error_says_its_text_without_loss_too(file_station: Station) -> None:
    surroundings = {**os.environ, "RECTIFY_DB": file_station.store, "PYTHONIOENCODING": "gbk"}
    done = subprocess.run(
        [*RECTIFY, "unit", "show", "𠮷㎡", "--json"], env=surroundings, capture_output=True, check=False
    )
    assert done.returncode == 5
    assert "𠮷㎡" in json.loads(done.stdout.decode("gbk"))["error"]["message"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("deaf", ["stdout", "stderr"])
@pytest.mark.parametrize(("args", "code"), [(["show", "999"], 5), (["show"], 2), (["unit"], 2)])
def test_an_error_that_nobody_hears_keeps_its_code(
    file_station: Station, args: list[str], code: int, deaf: str
) -> None:
    """Nothing was done, which its code says; that it could not be told makes it no fault of ours."""
    heard = "stderr" if deaf == "stdout" else "stdout"
    with Path("/dev/full").open("w") as full:
        command, surroundings = [*RECTIFY, *args, "--json"], {**os.environ, "RECTIFY_DB": file_station.store}
        done = subprocess.run(command, env=surroundings, check=False, **{deaf: full, heard: subprocess.PIPE})
    assert done.returncode == code
    assert b"Traceback" not in (done.stderr or b"") + (done.stdout or b"")


def test_ctrl_c_while_it_waits_writes_nothing(file_station: Station) -> None:
    before = file_station.dump()
    waiting = closing(open_store(file_station.store))
    with waiting as store, store.begin(), started(file_station, "note", 1, "好", "--as", "王敏", "--json") as child:
        deadline = time.monotonic() + 60
        held = Path(f"/proc/{child.pid}/fd")
        while not any(each.resolve() == Path(file_station.store).resolve() for each in held.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)  # until it has opened the store: then it waits for its one writer's lock, which is taken
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert (child.returncode, err.count("\n")) == (130, 1)
    assert err.startswith("rectify: interrupted")
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert file_station.dump() == before


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", "????"), ("gb18030", "永安氧气")])
def test_an_old_terminal_shows_what_it_can(file_station: Station, encoding: str, shown: str) -> None:
    environment = {**os.environ, "RECTIFY_DB": file_station.store, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    for args, code in ((["unit", "list", "--lang", "zh"], 0), (["close", "99999", "--lang", "zh"], 5)):
        done = subprocess.run([*RECTIFY, *args, "--as", "王敏"], env=environment, capture_output=True, check=False)
        assert done.returncode == code, done.stderr
        assert (shown in done.stdout.decode(encoding)) == (code == 0)
        assert done.stderr.count(b"\n") == (code != 0)


# -- completion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("rectify sta", {"start"}),
        ("rectify inspect 永", {"永安氧气"}),
        ("rectify inspect 永安氧气 --by 王", {"王敏"}),
        ("rectify assign 1 --to 赵", {"赵刚"}),
        ("rectify transfer 1 --to 县消", {"县消防大队"}),
        ("rectify list --grade m", {"major"}),
        ("rectify person show 张", {"张伟"}),
        ("rectify halt show 1", {""}),  # a halt's number is no case's
        ("rectify --db /nowhere/rectify.db person show 张", {""}),
    ],
)
def test_the_shell_completes_names(
    unchanged: Station, monkeypatch: pytest.MonkeyPatch, line: str, completed: set[str]
) -> None:
    assert {value for value, _ in completions(unchanged, monkeypatch, line)} == completed


def test_the_shell_completes_open_cases_by_number_and_unit(unchanged: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = unchanged.cases
    numbers = completions(unchanged, monkeypatch, "rectify show 1")
    assert str(cases["ordered"])[:1] != "1" or str(cases["ordered"]) in {value for value, _ in numbers}
    assert all(value.startswith("1") for value, _ in numbers)
    of_unit = {value for value, _ in completions(unchanged, monkeypatch, "rectify show 宏达")}
    assert of_unit == {str(cases["found elsewhere"]), str(cases["ordered elsewhere"])}
    every = {value for value, _ in completions(unchanged, monkeypatch, "rectify close ")}
    assert every == {str(number) for name, number in cases.items() if name not in ("closed", "voided")}


def completions(station: Station, monkeypatch: pytest.MonkeyPatch, line: str) -> list[tuple[str, str]]:
    """Return what bash is told for the last word of a line."""
    words = line.split(" ")
    monkeypatch.setenv("_RECTIFY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    told = station.done(None)
    assert told.stderr == ""
    kinds_and_values = [each.partition(",") for each in told.stdout.splitlines()]
    return [(value, kind) for kind, _, value in kinds_and_values]


# -- last, id:N, numbers -----------------------------------------------------------------------------------------------


def test_last_is_the_newest_one_you_made(station: Station) -> None:
    mine = station.told("李强", "inspect", "永安氧气", *OFFICERS)["inspection"]["id"]
    station.done("周洁", "inspect", "宏达冷库", "--by", "周洁", "--by", "赵刚")
    case = station.moved("李强", "record", "last", "堵塞", "--grade", "general")
    assert station.show(case)["inspection"] == mine
    order = station.told("李强", "order", case, *station.in_days())["order"]
    station.done("王敏", "order", station.cases["found"], *station.in_days())
    assert station.told("李强", "serve", "last", "--receipt", "张伟")["order"] == order


def test_one_that_two_bear_is_chosen_by_number(station: Station) -> None:
    for department in ("县安监局", "县消防大队"):
        station.done(None, "person", "add", "王芳", "--role", "inspector", "--department", department)
    people = [row["id"] for row in station.told(None, "person", "list") if row["name"] == "王芳"]
    case = station.cases["found"]
    says(refused(station, "赵刚", "assign", case, "--to", "王芳", exit_code=4), *(f"id:{each}" for each in people))
    station.done("赵刚", "assign", case, "--to", f"id:{people[1]}")
    assert station.show(case)["assigned_to_id"] == people[1]


def test_an_order_has_its_own_person_measure_and_date_for_each_case(station: Station) -> None:
    first, second = station.cases["found"], station.find(text="混放")
    station.done(
        "王敏", "order", first, second, *station.in_days(20), "--due", f"{second}={station.day(5)}",
        "--measure", f"{second}=移走 a=b", "--responsible", f"{first}=刘洋",
    )  # fmt: skip
    (one,), (other,) = (station.show(case)["orders"] for case in (first, second))
    assert one["id"] == other["id"]
    assert [(each["responsible"], each["measure"], each["due_on"]) for each in (*one["items"], *other["items"])] == [
        ("刘洋", "分库储存", station.day(20)),
        ("张伟", "移走 a=b", station.day(5)),
    ]


def test_a_hazard_is_added_onto_an_order_that_is_not_served(station: Station) -> None:
    first, second = station.cases["found"], station.find(text="混放")
    order = station.told("王敏", "order", first, *station.in_days())["order"]
    assert station.told("王敏", "order", second, *station.in_days(9), "--onto", "last")["order"] == order
    station.done("王敏", "serve", "last", "--receipt", "张伟")
    third = station.find(text="无证")
    error = refused(station, "王敏", "order", third, *station.in_days(99), "--onto", "last", exit_code=4)
    says(error, "was served already", "at most 30 days")


def test_orders_are_numbered_without_gaps_unless_a_number_is_given(station: Station) -> None:
    cases = [station.find(text=f"第{number}处") for number in range(4)]
    numbers = [station.told("王敏", "order", case, *station.in_days())["order"]["number"] for case in cases[:2]]
    refused(station, "王敏", "order", cases[2], *station.in_days(99), exit_code=4)  # takes no number
    own = station.told("王敏", "order", cases[2], *station.in_days(), "--number", "临〔2026〕7号")["order"]
    assert own["number"] == "临〔2026〕7号"
    error = refused(station, "王敏", "order", cases[3], *station.in_days(99), "--number", "临〔2026〕7号", exit_code=4)
    says(error, "used number", "at most 30 days")
    numbers.append(station.told("王敏", "order", cases[3], *station.in_days())["order"]["number"])
    counts = [int(number.partition("〕")[2].removesuffix("号")) for number in numbers]
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]
    assert station.told("王敏", "orders", "show", "临〔2026〕7号")["order"]["id"] == own["id"]


def test_an_order_is_served_by_refusal_with_a_witness_or_by_post(station: Station) -> None:
    for how, case in (
        (("--refused", "拒签", "--witness", "村主任"), station.cases["ordered unserved"]),
        (("--post", "EMS1234"), station.moved("王敏", "order", station.cases["found"], *station.in_days())),
    ):
        (order,) = station.orders(case)
        assert station.moved("王敏", "serve", f"id:{order}", *how, "--start") == case
        served, start = station.history(case)[-2:]
        assert served["facts"][how[0].removeprefix("--")] == how[1]
        assert (start["trigger"], start["to"]) == ("start", "rectifying")
    refused(station, "王敏", "serve", f"id:{order}", *how, exit_code=4)


def test_an_order_to_another_unit_binds_that_one(station: Station) -> None:
    case = station.cases["found"]
    refused(station, "刘洋", "submit", case, "--done", "好", exit_code=8)
    station.done("王敏", "order", case, *station.in_days(), "--to", "宏达冷库")
    station.done("王敏", "serve", "last", "--receipt", "刘洋")
    assert station.moved("刘洋", "submit", case, "--done", "已撤除") == case
    assert station.told("刘洋", "show", case)["state"] == "submitted"


def test_an_exception_is_signed_by_a_supervisor(station: Station) -> None:
    approved = ("--approved-by", "赵刚", "--why", "设备定制")
    station.done("王敏", "order", station.cases["found"], *station.in_days(90), *approved)
    step = station.history(station.cases["found"])[-1]
    assert (step["facts"]["approved_by"], step["facts"]["why"]) == ("赵刚", "设备定制")
    waived = ("--waive-by", "赵刚", "--why", "站里只有两人")
    station.done("王敏", "recheck", "--pass", station.cases["major ordered"], *OFFICERS, "--note", "好", *waived)
    assert station.history(station.cases["major ordered"])[-1]["facts"]["waived_by"] == "赵刚"
    failed = ("--fail", station.cases["ordered"], *OFFICERS, "--note", "未动", *station.in_days(90), *approved)
    station.done("王敏", "recheck", *failed)
    assert station.history(station.cases["ordered"])[-1]["facts"]["new"]["approved_by"] == "赵刚"


def test_who_records_for_others_is_told_how(station: Station) -> None:
    for verb in (("inspect", "永安氧气", *OFFICERS), ("start", station.cases["ordered"])):
        says(refused(station, "孙丽", *verb, exit_code=8), "--as NAME")


def test_a_major_hazard_goes_the_whole_way_down(station: Station) -> None:
    case = station.cases["major rechecked"]
    station.done("王敏", "plan", case, *PLAN, "--deadline", station.day(30))
    station.done("钱勇", "close", case)
    assert station.show(case)["state"] == "closed"
    assert [row["trigger"] for row in station.told("钱勇", "next", case)] == ["reopen", "release", "look_back"]


# -- when --------------------------------------------------------------------------------------------------------------


def at_of(step: dict[str, Any]) -> str:
    return str(step["at"])[:16].replace("T", " ")


def test_a_bare_date_is_noon_or_the_nearest_later_moment_allowed(station: Station) -> None:
    case = station.cases["rectifying"]  # since three days ago, 12:00
    day = station.day(-3)
    station.done("张伟", "submit", case, "--done", "好", "--at", station.day(-2))
    assert at_of(station.history(case)[-1]) == f"{station.day(-2)} 12:00"
    late = station.cases["submitted"]  # since three days ago, 13:00
    station.done("王敏", "recheck", "--pass", late, *OFFICERS, "--note", "好", "--at", day)
    assert at_of(station.history(late)[-1]) == f"{day} 13:00"
    station.done("王敏", "note", late, "好", "--at", datetime.now(ZONE).date().isoformat())
    last = station.history(late)[-1]
    assert last["at"] <= last["recorded_at"]
    refused(station, "王敏", "close", late, "--at", station.day(-4), exit_code=4)


def test_what_is_recorded_late_lists_the_clocks_steps_it_overtakes(station: Station) -> None:
    visit = station.told("王敏", "inspect", "永安氧气", *OFFICERS, *station.at(-40, "09:00"))["inspection"]["id"]
    case = station.moved("王敏", "record", visit, "混放", "--grade", "major", *station.at(-40, "09:30"))
    three_fixed = ("--responsible", "张伟", "--measure", "分", "--interim", "停", "--due", station.day(-20))
    station.done("王敏", "order", case, *three_fixed, *station.at(-40, "10:00"))
    station.done("王敏", "serve", "last", "--receipt", "张伟", "--start", *station.at(-40, "11:00"))
    station.done(None, "nightly")
    climbed = [step["seq"] for step in station.history(case) if step["actor"] == "clock"]
    assert climbed
    rank = station.show(case)["rank"]
    station.done("张伟", "submit", case, "--done", "好", "--evidence", station.photo(), *station.at(-21, "10:00"))
    last = station.history(case)[-1]
    assert (last["facts"]["overtakes"], last["seq"]) == (climbed, climbed[-1] + 1)
    assert {step["overtaken_by"] for step in station.history(case) if step["seq"] in climbed} == {last["seq"]}
    assert station.show(case)["rank"] == rank
    assert station.told("王敏", "audit", "verify")["ok"]
