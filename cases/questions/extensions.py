"""Questions about extensions 延期: which there are, and how one went."""

from typing import Any

from sqlalchemy import bindparam, select

from cases.papers.numbers import number_of
from cases.questions.asking import Asking, day
from cases.questions.chains import steps_of
from cases.questions.filters import seen_by
from cases.questions.one import check_visible
from cases.statements import Statement
from cases.tables import areas, extensions, hazards, items, orders, people, units
from workflow.errors import NotFound
from workflow.terms import Kind, PaperKind
from workflow.words import Sentence

Facts = dict[str, Any]

_askers, _deciders = people.alias(), people.alias()
ROW = (
    select(
        extensions,
        units.c.name.label("unit"),
        areas.c.name.label("area"),
        hazards.c.grade,
        hazards.c.text,
        orders.c.number.label("order"),
        _askers.c.name.label("asker"),
        _deciders.c.name.label("decider"),
    )
    .join_from(extensions, hazards, hazards.c.id == extensions.c.hazard_id)
    .join(units, units.c.id == hazards.c.unit_id)
    .join(areas, areas.c.code == extensions.c.area_code)
    .join(items, items.c.id == extensions.c.item_id)
    .join(orders, orders.c.id == items.c.order_id)
    .join(_askers, _askers.c.id == extensions.c.asked_by)
    .outerjoin(_deciders, _deciders.c.id == extensions.c.decided_by)
)
_ONE = Statement(ROW.where(extensions.c.id == bindparam("id")))


def list_extensions(asking: Asking, *, state: str | None = None, limit: int | None = None) -> list[Facts]:
    """Return the requests that the viewer may see, the newest so many, in the order of their numbers."""
    wanted = [*seen_by(asking.viewer), *([extensions.c.state == state] if state else [])]
    newest = ROW.where(*wanted).order_by(extensions.c.id.desc()).limit(limit)
    return [_row(asking, each) for each in reversed(asking.tx.all(newest))]


def show(asking: Asking, number: int) -> Facts:
    """Return all that is known of a request. Raises NotFound, or Forbidden for a contact of another unit."""
    found = asking.tx.one(_ONE, id=number)
    if found is None:
        raise NotFound(Sentence("no extension {id}; type: rectify extension list", id=number), extension=number)
    check_visible(asking, found.hazard_id)
    return {
        **_row(asking, found),
        "ground": found.ground,
        "reason": found.reason,
        "interim": found.interim,
        "order": found.order,
        "number": number_of(asking.tx, PaperKind.extension, Kind.extension, number, found.moved_seq),
        "due_at": asking.instant(found.due_at),
        "note": found.note,
        "decided_by": found.decider,
        "steps": steps_of(asking, Kind.extension, number),
        "version": found.version,
    }


def _row(asking: Asking, found: Any) -> Facts:
    return {
        "id": found.id,
        "case": found.hazard_id,
        "unit": found.unit,
        "grade": found.grade,
        "state": found.state,
        "from_due_on": day(found.from_due_on),
        "until": day(found.until),
        "asked_by": found.asker,
        "waiting_on": found.waiting_on,
        "due_on": day(found.due_on),
        "provisional": found.provisional,
        "overdue_days": asking.overdue_days(found.due_at),
        "rank": found.rank,
        "area": found.area,
    }
