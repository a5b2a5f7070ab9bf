"""The groups `checklist`, `tally` and `target`: what a campaign asks for, what was counted, what is to be reached."""

from datetime import date
from typing import Any

import click

from cases.commands.entries import shown
from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, outcome, table
from cases.commands.types import CAMPAIGN, DAY, UNIT

#: A negative number is a wrong count, and no option.
_TAKES_A_COUNT = {"help_option_names": ["-h", "--help"], "ignore_unknown_options": True}

# -- checklists --------------------------------------------------------------------------------------------------------


@click.group(cls=Group)
def checklist() -> None:
    """Checklists 整治提升标准: a campaign's standards, by version."""


@checklist.command("load")
@click.argument("campaign", type=CAMPAIGN)
@click.argument("file")
def checklist_load(campaign: str, file: str) -> None:
    """Load a campaign's checklist: CSV with the columns number, text, grade, basis, or TOML with a list `items` of them.

    Loading again makes the next version; the newest is in force.

    \b
    rectify checklist load 小化工整治 standards.csv
    """
    from pathlib import Path

    from cases.verbs import checklists

    with at_the_ledger() as door:
        items = checklists.items_in(file, door.acting.policy)
        outcome(checklists.load(door, campaign, items, Path(file).name))


@checklist.command("list")
@click.argument("campaign", type=CAMPAIGN, required=False)
def checklist_list(campaign: str | None) -> None:
    """List the checklists, every version.

    \b
    rectify checklist list
    """
    from cases.names import find
    from cases.questions import campaigns

    with asking() as ask:
        of = None if campaign is None else int(find(ask.tx, "campaign", campaign).id)
        rows = campaigns.list_checklists(ask, of)
    columns = ["campaign", "version", "items", "name", "made_by", "recorded_at"]
    answer(rows, lambda told: table(told, columns, empty="there are no checklists yet"))


@checklist.command("show")
@click.argument("campaign", type=CAMPAIGN)
@click.option("--version", type=click.IntRange(1), help="An older version; the newest unless said otherwise.")
def checklist_show(campaign: str, version: int | None) -> None:
    """Show a campaign's checklist.

    \b
    rectify checklist show 小化工整治
    """
    from cases.names import find
    from cases.questions import campaigns

    with asking() as ask:
        told = campaigns.show_checklist(ask, int(find(ask.tx, "campaign", campaign).id), version)
    shown("checklist", told, items=["number", "text", "grade", "basis"])


# -- tallies -----------------------------------------------------------------------------------------------------------

_ABOUT = click.option("--about", is_flag=True, help="The count is not exact 余/多/约.")


@click.group(cls=Group)
def tally() -> None:
    """Tallies 统计量: counted things that a report prints, of a campaign or an area."""


@tally.command("add", context_settings=_TAKES_A_COUNT)
@click.argument("of", metavar="CAMPAIGN|AREA")
@click.argument("key")
@click.argument("value")
@click.option("--measure", metavar="U", required=True, help="What it is counted in: 条, 套, 亩 …")
@_ABOUT
@click.option("--on", type=DAY, required=True, help="When it was counted.")
@click.option("--unit", type=UNIT, help="The unit it belongs to.")
def tally_add(of: str, key: str, value: str, **said: Any) -> None:
    """Record that so much of something was counted; tallies of one key add up, and 0 is a count.

    \b
    rectify tally add 小化工整治 land.mu 229.8 --measure 亩 --on 2026-11-30
    rectify tally add 临湖乡 publicity.slogans 20 --about --measure 条 --on 2026-11-30
    """
    from cases.verbs import counts

    with at_the_ledger() as door:
        outcome(counts.add_tally(door, of, key, value, **said))


@tally.command("correct", context_settings=_TAKES_A_COUNT)
@click.argument("number", type=click.IntRange(1), metavar="TALLY")
@click.argument("value")
@_ABOUT
@click.option("--on", type=DAY, help="When it was counted; the day that was given before unless said otherwise.")
def tally_correct(number: int, value: str, about: bool, on: date | None) -> None:
    """Put another count in the place of one that was wrong; both stay on record.

    \b
    rectify tally correct 3 27
    """
    from cases.verbs import counts

    with at_the_ledger() as door:
        outcome(counts.correct_tally(door, number, value, about=about, on=on))


@tally.command("list")
@click.argument("of", metavar="CAMPAIGN|AREA", required=False)
@click.option("--all", "everything", is_flag=True, help="Also those that another one replaced.")
def tally_list(of: str | None, everything: bool) -> None:
    """List the tallies.

    \b
    rectify tally list 小化工整治
    """
    from cases.questions import campaigns

    with asking() as ask:
        rows = campaigns.list_tallies(ask, of, everything=everything)
    columns = ["id", "counted_of", "key", "value", "counted_in", "about", "on", "unit"]
    columns += ["replaced_by"] if everything else []

    def show(told: list[dict[str, Any]]) -> None:
        table(
            [{**row, "counted_of": row["of"], "counted_in": row["measure"]} for row in told],
            columns,
            empty="there are no tallies yet",
        )

    answer(rows, show)


# -- targets -----------------------------------------------------------------------------------------------------------

_YEAR = click.IntRange(1990, 2199)


@click.group(cls=Group)
def target() -> None:
    """Targets 目标责任书: what an area or a department is to reach in a year."""


@target.command("set", context_settings=_TAKES_A_COUNT)
@click.argument("of", metavar="AREA|DEPARTMENT")
@click.argument("key")
@click.argument("value", metavar="N")
@click.option("--year", type=_YEAR, required=True, metavar="Y", help="The year.")
def target_set(of: str, key: str, value: str, year: int) -> None:
    """Set a target of a year; a later one of the same key takes its place.

    \b
    rectify target set 柳村 --year 2026 inspections 12
    """
    from cases.verbs import counts

    with at_the_ledger() as door:
        outcome(counts.set_target(door, of, year=year, key=key, value=value))


@target.command("list")
@click.option("--year", type=_YEAR, metavar="Y", help="Only of this year.")
@click.option("--all", "everything", is_flag=True, help="Also those that a later one replaced.")
def target_list(year: int | None, everything: bool) -> None:
    """List the targets.

    \b
    rectify target list --year 2026
    """
    from cases.questions import campaigns

    with asking() as ask:
        rows = campaigns.list_targets(ask, year=year, everything=everything)
    answer(
        rows,
        lambda told: table(
            told, ["id", "area", "department", "year", "key", "value"], empty="there are no targets yet"
        ),
    )
