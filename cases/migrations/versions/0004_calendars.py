"""The holiday notices that were loaded; they are only appended, as steps and policies are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String

revision = "0004"
down_revision = "0003"

schema = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
sa.Table("people", schema, Column("id", Integer, primary_key=True))
calendars = sa.Table(
    "calendars",
    schema,
    Column("version", Integer, primary_key=True),
    Column("document", String, nullable=False),
    Column("published_on", sa.Date, nullable=False),
    Column("year", Integer, nullable=False),
    Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
    Column("loaded_by", Integer, ForeignKey("people.id"), nullable=False),
    Column("text", String, nullable=False),
    CheckConstraint("length(document) > 0", name="document_not_blank"),
    CheckConstraint("length(text) > 0", name="text_not_blank"),
)


def upgrade() -> None:
    calendars.create(op.get_bind(), checkfirst=False)
    if op.get_bind().dialect.name == "sqlite":
        on_sqlite()
    else:
        on_postgresql()


def on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"""CREATE TRIGGER calendars_refuse_{verb} BEFORE {verb} ON calendars
            BEGIN SELECT RAISE(ABORT, 'calendars are only appended: {verb} is refused'); END"""
        )
    op.execute(
        """CREATE TRIGGER calendars_refuse_REPLACE BEFORE INSERT ON calendars
        WHEN EXISTS (SELECT 1 FROM calendars WHERE version = NEW.version)
        BEGIN SELECT RAISE(ABORT, 'calendars are only appended: this one is there already'); END"""
    )


def on_postgresql() -> None:
    op.execute(
        """CREATE TRIGGER calendars_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON calendars
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )
