"""Extensions; and the open hazards of a unit by unit alone, so that a move within them touches no index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String

revision = "0003"
down_revision = "0002"

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
    is_open = sa.text("waiting_on <> 'none'")
    op.drop_index("ix_hazards_open", "hazards")
    op.create_index("ix_hazards_open", "hazards", ["unit_id"], sqlite_where=is_open, postgresql_where=is_open)
    extensions.create(op.get_bind(), checkfirst=False)


there("hazards", "id")
there("items", "id")
there("areas", "code")
there("departments", "id")
there("people", "id")
UNDECIDED = sa.text("state = 'requested'")
extensions = sa.Table(
    "extensions",
    schema,
    Column("id", Integer, primary_key=True),
    Column("hazard_id", Integer, ForeignKey("hazards.id"), nullable=False, index=True),
    Column("item_id", Integer, ForeignKey("items.id"), nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("department_id", Integer, ForeignKey("departments.id"), nullable=False),
    Column("asked_by", Integer, ForeignKey("people.id"), nullable=False),
    Column("from_due_on", sa.Date, nullable=False),
    Column("until", sa.Date, nullable=False),
    Column("ground", one_of("ground", "force_majeure", "other"), nullable=False),
    Column("reason", String, nullable=False),
    Column("interim", String, nullable=False),
    Column("state", one_of("extensionstate", "requested", "granted", "refused", "withdrawn", "lapsed"), nullable=False),
    Column("entered_at", INSTANT, nullable=False),
    Column("waiting_on", one_of("waitson", "unit", "inspector", "supervisor", "department", "none"), nullable=False),
    Column("due_on", sa.Date),
    Column("due_at", INSTANT),
    Column("provisional", sa.Boolean, nullable=False),
    Column("rank", one_of("rank", "village", "township", "county", "city", "province")),
    Column("decided_by", Integer, ForeignKey("people.id")),
    Column("note", String),
    Column("moved_seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", String, nullable=False),
    CheckConstraint("length(reason) > 0", name="reason_not_blank"),
    CheckConstraint("length(interim) > 0", name="interim_not_blank"),
    CheckConstraint("length(head) > 0", name="head_not_blank"),
    sa.Index("ix_extensions_undecided", "hazard_id", unique=True, sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
)
