"""Opens what people call an Excel ledger: .xlsx, .xls and .csv, told by their content and not by their name.

Every kind comes as sheets of rows of plain values, merged cells filled in, in bounded memory. Nothing is computed:
a cell that holds a formula comes as `FORMULA`, so that whoever needs its value can say so.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from cases.exchange import parcels
from cases.exchange.sheets import unguarded
from workflow.errors import BadInput
from workflow.words import Sentence

#: The largest file that is looked at at all, and the most columns and merged ranges a sheet of a ledger has.
_FILE, _COLUMNS, _MERGED = 200_000_000, 1000, 200_000
_EXCEL, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE: Final = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")
#: Streams of the old format that run or lock: their names stand in its directory as UTF-16.
_MACROS, _LOCKED = "_VBA_PROJECT".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")


class Formula:
    """What stands in place of a formula's result."""

    def __repr__(self) -> str:
        return "a formula"


FORMULA = Formula()
Cells = list[Any]


@dataclass(frozen=True)
class Page:
    """One sheet: its rows with their numbers, as often as they are asked for."""

    name: str
    _rows: "_Sheet | _Lines"

    @property
    def height(self) -> int:
        """About how many rows there are."""
        return self._rows.height

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield the number of each row, from 1, and its cells."""
        return iter(self._rows)


@dataclass(frozen=True)
class Source:
    """A file that was opened."""

    path: Path
    #: SHA-256 of its bytes.
    digest: str
    pages: Sequence[Page]


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a ledger. Raises BadInput for what is none, is damaged, too large or made to do harm."""
    digest, head = _looked_at(path)
    if head.startswith(_EXCEL):
        with _workbook(path, _formulas(path)) as pages:
            yield Source(path, digest, pages)
    elif head.startswith(_OLD_EXCEL):
        _refuse_old(path)
        with _workbook(path, {}) as pages:
            yield Source(path, digest, pages)
    elif head.lstrip().lower().startswith(_WEB_PAGE):
        raise BadInput(Sentence("{file} is a web page that calls itself Excel; save it again as .xlsx", file=path.name))
    else:
        yield Source(path, digest, [Page(path.stem, _Lines(path, _encoding(path)))])


