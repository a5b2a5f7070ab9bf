"""The times a case stood open, kept by the store itself from the steps.

A copy of cases/tables/spells.py as it was, and no import of it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Integer

revision = "0013"
down_revision = "0012"

OPENS, ENDS = "('record', 'reopen')", "('close', 'void', 'confirm_exit')"
BOTH = "('record', 'reopen', 'close', 'void', 'confirm_exit')"
SPANS = (*(1 << power for power in range(14)), 1 << 22)
INSTANT = sa.DateTime(timezone=True)

schema = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
open_spells = sa.Table(
    "open_spells",
    schema,
    Column("hazard_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("opened_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("span", Integer, nullable=False),
    sa.Index("ix_open_spells_span", "span", "opened_at", "ended_at", "hazard_id"),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    open_spells.create(op.get_bind(), checkfirst=False)
    kind = op.get_bind().dialect.name
    op.execute(
        f"""INSERT INTO open_spells (hazard_id, seq, opened_at, ended_at, span)
        SELECT hazard_id, seq, opened_at, ended_at, CASE WHEN ended_at IS NULL THEN 0 ELSE {span(kind, "ended_at")} END
        FROM (
            SELECT subject_id AS hazard_id, seq, trigger, at AS opened_at,
                LEAD(at) OVER (PARTITION BY subject_id ORDER BY seq) AS ended_at
            FROM steps WHERE kind = 'hazard' AND trigger IN {BOTH}
        ) AS told WHERE trigger IN {OPENS}"""
    )
    opens = "INSERT INTO open_spells (hazard_id, seq, opened_at, span) VALUES (NEW.subject_id, NEW.seq, NEW.at, 0);"
    ends = f"""UPDATE open_spells SET ended_at = NEW.at, span = {span(kind, "NEW.at")}
WHERE hazard_id = NEW.subject_id AND ended_at IS NULL;"""
    for verb, words, statement in (("open", OPENS, opens), ("end", ENDS, ends)):
        if kind == "sqlite":
            op.execute(
                f"""CREATE TRIGGER steps_{verb}_spell AFTER INSERT ON steps
                WHEN NEW.kind = 'hazard' AND NEW.trigger IN {words}
                BEGIN {statement} END"""
            )
        else:
            op.execute(
                f"""CREATE FUNCTION {verb}_spell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {statement} RETURN NULL; END
$$"""
            )
            op.execute(
                f"""CREATE TRIGGER steps_{verb}_spell AFTER INSERT ON steps FOR EACH ROW
                WHEN (NEW.kind = 'hazard' AND NEW.trigger IN {words}) EXECUTE FUNCTION {verb}_spell()"""
            )


def span(kind: str, ended_at: str) -> str:
    days = (
        f"extract(epoch FROM {ended_at} - opened_at) / 86400"
        if kind == "postgresql"
        else f"julianday({ended_at}) - julianday(opened_at)"
    )
    return "CASE " + " ".join(f"WHEN {days} < {span} THEN {span}" for span in SPANS[:-1]) + f" ELSE {SPANS[-1]} END"
