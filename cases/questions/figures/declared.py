"""The figures, each with its key, its rule in words and what it counts (DOMAIN §6). A report prints them in this order.

A count has a value; a rate has a numerator and a denominator, and 0 of 0 has no value. Within a period `found`,
`ordered` and the like mean: within the period.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cases.numbers import number_of
from cases.questions.figures.counted import Counted
from cases.questions.figures.happened import Standing
from cases.questions.figures.leaving import Leaving
from cases.questions.figures.on_record import Plan, Tally
from cases.questions.figures.stories import EXITED, Story
from workflow.states import State
from workflow.terms import ExitKind, Grade, InspectionKind, Rank, UnitKind
from workflow.words import Sentence


@dataclass(frozen=True, slots=True)
class Number:
    """What a figure came to: how many, of how many where it is a rate, and the cases it is made of.

    `measure` is what it is counted in, where that is not a number of things; `about`: it is not exact (余, 多, 约).
    """

    count: float
    of: int | None = None
    cases: Sequence[int] = ()
    measure: str | None = None
    about: bool = False

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


def _planned(part: Callable[[Plan], object] = lambda _: True) -> Callable[[Counted], Number]:
    """Count the cases with a plan on file that has this part of the five-in-place."""
    return lambda all_: _of([plan.case for plan in all_.plans if part(plan)])


def _funds(all_: Counted) -> Number:
    amount = sum((Decimal(plan.funds) for plan in all_.plans), Decimal(0))
    return Number(number_of(str(amount)), None, [plan.case for plan in all_.plans], "万元")


def _seen_again(*, recurred: bool) -> Callable[[Counted], Number]:
    return lambda all_: _of(sorted({each.case for each in all_.seen if each.recurred is recurred}))


def _new_on_look_back(all_: Counted) -> Number:
    again = {visit.id for visit in all_.visits if visit.kind == InspectionKind.look_back}
    return _of([story.id for story in all_.found if story.inspection_id in again])


def _gone(
    kind: ExitKind, is_so: Callable[[Leaving], bool] = lambda each: each.is_counted
) -> Callable[[Counted], Number]:
    """Count the distinct units with an exit of this kind that is so."""
    return lambda all_: Number(len({each.unit_id for each in all_.exits if each.exit_kind == kind and is_so(each)}))


def _halted(all_: Counted) -> Number:
    return Number(len({each.unit_id for each in all_.halts if each.is_counted}))


def _verified(each: Leaving) -> bool:
    return each.is_verified


def tallies(all_: Counted) -> dict[str, Number]:
    """Return the tallies by key as people recorded them, those of one key added up.

    What several campaigns and areas count in measures of their own does not add up: each measure stands for itself.
    """
    by_measure: dict[str, dict[str, list[Tally]]] = {}
    for tally in all_.tallies:
        by_measure.setdefault(tally.key, {}).setdefault(tally.measure, []).append(tally)
    return {
        f"{key} ({measure})" if len(measures) > 1 else key: _sum(counted)
        for key, measures in by_measure.items()
        for measure, counted in measures.items()
    }


def _sum(of_key: Sequence[Tally]) -> Number:
    amount = sum((tally.amount for tally in of_key), Decimal(0))
    return Number(number_of(str(amount)), None, (), of_key[0].measure, any(tally.about for tally in of_key))


#: What is said of every tally.
TALLIED = Sentence("as recorded, counts of the same added up")

# -- the figures -------------------------------------------------------------------------------------------------------

# fmt: off
FIGURES: tuple[Figure, ...] = (
    Figure("units.due",         Sentence("units that were to be visited"), lambda all_: Number(len(all_.due))),
    Figure("units.inspected",   Sentence("distinct units visited"), _inspected()),
    *(Figure(f"units.inspected.{kind.value}", Sentence("distinct units of this kind visited"), _inspected(kind)) for kind in UnitKind),
    Figure("coverage",          Sentence("units visited, of those that were to be"), _coverage),
    Figure("inspections",       Sentence("visits"), lambda all_: Number(len(all_.visits))),
    Figure("rounds",            Sentence("named rounds"), lambda all_: Number(len({each.round for each in all_.visits} - {None}))),
    Figure("standards",         Sentence("standards of the checklist in force"), lambda all_: Number(all_.standards)),
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
    Figure("plan.listed",       Sentence("cases not voided with a governance plan on file"), _planned()),
    Figure("plan.goals",        Sentence("of these, with goals and tasks"), _planned(lambda plan: plan.goal)),
    Figure("plan.funds",        Sentence("of these, with funds and materials"), _planned(lambda plan: plan.funds)),
    Figure("plan.bodies",       Sentence("of these, with bodies and people"), _planned(lambda plan: plan.organisation)),
    Figure("plan.time",         Sentence("of these, with a time limit"), _planned(lambda plan: plan.deadline)),
    Figure("plan.measures",     Sentence("of these, with safety measures and an emergency plan"), _planned(lambda plan: plan.method and plan.emergency)),
    Figure("funds",             Sentence("funds of these plans"), _funds),
    Figure("units.halted",      Sentence("distinct units with a halt imposed, revoked ones not"), _halted),
    Figure("units.shutdown",    Sentence("distinct units shut down: seen on site to have stopped"), _gone(ExitKind.shutdown)),
    Figure("units.shutdown.verified", Sentence("distinct units shut down, every step verified"), _gone(ExitKind.shutdown, _verified)),
    Figure("units.relocated",   Sentence("distinct units whose relocation is decided"), _gone(ExitKind.relocation)),
    Figure("units.relocated.verified", Sentence("distinct units relocated, every step verified"), _gone(ExitKind.relocation, _verified)),
    Figure("units.retreated",   Sentence("distinct units whose retreat is decided"), _gone(ExitKind.retreat)),
    Figure("units.retreated.verified", Sentence("distinct units retreated, every step verified"), _gone(ExitKind.retreat, _verified)),
    Figure("units.partial",     Sentence("distinct units with a line shut down: seen on site to have stopped"), _gone(ExitKind.partial)),
    Figure("units.partial.verified", Sentence("distinct units with a line shut down, every step verified"), _gone(ExitKind.partial, _verified)),
    Figure("units.upgraded",    Sentence("distinct units accepted, with every hazard of theirs ended"), lambda all_: Number(len({each.unit_id for each in all_.accepted}))),
    Figure("look_back.stayed",  Sentence("ended cases that a look-back found still put right"), _seen_again(recurred=False)),
    Figure("look_back.recurred", Sentence("ended cases that a look-back found again"), _seen_again(recurred=True)),
    Figure("look_back.new",     Sentence("cases not voided, found at a look-back"), _new_on_look_back),
    Figure("balance.start",     Sentence("cases open when it began; a campaign begins with none"), _stood(lambda each: each.begun)),
    Figure("balance.found",     Sentence("cases opened, voided ones included"), _times(lambda story: story.found)),
    Figure("balance.reopened",  Sentence("times reopened"), _times(lambda story: story.reopened)),
    Figure("balance.closed",    Sentence("times closed"), _times(lambda story: story.closed)),
    Figure("balance.exited",    Sentence("times ended by an exit"), _times(lambda story: story.exited)),
    Figure("balance.voided",    Sentence("cases voided"), _times(lambda story: story.struck)),
    Figure("balance.end",       Sentence("cases open at the end"), _stood(lambda each: each.ended)),
)
# fmt: on

#: The figures that are rates.
RATES = frozenset({"coverage", "rate.rectified", "rate.on_time"})
