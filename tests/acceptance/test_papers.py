"""Papers through the real command line: what stands on each, that it stays the same, and what says it is not in force."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from cases.papers.drawing import draw
from cases.papers.fields import FIELDS
from cases.papers.forms import FORMS
from cases.papers.word import shipped
from tests.acceptance.conftest import lent
from tests.acceptance.station import OFFICERS, Station
from tests.acceptance.test_imports import HEAD, OPEN
from workflow.terms import PaperKind

INSPECTOR, SUPERVISOR, CONTACT = "王敏", "赵刚", "张伟"
MANY = 30
#: As long as people write: a paragraph of Chinese, a code without a place to break, what XML and typst would read.
LONG = (
    "乙炔瓶库与氧气瓶库未分隔，气瓶未设防倾倒装置，库内照明、开关未采用防爆型，通风口被杂物堵塞；设备编号DQ-2026-000000000000000000000017，"
    "#let <b>标牌</b> & {{ number }} 字迹不清，$未按规定$检验*登记*。"
)


def text_of(file: Path) -> str:
    """Return all that stands on a paper, without blanks: headers and footers too."""
    return "".join("".join(pages_of(file)).split())


def pages_of(file: Path) -> list[str]:
    if file.suffix == ".pdf":
        return [page.extract_text() for page in PdfReader(file).pages]
    document = Document(str(file))
    headers = [paragraph.text for section in document.sections for paragraph in section.header.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return ["".join([*headers, *(paragraph.text for paragraph in document.paragraphs), *cells])]


def squeezed(text: str) -> str:
    return "".join(text.split())


@dataclass
class Printer:
    """A station, and a folder that papers are printed into."""

    station: Station
    #: What to call each paper by.
    papers: dict[str, str] = field(default_factory=dict)
    #: A text that has to stand on each.
    said: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def print(self, paper: str, text: object, suffix: str = ".docx", *more: object, who: str = INSPECTOR) -> Path:
        file = self.station.folder / f"{paper}-{text}{suffix}".replace("/", "-")
        self.station.done(who, "print", paper, text, "-o", file, *more)
        return file

    def refused(self, code: int, *args: object, who: str = INSPECTOR) -> str:
        result = self.station.run(who, "print", *args)
        assert result.exit_code == code, result.stderr
        return result.stderr


def _busy(station: Station) -> Printer:
    """Let a unit have thirty hazards, each written down at length, and every paper there is made of them."""
    office = Printer(station)
    rows = "\n".join(
        f"第{n}处：{LONG},{'major' if n == 1 else 'general'},《气瓶安全监察规定》第{n}条" for n in range(1, MANY + 1)
    )
    file = station.folder / "hazards.csv"
    file.write_text(f"text,grade,basis\n{rows}\n", encoding="utf-8")
    visit = station.told(
        INSPECTOR,
        "inspect",
        "永安氧气",
        *OFFICERS,
        "--place",
        "全厂",
        "--start",
        "09:00",
        "--end",
        "17:30",
        "--note",
        LONG,
    )["inspection"]
    cases = [case["id"] for case in station.told(INSPECTOR, "record", "last", "--file", file)["cases"]]
    corrected, *ordered = cases[1:]
    station.done(INSPECTOR, "correct", corrected, "--evidence", station.photo())
    demands = (
        "--responsible",
        "张伟",
        "--measure",
        f"立即整改。{LONG}",
        "--due",
        station.day(20),
        "--interim",
        "停止使用",
    )
    order = station.told(INSPECTOR, "order", cases[0], *ordered, *demands, "--due", f"{cases[0]}={station.day(40)}")[
        "order"
    ]
    station.done(INSPECTOR, "serve", "last", "--receipt", "张伟", "--start")
    asked = ("--until", station.day(30), "--ground", "other", "--reason", LONG, "--interim", "专人看护")
    station.done(CONTACT, "extension", "request", ordered[0], *asked)
    answer = station.told(SUPERVISOR, "extension", "grant", 1, "--note", LONG)["extension"]
    station.done(
        SUPERVISOR,
        "supervise",
        cases[0],
        "--body",
        "县安监局",
        "--number",
        "湖安督〔2026〕3号",
        "--due",
        station.day(60),
    )
    passed = [part for case in ordered for part in ("--pass", case)]
    again = (
        "--fail",
        cases[0],
        "--responsible",
        "张伟",
        "--measure",
        "分库",
        "--due",
        station.day(50),
        "--interim",
        "停用",
    )
    seen = ("--by", "周洁", "--by", "赵刚", "--note", LONG)
    opinion = station.told("周洁", "recheck", *passed, *again, *seen)
    named = [part for case in (cases[0], *ordered) for part in ("--case", case)]
    measure = ("--kind", "temporary", "--scope", "whole", "--until", station.day(90), "--reason", LONG)
    halt = station.told(SUPERVISOR, "halt", "impose", "永安氧气", *measure, *named)["halt"]
    station.done(INSPECTOR, "serve", f"id:{opinion['order']['id']}", "--receipt", "张伟")
    station.done("周洁", "recheck", "--pass", cases[0], *seen)
    station.done(CONTACT, "halt", "request", halt["id"], "--note", "已全部整改")
    reply = station.told(SUPERVISOR, "halt", "lift", halt["id"], "--by", "周洁", "--by", "赵刚", "--note", LONG)["halt"]
    every = [f"第{n}处：{LONG}" for n in range(1, MANY + 1)]
    office.papers = {
        "inspection": str(visit["id"]), "measures": f"halt:{halt['id']}", "resumption": str(halt["id"]), "order": str(order["id"]), "extension": "1",
        "listing": str(cases[0]), "recheck": str(opinion["inspection"]["id"]),
    }  # fmt: skip
    office.numbers = {
        "inspection": visit["number"], "measures": halt["number"], "resumption": reply["number"], "order": order["number"],
        "extension": answer["number"], "listing": "湖安督〔2026〕3号", "recheck": opinion["recheck"]["number"],
    }  # fmt: skip
    office.said = {
        "inspection": ["现场检查记录", *every, LONG, "全厂", "9时00分", "17时30分", "王敏（A-1）、李强（A-2）", "《气瓶安全监察规定》第30条"],
        "measures": ["现场处理措施决定书", every[0], *every[2:], "第1至29项无法保证安全，责令暂时停产停业（全部）", LONG, "湖光县人民政府"],
        "resumption": ["恢复生产批复", every[0], *every[2:], halt["number"], "责令暂时停产停业（全部）", LONG, "周洁（A-3）、赵刚（A-5）到现场复查"],
        "order": [
            "责令限期整改指令书", every[0], *every[2:], f"立即整改。{LONG}", "停止使用", "上述第1项为重大事故隐患", "A-1", "湖光县人民政府",
        ],
        "extension": ["同意将整改期限延长至", LONG, "专人看护", "赵刚"],
        "listing": ["挂牌督办通知书", every[0], "区县级挂牌督办"],
        "recheck": ["整改复查意见书", every[0], *every[2:], "不合格", "合格", LONG, order["number"], "湖安监责改〔2026〕"],
    }  # fmt: skip
    return office


@pytest.fixture(scope="module")
def busy(request: pytest.FixtureRequest) -> Iterator[Printer]:
    """Papers of every kind, as long as they come; tests change nothing but by printing."""
    with lent("sqlite", request) as station:
        yield _busy(station)


@pytest.fixture
def office(file_station: Station) -> Printer:
    """A station of the test's own."""
    return Printer(file_station)


