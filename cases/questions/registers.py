"""Lists and single entries of the registers and of visits and papers, as plain rows.

Entries are given by the keys that `cases.names` finds. What a notice is sent to is a secret: it is masked.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, case, func, or_, select

from cases.questions.asking import Asking, day
from cases.questions.exits import of_unit as exits_of
from cases.questions.filters import Filters, area_codes
from cases.questions.halts import of_unit as halts_on
from cases.questions.many import list_cases
from cases.statements import Statement
from cases.tables import (
    areas,
    campaign_units,
    campaigns,
    department_sectors,
    departments,
    hazards,
    inspection_departments,
    inspection_officers,
    inspections,
    items,
    orders,
    papers,
    people,
    units,
)
from workflow.errors import Forbidden, NotFound
from workflow.terms import Role
from workflow.words import Sentence, Term

Row = dict[str, Any]


def _plain(asking: Asking, found: Any) -> Row:
    """Return a row's columns as JSON knows them."""
    return {name: _said(asking, value) for name, value in found._asdict().items()}


def _said(asking: Asking, value: Any) -> Any:
    if isinstance(value, datetime):
        return asking.instant(value)
    if isinstance(value, date):
        return day(value)
    return value.isoformat("minutes") if isinstance(value, time) else value


def _listed(asking: Asking, query: Select[Any], finish: Callable[[Row], Row] | None = None) -> list[Row]:
    rows = (_plain(asking, found) for found in asking.tx.all(query))
    return [finish(row) for row in rows] if finish else list(rows)


def _shown(
    asking: Asking, noun: str, query: Select[Any], key: ColumnElement[Any], value: Any, finish: Callable[[Row], Row]
) -> Row:
    found = asking.tx.one(query.where(key == value))
    if found is None:
        raise NotFound(Sentence("no {noun} {text}", noun=Term("noun", noun), text=value))
    return finish(_plain(asking, found))


# -- areas, departments, people ----------------------------------------------------------------------------------------

_AREAS = select(areas).order_by(areas.c.path)
_mates = people.alias("mates")
_HAS_INSPECTOR = (
    select(_mates.c.id)
    .where(
        _mates.c.department_id == departments.c.id,
        _mates.c.role == Role.inspector.value,
        _mates.c.retired_on.is_(None),
    )
    .exists()
)
_MAY_ORDER = func.coalesce(departments.c.may_order, _HAS_INSPECTOR)
_DEPARTMENTS = (
    select(
        *[departments.c[name] for name in ("id", "name", "area_code", "rank")],
        areas.c.name.label("area"),
        case((_MAY_ORDER, 1), else_=0).label("may_order"),
        *[departments.c[name] for name in ("may_halt", "working_group", "paper_prefix", "review_body")],
    )
    .join_from(departments, areas, areas.c.code == departments.c.area_code)
    .order_by(departments.c.id)
)
_SECTORS = Statement(
    select(department_sectors.c.sector)
    .where(department_sectors.c.department_id == bindparam("department"))
    .order_by(department_sectors.c.sector)
)
_PEOPLE = (
    select(
        people,
        departments.c.name.label("department"),
        units.c.name.label("unit"),
    )
    .outerjoin(departments, departments.c.id == people.c.department_id)
    .outerjoin(units, units.c.id == people.c.unit_id)
    .order_by(people.c.id)
)


def list_areas(asking: Asking) -> list[Row]:
    """Return the tree of areas, each below the one it lies in."""
    return _listed(asking, _AREAS)


def show_area(asking: Asking, code: str) -> Row:
    """Return an area with what lies right below it and its departments. Raises NotFound."""
    below = select(areas.c.code, areas.c.name).where(areas.c.under == code).order_by(areas.c.code)
    own = select(departments.c.id, departments.c.name).where(departments.c.area_code == code).order_by(departments.c.id)
    return _shown(
        asking, "area", _AREAS, areas.c.code, code,
        lambda row: {**row, "areas": _listed(asking, below), "departments": _listed(asking, own)},
    )  # fmt: skip


def list_departments(asking: Asking) -> list[Row]:
    """Return the departments with their powers; `may_order` as it is in effect."""
    return _listed(asking, _DEPARTMENTS, lambda row: _department(asking, row))


def show_department(asking: Asking, department: int) -> Row:
    """Return a department with its people. Raises NotFound."""
    own = _PEOPLE.where(people.c.department_id == department)
    return _shown(
        asking, "department", _DEPARTMENTS, departments.c.id, department,
        lambda row: {**_department(asking, row), "people": _listed(asking, own, _person)},
    )  # fmt: skip


def _department(asking: Asking, row: Row) -> Row:
    sectors = [found.sector for found in asking.tx.all(_SECTORS, department=row["id"])]
    return {**row, "may_order": bool(row["may_order"]), "sectors": sectors}


