"""Saves a store to a file, brings one back, and looks for damage: `rectify db backup|restore|check`.

SQLite is copied by its own backup interface, which waits for no writer; PostgreSQL by pg_dump and pg_restore.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import URL

from cases.meanings import translated
from cases.placing import beside
from cases.statements import Statement
from cases.store import SCHEMA, Store, Transaction, postgresql_options, schema_of, store_url
from cases.tables import hazards, metadata
from cases.tables.append_only import APPEND_ONLY
from cases.tables.spells import KEEPERS
from workflow.errors import BadInput, StoreError
from workflow.words import Sentence

_CASES = Statement(select(func.count()).select_from(hazards))


def backup(store: Store, path: str | Path) -> None:
    """Save a store to a new file. Raises BadInput when the file is there already or cannot be written."""
    file = Path(path)
    if file.exists():
        raise _is_there(file)
    try:
        with beside(file) as part:  # a copy that was cut off must not look like a whole one
            if store.kind == "sqlite":
                _copy_from_sqlite(store, part, str(file))
            else:
                _run("pg_dump", store.url, "--format=custom", f"--file={part}", "--no-owner", "--no-privileges")
            _take_its_place(part, file)
    except FileExistsError as error:
        raise _is_there(file) from error
    except OSError as error:
        raise BadInput(Sentence("{file} cannot be written: {why}", file=file, why=error.strerror)) from error


def _is_there(file: Path) -> BadInput:
    return BadInput(Sentence("{file} is there already; name a new file", file=file), file=str(file))


def _take_its_place(part: Path, file: Path) -> None:
    """Give a whole copy its name. Raises FileExistsError when somebody was faster."""
    try:
        os.link(part, file)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the name is taken first, then what is ours is replaced
        file.touch(exist_ok=False)
        part.replace(file)


def restore(text: str, path: str | Path) -> str:
    """Bring a backup back into a store that is missing, empty or without cases; return its schema version.

    Raises BadInput when the file is no backup, StoreError when the store has cases or cannot be written.
    """
    url, file = store_url(text), Path(path)
    if not file.is_file():
        raise BadInput(
            Sentence("there is no backup at {file}; name a file that rectify db backup wrote", file=file),
            file=str(file),
        )
    if url.get_backend_name() == "sqlite":
        return _restore_sqlite(url, file)
    return _restore_postgresql(url, file)


def check(store: Store) -> list[Sentence]:
    """Return what is wrong with a store's bytes, references and schema. Nothing: it is whole."""
    with store.read() as tx:
        schema_of(tx, store.name)
    return [*(_faults_of_sqlite(store) if store.kind == "sqlite" else _faults_of_postgresql(store))]


# -- SQLite ------------------------------------------------------------------------------------------------------------


#: What goes wrong with the store while it is copied; anything else is the copy's.
_OF_STORE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_BUSY", "SQLITE_LOCKED")


def _copy_from_sqlite(store: Store, part: Path, name: str) -> None:
    try:
        with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as copy:
            store.connection().backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # a backup is one file, also where nothing may be written
    except sqlite3.Error as error:
        is_of_store = str(getattr(error, "sqlite_errorname", "")).startswith(_OF_STORE)
        raise translated(error, store.name if is_of_store else name) from error


def _restore_sqlite(url: URL, file: Path) -> str:
    saved = Store(URL.create("sqlite", database=str(file)))
    target = Store(url.update_query_dict({"mode": "rwc"}))
    try:
        version = _saved_version(saved)
        Path(target.name).absolute().parent.mkdir(parents=True, exist_ok=True)
        # The lock is kept from the look inside to the end of the copy: nobody records a case in between.
        target.connection().execute("PRAGMA locking_mode = EXCLUSIVE")
        with target.begin() as tx:
            _check_no_cases(tx, target.name)
        saved.connection().backup(target.connection())
        target.connection().execute("PRAGMA journal_mode = WAL")
    except (sqlite3.Error, OSError) as error:
        raise _unwritable(error, target.name) from error
    finally:
        saved.close()
        target.close()
    return version


def _unwritable(error: Exception, name: str) -> Exception:
    if isinstance(error, OSError):
        return StoreError(Sentence("{name} cannot be written: {why}", name=name, why=error.strerror), name=name)
    return translated(error, name)


def _saved_version(saved: Store) -> str:
    """Return the schema version of a backup. Raises BadInput when it is none, damaged, or newer than the program."""
    try:
        with saved.read() as tx:
            version = schema_of(tx, saved.name)
        damage = saved.connection().execute("PRAGMA quick_check(1)").fetchone()[0] != "ok"
    except (StoreError, sqlite3.Error) as error:
        raise _no_backup(saved.name) from error
    if damage or version is None:
        raise _no_backup(saved.name)
    _check_not_newer(saved.name, version)
    return version


