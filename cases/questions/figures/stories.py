"""The cases of a report as their history tells them: the store folds each case's steps into one row, a `Story`.

No counter of a case's row is trusted: state, grade, orders and listings are read from the steps. What stands in a step's
facts is read by the store too, and only of the few triggers that say it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from cases.questions.figures.scope import Reading, Scope
from cases.questions.filters import among
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, extensions, hazards, items, orders, steps, units
from cases.tables.history import IS_COUNTED
from workflow.states import ENDED, State
from workflow.terms import Grade, ItemResult, Kind

_STATES = tuple(State)
_GRADES = tuple(Grade)
#: The ends that a verified exit brings.
EXITED = frozenset({State.shutdown, State.relocated, State.retreated})
ENDED_STATES = frozenset(ENDED)


class Story(NamedTuple):
    """One case up to the end of a window: where it stood then, and what happened to it within the window."""

    id: int
    unit_id: int
    department_id: int
    inspection_id: int
    row_state: str
    state_code: int | None
    grade_code: int | None
    found: int  #: recorded within the window
    voided: int  #: voided at any time, so that it does not count as found
    ordered: int
    corrected: int
    planned: int
    reopened: int
    closed: int
    exited: int
    struck: int  #: voided within the window
    listed: str | None  #: the ranks it was listed at, with commas between
    submitted_at: datetime | None
    passed_at: datetime | None
    due_on: date | None  #: the first date that bound it, as extended by then

    @property
    def state(self) -> str | None:
        """Where its last step before the window's end left it; None: it was not recorded yet."""
        return None if self.state_code is None else _STATES[self.state_code]

    @property
    def grade(self) -> str | None:
        """The grade it had at the window's end."""
        return None if self.grade_code is None else _GRADES[self.grade_code]

    @property
    def is_open(self) -> bool:
        """Whether somebody still owed the next move at the window's end."""
        return self.state_code is not None and _STATES[self.state_code] not in ENDED_STATES

    @property
    def answered_at(self) -> datetime | None:
        """When it was first submitted, else when a recheck first passed it."""
        return self.submitted_at or self.passed_at


def stories(tx: Transaction, scope: Scope) -> list[Story]:
    """Return the cases of a campaign, or those a period touched, in the order of their numbers."""
    return tx.all(_folded(scope.reading, scope.area is not None), **scope.params)


# -- which cases -------------------------------------------------------------------------------------------------------


def within(reading: Reading, in_area: bool) -> list[ColumnElement[bool]]:
    """Return which hazards a report tells of: a campaign's, or those that something counted happened to."""
    chosen = hazards.c.id.in_(_touched(reading)) if reading.windowed else hazards.c.campaign_id == bindparam("campaign")
    return [chosen, hazards.c.unit_id.in_(units_below())] if in_area else [chosen]


def units_below() -> Select[Any]:
    """Return a subquery of the units in an area and everything below it: by the tree, not by the digits."""
    return select(units.c.id).where(units.c.area_code.in_(areas_below()))


def areas_below() -> Select[Any]:
    """Return a subquery of the codes of an area and everything below it."""
    below = bindparam("below", type_=String)
    lies = or_(areas.c.path == bindparam("area"), func.substr(areas.c.path, 1, func.length(below)) == below)
    return select(areas.c.code).where(lies)


def _touched(reading: Reading) -> Any:
    """Return the numbers of the cases that something happened to within the window, or whose date fell into it."""
    counted = steps.alias("counted")
    moved = select(counted.c.subject_id).where(counted.c.kind == Kind.hazard, reading.inside(counted.c.at), IS_COUNTED)
    dated, extended = items.alias("dated"), extensions.alias("extended")
    due = select(dated.c.hazard_id).where(reading.on(dated.c.due_on))
    was_due = select(extended.c.hazard_id).where(reading.on(extended.c.from_due_on))
    return moved.union(due, was_due) if reading.dated else moved.union(due)


# -- folding -----------------------------------------------------------------------------------------------------------


class _Said(FunctionElement[str]):
    """One text of a step's facts, read by the store."""

    type = String()
    inherit_cache = True


@compiles(_Said, "sqlite")
def _said_sqlite(element: Any, compiler: Any, **_: Any) -> str:
    facts, name = element.clauses
    return f"json_extract({compiler.process(facts)}, '$.{name.name}')"


@compiles(_Said, "postgresql")
def _said_postgresql(element: Any, compiler: Any, **_: Any) -> str:
    facts, name = element.clauses
    return f"(CAST({compiler.process(facts)} AS json) ->> '{name.name}')"


def said_in(facts: ColumnElement[str], name: str) -> ColumnElement[str]:
    """Return what a step's facts say under a name."""
    return _Said(facts, literal_column(name))


