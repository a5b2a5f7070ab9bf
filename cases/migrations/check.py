"""Holds the migrations to the tables: both ways must make the same schema. `python -m cases.migrations.check`.

Alembic's own check misses the predicates of partial indexes, CHECKs and triggers; what the store says it holds misses
nothing. Here SQLite is asked; PostgreSQL is in tests/cases/test_migrations.py.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import cast

from sqlalchemy import text
from sqlalchemy.engine import Connection

from cases.migrations.run import head, transaction, upgrade
from cases.store import SCHEMA
from cases.tables import append_only, metadata, spells
from cases.tables.columns import make_partial

Schema = dict[str, frozenset[str]]


def main() -> int:
    """Print where tables, migrations and SCHEMA disagree; return 1 when they do."""
    findings = [*differences(_made_by(upgrade), declared()), *_head()]
    for finding in findings:
        print(finding)
    if not findings:
        print(f"the migrations up to {SCHEMA} make what the tables declare")
    return 1 if findings else 0


def declare(connection: Connection) -> None:
    """Make the schema straight from the tables, on either kind of store."""
    make_partial(metadata)
    metadata.create_all(connection)
    for made in (append_only, spells):
        for statement in made.triggers(connection.dialect.name):
            connection.execute(text(statement))


def declared() -> Schema:
    """Return the schema that the tables declare, as SQLite holds it."""
    return _made_by(declare)


def held(connection: sqlite3.Connection) -> Schema:
    """Return what an SQLite store holds: each table, index and trigger by name, with its parts in no order."""
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
    )
    return {name: frozenset(_parts(sql)) for name, sql in rows}


def differences(found: Schema, wanted: Schema) -> Iterator[str]:
    """Yield a line for everything that is only on one side."""
    for name in sorted(found.keys() | wanted.keys()):
        there, due = found.get(name, frozenset()), wanted.get(name, frozenset())
        yield from (f"{name}: missing: {part}" for part in sorted(due - there))
        yield from (f"{name}: too much: {part}" for part in sorted(there - due))


def _made_by(make: Callable[[Connection], None]) -> Schema:
    with transaction("sqlite", lambda: sqlite3.connect(":memory:", isolation_level=None)) as connection:
        make(connection)
        return held(cast(sqlite3.Connection, connection.connection.driver_connection))


def _head() -> Iterator[str]:
    if head() != SCHEMA:
        yield f"cases.store.SCHEMA is {SCHEMA}, and the newest migration is {head()}"


def _parts(sql: str) -> Iterator[str]:
    """Split CREATE TABLE at the commas between its columns and constraints: their order means nothing."""
    plain = " ".join(sql.split())
    if not plain.startswith("CREATE TABLE"):
        yield plain
        return
    opening, closing = plain.index("("), plain.rindex(")")
    yield plain[:opening].strip() + plain[closing + 1 :]
    depth, part = 0, ""
    for character in plain[opening + 1 : closing]:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += character
    yield part.strip()


if __name__ == "__main__":
    sys.exit(main())
