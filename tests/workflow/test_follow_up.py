"""The follow-up visit: every condition both ways, who may, and its clock of months."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from tests.workflow.attempts import CHINA, CONTACT, DAY, FRESH, INSPECTOR, POLICY, SUPERVISOR, TOWN, at, days
from workflow.case import CLOCK, Actor, Attempt
from workflow.deadlines import counted_months
from workflow.errors import Forbidden, NotAllowed
from workflow.follow_up import FOLLOW_UP, MOVES, FollowUp, make
from workflow.process import Guard

SEEN = {"inspection": 7, "unit": 1, "seen_on": days(20)}


def visit(months: int = 1, **changes: Any) -> FollowUp:
    """One that was planned when the exit was verified, on the day of these tests."""
    known: dict[str, Any] = {
        **dict.fromkeys(each.name for each in fields(FollowUp)), "id": 4, "exit_id": 3, "unit_id": 1,
        "area_code": "330109001", "department_id": 2, "months": months, "opens_on": DAY, "grade": "general",
        "state": "planned", "entered_at": at(DAY, 15), "waiting_on": "inspector", "provisional": False, "moved_seq": 1,
        "version": 0, "seq": 0, "head": "", "area": TOWN, "charge": "county", "sector": "chemicals", "deadlines": [],
    }  # fmt: skip
    return FollowUp(**(known | changes))


def tried(subject: FollowUp, by: Actor = INSPECTOR, on: date = DAY, **given: Any) -> Attempt:
    officers = given.pop("officers", FRESH)
    return Attempt(subject, by, at(on, 15), on, POLICY, CHINA, given, officers, seq=subject.seq + 1)


def planned(months: int = 1) -> FollowUp:
    subject = visit(months)
    make("arrange", tried(subject, SUPERVISOR, fired_by="verify"))
    subject.seq = 1
    return subject


#: By condition: an attempt that does not meet it.
REFUSED: dict[str, Callable[[], Attempt]] = {
    "names_the_inspection": lambda: tried(visit()),
    "was_at_the_unit": lambda: tried(visit(), **{**SEEN, "unit": 2}),
    "is_time_for_it": lambda: tried(visit(3, opens_on=days(31)), **SEEN),
    "is_seen_by_two": lambda: tried(visit(), **SEEN, officers=FRESH[:1]),
    "is_certified": lambda: tried(visit(), **SEEN, officers=(FRESH[0], replace(FRESH[1], certificate=None))),
}
GUARDS: dict[str, Guard] = {need.name: need for move in MOVES for need in move.needs}


def test_every_condition_is_tried_both_ways() -> None:
    assert set(REFUSED) == set(GUARDS)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_a_condition_says_yes_and_no(name: str) -> None:
    assert GUARDS[name](tried(visit(), **SEEN))
    against = REFUSED[name]()
    assert not GUARDS[name](against)
    assert str(GUARDS[name].says(against))


@pytest.mark.parametrize(
    ("trigger", "may", "may_not"),
    [("visit", INSPECTOR, CONTACT), ("arrange", None, SUPERVISOR), ("drop", None, SUPERVISOR),
     ("recount", None, SUPERVISOR), ("escalate", CLOCK, SUPERVISOR)],
)  # fmt: skip
def test_who_may(trigger: str, may: Actor | None, may_not: Actor) -> None:
    if may is not None:
        assert FOLLOW_UP.may(trigger, tried(visit(), may)) is None
    with pytest.raises(Forbidden):
        make(trigger, tried(visit(), may_not))


def test_it_waits_on_an_inspector_by_a_clock_of_months() -> None:
    """A counted date rolls to a working day: 2 April 2026 is one, 2 May is the holiday."""
    one, two = planned(1), planned(2)
    assert [(each.rule, each.owner) for each in one.deadlines] == [("follow_up", "inspector")]
    assert (one.due_on, two.due_on) == (date(2026, 4, 2), date(2026, 5, 2))
    assert two.due_at == at(date(2026, 5, 6), 23, 59).replace(second=59)
    assert one.waiting_on == "inspector"


@pytest.mark.parametrize(
    ("start", "months", "on"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 6, 15), 12, date(2027, 6, 15)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start: date, months: int, on: date) -> None:
    assert counted_months(months, at(start), POLICY, CHINA).on == on


def test_beyond_the_firm_end_of_the_calendar_its_date_is_provisional() -> None:
    assert planned(12).provisional
    assert not planned(1).provisional


@pytest.mark.parametrize(("trigger", "state"), [("visit", "visited"), ("drop", "dropped")])
def test_its_end_ends_the_clock(trigger: str, state: str) -> None:
    subject = planned()
    make(trigger, tried(subject, on=days(20), fired_by="breach", **SEEN))
    assert (subject.state, subject.waiting_on, subject.due_on) == (state, "none", None)
    assert [each.ended_by for each in subject.deadlines] == [2]
    assert subject.inspection_id == (7 if trigger == "visit" else None)
    with pytest.raises(NotAllowed):
        make("visit", tried(subject, on=days(20), **SEEN))


def test_its_rank_never_falls() -> None:
    subject = planned()
    for told, rank in (("city", "city"), ("county", "city")):
        make("escalate", tried(subject, CLOCK, rank=told))
        assert subject.rank == rank
