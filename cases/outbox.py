"""The outbox: waiting notices and reminders become one message a person and run; messages are claimed, sent and marked.

Each waits until a message holds its key, so it is in one message and no more. A message that is to be sent is
claimed on a lease: whoever holds it sends it outside any transaction and then says how that went. Killed in between it
is sent again, with the same key. Here is the SQL only; what is said stands in schedules/digest.py.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, exists, func, insert, or_, select, update

from cases.halts import gravest
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import deadlines, exits, extensions, follow_ups, hazards, messages, notices, people, reminders, units
from workflow.deadlines import overdue_days, start_of_day
from workflow.policy import Policy
from workflow.terms import Grade, Kind, WaitsOn

#: Ranges in which overdue cases are counted: the least days of each, and what it is called.
RANGES = ((31, "31+"), (8, "8-30"), (4, "4-7"), (1, "1-3"), (0, "0"))

_ACTIVE = or_(people.c.retired_on.is_(None), people.c.retired_on > bindparam("today"))
_HAS_ADDRESS = and_(people.c.notify.is_not(None), people.c.notify != "")
_WAITS = (notices.c.digest.is_(None), notices.c.cancelled_at.is_(None))
_IS_UNSENT = (messages.c.sent_at.is_(None), messages.c.cancelled_at.is_(None), messages.c.gave_up_at.is_(None))
#: What is in such a message somebody was told, or will be: it was sent, or is on its way.
IS_TOLD = or_(messages.c.sent_at.is_not(None), and_(*_IS_UNSENT))


# -- gathering ---------------------------------------------------------------------------------------------------------

_IS_WAITED_FOR = or_(
    exists().where(notices.c.person_id == people.c.id, *_WAITS),
    exists().where(reminders.c.person_id == people.c.id, reminders.c.digest.is_(None)),
)
_TO_BE_TOLD = (
    select(people.c.id, people.c.name, case((_HAS_ADDRESS, 1), else_=0).label("has_address"))
    .where(_ACTIVE, _IS_WAITED_FOR)
    .order_by(people.c.id)
)
_WAITING = Statement(
    select(func.count()).select_from(notices).where(notices.c.person_id == bindparam("person"), *_WAITS)
)
_GATHER = Statement(
    update(notices).where(notices.c.person_id == bindparam("person"), *_WAITS).values(digest=bindparam("key"))
)
_REMIND = Statement(
    update(reminders)
    .where(reminders.c.person_id == bindparam("person"), reminders.c.digest.is_(None))
    .values(digest=bindparam("key"))
)
_TO_REMIND = Statement(
    select(func.count())
    .select_from(reminders)
    .where(reminders.c.person_id == bindparam("person"), reminders.c.digest.is_(None))
)
_MADE = Statement(
    select(func.count())
    .select_from(messages)
    .where(messages.c.person_id == bindparam("person"), messages.c.slot == bindparam("slot"))
)
_WRITTEN = ("key", "person_id", "slot", "created_at", "count", "subject", "body", "facts", "next_try_at")
_WRITE = Statement(insert(messages).values({**{name: bindparam(name) for name in _WRITTEN}, "attempts": 0}))


def to_be_told(tx: Transaction, today: date) -> list[Any]:
    """Return everybody who has waiting notices or reminders and did not retire: `(id, name, has_address)`."""
    return tx.all(_TO_BE_TOLD, today=today)


def waiting(tx: Transaction, person: int) -> int:
    """Count the notices and reminders of a person that are in no message yet."""
    return int(tx.value(_WAITING, person=person)) + int(tx.value(_TO_REMIND, person=person))


def gather(tx: Transaction, person: int, slot: datetime) -> tuple[str, int]:
    """Put all waiting notices and reminders of a person under one key; return it, and how many they are.

    The key comes from the person and the slot, and from how often that slot was run by hand before.
    """
    key = f"rectify-{slot.astimezone(UTC):%Y%m%dT%H%MZ}-{person}-{1 + tx.value(_MADE, person=person, slot=slot)}"
    return key, tx.run(_GATHER, person=person, key=key) + tx.run(_REMIND, person=person, key=key)


def write(tx: Transaction, **message: Any) -> None:
    """Write the message that tells what was gathered under its key."""
    tx.run(_WRITE, **message)


# -- what a message tells ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Told:
    """What the notices and reminders under a key come to.

    Cases that ended since are counted apart; `others` are not hazards, by their kind. `corrected` is of what the person
    was told and what had been acted on before. `soon` are the dates that come and still stand.
    """

    cases: int = 0
    grades: Counter[str] = field(default_factory=Counter)
    ranks: Counter[str] = field(default_factory=Counter)
    overdue: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    others: Counter[str] = field(default_factory=Counter)
    corrected: int = 0
    corrections: list[dict[str, Any]] = field(default_factory=list)
    worst: list[dict[str, Any]] = field(default_factory=list)
    soon: int = 0
    soonest: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to tell."""
        return not (self.cases or self.ended or self.others or self.corrected or self.soon)