def list_people(asking: Asking, *, with_retired: bool = False) -> list[Row]:
    """Return the people who are there, with `with_retired` those who left too."""
    query = _PEOPLE if with_retired else _PEOPLE.where(people.c.retired_on.is_(None))
    return _listed(asking, query, _person)


def show_person(asking: Asking, person: int) -> Row:
    """Return a person with the open cases assigned to them. Raises NotFound."""
    theirs = select(hazards.c.id).where(hazards.c.assigned_to == person, hazards.c.waiting_on != "none")
    return _shown(
        asking, "person", _PEOPLE, people.c.id, person,
        lambda row: {**_person(row), "assigned": [found.id for found in asking.tx.all(theirs.order_by(hazards.c.id))]},
    )  # fmt: skip


def _person(row: Row) -> Row:
    return {**row, "notify": masked(row["notify"])}


def masked(url: str | None) -> str | None:
    """Return where notices go with its tokens left out: the kind of receiver only."""
    if not url:
        return None
    scheme, separator, _ = url.partition("://")
    return f"{scheme}://…" if separator else "…"


# -- units and campaigns -----------------------------------------------------------------------------------------------

_UNITS = (
    select(units, areas.c.name.label("area"))
    .join_from(units, areas, areas.c.code == units.c.area_code)
    .order_by(units.c.id)
)
_SCOPE = (
    select(
        campaign_units.c.unit_id,
        units.c.name.label("unit"),
        *[campaign_units.c[name] for name in ("list", "product", "status", "added_at")],
    )
    .join_from(campaign_units, units, units.c.id == campaign_units.c.unit_id)
    .order_by(campaign_units.c.unit_id)
)
_CAMPAIGNS = (
    select(campaigns, func.count(campaign_units.c.unit_id).label("units"))
    .outerjoin(campaign_units, campaign_units.c.campaign_id == campaigns.c.id)
    .group_by(campaigns.c.id)
    .order_by(campaigns.c.id)
)


def list_units(asking: Asking, *, area: str | None = None, limit: int | None = None) -> list[Row]:
    """Return the units, those of an area (its path) and below; contacts see their own."""
    query = _UNITS.where(*own_unit(asking, units.c.id)).limit(limit)
    return _listed(asking, query if area is None else query.where(units.c.area_code.in_(area_codes(area))))


def show_unit(asking: Asking, unit: int) -> Row:
    """Return a unit with its cases, halts, exits and contacts. Raises NotFound, or Forbidden for another's contact."""
    check_unit(asking, unit)
    contacts = _PEOPLE.where(people.c.unit_id == unit, people.c.retired_on.is_(None))
    return _shown(
        asking, "unit", _UNITS, units.c.id, unit,
        lambda row: {
            **row,
            "contacts": _listed(asking, contacts, _person),
            "cases": list_cases(asking, Filters(unit=unit)),
            "halts": halts_on(asking, unit),
            "exits": exits_of(asking, unit),
        },
    )  # fmt: skip


def check_unit(asking: Asking, unit: int | None) -> None:
    """Raise Forbidden for a contact who asks about another unit."""
    viewer = asking.viewer
    if viewer.role == Role.contact and viewer.unit_id != unit:
        raise Forbidden(Sentence("that is another unit's; {actor} reads their own", actor=viewer.name))


