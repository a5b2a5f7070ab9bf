"""The group `exit`: a unit, or a line of it, goes; decided, seen step by step, verified, visited after."""

from datetime import date
from typing import Any

import click

from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, facts, outcome, table
from cases.commands.types import CASE, DAY, NUMBER, PERSON, UNIT

KINDS = ["shutdown", "relocation", "retreat", "partial"]
STEPS = ["stopped", "disposed", "removed", "licence", "new_site"]
STATES = ["decided", "underway", "verified", "revoked", "breached"]

_ID = click.argument("number", type=NUMBER, metavar="ID")
_CASES = click.argument("cases", type=CASE, nargs=-1, required=True, metavar="CASE...")
_BY = click.option("--by", type=PERSON, multiple=True, required=True, help="An officer on site; two are needed.")
_INSPECTION = click.option("--inspection", required=True, help="The visit; `last`: the newest one you made.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what it would come to; write nothing.")
_IF_VERSION = click.option("--if-version", type=int, metavar="N", help="Only if the exit is still at this version.")


@click.group("exit", cls=Group)
def leaving() -> None:
    """Exits 退出: a unit, or a line of it, is shut down, relocated or retreats, and its hazards go with it."""


@leaving.command("decide")
@click.argument("unit", type=UNIT)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="How it goes.")
@click.option("--line", help="The line that goes, of a partial exit.")
@click.option("--case", "cases", type=CASE, multiple=True, help="A hazard of the line, of a partial exit.")
@click.option("--basis", type=click.Choice(["voluntary", "government"]), required=True, help="On whose word.")
@click.option("--body", help="The government that decided.")
@click.option("--number", help="The number of its decision.")
@click.option("--decided-on", type=DAY, help="The day of its decision; today unless given.")
@click.option("--due", "due_on", type=DAY, required=True, help="By when it is gone.")
@click.option("--interim", required=True, help="What keeps people safe until then.")
@_DRY_RUN
def decide(unit: str, dry_run: bool, **said: Any) -> None:
    """Decide that a unit, or a line of it, goes: its open hazards go with it, their orders are superseded.

    \b
    rectify exit decide 永安氧气 --kind shutdown --basis government --body "县人民政府" --number "湖政〔2026〕12号" --due 2026-12-20 --interim "停产并专人值守"
    rectify exit decide 宏达冷库 --kind partial --line "2号制冷线" --case 12 --basis voluntary --due 2026-12-20 --interim "停用该线"
    """
    from cases.verbs import exits

    with at_the_ledger(dry_run=dry_run) as door:
        outcome(exits.decide(door, unit, exits.Decision(**said)), dry_run=dry_run)


@leaving.command("add")
@_ID
@_CASES
@_DRY_RUN
@_IF_VERSION
def add(number: int, cases: tuple[int, ...], dry_run: bool, if_version: int | None) -> None:
    """Let open hazards of the unit, or of the line, join a running exit.

    \b
    rectify exit add 3 14 15
    """
    from cases.verbs import exits

    with at_the_ledger(dry_run=dry_run) as door:
        outcome(exits.add(door, number, cases, if_version=if_version), dry_run=dry_run)


@leaving.command("step")
@_ID
@click.argument("name", type=click.Choice(STEPS), metavar="STEP")
@click.option("--evidence", "files", metavar="FILE", multiple=True, help="A photo, report or certificate.")
@click.option("--on", type=DAY, help="The day it was seen; today unless given.")
@_IF_VERSION
def step(number: int, name: str, files: tuple[str, ...], on: date | None, if_version: int | None) -> None:
    """Record that a step was seen on site: stopped, disposed, removed, licence, new_site.

    \b
    rectify exit step 3 stopped --evidence gate.jpg --on 2026-11-20
    """
    from cases.verbs import evidence, exits

    with at_the_ledger() as door:
        kept = evidence.read(files, door.acting.policy)
        outcome(exits.step(door, number, name, kept, on, if_version=if_version))


@leaving.command("verify")
@_ID
@_BY
@_DRY_RUN
@_IF_VERSION
def verify(number: int, by: tuple[str, ...], dry_run: bool, if_version: int | None) -> None:
    """Verify on site that it has gone: its hazards end with it, halts are converted, visits are planned.

    \b
    rectify exit verify 3 --by 王敏 --by 李强
    """
    from cases.verbs import exits

    with at_the_ledger(dry_run=dry_run) as door:
        outcome(exits.verify(door, number, by, if_version=if_version), dry_run=dry_run)


