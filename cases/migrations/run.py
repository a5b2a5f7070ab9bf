"""Runs the migrations on a connection. Alembic is imported in here and nowhere above: starting must not wait for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from alembic.config import Config

#: Drivers begin nothing by themselves here: Python's sqlite3 would leave DDL outside the transaction.
_DIALECTS = {"sqlite": ("sqlite://", "BEGIN IMMEDIATE"), "postgresql": ("postgresql+psycopg://", "BEGIN")}


@contextmanager
def transaction(kind: str, connect: Callable[[], Any]) -> Iterator[Connection]:
    """Lend an SQLAlchemy connection in one transaction; `connect` makes a driver connection that begins nothing."""
    url, opening = _DIALECTS[kind]
    engine = create_engine(url, creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(opening))
    with engine.begin() as connection:
        yield connection


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, in the transaction that is open."""
    from alembic import command

    command.upgrade(_config(connection), to)


def head() -> str | None:
    """Return the newest migration."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def knows(revision: str) -> bool:
    """Return whether there is a way from this schema version to the newest."""
    from alembic.script import ScriptDirectory

    return revision in {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