PAPERS = [paper.value for paper in FORMS]


@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
@pytest.mark.parametrize("paper", PAPERS)
def test_all_that_was_written_down_stands_on_the_paper(busy: Printer, paper: str, suffix: str) -> None:
    file = busy.print(paper, busy.papers[paper], suffix)
    text = text_of(file)
    for said in (busy.numbers[paper], "永安氧气", "县安监局（印章）", *busy.said[paper]):
        assert squeezed(said) in text, said
    assert "作废" not in text


@pytest.mark.postgresql
def test_the_other_store_tells_the_same(request: pytest.FixtureRequest) -> None:
    with lent("postgresql", request) as station:
        office = _busy(station)
        for paper, name in office.papers.items():
            text = text_of(office.print(paper, name))
            assert all(squeezed(said) in text for said in (office.numbers[paper], *office.said[paper])), paper


@pytest.mark.parametrize("paper", ["inspection", "order", "recheck"])
def test_a_long_list_flows_to_pages_that_name_the_paper(busy: Printer, paper: str) -> None:
    pages = [squeezed(page) for page in pages_of(busy.print(paper, busy.papers[paper], ".pdf"))]
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in page
        assert busy.numbers[paper] in page
        assert "序号" in page or number == len(pages), "a table says on each page what its columns are"
    assert "（印章）" in pages[-1]
    assert len(pages[-1]) > 60, "the seal does not stand on a page of its own"


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_leaves_the_margins(busy: Printer, paper: str) -> None:
    left, right, bottom, top = 76, 540, 40, 800  # how wide a text is, is estimated
    placed: list[tuple[float, float, float]] = []

    def see(text: str, page: list[float], _at: Any, _font: Any, size: float) -> None:
        if text.strip():
            wide = sum(1.0 if ord(each) > 0x2E80 else 0.5 for each in squeezed(text))
            placed.append((page[4], page[4] + wide * size * 0.95, page[5]))

    for page in PdfReader(busy.print(paper, busy.papers[paper], ".pdf")).pages:
        page.extract_text(visitor_text=see)
    assert placed
    assert min(begins for begins, _, _ in placed) >= left
    assert max(ends for _, ends, _ in placed) <= right
    assert all(bottom <= height <= top for _, _, height in placed)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_has_the_fields_that_templates_may_name(busy: Printer, paper: str) -> None:
    busy.print(paper, busy.papers[paper])
    facts = next(facts for facts in _printings(busy.station) if facts["paper"] == paper and "fields" in facts)
    known = FIELDS[PaperKind(paper)]
    assert {*facts["fields"], "mark", "remarks"} == set(known)
    for name, rows in facts["fields"].items():
        if isinstance(rows, list):
            assert all(set(row) == set(known[name]) for row in rows), name


