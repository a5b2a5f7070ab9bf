"""Files that are made to do harm are refused in bounded time and memory, each with its reason."""

import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.exchange import parcels, sources
from cases.exchange.sheets import Column, Sheet, write_workbook
from workflow.errors import BadInput

HEADINGS = ("企业名称", "检查时间", "隐患描述")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    write_workbook(path, [Sheet("台账", [Column(each) for each in HEADINGS], [("某厂", "2025-07-17", "混放")])])
    return path


def rebuilt(
    good: Path, folder: Path, change: Callable[[str, bytes], bytes] = lambda _, said: said, **more: bytes
) -> Path:
    """Write a workbook anew with its parts changed and others added."""
    path = folder / "bad.xlsx"
    with zipfile.ZipFile(good) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            after.writestr(part, change(part, before.read(part)))
        for part, said in more.items():
            after.writestr(part, said)
    return path


def sheet(change: Callable[[bytes], bytes]) -> Callable[[str, bytes], bytes]:
    return lambda part, said: change(said) if part == "xl/worksheets/sheet1.xml" else said


def cell(said: bytes) -> Callable[[str, bytes], bytes]:
    """Put more rows at the end of the sheet."""
    return sheet(lambda before: before.replace(b"</sheetData>", said + b"</sheetData>"))


def rows_of(path: Path) -> list[list[object]]:
    with sources.opened(path) as source:
        return [list(cells) for page in source.pages for _, cells in page.rows()]


def test_a_plain_workbook_is_read(good: Path) -> None:
    assert rows_of(good) == [list(HEADINGS), ["某厂", "2025-07-17", "混放"]]


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
PARTS = {
    "macros": ({"xl/vbaProject.bin": b"x"}, "it holds macros"),
    "old macros": ({"xl/macrosheets/sheet1.xml": b"<x/>"}, "it holds macros"),
    "links": ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "it links to other files"),
    "a database": ({"xl/connections.xml": b"<x/>"}, "it links to other files or databases"),
    "programs": ({"xl/embeddings/oleObject1.bin": b"x"}, "it holds embedded programs"),
    "UTF-16": ({"xl/more.xml": '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")}, "unusual encoding"),
}
CHANGES = {
    "entities": (sheet(lambda said: said.replace(b"<worksheet", DOCTYPE + b"<worksheet", 1)), "it declares XML entities"),
    "a million columns": (cell(b'<row r="3"><c r="XFD3"><v>1</v></c></row><row r="900000"><c r="A900000"><v>1</v></c></row>'), "more cells than any ledger"),
    "far away in plain sight": (cell(b'<row r="1048576"><c r="Z1048576"><v>1</v></c></row>'), "more cells than any ledger"),
    "in single quotes": (cell(b"<row r='1000000'><c r='ZZ1000000'><v>1</v></c></row>"), "more cells than any ledger"),
    "behind another attribute": (cell(b'<row r="3"><c x=">" r="XFD1000000"><v>1</v></c></row>'), "more cells than any ledger"),
    "with a prefix": (cell(b'<x:row r="3"><x:c r="XFD1000000"><x:v>1</x:v></x:c></x:row>'), "more cells than any ledger"),
    "in a row of another number": (cell(b'<row r="3"><c r="XFD1000000"><v>1</v></c></row>'), "more cells than any ledger"),
    "spelt with entities": (cell(b'<row r="3"><c r="&#88;FD3"><v>1</v></c></row>'), "named in an unusual way"),
    "a text without end": (cell(b'<row r="3"><c r="A3"><v>' + b"x" * 3_000_000 + b"</v></c></row>"), "a cell holds more than any ledger"),
    "a type with macros": (lambda part, said: said.replace(b"sheet.main", b"sheet.macroEnabled.main") if part.startswith("[Content") else said, "it holds macros"),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_parts_that_run_or_reach_out_are_refused(name: str, good: Path, tmp_path: Path) -> None:
    parts, why = PARTS[name]
    with pytest.raises(BadInput, match=why):
        rows_of(rebuilt(good, tmp_path, **parts))


@pytest.mark.parametrize("name", CHANGES)
def test_sheets_that_would_fill_the_memory_are_refused(name: str, good: Path, tmp_path: Path) -> None:
    change, why = CHANGES[name]
    with pytest.raises(BadInput, match=why):
        rows_of(rebuilt(good, tmp_path, change))


def test_a_bomb_is_refused_before_it_is_unpacked(good: Path, tmp_path: Path) -> None:
    """210 MB of texts in 2 MB: nothing near that is ever held."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(good) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after:
        for part in before.namelist():
            after.writestr(part, before.read(part))
        with after.open("xl/sharedStrings.xml", "w") as stream:
            for _ in range(210):
                stream.write((b"<si><t>" + b"x" * 993 + b"</t></si>") * 1000)
    assert path.stat().st_size < 3_000_000
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="unpacked it is larger than any ledger"):
            parcels.inspected(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_a_part_that_is_larger_than_the_directory_says_is_measured_as_it_is(good: Path, tmp_path: Path) -> None:
    path = rebuilt(good, tmp_path, cell(b'<row r="3"><c r="XFD900000"><v>1</v></c></row>'))
    content = bytearray(path.read_bytes())
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:  # each entry of the directory claims ten bytes
        content[at + 24 : at + 28] = struct.pack("<L", 10)
        at += 4
    path.write_bytes(content)
    with pytest.raises(BadInput, match="more cells than any ledger"):
        rows_of(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 and no more", "is damaged; save it again as .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is damaged; save it again as .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"), "it holds macros"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "it is locked by a password"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "is a web page that calls itself Excel"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no Excel file and no text in UTF-8 or GBK"),
        (b"\xff\xfea", "is no Excel file and no text in UTF-8 or GBK"),
        (b"\xff\xfe\x00\xd8", "is no Excel file and no text in UTF-8 or GBK"),
        (b"a,b\n" + b"x," * 2000 + b"\n", "has more than 1000 columns"),
        (b'a,b\n"' + b"x" * 300_000 + b'",1\n', "line 2: it cannot be read as CSV"),
    ],
)
def test_what_is_no_ledger_is_told_what_it_is(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "台账.xls"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=why):
        rows_of(path)


def test_what_has_no_end_is_no_ledger(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for endless in (Path("/dev/zero"), tmp_path / "pipe.csv", tmp_path):
        with pytest.raises(BadInput, match="is no file"):
            rows_of(endless)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read; check the path"):
        rows_of(tmp_path / "none.xlsx")


def test_styled_cells_without_anything_in_them_take_no_room(good: Path, tmp_path: Path) -> None:
    """A column that was coloured down to the last row of the sheet is no hostile file."""
    styled = b'<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row>'
    assert len(rows_of(rebuilt(good, tmp_path, cell(styled)))) == 2


def test_a_guarded_text_of_csv_comes_back_without_its_guard(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("a,b\n'=1+1,it's\n", encoding="utf-8")
    assert rows_of(path) == [["a", "b"], ["=1+1", "it's"]]
