"""Reports: figures computed from history, each with its rule; what is open and what contradicts itself, in words."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from cases.commands.filing import answer_or_files, file_report, filing
from cases.commands.framework import Group, asking
from cases.commands.printing import label, table
from cases.commands.types import CAMPAIGN, DAY
from cases.locale import translate

if TYPE_CHECKING:
    from cases.questions.asking import Asking

#: How many open cases a reader is shown; JSON names all.
_SHOWN = 50


def reporting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that every report takes."""
    options = [
        click.option("--cases", is_flag=True, help="Name the cases each figure is made of."),
        click.option("--as-of", type=DAY, help="Count what was recorded by this day."),
        click.option(
            "--changed-since", type=DAY, help="Beside each figure, what it was in the report filed on this day."
        ),
        click.option("--all-rectified", is_flag=True, help="Say that all is rectified: refused while a case is open."),
    ]
    for option in reversed(options):
        command = option(command)
    return filing(command)


@click.group(cls=Group)
def report() -> None:
    """Reports: the figures of a campaign, a period or a year's targets, computed from history."""


@report.command("campaign")
@click.argument("name", type=CAMPAIGN)
@click.option("--by", type=click.Choice(["sector", "list", "product", "area"]), help="Also by this.")
@reporting
def campaign(
    name: str,
    by: str | None,
    cases: bool,
    as_of: date | None,
    changed_since: date | None,
    all_rectified: bool,
    **files: str | None,
) -> None:
    """Report a campaign's figures, each with its rule.

    \b
    rectify report campaign 大检查 --by sector
    rectify report campaign 大检查 -o report.docx --chart report.png
    """
    from cases.names import find
    from cases.questions.figures import campaign_report, compared
    from cases.questions.figures.scope import of_campaign
    from cases.reports.page import Subject
    from workflow.words import Sentence

    with asking() as ask:
        found = find(ask.tx, "campaign", name)
        told = campaign_report(ask, int(found.id), by=by, cases=cases, as_of=as_of)
        if changed_since is not None:
            told = compared(told, campaign_report(ask, int(found.id), as_of=changed_since))
        _check_claim(ask, told, all_rectified)
        subject = Subject(Sentence("{campaign}: how the work stands", campaign=found.name), as_of, by)
        written = file_report(ask, told, subject, lambda: of_campaign(ask, found, as_of), **files)
    answer_or_files(told, written, _show_report)


@report.command("period")
@click.option("--from", "first", type=DAY, required=True, help="The first day.")
@click.option("--to", "last", type=DAY, required=True, help="The last day.")
@click.option("--by", type=click.Choice(["sector", "area"]), help="Also by this.")
@click.option("--area", help="Only in this area and everything below it.")
@reporting
def period(
    first: date,
    last: date,
    by: str | None,
    area: str | None,
    cases: bool,
    as_of: date | None,
    changed_since: date | None,
    all_rectified: bool,
    **files: str | None,
) -> None:
    """Report what happened from one day to another, both included.

    \b
    rectify report period --from 2026-07-01 --to 2026-09-30 --by area
    rectify report period --from 2026-07-01 --to 2026-09-30 -o quarter.xlsx
    """
    from cases.names import find_area
    from cases.questions.figures import compared, period_report
    from cases.questions.figures.scope import of_period
    from cases.reports.page import Subject
    from workflow.words import Sentence

    with asking() as ask:
        told = period_report(ask, first, last, by=by, area=area, cases=cases, as_of=as_of)
        if changed_since is not None:
            told = compared(told, period_report(ask, first, last, area=area, as_of=changed_since))
        _check_claim(ask, told, all_rectified)
        place = None if area is None else find_area(ask.tx, area)
        title = Sentence("Hazards found and rectified, {first} to {last}", first=first, last=last)
        if place is not None:
            title = Sentence("{area}: {title}", area=place.name, title=title)
        path = None if place is None else str(place.path)
        written = file_report(
            ask, told, Subject(title, as_of, by), lambda: of_period(ask, first, last, as_of, path), **files
        )
    answer_or_files(told, written, _show_report)


