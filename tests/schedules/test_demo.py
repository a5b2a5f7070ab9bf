"""The demo comes to the figures its report prints, on both stores, and never touches a store that is not its own."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from cases.acting import policy_of
from cases.commands import root
from cases.commands.framework import default_store, run
from cases.history import verify
from cases.people import login_of_url
from cases.setup import prepare
from cases.store import open_store
from cases.tables import policies, runs
from schedules import demo
from schedules.events import FOLDER, Event, Evidenced, Found, Order, Recheck, Withdraw
from schedules.replay import instant
from schedules.script import Entry, read, shipped
from workflow.errors import BadInput, Refused

REPO = Path(__file__).parent.parent.parent
LOGIN = "tester"


@pytest.mark.parametrize("kind", [Entry, Event, Evidenced])
def test_a_line_of_a_script_says_what_is_done(kind):
    with pytest.raises(TypeError, match="abstract"):
        kind(at="2011-10-19 14:00")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return demo.build("zone", tmp_path_factory.mktemp("demo") / "demo.db", LOGIN)


@pytest.fixture(scope="module")
def told(made):
    return demo.told(made, LOGIN)


def rectify(capsys, *args):
    """Run a command; return its exit code and what it printed."""
    code = run(root, list(args))
    return code, capsys.readouterr()


# -- what it comes to --------------------------------------------------------------------------------------------------


#: Every figure that the reports print, but the background; the reports themselves are no part of the package.
REPORTS = {
    "zone": {
        "units.inspected": 25, "hazards.found": 53, "orders.issued": 14, "units.halted": 4,
        "noncoal.units.inspected": 6, "noncoal.hazards.ordered": 9, "noncoal.orders.issued": 3, "noncoal.units.halted": 2,
        "hazchem.oxy_stations": 4, "hazchem.cold_stores": 6,
    },
    "chemical": {
        "listed.total": 21, "listed.flocking": 8, "listed.papertube": 4, "listed.other": 9, "listed.closed": 8,
        "listed.retreat23": 1, "listed.in_place": 12, "similar.total": 31, "similar.closed": 26, "similar.relocated": 3,
        "similar.retreat23": 1, "similar.line_eliminated": 1, "park.enterprises": 14, "std.passed": 6,
        "hazards.eliminated": 108, "standards": 45, "land.mu": 229.8, "demolished.m2": 2024, "eq.flocking": 8,
        "eq.papertube": 2, "eq.h2o2_line": 1, "eq.jinggangmycin_line": 1, "eq.phba": 1, "eq.oxides": 16,
    },
    "township": {
        "units.enterprises": 35, "units.schools": 2, "units.sites": 1, "inspections.rounds": 10, "hazards.found": 11,
        "hazards.listed_larger": 2, "hazards.general": 9, "hazards.closed": 11, "hazards.open_named": 1,
        "accidents.major": 0, "publicity.banners": 8, "publicity.posters": 27, "publicity.blackboards": 2,
        "publicity.slogans": 20,
    },
}  # fmt: skip
#: What a report prints and the ledger does not bear out, and what it comes to.
CONTRADICTED = {"hazards.closed": 10}


#: The report says 余: at least.
NEAR = {"inspections.rounds": 12}


@pytest.mark.parametrize("report", REPORTS)
def test_the_figures_are_those_the_report_prints_on_both_stores(database_url, report):
    login = login_of_url(database_url)
    figures = {row["key"]: row for row in demo.told(demo.play(report, database_url, login), login)["figures"]}
    other = NEAR | CONTRADICTED if report == "township" else {}
    assert {key: row["computed"] for key, row in figures.items()} == REPORTS[report] | other
    assert {key for key, row in figures.items() if not row["agrees"]} == (set(CONTRADICTED) & set(figures))
    store = open_store(database_url)
    try:
        assert verify(store)[2] == []
    finally:
        store.close()


def test_the_township_says_that_all_was_rectified_and_the_program_names_the_dam(tmp_path, capsys):
    code, printed = rectify(capsys, "demo", "--report", "township", "--keep", str(tmp_path / "township.db"), "--json")
    assert code == 0
    figures = {row["key"]: row for row in json.loads(printed.out)["figures"]}
    closed = figures["hazards.closed"]
    assert (closed["report"], closed["computed"], closed["agrees"]) == (11, 10, False)
    assert closed["note"].startswith("still open: case 11 of 银岙水电有限公司, 大坝坝体及右坝肩渗漏")
    assert figures["hazards.open_named"]["agrees"]


def test_a_late_agency_shows_as_late_in_the_chemical_works(tmp_path, capsys):
    kept = str(tmp_path / "chemical.db")
    assert rectify(capsys, "demo", "--report", "chemical", "--keep", kept)[0] == 0
    _, printed = rectify(capsys, "campaign", "show", "id:1", "--db", kept, "--at", "2024-11-30 18:00", "--json")
    scope = json.loads(printed.out)["campaign"]["scope"]
    late = {
        name: [place[name]["days_late"] for place in scope if place[name] and place[name]["late"]]
        for name in ("diagnosis", "evaluation")
    }
    assert late == {"diagnosis": [9], "evaluation": [9]}
    assert Counter(place["outcome"] for place in scope) == {
        "shutdown": 34, "upgraded": 12, "relocated": 3, "retreated": 2, "partial": 1,
    }  # fmt: skip
    assert all(problem["passed_on"] for place in scope for problem in place["problems"])
    assert sum(len(place["problems"]) for place in scope) == 108
    assert {place["outcome"] for place in scope if place["commitment"]["path"] == "in_place"} == {"upgraded"}


def test_the_stuck_list_has_its_reasons_and_begins_with_a_major_hazard(told):
    assert told["stuck"][0]["grade"] == "major"
    assert {reason for row in told["stuck"] for reason in row["reasons"]} == {
        "silent",
        "orphaned",
        "unserved",
        "undecided",
    }


def test_the_case_that_is_told_went_the_whole_way_down_and_climbed(told):
    triggers = [step["trigger"] for step in told["history"]]
    assert set(triggers) >= {"record", "order", "serve", "submit", "fail_recheck", "pass_recheck", "escalate"}
    assert triggers[-1] == "close"
    assert all(step["recorded_at"] == step["at"] for step in told["history"])
    assert {step["actor"] for step in told["history"] if step["trigger"] == "escalate"} == {"clock"}


def test_nobody_closes_what_they_rechecked_and_nights_fall_on_their_hour(told):
    seen = {officer["name"] for step in told["history"] for officer in step["facts"].get("officers", ())}
    assert told["history"][-1]["actor"] not in seen
    assert all(step["at"][11:16] == "02:00" for step in told["history"] if step["actor"] == "clock")


def test_every_chain_holds(made):
    store = open_store(made.store)
    try:
        _, cases, broken = verify(store)
        assert (cases, broken) == (54, [])
    finally:
        store.close()


def test_every_night_ran_once_and_found_nothing_wrong(made):
    store = open_store(made.store)
    try:
        with store.read() as tx:
            nights = tx.all(select(runs).where(runs.c.job == "deadlines"))
    finally:
        store.close()
    assert len(nights) == 112
    assert all(night.ok and night.skipped == 0 for night in nights)
    assert sum(night.moved for night in nights) > 20


# -- the script --------------------------------------------------------------------------------------------------------


def test_what_the_script_says_adds_up():
    script, _ = shipped("zone")
    sectors = {unit.name: unit.sector for unit in script.units}
    found = [event for event in script.events if isinstance(event, Found)]
    voided = [event for event in script.events if getattr(event, "do", None) == "void"]
    assert len(found) - len(voided) == 53
    assert len({event.mark for event in found}) == len(found)
    assert Counter(sectors.values())["非煤矿山"] == 6
    assert len(script.units) == 25
    papers = [event for event in script.events if isinstance(event, Order | Recheck) and event.paper]
    assert len(papers) - sum(isinstance(event, Withdraw) for event in script.events) == 14
    dealers = {event.mark for event in found if sectors[event.unit] == "氧气乙炔经销" and event.grade == "major"}
    told = {case for event in papers if "储销分离" in event.measure for case in getattr(event, "cases", ())}
    assert len(dealers) == 4
    assert dealers == told


@pytest.mark.parametrize("report", REPORTS)
def test_the_printed_figures_are_those_of_the_report(report):
    script, _ = shipped(report)
    assert {printed.key: printed.value for printed in script.printed} == REPORTS[report]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_no_place_of_a_script_is_a_real_one(path):
    """No area code begins as one of China's provinces (11–65, 71, 81, 82), and everybody named is in a register."""
    script, _ = read(path)
    assert all(area.code[:2] == "98" for area in script.areas)
    registered = {person.name for person in script.people}
    assert {event.who for event in script.events} - {None} <= registered