def _newest() -> Any:
    """Select the newest notice of each subject that climbed under a key: its rank is the highest the person was told at."""
    order = func.row_number().over(partition_by=(notices.c.kind, notices.c.subject_id), order_by=notices.c.seq.desc())
    each = select(notices.c.kind, notices.c.subject_id, notices.c.rank, order.label("nth")).where(
        notices.c.digest == bindparam("key"), notices.c.rank.is_not(None)
    )
    found = each.subquery()
    return select(found.c.kind, found.c.subject_id, found.c.rank).where(found.c.nth == 1).subquery()


def _counting() -> Select[Any]:
    newest = _newest()
    since = [(hazards.c.due_at < bindparam(f"since_{least}"), name) for least, name in RANGES if least]
    overdue = case(*since, else_="0").label("overdue")
    columns = (newest.c.kind, hazards.c.waiting_on, hazards.c.grade, newest.c.rank, overdue)
    of_hazard = and_(newest.c.kind == Kind.hazard, hazards.c.id == newest.c.subject_id)
    return select(*columns, func.count().label("count")).outerjoin_from(newest, hazards, of_hazard).group_by(*columns)


def _worst() -> Select[Any]:
    newest = _newest()
    height = case({grade.value: grade.weight for grade in Grade}, value=hazards.c.grade)
    return (
        select(
            hazards.c.id, units.c.name.label("unit"), hazards.c.grade, hazards.c.text, hazards.c.due_at, newest.c.rank
        )
        .join_from(newest, hazards, and_(newest.c.kind == Kind.hazard, hazards.c.id == newest.c.subject_id))
        .join(units, units.c.id == hazards.c.unit_id)
        .where(hazards.c.waiting_on != WaitsOn.none)
        .order_by(height.desc(), hazards.c.due_at.is_(None), hazards.c.due_at, hazards.c.id)
        .limit(bindparam("most", type_=Integer))
    )


def _corrected() -> Select[Any]:
    """Select what the correcting notices under a key are about; they are told at no rank."""
    columns = (notices.c.kind, notices.c.subject_id)
    return select(*columns).where(notices.c.digest == bindparam("key"), notices.c.rank.is_(None)).distinct()


def _soon(*columns: Any) -> Select[Any]:
    """Select the dates that the reminders under a key tell of, as far as they still stand and have not passed."""
    same = [deadlines.c[name] == reminders.c[name] for name in ("kind", "subject_id", "rule", "set_by", "about")]
    asked = select(extensions.c.hazard_id).where(extensions.c.id == reminders.c.subject_id).scalar_subquery()
    number = case(
        (reminders.c.kind == Kind.hazard, reminders.c.subject_id),
        (reminders.c.kind == Kind.extension, asked),
        (reminders.c.kind == Kind.halt, gravest(hazards.c.id, reminders.c.subject_id)),
    )
    visit = and_(reminders.c.kind == Kind.follow_up, follow_ups.c.id == reminders.c.subject_id)
    gone = case((reminders.c.kind == Kind.exit, reminders.c.subject_id), else_=follow_ups.c.exit_id)
    return (
        select(*columns)
        .join_from(reminders, deadlines, and_(*same))
        .outerjoin(hazards, hazards.c.id == number)
        .outerjoin(follow_ups, visit)
        .outerjoin(exits, exits.c.id == gone)
        .join(units, units.c.id == func.coalesce(hazards.c.unit_id, exits.c.unit_id))
        .where(
            reminders.c.digest == bindparam("key"),
            deadlines.c.ended_by.is_(None),
            deadlines.c.due_at >= bindparam("now"),
        )
        .distinct()
    )


#: A date that comes: of a case, or of the exit that is due or to be visited after.
_DATE = (
    hazards.c.id,
    exits.c.id.label("exit"),
    units.c.name.label("unit"),
    func.coalesce(hazards.c.text, exits.c.interim).label("text"),
    deadlines.c.rule,
    deadlines.c.due_on,
)
_SOON = Statement(select(func.count()).select_from(_soon(*_DATE).subquery()))
_SOONEST = Statement(
    _soon(*_DATE)
    .order_by(deadlines.c.due_on, hazards.c.id, exits.c.id, deadlines.c.rule)
    .limit(bindparam("most", type_=Integer))
)
_COUNTS = Statement(_counting())
_WORST = Statement(_worst())
_CORRECTED = Statement(select(func.count()).select_from(_corrected().subquery()))
_CORRECTIONS = Statement(
    _corrected().order_by(notices.c.kind, notices.c.subject_id).limit(bindparam("most", type_=Integer))
)


