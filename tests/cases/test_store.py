"""A store: what it refuses and says, and what a transaction promises, on both kinds."""

import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.sql import column, table

import cases.store
from cases.setup import prepare
from cases.statements import Statement
from cases.store import Store, open_store, store_url
from cases.tables import areas, blobs, departments, inspections, numberings, people, runs, seals, units
from workflow.errors import StoreError
from workflow.terms import InspectionKind, Rank, Role, UnitKind
from workflow.words import Sentence

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
VERSION = table("alembic_version", column("version_num"))
ALL_AREAS = select(areas.c.code).order_by(areas.c.code)


@pytest.fixture
def store(database_url):
    prepare(database_url, NOW, "me")
    made = open_store(database_url)
    yield made
    made.close()


@pytest.fixture
def file(tmp_path):
    """A store in a file, closed."""
    path = tmp_path / "rectify.db"
    prepare(str(path), NOW, "me")
    return path


def add_area(tx, code: str = "330109") -> None:
    tx.add(areas, code=code, name=f"area {code}", rank=Rank.county, path=f"/{code}")


def add_much(tx) -> None:
    add_area(tx, "2")
    tx.add(blobs, hash="h", media_type="image/png", size=100_000, content=b"\0" * 100_000)


def add_area_twice(tx) -> None:
    add_area(tx)
    with pytest.raises(Exception, match="duplicate key"):
        add_area(tx)


def add_area_while_another_one(tx, waiting: Store) -> None:
    """Hold a key that the other one waits for, until it has it."""
    add_area(tx)
    record(waiting, add_area)
    tx.all(ALL_AREAS)


def record(store: Store, do, *given) -> None:
    """Do something in a transaction of its own."""
    with store.begin() as tx:
        do(tx, *given)


def add_department(store: Store) -> int:
    with store.begin() as tx:
        add_area(tx)
        return tx.add(departments, name="D", area_code="330109", rank=Rank.county, may_halt=False, working_group=True)


def closed_port() -> int:
    with closing(socket.socket()) as lent:
        lent.bind(("127.0.0.1", 0))
        return int(lent.getsockname()[1])


def refused(text: str) -> str:
    """Return the line a user reads when this store is opened."""
    with pytest.raises(StoreError) as error:
        open_store(text)
    assert "\n" not in str(error.value)
    return str(error.value)


# -- what is no store --------------------------------------------------------------------------------------------------


def test_a_missing_store_is_not_made_by_looking_at_it(tmp_path):
    path = tmp_path / "rectify.db"
    assert refused(str(path)) == f"there is no store at {path}; type: rectify init --db {path}"
    assert not path.exists()


def test_an_empty_database_was_not_set_up_yet(database_url):
    if "://" not in database_url:
        Path(database_url).touch()
    assert "was not set up yet; type: rectify init" in refused(database_url)


@pytest.mark.postgresql
def test_what_to_type_for_a_database_with_a_password_works_and_does_not_show_it(postgres_url):
    url = store_url(postgres_url).set(password="s3cret").render_as_string(hide_password=False)
    told, do = refused(url).split("; ")
    assert "was not set up yet" in told
    assert "s3cret" not in told
    assert do == "put its whole URL into RECTIFY_DB and type: rectify init"


@pytest.mark.parametrize(
    ("version", "said"), [("0000", "older rectify; type: rectify init"), ("9999", "newer rectify (9999)")]
)
def test_another_schema_says_which_program_to_use(store, database_url, version, said):
    with store.begin() as tx:
        tx.run(update(VERSION).values(version_num=version))
    assert said in refused(database_url)


def test_somebody_elses_migrations_are_not_taken_for_ours(store, database_url):
    with store.begin() as tx:
        tx.run(update(VERSION).values(version_num="ae10"))
    assert "somebody else's tables" in refused(database_url)


def test_somebody_elses_tables_are_not_a_store(database_url):
    elsewhere = Store(store_url(database_url))
    if elsewhere.kind == "sqlite":
        Path(database_url).touch()
    elsewhere.connection().execute("CREATE TABLE guests (name VARCHAR(80))")
    elsewhere.close()
    assert "somebody else's tables" in refused(database_url)