def mistaken(tmp_path, was, becomes):
    text = (FOLDER / "zone.toml").read_text(encoding="utf-8")
    assert was in text
    path = tmp_path / "zone.toml"
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    return path, 1 + text[: text.index(was)].count("\n")


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('as = "石岭2", grade = "larger"', 'as = "石岭2", grade = "huge"', "grade"),
        ('do = "withdraw", paper', 'do = "withdraw", paperr', "paper"),
        ('at = "2011-11-28 10:00"', 'at = "2011-08-20 10:00"', "before the event above"),
        ('at = "2011-11-28 10:00"', 'at = "some day"', "at: "),
    ],
)
def test_a_mistake_in_a_script_is_named_with_its_line(tmp_path, was, becomes, says):
    path, line = mistaken(tmp_path, was, becomes)
    with pytest.raises(BadInput) as caught:
        read(path)
    assert any(f"line {line}:" in str(reason) and says in str(reason) for reason in caught.value.reasons)


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('cases = ["石岭3", "石岭4", "石岭5"], paper', 'cases = ["石岭9"], paper', "石岭9"),
        ('measure = "补装防护设施，补齐教育记录"', 'measure = ""', "measure"),
        ('by = ["林岳", "方舟"], note = "三项', 'by = ["林岳", "林岳"], note = "三项', "two different officers"),
    ],
)
def test_an_event_that_the_rules_refuse_is_named_with_its_line(tmp_path, monkeypatch, was, becomes, says):
    path, line = mistaken(tmp_path, was, becomes)
    monkeypatch.setattr(demo, "shipped", lambda _: read(path))
    with pytest.raises(BadInput, match=rf"line {line}:.*") as caught:
        demo.build("zone", tmp_path / "demo.db", LOGIN)
    assert says in str(caught.value)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["zone.toml"]


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_prints_one_document_and_leaves_the_store(tmp_path, capsys):
    kept = tmp_path / "campaign.db"
    code, printed = rectify(capsys, "demo", "--keep", str(kept), "--json")
    assert code == 0
    answer = json.loads(printed.out)
    assert set(answer) == {"store", "figures", "stuck", "history"}
    assert set(answer["figures"][0]) >= {"key", "report", "computed", "agrees", "note"}
    assert answer["store"] == str(kept)
    assert printed.err == ""
    assert [each.name for each in tmp_path.iterdir()] == ["campaign.db"]
    code, printed = rectify(capsys, "stuck", "--db", str(kept), "--at", "2011-12-09 18:00", "--json")
    assert (code, len(json.loads(printed.out))) == (0, len(answer["stuck"]))


