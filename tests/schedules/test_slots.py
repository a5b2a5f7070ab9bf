"""Slots: who runs what. One runs it, the others skip it; the dead are relieved, the finished left in peace."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from cases import slots
from cases.clockwork import LeaseLost, Tally
from cases.slots import Slot, Verdict
from cases.store import Store
from tests.cases.ledgers import Ledger

NIGHT = datetime(2026, 3, 5, 18, tzinfo=UTC)
LEASE = timedelta(minutes=15)


def slot(node: str, at: datetime = NIGHT) -> Slot:
    return Slot("deadlines", at, node)


def claimed(ledger: Ledger, node: str, minutes: float = 0, **more: Any) -> Verdict:
    now = NIGHT + timedelta(minutes=minutes)
    return slots.claim(ledger.store, slot(node), now=now, until=now + LEASE, **more)


def finished(ledger: Ledger, node: str, minutes: float = 1, tally: Tally | None = None) -> None:
    slots.finish(ledger.store, slot(node), tally or Tally(), now=NIGHT + timedelta(minutes=minutes), seconds=1.5)


def test_one_runs_it_and_the_other_skips_it(ledger: Ledger) -> None:
    assert claimed(ledger, "a") == Verdict.claimed
    assert claimed(ledger, "b", 1) == Verdict.running


def test_many_at_the_same_time_are_one(ledger: Ledger) -> None:
    verdicts: list[Verdict] = []
    start = Barrier(6)

    def ask(node: str) -> None:
        store = Store(ledger.store.url)
        start.wait()
        verdicts.append(slots.claim(store, slot(node), now=NIGHT, until=NIGHT + LEASE))
        store.close()

    threads = [Thread(target=ask, args=(f"n{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == [Verdict.claimed, *[Verdict.running] * 5]


def test_what_is_finished_runs_again_only_when_asked_for(ledger: Ledger) -> None:
    claimed(ledger, "a")
    finished(ledger, "a")
    assert claimed(ledger, "b", 2) == Verdict.finished
    assert claimed(ledger, "b", 2, again=True) == Verdict.again
    assert claimed(ledger, "c", 3, again=True) == Verdict.running


def test_a_lease_that_ran_out_is_taken_over(ledger: Ledger) -> None:
    claimed(ledger, "a")
    assert claimed(ledger, "b", 14.9) == Verdict.running
    assert claimed(ledger, "b", 15) == Verdict.taken_over
    assert claimed(ledger, "c", 16) == Verdict.running


def test_a_renewed_lease_holds_longer(ledger: Ledger) -> None:
    claimed(ledger, "a")
    with ledger.store.begin() as tx:
        slots.renew(tx, slot("a"), NIGHT + 2 * LEASE)
    assert claimed(ledger, "b", 20) == Verdict.running


def test_whoever_was_relieved_is_told_so(ledger: Ledger) -> None:
    claimed(ledger, "a")
    claimed(ledger, "b", 15)
    with pytest.raises(LeaseLost), ledger.store.begin() as tx:
        slots.renew(tx, slot("a"), NIGHT + 2 * LEASE)
    finished(ledger, "a", 16, Tally(moved=99))
    with ledger.store.read() as tx:
        row = slots.last(tx, "deadlines")
    assert (row.node, row.finished_at, row.moved) == ("b", None, 0)


def test_a_node_that_is_surely_dead_is_not_waited_for(ledger: Ledger) -> None:
    claimed(ledger, "a")
    assert claimed(ledger, "b", 1, is_gone=lambda node: node == "a") == Verdict.taken_over


def test_what_is_released_is_free_at_once(ledger: Ledger) -> None:
    claimed(ledger, "a")
    slots.release(ledger.store, slot("a"), Tally(moved=3), seconds=0.1)
    assert claimed(ledger, "b", 0.1) == Verdict.taken_over


def test_a_run_leaves_a_row_with_its_counts(ledger: Ledger) -> None:
    claimed(ledger, "a")
    finished(ledger, "a", tally=Tally(9, 5, 7, 1, [{"case": 3, "reason": "lost 丢失"}]))
    with ledger.store.read() as tx:
        row = slots.last_good(tx, "deadlines")
    assert (row.looked_at, row.moved, row.notices, row.skipped, row.seconds) == (9, 5, 7, 1, 1.5)
    assert row.errors == '[{"case": 3, "reason": "lost 丢失"}]'


def test_an_unfinished_run_is_not_a_good_one(ledger: Ledger) -> None:
    claimed(ledger, "a")
    finished(ledger, "a")
    later = slot("a", NIGHT + timedelta(days=1))
    slots.claim(ledger.store, later, now=later.at, until=later.at + LEASE)
    with ledger.store.read() as tx:
        assert slots.last(tx, "deadlines").slot == later.at
        assert slots.last_good(tx, "deadlines").slot == NIGHT
        assert slots.last_good(tx, "seal") is None
