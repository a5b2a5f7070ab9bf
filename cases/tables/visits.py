"""Inspections 检查: a visit to a unit, who was there, which departments took part."""

from datetime import date, datetime, time

from sqlmodel import Field

from cases.tables.columns import Row, one_of
from workflow.terms import InspectionKind


class Inspection(Row, table=True):
    """A visit: it may find nothing. `signed_by` or `sign_refused` says how the unit received its record."""

    __tablename__ = "inspections"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="units.id", index=True)
    area_code: str = Field(foreign_key="areas.code")
    visited_on: date = Field(index=True)
    starts: time | None = None
    ends: time | None = None
    kind: InspectionKind = one_of(InspectionKind)
    campaign_id: int | None = Field(default=None, foreign_key="campaigns.id", index=True)
    round: str | None = None
    place: str | None = None
    signed_by: str | None = None
    sign_refused: str | None = None
    note: str | None = None
    made_by: int = Field(foreign_key="people.id", index=True)
    recorded_by: int = Field(foreign_key="people.id")
    department_id: int | None = Field(default=None, foreign_key="departments.id")
    made_at: datetime
    recorded_at: datetime


class InspectionOfficer(Row, table=True):
    """Somebody on site, with the certificate carried that day."""

    __tablename__ = "inspection_officers"

    inspection_id: int = Field(foreign_key="inspections.id", primary_key=True)
    person_id: int = Field(foreign_key="people.id", primary_key=True)
    certificate: str | None = None


class InspectionDepartment(Row, table=True):
    """Another department taking part 联合检查."""

    __tablename__ = "inspection_departments"

    inspection_id: int = Field(foreign_key="inspections.id", primary_key=True)
    department_id: int = Field(foreign_key="departments.id", primary_key=True)
