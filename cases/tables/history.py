"""History: the chain of steps, and the seals over it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from cases.tables.columns import Row, only

#: What a report over a period counts. What happens most often – reminders, rungs, notes, starts – is not among it.
COUNTED = (
    "record", "order", "correct", "plan", "supervise", "close", "reopen", "void", "confirm_exit",
    "impose", "decide", "step", "verify", "breach",
)  # fmt: skip
#: The literal is the same on both stores, and in every query that is to know the index by it. Said as a chain and not
#: as a list: SQLite would build that list anew for every step it writes.
IS_COUNTED = text("(" + " OR ".join(f"trigger = '{trigger}'" for trigger in COUNTED) + ")")


class Step(Row, table=True):
    """One entry of a subject's chain. Appended only: the store refuses UPDATE and DELETE."""

    __tablename__ = "steps"
    __table_args__ = (
        Index("ix_steps_seal", "seal"),
        Index("ix_steps_counted", "kind", "at", "trigger", "recorded_at", info=only(IS_COUNTED)),
        {"sqlite_with_rowid": False},
    )

    kind: str = Field(primary_key=True)
    subject_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    area_code: str
    trigger: str
    from_state: str | None = None
    to_state: str
    actor_id: int | None = Field(default=None, foreign_key="people.id")
    recorded_by: int | None = Field(default=None, foreign_key="people.id")
    at: datetime
    recorded_at: datetime
    facts: str
    policy: int
    calendar: str
    seal: int
    prev: str
    hash: str


class Seal(Row, table=True):
    """One value over everything recorded since the last seal, chained to it."""

    __tablename__ = "seals"

    id: int = Field(primary_key=True)
    sealed_at: datetime
    steps: int
    subjects: int
    prev: str
    value: str
