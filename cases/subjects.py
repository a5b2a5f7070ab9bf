"""Everything that moves, by its kind: how it is loaded by its number, under lock, together with what it is about.

What is locked is locked in one order: units, then cases by number, then what is about them by number.
"""

from collections.abc import Callable, Sequence
from typing import Final

from cases import exits, extensions, halts
from cases.ledger import Door
from workflow.case import Extension, Subject
from workflow.follow_up import FollowUp
from workflow.halt import Halt
from workflow.terms import Kind

Loader = Callable[[Door, Sequence[int]], Sequence[Subject]]


def _requests(door: Door, numbers: Sequence[int]) -> list[Extension]:
    about = [extensions.hazard_of(door.tx, number) or 0 for number in numbers]
    cases = {case.id: case for case in door.load(about)}
    return [extensions.load(door.tx, number, cases[case]) for number, case in sorted(zip(numbers, about, strict=True))]


def _halts(door: Door, numbers: Sequence[int]) -> list[Halt]:
    return [halts.load(door, number) for number in sorted(numbers)]


def _visits(door: Door, numbers: Sequence[int]) -> list[FollowUp]:
    return [exits.follow_up(door.tx, number) for number in sorted(numbers)]


#: Exits are not among them: their date stands on a paper, and nothing counts it anew.
LOADERS: Final[dict[Kind, Loader]] = {
    Kind.hazard: Door.load,
    Kind.extension: _requests,
    Kind.halt: _halts,
    Kind.follow_up: _visits,
}
