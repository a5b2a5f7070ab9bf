"""What stands in a cell, as a date, a text, a name or a list of hazards; `Unreadable` says what was expected instead."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from unicodedata import normalize

from cases.exchange.columns import key
from workflow.words import Sentence

#: Days the program can count from and to, and how Excel numbers them.
_FIRST, _LAST = date(1990, 1, 1), date(2199, 12, 31)
_EPOCH: Final = date(1899, 12, 30)
_DATE = re.compile(
    r"(?P<y>\d{4})\s*(?:年|[-./\\])\s*(?P<m>\d{1,2})\s*(?:月|[-./\\])\s*(?P<d>\d{1,2})\s*[日号]?"
    r"(?:T|\s|上午|下午|[(]?(?:周|星期)[一二三四五六日天][)]?)*(?:\d{1,2}[:时点](?:\d{1,2}分?)?(?::\d{2}(?:\.\d+)?)?)?"
    r"|(?P<solid>(?:19|20)\d{6})|(?P<serial>\d{5})(?:\.\d+)?"
)
_NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CHINESE = "一二三四五六七八九十"
_MARK = re.compile(
    rf"(?P<circle>[{_NUMBERS}])\s*|(?:(?<=[\s;；。,，:：])|^)(?:[(（]?(?P<arabic>\d{{1,2}})(?:[)）、．]|\.(?!\d))"
    rf"|[(（]?(?P<chinese>[{_CHINESE}])(?:[)）、]|是))\s*"
)
#: The same with nothing between it and the entry before it. What goes on with a digit counts something: A栋2、3号机.
_GLUED = re.compile(r"(?<![\d、])[(（]?(?P<arabic>\d{1,2})(?:[)）]|[、．.](?!\s*\d))\s*")
_FIRST_MARK = re.compile(r"①|1[)）、．.]|一[)）、是]")
_PREAMBLE = re.compile(r"问题|隐患|如下|以下|发现")
_BETWEEN = re.compile(r"[、，,;；/|\n]+")


class Unreadable(Exception):  # named by what happened, as all errors here
    """A cell does not say what its column asks for."""

    def __init__(self, expected: Sentence) -> None:
        super().__init__(expected)
        self.expected = expected


_EXPECTED_DATE = Sentence("a date like 2026-03-02")


def day(cell: Any) -> date:
    """Return the date in a cell: a real one, one in any usual way of writing, or Excel's number. Raises Unreadable."""
    found = _of_number(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else _of(cell)
    if found is None:
        raise Unreadable(_EXPECTED_DATE)
    if not _FIRST <= found <= _LAST:
        raise Unreadable(Sentence("a date between 1990 and 2199"))
    return found


def _of(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _of_text(cell) if isinstance(cell, str) else None


def _of_number(number: float) -> date | None:
    if number > 19_000_000:
        return _of_text(str(int(number)))
    try:
        return _EPOCH + timedelta(int(number))
    except OverflowError:
        return None


@lru_cache(maxsize=65536)
def _of_text(text: str) -> date | None:
    found = _DATE.fullmatch(normalize("NFKC", text).strip().rstrip("。."))
    if found is None:
        return None
    if found["serial"]:
        return _of_number(float(found["serial"]))
    solid = found["solid"]
    parts = (solid[:4], solid[4:6], solid[6:]) if solid else (found["y"], found["m"], found["d"])
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def text(cell: Any) -> str:
    """Return a cell as text: numbers without a needless .0, dates as ISO."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def amount(cell: Any) -> str:
    """Return an amount in 万元 as a plain number. Raises Unreadable."""
    said = normalize("NFKC", text(cell)).replace(",", "").strip().removesuffix("元").removesuffix("万")
    if not re.fullmatch(r"\d{1,12}(?:\.\d{1,6})?", said):
        raise Unreadable(Sentence("an amount in 10 000 yuan, like 12.5"))
    return said.rstrip("0").rstrip(".") if "." in said else said


@lru_cache(maxsize=8192)
def names(said: str) -> tuple[str, ...]:
    """Return the names in a cell, in whatever way they are separated; 张 三 is one of them."""
    found = [each.strip() for each in _BETWEEN.split(said)]
    split: list[str] = []
    for each in found:
        split += re.sub(r"(?<!\S)(\S)\s+(?=\S(?!\S))", r"\1", each).split()
    return tuple(dict.fromkeys(split))


def listed(said: str) -> list[str]:
    """Return the numbered entries of a cell: 1. 2. 3., (1)(2), ①②, 一是 二是; the whole where nothing is numbered.

    Numbers count only where they begin at one and go on by one: 1.5 metres and GB 50016 are none. Nothing need stand
    between two entries where the cell begins with the first number, and the others are written like it.
    """
    if not _FIRST_MARK.search(said):
        return [said.strip()]
    marks = _in_turn(_MARK.finditer(said))
    if marks and marks[0]["arabic"] and not said[: marks[0].start()].strip():
        alike = _in_turn(mark for mark in _GLUED.finditer(said) if _style(mark) == _style(marks[0]))
        marks = max(marks, alike, key=len)
    if len(marks) < 2:
        return [said.strip()]
    ends = [mark.start() for mark in marks[1:]] + [len(said)]
    before = said[: marks[0].start()].strip(" \n:：，,;；")
    entries = [said[mark.end() : end].strip(" \n;；，,") for mark, end in zip(marks, ends, strict=True)]
    entries = [each for each in entries if each]
    is_place = 0 < len(before) <= 20 and not _PREAMBLE.search(before)
    return [f"{before}：{each}" if is_place else each for each in entries] or [said.strip()]


def _in_turn(found: Iterable[re.Match[str]]) -> list[re.Match[str]]:
    marks: list[re.Match[str]] = []
    for mark in found:
        if _value(mark) == len(marks) + 1:
            marks.append(mark)
    return marks


def _style(mark: re.Match[str]) -> str:
    """Return how a number is written: what stands around it."""
    return re.sub(r"[\d\s]", "", mark[0])


def _value(mark: re.Match[str]) -> int:
    if arabic := mark["arabic"]:
        return int(arabic)
    return (_NUMBERS.index(mark["circle"]) if mark["circle"] else _CHINESE.index(mark["chinese"])) + 1


def same(*said: Any) -> str:
    """Return texts as two rows are compared by: without blanks, and however wide their characters are."""
    return "\x1f".join("" if each is None else key(str(each)) for each in said)
