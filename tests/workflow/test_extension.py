"""The extension process: every condition both ways, who may, what a decision leaves, and what the unit's clock does."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.workflow.attempts import (
    BUREAU_SUPERVISOR,
    CHINA,
    CONTACT,
    DAY,
    INSPECTOR,
    POLICY,
    SUPERVISOR,
    Walk,
    at,
    days,
    item,
)
from workflow.case import CLOCK, Actor, Attempt, Case, Extension
from workflow.deadlines import check_at, local_date
from workflow.errors import Forbidden, NotAllowed, Refused
from workflow.extension import EXTENSION, MOVES, make, still_asks
from workflow.process import Guard

DUE, NEXT = days(20), days(1)


def bound(grade: str = "general", due_on: date = DUE) -> Case:
    """A case with an order that was served."""
    walk = Walk(grade)
    walk.bind(DAY, due_on)
    return walk.case


def asked(case: Case, **changes: Any) -> Extension:
    """A request for ten days more on the item whose date runs."""
    known: dict[str, Any] = {
        **dict.fromkeys(each.name for each in fields(Extension) if each.init), "id": 3, "hazard_id": case.id, "area_code": case.area_code,
        "item_id": case.items[0].id if case.items else 0, "department_id": case.department_id, "asked_by": CONTACT.id,
        "from_due_on": DUE, "until": DUE + timedelta(10), "ground": "other", "reason": "parts are late",
        "interim": "no sales", "state": "requested", "entered_at": at(DAY, 14), "waiting_on": "supervisor",
        "provisional": False, "moved_seq": 1, "version": 0, "seq": 0, "head": "", "deadlines": [],
    }  # fmt: skip
    request = Extension(**(known | changes))
    request.case = case
    return request


def attempt(
    case: Case, request: Extension, *, by: Actor = CONTACT, on: date = NEXT, policy: Any = POLICY, **given: Any
) -> Attempt:
    return Attempt(
        request, actor=by, at=at(on, 15), on=on, policy=policy, calendar=CHINA, given=given, seq=request.seq + 1
    )  # fmt: skip


def early(days_before: int) -> Any:
    return replace_rule(ask_before_working_days=days_before)


def replace_rule(**changes: Any) -> Any:
    return POLICY.model_copy(update={"extension": POLICY.extension.model_copy(update=changes)})


def tried(**changes: Any) -> Attempt:
    """A request that meets every condition, but for what is changed."""
    case = changes.pop("case", None) or bound()
    how = {name: changes.pop(name) for name in ("on", "policy", "granted", "running", "by") if name in changes}
    return attempt(case, asked(case, **changes), **how)


#: By condition: an attempt that does not meet it.
REFUSED: dict[str, Callable[[], Attempt]] = {
    "has_a_date_running": lambda: tried(case=replace(bound(), state="submitted")),
    "is_asked_before_expiry": lambda: tried(on=days(21)),
    "is_asked_early_enough": lambda: tried(on=days(19), policy=early(5)),
    "has_a_ground": lambda: tried(ground=""),
    "has_a_reason": lambda: tried(reason=" "),
    "has_interim_measures": lambda: tried(interim=""),
    "is_later": lambda: tried(until=DUE),
    "is_within_days": lambda: tried(until=DUE + timedelta(31)),
    "is_within_number": lambda: tried(granted=1),
    "is_the_only_one": lambda: tried(running=2),
    "is_decided_by_another": lambda: tried(asked_by=SUPERVISOR.id, by=SUPERVISOR),
    "is_still_asked": lambda: tried(from_due_on=days(19)),
}
GUARDS: dict[str, Guard] = {need.name: need for move in MOVES for need in move.needs}


def test_every_condition_is_tried_both_ways() -> None:
    assert set(REFUSED) == set(GUARDS)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_a_condition_says_yes(name: str) -> None:
    assert GUARDS[name](tried(by=SUPERVISOR))


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_condition_says_no_in_a_sentence(name: str) -> None:
    against = REFUSED[name]()
    assert not GUARDS[name](against)
    assert str(GUARDS[name].says(against))


@pytest.mark.parametrize(
    ("policy", "reasons"),
    [(early(5), 1), (early(0), 0), (replace_rule(times=0), 1), (replace_rule(days=5), 1)],
    ids=["early", "late", "never", "short"],
)
def test_the_policys_limits_are_asked(policy: Any, reasons: int) -> None:
    assert len(EXTENSION.why_not("request", tried(on=DUE, policy=policy))) == reasons


def test_a_refusal_names_every_unmet_condition() -> None:
    with pytest.raises(Refused) as refused:
        make("request", tried(ground="", reason="", interim="", until=DUE))
    assert len(refused.value.reasons) == 4


# -- who ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "may", "may_not"),
    [
        ("request", CONTACT, CLOCK),
        ("request", INSPECTOR, replace(CONTACT, unit_id=99)),
        ("grant", SUPERVISOR, INSPECTOR),
        ("refuse", BUREAU_SUPERVISOR, CONTACT),
        ("withdraw", CONTACT, SUPERVISOR),
        ("escalate", CLOCK, SUPERVISOR),
        ("lapse", None, SUPERVISOR),
        ("recount", None, SUPERVISOR),
    ],
)
def test_who_may(trigger: str, may: Actor | None, may_not: Actor) -> None:
    if may is not None:
        assert EXTENSION.may(trigger, tried(by=may)) is None
    with pytest.raises(Forbidden):
        make(trigger, tried(by=may_not))


# -- what it leaves ----------------------------------------------------------------------------------------------------


def requested() -> tuple[Case, Extension]:
    case = bound()
    request = asked(case)
    make("request", attempt(case, request))
    request.seq = 1
    return case, request


def test_a_request_waits_on_the_supervisor_by_a_clock_of_its_own() -> None:
    case, request = requested()
    [answer] = request.deadlines
    assert (answer.rule, answer.owner, answer.set_by) == ("answer", "supervisor", 1)
    assert answer.due_on == days(1) + timedelta(POLICY.limits.extension_answer.days)
    assert (request.waiting_on, request.due_at) == ("supervisor", answer.due_at)
    assert case.answer_by == answer.due_at


@pytest.mark.parametrize("verb", ["grant", "refuse", "withdraw", "lapse"])
def test_a_decision_ends_the_clock(verb: str) -> None:
    case, request = requested()
    by = CONTACT if verb == "withdraw" else SUPERVISOR
    make(verb, attempt(case, request, by=by, on=days(3), fired_by="submit", note="so be it"))
    assert request.state == {"grant": "granted", "refuse": "refused", "withdraw": "withdrawn", "lapse": "lapsed"}[verb]
    assert [each.ended_by for each in request.deadlines] == [2]
    assert (request.waiting_on, request.due_on, case.answer_by) == ("none", None, None)
    assert request.decided_by == (SUPERVISOR.id if verb in ("grant", "refuse") else None)


def test_what_is_decided_moves_no_more() -> None:
    case, request = requested()
    make("refuse", attempt(case, request, by=SUPERVISOR))
    for verb in ("grant", "refuse", "lapse"):
        with pytest.raises(NotAllowed):
            make(verb, attempt(case, request, by=SUPERVISOR, fired_by="submit"))


def test_the_units_rungs_wait_at_most_until_the_answer_is_owed() -> None:
    walk = Walk("major")
    walk.bind(DAY, DUE)
    walk.remind()
    date_ = walk.clocks["date"]
    free = check_at(date_, walk.case, POLICY)
    walk.case.answer_by = at(days(30))
    waiting = check_at(date_, walk.case, POLICY)
    assert free is not None
    assert waiting is not None
    assert local_date(free, POLICY.timezone) == days(21)
    assert local_date(waiting, POLICY.timezone) == days(31)
    assert check_at(walk.clocks["recheck"], walk.case, POLICY) is not None, "what the inspector owes does not wait"


def test_it_asks_about_the_date_that_runs() -> None:
    case = bound()
    assert still_asks(asked(case), case)
    case.items.append(item(2, due_on=days(10)))
    case.deadlines = [replace(each, due_on=days(10)) if each.rule == "date" else each for each in case.deadlines]
    assert not still_asks(asked(case), case), "an earlier date runs now"
