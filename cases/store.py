"""Opens SQLite or PostgreSQL. `begin()` is one transaction: all of it is durable when it ends, or none of it happened.

A store holds one driver connection per thread. What its errors mean is said in cases/meanings.py.
"""

import contextlib
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, bindparam, column, func, insert, select, table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.sql import ClauseElement

from cases.meanings import first_line, translated
from cases.statements import STREAM, Compiled, Statement, dialect_of
from workflow.errors import RectifyError, StoreError
from workflow.words import Sentence

if TYPE_CHECKING:
    from types import TracebackType

#: The schema this program reads and writes: the newest migration (`make check` holds it to that).
SCHEMA = "0015"

#: How long a writer waits for another one before it says the store is locked, in seconds.
PATIENCE = 30.0
#: How long PostgreSQL lets a writer rest within a transaction before it ends it, in seconds: one that is frozen, or
#: whose machine is gone, would hold its locks for ever. Who only reads holds nobody up, and may rest.
REST = 60.0
#: SQLite waits so long at a time, deaf to signals.
_NAP = 2.0

#: Not with BEGIN in one text: the driver prepares what it is given often, and PostgreSQL prepares one statement at a time.
_AT_REST = "SET LOCAL idle_in_transaction_session_timeout = 0"

Query = Statement | ClauseElement


