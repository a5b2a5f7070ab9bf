"""Setting a store up – once, twice, at the same time, cut off in the middle – and saving and bringing it back."""

import contextlib
import errno
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.sql import column, table

import cases.setup
import cases.store
from cases import backup as saving
from cases.setup import Did, prepare
from cases.store import SCHEMA, Store, open_store, store_url
from cases.tables import areas, departments, hazards, inspections, people, policies, units
from tests import postgres
from workflow.errors import BadInput, StoreError
from workflow.policy import default_text
from workflow.terms import Role

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
VERSION = table("alembic_version", column("version_num"))


def rows(url: str, query) -> list[tuple]:
    with closing(open_store(url)) as store, store.read() as tx:
        return [tuple(row) for row in tx.all(query)]


def is_whole(url: str) -> bool:
    """Return whether a store has its schema, its one administrator and its first policy, and nothing is broken."""
    with closing(open_store(url)) as store:
        assert saving.check(store) == []
    administrators = rows(url, select(people.c.name, people.c.login).where(people.c.role == Role.administrator))
    return administrators == [("me", "me")] and rows(url, select(policies.c.version)) == [(1,)]


def change(url: str, statement) -> None:
    with closing(open_store(url)) as store, store.begin() as tx:
        tx.run(statement)


# -- once --------------------------------------------------------------------------------------------------------------


def test_a_new_store_has_a_schema_a_policy_and_an_administrator(database_url):
    made = prepare(database_url, NOW, "me")
    assert (made.did, made.schema, made.administrator) == (Did.created, SCHEMA, "me")
    assert is_whole(database_url)
    first = select(policies.c.version, policies.c.loaded_at, policies.c.loaded_by, policies.c.text)
    assert rows(database_url, first) == [(1, NOW, 1, default_text())]


def test_a_store_may_begin_with_another_policy(database_url):
    prepare(database_url, NOW, "me", "# ours\n")
    assert rows(database_url, select(policies.c.text)) == [("# ours\n",)]


def test_the_folders_above_a_file_are_made(tmp_path):
    prepare(str(tmp_path / "a" / "b" / "rectify.db"), NOW, "me")
    assert is_whole(str(tmp_path / "a" / "b" / "rectify.db"))


def test_readers_and_the_writer_of_a_file_work_at_once(tmp_path):
    url = str(tmp_path / "rectify.db")
    prepare(url, NOW, "me")
    with closing(open_store(url)) as store:
        assert store.connection().execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_setting_up_does_not_wait_for_alembic_when_there_is_nothing_to_do(tmp_path):
    url = str(tmp_path / "rectify.db")
    prepare(url, NOW, "me")
    run(f"prepare({url!r}, NOW, 'me'); import sys; assert 'alembic' not in sys.modules")


# -- again -------------------------------------------------------------------------------------------------------------


def test_setting_up_twice_changes_nothing(database_url):
    prepare(database_url, NOW, "me")
    again = prepare(database_url, NOW, "somebody else")
    assert (again.did, again.administrator) == (Did.up_to_date, None)
    assert is_whole(database_url)


def test_whoever_comes_after_a_retired_administrator_is_none(database_url):
    prepare(database_url, NOW, "me")
    change(database_url, update(people).values(retired_on=date(2026, 3, 3)))
    assert prepare(database_url, NOW, "an opportunist").administrator is None


@pytest.mark.parametrize(
    ("version", "said"), [("9999", r"made by a newer rectify \(9999\)"), ("0000", "too old for this one")]
)
def test_a_schema_without_a_way_to_ours_stays_as_it_is(database_url, version, said):
    prepare(database_url, NOW, "me")
    change(database_url, update(VERSION).values(version_num=version))
    with pytest.raises(StoreError, match=said):
        prepare(database_url, NOW, "me")
    store = Store(store_url(database_url))
    with closing(store), store.read() as tx:
        assert tx.value(select(VERSION.c.version_num)) == version


