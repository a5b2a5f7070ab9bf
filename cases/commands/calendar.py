"""The group `calendar`: the working days shown and counted, and the yearly notice they come from loaded."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, outcome
from cases.commands.types import DAY
from cases.locale import translate
from workflow.words import Sentence

#: More working days than any limit counts: forty years of them.
MOST_DAYS = 10_000
#: How wide a month is: seven days of two figures and a sign.
_MONTH = 7 * 3
_GAP = "   "


@click.group(cls=Group)
def calendar() -> None:
    """The working days 工作日历: a year, a count, and the yearly notice they come from."""


@calendar.command("load")
@click.argument("file", type=click.Path())
def load(file: str) -> None:
    """Load the State Council's holiday notice for a year, from a small TOML file; administrators only.

    It says the whole of its year, and what it moves after 20 December of the year before. Loading another one for the
    same year takes the place of the first; history keeps both. Provisional deadlines are counted anew;
    dates on an order stay.

    \b
    rectify calendar load 2027.toml

    \b
    document = "国办发明电〔2026〕7号"
    published = 2026-11-05
    year = 2027
    off = [{ from = 2027-01-01, to = 2027-01-03, name = "元旦" }, 2027-04-05]
    worked = [2027-02-14]
    """
    from cases.verbs.calendars import load as load_notice

    with at_the_ledger() as door:
        outcome(load_notice(door, _read(file), file))


def _read(file: str) -> str:
    from workflow.errors import BadInput
    from workflow.holidays import MOST_CHARACTERS

    try:
        with Path(file).open(encoding="utf-8") as opened:
            return opened.read(MOST_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadInput(Sentence("{file} cannot be read; give a TOML file in UTF-8", file=file)) from error


@calendar.command("add")
@click.argument("day", metavar="DATE", type=DAY)
@click.argument("days", metavar="N", type=click.IntRange(1, MOST_DAYS))
def add(day: date, days: int) -> None:
    """Say which day is the N-th working day after a date, which itself does not count; N is 1 to 10000.

    \b
    rectify calendar add 2026-09-28 10
    """
    from cases.questions.calendars import nth_working_day

    with asking() as ask:
        answer(nth_working_day(ask, day, days), _show_day)


def _show_day(found: dict[str, Any]) -> None:
    told = translate("{date} (provisional)") if found["provisional"] else "{date}"
    click.echo(told.format(date=found["date"]))


# -- a year ------------------------------------------------------------------------------------------------------------

_MONTHS = (
    Sentence("January"), Sentence("February"), Sentence("March"), Sentence("April"), Sentence("May"), Sentence("June"),
    Sentence("July"), Sentence("August"), Sentence("September"), Sentence("October"), Sentence("November"), Sentence("December"),
)  # fmt: skip
_WEEKDAYS = (
    Sentence("Mo"), Sentence("Tu"), Sentence("We"), Sentence("Th"), Sentence("Fr"), Sentence("Sa"), Sentence("Su"),
)  # fmt: skip
_SIGNS = {"holiday": "*", "moved working day": "+"}


@calendar.command("show")
@click.argument("year", type=int)
def show(year: int) -> None:
    """Show a year: its holidays, its worked weekends, which days are provisional, and where that comes from.

    \b
    rectify calendar show 2026
    """
    from cases.questions.calendars import year_of

    with asking() as ask:
        answer(year_of(ask, year), _show_year)


def _show_year(told: dict[str, Any]) -> None:
    from shutil import get_terminal_size

    months = [list(_month(told["days"], number)) for number in range(1, 13)]
    fit = (get_terminal_size((80, 24)).columns + len(_GAP)) // (_MONTH + len(_GAP))
    across = next((count for count in (6, 4, 3, 2) if count <= fit), 1)
    click.echo(told["year"])
    for first in range(0, 12, across):
        _show_beside(months[first : first + across])
    click.echo(f"\n{translate('* holiday   + weekend day that is worked')}")
    for sentence in _about(told):
        click.echo(sentence.say(translate))


def _month(days: Sequence[dict[str, Any]], number: int) -> Iterator[str]:
    """Yield the lines of one month: its name, the weekdays, six weeks."""
    own = [each for each in days if int(each["date"][5:7]) == number]
    blank = date.fromisoformat(own[0]["date"]).weekday()
    cells = ["   "] * blank + [f"{int(each['date'][8:]):2}{_SIGNS.get(each['why'], ' ')}" for each in own]
    yield _padded(_MONTHS[number - 1].say(translate), _MONTH)
    yield "".join(_padded(each.say(translate), 3) for each in _WEEKDAYS)
    for week in range(0, 42, 7):
        yield _padded("".join(cells[week : week + 7]), _MONTH)


def _padded(text: str, width: int) -> str:
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))


def _show_beside(months: Sequence[Sequence[str]]) -> None:
    click.echo("")
    lines = [_GAP.join(parts).rstrip() for parts in zip(*months, strict=True)]
    click.echo("\n".join(lines).rstrip())


def _about(told: dict[str, Any]) -> Iterator[Sentence]:
    """Yield what a reader must know of the year: where it comes from, and how firm it is."""
    year, firm = told["year"], told["firm_until"]
    if told["source"] is None:
        yield Sentence("no notice for {year} is known: only weekends are off", year=year)
    else:
        yield Sentence("source: {source}", source=told["source"])
    for notice in told["notices"]:
        if notice["in_force"]:
            yield Sentence(
                "notice for {year}: {document} of {published}, version {version}",
                year=notice["year"], document=notice["document"], published=notice["published"],
                version=notice["version"],
            )  # fmt: skip
    provisional = [each["date"] for each in told["days"] if each["provisional"]]
    if not provisional:
        yield Sentence("every day is firm")
    else:
        yield Sentence(
            "provisional: {first} to {last}; the calendar is firm until {firm}",
            first=provisional[0], last=provisional[-1], firm=firm,
        )  # fmt: skip
