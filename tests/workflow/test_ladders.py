"""Overdue cases climb: the default ladders night by night, missed nights, and never a silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.attempts import POLICY, Walk, days
from workflow.deadlines import local_date
from workflow.ladders import Rung, first_level, next_rung, reminded, reminders_left, rungs_due
from workflow.policy import Ladder
from workflow.policy import Rung as Line
from workflow.terms import Grade, Rank

LADDERS = {grade: POLICY.ladders.of(grade) for grade in Grade}


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Any ladder a policy may hold: days rise, ranks do not fall."""
    afters = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=5)))
    ranks = sorted(draw(st.lists(st.sampled_from(Rank), min_size=len(afters), max_size=len(afters))))
    rungs = tuple(Line(after=after, rank=rank) for after, rank in zip(afters, ranks, strict=True))
    return Ladder(rungs=rungs, repeat=draw(st.integers(1, 40)), source="test")


any_rank = st.sampled_from(Rank)
any_level = st.integers(0, 60)


def night_after_night(ladder: Ladder, charge: Rank, nights: int) -> list[tuple[int, Rung]]:
    """Every rung with the night it is taken on, when no night is missed."""
    taken, level = [], 0
    for night in range(1, nights + 1):
        for rung in rungs_due(ladder, charge, level, night):
            taken.append((night, rung))
            level = rung.level
    return taken


# -- the default ladders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "nights"),
    [
        (Grade.general, [(7, "township"), (20, "county"), (50, "county"), (80, "county")]),
        (Grade.larger, [(3, "township"), (10, "county"), (20, "city"), (34, "city"), (48, "city"), (62, "city"), (76, "city"), (90, "city")]),
        (Grade.major, [(1, "township"), (3, "county"), (7, "city"), *((night, "city") for night in range(14, 92, 7))]),
    ],
)  # fmt: skip
def test_night_after_night_the_domains_ranks_are_told(grade, nights):
    assert [(night, str(rung.rank)) for night, rung in night_after_night(LADDERS[grade], Rank.township, 91)] == nights


def test_nothing_is_due_before_the_first_rung():
    assert rungs_due(LADDERS[Grade.general], Rank.township, 0, 6) == []
    assert rungs_due(LADDERS[Grade.major], Rank.township, 0, 0) == []


def test_a_rung_taken_is_not_taken_again():
    assert rungs_due(LADDERS[Grade.major], Rank.township, 1, 1) == []
    assert rungs_due(LADDERS[Grade.major], Rank.township, 1, 2) == []


# -- who is in charge --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charge", "first"),
    [
        ("village", (1, "township")),
        ("township", (1, "township")),
        ("county", (3, "county")),
        ("city", (7, "city")),
        ("province", (7, "province")),
    ],
)
def test_rungs_below_the_rank_in_charge_are_skipped_but_the_last_never(charge, first):
    rung = next_rung(LADDERS[Grade.major], charge, 0)
    assert (rung.after, str(rung.rank)) == first


def test_skipped_rungs_leave_the_levels_of_the_others_as_they_are():
    assert [rung.level for rung in rungs_due(LADDERS[Grade.major], "county", 0, 7)] == [2, 3]


@given(ladders(), any_rank, any_level)
def test_nobody_below_the_rank_in_charge_is_told(ladder, charge, taken):
    assert next_rung(ladder, charge, taken).rank >= charge


# -- missed nights -----------------------------------------------------------------------------------------------------


def test_several_missed_rungs_are_taken_together_lowest_first():
    due = rungs_due(LADDERS[Grade.major], Rank.township, 0, 8)
    assert [(rung.level, str(rung.rank)) for rung in due] == [(1, "township"), (2, "county"), (3, "city")]
    assert not any(rung.repeats for rung in due)


def test_of_several_missed_repeats_only_the_latest_is_taken():
    due = rungs_due(LADDERS[Grade.major], Rank.township, 3, 7 + 7 * 5 + 3)
    assert due == [Rung(level=8, after=42, rank=Rank.city, repeats=True)]


def test_a_backlog_takes_each_rung_once_and_the_latest_repeat():
    due = rungs_due(LADDERS[Grade.general], Rank.township, 0, 365)
    assert [(rung.level, rung.after) for rung in due] == [(1, 7), (2, 20), (13, 350)]


@given(ladders(), any_rank, any_level, st.integers(0, 2000))
def test_what_is_due_has_come_and_what_follows_has_not(ladder, charge, taken, overdue):
    due = rungs_due(ladder, charge, taken, overdue)
    levels = [rung.level for rung in due]
    assert levels == sorted(set(levels))
    assert all(taken < rung.level and rung.after <= overdue for rung in due)
    following = next_rung(ladder, charge, levels[-1] if levels else taken)
    assert following.after > overdue
    assert sum(rung.repeats for rung in due) <= 1


@given(ladders(), any_rank, st.sets(st.integers(1, 400), max_size=40))
def test_whatever_nights_are_missed_the_ladder_ends_at_the_same_level(ladder, charge, missed):
    level = 0
    for night in range(1, 402):
        if night not in missed:
            for rung in rungs_due(ladder, charge, level, night):
                assert rung.level > level
                level = rung.level
    whole = night_after_night(ladder, charge, 401)
    assert level == (whole[-1][1].level if whole else 0)


# -- never silent ------------------------------------------------------------------------------------------------------