def last_said(when: ColumnElement[bool], word: ColumnElement[str], words: Sequence[str]) -> ColumnElement[int]:
    """Return the place in `words` of what the last such step says: the larger `seq` wins, whatever it says."""
    place = case({each: n for n, each in enumerate(map(str, words))}, value=word)
    return func.max(case((when, steps.c.seq * 16 + place))) % 16


def times(*when: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many steps meet all of this."""
    return func.count(case((and_(*when), 1)))


@cache
def _folded(reading: Reading, in_area: bool) -> Statement:
    s, inside = steps.c, reading.inside(steps.c.at)
    made = {each: s.trigger == each for each in ("record", "regrade", "void", "supervise", "submit", "pass_recheck")}
    rank = case((and_(made["supervise"], inside), said_in(s.facts, "rank")))
    graded = and_(among(s.trigger, ("record", "regrade")), reading.before_end(s.at))
    folded = (
        select(
            *[hazards.c[name] for name in ("id", "unit_id", "department_id", "inspection_id", "state")],
            last_said(reading.before_end(s.at), s.to_state, _STATES),
            last_said(graded, said_in(s.facts, "grade"), _GRADES),
            times(made["record"], inside),
            times(made["void"]),
            *[times(s.trigger == each, inside) for each in _HAPPENED],
            func.aggregate_strings(rank, _COMMA),
            func.min(case((made["submit"], s.at))),
            func.min(case((made["pass_recheck"], s.at))),
            _first_date(reading),
        )
        .join_from(hazards, steps, and_(s.kind == Kind.hazard, s.subject_id == hazards.c.id))
        .where(*within(reading, in_area), reading.known(s.recorded_at))
        .group_by(hazards.c.id)
        .order_by(hazards.c.id)
    )
    return Statement(folded, into=Story)


#: Written out: a bound one would be filled in at every execution.
_COMMA: Any = literal_column("','")

#: What can happen to a case within a window, in the order of a story's columns.
_HAPPENED = ("order", "correct", "plan", "reopen", "close", "confirm_exit", "void")


# -- first dates -------------------------------------------------------------------------------------------------------

#: Items whose date no longer binds: the paper was taken back, or the plant goes.
_LAPSED = (ItemResult.withdrawn, ItemResult.superseded)


def _first_date(reading: Reading) -> ColumnElement[date]:
    """Return the first date that bound a case, as extended by then."""
    return (
        select(_due_on(reading))
        .join_from(items, orders, orders.c.id == items.c.order_id)
        .where(
            items.c.hazard_id == hazards.c.id,
            _was_served(reading),
            _binds(reading),
            reading.known(orders.c.recorded_at),
        )
        .order_by(orders.c.ordered_at, items.c.due_on, items.c.id)
        .limit(1)
        .scalar_subquery()
    )


def _due_on(reading: Reading) -> ColumnElement[date]:
    """Return an item's date, as extended by what was recorded in time."""
    if not reading.dated:
        return items.c.due_on
    granted = steps.alias("granted")
    was = (
        select(func.min(extensions.c.from_due_on))
        .join_from(extensions, granted, and_(granted.c.kind == Kind.extension, granted.c.subject_id == extensions.c.id))
        .where(
            extensions.c.item_id == items.c.id,
            granted.c.trigger == "grant",
            ~reading.known(granted.c.recorded_at),
        )
        .scalar_subquery()
    )
    return func.coalesce(was, items.c.due_on, type_=items.c.due_on.type)


def _was_served(reading: Reading) -> ColumnElement[bool]:
    return and_(orders.c.served_at.is_not(None), ~recorded_later(reading, "serve", orders.c.served_at))


def recorded_later(reading: Reading, trigger: str, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a step of the item's case, made at that instant, was recorded too late to be known."""
    if not reading.dated:
        return false()
    made = steps.alias()
    return (
        select(made.c.seq)
        .where(
            made.c.kind == Kind.hazard,
            made.c.subject_id == items.c.hazard_id,
            made.c.trigger == trigger,
            made.c.at == at,
            ~reading.known(made.c.recorded_at),
        )
        .exists()
    )


def _binds(reading: Reading) -> ColumnElement[bool]:
    """Whether an item's date bound its case: what took it back was not recorded in time, or nothing did."""
    binds = ~among(items.c.result, _LAPSED)
    if not reading.dated:
        return binds
    ended = steps.alias("ended")
    ended_later = (
        select(ended.c.seq)
        .where(
            ended.c.kind == Kind.hazard,
            ended.c.subject_id == items.c.hazard_id,
            ended.c.seq == items.c.result_seq,
            ~reading.known(ended.c.recorded_at),
        )
        .exists()
    )
    return or_(binds, ended_later)
