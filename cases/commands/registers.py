"""The groups `unit` and `inspections`, and the lists of `orders`: what is inspected, when, and by which paper."""

from typing import Any

import click

from cases.commands.entries import LIMIT, foot, given, limited, shown
from cases.commands.framework import Command, Group, asking, at_the_ledger
from cases.commands.printing import answer, outcome, table
from cases.commands.types import UNIT

KINDS = ["enterprise", "school", "site", "other"]

# -- units -------------------------------------------------------------------------------------------------------------

_PARK = click.option("--park", help="The industrial park 园区 it stands in.")
_CREDIT_CODE = click.option("--credit-code", metavar="C", help="Its unified social credit code 统一社会信用代码.")
_RESPONSIBLE = click.option("--responsible", metavar="NAME", help="Who is responsible there.")
_POST = click.option("--post", metavar="TITLE", help="That person's post 职务.")
_ADDRESS = click.option("--address", metavar="PLACE", help="Where it stands; papers name it.")
_PHONE = click.option("--phone", metavar="NO", help="Its telephone number.")


@click.group(cls=Group)
def unit() -> None:
    """Units 生产经营单位: the firms, schools and sites that are inspected."""


@unit.command("add")
@click.argument("name")
@click.option("--area", metavar="CODE", required=True, help="The area it lies in.")
@click.option("--sector", required=True, help="Its sector 行业领域.")
@click.option("--kind", type=click.Choice(KINDS), default="enterprise", show_default=True, help="What it is.")
@click.option("--above-scale/--no-above-scale", default=False, help="It is above scale 规模以上.")
@_PARK
@_CREDIT_CODE
@_RESPONSIBLE
@_POST
@_ADDRESS
@_PHONE
def unit_add(name: str, **said: Any) -> None:
    """Add a unit.

    \b
    rectify unit add 永安氧气 --area 330109001 --sector 危险化学品 --above-scale --responsible 张伟
    """
    from cases.verbs import registers

    with at_the_ledger() as door:
        outcome(registers.add_unit(door, name, **said))


@unit.command("list")
@click.option("--area", metavar="CODE", help="Only in this area and everything below it.")
@LIMIT
def unit_list(area: str | None, limit: int | None) -> None:
    """List the units.

    \b
    rectify unit list --area 330109
    """
    from cases.names import find_area
    from cases.questions import registers

    most = limited(limit)
    with asking() as ask:
        path = None if area is None else find_area(ask.tx, area).path
        rows = registers.list_units(ask, area=path, limit=most)
    columns = ["id", "name", "kind", "sector", "area", "above_scale", "park", "responsible"]
    answer(rows, lambda told: table(told, columns, empty="there are no units yet", foot=foot(told, most)))


@unit.command("show")
@click.argument("unit", type=UNIT)
def unit_show(unit: str) -> None:
    """Show a unit: its contacts, cases, halts and exits.

    \b
    rectify unit show 永安氧气
    """
    from cases.names import find
    from cases.questions import registers

    with asking() as ask:
        told = registers.show_unit(ask, int(find(ask.tx, "unit", unit).id))
    shown(
        "unit",
        told,
        contacts=["id", "name", "login"],
        cases=["id", "grade", "state", "waiting_on", "due_on", "overdue_days", "text"],
        halts=["id", "kind", "scope", "state", "until", "waiting_on"],
        exits=["id", "kind", "line", "state", "missing", "due_on"],
    )


@unit.command("edit")
@click.argument("unit", type=UNIT)
@click.option("--name", help="Its new name.")
@click.option("--area", metavar="CODE", help="The area it lies in from now on; its cases stay where they were found.")
@click.option("--sector", help="Its sector 行业领域.")
@click.option("--kind", type=click.Choice(KINDS), help="What it is.")
@click.option("--above-scale/--no-above-scale", default=None, help="It is above scale 规模以上.")
@_PARK
@_CREDIT_CODE
@_RESPONSIBLE
@_POST
@_ADDRESS
@_PHONE
def unit_edit(unit: str, **said: Any) -> None:
    """Change a unit; an empty value "" takes away what need not be known: park, credit code, address, who is responsible.

    \b
    rectify unit edit 永安氧气 --credit-code 91330100799655058B
    """
    from cases.verbs import registers

    changes = given(said)
    with at_the_ledger() as door:
        outcome(registers.edit_unit(door, unit, **changes))


# -- visits and papers -------------------------------------------------------------------------------------------------

_OF_UNIT = click.option("--unit", type=UNIT, help="Only of this unit.")


@click.group(cls=Group)
def inspections() -> None:
    """Inspections 检查: list and show the visits."""


@inspections.command("list")
@_OF_UNIT
@LIMIT
def inspections_list(unit: str | None, limit: int | None) -> None:
    """List the inspections, the newest last.

    \b
    rectify inspections list --unit 永安氧气
    """
    from cases.names import find
    from cases.questions import registers

    most = limited(limit)
    with asking() as ask:
        of = None if unit is None else int(find(ask.tx, "unit", unit).id)
        rows = registers.list_inspections(ask, unit=of, limit=most)
    columns = ["id", "visited_on", "kind", "unit", "area", "campaign", "made_by"]
    answer(rows, lambda told: table(told, columns, empty="there are no inspections yet", foot=foot(told, most)))


@inspections.command("show")
@click.argument("inspection")
def inspections_show(inspection: str) -> None:
    """Show an inspection (`last`: the newest one you made): who was there, and what it found.

    \b
    rectify inspections show last
    """
    from cases.names import find_inspection
    from cases.questions import registers

    with asking() as ask:
        told = registers.show_inspection(ask, int(find_inspection(ask.tx, inspection, ask.viewer.id).id))
    shown(
        "inspection",
        told,
        officers=["name", "certificate"],
        cases=["id", "grade", "state", "text"],
        papers=["paper", "number"],
    )


@click.command("list", cls=Command)
@_OF_UNIT
@LIMIT
def orders_list(unit: str | None, limit: int | None) -> None:
    """List the orders, the newest last.

    \b
    rectify orders list --unit 永安氧气
    """
    from cases.names import find
    from cases.questions import registers

    most = limited(limit)
    with asking() as ask:
        of = None if unit is None else int(find(ask.tx, "unit", unit).id)
        rows = registers.list_orders(ask, unit=of, limit=most)
    columns = ["id", "number", "unit", "addressee", "department", "ordered_at", "served", "withdrawn_at"]
    answer(rows, lambda told: table(told, columns, empty="there are no orders yet", foot=foot(told, most)))


@click.command("show", cls=Command)
@click.argument("order")
def orders_show(order: str) -> None:
    """Show an order (`last`: the newest one you made) and its items.

    \b
    rectify orders show last
    """
    from cases.names import find_order
    from cases.questions import registers

    with asking() as ask:
        told = registers.show_order(ask, int(find_order(ask.tx, order, ask.viewer.id).id))
    shown("order", told, items=["case", "requirement", "responsible", "measure", "due_on", "result"])
