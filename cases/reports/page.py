"""A report as a page: a title, sections of sentences, and the tables behind them. How a file shows it is not said here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cases.exchange.sheets import Column, Form, Sheet
from cases.questions.asking import Asking
from cases.questions.rows import rows_of
from cases.reports import assessed, sentences
from cases.reports.sentences import Clause, Figures, paragraph
from workflow.words import Sentence, Term, Translate

#: The figures that a short table of the parts shows, where any part has them.
_IN_SHORT = (
    "units.inspected", "hazards.found", "orders.issued", "units.halted", "units.shutdown", "units.relocated",
    "units.retreated", "units.partial", "units.upgraded", "hazards.closed", "hazards.exited", "rate.rectified",
    "rate.on_time",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about: its title, and up to when it was recorded where that is said."""

    title: Sentence
    as_of: date | None = None
    #: What its parts are: a sector, an area …; None where it has none.
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is said below it, and a list."""

    heading: str
    said: Sequence[str] = ()
    listed: Sequence[str] = ()

    def numbered(self, at: int, translate: Translate) -> "Section":
        """Return the section with its number before its heading."""
        return replace(self, heading=sentences.ordinal(at, translate) + self.heading)


@dataclass(frozen=True, slots=True)
class Page:
    """A report ready to be written."""

    title: str
    basis: str
    sections: Sequence[Section]
    #: The sections as a column of lines.
    said: Sheet
    figures: Sheet
    figures_in_words: Sheet
    parts: Sheet | None
    parts_in_short: Sheet | None
    open_cases: Sheet | None
    #: Everything in one table, a line a figure.
    lines: Sheet


def page_of(asking: Asking, told: Mapping[str, Any], subject: Subject) -> Page:
    """Return the page of a report's document (cases.questions.figures.documents)."""
    say = asking.translate
    cases = list(rows_of(asking, told["open"]))
    parts = told["groups"]
    sections = [each.numbered(at, say) for at, each in enumerate(_sections(told, cases, subject, say), 1)]
    return Page(
        title=asking.say(subject.title),
        basis=_basis(asking, subject),
        sections=sections,
        said=Sheet(say("Report"), [Column(say("Report"), width=110)], _lines_of(sections)),
        figures=_figures(told["figures"], say),
        figures_in_words=_in_words(told["figures"], say),
        parts=_parts(parts, list(told["figures"]), subject, say) if parts else None,
        parts_in_short=_parts(parts, _worth_showing(parts), subject, say) if parts else None,
        open_cases=_open_cases(cases, subject, say) if cases else None,
        lines=_lines(told, cases, subject, say),
    )


def _basis(asking: Asking, subject: Subject) -> str:
    if subject.as_of is not None:
        return asking.say(Sentence("Counted from what was recorded by {day}.", day=subject.as_of))
    return asking.say(Sentence("Counted from the ledger as it stood on {day}.", day=asking.today))


# -- what is said ------------------------------------------------------------------------------------------------------


def _sections(
    told: Mapping[str, Any], cases: Sequence[Mapping[str, Any]], subject: Subject, say: Translate
) -> Iterator[Section]:
    figures = told["figures"]
    overview = (sentences.INSPECTED, sentences.REACHED, sentences.GRADED)
    yield Section(say("Overview"), _said(overview, figures, say))
    rectified = _said(
        (sentences.RECTIFIED, sentences.PLANNED, sentences.EXITED, sentences.LOOKED_BACK, sentences.BALANCED),
        figures,
        say,
    )
    yield Section(say("Rectification"), [*rectified, sentences.claim(figures, told["open"], say)])
    if tallied := sentences.tallied(figures, say):
        yield Section(say("Other work"), [tallied])
    if told["groups"]:
        heading = say("Targets") if _is_assessed(told["groups"]) else _by(subject, say)
        yield Section(heading, listed=[_part(group, say) for group in told["groups"]])
    if cases:
        yield Section(say("Still open"), listed=[_open(case, subject).say(say) for case in cases])
    if told["contradictions"]:
        warned = say("Look into these figures before the report is filed:")
        yield Section(say("To be checked"), [warned], told["contradictions"])


def _said(paragraphs: Iterable[Iterable[Clause]], figures: Figures, say: Translate) -> list[str]:
    return [each for clauses in paragraphs if (each := paragraph(clauses, figures, say))]


