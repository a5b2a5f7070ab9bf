"""The timetable: which job when, in the policy's zone whatever the host's is."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from schedules.timetable import JOBS, missed, next_slot, slot_at, slots_between
from workflow.policy import default, default_text, parse

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = default()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def test_the_night_is_at_the_policys_hour_and_the_day_is_checked_every_quarter() -> None:
    day = [f"{slot.astimezone(SHANGHAI):%H:%M}" for slot in slots_between("deadlines", local("2026-03-01 23:50"), local("2026-03-02 23:50"), POLICY)]  # fmt: skip
    assert day[:3] == ["02:00", "06:00", "06:15"]
    assert day[-1] == "23:45"
    assert len(day) == 1 + 18 * 4


def test_the_seal_is_at_three() -> None:
    assert next_slot("seal", local("2026-03-02 03:00"), POLICY) == local("2026-03-03 03:00")
    assert slot_at("seal", local("2026-03-02 03:00"), POLICY) == local("2026-03-02 03:00")


def test_people_are_told_at_seven_and_at_one_and_what_is_made_leaves_a_minute_later() -> None:
    day = (local("2026-03-01 23:59"), local("2026-03-02 23:59"))
    digests = list(slots_between("digest", *day, POLICY))
    assert [f"{slot.astimezone(SHANGHAI):%H:%M}" for slot in digests] == ["07:00", "13:00"]
    sends = list(slots_between("outbox", *day, POLICY))
    assert len(sends) == 24 * 12
    assert {slot + timedelta(minutes=1) for slot in digests} <= set(sends)


def test_another_hour_in_the_policy_is_another_slot() -> None:
    policy = parse(default_text().replace('nightly_at = "02:00"', 'nightly_at = "04:30"'))
    assert slot_at("deadlines", local("2026-03-02 05:00"), policy) == local("2026-03-02 04:30")


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "UTC"])
def test_there_is_a_slot_at_every_time_of_the_year(job: str, zone: str) -> None:
    """Also in zones that change their clocks."""
    policy = parse(default_text().replace('timezone = "Asia/Shanghai"', f'timezone = "{zone}"'))
    for days in range(0, 365, 3):
        now = datetime(2026, 1, 1, 0, 30, tzinfo=UTC) + timedelta(days=days)
        assert slot_at(job, now, policy) <= now < next_slot(job, now, policy)


def test_slots_rise_and_are_utc() -> None:
    found = list(slots_between("deadlines", local("2026-03-01 00:00"), local("2026-03-04 00:00"), POLICY))
    assert all(before < after for before, after in pairwise(found))
    assert {slot.tzinfo for slot in found} == {UTC}


def test_missed_slots_are_those_after_the_last_run() -> None:
    last = local("2026-03-02 03:00")
    assert missed("seal", last, local("2026-03-07 04:00"), POLICY) == [
        local(f"2026-03-0{day} 03:00") for day in range(3, 8)
    ]
    assert missed("seal", last, local("2026-03-02 23:00"), POLICY) == []


def test_years_of_missed_slots_are_not_listed() -> None:
    assert len(missed("seal", local("2020-01-01 03:00"), local("2026-03-07 04:00"), POLICY)) == 31
