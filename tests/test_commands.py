"""Every command says of itself what the list of commands says of it, and starts light."""

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cases.commands import root, rules
from cases.commands.framework import Group, run
from workflow.policy import Ladder, default
from workflow.processes import FIRES, PROCESSES


def _lazy(group: Group, ctx: click.Context) -> Iterator[tuple[str, str, click.Command]]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if name in group.lazy:
            yield name, group.lazy[name][1], command
        if isinstance(command, Group):
            yield from _lazy(command, click.Context(command, parent=ctx))


def test_a_command_that_is_not_loaded_is_listed_with_the_first_sentence_of_its_own_help() -> None:
    told = {name: (first, command) for name, first, command in _lazy(root, click.Context(root))}
    assert len(told) > 40
    for name, (first, command) in told.items():
        own = inspect.cleandoc(command.callback.__doc__ or "").split("\n\n")[0]
        assert first == " ".join(own.split()), name


def test_help_loads_neither_the_store_nor_any_command() -> None:
    asked = "import sys; from cases.commands import main; sys.argv = ['rectify', '--help']; main(); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not loaded & {"sqlalchemy", "sqlmodel", "pydantic", "transitions", "rich", "cases.commands.moves"}
    assert "inspect" in done.stdout


# -- the processes -----------------------------------------------------------------------------------------------------


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, object]:
    capsys.readouterr()
    code = run(root, [*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_command_knows_every_process() -> None:
    assert list(PROCESSES) == rules.PROCESSES


def test_without_a_name_every_process_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    _, every = _json(capsys, "process", "show")
    one_by_one = [
        {"process": name, **row} for name in PROCESSES for row in _json(capsys, "process", "show", name)[1]
    ]  # fmt: skip
    assert every == one_by_one


def test_a_row_of_a_named_process_has_the_keys_it_always_had(capsys: pytest.CaptureFixture[str]) -> None:
    _, rows = _json(capsys, "process", "show", "hazard")
    assert rows[0] == {
        "trigger": "correct",
        "from": ["found"],
        "to": "rechecked",
        "by": "inspector",
        "needs": [need.name for need in PROCESSES["hazard"].moves[0].needs],
        "when": None,
    }
    assert _json(capsys, "process", "show", "extension")[1][0]["from"] == []


@pytest.mark.parametrize("name", [(), *((name,) for name in PROCESSES)])
def test_every_process_holds(capsys: pytest.CaptureFixture[str], name: tuple[str, ...]) -> None:
    assert _json(capsys, "process", "check", *name) == (0, {"ok": True, "findings": []})


def test_a_process_that_does_not_hold_exits_with_4_and_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = default()
    silent = Ladder.model_construct(rungs=(), repeat=7, source="broken on purpose")
    broken = policy.model_copy(update={"ladders": policy.ladders.model_copy(update={"major": silent})})
    monkeypatch.setattr("workflow.proof.default_policy", lambda: broken)
    finding = {"check": "no_ladder", "what": "an overdue major case climbs nowhere"}
    assert _json(capsys, "process", "check", "extension") == (4, {"ok": False, "findings": [finding]})
    named = [{"process": name, **finding} for name in PROCESSES]
    assert _json(capsys, "process", "check") == (4, {"ok": False, "findings": named})


def test_what_the_processes_do_not_keep_together_is_told_with_the_way_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = {**FIRES, "exit": {**FIRES["exit"], "revoke": {}}}
    monkeypatch.setattr("workflow.together.FIRES", silent)
    code, told = _json(capsys, "process", "check")
    assert (code, {each["process"] for each in told["findings"]}) == (4, {"together"})
    assert "a case is exiting without a running exit, after: exit decide, exit revoke" in [
        each["what"] for each in told["findings"]
    ]


def test_the_hazard_is_drawn_where_nothing_else_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    _, drawn = _json(capsys, "process", "diagram")
    assert drawn == _json(capsys, "process", "diagram", "hazard")[1]
    assert drawn != _json(capsys, "process", "diagram", "extension")[1]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_drawn_into_a_file_that_appears_whole(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    place = tmp_path / "picture.svg"
    place.write_text("what was there before")
    assert _json(capsys, "process", "diagram", name, "-o", str(place)) == (0, {"file": str(place)})
    assert place.read_text(encoding="utf-8").startswith("<svg")
    assert list(tmp_path.iterdir()) == [place]
    assert _json(capsys, "process", "diagram", name, "-o", str(tmp_path / "picture.mmd"))[0] == 0
    assert (tmp_path / "picture.mmd").read_text(encoding="utf-8").startswith("stateDiagram-v2")


@pytest.mark.parametrize(
    ("file", "code"), [("picture.png", 2), ("svg", 2), ("no/such/folder.svg", 9), ("folder.svg/x.svg", 9)]
)
def test_a_file_that_cannot_be_made_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, file: str, code: int
) -> None:
    (tmp_path / "folder.svg").write_text("a file")
    before = sorted(tmp_path.rglob("*"))
    assert run(root, ["process", "diagram", "-o", str(tmp_path / file)]) == code
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert sorted(tmp_path.rglob("*")) == before