def _is_assessed(groups: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the parts are those who have targets, and what they reached."""
    return bool(groups) and "score" in groups[0]


def _part(group: Mapping[str, Any], say: Translate) -> str:
    if _is_assessed([group]):
        return assessed.said(group, say)
    told = paragraph(sentences.OF_A_PART, group["figures"], say) or say("nothing to report")
    return Sentence("{what}: {names}", what=_name(group, say), names=told).say(say)


def _name(group: Mapping[str, Any], say: Translate) -> str:
    return Term("scope_list", group["name"]).say(say)


def _by(subject: Subject, say: Translate) -> str:
    return Sentence("By {what}", what=Term("column", subject.by or "name")).say(say)


def _open(case: Mapping[str, Any], subject: Subject) -> Sentence:
    """Name an open case; of a report as of an earlier day without what became of it since."""
    what = Sentence(
        "case {case}, {unit}: {text} ({grade})",
        case=case["id"], unit=case["unit"], text=case["text"], grade=Term("grade", case["grade"]),
    )  # fmt: skip
    if subject.as_of is not None:
        return what
    now = {"what": what, "state": Term("state", case["state"]), "due_on": case["due_on"] or "–"}
    if case["overdue_days"]:
        return Sentence("{what}; {state}, due {due_on}, {days} days overdue", **now, days=case["overdue_days"])
    return Sentence("{what}; {state}, due {due_on}", **now)


def _lines_of(sections: Iterable[Section]) -> list[tuple[str]]:
    return [(line,) for section in sections for line in (section.heading, *section.said, *section.listed)]


# -- tables ------------------------------------------------------------------------------------------------------------


def _label(kind: str, value: str, say: Translate) -> str:
    return Term(kind, value).say(say)


def _column(name: str, say: Translate, **look: Any) -> Column:
    return Column(_label("column", name, say), **look)


def _figures(figures: Figures, say: Translate) -> Sheet:
    """The table of all figures: counts as numbers, rates as percentages with what they are made of, and each rule."""
    columns = [
        _column("figure", say, width=24),
        _column("value", say, form="number", width=10),
        _column("rate", say, form="percent", width=10),
        _column("numerator", say, form="number", width=8),
        _column("denominator", say, form="number", width=8),
        _column("counted_in", say, width=10),
        _column("rule", say, width=48),
    ]
    rows = [(_label("figure", key, say), *_cells(figure, say), figure["rule"]) for key, figure in figures.items()]
    return Sheet(say("Figures"), columns, rows)


def _in_words(figures: Figures, say: Translate) -> Sheet:
    """The same for readers: each figure, what it came to, and its rule."""
    columns = [_column("figure", say), _column("value", say, form="number"), _column("rule", say)]
    rows = [(_label("figure", key, say), sentences.value_of(each, say), each["rule"]) for key, each in figures.items()]
    return Sheet(say("Figures"), columns, rows)


def _cells(figure: Mapping[str, Any], say: Translate) -> tuple[Any, ...]:
    """Return a figure as count, rate, numerator, denominator, measure; what it is not stays empty."""
    if figure["of"] is not None:
        return None, figure["value"], *figure["of"], None
    measure = figure.get("measure")
    if measure is not None and figure["about"]:
        measure = Sentence("{measure} (about)", measure=measure).say(say)
    return figure["value"], None, None, None, measure


def _worth_showing(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    return [key for key in _IN_SHORT if any(part["figures"].get(key, {}).get("value") for part in parts)]


def _parts(parts: Sequence[Mapping[str, Any]], keys: Sequence[str], subject: Subject, say: Translate) -> Sheet:
    if _is_assessed(parts):
        return assessed.table(parts, say)
    shown = [[part["figures"].get(key, _ABSENT) for key in keys] for part in parts]
    columns = [_column(subject.by or "name", say)]
    for key, figures in zip(keys, zip(*shown, strict=True), strict=True):
        is_rate = any(figure["of"] for figure in figures)
        # A part's units, visits and cases are its own; a round can be made in several parts.
        adds_up = not is_rate and key != "rounds"
        form: Form = "percent" if is_rate else "number"
        columns.append(Column(_label("figure", key, say), form=form, width=12, total=adds_up))
    rows = [
        (_name(part, say), *(figure["value"] for figure in figures)) for part, figures in zip(parts, shown, strict=True)
    ]
    return Sheet(_by(subject, say), columns, rows, total=say("Total"))


#: A figure that a part does not have: nobody tallied such a thing there.
_ABSENT: Mapping[str, Any] = {"value": None, "of": None}


def _open_cases(cases: Sequence[Mapping[str, Any]], subject: Subject, say: Translate) -> Sheet:
    names = ["id", "unit", "area", "grade", "text"]
    now = [] if subject.as_of is not None else ["state", "due_on", "overdue_days"]
    forms = {"id": "number", "due_on": "date", "overdue_days": "number"}
    columns = [_column(name, say, form=forms.get(name, "text")) for name in [*names, *now]]
    rows = [[_value(case, name, say) for name in [*names, *now]] for case in cases]
    return Sheet(say("Still open"), columns, rows)


def _value(case: Mapping[str, Any], name: str, say: Translate) -> Any:
    if name in ("grade", "state"):
        return _label(name, case[name], say)
    if name == "due_on":
        return date.fromisoformat(case[name]) if case[name] else None
    return case[name]


def _lines(told: Mapping[str, Any], cases: Sequence[Mapping[str, Any]], subject: Subject, say: Translate) -> Sheet:
    """The report as one table for other programs: a line a figure, then a line a case that is open."""
    names = ["part", "figure", "key", "value", "rate", "numerator", "denominator", "counted_in", "rule"]
    parts = [("", told["figures"]), *((_name(group, say), group["figures"]) for group in told["groups"])]
    rows: list[tuple[Any, ...]] = [
        (part, _label("figure", key, say), key, *_cells(figure, say), figure["rule"])
        for part, figures in parts
        for key, figure in figures.items()
    ]
    open_ = say("Still open")
    rows += [(open_, _open(case, subject).say(say), "open", case["id"], *[None] * 5) for case in cases]
    checked = say("To be checked")
    rows += [(checked, what, "contradiction", *[None] * 6) for what in told["contradictions"]]
    return Sheet(say("Figures"), [_column(name, say) for name in names], rows)
