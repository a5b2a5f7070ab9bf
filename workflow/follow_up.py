"""Follow-up visits 回访: after an exit was verified somebody goes and looks, at intervals, whether it is still shut.

Each visit that the policy plans is a row of its own, with a clock that climbs when nobody went. What is found running
again is no follow-up but a breach of the exit, and drops the visits that were still to come.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from workflow.authority import CLOCK, FIRED, INSPECTOR
from workflow.case import Attempt, Deadline, OfUnit
from workflow.deadlines import Wanted, bring_in_line, point_at
from workflow.guards import is_certified, is_seen_by_two
from workflow.guards.about import has_given
from workflow.process import Move, Process, guard
from workflow.states import FollowUpState
from workflow.terms import Kind, Rank, WaitsOn
from workflow.words import Sentence

planned, visited, dropped = FollowUpState


@dataclass(slots=True)
class FollowUp(OfUnit):
    """One planned visit while it is being moved."""

    kind: ClassVar[Kind] = Kind.follow_up

    id: int
    exit_id: int
    unit_id: int
    area_code: str
    department_id: int
    months: int  # after the exit was verified
    opens_on: date  # no visit before that day counts as this one: it was the one before
    inspection_id: int | None
    grade: str
    state: str
    entered_at: datetime
    waiting_on: str
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    rank: str | None
    moved_seq: int
    version: int
    seq: int
    head: str
    area: str
    charge: str
    sector: str
    deadlines: list[Deadline] = field(default_factory=list)

    @property
    def called(self) -> Sentence:
        """What people call it."""
        return Sentence("the visit {months} months after exit {exit}", months=self.months, exit=self.exit_id)

    @property
    def since(self) -> datetime:
        """When somebody last moved it."""
        return self.entered_at


def follow_up_of(attempt: Attempt) -> FollowUp:
    """Return the follow-up visit an attempt is at. Raises TypeError for an attempt at something else."""
    visit = attempt.subject
    if not isinstance(visit, FollowUp):
        raise TypeError(f"this is no attempt at a follow-up visit, but at {visit.called}")
    return visit


# -- conditions --------------------------------------------------------------------------------------------------------


@guard("name the visit; add --inspection I")
def names_the_inspection(attempt: Attempt) -> bool:
    """Whether it is still shut is seen at an inspection."""
    return has_given(attempt, "inspection")


@guard(
    "inspection {id} was at another unit; name one of unit id:{unit}",
    id=lambda a: a.given.get("inspection"),
    unit=lambda a: follow_up_of(a).unit_id,
)
def was_at_the_unit(attempt: Attempt) -> bool:
    """What is shut is looked at where it was."""
    return attempt.given.get("unit") in (None, follow_up_of(attempt).unit_id)


@guard(
    "the visit was on {day}; this one may be made from {opens} on",
    day=lambda a: a.given.get("seen_on"),
    opens=lambda a: follow_up_of(a).opens_on,
)
def is_time_for_it(attempt: Attempt) -> bool:
    """Visits keep their distance: none counts before the date of the one before, the first not before the exit itself."""
    seen = attempt.given.get("seen_on")
    return seen is None or seen >= follow_up_of(attempt).opens_on


# fmt: off
MOVES = [
    # trigger, from, to, by whom, on what conditions
    Move("arrange",  planned, None,    FIRED),  # its first step: from nothing
    Move("visit",    planned, visited, INSPECTOR, [names_the_inspection, was_at_the_unit, is_time_for_it, is_seen_by_two, is_certified]),
    Move("drop",     planned, dropped, FIRED),
    # internal
    Move("recount",  planned, None,    FIRED),
    Move("escalate", planned, None,    CLOCK),
]
# fmt: on


def _visit(attempt: Attempt) -> None:
    follow_up_of(attempt).inspection_id = attempt.given["inspection"]


def _climb(attempt: Attempt) -> None:
    """The rank never falls until it ends."""
    visit, told = follow_up_of(attempt), str(attempt.given["rank"])
    if visit.rank is None or Rank(told) > Rank(visit.rank):
        visit.rank = told


EFFECTS: dict[str, Callable[[Attempt], None]] = {"visit": _visit, "escalate": _climb}

FOLLOW_UP = Process(
    "follow_up",
    states=FollowUpState,
    initial=planned,
    ended=(visited, dropped),
    moves=MOVES,
    effects=EFFECTS,
    begins="arrange",
    commands={"visit": "exit visit"},
)


def make(trigger: str, attempt: Attempt) -> None:
    """Make one move of a follow-up visit and bring its clock in line.

    Raises what `Process.fire` raises; after that the attempt's visit is to be thrown away.
    """
    FOLLOW_UP.fire(trigger, attempt)
    visit = follow_up_of(attempt)
    if trigger == "escalate":
        return
    if trigger != "recount":
        visit.entered_at, visit.moved_seq = attempt.at, attempt.seq
    is_open = visit.state == planned
    visit.waiting_on = (WaitsOn.inspector if is_open else WaitsOn.none).value
    wants = [Wanted("follow_up", visit.entered_at, WaitsOn.inspector, months=visit.months)] if is_open else []
    kept = bring_in_line(attempt, visit, wants)
    point_at(visit, kept[0] if kept else None)
