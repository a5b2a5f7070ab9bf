"""What the rules know of whatever is moved while a move is tried: plain facts, loaded by the ledger, changed by a move.

Nothing here reaches for a database or a clock. The ledger fills a `Case` – or another `Subject` – from its rows, its
process changes it, and the ledger writes back what differs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

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
    retired_on: date | None = None

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


def serves(person: Actor | Officer, day: date) -> bool:
    """Whether somebody is in service on a day; the last one is still one."""
    return person.retired_on is None or day <= person.retired_on


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


class Subject(Protocol):
    """Whatever moves by a process: it has a state, a chain of steps and clocks. Its columns are its dataclass's fields."""

    kind: ClassVar[Kind]

    id: int
    area_code: str
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
    deadlines: list[Deadline]

    @property
    def called(self) -> Sentence:
        """What people call it."""

    @property
    def case(self) -> "Case":
        """The hazard it is, or is about. Raises TypeError for what is about a unit."""

    @property
    def climber(self) -> "Climber":
        """Whose ladder its deadlines climb."""

    @property
    def area(self) -> str:
        """Path of the area it lies in."""

    @property
    def accepted_by(self) -> int | None:
        """The department that accepted it from elsewhere."""

    @property
    def addressees(self) -> set[int]:
        """The units whose contacts speak for it."""

    @property
    def since(self) -> datetime:
        """When somebody last moved it, or what it is about: nothing happens to it before that."""


class Climber(Subject, Protocol):
    """Whoever climbs a ladder when a deadline is missed: by which one, past whom, and what keeps its rungs waiting."""

    grade: str
    sector: str
    unit_id: int
    department_id: int
    #: Rank of the department that answers for it.
    charge: str

    @property
    def assigned_to(self) -> int | None:
        """Who was asked to see to it."""

    @property
    def transfer_to(self) -> int | None:
        """The department it was offered to."""

    @property
    def answer_by(self) -> datetime | None:
        """Until then the unit's rungs wait."""

    @property
    def acknowledged_on(self) -> date | None:
        """The last day on which repeats are silenced."""


@dataclass(slots=True)
class Case:
    """A hazard while it is being moved. Field order is the ledger's column order; `items` and `deadlines` are rows."""

    kind: ClassVar[Kind] = Kind.hazard

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
    def called(self) -> Sentence:
        """What people call it."""
        return Sentence("case {case}", case=self.id)

    @property
    def case(self) -> "Case":
        """Itself."""
        return self

    @property
    def climber(self) -> "Case":
        """Itself."""
        return self

    @property
    def addressees(self) -> set[int]:
        """Its unit, and whoever an open item is addressed to."""
        return {self.unit_id, *(item.addressee_id for item in self.open_items)}

    @property
    def since(self) -> datetime:
        """When somebody last moved it."""
        return self.entered_at

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

    kind: ClassVar[Kind] = Kind.extension

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
    #: The hazard whose date it asks about.
    case: Case = field(init=False, repr=False)

    @property
    def called(self) -> Sentence:
        """What people call it; a request that has no number yet goes by its case."""
        return Sentence("extension {id}", id=self.id) if self.id else self.case.called

    @property
    def climber(self) -> Case:
        """Its case: the graver that is, the sooner an answer that is owed climbs."""
        return self.case

    @property
    def area(self) -> str:
        """Where its case lies."""
        return self.case.area

    @property
    def accepted_by(self) -> int | None:
        """The department that accepted its case."""
        return self.case.accepted_by

    @property
    def addressees(self) -> set[int]:
        """Those of its case."""
        return self.case.addressees

    @property
    def since(self) -> datetime:
        """When somebody last moved it or its case."""
        return max(self.case.entered_at, self.entered_at)


class OfUnit:
    """What halts, exits and their like have in common: they are about a unit, not about one case, and climb by themselves."""

    __slots__ = ()

    unit_id: int

    #: Nobody is asked to see to it but its department, nobody takes it over, and its rungs wait for nothing.
    assigned_to: ClassVar[None] = None
    transfer_to: ClassVar[None] = None
    accepted_by: ClassVar[None] = None
    answer_by: ClassVar[None] = None
    acknowledged_on: ClassVar[None] = None

    @property
    def case(self) -> Case:
        """There is none."""
        raise TypeError(f"{type(self).__name__} is about a unit, not about one case")

    @property
    def climber(self) -> Self:
        """Itself."""
        return self

    @property
    def addressees(self) -> set[int]:
        """Its unit."""
        return {self.unit_id}


@dataclass(slots=True)
class Attempt:
    """One try at one move: of what, who, when, with what; guards read it, effects write to its subject."""

    subject: Subject
    actor: Actor
    at: datetime
    on: date
    policy: "Policy"
    calendar: "Calendar"
    given: Mapping[str, Any] = field(default_factory=dict)
    officers: Sequence[Officer] = ()
    #: The sequence number its step will carry.
    seq: int = 0
    #: The halts on the case and whether its unit's exit is running, for the moves that ask.
    halts: Sequence[Any] = ()
    exit_running: bool = False
    #: What the step will remember; effects add to it.
    facts: dict[str, Any] = field(default_factory=dict)
    #: Things a user should know although nothing is refused.
    warnings: list[Sentence] = field(default_factory=list)
    #: Whether the move it made was not an internal one.
    moved: bool = False

    @property
    def case(self) -> Case:
        """The hazard that is moved, or that what is moved is about. Raises TypeError for what is about a unit."""
        return self.subject.case

    @property
    def called(self) -> Sentence:
        """What people call its subject."""
        return self.subject.called

    @property
    def state(self) -> str:
        """The state the process machine reads and writes."""
        return self.subject.state

    @state.setter
    def state(self, value: str) -> None:
        self.subject.state = value
