"""Orders 责令限期整改指令书 with their items, and the numbers papers take."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from cases.tables.columns import Row, not_blank, one_of
from workflow.terms import ItemResult


class Numbering(Row, table=True):
    """The last number used: gapless per department, year and kind of paper, taken in the transaction that uses it."""

    __tablename__ = "numberings"

    department_id: int = Field(foreign_key="departments.id", primary_key=True)
    year: int = Field(primary_key=True)
    paper: str = Field(primary_key=True)
    last: int


class Order(Row, table=True):
    """责令限期整改指令书: one served paper. A withdrawn one keeps its number, marked 作废."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("department_id", "number"), *not_blank(["number"]))

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    department_id: int = Field(foreign_key="departments.id")
    area_code: str = Field(foreign_key="areas.code")
    unit_id: int = Field(foreign_key="units.id", index=True)
    addressee_id: int = Field(foreign_key="units.id")
    made_by: int = Field(foreign_key="people.id", index=True)
    officers: str = "[]"
    ordered_at: datetime = Field(index=True)
    recorded_at: datetime
    served_at: datetime | None = None
    served_how: str | None = None
    served_detail: str | None = None
    witness: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_why: str | None = None
    withdrawn_number: str | None = None


class OrderItem(Row, table=True):
    """What one order demands for one case: requirement, three-fixed 三定, first date and date as extended, result."""

    __tablename__ = "items"
    __table_args__ = (*not_blank(["responsible", "measure"]),)

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    hazard_id: int = Field(foreign_key="hazards.id", index=True)
    area_code: str = Field(foreign_key="areas.code")
    round: int
    requirement: str
    responsible: str
    measure: str
    interim: str | None = None
    first_due_on: date
    due_on: date = Field(index=True)
    result: ItemResult = one_of(ItemResult)
    result_seq: int | None = None
