"""Papers with numbers of their own, and what they say of a unit and a department that was not kept before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, UniqueConstraint

revision = "0009"
down_revision = "0008"

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
KINDS = ("order", "inspection", "recheck", "measures", "listing", "extension", "resumption")


def there(name: str, key: str) -> None:
    """Name a table that is there already, for the references to it."""
    sa.Table(name, schema, Column(key, String if key == "code" else Integer, primary_key=True))


def upgrade() -> None:
    for column in ("post", "address", "phone"):
        op.add_column("units", Column(column, String))
    op.add_column("departments", Column("review_body", String))
    papers.create(op.get_bind(), checkfirst=False)
    paper_cases.create(op.get_bind(), checkfirst=False)


there("units", "id")
there("areas", "code")
there("departments", "id")
there("people", "id")
there("hazards", "id")
papers = sa.Table(
    "papers",
    schema,
    Column("id", Integer, primary_key=True),
    Column(
        "paper",
        sa.Enum(*KINDS, name="paperkind", native_enum=False, create_constraint=True, length=24),
        nullable=False,
    ),
    Column("kind", String, nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("unit_id", Integer, ForeignKey("units.id"), nullable=False, index=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("department_id", Integer, ForeignKey("departments.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("serial", Integer),
    Column("number", String, nullable=False, index=True),
    Column("made_by", Integer, ForeignKey("people.id"), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    UniqueConstraint("paper", "kind", "subject_id", "seq"),
    UniqueConstraint("department_id", "paper", "year", "serial"),
    CheckConstraint("length(number) > 0", name="number_not_blank"),
)
paper_cases = sa.Table(
    "paper_cases",
    schema,
    Column("paper_id", Integer, ForeignKey("papers.id"), primary_key=True),
    Column("hazard_id", Integer, ForeignKey("hazards.id"), primary_key=True, index=True),
    Column("seq", Integer, primary_key=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
)
