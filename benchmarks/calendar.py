"""Counting working days: the 15th one after each day of three years, with the yearly notices of two decades known."""

from datetime import date, timedelta
from statistics import median

from benchmarks.measuring import Line, seconds
from workflow.calendar import Calendar, china

ROUNDS = 15
DAYS = 15
LIMIT = 20e-6

_STARTS = [date(2024, 1, 1) + timedelta(number) for number in range(3 * 365)]


def _count(calendar: Calendar) -> None:
    for start in _STARTS:
        calendar.add_working_days(start, DAYS)


def measure() -> list[Line]:
    calendar = china()
    _count(calendar)
    each = median(seconds(lambda: _count(calendar)) for _ in range(ROUNDS)) / len(_STARTS)
    return [Line(f"adding {DAYS} working days", f"{each * 1e6:.1f} µs", f"≤ {LIMIT * 1e6:.0f} µs", each <= LIMIT)]
