"""Every table as the first release has them.

A copy and no import of cases/tables: what a migration made once, it makes for ever.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String

revision = "0001"
down_revision = None

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


def upgrade() -> None:
    schema.create_all(op.get_bind(), checkfirst=False)


def table(name: str, *parts: sa.schema.SchemaItem, with_rowid: bool = True) -> None:
    sa.Table(name, schema, *parts, sqlite_with_rowid=with_rowid)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    rows = sa.text(where)
    return sa.Index(name, *columns, unique=unique, sqlite_where=rows, postgresql_where=rows)


def one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


table(
    "areas",
    Column("code", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("rank", one_of("rank", "village", "township", "county", "city", "province"), nullable=False),
    Column("under", String, ForeignKey("areas.code")),
    Column("path", String, nullable=False, unique=True),
    CheckConstraint("length(code) > 0", name="code_not_blank"),
    CheckConstraint("length(name) > 0", name="name_not_blank"),
)
table(
    "departments",
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("rank", one_of("rank", "village", "township", "county", "city", "province"), nullable=False),
    Column("may_order", sa.Boolean),
    Column("may_halt", sa.Boolean, nullable=False),
    Column("working_group", sa.Boolean, nullable=False),
    Column("paper_prefix", String),
    sa.UniqueConstraint("name", "area_code"),
    CheckConstraint("length(name) > 0", name="name_not_blank"),
)
table(
    "department_sectors",
    Column("department_id", Integer, ForeignKey("departments.id"), primary_key=True),
    Column("sector", String, primary_key=True),
)
table(
    "people",
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, index=True),
    Column(
        "role",
        one_of("role", "inspector", "supervisor", "patroller", "contact", "clerk", "administrator"),
        nullable=False,
    ),
    Column("department_id", Integer, ForeignKey("departments.id"), index=True),
    Column("unit_id", Integer, ForeignKey("units.id")),
    Column("certificate", String),
    Column("valid_to", sa.Date),
    Column("login", String),
    Column("notify", String),
    Column("retired_on", sa.Date),
    Column("replaced_by", Integer, ForeignKey("people.id")),
    CheckConstraint("length(name) > 0", name="name_not_blank"),
    partial("ix_people_login_active", "login", where="retired_on IS NULL", unique=True),
)
table(
    "units",
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, index=True),
    Column("kind", one_of("unitkind", "enterprise", "school", "site", "other"), nullable=False),
    Column("credit_code", String, unique=True),
    Column("above_scale", sa.Boolean, nullable=False),
    Column("sector", String, nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False, index=True),
    Column("park", String),
    Column("responsible", String),
    sa.UniqueConstraint("name", "area_code"),
    CheckConstraint("length(name) > 0", name="name_not_blank"),
    CheckConstraint("length(sector) > 0", name="sector_not_blank"),
)
table(
    "campaigns",
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("from_on", sa.Date, nullable=False),
    Column("to_on", sa.Date, nullable=False),
    Column("area_code", String, ForeignKey("areas.code")),
    CheckConstraint("length(name) > 0", name="name_not_blank"),
)
table(
    "campaign_units",
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), primary_key=True),
    Column("unit_id", Integer, ForeignKey("units.id"), primary_key=True, index=True),
    Column("list", one_of("scopelist", "listed", "reference"), nullable=False),
    Column("product", String),
    Column("status", one_of("scopestatus", "surveyed", "screened", "cross_checked", "final"), nullable=False),
    Column("added_at", INSTANT, nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
)
table(
    "inspections",
    Column("id", Integer, primary_key=True),
    Column("unit_id", Integer, ForeignKey("units.id"), nullable=False, index=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("visited_on", sa.Date, nullable=False, index=True),
    Column("starts", sa.Time),
    Column("ends", sa.Time),
    Column(
        "kind",
        one_of("inspectionkind", "routine", "campaign", "recheck", "look-back", "acceptance", "patrol", "report"),
        nullable=False,
    ),
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), index=True),
    Column("round", String),
    Column("place", String),
    Column("signed_by", String),
    Column("sign_refused", String),
    Column("note", String),
    Column("made_by", Integer, ForeignKey("people.id"), nullable=False, index=True),
    Column("recorded_by", Integer, ForeignKey("people.id"), nullable=False),
    Column("department_id", Integer, ForeignKey("departments.id")),
    Column("made_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
)
table(
    "inspection_officers",
    Column("inspection_id", Integer, ForeignKey("inspections.id"), primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id"), primary_key=True),
    Column("certificate", String),
)
table(
    "inspection_departments",
    Column("inspection_id", Integer, ForeignKey("inspections.id"), primary_key=True),
    Column("department_id", Integer, ForeignKey("departments.id"), primary_key=True),
)
table(
    "hazards",
    Column("id", Integer, primary_key=True),
    Column("unit_id", Integer, ForeignKey("units.id"), nullable=False, index=True),
    Column("inspection_id", Integer, ForeignKey("inspections.id"), nullable=False, index=True),
    Column("campaign_id", Integer, ForeignKey("campaigns.id"), index=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("department_id", Integer, ForeignKey("departments.id"), nullable=False),
    Column("found_on", sa.Date, nullable=False),
    Column("finders", String, nullable=False),
    Column("grade", one_of("grade", "general", "larger", "major"), nullable=False),
    Column("sector", String, nullable=False),
    Column("text", String, nullable=False),
    Column("place", String),
    Column("basis", String),
    Column("standard_item", String),
    Column(
        "state",
        one_of(
            "state",
            "found",
            "ordered",
            "rectifying",
            "submitted",
            "rechecked",
            "exiting",
            "closed",
            "shutdown",
            "relocated",
            "retreated",
            "voided",
        ),
        nullable=False,
    ),
    Column("entered_at", INSTANT, nullable=False),
    Column("waiting_on", one_of("waitson", "unit", "inspector", "supervisor", "department", "none"), nullable=False),
    Column("due_on", sa.Date),
    Column("due_at", INSTANT),
    Column("provisional", sa.Boolean, nullable=False),
    Column("rank", one_of("rank", "village", "township", "county", "city", "province")),
    Column("round", Integer, nullable=False),
    Column("line", String),
    Column("reworks", Integer, nullable=False),
    Column("recurrences", Integer, nullable=False),
    Column("extensions", Integer, nullable=False),
    Column("rechecked_by", String, nullable=False),
    Column("recheck_from", INSTANT),
    Column("corrected_on", sa.Date),
    Column("planned", sa.Boolean, nullable=False),
    Column("listed_by", Integer, ForeignKey("departments.id")),
    Column("listed_rank", String),
    Column("listed_number", String),
    Column("listed_due_on", sa.Date),
    Column("listed_at", INSTANT),
    Column("transfer_to", Integer, ForeignKey("departments.id")),
    Column("transfer_at", INSTANT),
    Column("accepted_by", Integer, ForeignKey("departments.id")),
    Column("assigned_to", Integer, ForeignKey("people.id")),
    Column("acknowledged_on", sa.Date),
    Column("acknowledged_seq", Integer),
    Column("moved_seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", String, nullable=False),
    CheckConstraint("version > 0 AND seq > 0 AND round > 0", name="counts"),
    CheckConstraint("length(text) > 0", name="text_not_blank"),
    CheckConstraint("length(sector) > 0", name="sector_not_blank"),
    CheckConstraint("length(head) > 0", name="head_not_blank"),
    partial("ix_hazards_open", "unit_id", "state", where="waiting_on <> 'none'"),
)
table(
    "numberings",
    Column("department_id", Integer, ForeignKey("departments.id"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("paper", String, primary_key=True),
    Column("last", Integer, nullable=False),
)
table(
    "orders",
    Column("id", Integer, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("department_id", Integer, ForeignKey("departments.id"), nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("unit_id", Integer, ForeignKey("units.id"), nullable=False, index=True),
    Column("addressee_id", Integer, ForeignKey("units.id"), nullable=False),
    Column("made_by", Integer, ForeignKey("people.id"), nullable=False, index=True),
    Column("officers", String, nullable=False),
    Column("ordered_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("served_at", INSTANT),
    Column("served_how", String),
    Column("served_detail", String),
    Column("witness", String),
    Column("withdrawn_at", INSTANT),
    Column("withdrawn_why", String),
    Column("withdrawn_number", String),
    sa.UniqueConstraint("department_id", "number"),
    CheckConstraint("length(number) > 0", name="number_not_blank"),
)
table(
    "items",
    Column("id", Integer, primary_key=True),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False, index=True),
    Column("hazard_id", Integer, ForeignKey("hazards.id"), nullable=False, index=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("requirement", String, nullable=False),
    Column("responsible", String, nullable=False),
    Column("measure", String, nullable=False),
    Column("interim", String),
    Column("first_due_on", sa.Date, nullable=False),
    Column("due_on", sa.Date, nullable=False),
    Column("result", one_of("itemresult", "open", "passed", "failed", "superseded", "withdrawn"), nullable=False),
    Column("result_seq", Integer),
    CheckConstraint("length(responsible) > 0", name="responsible_not_blank"),
    CheckConstraint("length(measure) > 0", name="measure_not_blank"),
)
table(
    "plans",
    Column("hazard_id", Integer, ForeignKey("hazards.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
    Column("goal", String, nullable=False),
    Column("method", String, nullable=False),
    Column("funds", String, nullable=False),
    Column("organisation", String, nullable=False),
    Column("deadline", sa.Date, nullable=False),
    Column("emergency", String, nullable=False),
)
table(
    "blobs",
    Column("hash", String, primary_key=True),
    Column("media_type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", sa.LargeBinary, nullable=False),
)
table(
    "evidence",
    Column("kind", String, primary_key=True),
    Column("subject_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("hash", String, ForeignKey("blobs.hash"), primary_key=True),
    Column("name", String, nullable=False),
    Column("area_code", String, ForeignKey("areas.code"), nullable=False),
)
table(
    "steps",
    Column("kind", String, primary_key=True),
    Column("subject_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("area_code", String, nullable=False),
    Column("trigger", String, nullable=False),
    Column("from_state", String),
    Column("to_state", String, nullable=False),
    Column("actor_id", Integer, ForeignKey("people.id")),
    Column("recorded_by", Integer, ForeignKey("people.id")),
    Column("at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("facts", String, nullable=False),
    Column("policy", Integer, nullable=False),
    Column("calendar", String, nullable=False),
    Column("seal", Integer, nullable=False),
    Column("prev", String, nullable=False),
    Column("hash", String, nullable=False),
    sa.Index("ix_steps_seal", "seal"),
    with_rowid=False,
)
table(
    "deadlines",
    Column("kind", String, primary_key=True),
    Column("subject_id", Integer, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("set_by", Integer, primary_key=True),
    Column("about", Integer, primary_key=True),
    Column("area_code", String, nullable=False),
    Column("start_at", INSTANT, nullable=False),
    Column("due_on", sa.Date, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("provisional", sa.Boolean, nullable=False),
    Column("owner", one_of("waitson", "unit", "inspector", "supervisor", "department", "none"), nullable=False),
    Column("check_at", INSTANT),
    Column("priority", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("ended_by", Integer),
    Column("policy", Integer, nullable=False),
    Column("calendar", String, nullable=False),
    partial("ix_deadlines_check", "priority", "check_at", where="ended_by IS NULL"),
    with_rowid=False,
)
table(
    "rungs",
    Column("kind", String, primary_key=True),
    Column("subject_id", Integer, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("set_by", Integer, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("rank", one_of("rank", "village", "township", "county", "city", "province"), nullable=False),
    Column("area_code", String, nullable=False),
    with_rowid=False,
)
table(
    "notices",
    Column("kind", String, primary_key=True),
    Column("subject_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id"), primary_key=True),
    Column("area_code", String, nullable=False),
    Column("rank", String),
    Column("created_at", INSTANT, nullable=False),
    Column("next_try_at", INSTANT),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", INSTANT),
    Column("cancelled_at", INSTANT),
    Column("gave_up_at", INSTANT),
    Column("digest", String),
    Column("error", String),
    partial("ix_notices_waiting", "person_id", where="sent_at IS NULL AND cancelled_at IS NULL AND gave_up_at IS NULL"),
    with_rowid=False,
)
table(
    "runs",
    Column("job", String, primary_key=True),
    Column("slot", INSTANT, primary_key=True),
    Column("node", String, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("lease_until", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
    Column("looked_at", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("notices", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("errors", String, nullable=False),
    Column("seconds", sa.Float, nullable=False),
    Column("ok", sa.Boolean, nullable=False),
)
table(
    "seals",
    Column("id", Integer, primary_key=True),
    Column("sealed_at", INSTANT, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("subjects", Integer, nullable=False),
    Column("prev", String, nullable=False),
    Column("value", String, nullable=False),
)
table(
    "policies",
    Column("version", Integer, primary_key=True),
    Column("loaded_at", INSTANT, nullable=False),
    Column("loaded_by", Integer, ForeignKey("people.id")),
    Column("text", String, nullable=False),
)
table(
    "forbidden_attempts",
    Column("id", Integer, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("person_id", Integer, ForeignKey("people.id")),
    Column("login", String, nullable=False),
    Column("command", String, nullable=False),
    Column("why", String, nullable=False),
)