def test_somebody_elses_database_stays_as_it_is(database_url):
    if "://" not in database_url:
        Path(database_url).touch()
    with closing(Store(store_url(database_url))) as elsewhere:
        elsewhere.connection().execute("CREATE TABLE guests (name VARCHAR(80))")
    with pytest.raises(StoreError, match="somebody else's tables"):
        prepare(database_url, NOW, "me")
    with closing(Store(store_url(database_url))) as elsewhere, pytest.raises(Exception, match="people"):
        elsewhere.connection().execute("SELECT * FROM people")


def test_a_file_that_is_no_database_stays_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("nothing of the kind\n" * 100)
    with pytest.raises(StoreError, match="is not a rectify store"):
        prepare(str(path), NOW, "me")
    assert path.read_text() == "nothing of the kind\n" * 100


@pytest.mark.postgresql
def test_setting_up_a_database_that_is_not_there_says_how_to_make_it(postgres_server):
    with pytest.raises(StoreError, match="createdb"):
        prepare(postgres_server.url("nowhere"), NOW, "me")


def test_whoever_sets_up_waits_for_another_one_only_so_long(database_url, monkeypatch):
    monkeypatch.setattr(cases.store, "PATIENCE", 0.05)
    with busy(database_url), pytest.raises(StoreError, match="is locked by somebody else"):
        prepare(database_url, NOW, "me")
    assert prepare(database_url, NOW, "me").did is Did.created


@contextlib.contextmanager
def busy(url: str):
    """Hold the lock that setting up takes."""
    if "://" not in url:
        Path(url).touch()
    with closing(Store(store_url(url))) as store, store.begin():
        if store.kind == "postgresql":
            store.connection().execute("SELECT pg_advisory_xact_lock(%s)", [cases.setup._LOCK])
        yield


# -- at the same time, and cut off -------------------------------------------------------------------------------------

START = """
import os, signal, sys
from datetime import UTC, datetime
from sqlalchemy import event
from sqlalchemy.engine import Engine
from cases.setup import prepare
NOW = datetime(2026, 3, 2, tzinfo=UTC)
"""

#: Waits for a word, so that several processes begin together.
TOGETHER = """
print("ready", flush=True)
sys.stdin.readline()
print(prepare(sys.argv[1], NOW, "me").did)
"""

#: Kills itself before the n-th statement of setting up, or before its COMMIT.
CUT_OFF = """
left = int(sys.argv[2])
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
if left:
    event.listen(Engine, "before_cursor_execute", count)
else:
    event.listen(Engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
prepare(sys.argv[1], NOW, "me")
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START + script, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(script: str, *arguments: str) -> int:
    with start(script, *arguments) as child:
        _, errors = child.communicate(timeout=60)
    assert child.returncode <= 0, errors
    return child.returncode


def test_of_several_first_starts_at_once_one_makes_the_store(database_url):
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(start(TOGETHER, database_url)) for _ in range(4)]
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin
            child.stdin.write("go\n")
            child.stdin.flush()
        ended = [child.communicate(timeout=60) for child in children]
    assert sorted(said.strip() for said, _ in ended) == ["created", *["up_to_date"] * 3], ended
    assert is_whole(database_url)


@pytest.mark.parametrize("statement", [1, 3, 40, 0])
def test_setting_up_that_was_killed_leaves_nothing_half_made(database_url, statement):
    assert run(CUT_OFF, database_url, str(statement)) == -signal.SIGKILL
    with pytest.raises(StoreError, match=r"there is no store|was not set up yet"):
        open_store(database_url)
    assert prepare(database_url, NOW, "me").did is Did.created
    assert is_whole(database_url)


# -- saved and brought back --------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _programs(monkeypatch, request):
    """Put PostgreSQL's own pg_dump and pg_restore, as new as the server, before any other on PATH."""
    if "database_url" in request.fixturenames:
        monkeypatch.setenv("PATH", str(postgres.find_programs()), prepend=os.pathsep)


@pytest.fixture
def another_url(database_url, request, tmp_path):
    """A second empty store of the same kind."""
    if "://" not in database_url:
        yield str(tmp_path / "another.db")
        return
    with request.getfixturevalue("postgres_server").database() as url:
        yield url


