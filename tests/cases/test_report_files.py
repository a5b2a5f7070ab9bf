"""Report files: every figure in every kind of file, nothing said that is not so, nothing that a program takes for its own."""

import csv
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

import cases.tables as t
from cases.locale import in_language
from cases.questions.asking import Asking
from cases.questions.figures import campaign_report, period_report
from cases.questions.figures.scope import of_campaign, of_period
from cases.questions.series import Series, _beginnings, series
from cases.reports import charts, filing
from cases.reports.charts import picture
from cases.reports.page import Page, Subject, page_of
from cases.reports.sentences import number, value_of
from tests.cases.ledgers import Ledger, opened
from tests.cases.test_reports import lived
from workflow.errors import BadInput
from workflow.words import Sentence, Term

ZH = in_language("zh")
TITLE = Sentence("{campaign}: how the work stands", campaign="Clean-up")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The sixty days of the reports' own tests. Nothing below changes it."""
    if request.param == "sqlite":
        with opened(str(tmp_path_factory.mktemp("files") / "rectify.db")) as made:
            yield lived(made)
        return
    server = request.getfixturevalue("postgres_server")
    with server.database() as url, opened(url) as made:
        yield lived(made)


def asked(ledger: Ledger, question: Callable[[Asking], Any], translate: Callable[[str], str] = str) -> Any:
    with ledger.asking("Sun", 60) as asking:
        return question(replace(asking, translate=translate))


def campaign(asking: Asking, **options: Any) -> dict[str, Any]:
    return campaign_report(asking, 1, by="sector", **options)


def period(asking: Asking) -> dict[str, Any]:
    first, last = asking.date_of(asking.now).replace(month=3, day=3), asking.today
    return period_report(asking, first, last, by="area")


REPORTS = pytest.mark.parametrize("report", [campaign, period])
LANGUAGES = pytest.mark.parametrize("translate", [str, ZH], ids=["en", "zh"])


def paged(ledger: Ledger, report: Callable[[Asking], dict[str, Any]], translate: Callable[[str], str] = str) -> Page:
    by = "sector" if report is campaign else "area"
    return asked(ledger, lambda asking: page_of(asking, report(asking), Subject(TITLE, by=by)), translate)


def filed(page: Page, folder: Path, kind: str) -> Path:
    place = folder / f"report{kind}"
    filing.file(page, str(place))
    assert list(folder.iterdir()) == [place]
    return place


# -- every figure, in every kind of file -------------------------------------------------------------------------------


def in_words(place: Path) -> dict[str, tuple[str, str]]:
    """Return the figures of a file for readers: value and rule by label."""
    if place.suffix == ".md":
        rows = [
            re.split(r"(?<!\\)\|", line)[1:-1]
            for line in place.read_text(encoding="utf-8").splitlines()
            if line.startswith("|")
        ]
    else:
        rows = [[cell.text for cell in row.cells] for table in Document(str(place)).tables for row in table.rows]
    plain = [[re.sub(r"\\(.)", r"\1", cell).strip() for cell in row] for row in rows]
    return {row[0]: (row[1], row[2]) for row in plain if len(row) == 3}


@REPORTS
@LANGUAGES
@pytest.mark.parametrize("kind", [".md", ".docx"])
def test_a_file_for_readers_has_every_figure_with_its_rule(
    ledger: Ledger, tmp_path: Path, report: Any, translate: Any, kind: str
) -> None:
    told = asked(ledger, report, translate)["figures"]
    found = in_words(filed(paged(ledger, report, translate), tmp_path, kind))
    for key, figure in told.items():
        assert found[Term("figure", key).say(translate)] == (value_of(figure, translate), figure["rule"]), key


@REPORTS
def test_a_workbook_has_every_figure_as_a_number_and_every_part(ledger: Ledger, tmp_path: Path, report: Any) -> None:
    told = asked(ledger, report)
    said, figures, parts, still_open = load_workbook(filed(paged(ledger, report), tmp_path, ".xlsx")).worksheets
    assert said.max_row > 8
    rows = {row[0]: row[1:] for row in figures.iter_rows(min_row=4, values_only=True)}
    for key, figure in told["figures"].items():
        count, rate, part, whole, measure, rule = rows[key]
        assert ([part, whole] if figure["of"] else None, rule) == (figure["of"], figure["rule"]), key
        assert (rate if figure["of"] else count) == figure["value"], key
        assert (measure or "").removesuffix(" (about)") == (figure.get("measure") or ""), key
    heads = [cell.value for cell in parts[3]]
    shown = {row[0]: dict(zip(heads[1:], row[1:], strict=True)) for row in parts.iter_rows(min_row=4, values_only=True)}
    for group in told["groups"]:
        own = {key: group["figures"].get(key, {"value": None})["value"] for key in told["figures"]}
        assert shown[group["name"]] == own
    assert shown["Total"]["balance.end"] == told["figures"]["balance.end"]["value"]
    assert [row[0] for row in still_open.iter_rows(min_row=4, values_only=True)] == told["open"]
    assert (figures.freeze_panes, figures.page_setup.orientation) == ("A4", "landscape")


