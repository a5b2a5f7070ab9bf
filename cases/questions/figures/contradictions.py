"""What cannot be true together is named in words and never smoothed (DOMAIN §6)."""

from collections.abc import Iterator, Mapping

from cases.questions.figures.counted import Counted
from cases.questions.figures.declared import FIGURES, Number, tallies
from workflow.words import Sentence, Term

COUNTED_KEYS = frozenset(figure.key for figure in FIGURES)

#: Of the first there cannot be more than of the second.
_MORE = (
    ("rate.rectified", "hazards.found", Sentence("more rectified than found")),
    ("hazards.ordered", "hazards.found", Sentence("more ordered than found")),
    ("units.halted", "units.inspected", Sentence("more halted than inspected")),
    ("rounds", "inspections", Sentence("more rounds than inspections")),
)


def contradictions(all_: Counted, numbers: Mapping[str, Number], *, is_now: bool) -> Iterator[Sentence]:
    """Yield what contradicts itself. Rows are compared with history only where nothing later is left out."""
    yield from _more(all_, numbers)
    visited = {visit.unit_id for visit in all_.visits}
    unvisited = [story.id for story in all_.found if story.unit_id not in visited]
    if unvisited:
        yield Sentence("hazards found at units that were not inspected: cases {cases}", cases=unvisited)
    yield from _tallied_otherwise(all_, numbers)
    left, end = _left(numbers), numbers["balance.end"].count
    if left != end:
        yield _against(Sentence("the balance does not come out"), left, end)
    astray = [story.id for story in all_.stories if is_now and story.state != story.row_state]
    if astray:
        yield Sentence("cases that are not where their history left them: {cases}", cases=astray)


def _more(all_: Counted, numbers: Mapping[str, Number]) -> Iterator[Sentence]:
    found = {story.id for story in all_.found}
    for many, few, what in _MORE:
        if numbers[many].count > numbers[few].count:
            earlier = len(set(numbers[many].cases) - found)
            told = _against(what, numbers[many].count, numbers[few].count)
            yield Sentence("{what}; {count} were found before", what=told, count=earlier) if earlier else told


def _tallied_otherwise(all_: Counted, numbers: Mapping[str, Number]) -> Iterator[Sentence]:
    """Yield the tallies that claim something else than is counted."""
    for key, tally in tallies(all_).items():
        if key in COUNTED_KEYS and tally.count != numbers[key].count:
            figure = Term("figure", key)
            yield Sentence(
                "{figure}: {said} were recorded, {counted} are counted",
                figure=figure, said=tally.count, counted=numbers[key].count,
            )  # fmt: skip


def _left(numbers: Mapping[str, Number]) -> float:
    """Return what must be open at the end, by the moves in and out."""
    came = sum(numbers[f"balance.{each}"].count for each in ("start", "found", "reopened"))
    return came - sum(numbers[f"balance.{each}"].count for each in ("closed", "exited", "voided"))


def _against(what: Sentence, many: float, few: float) -> Sentence:
    return Sentence("{what}: {many} against {few}", what=what, many=many, few=few)
