"""The service and its jobs: every slot once, missed nights made up for once, and a gentle end."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

import cases.tables as t
from cases import slots
from cases.clockwork import Tally
from cases.slots import Slot
from cases.store import Store
from schedules import jobs, nodes
from schedules.jobs import Occasion, run_once, status
from schedules.service import Service, stopped_by_signals
from schedules.timetable import slot_at
from tests.cases.ledgers import Ledger
from tests.schedules.nights import climbs, holds, levels, night, rectify, rows_of
from workflow.errors import StoreError
from workflow.policy import default_text
from workflow.words import Sentence

DEAD = f"{socket.gethostname()}:99999999"


def held(ledger: Ledger, now: datetime, node: str) -> None:
    """Let a node claim the slot that `now` is in, and never finish."""
    slot = Slot("deadlines", slot_at("deadlines", now, ledger.policy), node)
    slots.claim(ledger.store, slot, now=now, until=now + timedelta(minutes=15))


def of(ledger: Ledger, job: str) -> list[Any]:
    return [row for row in rows_of(ledger, t.runs) if row.job == job]


def test_a_run_says_what_it_came_to_and_leaves_a_row(ledger: Ledger) -> None:
    ledger.find(3, grade="major")
    report = run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1").document
    assert list(report) == ["job", "slot", "looked_at", "moved", "notices", "skipped", "errors", "seconds"]
    assert (report["job"], report["slot"]) == ("deadlines", "2026-03-06T02:00:00+08:00")
    assert (report["looked_at"], report["moved"], report["notices"], report["skipped"]) == (3, 3, 3, 0)
    row = of(ledger, "deadlines")[0]
    assert (row.slot, row.moved, row.ok) == (night(ledger, 4), 3, True)


def test_the_same_slot_by_hand_sweeps_again(ledger: Ledger) -> None:
    """`schedule once` always sweeps: what became due meanwhile is not left for the night."""
    run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1")
    ledger.find(grade="major")
    assert run_once(ledger.store, "deadlines", night(ledger, 4), node="a:2").moved == 1


def test_a_second_one_of_the_same_slot_at_the_same_time_is_skipped(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    held(ledger, night(ledger, 4), "elsewhere:1")
    report = run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1")
    assert report.is_skipped
    assert (report.moved, report.skipped) == (0, 1)
    assert climbs(ledger, case) == []


def test_what_a_dead_process_of_this_host_left_is_taken_over_at_once(ledger: Ledger) -> None:
    ledger.find(grade="major")
    held(ledger, night(ledger, 4), DEAD)
    assert run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1").moved == 1


def test_a_lease_that_ran_out_is_taken_over(ledger: Ledger) -> None:
    ledger.find(grade="major")
    held(ledger, night(ledger, 4), "elsewhere:1")
    late = night(ledger, 4) + timedelta(minutes=16)
    assert run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1", recorded_at=late).moved == 1


def test_whoever_is_relieved_in_the_middle_writes_no_more(ledger: Ledger) -> None:
    """The batch in which the lease was found lost is not written."""
    ledger.find(4, grade="major")

    def relieve() -> bool:
        with ledger.store.begin() as tx:
            tx.run(update(t.runs).values(node="elsewhere:1"))
        return False

    report = run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1", batch=2, is_stopped=relieve)
    assert report.is_skipped
    assert rows_of(ledger, t.rungs) == []
    assert of(ledger, "deadlines")[0].node == "elsewhere:1"


def test_a_run_that_fails_leaves_its_slot_free(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(store: Store, run: Occasion) -> Tally:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(jobs, "_work", lambda _: fail)
        with pytest.raises(ZeroDivisionError):
            run_once(ledger.store, "deadlines", night(ledger, 4), node="elsewhere:1")
    assert run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1").skipped == 0


def test_a_rehearsal_leaves_nothing_at_all(ledger: Ledger) -> None:
    ledger.find(3, grade="major")
    report = run_once(ledger.store, "deadlines", night(ledger, 40), node="a:1", dry_run=True)
    assert (report.moved, rows_of(ledger, t.rungs), rows_of(ledger, t.runs)) == (3, [], [])


def test_the_seal_seals_once(ledger: Ledger) -> None:
    ledger.find(3)
    now = night(ledger, 4)
    assert run_once(ledger.store, "seal", now, node="a:1", dry_run=True).looked_at == 3
    assert rows_of(ledger, t.seals) == []
    assert [run_once(ledger.store, "seal", now, node="a:1").looked_at for _ in range(2)] == [3, 0]
    assert holds(ledger)


def test_status_tells_the_last_good_run_and_the_next(ledger: Ledger) -> None:
    run_once(ledger.store, "deadlines", night(ledger, 4), node="a:1")
    held(ledger, ledger.at(4, hour=6), "elsewhere:1")
    deadlines, _, _, seal = status(ledger.store, ledger.at(4, hour=6))
    assert (deadlines["state"], seal["state"]) == ("running", "never_run")
    assert deadlines["last_good"] == "2026-03-06T02:00:00+08:00"
    assert deadlines["last"]["slot"] == "2026-03-06T06:00:00+08:00"
    assert deadlines["next"] == "2026-03-06T06:15:00+08:00"
    assert deadlines["missed"] == 1
    later = status(ledger.store, ledger.at(5, hour=6))[0]
    assert later["state"] == "interrupted"


# -- the service -------------------------------------------------------------------------------------------------------


def test_a_slot_is_served_once(ledger: Ledger) -> None:
    ledger.find(grade="major")
    service = Service(ledger.store, node="a:1", now=lambda: night(ledger, 4))
    service.tick("deadlines")
    before = of(ledger, "deadlines")
    service.tick("deadlines")
    Service(ledger.store, node="b:1", now=lambda: night(ledger, 4)).tick("deadlines")
    assert of(ledger, "deadlines") == before


def test_missed_nights_are_made_up_for_once(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """Five nights down, one run; it takes what was missed in one step and says how much that was."""
    case = ledger.find(grade="major")[0]
    Service(ledger.store, node="a:1", now=lambda: night(ledger, 4)).tick("deadlines")
    with caplog.at_level(logging.WARNING):
        Service(ledger.store, node="a:2", now=lambda: ledger.at(9, hour=1)).tick("deadlines")
    assert levels(ledger, case) == [[1], [2]]
    assert [row.slot for row in of(ledger, "deadlines")] == [night(ledger, 4), ledger.at(8, hour=23.75)]
    assert "slots were missed" in caplog.text


def test_a_clock_set_back_fires_nothing_twice(ledger: Ledger) -> None:
    ledger.find(grade="major")
    for now in (night(ledger, 4), night(ledger, 4) - timedelta(hours=1), night(ledger, 4)):
        Service(ledger.store, node="a:1", now=lambda now=now: now).tick("deadlines")
    assert len(rows_of(ledger, t.rungs)) == 1


def test_what_fails_is_told_and_does_not_end_the_service(ledger: Ledger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def fail(*_: Any, **__: Any) -> Any:
        raise StoreError(Sentence("out of reach"))

    monkeypatch.setattr("schedules.service.run_once", fail)
    service = Service(ledger.store, node="a:1", now=lambda: night(ledger, 4))
    service.tick("deadlines")
    assert "out of reach" in caplog.text


def test_a_service_serves_what_is_at_hand_and_leaves_when_told(ledger: Ledger) -> None:
    ledger.find(grade="major")
    service = Service(ledger.store, node="a:1", now=lambda: night(ledger, 4))
    serving = threading.Thread(target=service.serve)
    serving.start()
    deadline = threading.Event()
    for _ in range(200):
        if len([row for row in rows_of(ledger, t.runs) if row.ok]) == 4:
            break
        deadline.wait(0.05)
    service.stop()
    serving.join(timeout=20)
    assert not serving.is_alive()
    assert {row.job for row in rows_of(ledger, t.runs)} == {"deadlines", "digest", "outbox", "seal"}
    assert len(rows_of(ledger, t.rungs)) == 1


def test_a_signal_stops_it(ledger: Ledger) -> None:
    service = Service(ledger.store, node="a:1", now=lambda: night(ledger, 4))
    with stopped_by_signals(service):
        os.kill(os.getpid(), signal.SIGTERM)
        service.serve()


def test_sigterm_in_the_middle_finishes_the_batch_and_leaves_with_0(ledger: Ledger) -> None:
    """What is left is free at once, and the next service goes on with it."""
    ledger.find(400, grade="major")
    with ledger.store.begin() as tx:
        small = ledger_policy_with_batch(5)
        tx.add(t.policies, version=2, loaded_at=ledger.at(0), loaded_by=None, text=small)
    service = rectify(ledger, "schedule", "run")
    assert service.stderr
    while not rows_of(ledger, t.rungs):
        assert service.poll() is None, service.communicate()
    service.send_signal(signal.SIGTERM)
    _, told = service.communicate(timeout=30)
    assert service.returncode == 0, told
    assert holds(ledger)
    moved = len({row.subject_id for row in rows_of(ledger, t.rungs)})
    assert moved % 5 == 0
    unfinished = [row for row in of(ledger, "deadlines") if row.finished_at is None]
    assert bool(unfinished) == (moved < 400)
    report = run_once(ledger.store, "deadlines", datetime.now(night(ledger, 4).tzinfo), node="elsewhere:1")
    assert report.moved == 400 - moved


def ledger_policy_with_batch(size: int) -> str:
    return default_text().replace("batch = 1000", f"batch = {size}")


# -- nodes -------------------------------------------------------------------------------------------------------------


def test_only_processes_of_this_host_that_are_no_more_are_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert nodes.is_gone(f"{socket.gethostname()}:{ended.pid}")
    assert not nodes.is_gone(nodes.this_node())
    assert not nodes.is_gone(f"{socket.gethostname()}:1")
    assert not nodes.is_gone("elsewhere:99999999")
    assert not nodes.is_gone("a name without a number")
