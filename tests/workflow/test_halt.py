"""The halt process: every condition both ways, who may, what each move leaves, and which clocks run."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from tests.workflow.attempts import (
    BUREAU,
    BUREAU_INSPECTOR,
    BUREAU_SUPERVISOR,
    CHINA,
    CONTACT,
    DAY,
    FARAWAY_SUPERVISOR,
    FRESH,
    INSPECTOR,
    POLICY,
    STRANGER,
    SUPERVISOR,
    TOWN,
    at,
    days,
    in_state,
    officer,
)
from workflow.case import CLOCK, Actor, Attempt, Case, Officer
from workflow.deadlines import months_after
from workflow.errors import Forbidden, NotAllowed, Refused
from workflow.halt import HALT, MOVES, Halt, HaltOn, Named, last_day, make
from workflow.process import Guard
from workflow.terms import WaitsOn

NEXT = days(1)


def halt(state: str = "imposed", cases: Sequence[Case] = (), **changes: Any) -> Halt:
    """A temporary halt of the bureau's on the unit of these cases, for two months."""
    known: dict[str, Any] = {
        "id": 3, "unit_id": 1, "area_code": "330109001", "department_id": BUREAU.id, "halt_kind": "temporary",
        "scope": "part", "reason": "cylinders among the customers", "number": None, "imposed_by": BUREAU_SUPERVISOR.id,
        "imposed_at": at(DAY, 14), "confirm_by": None, "until": days(60), "state": state, "entered_at": at(DAY, 14),
        "waiting_on": "unit", "due_on": None, "due_at": None, "provisional": False, "rank": None, "note": None,
        "moved_seq": 1, "version": 1, "seq": 1, "head": "", "unit": "Yongan Oxygen", "sector": "gas", "area": TOWN,
        "charge": "county", "grade": "major", "named": [Named(case, case.round) for case in cases],
    }  # fmt: skip
    return Halt(**(known | changes))


_GIVEN: dict[str, dict[str, Any]] = {
    "impose": {"reason": "cylinders among the customers"},
    "request": {"note": "they are gone"},
    "refuse": {"note": "they are not"},
    "lift": {"note": "seen"},
    "prolong": {"until": days(90), "reason": "the wall is late"},
    "revoke": {"reason": "mistaken", "note": "another shop"},
    "convert": {"fired_by": "verify"},
    "recount": {"fired_by": "recount", "recount": "everything"},
    "escalate": {"rank": "city"},
}
_BY = {"request": CONTACT, "escalate": CLOCK}
_STATES = {"refuse": "resumption_requested", "lift": "resumption_requested"}


def attempt(
    trigger: str,
    about: Halt | None = None,
    *,
    by: Actor | None = None,
    on: date = NEXT,
    officers: Sequence[Officer] | None = None,
    **given: Any,
) -> Attempt:
    """A try that brings everything its trigger may ask for; what is `given` replaces or takes away (None)."""
    about = about or halt(
        _STATES.get(trigger, "imposed"), [in_state("ordered" if trigger == "impose" else "rechecked")]
    )
    there = FRESH if officers is None and trigger == "lift" else officers or ()
    return Attempt(
        about, by or _BY.get(trigger, BUREAU_SUPERVISOR), at(on, 15), on, POLICY, CHINA,
        given=_GIVEN.get(trigger, {}) | given, officers=there, seq=about.seq + 1,
    )  # fmt: skip


def imposing(*cases: Case, on: date = DAY, by: Actor | None = None, officers: Any = (), **changes: Any) -> Attempt:
    """A halt that is just imposed."""
    about = halt(cases=cases or [in_state("ordered")], id=0, imposed_at=at(on, 15), **changes)
    return attempt("impose", about, on=on, by=by, officers=officers)


def imposed(tried: Attempt) -> Halt:
    """Impose the halt; return it with its first step taken."""
    make("impose", tried)
    about = tried.subject
    assert isinstance(about, Halt)
    about.seq = 1
    return about


def do(trigger: str, about: Halt, **how: Any) -> Halt:
    tried = attempt(trigger, about, **how)
    make(trigger, tried)
    about.seq += 1
    about.deadlines = [each for each in about.deadlines if each.ended_by is None]
    return about


def clocks(about: Halt) -> dict[str, tuple[date, WaitsOn]]:
    """The running deadlines by rule: their date and whom they wait on."""
    return {each.rule: (each.due_on, WaitsOn(each.owner)) for each in about.deadlines if each.ended_by is None}


# -- conditions --------------------------------------------------------------------------------------------------------

LAPSED = officer(INSPECTOR, valid_to=days(-1))
OPEN, DONE = in_state("ordered"), in_state("rechecked")

