"""Questions about halts 停产整顿: which there are, how one went, and those of a unit or a case."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from cases.names import find
from cases.questions.asking import Asking, day
from cases.questions.chains import steps_of
from cases.questions.filters import among, is_addressed_to
from cases.statements import Statement
from cases.tables import areas, blobs, departments, evidence, halt_hazards, halts, hazards, people, units
from workflow.errors import Forbidden, NotFound
from workflow.terms import Kind, Role
from workflow.words import Sentence

Facts = dict[str, Any]

ROW = (
    select(halts, units.c.name.label("unit"), areas.c.name.label("area"), departments.c.name.label("department"))
    .join_from(halts, units, units.c.id == halts.c.unit_id)
    .join(areas, areas.c.code == halts.c.area_code)
    .join(departments, departments.c.id == halts.c.department_id)
)
_NAMED = Statement(
    select(halt_hazards.c.hazard_id, halt_hazards.c.round, hazards.c.grade, hazards.c.text, hazards.c.state)
    .join_from(halt_hazards, hazards, hazards.c.id == halt_hazards.c.hazard_id)
    .where(halt_hazards.c.halt_id == bindparam("id"))
    .order_by(halt_hazards.c.hazard_id)
)
_EVIDENCE = Statement(
    select(evidence.c.seq, evidence.c.name, evidence.c.hash, blobs.c.media_type, blobs.c.size)
    .join_from(evidence, blobs, blobs.c.hash == evidence.c.hash)
    .where(evidence.c.kind == Kind.halt, evidence.c.subject_id == bindparam("id"))
    .order_by(evidence.c.seq, evidence.c.name)
)
_PERSON = Statement(select(people.c.name).where(people.c.id == bindparam("person")))


def list_halts(
    asking: Asking, *, unit: str | None = None, state: str | None = None, limit: int | None = None
) -> list[Facts]:
    """Return the halts that the viewer may see, the newest so many, in the order of their numbers.

    Raises NotFound or Refused for a unit nobody or several bear.
    """
    wanted = _seen_by(asking)
    if unit is not None:
        wanted.append(halts.c.unit_id == find(asking.tx, "unit", unit).id)
    if state is not None:
        wanted.append(halts.c.state == state)
    return _rows(asking, wanted, limit)


def show(asking: Asking, number: int) -> Facts:
    """Return all that is known of a halt. Raises NotFound, or Forbidden for a contact whom it does not concern."""
    found = asking.tx.one(ROW.where(halts.c.id == number))
    if found is None:
        raise NotFound(Sentence("no halt {id}; type: rectify halt list", id=number), halt=number)
    if not _rows(asking, [halts.c.id == number, *_seen_by(asking)]):
        raise Forbidden(
            Sentence("halt {id} is on another unit; {actor} reads their own", id=number, actor=asking.viewer.name)
        )
    return {
        **_row(asking, found, []),
        "cases": [_named(each) for each in asking.tx.all(_NAMED, id=number)],
        "reason": found.reason,
        "number": found.number,
        "imposed_by": asking.tx.value(_PERSON, person=found.imposed_by),
        "imposed_at": asking.instant(found.imposed_at),
        "due_at": asking.instant(found.due_at),
        "note": found.note,
        "evidence": [each._asdict() for each in asking.tx.all(_EVIDENCE, id=number)],
        "steps": steps_of(asking, Kind.halt, number),
        "version": found.version,
    }


def of_unit(asking: Asking, unit: int) -> list[Facts]:
    """Return the halts on a unit, the oldest first."""
    return _rows(asking, [halts.c.unit_id == unit])


def of_case(asking: Asking, case: int) -> list[Facts]:
    """Return the halts that name a case, the oldest first, each with the round it was in; an earlier one is history."""
    rounds = {row.halt_id: row.round for row in asking.tx.all(_OF_CASE, case=case)}
    found = _rows(asking, [among(halts.c.id, rounds)]) if rounds else []
    return [{**row, "round": rounds[row["id"]]} for row in found]


def _rows(asking: Asking, wanted: Sequence[ColumnElement[bool]], limit: int | None = None) -> list[Facts]:
    """Return the newest so many halts in the order of their numbers, each with the cases it names."""
    named: dict[int, list[int]] = defaultdict(list)
    for row in asking.tx.all(_CASES.where(*wanted)):
        named[row.halt_id].append(row.hazard_id)
    newest = ROW.where(*wanted).order_by(halts.c.id.desc()).limit(limit)
    return [_row(asking, each, named[each.id]) for each in reversed(asking.tx.all(newest))]


_OF_CASE = Statement(
    select(halt_hazards.c.halt_id, halt_hazards.c.round).where(halt_hazards.c.hazard_id == bindparam("case"))
)
_CASES = (
    select(halt_hazards.c.halt_id, halt_hazards.c.hazard_id)
    .join_from(halt_hazards, halts, halts.c.id == halt_hazards.c.halt_id)
    .order_by(halt_hazards.c.hazard_id)
)


def _seen_by(asking: Asking) -> list[ColumnElement[bool]]:
    """Return what bounds the viewer: contacts see the halts on their own unit, and for hazards ordered of it."""
    viewer = asking.viewer
    if viewer.role != Role.contact:
        return []
    named = (
        select(hazards.c.id)
        .join_from(halt_hazards, hazards, hazards.c.id == halt_hazards.c.hazard_id)
        .where(halt_hazards.c.halt_id == halts.c.id, is_addressed_to(viewer.unit_id))
    )
    return [or_(halts.c.unit_id == viewer.unit_id, named.exists())]


def _row(asking: Asking, found: Any, cases: list[int]) -> Facts:
    return {
        "id": found.id,
        "unit": found.unit,
        "kind": found.halt_kind,
        "scope": found.scope,
        "cases": cases,
        "state": found.state,
        "until": day(found.until),
        "confirm_by": asking.instant(found.confirm_by),
        "department": found.department,
        "waiting_on": found.waiting_on,
        "due_on": day(found.due_on),
        "provisional": found.provisional,
        "overdue_days": asking.overdue_days(found.due_at),
        "rank": found.rank,
        "area": found.area,
        "unit_id": found.unit_id,
    }


def _named(found: Any) -> Facts:
    return {"id": found.hazard_id, "grade": found.grade, "text": found.text, "state": found.state, "round": found.round}
