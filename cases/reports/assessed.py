"""A year's assessment put into words and a table: who reached which of their targets, the best first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cases.exchange.sheets import Column, Sheet, Value
from cases.reports.sentences import number, percent, value_in_words
from workflow.words import Sentence, Term, Translate

Group = Mapping[str, Any]


def said(group: Group, translate: Translate) -> str:
    """Return what one of them reached: their place and score, and every target that was missed."""
    met, of = group["met"]
    words = {"rank": group["rank"], "name": group["name"], "met": met, "of": of}
    if group["score"] is None:
        return Sentence("{name}: {met} of {of} targets reached, nothing to score", **words).say(translate)
    told = Sentence(
        "{name}: place {rank}, {met} of {of} targets reached, score {score}", **words, score=percent(group["score"])
    )
    missed = [_missed(key, figure) for key, figure in group["figures"].items() if figure["met"] is False]
    if missed:
        told = Sentence("{told}; missed: {missed}", told=told, missed=missed)
    return Sentence("{what}.", what=told).say(translate)


def _missed(key: str, figure: Mapping[str, Any]) -> Sentence:
    words = {"figure": Term("figure", key), "value": value_in_words(figure), "target": target_of(figure)}
    return Sentence("{figure} {value} ({target})", **words)


def target_of(figure: Mapping[str, Any]) -> Sentence:
    """Return a target as people read it: at least or at most so much, that of a rate in percent."""
    target = number(figure["target"]) if figure["of"] is None else percent(figure["target"])
    return Sentence("{sense} {target}", sense=Term("sense", figure["sense"]), target=target)


def table(groups: Sequence[Group], translate: Translate) -> Sheet:
    """Return a line for each target of each of them."""

    def column(name: str, **look: Any) -> Column:
        return Column(Term("column", name).say(translate), **look)

    columns = [
        column("ranked", form="number"),
        column("name"),
        column("figure"),
        column("value", form="number"),
        column("rate", form="percent"),
        column("target"),
        column("achieved", form="percent"),
        column("met"),
    ]
    rows = [row for group in groups for row in _rows(group, translate)]
    return Sheet(translate("Targets"), columns, rows)


def _rows(group: Group, translate: Translate) -> Iterator[Sequence[Value]]:
    for key, figure in group["figures"].items():
        is_rate = figure["of"] is not None
        yield (
            group["rank"],
            group["name"],
            Term("figure", key).say(translate),
            None if is_rate else figure["value"],
            figure["value"] if is_rate else None,
            target_of(figure).say(translate),
            figure["achieved"],
            {True: translate("yes"), False: translate("no"), None: None}[figure["met"]],
        )
