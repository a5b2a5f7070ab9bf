"""The group `halt`: impose one, confirm, ask to resume, review, prolong, revoke, look."""

from datetime import date
from typing import Any

import click

from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, facts, outcome, table
from cases.commands.types import CASE, DAY, NUMBER, PERSON, UNIT

#: The words of workflow.terms and workflow.states, which help does without: a test holds them together.
KINDS = ["temporary", "stop_use", "stop_work", "penalty"]
SCOPES = ["whole", "part"]
STATES = ["imposed", "resumption_requested", "lifted", "revoked", "converted"]

_ID = click.argument("number", type=NUMBER, metavar="ID")
_NOTE = click.option("--note", help="What is said about it.")
_NOTED = click.option("--note", required=True, help="What is said about it.")
_BY = click.option("--by", multiple=True, type=PERSON, metavar="NAME", help="An officer on site; name two.")
_EVIDENCE = click.option("--evidence", "files", metavar="FILE", multiple=True, help="A photo, report or certificate.")
_IF_VERSION = click.option("--if-version", type=int, metavar="N", help="Only if the halt is still at this version.")


@click.group(cls=Group)
def halt() -> None:
    """Halts 停产整顿: a unit, or part of it, stops for named hazards until they are put right and seen."""


@halt.command("impose")
@click.argument("unit", type=UNIT)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What kind of halt.")
@click.option(
    "--case", "cases", type=CASE, multiple=True, required=True, help="A hazard it is for; several are allowed."
)
@click.option("--scope", type=click.Choice(SCOPES), required=True, help="The whole unit, or part of it.")
@click.option("--until", type=DAY, required=True, help="Its date; past it the halt stands on and climbs.")
@click.option("--reason", required=True, help="Why, in words.")
@_BY
@click.option("--number", metavar="NO", help="The number of the penalty's decision.")
def impose(unit: str, **said: Any) -> None:
    """Halt a unit for open hazards of its own: a supervisor, or two officers on site in danger.

    \b
    rectify halt impose 临湾采石场 --kind temporary --case 12 --scope part --until 2026-12-31 --reason "边坡失稳"
    """
    from cases.verbs import halts

    with at_the_ledger() as door:
        outcome(halts.impose(door, unit, halts.Measure(**said)))


@halt.command("confirm")
@_ID
@_NOTE
@_IF_VERSION
def confirm(number: int, note: str | None, if_version: int | None) -> None:
    """Confirm a halt that two officers imposed on site.

    \b
    rectify halt confirm 3
    """
    _decide("confirm", number, {"note": note}, if_version)


@halt.command("request")
@_ID
@_NOTED
@_EVIDENCE
@_IF_VERSION
def request(number: int, note: str, files: tuple[str, ...], if_version: int | None) -> None:
    """Ask to resume, saying what was done; the department owes a review.

    \b
    rectify halt request 3 --note "边坡已削坡加固，附检测报告" --evidence report.pdf
    """
    from cases.verbs import evidence, halts

    with at_the_ledger() as door:
        kept = evidence.read(files, door.acting.policy)
        outcome(halts.request(door, number, note, kept, if_version=if_version))


@halt.command("refuse")
@_ID
@_NOTE
@_IF_VERSION
def refuse(number: int, note: str | None, if_version: int | None) -> None:
    """Refuse to let a unit resume: the halt stands.

    \b
    rectify halt refuse 3 --note "西侧边坡未处理"
    """
    _decide("refuse", number, {"note": note}, if_version)


@halt.command("lift")
@_ID
@_BY
@_NOTED
@_EVIDENCE
@_IF_VERSION
def lift(number: int, by: tuple[str, ...], note: str, files: tuple[str, ...], if_version: int | None) -> None:
    """Lift a halt after two officers saw on site that every hazard it names was put right.

    \b
    rectify halt lift 3 --by 王磊 --by 陈静 --note "隐患均已消除，同意恢复生产"
    """
    from cases.verbs import evidence, halts

    with at_the_ledger() as door:
        kept = evidence.read(files, door.acting.policy)
        outcome(halts.lift(door, number, by, note, kept, if_version=if_version))


@halt.command("prolong")
@_ID
@click.option("--until", type=DAY, required=True, help="The later date.")
@click.option("--reason", required=True, help="Why, in words.")
@_IF_VERSION
def prolong(number: int, until: date, reason: str, if_version: int | None) -> None:
    """Prolong a halt: a temporary one at most to six months in all.

    \b
    rectify halt prolong 3 --until 2027-02-28 --reason "加固工程未完工"
    """
    _decide("prolong", number, {"reason": reason}, if_version, until=until)


@halt.command("revoke")
@_ID
@click.option("--reason", type=click.Choice(["unconfirmed", "mistaken", "revoked"]), required=True, help="Why.")
@_NOTED
@click.option("--number", "decision", metavar="NO", help="The number of the review's or the court's decision.")
@_IF_VERSION
def revoke(number: int, reason: str, note: str, decision: str | None, if_version: int | None) -> None:
    """Take a halt back: nobody confirmed it, it was a mistake, or a review or court revoked it.

    \b
    rectify halt revoke 3 --reason mistaken --note "误列企业"
    """
    _decide("revoke", number, {"note": note, "number": decision}, if_version, reason=reason)


def _decide(verb: str, number: int, texts: dict[str, str | None], if_version: int | None, **given: Any) -> None:
    from cases.verbs import halts

    with at_the_ledger() as door:
        outcome(halts.decide(door, verb, number, texts, if_version=if_version, **given))


_COLUMNS = ["id", "unit", "kind", "scope", "cases", "state", "until", "waiting_on", "due_on", "overdue_days", "rank"]


@halt.command("list")
@click.option("--unit", type=UNIT, help="Only those on this unit.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The newest so many.")
def halt_list(unit: str | None, state: str | None, limit: int | None) -> None:
    """List the halts.

    \b
    rectify halt list --state imposed
    """
    from cases.questions import halts

    with asking() as ask:
        rows = halts.list_halts(ask, unit=unit, state=state, limit=limit)
    answer(rows, lambda told: table(told, _COLUMNS, empty="no unit was halted"))


@halt.command("show")
@_ID
def halt_show(number: int) -> None:
    """Show a halt: on whom, for what, until when, and every step of it.

    \b
    rectify halt show 3
    """
    from cases.questions import halts

    with asking() as ask:
        found = halts.show(ask, number)
    answer(found, _print)


def _print(found: dict[str, Any]) -> None:
    steps = found.pop("steps")
    found["cases"] = [case["id"] for case in found["cases"]]
    facts(found.items())
    click.echo()
    table(steps, ["seq", "at", "trigger", "to", "actor"], empty="")
