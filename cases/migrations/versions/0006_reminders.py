"""Reminders: who is told of a deadline before it comes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String

revision = "0006"
down_revision = "0005"

schema = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
INSTANT = sa.DateTime(timezone=True)


def partial(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    reminders.create(op.get_bind(), checkfirst=False)
    partial("ix_reminders_waiting", "reminders", "person_id", "digest IS NULL")
    partial("ix_reminders_gathered", "reminders", "digest", "digest IS NOT NULL")


sa.Table("people", schema, Column("id", Integer, primary_key=True))
reminders = sa.Table(
    "reminders",
    schema,
    Column("kind", String, primary_key=True),
    Column("subject_id", Integer, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("set_by", Integer, primary_key=True),
    Column("about", Integer, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id"), primary_key=True),
    Column("area_code", String, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("digest", String),
    sqlite_with_rowid=False,
)