def _printings(station: Station) -> list[dict[str, Any]]:
    """Return what every printing left in history."""
    return [
        facts
        for row in station.dump()["steps"]
        for each in row
        if isinstance(each, str) and each.startswith('{"content"')
        for facts in [json.loads(each)]
    ]


# -- the same paper again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
def test_a_paper_printed_twice_is_the_same_file(busy: Printer, suffix: str) -> None:
    once = {paper: busy.print(paper, name, suffix).read_bytes() for paper, name in busy.papers.items()}
    assert {paper: busy.print(paper, name, suffix).read_bytes() for paper, name in busy.papers.items()} == once


def test_a_paper_stays_as_it_was_first_printed_whatever_is_renamed(office: Printer) -> None:
    order = office.station.orders(office.station.cases["ordered"])[0]
    before = office.print("order", order).read_bytes()
    office.station.done(None, "unit", "edit", "永安氧气", "--name", "永安气体", "--address", "工业路18号")
    office.station.done(None, "department", "edit", "县安监局", "--name", "县应急管理局")
    assert office.print("order", order).read_bytes() == before
    later = office.station.orders(office.station.cases["ordered unserved"])[0]
    assert "永安气体：" in text_of(office.print("order", later)), "what was not printed yet has the new names"


def test_an_item_put_onto_a_printed_order_stands_on_the_next_printing(office: Printer) -> None:
    station = office.station
    order = station.orders(station.cases["ordered unserved"])[0]
    assert "灯具破损" not in text_of(office.print("order", order))
    station.done(INSPECTOR, "order", station.find(text="灯具破损"), *station.in_days(), "--onto", f"id:{order}")
    assert "灯具破损" in text_of(office.print("order", order))


def test_printing_moves_nothing_and_leaves_a_step(office: Printer) -> None:
    station = office.station
    order = station.orders(station.cases["ordered"])[0]
    before = station.dump()
    told = station.told(INSPECTOR, "print", "order", order, "-o", station.folder / "order.docx")["paper"]
    after = station.dump()
    steps = [step for step in after.pop("steps") if step not in before["steps"]]
    assert after == {name: rows for name, rows in before.items() if name != "steps"}
    assert [step[:3] for step in steps] == [("order", order, 1)]
    [facts] = _printings(station)
    content = hashlib.sha256((station.folder / "order.docx").read_bytes()).hexdigest()
    assert (facts["file"], facts["content"], facts["number"]) == (content, told["content"], told["number"])
    office.print("order", order, ".pdf")
    assert [sorted(facts) for facts in _printings(station)][1] == sorted(facts.keys() - {"fields"}), "frozen once"
    assert station.told(INSPECTOR, "audit", "verify")["ok"]


