"""Trials: what other rules would have made of deadlines that ran. Nothing is moved by one.

Deadlines are counted and ladders climbed as everywhere (`deadlines`, `ladders`), from a deadline's own beginning; what
was counted once is not counted again, so that a hundred thousand cases take seconds.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from workflow.calendar import Calendar
from workflow.deadlines import Due, counted, dated, local_date, overdue_days
from workflow.ladders import rungs_due
from workflow.policy import Limit, Limits, Policy
from workflow.terms import Kind

#: The limits of the policy that are not named like the rule they are counted for.
_LIMITS: dict[tuple[str, str], str] = {
    (Kind.extension, "answer"): "extension_answer",
    (Kind.halt, "review"): "resumption_review",
}


class Clock(NamedTuple):
    """A deadline as it ran: what a trial needs to count it anew."""

    kind: str
    rule: str
    start_at: datetime
    due_on: date  #: kept where it stands on a paper
    grade: str
    charge: str  #: the rank in charge: rungs below it are skipped
    level: int = 0  #: the rungs taken so far
    waits_until: datetime | None = None  #: a request for a later date is to be answered by then
    silent_on: date | None = None  #: the last day on which repeats are silenced


class Judged(NamedTuple):
    """What a deadline came to under some rules: its date, the days it was late, the rungs taken."""

    due_on: date
    overdue_days: int
    rungs: int


class Trial:
    """A policy and a calendar, tried on one deadline after the other."""

    def __init__(self, policy: Policy, calendar: Calendar) -> None:
        self._policy = policy
        self._calendar = calendar
        self._zone = policy.timezone
        self._limits: dict[str, Limit] = {name: getattr(policy.limits, name) for name in Limits.model_fields}
        self._dues: dict[tuple[str, date], Due] = {}
        self._rungs: dict[tuple[str, str, int], int] = {}
        self._climbs: dict[tuple[str, str, int, int, bool], bool] = {}

    def judge(self, clock: Clock, until: datetime) -> Judged:
        """Return what a deadline would have come to by an instant, had every night been kept."""
        due = self._due(clock)
        days = overdue_days(due.at, until, self._zone)
        return Judged(due.on, days, self._taken(clock.grade, clock.charge, days) if days else 0)

    def climbs(self, clock: Clock, night: datetime) -> bool:
        """Tell whether a deadline that runs would climb in a night, past the rungs that were taken."""
        days = overdue_days(self._due(clock).at, night, self._zone)
        if not days or (clock.waits_until is not None and night <= clock.waits_until):
            return False
        is_silent = clock.silent_on is not None and clock.silent_on >= local_date(night, self._zone)
        key = (clock.grade, clock.charge, clock.level, days, is_silent)
        found = self._climbs.get(key)
        if found is None:
            due = rungs_due(getattr(self._policy.ladders, clock.grade), clock.charge, clock.level, days)
            found = self._climbs[key] = any(not (rung.repeats and is_silent) for rung in due)
        return found

    def _due(self, clock: Clock) -> Due:
        name = _LIMITS.get((clock.kind, clock.rule), clock.rule)
        limit = self._limits.get(name)
        key = ("", clock.due_on) if limit is None else (name, local_date(clock.start_at, self._zone))
        due = self._dues.get(key)
        if due is None:
            due = self._dues[key] = (
                dated(clock.due_on, self._policy, self._calendar)
                if limit is None
                else counted(limit, clock.start_at, self._policy, self._calendar)
            )
        return due

    def _taken(self, grade: str, charge: str, days: int) -> int:
        """Count the rungs taken within so many days, every repeat one."""
        key = (grade, charge, days)
        count = self._rungs.get(key)
        if count is None:
            ladder = getattr(self._policy.ladders, grade)
            due = rungs_due(ladder, charge, 0, days)
            count = len(due)
            if due and due[-1].repeats:
                count += due[-1].level - len(ladder.rungs) - 1
            self._rungs[key] = count
        return count


def next_night(now: datetime, policy: Policy) -> datetime:
    """Return when the nightly job runs next."""
    local = now.astimezone(policy.zone)
    at = time.fromisoformat(policy.service.nightly_at)
    night = datetime.combine(local.date(), at, policy.zone)
    if night <= local:
        night = datetime.combine(local.date() + timedelta(1), at, policy.zone)
    return night.astimezone(UTC)
