"""Who and what the ledger is about: areas, departments, people, units."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from cases.tables.columns import Row, not_blank, one_of, only
from workflow.terms import Rank, Role, UnitKind


class Area(Row, table=True):
    """辖区: a node of the tree province > city > county > township > village. `path` holds the codes from the top down."""

    __tablename__ = "areas"
    __table_args__ = (*not_blank(["code", "name"]),)

    code: str = Field(primary_key=True)
    name: str
    rank: Rank = one_of(Rank)
    under: str | None = Field(default=None, foreign_key="areas.code")
    path: str = Field(unique=True)


class Department(Row, table=True):
    """部门 / 工作组: its area, its rank, the sectors it answers for, whether it may order and halt, its paper prefix, and the
    body that reviews what it decides.

    `may_order` None means: as soon as it has an inspector.
    """

    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("name", "area_code"), *not_blank(["name"]))

    id: int | None = Field(default=None, primary_key=True)
    name: str
    area_code: str = Field(foreign_key="areas.code")
    rank: Rank = one_of(Rank)
    may_order: bool | None = None
    may_halt: bool = False
    working_group: bool = False
    paper_prefix: str | None = None
    review_body: str | None = None


class DepartmentSector(Row, table=True):
    """A sector 行业领域 a department answers for; a department without any answers for all."""

    __tablename__ = "department_sectors"

    department_id: int = Field(foreign_key="departments.id", primary_key=True)
    sector: str = Field(primary_key=True)


class Unit(Row, table=True):
    """生产经营单位: the inspected firm, school or site."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("name", "area_code"), *not_blank(["name", "sector"]))

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    kind: UnitKind = one_of(UnitKind)
    credit_code: str | None = Field(default=None, unique=True)
    above_scale: bool = False
    sector: str
    area_code: str = Field(foreign_key="areas.code", index=True)
    park: str | None = None
    responsible: str | None = None
    post: str | None = None
    address: str | None = None
    phone: str | None = None
    #: When it was recorded; None: before that was kept.
    added_at: datetime | None = None


class Person(Row, table=True):
    """人员: belongs to a department or a unit. Retired people stay: history names them."""

    __tablename__ = "people"
    __table_args__ = (
        *not_blank(["name"]),
        Index("ix_people_login_active", "login", unique=True, info=only(text("retired_on IS NULL"))),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    role: Role = one_of(Role)
    department_id: int | None = Field(default=None, foreign_key="departments.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="units.id")
    certificate: str | None = None
    valid_to: date | None = None
    login: str | None = None
    notify: str | None = None
    retired_on: date | None = None
    replaced_by: int | None = Field(default=None, foreign_key="people.id")
