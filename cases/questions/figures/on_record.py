"""What people put on record and history does not move: plans, acceptances, look-backs, tallies (DOMAIN §6)."""

from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from cases.questions.figures.scope import Reading, Scope
from cases.questions.figures.stories import ENDED_STATES, areas_below, units_below, within
from cases.questions.filters import among
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import acceptances, campaigns, checklist_items, checklists, hazards, look_backs, plans, steps, tallies
from workflow.terms import Kind, LookBackResult


class Plan(NamedTuple):
    """A governance plan 治理方案, the newest of its case, as far as the statistics form asks for it."""

    case: int
    unit_id: int
    department_id: int
    goal: str
    method: str
    funds: str
    organisation: str
    deadline: Any
    emergency: str


class Accepted(NamedTuple):
    """A unit that was accepted, with no case of the campaign open at it: upgraded in place 原地整治提升."""

    unit_id: int
    department_id: None = None


class Seen(NamedTuple):
    """What a look-back saw of a case that had ended."""

    case: int
    unit_id: int
    department_id: int
    result: str

    @property
    def recurred(self) -> bool:
        """Whether the hazard was there again."""
        return self.result == LookBackResult.recurred


class Tally(NamedTuple):
    """So much of something, as it was recorded."""

    key: str
    value: str
    measure: str
    about: bool
    unit_id: int | None
    area_code: str | None
    department_id: None = None

    @property
    def amount(self) -> Decimal:
        """The value as a number."""
        return Decimal(self.value)


# -- plans -------------------------------------------------------------------------------------------------------------


def plans_of(tx: Transaction, scope: Scope) -> list[Plan]:
    """Return the newest plan of each case that had one put on file."""
    rows = tx.all(_plans(scope.reading, scope.area is not None), **scope.params)
    return list({plan.case: plan for plan in rows}.values())


@cache
def _plans(reading: Reading, in_area: bool) -> Statement:
    p, filed = plans.c, steps.alias("filed")
    found = (
        select(
            hazards.c.id,
            hazards.c.unit_id,
            hazards.c.department_id,
            *[p[name] for name in ("goal", "method", "funds", "organisation", "deadline", "emergency")],
        )
        .join_from(plans, hazards, hazards.c.id == p.hazard_id)
        .join(filed, and_(filed.c.kind == Kind.hazard, filed.c.subject_id == p.hazard_id, filed.c.seq == p.seq))
        .where(*within(reading, in_area), reading.inside(filed.c.at), reading.known(filed.c.recorded_at))
        .order_by(p.hazard_id, p.seq)
    )
    return Statement(found, into=Plan)


# -- acceptances and look-backs ----------------------------------------------------------------------------------------


def accepted(tx: Transaction, scope: Scope) -> list[Accepted]:
    """Return the units whose newest acceptance passed, and at which no case of the campaign was open."""
    return tx.all(_accepted(scope.reading, scope.area is not None), **scope.params)


@cache
def _accepted(reading: Reading, in_area: bool) -> Statement:
    a, later = acceptances.c, acceptances.alias("later")
    of = reading.inside(a.made_at) if reading.windowed else a.campaign_id == bindparam("campaign")
    replaced = (
        select(later.c.id)
        .where(
            later.c.campaign_id == a.campaign_id,
            later.c.unit_id == a.unit_id,
            later.c.id > a.id,
            reading.before_end(later.c.made_at),
            reading.known(later.c.recorded_at),
        )
        .exists()
    )
    here = [a.unit_id.in_(units_below())] if in_area else []
    passed = (of, a.passed.is_(True), reading.known(a.recorded_at), ~replaced, ~_has_open_case(reading), *here)
    return Statement(select(a.unit_id).where(*passed).distinct().order_by(a.unit_id), into=Accepted)


