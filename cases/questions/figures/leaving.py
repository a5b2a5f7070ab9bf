"""The halts 停产整顿 and exits 退出 of a report, each folded from its own chain into one row, as cases are (stories.py)."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from cases.questions.figures.scope import Reading, Scope
from cases.questions.figures.stories import last_said, said_in, times, units_below
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import campaign_units, exit_hazards, exits, halt_hazards, halts, hazards, steps
from cases.tables.history import IS_COUNTED
from workflow.states import ExitState, HaltState
from workflow.terms import ExitKind, ExitStep, Kind

_STATES, _HALTS = tuple(ExitState), tuple(HaltState)
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


class Halted(NamedTuple):
    """One halt up to the end of a window, and whether it was imposed within the window."""

    id: int
    unit_id: int
    department_id: int
    state_code: int | None
    imposed: int

    @property
    def is_counted(self) -> bool:
        """Whether it was imposed within the window, and not revoked by its end."""
        return bool(self.imposed) and self.state_code is not None and _HALTS[self.state_code] != HaltState.revoked


def halted(tx: Transaction, scope: Scope) -> list[Halted]:
    """Return the halts that name a campaign's hazards, or those a period touched."""
    return tx.all(_halted(scope.reading, scope.area is not None), **scope.params)


@cache
def _halted(reading: Reading, in_area: bool) -> Statement:
    s = steps.c
    named = (
        select(halt_hazards.c.halt_id)
        .join_from(halt_hazards, hazards, hazards.c.id == halt_hazards.c.hazard_id)
        .where(hazards.c.campaign_id == bindparam("campaign"))
    )
    here = [halts.c.unit_id.in_(units_below())] if in_area else []
    folded = (
        select(
            *[halts.c[name] for name in ("id", "unit_id", "department_id")],
            last_said(reading.before_end(s.at), s.to_state, _HALTS),
            times(s.trigger == "impose", reading.inside(s.at)),
        )
        .join_from(halts, steps, and_(s.kind == Kind.halt, s.subject_id == halts.c.id))
        .where(
            halts.c.id.in_(_touched(reading, Kind.halt) if reading.windowed else named),
            reading.known(s.recorded_at),
            *here,
        )
        .group_by(halts.c.id)
        .order_by(halts.c.id)
    )
    return Statement(folded, into=Halted)


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
        .where(
            exits.c.id.in_(_touched(reading, Kind.exit)) if reading.windowed else _of_campaign(),
            reading.known(s.recorded_at),
            *here,
        )
        .group_by(exits.c.id)
        .order_by(exits.c.id)
    )
    return Statement(folded, into=Leaving)


def _touched(reading: Reading, kind: Kind) -> Any:
    """Return the numbers of what something counted happened to within the window."""
    counted = steps.alias("counted")
    return select(counted.c.subject_id).where(counted.c.kind == kind, reading.inside(counted.c.at), IS_COUNTED)


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
