"""PostgreSQL databases lent to one test after another: put back as they were, instead of made anew each time.

Making and dropping one is a thousand files on the disk; putting its rows back is one round trip. A database that was
changed in any other way – its schema, its statistics, its size – is not lent again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from tests.postgres import Server

#: Whoever is still connected is sent away; triggers and foreign keys that guard the rows look away.
ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
SET session_replication_role = replica
"""
#: What changes with any change of the schema, with ANALYZE, and with a table that grew beyond a few pages.
SHAPE = """
WITH own AS (SELECT oid, xmin FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT (SELECT sum(hashtext(oid || ' ' || xmin)) FROM own), (SELECT max(pg_relation_size(oid)) > 1000000 FROM own),
  (SELECT sum(hashtext(attrelid || ' ' || attnum || ' ' || xmin)) FROM pg_attribute WHERE attrelid IN (SELECT oid FROM own)),
  (SELECT sum(hashtext(oid || ' ' || xmin)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
  (SELECT sum(hashtext(oid || ' ' || xmin)) FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM own)),
  (SELECT sum(hashtext(oid || ' ' || xmin)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
  (SELECT count(*) FROM pg_statistic WHERE starelid IN (SELECT oid FROM own))
"""
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
SEQUENCES = "SELECT format('SELECT setval(%L, %s, %L)', sequencename, coalesce(last_value, 1), last_value IS NOT NULL) FROM pg_sequences"


@dataclass
class Lending:
    """Copies of one filled database, which nobody may be connected to."""

    server: Server
    template: str
    _free: list[str] = field(default_factory=list)
    _shapes: dict[str, Any] = field(default_factory=dict)
    _rows: dict[str, bytes] = field(default_factory=dict)
    _sequences: list[str] = field(default_factory=list)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend the URL of a database that is as the template is."""
        name = self._free.pop() if self._free else self._made()
        try:
            yield self.server.url(name)
        finally:
            self._take_back(name)

    def _take_back(self, name: str) -> None:
        with self._connected(name) as connection:
            is_restored = self._is_restored(connection, name)
        if is_restored:
            self._free.append(name)
        else:
            self.server.drop(name)

    def _made(self) -> str:
        name = self.server.create(self.template)
        with self._connected(name) as connection:
            self._shapes[name] = connection.execute(SHAPE).fetchone()
            if not self._rows:
                self._remember(connection)
        return name

    def _remember(self, connection: Any) -> None:
        for (table,) in connection.execute(TABLES).fetchall():
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
                self._rows[table] = b"".join(rows)
        self._sequences = [statement for (statement,) in connection.execute(SEQUENCES).fetchall()]

    def _is_restored(self, connection: Any, name: str) -> bool:
        """Put every row back; False when more than rows was changed."""
        connection.execute(ALONE)
        if connection.execute(SHAPE).fetchone() != self._shapes[name]:
            return False
        connection.execute("BEGIN;" + "".join(f'DELETE FROM "{table}";' for table in self._rows))
        for table, rows in self._rows.items():
            if rows:
                with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                    copy.write(rows)
        connection.execute(";".join([*self._sequences, "COMMIT"]))
        return True

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(f"host={self.server.folder} user=rectify dbname={name}", autocommit=True)