def _has_open_case(reading: Reading) -> ColumnElement[bool]:
    """Whether a case of the campaign was open at the accepted unit, at the end of the window."""
    last = (
        select(steps.c.to_state)
        .where(
            steps.c.kind == Kind.hazard,
            steps.c.subject_id == hazards.c.id,
            reading.before_end(steps.c.at),
            reading.known(steps.c.recorded_at),
        )
        .order_by(steps.c.seq.desc())
        .limit(1)
        .correlate(hazards)
        .scalar_subquery()
    )
    same = (hazards.c.campaign_id == acceptances.c.campaign_id, hazards.c.unit_id == acceptances.c.unit_id)
    return select(hazards.c.id).where(*same, ~among(last, ENDED_STATES)).exists()


def seen_again(tx: Transaction, scope: Scope) -> list[Seen]:
    """Return what look-backs saw of the cases of a campaign, or saw within a period."""
    return tx.all(_seen(scope.reading, scope.area is not None), **scope.params)


@cache
def _seen(reading: Reading, in_area: bool) -> Statement:
    made = look_backs.c
    of = reading.inside(made.made_at) if reading.windowed else hazards.c.campaign_id == bindparam("campaign")
    here = [hazards.c.unit_id.in_(units_below())] if in_area else []
    found = (
        select(made.hazard_id, hazards.c.unit_id, hazards.c.department_id, made.result)
        .join_from(look_backs, hazards, hazards.c.id == made.hazard_id)
        .where(of, reading.known(made.recorded_at), *here)
        .order_by(made.hazard_id, made.inspection_id)
    )
    return Statement(found, into=Seen)


def standards(tx: Transaction, scope: Scope) -> int:
    """Return how many standards the checklist of a campaign has that is in force, or those a period brought."""
    return int(tx.value(_standards(scope.reading), **scope.params))


@cache
def _standards(reading: Reading) -> Statement:
    c, later = checklists.c, checklists.alias("later")
    of = reading.inside(c.made_at) if reading.windowed else c.campaign_id == bindparam("campaign")
    replaced = (
        select(later.c.id)
        .where(
            later.c.campaign_id == c.campaign_id,
            later.c.version > c.version,
            reading.before_end(later.c.made_at),
            reading.known(later.c.recorded_at),
        )
        .exists()
    )
    in_force = (of, reading.known(c.recorded_at), ~replaced)
    listed = select(func.count()).join_from(checklists, checklist_items, checklist_items.c.checklist_id == c.id)
    return Statement(listed.where(*in_force))


# -- tallies -----------------------------------------------------------------------------------------------------------


#: Where a tally belongs that names no unit.
_AREA = func.coalesce(tallies.c.area_code, campaigns.c.area_code)


def tallied(tx: Transaction, scope: Scope) -> list[Tally]:
    """Return the tallies of a campaign, or those dated within a period, that no other stood in the place of by then."""
    return tx.all(_tallied(scope.reading, scope.area is not None), **scope.params)


@cache
def _tallied(reading: Reading, in_area: bool) -> Statement:
    said, instead = tallies.c, tallies.alias("instead")
    of = reading.on(said.on_date) if reading.windowed else said.campaign_id == bindparam("campaign")
    replaced = select(instead.c.id).where(instead.c.replaces == said.id, reading.known(instead.c.recorded_at)).exists()
    found = (
        select(said.key, said.value, said.measure, said.about, said.unit_id, _AREA)
        .outerjoin(campaigns, campaigns.c.id == said.campaign_id)
        .where(of, reading.known(said.recorded_at), ~replaced, *(_of_area() if in_area else []))
        .order_by(said.key, said.id)
    )
    return Statement(found, into=Tally)


def _of_area() -> list[ColumnElement[bool]]:
    """Whether a tally is that of an area or of something below it: of the unit it names, else of its campaign."""
    unnamed = and_(tallies.c.unit_id.is_(None), _AREA.in_(areas_below()))
    return [or_(tallies.c.unit_id.in_(units_below()), unnamed)]
