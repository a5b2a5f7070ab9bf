"""Looks into an .xlsx file before anything reads it: a zip of XML parts, of which some are made to do harm.

What is refused is refused in bounded time and memory: bombs, sheets of a million columns, macros, links to other files,
entities. Formulas are only located here; whether one matters is for whoever reads its cell. Every part is unpacked as
its bytes are, whatever sizes the directory claims.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile, ZipInfo

from workflow.errors import BadInput
from workflow.words import Sentence

#: What a ledger may weigh: its parts, its XML in all, the texts that sheets share, the cells of a sheet.
_PARTS, _XML, _SHARED, _CELLS = 2000, 600_000_000, 200_000_000, 9_000_000
#: Rows times columns of a sheet: what a reader sets aside for it, whether there is something in the cells or not.
_AREA: Final = 12_000_000
_CHUNK: Final = 1 << 20
_FORMULAS: Final = 200_000

#: Parts that run, reach out or bring other programs along.
_HARMFUL: Final = (
    (re.compile(r"vbaproject|/macrosheets/|/dialogsheets/"), Sentence("it holds macros")),
    (re.compile(r"/externallinks/|/connections\.xml|/querytables/"), Sentence("it links to other files or databases")),
    (re.compile(r"/activex/|/embeddings/"), Sentence("it holds embedded programs")),
)
_MAIN = re.compile(r"macroenabled|ms-excel\.sheet\.binary")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([^"']+)""")
#: A row without anything in it, or as every program writes one: up to 26 columns, all cells of this row, plain values.
#: Nothing in it is tried twice (the + behind each *), so that no row costs more than its length.
_PLAIN_ROW = re.compile(
    rb"<row [^>]*+>(?:(?<=/>)|(?:<c [^>]*+>(?<=/>))*+</row>)"
    rb'|<row r="(\d{1,7})"[^>]*+>(?:<c r="[A-Z]\1"[^>]*+>'
    rb"(?:<v>[^<]*+</v></c>|<is><t[^>]*+>[^<]*+</t></is></c>|</c>|(?<=/>)))*+</row>"
)
#: Cells with something in them.
_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^>/])?>')
_ANY_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?:\s[^>]*[^>/])?>")
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f')
#: The same with any blanks, quotes and prefixes.
_TAG = re.compile(rb"""<(?:[\w.-]+:)?(row|c|f)((?:\s(?:[^>"']|"[^"]*"|'[^']*')*)?)>""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([^"']*)["']""")


@dataclass(slots=True)
class Extent:
    """How far a sheet reaches, and which of its cells hold formulas (rows and columns from 1)."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    formulas: set[tuple[int, int]] = field(default_factory=set)

    def reach(self, row: int, column: int) -> None:
        """Take in a cell."""
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)


def inspected(path: Path) -> dict[str, Extent]:
    """Return the extent of each sheet part. Raises BadInput for a file that is damaged or made to do harm."""
    try:
        with ZipFile(path) as parcel, path.open("rb") as stream:
            parts = parcel.infolist()
            _refuse_directory(path, parts)
            return _unpacked(path, stream, parts)
    except (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError) as error:
        raise BadInput(Sentence("{file} is damaged; save it again as .xlsx", file=path.name)) from error


def parts_of_sheets(path: Path) -> dict[str, str]:
    """Return the part that each sheet of an inspected workbook is in, by the sheet's name."""
    with ZipFile(path) as parcel:
        try:
            book = ElementTree.fromstring(parcel.read("xl/workbook.xml"))
            links = ElementTree.fromstring(parcel.read("xl/_rels/workbook.xml.rels"))
        except (KeyError, ElementTree.ParseError) as error:
            raise BadInput(Sentence("{file} is damaged; save it again as .xlsx", file=path.name)) from error
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    found = {}
    for sheet in book.iter():
        linked = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        if sheet.tag.endswith("}sheet") and linked in targets:
            target = targets[linked]
            found[str(sheet.get("name"))] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _refused(path: Path, why: Sentence) -> BadInput:
    return BadInput(
        Sentence(
            "{file} is refused: {why}; copy the values into a new .xlsx file and import that", file=path.name, why=why
        )
    )


def _refuse_directory(path: Path, parts: list[ZipInfo]) -> None:
    """Refuse by the names and sizes in the directory: what they claim is checked again while unpacking."""
    names = [part.filename.lower() for part in parts]
    if len(parts) > _PARTS or len(set(names)) < len(names):
        raise _refused(path, Sentence("its parts are not those of a workbook"))
    for name in names:
        for harmful, why in _HARMFUL:
            if harmful.search("/" + name):
                raise _refused(path, why)
    if sum(part.file_size for part in parts) > 2 * _XML or sum(part.compress_size for part in parts) > 2 * _XML:
        raise _refused(path, _too_large())
    if any(part.flag_bits & 1 or part.compress_type not in (0, 8) for part in parts):
        raise _refused(path, Sentence("it is encrypted or packed in an unusual way"))


def _too_large() -> Sentence:
    return Sentence("unpacked it is larger than any ledger")


