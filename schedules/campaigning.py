"""What a campaign does besides moving cases, as events of a script: papers of agencies, exits, counts."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from cases.ledger import Door
from cases.verbs import campaigns, checklists, counts, exits, look_backs, moves, visits
from cases.verbs.standards import Standard
from schedules.events import Book, Event, Evidenced, Record
from workflow.terms import Basis, ChosenPath, ExitKind, ExitStep, Grade, LookBackResult, Measure

# -- standards ---------------------------------------------------------------------------------------------------------


class Item(Record):
    """One standard 整治提升标准."""

    number: str
    text: str
    grade: Grade | None = None
    basis: str | None = None


class Checklist(Event):
    """制定整治提升标准: a version of the campaign's checklist."""

    do: Literal["checklist"]
    name: str
    items: list[Item]

    def play(self, door: Door, book: Book) -> None:
        items = [Standard(each.number, each.text, each.grade and str(each.grade), each.basis) for each in self.items]
        checklists.load(door, book.campaign, items, self.name)


class Failed(Evidenced):
    """不达标: each standard that a visit found not met is a hazard; their marks are `as` and a number, from 1."""

    do: Literal["fail_standards"]
    unit: str
    mark: str = Field(alias="as")
    standards: list[str]

    def play(self, door: Door, book: Book) -> None:
        visit = book.visit(door, self.unit)
        found = [visits.finding(door, None, None, standard=each) for each in self.standards]
        outcome = visits.record(door, visit, found, self.files(door))
        for at, case in enumerate(outcome.document["cases"], 1):
            book.cases[f"{self.mark}{at}"] = case["id"]


# -- papers ------------------------------------------------------------------------------------------------------------


class Commit(Evidenced):
    """签订承诺书."""

    do: Literal["commit"]
    units: list[str]
    path: ChosenPath

    def play(self, door: Door, book: Book) -> None:
        for unit in self.units:
            campaigns.commit(door, book.campaign, unit, path=self.path, on=door.on, files=self.files(door))


class Diagnose(Event):
    """安全设施设计诊断: commissioned, or handed in with its problems."""

    do: Literal["diagnose"]
    units: list[str]
    agency: str
    due: date
    done: date | None = None
    problems: tuple[str, ...] = ()

    def play(self, door: Door, book: Book) -> None:
        for unit in self.units:
            campaigns.diagnose(
                door, book.campaign, unit, agency=self.agency, due=self.due, done=self.done, found=self.problems
            )


class Evaluate(Event):
    """安全评价: problems checked off one by one."""

    do: Literal["evaluate"]
    unit: str
    agency: str
    passed: tuple[int, ...] = ()
    due: date | None = None
    done: date | None = None

    def play(self, door: Door, book: Book) -> None:
        said = {"agency": self.agency, "passed": self.passed, "due": self.due, "done": self.done}
        campaigns.evaluate(door, book.campaign, self.unit, **said)  # type: ignore[arg-type]  # each its own field


class Accept(Event):
    """验收."""

    do: Literal["accept_unit"]
    unit: str
    by: list[str]
    panel: tuple[str, ...] = ()
    passed: bool = True
    note: str

    def play(self, door: Door, book: Book) -> None:
        campaigns.accept(
            door, book.campaign, self.unit, by=self.by, panel=self.panel, passed=self.passed, note=self.note
        )


# -- exits -------------------------------------------------------------------------------------------------------------


class OfExits(Event, ABC):
    """Something that happens to the exits of several units at a time."""

    units: list[str]

    def play(self, door: Door, book: Book) -> None:
        for unit in self.units:
            self.go(door, book, unit)

    @abstractmethod
    def go(self, door: Door, book: Book, unit: str) -> None:
        """Do it for one unit. Raises what the verb raises."""


class DecideExit(OfExits):
    """决定退出; `line` and `cases` where only a line goes."""

    do: Literal["decide_exit"]
    kind: ExitKind
    basis: Basis = Basis.voluntary
    body: str | None = None
    number: str | None = None
    due: date
    interim: str
    line: str | None = None
    cases: tuple[str, ...] = ()

    def go(self, door: Door, book: Book, unit: str) -> None:
        said = exits.Decision(
            self.kind, self.basis, self.due, self.interim, self.line, book.numbers(self.cases), self.body, self.number
        )
        book.exits[unit] = exits.decide(door, unit, said).document["exit"]["id"]


class StepOfExit(OfExits, Evidenced):
    """现场核实退出的一步."""

    do: Literal["exit_step"]
    step: ExitStep

    def go(self, door: Door, book: Book, unit: str) -> None:
        exits.step(door, book.exit(unit), str(self.step), self.files(door))


class VerifyExit(OfExits):
    """核实退出."""

    do: Literal["verify_exit"]
    by: list[str]

    def go(self, door: Door, book: Book, unit: str) -> None:
        exits.verify(door, book.exit(unit), self.by)


# -- what else ---------------------------------------------------------------------------------------------------------


class Tally(Event):
    """统计量."""

    do: Literal["tally"]
    key: str
    value: str
    measure: str
    about: bool = False
    unit: str | None = None

    def play(self, door: Door, book: Book) -> None:
        of = {"measure": self.measure, "about": self.about, "on": door.on, "unit": self.unit}
        counts.add_tally(door, book.campaign, self.key, self.value, **of)  # type: ignore[arg-type]  # each its own field


class LookBack(Event):
    """回头看."""

    do: Literal["look_back"]
    unit: str
    cases: list[str]
    result: LookBackResult
    note: str | None = None

    def play(self, door: Door, book: Book) -> None:
        visit = str(book.visit(door, self.unit).id)
        look_backs.look_back(door, visit, book.numbers(self.cases), self.result, self.note)


class Study(Event):
    """专题研究."""

    do: Literal["study"]
    case: str
    note: str

    def play(self, door: Door, book: Book) -> None:
        moves.move(door, "note", [book.number(self.case)], {"note": self.note}, kind="study")


class Assist(Event):
    """多部门联合处置."""

    do: Literal["assist"]
    case: str
    departments: list[str]
    note: str

    def play(self, door: Door, book: Book) -> None:
        moves.assist(door, book.number(self.case), self.departments, self.note, if_version=None)


class Measured(Event):
    """停电通知, 恢复供电通知."""

    do: Literal["measure"]
    case: str
    kind: Measure
    to: str
    number: str
    begins: date | None = None
    danger: bool = False
    note: str

    def play(self, door: Door, book: Book) -> None:
        texts = {"to": self.to, "number": self.number, "note": self.note}
        case, kind = book.number(self.case), str(self.kind)
        moves.move(door, "measure", [case], texts, kind=kind, begins=self.begins, danger=self.danger)


AnyCampaigning = Annotated[
    Checklist | Failed | Commit | Diagnose | Evaluate | Accept | DecideExit | StepOfExit | VerifyExit | Tally | LookBack
    | Study | Assist | Measured,
    Field(discriminator="do"),
]  # fmt: skip
