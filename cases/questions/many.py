"""Questions about many cases: list, mine, overdue."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, false, func, literal, or_, select

from cases.halts import gravest
from cases.questions import exits
from cases.questions.asking import Asking
from cases.questions.filters import ALL_OPEN, IS_OPEN, Condition, Filters, among, conditions, seen_by
from cases.questions.groups import NOBODY, grouping, heaviest_first
from cases.questions.rows import ROW, row
from cases.questions.staff import OFFICERS, answers_for, retired
from cases.tables import deadlines, extensions, halts, hazards, joint_departments
from workflow.case import Department
from workflow.states import ExtensionState, State
from workflow.terms import Grade, Kind, Role, WaitsOn

Row = dict[str, Any]
_NEVER = datetime.max.replace(tzinfo=UTC)


def list_cases(asking: Asking, filters: Filters) -> list[Row]:
    """Return cases in the order of their numbers; with a limit, the newest so many."""
    newest = ROW.where(*conditions(asking, filters)).order_by(hazards.c.id.desc()).limit(filters.limit)
    return [row(asking, found) for found in reversed(asking.tx.all(newest))]


def count_cases(asking: Asking, filters: Filters) -> int:
    """Return how many cases meet the filters, whatever their limit."""
    return _count(asking, conditions(asking, filters))


def _count(asking: Asking, wanted: Sequence[Condition]) -> int:
    return int(asking.tx.value(select(func.count()).select_from(hazards).where(*wanted)))


# -- overdue -----------------------------------------------------------------------------------------------------------


def overdue(asking: Asking, filters: Filters) -> list[Row]:
    """Return the open cases past the deadline of their state, the longest overdue first."""
    late = ROW.where(*_overdue(asking, filters)).order_by(hazards.c.due_at, hazards.c.id).limit(filters.limit)
    return [row(asking, found) for found in asking.tx.all(late)]


def count_overdue(asking: Asking, filters: Filters) -> int:
    """Return how many cases are overdue, whatever the filters' limit."""
    return _count(asking, _overdue(asking, filters))


def overdue_by(asking: Asking, filters: Filters, by: str) -> list[Row]:
    """Return how many cases are overdue in each group and by how many days the worst; the largest group first."""
    group = grouping(by)
    late = select(group.key.label("key"), group.name.label("name"), hazards.c.due_at).select_from(hazards)
    each = group.join(late).where(*_overdue(asking, filters)).subquery()
    counted = select(each.c.name, func.count(), func.min(each.c.due_at)).group_by(each.c.key, each.c.name)
    groups = (
        {"name": name or NOBODY, "count": count, "worst_days": asking.overdue_days(oldest)}
        for name, count, oldest in asking.tx.all(counted)
    )
    return heaviest_first(groups)[: filters.limit]


def _overdue(asking: Asking, filters: Filters) -> list[Condition]:
    return [*ALL_OPEN, hazards.c.due_at < asking.now, *conditions(asking, filters)]


# -- mine --------------------------------------------------------------------------------------------------------------


def mine(asking: Asking, limit: int | None = None) -> list[Row]:
    """Return what waits on the viewer, most urgent first: the nearest date, then the graver hazard."""
    viewer = asking.viewer
    found: list[tuple[str, Any]] = [("hazard", each) for each in asking.tx.all(ROW.where(*ALL_OPEN, _waits_on(asking)))]
    if viewer.role in OFFICERS and viewer.department is not None:
        known = {each.id for _, each in found}
        found += [("joint", each) for each in asking.tx.all(_joint(viewer.department)) if each.id not in known]
    if viewer.role == Role.supervisor and viewer.department is not None:
        found += [("transfer", each) for each in asking.tx.all(_transfers(viewer.department))]
    if viewer.role == Role.supervisor:
        found += [("extension", each) for each in asking.tx.all(_requests(asking))]
    if viewer.role in (Role.supervisor, Role.contact):
        found += [("halt", each) for each in asking.tx.all(_halts(asking))]
    found += exits.waiting(asking)
    found.sort(key=lambda pair: (pair[1].due_at or _NEVER, -Grade(pair[1].grade).weight, pair[1].id))
    return [_mine(asking, kind, each) for kind, each in found[:limit]]


def _mine(asking: Asking, kind: str, found: Any) -> Row:
    if kind in (Kind.exit, Kind.follow_up):
        return exits.waiting_row(asking, Kind(kind), found)
    told = {**row(asking, found), "kind": kind}
    return {**told, kind: getattr(found, kind)} if kind in (Kind.extension, Kind.halt) else told


