"""Writes tables as Excel or CSV files: title, frozen header, widths, real dates and numbers, totals, print set-up.

What a table says is its caller's business. No cell of ours is a formula, and no text can become one: in Excel it is
marked as text, in CSV an apostrophe stands before it (`unguarded` takes it away again). A file is there whole or not
at all. Rows are streamed: a hundred thousand take no more memory than one.
"""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from inspect import unwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal
from unicodedata import east_asian_width

from cases.placing import unwritable, whole
from workflow.errors import BadInput
from workflow.words import Sentence

#: What a cell may hold; None leaves it empty. A datetime is local and has no zone: Excel knows none.
Value = str | int | float | Decimal | date | datetime | bool | None
Form = Literal["text", "date", "instant", "number", "amount", "percent"]

#: How each form looks in Excel; CSV shows ISO dates and plain numbers.
_LOOKS: Final[dict[str, str]] = {
    "date": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
    "number": "#,##0",
    "amount": "#,##0.00##",
    "percent": "0.0%",
    #: A count that is not whole, in a column of numbers.
    "fraction": "#,##0.0#####",
}
#: Beginnings that a spreadsheet takes for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")
_CODED: Final = re.compile(r"_x[0-9A-Fa-f]{4}_")
#: Day 0 of Excel's calendar, as it counts from March 1900 on.
_EPOCH: Final = date(1899, 12, 30).toordinal()
_WIDEST, _NARROWEST, _MEASURED = 48, 8, 500
#: What one cell of Excel can hold (in UTF-16), and the largest whole number it keeps exactly.
_LONGEST, _LARGEST = 32_767, 2**53
_LAST_ROW, _CHOSEN_ROWS = 1_048_575, 5000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how its values look, and whether they are summed up below."""

    title: str
    form: Form = "text"
    #: In characters; None: as wide as what stands in it.
    width: int | None = None
    total: bool = False
    #: What a drop-down offers in its cells.
    choices: Sequence[str] = ()
    #: What is said beside a cell that is being filled in.
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its rows are read once, in order."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    #: Lines above the header: a title, then what else should be known.
    title: str = ""
    notes: Sequence[str] = ()
    #: What the line of totals is called; it is written when a column has one.
    total: str = "Total"


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> int:
    """Write sheets into one .xlsx file; return how many rows there were. Raises BadInput when it cannot be written."""
    from xlsxwriter import Workbook

    with whole(path) as unfinished, TemporaryDirectory(prefix="rectify-") as rows, unfinished.open("wb") as stream:
        book = Workbook(stream, {"constant_memory": True, "tmpdir": rows})
        try:
            written = sum(_Page(book, sheet).write() for sheet in sheets)
        finally:
            _close(book, path)  # also after a failure: its pages hold files open
    return written


def _close(book: Any, path: Path) -> None:
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.close()
    except FileCreateError as error:
        raise unwritable(path, error) from error


def write_csv(path: Path, sheet: Sheet) -> int:
    """Write header and rows as CSV in UTF-8, with the mark by which Excel knows it; return how many rows there were.

    Raises BadInput when it cannot be written.
    """
    with whole(path) as unfinished, unfinished.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([guarded(column.title) for column in sheet.columns])
        count = 0
        for count, row in enumerate(sheet.rows, 1):  # noqa: B007  # the last number is how many there were
            writer.writerow([_plain(value) for value in row])
    return count


# -- texts that stay texts ---------------------------------------------------------------------------------------------


def guarded(text: str) -> str:
    """Return a text for CSV that no spreadsheet takes for a formula: an apostrophe stands before it."""
    return "'" + text if text.startswith(_FORMULA) or _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text


def _plain(value: Value) -> str | int | float | Decimal:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    return value.isoformat() if isinstance(value, date) else value


# -- one page of a workbook --------------------------------------------------------------------------------------------


@cache
def _lean_worksheet() -> type:
    """Return a worksheet that writes plain texts and numbers in one go, and leaves every other cell to xlsxwriter."""
    from xlsxwriter.worksheet import Worksheet

    class Lean(Worksheet):  # type: ignore[misc]  # xlsxwriter is untyped
        def _write_cell(self, row: int, col: int, cell: Any) -> None:
            kind = type(cell).__name__
            if kind == "Number":
                said, of = f"<v>{cell.number!r}</v>", ""
            elif kind == "String" and cell.string.isprintable():
                said, of = (
                    f"<is><t{_SPACED if _is_spaced(cell.string) else ''}>{_escaped(cell.string)}</t></is>",
                    _INLINE,
                )
            else:
                super()._write_cell(row, col, cell)
                return
            look = cell.format._get_xf_index() if cell.format else 0
            self.fh.write(f'<c r="{_letters(col)}{row + 1}" s="{look}"{of}>{said}</c>')

    return Lean


_INLINE, _SPACED = ' t="inlineStr"', ' xml:space="preserve"'


def _is_spaced(text: str) -> bool:
    return text[0] == " " or text[-1] == " "


def _escaped(text: str) -> str:
    """Return a text as XML; what looks like Excel's own way of writing characters, _x0041_, is written so itself."""
    if "_x" in text:
        text = _CODED.sub("_x005F\\g<0>", text)
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


