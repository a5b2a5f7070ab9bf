"""Finding people, units, departments, areas and campaigns by the name a person typed, or by `id:N`.

One that two bear is refused with the numbers to choose from; one that nobody bears is answered with near matches.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select

from cases.store import Transaction
from cases.tables import areas, campaigns, departments, inspections, orders, people, units
from workflow.errors import NotFound, Refused
from workflow.words import Sentence, Term

_NOUNS: dict[str, tuple[Table, list[ColumnElement[Any]]]] = {
    "person": (people, [people.c.retired_on.is_(None)]),
    "unit": (units, []),
    "department": (departments, []),
    "campaign": (campaigns, []),
}
_NEAR = 3
#: A number of more digits is none: no store could count so far.
_DIGITS = 15


def find(tx: Transaction, noun: str, text: str) -> Any:
    """Return the row of a person, unit, department or campaign.

    Raises NotFound with near matches, Refused with the numbers to choose from when several bear the name.
    """
    table, wanted = _NOUNS[noun]
    if text.startswith("id:") and text[3:].isdecimal():
        row = tx.one(_by(table, table.c.id), key=int(text[3:])) if len(text) <= len("id:") + _DIGITS else None
        if row is None:
            raise NotFound(Sentence("no {noun} {text}{near}", noun=Term("noun", noun), text=text, near=_listed(noun)))
        return row
    rows = tx.all(_by(table, table.c.name, *wanted), key=text)
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise _ambiguous(noun, text, rows)
    raise NotFound(
        Sentence(
            "no {noun} is called {text}{near}",
            noun=Term("noun", noun),
            text=text,
            near=_near(tx, table, text, wanted) or _listed(noun),
        )
    )


def find_area(tx: Transaction, text: str) -> Any:
    """Return an area by its code or its name. Raises NotFound or Refused as `find` does."""
    row = tx.one(_by(areas, areas.c.code), key=text)
    if row is not None:
        return row
    rows = tx.all(_by(areas, areas.c.name), key=text)
    if len(rows) == 1:
        return rows[0]
    if rows:
        codes = [row.code for row in rows]
        raise Refused(Sentence("several areas are called {text}; give a code: {codes}", text=text, codes=codes))
    near = _near(tx, areas, text, []) or _listed("area")
    raise NotFound(Sentence("no area is called {text}{near}", text=text, near=near))


def find_either(tx: Transaction, noun: str, text: str) -> tuple[str, Any]:
    """Return a campaign or department of this name, else an area, with which of the two it is.

    Raises NotFound with near matches of both, or Refused as `find` does.
    """
    try:
        return noun, find(tx, noun, text)
    except NotFound as missing:
        try:
            return "area", find_area(tx, text)
        except NotFound as nowhere:
            what = Sentence("nothing is called {text}", text=text)
            raise NotFound(what, reasons=[missing.what, nowhere.what]) from nowhere


def find_inspection(tx: Transaction, text: str, maker: int | None) -> Any:
    """Return an inspection by its number, or the newest one this person made (`last`). Raises NotFound."""
    return _numbered(tx, inspections, "inspection", text, maker)


def find_order(tx: Transaction, text: str, maker: int | None) -> Any:
    """Return an order by its id, by the number on the paper, or the newest one this person made (`last`).

    Raises NotFound, or Refused when two departments gave the same number.
    """
    rows = tx.all(_by(orders, orders.c.number), key=text)
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise _ambiguous("order", text, rows)
    return _numbered(tx, orders, "order", text, maker)


def _numbered(tx: Transaction, table: Table, noun: str, text: str, maker: int | None) -> Any:
    number = text.removeprefix("id:")
    if text == "last":
        newest = select(table).where(table.c.made_by == bindparam("key")).order_by(table.c.id.desc()).limit(1)
        row = tx.one(newest, key=maker)
    else:
        row = tx.one(_by(table, table.c.id), key=int(number)) if number.isdecimal() and len(number) <= _DIGITS else None
    if row is None:
        raise NotFound(
            Sentence(
                "no {noun} {text}; type: rectify {noun_plain}s list",
                noun=Term("noun", noun),
                noun_plain=noun,
                text=text,
            )
        )
    return row


def _by(table: Table, column: Any, *wanted: ColumnElement[bool]) -> Select[Any]:
    return select(table).where(column == bindparam("key"), *wanted)


def _ambiguous(noun: str, text: str, rows: Sequence[Any]) -> Refused:
    return Refused(
        Sentence(
            "several are called {text}; choose the {noun} by number: {choices}",
            noun=Term("noun", noun),
            text=text,
            choices=[f"id:{row.id}" for row in rows],
        ),
        choices=[row.id for row in rows],
    )


def _listed(noun: str) -> Sentence:
    """Return "; type: …" with the command that lists what there is."""
    return Sentence("; type: rectify {noun} list", noun=noun)


def _near(tx: Transaction, table: Table, text: str, wanted: Sequence[ColumnElement[bool]]) -> Sentence | None:
    """Return "; did you mean …" from names that share a beginning or look alike; None when none does."""
    names = [row[0] for row in tx.all(select(table.c.name).where(*wanted).distinct().limit(20000))]
    near = (
        get_close_matches(text, names, _NEAR, cutoff=0.5) or [name for name in names if text and text in name][:_NEAR]
    )
    return Sentence("; did you mean {names}?", names=near) if near else None


# -- completion --------------------------------------------------------------------------------------------------------


def beginning_with(tx: Transaction, noun: str, text: str, limit: int = 50) -> list[str]:
    """Return the names that begin so, for shell completion."""
    table, wanted = _NOUNS[noun]
    begins = func.substr(table.c.name, 1, len(text)) == text
    return [row[0] for row in tx.all(select(table.c.name).where(begins, *wanted).order_by(table.c.name).limit(limit))]