def own_unit(asking: Asking, *columns: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Return what bounds a contact: only rows in which one of these columns is their own unit."""
    if asking.viewer.role != Role.contact:
        return []
    return [or_(*(column == asking.viewer.unit_id for column in columns))]


def list_campaigns(asking: Asking) -> list[Row]:
    """Return the campaigns, each with the number of units in its scope."""
    return _listed(asking, _CAMPAIGNS)


def show_campaign(asking: Asking, campaign: int) -> Row:
    """Return a campaign with its scope; contacts see their own unit's place in it. Raises NotFound."""
    scope = _SCOPE.where(campaign_units.c.campaign_id == campaign, *own_unit(asking, campaign_units.c.unit_id))
    return _shown(
        asking, "campaign", _CAMPAIGNS, campaigns.c.id, campaign,
        lambda row: {**row, "scope": _listed(asking, scope)},
    )  # fmt: skip


# -- visits and papers -------------------------------------------------------------------------------------------------

_INSPECTIONS = (
    select(
        *[inspections.c[name] for name in ("id", "visited_on", "kind", "unit_id")],
        units.c.name.label("unit"),
        areas.c.name.label("area"),
        campaigns.c.name.label("campaign"),
        *[inspections.c[name] for name in ("round", "starts", "ends", "place", "signed_by", "sign_refused", "note")],
        people.c.name.label("made_by"),
        inspections.c.recorded_at,
    )
    .join_from(inspections, units, units.c.id == inspections.c.unit_id)
    .join(areas, areas.c.code == inspections.c.area_code)
    .join(people, people.c.id == inspections.c.made_by)
    .outerjoin(campaigns, campaigns.c.id == inspections.c.campaign_id)
)
_OFFICERS = Statement(
    select(people.c.name, inspection_officers.c.certificate)
    .join_from(inspection_officers, people, people.c.id == inspection_officers.c.person_id)
    .where(inspection_officers.c.inspection_id == bindparam("inspection"))
    .order_by(people.c.id)
)
_TOGETHER_WITH = Statement(
    select(departments.c.name)
    .join_from(inspection_departments, departments, departments.c.id == inspection_departments.c.department_id)
    .where(inspection_departments.c.inspection_id == bindparam("inspection"))
    .order_by(departments.c.id)
)
_PAPERS_OF = Statement(
    select(papers.c.paper, papers.c.number)
    .where(papers.c.kind == "inspection", papers.c.subject_id == bindparam("inspection"))
    .order_by(papers.c.id)
)
_FOUND = Statement(
    select(hazards.c.id, hazards.c.grade, hazards.c.text, hazards.c.state)
    .where(hazards.c.inspection_id == bindparam("inspection"))
    .order_by(hazards.c.id)
)
_addressees = units.alias("addressees")
_ORDERS = (
    select(
        *[orders.c[name] for name in ("id", "number", "unit_id")],
        units.c.name.label("unit"),
        _addressees.c.name.label("addressee"),
        departments.c.name.label("department"),
        people.c.name.label("made_by"),
        case((orders.c.served_at.is_not(None), 1), else_=0).label("served"),
        *[orders.c[name] for name in ("ordered_at", "served_at", "served_how", "served_detail", "witness")],
        *[orders.c[name] for name in ("withdrawn_at", "withdrawn_why", "withdrawn_number", "officers")],
    )
    .join_from(orders, units, units.c.id == orders.c.unit_id)
    .join(_addressees, _addressees.c.id == orders.c.addressee_id)
    .join(departments, departments.c.id == orders.c.department_id)
    .join(people, people.c.id == orders.c.made_by)
)
_ITEMS = Statement(
    select(
        items.c.hazard_id.label("case"),
        *[items.c[name] for name in ("requirement", "responsible", "measure", "interim")],
        *[items.c[name] for name in ("first_due_on", "due_on", "result", "round")],
    )
    .where(items.c.order_id == bindparam("order"))
    .order_by(items.c.id)
)
_NAME = Statement(select(people.c.name).where(people.c.id == bindparam("person")))


def list_inspections(asking: Asking, *, unit: int | None = None, limit: int | None = None) -> list[Row]:
    """Return the visits in the order of their numbers; with a limit, the newest so many."""
    of_unit = [] if unit is None else [inspections.c.unit_id == unit]
    return _newest(asking, _INSPECTIONS.where(*of_unit, *own_unit(asking, inspections.c.unit_id)), inspections, limit)


def show_inspection(asking: Asking, inspection: int) -> Row:
    """Return a visit with who was there and what it found. Raises NotFound, or Forbidden for another's contact."""
    row = _shown(asking, "inspection", _INSPECTIONS, inspections.c.id, inspection, dict)
    check_unit(asking, row["unit_id"])
    parts = {"officers": _OFFICERS, "cases": _FOUND}
    listed = {
        key: [each._asdict() for each in asking.tx.all(part, inspection=inspection)] for key, part in parts.items()
    }
    others = [each.name for each in asking.tx.all(_TOGETHER_WITH, inspection=inspection)]
    made = [each._asdict() for each in asking.tx.all(_PAPERS_OF, inspection=inspection)]
    return {**row, **listed, "departments": others, "papers": made}


def list_orders(asking: Asking, *, unit: int | None = None, limit: int | None = None) -> list[Row]:
    """Return the orders in the order of their numbers; with a limit, the newest so many."""
    of_unit = [] if unit is None else [or_(orders.c.unit_id == unit, orders.c.addressee_id == unit)]
    bounds = own_unit(asking, orders.c.unit_id, orders.c.addressee_id)
    return [_order(asking, row) for row in _newest(asking, _ORDERS.where(*of_unit, *bounds), orders, limit)]


def show_order(asking: Asking, order: int) -> Row:
    """Return an order with its items. Raises NotFound, for a contact also where it is neither of nor to their unit."""
    query = _ORDERS.where(*own_unit(asking, orders.c.unit_id, orders.c.addressee_id))
    row = _shown(asking, "order", query, orders.c.id, order, lambda found: _order(asking, found))
    return {**row, "items": [_plain(asking, each) for each in asking.tx.all(_ITEMS, order=order)]}


def _order(asking: Asking, row: Row) -> Row:
    officers: Iterable[int] = json.loads(row["officers"])
    return {
        **row,
        "served": bool(row["served"]),
        "officers": [asking.tx.value(_NAME, person=person) for person in officers],
    }


def _newest(asking: Asking, query: Select[Any], table: Table, limit: int | None) -> list[Row]:
    return _listed(asking, query.order_by(table.c.id.desc()).limit(limit))[::-1]
