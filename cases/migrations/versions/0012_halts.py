"""Halts, and the hazards they name."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String

revision = "0012"
down_revision = "0011"

schema = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
INSTANT = sa.DateTime(timezone=True)


def one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def there(name: str, key: str) -> None:
    """Name a table that is there already, for the references to it."""
    sa.Table(name, schema, Column(key, String if key == "code" else Integer, primary_key=True))


def upgrade() -> None:
    for table in (halts, halt_hazards):
        table.create(op.get_bind(), checkfirst=False)


there("units", "id")
there("hazards", "id")
there("areas", "code")
there("departments", "id")
there("people", "id")
STANDING = sa.text("waiting_on <> 'none'")
halts = sa.Table(
    "halts",
    schema,
    Column("id", Integer, primary_key=True),
    Column("unit_id", Integer, ForeignKey("units.id"), nullable=False, index=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("department_id", Integer, ForeignKey("departments.id"), nullable=False),
    Column("halt_kind", one_of("haltkind", "temporary", "stop_use", "stop_work", "penalty"), nullable=False),
    Column("scope", one_of("haltscope", "whole", "part"), nullable=False),
    Column("reason", String, nullable=False),
    Column("number", String),
    Column("imposed_by", Integer, ForeignKey("people.id"), nullable=False),
    Column("imposed_at", INSTANT, nullable=False),
    Column("confirm_by", INSTANT),
    Column("until", sa.Date, nullable=False),
    Column(
        "state",
        one_of("haltstate", "imposed", "resumption_requested", "lifted", "revoked", "converted"),
        nullable=False,
    ),
    Column("entered_at", INSTANT, nullable=False),
    Column("waiting_on", one_of("waitson", "unit", "inspector", "supervisor", "department", "none"), nullable=False),
    Column("due_on", sa.Date),
    Column("due_at", INSTANT),
    Column("provisional", sa.Boolean, nullable=False),
    Column("rank", one_of("rank", "village", "township", "county", "city", "province")),
    Column("note", String),
    Column("moved_seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", String, nullable=False),
    CheckConstraint("length(reason) > 0", name="reason_not_blank"),
    CheckConstraint("length(head) > 0", name="head_not_blank"),
    sa.Index("ix_halts_standing", "unit_id", sqlite_where=STANDING, postgresql_where=STANDING),
)
halt_hazards = sa.Table(
    "halt_hazards",
    schema,
    Column("halt_id", Integer, ForeignKey("halts.id"), primary_key=True),
    Column("hazard_id", Integer, ForeignKey("hazards.id"), primary_key=True, index=True),
    Column("round", Integer, nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
)
