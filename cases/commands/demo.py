"""`demo`: a report's ledger replayed, and what it came to. The replay lives above this room and is named, not imported."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from shlex import quote
from typing import Any

import click

from cases.commands.framework import Command, collect, common, default_store
from cases.commands.printing import answer, note, table
from cases.locale import translate

_ENGINE = "schedules.demo"
#: The words of a step that say what it was about; the first that it has.
_SAID = ("text", "note", "measure", "done", "goal", "receipt")


@click.command(cls=Command)
@click.option(
    "--report",
    type=click.Choice(["zone", "chemical", "township"]),
    default="zone",
    show_default=True,
    help="Which report's ledger.",
)
@click.option(
    "--keep", "file", metavar="FILE", help="Leave the store there; demo.db beside the default one unless given."
)
def demo(report: str, file: str | None) -> None:
    """Replay a whole campaign under its own time, and set its figures beside the ones its report prints.

    \b
    rectify demo
    rectify demo --keep campaign.db --lang zh
    """
    from cases.people import os_login

    engine = import_module(_ENGINE)
    collect()
    _say_where(file)
    target = Path(default_store()).with_name("demo.db") if file is None else Path(file)
    with _progress() as tick:
        made = engine.build(report, target, os_login(), tick)
    told = engine.told(made, os_login(), translate)
    answer({name: told[name] for name in ("store", "figures", "stuck", "history")}, lambda _: _show(told))


def _say_where(file: str | None) -> None:
    from workflow.words import Sentence

    if file is not None and "://" in file:
        raise click.UsageError(translate("a demo is kept in a file; give --keep FILE"))
    if file is None and common().db:
        note([Sentence("a demo makes a store of its own; --keep FILE says where")])


@contextmanager
def _progress() -> "Iterator[Callable[[int], None]]":
    """Draw a bar on stderr, to a terminal only; lend what moves it on."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(translate("replaying"), total=None)
        yield lambda total: bar.update(task, advance=1, total=total)


def _show(told: dict[str, Any]) -> None:
    click.echo(f"{told['report']}\n")
    click.echo(translate("The report's figures, and ours counted from history:"))
    table(told["figures"], ["phrase", "report", "computed", "agrees", "note"], empty="no figures")
    click.echo("\n" + translate("Stuck on {at}, heaviest first:").format(at=told["at"]))
    columns = ["id", "unit", "grade", "state", "reasons", "days_in_state", "waiting_on", "overdue_days", "text"]
    table(told["stuck"], columns, empty="nothing is stuck")
    click.echo("\n" + translate("The history of case {case}:").format(case=told["case"]))
    columns = ["at", "trigger", "to", "actor", "rule", "overdue_days", "rank", "note"]
    table([_step(step) for step in told["history"]], columns, empty="it has no history")
    click.echo("\n" + translate("Now look for yourself; without --at it is judged as of today, years later:"))
    for line in _next(told):
        click.echo(f"  {line}")


def _step(step: dict[str, Any]) -> dict[str, Any]:
    facts = step["facts"]
    said = next((facts[name] for name in _SAID if facts.get(name)), None)
    rule = facts["deadline"]["rule"] if isinstance(facts.get("deadline"), dict) else None
    brief = {"at": step["at"][:16].replace("T", " "), "note": said, "rule": rule}
    return {**step, **brief, **{name: facts.get(name) for name in ("rank", "overdue_days")}}


def _next(told: dict[str, Any]) -> list[str]:
    on, at, worst = f"--db {quote(told['store'])}", f'--at "{told["at"]}"', told["worst"]
    return [
        f"rectify stuck --by unit {on} {at}",
        f"rectify show {worst} {on} {at}",
        f"rectify next {worst} {on} {at} --as {quote(told['viewer'])}",
        f"rectify overdue --grade major {on} {at}",
        f"rectify report campaign {quote(told['campaign'])} --by sector {on} {at}",
        f"rectify audit verify {on}",
    ]
