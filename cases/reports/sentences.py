"""Figures put into words, in the manner in which offices report: what was inspected, what was found, what became of it.

A clause is said when its figure is there. 0 is said where leaving it out would mean something else; a rate of nothing
is left out. That all is rectified is said only when nothing is open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from workflow.words import Sentence, Term, Translate

Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Clause:
    """One figure in words: `{n}` of a count; `{part}`, `{whole}` and `{percent}` of a rate."""

    key: str
    words: Sentence
    is_said_of_0: bool = False

    def said(self, figures: Figures, translate: Translate) -> str | None:
        """Return the clause, None when there is nothing to say."""
        figure = figures.get(self.key)
        if figure is None or figure["value"] is None or not (figure["value"] or self.is_said_of_0):
            return None
        if figure["of"] is None:
            return Sentence(self.words.template, n=number(figure["value"])).say(translate)
        part, whole = figure["of"]
        return Sentence(self.words.template, part=part, whole=whole, percent=percent(figure["value"])).say(translate)


INSPECTED = (
    Clause("units.inspected", Sentence("{n} units were inspected"), is_said_of_0=True),
    Clause("inspections", Sentence("{n} visits were made")),
    Clause("hazards.found", Sentence("{n} hazards were found"), is_said_of_0=True),
    Clause("orders.issued", Sentence("{n} orders were issued"), is_said_of_0=True),
    Clause("units.halted", Sentence("{n} units were halted")),
)
REACHED = (
    Clause("coverage", Sentence("of {whole} units that were due {part} were visited ({percent})")),
    Clause("rounds", Sentence("{n} rounds were made")),
)
GRADED = (
    Clause("hazards.general", Sentence("{n} hazards are general")),
    Clause("hazards.larger", Sentence("{n} are larger ones")),
    Clause("hazards.major", Sentence("{n} are major ones")),
    Clause("hazards.listed.village", Sentence("{n} were listed by the village")),
    Clause("hazards.listed.township", Sentence("{n} were listed by the township")),
    Clause("hazards.listed.county", Sentence("{n} were listed by the county")),
    Clause("hazards.listed.city", Sentence("{n} were listed by the city")),
    Clause("hazards.listed.province", Sentence("{n} were listed by the province")),
)
RECTIFIED = (
    Clause("hazards.closed", Sentence("{n} hazards were closed out"), is_said_of_0=True),
    Clause("hazards.on_the_spot", Sentence("{n} were put right on the spot")),
    Clause("hazards.exited", Sentence("{n} ended with the exit of their unit")),
    Clause("rate.rectified", Sentence("the rectification rate is {percent} ({part} of {whole})"), is_said_of_0=True),
    Clause("rate.on_time", Sentence("of {whole} that were due {part} came in time ({percent})"), is_said_of_0=True),
)
BALANCED = (
    Clause("balance.start", Sentence("{n} cases were open at the beginning"), is_said_of_0=True),
    Clause("balance.found", Sentence("{n} were opened"), is_said_of_0=True),
    Clause("balance.reopened", Sentence("{n} were opened again")),
    Clause("balance.closed", Sentence("{n} were closed")),
    Clause("balance.exited", Sentence("{n} ended by an exit")),
    Clause("balance.voided", Sentence("{n} were voided")),
    Clause("balance.end", Sentence("{n} are open at the end"), is_said_of_0=True),
)
EXITED = (
    Clause("units.shutdown", Sentence("{n} units were shut down")),
    Clause("units.relocated", Sentence("{n} were relocated to a park")),
    Clause("units.retreated", Sentence("{n} retreat from industry")),
    Clause("units.partial", Sentence("{n} gave up outdated lines")),
    Clause("units.upgraded", Sentence("{n} were upgraded where they stand")),
)
PLANNED = (
    Clause("plan.listed", Sentence("{n} hazards have a governance plan")),
    Clause("funds", Sentence("with funds of {n} ten thousand yuan")),
)
LOOKED_BACK = (
    Clause("look_back.stayed", Sentence("a look-back found {n} hazards still put right")),
    Clause("look_back.recurred", Sentence("{n} recurred")),
    Clause("look_back.new", Sentence("{n} were new")),
)
#: What is said of a part of a report.
OF_A_PART = (
    Clause("units.inspected", Sentence("{n} units inspected"), is_said_of_0=True),
    *INSPECTED[2:],
    Clause("hazards.closed", Sentence("{n} hazards were closed out")),
    *RECTIFIED[2:4],
    *EXITED,
)


def paragraph(clauses: Iterable[Clause], figures: Figures, translate: Translate) -> str | None:
    """Return the clauses that say something as one sentence, None when none does."""
    said = [each for clause in clauses if (each := clause.said(figures, translate))]
    if not said:
        return None
    text = in_one(said, translate)
    return text[0].upper() + text[1:]


def in_one(clauses: Sequence[str], translate: Translate) -> str:
    """Return clauses as one sentence, with the marks of the reader's language."""

    def followed(first: str, then: str) -> str:
        return Sentence("{first}, {then}", first=first, then=then).say(translate)

    return Sentence("{what}.", what=reduce(followed, clauses)).say(translate)


def ordinal(at: int, translate: Translate) -> str:
    """Return the number of a section as the reader's language writes it."""
    return Term("ordinal", f"{at}. ").say(translate)


def number(value: Any) -> str:
    """Return a count as it is read: a whole number without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def percent(value: float) -> str:
    """Return a rate with one decimal."""
    return f"{value:.1%}"


def value_of(figure: Mapping[str, Any], translate: Translate) -> str:
    """Return a figure as people read it: a rate with its numerator and denominator, 0 of 0 as "–", a tally's measure."""
    return value_in_words(figure).say(translate)


def value_in_words(figure: Mapping[str, Any]) -> Sentence:
    """Return the same, to stand in another sentence."""
    if figure["value"] is None:
        return Sentence("–")
    if figure["of"] is not None:
        part, whole = figure["of"]
        return Sentence("{percent} ({part}/{whole})", percent=percent(figure["value"]), part=part, whole=whole)
    value = Sentence("{value}", value=number(figure["value"]))
    if figure.get("measure") is None:
        return value
    measured = Sentence("{value} {measure}", value=value, measure=figure["measure"])
    return Sentence("about {what}", what=measured) if figure["about"] else measured


def tallied(figures: Figures, translate: Translate) -> str | None:
    """Return what was tallied besides as one sentence – banners, land, equipment –, None when nothing was."""
    said = [
        Sentence("{what} {value}", what=Term("figure", key), value=value_of(figure, translate)).say(translate)
        for key, figure in figures.items()
        if figure.get("measure") is not None and figure["value"] and key != PLANNED[1].key
    ]
    return in_one(said, translate) if said else None


def shown(value: Any, form: str) -> str:
    """Return a table's value as people read it, where no cell knows what a number is."""
    if value is None:
        return "–" if form == "percent" else ""
    if form == "percent":
        return percent(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else number(value)


def claim(figures: Figures, is_open: Sequence[Any], translate: Translate) -> str:
    """Return what may be said of all that was found: that it is rectified, only when nothing in scope is open."""
    found = figures["hazards.found"]["value"]
    still = figures["balance.end"]["value"]
    if is_open:
        said = Sentence(
            "{count} of the hazards found are not rectified yet; they are listed below.", count=len(is_open)
        )
    elif still:
        said = Sentence("What was found now is rectified; {count} hazards found before are still open.", count=still)
    elif found:
        said = Sentence("All {count} hazards found are rectified.", count=found)
    else:
        said = Sentence("No hazard was found.")
    return said.say(translate)
