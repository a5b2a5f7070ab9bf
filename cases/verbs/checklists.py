"""Checklists: a campaign's standards 整治提升标准, read from a file and kept by version. The newest is in force."""

import csv
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import StringIO
from pathlib import Path

from cases.ledger import Door
from cases.names import find
from cases.tables import checklist_items, checklists
from cases.verbs.keeping import hold, must_keep_units, on_record
from cases.verbs.outcome import Outcome
from cases.verbs.standards import Standard, newest, standards_of
from cases.verbs.texts import checked
from workflow.errors import BadInput, Refused
from workflow.places import line_of, lines_of
from workflow.policy import Policy
from workflow.terms import Grade
from workflow.words import Sentence

#: What an item is made of, and what a column of it may be called.
_COLUMNS = {
    "number": ("number", "编号", "序号", "条款"),
    "text": ("text", "标准", "内容", "整治提升标准"),
    "grade": ("grade", "等级", "隐患等级"),
    "basis": ("basis", "依据", "判定依据"),
}
_GRADES = {**{str(grade): str(grade) for grade in Grade}, "一般": "general", "较大": "larger", "重大": "major"}


def load(door: Door, campaign: str, items: Sequence[Standard], name: str) -> Outcome:
    """Load a campaign's checklist; one that was there stays as an older version.

    Raises NotFound, Forbidden, or Refused when it changes nothing.
    """
    hold(door)
    found = find(door.tx, "campaign", campaign)
    must_keep_units(door)
    before = newest(door.tx, found.id)
    reasons = door.untimely()
    if before is not None and standards_of(door.tx, before.id) == list(items):
        reasons.append(Sentence("version {version} says the same already; nothing changed", version=before.version))
    if reasons:
        raise Refused(Sentence("{where} is not loaded", where=name), reasons=reasons)
    version = 1 if before is None else before.version + 1
    number = int(door.tx.add(checklists, campaign_id=found.id, version=version, name=name, **on_record(door)))
    for place, item in enumerate(items, 1):
        door.tx.add(checklist_items, checklist_id=number, place=place, **asdict(item))
    told = {"id": number, "campaign": found.name, "version": version, "items": len(items)}
    said = Sentence("checklist of {campaign}, version {version}: {count} items", campaign=found.name, version=version,
                    count=len(items))  # fmt: skip
    return Outcome({"checklist": told}, [said])


# -- files -------------------------------------------------------------------------------------------------------------


def items_in(path: str, policy: Policy) -> list[Standard]:
    """Read a checklist: CSV with the columns number, text, grade, basis, or TOML with a list `items` of the same keys.

    Raises BadInput naming every row that is wrong, and where a number stands a second time.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8-sig")
        rows = list((_of_toml if place.suffix.lower() == ".toml" else _of_csv)(text))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Sentence("{file} cannot be read as UTF-8; check the path", file=place.name)) from error
    except (csv.Error, tomllib.TOMLDecodeError) as error:
        raise BadInput(Sentence("{file} cannot be read: {why}", file=place.name, why=str(error))) from error
    faults = [*_faults(rows), *_repeated(rows)]
    if faults or not rows:
        raise BadInput(
            Sentence("{file} was not taken", file=place.name), reasons=faults or [Sentence("it has no rows")]
        )
    return [_standard(row, policy) for _, row in rows]


#: One row as it was read, with where it stands: the row of a sheet, or the line of a TOML file.
_Row = tuple[int, dict[str, str]]


def _of_csv(text: str) -> Iterator[_Row]:
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    header = [_column(cell) for cell in next(rows, [])]
    for at, row in enumerate(rows, 2):
        if any(row):
            yield at, dict(zip(header, map(str.strip, row), strict=False))


def _of_toml(text: str) -> Iterator[_Row]:
    items, lines = tomllib.loads(text).get("items", []), lines_of(text)
    for at, item in enumerate(items if isinstance(items, list) else []):
        said = item if isinstance(item, dict) else {}
        yield line_of(("items", at), lines), {_column(name): str(value).strip() for name, value in said.items()}


def _column(heading: str) -> str:
    said = heading.strip().lower()
    return next((name for name, called in _COLUMNS.items() if said in called), said)


def _faults(rows: Sequence[_Row]) -> Iterator[Sentence]:
    for at, row in rows:
        for column in ("number", "text"):
            if not row.get(column):
                yield Sentence("row {at}, column {column}: it is empty", at=at, column=column)
        if row.get("grade") and row["grade"] not in _GRADES:
            words = [str(grade) for grade in Grade]
            yield Sentence("row {at}, column {column}: one of {words} was expected", at=at, column="grade", words=words)


def _repeated(rows: Sequence[_Row]) -> Iterator[Sentence]:
    seen: dict[str, int] = {}
    for at, row in rows:
        number = row.get("number")
        if number in seen:
            first = seen[number]
            yield Sentence("row {at}: number {number} stands in row {first} already", at=at, number=number, first=first)
        elif number:
            seen[number] = at


def _standard(row: dict[str, str], policy: Policy) -> Standard:
    said = {name: checked(name, row.get(name) or None, policy) for name in ("number", "text", "basis")}
    grade = row.get("grade")
    return Standard(str(said["number"]), str(said["text"]), _GRADES[grade] if grade else None, said["basis"])
