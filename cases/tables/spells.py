"""The times a case stood open, told by the store itself from the steps: what a report looks up for a day long past.

What stood open at an instant is spread over all that was found before it. A spell is therefore looked up by its span,
the power of two of days it lasted less than: a spell of less than 8 days that covers an instant began in the 8 days
before it. So a look-up reads about twice as many spells as it finds, however many there are before and after.

Triggers keep the spells, whoever writes a step; `audit verify` holds them to the steps (cases/history.py). They stand
here as DDL; the migration that made them holds copies, and `make check` compares the two.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Index
from sqlmodel import Field

from cases.tables.columns import Row

#: What opens a case, and what ends it.
OPENS: Final = ("record", "reopen")
ENDS: Final = ("close", "void", "confirm_exit")
#: The spans, in days; the last one holds whatever lasted longer than the one before.
SPANS: Final = (*(1 << power for power in range(14)), 1 << 22)
#: The triggers that keep the spells.
KEEPERS: Final = frozenset({"steps_open_spell", "steps_end_spell"})


class OpenSpell(Row, table=True):
    """A time a case stood open; `seq` is the step that opened it, and `span` is 0 while it lasts.

    Like the steps it is told from it refers to no row.
    """

    __tablename__ = "open_spells"
    __table_args__ = (
        Index("ix_open_spells_span", "span", "opened_at", "ended_at", "hazard_id"),
        {"sqlite_with_rowid": False},
    )

    hazard_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    opened_at: datetime
    ended_at: datetime | None = None
    span: int = 0


def _among(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


def _span(kind: str, ended_at: str) -> str:
    """Return the expression for the span of what began at `opened_at`."""
    days = (
        f"extract(epoch FROM {ended_at} - opened_at) / 86400"
        if kind == "postgresql"
        else f"julianday({ended_at}) - julianday(opened_at)"
    )
    return "CASE " + " ".join(f"WHEN {days} < {span} THEN {span}" for span in SPANS[:-1]) + f" ELSE {SPANS[-1]} END"


_OPEN = "INSERT INTO open_spells (hazard_id, seq, opened_at, span) VALUES (NEW.subject_id, NEW.seq, NEW.at, 0);"
_END = """UPDATE open_spells SET ended_at = NEW.at, span = {span}
WHERE hazard_id = NEW.subject_id AND ended_at IS NULL;"""

_SQLITE = """
CREATE TRIGGER steps_{verb}_spell AFTER INSERT ON steps WHEN NEW.kind = 'hazard' AND NEW.trigger IN {words}
BEGIN {statement} END
"""

_POSTGRESQL_FUNCTION = """
CREATE FUNCTION {verb}_spell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {statement} RETURN NULL; END
$$
"""
_POSTGRESQL_CALL = """
CREATE TRIGGER steps_{verb}_spell AFTER INSERT ON steps FOR EACH ROW
WHEN (NEW.kind = 'hazard' AND NEW.trigger IN {words}) EXECUTE FUNCTION {verb}_spell()
"""


def triggers(kind: str) -> Iterator[str]:
    """Yield the statements that make a store of this kind keep the spells."""
    for verb, words, statement in (("open", OPENS, _OPEN), ("end", ENDS, _END.format(span=_span(kind, "NEW.at")))):
        for template in (_POSTGRESQL_FUNCTION, _POSTGRESQL_CALL) if kind == "postgresql" else (_SQLITE,):
            yield template.strip().format(verb=verb, words=_among(words), statement=statement)


def told_by_the_steps(kind: str) -> str:
    """Return the query for the spells as the steps tell them: (hazard_id, seq, opened_at, ended_at, span)."""
    return f"""SELECT hazard_id, seq, opened_at, ended_at,
    CASE WHEN ended_at IS NULL THEN 0 ELSE {_span(kind, "ended_at")} END AS span
FROM (
    SELECT subject_id AS hazard_id, seq, trigger, at AS opened_at,
        LEAD(at) OVER (PARTITION BY subject_id ORDER BY seq) AS ended_at
    FROM steps WHERE kind = 'hazard' AND trigger IN {_among((*OPENS, *ENDS))}
) AS told WHERE trigger IN {_among(OPENS)}"""
