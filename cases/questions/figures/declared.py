"""The figures, each with its key, its rule in words and what it counts (DOMAIN §6). A report prints them in this order.

A count has a value; a rate has a numerator and a denominator, and 0 of 0 has no value. Within a period `found`,
`ordered` and the like mean: within the period.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cases.questions.figures.counted import Counted
from cases.questions.figures.happened import Standing
from cases.questions.figures.stories import EXITED, Story
from workflow.states import State
from workflow.terms import Grade, Rank, UnitKind
from workflow.words import Sentence


@dataclass(frozen=True, slots=True)
class Number:
    """What a figure came to: how many, of how many where it is a rate, and the cases it is made of."""

    count: int
    of: int | None = None
    cases: Sequence[int] = ()

    @property
    def value(self) -> float | None:
        """The count, or the rate; None for 0 of 0."""
        if self.of is None:
            return self.count
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as it is declared."""

    key: str
    rule: Sentence
    count: Callable[[Counted], Number]


# -- ways to count -----------------------------------------------------------------------------------------------------

_Is = Callable[[Story], object]


def _of(cases: Sequence[int], of: int | None = None) -> Number:
    return Number(len(cases), of, cases)


def _cases(is_counted: _Is) -> Callable[[Counted], Number]:
    """Count the cases not voided that are so."""
    return lambda all_: _of([each.id for each in all_.stories if is_counted(each) and not each.voided])


def _times(count: Callable[[Story], int]) -> Callable[[Counted], Number]:
    """Count how often something happened, voided cases included."""

    def counted(all_: Counted) -> Number:
        cases = [each.id for each in all_.stories if count(each)]
        return Number(sum(map(count, all_.stories)), None, cases)

    return counted


def _stood(when: Callable[[Standing], int]) -> Callable[[Counted], Number]:
    def counted(all_: Counted) -> Number:
        cases = [each.case for each in all_.standing if each.case is not None and when(each)]
        return Number(sum(map(when, all_.standing)), None, cases)

    return counted


def _visited(all_: Counted, kind: str | None = None) -> set[int]:
    return {visit.unit_id for visit in all_.visits if kind in (None, visit.unit_kind)}


def _inspected(kind: str | None = None) -> Callable[[Counted], Number]:
    return lambda all_: Number(len(_visited(all_, kind)))


def _coverage(all_: Counted) -> Number:
    due = {each.unit_id for each in all_.due}
    return Number(len(due & _visited(all_)), len(due))


def _orders(all_: Counted) -> Number:
    issued = {paper.id for paper in all_.papers}
    return Number(len(issued), None, sorted({paper.case for paper in all_.papers}))


# -- conditions --------------------------------------------------------------------------------------------------------


def _is_of(grade: Grade) -> _Is:
    return lambda story: story.found and story.grade == grade


def _is_listed(rank: Rank) -> _Is:
    return lambda story: story.listed is not None and rank.value in story.listed.split(",")


def _is_closed(story: Story) -> bool:
    return bool(story.closed) and story.state == State.closed


def _is_exited(story: Story) -> bool:
    return bool(story.exited) and story.state in EXITED


def _is_done(story: Story) -> bool:
    return _is_closed(story) or _is_exited(story)


def _rectified(all_: Counted) -> Number:
    return _of([each.id for each in all_.stories if _is_done(each) and not each.voided], of=len(all_.found))


def _on_time(all_: Counted) -> Number:
    judged = [(each.id, all_.kept[each.id]) for each in all_.stories if each.id in all_.kept]
    return _of([case for case, kept in judged if kept], of=len(judged))


# -- the figures -------------------------------------------------------------------------------------------------------

# fmt: off
FIGURES: tuple[Figure, ...] = (
    Figure("units.due",         Sentence("units that were to be visited"), lambda all_: Number(len(all_.due))),
    Figure("units.inspected",   Sentence("distinct units visited"), _inspected()),
    *(Figure(f"units.inspected.{kind.value}", Sentence("distinct units of this kind visited"), _inspected(kind)) for kind in UnitKind),
    Figure("coverage",          Sentence("units visited, of those that were to be"), _coverage),
    Figure("inspections",       Sentence("visits"), lambda all_: Number(len(all_.visits))),
    Figure("rounds",            Sentence("named rounds"), lambda all_: Number(len({each.round for each in all_.visits} - {None}))),
    Figure("hazards.found",     Sentence("cases not voided"), _cases(lambda story: story.found)),
    *(Figure(f"hazards.{grade.value}", Sentence("cases not voided, of this grade"), _cases(_is_of(grade))) for grade in Grade),
    Figure("hazards.ordered",   Sentence("cases not voided that were ever on an order"), _cases(lambda story: story.ordered)),
    Figure("hazards.on_the_spot", Sentence("cases not voided, corrected on the spot"), _cases(lambda story: story.corrected)),
    *(Figure(f"hazards.listed.{rank.value}", Sentence("cases not voided, ever listed at this rank"), _cases(_is_listed(rank))) for rank in Rank),
    Figure("hazards.closed",    Sentence("cases closed"), _cases(_is_closed)),
    Figure("hazards.exited",    Sentence("cases ended by a verified exit"), _cases(_is_exited)),
    Figure("orders.issued",     Sentence("orders issued, second ones included, withdrawn ones not"), _orders),
    Figure("rate.rectified",    Sentence("closed or exited, of those found"), _rectified),
    Figure("rate.on_time",      Sentence("submitted, else rechecked, by the first date as extended, of those due by now"), _on_time),
    Figure("balance.start",     Sentence("cases open when it began; a campaign begins with none"), _stood(lambda each: each.begun)),
    Figure("balance.found",     Sentence("cases opened, voided ones included"), _times(lambda story: story.found)),
    Figure("balance.reopened",  Sentence("times reopened"), _times(lambda story: story.reopened)),
    Figure("balance.closed",    Sentence("times closed"), _times(lambda story: story.closed)),
    Figure("balance.exited",    Sentence("times ended by an exit"), _times(lambda story: story.exited)),
    Figure("balance.voided",    Sentence("cases voided"), _times(lambda story: story.struck)),
    Figure("balance.end",       Sentence("cases open at the end"), _stood(lambda each: each.ended)),
)
# fmt: on
