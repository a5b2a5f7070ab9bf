"""What happened besides the cases' own stories: visits, papers, what stood open, and which units were due."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, null, or_, select, union_all

from cases.questions.figures.scope import Reading, Scope
from cases.questions.figures.stories import recorded_later, units_below, within
from cases.questions.filters import among
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import campaign_units, hazards, inspections, items, open_spells, orders, steps, units
from cases.tables.history import IS_COUNTED
from cases.tables.spells import ENDS, OPENS, SPANS
from workflow.terms import ItemResult, Kind


class Visit(NamedTuple):
    """An inspection: of which unit, by which department, in which round."""

    id: int
    unit_id: int
    department_id: int | None
    round: str | None
    kind: str
    unit_kind: str


class Paper(NamedTuple):
    """An order that was not withdrawn, with one case on it."""

    id: int
    unit_id: int
    department_id: int
    case: int


class Due(NamedTuple):
    """A unit that was to be visited 应排查单位."""

    unit_id: int
    department_id: None = None


class Standing(NamedTuple):
    """Cases that stood open when the window began and when it ended: how many, or – where they are named – which one."""

    begun: int
    ended: int
    unit_id: int | None = None
    department_id: int | None = None
    case: int | None = None


# -- visits and units --------------------------------------------------------------------------------------------------


def visits(tx: Transaction, scope: Scope) -> list[Visit]:
    """Return the visits of a campaign or a period, in the order of their numbers."""
    return tx.all(_visits(scope.reading, scope.area is not None), **scope.params)


@cache
def _visits(reading: Reading, in_area: bool) -> Statement:
    i = inspections.c
    of = reading.on(i.visited_on) if reading.windowed else i.campaign_id == bindparam("campaign")
    found = (
        select(i.id, i.unit_id, i.department_id, i.round, i.kind, units.c.kind)
        .join_from(inspections, units, units.c.id == i.unit_id)
        .where(of, reading.known(i.recorded_at), *_below(i.unit_id, in_area))
        .order_by(i.id)
    )
    return Statement(found, into=Visit)


def units_due(tx: Transaction, scope: Scope) -> list[Due]:
    """Return the units of a campaign's scope; for a period every unit of its area."""
    return tx.all(_due(scope.reading, scope.area is not None), **scope.params)


@cache
def _due(reading: Reading, in_area: bool) -> Statement:
    if reading.windowed:
        was_there = [or_(units.c.added_at.is_(None), reading.known(units.c.added_at))] if reading.dated else []
        due = select(units.c.id).where(*was_there, *_below(units.c.id, in_area)).order_by(units.c.id)
        return Statement(due, into=Due)
    scoped = campaign_units.c
    of = (scoped.campaign_id == bindparam("campaign"), reading.known(scoped.added_at))
    return Statement(select(scoped.unit_id).where(*of).order_by(scoped.unit_id), into=Due)


def _below(unit: ColumnElement[int], in_area: bool) -> list[ColumnElement[bool]]:
    return [unit.in_(units_below())] if in_area else []


# -- papers ------------------------------------------------------------------------------------------------------------


def papers(tx: Transaction, scope: Scope) -> list[Paper]:
    """Return the orders issued that were not withdrawn by then, once for each case on them."""
    return tx.all(_papers(scope.reading, scope.area is not None), **scope.params)


@cache
def _papers(reading: Reading, in_area: bool) -> Statement:
    o = orders.c
    of = [reading.inside(o.ordered_at), *_below(o.unit_id, in_area)] if reading.windowed else within(reading, in_area)
    found = (
        select(o.id, o.unit_id, o.department_id, items.c.hazard_id)
        .join_from(hazards, items, items.c.hazard_id == hazards.c.id)
        .join(orders, o.id == items.c.order_id)
        .where(*of, reading.known(o.recorded_at), or_(o.withdrawn_at.is_(None), _withdrawn_later(reading)))
        .distinct()
    )
    return Statement(found, into=Paper)


def _withdrawn_later(reading: Reading) -> ColumnElement[bool]:
    """Whether a paper's withdrawal was recorded too late to be known."""
    late = recorded_later(reading, "withdraw", orders.c.withdrawn_at)
    return and_(items.c.result == ItemResult.withdrawn.value, late)


