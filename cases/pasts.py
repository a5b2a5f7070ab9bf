"""Cases that come with a past: opened and brought to where an older ledger leaves them, by the rules for its statements.

They go through the ledger's door like any others: every statement is a step on the case's chain, tried by the import
process, at its own time. Because the cases are new their rows are written once, as the last statement leaves them: a
thousand take as many statements of SQL as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, column, func, select, text

from cases.history import GENESIS
from cases.ledger import Door, Try
from cases.pages import FIELDS, Pages
from cases.statements import Statement as Sql
from cases.store import Transaction
from cases.tables import hazards
from workflow.case import Case, Officer
from workflow.stated import settle, state


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a ledger states of a case: a trigger of the import process, when, with what."""

    trigger: str
    at: datetime
    facts: Mapping[str, Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    officers: Sequence[Officer] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """A case that is taken over: its columns, the facts of its first step, and what is stated of it after."""

    #: Of the case while it is moved; its number is given by the store.
    case: Mapping[str, Any]
    #: The columns of its row that no move reads.
    more: Mapping[str, Any]
    opened_at: datetime
    facts: Mapping[str, Any]
    statements: Sequence[Statement]


_RESERVED = Sql(
    text("SELECT nextval(CAST(:sequence AS regclass)) AS id FROM generate_series(1, :count)").columns(column("id"))
)
#: What a case is before anything is known of it.
_BLANK = dict.fromkeys(FIELDS)
_NEW = {
    "finders": "[]", "state": "found", "waiting_on": "inspector", "provisional": False, "round": 1, "reworks": 0,
    "recurrences": 0, "extensions": 0, "rechecked_by": "[]", "planned": False, "moved_seq": 1, "version": 0, "seq": 0,
    "head": GENESIS,
}  # fmt: skip


def reserved(tx: Transaction, table: Table, count: int) -> list[int]:
    """Return so many numbers that no row of a table has, for rows that are written together and name each other.

    SQLite has one writer at a time; PostgreSQL gives them out by the table's own sequence.
    """
    if tx.kind == "postgresql":
        return [row[0] for row in tx.all(_RESERVED, sequence=f"{table.name}_id_seq", count=count)]
    last = int(tx.value(select(func.coalesce(func.max(table.c.id), 0))))
    return list(range(last + 1, last + 1 + count))


def take_over(door: Door, pasts: Sequence[Past]) -> list[Case]:
    """Open these cases and make every statement of them. Raises Refused when one is not as the import process asks.

    The door's own time is as it was afterwards.
    """
    acting, at = door.acting, door.at
    pages = Pages({"policy": acting.policy_version, "calendar": acting.calendar.version})
    numbers = reserved(door.tx, hazards, len(pasts))
    try:
        cases = [_taken_over(door, pages, number, past) for number, past in zip(numbers, pasts, strict=True)]
    finally:
        door.at = at
    pages.write(door.tx)
    return cases


def _taken_over(door: Door, pages: Pages, number: int, past: Past) -> Case:
    case = Case(**{**_BLANK, **_NEW, **past.case, "id": number, "entered_at": past.opened_at})
    was = None
    for stated in (Statement("record", past.opened_at, past.facts), *past.statements):
        door.at = stated.at
        attempt = door.attempt(Try(stated.trigger, case, stated.given, stated.officers, stated.facts))
        if was is not None:
            state(stated.trigger, attempt)
        pages.step(door.chained(stated.trigger, was, attempt), {})
        was = case.state
    settle(attempt)
    pages.opens(case, past.more)
    return case
