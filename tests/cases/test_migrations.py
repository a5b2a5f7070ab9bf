"""The migrations make what the tables declare, on both stores, and the stores refuse what they were told to."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, delete, insert, text, update

from cases.migrations import check
from cases.migrations.run import head, transaction, upgrade
from cases.setup import Did, prepare
from cases.store import SCHEMA, Store, open_store, store_url
from cases.tables import calendars, metadata, policies, seals, steps, targets
from cases.tables.append_only import APPEND_ONLY

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
VERSIONS = sorted((Path(check.__file__).parent / "versions").glob("*.py"))

STEP = {
    "kind": "hazard", "subject_id": 1, "seq": 1, "area_code": "330109", "trigger": "record", "to_state": "found",
    "from_state": None, "actor_id": None, "recorded_by": None, "at": NOW, "recorded_at": NOW, "facts": "{}",
    "policy": 1, "calendar": "c", "seal": 0, "prev": "", "hash": "h",
}  # fmt: skip
SEAL = {"id": 1, "sealed_at": NOW, "steps": 1, "subjects": 1, "prev": "", "value": "v"}
CALENDAR = {
    "version": 1, "document": "d", "published_on": NOW.date(), "year": 2026, "loaded_at": NOW, "loaded_by": 1, "text": "t",
}  # fmt: skip

ON_RECORD = {"made_by": 1, "recorded_by": 1, "made_at": NOW, "recorded_at": NOW}
OF_UNIT = {"id": 1, "campaign_id": 1, "unit_id": 1, "area_code": "330109", **ON_RECORD}
#: Rows that need others, in an order in which they can be written; the columns that are not named are empty.
ROWS: dict[str, dict[str, Any]] = {
    "areas": {"code": "330109", "name": "a", "rank": "county", "path": "330109"},
    "departments": {"id": 1, "name": "d", "area_code": "330109", "rank": "county", "may_halt": False, "working_group": False},
    "units": {"id": 1, "name": "u", "kind": "site", "above_scale": False, "sector": "s", "area_code": "330109"},
    "campaigns": {"id": 1, "name": "c", "from_on": NOW.date(), "to_on": NOW.date()},
    "inspections": {"id": 1, "unit_id": 1, "area_code": "330109", "visited_on": NOW.date(), "kind": "look-back", **ON_RECORD},
    "hazards": {
        "id": 1, "unit_id": 1, "inspection_id": 1, "area_code": "330109", "department_id": 1, "found_on": NOW.date(),
        "finders": "[1]", "grade": "general", "sector": "s", "text": "t", "state": "closed", "entered_at": NOW,
        "waiting_on": "none", "provisional": False, "round": 1, "reworks": 0, "recurrences": 0, "extensions": 0,
        "rechecked_by": "[]", "planned": False, "moved_seq": 1, "version": 1, "seq": 1, "head": "h",
    },
    "checklists": {"id": 1, "campaign_id": 1, "version": 1, "name": "l.csv", **ON_RECORD},
    "checklist_items": {"checklist_id": 1, "number": "1.1", "place": 1, "text": "t"},
    "commitments": {**OF_UNIT, "path": "in_place", "on_date": NOW.date()},
    "diagnoses": {**OF_UNIT, "agency": "a", "due_on": NOW.date()},
    "problems": {"campaign_id": 1, "unit_id": 1, "number": 1, "diagnosis_id": 1, "text": "t"},
    "evaluations": {**OF_UNIT, "agency": "a"},
    "passed_problems": {"campaign_id": 1, "unit_id": 1, "number": 1, "evaluation_id": 1},
    "acceptances": {**OF_UNIT, "inspection_id": 1, "passed": True, "panel": "[]", "note": "n"},
    "tallies": {
        "id": 1, "campaign_id": 1, "key": "k", "value": "1", "measure": "m", "about": False, "on_date": NOW.date(), **ON_RECORD,
    },
    "targets": {"id": 1, "area_code": "330109", "year": 2026, "key": "k", "value": "1", **ON_RECORD},
    "look_backs": {"inspection_id": 1, "hazard_id": 1, "seq": 1, "result": "stayed", "area_code": "330109", **ON_RECORD},
    "joint_departments": {"hazard_id": 1, "department_id": 1, "seq": 1, "area_code": "330109"},
}  # fmt: skip

#: What PostgreSQL says it holds, apart from Alembic's own table.
HELD = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'alembic_version'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace AND conrelid::regclass::text <> 'alembic_version'
    """,
    "indexes": """
        SELECT indexname, indexdef FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename <> 'alembic_version'
    """,
    "triggers": "SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
}


def held(url: str, make: Callable[[Connection], None]) -> dict[str, set[Any]]:
    """Make a schema in an empty PostgreSQL database and return what the database then says it holds."""
    store = Store(store_url(url))
    with transaction(store.kind, store.connect) as connection:
        make(connection)
        return {what: {tuple(row) for row in connection.execute(text(query))} for what, query in HELD.items()}


def insert_all(store: Store) -> None:
    with store.begin() as tx:
        tx.run(insert(steps), **STEP)
        tx.run(insert(seals), **SEAL)
        tx.run(insert(calendars), **CALENDAR)
        for name, row in ROWS.items():
            tx.add(metadata.tables[name], **row)


