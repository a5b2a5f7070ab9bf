"""The tables: one file for the registers, the visits, the hazards and their papers, and history.

`metadata` is the whole schema; statements are built from the tables and compiled once (cases/store.py).
"""

from typing import TYPE_CHECKING

from sqlmodel import SQLModel

from cases.tables.hazards import Blob, Evidence, Hazard, Numbering, Order, OrderItem, Plan
from cases.tables.history import Deadline, ForbiddenAttempt, Notice, PolicyVersion, Run, Rung, Seal, Step
from cases.tables.registers import Area, Campaign, CampaignUnit, Department, DepartmentSector, Person, Unit
from cases.tables.visits import Inspection, InspectionDepartment, InspectionOfficer

if TYPE_CHECKING:
    from sqlalchemy import Table

metadata = SQLModel.metadata


def _table(model: type[SQLModel]) -> "Table":
    return model.__table__  # type: ignore[attr-defined, no-any-return]  # SQLModel sets it on table=True classes


areas = _table(Area)
departments = _table(Department)
department_sectors = _table(DepartmentSector)
people = _table(Person)
units = _table(Unit)
campaigns = _table(Campaign)
campaign_units = _table(CampaignUnit)
inspections = _table(Inspection)
inspection_officers = _table(InspectionOfficer)
inspection_departments = _table(InspectionDepartment)
hazards = _table(Hazard)
numberings = _table(Numbering)
orders = _table(Order)
items = _table(OrderItem)
plans = _table(Plan)
blobs = _table(Blob)
evidence = _table(Evidence)
steps = _table(Step)
deadlines = _table(Deadline)
rungs = _table(Rung)
notices = _table(Notice)
runs = _table(Run)
seals = _table(Seal)
policies = _table(PolicyVersion)
forbidden_attempts = _table(ForbiddenAttempt)
