"""What every test may ask for: a clean surrounding, empty stores of both kinds, and a small ledger in each."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from cases.locale import choose
from tests import postgres
from tests.lending import Lending

if TYPE_CHECKING:
    from tests.cases.ledgers import Ledger

#: Both kinds of store.
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]

# A slow machine is not a wrong rule.
settings.register_profile("rectify", deadline=None, print_blob=True)
settings.load_profile("rectify")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the developer's own store, language and settings out of every test, and of the commands it starts."""
    choose("en")  # what the test before chose in this process, this one does not hear
    for name in (
        "RECTIFY_DB",
        "RECTIFY_LANG",
        "LC_ALL",
        "LC_MESSAGES",
        "LANGUAGE",
        "COLUMNS",
        "NO_COLOR",
        "FORCE_COLOR",
    ):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name))
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of this worker's own, started when the first test asks for it."""
    server, why = None, ""
    try:
        server = postgres.start()
    except postgres.NoServer as error:
        why = str(error)
    if server is None:
        pytest.fail(why, pytrace=False)
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, gone after the test."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store may be made: once a file, once a PostgreSQL database. Nothing is in it yet."""
    if request.param == "sqlite":
        return str(tmp_path / "rectify.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


# -- a small ledger: made once, then copied for every test


@pytest.fixture(scope="session")
def sqlite_ledger(tmp_path_factory: pytest.TempPathFactory) -> "Ledger":
    from tests.cases.ledgers import opened

    with opened(str(tmp_path_factory.mktemp("ledger") / "rectify.db")) as made:
        return made


@pytest.fixture(scope="session")
def postgresql_ledger(postgres_server: postgres.Server) -> Iterator[tuple["Ledger", Lending]]:
    from tests.cases.ledgers import opened

    with postgres_server.database() as url:
        with opened(url) as made:
            pass
        yield made, Lending(postgres_server, str(made.store.url.database))


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest) -> "Ledger":
    """Two townships, their people and units, in a store of each kind; see tests/cases/ledgers.py."""
    made: Ledger = request.getfixturevalue(f"own_{request.param}_ledger")
    return made


@pytest.fixture
def own_sqlite_ledger(sqlite_ledger: "Ledger", tmp_path: Path) -> Iterator["Ledger"]:
    with sqlite_ledger.copied(shutil.copy(sqlite_ledger.store.name, tmp_path / "rectify.db")) as made:
        yield made


@pytest.fixture
def own_postgresql_ledger(postgresql_ledger: tuple["Ledger", Lending]) -> Iterator["Ledger"]:
    template, lending = postgresql_ledger
    with lending.database() as url, template.copied(url) as made:
        yield made
