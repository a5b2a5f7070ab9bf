"""The first night over a backlog: 100 000 overdue cases, the sweep and the digest after it, in a process of their own."""

import subprocess
import sys
from collections.abc import Iterator

from sqlalchemy import update

import cases.tables as t
from benchmarks.measuring import Line
from benchmarks.stores import ledger, multiplied
from tests.cases.ledgers import Ledger
from tests.schedules.nights import url_of

OVERDUE = 100_000
SECONDS, MEMORY_MB = 60, 50
#: Says how many messages were made, how long it all took, and by how much resident memory had grown at its highest.
NIGHT = """
import re, sys
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from cases.store import Store, store_url
from schedules.jobs import run_once
def resident(which):
    return int(re.search(which + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1000
store, now = Store(store_url(sys.argv[1])), datetime.fromisoformat(sys.argv[2])
for job in ("deadlines", "digest"):
    run_once(store, job, now - timedelta(days=60), node="a:1")
before, begun = resident("VmRSS"), perf_counter()
run_once(store, "deadlines", now, node="a:1")
made = run_once(store, "digest", now + timedelta(hours=5), node="a:1").moved
print(made, perf_counter() - begun, resident("VmHWM") - before)
"""


def measure() -> Iterator[Line]:
    """Yield what such a night costs on each kind of store."""
    for kind in ("SQLite FULL", "PostgreSQL"):
        with ledger(kind) as made:
            with made.store.begin() as tx:
                tx.run(update(t.people).values(notify="file:///dev/null"))
            multiplied(made, stored=11 * OVERDUE, overdue=OVERDUE)
            messages, seconds, grown = _night(made)
        told = f"{seconds:.1f} s, {grown:.1f} MB more, {messages:.0f} messages for 2 people"
        # Memory is promised for a file: where a server is asked, its driver holds what it fetched.
        ok = messages == 2 and seconds < SECONDS and (grown < MEMORY_MB or kind == "PostgreSQL")
        yield Line(f"a first night of {OVERDUE} overdue, {kind}", told, f"< {SECONDS} s, < {MEMORY_MB} MB", ok)


def _night(made: Ledger) -> tuple[float, float, float]:
    made.store.close()
    command = [sys.executable, "-c", NIGHT, url_of(made), made.at(60, hour=2).isoformat()]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(said[0]), float(said[1]), float(said[2])
