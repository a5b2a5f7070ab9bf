"""What the rules know of a case while a move is tried: plain facts, loaded by the ledger, changed by a move.

Nothing here reaches for a database or a clock. The ledger fills a `Case` from its rows, the process changes it,
and the ledger writes back what differs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from workflow.terms import Grade, ItemResult, Kind, Rank, Role
from workflow.words import Sentence

if TYPE_CHECKING:
    from workflow.calendar import Calendar
    from workflow.policy import Policy


@dataclass(frozen=True, slots=True)
class Department:
    """A department as the rules see it: where it stands and what it has the power to do."""

    id: int
    name: str
    area: str  # path of area codes, province first: "330000/330100"
    rank: Rank
    may_order: bool
    may_halt: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever makes a move: a person, or the clock (no id)."""

    id: int | None
    name: str
    role: Role | None
    department: Department | None = None
    unit_id: int | None = None

    @property
    def is_clock(self) -> bool:
        """Whether nobody typed this."""
        return self.id is None


CLOCK = Actor(id=None, name="clock", role=None)


@dataclass(frozen=True, slots=True)
class Officer:
    """One of the people on site at a visit, with the certificate carried that day."""

    id: int
    name: str
    role: Role
    certificate: str | None
    valid_to: date | None
    retired_on: date | None = None

    def is_certified_on(self, day: date) -> bool:
        """Whether a certificate is known and not out of date on that day; no end date means no end is known."""
        return bool(self.certificate) and (self.valid_to is None or day <= self.valid_to)


@dataclass(slots=True)
class Item:
    """What one order demands for one case: requirement, three-fixed, and how it came out."""

    id: int | None
    order_id: int
    number: str
    round: int
    requirement: str
    responsible: str
    measure: str
    interim: str | None
    first_due_on: date
    due_on: date
    result: ItemResult
    result_seq: int | None
    ordered_at: datetime
    served_at: datetime | None
    addressee_id: int

    @property
    def is_open(self) -> bool:
        """Whether this item still asks for something."""
        return self.result == ItemResult.open


@dataclass(slots=True)
class Deadline:
    """A running clock of one case, known by its rule and the step that set it."""

    rule: str
    set_by: int
    start_at: datetime
    due_on: date
    due_at: datetime
    provisional: bool
    owner: str
    #: The next instant at which anything time-based can happen to it; None when nothing can any more.
    check_at: datetime | None
    #: Grade weight, so that the night looks at major hazards first: 0 major, 1 larger, 2 general.
    priority: int
    #: The highest rung taken so far; 0 for none, below 0 for so many reminders still to come.
    level: int = 0
    #: Sequence number of the step that ended it; None while it runs.
    ended_by: int | None = None
    #: What the deadline belongs to when a case has several of one rule: the order's id, else 0.
    about: int = 0


@dataclass(slots=True)
class Case:
    """A hazard while it is being moved. Field order is the ledger's column order; `items` and `deadlines` are rows."""

    id: int
    unit_id: int
    inspection_id: int
    area_code: str
    area: str
    department_id: int
    found_on: date
    finders: str  # JSON list of the person ids who found it
    grade: str
    sector: str
    text: str
    place: str | None
    state: str
    entered_at: datetime
    waiting_on: str
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    rank: str | None
    charge: str  # rank of the department that answers for it
    round: int
    line: str | None
    reworks: int
    recurrences: int
    extensions: int
    rechecked_by: str  # JSON list of person ids
    recheck_from: datetime | None
    corrected_on: date | None
    planned: bool
    listed_by: int | None
    listed_rank: str | None
    listed_number: str | None
    listed_due_on: date | None
    listed_at: datetime | None
    transfer_to: int | None
    transfer_at: datetime | None
    accepted_by: int | None
    assigned_to: int | None
    acknowledged_on: date | None  # the last day of the acknowledgement's silence
    acknowledged_seq: int | None
    answer_by: datetime | None  # until then the unit's rungs wait: a request for a later date is to be answered
    moved_seq: int
    version: int
    seq: int
    head: str
    items: list[Item] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)

    @property
    def is_grave(self) -> bool:
        """Larger and major hazards carry the stricter rules."""
        return self.grade != Grade.general

    @property
    def round_items(self) -> list[Item]:
        """The items of the present round; earlier rounds are history."""
        return [item for item in self.items if item.round == self.round]

    @property
    def open_items(self) -> list[Item]:
        """The items of this round that still ask for something."""
        return [item for item in self.items if item.round == self.round and item.result == ItemResult.open]

    @property
    def served_items(self) -> list[Item]:
        """The open items that bind, because their order was served."""
        return [item for item in self.open_items if item.served_at is not None]

    @property
    def finder_ids(self) -> list[int]:
        """Who found it."""
        return list(json.loads(self.finders))

    @property
    def rechecker_ids(self) -> list[int]:
        """Who has ever rechecked it, or corrected it on the spot."""
        return list(json.loads(self.rechecked_by))

    def add_recheckers(self, officers: Sequence[Officer]) -> None:
        """Remember who was on site for a recheck."""
        self.rechecked_by = json.dumps(sorted({*self.rechecker_ids, *(officer.id for officer in officers)}))


@dataclass(slots=True)
class Extension:
    """A request for a later date while it is being moved. Field order is the ledger's column order."""

    id: int
    hazard_id: int
    item_id: int
    area_code: str
    department_id: int
    asked_by: int
    from_due_on: date
    until: date
    ground: str
    reason: str
    interim: str
    state: str
    entered_at: datetime
    waiting_on: str
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    rank: str | None
    decided_by: int | None
    note: str | None
    moved_seq: int
    version: int
    seq: int
    head: str
    deadlines: list[Deadline] = field(default_factory=list)


@dataclass(slots=True)
class Attempt:
    """One try at one move of one case: who, when, with what; guards read it, effects write to its case."""

    case: Case
    actor: Actor
    at: datetime
    on: date
    policy: "Policy"
    calendar: "Calendar"
    given: Mapping[str, Any] = field(default_factory=dict)
    officers: Sequence[Officer] = ()
    #: The sequence number its step will carry.
    seq: int = 0
    #: Facts about halts and the unit's exit, empty until those tables have rows.
    halts: Sequence[Any] = ()
    exit_running: bool = False
    #: What the step will remember; effects add to it.
    facts: dict[str, Any] = field(default_factory=dict)
    #: Things a user should know although nothing is refused.
    warnings: list[Sentence] = field(default_factory=list)
    #: Whether the move it made was not an internal one.
    moved: bool = False

    @property
    def subject(self) -> "Case | Extension":
        """What is moved: whose chain the step goes to."""
        return self.case

    @property
    def kind(self) -> Kind:
        """What kind of thing is moved."""
        return Kind.hazard

    @property
    def called(self) -> Sentence:
        """What people call it."""
        return Sentence("case {case}", case=self.case.id)

    @property
    def state(self) -> str:
        """The state the process machine reads and writes."""
        return self.subject.state

    @state.setter
    def state(self, value: str) -> None:
        self.subject.state = value


@dataclass(slots=True, kw_only=True)
class ExtensionAttempt(Attempt):
    """One try at one move of a request for a later date on the case."""

    request: Extension

    @property
    def subject(self) -> "Case | Extension":
        """The request."""
        return self.request

    @property
    def kind(self) -> Kind:
        """An extension."""
        return Kind.extension

    @property
    def called(self) -> Sentence:
        """What people call it; a request that is not made yet goes by its case."""
        if self.seq == 1:
            return Sentence("case {case}", case=self.case.id)
        return Sentence("extension {id}", id=self.request.id)
