"""Which clocks run on a case, when they are due, and when each must be looked at again."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.attempts import (
    BUREAU_SUPERVISOR,
    CHINA,
    DAY,
    INSPECTOR,
    POLICY,
    ZONE,
    Walk,
    at,
    attempt,
    days,
    in_state,
    item,
    new_item,
    ready,
)
from workflow.case import Deadline
from workflow.deadlines import (
    MAIN,
    check_at,
    counted,
    dated,
    end_of_day,
    expiry,
    local_date,
    overdue_days,
    reconcile,
    start_of_day,
    waiting_on,
    wanted,
)
from workflow.hazard import ENDED, MOVES, OPEN, make
from workflow.policy import Limit, Policy
from workflow.terms import Grade, WaitsOn


def natural(count: int) -> Limit:
    return Limit(days=count, working=False, source="test")


def working(count: int) -> Limit:
    return Limit(days=count, working=True, source="test")


def policy(**limits: Limit) -> Policy:
    return POLICY.model_copy(update={"limits": POLICY.limits.model_copy(update=limits)})


def rolling() -> Policy:
    return POLICY.model_copy(update={"dates": POLICY.dates.model_copy(update={"rolls": True})})


def due(walk: Walk) -> dict[str, date]:
    return {rule: each.due_on for rule, each in walk.clocks.items()}


# -- counting ----------------------------------------------------------------------------------------------------------


def test_the_day_itself_does_not_count_and_the_last_one_counts_in_full():
    limit = counted(natural(10), at(DAY, 23, 59), POLICY, CHINA)
    assert limit.on == days(10)
    assert limit.at == datetime.combine(days(10), time(23, 59, 59), ZONE)


def test_the_day_is_the_local_one():
    """20:00 UTC is four in the morning of the next day in Shanghai."""
    night = datetime(2026, 3, 2, 20, tzinfo=UTC)
    assert local_date(night, POLICY.timezone) == date(2026, 3, 3)
    assert counted(natural(10), night, POLICY, CHINA).on == date(2026, 3, 13)


def test_natural_days_roll_to_the_next_working_day():
    saturday = date(2026, 3, 14)
    limit = counted(natural(12), at(DAY), POLICY, CHINA)
    assert (limit.on, limit.at) == (saturday, end_of_day(date(2026, 3, 16), POLICY.timezone))


def test_a_moved_working_day_is_no_day_to_roll_over():
    """Saturday 28 February 2026 is worked for the Spring Festival."""
    saturday = date(2026, 2, 28)
    assert CHINA.works(saturday)
    assert counted(natural(8), at(date(2026, 2, 20)), POLICY, CHINA).at == end_of_day(saturday, POLICY.timezone)


def test_working_days_end_on_one_and_skip_holidays():
    start = date(2026, 2, 13)  # nine days off follow, and two worked weekend days stand around them
    limit = counted(working(3), at(start), POLICY, CHINA)
    assert limit.on == CHINA.add_working_days(start, 3)
    assert limit.at == end_of_day(limit.on, POLICY.timezone)
    assert (limit.on - start).days > 5


def test_a_date_on_paper_does_not_roll():
    saturday = date(2026, 3, 14)
    assert dated(saturday, POLICY, CHINA).at == end_of_day(saturday, POLICY.timezone)


def test_a_store_may_make_dates_roll():
    saturday = date(2026, 3, 14)
    rolled = dated(saturday, rolling(), CHINA)
    assert (rolled.on, rolled.at) == (saturday, end_of_day(date(2026, 3, 16), POLICY.timezone))


def test_past_the_firm_end_a_count_is_provisional():
    firm = CHINA.firm_until
    assert not counted(natural(10), at(firm - timedelta(20)), POLICY, CHINA).provisional
    assert counted(natural(10), at(firm), POLICY, CHINA).provisional
    assert counted(working(10), at(firm), POLICY, CHINA).provisional


def test_a_date_on_paper_is_never_provisional_unless_it_may_roll():
    late = CHINA.firm_until + timedelta(30)
    assert not dated(late, POLICY, CHINA).provisional
    assert dated(late, rolling(), CHINA).provisional


def test_a_provisional_deadline_says_so_on_its_case():
    late = CHINA.firm_until + timedelta(1)
    walk = Walk(on=late)
    assert walk.case.provisional
    walk.bind(late, days(20, late))
    assert not walk.case.provisional  # a date on paper
    assert walk.clocks["recheck"].provisional


def test_expiry_is_the_last_second_of_the_earliest_date():
    items = [item(1, due_on=days(20)), item(2, due_on=days(9))]
    assert expiry(items, POLICY, CHINA) == end_of_day(days(9), POLICY.timezone)
    with pytest.raises(ValueError, match="empty"):
        expiry([], POLICY, CHINA)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_begins_right_after_the_one_before_ends(day):
    before = end_of_day(day - timedelta(1), POLICY.timezone)
    assert start_of_day(day, POLICY.timezone) - before == timedelta(seconds=1)
    assert local_date(before, POLICY.timezone) == day - timedelta(1)
    assert local_date(start_of_day(day, POLICY.timezone), POLICY.timezone) == day


@given(st.integers(1, 400), st.dates(date(2004, 1, 1), date(2026, 6, 1)), st.booleans())
def test_a_limit_is_never_shorter_than_it_says_and_never_ends_on_a_day_off(count, start, is_working):
    limit = counted(working(count) if is_working else natural(count), at(start), POLICY, CHINA)
    last = local_date(limit.at, POLICY.timezone)
    assert CHINA.works(last)
    assert last >= limit.on >= start + timedelta(count)


def test_overdue_days_are_counted_by_date():
    last_second = end_of_day(DAY, POLICY.timezone)
    zone = POLICY.timezone
    assert overdue_days(None, at(DAY), zone) == 0
    assert overdue_days(last_second, last_second, zone) == 0
    assert overdue_days(last_second, start_of_day(days(1), zone), zone) == 1
    assert overdue_days(last_second, at(days(1), 23), zone) == 1
    assert overdue_days(last_second, at(days(40), 2), zone) == 40


# -- which clocks run --------------------------------------------------------------------------------------------------


def test_a_found_hazard_is_ordered_within_three_working_days():
    walk = Walk()
    assert due(walk) == {"order": CHINA.add_working_days(DAY, 3)}
    assert walk.case.due_on == CHINA.add_working_days(DAY, 3)
    assert walk.clocks["order"].owner == WaitsOn.inspector


def test_until_it_is_served_only_serving_is_due():
    walk = Walk()
    walk.order(DAY, days(20))
    assert due(walk) == {"serve": days(7)}
    assert walk.case.due_on == days(7)
    assert (walk.clocks["serve"].owner, walk.case.waiting_on) == (WaitsOn.inspector, WaitsOn.inspector)


def test_once_served_its_date_runs_and_from_expiry_a_recheck_is_owed():
    walk = Walk()
    walk.bind(DAY, days(20))
    assert due(walk) == {"date": days(20), "recheck": days(30)}
    assert (walk.clocks["date"].owner, walk.clocks["recheck"].owner) == (WaitsOn.unit, WaitsOn.inspector)
    assert (walk.case.due_on, walk.case.waiting_on) == (days(20), WaitsOn.unit)
    assert walk.case.due_at == end_of_day(days(20), POLICY.timezone)


def test_a_start_changes_no_clock():
    walk = Walk()
    walk.bind(DAY, days(20))
    before = walk.clocks
    walk.do("start", days(3))
    assert walk.clocks == before
    assert walk.case.due_on == days(20)


def test_each_unserved_order_has_its_own_clock():
    walk = Walk()
    walk.order(DAY, days(20), order=1)
    walk.order(days(2), days(20), order=2)
    assert sorted((each.rule, each.about, each.due_on) for each in walk.case.deadlines) == [
        ("serve", 1, days(7)),
        ("serve", 2, days(9)),
    ]
    walk.do("serve", days(3), order_id=1)
    assert sorted((each.rule, each.about) for each in walk.case.deadlines) == [
        ("date", 0),
        ("recheck", 0),
        ("serve", 2),
    ]


def test_applied_for_in_time_a_recheck_counts_from_the_application():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("submit", days(8))
    assert due(walk) == {"recheck": days(18)}
    assert walk.case.due_on == days(18)
    assert {each.rule for each in walk.ended} >= {"date", "recheck"}


def test_applied_for_on_the_last_day_it_counts_from_that_day():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("submit", days(20))
    assert due(walk) == {"recheck": days(30)}


def test_applied_for_too_late_the_running_recheck_keeps_its_date_and_its_rungs():
    walk = Walk()
    walk.bind(DAY, days(20))
    running = walk.clocks["recheck"]
    running.level = 2
    walk.do("submit", days(35))
    assert walk.clocks["recheck"].due_on == days(30)
    assert (walk.clocks["recheck"].level, walk.clocks["recheck"].set_by) == (2, running.set_by)
    assert running.ended_by is None


def test_sent_back_the_inspector_has_ten_days_anew():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("submit", days(8))
    walk.do("pass_recheck", days(12))
    assert set(due(walk)) == {"close_out"}
    walk.do("send_back", days(14))
    assert due(walk) == {"recheck": days(24)}


def test_a_recheck_that_fails_starts_with_serving_the_second_order():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("submit", days(8))
    walk.do("fail_recheck", days(10), items=[new_item(2, days(10), due_on=days(40))])
    assert due(walk) == {"serve": days(17)}
    walk.do("serve", days(11), order_id=2)
    assert due(walk) == {"date": days(40), "recheck": days(50)}


@pytest.mark.parametrize(
    ("grade", "owner"), [("general", "inspector"), ("larger", "supervisor"), ("major", "supervisor")]
)
def test_a_rechecked_case_is_closed_within_five_working_days(grade, owner):
    walk = Walk(grade)
    walk.bind(DAY, days(20))
    walk.do("pass_recheck", days(2))
    assert walk.clocks["close_out"].due_on == CHINA.add_working_days(days(2), 5)
    assert (walk.clocks["close_out"].owner, walk.case.waiting_on) == (owner, owner)


def test_a_major_hazard_owes_a_plan_within_fifteen_days_of_its_order_until_it_is_planned():
    walk = Walk("major")
    assert "plan" not in walk.clocks
    walk.bind(DAY, days(90))
    assert walk.clocks["plan"].due_on == days(15)
    assert walk.case.due_on == days(90)  # the plan's clock runs beside the main one
    walk.do("submit", days(20))
    assert walk.clocks["plan"].due_on == days(15)
    walk.do("plan", days(21))
    assert "plan" not in walk.clocks


@pytest.mark.parametrize("grade", ["general", "larger"])
def test_other_hazards_owe_no_plan(grade):
    walk = Walk(grade)
    walk.bind(DAY, days(20))
    assert "plan" not in walk.clocks


def test_a_plan_counts_from_the_order_that_stands_not_from_a_withdrawn_one():
    walk = Walk("major")
    walk.bind(DAY, days(90))
    walk.do("withdraw", days(5))
    assert "plan" not in walk.clocks
    walk.bind(days(30), days(120), order=2)
    assert walk.clocks["plan"].due_on == days(45)


def test_raised_to_major_it_owes_a_plan_and_lowered_no_more():
    walk = Walk("larger")
    walk.bind(DAY, days(20))
    walk.do("regrade", days(2), grade="major")
    assert walk.clocks["plan"].due_on == days(15)
    walk.do("regrade", days(3), grade="larger")
    assert "plan" not in walk.clocks


def test_a_listing_has_its_own_date_until_it_is_released():
    walk = Walk("larger")
    walk.do("supervise", DAY, due_on=days(12))
    assert walk.clocks["listing"].due_at == end_of_day(days(12), POLICY.timezone)  # a Saturday: it does not roll
    assert walk.case.due_on == CHINA.add_working_days(DAY, 3)
    walk.bind(DAY, days(20))
    walk.do("pass_recheck", days(2))
    assert "listing" in walk.clocks
    walk.do("release", days(3))
    assert "listing" not in walk.clocks


def test_a_transfer_is_answered_in_five_working_days():
    walk = Walk()
    walk.do("transfer", DAY)
    assert walk.clocks["answer"].due_on == CHINA.add_working_days(DAY, 5)
    assert walk.clocks["answer"].owner == WaitsOn.department
    walk.do("accept", days(1), actor=BUREAU_SUPERVISOR)
    assert "answer" not in walk.clocks


def test_while_a_transfer_waits_the_other_clocks_go_on():
    walk = Walk()
    order = walk.clocks["order"]
    walk.do("transfer", DAY)
    assert walk.clocks["order"] == order


def test_an_exiting_case_waits_for_the_exits_date():
    walk = Walk("major")
    walk.bind(DAY, days(20))
    walk.do("decide_exit", days(3), due_on=days(96))
    assert due(walk) == {"exit": days(96)}
    assert (walk.case.due_on, walk.case.waiting_on) == (days(96), WaitsOn.unit)
    set_by = walk.clocks["exit"].set_by
    walk.do("regrade", days(4), grade="larger")
    assert (walk.clocks["exit"].due_on, walk.clocks["exit"].set_by) == (days(96), set_by)
    walk.do("revoke_exit", days(5))
    assert "exit" not in walk.clocks


def test_an_extension_moves_the_date_and_the_recheck_after_it():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("extend", days(15), item_id=10, due_on=days(38))
    assert due(walk) == {"date": days(38), "recheck": days(48)}


def test_a_new_date_has_its_own_rungs():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.clocks["date"].level = 2
    old = walk.clocks["date"].set_by
    walk.do("extend", days(28), item_id=10, due_on=days(38))
    assert walk.clocks["date"].level == -2, "and its own reminders"
    assert walk.clocks["date"].set_by > old


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("grade", Grade)
def test_every_open_state_has_a_main_clock_and_somebody_it_waits_on(state, grade):
    """Reached by a move, whatever the move: nothing open is ever without a date."""
    reaching = {move.trigger: source for move in MOVES if move.to == state for source in move.states}
    for trigger, source in reaching.items():
        tried = attempt(trigger, ready(trigger, source, grade=Grade.general), exit_running=False)
        reconcile(tried)  # the clocks it came with
        make(trigger, tried)
        if tried.case.state == state:
            tried.case.grade = grade
            assert tried.case.due_at is not None, trigger
            assert tried.case.provisional is False
            assert waiting_on(tried.case) != WaitsOn.none
            assert {each.rule for each in tried.case.deadlines if each.ended_by is None} & set(MAIN[state])


@pytest.mark.parametrize("state", ENDED)
def test_no_clock_runs_once_a_case_has_ended(state):
    case = in_state(state, "major", listed_due_on=days(9), listed_at=at(DAY), transfer_at=at(DAY))
    assert wanted(case, POLICY, CHINA) == []
    assert waiting_on(case) == WaitsOn.none


def test_an_end_stops_every_clock():
    walk = Walk("major")
    walk.bind(DAY, days(90))
    walk.do("transfer", days(1))
    walk.do("supervise", days(1), due_on=days(60))
    running = dict(walk.clocks)
    assert set(running) == {"date", "recheck", "plan", "answer", "listing"}
    walk.do("void", days(2))
    assert walk.clocks == {}
    assert [each for each in walk.ended if each.check_at is not None] == []
    assert {each.rule for each in walk.ended if each.ended_by == walk.case.seq} == set(running)


def test_a_reopened_case_is_found_on_the_day_it_is_seen_again():
    walk = Walk()
    walk.do("correct", DAY)
    walk.do("close", days(1))
    walk.do("reopen", days(50))
    assert due(walk) == {"order": CHINA.add_working_days(days(50), 3)}


# -- keeping -----------------------------------------------------------------------------------------------------------


def test_a_policy_change_keeps_the_running_deadlines():
    walk = Walk()
    walk.order(DAY, days(20))
    running = walk.clocks["serve"]
    walk.do("amend", days(1), policy=policy(serve=natural(3), recheck=natural(3)))
    assert walk.clocks == {"serve": running}
    assert walk.case.due_on == days(7)
    walk.do("serve", days(2), policy=policy(recheck=natural(3)))
    assert walk.clocks["recheck"].due_on == days(23)  # a new deadline takes the new rule


def test_a_deadline_keeps_its_rungs_through_steps_that_do_not_concern_it():
    walk = Walk("major")
    walk.bind(DAY, days(20))
    walk.clocks["date"].level = 2
    for trigger, how in [("start", {}), ("plan", {}), ("assign", {}), ("amend", {}), ("acknowledge", {}), ("note", {})]:
        walk.do(trigger, days(1), **how)
    assert walk.clocks["date"].level == 2


def test_a_new_grade_keeps_the_deadline_and_changes_its_ladder_and_its_turn():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.remind()
    date_clock = walk.clocks["date"]
    assert date_clock.check_at == start_of_day(days(27), POLICY.timezone)
    assert date_clock.priority == 2
    walk.do("regrade", days(1), actor=INSPECTOR, grade="major")
    assert (walk.clocks["date"].set_by, walk.clocks["date"].due_on) == (date_clock.set_by, days(20))
    assert walk.clocks["date"].check_at == start_of_day(days(21), POLICY.timezone)
    assert walk.clocks["date"].priority == 0


# -- when the clock looks again ----------------------------------------------------------------------------------------


def check_day(deadline: Deadline) -> date:
    assert deadline.check_at is not None
    return local_date(deadline.check_at, POLICY.timezone)


@pytest.mark.parametrize(("grade", "after"), [("general", 7), ("larger", 3), ("major", 1)])
def test_the_clock_looks_first_when_the_first_rung_has_come(grade, after):
    walk = Walk(grade)
    walk.bind(DAY, days(20))
    walk.remind()
    assert walk.clocks["date"].check_at == start_of_day(days(20 + after), POLICY.timezone)


def test_the_clock_looks_before_the_date_when_a_reminder_comes():
    walk = Walk()
    walk.bind(DAY, days(20))
    clock = walk.clocks["date"]
    looks = []
    for clock.level in (-2, -1, 0):
        look = check_at(clock, walk.case, POLICY)
        assert look is not None
        looks.append(local_date(look, POLICY.timezone))
    assert looks == [days(17), days(19), days(27)]


@pytest.mark.parametrize(("left", "level"), [(0, 0), (1, 0), (2, -1), (3, -1), (4, -2), (30, -2)])
def test_a_reminder_whose_day_has_passed_when_the_date_is_set_is_none(left, level):
    walk = Walk()
    walk.bind(DAY, days(left))
    assert walk.clocks["date"].level == level


def test_a_rolled_deadline_climbs_from_where_it_rolled_to():
    walk = Walk("major", on=date(2026, 3, 6))  # the recheck of a date on the 18th falls on Saturday the 28th
    walk.bind(date(2026, 3, 6), date(2026, 3, 18))
    walk.remind()
    recheck = walk.clocks["recheck"]
    assert recheck.due_on == date(2026, 3, 28)
    assert check_day(recheck) == date(2026, 3, 31)  # due on Monday the 30th, a day later the first rung


def acknowledged(level: int, until: date, **how: Any) -> Walk:
    walk = Walk("major")
    walk.bind(DAY, days(20))
    walk.clocks["date"].level = level
    walk.do("acknowledge", until - timedelta(20), until=until, **how)
    return walk


def test_an_acknowledgement_does_not_silence_the_next_rung():
    walk = acknowledged(2, until=days(50))
    assert check_day(walk.clocks["date"]) == days(27)


def test_an_acknowledgement_silences_repeats_until_the_day_after_it_ends():
    walk = acknowledged(3, until=days(50))
    assert check_day(walk.clocks["date"]) == days(51)


def test_an_acknowledgement_that_ends_before_the_repeat_changes_nothing():
    walk = acknowledged(3, until=days(33))
    assert check_day(walk.clocks["date"]) == days(34)
    walk = acknowledged(3, until=days(32))
    assert check_day(walk.clocks["date"]) == days(34)


def test_every_running_deadline_is_looked_at_again():
    """Never silent: whatever the rungs taken, there is a next instant."""
    for level in range(12):
        walk = acknowledged(level, until=days(40))
        assert all(each.check_at is not None for each in walk.case.deadlines)


def test_a_wanted_deadline_is_told_apart_from_one_of_another_start():
    case = in_state("submitted", recheck_from=at(DAY))
    (before,) = wanted(case, POLICY, CHINA)
    (after,) = wanted(replace(case, recheck_from=at(days(1))), POLICY, CHINA)
    assert before.rule == after.rule == "recheck"
    assert before != after
