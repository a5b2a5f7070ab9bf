"""The exits 退出 of a report, each folded from its own chain into one row, as cases are (stories.py)."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from cases.questions.figures.scope import Reading, Scope
from cases.questions.figures.stories import last_said, said_in, times, units_below
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import campaign_units, exit_hazards, exits, hazards, steps
from cases.tables.history import IS_COUNTED
from workflow.states import ExitState
from workflow.terms import ExitKind, ExitStep, Kind

_STATES = tuple(ExitState)
#: What did not last: nobody left.
_UNDONE = (ExitState.revoked, ExitState.breached)
#: What counts from the day it is decided 纳入; the others count once it was seen on site that they stopped.
_ENROLLED = (ExitKind.relocation, ExitKind.retreat)


class Leaving(NamedTuple):
    """One exit up to the end of a window, and what happened to it within the window."""

    id: int
    unit_id: int
    department_id: int
    exit_kind: str
    state_code: int | None
    decided: int
    stopped: int
    verified: int

    @property
    def lasts(self) -> bool:
        """Whether it was neither revoked nor breached by the window's end."""
        return self.state_code is not None and _STATES[self.state_code] not in _UNDONE

    @property
    def is_counted(self) -> bool:
        """Whether its unit counts as gone: decided where that is enough, else seen to have stopped."""
        return self.lasts and bool(self.decided if self.exit_kind in _ENROLLED else self.stopped)

    @property
    def is_verified(self) -> bool:
        """Whether all its steps were seen and verified within the window."""
        return self.lasts and bool(self.verified)


def leaving(tx: Transaction, scope: Scope) -> list[Leaving]:
    """Return the exits of a campaign's units, or those a period touched."""
    return tx.all(_folded(scope.reading, scope.area is not None), **scope.params)


@cache
def _folded(reading: Reading, in_area: bool) -> Statement:
    s, inside = steps.c, reading.inside(steps.c.at)
    stopped = (s.trigger == "step", said_in(s.facts, "step") == ExitStep.stopped.value, inside)
    here = [exits.c.unit_id.in_(units_below())] if in_area else []
    folded = (
        select(
            *[exits.c[name] for name in ("id", "unit_id", "department_id", "exit_kind")],
            last_said(reading.before_end(s.at), s.to_state, _STATES),
            times(s.trigger == "decide", inside),
            times(*stopped),
            times(s.trigger == "verify", inside),
        )
        .join_from(exits, steps, and_(s.kind == Kind.exit, s.subject_id == exits.c.id))
        .where(_touched(reading) if reading.windowed else _of_campaign(), reading.known(s.recorded_at), *here)
        .group_by(exits.c.id)
        .order_by(exits.c.id)
    )
    return Statement(folded, into=Leaving)


def _touched(reading: Reading) -> ColumnElement[bool]:
    counted = steps.alias("counted")
    moved: Any = select(counted.c.subject_id).where(
        counted.c.kind == Kind.exit, reading.inside(counted.c.at), IS_COUNTED
    )
    return exits.c.id.in_(moved)


def _of_campaign() -> ColumnElement[bool]:
    """Whether an exit is a campaign's: decided in its time at a unit of its scope, or taking a hazard of it along."""
    scoped = select(campaign_units.c.unit_id).where(campaign_units.c.campaign_id == bindparam("campaign"))
    in_time = exits.c.decided_at.between(bindparam("opens"), bindparam("closes"))
    along = (
        select(exit_hazards.c.exit_id)
        .join_from(exit_hazards, hazards, hazards.c.id == exit_hazards.c.hazard_id)
        .where(hazards.c.campaign_id == bindparam("campaign"))
    )
    return or_(and_(exits.c.unit_id.in_(scoped), in_time), exits.c.id.in_(along))
