"""China's working days: which days are worked, how to count them, and until when that is known.

Weekends moved to work 调休 count, holidays do not; both come from the State Council's yearly notice. Where no notice is
known only weekends are off. No clock here, and no deadlines: they ask this module. How a notice is written down belongs
to `holidays`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final

#: The years that are shown and that a notice can be loaded for: before the first none is known.
FIRST_YEAR: Final = 2004
LAST_YEAR: Final = 2199
#: Until then, in month and day, the next year's notice moves nothing.
LATE_DECEMBER: Final = (12, 20)


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
class Notice:
    """What one yearly notice says: the days off and the weekend days worked of its year, and of the days just before."""

    document: str  #: its number: 国办发明电〔2025〕7号
    published: date
    year: int
    off: frozenset[date]
    worked: frozenset[date]


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
        object.__setattr__(self, "_off", sorted(day.toordinal() for day in self.off if not is_weekend(day)))
        object.__setattr__(self, "_worked", sorted(day.toordinal() for day in self.worked if is_weekend(day)))

    def why(self, day: date) -> DayKind:
        """Return what kind of day this is."""
        if day in self.off:
            return DayKind.holiday
        if not is_weekend(day):
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
        since = start.toordinal()
        wanted = self._worked_through(since) + days
        # Sooner than so many natural days it cannot be, and rarely two weeks later than Monday to Friday would give.
        first, last = since + days, since + days // 5 * 7 + 14
        while self._worked_through(last) < wanted:
            first, last = last + 1, last + 60
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
        firm_until=date(last, *LATE_DECEMBER),
        version=f"chinesecalendar {version('chinesecalendar')}",
    )


def with_notices(base: Calendar, notices: Iterable[Notice], version: str) -> Calendar:
    """Return a calendar with these notices on top, at most one a year; `version` says what it comes from.

    A notice says the whole of its year, and may move days after 20 December of the year before. Known and firm are the
    years without a gap: a notice whose year before is unknown is counted with, but nothing that rests on it is firm.
    """
    off, worked, last = set(base.off), set(base.worked), base.known_to.year
    for notice in sorted(notices, key=lambda each: each.year):
        first, until = date(notice.year, 1, 1), date(notice.year, 12, 31)
        if notice.year < base.known_to.year:
            until = date(notice.year, *LATE_DECEMBER)  # of the days after it the base knows what the next notice said
        off = {day for day in off if not first <= day <= until} - notice.worked | notice.off
        worked = {day for day in worked if not first <= day <= until} - notice.off | notice.worked
        last += notice.year == last + 1
    return Calendar(
        off=frozenset(off),
        worked=frozenset(worked),
        known_from=base.known_from,
        known_to=date(last, 12, 31),
        firm_until=date(last, *LATE_DECEMBER),
        version=version,
    )


def is_weekend(day: date) -> bool:
    """Tell whether the day is a Saturday or a Sunday."""
    return day.weekday() >= 5
