"""Halts 停产整顿 as events of a script: imposed, confirmed, reviewed, lifted. A halt bears a mark of the script's own."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from cases.ledger import Door
from cases.verbs import halts
from schedules.events import Book, Event, Evidenced
from workflow.terms import HaltKind, HaltScope


class Impose(Event):
    """责令停产停业; by an inspector it takes two on site."""

    do: Literal["impose"]
    unit: str
    mark: str = Field(alias="as")
    kind: HaltKind = HaltKind.temporary
    scope: HaltScope
    cases: list[str]
    until: date
    reason: str
    by: list[str] = Field([])
    number: str | None = None

    def play(self, door: Door, book: Book) -> None:
        cases = book.numbers(self.cases)
        measure = halts.Measure(self.kind, self.scope, cases, self.until, self.reason, self.by, self.number)
        book.halts[self.mark] = halts.impose(door, self.unit, measure).document["halt"]["id"]


class Confirm(Event):
    """负责人确认."""

    do: Literal["confirm"]
    halt: str
    note: str | None = None

    def play(self, door: Door, book: Book) -> None:
        halts.decide(door, "confirm", book.halt(self.halt), {"note": self.note})


class Resume(Evidenced):
    """申请恢复生产."""

    do: Literal["ask_to_resume"]
    halt: str
    note: str

    def play(self, door: Door, book: Book) -> None:
        halts.request(door, book.halt(self.halt), self.note, self.files(door))


class Lift(Evidenced):
    """解除."""

    do: Literal["lift"]
    halt: str
    by: list[str]
    note: str

    def play(self, door: Door, book: Book) -> None:
        halts.lift(door, book.halt(self.halt), self.by, self.note, self.files(door))


AnyHalting = Annotated[Impose | Confirm | Resume | Lift, Field(discriminator="do")]
