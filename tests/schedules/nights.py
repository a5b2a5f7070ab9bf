"""What the tests of the night share: nights of the small ledger, what they left behind, and real processes.

A hazard found on day 0 has to be ordered by day 3; so a major one takes its first rung in the night before day 4.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

import cases.tables as t
from cases.clockwork import Tally, sweep
from cases.history import verify
from tests.cases.ledgers import Ledger

#: A process that sweeps: it says "ready" when everything is imported, then works, then says what it came to.
SWEEPER = """
import sys
from datetime import datetime
from cases.clockwork import sweep
from cases.store import Store, store_url
store = Store(store_url(sys.argv[1]))
store.connection()
print("ready", flush=True)
sys.stdin.readline()
print(sweep(store, datetime.fromisoformat(sys.argv[2]), batch=int(sys.argv[3])).moved, flush=True)
"""

COMMAND = "import sys; from cases.commands import main; sys.exit(main())"


def night(ledger: Ledger, day: int) -> datetime:
    """Return two in the morning of a day."""
    return ledger.at(day, hour=2)


def swept(ledger: Ledger, day: int, **more: Any) -> Tally:
    """Let the night before a day pass."""
    return sweep(ledger.store, night(ledger, day), **more)


def climbs(ledger: Ledger, case: int) -> list[dict[str, Any]]:
    """Return the facts of every step by which the clock took a case higher."""
    chosen = (t.steps.c.subject_id == case, t.steps.c.trigger == "escalate", t.steps.c.actor_id.is_(None))
    with ledger.store.read() as tx:
        return [json.loads(row.facts) for row in tx.all(select(t.steps).where(*chosen).order_by(t.steps.c.seq))]


def levels(ledger: Ledger, case: int) -> list[list[int]]:
    """Return the rungs each of those steps took."""
    return [facts["rungs"] for facts in climbs(ledger, case)]


def told(ledger: Ledger, case: int) -> list[str]:
    """Return who is told of a case, once for each notice."""
    names = {number: name for name, number in ledger.people.items()}
    with ledger.store.read() as tx:
        rows = tx.all(select(t.notices).where(t.notices.c.subject_id == case).order_by(t.notices.c.seq))
        return [names[row.person_id] for row in rows]


def rows_of(ledger: Ledger, table: Any) -> list[Any]:
    """Return every row of a table, in the order of its key."""
    with ledger.store.read() as tx:
        return list(tx.all(select(table).order_by(*table.primary_key.columns)))


def holds(ledger: Ledger) -> bool:
    """Tell whether the chains hold, and every rung was taken once, by the one step that names it."""
    rungs = [(row.subject_id, row.seq, row.level) for row in rows_of(ledger, t.rungs)]
    named = [
        (row.subject_id, row.seq, level)
        for row in rows_of(ledger, t.steps)
        if row.trigger == "escalate"
        for level in json.loads(row.facts)["rungs"]
    ]
    return sorted(rungs) == sorted(named) and not verify(ledger.store)[2]


def spoil(ledger: Ledger, table: str, column: str, value: str, case: int) -> None:
    """Write a value that the store's own checks would refuse, as a broken program or a careless hand might."""
    key = "id" if table == "hazards" else "subject_id"
    if ledger.store.kind == "sqlite":
        ledger.store.connection().execute("PRAGMA ignore_check_constraints = ON")
    with ledger.store.begin() as tx:
        if ledger.store.kind == "postgresql":
            tx.run(text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_{column}"))
        tx.run(text(f"UPDATE {table} SET {column} = '{value}' WHERE {key} = {case}"))
    ledger.store.close()


# -- real processes ----------------------------------------------------------------------------------------------------


def url_of(ledger: Ledger) -> str:
    """Return the store as a command line names it."""
    url = ledger.store.url
    return str(url.database) if ledger.store.kind == "sqlite" else url.render_as_string(hide_password=False)


def sweeper(ledger: Ledger, day: int, *, batch: int) -> subprocess.Popen[str]:
    """Start a process that sweeps the night before a day as soon as it gets a line; it is ready when this returns."""
    started = _started([SWEEPER, url_of(ledger), night(ledger, day).isoformat(), str(batch)])
    assert started.stdout
    assert started.stdout.readline() == "ready\n"
    return started


def begin(process: subprocess.Popen[str]) -> None:
    """Let a sweeper begin."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def rectify(ledger: Ledger, *args: object) -> subprocess.Popen[str]:
    """Start the real command line in a process of its own."""
    return _started([COMMAND, *map(str, args)], RECTIFY_DB=url_of(ledger))


def _started(args: Sequence[str], **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
    )