@REPORTS
def test_a_csv_has_a_line_for_every_figure_and_every_open_case(ledger: Ledger, tmp_path: Path, report: Any) -> None:
    told = asked(ledger, report)
    place = filed(paged(ledger, report), tmp_path, ".csv")
    assert place.read_bytes().startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    with place.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    parts = [("", told["figures"]), *((group["name"], group["figures"]) for group in told["groups"])]
    found = {(row["part"], row["key"]): row for row in rows}
    for part, figures in parts:
        for key, figure in figures.items():
            row = found[part, key]
            value = row["value"] if figure["of"] is None else row["rate"]
            assert value == ("" if figure["value"] is None else str(figure["value"])), (part, key)
    assert [int(row["value"]) for row in rows if row["key"] == "open"] == told["open"]


@pytest.mark.parametrize("kind", [".md", ".docx", ".csv"])
def test_the_same_report_is_the_same_file(ledger: Ledger, tmp_path: Path, kind: str) -> None:
    page = paged(ledger, campaign)
    first = filed(page, tmp_path, kind).read_bytes()
    assert filed(page, tmp_path, kind).read_bytes() == first
    if kind == ".docx":  # a zip says of every part when it was written
        assert {each.date_time[0] for each in ZipFile(tmp_path / "report.docx").infolist()} == {1980}


# -- what is said ------------------------------------------------------------------------------------------------------


def everything_said(page: Page) -> str:
    return "\n".join(line for [line] in page.said.rows)


def test_figures_are_said_in_the_manner_of_offices(ledger: Ledger) -> None:
    told = asked(ledger, campaign)["figures"]
    units, visits, found, papers = (
        told[key]["value"] for key in ("units.inspected", "inspections", "hazards.found", "orders.issued")
    )
    said = everything_said(paged(ledger, campaign, ZH))
    assert f"共检查生产经营单位{units}家，开展检查{visits}次，排查安全隐患{found}处，下达整改指令{papers}份。" in said
    part, whole = told["rate.rectified"]["of"]
    assert f"整改率{part / whole:.1%}（{part}/{whole}）" in said
    assert "一、总体情况" in said
    assert f"{units} units were inspected, {visits} visits were made, {found} hazards were found" in everything_said(
        paged(ledger, campaign)
    )


@REPORTS
@LANGUAGES
def test_nothing_says_that_all_is_rectified_while_a_case_is_open_and_the_open_ones_are_named(
    ledger: Ledger, report: Any, translate: Any
) -> None:
    told, said = asked(ledger, report), everything_said(paged(ledger, report, translate))
    assert told["open"]
    assert "全部整改到位" not in said
    assert not re.search(r"All \d+ hazards", said)
    named = "第{}号，" if translate is ZH else "case {}, "
    assert [case for case in told["open"] if named.format(case) not in said] == []


def test_that_all_is_rectified_is_said_once_nothing_is_open(ledger: Ledger) -> None:
    def when_nothing_is_open(asking: Asking, still: int) -> str:
        told = campaign(asking)
        end = {**told["figures"]["balance.end"], "value": still}
        done = {**told, "open": [], "figures": {**told["figures"], "balance.end": end}}
        return everything_said(page_of(asking, done, Subject(TITLE, by="sector")))

    said = asked(ledger, lambda asking: [when_nothing_is_open(asking, still) for still in (0, 3)], ZH)
    found = asked(ledger, campaign)["figures"]["hazards.found"]["value"]
    assert f"排查出的{found}处隐患已全部整改到位。" in said[0]
    assert "全部整改到位" not in said[1]
    assert "尚有3处未办结" in said[1]