@leaving.command("revoke")
@_ID
@click.option("--note", required=True, help="The reason in words.")
@click.option("--responsible", default="", help="The person responsible for what is ordered anew.")
@click.option("--measure", default="", help="What is to be done.")
@click.option("--due", "due_on", type=DAY, help="Until when.")
@click.option("--interim", help="Safety measures meanwhile.")
@click.option("--approved-by", type=PERSON, help="The supervisor who approves a date beyond the limit.")
@click.option("--why", help="The reason for the exception.")
@_DRY_RUN
@_IF_VERSION
def revoke(
    number: int,
    note: str,
    approved_by: str | None,
    why: str | None,
    dry_run: bool,
    if_version: int | None,
    **demand: Any,
) -> None:
    """Revoke a running exit: what was once ordered is ordered anew, the rest is found again; halts stand.

    \b
    rectify exit revoke 3 --note "企业撤回承诺" --responsible 张伟 --measure "分库储存" --due 2026-12-20
    """
    from cases.verbs import exits
    from cases.verbs.orders import Demand

    said = exits.Revocation(note, Demand(**demand), approved_by, why)
    with at_the_ledger(dry_run=dry_run) as door:
        outcome(exits.revoke(door, number, said, if_version=if_version), dry_run=dry_run)


@leaving.command("breach")
@_ID
@_INSPECTION
@click.option("--note", required=True, help="What was found running.")
@_DRY_RUN
@_IF_VERSION
def breach(number: int, inspection: str, note: str, dry_run: bool, if_version: int | None) -> None:
    """Record that a visit found it running again: its hazards come back as recurrences and climb at once.

    \b
    rectify exit breach 3 --inspection last --note "夜间恢复生产"
    """
    from cases.verbs import exits

    with at_the_ledger(dry_run=dry_run) as door:
        outcome(exits.breach(door, number, inspection, note, if_version=if_version), dry_run=dry_run)


@leaving.command("visit")
@_ID
@_INSPECTION
@click.option("--note", help="What was seen.")
def visit(number: int, inspection: str, note: str | None) -> None:
    """Record that a follow-up visit found it still shut; what runs again is a breach.

    \b
    rectify inspect 永安氧气 --by 王敏 --by 李强 --kind look-back
    rectify exit visit 3 --inspection last
    """
    from cases.verbs import exits

    with at_the_ledger() as door:
        outcome(exits.visit(door, number, inspection, note))


_COLUMNS = ["id", "unit", "kind", "line", "state", "missing", "waiting_on", "due_on", "overdue_days", "visit_on"]


@leaving.command("list")
@click.option("--overdue", is_flag=True, help="Only those that are late, or were not visited in time.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--unit", type=UNIT, help="Only those of this unit.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The newest so many.")
def exit_list(state: str | None, unit: str | None, limit: int | None, overdue: bool) -> None:
    """List the exits.

    \b
    rectify exit list --state underway
    rectify exit list --overdue
    """
    from cases.questions import exits

    with asking() as ask:
        rows = exits.list_exits(ask, state=state, unit=unit, overdue=overdue, limit=limit)
    answer(rows, lambda told: table(told, _COLUMNS, empty="nothing is leaving"))


@leaving.command("show")
@_ID
def exit_show(number: int) -> None:
    """Show an exit: what goes, what was seen and what is missing, and the visits that follow.

    \b
    rectify exit show 3
    """
    from cases.questions import exits

    with asking() as ask:
        found = exits.show(ask, number)
    answer(found, _print)


#: The tables of an exit's own page, with their columns.
_PARTS = {
    "cases": ["id", "grade", "text", "state"],
    "seen": ["step", "on", "actor", "evidence"],
    "follow_ups": ["months", "state", "due_on", "overdue_days", "inspection"],
    "steps": ["seq", "at", "trigger", "to", "actor"],
}


def _print(found: dict[str, Any]) -> None:
    parts = {name: found.pop(name) for name in _PARTS}
    facts(found.items())
    for name, rows in parts.items():
        if rows:
            click.echo()
            table(rows, _PARTS[name], empty="")
