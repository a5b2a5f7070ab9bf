"""Makes a store, or brings an older one up to this program: `rectify init`, `rectify db upgrade`.

All of it is one transaction under a lock, so a second one waits and then finds nothing to do, and a killed one leaves
nothing behind.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import select
from sqlalchemy.engine import URL, Connection

from cases.meanings import translated
from cases.migrations.run import knows, transaction, upgrade
from cases.statements import Statement
from cases.store import PATIENCE, SCHEMA, Store, Transaction, check_no_folder, newer, schema_of, store_url
from cases.tables import people, policies
from workflow.errors import StoreError
from workflow.policy import default_text
from workflow.terms import Role
from workflow.words import Sentence

#: Any number will do, as long as it is always the same: whoever sets up holds this lock of the PostgreSQL database.
_LOCK = 0x7265637469667900

_ANY_POLICY = Statement(select(policies.c.version).limit(1))
_ANY_ADMINISTRATOR = Statement(select(people.c.id).where(people.c.role == Role.administrator).limit(1))


class Did(StrEnum):
    """What setting up came to."""

    created = "created"
    upgraded = "upgraded"
    up_to_date = "up_to_date"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A store that is ready: what was done, its schema version, and who became its administrator (None: has one)."""

    name: str
    did: Did
    schema: str
    administrator: str | None


def prepare(text: str, now: datetime, login: str, policy: str | None = None) -> Prepared:
    """Create the store at a file path or URL, or upgrade it; make `login` its first administrator.

    `policy` is the text of its first policy, the default one when not given. Raises StoreError when the store is
    newer than the program, somebody else's database, locked, or cannot be reached or written.
    """
    store = Store(_creating(store_url(text)))
    check_no_folder(store)
    with _alone(store) as connection:
        tx = Transaction(store.kind, connection.connection.cursor())
        found = schema_of(tx, store.name)
        if found != SCHEMA:
            _check_way(store, found)
            upgrade(connection)
        administrator = _add_first_rows(tx, now, login, policy)
    if store.kind == "sqlite":
        _use_wal(store)
    done = {None: Did.created, SCHEMA: Did.up_to_date}.get(found, Did.upgraded)
    return Prepared(store.name, done, SCHEMA, administrator)


def _creating(url: URL) -> URL:
    if url.get_backend_name() != "sqlite":
        return url
    folder = Path(str(url.database)).absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            Sentence("the folder {folder} cannot be made ({why}); choose another", folder=folder, why=error.strerror)
        ) from error
    return url.update_query_dict({"mode": "rwc"})


@contextmanager
def _alone(store: Store) -> Iterator[Connection]:
    """Lend a connection in a transaction, while nobody else sets this store up."""
    try:
        with transaction(store.kind, store.connect) as connection:
            # SQLite's BEGIN IMMEDIATE is such a lock already.
            if store.kind == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection
    except Exception as error:
        meant = translated(error, store.name)
        if meant is error:
            raise
        raise meant from error


def _check_way(store: Store, found: str | None) -> None:
    if found is None or knows(found):
        return
    if found > SCHEMA:
        raise newer(store, found)
    raise StoreError(
        Sentence("{name} was made by a rectify too old for this one ({found})", name=store.name, found=found),
        name=store.name,
    )


def _add_first_rows(tx: Transaction, now: datetime, login: str, policy: str | None) -> str | None:
    """Give a store its first administrator and its first policy, where it has none; return who became that."""
    first = None
    if tx.one(_ANY_ADMINISTRATOR) is None:
        first = tx.add(people, name=login, role=Role.administrator, login=login)
    if tx.one(_ANY_POLICY) is None:
        tx.add(policies, version=1, loaded_at=now, loaded_by=first, text=policy or default_text())
    return None if first is None else login


def _use_wal(store: Store) -> None:
    """Let readers and the writer work at once; it stays with the file. Outside any transaction, so done last."""
    connection = store.connect()
    until = monotonic() + PATIENCE
    try:
        # Two who switch at the same time are told "locked" at once, whatever the timeout.
        while not _switched_to_wal(connection, store, patient=monotonic() < until):
            sleep(0.02)
    finally:
        connection.close()


def _switched_to_wal(connection: sqlite3.Connection, store: Store, *, patient: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if patient and error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise translated(error, store.name) from error
    return True
