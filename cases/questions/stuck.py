"""What is stuck, and why: silent, bouncing, undecided, unserved, undelivered, orphaned, halt_ending (DOMAIN §5).

A case is weighed by its reasons times its grade, as the policy says. A threshold of so many days is passed on the day
after. All reasons of all open cases are asked for in one statement and weighed in one pass that keeps a few numbers a
case; rows are fetched for those that are shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, reduce
from heapq import nsmallest
from itertools import compress
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, or_, select

from cases.halts import IS_STANDING
from cases.outbox import UNDELIVERED
from cases.questions.asking import Asking
from cases.questions.filters import ALL_OPEN, Filters, among, conditions
from cases.questions.groups import NOBODY, grouping, heaviest_first
from cases.questions.rows import rows_of
from cases.questions.staff import manned, retired
from cases.tables import deadlines, extensions, halt_hazards, halts, hazards, steps
from workflow.policy import Stuck
from workflow.states import OPEN, State
from workflow.terms import Grade, Kind

#: The reasons; a bit each.
REASONS = ("silent", "bouncing", "over_extended", "undecided", "unserved", "undelivered", "orphaned", "halt_ending")


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows or groups, and the foot of the table: how many cases are stuck in all, and how many for each reason."""

    rows: list[dict[str, Any]]
    totals: dict[str, Any]


def stuck(asking: Asking, filters: Filters, reason: str | None = None) -> Answer:
    """Return the stuck cases as rows with `reasons` and `days_in_state`, heaviest first.

    With `reason`, those stuck for it; their other reasons are named too. Raises ValueError for an unknown one.
    """
    count = _Count()
    heaviest = _heaviest(count.all(_found(asking, filters, reason)), filters.limit)
    rows = rows_of(asking, [each.id for each in heaviest])
    return Answer([{**row, **each.row(asking)} for row, each in zip(rows, heaviest, strict=True)], count.totals())


def stuck_by(asking: Asking, filters: Filters, by: str, reason: str | None = None) -> Answer:
    """Return how many cases are stuck in each group, and how many days the worst is in its state."""
    count = _Count()
    groups: dict[Any, _Group] = {}
    for each in count.all(_found(asking, filters, reason, by)):
        groups.setdefault(each.key, _Group(each.name or NOBODY, Counter())).add(each)
    rows = heaviest_first(group.row(asking) for group in groups.values())
    return Answer(rows[: filters.limit], count.totals())


# -- weighing ----------------------------------------------------------------------------------------------------------


class _Found(NamedTuple):
    """A stuck case in the pass: as little of it as weighing takes."""

    weight: int
    entered_at: datetime
    id: int
    flags: int
    key: Any
    name: str | None

    def row(self, asking: Asking) -> dict[str, Any]:
        return {"reasons": _names(self.flags), "days_in_state": asking.days_since(self.entered_at)}


def _found(asking: Asking, filters: Filters, reason: str | None, by: str | None = None) -> Iterator[_Found]:
    weights = _weights(asking.policy.stuck)
    wanted = _ALL if reason is None else 1 << REASONS.index(reason)
    for each in asking.tx.each(_flagged(asking, filters, by), batch=5000):
        if each.flags & wanted:
            yield _Found(weights[each.grade, each.flags], each.entered_at, each.id, each.flags, each.key, each.name)


_ALL = (1 << len(REASONS)) - 1


def _weights(stuck: Stuck) -> Mapping[tuple[str, int], int]:
    """Return how heavy every set of reasons is for every grade."""
    return {
        (grade.value, flags): stuck.grade_weights.of(grade)
        * sum(getattr(stuck.weights, name) for name in _names(flags))
        for grade in Grade
        for flags in range(_ALL + 1)
    }


@cache
def _by_flags(flags: int) -> tuple[str, ...]:
    return tuple(compress(REASONS, (flags >> at & 1 for at in range(len(REASONS)))))


def _names(flags: int) -> list[str]:
    return list(_by_flags(flags))


def _heaviest(found: Iterator[_Found], limit: int | None) -> list[_Found]:
    """Return the heaviest cases; of equally heavy ones those longest in their state."""
    if limit is None:
        return sorted(found, key=_urgency)
    return nsmallest(limit, found, key=_urgency)


def _urgency(found: _Found) -> tuple[int, datetime, int]:
    return (-found.weight, found.entered_at, found.id)


class _Count:
    """Counts the cases that stream by."""

    def __init__(self) -> None:
        self.by_flags: Counter[int] = Counter()

    def all(self, found: Iterator[_Found]) -> Iterator[_Found]:
        for each in found:
            self.by_flags[each.flags] += 1
            yield each

    def totals(self) -> dict[str, Any]:
        by_reason = dict.fromkeys(REASONS, 0)
        for flags, count in self.by_flags.items():
            for name in _names(flags):
                by_reason[name] += count
        return {"cases": self.by_flags.total(), "by_reason": by_reason}


