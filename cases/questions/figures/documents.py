"""A report as one document with the keys of CONTRACT: figures, groups, the cases still open, contradictions.

`{figures: {key: {value, of, rule}}, groups: [{name, figures}], open: [ids], contradictions: []}`. A count has `of` null;
a rate is a ratio with `of` its [numerator, denominator], and of 0 of 0 the value is null, printed as "–". With `cases`
each figure also names the cases it is made of. A tally, and whatever is no number of things, has a `measure` and whether
it is `about` so much.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cases.questions.asking import Asking
from cases.questions.figures.contradictions import contradictions
from cases.questions.figures.counted import Counted
from cases.questions.figures.declared import FIGURES, TALLIED, Number, tallies

Document = dict[str, Any]


def numbers_of(all_: Counted) -> dict[str, Number]:
    """Return what every figure came to; a tally of what is counted does not take its place."""
    return {**tallies(all_), **{figure.key: figure.count(all_) for figure in FIGURES}}


def document(
    asking: Asking, whole: Counted, groups: Iterable[tuple[str, Counted]], *, cases: bool, is_now: bool
) -> Document:
    """Return a report: in all, and by group in the order given."""
    numbers = numbers_of(whole)
    return {
        "figures": shown(asking, numbers, cases=cases),
        "groups": [{"name": name, "figures": shown(asking, numbers_of(part), cases=cases)} for name, part in groups],
        "open": [story.id for story in whole.found if story.is_open],
        "contradictions": [asking.say(each) for each in contradictions(whole, numbers, is_now=is_now)],
    }


def compared(told: Document, filed: Document) -> Document:
    """Return a report with what each figure `was` in one filed before; what was not printed then was nothing."""
    before = {key: {"value": each["value"], "of": each["of"]} for key, each in filed["figures"].items()}
    figures = {key: {**each, "was": before.get(key, _NOTHING)} for key, each in told["figures"].items()}
    return {**told, "figures": figures}


_NOTHING = {"value": None, "of": None}


def shown(asking: Asking, numbers: Mapping[str, Number], *, cases: bool) -> Document:
    """Return figures as JSON knows them, each with its rule in the reader's language."""
    rules = {figure.key: figure.rule for figure in FIGURES}
    rest = [key for key in numbers if key not in rules]
    return {
        key: {
            "value": numbers[key].value,
            "of": None if numbers[key].of is None else [numbers[key].count, numbers[key].of],
            "rule": asking.say(rules.get(key, TALLIED)),
            **_besides(numbers[key], cases=cases),
        }
        for key in [*(key for key in rules if key in numbers), *rest]
    }


def _besides(number: Number, *, cases: bool) -> Document:
    measured = {} if number.measure is None else {"measure": number.measure, "about": number.about}
    return {**measured, **({"cases": list(number.cases)} if cases else {})}
