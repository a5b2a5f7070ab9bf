"""The group `extension`: ask for a later date, decide, look."""

from datetime import date

import click

from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, facts, outcome, table
from cases.commands.types import CASE, DAY, NUMBER

GROUNDS = ["force_majeure", "other"]
STATES = ["requested", "granted", "refused", "withdrawn", "lapsed"]

_ID = click.argument("number", type=NUMBER, metavar="ID")
_NOTE = click.option("--note", help="What is said about it.")
_IF_VERSION = click.option(
    "--if-version", type=int, metavar="N", help="Only if the extension is still at this version."
)


@click.group(cls=Group)
def extension() -> None:
    """Extensions 延期: ask for a later date before the old one expires; somebody else decides."""


@extension.command("request")
@click.argument("case", type=CASE)
@click.option("--until", type=DAY, required=True, help="The date asked for.")
@click.option("--ground", type=click.Choice(GROUNDS), required=True, help="On what ground.")
@click.option("--reason", required=True, help="The reason in words.")
@click.option("--interim", required=True, help="What keeps people safe until then.")
@click.option("--if-version", type=int, metavar="N", help="Only if the case is still at this version.")
def request(case: int, until: date, ground: str, reason: str, interim: str, if_version: int | None) -> None:
    """Ask for a later date on the order whose date runs first.

    \b
    rectify extension request 12 --until 2026-12-20 --ground other --reason "设备未到货" --interim "停用并设专人看护"
    """
    from cases.verbs import extensions

    with at_the_ledger() as door:
        outcome(
            extensions.request(
                door, case, until=until, ground=ground, reason=reason, interim=interim, if_version=if_version
            )
        )


@extension.command("grant")
@_ID
@_NOTE
@_IF_VERSION
def grant(number: int, note: str | None, if_version: int | None) -> None:
    """Grant a request: the date moves, the old one stays in history.

    \b
    rectify extension grant 3 --note "同意延期，加强看护"
    """
    _decide("grant", number, note, if_version)


@extension.command("refuse")
@_ID
@_NOTE
@_IF_VERSION
def refuse(number: int, note: str | None, if_version: int | None) -> None:
    """Refuse a request: the old date stands.

    \b
    rectify extension refuse 3 --note "理由不充分"
    """
    _decide("refuse", number, note, if_version)


@extension.command("withdraw")
@_ID
@_NOTE
@_IF_VERSION
def withdraw(number: int, note: str | None, if_version: int | None) -> None:
    """Take back a request you made.

    \b
    rectify extension withdraw 3
    """
    _decide("withdraw", number, note, if_version)


def _decide(verb: str, number: int, note: str | None, if_version: int | None) -> None:
    from cases.verbs import extensions

    with at_the_ledger() as door:
        outcome(extensions.decide(door, verb, number, note, if_version=if_version))


_COLUMNS = ["id", "case", "unit", "grade", "state", "from_due_on", "until", "asked_by", "due_on", "overdue_days"]


@extension.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The newest so many.")
def extension_list(state: str | None, limit: int | None) -> None:
    """List the requests for a later date.

    \b
    rectify extension list --state requested
    """
    from cases.questions import extensions

    with asking() as ask:
        rows = extensions.list_extensions(ask, state=state, limit=limit)
    answer(rows, lambda told: table(told, _COLUMNS, empty="nobody asked for a later date"))


@extension.command("show")
@_ID
def extension_show(number: int) -> None:
    """Show a request: what was asked, why, and how it was decided.

    \b
    rectify extension show 3
    """
    from cases.questions import extensions

    with asking() as ask:
        found = extensions.show(ask, number)
    answer(found, _print)


def _print(found: dict[str, object]) -> None:
    steps = found.pop("steps")
    facts(found.items())
    click.echo()
    table(steps, ["seq", "at", "trigger", "to", "actor"], empty="")  # type: ignore[arg-type]  # a list of rows
