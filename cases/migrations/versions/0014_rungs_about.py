"""A rung names what its deadline is about, as the deadline does: two orders on one case climb side by side."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Integer, String

revision = "0014"
down_revision = "0013"

RANKS = ("village", "township", "county", "city", "province")
OLD = ("kind", "subject_id", "rule", "set_by", "level", "seq", "rank", "area_code")

schema = sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s", "pk": "pk_%(table_name)s"})
rungs = sa.Table(
    "rungs",
    schema,
    Column("kind", String, primary_key=True),
    Column("subject_id", Integer, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("set_by", Integer, primary_key=True),
    Column("about", Integer, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("rank", sa.Enum(*RANKS, name="rank", native_enum=False, create_constraint=True, length=24), nullable=False),
    Column("area_code", String, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE rungs RENAME TO rungs_before")
        rungs.create(op.get_bind(), checkfirst=False)
        names = ", ".join(OLD)
        op.execute(f"INSERT INTO rungs ({names}, about) SELECT {names}, 0 FROM rungs_before")
        op.execute("DROP TABLE rungs_before")
    else:
        op.execute("ALTER TABLE rungs ADD COLUMN about INTEGER NOT NULL DEFAULT 0")
        op.execute("ALTER TABLE rungs ALTER COLUMN about DROP DEFAULT")
        op.execute("ALTER TABLE rungs DROP CONSTRAINT pk_rungs")
        op.create_primary_key("pk_rungs", "rungs", ["kind", "subject_id", "rule", "set_by", "about", "level"])
