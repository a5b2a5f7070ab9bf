"""Statements: SQLAlchemy Core constructs, compiled once per store and run on the driver's own connection.

The tables stay the only place where columns are declared; what is saved is compiling and result machinery on every
call (FACTS: ×1.1 of the raw driver against ×3.6). SQLite keeps instants and dates as the same texts SQLAlchemy writes.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Time
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Converter = Callable[[Any], Any]


@cache
def dialect_of(kind: str) -> Dialect:
    """Return how this kind of store spells SQL, with named parameters: a dict goes to the driver as it is.

    Imported when first asked for: whoever uses SQLite does not wait for PostgreSQL's dialects.
    """
    if kind == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.dialect(paramstyle="named")
    from sqlalchemy.dialects import postgresql

    return postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class Compiled:
    """One statement for one kind of store: its SQL, what to convert on the way in, and how a row is made of what comes."""

    __slots__ = ("copy", "defaults", "inward", "make", "sql")

    def __init__(self, construct: ClauseElement, kind: str, into: type | None) -> None:
        compiled: Any = construct.compile(dialect=dialect_of(kind), compile_kwargs={"render_postcompile": True})
        self.sql: str = str(compiled)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        values: dict[str, Any] = compiled.construct_params(_check=False)
        # What stands in the construct itself; an inline list is spread over parameters of its own, sent as they are.
        self.defaults = {name: value for name, value in values.items() if name not in binds or not binds[name].required}
        self.inward = [
            (name, convert)
            for name in binds
            if name in values and (convert := _INWARD.get((kind, _family(binds[name].type)))) is not None
        ]
        self.make = _maker(getattr(compiled, "_result_columns", []), kind, into)
        #: How PostgreSQL takes many rows of a plain INSERT in one stream, and what puts a row in its order.
        self.copy = _copying(self.sql) if kind == "postgresql" and not self.defaults else None

    def params(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the driver is given. Raises KeyError for a missing parameter."""
        params = {**self.defaults, **given} if self.defaults else given
        for name, convert in self.inward:
            value = params[name]
            if value is not None:
                params[name] = convert(value)
        return params

    def all_params(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what the driver is given for each row; what a whole batch has in common is converted once."""
        sent = [{**self.defaults, **row} for row in rows]
        for name, convert in self.inward:
            last = converted = None
            for params in sent:
                value = params[name]
                if value is not last:
                    last, converted = value, None if value is None else convert(value)
                params[name] = converted
        return sent

    def stream(self, cursor: Any, rows: Sequence[dict[str, Any]]) -> None:
        """Send new rows by COPY. Raises TypeError for a statement that is no plain INSERT on PostgreSQL."""
        if self.copy is None:
            raise TypeError("only a plain INSERT is streamed")
        copy, in_order = self.copy
        with cursor.copy(copy) as stream:
            for row in rows:
                stream.write_row(in_order(row))


#: So many new rows are worth a stream of their own.
STREAM = 50
_PLAIN_INSERT = re.compile(r"INSERT INTO (\w+ \([^)]+\)) VALUES \(((?:%\(\w+\)s(?:::[\w ]+)?(?:, )?)+)\)")


def _copying(sql: str) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]] | None:
    """Return the COPY of an INSERT that has nothing but parameters."""
    plain = _PLAIN_INSERT.fullmatch(sql)
    if plain is None:
        return None
    names = re.findall(r"%\((\w+)\)s", plain[2])
    return f"COPY {plain[1]} FROM STDIN", lambda row: tuple([row[name] for name in names])


class Statement:
    """A Core construct, compiled when a kind of store first runs it.

    Rows come as named tuples, or as what `into` makes of their columns in order.
    """

    __slots__ = ("_compiled", "construct", "into")

    def __init__(self, construct: ClauseElement, into: type | None = None) -> None:
        self.construct = construct
        self.into = into
        self._compiled: dict[str, Compiled] = {}

    def on(self, kind: str) -> Compiled:
        """Return the statement compiled for this kind of store."""
        try:
            return self._compiled[kind]
        except KeyError:
            return self._compiled.setdefault(kind, Compiled(self.construct, kind, self.into))


@lru_cache(maxsize=64)  # a batch writes the same few instants a thousand times
def _instant_in(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]  # SQLAlchemy's own form: UTC, without saying so


_INWARD: dict[tuple[str, type], Converter] = {
    ("sqlite", DateTime): _instant_in,
    ("sqlite", Date): date.isoformat,
    ("sqlite", Time): time.isoformat,
}
#: How a column's value is read back from SQLite. PostgreSQL's driver gives Python's own: sessions are in UTC.
_OUTWARD: dict[tuple[str, type], str] = {
    ("sqlite", DateTime): "instant({v} + '+00:00')",
    ("sqlite", Date): "day({v})",
    ("sqlite", Time): "hour({v})",
    ("sqlite", Boolean): "{v} == 1",
}
_NAMES = {
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "hour": time.fromisoformat,
}


def _maker(columns: Sequence[Any], kind: str, into: type | None) -> Converter:
    """Return what makes a row of a driver's tuple.

    It is written out as one expression and compiled, as the standard library does for its named tuples: a loop over
    fifty columns costs as much as fetching them.
    """
    make = into or namedtuple("Row", [column.keyname for column in columns], rename=True)
    cells = ", ".join(_cell(at, column, kind) for at, column in enumerate(columns))
    maker: Converter = eval(f"lambda r: make({cells})", {**_NAMES, "make": make})  # our own columns' types
    return maker


def _cell(at: int, column: Any, kind: str) -> str:
    read = _OUTWARD.get((kind, _family(column.type)))
    if read is None:
        return f"r[{at}]"
    value = f"r[{at}]"
    return f"None if {value} is None else {read.format(v=value)}"


def _family(declared: TypeEngine[Any]) -> type:
    plain = declared.impl if isinstance(declared, TypeDecorator) else declared
    for family in (DateTime, Date, Time, Boolean):
        if isinstance(plain, family):
            return family
    return type(plain)