def test_a_report_as_of_a_day_does_not_say_what_became_of_its_cases_since(ledger: Ledger) -> None:
    def then(asking: Asking) -> Page:
        day = ledger.on(13)
        return page_of(asking, campaign(asking, as_of=day), Subject(TITLE, as_of=day, by="sector"))

    page = asked(ledger, then)
    assert page.basis == f"Counted from what was recorded by {ledger.on(13)}."
    assert "overdue" not in everything_said(page)
    assert [column.title for column in page.open_cases.columns] == ["id", "unit", "area", "grade", "text"]


def test_a_contradiction_is_named_and_not_smoothed(ledger: Ledger) -> None:
    def page(asking: Asking) -> Page:
        told = {**campaign(asking), "contradictions": ["more closed than found: 3 against 2"]}
        return page_of(asking, told, Subject(TITLE, by="sector"))

    said = everything_said(asked(ledger, page))
    assert "Look into these figures before the report is filed" in said
    assert said.endswith("more closed than found: 3 against 2")


def test_what_was_tallied_besides_is_said_with_its_measure(ledger: Ledger, tmp_path: Path) -> None:
    def page(asking: Asking) -> Page:
        told = campaign(asking)
        banners = {"value": 8, "of": None, "rule": "as recorded", "measure": "条", "about": False}
        slogans = {**banners, "value": 20, "about": True}
        figures = {**told["figures"], "banners": banners, "slogans": slogans}
        return page_of(asking, {**told, "figures": figures}, Subject(TITLE, by="sector"))

    made = asked(ledger, page, ZH)
    assert "banners8条，slogans约20条。" in everything_said(made)
    assert "列入治理计划1处，落实治理资金3.5万元。" in everything_said(made)
    assert in_words(filed(made, tmp_path, ".md"))["slogans"][0] == "约20条"


def test_no_text_of_a_ledger_becomes_a_formula_or_markup(ledger: Ledger, tmp_path: Path) -> None:
    evil = "=cmd|'/c calc'!A1 | **x** <script>"

    def page(asking: Asking) -> Page:
        told = campaign(asking)
        groups = [{**group, "name": evil} for group in told["groups"]]
        return page_of(asking, {**told, "groups": groups}, Subject(TITLE, by="sector"))

    made = asked(ledger, page)
    cell = load_workbook(filed(made, tmp_path, ".xlsx")).worksheets[2]["A4"]
    assert (cell.value, cell.data_type) == (evil, "s")
    (tmp_path / "report.xlsx").unlink()
    lines = filed(made, tmp_path, ".csv").read_text(encoding="utf-8-sig").splitlines()
    assert any(line.startswith(("'=cmd", "\"'=cmd")) for line in lines)
    (tmp_path / "report.csv").unlink()
    written = filed(made, tmp_path, ".md").read_text(encoding="utf-8")
    assert "**x**" not in written
    assert "<script>" not in written


# -- pictures ----------------------------------------------------------------------------------------------------------


def of_the_campaign(asking: Asking) -> Series:
    row = asking.tx.one(select(t.campaigns).where(t.campaigns.c.id == 1))
    return series(asking, of_campaign(asking, row, None), campaign(asking), "others")


def of_the_period(asking: Asking) -> Series:
    told = period(asking)
    first = asking.today.replace(month=3, day=3)
    return series(asking, of_period(asking, first, asking.today, None), told, "others")


def test_what_was_voided_after_a_period_is_found_neither_in_its_picture_nor_in_its_figures(ledger: Ledger) -> None:
    """Found on day 1, voided on day 14."""

    def both(asking: Asking) -> tuple[int, int]:
        first, last = ledger.on(0), ledger.on(9)
        told = period_report(asking, first, last)
        drawn = series(asking, of_period(asking, first, last, None), told, "others")
        return told["figures"]["hazards.found"]["value"], sum(span.found for span in drawn.over_time)

    assert len(set(asked(ledger, both))) == 1


@pytest.mark.parametrize(("report", "drawn"), [(campaign, of_the_campaign), (period, of_the_period)])
def test_the_pictures_show_what_the_figures_say(ledger: Ledger, report: Any, drawn: Any) -> None:
    told = asked(ledger, report)
    value = {key: figure["value"] for key, figure in told["figures"].items()}
    shown: Series = asked(ledger, drawn)
    assert sum(span.found for span in shown.over_time) == value["hazards.found"] + value["balance.reopened"]
    assert sum(span.ended for span in shown.over_time) == value["balance.closed"] + value["balance.exited"]
    assert shown.over_time[-1].open == value["balance.end"]
    assert sum(map(sum, shown.ages.values())) == len(told["open"])
    pairs = shown.on_time.values()
    assert [sum(kept for kept, _ in pairs), sum(due for _, due in pairs)] == told["figures"]["rate.on_time"]["of"]