#: By trigger and condition: an attempt that does not meet it, and nothing else is wrong with it.
UNMET: dict[tuple[str, str], Callable[[], Attempt]] = {
    ("impose", "names_hazards"): lambda: attempt("impose", halt(id=0)),
    ("impose", "names_its_own_hazards"): lambda: imposing(in_state("ordered", unit_id=2)),
    ("impose", "names_open_hazards"): lambda: imposing(in_state("closed")),
    ("impose", "is_the_only_one"): lambda: attempt("impose", standing={12: 2}),
    ("impose", "has_a_reason"): lambda: attempt("impose", reason=""),
    ("impose", "is_ahead"): lambda: imposing(until=days(-1)),
    ("impose", "is_within_months_if_temporary"): lambda: imposing(until=months_after(DAY, 6) + timedelta(1)),
    ("impose", "has_the_decisions_number_if_penalty"): lambda: imposing(halt_kind="penalty"),
    ("impose", "is_certified"): lambda: imposing(officers=(*FRESH, LAPSED)),
    ("impose", "is_seen_by_two_if_on_site"): lambda: imposing(by=BUREAU_INSPECTOR, officers=FRESH[:1]),
    ("request", "says_what_was_done"): lambda: attempt("request", note=None),
    ("refuse", "has_note"): lambda: attempt("refuse", note=None),
    ("lift", "is_seen_by_two"): lambda: attempt("lift", officers=FRESH[:1]),
    ("lift", "is_certified"): lambda: attempt("lift", officers=(*FRESH, LAPSED)),
    ("lift", "has_opinion"): lambda: attempt("lift", note=None),
    ("lift", "are_all_at_rest"): lambda: attempt("lift", halt("resumption_requested", [OPEN, DONE])),
    ("revoke", "has_reason_to_revoke"): lambda: attempt("revoke", reason="revoked"),
    ("revoke", "is_unconfirmed_if_said_so"): lambda: attempt("revoke", reason="unconfirmed"),
    ("revoke", "has_note"): lambda: attempt("revoke", note=None),
    ("convert", "is_over_if_partial"): lambda: attempt("convert", halt(cases=[OPEN]), partial=True),
    ("confirm", "waits_for_confirmation"): lambda: attempt("confirm"),
    ("prolong", "is_later"): lambda: attempt("prolong", until=days(60)),
    ("prolong", "is_ahead"): lambda: attempt("prolong", halt(until=days(10)), on=days(30), until=days(20)),
    ("prolong", "is_within_months_if_temporary"): lambda: attempt("prolong", until=months_after(DAY, 6) + timedelta(1)),
    ("prolong", "has_a_reason"): lambda: attempt("prolong", reason=None),
}
ASKED = [(move.trigger, need) for move in MOVES for need in move.needs]


@pytest.mark.parametrize(("trigger", "need"), dict.fromkeys(ASKED), ids=lambda each: getattr(each, "name", each))
def test_a_condition_says_no_to_what_lacks_it_alone(trigger: str, need: Guard) -> None:
    tried = UNMET[trigger, need.name]()
    with pytest.raises(Refused) as caught:
        make(trigger, tried)
    assert caught.value.reasons == (need.says(tried),)


def test_every_condition_is_tried_and_no_other() -> None:
    assert set(UNMET) == {(trigger, need.name) for trigger, need in ASKED}


@pytest.mark.parametrize("trigger", sorted(HALT.authorities))
def test_a_move_that_lacks_nothing_is_made(trigger: str) -> None:
    about = halt(confirm_by=at(NEXT, 20)) if trigger == "confirm" else None
    tried = attempt(trigger, about)
    make(trigger, tried)


def test_a_halt_by_two_officers_lacks_nothing_either() -> None:
    make("impose", imposing(by=BUREAU_INSPECTOR, officers=FRESH))


@pytest.mark.parametrize("named", ["closed", "voided", "shutdown", "rechecked"])
def test_what_is_at_rest_keeps_no_halt(named: str) -> None:
    make("lift", attempt("lift", halt("resumption_requested", [in_state(named), DONE])))


def test_a_hazard_that_came_back_has_left_the_halt() -> None:
    again = in_state("ordered", round=2)
    about = halt("resumption_requested")
    about.named = [Named(again, 1), Named(DONE, 1)]
    assert do("lift", about).state == "lifted"


def test_a_penalty_ends_when_its_decision_says() -> None:
    about = halt(halt_kind="penalty", number="P1", until=days(60))
    assert do("prolong", about, until=days(900)).until == days(900)


@pytest.mark.parametrize(
    ("imposed_on", "last"),
    [
        (date(2026, 3, 2), date(2026, 9, 2)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
    ],
)
def test_six_months_end_on_the_same_day_or_the_last_of_that_month(imposed_on: date, last: date) -> None:
    about = halt(imposed_at=at(imposed_on, 0))
    assert last_day(about, attempt("prolong", about)) == last


# -- who ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "by"),
    [
        ("impose", SUPERVISOR),  # a township's, without the power
        ("impose", FARAWAY_SUPERVISOR),
        ("impose", CONTACT),
        ("request", STRANGER),
        *((trigger, by) for trigger in ("confirm", "refuse", "lift", "prolong", "revoke") for by in (SUPERVISOR, BUREAU_INSPECTOR, FARAWAY_SUPERVISOR, CONTACT)),
        ("convert", BUREAU_SUPERVISOR),
        ("escalate", BUREAU_SUPERVISOR),
    ],
)  # fmt: skip
def test_who_may_not_is_told_who_would(trigger: str, by: Actor) -> None:
    about = halt(_STATES.get(trigger, "imposed"), [DONE], confirm_by=at(NEXT, 20))
    with pytest.raises(Forbidden):
        make(trigger, attempt(trigger, about, by=by, fired_by=None))


