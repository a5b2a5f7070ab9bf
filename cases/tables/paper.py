"""Papers with numbers of their own, besides orders: inspection records, recheck opinions, decisions, notices, replies."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from cases.tables.columns import Row, not_blank, one_of
from workflow.terms import PaperKind


class Paper(Row, table=True):
    """A numbered paper: written with what made it, so that its number has neither gaps nor repeats.

    It is about a visit, a case, an extension or a halt, by `kind` and `subject_id`; `seq` is the step that made it, 0
    where a visit did. `serial` is its place in the department's year; None: somebody gave the number.
    """

    __tablename__ = "papers"
    __table_args__ = (
        UniqueConstraint("paper", "kind", "subject_id", "seq"),
        UniqueConstraint("department_id", "paper", "year", "serial"),
        *not_blank(["number"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    paper: PaperKind = one_of(PaperKind)
    kind: str
    subject_id: int
    seq: int
    unit_id: int = Field(foreign_key="units.id", index=True)
    area_code: str = Field(foreign_key="areas.code")
    department_id: int = Field(foreign_key="departments.id")
    year: int
    serial: int | None = None
    number: str = Field(index=True)
    made_by: int = Field(foreign_key="people.id")
    made_at: datetime
    recorded_at: datetime


class PaperCase(Row, table=True):
    """A case on a paper, and the step that put it there."""

    __tablename__ = "paper_cases"

    paper_id: int = Field(foreign_key="papers.id", primary_key=True)
    hazard_id: int = Field(foreign_key="hazards.id", primary_key=True, index=True)
    seq: int = Field(primary_key=True)
    area_code: str = Field(foreign_key="areas.code")
