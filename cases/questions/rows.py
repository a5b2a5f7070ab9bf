"""The row that lists are made of: one case in a line, with the keys of CONTRACT "Asking"."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, select

from cases.questions.asking import Asking, day
from cases.statements import Statement
from cases.tables import areas, hazards, units

#: How many rows are fetched by their numbers at once.
_CHUNK = 500

#: What a row shows; every list selects from it.
ROW = (
    select(
        hazards.c.id,
        units.c.name.label("unit"),
        hazards.c.grade,
        hazards.c.text,
        hazards.c.state,
        hazards.c.waiting_on,
        hazards.c.due_on,
        hazards.c.due_at,
        areas.c.name.label("area"),
        hazards.c.unit_id,
        hazards.c.area_code,
        hazards.c.provisional,
        hazards.c.rank,
    )
    .join_from(hazards, units, units.c.id == hazards.c.unit_id)
    .join(areas, areas.c.code == hazards.c.area_code)
)
_BY_NUMBER = Statement(ROW.where(hazards.c.id.in_([bindparam(f"id_{at}") for at in range(_CHUNK)])))


def row(asking: Asking, found: Any) -> dict[str, Any]:
    """Return one case as a row of a list."""
    return {
        "id": found.id,
        "unit": found.unit,
        "grade": found.grade,
        "text": found.text,
        "state": found.state,
        "waiting_on": found.waiting_on,
        "due_on": day(found.due_on),
        "overdue_days": asking.overdue_days(found.due_at),
        "area": found.area,
        "unit_id": found.unit_id,
        "area_code": found.area_code,
        "provisional": found.provisional,
        "rank": found.rank,
    }


def rows_of(asking: Asking, cases: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield the rows of these cases, in the order asked for."""
    remaining = iter(cases)
    while chunk := list(islice(remaining, _CHUNK)):
        padded = chunk + chunk[-1:] * (_CHUNK - len(chunk))
        found = asking.tx.all(_BY_NUMBER, **{f"id_{at}": case for at, case in enumerate(padded)})
        by_id = {each.id: row(asking, each) for each in found}
        yield from (by_id[case] for case in chunk)
