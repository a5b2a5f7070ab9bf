"""The policy, asked: which one is in force since when, and what another one – or a holiday notice – would have changed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, literal_column, null, or_, select

from cases.acting import local, policy_of
from cases.halts import gravest
from cases.questions.asking import Asking
from cases.questions.filters import seen_by
from cases.statements import Statement
from cases.tables import deadlines, departments, extensions, halts, hazards, people, policies, steps, units
from workflow.calendar import Calendar
from workflow.deadlines import end_of_day
from workflow.errors import BadInput
from workflow.policy import Policy
from workflow.terms import Kind, WaitsOn
from workflow.trials import Clock, Judged, Trial, next_night
from workflow.words import Sentence

#: How far back a trial looks unless told otherwise.
_LOOKS_BACK = timedelta(days=365)

_LOADED = Statement(
    select(policies.c.loaded_at, people.c.name)
    .outerjoin_from(policies, people, people.c.id == policies.c.loaded_by)
    .where(policies.c.version == bindparam("version"))
)
_UNITS = Statement(select(units.c.id, units.c.name))
_RANKS = Statement(select(departments.c.id, departments.c.rank))
_ANSWERS = Statement(
    select(extensions.c.hazard_id, extensions.c.due_at).where(extensions.c.state == literal_column("'requested'"))
)


def in_force(asking: Asking) -> dict[str, Any]:
    """Return the policy in force: its version, when and by whom it was loaded, and all it says."""
    version, rules = policy_of(asking.tx)
    loaded = asking.tx.one(_LOADED, version=version)
    about = {"version": version, "loaded_at": local(loaded.loaded_at, rules), "loaded_by": loaded.name}
    return {**about, **rules.model_dump(mode="json")}


# -- what other rules would have changed -------------------------------------------------------------------------------


class _Side(NamedTuple):
    """What became of one deadline under one side's rules."""

    judged: Judged
    tonight: bool


class _Totals:
    """What one side's rules come to over all deadlines."""

    def __init__(self) -> None:
        self.overdue: set[int] = set()
        self.escalated: set[int] = set()
        self.tonight: set[int] = set()
        self.rungs = 0

    def add(self, case: int, side: _Side) -> None:
        """Count what became of one deadline of a case."""
        if side.judged.overdue_days:
            self.overdue.add(case)
        if side.judged.rungs:
            self.escalated.add(case)
            self.rungs += side.judged.rungs
        if side.tonight:
            self.tonight.add(case)

    def told(self) -> dict[str, int]:
        """Return the figures: cases, and rungs taken."""
        return {
            "overdue": len(self.overdue),
            "escalated": len(self.escalated),
            "rungs": self.rungs,
            "tonight": len(self.tonight),
        }


def simulate(
    asking: Asking,
    *,
    policy: Policy | None = None,
    calendar: Calendar | None = None,
    since: date | None = None,
    until: date | None = None,
) -> dict[str, Any]:
    """Return what would have been overdue and climbed under other rules, beside the same count under the present ones.

    Every deadline that ran between the two days is counted from its own beginning by both. `tonight` are the cases that
    would climb in the next night, past the rungs they have taken. Raises BadInput when it ends before it begins.
    """
    until = min(until or asking.today, asking.today)
    since = since or until - _LOOKS_BACK
    if until < since:
        raise BadInput(Sentence("it ends on {until}, before it begins on {since}; turn them round", since=since, until=until))  # fmt: skip
    end = min(asking.now, end_of_day(until, asking.policy.timezone))
    rules = [(asking.policy, asking.calendar), (policy or asking.policy, calendar or asking.calendar)]
    sides = [_Tried(asking, *each, end) for each in rules]
    differing = []
    for row, clock in _clocks(asking, asking.start_of(since)):
        before, after = (side.of(row, clock) for side in sides)
        if before.judged[1:] != after.judged[1:] or before.tonight != after.tonight:
            differing.append((row, before, after))
    differing.sort(key=_lightness)
    names = {row.id: row.name for row in asking.tx.all(_UNITS)} if differing else {}
    return {
        "before": sides[0].totals.told(),
        "after": sides[1].totals.told(),
        "cases": [_told(*each, names) for each in differing],
        "since": since.isoformat(),
        "until": until.isoformat(),
    }


