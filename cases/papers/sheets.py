"""What stands on a paper, read from the store: the words that every paper shares, and how dates are written on one.

Each kind of paper is read by a module of its own (`orders`, `visits`, `decisions`), which returns a `Sheet`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from cases.locale import in_language
from cases.questions.asking import Asking
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, departments, inspection_officers, people, units
from workflow.terms import PaperKind, Rank
from workflow.words import Term

Row = dict[str, Any]

_UNIT = Statement(select(units).where(units.c.id == bindparam("unit")))
_DEPARTMENT = Statement(
    select(departments, areas.c.path)
    .join_from(departments, areas, areas.c.code == departments.c.area_code)
    .where(departments.c.id == bindparam("department"))
)
_AREA = Statement(select(areas).where(areas.c.code == bindparam("code")))
_ON_SITE = Statement(
    select(people.c.name, inspection_officers.c.certificate)
    .join_from(inspection_officers, people, people.c.id == inspection_officers.c.person_id)
    .where(inspection_officers.c.inspection_id == bindparam("inspection"))
    .order_by(people.c.id)
)
_PERSON = Statement(select(people).where(people.c.id == bindparam("person")))

#: How the name of an area ends that has a people's government; a zone or park is another one's.
_GOVERNED, _NOT_GOVERNED = (
    ("省", "市", "县", "旗", "州", "区"),
    ("开发区", "园区", "新区", "示范区", "管理区", "保税区"),
)
#: What a decision on site rests on.
LAW = "《中华人民共和国安全生产法》第六十五条"
_BLANK = "＿＿＿＿＿＿"


@dataclass(frozen=True)
class Sheet:
    """One paper: whose it is, and what stands on it.

    `edition` names what it was made from: as long as that is the same, what was printed once is printed again.
    """

    paper: PaperKind
    #: The chain its printings are steps of.
    chain: tuple[str, int]
    area: str
    unit: int
    #: Another unit that may read it.
    addressee: int
    number: str
    made_at: datetime
    edition: str
    fields: Mapping[str, Any]
    #: What became of it since: never frozen.
    mark: str = ""
    remarks: Sequence[str] = field(default=())

    @property
    def status(self) -> Row:
        """What its face says of its being in force."""
        return {"mark": self.mark, "remarks": [{"text": text} for text in self.remarks]}


def sheet_of(paper: Any, fields: Row, edition: str = "", mark: str = "", remarks: Sequence[str] = ()) -> Sheet:
    """Return a paper with a number of its own; it is addressed to the unit it is about."""
    return Sheet(
        PaperKind(paper.paper), ("paper", paper.id), paper.area_code, paper.unit_id, paper.unit_id, paper.number,
        paper.made_at, edition, fields, mark, remarks,
    )  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """Reads papers for whoever asks; words are Chinese, whatever the screen speaks."""

    asking: Asking

    @property
    def tx(self) -> Transaction:
        """The one picture of the store that the paper is read from."""
        return self.asking.tx

    @property
    def viewer(self) -> int | None:
        """Who asks: `last` is the newest of theirs."""
        return self.asking.viewer.id

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.asking.policy.timezone)

    @cached_property
    def _translate(self) -> Callable[[str], str]:
        return in_language("zh")

    def word(self, kind: str, value: object) -> str:
        """Return a word of the trade."""
        return Term(kind, str(value)).say(self._translate)

    def day(self, value: date | datetime | str | None) -> str:
        """Return a date as papers write it, of an instant the local one; "" for none."""
        if value is None:
            return ""
        read = date.fromisoformat(value) if isinstance(value, str) else value
        on = read.astimezone(self._zone).date() if isinstance(read, datetime) else read
        return f"{on.year}年{on.month}月{on.day}日"

    def person(self, number: int | None) -> Any:
        """Return a person by number, None for none."""
        return None if number is None else self.tx.one(_PERSON, person=number)

    def on_site(self, inspection: int) -> list[tuple[str, str | None]]:
        """Return who was on site at a visit, with the certificates they carried."""
        return [(each.name, each.certificate) for each in self.tx.all(_ON_SITE, inspection=inspection)]

    def heading(self, paper: PaperKind, title: str, number: str, department: Any, unit: int, made_at: datetime) -> Row:
        """Return the fields that are on every paper."""
        about = self.tx.one(_UNIT, unit=unit)
        return {
            "title": title,
            "short_title": SHORT_TITLES[paper] if title == TITLES[paper] else "意见",
            "number": number,
            "department": department.name,
            "review_body": department.review_body or self._government(department),
            "date": self.day(made_at),
            "unit": about.name,
            **{name: getattr(about, name) or "" for name in ("address", "responsible", "post", "phone", "credit_code")},
        }

    def heading_of(self, paper: Any) -> Row:
        """Return the fields that are on every paper, of one with a number of its own."""
        kind = PaperKind(paper.paper)
        department = self.department(paper.department_id)
        return self.heading(kind, TITLES[kind], paper.number, department, paper.unit_id, paper.made_at)

    def department(self, number: int) -> Any:
        """Return a department by number."""
        return self.tx.one(_DEPARTMENT, department=number)

    def _government(self, department: Any) -> str:
        """Return who reviews what a department decides: the government of its area, of a township the one above."""
        for code in reversed(department.path.split("/")):
            area = self.tx.one(_AREA, code=code)
            is_governed = area.name.endswith(_GOVERNED) and not area.name.endswith(_NOT_GOVERNED)
            if is_governed and Rank(area.rank) > Rank.township:
                return f"{area.name}人民政府"
        return f"{_BLANK}人民政府"


TITLES = {
    PaperKind.order: "责令限期整改指令书",
    PaperKind.inspection: "现场检查记录",
    PaperKind.recheck: "整改复查意见书",
    PaperKind.measures: "现场处理措施决定书",
    PaperKind.listing: "挂牌督办通知书",
    PaperKind.extension: "整改延期审批意见书",
    PaperKind.resumption: "恢复生产批复",
}
SHORT_TITLES = {
    PaperKind.order: "指令",
    PaperKind.inspection: "记录",
    PaperKind.recheck: "意见",
    PaperKind.measures: "决定",
    PaperKind.listing: "通知",
    PaperKind.extension: "意见",
    PaperKind.resumption: "批复",
}


def numbers_of(rows: Iterable[Row]) -> str:
    """Return the places of rows on the paper, as papers list them: 1、3至7."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row["no"] == runs[-1][-1] + 1:
            runs[-1].append(row["no"])
        else:
            runs.append([row["no"]])
    return "、".join(f"{run[0]}至{run[-1]}" if len(run) > 2 else "、".join(map(str, run)) for run in runs)


def gathered(rows: Sequence[Row], by: str) -> list[tuple[str, Any]]:
    """Return each value of a field with the places of the rows that have it, in the order of the first; empty ones not."""
    values = dict.fromkeys(row[by] for row in rows if row[by])
    return [(numbers_of(row for row in rows if row[by] == value), value) for value in values]


def ended(text: str) -> str:
    """Return what somebody wrote as a sentence that ends."""
    return text if text.endswith(("。", "！", "；", ".", ";")) else f"{text}。"


def signing(officers: Iterable[tuple[str, str | None]]) -> Row:
    """Return who signs for the department, with the certificates they carried."""
    rows = [{"name": name, "certificate": certificate or ""} for name, certificate in officers]
    named = "、".join(f"{row['name']}（{row['certificate']}）" if row["certificate"] else row["name"] for row in rows)
    return {"officers": rows, "officers_named": named}


def hazard(reader: Reader, number: int, each: Any) -> Row:
    """Return a hazard as a row of a paper."""
    return {
        "no": number,
        "case": each.id,
        "text": each.text,
        "place": each.place or "",
        "grade": reader.word("grade", each.grade),
        "basis": each.basis or "",
    }
