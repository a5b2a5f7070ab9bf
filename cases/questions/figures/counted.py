"""What a report counts from, in all or for a part of it: stories, visits, papers, what stood open, what was due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import text

from cases.questions.asking import Asking
from cases.questions.figures.happened import Due, Paper, Standing, Visit, papers, standing, units_due, visits
from cases.questions.figures.leaving import Halted, Leaving, halted, leaving
from cases.questions.figures.on_record import (
    Accepted,
    Plan,
    Seen,
    Tally,
    accepted,
    plans_of,
    seen_again,
    standards,
    tallied,
)
from cases.questions.figures.scope import Scope
from cases.questions.figures.stories import Story, stories
from cases.statements import Statement
from workflow.deadlines import dated


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened within a scope, or in a part of it."""

    stories: Sequence[Story]
    visits: Sequence[Visit]
    papers: Sequence[Paper]
    due: Sequence[Due]
    standing: Sequence[Standing]
    plans: Sequence[Plan]
    accepted: Sequence[Accepted]
    seen: Sequence[Seen]
    tallies: Sequence[Tally]
    halts: Sequence[Halted]
    exits: Sequence[Leaving]
    #: How many standards are in force: the same for every part.
    standards: int = 0
    #: Of the cases whose first date has come within the window: whether it was kept.
    kept: dict[int, bool] = field(default_factory=dict)

    @property
    def found(self) -> list[Story]:
        """The cases that count as found: not voided."""
        return [story for story in self.stories if story.found and not story.voided]


Key = TypeVar("Key")
#: What is divided among the parts of a report.
_DIVIDED = tuple(each.name for each in fields(Counted) if each.name not in ("standards", "kept"))


def counted(asking: Asking, scope: Scope, by: str | None = None) -> Counted:
    """Return what happened within a scope; `by` says whose cases stood open: by `unit`, `owner` or `case`."""
    tx = asking.tx
    if scope.reading.windowed and tx.kind == "postgresql":
        tx.run(_LOOK_UP)
    told = stories(tx, scope)
    stood = standing(tx, scope, by) if scope.reading.windowed else _left(told)
    return Counted(
        stories=told,
        visits=visits(tx, scope),
        papers=papers(tx, scope),
        due=units_due(tx, scope),
        standing=stood,
        plans=_counting(plans_of(tx, scope), told),
        accepted=accepted(tx, scope),
        seen=seen_again(tx, scope),
        tallies=tallied(tx, scope),
        halts=halted(tx, scope),
        exits=leaving(tx, scope),
        standards=standards(tx, scope),
        kept=_kept(asking, scope, told),
    )


def _counting(filed: Sequence[Plan], told: Sequence[Story]) -> list[Plan]:
    """Return the plans of cases that were not voided."""
    voided = {story.id for story in told if story.voided}
    return [plan for plan in filed if plan.case not in voided]


#: A period is looked up by its indexes. Left to itself PostgreSQL reads all cases for a month's once there are many in
#: it: it takes a look-up for as dear as on a turning disk. Ends with the question's own transaction.
_LOOK_UP = Statement(text("SET LOCAL enable_seqscan = off"))


def _left(told: Sequence[Story]) -> list[Standing]:
    """Return what a campaign has left open; it began with nothing."""
    return [Standing(0, 1, story.unit_id, story.department_id, story.id) for story in told if story.is_open]


def _kept(asking: Asking, scope: Scope, told: Sequence[Story]) -> dict[int, bool]:
    """Judge the cases whose first date, as extended, lies within the window and has come."""
    dates = {story.due_on for story in told if story.due_on is not None}
    ends = {day: dated(day, asking.policy, asking.calendar).at for day in dates if _is_within(scope, day)}
    passed = {day: end for day, end in ends.items() if end < scope.now}
    return {
        story.id: story.answered_at is not None and story.answered_at <= passed[story.due_on]
        for story in told
        if story.due_on in passed and not story.voided
    }


def _is_within(scope: Scope, day: date) -> bool:
    return not scope.reading.windowed or scope.first <= day <= scope.last


def divided(whole: Counted, key: Callable[[Any], Key | None]) -> dict[Key, Counted]:
    """Return the parts of a report: whatever has the same key belongs together, and what has none to the whole alone."""
    parts: dict[Key, dict[str, list[Any]]] = {}
    for name in _DIVIDED:
        for each in getattr(whole, name):
            if (of := key(each)) is not None:
                parts.setdefault(of, {name: [] for name in _DIVIDED})[name].append(each)
    return {key: Counted(**part, standards=whole.standards, kept=whole.kept) for key, part in parts.items()}


def joined(whole: Counted, parts: Sequence[Counted]) -> Counted:
    """Return some parts of a report put together again."""
    every = {name: [each for part in parts for each in getattr(part, name)] for name in _DIVIDED}
    return Counted(**every, standards=whole.standards, kept=whole.kept)
