"""Every dirty ledger is understood as it was meant, and what cannot be read is named by sheet, row and column."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cases.exchange import importing, sources
from cases.exchange.columns import extended, key, standard
from cases.exchange.examining import Entry, Findings
from cases.exchange.values import listed
from tests.cases.dirty import DIRTY, HEAD, Dirty, row
from tests.cases.ledgers import Ledger, opened
from workflow.errors import BadInput

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with opened(str(tmp_path_factory.mktemp("dirty") / "rectify.db")) as made:
        yield made


def cells(row: Any) -> list[Any]:
    return row.split("|") if isinstance(row, str) else list(row)


def written(dirty: Dirty, folder: Path) -> Path:
    """Write a ledger as its office would send it."""
    if dirty.encoding:
        path = folder / "台账.csv"
        with path.open("w", encoding=dirty.encoding, newline="") as stream:
            csv.writer(stream, delimiter="\t" if "16" in dirty.encoding else ",").writerows(
                map(cells, dirty.sheets["台账"])
            )
        return path
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in dirty.sheets.items():
        page = book.create_sheet(name)
        for each in rows:
            page.append([None if cell == "" else cell for cell in cells(each)])
        for merged in dirty.merged:
            page.merge_cells(merged)
    path = folder / "台账.xlsx"
    book.save(path)
    return path


def read(made: Ledger, path: Path, mapping: Path | None = None, who: str = "Sun") -> tuple[list[Entry], Findings]:
    actor = made.actor(who)
    with sources.opened(path) as source, made.store.read() as tx:
        asked = importing.Asked(actor, made.policy, made.calendar, NOW, extended(mapping))
        sheets, _ = importing.sheets_of(source, asked.vocabulary, made.policy)
        walk = asked.examination(tx)
        return [entry for batch in walk.batches(sheets, lambda _: None) for entry in batch], walk.findings


def told(entry: Entry) -> str:
    if entry.is_clean:
        return f"clean {entry.said['found_on']}"
    stated = " ".join(f"{each.trigger}:{each.on or '?'}" for each in entry.proof.statements)
    return f"{entry.said['text']} {entry.said.get('grade', '-')} {entry.said['found_on']} {stated}"


def test_there_are_at_least_forty() -> None:
    assert len(DIRTY) >= 40


@pytest.mark.parametrize("dirty", DIRTY, ids=[each.name for each in DIRTY])
def test_a_dirty_ledger_is_understood_as_it_was_meant(dirty: Dirty, ledger: Ledger, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml" if dirty.mapping else None
    if mapping is not None:
        mapping.write_text(dirty.mapping, encoding="utf-8")
    entries, findings = read(ledger, written(dirty, tmp_path), mapping)
    assert [told(entry) for entry in entries] == dirty.told
    assert [f"{each.row} {each.column}: {each.found or '–'}" for each in findings.complaints] == dirty.complaints
    assert sorted(findings.oddities()) == sorted(dirty.odd)


def test_numbered_hazards_share_what_is_said_once_and_divide_what_is_numbered_alike(
    ledger: Ledger, tmp_path: Path
) -> None:
    dirty = next(each for each in DIRTY if each.name == "several numbered hazards in one cell")
    entries, _ = read(ledger, written(dirty, tmp_path))
    assert {entry.row.number for entry in entries} == {2}
    assert [entry.said["responsible"] for entry in entries] == ["张伟"] * 3


def test_no_name_of_a_column_belongs_to_two_fields() -> None:
    import tomllib
    from importlib.resources import files

    listed = tomllib.loads((files("cases.exchange") / "columns.toml").read_text(encoding="utf-8"))
    names = [
        (key(name), field)
        for field, said in listed["fields"].items()
        for name in {field, said["title"], said["english"], *said.get("names", ())}
    ]
    assert len(dict(names)) == len(set(names))
    for meanings in listed["words"].values():
        words = [key(word) for said in meanings.values() for word in said]
        assert len(words) == len(set(words)), [word for word in words if words.count(word) > 1]


def test_every_label_of_a_state_a_grade_and_a_visit_is_understood() -> None:
    import gettext

    from cases.locale import DOMAIN, FOLDER
    from workflow.states import State
    from workflow.terms import Grade, InspectionKind, UnitKind

    chinese = gettext.translation(DOMAIN, FOLDER, ["zh_CN"])
    for kind, term, words in (
        ("state", "state", State),
        ("grade", "grade", Grade),
        ("visit", "kind", InspectionKind),
        ("unit_kind", "kind", UnitKind),
    ):
        for word in words:  # type: ignore[attr-defined]  # an enum
            assert standard().meaning(kind, word) == word
            assert standard().meaning(kind, chinese.gettext(f"{term}\x04{word}")) == word


def test_an_old_excel_file_is_read_too(ledger: Ledger) -> None:
    """Written by another program: a title, merged units, a real date, a grade as a number."""
    entries, findings = read(ledger, Path(__file__).parent / "old.xls")
    assert [told(entry) for entry in entries] == ["混放 general 2025-07-17 close:?", "未接地 general 2025-07-18 "]
    assert findings.complaints == []


# -- files that are no ledgers -----------------------------------------------------------------------------------------


def test_a_file_without_a_header_is_told_what_is_expected(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match="has no header with the columns 企业名称, 检查时间, 隐患描述; name yours with --mapping"
    ):
        read(ledger, written(Dirty("", {"台账": ["甲|乙", "1|2"]}), tmp_path))


def test_a_header_that_lacks_a_column_is_told_which_and_what_else_is_there(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"row 1: the header has no column for 检查时间 .unused: 哪天.; name it with --mapping"
    ):
        read(ledger, written(Dirty("", {"台账": [HEAD.replace("检查时间", "哪天"), row()]}), tmp_path))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[colums]\nunit = '老板'\n", "line 1: colums is unknown; use [columns], [words.KIND], [defaults]"),
        ("[columns]\n\nboss = '老板'\n", "line 3: boss is unknown; use number, department"),
        ("[words.state]\n'搞定' = 'finished'\n", "line 2: finished is unknown; use found, ordered"),
        ("[words.mood]\n'好' = 'good'\n", "line 1: mood is unknown; use grade"),
        ("[defaults]\nweather = '晴'\n", "line 2: weather is unknown; use department"),
        ("[defaults]\ngrade = '特急'\n", "line 2: 特急 is unknown; use general"),
        ("[defaults]\nfound_on = '去年'\n", "line 2: found_on is a date like 2026-03-02"),
        ("[columns\n", "cannot be read; give a TOML file in UTF-8"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_by_its_line(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        extended(path)
    assert why in str(refused.value)


def test_a_date_is_what_its_text_says() -> None:
    from cases.exchange.values import day

    assert day("2025.12.1") == date(2025, 12, 1)


@pytest.mark.parametrize(
    ("said", "entries"),
    [
        ("1.灭火器过期2.通道堵塞", ["灭火器过期", "通道堵塞"]),
        ("1、灭火器过期2、通道堵塞；3、灯坏", ["灭火器过期", "通道堵塞", "灯坏"]),
        ("（1）灭火器过期（2）通道堵塞", ["灭火器过期", "通道堵塞"]),
        ("1）灭火器过期2）通道堵塞", ["灭火器过期", "通道堵塞"]),
        ("1.灭火器(2)号过期2.灯坏", ["灭火器(2)号过期", "灯坏"]),
        ("1、A车间2、3号机无护罩", ["1、A车间2、3号机无护罩"]),
        ("1、2、3号车间未接地", ["1、2、3号车间未接地"]),
        ("1.距离1.2米，宽2.5米", ["1.距离1.2米，宽2.5米"]),
        ("1.仓库灭火器2具过期", ["1.仓库灭火器2具过期"]),
    ],
)
def test_numbers_need_nothing_between_the_entries_and_what_is_counted_is_none(said: str, entries: list[str]) -> None:
    assert listed(said) == entries