@report.command("assessment")
@click.option("--year", type=click.IntRange(1990, 2199), required=True, help="The year of the targets.")
@click.option("--by", type=click.Choice(["area", "department"]), help="Only these.")
@click.option("--cases", is_flag=True, help="Name the cases each figure is made of.")
@click.option("--as-of", type=DAY, help="Count what was recorded by this day.")
@filing
def assessment(year: int, by: str | None, cases: bool, as_of: date | None, **files: str | None) -> None:
    """Report what areas and departments reached of a year's targets, best first.

    \b
    rectify report assessment --year 2026 --by area
    rectify report assessment --year 2026 -o assessment.docx
    """
    from cases.questions.figures import assessment_report
    from cases.questions.figures.scope import of_period
    from cases.reports.page import Subject
    from workflow.words import Sentence

    with asking() as ask:
        told = assessment_report(ask, year, by=by, cases=cases, as_of=as_of)
        subject = Subject(Sentence("Assessment of safety work in {year}", year=year), as_of)
        first, last = date(year, 1, 1), date(year, 12, 31)
        written = file_report(ask, told, subject, lambda: of_period(ask, first, last, as_of), **files)
    answer_or_files(told, written, _show_assessment)


def _show_assessment(told: dict[str, Any]) -> None:
    rows = [row for group in told["groups"] for row in _assessed(group)]
    columns = ["ranked", "name", "figure", "value", "target", "achieved", "met"]
    table(rows, columns, empty="nobody has targets in that year; set one with: rectify target set AREA --year Y KEY N")
    for line in told["contradictions"]:
        click.echo(translate("contradiction: {what}").format(what=line))


def _assessed(group: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each target, who it is of only in the first."""
    from cases.reports.assessed import target_of
    from cases.reports.sentences import value_of

    first = {"ranked": group["rank"], "name": group["name"]}
    rows = [
        {
            "figure": label("figure", key),
            "value": value_of(figure, translate),
            "target": target_of(figure).say(translate),
            "achieved": None if figure["achieved"] is None else f"{figure['achieved']:.1%}",
            "met": figure["met"],
        }
        for key, figure in group["figures"].items()
    ]
    return [{**(first if n == 0 else {"ranked": "", "name": ""}), **row} for n, row in enumerate(rows)]


def _check_claim(ask: "Asking", told: dict[str, Any], all_rectified: bool) -> None:
    from cases.questions.figures import check_all_rectified

    if all_rectified:
        check_all_rectified(ask, told)


def _show_report(told: dict[str, Any]) -> None:
    rows = _figure_rows(told["figures"])
    columns = ["figure", "value", "was", "rule"] if "was" in rows[0] else ["figure", "value", "rule"]
    table(rows, columns, empty="no figures")
    for group in told["groups"]:
        click.echo(f"\n{label('scope_list', group['name'])}")
        table(_figure_rows(group["figures"]), ["figure", "value"], empty="no figures")
    if told["open"]:
        click.echo(_still_open(told["open"]))
    for line in told["contradictions"]:
        click.echo(translate("contradiction: {what}").format(what=line))


def _still_open(cases: list[int]) -> str:
    named = translate(", ").join(map(str, cases[:_SHOWN])) + (" …" if len(cases) > _SHOWN else "")
    return translate("not all is rectified; {count} still open: {cases}").format(count=len(cases), cases=named)


def _figure_rows(figures: dict[str, Any]) -> list[dict[str, Any]]:
    from cases.reports.sentences import value_of

    return [
        {
            "figure": label("figure", key),
            "value": value_of(figure, translate),
            **({"was": value_of({**figure, **figure["was"]}, translate)} if "was" in figure else {}),
            "rule": figure["rule"],
        }
        for key, figure in figures.items()
    ]
