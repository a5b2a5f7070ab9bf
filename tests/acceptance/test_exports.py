"""What is exported prints, and imports again without loss: export, import elsewhere, export – and both are equal."""

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cases.exchange.exporting import FIELDS
from tests.acceptance.station import Station, made
from tests.acceptance.test_imports import OPEN, WHOLE, ledger
from tests.cli import Cli


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    """A bureau with a case in every state that commands lead to; more come from an older ledger."""
    folder = tmp_path_factory.mktemp("exports")
    station = made(str(folder / "rectify.db"), folder)
    imported = ledger(
        folder, WHOLE.replace("永安氧气", "=外地氧气").replace("混放", "@混放"), OPEN.replace("一般", "较大")
    )
    station.cli.done("import", "ledger", imported, "--as", "王敏")
    return station


def registers(cli: Cli, folder: Path, station: Station) -> Cli:
    """Make an empty store in which areas, departments and people are known, and no unit."""
    cli.init()
    for area in sorted(station.cli.told("area", "list"), key=lambda each: each["path"]):
        above = ["--under", area["under"]] if area["under"] else []
        cli.done("area", "add", area["code"], area["name"], "--rank", area["rank"], *above)
    for each in station.cli.told("department", "list"):
        cli.done("department", "add", each["name"], "--area", each["area_code"], "--rank", each["rank"])
    for each in station.cli.told("person", "list"):
        if each["department"] is not None:
            cli.done(
                "person",
                "add",
                each["name"],
                "--role",
                each["role"],
                "--department",
                each["department"],
                "--login",
                each["name"],
            )
    return cli


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of an exported ledger by the headings of their columns, the number of the case left out."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [{name: said for name, said in row.items() if name != "编号"} for row in csv.DictReader(stream)]
    page = openpyxl.load_workbook(path).active
    assert page is not None
    header, *below = list(page.iter_rows(min_row=2, values_only=True))
    return [dict(list(zip(header, row, strict=True))[1:]) for row in below if row[0] != "合计"]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_what_is_exported_imports_again_without_loss(
    suffix: str, station: Station, tmp_path: Path, database_url: str
) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    station.cli.done("export", "cases", first, "--lang", "zh")
    cli = registers(Cli(database_url), tmp_path, station)
    answer = cli.told("import", "ledger", first, "--department", "县安监局")
    assert answer["import"]["complaints"] == []
    cli.done("export", "cases", second, "--lang", "zh")
    assert len(rows(first)) == len(station.cli.told("list"))
    assert rows(second) == rows(first)
    assert {each["state"] for each in cli.told("list")} == {each["state"] for each in station.cli.told("list")}
    assert cli.told("audit", "verify")["ok"]


def test_an_export_is_a_ledger_that_prints(station: Station, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    assert station.cli.told("export", "cases", path, "--lang", "zh") == {
        "file": str(path),
        "cases": len(station.cli.told("list")),
    }
    page = openpyxl.load_workbook(path).active
    assert page is not None
    assert page.freeze_panes == "A3"
    assert page.print_title_rows == "$2:$2"
    found_on = page.cell(3, FIELDS.index("found_on") + 1)
    assert found_on.is_date
    texts = [cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str) and cell.value[:1] in "=@"]
    assert texts, "there are texts that begin like formulas"
    assert not [cell for cell in texts if cell.data_type == "f" or not cell.quotePrefix]


def test_the_same_store_takes_nothing_back(station: Station, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    station.cli.done("export", "cases", path)
    before = station.dump()
    answer = station.cli.told("import", "ledger", path, "--as", "王敏")
    assert answer["cases"] == []
    assert station.dump() == before


def test_filters_narrow_an_export(station: Station, tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    told = station.cli.told("export", "cases", path, "--state", "found", "--unit", "宏达冷库", "--lang", "zh")
    assert told["cases"] == len(rows(path)) == len(station.cli.told("list", "--state", "found", "--unit", "宏达冷库"))
    assert {row["销号情况"] for row in rows(path)} == {"已排查（待处理）"}
    assert station.cli.told("export", "cases", path, "--limit", "2", "--lang", "zh")["cases"] == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_template_is_a_ledger_with_drop_downs_and_help(lang: str, station: Station, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    station.cli.done("import", "template", path, "--lang", lang)
    book = openpyxl.load_workbook(path)
    page, help_page = book.worksheets
    header = [cell.value for cell in page[1]]
    assert len(header) == len(FIELDS) - 1
    offers = {str(each.sqref): each.formula1 for each in page.data_validations.dataValidation if each.type == "list"}
    grade = header.index("隐患等级" if lang == "zh" else "Grade")
    column = page.cell(1, grade + 1).column_letter
    assert offers[f"{column}2:{column}5001"] == ('"一般,较大,重大"' if lang == "zh" else '"general,larger,major"')
    assert help_page.max_row > len(header)
    filled = {"企业名称": "永安氧气", "检查时间": "2026-01-05", "隐患等级": "一般", "隐患描述": "新发现", "Unit": "永安氧气", "Found on": "2026-01-05", "Grade": "general", "Hazard": "新发现"}  # fmt: skip
    page.append([filled.get(str(heading)) for heading in header])
    book.save(path)
    answer = station.cli.told("import", "ledger", path, "--dry-run", "--as", "王敏")
    assert (answer["import"]["states"], answer["import"]["complaints"]) == ({"found": 1}, [])


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("export", "cases", "out.pdf"), 2),
        (("import", "template", "out.csv"), 2),
        (("export", "cases", "none/out.csv"), 9),
        (("import", "ledger", "none.xlsx"), 9),
    ],
)
def test_a_file_of_another_kind_or_place_is_one_line(
    command: tuple[str, ...], code: int, station: Station, tmp_path: Path
) -> None:
    result = station.cli.run(*command[:-1], tmp_path / command[-1])
    assert result.exit_code == code
    assert result.stderr.count("\n") == 1
