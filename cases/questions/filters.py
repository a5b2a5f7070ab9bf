"""The filters that questions share, as conditions on hazards; and what a contact may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, and_, false, literal, or_, select

from cases.names import find_area
from cases.questions.asking import Asking
from cases.tables import areas, hazards, items, orders
from cases.tables.hazard import IS_OPEN
from workflow.case import Actor
from workflow.terms import ItemResult, Role

__all__ = [
    "ALL_OPEN",
    "IS_OPEN",
    "Condition",
    "Filters",
    "among",
    "area_codes",
    "conditions",
    "is_addressed_to",
    "may_see",
    "seen_by",
]

#: What a query can be narrowed by; IS_OPEN is a text, so that both planners know the open cases' index by it.
Condition = ColumnElement[bool] | TextClause

_open = hazards.alias("open_cases")
#: The open cases, for questions that look at all of them. Their numbers come from the index alone, and SQLite then
#: visits rows and steps in the order of the file: half the time, and a sixth when nothing is in memory yet.
ALL_OPEN: tuple[Condition, ...] = (IS_OPEN, hazards.c.id.in_(select(_open.c.id).where(IS_OPEN)))


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for; nothing given: everything. `limit` None: no limit."""

    states: Sequence[str] = ()
    grades: Sequence[str] = ()
    unit: int | None = None
    area: str | None = None  #: code or name; everything below it is meant too
    campaign: int | None = None
    waiting_on: str | None = None
    text: str | None = None
    since: date | None = None  #: found on or after
    until: date | None = None  #: found on or before
    limit: int | None = None


def conditions(asking: Asking, filters: Filters) -> list[ColumnElement[bool]]:
    """Return the conditions a hazard must meet, the viewer's own bounds included.

    Raises NotFound or Refused for an area nobody or several bear.
    """
    h = hazards.c
    wanted = seen_by(asking.viewer)
    if filters.states:
        wanted.append(among(h.state, filters.states))
    if filters.grades:
        wanted.append(among(h.grade, filters.grades))
    if filters.area is not None:
        wanted.append(h.area_code.in_(area_codes(find_area(asking.tx, filters.area).path)))
    if filters.text:
        wanted.append(h.text.icontains(filters.text, autoescape=True))
    if filters.since is not None:
        wanted.append(h.found_on >= filters.since)
    if filters.until is not None:
        wanted.append(h.found_on <= filters.until)
    same = ((h.unit_id, filters.unit), (h.campaign_id, filters.campaign), (h.waiting_on, filters.waiting_on))
    return wanted + [column == value for column, value in same if value is not None]


def area_codes(path: str) -> Select[Any]:
    """Return a subquery of the codes of an area and everything below it: by the tree, not by the digits."""
    below = areas.c.path.startswith(path + "/", autoescape=True)
    return select(areas.c.code).where(or_(areas.c.path == path, below))


def seen_by(viewer: Actor) -> list[ColumnElement[bool]]:
    """Return what bounds a viewer: contacts see their own unit's cases and those ordered of it; officers everything."""
    if viewer.role != Role.contact:
        return []
    return [or_(hazards.c.unit_id == viewer.unit_id, is_addressed_to(viewer.unit_id))]


def is_addressed_to(unit: int | None) -> ColumnElement[bool]:
    """Return whether an order that still asks for something is addressed to this unit."""
    return (
        select(items.c.id)
        .join_from(items, orders, orders.c.id == items.c.order_id)
        .where(
            items.c.hazard_id == hazards.c.id,
            items.c.result == ItemResult.open.value,
            orders.c.addressee_id == unit,
        )
        .exists()
    )


def may_see(asking: Asking, case: int) -> bool:
    """Return whether the viewer may read a case."""
    return asking.tx.one(select(hazards.c.id).where(and_(hazards.c.id == case, *seen_by(asking.viewer)))) is not None


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return whether a column has one of these values; each is a parameter of its own, as statements want them."""
    wanted = [literal(value, column.type) for value in values]
    return column.in_(wanted) if wanted else false()
