"""`--by area|department|unit|responsible`: what a question is grouped by, and in which order the groups come."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, String, literal, select

from cases.tables import areas, departments, hazards, items, units
from workflow.terms import ItemResult

#: What `--by` may name.
BY = ("area", "department", "unit", "responsible")

#: What a group is called whose key nobody filled in.
NOBODY = "–"

_RESPONSIBLE = (
    select(items.c.responsible)
    .where(
        items.c.hazard_id == hazards.c.id,
        items.c.round == hazards.c.round,
        items.c.result == ItemResult.open.value,
    )
    .order_by(items.c.due_on, items.c.id)
    .limit(1)
    .scalar_subquery()
)


class Grouping(NamedTuple):
    """What tells groups apart (two villages may share a name), and what a group is called."""

    key: ColumnElement[Any]
    name: ColumnElement[Any]
    table: Any = None  #: joined for the name
    column: Column[Any] | None = None  #: of hazards, equal to `key`

    def join(self, query: Select[Any]) -> Select[Any]:
        """Return a query on hazards with the group's name at hand."""
        return query if self.column is None else query.join(self.table, self.column == self.key)


_NONE = literal(None, String)
_GROUPINGS = {
    None: Grouping(_NONE, _NONE),
    "area": Grouping(areas.c.code, areas.c.name, areas, hazards.c.area_code),
    "department": Grouping(departments.c.id, departments.c.name, departments, hazards.c.department_id),
    "unit": Grouping(units.c.id, units.c.name, units, hazards.c.unit_id),
    # Free text on the order: of the open item that is due first.
    "responsible": Grouping(_RESPONSIBLE, _RESPONSIBLE),
}


def grouping(by: str | None) -> Grouping:
    """Return how to group. Raises KeyError for anything but the words of `BY`, or None for no groups."""
    return _GROUPINGS[by]


def heaviest_first(groups: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return groups, the largest first; of equal ones the worst."""
    return sorted(groups, key=lambda group: (-group["count"], -group["worst_days"], group["name"]))