def test_without_keep_it_lies_beside_the_default_store_and_is_made_anew(capsys):
    beside = Path(default_store()).with_name("demo.db")
    assert rectify(capsys, "demo")[0] == 0
    code, _ = rectify(capsys, "note", "1", "seen", "--db", str(beside), "--as", "林岳")
    assert code == 0
    code, printed = rectify(capsys, "demo")
    assert code == 0
    assert str(beside) in printed.out
    _, printed = rectify(capsys, "history", "1", "--db", str(beside), "--json")
    assert "seen" not in printed.out
    assert [each.name for each in beside.parent.iterdir()] == ["demo.db"]


def test_what_it_tells_to_type_next_can_be_typed(tmp_path, capsys):
    _, printed = rectify(capsys, "demo", "--keep", str(tmp_path / "a demo.db"))
    lines = [line.strip() for line in printed.out.splitlines() if line.startswith("  rectify ")]
    assert len(lines) >= 5
    for line in lines:
        code, _ = rectify(capsys, *shlex.split(line)[1:])
        assert code == 0, line


def a_real_store(path):
    script, _ = shipped("zone")
    policy = demo.parse(demo.default_text())
    prepare(str(path), instant(script.begins, policy), LOGIN)


def a_text(path):
    path.write_text("my thesis")


def a_folder(path):
    path.mkdir()


def a_link(path):
    a_real_store(path.with_name("real.db"))
    path.symlink_to(path.with_name("real.db"))


@pytest.mark.parametrize("something", [a_real_store, a_text, a_folder, a_link, Path.touch], ids=lambda f: f.__name__)
def test_it_never_replaces_what_is_no_demo(tmp_path, capsys, something):
    kept = tmp_path / "kept.db"
    something(kept)
    was = kept.read_bytes() if kept.is_file() else None
    code, printed = rectify(capsys, "demo", "--keep", str(kept))
    assert code == Refused.exit_code
    assert printed.err.startswith(f"rectify: {kept} is there and is no demo")
    assert was is None or kept.read_bytes() == was


def test_a_store_that_merely_loaded_the_demos_policy_is_no_demo(tmp_path):
    kept = tmp_path / "kept.db"
    a_real_store(kept)
    assert not demo.is_demo(kept)
    store = open_store(str(kept))
    try:
        with store.begin() as tx:
            text = demo.default_text().replace("Default policy 默认规则", demo.TITLE)
            tx.add(policies, version=2, loaded_at=instant(shipped("zone")[0].begins, demo.parse(text)), text=text)
        with store.read() as tx:
            assert policy_of(tx)[1].title == demo.TITLE
    finally:
        store.close()
    assert not demo.is_demo(kept)


def test_a_demo_that_somebody_has_open_is_left_alone(made, tmp_path):
    kept = Path(shutil.copy(made.store, tmp_path / "kept.db"))
    store = open_store(str(kept))
    try:
        with store.read() as tx:
            policy_of(tx)
            with pytest.raises(Refused, match="open elsewhere"):
                demo.build("zone", kept, LOGIN)
    finally:
        store.close()
    demo.build("zone", kept, LOGIN)


@pytest.mark.parametrize("keep", ["postgresql+psycopg://localhost/rectify", "sqlite:///x.db"])
def test_a_demo_is_kept_in_a_file(capsys, keep):
    code, printed = rectify(capsys, "demo", "--keep", keep)
    assert code == 2
    assert "a demo is kept in a file" in printed.err


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX signals")
def test_interrupted_it_leaves_nothing_half_made(tmp_path):
    command = [sys.executable, "-c", "import sys; from cases.commands import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "demo", "--report", "chemical", "--keep", str(tmp_path / "kept.db")],
        cwd=REPO,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".rectify-demo-*/kept.db")) and time.monotonic() < until:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.strip() == "rectify: interrupted; what was not acknowledged was not written"
    assert list(tmp_path.iterdir()) == []
