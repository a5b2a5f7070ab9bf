"""What the pictures of a report show: found and ended over time, open by age and area, on time by department, rungs.

Counted from the same history, in the same scope, as the figures they stand beside (cases.questions.figures).
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from cases.questions.asking import Asking
from cases.questions.figures.counted import counted, divided
from cases.questions.figures.declared import FIGURES
from cases.questions.figures.scope import Reading, Scope
from cases.questions.figures.stories import said_in, within
from cases.questions.filters import among
from cases.statements import Statement
from cases.tables import areas, departments, hazards, steps
from workflow.terms import Kind, Rank

#: The first day of each age but the youngest.
AGES = (31, 91, 181)
_ENDS = ("close", "confirm_exit", "void")
#: More bars than these are drawn as one.
_MANY = 10


@dataclass(frozen=True, slots=True)
class Span:
    """A day, a week or a month: what was found in it, what ended in it, what was open when it was over."""

    name: str
    found: int
    ended: int
    open: int


@dataclass(frozen=True, slots=True)
class Series:
    """What there is to draw."""

    over_time: list[Span]
    #: Open cases of each area by age: so many of up to 30 days, 90, 180, more. The area with the most comes first.
    ages: dict[str, list[int]]
    #: Of each department: how many came in time, of how many that were due.
    on_time: dict[str, tuple[int, int]]
    #: How many cases each rank was told of.
    rungs: dict[Rank, int]


def series(asking: Asking, scope: Scope, told: Mapping[str, Any], others: str) -> Series:
    """Return what the pictures of a report show, beside its document.

    `others` is what the small areas and departments are called together.
    """
    moves = asking.tx.all(_moves(scope.reading, scope.area is not None), **scope.params)
    return Series(
        list(_over_time(asking, scope, moves, told["figures"]["balance.start"]["value"])),
        _ages(asking, scope, set(told["open"]), others),
        _on_time(asking, scope, others),
        _rungs(asking, scope),
    )


# -- over time ---------------------------------------------------------------------------------------------------------


@cache
def _moves(reading: Reading, in_area: bool) -> Statement:
    s = steps.c
    made = among(s.trigger, ("record", "reopen", *_ENDS))
    void = steps.alias("void").c
    struck = select(void.seq).where(
        void.kind == Kind.hazard,
        void.subject_id == s.subject_id,
        void.trigger == "void",
        reading.known(void.recorded_at),
    )
    return Statement(
        select(s.trigger, s.at, struck.exists().label("voided"))
        .join_from(hazards, steps, (s.kind == Kind.hazard) & (s.subject_id == hazards.c.id))
        .where(*within(reading, in_area), made, reading.known(s.recorded_at), reading.inside(s.at))
        .order_by(s.at)
    )


def _over_time(asking: Asking, scope: Scope, moves: Sequence[Any], left: int) -> Iterator[Span]:
    """Yield the spans from the first day on; cases voided at any time are left out of what was found, as in figures."""
    days = [asking.date_of(move.at) for move in moves]
    begins = list(_beginnings(*_ends(asking, scope, days)))
    found, ended, change = Counter[int](), Counter[int](), Counter[int]()
    for day, move in zip(days, moves, strict=True):
        at, is_end = bisect_right(begins, day) - 1, move.trigger in _ENDS
        change[at] += -1 if is_end else 1
        if not move.voided:
            (ended if is_end else found)[at] += 1
    for at, begin in enumerate(begins):
        left += change[at]
        yield Span(_named(begin, begins), found[at], ended[at], left)


def _ends(asking: Asking, scope: Scope, days: list[date]) -> tuple[date, date]:
    """Return the first and last day to draw: the scope's, as far as it has come, and what happened besides."""
    last = min(scope.last, asking.date_of(scope.now))
    if scope.reading.windowed:
        return scope.first, max(scope.first, last)
    return min([scope.first, *days[:1]]), max([scope.first, last, *days[-1:]])


