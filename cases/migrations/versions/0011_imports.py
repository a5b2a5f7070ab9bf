"""Imported ledgers, and the rows of them that became cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String

revision = "0011"
down_revision = "0010"

schema = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def upgrade() -> None:
    for table in (imports, imported_rows):
        table.create(op.get_bind(), checkfirst=False)


for there in ("people", "hazards"):
    sa.Table(there, schema, Column("id", Integer, primary_key=True))
imports = sa.Table(
    "imports",
    schema,
    Column("id", Integer, primary_key=True),
    Column("file", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("imported_at", sa.DateTime(timezone=True), nullable=False),
    Column("imported_by", Integer, ForeignKey("people.id"), nullable=False),
    CheckConstraint("length(file) > 0", name="file_not_blank"),
    CheckConstraint("length(digest) > 0", name="digest_not_blank"),
)
imported_rows = sa.Table(
    "imported_rows",
    schema,
    Column("fingerprint", String, primary_key=True),
    Column("import_id", Integer, ForeignKey("imports.id"), nullable=False),
    Column("hazard_id", Integer, ForeignKey("hazards.id")),
    Column("sheet", String, nullable=False),
    Column("row", Integer, nullable=False),
    Column("content", String, nullable=False),
    sqlite_with_rowid=False,
)