class _Tried:
    """One side: its rules, the end of the time looked at, and what they come to so far."""

    def __init__(self, asking: Asking, policy: Policy, calendar: Calendar, end: datetime) -> None:
        self.totals = _Totals()
        self._trial = Trial(policy, calendar)
        self._now = asking.now
        self._night = next_night(asking.now, policy)
        self._end = end

    def of(self, row: Any, clock: Clock) -> _Side:
        """Return what becomes of a deadline, and count it."""
        ended = self._end if row.ended_at is None else min(row.ended_at, self._end)
        judged = self._trial.judge(clock, ended)
        runs = row.ended_at is None or row.ended_at > self._now
        side = _Side(judged, runs and self._trial.climbs(clock, self._night))
        self.totals.add(row.case, side)
        return side


def _clocks(asking: Asking, since: datetime) -> Iterable[tuple[Any, Clock]]:
    """Yield every deadline that ran since then, with what a trial needs of it; nothing else may be asked meanwhile."""
    ranks = {row.id: str(row.rank) for row in asking.tx.all(_RANKS)}
    answers = {row.hazard_id: row.due_at for row in asking.tx.all(_ANSWERS)}
    for kind in (Kind.hazard, Kind.extension, Kind.halt):
        query = _ran(kind).where(*seen_by(asking.viewer))
        for row in asking.tx.each(query, now=asking.now, since=since):
            waits = answers.get(row.case) if row.owner == WaitsOn.unit else None
            yield (
                row,
                Clock(
                    kind, row.rule, row.start_at, row.due_on, row.grade, ranks[row.department_id],
                    row.level, waits, row.acknowledged_on,
                ),
            )  # fmt: skip


def _ran(kind: Kind) -> Select[Any]:
    """Select the deadlines of a kind that began by now and ran at any time since. One that was recounted ran on."""
    d, h = deadlines.c, hazards.c
    # A halt climbs by the ladder of the gravest hazard it names, past its own department, and nothing silences it.
    answers, silent = (h.department_id, h.acknowledged_on) if kind is not Kind.halt else (halts.c.department_id, null())
    query = select(
        d.kind, d.rule, d.start_at, d.due_on, d.owner, d.level, steps.c.at.label("ended_at"), h.id.label("case"),
        h.unit_id, h.grade, answers.label("department_id"), silent.label("acknowledged_on"),
    )  # fmt: skip
    if kind is Kind.hazard:
        query = query.join_from(deadlines, hazards, h.id == d.subject_id)
    elif kind is Kind.extension:
        query = query.join_from(deadlines, extensions, extensions.c.id == d.subject_id)
        query = query.join(hazards, h.id == extensions.c.hazard_id)
    else:
        query = query.join_from(deadlines, halts, halts.c.id == d.subject_id)
        query = query.join(hazards, h.id == gravest(h.id))
    ended = and_(steps.c.kind == d.kind, steps.c.subject_id == d.subject_id, steps.c.seq == d.ended_by)
    return query.outerjoin(steps, ended).where(
        d.kind == literal_column(f"'{kind}'"),
        d.start_at <= bindparam("now"),
        or_(d.ended_by.is_(None), and_(steps.c.at >= bindparam("since"), steps.c.trigger != "recount")),
    )


def _lightness(differing: tuple[Any, _Side, _Side]) -> tuple[int, int, int]:
    """Sort the heaviest change first."""
    row, (before, _), (after, _) = differing
    rungs, days = after.rungs - before.rungs, after.overdue_days - before.overdue_days
    return -abs(rungs), -abs(days), row.case


def _told(row: Any, before: _Side, after: _Side, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": row.case,
        "kind": row.kind,
        "unit": names[row.unit_id],
        "grade": row.grade,
        "rule": row.rule,
        "before": _told_of(before),
        "after": _told_of(after),
    }


def _told_of(side: _Side) -> dict[str, Any]:
    return {
        "due_on": side.judged.due_on.isoformat(),
        "overdue_days": side.judged.overdue_days,
        "rungs": side.judged.rungs,
        "tonight": side.tonight,
    }