def test_a_township_is_told_to_report_up() -> None:
    tried = imposing(by=SUPERVISOR)
    tried.facts["cases"] = [12]
    with pytest.raises(
        Forbidden, match="Linwan station may not halt; report it up: rectify escalate 12 --reason beyond"
    ):
        make("impose", tried)


@pytest.mark.parametrize("state", ["lifted", "revoked", "converted"])
@pytest.mark.parametrize("trigger", sorted({*HALT.authorities} - {"impose"}))
def test_what_has_ended_stays_ended(trigger: str, state: str) -> None:
    with pytest.raises(NotAllowed):
        make(trigger, attempt(trigger, halt(state, [DONE])))


# -- what a move leaves, and the clocks --------------------------------------------------------------------------------


def test_a_halt_waits_on_the_unit_until_its_date() -> None:
    about = imposed(imposing())
    assert (about.waiting_on, about.due_on) == ("unit", days(60))
    assert clocks(about) == {"halt": (days(60), WaitsOn.unit)}


def test_one_imposed_on_site_is_to_be_confirmed_within_a_day() -> None:
    tried = imposing(by=BUREAU_INSPECTOR, officers=FRESH)
    about = imposed(tried)
    [confirm] = [each for each in about.deadlines if each.rule == "confirm"]
    assert (confirm.due_at, confirm.owner) == (tried.at + timedelta(hours=24), "supervisor")
    assert (about.waiting_on, about.due_on) == ("unit", days(60))
    do("confirm", about)
    assert (about.confirm_by, clocks(about)) == (None, {"halt": (days(60), WaitsOn.unit)})


def test_late_confirmation_is_still_one() -> None:
    about = halt(confirm_by=at(DAY, 10))
    assert do("confirm", about, on=days(9)).confirm_by is None


def test_a_request_is_reviewed_in_time_while_the_date_runs_on() -> None:
    about = imposed(imposing())
    do("request", about)
    review = CHINA.next_working_day(days(10, NEXT))
    assert clocks(about) == {"halt": (days(60), WaitsOn.department), "review": (days(10, NEXT), WaitsOn.department)}
    assert (about.waiting_on, about.due_on) == ("department", days(10, NEXT))
    assert about.due_at is not None
    assert about.due_at.astimezone(POLICY.zone).date() == review
    set_by = next(each.set_by for each in about.deadlines if each.rule == "halt")
    do("refuse", about)
    assert clocks(about) == {"halt": (days(60), WaitsOn.unit)}
    assert next(each.set_by for each in about.deadlines if each.rule == "halt") == set_by, "its date was never moved"


def test_prolonging_moves_the_date_and_remembers_the_old_one() -> None:
    about = do("request", halt())
    tried = attempt("prolong", about)
    entered_at = about.entered_at
    make("prolong", tried)
    assert tried.facts["was"] == days(60)
    assert clocks(about)["halt"] == (days(90), WaitsOn.department)
    assert about.entered_at == entered_at, "an internal move moves nothing"


@pytest.mark.parametrize("trigger", ["lift", "revoke", "convert"])
def test_an_end_stops_every_clock(trigger: str) -> None:
    about = do("request", halt(cases=[DONE], confirm_by=at(NEXT, 20)))
    about = do(trigger, about, on=days(2))
    assert (about.waiting_on, about.due_on, clocks(about)) == ("none", None, {})


def test_it_climbs_by_the_gravest_hazards_ladder_past_its_departments_rank() -> None:
    about = imposed(imposing())
    [clock] = about.deadlines
    assert (clock.priority, about.climber) == (0, about)
    do("escalate", about, rank="city")
    assert about.rank == "city"
    do("escalate", about, rank="county")
    assert about.rank == "city", "the rank never falls"


def test_a_regraded_hazard_lets_the_clock_look_anew() -> None:
    about = imposed(imposing(grade="general"))
    about.grade = "major"
    before = about.deadlines[0]
    before.level = 0  # past its reminders
    before.check_at = None
    do("recount", about, recount=None, fired_by="regrade")
    assert before is about.deadlines[0], "the same deadline runs"
    assert before.check_at is not None
    assert (before.priority, before.check_at.astimezone(POLICY.zone).date()) == (0, days(63))


@pytest.mark.parametrize(
    ("state", "stands", "was_lifted"),
    [("imposed", True, False), ("resumption_requested", True, False), ("lifted", False, True), ("revoked", False, False), ("converted", False, False)],
)  # fmt: skip
def test_a_hazard_is_held_by_what_stands_and_bound_by_what_was_lifted(
    state: str, stands: bool, was_lifted: bool
) -> None:
    on = HaltOn(3, state)
    assert (on.stands, on.was_lifted, str(on)) == (stands, was_lifted, "3")
