"""The State Council's yearly holiday notice 国务院办公厅节假日安排通知, written as a small TOML file: read here and checked.

Every mistake is named by line and key, and none is guessed away. What the days mean belongs to `calendar`.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from operator import itemgetter
from typing import Any, Final

from workflow.calendar import FIRST_YEAR, LAST_YEAR, LATE_DECEMBER, Notice, is_weekend
from workflow.errors import BadInput
from workflow.places import Path, line_of, lines_of
from workflow.words import Sentence

#: No holiday was ever longer than ten days; more is a month mistyped.
LONGEST: Final = 15
#: A notice is a page; what is longer is another file.
MOST_CHARACTERS: Final = 64_000
#: So many mistakes are named, the others counted.
_NAMED: Final = 10

_KEYS = ("document", "published", "year", "off", "worked")
_RANGE = ("from", "to", "name")

_MISSING = Sentence("is missing")
_NO_DATE = Sentence("must be a date, written like 2027-01-01 without quotes")
_NO_DAYS = Sentence("must be a list of days, and of ranges like {range}", range="{ from = D, to = D, name = T }")
_NO_NAME = Sentence("must be one line of text in quotes, at most 100 characters")


def parse(text: str, where: str = "notice") -> Notice:
    """Read a notice from TOML; it says the whole of its year, and what it moves in the last days of the year before.

    Raises BadInput with a reason for every mistake, each naming line and key; `where` names the file.
    """
    text = text.removeprefix("\ufeff")  # Notepad's
    reading = _Reading(_read(text, where))
    notice = reading.notice()
    if reading.mistakes:
        lines = lines_of(text)
        found = [(line_of(path, lines), path, problem) for path, problem in reading.mistakes]
        raise _bad(where, [_reason(*each) for each in sorted(found, key=itemgetter(0))])
    return notice


def _read(text: str, where: str) -> dict[str, Any]:
    """Read TOML, or raise BadInput with the one mistake that the reader stops at."""
    if len(text) > MOST_CHARACTERS:
        raise _bad(where, [Sentence("it is far too long for a notice")])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told, _, place = str(error).partition(" (at ")
        number = re.match(r"line (\d+)", place)
        line = int(number[1]) if number else text.rstrip("\n").count("\n") + 1
        raise _bad(where, [Sentence("line {line}: {problem}", line=line, problem=told)]) from error
    except (ValueError, RecursionError) as error:
        raise _bad(where, [Sentence("it holds a date that there is not, or a number far too long")]) from error


def _bad(where: str, reasons: list[Sentence]) -> BadInput:
    if len(reasons) > _NAMED:
        reasons = [*reasons[:_NAMED], Sentence("and {count} more", count=len(reasons) - _NAMED)]
    return BadInput(Sentence("{where} cannot be used as a holiday notice", where=where), reasons=reasons, where=where)


def _reason(line: int, path: Path, problem: Sentence) -> Sentence:
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in path)
    shown = "".join(letter if letter.isprintable() else "?" for letter in key)[:80]
    return Sentence("line {line}, {key}: {problem}", line=line, key=shown, problem=problem)


class _Reading:
    """One notice while it is read: what it says, and what is wrong with it."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.mistakes: list[tuple[Path, Sentence]] = []

    def notice(self) -> Notice:
        """Return the notice; where there are mistakes it is of no use."""
        self._check_keys(self.data, _KEYS)
        year = self._year()
        off, worked = self._days("off", is_needed=True), self._days("worked")
        for day, path in [*off.items(), *worked.items()]:
            self._check_within(year, day, path)
        for day, path in worked.items():
            self._check_worked(day, path, is_off=day in off)
        return Notice(self._document(), self._published(year), year, frozenset(off), frozenset(worked))

    def _wrong(self, path: Path, problem: Sentence) -> None:
        self.mistakes.append((path, problem))

    def _check_keys(self, table: dict[str, Any], known: tuple[str, ...], path: Path = ()) -> None:
        for key in table:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                told = Sentence("there is no such key; did you mean {near}?", near=near[0]) if near else None
                self._wrong((*path, key), told or Sentence("there is no such key"))

    def _value(self, key: str, is_right: Callable[[Any], bool], problem: Sentence, blank: Any) -> Any:
        """Return what a key says, or something harmless in its place once what is wrong with it was noted."""
        value = self.data.get(key)
        if value is not None and is_right(value):
            return value
        self._wrong((key,), _MISSING if value is None else problem)
        return blank

    # -- what it says of itself

    def _year(self) -> int:
        asked = Sentence("must be a year from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR)
        year: int = self._value("year", lambda said: type(said) is int and FIRST_YEAR <= said <= LAST_YEAR, asked, 0)
        return year

    def _document(self) -> str:
        return str(self._value("document", _is_line, _NO_NAME, "")).strip()

    def _published(self, year: int) -> date:
        published: date = self._value("published", lambda said: type(said) is date, _NO_DATE, date.min)
        if year and published != date.min and published.year not in (year - 1, year):
            told = Sentence("a notice for {year} is published in the year before or in {year}", year=year)
            self._wrong(("published",), told)
        return published

    # -- the days

    def _days(self, key: str, *, is_needed: bool = False) -> dict[date, Path]:
        """Return every day of a list, each with where it stands."""
        entries = self.data.get(key, [])
        if not isinstance(entries, list):
            self._wrong((key,), _NO_DAYS)
            return {}
        if is_needed and not entries:
            self._wrong((key,), _MISSING)
        found: dict[date, Path] = {}
        for number, entry in enumerate(entries):
            path = (key, number)
            for day in self._entry(entry, path):
                if day in found:
                    self._wrong(path, Sentence("{day} stands there twice", day=day))
                found.setdefault(day, path)
        return found

    def _entry(self, entry: Any, path: Path) -> Iterator[date]:
        if type(entry) is date:
            yield entry
        elif isinstance(entry, dict):
            yield from self._range(entry, path)
        else:
            self._wrong(path, _NO_DATE)

    def _range(self, entry: dict[str, Any], path: Path) -> Iterator[date]:
        self._check_keys(entry, _RANGE, path)
        if "name" in entry and not _is_line(entry["name"]):
            self._wrong((*path, "name"), _NO_NAME)
        first, last = self._end(entry, "from", path), self._end(entry, "to", path)
        if first is None or last is None:
            return
        count = (last - first).days + 1
        if count < 1:
            self._wrong(path, Sentence("it ends on {last}, before it begins on {first}", first=first, last=last))
        elif count > LONGEST:
            told = Sentence("{count} days from {first} to {last}: at most {longest} days", count=count, first=first, last=last, longest=LONGEST)  # fmt: skip
            self._wrong(path, told)
        else:
            yield from (first + timedelta(number) for number in range(count))

    def _end(self, entry: dict[str, Any], key: str, path: Path) -> date | None:
        day = entry.get(key)
        if type(day) is date:
            return day
        self._wrong((*path, key), _MISSING if day is None else _NO_DATE)
        return None

    def _check_within(self, year: int, day: date, path: Path) -> None:
        if not year:
            return
        first, last = date(year - 1, *LATE_DECEMBER) + timedelta(1), date(year, 12, 31)
        if not first <= day <= last:
            told = Sentence(
                "{day} is not of {year}: a notice reaches from {first} to {last}",
                day=day, year=year, first=first, last=last,
            )  # fmt: skip
            self._wrong(path, told)

    def _check_worked(self, day: date, path: Path, *, is_off: bool) -> None:
        if is_off:
            self._wrong(path, Sentence("{day} is also among the days off; keep one", day=day))
        if not is_weekend(day):
            self._wrong(path, Sentence("{day} is worked anyway: name only Saturdays and Sundays", day=day))


def _is_line(said: Any) -> bool:
    return isinstance(said, str) and 0 < len(said.strip()) <= 100 and said.isprintable()
