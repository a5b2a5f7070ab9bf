"""The machine's clock is set, by an hour or a year, forward or back: it is told, nothing is fired twice, nothing stops."""

import json
import logging
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

import cases.tables as t
from cases import slots
from cases.questions.health import doctor
from cases.slots import Slot
from schedules.logs import JsonLines
from schedules.service import Service
from schedules.timetable import slot_at
from tests.cases.ledgers import Ledger
from tests.schedules.nights import holds, night, rows_of

HOUR, YEAR = timedelta(hours=1), timedelta(365)


class Hands:
    """A clock whose hands are moved, and the seconds that pass whatever they say."""

    def __init__(self, at: datetime) -> None:
        self.at, self.seconds = at, 0.0

    def now(self) -> datetime:
        return self.at

    def passed(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


def service_of(ledger: Ledger, hands: Hands) -> Service:
    return Service(ledger.store, node="a:1", now=hands.now, passed=hands.passed)


def until(is_so: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(is_so() or pause.wait(0.05) for _ in range(400))


@pytest.mark.parametrize(("jump", "said"), [
    (HOUR, "forward by 1:00:00"), (-HOUR, "back by 1:00:00"),
    (YEAR, "forward by 365 days"), (-YEAR, "back by 365 days"),
])  # fmt: skip
def test_a_jump_is_reported(ledger: Ledger, caplog: pytest.LogCaptureFixture, jump: timedelta, said: str) -> None:
    hands = Hands(night(ledger, 4))
    service = service_of(ledger, hands)
    hands.wait(300)
    hands.at += jump
    service.watch()
    assert said in caplog.text
    caplog.clear()
    hands.wait(300)
    service.watch()
    assert caplog.text == "", "a jump is told once"


def test_a_clock_that_is_a_little_off_is_no_jump(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    hands = Hands(night(ledger, 4))
    service = service_of(ledger, hands)
    for _ in range(10):
        hands.wait(300)
        hands.at += timedelta(seconds=20)
        service.watch()
    assert caplog.text == ""


@pytest.mark.parametrize("jumps", [(HOUR, -HOUR), (YEAR, -YEAR)])
def test_a_serving_clock_is_set_to_and_fro(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, jumps: tuple[timedelta, ...]
) -> None:
    """Every slot the hands stand in is served, also after they were set back; every rung is there once."""
    monkeypatch.setattr("schedules.service._WATCH", 0.02)
    ledger.find(grade="major", days=-800)
    hands = Hands(night(ledger, -790))  # APScheduler itself goes by the real clock: all this lies behind it
    service = service_of(ledger, hands)
    serving = threading.Thread(target=service.serve)
    serving.start()

    def is_served() -> bool:
        slot = slot_at("deadlines", hands.at, ledger.policy)
        return any(row.job == "deadlines" and row.slot == slot and row.ok for row in rows_of(ledger, t.runs))

    try:
        assert until(is_served)
        for jump in jumps:
            hands.at += jump
            assert until(is_served), "the service went on by the new time"
    finally:
        service.stop()
        serving.join(timeout=20)
    taken = [(row.subject_id, row.level) for row in rows_of(ledger, t.rungs)]
    assert len(taken) == len(set(taken))
    runs = [(row.job, row.slot) for row in rows_of(ledger, t.runs)]
    assert len(runs) == len(set(runs))
    assert holds(ledger)


def test_a_run_of_the_future_does_not_vouch_for_the_present(ledger: Ledger) -> None:
    """Nothing has run for 30 hours; a year ago the clock stood a year ahead for a while."""
    ledger.find()
    Service(ledger.store, node="a:1", now=lambda: night(ledger, 4) + YEAR).tick("deadlines")
    with ledger.asking("Sun", 5) as asking:
        found = next(each for each in doctor(asking) if each["check"] == "job deadlines")
    assert found["ok"] is False


def test_what_a_frozen_node_holds_is_taken_over_when_its_lease_is_out(ledger: Ledger) -> None:
    """The other service comes back for it then, and not with the next slot only."""
    ledger.find(grade="major")
    now = night(ledger, 4)
    slot = Slot("deadlines", slot_at("deadlines", now, ledger.policy), "elsewhere:1")
    slots.claim(ledger.store, slot, now=now, until=now + timedelta(minutes=15))
    hands = Hands(now)
    service = service_of(ledger, hands)
    service.tick("deadlines")
    again = next(job for job in service.waiting if job.id == "deadlines again")
    assert again.trigger.run_date == now + timedelta(minutes=15, seconds=1)
    assert rows_of(ledger, t.rungs) == []
    hands.wait(15 * 60 + 1)
    service.tick("deadlines")
    assert len(rows_of(ledger, t.rungs)) == 1


def test_a_dead_lease_does_not_bring_a_service_back_for_ever(ledger: Ledger) -> None:
    now = night(ledger, 4)
    service = service_of(ledger, Hands(now))
    service.tick("deadlines")
    service.tick("deadlines")
    assert service.waiting == []
    with ledger.store.begin() as tx:
        tx.run(update(t.runs).values(finished_at=None))
    service.tick("deadlines")
    assert service.waiting == []


def test_the_log_as_json_is_an_object_a_line() -> None:
    made = logging.getLogger("rectify.test").makeRecord(
        "rectify.schedule",
        logging.INFO,
        "f",
        1,
        "%s of 周一",
        ("deadlines",),
        None,
        extra={"job": "deadlines", "moved": 3},
    )
    told = json.loads(JsonLines().format(made))
    assert (told["message"], told["level"], told["job"], told["moved"]) == ("deadlines of 周一", "info", "deadlines", 3)
    assert set(told) == {"at", "level", "logger", "message", "job", "moved"}


def test_an_error_has_its_traceback_on_the_same_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        made = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    line = JsonLines().format(made)
    assert "\n" not in line
    assert "ValueError: broken" in json.loads(line)["error"]