def test_a_month_is_drawn_by_days_half_a_year_by_weeks_and_more_by_months() -> None:
    first = date(2026, 1, 15)
    assert len(list(_beginnings(first, date(2026, 1, 31)))) == 17
    weeks = list(_beginnings(first, date(2026, 6, 15)))
    assert {(later - sooner).days for sooner, later in pairwise(weeks)} == {7}
    months = list(_beginnings(first, date(2027, 1, 15)))
    assert (months[0], months[-1], len(months)) == (date(2026, 1, 1), date(2027, 1, 1), 13)


def test_many_small_areas_are_drawn_as_one(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.questions.series._MANY", 1)
    every = asked(ledger, of_the_period)
    assert list(every.ages)[1:] == ["others"]
    assert sum(map(sum, every.ages.values())) == len(asked(ledger, period)["open"])


def a_picture(ledger: Ledger, kind: str, title: str = "某某工作情况") -> bytes:
    return picture(asked(ledger, of_the_campaign, ZH), title, kind, ZH)


def test_a_picture_is_the_same_file_whenever_it_is_drawn(ledger: Ledger) -> None:
    png, svg = a_picture(ledger, ".png"), a_picture(ledger, ".svg")
    assert png.startswith(b"\x89PNG")
    assert len(png) > 20_000
    assert (a_picture(ledger, ".png"), a_picture(ledger, ".svg")) == (png, svg)


def test_chinese_letters_are_outlines_of_our_own_type(ledger: Ledger) -> None:
    drawn = a_picture(ledger, ".svg").decode()
    ET.fromstring(drawn)
    assert "<text" not in drawn  # nothing depends on the types of whoever looks
    shapes = set(re.findall(r'id="(NotoSansSC-[^"]+)"', drawn))
    assert len(shapes) > 40
    assert "<dc:date>" not in drawn


def test_a_letter_without_a_shape_is_never_drawn_as_a_box() -> None:
    legible = charts._legible()
    assert legible("永安\U0002a6df厂$5") == "永安〓厂\\$5"
    assert legible("〓") == "〓"


@pytest.mark.parametrize("missing", ["matplotlib", "pylopdf_fonts_zh_cn"])
def test_what_is_not_installed_is_said_with_what_to_type(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(BadInput, match=r"pip install 'rectify\[charts\]'"):
        picture(Series([], {}, {}, {}), "x", ".png", str)


def test_reporting_into_a_text_loads_no_drawing() -> None:
    asked_ = "import sys; import cases.reports.filing, cases.commands.report; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked_], capture_output=True, text=True, check=True).stdout.split()
    assert not {"matplotlib", "docx", "xlsxwriter"} & set(loaded)


@pytest.mark.parametrize(
    ("value", "said"), [(229.8, "229.8"), (12345.67, "12345.67"), (1234567.0, "1234567"), (0.5, "0.5"), (3, "3")]
)
def test_a_number_is_said_with_every_digit(value: float, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize("value", [12345.67, 7654321.0, 0.5])
def test_a_tally_of_many_digits_is_shown_whole_in_every_kind_of_file(
    ledger: Ledger, tmp_path: Path, value: float
) -> None:
    def tallied(asking: Asking) -> Page:
        told = campaign(asking)
        told["figures"]["publicity.banners"]["value"] = value
        return page_of(asking, told, Subject(TITLE, by="sector"))

    page, said = asked(ledger, tallied), f"about {number(value)} 条"
    label = Term("figure", "publicity.banners").say(str)
    for kind in (".md", ".docx"):
        assert in_words(filed(page, made(tmp_path / kind[1:]), kind))[label][0] == said
    figures = load_workbook(filed(page, made(tmp_path / "xlsx"), ".xlsx")).worksheets[1]
    [cell] = [row[1] for row in figures.iter_rows(min_row=4) if row[0].value == label]
    assert (cell.value, cell.number_format) == (value, "#,##0" if value.is_integer() else "#,##0.0#####")
    with filed(page, made(tmp_path / "csv"), ".csv").open(encoding="utf-8-sig", newline="") as file:
        [found] = [
            row["value"] for row in csv.DictReader(file) if row["key"] == "publicity.banners" and not row["part"]
        ]
    assert float(found) == value


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder
