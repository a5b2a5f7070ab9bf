"""Reads the rows of a ledger: each hazard with what its row says of it, and each cell that cannot be read.

What a row proves is decided elsewhere (`proving`), who and what it names is looked up elsewhere (`importing`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from typing import Any, Final

from cases.exchange import values
from cases.exchange.columns import Field, Header, Vocabulary, header_of, key
from cases.exchange.sources import FORMULA, Cells, Page
from cases.exchange.values import Unreadable
from workflow.words import Sentence

_DATES: Final = ("found_on", "ordered_on", "served_on", "due_on", "extended_to", "done_on", "recheck_on", "closed_on")
#: Fields whose cell may hold a word instead of a date: 已整改, 立即整改.
_OR_WORD: Final = ("done_on", "due_on", "recheck_on", "closed_on")
_NAMES: Final = ("officers", "recheckers")
#: Fields that are said of every hazard of a cell, one by one, where they are numbered alike.
_SHARED: Final = ("measure", "requirement", "place", "basis", "done", "interim")
_TOTAL = re.compile(r"(?:合计|总计|小计|共计|total)", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_TOP: Final = 42
#: No text yet, no value: what is not known; how many cells of a column are remembered; how long what says nothing is.
_UNREAD: Final = object()
_REMEMBERED, _TERSE = 20_000, 16
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Complaint:
    """A cell that cannot be read: where it is, what stands there, what was expected."""

    sheet: str
    row: int
    column: str
    found: str
    expected: Sentence

    def said(self) -> Sentence:
        """Return it as one sentence."""
        return Sentence(
            "sheet {sheet}, row {row}, column {column}: {found} stands there, expected {expected}",
            sheet=self.sheet,
            row=self.row,
            column=self.column,
            found=self.found or "–",
            expected=self.expected,
        )


@dataclass(slots=True)
class Row:
    """A row of a ledger as it was read: what it says of each of its hazards; or why it cannot be read."""

    sheet: str
    number: int
    entries: list[Values] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    #: A line that holds no hazard: a total, a signature, a heading between.
    is_remark: bool = False

    def complain(self, column: str, found: Any, expected: Sentence) -> None:
        """Note a cell that cannot be read."""
        said = "" if found is None else values.text(found) if found is not FORMULA else "=…"
        self.complaints.append(Complaint(self.sheet, self.number, column, said[:60], expected))


@dataclass(frozen=True)
class Sheet:
    """A sheet whose header was found."""

    page: Page
    header: Header
    vocabulary: Vocabulary
    max_chars: int

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, blank ones left out."""
        return _Reader(self).rows()

    def heading(self, name: str) -> str:
        """Return what this sheet calls a field, or what it would be called."""
        return self.header.heading(name) or self.vocabulary.fields[name].title


def sheet_of(page: Page, vocabulary: Vocabulary, max_chars: int) -> Sheet | None:
    """Return a page as a ledger, None when no header is among its first rows."""
    top = [list(cells) for _, cells in islice(page.rows(), _TOP)]
    header = header_of(top, vocabulary)
    return None if header is None else Sheet(page, header, vocabulary, max_chars)


@dataclass(slots=True)
class _Column:
    """One column on the way down a sheet, and what its cells meant so far."""

    place: int
    name: str
    heading: str
    read: Callable[[Any], Any]
    is_only: bool
    known: dict[Any, Any] = field(default_factory=dict)


