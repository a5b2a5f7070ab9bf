"""Ledgers that were imported, and the rows that became cases."""

from datetime import datetime

from sqlmodel import Field

from cases.tables.columns import Row, not_blank


class Import(Row, table=True):
    """One import of one file: who brought it in, and what came of it."""

    __tablename__ = "imports"
    __table_args__ = (*not_blank(["file", "digest"]),)

    id: int | None = Field(default=None, primary_key=True)
    file: str
    digest: str
    imported_at: datetime
    imported_by: int = Field(foreign_key="people.id")


class ImportedRow(Row, table=True):
    """A hazard of a row, by what makes it the same hazard when it comes again; `content` is all that the row said of it.

    Without a case: a visit that found nothing.
    """

    __tablename__ = "imported_rows"
    __table_args__ = ({"sqlite_with_rowid": False},)

    fingerprint: str = Field(primary_key=True)
    import_id: int = Field(foreign_key="imports.id")
    hazard_id: int | None = Field(default=None, foreign_key="hazards.id")
    sheet: str
    row: int
    content: str