def _unpacked(path: Path, stream: IO[bytes], parts: list[ZipInfo]) -> dict[str, Extent]:
    found: dict[str, Extent] = {}
    left = _XML
    for part in parts:
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        is_sheet = "/worksheets/" in "/" + name and name.endswith(".xml")
        extent = found.setdefault(part.filename, Extent()) if is_sheet else None
        limit = min(left, _SHARED) if name.endswith("sharedstrings.xml") else left
        scan = _Scan(path, extent)
        for chunk in _content(stream, part):
            limit, left = limit - len(chunk), left - len(chunk)
            if limit < 0:
                raise _refused(path, _too_large())
            scan.feed(chunk)
        scan.close(name)
    return found


def _content(stream: IO[bytes], part: ZipInfo) -> Iterator[bytes]:
    """Yield what a part really holds, a megabyte at most at a time."""
    stream.seek(part.header_offset)
    header = struct.unpack("<4s2B4HL2L2H", stream.read(30))
    if header[0] != b"PK\x03\x04":
        raise BadZipFile("no local header")
    stream.seek(header[10] + header[11], 1)
    packed = part.compress_size
    unpacker = zlib.decompressobj(-15) if part.compress_type == 8 else None
    while packed > 0 and (data := stream.read(min(packed, 1 << 16))):
        packed -= len(data)
        if unpacker is None:
            yield data
            continue
        while data:
            yield unpacker.decompress(data, _CHUNK)
            data = unpacker.unconsumed_tail
    if unpacker is not None:
        yield unpacker.flush()


class _Scan:
    """Reads one part in pieces that end between two tags, so that nothing is missed on a border."""

    def __init__(self, path: Path, extent: Extent | None) -> None:
        self.path, self.extent = path, extent
        self.rest = b""
        self.begun = False

    def feed(self, chunk: bytes) -> None:
        """Take in a piece. Raises BadInput as soon as something is wrong."""
        text = self.rest + chunk if self.rest else chunk
        if not self.begun and len(text) > 256:
            self._begin(text)
        if len(text) < _CHUNK // 2:
            self.rest = text
            return
        cut = text.rfind(b"</row>") + 6 if self.extent is not None else 0
        cut = cut if cut > 6 else text.rfind(b"<")
        if cut <= 0 or len(text) - cut > _CHUNK * 3 // 2:
            raise _refused(self.path, Sentence("a cell holds more than any ledger says"))
        self._look(text[:cut])
        self.rest = text[cut:]

    def close(self, name: str) -> None:
        """Take in what is left."""
        if not self.begun:
            self._begin(self.rest)
        self._look(self.rest)
        if name == "[content_types].xml" and _MAIN.search(self.rest.decode("utf-8", "replace").lower()):
            raise _refused(self.path, Sentence("it holds macros"))

    def _begin(self, text: bytes) -> None:
        self.begun = True
        encoding = _ENCODING.search(text[:200])
        if text.startswith((b"\xff\xfe", b"\xfe\xff")) or (
            encoding is not None and encoding[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")
        ):
            raise _refused(self.path, Sentence("its parts are in an unusual encoding"))

    def _look(self, text: bytes) -> None:
        if self.extent is None:
            self._refuse_entities(text)
            return
        extent = self.extent
        self._measure(text, extent)
        if extent.cells > _CELLS or extent.rows * extent.columns > _AREA or len(extent.formulas) > _FORMULAS:
            raise _refused(self.path, Sentence("a sheet reaches over more cells than any ledger has"))

    def _refuse_entities(self, text: bytes) -> None:
        if b"<!" in text and _ENTITY.search(text):
            raise _refused(self.path, Sentence("it declares XML entities"))

    def _measure(self, text: bytes, extent: Extent) -> None:
        """Step over plain rows, which cost next to nothing, and look closely at whatever is between them."""
        at = 0
        for row in _PLAIN_ROW.finditer(text):
            if row.start() > at:
                self._measure_closely(text[at : row.start()], extent)
            at = row.end()
            if row[1] is not None:
                extent.rows, extent.columns = max(extent.rows, int(row[1])), extent.columns or 26
        self._measure_closely(text[at:], extent)
        extent.cells += text.count(b"<") // 4  # at most: a cell with something in it has four tags or more

    def _measure_closely(self, text: bytes, extent: Extent) -> None:
        self._refuse_entities(text)
        cells = _CELL.findall(text)
        if len(cells) != len(_ANY_CELL.findall(text)):
            self._measure_slowly(text, extent)
            return
        for letters, number in cells:
            extent.reach(int(number), _column(letters))
        extent.formulas.update((int(number), _column(letters)) for letters, number in _FORMULA.findall(text))

    def _measure_slowly(self, text: bytes, extent: Extent) -> None:
        """Read tag by tag what no usual program wrote."""
        row, column = extent.rows, 0
        for name, attributes in _TAG.findall(text):
            place = _PLACE.search(attributes)
            if name == b"row":
                row, column = int(place[1]) if place and place[1].isdigit() else row + 1, 0
            elif name == b"f":
                extent.formulas.add((row, column))
            elif not attributes.endswith(b"/"):
                named = None if place is None else re.fullmatch(rb"([A-Z]{1,3})(\d{1,7})", place[1])
                if place is not None and named is None:
                    raise _refused(self.path, Sentence("its cells are named in an unusual way"))
                row, column = (int(named[2]), _column(named[1])) if named else (row, column + 1)
                extent.reach(row, column)
                extent.cells += 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
