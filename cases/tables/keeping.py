"""What keeps the store running: policies, runs of jobs, refused attempts."""

from datetime import datetime

from sqlmodel import Field

from cases.tables.columns import Row


class PolicyVersion(Row, table=True):
    """The policies this store has had; the newest is in force."""

    __tablename__ = "policies"

    version: int = Field(primary_key=True)
    loaded_at: datetime
    loaded_by: int | None = Field(default=None, foreign_key="people.id")
    text: str


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


class ForbiddenAttempt(Row, table=True):
    """Somebody tried what they may not (exit 8). Outside the chain: nothing happened."""

    __tablename__ = "forbidden_attempts"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    person_id: int | None = Field(default=None, foreign_key="people.id")
    login: str
    command: str
    why: str