# -- what is not in force any more says so -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "says"),
    [(("mistake",), "作废"), (("replaced", "--number", "湖安监责改〔2026〕99号"), "已被湖安监责改〔2026〕99号替代")],
)
@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
def test_a_withdrawn_order_says_so_on_its_face(
    office: Printer, suffix: str, reason: tuple[str, ...], says: str
) -> None:
    order = office.station.orders(office.station.cases["ordered"])[0]
    office.print("order", order, suffix)
    office.station.done(SUPERVISOR, "orders", "withdraw", f"id:{order}", "--reason", *reason, "--note", "单位有误")
    text = text_of(office.print("order", order, suffix))
    assert says in text
    assert text.startswith("作废") or suffix == ".docx"
    assert "单位有误" in text


def test_an_order_whose_items_failed_names_the_one_that_replaced_it(office: Printer) -> None:
    station, case = office.station, office.station.cases["submitted"]
    again = station.in_days(30)
    told = station.told("周洁", "recheck", "--fail", case, "--by", "周洁", "--by", "赵刚", "--note", "未整改", *again)
    first, second = station.orders(case)
    assert f"第1项复查不合格，已被{told['order']['number']}替代" in text_of(office.print("order", first))
    assert "替代" not in text_of(office.print("order", second))
    assert f"已由{told['order']['number']}另行责令" in text_of(office.print("recheck", told["inspection"]["id"]))


def test_an_order_of_a_voided_case_is_void(office: Printer) -> None:
    station, case = office.station, office.station.cases["ordered"]
    station.done(SUPERVISOR, "void", case, "--reason", "mistaken", "--note", "误录")
    assert "作废" in text_of(office.print("order", station.orders(case)[0]))


def test_an_order_of_a_unit_that_goes_is_replaced_by_the_exit(office: Printer) -> None:
    station, case = office.station, office.station.cases["ordered elsewhere"]
    said = ("--kind", "shutdown", "--basis", "voluntary", "--due", station.day(60), "--interim", "停产值守")
    station.done(SUPERVISOR, "exit", "decide", "宏达冷库", *said)
    text = text_of(office.print("order", station.orders(case)[0], ".pdf"))
    assert text.startswith("已被替代")
    assert "第1项已因退出决定不再执行" in text


def test_a_notice_of_a_released_listing_says_so(office: Printer) -> None:
    station, case = office.station, office.station.cases["rechecked"]
    listed = ("--body", "县安监局", "--number", "湖安督〔2026〕9号", "--due", station.day(60))
    station.done(SUPERVISOR, "supervise", case, *listed)
    assert "摘牌。" not in text_of(office.print("listing", case)).split("挂牌督办通知书")[0]
    station.done(SUPERVISOR, "release", case, "--note", "已治理")
    assert "摘牌。" in text_of(office.print("listing", "湖安督〔2026〕9号", ".pdf")).split("挂牌督办通知书")[0]


def test_an_opinion_that_was_sent_back_says_so(office: Printer) -> None:
    station, case = office.station, office.station.cases["submitted"]
    told = station.told("周洁", "recheck", "--pass", case, "--by", "周洁", "--by", "赵刚", "--note", "合格")
    visit = told["inspection"]["id"]
    assert "作废" not in text_of(office.print("recheck", visit))
    station.done(SUPERVISOR, "send-back", case, "--note", "照片不清")
    assert "作废" in text_of(office.print("recheck", visit))


def test_a_decision_on_site_says_what_was_put_right_there(office: Printer) -> None:
    case = office.station.find(text="灭火器过期")
    told = office.station.told(INSPECTOR, "correct", case, "--evidence", office.station.photo())["measures"]
    [decided] = told
    text = text_of(office.print("measures", decided["inspection"]))
    for says in (decided["number"], "灭火器过期", "第1项：责令立即排除，当场整改。", "A-1"):
        assert says in text, says


