"""What an office is handed: a sheet that prints, adds up, and in which no text becomes a formula."""

import csv
import io
import os
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import python_calamine

from cases.exchange.sheets import Column, Sheet, guarded, unguarded, write_csv, write_workbook
from workflow.errors import BadInput

COLUMNS = [
    Column("单位"),
    Column("发现日期", "date"),
    Column("件数", "number", total=True),
    Column("资金", "amount", total=True),
    Column("整改率", "percent"),
]
ROWS = [
    ("永安氧气经销站", date(2026, 3, 2), 3, Decimal("12.5"), 0.75),
    ("宏达冷库\n东厂区", None, 4, 0.25, None),
]
ATTACKS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "''@x",
    "=cmd|' /C calc'!A0",
    "<r><t>1</t></r>",
    "_x0041_",
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sheets") / "book.xlsx"
    sheets = [
        Sheet("台账[2026]", COLUMNS, ROWS, title="隐患台账", notes=["填报单位：县安监局"], total="合计"),
        Sheet("攻击", [Column("text")], [(text,) for text in ATTACKS]),
        Sheet("填写", [Column("等级", choices=["一般", "重大"], hint="选一个")], []),
    ]
    assert write_workbook(path, sheets) == len(ROWS) + len(ATTACKS)
    return path


def test_dates_and_numbers_are_real_and_the_totals_add_up(book: Path) -> None:
    page = openpyxl.load_workbook(book).worksheets[0]
    rows = list(page.iter_rows(values_only=True))
    assert rows[0][0] == "隐患台账"
    assert rows[1][0] == "填报单位：县安监局"
    assert rows[2] == ("单位", "发现日期", "件数", "资金", "整改率")
    assert rows[3] == ("永安氧气经销站", datetime(2026, 3, 2), 3, 12.5, 0.75)  # noqa: DTZ001  # Excel knows no zone
    assert rows[5] == ("合计", None, 7, 12.75, None)
    assert page["B4"].is_date
    assert page["E4"].number_format == "0.0%"


def test_the_header_is_frozen_repeated_on_every_page_and_filters_what_is_below(book: Path) -> None:
    page = openpyxl.load_workbook(book).worksheets[0]
    assert page.title == "台账 2026"
    assert page.freeze_panes == "A4"
    assert page.print_title_rows == "$3:$3"
    assert page.auto_filter.ref == "A3:E5"
    assert (page.page_setup.orientation, page.page_setup.fitToHeight, page.page_setup.paperSize) == ("landscape", 0, 9)
    assert page.column_dimensions["A"].width > 14, "Chinese takes two places"


def test_a_column_offers_its_choices(book: Path) -> None:
    (offer,) = openpyxl.load_workbook(book).worksheets[2].data_validations.dataValidation
    assert (offer.type, offer.formula1, str(offer.sqref)) == ("list", '"一般,重大"', "A2:A5001")


def test_no_text_becomes_a_formula_or_markup_in_excel(book: Path) -> None:
    page = openpyxl.load_workbook(book).worksheets[1]
    cells = [page.cell(at, 1) for at in range(2, len(ATTACKS) + 2)]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert [cell.quotePrefix for cell in cells[:6]] == [True] * 6, "also not when somebody edits the cell"
    with zipfile.ZipFile(book) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet2.xml")
    read = python_calamine.load_workbook(book).get_sheet_by_index(1).to_python()[1:]
    assert [row[0].rstrip(" ") for row in read] == ATTACKS  # type: ignore[union-attr]  # they are texts


@pytest.mark.parametrize("text", [*ATTACKS, "氧气", "", "'", "it's"])
def test_a_guarded_text_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(guarded(text)) == text


def test_csv_says_its_encoding_and_guards_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_csv(path, Sheet("台账", COLUMNS, [("=1+1", date(2026, 3, 2), 3, Decimal("12.5"), None)]))
    said = path.read_bytes()
    assert said.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(said.decode("utf-8-sig"))))
    assert rows == [[column.title for column in COLUMNS], ["'=1+1", "2026-03-02", "3", "12.5", ""]]


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(BadInput, match="32767 characters at most"):
        write_workbook(path, [Sheet("a", [Column("text")], [("长" * 40_000,)])])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(BadInput, match=r"cannot be written: .*; choose another place"):
        write_workbook(tmp_path / "no" / "book.xlsx", [Sheet("a", [Column("text")], [])])


@pytest.mark.parametrize("write", [write_csv, lambda path, sheet: write_workbook(path, [sheet])])
def test_a_link_stays_a_link_and_a_long_name_is_no_hindrance(
    tmp_path: Path, write: Callable[[Path, Sheet], object]
) -> None:
    sheet = Sheet("台账", COLUMNS, ROWS)
    real, link, long = tmp_path / "real", tmp_path / "link", tmp_path / ("隐" * 80 + ".x")
    real.write_text("old")
    link.symlink_to(real)
    for path in (link, long):
        write(path, sheet)
    assert link.is_symlink()
    assert real.read_bytes()[:2] in (b"PK", b"\xef\xbb")
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["real", "link", long.name])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX pipes")
@pytest.mark.parametrize(
    ("write", "begins"), [(write_csv, b"\xef\xbb\xbf"), (lambda path, sheet: write_workbook(path, [sheet]), b"PK")]
)
def test_a_pipe_is_written_to_and_stays_a_pipe(
    tmp_path: Path, write: Callable[[Path, Sheet], object], begins: bytes
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        write(pipe, Sheet("台账", COLUMNS, ROWS))
        said, _ = reader.communicate(timeout=60)
    assert said.startswith(begins)
    assert pipe.is_fifo()
