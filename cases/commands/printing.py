"""How answers look: one JSON document, or readable lines and tables in which Chinese columns align."""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import common, once_written
from cases.commands.streams import as_json
from cases.locale import translate

if TYPE_CHECKING:
    from rich.table import Table

    from cases.verbs.outcome import Outcome
    from workflow.words import Sentence

#: What an empty cell shows.
_NOTHING = "-"


def document(answer: Any) -> None:
    """Print one JSON document."""
    click.echo(as_json(answer, sys.stdout, indent=2 if sys.stdout.isatty() else None))


def outcome(answer: "Outcome", *, dry_run: bool = False) -> None:
    """Print what a verb did, once it is written: its document, or what a reader should be told. Warnings go to stderr.

    With `dry_run` it is said that nothing was.
    """
    if dry_run:
        from workflow.words import Sentence

        answer.document["dry_run"] = True
        answer.warnings.append(Sentence("nothing was written: it was only tried"))
    once_written(lambda: _outcome(answer))


def _outcome(answer: "Outcome") -> None:
    if common().json:
        document(answer.document)
    else:
        for sentence in answer.said:
            click.echo(sentence.say(translate))
    note(answer.warnings)


def note(sentences: Iterable["Sentence"]) -> None:
    """Say something that is not the answer: to stderr, and only to a terminal or when nothing else is parsed."""
    for sentence in sentences:
        if sys.stderr.isatty() or not common().json:
            click.echo(translate("note: {what}").format(what=sentence.say(translate)), err=True)


def answer(data: Any, show: Callable[[Any], None]) -> None:
    """Print an answer: as JSON when asked, else the way `show` does."""
    if common().json:
        document(data)
    else:
        show(data)


def written(file: str, content: bytes) -> None:
    """Put a file in its place and say so."""
    from cases.placing import place

    place(file, content)
    answer({"file": file}, lambda _: click.echo(translate("{file} is written").format(file=_plain(file))))


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal that something takes its time."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(translate("writing {file} …").format(file=_plain(what)), spinner="line"):
        yield


def table(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    empty: str,
    foot: str | None = None,
    bars: str | None = None,
) -> None:
    """Print rows as a table with translated headings; `empty` is said when there are none, `foot` below.

    On a terminal that is wide enough a bar shows the numbers of the column `bars`.
    """
    if not rows:
        if empty:
            click.echo(translate(empty))
        return
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 200)
    drawn = _drawn(rows, columns)
    if bars and sys.stdout.isatty():
        # Half of the room that is left: some Chinese terminals draw a block two cells wide.
        room = (console.width - console.measure(drawn).maximum - 2) // 2
        if room >= _SHORTEST:
            drawn = _drawn(rows, columns, bars_of([row[bars] for row in rows], min(room, _LONGEST), console.encoding))
    console.print(drawn)
    if foot:
        click.echo(foot)


#: The longest bar, and the shortest that is worth drawing, in cells.
_LONGEST, _SHORTEST = 30, 8


def _drawn(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], bars: Sequence[str] = ()) -> "Table":
    from rich import box
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        drawn.add_column(label("column", name), overflow="fold", justify="right" if _is_numeric(rows, name) else "left")
    if bars:
        drawn.add_column("", no_wrap=True)
    for row, *bar in zip(rows, *([bars] if bars else []), strict=True):
        drawn.add_row(*[_cell(name, row.get(name)).replace("[", "\\[") for name in columns], *bar)
    return drawn


def bars_of(numbers: Sequence[int], room: int, encoding: str = "utf-8") -> list[str]:
    """Return a bar for each number, the largest `room` cells long; whatever is not 0 is seen."""
    block = "\u2588"
    try:
        block.encode(encoding)
    except (LookupError, UnicodeError):
        block = "#"
    most = max(numbers, default=0)
    return [block * -(-number * room // most) if most > 0 else "" for number in numbers]


def facts(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names and values one below the other, aligned."""
    from rich.cells import cell_len

    shown = [(label("column", name), _cell(name, value)) for name, value in pairs]
    width = max((cell_len(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(f"{name}{' ' * (width - cell_len(name))}  {value}")


#: Columns whose values are words of the trade, and the kind of word.
_TERMS = {
    "state": "state", "from": "state", "to": "state", "waiting_on": "waiting_on", "grade": "grade", "rank": "rank",
    "trigger": "trigger", "role": "role", "reasons": "reason", "kind": "kind", "list": "scope_list", "status": "scope_status",
    "result": "result", "rule": "rule", "listed_rank": "rank", "reason": "reason", "why": "why", "check": "check",
    "actor": "actor", "recorded_by": "actor", "served_how": "served_how", "rule_source": "source",
    "source": "source", "job": "job", "ground": "ground", "scope": "scope", "paper": "paper", "commitment": "path", "outcome": "outcome",
    "basis": "basis", "missing": "exit_step", "step": "exit_step",
}  # fmt: skip


def label(kind: str, value: str) -> str:
    """Return the label of a word in the reader's language."""
    from workflow.words import Term

    return Term(kind, value).say(translate)


def _cell(name: str, value: Any) -> str:
    return _plain(worded(name, value))


def worded(name: str, value: Any) -> str:
    """Return a value as the reader says it: labels for words of the trade, yes and no, lists in a row."""
    if value is None or value in ("", []):
        return _NOTHING
    if isinstance(value, bool):
        return translate("yes") if value else translate("no")
    if isinstance(value, list | tuple):
        return translate(", ").join(worded(name, each) for each in value)
    text = str(value)
    kind = _TERMS.get(name.rpartition(".")[2])
    return label(kind, text) if kind else text


def _plain(text: str) -> str:
    """No cell may bring a line break or a control character to the terminal."""
    return "".join(each if each.isprintable() else " " for each in text)


def in_short(told: Mapping[str, Any]) -> str:
    """Return the facts of a step in one line, those that say something."""
    return translate("; ").join(
        f"{label('column', name)} {_brief(name, value)}" for name, value in told.items() if value not in (None, [], "")
    )


def _brief(name: str, value: Any) -> str:
    if name == "imported":
        return translate("{sheet} row {row}").format(sheet=value["sheet"], row=value["row"])
    if name == "new" and isinstance(value, dict):  # what a failed recheck orders anew: an item, as `order` tells it
        return f"({in_short(value)})"
    if isinstance(value, dict):
        return str(value.get("name") or " ".join(_brief(each, value[each]) for each in value))
    if isinstance(value, list):
        return translate(", ").join(_brief(name, each) for each in value)
    return worded(name, value)


def _is_numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    values = [row.get(name) for row in rows if row.get(name) is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
