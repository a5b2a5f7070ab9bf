"""What columns and words of a ledger mean: the tables in columns.toml, and what an office adds with `--mapping FILE`.

The header of a sheet is found here, below whatever title rows stand above it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

from workflow.errors import BadInput
from workflow.places import line_of, lines_of
from workflow.words import Sentence

_BLANK = re.compile(r"[\s*:：]+")
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")
#: What an office may set where a ledger says nothing.
DEFAULTS: Final = ("department", "area", "unit", "sector", "grade", "found_on")
#: Rows among which a header is looked for, and the fewest columns that make one.
_TOP: Final = 40
_FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a ledger says of a hazard: its titles, and how its cells are filled in."""

    name: str
    title: str
    english: str
    hint: str = ""
    choices: str = ""
    needed: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The meaning of headings and words."""

    fields: Mapping[str, Field]
    #: The field that each heading names, compared by `key`.
    headings: Mapping[str, str]
    #: By kind: the meaning of each word, compared by `key`.
    words: Mapping[str, Mapping[str, str]]
    #: By kind and meaning: the word a drop-down offers.
    offered: Mapping[str, Mapping[str, str]]
    #: By field: what else offices call its column.
    names: Mapping[str, Sequence[str]]
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def field_of(self, heading: str) -> str | None:
        """Return the field a heading names; what stands in brackets counts only if that helps."""
        whole = key(heading)
        return self.headings.get(whole) or self.headings.get(_BRACKETS.sub("", whole))

    def meaning(self, kind: str, word: str) -> str | None:
        """Return what a word of this kind means, None for an unknown one."""
        return self.words[kind].get(key(word))

    @property
    def needed(self) -> list[str]:
        """The fields without which no row says anything."""
        return [each.name for each in self.fields.values() if each.needed and each.name not in self.defaults]


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """Return a heading or word as it is compared: without blanks, stars and colons, full-width characters narrowed."""
    return _BLANK.sub("", normalize("NFKC", text)).lower()


@cache
def standard() -> Vocabulary:
    """Return the vocabulary that ships with the program."""
    return _vocabulary(tomllib.loads((files("cases.exchange") / "columns.toml").read_text(encoding="utf-8")))


def _vocabulary(told: Mapping[str, Any]) -> Vocabulary:
    fields = {
        name: Field(name, **{each: value for each, value in said.items() if each != "names"})
        for name, said in told["fields"].items()
    }
    headings = {
        key(heading): name
        for name, said in told["fields"].items()
        for heading in (*said.get("names", ()), said["english"], said["title"], name)
    }
    words = {
        kind: {key(word): meaning for meaning, listed in meanings.items() for word in listed}
        for kind, meanings in told["words"].items()
    }
    offered = {kind: {meaning: listed[0] for meaning, listed in said.items()} for kind, said in told["words"].items()}
    names = {name: said.get("names", []) for name, said in told["fields"].items()}
    return Vocabulary(fields, headings, words, offered, names)


# -- what an office adds -----------------------------------------------------------------------------------------------


def extended(path: Path | None) -> Vocabulary:
    """Return the standard vocabulary with what a mapping file adds. Raises BadInput naming every mistake by its line.

    `[columns]` lists more headings of a field, `[words.KIND]` gives the meaning of more words, `[defaults]` says what
    holds where a ledger says nothing.
    """
    if path is None:
        return standard()
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BadInput(Sentence("{file} cannot be read; give a TOML file in UTF-8", file=str(path))) from error
    known = standard()
    faults = list(_faults(told, known))
    if faults:
        lines = lines_of(text)
        reasons = [Sentence("line {line}: {why}", line=line_of(where, lines), why=why) for where, why in faults]
        raise BadInput(Sentence("the mapping {file} was not taken", file=path.name), reasons=reasons)
    more = {key(heading): name for name, listed in told.get("columns", {}).items() for heading in _listed(listed)}
    words = {
        kind: {
            **known.words[kind],
            **{key(word): meaning for word, meaning in told.get("words", {}).get(kind, {}).items()},
        }
        for kind in known.words
    }
    defaults = dict(told.get("defaults", {}))
    if "grade" in defaults:
        defaults["grade"] = words["grade"][key(defaults["grade"])]
    return Vocabulary(known.fields, {**known.headings, **more}, words, known.offered, known.names, defaults)


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


_TABLES: Final = ("columns", "words", "defaults")
_Fault = tuple[tuple[str, ...], Sentence]


def _faults(told: Mapping[str, Any], known: Vocabulary) -> Iterator[_Fault]:
    for name, table in told.items():
        if name not in _TABLES or not isinstance(table, dict):
            yield _unknown(name, ["[columns]", "[words.KIND]", "[defaults]"])
            return
    for name, listed in told.get("columns", {}).items():
        if name not in known.fields:
            yield _unknown(name, known.fields, "columns")
        elif not all(isinstance(each, str) for each in _listed(listed)):
            yield ("columns", name), Sentence("{name} lists the headings of a column as texts", name=name)
    yield from _faults_of_words(told.get("words", {}), known)
    yield from _faults_of_defaults(told.get("defaults", {}), known)


def _faults_of_words(told: Mapping[str, Any], known: Vocabulary) -> Iterator[_Fault]:
    for kind, added in told.items():
        if kind not in known.words or not isinstance(added, dict):
            yield _unknown(kind, known.words, "words")
            continue
        for word, meaning in added.items():
            if meaning not in known.offered[kind]:
                yield _unknown(str(meaning), known.offered[kind], "words", kind, word)


def _faults_of_defaults(told: Mapping[str, Any], known: Vocabulary) -> Iterator[_Fault]:
    for name, value in told.items():
        if name not in DEFAULTS:
            yield _unknown(name, DEFAULTS, "defaults")
        elif name == "found_on" and type(value) is not date:
            yield ("defaults", name), Sentence("{name} is a date like 2026-03-02", name=name)
        elif name != "found_on" and not (isinstance(value, str) and value.strip()):
            yield ("defaults", name), Sentence("{name} is a text", name=name)
        elif name == "grade" and known.meaning("grade", value) is None:
            yield _unknown(value, known.offered["grade"], "defaults", name)


def _unknown(name: str, known: Iterable[str], *above: str) -> _Fault:
    where = above if len(above) > 1 else (*above, name)
    return where, Sentence("{name} is unknown; use {names}", name=name, names=list(known))


# -- finding the header ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Header:
    """Where a sheet's header ends (rows from 0), and the field of each of its columns."""

    last: int
    #: By place: the field, and the heading as it stands in the sheet.
    columns: Mapping[int, tuple[str, str]]
    #: Headings that name no field.
    unused: Sequence[str]

    def heading(self, field: str) -> str | None:
        """Return the first heading of a field."""
        return next((heading for name, heading in self.columns.values() if name == field), None)

    @property
    def fields(self) -> set[str]:
        """The fields that have a column."""
        return {name for name, _ in self.columns.values()}


