"""The holiday notices that were loaded, on top of the calendar that ships with the program."""

from datetime import date, datetime

from sqlmodel import Field

from cases.tables.columns import Row, not_blank


class CalendarVersion(Row, table=True):
    """One loading of a year's notice; of each year the newest is in force. Appended only; its step is in the chain."""

    __tablename__ = "calendars"
    __table_args__ = tuple(not_blank(["document", "text"]))

    version: int = Field(primary_key=True)
    document: str
    published_on: date
    year: int
    loaded_at: datetime
    loaded_by: int = Field(foreign_key="people.id")
    text: str
