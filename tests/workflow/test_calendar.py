"""Working days, against a count that knows nothing of ours: chinesecalendar's own yes or no, day by day."""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.calendar import Calendar, DayKind, china

DAY = timedelta(1)
#: A year as its notice left it, whatever later notices say.
YEAR_2026 = Calendar(
    off=frozenset({date(2026, 10, 7)}),
    worked=frozenset(),
    known_from=date(2026, 1, 1),
    known_to=date(2026, 12, 31),
    firm_until=date(2026, 12, 20),
    version="2026",
)

any_day = st.dates(date(1900, 1, 1), date(2200, 12, 31))
some_days = st.integers(1, 400)


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def walk(calendar: Calendar, start: date, count: int) -> date:
    """The count-th working day after start, one day at a time."""
    while count:
        start += DAY
        count -= calendar.works(start)
    return start


def mondays_to_fridays(start: date, count: int) -> date:
    while count:
        start += DAY
        count -= start.weekday() < 5
    return start


def notice(calendar: Calendar, off: set[date], worked: set[date]) -> Calendar:
    return Calendar(
        off=(calendar.off - worked) | off,
        worked=(calendar.worked - off) | worked,
        known_from=calendar.known_from,
        known_to=date(2027, 12, 31),
        firm_until=date(2027, 12, 20),
        version=f"{calendar.version} + notice 2027",
    )


# -- against the source ------------------------------------------------------------------------------------------------


def test_every_known_day_is_worked_or_not_as_the_notices_say():
    calendar = china()
    assert [day for day in days(calendar.known_from, calendar.known_to) if calendar.works(day) != chinese_calendar.is_workday(day)] == []  # fmt: skip


def test_sixty_working_days_from_every_day_of_2019_to_2026_are_counted_as_one_would_on_paper():
    calendar = china()
    worked = [day for day in days(date(2019, 1, 1), date(2026, 12, 31)) if chinese_calendar.is_workday(day)]
    following = 0
    for start in days(date(2019, 1, 1), worked[-61]):
        following += worked[following] <= start
        for count, day in enumerate(worked[following : following + 60], 1):
            assert calendar.add_working_days(start, count) == day
            assert calendar.working_days_between(start, day) == count


def test_counting_monday_to_friday_is_wrong_for_131_of_the_start_days_of_2024():
    starts = list(days(date(2024, 1, 1), date(2024, 12, 31)))
    wrong = [start for start in starts if china().add_working_days(start, 10) != mondays_to_fridays(start, 10)]
    assert (len(wrong), len(starts)) == (131, 366)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2024, 2, 9), DayKind.working),  # the eve of the Spring Festival was not off that year
        (date(2024, 2, 10), DayKind.holiday),  # a Saturday, and the festival itself
        (date(2024, 2, 12), DayKind.holiday),  # a Monday
        (date(2024, 2, 18), DayKind.moved),  # a Sunday worked for it
        (date(2024, 2, 24), DayKind.weekend),
        (date(1999, 10, 1), DayKind.working),  # no notice known: a Friday
        (date(2040, 10, 6), DayKind.weekend),
        (date(2040, 10, 1), DayKind.working),  # no notice known: a Monday
    ],
)
def test_a_day_says_what_kind_it_is(day, kind):
    assert china().why(day) is kind
    assert china().works(day) is kind.works


def test_the_version_names_the_source_and_its_release():
    assert china().version.startswith("chinesecalendar ")


# -- what is firm ------------------------------------------------------------------------------------------------------


def test_the_last_known_year_is_firm_until_20_december():
    calendar = china()
    year = calendar.known_to.year
    assert calendar.firm_until == date(year, 12, 20)
    assert calendar.is_firm(date(year, 12, 20))
    assert not calendar.is_firm(date(year, 12, 21))
    assert calendar.is_known(date(year, 12, 21))
    assert not calendar.is_known(date(year + 1, 1, 1))


def test_before_the_first_notice_nothing_is_firm():
    assert china().is_firm(date(2004, 1, 1))
    assert not china().is_firm(date(2003, 12, 31))


def test_a_notice_moves_late_december_days_and_makes_the_year_firm():
    before = YEAR_2026
    day_off, day_worked = date(2026, 12, 31), date(2026, 12, 27)
    after = notice(before, {day_off}, {day_worked})
    assert before.why(day_off) is DayKind.working
    assert after.why(day_off) is DayKind.holiday
    assert after.why(day_worked) is DayKind.moved
    assert not before.is_firm(day_off)
    assert after.is_firm(day_off)
    assert before.add_working_days(date(2026, 12, 25), 4) == date(2026, 12, 31)
    assert after.add_working_days(date(2026, 12, 25), 4) == date(2026, 12, 30)


def test_a_notice_may_take_back_what_an_earlier_one_said():
    calendar = notice(YEAR_2026, off=set(), worked={date(2026, 10, 7)})
    assert calendar.why(date(2026, 10, 7)) is DayKind.working


def test_a_day_cannot_be_both_off_and_worked():
    both = frozenset({date(2026, 5, 9)})
    with pytest.raises(ValueError, match="2026-05-09"):
        Calendar(both, both, date(2026, 1, 1), date(2026, 12, 31), date(2026, 12, 20), "wrong")


# -- counting, anywhere ------------------------------------------------------------------------------------------------


@given(any_day, some_days)
def test_adding_agrees_with_walking(start, count):
    assert china().add_working_days(start, count) == walk(china(), start, count)


@given(any_day, some_days)
def test_adding_and_counting_undo_each_other(start, count):
    day = china().add_working_days(start, count)
    assert china().works(day)
    assert china().working_days_between(start, day) == count
    assert china().working_days_between(start, day - DAY) == count - 1


@given(any_day, any_day, any_day)
def test_counts_of_adjoining_spans_add_up(one, two, three):
    first, second, third = sorted((one, two, three))
    between = china().working_days_between
    assert between(first, second) + between(second, third) == between(first, third)


@given(any_day, any_day)
def test_a_span_that_runs_backwards_has_no_working_days(one, two):
    assert china().working_days_between(max(one, two), min(one, two)) == 0


@given(any_day, any_day, some_days)
def test_a_later_start_never_ends_earlier(one, two, count):
    ends = [china().add_working_days(start, count) for start in sorted((one, two))]
    assert ends == sorted(ends)


@given(any_day)
def test_the_next_working_day_is_the_day_itself_or_the_first_worked_one_after_it(day):
    following = china().next_working_day(day)
    assert china().works(following)
    assert not any(china().works(skipped) for skipped in days(day, following - DAY))


@given(st.frozensets(st.dates(date(2030, 1, 1), date(2030, 3, 31)), max_size=90), st.integers(1, 30))
def test_however_many_days_are_off_the_count_holds(off, count):
    calendar = Calendar(off, frozenset(), date(2030, 1, 1), date(2030, 12, 31), date(2030, 12, 20), "made up")
    start = date(2029, 12, 28)
    assert calendar.add_working_days(start, count) == walk(calendar, start, count)


@pytest.mark.parametrize("count", [0, -1])
def test_no_working_days_cannot_be_added(count):
    with pytest.raises(ValueError, match="at least one"):
        china().add_working_days(date(2026, 1, 5), count)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_date_there_is_are_days_like_others(day):
    assert china().works(day) is (day.weekday() < 5)
    assert china().working_days_between(date.min, day) >= 0


def test_past_the_last_date_there_is_nothing_can_be_added():
    with pytest.raises(OverflowError):
        china().add_working_days(date.max, 1)
