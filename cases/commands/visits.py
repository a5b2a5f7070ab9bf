"""`inspect`, `record`, `correct`: what happens on site."""

from datetime import date, time
from typing import Any

import click

from cases.commands.framework import Command, at_the_ledger
from cases.commands.printing import outcome
from cases.commands.types import CAMPAIGN, CASE, DAY, DEPARTMENT, HOUR, PERSON, UNIT
from cases.locale import translate

KINDS = ["routine", "campaign", "recheck", "look-back", "acceptance", "patrol", "report"]
GRADES = ["general", "larger", "major"]


@click.command(cls=Command)
@click.argument("unit", type=UNIT)
@click.option(
    "--by", type=PERSON, multiple=True, required=True, help="An officer on site; two, but for patrol and report."
)
@click.option("--on", type=DAY, help="The day of the visit; today unless --at says otherwise.")
@click.option("--start", "starts", type=HOUR, metavar="HH:MM", help="When the visit began.")
@click.option("--end", "ends", type=HOUR, metavar="HH:MM", help="When the visit ended.")
@click.option("--kind", type=click.Choice(KINDS), default="routine", show_default=True, help="The kind of visit.")
@click.option("--campaign", type=CAMPAIGN, help="The campaign it belongs to.")
@click.option("--round", help="The round of a campaign.")
@click.option("--with", "together_with", type=DEPARTMENT, multiple=True, help="Another department taking part.")
@click.option("--place", help="Where on the premises.")
@click.option("--signed", "signed_by", metavar="NAME", help="Who signed the record for the unit.")
@click.option("--sign-refused", metavar="WHY", help="Why nobody signed it.")
@click.option("--note", help="What else should be known.")
def inspect(
    unit: str, by: tuple[str, ...], on: date | None, starts: time | None, ends: time | None, **said: Any
) -> None:
    """Record a visit to a unit; it may find nothing.

    \b
    rectify inspect 永安氧气 --by 王敏 --by 李强 --campaign 大检查
    """
    from cases.verbs import visits

    if said["signed_by"] and said["sign_refused"]:
        raise click.UsageError(translate("either --signed or --sign-refused"))
    with at_the_ledger() as door:
        outcome(visits.inspect(door, unit, by, visits.Visit(on=on, starts=starts, ends=ends, **said)))


@click.command(cls=Command)
@click.argument("inspection")
@click.argument("text", required=False)
@click.option("--grade", type=click.Choice(GRADES), help="How grave it is.")
@click.option("--sector", help="The sector; the unit's unless said otherwise.")
@click.option("--place", help="Where it was found.")
@click.option("--basis", help="The rule it breaks.")
@click.option(
    "--standard", metavar="ITEM", help="The item of the campaign's checklist; TEXT and --grade are taken from it."
)
@click.option("--evidence", "files", metavar="FILE", multiple=True, help="A photo, report or certificate.")
@click.option(
    "--file", "csv_file", metavar="CSV", help="Many hazards: columns text, grade, sector, place, basis, standard."
)
def record(
    inspection: str, text: str | None, grade: str | None, files: tuple[str, ...], csv_file: str | None, **more: Any
) -> None:
    """Record a hazard found by an inspection (`last`: the newest one you made).

    \b
    rectify record last "氧气瓶与乙炔瓶混放" --grade major --basis GB50016
    rectify record last --standard 12
    """
    from cases.names import find_inspection
    from cases.verbs import evidence, visits

    is_whole = more["standard"] is not None or (text is not None and grade is not None)
    if (csv_file is None) != is_whole or (csv_file is not None and text is not None):
        raise click.UsageError(translate("give a TEXT with --grade, a --standard, or --file CSV"))
    with at_the_ledger() as door:
        found = (
            visits.findings_in(csv_file, door) if csv_file is not None else [visits.finding(door, text, grade, **more)]
        )
        kept = evidence.read(files, door.acting.policy)
        outcome(visits.record(door, find_inspection(door.tx, inspection, door.acting.actor.id), found, kept))


@click.command("look-back", cls=Command)
@click.argument("inspection")
@click.argument("cases", type=CASE, nargs=-1, required=True, metavar="CASE...")
@click.option("--stayed/--recurred", "stayed", default=None, help="Whether they stayed put right, or came back.")
@click.option("--note", help="What was seen.")
def look_back(inspection: str, cases: tuple[int, ...], stayed: bool | None, note: str | None) -> None:
    """Say what a look-back visit 回头看 saw of ended cases: they stayed, or recurred and are open again.

    \b
    rectify look-back last 12 13 --stayed
    rectify look-back last 14 --recurred --note "再次混放"
    """
    from cases.verbs import look_backs

    if stayed is None:
        raise click.UsageError(translate("either --stayed or --recurred"))
    with at_the_ledger() as door:
        outcome(look_backs.look_back(door, inspection, cases, "stayed" if stayed else "recurred", note))


@click.command(cls=Command)
@click.argument("cases", type=CASE, nargs=-1, required=True, metavar="CASE...")
@click.option("--evidence", "files", metavar="FILE", multiple=True, required=True, help="A photo of it put right.")
@click.option("--note", help="What was done.")
@click.option("--close", is_flag=True, help="Close it out as well.")
@click.option("--if-version", type=int, metavar="N", help="Only if the case is still at this version.")
def correct(
    cases: tuple[int, ...], files: tuple[str, ...], note: str | None, close: bool, if_version: int | None
) -> None:
    """Put general hazards right on the spot, on the day of the inspection.

    \b
    rectify correct 12 13 --evidence after.jpg --close
    """
    from cases.verbs import evidence, rechecks

    with at_the_ledger() as door:
        kept = evidence.read(files, door.acting.policy)
        outcome(rechecks.correct(door, cases, kept, note, close=close, if_version=if_version))