@pytest.fixture
def store(database_url):
    prepare(database_url, NOW, "me")
    made = open_store(database_url)
    insert_all(made)
    yield made
    made.close()


def test_the_migrations_make_what_the_tables_declare_on_sqlite(capsys):
    assert check.main() == 0
    assert SCHEMA in capsys.readouterr().out


@pytest.mark.postgresql
def test_the_migrations_make_what_the_tables_declare_on_postgresql(postgres_server):
    with postgres_server.database() as one, postgres_server.database() as another:
        migrated, declared = held(one, upgrade), held(another, check.declare)
    for what in HELD:
        assert migrated[what] == declared[what], what
        assert declared[what], f"nothing was compared: {what}"


@pytest.mark.parametrize(
    ("wanted", "found", "finding"),
    [
        ("CREATE INDEX i ON t (a) WHERE b IS NULL", "CREATE INDEX i ON t (a)", "i: missing: CREATE INDEX i"),
        ("CREATE TABLE t (a INTEGER CHECK (a > 0))", "CREATE TABLE t (a INTEGER)", "t: too much: a INTEGER"),
        ("CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID", "CREATE TABLE t (a PRIMARY KEY)", "t: missing: CREATE TABLE t WITH"),
    ],
)  # fmt: skip
def test_the_check_sees_what_alembic_does_not(wanted, found, finding):
    import sqlite3

    def made(sql: str) -> check.Schema:
        connection = sqlite3.connect(":memory:")
        try:
            if "INDEX" in sql:
                connection.execute("CREATE TABLE t (a, b)")
            connection.execute(sql)
            return check.held(connection)
        finally:
            connection.close()

    assert any(line.startswith(finding) for line in check.differences(made(found), made(wanted)))
    assert not [*check.differences(made(wanted), made(wanted))]


def test_the_order_of_columns_is_no_difference():
    one = frozenset(check._parts("CREATE TABLE t (a INTEGER, b VARCHAR(2), CHECK (b IN ('x', 'y')))"))
    another = frozenset(check._parts("CREATE TABLE t (b VARCHAR(2), CHECK (b IN ('x', 'y')),\n  a INTEGER)"))
    assert one == another


def test_the_program_reads_the_newest_schema():
    assert head() == SCHEMA


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_is_numbered_in_order_and_imports_nothing_that_changes(path):
    source = path.read_text(encoding="utf-8")
    number = f"{VERSIONS.index(path) + 1:04}"
    assert path.name.startswith(f"{number}_")
    assert f'revision = "{number}"' in source
    assert not re.search(r"^\s*(from|import) (cases|workflow|schedules)", source, re.MULTILINE)


def test_every_step_from_an_older_schema_reaches_the_newest(database_url):
    store = Store(store_url(database_url))
    older = f"{int(SCHEMA) - 1:04}"
    creating = Store(store.url.update_query_dict({"mode": "rwc"})) if store.kind == "sqlite" else store
    with transaction(store.kind, creating.connect) as connection:
        upgrade(connection, older)
    made = prepare(database_url, NOW, "me")
    assert (made.did, made.schema, made.administrator) == (Did.upgraded, SCHEMA, "me")
    open_store(database_url).close()


def test_a_schema_has_every_table(store):
    for name, table in metadata.tables.items():
        with store.read() as tx:
            assert tx.all(table.select().where(text("1 = 0"))) == [], name


def test_rows_of_every_append_only_table_are_there_to_be_refused(store):
    for name in APPEND_ONLY:
        with store.read() as tx:
            assert tx.all(metadata.tables[name].select()), name


@pytest.mark.parametrize(
    "change",
    [
        *(update(steps).values(facts="{}"), update(seals).values(value="w"), update(policies).values(text="")),
        *(delete(steps), delete(seals), delete(policies)),
        *(update(calendars).values(text="off = []"), delete(calendars)),
        *(update(targets).values(value="0"), delete(targets)),
    ],
    ids=lambda change: str(change).split(" SET")[0].replace(" FROM", ""),
)
def test_history_is_only_appended(store, change):
    with pytest.raises(Exception, match=r"are only appended: (UPDATE|DELETE) is refused"), store.begin() as tx:
        tx.run(change)


def test_sqlite_does_not_replace_a_step_either(tmp_path):
    prepare(str(tmp_path / "rectify.db"), NOW, "me")
    store = open_store(str(tmp_path / "rectify.db"))
    insert_all(store)
    forged = {**STEP, "facts": '{"forged":true}'}
    try:
        with pytest.raises(Exception, match="there already"), store.begin() as tx:
            tx.run(insert(steps).prefix_with("OR REPLACE"), **forged)
    finally:
        store.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_postgresql_does_not_empty_history_either(postgres_url, table):
    prepare(postgres_url, NOW, "me")
    store = open_store(postgres_url)
    try:
        with pytest.raises(psycopg.errors.RestrictViolation, match="TRUNCATE is refused"):
            store.connection().execute(f"TRUNCATE {table} CASCADE")
    finally:
        store.close()
