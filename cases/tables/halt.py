"""Halts 停产整顿: a measure on a unit that ends, and the hazards it names."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from cases.tables.columns import Row, Tracked, not_blank, one_of, only
from workflow.states import HaltState
from workflow.terms import HaltKind, HaltScope

#: A halt that holds; the literal is the same on both stores.
IS_STANDING = text("waiting_on <> 'none'")


class Halt(Tracked, table=True):
    """A measure on a unit. Every tracked column is written by the ledger, together with a step."""

    __tablename__ = "halts"
    __table_args__ = (
        Index("ix_halts_standing", "unit_id", info=only(IS_STANDING)),
        *not_blank(["reason", "head"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="units.id", index=True)
    area_code: str = Field(foreign_key="areas.code")
    department_id: int = Field(foreign_key="departments.id")
    halt_kind: HaltKind = one_of(HaltKind)
    scope: HaltScope = one_of(HaltScope)
    reason: str
    number: str | None = None
    imposed_by: int = Field(foreign_key="people.id")
    imposed_at: datetime
    confirm_by: datetime | None = None
    until: date
    state: HaltState = one_of(HaltState)
    note: str | None = None


class HaltHazard(Row, table=True):
    """A hazard that a halt names, in the round it was in then: reopened, it has left the halt."""

    __tablename__ = "halt_hazards"

    halt_id: int = Field(foreign_key="halts.id", primary_key=True)
    hazard_id: int = Field(foreign_key="hazards.id", primary_key=True, index=True)
    round: int
    area_code: str = Field(foreign_key="areas.code")