def told(tx: Transaction, key: str, now: datetime, today: date, policy: Policy) -> Told:
    """Return what is under a key: counted by the store, the worst cases and soonest dates fetched, no others."""
    since = {
        f"since_{least}": start_of_day(today - timedelta(least - 1), policy.timezone) for least, _ in RANGES if least
    }
    found = Told()
    for row in tx.all(_COUNTS, key=key, **since):
        if row.waiting_on is None:
            found.others[row.kind] += row.count
        elif row.waiting_on == WaitsOn.none:
            found.ended += row.count
        else:
            found.cases += row.count
            found.grades[row.grade] += row.count
            found.ranks[row.rank] += row.count
            found.overdue[row.overdue] += row.count
    found.corrected = tx.value(_CORRECTED, key=key)
    corrections = tx.all(_CORRECTIONS, key=key, most=policy.notices.worst)
    found.corrections = [{"kind": row.kind, "id": row.subject_id} for row in corrections]
    found.soon = tx.value(_SOON, key=key, now=now)
    found.soonest = [
        {
            **({"exit": row.exit} if row.id is None else {"id": row.id}),
            "unit": row.unit,
            "text": row.text,
            "rule": row.rule,
            "due_on": row.due_on.isoformat(),
        }
        for row in tx.all(_SOONEST, key=key, now=now, most=policy.notices.worst)
    ]
    found.worst = [_bad(row, now, policy) for row in tx.all(_WORST, key=key, most=policy.notices.worst)]
    return found


def _bad(row: Any, now: datetime, policy: Policy) -> dict[str, Any]:
    return {
        "id": row.id,
        "unit": row.unit,
        "grade": row.grade,
        "text": row.text,
        "overdue_days": overdue_days(row.due_at, now, policy.timezone),
        "rank": row.rank,
    }


# -- sending -----------------------------------------------------------------------------------------------------------

_IS_DUE = (
    *_IS_UNSENT,
    messages.c.next_try_at <= bindparam("now"),
    or_(messages.c.claimed_until.is_(None), messages.c.claimed_until <= bindparam("at")),
    _ACTIVE,
    _HAS_ADDRESS,
)
_DUE = (
    select(messages.c.id, messages.c.key, messages.c.subject, messages.c.body, messages.c.facts, messages.c.count,
           messages.c.attempts, people.c.name, people.c.notify)
    .join_from(messages, people, people.c.id == messages.c.person_id)
    .where(*_IS_DUE)
    .order_by(messages.c.next_try_at, messages.c.id)
)  # fmt: skip
_TAKE = Statement(_DUE.limit(bindparam("most", type_=Integer)).with_for_update(of=messages, skip_locked=True))
_COUNT_DUE = Statement(
    select(func.count().label("messages"), func.coalesce(func.sum(messages.c.count), 0).label("notices"))
    .join_from(messages, people, people.c.id == messages.c.person_id)
    .where(*_IS_DUE)
)
_CLAIM = Statement(
    update(messages)
    .where(messages.c.id == bindparam("message"))
    .values(claimed_until=bindparam("until"), claimed_by=bindparam("claimer"), attempts=messages.c.attempts + 1)
)
#: A message all of whose notices were overtaken by what was recorded late has nothing left to tell.
_DROP = Statement(
    update(messages)
    .where(
        *_IS_UNSENT,
        or_(messages.c.claimed_until.is_(None), messages.c.claimed_until <= bindparam("at")),
        ~exists().where(notices.c.digest == messages.c.key, notices.c.cancelled_at.is_(None)),
        ~exists().where(reminders.c.digest == messages.c.key),
    )
    .values(cancelled_at=bindparam("at"))
)
_IS_THIS = messages.c.id == bindparam("message")
#: It was sent, whoever has it now: that is no matter of leases.
_SENT = Statement(
    update(messages).where(_IS_THIS, messages.c.sent_at.is_(None)).values(sent_at=bindparam("at"), error=None)
)
_IS_OURS = (_IS_THIS, messages.c.claimed_by == bindparam("claimer"), *_IS_UNSENT)
_AGAIN = Statement(
    update(messages)
    .where(*_IS_OURS)
    .values(next_try_at=bindparam("next_try_at"), error=bindparam("why"), claimed_until=None)
)
_GIVE_UP = Statement(update(messages).where(*_IS_OURS).values(gave_up_at=bindparam("at"), error=bindparam("why")))
_ITS_NOTICES = (notices.c.digest == bindparam("key"), notices.c.cancelled_at.is_(None))
_NOTICES_SENT = Statement(update(notices).where(*_ITS_NOTICES).values(sent_at=bindparam("at"), gave_up_at=None))
_NOTICES_GIVEN_UP = Statement(update(notices).where(*_ITS_NOTICES).values(gave_up_at=bindparam("at")))