@dataclass(slots=True)
class _Group:
    name: str
    by_flags: Counter[int]
    oldest: datetime | None = None

    def add(self, found: _Found) -> None:
        self.by_flags[found.flags] += 1
        if self.oldest is None or found.entered_at < self.oldest:
            self.oldest = found.entered_at

    def row(self, asking: Asking) -> dict[str, Any]:
        worst = 0 if self.oldest is None else asking.days_since(self.oldest)
        return {"name": self.name, "count": self.by_flags.total(), "worst_days": worst}


# -- the reasons, as conditions on an open hazard ----------------------------------------------------------------------


def _flagged(asking: Asking, filters: Filters, by: str | None) -> Select[Any]:
    """Return every open case with its reasons as bits, in the order of `REASONS`."""
    group = grouping(by)
    reasons = [
        _is_silent(asking),
        _is_bouncing(asking),
        _is_over_extended(asking),
        _is_undecided(asking),
        _is_unserved(asking),
        hazards.c.id.in_(UNDELIVERED),
        _is_orphaned(asking),
        _is_halt_ending(asking),
    ]
    flags = reduce(add, (case((reason, 1 << at), else_=0) for at, reason in enumerate(reasons)))
    columns = (hazards.c.id, hazards.c.grade, hazards.c.entered_at, flags.label("flags"))
    query = select(*columns, group.key.label("key"), group.name.label("name")).select_from(hazards)
    return group.join(query).where(*ALL_OPEN, *conditions(asking, filters))


def _longer_ago_than(asking: Asking, days: int) -> datetime:
    """Return the instant before which something is more than so many days ago, by local date."""
    return asking.start_of(asking.today - timedelta(days))


def _is_silent(asking: Asking) -> ColumnElement[bool]:
    """Return whether nobody did anything for longer than the state allows; what the clock does is no action."""
    silent = asking.policy.stuck.silent_days
    since = case(
        {state.value: _longer_ago_than(asking, getattr(silent, state)) for state in OPEN}, value=hazards.c.state
    )
    spoken = select(steps.c.seq).where(
        steps.c.kind == Kind.hazard,
        steps.c.subject_id == hazards.c.id,
        steps.c.seq > hazards.c.moved_seq,
        steps.c.actor_id.is_not(None),
        steps.c.at >= since,
    )
    nothing_since = hazards.c.seq == hazards.c.moved_seq  # the cheap answer: most cases need no look at their steps
    return and_(hazards.c.entered_at < since, or_(nothing_since, ~spoken.exists()))


def _is_bouncing(asking: Asking) -> ColumnElement[bool]:
    return hazards.c.reworks >= asking.policy.stuck.bouncing_reworks


def _is_over_extended(asking: Asking) -> ColumnElement[bool]:
    """Return whether the unit was given more time and let that pass too, or was given it more often than allowed."""
    late = and_(among(hazards.c.state, (State.ordered, State.rectifying)), hazards.c.due_at < asking.now)
    often = hazards.c.extensions > asking.policy.extension.times
    return and_(hazards.c.extensions > 0, or_(late, often))


def _is_undecided(asking: Asking) -> ColumnElement[bool]:
    """Return whether our own answer is owed too long: to a transfer, or to a request for a later date."""
    long_ago = _longer_ago_than(asking, asking.policy.stuck.undecided_days)
    asked = select(extensions.c.id).where(
        extensions.c.hazard_id == hazards.c.id, extensions.c.state == "requested", extensions.c.entered_at < long_ago
    )
    return or_(and_(hazards.c.transfer_at.is_not(None), hazards.c.transfer_at < long_ago), asked.exists())


def _is_unserved(asking: Asking) -> ColumnElement[bool]:
    """Return whether an order of it has not been served for too long."""
    serving = select(deadlines.c.rule).where(
        deadlines.c.kind == Kind.hazard,
        deadlines.c.subject_id == hazards.c.id,
        deadlines.c.rule == "serve",
        deadlines.c.ended_by.is_(None),
        deadlines.c.start_at < _longer_ago_than(asking, asking.policy.stuck.unserved_days),
    )
    return and_(among(hazards.c.state, (State.ordered, State.rectifying, State.submitted)), serving.exists())


def _is_orphaned(asking: Asking) -> ColumnElement[bool]:
    """Return whether its person left, or nobody of the department that answers for it could act."""
    left = hazards.c.assigned_to.in_(retired(asking.today))
    return or_(left, hazards.c.department_id.not_in(manned(asking.today)))


def _is_halt_ending(asking: Asking) -> ColumnElement[bool]:
    """Return whether a halt stands on it whose date has nearly come, or passed: it must be put right, or go on."""
    last = asking.today + timedelta(asking.policy.stuck.halt_ending_days)
    named = hazards.alias()  # halts are few: they are looked through once, and not for every case
    ending = (
        select(halt_hazards.c.hazard_id)
        .join_from(halts, halt_hazards, halt_hazards.c.halt_id == halts.c.id)
        .join(named, and_(named.c.id == halt_hazards.c.hazard_id, named.c.round == halt_hazards.c.round))
        .where(IS_STANDING, halts.c.until <= last)
    )
    return hazards.c.id.in_(ending)