def _halt(office: Printer, kind: str = "stop_use", *more: str) -> dict[str, Any]:
    station = office.station
    case = station.cases["ordered"]
    said = ("--kind", kind, "--case", case, "--scope", "part", "--until", station.day(30), "--reason", "库房未隔离")
    halt: dict[str, Any] = station.told(SUPERVISOR, "halt", "impose", "永安氧气", *said, *more)["halt"]
    return halt


def test_a_halt_that_was_prolonged_or_revoked_says_so(office: Printer) -> None:
    station, halt = office.station, _halt(office)
    name = f"halt:{halt['id']}"
    first = text_of(office.print("measures", name))
    assert "责令停止使用相关设施、设备（局部）" in first
    assert "库房未隔离。" in first
    station.done(SUPERVISOR, "halt", "prolong", halt["id"], "--until", station.day(50), "--reason", "设备未到")
    assert "延长至" in text_of(office.print("measures", name))
    station.done(SUPERVISOR, "halt", "revoke", halt["id"], "--reason", "mistaken", "--note", "对象有误")
    text = text_of(office.print("measures", name, ".pdf"))
    assert text.startswith("作废")
    assert "对象有误" in text


def test_a_penalty_has_the_paper_it_follows_from(office: Printer) -> None:
    halt = _halt(office, "penalty", "--number", "湖应急罚〔2026〕1号")
    why = office.refused(4, "measures", f"halt:{halt['id']}", "-o", office.station.folder / "no.docx")
    assert "湖应急罚〔2026〕1号" in why


def test_a_number_that_two_decisions_bear_is_refused_with_the_choices(office: Printer) -> None:
    station = office.station
    halt = _halt(office)
    visit = station.show(station.cases["corrected"])["inspection"]
    assert halt["id"] == visit == 1
    why = office.refused(4, "measures", 1, "-o", station.folder / "no.docx")
    assert "inspection:1, halt:1" in why
    assert "责令停止使用" in text_of(office.print("measures", "halt:1"))
    assert "责令立即排除" in text_of(office.print("measures", "inspection:1"))


# -- townships ---------------------------------------------------------------------------------------------------------


def test_a_townships_order_is_an_opinion_that_names_major_items_and_reports_up(office: Printer) -> None:
    station = office.station
    station.done(
        None,
        "person",
        "add",
        "郑文",
        "--role",
        "inspector",
        "--department",
        "西溪镇政府",
        "--certificate",
        "X-2",
        "--login",
        "郑文",
    )
    station.done("陈涛", "inspect", "西溪矿业", "--by", "陈涛", "--by", "郑文")
    cases = [
        station.moved("陈涛", "record", "last", text, "--grade", grade)
        for text, grade in (("支护不足", "major"), ("无标牌", "general"))
    ]
    order = station.told("陈涛", "order", *cases, *station.in_days())["order"]
    text = text_of(office.print("order", order["id"], who="陈涛"))
    for says in (
        "限期整改意见书",
        "（西溪镇政府）安监责改",
        "第1项为重大事故隐患",
        "将向上级人民政府",
        "湖光县人民政府申请行政复议",
    ):
        assert says in text, says
    assert "责令限期整改指令书" not in text


# -- templates ---------------------------------------------------------------------------------------------------------


def _template(office: Printer, *paragraphs: str, name: str = "ours.docx") -> Path:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    file = office.station.folder / name
    document.save(str(file))
    return file


@pytest.mark.parametrize("paper", PAPERS)
def test_the_templates_that_ship_are_those_that_are_drawn(paper: str) -> None:
    assert shipped(PaperKind(paper)) == draw(PaperKind(paper))


def test_a_department_prints_with_its_own_template(office: Printer) -> None:
    order = office.station.orders(office.station.cases["ordered"])[0]
    ours = _template(
        office,
        "本镇自制 {{ number }}",
        "{%p for item in items %}",
        "{{ item.no }}. {{ item.requirement }}",
        "{%p endfor %}",
    )
    text = text_of(office.print("order", order, ".docx", "--template", ours))
    assert text.startswith("本镇自制湖安监责改〔2026〕")
    assert "1.ordered" in text