def header_of(rows: Sequence[Sequence[Any]], vocabulary: Vocabulary) -> Header | None:
    """Return the header among the first rows of a sheet, in one row or in two; None where there is none."""
    best: tuple[int, Header] | None = None
    for at in range(min(len(rows), _TOP)):
        for candidate in (_one(rows, at, vocabulary), _two(rows, at, vocabulary)):
            if candidate is not None and (best is None or len(candidate.fields) > best[0]):
                best = len(candidate.fields), candidate
    return None if best is None or best[0] < _FEWEST else best[1]


def _one(rows: Sequence[Sequence[Any]], at: int, vocabulary: Vocabulary) -> Header:
    return _header(at, [_heading(cell) for cell in rows[at]], vocabulary)


def _two(rows: Sequence[Sequence[Any]], at: int, vocabulary: Vocabulary) -> Header | None:
    """Read a header whose groups stand above its columns: the lower heading counts where there is one."""
    if at + 1 >= len(rows):
        return None
    upper, lower = ([_heading(cell) for cell in rows[row]] for row in (at, at + 1))
    if sum(vocabulary.field_of(each) is not None for each in lower if each) < 2:
        return None
    width = max(len(upper), len(lower))
    upper, lower = (row + [""] * (width - len(row)) for row in (upper, lower))
    group, merged = "", []
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        both = group + below if vocabulary.field_of(group + below) else below
        merged.append(both if below else above)
    return _header(at + 1, merged, vocabulary)


def _heading(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) and len(cell) <= 60 else ""


def _header(at: int, headings: Sequence[str], vocabulary: Vocabulary) -> Header:
    columns: dict[int, tuple[str, str]] = {}
    unused = []
    for place, heading in enumerate(headings):
        name = vocabulary.field_of(heading) if heading else None
        if name is not None:
            columns[place] = (name, " ".join(heading.split()))
        elif heading:
            unused.append(" ".join(heading.split()))
    return Header(at, columns, unused)