def add_case(url: str) -> None:
    with closing(open_store(url)) as store, store.begin() as tx:
        tx.add(areas, code="1", name="区", rank="county", path="/1")
        office = tx.add(departments, name="D", area_code="1", rank="county", may_halt=False, working_group=False)
        unit = tx.add(units, name="厂", kind="site", above_scale=False, sector="chemical", area_code="1")
        visit = tx.add(
            inspections, unit_id=unit, area_code="1", visited_on=NOW.date(), kind="routine", made_by=1,
            recorded_by=1, made_at=NOW, recorded_at=NOW,
        )  # fmt: skip
        given = {
            "unit_id": unit, "inspection_id": visit, "area_code": "1", "department_id": office, "text": "隐患",
            "found_on": NOW.date(), "finders": "[1]", "grade": "major", "sector": "chemical", "state": "found",
            "entered_at": NOW, "waiting_on": "inspector", "head": "h",
        }  # fmt: skip
        made = {each.name: each.default.arg for each in hazards.c if each.default is not None}
        tx.add(hazards, **{**made, **given})


def has_programs() -> bool:
    return all((postgres.find_programs() / name).exists() for name in ("pg_dump", "pg_restore"))


@pytest.fixture
def saved(database_url, tmp_path):
    """A store with a case, and its backup."""
    if "://" in database_url and not has_programs():
        pytest.skip("this PostgreSQL comes without pg_dump")
    prepare(database_url, NOW, "me")
    add_case(database_url)
    file = tmp_path / "saved"
    with closing(open_store(database_url)) as store:
        saving.backup(store, file)
    return file


@pytest.mark.parametrize("before", ["nothing", "a store without cases"])
def test_what_was_saved_comes_back(saved, another_url, before):
    if before != "nothing":
        prepare(another_url, NOW, "somebody who set it up")
    assert saving.restore(another_url, saved) == SCHEMA
    assert is_whole(another_url)
    assert rows(another_url, select(hazards.c.text)) == [("隐患",)]
    with pytest.raises(Exception, match="only appended"):
        change(another_url, update(policies).values(text=""))


def test_a_store_with_cases_is_not_overwritten(saved, database_url):
    with pytest.raises(StoreError, match="has 1 cases"):
        saving.restore(database_url, saved)
    assert rows(database_url, select(hazards.c.text)) == [("隐患",)]


def test_a_backup_overwrites_no_file(saved, database_url):
    content = saved.read_bytes()
    with closing(open_store(database_url)) as store, pytest.raises(BadInput, match="is there already"):
        saving.backup(store, saved)
    assert saved.read_bytes() == content
    assert [each.name for each in saved.parent.glob("saved*")] == ["saved"]


def test_a_backup_leaves_other_files_alone_and_only_one_gets_the_name(tmp_path, monkeypatch):
    url, file = str(tmp_path / "rectify.db"), tmp_path / "saved"
    prepare(url, NOW, "me")
    (tmp_path / "saved.part").write_text("my own notes")
    copied = saving._copy_from_sqlite

    def somebody_is_faster(*given):
        copied(*given)
        file.write_text("theirs")

    with closing(open_store(url)) as store, monkeypatch.context() as race:
        race.setattr(saving, "_copy_from_sqlite", somebody_is_faster)
        with pytest.raises(BadInput, match="is there already"):
            saving.backup(store, file)
    assert {each.name: each.read_text() for each in tmp_path.glob("saved*")} == {
        "saved": "theirs",
        "saved.part": "my own notes",
    }
    assert list(tmp_path.glob(".rectify-*")) == []