def _waits_on(asking: Asking) -> ColumnElement[bool]:
    """Return whether a case waits on the viewer: on their unit, by assignment, or on people like them."""
    viewer, h = asking.viewer, hazards.c
    if viewer.role == Role.contact:
        return and_(h.waiting_on == WaitsOn.unit.value, *seen_by(viewer))
    if viewer.department is None or viewer.role not in OFFICERS:
        return false()
    answers = answers_for(asking.tx, asking.today, viewer)
    unassigned = or_(h.assigned_to.is_(None), h.assigned_to.in_(retired(asking.today)))
    ours = and_(unassigned, among(h.department_id, answers[Role.inspector]))
    return or_(
        and_(h.waiting_on == WaitsOn.supervisor.value, among(h.department_id, answers[Role.supervisor])),
        and_(_owed_by_an_inspector(asking), or_(h.assigned_to == viewer.id, ours)),
    )


def _owed_by_an_inspector(asking: Asking) -> ColumnElement[bool]:
    """Return whether an inspector owes the next move; from expiry on a recheck is owed too (DOMAIN §2)."""
    expired = and_(among(hazards.c.state, (State.ordered, State.rectifying)), hazards.c.due_at < asking.now)
    return or_(hazards.c.waiting_on == WaitsOn.inspector.value, expired)


def _requests(asking: Asking) -> Select[Any]:
    """Return the cases for which somebody asked the viewer's department for a later date; theirs is the answer's."""
    answers = answers_for(asking.tx, asking.today, asking.viewer)[Role.supervisor]
    answer = {name: extensions.c[name] for name in ("due_on", "due_at", "provisional", "waiting_on")}
    columns = {**{column.name: column for column in ROW.selected_columns}, **answer}
    return (
        ROW.with_only_columns(*columns.values(), extensions.c.id.label("extension"))
        .join(extensions, extensions.c.hazard_id == hazards.c.id)
        .where(extensions.c.state == ExtensionState.requested.value, among(hazards.c.department_id, answers))
    )


def _joint(department: Department) -> Select[Any]:
    """Return the open cases that a department handles together with the one that answers: it sees them."""
    return ROW.join(joint_departments, joint_departments.c.hazard_id == hazards.c.id).where(
        IS_OPEN, joint_departments.c.department_id == department.id
    )


def _halts(asking: Asking) -> Select[Any]:
    """Return the halts that wait on the viewer's unit, or on their department's review or confirmation.

    Each goes by the gravest hazard it names; its date is that of what is owed.
    """
    viewer, d = asking.viewer, deadlines.c
    if viewer.role == Role.contact:
        theirs = and_(halts.c.unit_id == viewer.unit_id, d.owner == WaitsOn.unit)
    else:
        answers = answers_for(asking.tx, asking.today, viewer)[Role.supervisor]
        theirs = and_(among(halts.c.department_id, answers), among(d.rule, ("review", "confirm")))
    owed = {name: d[name] for name in ("due_on", "due_at", "provisional")}
    told = {**owed, "waiting_on": d.owner.label("waiting_on"), "state": halts.c.state, "rank": halts.c.rank}
    columns = {**{column.name: column for column in ROW.selected_columns}, **told}
    return (
        ROW.with_only_columns(*columns.values(), halts.c.id.label("halt"))
        .join(halts, hazards.c.id == gravest(hazards.c.id))
        .join(deadlines, and_(d.kind == Kind.halt, d.subject_id == halts.c.id, d.ended_by.is_(None)))
        .where(theirs)
    )


def _transfers(receiver: Department) -> Select[Any]:
    """Return the cases that a department was asked to take; their date is that of its answer."""
    answer = {"due_on": deadlines.c.due_on, "due_at": deadlines.c.due_at, "provisional": deadlines.c.provisional}
    waits = literal(WaitsOn.department.value, String).label("waiting_on")
    columns = {**{column.name: column for column in ROW.selected_columns}, **answer, "waiting_on": waits}
    return (
        ROW.with_only_columns(*columns.values())
        .join(
            deadlines,
            and_(
                deadlines.c.kind == Kind.hazard,
                deadlines.c.subject_id == hazards.c.id,
                deadlines.c.rule == "answer",
                deadlines.c.ended_by.is_(None),
            ),
        )
        .where(IS_OPEN, hazards.c.transfer_to == receiver.id)
    )
