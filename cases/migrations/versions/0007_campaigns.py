"""What is put on record of campaigns, counts and targets, only appended; and the checklist's version on a case."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, UniqueConstraint

revision = "0007"
down_revision = "0006"

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

#: Each new table, and the key by which SQLite knows a row again.
APPEND_ONLY = {
    "checklists": ("id",),
    "checklist_items": ("checklist_id", "number"),
    "commitments": ("id",),
    "diagnoses": ("id",),
    "problems": ("campaign_id", "unit_id", "number"),
    "evaluations": ("id",),
    "passed_problems": ("campaign_id", "unit_id", "number"),
    "acceptances": ("id",),
    "tallies": ("id",),
    "targets": ("id",),
    "look_backs": ("inspection_id", "hazard_id"),
    "joint_departments": ("hazard_id", "department_id"),
}


def upgrade() -> None:
    op.add_column("hazards", Column("standard_version", Integer))
    for table in APPEND_ONLY:
        schema.tables[table].create(op.get_bind(), checkfirst=False)
    if op.get_bind().dialect.name == "sqlite":
        on_sqlite()
    else:
        on_postgresql()


def on_sqlite() -> None:
    for table, key in APPEND_ONLY.items():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"""CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table} are only appended: {verb} is refused'); END"""
            )
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(
            f"""CREATE TRIGGER {table}_refuse_REPLACE BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
            BEGIN SELECT RAISE(ABORT, '{table} are only appended: this one is there already'); END"""
        )


def on_postgresql() -> None:
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def on_record() -> list[Column]:  # type: ignore[type-arg]  # of any kind
    return [
        Column("made_by", Integer, ForeignKey("people.id"), nullable=False),
        Column("recorded_by", Integer, ForeignKey("people.id"), nullable=False),
        Column("made_at", INSTANT, nullable=False),
        Column("recorded_at", INSTANT, nullable=False),
    ]


def of_unit() -> list[Column]:  # type: ignore[type-arg]  # of any kind
    return [
        Column("id", Integer, primary_key=True),
        Column("campaign_id", Integer, ForeignKey("campaigns.id"), nullable=False, index=True),
        Column("unit_id", Integer, ForeignKey("units.id"), nullable=False),
        Column("area_code", String, ForeignKey("areas.code"), nullable=False),
        *on_record(),
    ]


def not_blank(column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) > 0", name=f"{column}_not_blank")


for name, key in {
    "campaigns": "id", "units": "id", "areas": "code", "people": "id", "departments": "id", "inspections": "id", "hazards": "id",
}.items():  # fmt: skip
    Table(name, schema, Column(key, String if key == "code" else Integer, primary_key=True))

Table(
    "checklists",
    schema,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    *on_record(),
    UniqueConstraint("campaign_id", "version"),
    not_blank("name"),
)
Table(
    "checklist_items",
    schema,
    Column("checklist_id", Integer, ForeignKey("checklists.id"), primary_key=True),
    Column("number", String, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("text", String, nullable=False),
    Column("grade", one_of("grade", "general", "larger", "major")),
    Column("basis", String),
    not_blank("number"),
    not_blank("text"),
)
Table(
    "commitments",
    schema,
    *of_unit(),
    Column("path", one_of("chosenpath", "in_place", "shutdown", "relocation", "retreat", "partial"), nullable=False),
    Column("on_date", sa.Date, nullable=False),
)
Table(
    "diagnoses",
    schema,
    *of_unit(),
    Column("agency", String, nullable=False),
    Column("due_on", sa.Date, nullable=False),
    Column("done_on", sa.Date),
    not_blank("agency"),
)
Table(
    "problems",
    schema,
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), primary_key=True),
    Column("unit_id", Integer, ForeignKey("units.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("diagnosis_id", Integer, ForeignKey("diagnoses.id"), nullable=False),
    Column("text", String, nullable=False),
    not_blank("text"),
)
Table(
    "evaluations",
    schema,
    *of_unit(),
    Column("agency", String, nullable=False),
    Column("due_on", sa.Date),
    Column("done_on", sa.Date),
    not_blank("agency"),
)
Table(
    "passed_problems",
    schema,
    Column("campaign_id", Integer, primary_key=True),
    Column("unit_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("evaluation_id", Integer, ForeignKey("evaluations.id"), nullable=False),
    sa.ForeignKeyConstraint(
        ["campaign_id", "unit_id", "number"], ["problems.campaign_id", "problems.unit_id", "problems.number"]
    ),
)
Table(
    "acceptances",
    schema,
    *of_unit(),
    Column("inspection_id", Integer, ForeignKey("inspections.id"), nullable=False),
    Column("passed", sa.Boolean, nullable=False),
    Column("panel", String, nullable=False),
    Column("note", String, nullable=False),
    not_blank("note"),
)
Table(
    "tallies",
    schema,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), index=True),
    Column("area_code", String, ForeignKey("areas.code"), index=True),
    Column("unit_id", Integer, ForeignKey("units.id")),
    Column("key", String, nullable=False),
    Column("value", String, nullable=False),
    Column("measure", String, nullable=False),
    Column("about", sa.Boolean, nullable=False),
    Column("on_date", sa.Date, nullable=False),
    Column("replaces", Integer, ForeignKey("tallies.id"), unique=True),
    *on_record(),
    CheckConstraint("(campaign_id IS NULL) <> (area_code IS NULL)", name="of_one"),
    not_blank("key"),
    not_blank("value"),
    not_blank("measure"),
)
Table(
    "targets",
    schema,
    Column("id", Integer, primary_key=True),
    Column("area_code", String, ForeignKey("areas.code")),
    Column("department_id", Integer, ForeignKey("departments.id")),
    Column("year", Integer, nullable=False, index=True),
    Column("key", String, nullable=False),
    Column("value", String, nullable=False),
    *on_record(),
    CheckConstraint("(area_code IS NULL) <> (department_id IS NULL)", name="of_one"),
    not_blank("key"),
    not_blank("value"),
)
Table(
    "look_backs",
    schema,
    Column("inspection_id", Integer, ForeignKey("inspections.id"), primary_key=True),
    Column("hazard_id", Integer, ForeignKey("hazards.id"), primary_key=True, index=True),
    Column("seq", Integer, nullable=False),
    Column("result", one_of("lookbackresult", "stayed", "recurred"), nullable=False),
    Column("note", String),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    *on_record(),
)
Table(
    "joint_departments",
    schema,
    Column("hazard_id", Integer, ForeignKey("hazards.id"), primary_key=True),
    Column("department_id", Integer, ForeignKey("departments.id"), primary_key=True, index=True),
    Column("seq", Integer, nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
)
