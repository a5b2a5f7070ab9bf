"""`import template`: an empty ledger with drop-downs, and a sheet that explains its columns."""

from collections.abc import Iterator, Sequence
from typing import Any

from cases.exchange.columns import Field, Vocabulary, standard
from cases.exchange.exporting import FIELDS, FORMS, WIDTHS
from cases.exchange.sheets import Column, Sheet
from workflow.words import Translate

#: Which words a drop-down of states offers: those that somebody writes by hand.
_STATES = ("ordered", "rectifying", "submitted", "closed", "corrected")


def template(translate: Translate, *, is_chinese: bool) -> list[Sheet]:
    """Return the sheets of an empty ledger."""
    words = standard()
    fields = [words.fields[name] for name in FIELDS if name != "number"]
    columns = [_column(each, words, is_chinese=is_chinese) for each in fields]
    helped = [
        Column(translate("column"), width=20),
        Column(translate("needed"), width=8),
        Column(translate("what belongs there"), width=60),
        Column(translate("other names that are understood"), width=80),
    ]
    notes = [
        translate("one hazard a row; title rows above the header and columns of your own do not matter"),
        translate("dates as 2026-03-02, 2026.3.2 or 2026年3月2日; several hazards in one cell are numbered 1. 2. 3."),
    ]
    explained = _rows(fields, words, translate, is_chinese=is_chinese)
    return [Sheet(translate("ledger"), columns, []), Sheet(translate("help"), helped, explained, notes=notes)]


def _title(about: Field, *, is_chinese: bool) -> str:
    return about.title if is_chinese else about.english


def _offered(about: Field, words: Vocabulary, *, is_chinese: bool) -> list[str]:
    if about.name == "state":
        return [words.offered["state"][each] if is_chinese else each for each in _STATES]
    if not about.choices:
        return []
    return [said if is_chinese else meaning for meaning, said in words.offered[about.choices].items()]


def _column(about: Field, words: Vocabulary, *, is_chinese: bool) -> Column:
    choices = _offered(about, words, is_chinese=is_chinese)
    width = WIDTHS.get(about.name, 14)
    return Column(
        _title(about, is_chinese=is_chinese),
        FORMS.get(about.name, "text"),
        width,
        choices=choices,
        hint=about.hint if is_chinese else "",
    )


def _rows(
    fields: Sequence[Field], words: Vocabulary, translate: Translate, *, is_chinese: bool
) -> Iterator[Sequence[Any]]:
    for about in fields:
        choices = _offered(about, words, is_chinese=is_chinese)
        what = translate(", ").join(choices) or about.hint
        names = translate(", ").join(words.names[about.name])
        yield _title(about, is_chinese=is_chinese), translate("yes") if about.needed else "", what, names
