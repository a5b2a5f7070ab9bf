"""The groups `import` and `export`: older ledgers in, cases out, as Excel and CSV."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cases.commands.asking import filtered, narrowed_by
from cases.commands.framework import Group, asking, at_the_ledger, common, once_written
from cases.commands.printing import document
from cases.commands.types import DEPARTMENT
from cases.locale import is_chinese, translate

if TYPE_CHECKING:
    from cases.exchange.importing import Asked, Made
    from cases.exchange.sources import Source
    from cases.exchange.telling import Told
    from workflow.words import Sentence

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")


@click.group("import", cls=Group)
def import_() -> None:
    """Import an older ledger, or write a template for one."""


@import_.command("ledger")
@_FILE
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="More names of columns, words and defaults, as TOML.",
)
@click.option("--department", type=DEPARTMENT, help="Who answers for rows that name nobody; else your own department.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what is in it and take nothing over; what cannot be read is copied all the same.",
)
@click.option("--skip-bad", is_flag=True, help="Take over what can be read, and leave the other rows out.")
def ledger(file: Path, mapping: Path | None, department: str | None, dry_run: bool, skip_bad: bool) -> None:
    """Import an older ledger 台账 (.xlsx, .xls, .csv): each hazard becomes a case with the past its row proves.

    Rows that cannot be read are named, also in a copy of the file beside it, FILE.reasons.xlsx – FILE.reasons-2.xlsx where
    one is there already; nothing else is written then, unless with --skip-bad. The same rows again add nothing.

    \b
    rectify import ledger 2025年台账.xlsx --dry-run
    """
    from cases.exchange import copies, importing, sources
    from cases.exchange.columns import extended
    from cases.exchange.telling import Told
    from workflow.errors import BadInput

    vocabulary = extended(mapping)
    with sources.opened(file) as source:
        with asking() as ask, _progress(source, translate("reading")) as progress:
            asked = importing.Asked(ask.viewer, ask.policy, ask.calendar, ask.now, vocabulary, department)
            survey = importing.surveyed(ask.tx, source, asked, progress)
        told = Told(source, survey, is_rehearsal=dry_run)
        _say(told.understood())
        if survey.findings.complaints:
            with suppress(BadInput):  # a folder nobody may write in: what is wrong is said all the same
                told.copy = copies.written(file, survey.sheets, survey.findings.complaints, translate)
            if not (dry_run or skip_bad):
                raise told.refusal()
        if dry_run or not (survey.findings.cases or survey.findings.clean):
            _done(told, None, [])
        else:
            _take(source, asked, told, skip_bad=skip_bad)


@import_.command("template")
@_FILE
def template(file: Path) -> None:
    """Write an empty ledger with drop-downs, and a sheet that explains its columns (.xlsx).

    \b
    rectify import template 台账模板.xlsx
    """
    from cases.exchange.sheets import write_workbook
    from cases.exchange.template import template as sheets

    if file.suffix.lower() != ".xlsx":
        raise click.UsageError(
            translate("a template is an Excel file; name it like {name}.xlsx").format(name=file.stem)
        )
    write_workbook(file, sheets(translate, is_chinese=is_chinese()))
    _wrote(file)


@click.group(cls=Group)
def export() -> None:
    """Export cases as a ledger that prints and imports again."""


@export.command("cases")
@_FILE
@filtered
def cases(file: Path, **narrowed: Any) -> None:
    """Export cases as a ledger (.xlsx or .csv) that prints and imports again; all of them unless filtered.

    \b
    rectify export cases 东溪镇.xlsx --area 330109001 --since 2026-01-01
    """
    from cases.exchange.exporting import exported
    from cases.exchange.sheets import write_csv, write_workbook

    kind = file.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise click.UsageError(translate("cases are exported as .xlsx or .csv; name the file so"))
    with asking() as ask:
        filters = replace(narrowed_by(ask, **narrowed), limit=narrowed["limit"])
        sheet = exported(ask, filters, is_chinese=is_chinese())
        count = write_csv(file, sheet) if kind == ".csv" else write_workbook(file, [sheet])
    _wrote(file, count)


def _wrote(file: Path, count: int | None = None) -> None:
    """Say which file was written, and how many cases are in it."""
    if common().json:
        document({"file": str(file), **({} if count is None else {"cases": count})})
    elif count is None:
        click.echo(translate("{file} is written").format(file=file))
    else:
        click.echo(translate("{count} cases are in {file}").format(count=count, file=file))


def _take(source: "Source", asked: "Asked", told: "Told", *, skip_bad: bool) -> None:
    """Write what was surveyed, in one transaction; refuse it when the registers changed so that a row is bad now."""
    from cases.exchange import importing

    with at_the_ledger() as door, _progress(source, translate("writing")) as progress:
        acting = door.acting
        now = replace(asked, actor=acting.actor, policy=acting.policy, calendar=acting.calendar, now=acting.when.at)
        number, cases, told.survey.findings = importing.taken(door, source, now, progress)
        if told.survey.findings.complaints and not skip_bad:
            raise told.refusal()
        once_written(lambda: _done(told, number, cases))


def _say(sentences: "Iterator[Sentence]") -> None:
    """Say something to a reader; whoever asked for JSON gets it there."""
    if not common().json:
        for sentence in sentences:
            click.echo(sentence.say(translate))


def _done(told: "Told", number: int | None, cases: "Sequence[Made]") -> None:
    if common().json:
        document(told.document(number, cases, translate))
    else:
        _say(told.came_of_it(number))


@contextmanager
def _progress(source: "Source", doing: str) -> "Iterator[Callable[[int], None]]":
    """Lend what counts rows on a terminal; nowhere else does anybody see it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        rows = shown.add_task("", total=sum(page.height for page in source.pages) or None)
        yield lambda count: shown.advance(rows, count)
