"""How answers look: one JSON document, or readable lines and tables in which Chinese columns align."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import common, once_written
from cases.locale import translate

if TYPE_CHECKING:
    from cases.verbs.outcome import Outcome
    from workflow.words import Sentence

#: What an empty cell shows.
_NOTHING = "-"


def document(answer: Any) -> None:
    """Print one JSON document."""
    from json import dumps

    click.echo(dumps(answer, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def outcome(answer: "Outcome") -> None:
    """Print what a verb did, once it is written: its document, or what a reader should be told. Warnings go to stderr."""
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


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, empty: str, foot: str | None = None) -> None:
    """Print rows as a table with translated headings; `empty` is said when there are none, `foot` below."""
    if not rows:
        if empty:
            click.echo(translate(empty))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 200)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        drawn.add_column(label("column", name), overflow="fold", justify="right" if _is_numeric(rows, name) else "left")
    for row in rows:
        drawn.add_row(*[_cell(name, row.get(name)).replace("[", "\\[") for name in columns])
    console.print(drawn)
    if foot:
        click.echo(foot)


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
    "source": "source", "job": "job", "ground": "ground", "path": "path", "outcome": "outcome",
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


def _is_numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    values = [row.get(name) for row in rows if row.get(name) is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
