"""History and the clock's own rows: steps, deadlines, rungs, notices, runs, seals, policies, refused attempts.

They name their subject by kind and id, so that extensions, halts and exits add rows, not tables.
"""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from cases.tables.columns import Row, one_of, only
from workflow.terms import Rank, WaitsOn

#: The predicate of the sweep's index: deadlines that still run.
IS_RUNNING = text("ended_by IS NULL")
#: Notices that nobody delivered, cancelled or gave up yet.
IS_WAITING = text("sent_at IS NULL AND cancelled_at IS NULL AND gave_up_at IS NULL")


class Step(Row, table=True):
    """One entry of a subject's chain. Appended only: the store refuses UPDATE and DELETE."""

    __tablename__ = "steps"
    __table_args__ = (Index("ix_steps_seal", "seal"), {"sqlite_with_rowid": False})

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


class Deadline(Row, table=True):
    """A clock of one subject, named by its rule and the step that set it. `ended_by` None: it runs."""

    __tablename__ = "deadlines"
    __table_args__ = (
        Index("ix_deadlines_check", "priority", "check_at", info=only(IS_RUNNING)),
        {"sqlite_with_rowid": False},
    )

    kind: str = Field(primary_key=True)
    subject_id: int = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    set_by: int = Field(primary_key=True)
    about: int = Field(default=0, primary_key=True)
    area_code: str
    start_at: datetime
    due_on: date
    due_at: datetime
    provisional: bool
    owner: WaitsOn = one_of(WaitsOn)
    check_at: datetime | None = None
    priority: int
    level: int = 0
    ended_by: int | None = None
    policy: int
    calendar: str


class Rung(Row, table=True):
    """A rung that was taken; its key makes it happen exactly once."""

    __tablename__ = "rungs"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: str = Field(primary_key=True)
    subject_id: int = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    set_by: int = Field(primary_key=True)
    level: int = Field(primary_key=True)
    seq: int
    rank: Rank = one_of(Rank)
    area_code: str


class Notice(Row, table=True):
    """The outbox: one person is to be told of one step. Written with the step; delivered at least once."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_waiting", "person_id", info=only(IS_WAITING)),
        {"sqlite_with_rowid": False},
    )

    kind: str = Field(primary_key=True)
    subject_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    person_id: int = Field(foreign_key="people.id", primary_key=True)
    area_code: str
    rank: str | None = None
    created_at: datetime
    next_try_at: datetime | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    cancelled_at: datetime | None = None
    gave_up_at: datetime | None = None
    digest: str | None = None
    error: str | None = None


class Run(Row, table=True):
    """One run of a job for one slot: whoever inserts it runs it; an unfinished one whose lease ran out is taken over."""

    __tablename__ = "runs"

    job: str = Field(primary_key=True)
    slot: datetime = Field(primary_key=True)
    node: str
    started_at: datetime
    lease_until: datetime
    finished_at: datetime | None = None
    looked_at: int = 0
    moved: int = 0
    notices: int = 0
    skipped: int = 0
    errors: str = "[]"
    seconds: float = 0.0
    ok: bool = False


class Seal(Row, table=True):
    """One value over everything recorded since the last seal, chained to it."""

    __tablename__ = "seals"

    id: int = Field(primary_key=True)
    sealed_at: datetime
    steps: int
    subjects: int
    prev: str
    value: str


class PolicyVersion(Row, table=True):
    """The policies this store has had; the newest is in force."""

    __tablename__ = "policies"

    version: int = Field(primary_key=True)
    loaded_at: datetime
    loaded_by: int | None = Field(default=None, foreign_key="people.id")
    text: str


class ForbiddenAttempt(Row, table=True):
    """Somebody tried what they may not (exit 8). Outside the chain: nothing happened."""

    __tablename__ = "forbidden_attempts"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    person_id: int | None = Field(default=None, foreign_key="people.id")
    login: str
    command: str
    why: str