@cache
def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


class _Page:
    """One sheet on its way into a workbook, row by row."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        from xlsxwriter.worksheet import Worksheet

        self.sheet = sheet
        self.page = book.add_worksheet(_sheet_name(sheet.name), _lean_worksheet())
        # The plain methods: the public ones look at each call whether its row is a name like "A1".
        self.text: Callable[..., int] = unwrap(Worksheet.write_string)
        self.number: Callable[..., int] = unwrap(Worksheet.write_number)
        plain = {"valign": "top", "text_wrap": True}
        self.book, self.plain = book, plain
        self.looks = {form: book.add_format({**plain, "num_format": look}) for form, look in _LOOKS.items()}
        self.texts = book.add_format(plain)
        self.quoted = book.add_format({**plain, "quote_prefix": True})
        self.widths = [_cells(column.title) + 3 for column in sheet.columns]
        self.sums: dict[int, float] = {at: 0 for at, column in enumerate(sheet.columns) if column.total}
        self.formats = [self.looks.get(column.form, self.texts) for column in sheet.columns]

    def write(self) -> int:
        """Write it all; return how many rows there were."""
        header = self._head()
        at, count = header + 1, 0
        for row in self.sheet.rows:
            self._row(at, row, count < _MEASURED)
            at, count = at + 1, count + 1
        if self.sums and count:
            self._totals(at)
        self._layout(header, at - 1)
        return count

    def _head(self) -> int:
        """Write title, notes and header; return the header's row."""
        last, at = max(len(self.sheet.columns) - 1, 1), 0
        for line in (self.sheet.title, *self.sheet.notes):
            if line:
                is_title = line is self.sheet.title
                look = self.book.add_format(
                    {"bold": is_title, "font_size": 15 if is_title else 10, "align": "center" if is_title else "left"}
                )
                self.page.merge_range(at, 0, at, last, "", look)
                self.page.write_string(at, 0, line, look)
                at += 1
        bold = self.book.add_format(
            {**self.plain, "bold": True, "bg_color": "#E7E6E6", "align": "center", "valign": "vcenter", "bottom": 1}
        )
        for place, column in enumerate(self.sheet.columns):
            self.page.write_string(at, place, column.title, bold)
        return at

    def _row(self, at: int, row: Sequence[Value], is_measured: bool) -> None:
        if at > _LAST_ROW:
            raise BadInput(Sentence("a sheet of Excel has {rows} rows at most; narrow it down", rows=_LAST_ROW + 1))
        page, text, number = self.page, self.text, self.number
        for place, value in enumerate(row):
            if value is None or value == "":
                continue
            kind = type(value)
            if kind is str:
                said: str = value  # type: ignore[assignment]  # it is one
                if text(page, at, place, _no_markup(said), self.quoted if said.startswith(_FORMULA) else self.texts):
                    raise self._too_long(at, place)
            elif kind is int or kind is float:
                self._number(at, place, value)
            elif isinstance(value, date):
                is_instant = isinstance(value, datetime)
                look = self.looks["instant" if is_instant else "date"]
                number(page, at, place, _serial(value), look)
            elif isinstance(value, bool):
                page.write_boolean(at, place, value, self.texts)
            else:
                self._number(at, place, float(value))
        if is_measured:
            self.widths = [max(width, _cells(_shown(value)) + 2) for width, value in zip(self.widths, row, strict=True)]

    def _number(self, at: int, place: int, value: Any) -> None:
        if abs(value) > _LARGEST:
            self.text(self.page, at, place, str(value), self.texts)
            return
        look = _look(self.sheet.columns[place], value)
        self.number(self.page, at, place, value, self.looks.get(look, self.texts))
        if place in self.sums:
            self.sums[place] += value

    def _too_long(self, at: int, place: int) -> BadInput:
        return BadInput(
            Sentence(
                "row {row}, column {column}: a cell of Excel holds {limit} characters at most; write .csv instead",
                row=at + 1,
                column=self.sheet.columns[place].title,
                limit=_LONGEST,
            )
        )

    def _totals(self, at: int) -> None:
        for place, column in enumerate(self.sheet.columns):
            form = _look(column, self.sums.get(place, 0))
            look = {**self.plain, "bold": True, "top": 2, "num_format": _LOOKS.get(form, "General")}
            value = self.sums.get(place, None if place else self.sheet.total)
            self.page.write(at, place, value, self.book.add_format(look))

    def _layout(self, header: int, last: int) -> None:
        """Set widths, the frozen header, the filter, the drop-downs, and how it is printed: A4 across, header repeated."""
        page, columns = self.page, self.sheet.columns
        for place, column in enumerate(columns):
            width = column.width or min(max(self.widths[place], _NARROWEST), _WIDEST)
            page.set_column(place, place, width, self.formats[place])
            if column.choices or column.hint:
                page.data_validation(header + 1, place, max(last, header + _CHOSEN_ROWS), place, _offer(column))
        page.freeze_panes(header + 1, 0)
        if last > header:
            page.autofilter(header, 0, last, len(columns) - 1)
        page.hide_gridlines(0)  # which says: print them
        page.set_landscape()
        page.set_paper(9)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.repeat_rows(header)
        page.set_footer("&L&A&R&P / &N")


