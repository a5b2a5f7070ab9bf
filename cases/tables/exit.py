"""Exits 退出: a unit or a line that goes, its hazards, the steps seen on site, and the visits that follow."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from cases.tables.columns import Row, Tracked, not_blank, one_of, only
from workflow.states import ExitState, FollowUpState
from workflow.terms import Basis, ExitKind, ExitStep, Grade

#: An exit that neither was verified nor revoked; the literals are the same on both stores.
IS_RUNNING = text("state IN ('decided', 'underway')")
#: A visit that is still to be made.
IS_PLANNED = text("state = 'planned'")


class Exit(Tracked, table=True):
    """A unit that goes, or a line of it: "" for the whole. Every tracked column is written by the ledger, with a step."""

    __tablename__ = "exits"
    __table_args__ = (
        Index("ix_exits_running", "unit_id", "line", unique=True, info=only(IS_RUNNING)),
        CheckConstraint(
            "basis <> 'government' OR (body <> '' AND number <> '' AND decided_on IS NOT NULL)", name="decision"
        ),
        CheckConstraint("(exit_kind = 'partial') = (line <> '')", name="line_if_partial"),
        *not_blank(["interim", "head"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="units.id", index=True)
    area_code: str = Field(foreign_key="areas.code")
    department_id: int = Field(foreign_key="departments.id")
    exit_kind: ExitKind = one_of(ExitKind)
    basis: Basis = one_of(Basis)
    body: str | None = None
    number: str | None = None
    decided_on: date | None = None
    line: str
    interim: str
    leaves_on: date
    grade: Grade = one_of(Grade)
    state: ExitState = one_of(ExitState)
    decided_at: datetime
    decided_by: int = Field(foreign_key="people.id")
    verified_on: date | None = None
    note: str | None = None


class ExitHazard(Row, table=True):
    """A hazard that goes with an exit, in the round it had then; `seq` is the exit's step by which it joined."""

    __tablename__ = "exit_hazards"

    exit_id: int = Field(foreign_key="exits.id", primary_key=True)
    hazard_id: int = Field(foreign_key="hazards.id", primary_key=True, index=True)
    round: int = Field(primary_key=True)
    area_code: str = Field(foreign_key="areas.code")
    seq: int


class ExitStepRow(Row, table=True):
    """A step of an exit that was seen on site; `seq` is the step of history that says so."""

    __tablename__ = "exit_steps"

    exit_id: int = Field(foreign_key="exits.id", primary_key=True)
    step: ExitStep = one_of(ExitStep, primary_key=True)
    area_code: str = Field(foreign_key="areas.code")
    on_date: date
    seq: int


class FollowUp(Tracked, table=True):
    """A visit so many months after an exit: is it still shut? Every tracked column is written by the ledger, with a step."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        Index("ix_follow_ups_planned", "unit_id", info=only(IS_PLANNED)),
        *not_blank(["head"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    exit_id: int = Field(foreign_key="exits.id", index=True)
    unit_id: int = Field(foreign_key="units.id")
    area_code: str = Field(foreign_key="areas.code")
    department_id: int = Field(foreign_key="departments.id")
    months: int
    opens_on: date
    inspection_id: int | None = Field(default=None, foreign_key="inspections.id")
    grade: Grade = one_of(Grade)
    state: FollowUpState = one_of(FollowUpState)