# -- what stood open ---------------------------------------------------------------------------------------------------


def standing(tx: Transaction, scope: Scope, by: str | None) -> list[Standing]:
    """Return what stood open at both ends of a period: all together, by `unit`, by `owner` (unit and department) or by `case`.

    Looked up among the spells, so that it costs what stood open and neither what came before nor what came after;
    what was recorded too late to be known is taken back.
    """
    return tx.all(_standing(scope.reading, scope.area is not None, by), **params_of_standing(scope))


@cache
def _standing(reading: Reading, in_area: bool, by: str | None) -> Statement:
    here = _below(hazards.c.unit_id, in_area)
    parts = [_stood("begins", by, here), _stood("ends", by, here), *([_unknown(reading, by, here)] * reading.dated)]
    told = union_all(*parts).subquery()
    begun, ended = func.sum(told.c.begun), func.sum(told.c.ended)
    if by is None:
        return Statement(select(func.coalesce(begun, 0), func.coalesce(ended, 0)), into=Standing)
    whose = [told.c[name] for name in _WHOSE]
    stood = select(begun, ended, *whose).group_by(*whose).having(or_(begun != 0, ended != 0)).order_by(told.c.id)
    return Statement(stood, into=Standing)


_SPANS = (0, *SPANS)
_FIRST = datetime.min.replace(tzinfo=UTC)
#: A store may be off by less than this where it works out a span.
_ROUNDING = timedelta(seconds=1)


def _stood(end: str, by: str | None, here: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Return the spells that cover one end of a period, span by span."""
    spell, instant = open_spells.c, bindparam(end, type_=open_spells.c.opened_at.type)
    earliest = {span: bindparam(f"{end}_{span}", type_=spell.opened_at.type) for span in _SPANS}
    each = [select(literal(span).label("span"), since.label("earliest")) for span, since in earliest.items()]
    spans = union_all(*each).subquery()
    counts = [literal(int(end == name)).label(count) for name, count in (("begins", "begun"), ("ends", "ended"))]
    told = (
        select(*_whose(by), *counts)
        .join_from(spans, open_spells, and_(spell.span == spans.c.span, spell.opened_at >= spans.c.earliest))
        .where(spell.opened_at < instant, or_(spell.ended_at.is_(None), spell.ended_at >= instant), *here)
    )
    return told if by is None and not here else told.join(hazards, hazards.c.id == spell.hazard_id)


def params_of_standing(scope: Scope) -> dict[str, Any]:
    """Return what the statement is given: of each end and span also when a spell that covers it began at the earliest."""
    ends = {"begins": scope.begins, "ends": scope.ends}
    return {**scope.params, **{f"{end}_{span}": _earliest(at, span) for end, at in ends.items() for span in _SPANS}}


def _earliest(at: datetime, span: int) -> datetime:
    if span == 0:  # it lasts, and may have begun at any time
        return _FIRST
    try:
        return at - timedelta(days=span) - _ROUNDING
    except OverflowError:
        return _FIRST


def _unknown(reading: Reading, by: str | None, here: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Return what is to be taken back of what happened before either end and was recorded too late to be known."""
    at = steps.c.at
    turn = case((among(steps.c.trigger, OPENS), -1), (among(steps.c.trigger, ENDS), 1), else_=0)
    begun = case((at < bindparam("begins"), turn), else_=0)
    told = select(*_whose(by), begun.label("begun"), turn.label("ended")).where(
        steps.c.kind == Kind.hazard, at < bindparam("ends"), ~reading.known(steps.c.recorded_at), IS_COUNTED, *here
    )
    if by is None and not here:
        return told.select_from(steps)
    return told.join_from(steps, hazards, hazards.c.id == steps.c.subject_id)


#: Whose a case is, in the order of a standing's columns; and how much of that each way of asking wants.
_WHOSE = ("unit_id", "department_id", "id")
_WANTED = {None: (), "unit": ("unit_id",), "owner": ("unit_id", "department_id"), "case": _WHOSE}


def _whose(by: str | None) -> list[ColumnElement[Any]]:
    return [(hazards.c[name] if name in _WANTED[by] else null()).label(name) for name in _WHOSE]