def _beginnings(first: date, last: date) -> Iterator[date]:
    """Yield the first day of each span: days within a month, weeks within half a year, else months."""
    length = (last - first).days
    if length >= 184:
        day = first.replace(day=1)
        while day <= last:
            yield day
            day = (day + timedelta(32)).replace(day=1)
        return
    step = 1 if length < 32 else 7
    yield from (first + timedelta(at) for at in range(0, length + 1, step))


def _named(begin: date, begins: list[date]) -> str:
    """Name a span by its first day, a month by itself."""
    is_month = len(begins) > 1 and (begins[1] - begins[0]).days > 7
    return begin.strftime("%Y-%m") if is_month else begin.strftime("%m-%d")


# -- by age and area ---------------------------------------------------------------------------------------------------


@cache
def _found_on(reading: Reading, in_area: bool) -> Statement:
    return Statement(
        select(hazards.c.id, hazards.c.found_on, areas.c.name)
        .join_from(hazards, areas, areas.c.code == hazards.c.area_code)
        .where(*within(reading, in_area))
        .order_by(hazards.c.id)
    )


def _ages(asking: Asking, scope: Scope, still_open: Collection[int], others: str) -> dict[str, list[int]]:
    today = asking.date_of(scope.now)
    today = min(today, scope.last) if scope.reading.windowed else today
    ages: dict[str, list[int]] = {}
    for case in asking.tx.all(_found_on(scope.reading, scope.area is not None), **scope.params):
        if case.id in still_open:
            age = bisect_right(AGES, (today - case.found_on).days)
            ages.setdefault(case.name, [0] * (len(AGES) + 1))[age] += 1
    heaviest = sorted(ages, key=lambda name: (-sum(ages[name]), name))
    shown = {name: ages[name] for name in heaviest[:_MANY]}
    if rest := heaviest[_MANY:]:
        shown[others] = [sum(ages[name][age] for name in rest) for age in range(len(AGES) + 1)]
    return shown


# -- by department -----------------------------------------------------------------------------------------------------

_DEPARTMENTS = Statement(select(departments.c.id, departments.c.name))
[_RATE] = [figure for figure in FIGURES if figure.key == "rate.on_time"]


def _on_time(asking: Asking, scope: Scope, others: str) -> dict[str, tuple[int, int]]:
    """Return how the departments kept their dates; where there are many, those with the most of them."""
    names = {each.id: each.name for each in asking.tx.all(_DEPARTMENTS)}
    parts = divided(counted(asking, scope), lambda each: each.department_id)
    numbers = {names[at]: _RATE.count(part) for at, part in parts.items() if at is not None}
    judged = {name: (int(number.count), number.of) for name, number in numbers.items() if number.of}
    heaviest = sorted(judged, key=lambda name: (-judged[name][1], name))
    shown = {name: judged[name] for name in heaviest[:_MANY]}
    if rest := [judged[name] for name in heaviest[_MANY:]]:
        shown[others] = (sum(kept for kept, _ in rest), sum(due for _, due in rest))
    return shown


# -- the ladder --------------------------------------------------------------------------------------------------------


@cache
def _told(reading: Reading, in_area: bool) -> Statement:
    s = steps.c
    rank = said_in(s.facts, "rank").label("rank")
    return Statement(
        select(s.subject_id, rank)
        .join_from(hazards, steps, (s.kind == Kind.hazard) & (s.subject_id == hazards.c.id))
        .where(*within(reading, in_area), s.trigger == "escalate", reading.inside(s.at), reading.known(s.recorded_at))
        .distinct()
    )


def _rungs(asking: Asking, scope: Scope) -> dict[Rank, int]:
    told = asking.tx.all(_told(scope.reading, scope.area is not None), **scope.params)
    count = Counter(each.rank for each in told if each.rank)
    return {rank: count[rank.value] for rank in Rank}
