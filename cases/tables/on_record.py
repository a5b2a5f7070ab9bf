"""What is put on record of a campaign, an area or a case: papers of agencies, commitments, counts, look-backs.

What is on record stays: a correction is a row of its own, and the newest counts (cases/tables/append_only.py).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from cases.tables.columns import Row, not_blank, one_of
from workflow.terms import ChosenPath, Grade, LookBackResult


class OnRecord(Row):
    """Who put something on record, and when: `made_at` it happened, `recorded_at` it was written."""

    made_by: int = Field(foreign_key="people.id")
    recorded_by: int = Field(foreign_key="people.id")
    made_at: datetime
    recorded_at: datetime


class OfUnit(OnRecord):
    """Something on record of a unit in a campaign's scope."""

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaigns.id", index=True)
    unit_id: int = Field(foreign_key="units.id")
    area_code: str = Field(foreign_key="areas.code")


class Checklist(OnRecord, table=True):
    """One version of a campaign's standards 整治提升标准; the newest is in force."""

    __tablename__ = "checklists"
    __table_args__ = (UniqueConstraint("campaign_id", "version"), *not_blank(["name"]))

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaigns.id")
    version: int
    name: str


class ChecklistItem(Row, table=True):
    """One standard of a checklist, known by its number; `place` is where it stands, from 1."""

    __tablename__ = "checklist_items"
    __table_args__ = (*not_blank(["number", "text"]),)

    checklist_id: int = Field(foreign_key="checklists.id", primary_key=True)
    number: str = Field(primary_key=True)
    place: int
    text: str
    grade: Grade | None = one_of(Grade, default=None, nullable=True)
    basis: str | None = None


class Commitment(OfUnit, table=True):
    """承诺书: the path a unit chose and signed for; the newest counts."""

    __tablename__ = "commitments"

    path: ChosenPath = one_of(ChosenPath)
    on_date: date


class Diagnosis(OfUnit, table=True):
    """诊断报告 by a design institute: when it is due, and when it was handed in. The newest counts."""

    __tablename__ = "diagnoses"
    __table_args__ = (*not_blank(["agency"]),)

    agency: str
    due_on: date
    done_on: date | None = None


class Problem(Row, table=True):
    """One problem that a diagnosis lists; the numbers of a unit run on from one diagnosis to the next."""

    __tablename__ = "problems"
    __table_args__ = (*not_blank(["text"]),)

    campaign_id: int = Field(foreign_key="campaigns.id", primary_key=True)
    unit_id: int = Field(foreign_key="units.id", primary_key=True)
    number: int = Field(primary_key=True)
    diagnosis_id: int = Field(foreign_key="diagnoses.id")
    text: str


class Evaluation(OfUnit, table=True):
    """安全评价 by an agency, as far as it has come: what it checked off, when it is due and was handed in."""

    __tablename__ = "evaluations"
    __table_args__ = (*not_blank(["agency"]),)

    agency: str
    due_on: date | None = None
    done_on: date | None = None


class PassedProblem(Row, table=True):
    """A problem that an evaluation checked off: once and for all."""

    __tablename__ = "passed_problems"
    __table_args__ = (
        ForeignKeyConstraint(
            ["campaign_id", "unit_id", "number"], ["problems.campaign_id", "problems.unit_id", "problems.number"]
        ),
    )

    campaign_id: int = Field(primary_key=True)
    unit_id: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    evaluation_id: int = Field(foreign_key="evaluations.id")


class Acceptance(OfUnit, table=True):
    """验收 of a unit on site, with the panel's names as a JSON list; the newest counts."""

    __tablename__ = "acceptances"
    __table_args__ = (*not_blank(["note"]),)

    inspection_id: int = Field(foreign_key="inspections.id")
    passed: bool
    panel: str = "[]"
    note: str


class Tally(OnRecord, table=True):
    """统计量: so much of something, counted for a campaign or an area. `value` is a decimal as it was written.

    Tallies of one key add up; one that `replaces` another stands in its place.
    """

    __tablename__ = "tallies"
    __table_args__ = (
        CheckConstraint("(campaign_id IS NULL) <> (area_code IS NULL)", name="of_one"),
        *not_blank(["key", "value", "measure"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int | None = Field(default=None, foreign_key="campaigns.id", index=True)
    area_code: str | None = Field(default=None, foreign_key="areas.code", index=True)
    unit_id: int | None = Field(default=None, foreign_key="units.id")
    key: str
    value: str
    measure: str
    about: bool
    on_date: date
    replaces: int | None = Field(default=None, foreign_key="tallies.id", unique=True)


class Target(OnRecord, table=True):
    """目标责任书: what an area or a department is to reach in a year; the newest of a key counts."""

    __tablename__ = "targets"
    __table_args__ = (
        CheckConstraint("(area_code IS NULL) <> (department_id IS NULL)", name="of_one"),
        *not_blank(["key", "value"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    area_code: str | None = Field(default=None, foreign_key="areas.code")
    department_id: int | None = Field(default=None, foreign_key="departments.id")
    year: int = Field(index=True)
    key: str
    value: str


class LookBack(OnRecord, table=True):
    """回头看: what a later visit saw of a case that had ended. `seq` is the step it left on the case."""

    __tablename__ = "look_backs"

    inspection_id: int = Field(foreign_key="inspections.id", primary_key=True)
    hazard_id: int = Field(foreign_key="hazards.id", primary_key=True, index=True)
    seq: int
    result: LookBackResult = one_of(LookBackResult)
    note: str | None = None
    area_code: str = Field(foreign_key="areas.code")
