"""A copy of a ledger, as Excel, in which each row that was not taken says why, in a column of its own at the end."""

from collections.abc import Iterator, Sequence
from itertools import count, islice
from os.path import lexists
from pathlib import Path
from typing import Any

from cases.exchange import sheets as out
from cases.exchange import values
from cases.exchange.reading import Complaint, Sheet
from cases.exchange.sources import FORMULA
from workflow.words import Translate

#: What comes between a file's own name and .xlsx in the name of its copy.
SUFFIX = ".reasons"


def place_of(path: Path) -> Path:
    """Return where the copy of a ledger goes: beside it, and in the place of none that somebody may be mending."""
    numbers = ("" if number == 1 else f"-{number}" for number in count(1))
    places = (path.with_name(f"{path.stem}{SUFFIX}{number}.xlsx") for number in numbers)
    return next(place for place in places if not lexists(place))


def written(path: Path, sheets: Sequence[Sheet], complaints: Sequence[Complaint], translate: Translate) -> Path:
    """Write the copy; return where it is. Raises BadInput when it cannot be written."""
    why: dict[tuple[str, int], list[str]] = {}
    for each in complaints:
        said = translate("{column}: expected {expected}").format(
            column=each.column, expected=each.expected.say(translate)
        )
        why.setdefault((each.sheet, each.row), []).append(said)
    place = place_of(path)
    out.write_workbook(place, (_copied(sheet, why, translate) for sheet in sheets))
    return place


def _copied(sheet: Sheet, why: dict[tuple[str, int], list[str]], translate: Translate) -> out.Sheet:
    top = [cells for _, cells in islice(sheet.page.rows(), sheet.header.last + 1)]
    width = max(len(cells) for cells in top)
    headings = [values.text(cell) for cell in top[-1]] + [""] * (width - len(top[-1]))
    titles = [
        "  ".join(dict.fromkeys(values.text(cell) for cell in cells if cell not in ("", None))) for cells in top[:-1]
    ]
    columns = [out.Column(heading or sheet.header.columns.get(at, ("", ""))[1]) for at, heading in enumerate(headings)]
    reason = out.Column(translate("reason"), width=48)
    return out.Sheet(
        sheet.page.name, [*columns, reason], _rows(sheet, width, why), notes=[each for each in titles if each]
    )


def _rows(sheet: Sheet, width: int, why: dict[tuple[str, int], list[str]]) -> Iterator[Sequence[Any]]:
    for number, cells in islice(sheet.page.rows(), sheet.header.last + 1, None):
        shown = [_shown(cell) for cell in cells[:width]]
        reasons = why.get((sheet.page.name, number))
        yield [*shown, *[None] * (width - len(shown)), "; ".join(reasons) if reasons else None]


def _shown(cell: Any) -> out.Value:
    if cell is FORMULA:
        return "=…"
    return cell if isinstance(cell, str | int | float) or hasattr(cell, "toordinal") else values.text(cell)
