"""What may stand in a script: each verb with its arguments, one record an event, and how it is played through the door.

Arguments are called as on the command line. Cases and papers bear marks of the script's own (`as`, `paper`), because
their numbers are given by the store; a unit stands for its newest visit.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime

from cases.ledger import Door
from cases.names import find_inspection
from cases.verbs import evidence, moves, orders, rechecks, staff, visits
from cases.verbs.evidence import File
from cases.verbs.outcome import Outcome
from workflow.errors import NotFound
from workflow.terms import Grade, InspectionKind
from workflow.words import Sentence

FOLDER = Path(__file__).parent / "demos"

T = TypeVar("T")


class Record(BaseModel):
    """One line of a script: unknown words are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


@dataclass
class Book:
    """What the script's marks stand for in the store, and the campaign that its visits belong to."""

    campaign: str
    cases: dict[str, int] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    halts: dict[str, int] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)

    def number(self, mark: str) -> int:
        """Return the number of a case. Raises NotFound for a mark that no event before has given."""
        return _meant(self.cases, mark)

    def numbers(self, marks: Sequence[str]) -> list[int]:
        """Return the numbers of these cases. Raises NotFound as `number` does."""
        return [self.number(mark) for mark in marks]

    def visit(self, door: Door, unit: str) -> Any:
        """Return the newest visit to a unit. Raises NotFound as `number` does."""
        return find_inspection(door.tx, str(_meant(self.visits, unit)), None)

    def exit(self, unit: str) -> int:
        """Return the number of a unit's exit. Raises NotFound as `number` does."""
        return _meant(self.exits, unit)

    def halt(self, mark: str) -> int:
        """Return the number of a halt. Raises NotFound as `number` does."""
        return _meant(self.halts, mark)

    def paper(self, mark: str) -> str:
        """Return a paper as commands name it. Raises NotFound as `number` does."""
        return _meant(self.papers, mark)

    def keep_paper(self, mark: str, outcome: Outcome) -> None:
        """Remember a paper that was just made."""
        self.papers[mark] = f"id:{outcome.document['order']['id']}"


def _meant(marks: dict[str, T], mark: str) -> T:
    if mark not in marks:
        raise NotFound(Sentence("nothing was called {mark} before", mark=mark))
    return marks[mark]


class Event(Record, ABC):
    """Something somebody did at some time, local; without `who` it was the administrator."""

    at: NaiveDatetime
    who: str | None = None

    @abstractmethod
    def play(self, door: Door, book: Book) -> None:
        """Do it. Raises whatever the verb raises."""


class Evidenced(Event):
    """An event that may bring files, which lie beside the scripts."""

    evidence: list[str] = []

    def files(self, door: Door) -> list[File]:
        """Return the files, checked as a command checks them."""
        return evidence.read([str(FOLDER / name) for name in self.evidence], door.acting.policy)


# -- on site -----------------------------------------------------------------------------------------------------------


class Inspect(Event):
    """检查."""

    do: Literal["inspect"]
    unit: str
    by: list[str]
    kind: InspectionKind = InspectionKind.campaign
    round: str | None = None
    together_with: list[str] = Field([], alias="with")
    start: time | None = None
    end: time | None = None
    signed: str | None = None
    note: str | None = None

    def play(self, door: Door, book: Book) -> None:
        visit = visits.Visit(
            kind=self.kind, campaign=book.campaign, round=self.round, together_with=self.together_with,
            starts=self.start, ends=self.end, signed_by=self.signed, note=self.note,
        )  # fmt: skip
        outcome = visits.inspect(door, self.unit, self.by, visit)
        book.visits[self.unit] = outcome.document["inspection"]["id"]


class Found(Evidenced):
    """排查出一处隐患."""

    do: Literal["record"]
    unit: str
    mark: str = Field(alias="as")
    grade: Grade
    text: str
    place: str | None = None
    basis: str | None = None
    sector: str | None = None

    def play(self, door: Door, book: Book) -> None:
        visit = book.visit(door, self.unit)
        said = visits.finding(door, self.text, self.grade, place=self.place, basis=self.basis, sector=self.sector)
        outcome = visits.record(door, visit, [said], self.files(door))
        book.cases[self.mark] = outcome.document["cases"][0]["id"]


class Correct(Evidenced):
    """当场整改, and closed out."""

    do: Literal["correct"]
    cases: list[str]
    note: str
    close: bool = True

    def play(self, door: Door, book: Book) -> None:
        cases = book.numbers(self.cases)
        rechecks.correct(door, cases, self.files(door), self.note, close=self.close, if_version=None)


class Recheck(Evidenced):
    """复查; what failed is ordered anew on `paper`."""

    do: Literal["recheck"]
    passed: list[str] = Field([], alias="pass")
    failed: list[str] = Field([], alias="fail")
    by: list[str]
    note: str
    paper: str | None = None
    responsible: str = ""
    measure: str = ""
    due: date | None = None
    interim: str | None = None
    referral: str | None = None
    no_referral: str | None = None
    close: bool = False

    def play(self, door: Door, book: Book) -> None:
        failed = book.numbers(self.failed)
        demand = orders.Demand(self.responsible, self.measure, self.due, self.interim)
        seen = rechecks.Recheck(
            passed=book.numbers(self.passed), failed=failed, by=self.by, note=self.note, close=self.close,
            demands=dict.fromkeys(failed, demand), referral=self.referral, no_referral=self.no_referral,
        )  # fmt: skip
        outcome = rechecks.recheck(door, seen, self.files(door), if_version=None)
        if self.paper is not None:
            book.keep_paper(self.paper, outcome)


# -- papers ------------------------------------------------------------------------------------------------------------