def test_a_text_file_is_not_a_store(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("nothing of the kind\n" * 100)
    assert refused(str(path)) == f"{path} is not a rectify store; choose another file"


def test_a_folder_is_not_a_store(tmp_path):
    assert refused(str(tmp_path)) == f"{tmp_path} is a folder; name a file in it with --db or RECTIFY_DB"


@pytest.mark.parametrize("where", ["the schema", "the rows"])
def test_a_damaged_store_says_so(file, where):
    with closing(sqlite3.connect(file)) as connection:
        page = int(connection.execute("PRAGMA page_size").fetchone()[0])
    content = bytearray(file.read_bytes())
    begin = 100 if where == "the schema" else page  # the header itself stays whole
    content[begin : len(content)] = b"\x5a" * (len(content) - begin)
    file.write_bytes(content)
    assert refused(str(file)) == f"{file} is damaged; restore a backup"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mysql://host/rectify", "mysql is no store of rectify"),
        ("postgres://host/rectify", "postgres is no store of rectify"),
        ("sqlite:///:memory:", "sqlite is no store of rectify"),
        ("sqlite://", "sqlite is no store of rectify"),
        ("postgresql://host:port/rectify", "cannot be read"),
        ("postgresql://one:5432,two:5432/rectify", "cannot be read"),
        ("postgresql+psycopg://127.0.0.1/rectify?synchronous=full", "an option that PostgreSQL does not know"),
    ],
)
def test_a_url_that_is_no_store_is_refused(text, said):
    assert said in refused(text)


def test_an_unknown_synchronous_is_refused(file):
    assert "synchronous=sometimes is unknown" in refused(f"sqlite:///{file}?synchronous=sometimes")


@pytest.mark.parametrize(("asked", "mode"), [("", 2), ("?synchronous=normal", 1), ("?synchronous=full", 2)])
def test_what_is_acknowledged_survives_a_power_cut_unless_the_url_says_otherwise(file, asked, mode):
    with closing(open_store(f"sqlite:///{file}{asked}")) as store:
        assert store.connection().execute("PRAGMA synchronous").fetchone()[0] == mode


@pytest.mark.parametrize("name", ["with space.db", "a?mode=memory", "50%.db", "c#1.db", "隐患.db"])
def test_a_file_may_have_any_name(tmp_path, name):
    prepare(str(tmp_path / name), NOW, "me")
    open_store(str(tmp_path / name)).close()
    assert (tmp_path / name).is_file()


# -- servers -----------------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_cannot_be_reached():
    said = refused(f"postgresql+psycopg://somebody@127.0.0.1:{closed_port()}/rectify")
    assert "cannot be reached" in said
    assert "Connection refused" in said


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://me:s3cret@{at}/db", "postgresql+psycopg://me@{at}/db?password=s3cret"]
)
def test_a_password_is_never_shown(url):
    url = url.format(at=f"127.0.0.1:{closed_port()}")
    assert "s3cret" not in refused(url)
    assert "s3cret" not in Store(store_url(url)).name


@pytest.mark.postgresql
def test_a_database_that_is_not_there_says_how_to_make_it(postgres_server):
    assert "has no such database; create it first: createdb" in refused(postgres_server.url("nowhere"))


@pytest.mark.postgresql
def test_a_login_the_server_does_not_know_is_refused(postgres_server):
    assert "refuses the login" in refused(postgres_server.url("postgres", user="stranger"))


@pytest.mark.postgresql
def test_a_login_without_rights_is_told_whom_to_ask(postgres_server, postgres_url):
    prepare(postgres_url, NOW, "me")
    postgres_server.run("CREATE ROLE {}", "guest")
    postgres_server.run("ALTER ROLE {} LOGIN", "guest")
    try:
        assert "ask the database's owner" in refused(postgres_url.replace("rectify@", "guest@"))
    finally:
        postgres_server.run("DROP ROLE {}", "guest")


