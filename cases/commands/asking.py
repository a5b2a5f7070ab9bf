"""The questions: one case, many cases, what is stuck. They read and never write. Reports are in report.py."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import Command, asking, common
from cases.commands.printing import answer, facts, label, table
from cases.commands.types import CAMPAIGN, CASE, DAY, UNIT
from cases.locale import translate

if TYPE_CHECKING:
    from cases.questions.asking import Asking
    from cases.questions.filters import Filters

STATES = ["found", "ordered", "rectifying", "submitted", "rechecked", "exiting",
          "closed", "shutdown", "relocated", "retreated", "voided"]  # fmt: skip
WAITS = ["unit", "inspector", "supervisor", "department", "none"]
REASONS = ["silent", "bouncing", "over_extended", "undecided", "unserved", "undelivered", "orphaned", "halt_ending"]
BY = ["area", "department", "unit", "responsible"]
_ROW = ["id", "unit", "grade", "state", "waiting_on", "due_on", "overdue_days", "area", "text"]
#: How many rows a table shows unless told otherwise; JSON shows all.
_LIMIT = 50

_CASE = click.argument("case", type=CASE)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the filters that every question about many cases takes."""
    options = [
        click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Only in this state."),
        click.option("--grade", "grades", type=click.Choice(["general", "larger", "major"]), multiple=True, help="Only of this grade."),
        click.option("--unit", type=UNIT, help="Only of this unit."),
        click.option("--area", help="Only in this area and everything below it."),
        click.option("--campaign", type=CAMPAIGN, help="Only of this campaign."),
        click.option("--waiting-on", type=click.Choice(WAITS), help="Only what waits on these."),
        click.option("--text", help="Only with this text."),
        click.option("--since", type=DAY, help="Found on this day or later."),
        click.option("--until", type=DAY, help="Found on this day or before."),
        click.option("--limit", type=click.IntRange(1), help="So many rows; a table shows 50 unless told."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def narrowed_by(ask: "Asking", unit: str | None, campaign: str | None, limit: int | None, **rest: Any) -> "Filters":
    """Return what was asked for as filters. Raises NotFound or Refused for a name nobody or several bear."""
    from cases.names import find
    from cases.questions.filters import Filters

    return Filters(
        unit=None if unit is None else int(find(ask.tx, "unit", unit).id),
        campaign=None if campaign is None else int(find(ask.tx, "campaign", campaign).id),
        limit=limit or (None if common().json else _LIMIT),
        **rest,
    )


# -- one case ----------------------------------------------------------------------------------------------------------


@click.command(cls=Command)
@_CASE
def show(case: int) -> None:
    """Show a case: where it is, whom it waits on, its orders, its evidence.

    \b
    rectify show 12
    """
    from cases.questions import one

    with asking() as ask:
        answer(one.show(ask, case), _show_case)


def _show_case(case: dict[str, Any]) -> None:
    nested = ("orders", "evidence", "halts", "exit")
    facts((name, value) for name, value in case.items() if name not in nested and value not in (None, [], ""))
    items = [
        {"number": order["number"], "served": order["served"], **item}
        for order in case["orders"]
        for item in order["items"]
    ]
    if items:
        table(items, ["number", "served", "measure", "responsible", "due_on", "result"], empty="")
    if case["halts"]:
        table(case["halts"], ["id", "kind", "scope", "state", "until", "waiting_on"], empty="")
    if case["exit"]:
        table(
            [{**case["exit"], "exit": case["exit"]["id"]}],
            ["exit", "kind", "line", "state", "missing", "leaves_on", "waiting_on"],
            empty="",
        )
    if case["evidence"]:
        table(case["evidence"], ["name", "media_type", "size", "hash"], empty="")


@click.command("next", cls=Command)
@_CASE
def next_(case: int) -> None:
    """Say what may happen to a case now, who may do it, and what is missing.

    \b
    rectify next 12
    """
    from cases.questions.moves import next_moves

    with asking() as ask:
        rows = next_moves(ask, case)
    answer(
        rows,
        lambda shown: table(
            [{**row, "missing": translate("; ").join(row["missing"])} for row in shown],
            ["trigger", "may", "who", "missing"],
            empty="it has ended; nothing is left to do",
        ),
    )


@click.command(cls=Command)
@_CASE
def history(case: int) -> None:
    """Show every step of a case along time, and what of it was overdue; with --json in the order of recording.

    \b
    rectify history 12
    """
    from cases.commands import timelines
    from cases.questions import one
    from cases.questions.timeline import timeline

    with asking() as ask:
        rows = one.history(ask, case)
        entries = [] if common().json else timeline(ask, case, rows)
    answer(rows, lambda _: timelines.timeline(entries))


@click.command(cls=Command)
@_CASE
def explain(case: int) -> None:
    """Explain a case's deadline: the rule, its source, every day counted.

    \b
    rectify explain 12
    """
    from cases.questions.explain import explain as explained

    with asking() as ask:
        answer(explained(ask, case), _show_explained)


def _show_explained(told: dict[str, Any]) -> None:
    if told["due_on"] is None:
        click.echo(translate("no deadline runs"))
        return
    facts((name, value) for name, value in told.items() if name not in ("counted", "others", "extensions"))
    table(_stretches(told["counted"]), ["from_day", "to_day", "days", "counts", "why"], empty="")


def _stretches(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fold days that count alike, for the same reason, into one line."""
    from itertools import groupby

    folded = []
    for (counts, why), run in groupby(days, key=lambda each: (each["counts"], each["why"])):
        stretch = list(run)
        folded.append(
            {
                "from_day": stretch[0]["date"],
                "to_day": stretch[-1]["date"],
                "days": len(stretch),
                "counts": counts,
                "why": why,
            }
        )
    return folded


# -- many cases --------------------------------------------------------------------------------------------------------


@click.command("list", cls=Command)
@filtered
def list_(**narrowed: Any) -> None:
    """List cases.

    \b
    rectify list --state submitted --grade major
    """
    from cases.questions import many

    with asking() as ask:
        filters = narrowed_by(ask, **narrowed)
        rows = many.list_cases(ask, filters)
        total = None if common().json else many.count_cases(ask, filters)
    answer(rows, lambda shown: table(shown, _ROW, empty="no such case", foot=_foot(len(rows), total)))


@click.command(cls=Command)
@click.option("--limit", type=click.IntRange(1), help="So many rows; 50 unless --json.")
def mine(limit: int | None) -> None:
    """List what waits on you, most urgent first.

    \b
    rectify mine
    """
    from cases.questions import many

    with asking() as ask:
        rows = many.mine(ask, limit or (None if common().json else _LIMIT))
    #: What a command takes that answers it: the number of the request, halt or exit.
    numbers = [name for name in ("extension", "halt", "exit") if any(name in each for each in rows)]
    columns = ["id", "kind", *numbers, *_ROW[1:]]
    answer(rows, lambda shown: table(shown, columns, empty="nothing waits on you", foot=_foot(len(rows), None)))


@click.command(cls=Command)
@filtered
@click.option("--by", type=click.Choice(BY), help="Count by this instead.")
def overdue(by: str | None, **narrowed: Any) -> None:
    """List what is overdue, by how many days.

    \b
    rectify overdue --by unit
    """
    from cases.questions import many

    with asking() as ask:
        filters = narrowed_by(ask, **narrowed)
        rows = many.overdue(ask, filters) if by is None else many.overdue_by(ask, filters, by)
        total = None if common().json or by else many.count_overdue(ask, filters)
    columns = _ROW if by is None else ["name", "count", "worst_days"]
    foot, bars = _foot(len(rows), total), by and "count"
    answer(rows, lambda shown: table(shown, columns, empty="nothing is overdue", foot=foot, bars=bars))


@click.command(cls=Command)
@filtered
@click.option("--reason", type=click.Choice(REASONS), help="Only stuck for this reason.")
@click.option("--by", type=click.Choice(BY), help="Count by this instead.")
def stuck(reason: str | None, by: str | None, **narrowed: Any) -> None:
    """List what is stuck and why, heaviest first.

    \b
    rectify stuck --by department
    rectify stuck --grade major --reason undecided
    """
    from cases.questions import stuck as question

    with asking() as ask:
        filters = narrowed_by(ask, **narrowed)
        found = question.stuck(ask, filters, reason) if by is None else question.stuck_by(ask, filters, by, reason)
    columns = ["id", "unit", "grade", "state", "reasons", "days_in_state", "waiting_on", "overdue_days", "text"]
    if by is not None:
        columns = ["name", "count", "worst_days"]
    foot, bars = _stuck_foot(found.totals), by and "count"
    answer(found.rows, lambda shown: table(shown, columns, empty="nothing is stuck", foot=foot, bars=bars))


def _stuck_foot(totals: dict[str, Any]) -> str:
    reasons = translate(", ").join(
        f"{label('reason', name)} {count}" for name, count in totals["by_reason"].items() if count
    )
    return translate("{count} stuck: {reasons}").format(count=totals["cases"], reasons=reasons or "-")


def _foot(shown: int, total: int | None) -> str | None:
    if total is None or total <= shown:
        return translate("{count} in all").format(count=shown)
    return translate("{shown} of {count}; more with --limit").format(shown=shown, count=total)