def _look(column: Column, value: Any) -> str:
    """Return how a number looks in its column: a count that is not whole shows its decimals."""
    return "fraction" if column.form == "number" and value % 1 else column.form


def _offer(column: Column) -> dict[str, Any]:
    """Return what Excel is told of a column that is filled in: a list to choose from, a hint to read."""
    hint = {"input_title": column.title[:32], "input_message": column.hint[:255]} if column.hint else {}
    if column.choices:
        return {"validate": "list", "source": list(column.choices), "error_type": "warning", **hint}
    return {"validate": "any", **hint}


def _no_markup(text: str) -> str:
    """Return a text that xlsxwriter does not take for its own formatted strings, which it writes as they are."""
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def _sheet_name(name: str) -> str:
    """Return a name Excel takes: 31 characters, none of those it uses itself."""
    return re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:31] or "1"


@lru_cache(maxsize=8192)
def _serial(value: date) -> float:
    """Return a date, or a local instant, as Excel counts it."""
    days = value.toordinal() - _EPOCH
    if not isinstance(value, datetime):
        return days
    return days + (value.hour * 3600 + value.minute * 60 + value.second) / 86_400


def _shown(value: Value) -> str:
    return "" if value is None else str(value)


def _cells(text: str) -> int:
    """Return how wide a text is: a Chinese character takes two places; of several lines the longest counts."""
    return max(sum(2 if east_asian_width(each) in "WF" else 1 for each in line) for line in text.split("\n"))