def due(tx: Transaction, now: datetime, at: datetime, today: date) -> tuple[int, int]:
    """Count the messages that would be sent now, and the notices in them."""
    found = tx.one(_COUNT_DUE, now=now, at=at, today=today)
    return int(found.messages), int(found.notices)


def drop_empty(tx: Transaction, at: datetime) -> None:
    """Cancel the messages whose notices were all cancelled before they could be sent."""
    tx.run(_DROP, at=at)


def claim(
    tx: Transaction, now: datetime, today: date, *, at: datetime, until: datetime, claimer: str, most: int
) -> Sequence[Any]:
    """Take messages that are due by `now` for one claimer, on a lease from `at` to `until`.

    Their `attempts` are those before this one. A person without an address is passed over until one is there.
    """
    found = tx.all(_TAKE, now=now, today=today, at=at, most=most)
    tx.many(_CLAIM, [{"message": row.id, "until": until, "claimer": claimer} for row in found])
    return found


def sent(tx: Transaction, message: Any, at: datetime) -> None:
    """Note that a message was delivered, and its notices with it."""
    if tx.run(_SENT, message=message.id, at=at):
        tx.run(_NOTICES_SENT, key=message.key, at=at)


def again(tx: Transaction, message: Any, claimer: str, next_try_at: datetime, why: str) -> None:
    """Note that a message was not delivered, why, and when it is tried again."""
    tx.run(_AGAIN, message=message.id, claimer=claimer, next_try_at=next_try_at, why=why)


def give_up(tx: Transaction, message: Any, claimer: str, at: datetime, why: str) -> None:
    """Note that a message is tried no more: it and its cases show as undelivered."""
    if tx.run(_GIVE_UP, message=message.id, claimer=claimer, at=at, why=why):
        tx.run(_NOTICES_GIVEN_UP, key=message.key, at=at)


# -- how it stands -----------------------------------------------------------------------------------------------------

_later = messages.alias("later")
#: Given up, and nothing has reached the person since.
IS_UNDELIVERED = and_(
    messages.c.gave_up_at.is_not(None),
    messages.c.sent_at.is_(None),
    ~exists().where(
        _later.c.person_id == messages.c.person_id, _later.c.id > messages.c.id, _later.c.sent_at.is_not(None)
    ),
)
#: The hazards of which somebody was to be told and could not be.
UNDELIVERED = select(notices.c.subject_id).where(
    notices.c.digest.in_(select(messages.c.key).where(IS_UNDELIVERED)),
    # Said of a sum, so that nobody takes the primary key's first column for a good way in: most notices have this kind.
    notices.c.kind + "" == Kind.hazard.value,
    notices.c.cancelled_at.is_(None),
)
_UNREACHED = Statement(
    select(people.c.name)
    .join_from(messages, people, people.c.id == messages.c.person_id)
    .where(IS_UNDELIVERED, _ACTIVE)
    .distinct()
    .order_by(people.c.name)
)
_WAITING_IN_ALL = Statement(
    select(func.count()).join_from(notices, people, people.c.id == notices.c.person_id).where(*_WAITS, _ACTIVE)
)
_UNSENT = Statement(
    select(func.count()).join_from(messages, people, people.c.id == messages.c.person_id).where(*_IS_UNSENT, _ACTIVE)
)
_WITHOUT_ADDRESS = Statement(
    select(func.count())
    .select_from(people)
    .where(
        _ACTIVE,
        ~_HAS_ADDRESS,
        or_(
            _IS_WAITED_FOR,
            exists().where(messages.c.person_id == people.c.id, *_IS_UNSENT),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class State:
    """How the outbox stands: notices that wait, messages on their way, who has no address, who could not be reached."""

    waiting: int
    unsent: int
    without_address: int
    unreached: list[str]


def state(tx: Transaction, today: date) -> State:
    """Return how the outbox stands; people who retired are left out."""
    return State(
        tx.value(_WAITING_IN_ALL, today=today),
        tx.value(_UNSENT, today=today),
        tx.value(_WITHOUT_ADDRESS, today=today),
        [row.name for row in tx.all(_UNREACHED, today=today)],
    )
