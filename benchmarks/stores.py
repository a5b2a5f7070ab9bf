"""Stores to measure on: a small one with served cases, and a large one multiplied from a few real cases."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

import cases.tables as t
from cases.store import Store, Transaction, store_url
from tests import postgres
from tests.cases.ledgers import Ledger, opened

KINDS = ("SQLite NORMAL", "SQLite FULL", "PostgreSQL")


@contextmanager
def ledger(kind: str) -> Iterator[Ledger]:
    """Lend an empty ledger on a store of this kind, durable as a user's would be."""
    if kind == "PostgreSQL":
        server = postgres.start(durable=True)
        try:
            with server.database() as url, opened(url) as made:
                yield made
        finally:
            server.stop()
        return
    folder = Path(tempfile.mkdtemp(prefix="rectify-bench-"))
    try:
        with opened(str(folder / "rectify.db")) as made:
            level = kind.rpartition(" ")[2].lower()
            made.store.close()
            made.store = Store(store_url(f"sqlite:///{folder}/rectify.db?synchronous={level}"))
            yield made
            made.store.close()
    finally:
        shutil.rmtree(folder)


def served(made: Ledger, count: int) -> list[int]:
    """Open `count` cases with a served order, ready to be started."""
    cases = made.find(count)
    made.order(cases, 1)
    return cases


def multiplied(made: Ledger, stored: int, overdue: int) -> None:
    """Fill a ledger with `stored` cases: nine in ten closed, `overdue` found and never ordered, the rest not due yet."""
    late, fresh, closed = made.find(1)[0], made.find(1, days=300)[0], made.find(1)[0]
    made.order([closed], 1)
    made.passed([closed], 3)
    made.close([closed], 4)
    ended, first = stored * 9 // 10, 1000
    with made.store.begin() as tx:
        multiply(tx, closed, first, ended)
        multiply(tx, late, first + ended, overdue)
        multiply(tx, fresh, first + ended + overdue, stored - ended - overdue)
    settle(made)


def settle(made: Ledger) -> None:
    """Let a store that was filled by hand know itself, as one that grew would."""
    if made.store.kind == "postgresql":
        made.store.connection().execute("VACUUM ANALYZE")
    else:
        made.store.connection().execute("ANALYZE")
        made.store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def multiply(tx: Transaction, case: int, first: int, count: int) -> None:
    """Copy a case, with its steps, deadlines and items, to `count` numbers from `first` on."""
    series = "WITH RECURSIVE n(id) AS (SELECT CAST(:first AS integer) UNION ALL SELECT id + 1 FROM n WHERE id < :last)"
    for table, key, dropped in (
        (t.hazards, "id", ""),
        (t.steps, "subject_id", ""),
        (t.deadlines, "subject_id", ""),
        (t.items, "hazard_id", "id"),
    ):
        columns = [column.name for column in table.c if column.name not in (key, dropped)]
        own = f"{table.name}.kind = 'hazard' AND " if "kind" in table.c else ""  # the key begins with it
        names = ", ".join(f'"{name}"' for name in columns)
        tx.run(
            text(
                f"INSERT INTO {table.name} ({key}, {names}) {series} "
                f"SELECT n.id, {', '.join(f'{table.name}.{chr(34)}{name}{chr(34)}' for name in columns)} "
                f"FROM n, {table.name} WHERE {own}{table.name}.{key} = :case"
            ),
            first=first,
            last=first + count - 1,
            case=case,
        )
