"""What the READMEs say of the processes is what the processes say. `python -m tests.test_readme` writes their tables anew."""

import gettext
import re
from pathlib import Path

import click
import pytest

from cases.commands import root
from cases.locale import DOMAIN, FOLDER
from workflow import table
from workflow.process import Process
from workflow.processes import BEGINS, PROCESSES
from workflow.words import Term

ROOT = Path(__file__).parent.parent
BEGIN = "<!-- moves: made from the process table, held to it by a test -->\n"
END = "<!-- end of moves -->\n"

#: What stands over the table of a process that is not the first, in each language.
HEADINGS = {
    "README.md": {
        "extension": "### A later date\n\nA request moves no date; granting it does, and the hazard keeps the old one in its history.\n\n",
        "halt": "### A halt\n\nIts date lifts nothing: it stands until every hazard it names was put right and two officers saw it, and climbs once its date has passed.\n\n",
        "exit": "### An exit\n\nA unit, or a line of it, goes, and its open hazards go with it; verified on site, it ends them and converts the halts.\n\n",
        "follow_up": "### Visits after an exit\n\nThe policy plans them; each has a clock of its own. What is found running again is a breach.\n\n",
        "import": "### An older ledger\n\nWhat a row of an imported ledger states of a hazard, as far as it does: each step names the row, nobody types one,\nand from where they leave it a case goes on in the first table.\n\n",
    },
    "README.zh-CN.md": {
        "extension": "### 延期\n\n申请本身不改变期限；准予后期限顺延，原期限留在隐患的历史中。\n\n",
        "halt": "### 停产整顿\n\n到期并不自动解除：所列隐患全部整改到位、经两名检查人员现场核实后方可解除；逾期逐级上报。\n\n",
        "exit": "### 退出\n\n单位或其生产线退出，未结隐患随之退出；现场核实后隐患终结，停产转为退出。\n\n",
        "follow_up": "### 退出后的回访\n\n由规则安排，每次回访有自己的期限；发现恢复生产的属于死灰复燃。\n\n",
        "import": "### 旧台账\n\n导入的台账某一行对隐患的记载，记载到哪一步就到哪一步：每一步注明出自哪一行，无人可手工录入；此后按第一张表办理。\n\n",
    },
}
READMES = sorted(HEADINGS)

KNOWN = list(PROCESSES.values())
TRIGGERS = [(process, trigger) for process in KNOWN for trigger in process.authorities]
TYPED = [(process, trigger) for process, trigger in TRIGGERS if process.authorities[trigger].is_typed]
STATES = [state for process in KNOWN for state in process.states]


def chinese(message: str) -> str:
    """Return the Chinese for a message, itself where there is none."""
    return gettext.translation(DOMAIN, FOLDER, ["zh_CN"]).gettext(message)


def english(message: str) -> str:
    """Return what the English screen says, where that is not the words of the code."""
    return gettext.translation(DOMAIN, FOLDER, ["en"], fallback=True).gettext(message)


def tables(name: str) -> str:
    """Return the tables of moves as a README of this name shows them."""
    draw = table.markdown if name == "README.md" else table.chinese
    return "\n".join(HEADINGS[name].get(process.name, "") + draw(process, chinese) for process in KNOWN)


def written_anew(name: str) -> str:
    """Return a README with the tables of moves as the processes have them now."""
    before, begin, rest = (ROOT / name).read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{name} lacks the line {BEGIN}"
    assert end, f"{name} lacks the line {END}"
    return f"{before}{BEGIN}{tables(name)}{END}{after}"


def command(words: list[str]) -> click.Command:
    """Return the command these words type, options left out."""
    found: click.Command = root
    for word in words:
        if word.startswith("-"):
            break
        assert isinstance(found, click.Group), f"{word} stands below a command that has no commands"
        member = found.get_command(click.Context(found), word)
        assert member is not None, f"there is no command {word}"
        found = member
    return found


@pytest.mark.parametrize(("process", "trigger"), TYPED)
def test_a_trigger_has_a_command(process: Process, trigger: str) -> None:
    typed = process.command_of(trigger)
    assert typed is not None
    words = typed.split()
    found = command(words)
    options = {name for param in found.params if isinstance(param, click.Option) for name in param.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_what_the_clock_or_another_process_does_has_no_command() -> None:
    extension = PROCESSES["extension"]
    assert [each for each in extension.authorities if extension.command_of(each) is None] == [
        "lapse", "recount", "escalate",
    ]  # fmt: skip


@pytest.mark.parametrize("trigger", sorted({trigger for _, trigger in TRIGGERS}))
def test_a_trigger_has_both_labels(trigger: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", Term("trigger", trigger).say(chinese)), "it has no Chinese label"
    assert re.fullmatch(r"[a-z _-]+", Term("trigger", trigger).say(english))


@pytest.mark.parametrize("state", STATES)
def test_a_state_has_both_labels(state: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", Term("state", state).say(chinese)), "it has no Chinese label"
    assert re.fullmatch(r"[a-z _()-]+", Term("state", state).say(english))


@pytest.mark.parametrize("name", READMES)
def test_the_tables_in_a_readme_are_those_of_the_processes(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == written_anew(name), "type: python -m tests.test_readme"


@pytest.mark.parametrize("process", KNOWN, ids=lambda each: each.name)
def test_every_move_has_a_line_in_the_table(process: Process) -> None:
    moves = [move.trigger for move in process.moves]
    lines = table.markdown(process, chinese).splitlines()[2:]
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines] == moves
    lines = table.chinese(process, chinese).splitlines()[2:]
    assert [line.split(" | ")[1] for line in lines] == moves


def test_what_a_request_starts_from_is_nothing() -> None:
    assert "| request | 申请 | – → requested |" in table.markdown(PROCESSES["extension"], chinese)
    assert "| 申请 | request | – → 待批 |" in table.chinese(PROCESSES["extension"], chinese)


def test_what_begins_a_process_leaves_its_first_state_alone() -> None:
    for name, trigger in BEGINS.items():
        process = PROCESSES[name]
        assert [(move.states, move.to) for move in process.moves if move.trigger == trigger] == [
            ((process.initial,), None)
        ]


def write() -> None:
    """Write the tables of both READMEs anew."""
    for name in READMES:
        anew = written_anew(name)
        (ROOT / name).write_text(anew, encoding="utf-8")


if __name__ == "__main__":
    write()
