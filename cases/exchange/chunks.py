"""Asking the store about many numbers or names at once, by statements that are compiled once: so many parameters each."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, bindparam

from cases.statements import Statement
from cases.store import Transaction

#: How many values one statement takes.
CHUNK = 500


def is_among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a column has one of a chunk's values."""
    return column.in_([bindparam(f"value_{at}") for at in range(CHUNK)])


def parameters(values: Sequence[Any]) -> dict[str, Any]:
    """Return a chunk as the parameters of `is_among`; one that is not full says its last value again."""
    return {f"value_{at}": values[min(at, len(values) - 1)] for at in range(CHUNK)}


def rows(tx: Transaction, statement: Statement, values: Iterable[Any]) -> Iterator[Any]:
    """Yield what a statement with `is_among` finds for any number of values, each of them once."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield from tx.all(statement, **parameters(chunk))
