"""What every test may ask for: a clean surrounding, and empty stores of both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres

# A slow machine is not a wrong rule.
settings.register_profile("rectify", deadline=None, print_blob=True)
settings.load_profile("rectify")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the developer's own store, language and settings out of every test, and of the commands it starts."""
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store may be made: once a file, once a PostgreSQL database. Nothing is in it yet."""
    if request.param == "sqlite":
        return str(tmp_path / "rectify.db")
    url: str = request.getfixturevalue("postgres_url")
    return url
