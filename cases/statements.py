"""Statements: SQLAlchemy Core constructs, compiled once per store and run on the driver's own connection.

The tables stay the only place where columns are declared; what is saved is compiling and result machinery on every
call (FACTS: ×1.1 of the raw driver against ×3.6). SQLite keeps instants and dates as the same texts SQLAlchemy writes.
"""

from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Boolean, Date, DateTime, Time
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Converter = Callable[[Any], Any]

#: Named parameters on both: a dict goes to the driver as it is.
DIALECTS: Final[dict[str, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.psycopg.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
}


class Compiled:
    """One statement for one kind of store: its SQL, what to convert on the way in and out, and its row's shape."""

    __slots__ = ("defaults", "inward", "outward", "row", "sql")

    def __init__(self, construct: ClauseElement, kind: str) -> None:
        compiled: Any = construct.compile(dialect=DIALECTS[kind], compile_kwargs={"render_postcompile": True})
        self.sql: str = str(compiled)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        values: dict[str, Any] = compiled.construct_params(_check=False)
        # What stands in the construct itself; an inline list is spread over parameters of its own, sent as they are.
        self.defaults = {name: value for name, value in values.items() if name not in binds or not binds[name].required}
        self.inward = _converters(((name, binds[name].type) for name in binds if name in values), kind, _INWARD)
        columns = getattr(compiled, "_result_columns", [])
        self.outward = _converters(((at, column.type) for at, column in enumerate(columns)), kind, _OUTWARD)
        self.row: Any = namedtuple("Row", [column.keyname for column in columns], rename=True) if columns else None

    def params(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the driver is given. Raises KeyError for a missing parameter."""
        params = {**self.defaults, **given} if self.defaults else given
        for name, convert in self.inward:
            value = params[name]
            if value is not None:
                params[name] = convert(value)
        return params

    def shape(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        """Return driver rows as named rows, with dates, instants and booleans as Python's own."""
        make = self.row._make
        if not self.outward:
            return [make(row) for row in rows]
        shaped = []
        for row in rows:
            values = list(row)
            for at, convert in self.outward:
                if values[at] is not None:
                    values[at] = convert(values[at])
            shaped.append(make(values))
        return shaped


class Statement:
    """A Core construct, compiled when a kind of store first runs it."""

    __slots__ = ("_compiled", "construct")

    def __init__(self, construct: ClauseElement) -> None:
        self.construct = construct
        self._compiled: dict[str, Compiled] = {}

    def on(self, kind: str) -> Compiled:
        """Return the statement compiled for this kind of store."""
        try:
            return self._compiled[kind]
        except KeyError:
            return self._compiled.setdefault(kind, Compiled(self.construct, kind))


@lru_cache(maxsize=64)  # a batch writes the same few instants a thousand times
def _instant_in(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def _instant_out(value: str) -> datetime:
    return datetime.fromisoformat(value + "+00:00")


_INWARD: dict[tuple[str, type], Converter] = {
    ("sqlite", DateTime): _instant_in,
    ("sqlite", Date): date.isoformat,
    ("sqlite", Time): time.isoformat,
}
_OUTWARD: dict[tuple[str, type], Converter] = {
    ("sqlite", DateTime): _instant_out,
    ("sqlite", Date): date.fromisoformat,
    ("sqlite", Time): time.fromisoformat,
    ("sqlite", Boolean): bool,
    ("postgresql", DateTime): lambda value: value.astimezone(UTC),
}


def _converters(columns: Any, kind: str, table: dict[tuple[str, type], Converter]) -> list[tuple[Any, Converter]]:
    found = []
    for key, declared in columns:
        convert = table.get((kind, _family(declared)))
        if convert is not None:
            found.append((key, convert))
    return found


def _family(declared: TypeEngine[Any]) -> type:
    plain = declared.impl if isinstance(declared, TypeDecorator) else declared
    for family in (DateTime, Date, Time, Boolean):
        if isinstance(plain, family):
            return family
    return type(plain)
