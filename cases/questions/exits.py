"""Questions about exits 退出: which there are, how far one is, and whether it stayed shut."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from cases.names import find
from cases.questions import rows
from cases.questions.asking import Asking, day
from cases.questions.chains import steps_of
from cases.questions.filters import among
from cases.questions.staff import OFFICERS, answers_for
from cases.statements import Statement
from cases.tables import (
    areas,
    departments,
    evidence,
    exit_hazards,
    exit_steps,
    exits,
    follow_ups,
    hazards,
    people,
    steps,
    units,
)
from workflow.errors import Forbidden, NotFound
from workflow.exit import STEPS
from workflow.states import FollowUpState
from workflow.terms import Kind, Role, WaitsOn
from workflow.words import Sentence

Facts = dict[str, Any]

ROW = (
    select(
        exits,
        units.c.name.label("unit"),
        areas.c.name.label("area"),
        departments.c.name.label("department"),
        people.c.name.label("decider"),
        func.coalesce(func.nullif(exits.c.line, ""), exits.c.interim).label("text"),
    )
    .join_from(exits, units, units.c.id == exits.c.unit_id)
    .join(areas, areas.c.code == exits.c.area_code)
    .join(departments, departments.c.id == exits.c.department_id)
    .join(people, people.c.id == exits.c.decided_by)
)
_ONE = Statement(ROW.where(exits.c.id == bindparam("id")))
_OF_CASE = Statement(
    ROW.join(exit_hazards, exit_hazards.c.exit_id == exits.c.id)
    .where(exit_hazards.c.hazard_id == bindparam("case"), exit_hazards.c.round == bindparam("round"))
    .order_by(exits.c.id.desc())
    .limit(1)
)
_CASES = Statement(
    select(
        hazards.c.id,
        hazards.c.grade,
        hazards.c.text,
        hazards.c.state,
        exit_hazards.c.round,
        hazards.c.round.label("now"),
    )
    .join_from(exit_hazards, hazards, hazards.c.id == exit_hazards.c.hazard_id)
    .where(exit_hazards.c.exit_id == bindparam("exit"))
    .order_by(hazards.c.id, exit_hazards.c.round)
)
_SEEN = Statement(
    select(exit_steps.c.step, exit_steps.c.on_date, exit_steps.c.seq, people.c.name.label("actor"))
    .join_from(
        exit_steps,
        steps,
        (steps.c.kind == Kind.exit) & (steps.c.subject_id == exit_steps.c.exit_id) & (steps.c.seq == exit_steps.c.seq),
    )
    .join(people, people.c.id == steps.c.actor_id)
    .where(exit_steps.c.exit_id == bindparam("exit"))
    .order_by(exit_steps.c.seq)
)
_STEPS_SEEN = Statement(select(exit_steps.c.step).where(exit_steps.c.exit_id == bindparam("exit")))
_EVIDENCE = Statement(
    select(evidence.c.seq, evidence.c.name, evidence.c.hash)
    .where(evidence.c.kind == Kind.exit, evidence.c.subject_id == bindparam("exit"))
    .order_by(evidence.c.seq, evidence.c.name)
)
_NEXT_VISIT = Statement(
    select(follow_ups.c.due_on, follow_ups.c.due_at)
    .where(follow_ups.c.exit_id == bindparam("exit"), follow_ups.c.state == FollowUpState.planned)
    .order_by(follow_ups.c.due_at)
    .limit(1)
)
_FOLLOW_UPS = Statement(
    select(follow_ups).where(follow_ups.c.exit_id == bindparam("exit")).order_by(follow_ups.c.months, follow_ups.c.id)
)


def list_exits(
    asking: Asking,
    *,
    state: str | None = None,
    unit: str | None = None,
    overdue: bool = False,
    limit: int | None = None,
) -> list[Facts]:
    """Return the exits that the viewer may see, the newest so many, in the order of their numbers. Raises as `find`.

    With `overdue` those that are late themselves, and those that nobody visited in time.
    """
    wanted = _seen_by(asking)
    if state is not None:
        wanted.append(exits.c.state == state)
    if unit is not None:
        wanted.append(exits.c.unit_id == find(asking.tx, "unit", unit).id)
    if overdue:
        wanted.append(or_(exits.c.due_at < asking.now, exits.c.id.in_(_unvisited(asking))))
    newest = ROW.where(*wanted).order_by(exits.c.id.desc()).limit(limit)
    return [row(asking, each) for each in reversed(asking.tx.all(newest))]


def _unvisited(asking: Asking) -> Select[Any]:
    late = and_(follow_ups.c.state == FollowUpState.planned.value, follow_ups.c.due_at < asking.now)
    return select(follow_ups.c.exit_id).where(late)


def show(asking: Asking, number: int) -> Facts:
    """Return all that is known of an exit. Raises NotFound, or Forbidden for a contact of another unit."""
    found = asking.tx.one(_ONE, id=number)
    if found is None:
        raise NotFound(Sentence("no exit {id}; type: rectify exit list", id=number), exit=number)
    if asking.viewer.role == Role.contact and asking.viewer.unit_id != found.unit_id:
        raise Forbidden(
            Sentence("exit {id} is another unit's; {actor} reads their own", id=number, actor=asking.viewer.name)
        )
    return {
        **row(asking, found),
        **{name: getattr(found, name) for name in ("basis", "body", "number", "interim", "note", "department")},
        "decided_on": day(found.decided_on),
        "decided_at": asking.instant(found.decided_at),
        "decided_by": found.decider,
        "verified_on": day(found.verified_on),
        "due_at": asking.instant(found.due_at),
        "cases": [_case(each) for each in asking.tx.all(_CASES, exit=number)],
        "seen": _seen(asking, number),
        "follow_ups": [_visit(asking, each) for each in asking.tx.all(_FOLLOW_UPS, exit=number)],
        "steps": steps_of(asking, Kind.exit, number),
        "version": found.version,
    }


def of_case(asking: Asking, case: int, case_round: int) -> Facts | None:
    """Return the exit that a case goes with in its present round, None for none."""
    found = asking.tx.one(_OF_CASE, case=case, round=case_round)
    return None if found is None else row(asking, found)


def of_unit(asking: Asking, unit: int) -> list[Facts]:
    """Return the exits of a unit."""
    return [row(asking, each) for each in asking.tx.all(ROW.where(exits.c.unit_id == unit).order_by(exits.c.id))]


def row(asking: Asking, found: Any) -> Facts:
    """Return an exit as a row of a list."""
    seen = {each.step for each in asking.tx.all(_STEPS_SEEN, exit=found.id)}
    visit = asking.tx.one(_NEXT_VISIT, exit=found.id)
    is_running = found.waiting_on != "none"
    return {
        "id": found.id,
        "unit": found.unit,
        "unit_id": found.unit_id,
        "kind": found.exit_kind,
        "line": found.line or None,
        "state": found.state,
        "missing": [step.value for step in STEPS[found.exit_kind] if step not in seen] if is_running else [],
        "waiting_on": found.waiting_on,
        "leaves_on": day(found.leaves_on),
        "due_on": day(found.due_on),
        "overdue_days": asking.overdue_days(found.due_at),
        "visit_on": None if visit is None else day(visit.due_on),
        "visit_overdue_days": 0 if visit is None else asking.overdue_days(visit.due_at),
        "grade": found.grade,
        "rank": found.rank,
        "area": found.area,
    }


# -- what waits on somebody --------------------------------------------------------------------------------------------

_VISIT = (
    select(
        follow_ups,
        units.c.name.label("unit"),
        areas.c.name.label("area"),
        exits.c.line.label("text"),
    )
    .join_from(follow_ups, exits, exits.c.id == follow_ups.c.exit_id)
    .join(units, units.c.id == follow_ups.c.unit_id)
    .join(areas, areas.c.code == follow_ups.c.area_code)
)


def waiting(asking: Asking) -> list[tuple[Kind, Any]]:
    """Return the exits and the visits after them that wait on the viewer; of several visits the one that may be made."""
    viewer = asking.viewer
    if viewer.role == Role.contact:
        theirs = and_(exits.c.waiting_on == WaitsOn.unit.value, exits.c.unit_id == viewer.unit_id)
        return [(Kind.exit, each) for each in asking.tx.all(ROW.where(theirs))]
    if viewer.department is None or viewer.role not in OFFICERS:
        return []
    answers = answers_for(asking.tx, asking.today, viewer)
    to_verify = ROW.where(
        exits.c.waiting_on == WaitsOn.supervisor.value, among(exits.c.department_id, answers[Role.supervisor])
    )
    to_visit = _VISIT.where(
        follow_ups.c.state == FollowUpState.planned.value,
        follow_ups.c.opens_on <= asking.today,
        among(follow_ups.c.department_id, answers[Role.inspector]),
    )
    found = [(Kind.exit, each) for each in asking.tx.all(to_verify)] if viewer.role == Role.supervisor else []
    return found + [(Kind.follow_up, each) for each in asking.tx.all(to_visit)]


def waiting_row(asking: Asking, kind: Kind, found: Any) -> Facts:
    """Return what waits as a row of the list that cases stand in: of a visit, the exit it is made after."""
    return {**rows.row(asking, found), "kind": kind.value, "exit": found.id if kind is Kind.exit else found.exit_id}


def _seen_by(asking: Asking) -> list[ColumnElement[bool]]:
    """Contacts see their own unit's; officers everything."""
    viewer = asking.viewer
    return [exits.c.unit_id == viewer.unit_id] if viewer.role == Role.contact else []


def _case(found: Any) -> Facts:
    own = {name: getattr(found, name) for name in ("id", "grade", "text", "state", "round")}
    return {**own, "came_back": found.now > found.round}


def _seen(asking: Asking, number: int) -> list[Facts]:
    files: dict[int, list[str]] = {}
    for each in asking.tx.all(_EVIDENCE, exit=number):
        files.setdefault(each.seq, []).append(each.name)
    return [
        {"step": each.step, "on": day(each.on_date), "actor": each.actor, "evidence": files.get(each.seq, [])}
        for each in asking.tx.all(_SEEN, exit=number)
    ]


def _visit(asking: Asking, found: Any) -> Facts:
    own = {name: getattr(found, name) for name in ("id", "months", "state", "rank", "provisional")}
    return {
        **own,
        "opens_on": day(found.opens_on),
        "due_on": day(found.due_on),
        "overdue_days": asking.overdue_days(found.due_at),
        "inspection": found.inspection_id,
    }
