"""The clock's own rows: deadlines, rungs, notices, reminders, messages. They name their subject by kind and id, as steps do.

So extensions, halts and exits add rows, not tables.
"""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from cases.tables.columns import Row, not_blank, one_of, only
from workflow.terms import Rank, WaitsOn

#: The predicate of the sweep's index: deadlines that still run.
IS_RUNNING = text("ended_by IS NULL")
#: Notices that are in no message yet.
IS_WAITING = text("digest IS NULL AND cancelled_at IS NULL")
#: Reminders that are in no message yet.
IS_UNGATHERED = text("digest IS NULL")
#: Notices and reminders that are in one.
IS_GATHERED = text("digest IS NOT NULL")
#: Messages that could not be delivered.
IS_GIVEN_UP = text("gave_up_at IS NOT NULL")
#: Messages that are on their way.
IS_UNSENT = text("sent_at IS NULL AND cancelled_at IS NULL AND gave_up_at IS NULL")


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
    about: int = Field(default=0, primary_key=True)
    level: int = Field(primary_key=True)
    seq: int
    rank: Rank = one_of(Rank)
    area_code: str


class Notice(Row, table=True):
    """One person is to be told of one step. Written with the step; `digest` is the key of the message that tells it.

    `rank` is the one told at. None: nothing climbed, the step corrects what the person was told.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_waiting", "person_id", info=only(IS_WAITING)),
        Index("ix_notices_gathered", "digest", info=only(IS_GATHERED)),
        {"sqlite_with_rowid": False},
    )

    kind: str = Field(primary_key=True)
    subject_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    person_id: int = Field(foreign_key="people.id", primary_key=True)
    area_code: str
    rank: str | None = None
    created_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    cancelled_at: datetime | None = None
    gave_up_at: datetime | None = None
    digest: str | None = None


class Reminder(Row, table=True):
    """One person is to be reminded of a deadline that comes. Its level makes it happen exactly once."""

    __tablename__ = "reminders"
    __table_args__ = (
        Index("ix_reminders_waiting", "person_id", info=only(IS_UNGATHERED)),
        Index("ix_reminders_gathered", "digest", info=only(IS_GATHERED)),
        {"sqlite_with_rowid": False},
    )

    kind: str = Field(primary_key=True)
    subject_id: int = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    set_by: int = Field(primary_key=True)
    about: int = Field(primary_key=True)
    level: int = Field(primary_key=True)
    person_id: int = Field(foreign_key="people.id", primary_key=True)
    area_code: str
    created_at: datetime
    digest: str | None = None


class Message(Row, table=True):
    """The outbox: what one person is told by one run. Delivered at least once; `key` makes a repeat recognisable."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_unsent", "next_try_at", info=only(IS_UNSENT)),
        Index("ix_messages_given_up", "person_id", info=only(IS_GIVEN_UP)),
        *not_blank(["key", "subject", "body"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    slot: datetime
    created_at: datetime
    count: int
    subject: str
    body: str
    facts: str
    attempts: int = 0
    next_try_at: datetime
    claimed_until: datetime | None = None
    claimed_by: str | None = None
    sent_at: datetime | None = None
    cancelled_at: datetime | None = None
    gave_up_at: datetime | None = None
    error: str | None = None