def _looked_at(path: Path) -> tuple[str, bytes]:
    try:
        size = path.stat().st_size
        if not path.is_file():  # a pipe or a device has no end that is known, and is read twice
            raise BadInput(Sentence("{file} is no file; save what it gives to one first", file=path.name))
        if size > _FILE:
            raise BadInput(
                Sentence("{file} is larger than {limit} MB; split it up", file=path.name, limit=_FILE // 10**6)
            )
        with path.open("rb") as stream:
            head = stream.read(64)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(Sentence("{file} cannot be read; check the path", file=str(path))) from error
    if not head:
        raise BadInput(Sentence("{file} is empty", file=path.name))
    return digest, head


# -- workbooks ---------------------------------------------------------------------------------------------------------


def _formulas(path: Path) -> dict[str, set[tuple[int, int]]]:
    """Return where formulas stand, by sheet: whatever is worse is refused by the way."""
    extents = parcels.inspected(path)
    if not any(extent.formulas for extent in extents.values()):
        return {}
    return {name: extents[part].formulas for name, part in parcels.parts_of_sheets(path).items() if part in extents}


def _refuse_old(path: Path) -> None:
    with path.open("rb") as stream:
        content = stream.read()
    for mark, why in ((_LOCKED, Sentence("it is locked by a password")), (_MACROS, Sentence("it holds macros"))):
        if mark in content:
            raise BadInput(
                Sentence(
                    "{file} is refused: {why}; copy the values into a new .xlsx file and import that",
                    file=path.name, why=why,
                )
            )  # fmt: skip


@contextmanager
def _workbook(path: Path, formulas: Mapping[str, set[tuple[int, int]]]) -> Iterator[list[Page]]:
    from python_calamine import CalamineError, load_workbook

    try:
        with load_workbook(path) as book:
            hidden = [each.name for each in book.sheets_metadata if "WorkSheet" not in str(each.typ)]
            names = [name for name in book.sheet_names if name not in hidden]
            yield [Page(name, _Sheet(path, book, name, formulas.get(name, set()))) for name in names]
    except (CalamineError, OSError) as error:
        raise BadInput(Sentence("{file} is damaged; save it again as .xlsx", file=path.name)) from error


@dataclass
class _Sheet:
    """The rows of one sheet, its merged cells filled in below and beside their first."""

    path: Path
    book: Any
    name: str
    formulas: set[tuple[int, int]]
    _read: Any = field(default=None, repr=False)

    @property
    def sheet(self) -> Any:
        """The sheet itself, read when somebody first asks for it."""
        if self._read is None:
            self._read = self.book.get_sheet_by_name(self.name)
        return self._read

    @property
    def height(self) -> int:
        """How many rows it has."""
        return int(self.sheet.total_height)

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        sheet = self.sheet
        first, left = sheet.start or (0, 0)
        if sheet.total_width > _COLUMNS:
            raise _too_wide(self.path, self.name)
        merged = _Merged(sheet.merged_cell_ranges or [])
        for at, cells in enumerate(sheet.iter_rows(), first):
            if left:
                cells = [""] * left + cells  # noqa: PLW2901  # the same row, from column A on
            if merged.starts or merged.running:
                merged.fill(at, cells)
            if self.formulas:
                self._mark(at + 1, cells)
            yield at + 1, cells

    def _mark(self, number: int, cells: list[Any]) -> None:
        for place in range(len(cells)):
            if (number, place + 1) in self.formulas:
                cells[place] = FORMULA


class _Merged:
    """The merged ranges that a reader walking down a sheet is in."""

    def __init__(self, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self.starts: dict[int, list[tuple[int, int, int]]] = {}
        for (top, left), (bottom, right) in ranges[:_MERGED]:
            self.starts.setdefault(top, []).append((left, bottom, min(right, _COLUMNS)))
        self.running: list[tuple[int, int, int, Any]] = []

    def fill(self, at: int, cells: list[Any]) -> None:
        """Write the first cell of each range into its others in this row."""
        self.running = [each for each in self.running if at <= each[1]]
        for left, bottom, right in self.starts.pop(at, ()):
            if left < len(cells):
                self.running.append((left, bottom, right, cells[left]))
        for left, _, right, value in self.running:
            for place in range(left, min(right + 1, len(cells))):
                cells[place] = value


def _too_wide(path: Path, sheet: str) -> BadInput:
    return BadInput(
        Sentence(
            "{file}, sheet {sheet}: it has more than {limit} columns; no ledger has",
            file=path.name, sheet=sheet, limit=_COLUMNS,
        )
    )  # fmt: skip


# -- CSV ---------------------------------------------------------------------------------------------------------------


def _encoding(path: Path) -> str:
    """Return how a text file is written: UTF-8, or UTF-16 by its mark, else GB 18030, of which GBK is a part."""
    with path.open("rb") as stream:
        head = stream.read(4)
        is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
            stream.seek(0)
            if _decodes(stream, encoding):
                return encoding
    raise BadInput(Sentence("{file} is no Excel file and no text in UTF-8 or GBK", file=path.name))


def _decodes(stream: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := stream.read(1 << 20):
            if b"\0" in chunk and encoding != "utf-16":
                return False
            decoder.decode(chunk)
        decoder.decode(b"", True)  # its only way to say that this was all
    except UnicodeDecodeError:
        return False
    return True


class _Lines:
    """The rows of a CSV file."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self.encoding = path, encoding
        with path.open(encoding=encoding, newline="") as stream:
            head = stream.read(1 << 16)
        self.height = path.stat().st_size // max(len(head.encode()) // (head.count("\n") + 1), 1)
        self.delimiter = max(",\t;", key=head.count)

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        with self.path.open(encoding=self.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self.delimiter)
            try:
                for number, cells in enumerate(reader, start=1):  # as Excel counts: a cell may run over several lines
                    if len(cells) > _COLUMNS:
                        raise _too_wide(self.path, self.path.stem)
                    yield number, [unguarded(cell) if cell[:1] == "'" else cell for cell in cells]
            except (csv.Error, UnicodeError) as error:
                raise BadInput(
                    Sentence(
                        "{file}, line {line}: it cannot be read as CSV ({why}); save it again as .xlsx",
                        file=self.path.name, line=reader.line_num, why=str(error),
                    )
                ) from error  # fmt: skip