@pytest.mark.postgresql
def test_several_hosts_are_tried_in_turn(postgres_server, postgres_url):
    prepare(postgres_url, NOW, "me")
    database = store_url(postgres_url).database
    down, folder = closed_port(), postgres_server.folder
    url = f"postgresql+psycopg://rectify@/{database}?host=127.0.0.1:{down}&host={folder}:5432"
    open_store(url).close()


@pytest.mark.postgresql
def test_a_standby_is_read_only(postgres_url):
    prepare(postgres_url, NOW, "me")
    standby = open_store(postgres_url + "&options=-cdefault_transaction_read_only%3Don")
    with closing(standby), pytest.raises(StoreError, match="read-only"), standby.begin() as tx:
        add_area(tx)


@pytest.mark.postgresql
def test_a_connection_that_broke_is_made_anew(postgres_url):
    prepare(postgres_url, NOW, "me")
    with closing(open_store(postgres_url)) as store, closing(open_store(postgres_url)) as other:
        other.connection().execute("SELECT pg_terminate_backend(%s)", [store.connection().info.backend_pid])
        with pytest.raises(StoreError, match="cannot be reached"), store.begin():
            pass
        with store.begin() as tx:
            add_area(tx)


# -- locked, full, read-only -------------------------------------------------------------------------------------------


def test_a_writer_waits_for_another_one_only_so_long(database_url, monkeypatch):
    prepare(database_url, NOW, "me")
    monkeypatch.setattr(cases.store, "PATIENCE", 0.05)
    with closing(open_store(database_url)) as one, closing(open_store(database_url)) as another, one.begin() as tx:
        add_area(tx)
        with pytest.raises(StoreError, match="is locked by somebody else"), another.begin() as late:
            add_area(late)


@pytest.mark.postgresql
def test_a_writer_that_is_frozen_holds_nobody_up_for_long(postgres_url, monkeypatch):
    """It is ended, says so when it comes back, and wrote nothing; whoever waited for it goes on."""
    prepare(postgres_url, NOW, "me")
    monkeypatch.setattr(cases.store, "REST", 0.2)
    with closing(open_store(postgres_url)) as frozen, closing(open_store(postgres_url)) as waiting:
        with pytest.raises(StoreError, match="ended what rested in the middle"):
            record(frozen, add_area_while_another_one, waiting)
        with frozen.read() as tx:
            assert len(tx.all(ALL_AREAS)) == 1


@pytest.mark.postgresql
def test_a_reader_may_rest(postgres_url, monkeypatch):
    prepare(postgres_url, NOW, "me")
    monkeypatch.setattr(cases.store, "REST", 0.05)
    with closing(open_store(postgres_url)) as store, store.read() as tx:
        before = tx.all(ALL_AREAS)
        sleep(0.2)
        assert tx.all(ALL_AREAS) == before


def test_a_reader_does_not_wait_for_a_writer(store, database_url):
    with closing(open_store(database_url)) as other, store.begin() as tx:
        add_area(tx)
        with other.read() as seen:
            assert seen.all(ALL_AREAS) == []


def test_a_full_disk_loses_only_what_did_not_fit(file):
    with closing(open_store(str(file))) as store:
        record(store, add_area, "1")
        pages = store.connection().execute("PRAGMA page_count").fetchone()[0]
        store.connection().execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="full or failing; make room"):
            record(store, add_much)
        with store.read() as tx:
            assert [row.code for row in tx.all(ALL_AREAS)] == ["1"]


WRITE = """
import os, sys
from datetime import UTC, datetime
from cases.setup import prepare
from cases.store import open_store
from cases.tables import areas
from workflow.errors import StoreError
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)  # root may write everywhere
try:
    if sys.argv[2] == "prepare":
        prepare(sys.argv[1], datetime(2026, 3, 2, tzinfo=UTC), "me")
    with open_store(sys.argv[1]).begin() as tx:
        tx.add(areas, code="1", name="1", rank="county", path="/1")
except StoreError as error:
    print(error)
"""


