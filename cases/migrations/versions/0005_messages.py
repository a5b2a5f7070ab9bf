"""Messages; and what a notice is once it is in one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String

revision = "0005"
down_revision = "0004"

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
    op.drop_index("ix_notices_waiting", "notices")
    for column in ("next_try_at", "error"):
        op.drop_column("notices", column)
    partial("ix_notices_waiting", "notices", "person_id", "digest IS NULL AND cancelled_at IS NULL")
    partial("ix_notices_gathered", "notices", "digest", "digest IS NOT NULL")
    messages.create(op.get_bind(), checkfirst=False)
    unsent = "sent_at IS NULL AND cancelled_at IS NULL AND gave_up_at IS NULL"
    partial("ix_messages_unsent", "messages", "next_try_at", unsent)
    partial("ix_messages_given_up", "messages", "person_id", "gave_up_at IS NOT NULL")


sa.Table("people", schema, Column("id", Integer, primary_key=True))
messages = sa.Table(
    "messages",
    schema,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("person_id", Integer, ForeignKey("people.id"), nullable=False, index=True),
    Column("slot", INSTANT, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("count", Integer, nullable=False),
    Column("subject", String, nullable=False),
    Column("body", String, nullable=False),
    Column("facts", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", INSTANT, nullable=False),
    Column("claimed_until", INSTANT),
    Column("claimed_by", String),
    Column("sent_at", INSTANT),
    Column("cancelled_at", INSTANT),
    Column("gave_up_at", INSTANT),
    Column("error", String),
    CheckConstraint("length(key) > 0", name="key_not_blank"),
    CheckConstraint("length(subject) > 0", name="subject_not_blank"),
    CheckConstraint("length(body) > 0", name="body_not_blank"),
)
