"""China's working days: which days are worked, how to count them, and until when that is known.

Weekends moved to work 调休 count, holidays do not; both come from the State Council's yearly notice. Where no notice is
known only weekends are off. No clock here, and no deadlines: they ask this module.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache


class DayKind(StrEnum):
    """Why a day counts, or does not."""

    working = "working day"
    weekend = "weekend"
    holiday = "holiday"
    moved = "moved working day"  #: a weekend day worked for a holiday elsewhere 调休

    @property
    def works(self) -> bool:
        """Whether a day of this kind counts as a working day."""
        return self in (DayKind.working, DayKind.moved)


@dataclass(frozen=True)
class Calendar:
    """The days off and the days worked that notices name, on top of plain weekends.

    It answers for every date there is, in any year. A loaded notice makes another calendar of the same kind, with
    more days, a later firm end and its own version. Raises ValueError for a day both off and worked.
    """

    off: frozenset[date]  #: days off by a notice, whatever their weekday
    worked: frozenset[date]  #: days worked by a notice, whatever their weekday
    known_from: date  #: first date that a notice covers
    known_to: date  #: last date that a notice covers
    firm_until: date  #: last date that the next notice can no longer change
    version: str  #: what the days come from, kept on every step
    _off: list[int] = field(init=False, repr=False, compare=False)
    _worked: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        both = sorted(self.off & self.worked)
        if both:
            raise ValueError(f"both off and worked: {both[0]}")
        object.__setattr__(self, "_off", sorted(day.toordinal() for day in self.off if not _is_weekend(day)))
        object.__setattr__(self, "_worked", sorted(day.toordinal() for day in self.worked if _is_weekend(day)))

    def why(self, day: date) -> DayKind:
        """Return what kind of day this is."""
        if day in self.off:
            return DayKind.holiday
        if not _is_weekend(day):
            return DayKind.working
        return DayKind.moved if day in self.worked else DayKind.weekend

    def works(self, day: date) -> bool:
        """Tell whether the day is worked; where no notice is known, whether it is Monday to Friday."""
        return self.why(day).works

    def is_known(self, day: date) -> bool:
        """Tell whether a notice covers the day; elsewhere only weekends are known to be off."""
        return self.known_from <= day <= self.known_to

    def is_firm(self, day: date) -> bool:
        """Tell whether the day's status is known and will stay; what rests on any other day is provisional."""
        return self.known_from <= day <= self.firm_until

    def working_days_between(self, after: date, until: date) -> int:
        """Count the working days after `after`, up to and including `until`; 0 when there are none."""
        if until <= after:
            return 0
        return self._worked_through(until.toordinal()) - self._worked_through(after.toordinal())

    def add_working_days(self, start: date, days: int) -> date:
        """Return the `days`-th working day after `start`, which itself does not count.

        Raises ValueError when `days` is below 1, OverflowError past the year 9999.
        """
        if days < 1:
            raise ValueError(f"at least one working day must be added, not {days}")
        first = start.toordinal() + 1
        # Even if every day off fell into it, this many days hold enough working ones.
        last = first + days // 5 * 7 + 7 + len(self._off) * 7 // 5 + 7
        wanted = self._worked_through(start.toordinal()) + days
        found = bisect_left(range(first, last), wanted, key=self._worked_through) + first
        if found > date.max.toordinal():
            raise OverflowError(f"{days} working days after {start} is beyond the last date there is")
        return date.fromordinal(found)

    def next_working_day(self, day: date) -> date:
        """Return the day itself when it is worked, else the first working day after it.

        Raises OverflowError past the year 9999.
        """
        return day if self.works(day) else self.add_working_days(day, 1)

    def _worked_through(self, ordinal: int) -> int:
        """Count the working days from the first day of the year 1, a Monday, through this one."""
        weekdays = ordinal // 7 * 5 + min(ordinal % 7, 5)
        return weekdays - bisect_right(self._off, ordinal) + bisect_right(self._worked, ordinal)


@cache
def china() -> Calendar:
    """Return the working days of mainland China, as far as chinesecalendar knows the notices.

    The notice for a year comes late in the year before and can still move days after 20 December (as in 2007, 2018,
    2022 and 2023), so the last year known is firm until then only.
    """
    from importlib.metadata import version

    from chinese_calendar import constants

    off, worked = frozenset(constants.holidays), frozenset(constants.workdays)
    first, last = min(off).year, max(off).year
    return Calendar(
        off=off,
        worked=worked,
        known_from=date(first, 1, 1),
        known_to=date(last, 12, 31),
        firm_until=date(last, 12, 20),
        version=f"chinesecalendar {version('chinesecalendar')}",
    )


def _is_weekend(day: date) -> bool:
    return day.weekday() >= 5