class _Reader:
    """Walks down one sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.vocabulary = sheet.vocabulary
        columns = sheet.header.columns
        names = [name for name, _ in columns.values()]
        self.plan = [
            _Column(place, name, heading, self._reader(self.vocabulary.fields[name]), names.count(name) == 1)
            for place, (name, heading) in columns.items()
        ]
        self.width = max(columns) + 1
        self.text_heading = sheet.heading("text")
        self.nothing = frozenset(self.vocabulary.words["nothing"])
        self.ditto = frozenset(self.vocabulary.words["ditto"])
        self.clean = self.nothing | frozenset(self.vocabulary.words["clean"])
        self.places = {column.name: column.place for column in reversed(self.plan)}
        self.needed = self.vocabulary.needed
        self.above: Cells = []

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, blank ones left out."""
        below = islice(self.sheet.page.rows(), self.sheet.header.last + 1, None)
        return (row for number, cells in below if (row := self._row(number, cells)) is not None)

    def _row(self, number: int, cells: Cells) -> Row | None:
        row = Row(self.sheet.page.name, number)
        said: Values = {}
        if len(cells) < self.width:
            cells = [*cells, *[""] * (self.width - len(cells))]
        for column in self.plan:
            cell = cells[column.place]
            if cell == "":
                continue
            value = column.known.get(cell, _UNREAD)
            if value is _UNREAD:
                value = self._value(row, column, cells)
            if value is None:
                continue
            if column.is_only:
                said[column.name] = value
            else:
                self._take(said, column.name, value)
        self.above = cells
        if not said and not row.complaints:
            return None
        if self._may_be_remark(said) and self._is_remark(said, cells):
            return Row(row.sheet, number, is_remark=True)
        self._finish(row, said)
        return row

    def _value(self, row: Row, column: "_Column", cells: Cells) -> Any:
        """Read a cell, and remember what it means for the next ones that say the same."""
        cell = cells[column.place]
        try:
            if cell in self.ditto:
                # It stands for what is above, also for the row below that says the same.
                cells[column.place] = above = self._above(column.place)
                return None if above == "" else column.read(above)
            value = column.read(cell)
        except Unreadable as unreadable:
            row.complain(column.heading, cell, unreadable.expected)
            return None
        if len(column.known) >= _REMEMBERED:
            column.known.clear()
        column.known[cell] = value
        return value

    def _above(self, place: int) -> Any:
        return self.above[place] if place < len(self.above) else ""

    def _take(self, said: Values, name: str, value: Any) -> None:
        """Put a value where it belongs; of several columns of one field texts are joined, else the first counts."""
        before = said.get(name)
        if before is None:
            said[name] = value
        elif isinstance(value, str) and isinstance(before, str) and value not in before and name in _JOINED:
            said[name] = f"{before}；{value}"

    def _may_be_remark(self, said: Values) -> bool:
        text = said.get("text")
        return text is None or text == said.get("unit", text) or text == self.text_heading

    def _is_remark(self, said: Values, cells: Cells) -> bool:
        """Whether a row holds no hazard: a repeated header, a total, a signature, a heading merged across."""
        text, unit = said.get("text"), said.get("unit")
        if text is not None and unit is not None:
            return text == self.text_heading or (text == unit and len(said) > 2)
        filled = [cell for cell in cells if cell not in ("", None)]
        if filled and _TOTAL.match(values.text(filled[0])):
            return True
        return len(filled) <= 3 and all(self._is_blank(name, cells) for name in ("text", "found_on"))

    def _is_blank(self, name: str, cells: Cells) -> bool:
        place = self.places.get(name, len(cells))
        return place >= len(cells) or cells[place] in ("", None)

    def _finish(self, row: Row, said: Values) -> None:
        for name, value in self.vocabulary.defaults.items():
            said.setdefault(name, value)
        for name in self.needed:
            if name not in said and not any(each.column == self.sheet.heading(name) for each in row.complaints):
                row.complain(self.sheet.heading(name), None, _EXPECTED[name])
        said_of_it = said.get("done")
        if said_of_it is not None and "is_done" not in said and (word := self._state_of(said_of_it)) is not None:
            said["is_done"] = word
        if not row.complaints:
            text = said["text"]
            is_clean = len(text) < _TERSE and key(text) in self.clean
            row.entries = [{**said, "text": None}] if is_clean else _split(said)

    def _state_of(self, said: str) -> str | None:
        """Return the state that 整改情况 names, where it holds no account of what was done but a word for it."""
        return self.vocabulary.meaning("state", said) if len(said) < _TERSE else None

    # -- what reads a cell

    def _reader(self, about: Field) -> Callable[[Any], Any]:
        name = about.name
        if name in _DATES:
            read: Callable[[Any], Any] = partial(self._date, or_word=name in _OR_WORD)
        elif name == "funds":
            read = values.amount
        elif name in _NAMES:
            read = self._names
        elif name in ("grade", "state", "is_done"):
            read = partial(self._word, "grade" if name == "grade" else "state")
        elif name in ("kind", "visit"):
            read = partial(self._loose_word, "unit_kind" if name == "kind" else "visit")
        else:
            return partial(self._text, may_say_nothing=name == "text")
        return partial(self._something, read)

    def _something(self, read: Callable[[Any], Any], cell: Any) -> Any:
        """Read a cell unless it says that there is nothing to say."""
        if cell is FORMULA:
            raise Unreadable(_NO_FORMULA)
        if isinstance(cell, str) and (not cell.strip() or key(cell) in self.nothing):
            return None
        return read(cell)

    def _date(self, cell: Any, *, or_word: bool) -> date | str:
        try:
            return values.day(cell)
        except Unreadable:
            word = self.vocabulary.meaning("state", cell) if or_word and isinstance(cell, str) else None
            if word is None:
                raise
            return word

    def _names(self, cell: Any) -> tuple[str, ...]:
        return values.names(self._text(cell))

    def _word(self, kind: str, cell: Any) -> str:
        said = values.text(cell)
        meaning = self.vocabulary.meaning(kind, said)
        if meaning is None:
            raise Unreadable(Sentence("one of {words}", words=list(self.vocabulary.offered[kind].values())))
        return meaning

    def _loose_word(self, kind: str, cell: Any) -> str | None:
        """Read a word of which there are too many to know them all: an unknown one says nothing."""
        return self.vocabulary.meaning(kind, values.text(cell))

    def _text(self, cell: Any, *, may_say_nothing: bool = False) -> Any:
        if cell is FORMULA:
            raise Unreadable(_NO_FORMULA)
        said = (cell if type(cell) is str else values.text(cell)).strip()
        if len(said) < 4 and not may_say_nothing and key(said) in self.nothing:
            return None
        if len(said) > self.sheet.max_chars:
            raise Unreadable(Sentence("at most {limit} characters", limit=self.sheet.max_chars))
        return (said if said.isprintable() else _cleaned(said)) or None


def _cleaned(said: str) -> str:
    """Return a text of several lines as every program breaks them. Raises Unreadable for control characters."""
    if _CONTROL.search(said):
        raise Unreadable(Sentence("a text without control characters"))
    return said.replace("\r\n", "\n").replace("\r", "\n")


_JOINED: Final = frozenset({"place", "basis", "requirement", "responsible", "measure", "note", "done", "category"})
_NO_FORMULA: Final = Sentence("a value; a formula stands there: paste it as a value")
_EXPECTED: Final[Mapping[str, Sentence]] = {
    "unit": Sentence("the name of the unit"),
    "text": Sentence("what is wrong"),
    "found_on": Sentence("the day it was found, like 2026-03-02"),
}


def _split(said: Values) -> list[Values]:
    """Return what a row says of each hazard: a cell may hold several, numbered."""
    texts = values.listed(said["text"])
    if len(texts) == 1:
        return [{**said, "text": texts[0]}]
    shares: dict[str, Sequence[str]] = {
        name: parts
        for name in _SHARED
        if isinstance(said.get(name), str) and len(parts := values.listed(said[name])) == len(texts)
    }
    return [
        {**said, "text": text, **{name: parts[at] for name, parts in shares.items()}} for at, text in enumerate(texts)
    ]
