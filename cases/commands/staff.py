"""The groups `area`, `department` and `person`: what administrators keep."""

from datetime import date
from typing import Any

import click

from cases.commands.entries import given, shown
from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, label, outcome, table
from cases.commands.types import DAY, DEPARTMENT, PERSON, UNIT
from cases.locale import translate

RANKS = ["village", "township", "county", "city", "province"]
ROLES = ["inspector", "supervisor", "patroller", "contact", "clerk", "administrator"]

# -- areas -------------------------------------------------------------------------------------------------------------


@click.group(cls=Group)
def area() -> None:
    """Areas 辖区: the tree from the province down to the village."""


@area.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--rank", type=click.Choice(RANKS), required=True, help="How high it stands in the tree.")
@click.option("--under", metavar="CODE", help="The area it lies in.")
def area_add(code: str, name: str, rank: str, under: str | None) -> None:
    """Add an area.

    \b
    rectify area add 330109 萧山区 --rank county --under 330100
    """
    from cases.verbs import staff

    with at_the_ledger() as door:
        outcome(staff.add_area(door, code, name, rank, under))


@area.command("list")
def area_list() -> None:
    """List the areas, each below the one it lies in.

    \b
    rectify area list
    """
    from cases.questions import registers

    with asking() as ask:
        rows = registers.list_areas(ask)
    answer(rows, lambda told: table(told, ["code", "name", "rank", "under"], empty="there are no areas yet"))


@area.command("show")
@click.argument("code")
def area_show(code: str) -> None:
    """Show an area: what lies right below it, and its departments.

    \b
    rectify area show 330109
    """
    from cases.names import find_area
    from cases.questions import registers

    with asking() as ask:
        told = registers.show_area(ask, find_area(ask.tx, code).code)
    shown("area", told, areas=["code", "name"], departments=["id", "name"])


@area.command("edit")
@click.argument("code")
@click.option("--name", help="Its new name.")
@click.option("--rank", type=click.Choice(RANKS), help="Its new rank.")
@click.option("--under", metavar="CODE", help='The area it lies in from now on, with all below it; "" for none.')
def area_edit(code: str, **said: str | None) -> None:
    """Change an area's name, rank or place in the tree.

    \b
    rectify area edit 330109 --under 330100
    """
    from cases.verbs import staff

    changes = given(said)
    with at_the_ledger() as door:
        outcome(staff.edit_area(door, code, **changes))


# -- departments -------------------------------------------------------------------------------------------------------

_MAY_ORDER = click.option(
    "--may-order/--no-may-order", default=None, help="May it order; unless said, as soon as it has an inspector."
)
_PREFIX = click.option("--paper-prefix", metavar="P", help="What the numbers of its papers begin with.")
_REVIEW_BODY = click.option(
    "--review-body",
    metavar="NAME",
    help="Who reviews what it decides 复议机关; the government of its area unless said.",
)


@click.group(cls=Group)
def department() -> None:
    """Departments 部门: bureaus, township offices, working groups, and their powers."""


@department.command("add")
@click.argument("name")
@click.option("--area", metavar="CODE", required=True, help="The area it answers for.")
@click.option("--rank", type=click.Choice(RANKS), required=True, help="Its rank.")
@click.option("--sector", "sectors", multiple=True, help="A sector it answers for; all unless said.")
@_MAY_ORDER
@click.option("--may-halt/--no-may-halt", default=False, help="May it halt; off unless said.")
@click.option("--working-group/--no-working-group", default=False, help="It is a working group 工作组.")
@_PREFIX
@_REVIEW_BODY
def department_add(name: str, **said: Any) -> None:
    """Add a department.

    \b
    rectify department add 区安监局 --area 330109 --rank county --may-halt --paper-prefix 萧安监
    """
    from cases.verbs import staff

    with at_the_ledger() as door:
        outcome(staff.add_department(door, name, **said))


@department.command("list")
def department_list() -> None:
    """List the departments with their powers.

    \b
    rectify department list
    """
    from cases.questions import registers

    with asking() as ask:
        rows = registers.list_departments(ask)
    columns = ["id", "name", "area", "rank", "may_order", "may_halt", "working_group", "sectors", "paper_prefix"]
    answer(rows, lambda told: table(told, columns, empty="there are no departments yet"))


@department.command("show")
@click.argument("department", type=DEPARTMENT)
def department_show(department: str) -> None:
    """Show a department and its people.

    \b
    rectify department show 区安监局
    """
    from cases.names import find
    from cases.questions import registers

    with asking() as ask:
        told = registers.show_department(ask, int(find(ask.tx, "department", department).id))
    shown("department", told, people=_PEOPLE)


