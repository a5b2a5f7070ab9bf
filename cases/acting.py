"""When somebody acts or asks, and under which rules: time is an argument, policy and calendar are the store's."""

from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import calendars, policies
from workflow.calendar import Calendar, china, with_notices
from workflow.case import Actor
from workflow.errors import BadInput
from workflow.policy import Policy, default, default_text, parse
from workflow.words import Sentence

_IN_FORCE = Statement(select(policies.c.version, policies.c.text).order_by(policies.c.version.desc()).limit(1))
_NOTICES = Statement(select(calendars.c.version, calendars.c.text).order_by(calendars.c.version))
_NOON = time(12, 0)
#: Instants the program can count from and to without leaving the calendar of any store.
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


@dataclass(frozen=True, slots=True)
class When:
    """When something happened, and when it was recorded. A bare date is noon, or the nearest later moment allowed."""

    at: datetime
    recorded_at: datetime
    is_bare: bool = False
    is_given: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """Who is at the ledger, for whom, when, and under which rules."""

    actor: Actor
    recorded_by: int | None
    when: When
    policy: Policy
    policy_version: int
    calendar: Calendar


def policy_of(tx: Transaction) -> tuple[int, Policy]:
    """Return the policy in force, and its version in this store."""
    version, text = tx.one(_IN_FORCE)
    return version, _parsed(text)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Policy:
    return default() if text == default_text() else parse(text)


def calendar_of(tx: Transaction) -> Calendar:
    """Return the calendar in force: the one that ships with the program, and of each year the newest notice loaded."""
    loaded = tx.all(_NOTICES)
    return _noticed(tuple(loaded)) if loaded else china()


def calendar_with(tx: Transaction, text: str) -> Calendar:
    """Return the calendar as it would be with one more notice loaded; nothing is. Raises BadInput for a bad one."""
    loaded = tx.all(_NOTICES)
    version = loaded[-1][0] + 1 if loaded else 1
    return _noticed((*loaded, (version, text)))


@lru_cache(maxsize=8)
def _noticed(loaded: tuple[tuple[int, str], ...]) -> Calendar:
    from workflow.holidays import parse

    base = china()
    notices = [parse(text) for _, text in loaded]
    in_force = {notice.year: notice for notice in notices}.values()
    return with_notices(base, in_force, f"{base.version} + {notices[-1].document} v{loaded[-1][0]}")


def moment(text: str | None, now: datetime, policy: Policy) -> When:
    """Read `--at`: an instant in local time or with an offset, or a bare date. None: now. Raises BadInput.

    A bare date is noon that day, or the nearest later moment allowed; today before noon it is now.
    """
    if text is None:
        return When(now, now)
    zone = ZoneInfo(policy.timezone)
    given, is_bare = _read(text)
    at = given if given.tzinfo is not None else given.replace(tzinfo=zone)
    at = at.astimezone(now.tzinfo)
    if is_bare and at > now and at.astimezone(zone).date() == now.astimezone(zone).date():
        at = now
    return When(at, now, is_bare=is_bare, is_given=True)


def _read(text: str) -> tuple[datetime, bool]:
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(
            Sentence('the time {text} cannot be read; write "2026-09-01 10:30", or a date', text=text[:40])
        ) from error
    if not _FIRST_YEAR <= given.year <= _LAST_YEAR:
        raise BadInput(Sentence("the time {text} is not between 1990 and 2199", text=text[:40]))
    is_bare = len(text.strip()) <= len("2026-09-01")
    return (datetime.combine(given.date(), _NOON), True) if is_bare else (given, False)


def local(instant: datetime, policy: Policy) -> str:
    """Return an instant as ISO 8601 with the local offset."""
    return instant.astimezone(ZoneInfo(policy.timezone)).isoformat()


def minutes(instant: datetime, policy: Policy) -> str:
    """Return an instant as people write it: local date and minutes."""
    return instant.astimezone(ZoneInfo(policy.timezone)).strftime("%Y-%m-%d %H:%M")
