"""The first night over a backlog: tens of thousands of cases, bad rows among them, and several services that begin at once."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text

import cases.tables as t
from benchmarks.stores import multiplied
from tests.cases.ledgers import CITY, Ledger
from tests.schedules.nights import holds, rows_of, spoil, url_of
from tests.schedules.test_digest import address

#: A service on another host that is started for the first time: it ticks every job once, when it gets a line.
BEGINNER = """
import sys
from datetime import datetime
from cases.store import Store, store_url
from schedules.service import Service
from schedules.timetable import JOBS
store = Store(store_url(sys.argv[1]))
store.connection()
service = Service(store, node=sys.argv[2], now=lambda: datetime.fromisoformat(sys.argv[3]))
print("ready", flush=True)
sys.stdin.readline()
for job in JOBS:
    service.tick(job)
"""

#: One night and the digest after it; says how far resident memory grew at its highest, in bytes.
NIGHT = """
import re, sys
from datetime import datetime, timedelta
from pathlib import Path
from cases.store import Store, store_url
from schedules.jobs import run_once
def resident(which):
    return int(re.search(which + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
store = Store(store_url(sys.argv[1]))
now = datetime.fromisoformat(sys.argv[2])
run_once(store, "deadlines", now - timedelta(days=60), node="a:1")
run_once(store, "digest", now - timedelta(days=60), node="a:1")
before = resident("VmRSS")
report = run_once(store, "deadlines", now, node="a:1")
run_once(store, "digest", now + timedelta(hours=5), node="a:1")
print(report.moved, report.skipped, resident("VmHWM") - before)
"""


def process(code: str, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_two_first_starts_at_once(ledger: Ledger) -> None:
    """Nobody ran anything before: each slot is run once all the same, and everybody is told once."""
    cases = ledger.find(40, grade="major")
    address(ledger, "Zhao", url="file:///dev/null")
    now = ledger.at(4, hour=7) + timedelta(minutes=1)
    starters = [process(BEGINNER, url_of(ledger), f"host{n}:1", now.isoformat()) for n in range(2)]
    for each in starters:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"
    for each in starters:
        each.communicate("\n", timeout=60)
    assert [each.returncode for each in starters] == [0, 0]
    assert sorted(row.subject_id for row in rows_of(ledger, t.rungs)) == cases
    assert len({(row.job, row.slot) for row in rows_of(ledger, t.runs)}) == 4
    assert len(rows_of(ledger, t.messages)) <= 1
    assert holds(ledger)


@pytest.mark.slow
def test_a_first_night_over_a_large_backlog_with_bad_rows(ledger: Ledger) -> None:
    """A message a person, memory that does not grow with the backlog, and each bad row left alone and named."""
    ledger.department("city", CITY, "city")
    ledger.person("Wei", "supervisor", "city")
    address(ledger, "Zhao", "Sun", "Wei", url="file:///dev/null")
    multiplied(ledger, stored=20_000, overdue=15_000)
    late = [row.subject_id for row in rows_of(ledger, t.deadlines) if row.ended_by is None and row.subject_id >= 19_000]
    spoil(ledger, "hazards", "state", "lost", late[0])
    lose_the_unit(ledger, late[1])
    night = process(NIGHT, url_of(ledger), ledger.at(60, hour=2).isoformat())
    said, _ = night.communicate(timeout=300)
    moved, skipped, grown = map(int, said.split())
    assert (moved, skipped) == (15_001 - 2, 2)
    assert grown < 50_000_000
    told = [(row.person_id, row.count) for row in rows_of(ledger, t.messages)]
    assert told == [(ledger.people[name], moved) for name in ("Zhao", "Sun")]
    assert {row.subject_id for row in rows_of(ledger, t.rungs)}.isdisjoint(late[:2])


def lose_the_unit(ledger: Ledger, case: int) -> None:
    """Point a case at a unit that is not there, as only a careless hand with the constraints off can."""
    if ledger.store.kind == "sqlite":
        ledger.store.connection().execute("PRAGMA foreign_keys = OFF")
    with ledger.store.begin() as tx:
        if ledger.store.kind == "postgresql":
            tx.run(text("ALTER TABLE hazards DROP CONSTRAINT fk_hazards_unit_id"))
        tx.run(text("UPDATE hazards SET unit_id = 424242 WHERE id = :case"), case=case)
    ledger.store.close()
