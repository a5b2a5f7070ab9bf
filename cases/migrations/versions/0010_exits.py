"""Exits, the hazards and steps of each, and the visits that follow them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String

revision = "0010"
down_revision = "0009"

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
    for table in (exits, exit_hazards, exit_steps, follow_ups):
        table.create(op.get_bind(), checkfirst=False)


there("areas", "code")
for each in ("units", "departments", "people", "hazards", "inspections"):
    there(each, "id")
GRADES = ("general", "larger", "major")
RANKS = ("village", "township", "county", "city", "province")
WAITS = ("unit", "inspector", "supervisor", "department", "none")


def tracked(*states: str) -> list[Any]:
    """The columns of everything that moves."""
    return [
        Column("state", one_of(*states), nullable=False),
        Column("entered_at", INSTANT, nullable=False),
        Column("waiting_on", one_of("waitson", *WAITS), nullable=False),
        Column("due_on", sa.Date),
        Column("due_at", INSTANT),
        Column("provisional", sa.Boolean, nullable=False),
        Column("rank", one_of("rank", *RANKS)),
        Column("moved_seq", Integer, nullable=False),
        Column("version", Integer, nullable=False),
        Column("seq", Integer, nullable=False),
        Column("head", String, nullable=False),
        CheckConstraint("length(head) > 0", name="head_not_blank"),
    ]


RUNNING = sa.text("state IN ('decided', 'underway')")
PLANNED = sa.text("state = 'planned'")
exits = sa.Table(
    "exits",
    schema,
    Column("id", Integer, primary_key=True),
    Column("unit_id", Integer, ForeignKey("units.id"), nullable=False, index=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("department_id", Integer, ForeignKey("departments.id"), nullable=False),
    Column("exit_kind", one_of("exitkind", "shutdown", "relocation", "retreat", "partial"), nullable=False),
    Column("basis", one_of("basis", "voluntary", "government"), nullable=False),
    Column("body", String),
    Column("number", String),
    Column("decided_on", sa.Date),
    Column("line", String, nullable=False),
    Column("interim", String, nullable=False),
    Column("leaves_on", sa.Date, nullable=False),
    Column("grade", one_of("grade", *GRADES), nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    Column("decided_by", Integer, ForeignKey("people.id"), nullable=False),
    Column("verified_on", sa.Date),
    Column("note", String),
    *tracked("exitstate", "decided", "underway", "verified", "revoked", "breached"),
    CheckConstraint(
        "basis <> 'government' OR (body <> '' AND number <> '' AND decided_on IS NOT NULL)", name="decision"
    ),
    CheckConstraint("(exit_kind = 'partial') = (line <> '')", name="line_if_partial"),
    CheckConstraint("length(interim) > 0", name="interim_not_blank"),
    sa.Index("ix_exits_running", "unit_id", "line", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
)
exit_hazards = sa.Table(
    "exit_hazards",
    schema,
    Column("exit_id", Integer, ForeignKey("exits.id"), primary_key=True),
    Column("hazard_id", Integer, ForeignKey("hazards.id"), primary_key=True, index=True),
    Column("round", Integer, primary_key=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("seq", Integer, nullable=False),
)
exit_steps = sa.Table(
    "exit_steps",
    schema,
    Column("exit_id", Integer, ForeignKey("exits.id"), primary_key=True),
    Column("step", one_of("exitstep", "stopped", "disposed", "removed", "licence", "new_site"), primary_key=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("on_date", sa.Date, nullable=False),
    Column("seq", Integer, nullable=False),
)
follow_ups = sa.Table(
    "follow_ups",
    schema,
    Column("id", Integer, primary_key=True),
    Column("exit_id", Integer, ForeignKey("exits.id"), nullable=False, index=True),
    Column("unit_id", Integer, ForeignKey("units.id"), nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("department_id", Integer, ForeignKey("departments.id"), nullable=False),
    Column("months", Integer, nullable=False),
    Column("opens_on", sa.Date, nullable=False),
    Column("inspection_id", Integer, ForeignKey("inspections.id")),
    Column("grade", one_of("grade", *GRADES), nullable=False),
    *tracked("followupstate", "planned", "visited", "dropped"),
    sa.Index("ix_follow_ups_planned", "unit_id", sqlite_where=PLANNED, postgresql_where=PLANNED),
)