def test_every_unknown_field_of_a_template_is_named_before_anything_is_printed(office: Printer) -> None:
    order = office.station.orders(office.station.cases["ordered"])[0]
    theirs = _template(
        office,
        "{{ nummer }} {{ unit }} {{ loop }}",
        "{%p for item in items %}",
        "{{ item.colour }} {{ item.no }}",
        "{%p endfor %}",
    )
    out = office.station.folder / "order.docx"
    result = office.station.run(INSPECTOR, "print", "order", order, "-o", out, "--template", theirs, "--json")
    assert result.exit_code == 9
    assert result.error["reasons"] == ["unknown field nummer", "unknown field items.colour"]
    assert "rectify print fields order" in result.error["message"]
    assert not out.exists()
    assert _printings(office.station) == []


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("{{ number", "is no template"),
        ("{% for x in items %}{{ x.no }}", "is no template"),
        ("{{ unit.__class__.__mro__ }}", "cannot be filled in"),
        ("{{ items.append(1) }}", "cannot be filled in"),
        ("{{ 1 / 0 }}", "cannot be filled in: division by zero"),
        ("{{ number + 1 }}", "cannot be filled in"),
        ("{{ number|round }}", "cannot be filled in"),
        ("{% include 'x' %}", "cannot be filled in"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused(office: Printer, says: str, why: str) -> None:
    order = office.station.orders(office.station.cases["ordered"])[0]
    out = office.station.folder / "order.docx"
    assert why in office.refused(9, "order", order, "-o", out, "--template", _template(office, says))
    assert not out.exists()


def test_what_is_no_word_file_is_no_template(office: Printer) -> None:
    folder, order = office.station.folder, office.station.orders(office.station.cases["ordered"])[0]
    (folder / "text.docx").write_text("no zip")
    with zipfile.ZipFile(folder / "other.docx", "w") as package:
        package.writestr("hello.txt", "hello")
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * (80 * 2**20))
    damaged = bytearray(Path(_template(office, "{{ number }}")).read_bytes())
    damaged[60:400] = b"\x5a" * 340
    (folder / "damaged.docx").write_bytes(damaged)
    for name, why in (
        ("damaged.docx", "no .docx"),
        ("text.docx", "no .docx"),
        ("other.docx", "no .docx"),
        ("bomb.docx", "too large"),
        ("none.docx", "cannot be read"),
    ):
        assert why in office.refused(9, "order", order, "-o", folder / "order.docx", "--template", folder / name)


def test_our_template_is_handed_out_and_prints_the_same_paper(office: Printer) -> None:
    order = office.station.orders(office.station.cases["ordered"])[0]
    ours = office.station.folder / "template.docx"
    office.station.done(INSPECTOR, "print", "template", "order", "-o", ours)
    plain = office.print("order", order).read_bytes()
    assert office.print("order", order, ".docx", "--template", ours).read_bytes() == plain
    rows = office.station.told(INSPECTOR, "print", "fields", "order")
    assert {"field": "items.measure", "meaning": "整改措施"} in rows


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_paper_that_is_not_there_says_what_to_do(office: Printer) -> None:
    station, out = office.station, office.station.folder / "paper.docx"
    station.done(INSPECTOR, "inspect", "永安氧气", *OFFICERS)
    visit = station.told(INSPECTOR, "inspections", "show", "last")["inspection"]["id"]
    order = station.told(INSPECTOR, "orders", "show", station.orders(station.cases["ordered"])[0])["order"]["number"]
    asked = ("--until", station.day(30), "--ground", "other", "--reason", "未到货", "--interim", "停用")
    number = station.told(CONTACT, "extension", "request", station.cases["ordered"], *asked)["extension"]["id"]
    for code, paper, name, says in (
        (5, "order", "99999", "rectify orders list"),
        (5, "inspection", "99999", "rectify inspections list"),
        (5, "recheck", "99999", "rectify inspections list"),
        (5, "measures", "99999", "rectify inspections list"),
        (5, "listing", "99999", "rectify list"),
        (5, "extension", "99999", "rectify extension list"),
        (5, "resumption", "99999", "rectify halt list"),
        (4, "resumption", _halt(office)["id"], "rectify halt request"),
        (4, "recheck", order, "rectify recheck --pass"),
        (4, "measures", visit, "rectify correct"),
        (4, "listing", station.cases["ordered"], "rectify supervise"),
        (4, "extension", number, "rectify extension grant"),
    ):
        assert says in office.refused(code, paper, name, "-o", out), paper
    assert not out.exists()
    assert _printings(station) == []