class Order(Event):
    """下达指令; with `onto`, more items on a paper that was not served yet."""

    do: Literal["order"]
    cases: list[str]
    paper: str | None = None
    onto: str | None = None
    responsible: str
    measure: str
    due: date
    interim: str | None = None
    by: list[str] = []

    def play(self, door: Door, book: Book) -> None:
        cases = book.numbers(self.cases)
        demand = orders.Demand(self.responsible, self.measure, self.due, self.interim)
        paper = orders.Paper(by=self.by, onto=None if self.onto is None else book.paper(self.onto))
        outcome = orders.order(door, cases, dict.fromkeys(cases, demand), paper, if_version=None)
        if self.paper is not None:
            book.keep_paper(self.paper, outcome)


class Serve(Event):
    """送达."""

    do: Literal["serve"]
    paper: str
    receipt: str | None = None
    refused: str | None = None
    witness: str | None = None
    post: str | None = None
    start: bool = False

    def play(self, door: Door, book: Book) -> None:
        how = orders.Service(self.receipt, self.refused, self.witness, self.post, start=self.start)
        orders.serve(door, book.paper(self.paper), how)


class Withdraw(Event):
    """撤回指令."""

    do: Literal["withdraw"]
    paper: str
    reason: Literal["mistake", "revoked", "replaced"]
    note: str
    number: str | None = None

    def play(self, door: Door, book: Book) -> None:
        orders.withdraw(door, book.paper(self.paper), self.reason, self.note, self.number)


class Plan(Event):
    """治理方案."""

    do: Literal["plan"]
    case: str
    goal: str
    method: str
    funds: str
    organisation: str
    deadline: date
    emergency: str

    def play(self, door: Door, book: Book) -> None:
        parts = self.model_dump(include={"goal", "method", "funds", "organisation", "emergency"})
        moves.plan(door, book.number(self.case), parts, self.deadline, if_version=None)


# -- moves -------------------------------------------------------------------------------------------------------------


class Simple(Event):
    """开始整改, 销号: moves that ask nothing."""

    do: Literal["start", "close"]
    cases: list[str]

    def play(self, door: Door, book: Book) -> None:
        moves.move(door, self.do, book.numbers(self.cases), {})


class Submit(Evidenced):
    """申请复查."""

    do: Literal["submit"]
    cases: list[str]
    done: str

    def play(self, door: Door, book: Book) -> None:
        moves.move(door, "submit", book.numbers(self.cases), {"done": self.done}, files=self.files(door))


class Noted(Evidenced):
    """退回复查, 接收, 退回, 摘牌, 备注: moves that ask for a word of explanation."""

    do: Literal["send_back", "accept", "decline", "release", "note"]
    case: str
    note: str

    def play(self, door: Door, book: Book) -> None:
        moves.move(door, self.do, [book.number(self.case)], {"note": self.note}, files=self.files(door))


class Void(Event):
    """作废."""

    do: Literal["void"]
    case: str
    reason: Literal["mistaken", "duplicate", "revoked"]
    of: str | None = None
    number: str | None = None
    note: str

    def play(self, door: Door, book: Book) -> None:
        of = None if self.of is None else book.number(self.of)
        moves.void(door, book.number(self.case), self.reason, of, self.number, self.note, if_version=None)


class Regrade(Evidenced):
    """调整等级."""

    do: Literal["regrade"]
    case: str
    grade: Grade
    basis: str

    def play(self, door: Door, book: Book) -> None:
        texts, files = {"basis": self.basis}, self.files(door)
        moves.move(door, "regrade", [book.number(self.case)], texts, files=files, grade=str(self.grade))


class Assign(Event):
    """指派."""

    do: Literal["assign"]
    cases: list[str]
    to: str

    def play(self, door: Door, book: Book) -> None:
        moves.assign(door, book.numbers(self.cases), self.to, if_version=None)


class Transfer(Event):
    """移送."""

    do: Literal["transfer"]
    case: str
    to: str
    note: str

    def play(self, door: Door, book: Book) -> None:
        moves.transfer(door, book.number(self.case), self.to, self.note, if_version=None)


class Escalate(Event):
    """上报."""

    do: Literal["escalate"]
    case: str
    reason: Literal["overdue", "refusal", "beyond_power", "danger"]
    note: str

    def play(self, door: Door, book: Book) -> None:
        moves.escalate(door, book.number(self.case), self.reason, self.note, if_version=None)


class Supervise(Event):
    """挂牌督办."""

    do: Literal["supervise"]
    case: str
    body: str
    number: str
    due: date

    def play(self, door: Door, book: Book) -> None:
        moves.supervise(door, book.number(self.case), self.body, self.number, self.due, if_version=None)


class Acknowledge(Event):
    """知悉."""

    do: Literal["acknowledge"]
    case: str
    until: date
    note: str

    def play(self, door: Door, book: Book) -> None:
        moves.move(door, "acknowledge", [book.number(self.case)], {"note": self.note}, until=self.until)


class Refer(Event):
    """移送立案."""

    do: Literal["refer"]
    case: str
    number: str
    note: str

    def play(self, door: Door, book: Book) -> None:
        texts = {"number": self.number, "note": self.note}
        moves.move(door, "refer", [book.number(self.case)], texts)


class Retire(Event):
    """离任; without `to` nobody takes their cases over."""

    do: Literal["retire"]
    person: str
    to: str | None = None

    def play(self, door: Door, book: Book) -> None:
        staff.retire(door, self.person, self.to)


AnyEvent = Annotated[
    Inspect | Found | Correct | Recheck | Order | Serve | Withdraw | Plan | Simple | Submit | Noted | Void | Regrade
    | Assign | Transfer | Escalate | Supervise | Acknowledge | Refer | Retire,
    Field(discriminator="do"),
]  # fmt: skip