class Transaction:
    """Statements of one transaction, run on the driver's connection."""

    __slots__ = ("_cursor", "kind")

    def __init__(self, kind: str, cursor: Any) -> None:
        self.kind = kind
        self._cursor = cursor

    def all(self, query: Query, /, **given: Any) -> list[Any]:
        """Return every row."""
        compiled = _compiled(query, self.kind)
        cursor = self._cursor
        cursor.execute(compiled.sql, compiled.params(given))
        rows = cursor.fetchall()
        return list(map(compiled.make, rows)) if rows else []

    def one(self, query: Query, /, **given: Any) -> Any:
        """Return the first row, or None."""
        compiled = _compiled(query, self.kind)
        cursor = self._cursor
        cursor.execute(compiled.sql, compiled.params(given))
        row = cursor.fetchone()
        return None if row is None else compiled.make(row)

    def value(self, query: Query, /, **given: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.one(query, **given)
        return None if row is None else row[0]

    def each(self, query: Query, /, batch: int = 1000, **given: Any) -> Iterator[Any]:
        """Yield rows in batches, without holding all of them; run nothing else on this transaction meanwhile."""
        compiled = _compiled(query, self.kind)
        self._cursor.execute(compiled.sql, compiled.params(given))
        while rows := self._cursor.fetchmany(batch):
            yield from map(compiled.make, rows)

    def run(self, query: Query, /, **given: Any) -> int:
        """Run a statement that returns nothing; return how many rows it touched."""
        compiled = _compiled(query, self.kind)
        self._cursor.execute(compiled.sql, compiled.params(given))
        return int(self._cursor.rowcount)

    def add(self, table: Table, /, **columns: Any) -> Any:
        """Insert one row; return the first column of its key."""
        row = self.one(_adding(table, tuple(columns)), **columns)
        return row[0]

    def many(self, query: Query, rows: Sequence[dict[str, Any]], /) -> int:
        """Run a statement for each row; return how many rows it touched in all.

        PostgreSQL takes many new rows in one stream, for three fifths of what they cost one by one.
        """
        if not rows:
            return 0
        compiled = _compiled(query, self.kind)
        if len(rows) == 1:
            self._cursor.execute(compiled.sql, compiled.params(rows[0]))
        elif compiled.copy is None or len(rows) < STREAM:
            self._cursor.executemany(compiled.sql, compiled.all_params(rows))
        else:
            compiled.stream(self._cursor, rows)
        return int(self._cursor.rowcount)


@cache
def _adding(table: Table, columns: tuple[str, ...]) -> Statement:
    key = next(iter(table.primary_key.columns))
    return Statement(insert(table).values({name: bindparam(name) for name in columns}).returning(key))


def _compiled(query: Query, kind: str) -> Compiled:
    return (query if type(query) is Statement else Statement(query)).on(kind)  # type: ignore[arg-type]  # it is no Statement


class _Begun:
    """`with store.begin() as tx:` – a class and not a generator, because it is on the path of every step."""

    __slots__ = ("cursor", "opening", "store", "then")

    def __init__(self, store: "Store", opening: str, then: str | None = None) -> None:
        self.store = store
        self.opening = opening
        self.then = then

    def __enter__(self) -> Transaction:
        self.cursor = cursor = self.store.connection().cursor()
        try:
            cursor.execute(self.opening)
            if self.then is not None:
                cursor.execute(self.then)
        except Exception as error:
            if not self._begins_late(error):
                self.store.drop()
                raise translated(error, self.store.name) from error
        return Transaction(self.store.kind, cursor)

    def _begins_late(self, error: Exception) -> bool:
        """Go on asking for SQLite's one writer's lock, a nap at a time: between two of them Ctrl-C is heard."""
        until = monotonic() + PATIENCE - _NAP
        while getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY and monotonic() < until:
            try:
                self.cursor.execute(self.opening)
            except sqlite3.OperationalError as again:
                error = again
            else:
                return True
        return False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        try:
            ended = self.cursor.execute("COMMIT" if error is None else "ROLLBACK")
        except Exception as late:
            self.store.drop()
            if error is None:
                raise translated(late, self.store.name) from late
        else:
            # PostgreSQL answers COMMIT by rolling back when a statement's error was swallowed on the way.
            if error is None and self.store.kind == "postgresql" and ended.statusmessage != "COMMIT":
                raise RuntimeError("a statement failed and its error was swallowed: nothing was written")
        if isinstance(error, Exception) and not isinstance(error, RectifyError):
            meant = translated(error, self.store.name)
            if meant is not error:
                raise meant from error


class Store:
    """One ledger: where it is, and this thread's connection to it."""

    def __init__(self, url: URL) -> None:
        """Connect to nothing yet; `open_store` does, and checks the schema."""
        self.url = url
        self.kind = "postgresql" if url.get_backend_name() == "postgresql" else "sqlite"
        self.name = str(url.database) if self.kind == "sqlite" else _without_password(url)
        self._held = threading.local()
        self._all: list[Any] = []

    def begin(self) -> _Begun:
        """Begin to write. SQLite takes its one writer's lock at once: read-then-write is safe."""
        return _Begun(self, "BEGIN IMMEDIATE" if self.kind == "sqlite" else "BEGIN")

    def read(self) -> _Begun:
        """Begin to read one consistent picture."""
        if self.kind == "sqlite":
            return _Begun(self, "BEGIN")
        return _Begun(self, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", _AT_REST)

    def connection(self) -> Any:
        """Return this thread's driver connection, made when first asked for."""
        held = getattr(self._held, "connection", None)
        if held is None:
            held = self._held.connection = self.connect()
            self._all.append(held)
        return held

    def drop(self) -> None:
        """Forget this thread's connection, so that the next transaction makes a fresh one."""
        held, self._held.connection = getattr(self._held, "connection", None), None
        if held is not None:
            self._all.remove(held)
            with contextlib.suppress(Exception):
                held.close()

    def close(self) -> None:
        """Close every connection of this store."""
        for held in self._all:
            with contextlib.suppress(Exception):
                held.close()
        self._all.clear()
        self._held = threading.local()

    def connect(self) -> Any:
        """Make a driver connection that nobody holds yet. Raises StoreError."""
        try:
            return _to_sqlite(self.url) if self.kind == "sqlite" else _to_postgresql(self.url)
        except Exception as error:
            raise translated(error, self.name) from error


def _without_password(url: URL) -> str:
    """Render a URL for people: passwords may also stand behind its question mark."""
    return url.difference_update_query(["password", "sslpassword"]).render_as_string(hide_password=True)


def _to_sqlite(url: URL) -> sqlite3.Connection:
    path = Path(str(url.database))
    mode = "rwc" if url.query.get("mode") == "rwc" else "rw"
    quoted = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    synchronous = _synchronous(url)
    connection = sqlite3.connect(
        f"file:{quoted}?mode={mode}",
        uri=True,
        timeout=min(PATIENCE, _NAP),
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        # A checkpoint waits for the disk; one in 4000 pages (16 MB of log) and not in 1000 spares most of that.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
    except Exception:
        connection.close()
        raise
    return connection


def _synchronous(url: URL) -> str:
    """FULL unless the URL says otherwise: what is acknowledged survives a power cut."""
    wanted = str(url.query.get("synchronous", "full")).upper()
    if wanted not in ("NORMAL", "FULL", "EXTRA"):
        raise StoreError(Sentence("synchronous={wanted} is unknown; use full or normal", wanted=wanted.lower()))
    return wanted


def _to_postgresql(url: URL) -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise StoreError(Sentence("PostgreSQL needs its driver; type: pip install 'rectify[postgres]'")) from error
    given = {"connect_timeout": 10, **postgresql_options(url)}
    try:
        connection = psycopg.connect(**given, autocommit=True)
    except psycopg.ProgrammingError as error:
        raise StoreError(
            Sentence("the store's URL has an option that PostgreSQL does not know: {why}", why=first_line(error))
        ) from error
    connection.execute(
        f"SET TIME ZONE 'UTC'; SET jit = off; SET lock_timeout = {int(PATIENCE * 1000)};"
        f"SET idle_in_transaction_session_timeout = {int(REST * 1000)}"
    )
    return connection


def postgresql_options(url: URL) -> dict[str, Any]:
    """Return what PostgreSQL's programs and driver call the parts of a URL; several hosts are `?host=a:1&host=b:2`."""
    dialect: Any = dialect_of("postgresql")
    _, options = dialect.create_connect_args(url)
    return {name: value for name, value in options.items() if name != "context"}


# -- opening -----------------------------------------------------------------------------------------------------------


def store_url(text: str) -> URL:
    """Read a file path or an SQLAlchemy URL. Raises StoreError for any other kind of store."""
    if not re.match(r"[a-z][a-z0-9+]*://", text):
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise StoreError(
            Sentence("the store's URL cannot be read; give a file path or postgresql+psycopg://user@host:port/database")
        ) from error
    if url.get_backend_name() not in ("sqlite", "postgresql") or (
        url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")
    ):
        raise StoreError(
            Sentence("{kind} is no store of rectify; give a file path or postgresql+psycopg://…", kind=url.drivername)
        )
    return url


def open_store(text: str) -> Store:
    """Open a store that was initialised. Raises StoreError when it is missing, older, newer, damaged or unreachable."""
    url = store_url(text)
    store = Store(url)
    try:
        _check_schema(store)
    except Exception:
        store.close()
        raise
    return store


def _check_schema(store: Store) -> None:
    if store.kind == "sqlite":
        check_no_folder(store)
        if not Path(store.name).is_file():
            raise StoreError(
                Sentence("there is no store at {name}; {do}", name=store.name, do=_init(store)), name=store.name
            )
    with store.read() as tx:
        found = schema_of(tx, store.name)
    if found is None:
        raise StoreError(Sentence("{name} was not set up yet; {do}", name=store.name, do=_init(store)))
    if found < SCHEMA:
        raise StoreError(Sentence("{name} was made by an older rectify; {do}", name=store.name, do=_init(store)))
    if found > SCHEMA:
        raise newer(store, found)


def check_no_folder(store: Store) -> None:
    """Raise StoreError when the file a store is to be in is a folder."""
    if store.kind == "sqlite" and Path(store.name).is_dir():
        raise StoreError(
            Sentence("{name} is a folder; name a file in it with --db or RECTIFY_DB", name=store.name), name=store.name
        )


def _init(store: Store) -> Sentence:
    """Return what to type to set this store up; a password is not shown, so it stands in the environment."""
    if store.kind == "postgresql" and store.url.render_as_string(hide_password=False) != store.name:
        return Sentence("put its whole URL into RECTIFY_DB and type: rectify init")
    return Sentence("type: rectify init --db {name}", name=store.name)


def newer(store: Store, found: str) -> StoreError:
    """Return the error about a store that this program is too old for."""
    return StoreError(
        Sentence("{name} was made by a newer rectify ({found}); install that one", name=store.name, found=found),
        name=store.name,
    )


_TABLES = {
    "sqlite": Statement(
        select(column("name"))
        .select_from(table("sqlite_master"))
        .where(column("type") == "table", column("name").notlike("sqlite_%"))
    ),
    "postgresql": Statement(
        select(column("tablename")).select_from(table("pg_tables")).where(column("schemaname") == func.current_schema())
    ),
}
_VERSION = Statement(select(column("version_num")).select_from(table("alembic_version")))


def schema_of(tx: Transaction, name: str) -> str | None:
    """Return the store's schema version, None where nothing is yet. Raises StoreError for somebody else's database."""
    tables = {row[0] for row in tx.all(_TABLES[tx.kind])}
    if not tables:
        return None
    version = tx.value(_VERSION) if {"alembic_version", "steps"} <= tables else None
    if version is None or not re.fullmatch(r"\d{4}", version):
        raise StoreError(Sentence("{name} holds somebody else's tables; choose another database", name=name), name=name)
    return str(version)