@department.command("edit")
@click.argument("department", type=DEPARTMENT)
@click.option("--name", help="Its new name.")
@click.option("--area", metavar="CODE", help="The area it answers for from now on.")
@click.option("--rank", type=click.Choice(RANKS), help="Its new rank.")
@click.option(
    "--sector", "sectors", multiple=True, help='The sectors it answers for, instead of the old ones; "" for all.'
)
@_MAY_ORDER
@click.option("--may-halt/--no-may-halt", default=None, help="May it halt.")
@click.option("--working-group/--no-working-group", default=None, help="It is a working group 工作组.")
@_PREFIX
@_REVIEW_BODY
def department_edit(department: str, **said: Any) -> None:
    """Change a department: its name, area, rank, sectors, powers or paper prefix.

    \b
    rectify department edit 区安监局 --may-halt
    """
    from cases.verbs import staff

    changes = given(said)
    with at_the_ledger() as door:
        outcome(staff.edit_department(door, department, **changes))


# -- people ------------------------------------------------------------------------------------------------------------

_PEOPLE = ["id", "name", "role", "department", "unit", "certificate", "valid_to", "login"]
_DEPARTMENT = click.option("--department", type=DEPARTMENT, help="The department of everybody but contacts.")
_UNIT = click.option("--unit", type=UNIT, help="The unit of a contact.")
_CERTIFICATE = click.option("--certificate", metavar="NO", help="The number of the inspector's certificate.")
_VALID_TO = click.option("--valid-to", type=DAY, help="The certificate's last day; no end is known unless said.")
_LOGIN = click.option("--login", help="The account: of the system, or of PostgreSQL.")
_NOTIFY = click.option(
    "--notify",
    metavar="URL",
    help="Where notices go: https://… posts JSON, file:///….jsonl appends it; dingtalk://, wecombot://, feishu://, mailto:// … go by apprise. Kept, never shown.",
)


@click.group(cls=Group)
def person() -> None:
    """People 人员: officers of a department, contacts of a unit."""


@person.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@_DEPARTMENT
@_UNIT
@_CERTIFICATE
@_VALID_TO
@_LOGIN
@_NOTIFY
def person_add(name: str, role: str, department: str | None, unit: str | None, **said: str | date | None) -> None:
    """Add a person.

    \b
    rectify person add 王敏 --role inspector --department 区安监局 --certificate A-1024 --login wangmin
    rectify person add 张伟 --role contact --unit 永安氧气
    """
    from cases.verbs import staff

    _check_place(role, department, unit)
    with at_the_ledger() as door:
        outcome(staff.add_person(door, name, role=role, department=department, unit=unit, **said))


def _check_place(role: str, department: str | None, unit: str | None) -> None:
    if role == "contact" and (unit is None or department is not None):
        raise click.UsageError(translate("a contact is of a unit; give --unit"))
    if role != "contact" and unit is not None:
        raise click.UsageError(translate("only a contact is of a unit; leave out --unit"))
    if role not in ("contact", "administrator") and department is None:
        raise click.UsageError(
            translate("the {role} is of a department; give --department").format(role=label("role", role))
        )


@person.command("list")
@click.option("--all", "with_retired", is_flag=True, help="Those who retired too.")
def person_list(with_retired: bool) -> None:
    """List the people.

    \b
    rectify person list
    """
    from cases.questions import registers

    with asking() as ask:
        rows = registers.list_people(ask, with_retired=with_retired)
    columns = [*_PEOPLE, "retired_on"] if with_retired else _PEOPLE
    answer(rows, lambda told: table(told, columns, empty="there is nobody yet"))


@person.command("show")
@click.argument("person", type=PERSON)
def person_show(person: str) -> None:
    """Show a person and the open cases assigned to them.

    \b
    rectify person show 王敏
    """
    from cases.names import find
    from cases.questions import registers

    with asking() as ask:
        told = registers.show_person(ask, int(find(ask.tx, "person", person).id))
    shown("person", told)


@person.command("edit")
@click.argument("person", type=PERSON)
@click.option("--name", help="Their new name.")
@click.option("--role", type=click.Choice(ROLES), help="What they may do from now on.")
@_DEPARTMENT
@_UNIT
@_CERTIFICATE
@_VALID_TO
@_LOGIN
@_NOTIFY
def person_edit(person: str, **said: Any) -> None:
    """Change a person; an empty value "" takes the certificate, login or address away.

    \b
    rectify person edit 王敏 --certificate A-2048 --valid-to 2029-12-31
    """
    from cases.verbs import staff

    if said["department"] and said["unit"]:
        raise click.UsageError(translate("either --department or --unit"))
    changes = given(said)
    with at_the_ledger() as door:
        outcome(staff.edit_person(door, person, **changes))


@person.command("retire")
@click.argument("person", type=PERSON)
@click.option("--to", type=PERSON, metavar="NAME", help="Who takes over the open cases assigned to them.")
def person_retire(person: str, to: str | None) -> None:
    """Retire a person; history keeps the name.

    \b
    rectify person retire 王敏 --to 李强
    """
    from cases.verbs import staff

    with at_the_ledger() as door:
        outcome(staff.retire(door, person, to))
