"""What the README says of the process is what the process says. `python -m tests.test_readme` writes its table anew."""

import gettext
import re
from pathlib import Path

import click
import pytest

from cases.commands import root
from cases.locale import DOMAIN, FOLDER
from workflow.authority import FIRED
from workflow.hazard import HAZARD, MOVES
from workflow.table import command_of, markdown
from workflow.words import Term

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- moves: made from the process table, held to it by a test -->\n"
END = "<!-- end of moves -->\n"

TYPED = sorted({move.trigger for move in MOVES if move.by is not FIRED})


def chinese(message: str) -> str:
    """Return the Chinese for a message, itself where there is none."""
    return gettext.translation(DOMAIN, FOLDER, ["zh_CN"]).gettext(message)


def english(message: str) -> str:
    """Return what the English screen says, where that is not the words of the code."""
    return gettext.translation(DOMAIN, FOLDER, ["en"], fallback=True).gettext(message)


def written_anew(readme: str) -> str:
    """Return the README with the table of moves as the process has it now."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"README.md lacks the line {BEGIN}"
    assert end, f"README.md lacks the line {END}"
    return f"{before}{BEGIN}{markdown(HAZARD, chinese)}{END}{after}"


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


@pytest.mark.parametrize("trigger", TYPED)
def test_a_trigger_has_a_command(trigger: str) -> None:
    typed = command_of(next(move for move in MOVES if move.trigger == trigger))
    assert typed is not None
    words = typed.split()
    found = command(words)
    options = {name for param in found.params if isinstance(param, click.Option) for name in param.opts}
    assert {word for word in words if word.startswith("-")} <= options


@pytest.mark.parametrize("trigger", sorted(HAZARD.authorities))
def test_a_trigger_has_both_labels(trigger: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", Term("trigger", trigger).say(chinese)), "it has no Chinese label"
    assert re.fullmatch(r"[a-z _-]+", Term("trigger", trigger).say(english))


@pytest.mark.parametrize("state", list(HAZARD.states))
def test_a_state_has_both_labels(state: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", Term("state", state).say(chinese)), "it has no Chinese label"
    assert re.fullmatch(r"[a-z _()-]+", Term("state", state).say(english))


def test_the_table_in_the_readme_is_that_of_the_process() -> None:
    readme = README.read_text(encoding="utf-8")
    assert readme == written_anew(readme), "type: python -m tests.test_readme"


def test_every_move_has_a_line_in_the_table() -> None:
    lines = markdown(HAZARD, chinese).splitlines()
    assert len(lines) == 2 + len(MOVES)
    assert {line.split(" | ")[0].removeprefix("| ") for line in lines[2:]} == {move.trigger for move in MOVES}


if __name__ == "__main__":
    README.write_text(written_anew(README.read_text(encoding="utf-8")), encoding="utf-8")
