"""Working days, against a count that knows nothing of ours: chinesecalendar's own yes or no, day by day."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.calendar import Calendar, DayKind, Notice, china, with_notices
from workflow.errors import BadInput
from workflow.holidays import LONGEST, parse

ROOT = Path(__file__).parent.parent.parent
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


def is_worked_by_itself(day: date) -> bool:
    """What chinesecalendar says of a day by itself; Monday to Friday where it knows no notice."""
    known = china().known_from <= day <= china().known_to
    return chinese_calendar.is_workday(day) if known else day.weekday() < 5


def notice_of(year: int, off: Iterable[date], worked: Iterable[date] = ()) -> Notice:
    return Notice(f"notice of {year}", date(year - 1, 11, 5), year, frozenset(off), frozenset(worked))


def notice(calendar: Calendar, off: set[date], worked: set[date]) -> Calendar:
    return with_notices(calendar, [notice_of(2027, off, worked)], f"{calendar.version} + notice 2027")


# -- against the source ------------------------------------------------------------------------------------------------


def test_every_known_day_is_worked_or_not_as_the_notices_say():
    calendar = china()
    assert [day for day in days(calendar.known_from, calendar.known_to) if calendar.works(day) != chinese_calendar.is_workday(day)] == []  # fmt: skip


def test_sixty_working_days_from_every_day_of_2019_to_2026_are_counted_as_one_would_on_paper():
    calendar = china()
    worked = [day for day in days(date(2019, 1, 1), date(2027, 6, 30)) if is_worked_by_itself(day)]
    following = 0
    for start in days(date(2019, 1, 1), date(2026, 12, 31)):
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


def test_another_notice_for_a_year_takes_back_what_the_first_one_said():
    amended = with_notices(YEAR_2026, [notice_of(2026, {date(2026, 10, 8)})], "amended")
    assert amended.why(date(2026, 10, 7)) is DayKind.working
    assert amended.why(date(2026, 10, 8)) is DayKind.holiday
    assert amended.firm_until == YEAR_2026.firm_until


def test_an_amended_notice_leaves_alone_what_the_next_one_moved_in_late_december():
    new_years_eve, national_day = date(2026, 12, 31), date(2026, 10, 1)
    notices = [notice_of(2027, {new_years_eve}), notice_of(2026, {national_day})]
    for order in (notices, notices[::-1]):
        assert with_notices(YEAR_2026, order, "both").off == {new_years_eve, national_day}
    known = china().known_to.year
    late = {day for day in china().off if (day.month, day.day) > (12, 20) and day.year < known}
    assert late, "no notice moved a day of late December: this test tests nothing"
    for day in late:
        amended = with_notices(china(), [notice_of(day.year, {date(day.year, 10, 1)})], "amended")
        assert amended.why(day) is DayKind.holiday


def test_a_holiday_calendar_that_guessed():
    """Beyond the last notice nothing is made up – no festival, no moved weekend – and nothing is called firm.

    Libraries fill in festivals by rule, or repeat last year's moved days: a deadline then falls on a day that nobody
    announced. Here those days are plain weekdays, said to be provisional, until the notice is in.
    """
    calendar = china()
    beyond = list(days(calendar.known_to + DAY, calendar.known_to + 3 * 365 * DAY))
    assert {calendar.why(day) for day in beyond} == {DayKind.working, DayKind.weekend}
    assert not any(calendar.is_firm(day) or calendar.is_known(day) for day in beyond)
    late = list(days(calendar.firm_until + DAY, calendar.known_to))
    assert len(late) == 11
    assert not any(calendar.is_firm(day) for day in late)


def test_a_notice_after_a_gap_counts_and_makes_nothing_firm():
    gapped = with_notices(YEAR_2026, [notice_of(2028, {date(2028, 1, 3)})], "gap")
    assert gapped.why(date(2028, 1, 3)) is DayKind.holiday
    assert gapped.firm_until == YEAR_2026.firm_until
    assert not gapped.is_firm(date(2028, 1, 3))


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


# -- a notice as a file ------------------------------------------------------------------------------------------------

NOTICE = """
document = "国办发明电〔2026〕7号"
published = 2026-11-05
year = 2027
off = [
  { from = 2027-01-01, to = 2027-01-03, name = "元旦" },
  2027-04-05,
]
worked = [2026-12-27, 2027-02-14]
"""


def test_a_notice_is_read():
    read = parse("\ufeff" + NOTICE)
    assert (read.document, read.published, read.year) == ("国办发明电〔2026〕7号", date(2026, 11, 5), 2027)
    assert read.off == {date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3), date(2027, 4, 5)}
    assert read.worked == {date(2026, 12, 27), date(2027, 2, 14)}


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_notice_in_the_readme_is_one(readme):
    shown = (ROOT / readme).read_text(encoding="utf-8").partition("```toml\n# 2027")[2].partition("```")[0]
    assert parse("#" + shown, readme).year == 2027


def test_a_range_may_also_be_a_table_of_its_own():
    head, _, _ = NOTICE.partition("off = [")
    assert parse(head + "[[off]]\nfrom = 2027-01-01\nto = 2027-01-02").off == {date(2027, 1, 1), date(2027, 1, 2)}


@pytest.mark.parametrize(
    ("was", "instead", "told"),
    [
        ("year = 2027", "year = 2027\nyaer = 1", ["line 5, yaer", "did you mean year"]),
        ("year = 2027", "year = 1999", ["line 4, year", "2004 to 2199"]),
        ("year = 2027", "year = true", ["line 4, year"]),
        ("year = 2027", 'year = "2027"', ["line 4, year"]),
        ("year = 2027", "", ["year: is missing"]),
        ('document = "国办发明电〔2026〕7号"', 'document = " "', ["line 2, document"]),
        ('document = "国办发明电〔2026〕7号"', 'document = "a\\nb"', ["line 2, document"]),
        ("2026-11-05", "2025-11-05", ["line 3, published", "2027"]),
        ("2026-11-05", "2026-11-05T10:00:00", ["line 3, published", "must be a date"]),
        ("2026-11-05", "2026-11-31", ["line 3", "Invalid date"]),
        ("  2027-04-05,", "  2027-02-14,", ["worked.2", "2027-02-14 is also among the days off"]),
        ("  2027-04-05,", "  2027-01-03,", ["line 7, off.2", "twice"]),
        ("  2027-04-05,", '  "2027-04-05",', ["line 7, off.2", "without quotes"]),
        ("  2027-04-05,", "  2028-01-01,", ["line 7, off.2", "2026-12-21 to 2027-12-31"]),
        ("  2027-04-05,", "  2026-12-20,", ["line 7, off.2", "2026-12-21"]),
        ("2027-02-14]", "2027-02-15]", ["line 9, worked.2", "Saturdays and Sundays"]),
        ("to = 2027-01-03", "to = 2026-12-31", ["line 6, off.1", "before it begins"]),
        ("to = 2027-01-03", "to = 2027-10-03", ["line 6, off.1", str(LONGEST)]),
        (", to = 2027-01-03", "", ["line 6, off.1.to", "missing"]),
        ('name = "元旦"', 'nam = "元旦"', ["line 6, off.1.nam", "did you mean name"]),
        ('name = "元旦"', "name = 3", ["line 6, off.1.name"]),
        ("year = 2027", "year = ", ["line 4"]),
        ("worked = [", "worked = 3 #", ["line 9, worked", "list"]),
    ],
)  # fmt: skip
def test_a_mistake_in_a_notice_is_named_by_line_and_key(was, instead, told):
    assert was in NOTICE
    with pytest.raises(BadInput) as caught:
        parse(NOTICE.replace(was, instead), "2027.toml")
    said = str(caught.value)
    assert said.startswith("2027.toml cannot be used as a holiday notice: ")
    assert [each for each in told if each not in said] == [], said


@pytest.mark.parametrize("text", ["", "off = []", "x" * 100_000, "off = [" * 5000, "a = " + "9" * 5000, "year = 99999-01-01", "off = [[]]\n[worked]"])  # fmt: skip
def test_nothing_that_is_no_notice_is_taken_for_one(text):
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert len(str(caught.value)) < 2000


@given(st.text(max_size=200))
def test_any_text_is_a_notice_or_refused(text):
    with pytest.raises(BadInput):
        parse(text)
