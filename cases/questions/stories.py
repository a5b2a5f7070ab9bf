"""The cases of a campaign as their history tells them, up to what was recorded by a day. Figures are counted from these.

No counter of a row is trusted here: grade, state, orders and listings are read from the steps.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import hazards, items, orders, steps
from workflow.states import ENDED, State
from workflow.terms import ItemResult, Kind

_CASES = Statement(
    select(hazards.c.id, hazards.c.unit_id, hazards.c.area_code, hazards.c.grade, hazards.c.sector, hazards.c.state)
    .where(hazards.c.campaign_id == bindparam("campaign"))
    .order_by(hazards.c.id)
)
_STEPS = Statement(
    select(
        steps.c.subject_id,
        steps.c.seq,
        steps.c.trigger,
        steps.c.to_state,
        steps.c.at,
        steps.c.recorded_at,
        steps.c.facts,
    )
    .join_from(steps, hazards, hazards.c.id == steps.c.subject_id)
    .where(steps.c.kind == Kind.hazard, hazards.c.campaign_id == bindparam("campaign"))
    .order_by(steps.c.subject_id, steps.c.seq)
)
_ITEMS = Statement(
    select(
        items.c.hazard_id,
        items.c.order_id,
        items.c.due_on,
        items.c.result,
        items.c.result_seq,
        orders.c.ordered_at,
        orders.c.recorded_at,
        orders.c.served_at,
        orders.c.withdrawn_at,
    )
    .join_from(items, orders, orders.c.id == items.c.order_id)
    .join(hazards, hazards.c.id == items.c.hazard_id)
    .where(hazards.c.campaign_id == bindparam("campaign"))
    .order_by(items.c.hazard_id, items.c.id)
)


@dataclass(frozen=True, slots=True)
class Told:
    """One step, as far as figures need it."""

    seq: int
    trigger: str
    state: str
    at: datetime
    recorded_at: datetime
    facts: dict[str, Any]


@dataclass(slots=True)
class Story:
    """One case: its steps recorded in time, those recorded later, and its items on orders recorded in time."""

    id: int
    unit_id: int
    area_code: str
    row_grade: str
    row_state: str
    steps: list[Told] = field(default_factory=list)
    later: list[Told] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Where the last step left it."""
        return self.steps[-1].state

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes the next move."""
        return self.state not in ENDED

    @property
    def is_voided(self) -> bool:
        """Whether it does not count as found."""
        return self.state == State.voided

    @property
    def grade(self) -> str:
        """The grade it had then: a regrading recorded later says what it was before."""
        return next((step.facts["was"] for step in self.later if step.trigger == "regrade"), self.row_grade)

    def has(self, trigger: str) -> bool:
        """Whether such a step was ever made."""
        return any(step.trigger == trigger for step in self.steps)

    def count(self, trigger: str) -> int:
        """How often such a step was made."""
        return sum(step.trigger == trigger for step in self.steps)

    def entered(self, states: Sequence[str]) -> int:
        """How often one of these states was entered."""
        before = [None, *[step.state for step in self.steps]]
        return sum(step.state in states and step.state != was for step, was in zip(self.steps, before, strict=False))

    def listed_ranks(self) -> set[str]:
        """The ranks it was ever listed at."""
        return {step.facts["rank"] for step in self.steps if step.trigger == "supervise"}

    def orders(self) -> set[int]:
        """The papers it stands on that were not withdrawn by then."""
        return {item.order_id for item in self.items if not self._is_withdrawn(item)}

    def _is_withdrawn(self, item: Any) -> bool:
        """Whether the paper was withdrawn, and that was not recorded later."""
        withdrawn_later = item.result_seq in {step.seq for step in self.later}
        return item.withdrawn_at is not None and not withdrawn_later

    def first_date(self) -> date | None:
        """The first date that bound it, as extended by then; None where none did."""
        binding = [item for item in self.items if item.served_at is not None and item.result not in _LAPSED]
        if not binding:
            return None
        due_on: date = min(binding, key=lambda item: (item.ordered_at, item.due_on)).due_on
        moved = next((step.facts.get("was") for step in self.later if step.trigger == "extend"), None)
        return due_on if moved is None else date.fromisoformat(moved)

    def answered_at(self) -> datetime | None:
        """When it was first submitted, else when a recheck first passed it."""
        for trigger in ("submit", "pass_recheck"):
            made = [step.at for step in self.steps if step.trigger == trigger]
            if made:
                return min(made)
        return None


#: Items whose date no longer binds: the paper was taken back, or the plant goes.
_LAPSED = (ItemResult.withdrawn, ItemResult.superseded)


def stories(tx: Transaction, campaign: int, recorded_by: datetime) -> list[Story]:
    """Return the cases of a campaign that were recorded by an instant, in the order of their numbers."""
    told = _by_case(tx.all(_STEPS, campaign=campaign), lambda row: row.subject_id)
    on_orders = _by_case(tx.all(_ITEMS, campaign=campaign), lambda row: row.hazard_id)
    found = [
        _story(row, told.get(row.id, []), on_orders.get(row.id, []), recorded_by)
        for row in tx.all(_CASES, campaign=campaign)
    ]
    return [story for story in found if story.steps]


def _story(row: Any, told: list[Any], on_orders: list[Any], recorded_by: datetime) -> Story:
    story = Story(row.id, row.unit_id, row.area_code, row.grade, row.state)
    for step in _told(told):
        (story.steps if step.recorded_at <= recorded_by else story.later).append(step)
    story.items = [item for item in on_orders if item.recorded_at <= recorded_by]
    return story


def _told(rows: list[Any]) -> Iterator[Told]:
    for row in rows:
        yield Told(row.seq, row.trigger, row.to_state, row.at, row.recorded_at, json.loads(row.facts))


def _by_case(rows: list[Any], case: Callable[[Any], int]) -> dict[int, list[Any]]:
    return {number: list(group) for number, group in groupby(rows, case)}