def _check_not_newer(file: str, version: str) -> None:
    if version > SCHEMA:
        raise BadInput(
            Sentence("{file} was made by a newer rectify ({found}); install that one", file=file, found=version)
        )


def _no_backup(file: str) -> BadInput:
    return BadInput(
        Sentence("{file} is no backup of a rectify store, or a damaged one; name another file", file=file), file=file
    )


def _check_no_cases(tx: Transaction, name: str) -> None:
    if schema_of(tx, name) is not None and (count := tx.value(_CASES)):
        raise StoreError(
            Sentence("{name} has {count} cases; restore into a new store instead", name=name, count=count), name=name
        )


def _faults_of_sqlite(store: Store) -> Iterator[Sentence]:
    from cases.migrations.check import declared, differences, held

    connection = store.connection()
    try:
        for (fault,) in connection.execute("PRAGMA integrity_check(20)"):
            if fault != "ok":
                yield Sentence("damaged: {fault}", fault=fault)
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            yield Sentence(
                "row {row} of {table} names something missing in {parent}", row=row, table=table, parent=parent
            )
        for difference in differences(held(connection), declared()):
            yield Sentence("not as rectify made it: {difference}", difference=difference)
    except sqlite3.Error as error:
        if error.sqlite_errorname.startswith("SQLITE_CORRUPT"):
            yield Sentence("damaged: {fault}", fault=error)
            return
        raise translated(error, store.name) from error


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def _restore_postgresql(url: URL, file: Path) -> str:
    version = _dumped_version(file)
    target = Store(url)
    try:
        with target.begin() as tx:
            _check_no_cases(tx, target.name)
    finally:
        target.close()
    _run(
        "pg_restore", url, "--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-privileges", str(file)
    )
    return version


def _dumped_version(file: Path) -> str:
    """Return the schema version of a dump. Raises BadInput when it is none of ours, or newer than the program."""
    with file.open("rb") as dump:
        if dump.read(5) != b"PGDMP":
            raise _no_backup(str(file))
    said = _run("pg_restore", None, "--data-only", "--table=alembic_version", "--file=-", str(file))
    found = re.search(r"^(\d{4})$", said, re.MULTILINE)
    if found is None:
        raise _no_backup(str(file))
    _check_not_newer(str(file), found[1])
    return found[1]


def _run(program: str, url: URL | None, *arguments: str) -> str:
    """Run one of PostgreSQL's programs, on a database when one is given; return what it printed."""
    found = shutil.which(program)
    if found is None:
        raise StoreError(
            Sentence(
                "{program} is not here; install PostgreSQL's client programs, or use them elsewhere", program=program
            )
        )
    environment, database = dict(os.environ), []
    if url is not None:
        from psycopg.conninfo import make_conninfo

        options = postgresql_options(url)
        environment |= {"PGPASSWORD": password} if (password := options.pop("password", None)) else {}
        database = [f"--dbname={make_conninfo(**options)}"]
    done = subprocess.run(
        [found, *database, *arguments], env=environment, check=False, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        raise StoreError(Sentence("{program} failed: {why}", program=program, why=" ".join(done.stderr.split())[:400]))
    return done.stdout


_POSTGRESQL_COLUMNS = """
    SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()
"""
_POSTGRESQL_REFUSALS = """
    SELECT tgrelid::regclass::text FROM pg_trigger
    WHERE tgname = tgrelid::regclass::text || '_refuse_change' AND tgenabled IN ('O', 'A')
"""
_POSTGRESQL_KEEPERS = """
    SELECT tgname FROM pg_trigger WHERE tgname LIKE 'steps_%_spell' AND tgenabled IN ('O', 'A')
"""
_POSTGRESQL_INVALID = """
    SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
    UNION ALL SELECT conname FROM pg_constraint WHERE NOT convalidated
"""


def _faults_of_postgresql(store: Store) -> Iterator[Sentence]:
    """Yield what was dropped or switched off by hand: bytes and references are the server's business."""
    missing = {f"{table}.{column.name}" for table, made in metadata.tables.items() for column in made.columns}
    for column in sorted(missing - _asked(store, _POSTGRESQL_COLUMNS)):
        yield Sentence("column {column} is missing", column=column)
    for table in sorted(set(APPEND_ONLY) - _asked(store, _POSTGRESQL_REFUSALS)):
        yield Sentence("{table} may be changed: its trigger is missing or disabled", table=table)
    for trigger in sorted(KEEPERS - _asked(store, _POSTGRESQL_KEEPERS)):
        yield Sentence("trigger {trigger} is missing or disabled", trigger=trigger)
    for name in sorted(_asked(store, _POSTGRESQL_INVALID)):
        yield Sentence("{name} is not valid; rebuild or validate it", name=name)


def _asked(store: Store, query: str) -> set[str]:
    try:
        return {row[0] for row in store.connection().execute(query)}
    except Exception as error:
        raise translated(error, store.name) from error
