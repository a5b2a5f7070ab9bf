"""Counting running deadlines anew, by an audited step: when a notice came in, or a new policy is to hold for them too.

Dates on a paper never move by themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select

from cases.acting import When, calendar_of, policy_of
from cases.ledger import Door, Try
from cases.statements import Statement
from cases.store import Transaction
from cases.subjects import LOADERS
from cases.tables import deadlines

#: So many are held in memory at once.
_CHUNK = 1000
#: The rules whose date stands on a paper.
_ON_PAPER = ("date", "listing", "exit", "halt")


def _subjects(*wanted: Any) -> Select[Any]:
    return (
        select(deadlines.c.subject_id)
        .distinct()
        .where(
            deadlines.c.kind == bindparam("of"),
            deadlines.c.ended_by.is_(None),
            deadlines.c.rule.not_in([literal_column(f"'{rule}'") for rule in _ON_PAPER]),
            *wanted,
        )
        .order_by(deadlines.c.subject_id)
    )


_COUNTED = Statement(_subjects())
_PROVISIONAL = Statement(_subjects(deadlines.c.provisional))


def recount(door: Door, *, everything: bool) -> int:
    """Count the provisional deadlines that run anew, or all of them; return of how many cases and other subjects.

    It happens now, by the calendar and the policy the store has now, in the transaction of the door.
    """
    version, policy = policy_of(door.tx)
    now = door.acting.when.recorded_at
    door.acting = replace(
        door.acting, when=When(now, now), policy=policy, policy_version=version, calendar=calendar_of(door.tx)
    )
    door.at = now
    wanted = _COUNTED if everything else _PROVISIONAL
    given = {"fired_by": "recount", "recount": "everything" if everything else "provisional"}
    counted = 0
    for kind, load in LOADERS.items():
        numbers = [row.subject_id for row in door.tx.all(wanted, of=kind)]
        counted += len(numbers)
        for chunk in _chunks(numbers):
            door.advance([Try("recount", subject, given) for subject in load(door, chunk)])
    return counted


def provisional(tx: Transaction) -> int:
    """Return how many cases and other subjects have a deadline that a coming notice may move."""
    return sum(len(tx.all(_PROVISIONAL, of=kind)) for kind in LOADERS)


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    yield from (numbers[at : at + _CHUNK] for at in range(0, len(numbers), _CHUNK))