@given(ladders(), any_rank, any_level)
def test_there_is_always_a_next_rung(ladder, charge, taken):
    rung = next_rung(ladder, charge, taken)
    assert rung.level > taken
    assert rung.after > 0
    later = next_rung(ladder, charge, rung.level)
    assert 0 < later.after - rung.after <= max(ladder.repeat, ladder.rungs[-1].after)


@given(ladders(), any_rank, st.integers(1, 500))
def test_night_after_night_each_level_is_taken_exactly_once_and_on_its_day(ladder, charge, nights):
    taken = night_after_night(ladder, charge, nights)
    levels = [rung.level for _, rung in taken]
    assert levels == sorted(set(levels))
    assert all(night == rung.after for night, rung in taken)
    expected, rung = [], next_rung(ladder, charge, 0)
    while rung.after <= nights:
        expected.append(rung.level)
        rung = next_rung(ladder, charge, rung.level)
    assert levels == expected


@given(ladders(), any_rank)
def test_ranks_never_fall_on_the_way_up(ladder, charge):
    ranks = [rung.rank for _, rung in night_after_night(ladder, charge, 300)]
    assert ranks == sorted(ranks)


# -- before the date ---------------------------------------------------------------------------------------------------

befores = st.sets(st.integers(1, 60), max_size=5).map(lambda days: tuple(sorted(days, reverse=True)))


@given(befores, st.integers(0, 80), st.sets(st.integers(0, 80)))
def test_each_reminder_is_taken_once_on_its_day_and_of_missed_ones_the_last(before, left, missed):
    """From the day a date is set until it comes; a night that was missed is made up for by the next."""
    level = first_level(before, left)
    told: list[int] = []
    for today in range(left - 1, -2, -1):
        if today in missed:
            continue
        after = reminded(before, level, today)
        if after is not None:
            assert level < after <= 0
            told.append(today)
            level = after
    kept = [day for day in range(left - 1, -1, -1) if day not in missed]
    woken = [next((day for day in kept if day <= days), None) for days in before if days < left]
    assert told == sorted({day for day in woken if day is not None}, reverse=True)


def test_with_fewer_reminders_in_a_new_policy_those_that_are_left_are_its_last():
    assert reminders_left((3, 1), -4) == (3, 1)
    assert reminders_left((), -2) == ()
    assert reminded((), -2, 1) is None
    assert reminded((1,), -2, 1) == 0


@given(befores, st.integers(-5, 9), st.integers(-400, -1))
def test_once_it_is_overdue_nobody_is_reminded(before, level, days_left):
    assert reminded(before, level, days_left) is None


@given(ladders(), any_rank, st.integers(-5, 0), st.integers(0, 400))
def test_reminders_still_to_come_do_not_change_the_rungs(ladder, charge, level, overdue):
    assert rungs_due(ladder, charge, level, overdue) == rungs_due(ladder, charge, 0, overdue)


# -- on a case ---------------------------------------------------------------------------------------------------------


def overdue_case(grade: str, charge: str) -> Walk:
    walk = Walk(grade, charge=charge)
    walk.bind(days(0), days(20))
    walk.remind()
    return walk


def wake(walk: Walk) -> tuple[int, list[Rung]]:
    """Take what is due on the next day the clock looks at the date; return how many days overdue it is, and the rungs."""
    clock = walk.clocks["date"]
    assert clock.check_at is not None
    today = local_date(clock.check_at, POLICY.timezone)
    overdue = (today - days(20)).days
    due = rungs_due(POLICY.ladders.of(Grade(walk.case.grade)), walk.case.charge, clock.level, overdue)
    clock.level, clock.check_at = max(rung.level for rung in due), None
    walk.do("amend", today)  # any step that works out when the clock looks again
    return overdue, due


@given(st.sampled_from(Grade), any_rank)
def test_a_clock_that_sleeps_until_check_at_takes_every_rung_on_its_day(grade, charge):
    walk = overdue_case(grade, charge)
    woken = [(overdue, rung) for overdue, due in (wake(walk) for _ in range(10)) for rung in due]
    assert woken == night_after_night(POLICY.ladders.of(grade), charge, woken[-1][0])


@given(st.integers(0, 90), st.integers(0, 30))
def test_an_acknowledgement_silences_repeats_only(overdue, silence):
    """Whenever it begins: every rung but a repeat is taken on its day, and repeats go on right after its end."""
    walk = overdue_case("major", "township")
    woken = []
    acknowledged, end = days(20 + overdue), days(20 + overdue + silence)
    for _ in range(20):
        check_at = walk.clocks["date"].check_at
        assert check_at is not None
        if walk.case.acknowledged_on is None and local_date(check_at, POLICY.timezone) > acknowledged:
            walk.do("acknowledge", acknowledged, until=end)
        woken.append(wake(walk))
    silent = range(overdue + 1, overdue + silence + 1)
    rungs = [(late, rung) for late, due in woken for rung in due]
    assert [late for late, rung in rungs if not rung.repeats] == [1, 3, 7]
    assert not [late for late, rung in rungs if rung.repeats and late in silent]
    undisturbed = set(range(14, 300, 7)) - set(silent)
    assert undisturbed >= {late for late, rung in rungs if rung.repeats} - {overdue + silence + 1}
    assert all(rung.level == 3 + (late - 7) // 7 for late, rung in rungs if rung.repeats)
