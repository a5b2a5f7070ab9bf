"""Ledgers in and out: reading, importing and exporting 100 000 rows, beside openpyxl and the raw driver.

Both readers normalise types by the same code. The raw driver inserts the very rows that the import made, with their facts
and hashes made anew as it must; it reads no file, matches nobody and asks no rules. Both exporters read the same cases.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import update

from benchmarks.measuring import Line, resident_mb, seconds
from benchmarks.stores import ledger
from cases.desk import door as opened_door
from cases.exchange import importing, sources
from cases.exchange.columns import standard
from cases.exchange.exporting import exported
from cases.exchange.reading import sheet_of
from cases.exchange.sheets import Sheet, write_workbook
from cases.exchange.sources import Page
from cases.questions.asking import Asking
from cases.questions.filters import Filters
from cases.tables import people
from tests.cases.ledgers import Ledger

ROWS, IMPORTED = 100_000, 20_000
READ, INSERT, WRITE, GROWN_MB = 8.0, 2.5, 1.4, 150
HEAD = (
    "序号", "上报单位", "行业领域", "企业名称", "属地", "详细地址", "负责人", "隐患等级", "隐患描述", "隐患位置", "检查方式", "检查人",
    "检查时间", "判定依据", "整改责任人", "整改措施", "整改期限", "整改完成日期", "销号情况", "备注",
)  # fmt: skip


def rows(count: int) -> Iterator[list[Any]]:
    """Yield a year's ledger: 400 units, dates as dates and as texts, grades as they come, most of it closed."""
    first = date(2025, 1, 2)
    for at in range(count):
        found = first + timedelta(at * 300 // count)
        due, done = found + timedelta(20), found + timedelta(10 + at % 9)
        is_open = at % 10 == 0
        yield [
            at + 1, "east", "冷库", f"冷库企业{at % 400}", "East", f"某路{at % 400}号", "刘洋", ("一般", "3级", "较大", "重大")[at % 4],
            f"第{at}号阀门渗漏，未设警示标志", f"{at % 7}号机房", "日常检查", "Li、Wang", found if at % 2 else f"{found:%Y.%m.%d}",
            "GB 28009-2011 第5.2条", "刘洋", "更换阀门，补设标志", due if at % 3 else f"{due.year}年{due.month}月{due.day}日",
            None if is_open else done, "整改中" if is_open else "已整改销号", "",
        ]  # fmt: skip


def written(folder: Path, count: int, *, inline: bool = False) -> Path:
    """Write the ledger as Excel saves it, its texts in a part that cells share; or `inline`, as web systems export it."""
    from xlsxwriter import Workbook

    path = folder / f"{count}.xlsx"
    book = Workbook(str(path), {"constant_memory": inline})
    page, day = book.add_worksheet("台账"), book.add_format({"num_format": "yyyy/m/d"})
    page.write_row(0, 0, HEAD)
    for at, row in enumerate(rows(count), 1):
        for place, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(at, place, value, day)
            elif value is not None:
                page.write(at, place, value)
    book.close()
    return path


# -- reading -----------------------------------------------------------------------------------------------------------


def read(path: Path) -> int:
    with sources.opened(path) as source:
        return sum(_read(page) for page in source.pages)


def _read(page: Page) -> int:
    sheet = sheet_of(page, standard(), 4000)
    assert sheet is not None
    return sum(len(row.entries) for row in sheet.rows())


class _ByOpenpyxl:
    """The rows of a sheet as openpyxl reads them, for the same normalising."""

    height = 0

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[tuple[int, list[Any]]]:
        from openpyxl import load_workbook

        page = load_workbook(self.path, read_only=True).worksheets[0]
        for number, cells in enumerate(page.iter_rows(values_only=True), 1):
            yield number, ["" if cell is None else cell for cell in cells]


def read_by_openpyxl(path: Path) -> int:
    return _read(Page("台账", _ByOpenpyxl(path)))  # type: ignore[arg-type]  # rows with numbers, as any page has


def _reading(folder: Path) -> Iterator[Line]:
    for inline, kind in ((False, "as Excel saves it"), (True, "as web systems export it")):
        path = written(folder, ROWS, inline=inline)
        assert read(path) == ROWS
        mine, theirs = [], []
        for _ in range(2):
            theirs.append(seconds(partial(read_by_openpyxl, path)))
            mine.append(seconds(partial(read, path)))
        ratio = median(theirs) / median(mine)
        told = f"{ratio:.1f} times faster ({median(mine):.1f} s : {median(theirs):.1f} s)"
        what = f"reading a ledger of {ROWS} × {len(HEAD)} {kind} and normalising it, by openpyxl read-only"
        yield Line(what, told, f"≥ {READ:.0f} times", ratio >= READ)


# -- importing ---------------------------------------------------------------------------------------------------------

_TABLES = ("inspections", "inspection_officers", "orders", "hazards", "steps", "items", "deadlines", "imported_rows")


def _import(made: Ledger, path: Path) -> None:
    """Import a ledger as the command does, the survey before it included."""
    now = made.at(300)
    with sources.opened(path) as source:
        asked = importing.Asked(made.actor("Sun"), made.policy, made.calendar, now, standard())
        with made.store.read() as tx:
            importing.surveyed(tx, source, asked, lambda _: None)
        with made.store.begin() as tx:
            door = opened_door(tx, "Sun", None, None, now)
            importing.taken(door, source, replace(asked, actor=door.acting.actor), lambda _: None)


def _rows_of(made: Ledger) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Return every row that the import wrote, as the driver has them."""
    cursor = made.store.connection().cursor()
    found = {}
    for name in _TABLES:
        cursor.execute(f'SELECT * FROM "{name}"')
        found[name] = ([column[0] for column in cursor.description], cursor.fetchall())
    return found


def _insert(made: Ledger, stored: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    """Insert the same rows with the raw driver, in one transaction; facts and hashes of the steps are made anew."""
    cursor = made.store.connection().cursor()
    cursor.execute("BEGIN IMMEDIATE" if made.store.kind == "sqlite" else "BEGIN")
    for name, (columns, found) in stored.items():
        anew = _hashed(columns, found) if name == "steps" else found
        for at in range(0, len(anew), 1000):
            cursor.executemany(_sql(made, name, columns), anew[at : at + 1000])
    cursor.execute("COMMIT")


def _hashed(columns: list[str], rows_: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    facts, head = columns.index("facts"), columns.index("hash")
    made = []
    for row in rows_:
        said = json.dumps(json.loads(row[facts]), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        hashlib.sha256(json.dumps([str(cell) for cell in row[:head]], ensure_ascii=False).encode()).hexdigest()
        made.append((*row[:facts], said, *row[facts + 1 :]))
    return made


def _copied(kind: str, made: Ledger, stored: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> float:
    """Insert the rows of an import into an empty store with the same registers; return how long that took."""
    with ledger(kind) as other:
        units = made.store.connection().cursor()
        units.execute("SELECT * FROM units")
        columns, there = [column[0] for column in units.description], units.fetchall()
        cursor = other.store.connection().cursor()
        cursor.execute("DELETE FROM people WHERE unit_id IS NOT NULL")
        cursor.execute("DELETE FROM units")
        cursor.executemany(_sql(other, "units", columns), there)
        cursor.execute(*_the_import(other))
        return seconds(partial(_insert, other, stored))


def _the_import(made: Ledger) -> tuple[str, tuple[Any, ...]]:
    at = made.at(300)
    said = (1, "台账.xlsx", "-", at if made.store.kind == "postgresql" else at.replace(tzinfo=None).isoformat(" "), 1)
    return _sql(made, "imports", ["id", "file", "digest", "imported_at", "imported_by"]), said


def _sql(made: Ledger, table: str, columns: Sequence[str]) -> str:
    mark = "?" if made.store.kind == "sqlite" else "%s"
    listed = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({listed}) VALUES ({", ".join([mark] * len(columns))})'


def _importing(folder: Path) -> Iterator[Line]:
    path = written(folder, IMPORTED)
    for kind in ("SQLite FULL", "PostgreSQL"):
        mine, theirs, grown = [], [], 0.0
        for _ in range(2):
            with ledger(kind) as made:
                _logins(made)
                before = resident_mb()
                mine.append(seconds(partial(_import, made, path)))
                grown = max(grown, resident_mb() - before)
                theirs.append(_copied(kind, made, _rows_of(made)))
        ratio = median(mine) / median(theirs)
        told = f"×{ratio:.2f} ({median(mine) / IMPORTED * 1e6:.0f} µs : {median(theirs) / IMPORTED * 1e6:.0f} µs a row)"
        yield Line(f"importing a ledger of {IMPORTED} rows, {kind}", told, f"≤ {INSERT} × raw driver", ratio <= INSERT)


def _logins(made: Ledger) -> None:
    """Let everybody be known by their name."""
    with made.store.begin() as tx:
        tx.run(update(people).values(login=people.c.name))


# -- exporting ---------------------------------------------------------------------------------------------------------


def _exporting(folder: Path) -> Iterator[Line]:
    """Export the cases of an import; openpyxl is given the same rows as we read them."""
    with ledger("SQLite FULL") as made:
        _logins(made)
        _import(made, written(folder, ROWS))
        mine, theirs, grown = [], [], 0.0
        for turn in range(2):
            before = resident_mb()
            mine.append(seconds(partial(_export, made, folder / "ours.xlsx")))
            grown = max(grown, resident_mb() - before) if turn else 0.0
            theirs.append(seconds(partial(_export_by_openpyxl, made, folder / "theirs.xlsx")))
    ratio = median(theirs) / median(mine)
    told = f"{ratio:.2f} times faster ({median(mine):.1f} s : {median(theirs):.1f} s)"
    yield Line(f"exporting {ROWS} cases, by openpyxl write-only", told, f"≥ {WRITE} times", ratio >= WRITE)
    yield Line("memory grown by such an export", f"{grown:.1f} MB", f"< {GROWN_MB} MB", grown < GROWN_MB)


def _sheet(asking: Asking) -> Sheet:
    return exported(asking, Filters(), is_chinese=True)


def _export(made: Ledger, path: Path) -> None:
    with made.asking("Sun", 300) as asking:
        write_workbook(path, [_sheet(asking)])


def _export_by_openpyxl(made: Ledger, path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet("台账")
    with made.asking("Sun", 300) as asking:
        sheet = _sheet(asking)
        page.append([column.title for column in sheet.columns])
        for row in sheet.rows:
            page.append(row)
    book.save(path)


def measure() -> Iterator[Line]:
    folder = Path(tempfile.mkdtemp(prefix="rectify-bench-"))
    try:
        yield from _reading(folder)
        yield from _importing(folder)
        yield from _exporting(folder)
    finally:
        shutil.rmtree(folder)