def test_what_was_imported_has_its_paper_from_then(office: Printer) -> None:
    station = office.station
    ledger = station.folder / "2025年台账.csv"
    ledger.write_text(f"{HEAD}\n{OPEN}", encoding="utf-8")
    case = station.told("孙丽", "import", "ledger", ledger)["cases"][0]["id"]
    out = station.folder / "paper.docx"
    assert "was imported" in office.refused(4, "order", f"id:{station.orders(case)[0]}", "-o", out)
    assert "was imported" in office.refused(4, "inspection", station.show(case)["inspection"], "-o", out)


def test_an_opinion_is_found_by_its_visit_its_order_or_its_own_number(office: Printer) -> None:
    station, case = office.station, office.station.cases["submitted"]
    told = station.told("周洁", "recheck", "--pass", case, "--by", "周洁", "--by", "赵刚", "--note", "合格")
    visit, number = told["inspection"]["id"], told["recheck"]["number"]
    order = station.told(INSPECTOR, "orders", "show", f"id:{station.orders(case)[0]}")["order"]
    names = (visit, f"inspection:{visit}", f"order:{order['id']}", order["number"], number)
    assert {office.print("recheck", name, who="周洁").read_bytes() for name in names} == {
        office.print("recheck", visit).read_bytes()
    }
    assert f"rectify print recheck {visit}" in office.refused(4, "inspection", visit, "-o", station.folder / "no.docx")


def test_a_file_is_whole_or_not_there(office: Printer) -> None:
    folder, order = office.station.folder, office.station.orders(office.station.cases["ordered"])[0]
    office.refused(2, "order", order, "-o", folder / "order.odt")
    office.refused(2, "order", order, "-o", folder / "order.pdf", "--template", folder / "ours.docx")
    office.refused(2, "order", order)
    assert "cannot be written" in office.refused(9, "order", order, "-o", folder / "nowhere" / "order.docx")
    (folder / "taken.docx").mkdir()
    assert "cannot be written" in office.refused(9, "order", order, "-o", folder / "taken.docx")
    assert _printings(office.station) == [], "what did not come out was not printed"
    assert [file.name for file in folder.iterdir() if file.is_file() and "order" in file.name] == []


def test_a_contact_prints_what_is_their_own_units(office: Printer) -> None:
    order = office.station.orders(office.station.cases["ordered"])[0]
    assert office.print("order", order, who=CONTACT).exists()
    assert "another unit's" in office.refused(8, "order", order, "-o", office.station.folder / "no.docx", who="刘洋")


# -- type --------------------------------------------------------------------------------------------------------------


def test_a_character_without_a_shape_is_an_error_and_never_a_box(office: Printer) -> None:
    station = office.station
    case = station.find(text="标志牌上写着😀")
    order = station.told(INSPECTOR, "order", case, *station.in_days())["order"]["id"]
    out = station.folder / "order.pdf"
    assert "😀" in office.refused(9, "order", order, "-o", out)
    assert not out.exists()
    assert "😀" in text_of(office.print("order", order)), "a .docx brings no type of its own"


@pytest.mark.parametrize("missing", ["typst", "pylopdf_fonts_zh_cn"])
def test_without_type_there_is_no_pdf(office: Printer, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    order = office.station.orders(office.station.cases["ordered"])[0]
    out = office.station.folder / "order.pdf"
    assert "pip install 'rectify[pdf]'" in office.refused(9, "order", order, "-o", out)
    assert not out.exists()


def test_a_pdf_brings_its_own_type(busy: Printer) -> None:
    reader = PdfReader(busy.print("order", busy.papers["order"], ".pdf"))
    fonts = {
        str(font["/BaseFont"])
        for page in reader.pages
        for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
    }
    assert {name.rpartition("+")[2].partition("-")[0] for name in fonts} == {"NotoSerifSC", "NotoSansSC"}
