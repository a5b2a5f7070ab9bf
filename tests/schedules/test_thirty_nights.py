"""Thirty nights of three services on one PostgreSQL that are killed, frozen and lose their database: all of it, once.

What ought to have happened is told by a second ledger, in which the same cases go through thirty quiet nights.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

import cases.tables as t
from schedules.jobs import run_once
from tests import postgres
from tests.cases.ledgers import CITY, Ledger, opened
from tests.schedules.month import Month, moments
from tests.schedules.nights import holds, rows_of
from tests.schedules.receiver import receiver

NIGHTS = 30
#: The rungs that DOMAIN §4's ladders have for what was due on day 3, by day 30: 1, 3, 7 and weekly · 3, 10, 20 · 7, 20.
LEVELS = {"major": [1, 2, 3, 4, 5], "larger": [1, 2, 3], "general": [1, 2]}

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    """A server of this test's own, which waits for the disk: it is going to be crashed."""
    started = postgres.start(durable=True)
    yield started
    started.stop()


def filled(ledger: Ledger, url: str) -> dict[int, str]:
    """Fill a ledger; return the grade of each case that nobody will order."""
    ledger.department("city bureau", CITY, "city")
    ledger.person("Feng", "supervisor", "city bureau")
    with ledger.store.begin() as tx:
        tx.run(update(t.people).values(notify=url))
    grades = {case: grade for grade in LEVELS for case in ledger.find(6, grade=grade)}
    for day in range(1, 13):
        [case] = ledger.find(grade="general", days=day)
        ledger.order([case], days=day, due_on=ledger.on(day + 8))
    return grades


def escalated(ledger: Ledger) -> Counter[Any]:
    """Return every rung taken: of which deadline of which case, which, at what rank."""
    return Counter((row.subject_id, row.rule, row.set_by, row.level, row.rank) for row in rows_of(ledger, t.rungs))


def reminded(ledger: Ledger) -> Counter[Any]:
    """Return every reminder: of which deadline of which case, which, to whom."""
    rows = rows_of(ledger, t.reminders)
    return Counter((row.subject_id, row.rule, row.set_by, row.about, row.level, row.person_id) for row in rows)


def told(ledger: Ledger) -> Counter[Any]:
    """Return every notice that went out: of which case, at what rank, to whom."""
    return Counter((row.subject_id, row.rank, row.person_id) for row in rows_of(ledger, t.notices))


def test_thirty_nights_of_three_services(server: postgres.Server, tmp_path: Path) -> None:
    quiet_url, url = (server.url(server.create()) for _ in range(2))
    with receiver() as bell, receiver() as other_bell, opened(quiet_url) as quiet, opened(url) as ledger:
        filled(quiet, other_bell.url())
        grades = filled(ledger, bell.url())
        first = ledger.at(0, hour=0) + timedelta(days=1)
        for moment in moments(first, NIGHTS):
            for job in ("deadlines", "digest"):
                run_once(quiet.store, job, moment, node="quiet:1", again=False)
        quiet.store.close()
        ledger.store.close()

        month = Month(server, url, tmp_path / "clock", random.Random(7))
        try:
            month.pass_through(first, NIGHTS)
            last = first + timedelta(days=NIGHTS - 1, hours=14)
            for minutes in (0, 31, 62):  # what was in somebody's hands is free when its lease is out
                month.settle(last + timedelta(minutes=minutes), seconds=2)
        finally:
            month.end()

        assert min(month.befell[what] for what in ("killed", "frozen", "database restarted")) >= 3
        assert escalated(ledger) == escalated(quiet)
        assert reminded(ledger) == reminded(quiet)
        assert told(ledger) == told(quiet)
        check_ladders(ledger, grades)
        check_messages(ledger, bell.keys())
        assert holds(ledger)


def check_ladders(ledger: Ledger, grades: dict[int, str]) -> None:
    """Check the rungs against the domain's own numbers, not against another run of the same program."""
    levels: dict[int, list[int]] = {case: [] for case in grades}
    for row in rows_of(ledger, t.rungs):
        if row.subject_id in levels:
            levels[row.subject_id].append(row.level)
    assert {case: sorted(found) for case, found in levels.items()} == {
        case: LEVELS[grade] for case, grade in grades.items()
    }


def check_messages(ledger: Ledger, received: list[str]) -> None:
    """Check that everything is told by one message a person and run, and that every one of them arrived."""
    messages = rows_of(ledger, t.messages)
    told_by = [row.digest for table in (t.notices, t.reminders) for row in rows_of(ledger, table)]
    assert len(messages) > NIGHTS / 2
    assert len({(row.person_id, row.slot) for row in messages}) == len(messages)
    assert set(told_by) == {row.key for row in messages}
    assert sum(row.count for row in messages) == len(told_by)
    assert set(received) == {row.key for row in messages}
    assert all(row.sent_at is not None and row.gave_up_at is None for row in messages)