@pytest.fixture
def folder():
    """A folder that everybody may pass, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "mode", "verb", "said"),
    [
        ("rectify.db", 0o777, "write", "rectify.db is read-only; check who may write the file and its folder"),
        ("rectify.db", 0o555, "write", "rectify.db is read-only"),
        ("rectify.db", 0o555, "prepare", "rectify.db is read-only"),
        (
            "new.db",
            0o555,
            "prepare",
            "new.db cannot be opened; check the path, and who may write the file and its folder",
        ),
        ("sub/new.db", 0o555, "prepare", "sub cannot be made (Permission denied)"),
    ],
)
def test_what_may_not_be_written_says_so(folder, name, mode, verb, said):
    prepare(str(folder / "rectify.db"), NOW, "me")
    (folder / "rectify.db").chmod(0o444)
    folder.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-c", WRITE, folder / name, verb], capture_output=True, text=True, check=False
    )
    assert said in done.stdout, done.stderr
    assert done.stdout.count("\n") == 1


# -- a transaction -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [ValueError, KeyboardInterrupt, StoreError])
def test_what_was_not_finished_did_not_happen(store, reason):
    def stop(tx) -> None:
        add_area(tx)
        raise reason(Sentence("stop"))

    with pytest.raises(reason):
        record(store, stop)
    with store.begin() as tx:
        assert tx.all(ALL_AREAS) == []


def test_what_was_finished_is_there_for_everybody(store, database_url):
    with store.begin() as tx:
        add_area(tx)
    with closing(open_store(database_url)) as other, other.read() as tx:
        assert tx.value(ALL_AREAS) == "330109"


def test_a_constraint_is_kept_by_the_store_itself(store):
    with pytest.raises(Exception, match=r"(?i)check constraint"), store.begin() as tx:
        tx.run(insert(areas).values(code="1", name="", rank="county", path="/1"))
    with pytest.raises(Exception, match=r"(?i)foreign key constraint"), store.begin() as tx:
        tx.run(insert(areas).values(code="1", name="1", rank="county", path="/1", under="nowhere"))


@pytest.mark.postgresql
def test_a_swallowed_error_is_not_taken_for_success(postgres_url):
    """PostgreSQL answers COMMIT with ROLLBACK after a failed statement, and does not call that an error."""
    prepare(postgres_url, NOW, "me")
    with closing(open_store(postgres_url)) as store, pytest.raises(RuntimeError, match="nothing was written"):
        record(store, add_area_twice)


def test_a_reader_sees_one_picture(store, database_url):
    with closing(open_store(database_url)) as writer, store.read() as seen:
        assert seen.all(ALL_AREAS) == []
        with writer.begin() as tx:
            add_area(tx)
        assert seen.all(ALL_AREAS) == []
    with store.read() as seen:
        assert len(seen.all(ALL_AREAS)) == 1


def test_read_then_write_by_many_at_once_loses_nothing(store):
    department = add_department(store)
    with store.begin() as tx:
        tx.run(insert(numberings).values(department_id=department, year=2026, paper="order", last=0))
    last = Statement(select(numberings.c.last).with_for_update())
    set_last = Statement(update(numberings).values(last=bindparam("new")))
    failures: list[BaseException] = []

    def take_numbers() -> None:
        try:
            for _ in range(10):
                with store.begin() as tx:
                    tx.run(set_last, new=tx.value(last) + 1)
        except BaseException as error:
            failures.append(error)
        finally:
            store.drop()

    threads = [threading.Thread(target=take_numbers) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with store.read() as tx:
        assert tx.value(select(numberings.c.last)) == 60


def test_rows_come_in_batches_without_holding_all_of_them(store):
    with store.begin() as tx:
        tx.many(
            insert(areas).values(code=bindparam("code"), name="n", rank="county", path=bindparam("code")),
            [{"code": f"{number:04}"} for number in range(25)],
        )
    with store.read() as tx:
        assert [row.code for row in tx.each(ALL_AREAS, batch=10)] == [f"{number:04}" for number in range(25)]
        assert tx.value(select(func.count()).select_from(areas)) == 25


def seals_of(count):
    return [
        {"id": n, "sealed_at": NOW, "steps": n, "subjects": 1, "prev": "a\tb", "value": "\\N"}
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [2, 49, 50, 1200])
def test_many_new_rows_are_written_as_one_is(store, count):
    """PostgreSQL takes them in one stream, where a tab ends a value and \\N is none."""
    with store.begin() as tx:
        assert tx.many(insert(seals), seals_of(count)) == count
    with store.read() as tx:
        assert [row._asdict() for row in tx.all(select(seals).order_by(seals.c.id))] == seals_of(count)


@pytest.mark.parametrize("count", [2, 50])
def test_of_many_new_rows_none_is_written_when_one_is_refused(store, count):
    rows = seals_of(count)
    with pytest.raises(Exception, match=r"(?i)unique|append"), store.begin() as tx:
        tx.many(insert(seals), [*rows, rows[0]])
    with store.read() as tx:
        assert tx.all(select(seals)) == []


def test_no_rows_are_no_statement(store):
    with store.begin() as tx:
        assert tx.many(insert(areas), []) == 0


# -- what comes back ---------------------------------------------------------------------------------------------------


def add_visit(store: Store) -> int:
    """Add a visit with a time in China and one without, and return its number."""
    department = add_department(store)
    shanghai = timezone(timedelta(hours=8))
    with store.begin() as tx:
        person = tx.add(people, name="李", role=Role.inspector, department_id=department, valid_to=date(2027, 2, 28))
        unit = tx.add(units, name="厂", kind=UnitKind.site, above_scale=True, sector="chemical", area_code="330109")
        return tx.add(
            inspections, unit_id=unit, area_code="330109", visited_on=date(2026, 3, 2), starts=time(9, 30), ends=None,
            kind=InspectionKind.look_back, made_by=person, recorded_by=person, recorded_at=NOW,
            made_at=datetime(2026, 3, 2, 10, 30, 15, 250_000, tzinfo=shanghai),
        )  # fmt: skip


def test_dates_times_and_instants_come_back_as_they_went(store):
    number = add_visit(store)
    with store.read() as tx:
        row = tx.one(select(inspections).where(inspections.c.id == number))
    assert row.visited_on == date(2026, 3, 2)
    assert type(row.visited_on) is date
    assert (row.starts, row.ends) == (time(9, 30), None)
    assert row.kind == InspectionKind.look_back
    assert row.recorded_at == NOW
    assert row.made_at == datetime(2026, 3, 2, 2, 30, 15, 250_000, tzinfo=UTC)
    assert row.made_at.tzinfo is row.recorded_at.tzinfo is UTC


def test_an_instant_is_found_by_comparing_it_in_any_zone(store):
    add_visit(store)
    earlier = NOW.astimezone(timezone(timedelta(hours=-7)))
    with store.read() as tx:
        assert tx.one(select(inspections.c.id).where(inspections.c.recorded_at <= bindparam("at")), at=earlier)
        assert not tx.one(select(inspections.c.id).where(inspections.c.recorded_at < bindparam("at")), at=earlier)


def test_booleans_numbers_texts_and_bytes_come_back_as_they_went(store):
    add_visit(store)
    content = bytes(range(256))
    with store.begin() as tx:
        tx.add(blobs, hash="h", media_type="image/png", size=256, content=content)
        tx.run(insert(runs).values(job="deadlines", slot=NOW, node="n", started_at=NOW, lease_until=NOW, looked_at=3,
                                   moved=0, notices=0, skipped=0, errors="[]", seconds=0.25, ok=True))  # fmt: skip
    with store.read() as tx:
        department = tx.one(select(departments.c.may_order, departments.c.may_halt, departments.c.working_group))
        assert tuple(department) == (None, False, True)
        assert all(value is None or type(value) is bool for value in department)
        assert tx.value(select(units.c.name)) == "厂"
        assert bytes(tx.value(select(blobs.c.content))) == content
        run = tx.one(select(runs.c.looked_at, runs.c.seconds, runs.c.ok))
        assert tuple(run) == (3, 0.25, True)
        assert run.ok is True


def test_a_word_that_is_not_in_the_list_is_refused(store):
    with pytest.raises(Exception, match=r"(?i)check constraint"), store.begin() as tx:
        tx.add(areas, code="1", name="1", rank="continent", path="/1")
