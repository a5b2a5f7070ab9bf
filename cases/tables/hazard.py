"""Hazards 隐患 – the cases – and what is on file for one: the governance plan, evidence."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from cases.tables.columns import Row, Tracked, not_blank, one_of, only
from workflow.states import State
from workflow.terms import Grade

#: What a case that still waits on somebody looks like to an index; the literal is the same on both stores.
IS_OPEN = text("waiting_on <> 'none'")


class Hazard(Tracked, table=True):
    """The thing that moves. Every tracked column is written by the ledger alone, together with a step."""

    __tablename__ = "hazards"
    __table_args__ = (
        Index("ix_hazards_open", "unit_id", info=only(IS_OPEN)),
        CheckConstraint("version > 0 AND seq > 0 AND round > 0", name="counts"),
        *not_blank(["text", "sector", "head"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="units.id", index=True)
    inspection_id: int = Field(foreign_key="inspections.id", index=True)
    campaign_id: int | None = Field(default=None, foreign_key="campaigns.id", index=True)
    area_code: str = Field(foreign_key="areas.code")
    department_id: int = Field(foreign_key="departments.id")
    found_on: date
    finders: str
    grade: Grade = one_of(Grade)
    sector: str
    text: str
    place: str | None = None
    basis: str | None = None
    standard_item: str | None = None
    standard_version: int | None = None
    state: State = one_of(State)
    round: int = 1
    line: str | None = None
    reworks: int = 0
    recurrences: int = 0
    extensions: int = 0
    rechecked_by: str = "[]"
    recheck_from: datetime | None = None
    corrected_on: date | None = None
    planned: bool = False
    listed_by: int | None = Field(default=None, foreign_key="departments.id")
    listed_rank: str | None = None
    listed_number: str | None = None
    listed_due_on: date | None = None
    listed_at: datetime | None = None
    transfer_to: int | None = Field(default=None, foreign_key="departments.id")
    transfer_at: datetime | None = None
    accepted_by: int | None = Field(default=None, foreign_key="departments.id")
    assigned_to: int | None = Field(default=None, foreign_key="people.id")
    acknowledged_on: date | None = None
    acknowledged_seq: int | None = None


class Plan(Row, table=True):
    """治理方案 of a major hazard, one per version: `seq` is the step that put it on file."""

    __tablename__ = "plans"

    hazard_id: int = Field(foreign_key="hazards.id", primary_key=True)
    seq: int = Field(primary_key=True)
    area_code: str = Field(foreign_key="areas.code")
    goal: str
    method: str
    funds: str
    organisation: str
    deadline: date
    emergency: str


class JointDepartment(Row, table=True):
    """A department that handles a case together with the one that answers for it; `seq` is the step that named it."""

    __tablename__ = "joint_departments"

    hazard_id: int = Field(foreign_key="hazards.id", primary_key=True)
    department_id: int = Field(foreign_key="departments.id", primary_key=True, index=True)
    seq: int
    area_code: str = Field(foreign_key="areas.code")


class Blob(Row, table=True):
    """The bytes of a piece of evidence, kept once under their own hash; never executed, never overwritten."""

    __tablename__ = "blobs"

    hash: str = Field(primary_key=True)
    media_type: str
    size: int
    content: bytes = Field(sa_type=LargeBinary)


class Evidence(Row, table=True):
    """佐证: a file that was attached to a step."""

    __tablename__ = "evidence"

    kind: str = Field(primary_key=True)
    subject_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    hash: str = Field(foreign_key="blobs.hash", primary_key=True)
    name: str
    area_code: str = Field(foreign_key="areas.code")
