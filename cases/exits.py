"""How exits and the visits that follow them lie in the store: one by its number, those of a unit, and their hazards.

Whoever moves an exit holds its unit first: what goes, and what is found there meanwhile, wait for each other.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, insert, literal_column, or_, select

from cases.pages import DEADLINE_FIELDS, TRACKED
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import (
    areas,
    deadlines,
    departments,
    exit_hazards,
    exit_steps,
    exits,
    follow_ups,
    hazards,
    units,
)
from workflow.case import Case, Deadline, Subject
from workflow.exit import Exit
from workflow.follow_up import FollowUp
from workflow.terms import Kind

_PLACE = [areas.c.path, departments.c.rank.label("charge"), units.c.sector]
EXIT_COLUMNS = [*[exits.c[name] for name in TRACKED[Exit].columns], *_PLACE]
FOLLOW_UP_COLUMNS = [*[follow_ups.c[name] for name in TRACKED[FollowUp].columns], *_PLACE]


def _placed(table: Any, columns: Sequence[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(table, units, units.c.id == table.c.unit_id)
        .join(areas, areas.c.code == table.c.area_code)
        .join(departments, departments.c.id == table.c.department_id)
    )


_EXITS, _FOLLOW_UPS = _placed(exits, EXIT_COLUMNS), _placed(follow_ups, FOLLOW_UP_COLUMNS)
_IS_RUNNING = exits.c.state.in_([literal_column("'decided'"), literal_column("'underway'")])
_IS_PLANNED = follow_ups.c.state == literal_column("'planned'")
_IS_OPEN = hazards.c.waiting_on != literal_column("'none'")

_BY_ID = Statement(_EXITS.where(exits.c.id == bindparam("id")).with_for_update(of=exits), into=Exit)
_FOLLOW_UP = Statement(
    _FOLLOW_UPS.where(follow_ups.c.id == bindparam("id")).with_for_update(of=follow_ups), into=FollowUp
)
_PLANNED = Statement(
    _FOLLOW_UPS.where(follow_ups.c.unit_id == bindparam("unit"), _IS_PLANNED)
    .order_by(follow_ups.c.id)
    .with_for_update(of=follow_ups),
    into=FollowUp,
)
_TOLD_OF = Statement(
    select(follow_ups.c.id)
    .where(follow_ups.c.exit_id == bindparam("exit"), follow_ups.c.inspection_id == bindparam("inspection"))
    .limit(1)
)
_PATH = Statement(select(areas.c.path).where(areas.c.code == bindparam("code")))
_UNIT_OF = Statement(select(exits.c.unit_id).where(exits.c.id == bindparam("id")))
_RUNNING = Statement(
    select(exits.c.id, exits.c.line).where(exits.c.unit_id == bindparam("unit"), _IS_RUNNING).order_by(exits.c.id)
)
_LINES = Statement(select(exits.c.id, exits.c.line).where(exits.c.unit_id == bindparam("unit")))
_OPEN = Statement(
    select(hazards.c.id, hazards.c.state, hazards.c.line)
    .where(hazards.c.unit_id == bindparam("unit"), _IS_OPEN)
    .order_by(hazards.c.id)
)
_MEMBERS = Statement(
    select(exit_hazards.c.hazard_id, exit_hazards.c.round)
    .join_from(exit_hazards, hazards, hazards.c.id == exit_hazards.c.hazard_id)
    .where(exit_hazards.c.exit_id == bindparam("exit"), hazards.c.round == exit_hazards.c.round)
    .order_by(exit_hazards.c.hazard_id)
)
_STEPS = Statement(
    select(exit_steps.c.step).where(exit_steps.c.exit_id == bindparam("exit")).order_by(exit_steps.c.seq)
)
_DEADLINES = Statement(
    select(*[deadlines.c[name] for name in DEADLINE_FIELDS])
    .where(
        deadlines.c.kind == bindparam("of"), deadlines.c.subject_id == bindparam("id"), deadlines.c.ended_by.is_(None)
    )
    .order_by(deadlines.c.set_by),
    into=Deadline,
)
_RUNS_FOR = Statement(
    select(exits.c.id)
    .where(
        exits.c.unit_id == bindparam("unit"), _IS_RUNNING, or_(exits.c.line == "", exits.c.line == bindparam("line"))
    )
    .limit(1)
)
#: Written with the step by which hazards join, and with the one that sees a step of the exit on site.
ADD_HAZARD, ADD_STEP = Statement(insert(exit_hazards)), Statement(insert(exit_steps))


def path_of(tx: Transaction, area: str) -> str:
    """Return the path of an area by its code."""
    return str(tx.value(_PATH, code=area))


def unit_of(tx: Transaction, number: int) -> int | None:
    """Return the unit of an exit; None for no exit."""
    found = tx.value(_UNIT_OF, id=number)
    return None if found is None else int(found)


def load(tx: Transaction, number: int) -> Exit:
    """Load an exit that is there, under lock; its unit and its cases are locked before."""
    found: Exit = _with_deadlines(tx, tx.one(_BY_ID, id=number))
    found.done = [row.step for row in tx.all(_STEPS, exit=number)]
    return found


def follow_up(tx: Transaction, number: int) -> FollowUp:
    """Load a follow-up visit that is there, under lock."""
    found: FollowUp = _with_deadlines(tx, tx.one(_FOLLOW_UP, id=number))
    return found


def planned(tx: Transaction, unit: int) -> list[FollowUp]:
    """Load the visits to a unit that are still to be made, under lock, the next one first."""
    found = [_with_deadlines(tx, each) for each in tx.all(_PLANNED, unit=unit)]
    return sorted(found, key=lambda each: (each.exit_id, each.months))


def is_told_of(tx: Transaction, number: int, inspection: int) -> bool:
    """Return whether an inspection was taken for a visit after this exit already."""
    return tx.value(_TOLD_OF, exit=number, inspection=inspection) is not None


def running(tx: Transaction, unit: int, line: str) -> int | None:
    """Return the exit in whose way another one would be: of the whole unit, of the same line, or any for the whole."""
    found = tx.all(_RUNNING, unit=unit)
    return next((row.id for row in found if not line or row.line in ("", line)), None)


def of_line(tx: Transaction, unit: int, line: str) -> set[int]:
    """Return the exits of a line, for the whole unit all it ever had."""
    return {row.id for row in tx.all(_LINES, unit=unit) if not line or row.line == line}


def open_cases(tx: Transaction, unit: int) -> list[Any]:
    """Return the number, state and line of every open case of a unit."""
    return tx.all(_OPEN, unit=unit)


def members(tx: Transaction, number: int) -> list[int]:
    """Return the cases that went with an exit and have not come back since."""
    return [row.hazard_id for row in tx.all(_MEMBERS, exit=number)]


def runs_for(tx: Transaction, case: Case) -> bool:
    """Whether an exit of the case's unit is running, or one of its line."""
    return tx.one(_RUNS_FOR, unit=case.unit_id, line=case.line or "") is not None


def joining(leaving: Exit, cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Return the rows of cases that join an exit by its next step."""
    own = {"exit_id": leaving.id, "area_code": leaving.area_code, "seq": leaving.seq + 1}
    return [{**own, "hazard_id": case.id, "round": case.round} for case in cases]


def _with_deadlines(tx: Transaction, found: Any) -> Any:
    subject: Subject = found
    subject.deadlines = tx.all(_DEADLINES, of=Kind(subject.kind), id=subject.id)
    return subject
