"""The station in a store of each kind: made once, then copied for a test, or for a whole module that changes nothing."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cases.store import store_url
from tests import postgres
from tests.acceptance.station import Station, made
from tests.conftest import KINDS
from tests.lending import Lending


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Station:
    folder = tmp_path_factory.mktemp("station")
    return made(str(folder / "rectify.db"), folder)


@pytest.fixture(scope="session")
def postgresql_template(
    postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Station, Lending]]:
    with postgres_server.database() as url:
        template = made(url, tmp_path_factory.mktemp("station"))
        yield template, Lending(postgres_server, str(store_url(url).database))


@contextmanager
def lent(kind: str, request: pytest.FixtureRequest) -> Iterator[Station]:
    """Lend a station of this kind whose store nobody else has."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "sqlite":
            template: Station = request.getfixturevalue("sqlite_template")
            yield template.copied(str(shutil.copy(template.store, folder / "rectify.db")), folder)
            return
        template, lending = request.getfixturevalue("postgresql_template")
        with lending.database() as url:
            yield template.copied(url, folder)


@pytest.fixture(params=KINDS)
def station(request: pytest.FixtureRequest) -> Iterator[Station]:
    """A station of the test's own, in a store of each kind."""
    with lent(request.param, request) as station:
        yield station


@pytest.fixture(params=KINDS, scope="module")
def unchanged(request: pytest.FixtureRequest) -> Iterator[Station]:
    """A station shared by tests that leave everything as it is."""
    with lent(request.param, request) as station:
        yield station


@pytest.fixture
def file_station(request: pytest.FixtureRequest) -> Iterator[Station]:
    """A station of the test's own, in a file: for what is the same on both stores, and for what only files suffer."""
    with lent("sqlite", request) as station:
        yield station