@pytest.mark.parametrize("is_there", [False, True])
def test_a_file_system_without_links_holds_a_backup_too_and_overwrites_nothing(tmp_path, monkeypatch, is_there):
    url, file = str(tmp_path / "rectify.db"), tmp_path / "saved"
    prepare(url, NOW, "me")

    def has_no_links(*_):
        if is_there:
            file.write_text("theirs")
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(saving.os, "link", has_no_links)
    with closing(open_store(url)) as store:
        if is_there:
            with pytest.raises(BadInput, match="is there already"):
                saving.backup(store, file)
            assert file.read_text() == "theirs"
        else:
            saving.backup(store, file)
            assert file.read_bytes().startswith(b"SQLite format 3")
    assert list(tmp_path.glob(".rectify-*")) == []


def test_a_backup_of_a_newer_program_is_refused(saved, database_url, another_url):
    change(database_url, update(VERSION).values(version_num="9999"))
    newer = saved.with_name("newer")
    with closing(Store(store_url(database_url))) as store:
        saving.backup(store, newer)
    with pytest.raises(BadInput, match="made by a newer rectify"):
        saving.restore(another_url, newer)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind\n" * 100, b"PGDMP"])
def test_what_is_no_backup_is_refused_and_nothing_is_made(database_url, tmp_path, content):
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises((BadInput, StoreError), match=r"is no backup|pg_restore"):
        saving.restore(database_url, file)
    with pytest.raises(StoreError, match=r"there is no store|was not set up yet"):
        open_store(database_url)


def test_a_backup_that_is_not_there_is_refused(database_url, tmp_path):
    with pytest.raises(BadInput, match="there is no backup at"):
        saving.restore(database_url, tmp_path / "nothing")


def test_a_backup_into_a_folder_that_is_not_there_is_refused(tmp_path):
    url = str(tmp_path / "rectify.db")
    prepare(url, NOW, "me")
    with closing(open_store(url)) as store, pytest.raises(BadInput, match="No such file or directory"):
        saving.backup(store, tmp_path / "nowhere" / "saved")


@pytest.mark.postgresql
def test_saving_postgresql_without_its_programs_says_so(postgres_url, tmp_path, monkeypatch):
    prepare(postgres_url, NOW, "me")
    monkeypatch.setenv("PATH", str(tmp_path))
    with closing(open_store(postgres_url)) as store, pytest.raises(StoreError, match="pg_dump is not here"):
        saving.backup(store, tmp_path / "saved")


# -- looking for damage ------------------------------------------------------------------------------------------------


def findings(url: str) -> str:
    with closing(open_store(url)) as store:
        return "\n".join(map(str, saving.check(store)))


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP TRIGGER steps_refuse_DELETE", "steps_refuse_DELETE: missing"),
        ("DROP INDEX ix_deadlines_check", "ix_deadlines_check: missing"),
        ("CREATE TABLE guests (name)", "guests: too much"),
        (
            "INSERT INTO department_sectors VALUES (77, 'chemical')",
            "department_sectors names something missing in departments",
        ),
    ],
)
def test_what_was_changed_by_hand_in_a_file_is_found(tmp_path, damage, found):
    url = str(tmp_path / "rectify.db")
    prepare(url, NOW, "me")
    with closing(sqlite3.connect(url, isolation_level=None)) as connection:
        connection.execute(damage)
    assert found in findings(url)


def test_damaged_pages_are_found(tmp_path):
    url = str(tmp_path / "rectify.db")
    prepare(url, NOW, "me")
    with closing(sqlite3.connect(url)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'policies'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(Path(url).read_bytes())
    content[(page - 1) * size : page * size] = b"\x5a" * size
    Path(url).write_bytes(content)
    assert "damaged: " in findings(url)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP TRIGGER steps_refuse_change ON steps", "steps may be changed"),
        ("ALTER TABLE seals DISABLE TRIGGER ALL", "seals may be changed"),
        ("DROP TRIGGER steps_end_spell ON steps", "trigger steps_end_spell is missing"),
        ("ALTER TABLE hazards DROP COLUMN place", "column hazards.place is missing"),
    ],
)
def test_what_was_changed_by_hand_in_postgresql_is_found(postgres_url, damage, found):
    prepare(postgres_url, NOW, "me")
    with closing(open_store(postgres_url)) as store:
        store.connection().execute(damage)
    assert found in findings(postgres_url)
