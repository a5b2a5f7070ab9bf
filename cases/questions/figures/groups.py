"""The parts of a report: by sector, area, list or product of the unit that everything happened at."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from cases.questions.figures.counted import Counted, divided
from cases.questions.groups import NOBODY
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, campaign_units, units

_UNITS = Statement(
    select(units.c.id, units.c.sector, campaign_units.c.list, campaign_units.c.product, areas.c.code, areas.c.name)
    .join_from(units, areas, areas.c.code == units.c.area_code)
    .outerjoin(
        campaign_units,
        (campaign_units.c.unit_id == units.c.id) & (campaign_units.c.campaign_id == bindparam("campaign")),
    )
)


class _Group(NamedTuple):
    """What a group is called; two villages may share a name, and their codes tell them apart."""

    name: str
    code: str = ""


def groups(tx: Transaction, whole: Counted, by: str | None, campaign: int | None) -> Iterator[tuple[str, Counted]]:
    """Yield the parts of a report by name. Everything belongs where its unit belongs."""
    if by is None:
        return
    group = {unit.id: _group(unit, by) for unit in tx.all(_UNITS, campaign=campaign)}

    def key(each: Any) -> _Group | None:
        return group.get(each.unit_id)

    for where, part in sorted(divided(whole, key).items()):
        yield where.name, part


def _group(unit: Any, by: str) -> _Group:
    if by == "area":
        return _Group(unit.name, unit.code)
    return _Group(getattr(unit, by) or NOBODY)
