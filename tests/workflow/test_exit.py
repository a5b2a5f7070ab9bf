"""The exit process: every condition both ways, who may, what each move leaves, and what its clock does."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from tests.workflow.attempts import (
    BUREAU_SUPERVISOR,
    CHINA,
    CONTACT,
    COUNTY,
    DAY,
    FRESH,
    INSPECTOR,
    PATROLLER,
    POLICY,
    SUPERVISOR,
    TOWN,
    at,
    days,
)
from workflow.case import CLOCK, Actor, Attempt, Officer
from workflow.claims import EXIT_CLAIMS
from workflow.errors import Forbidden, NotAllowed, Refused
from workflow.exit import EXIT, MOVES, STEPS, Exit, gravest, make
from workflow.process import Guard
from workflow.terms import ExitKind, ExitStep

DUE = days(60)
ON_SITE = {"inspection": 7, "unit": 1, "seen_on": days(90), "note": "smoke from the stack"}


def leaving(kind: str = "shutdown", state: str = "decided", **changes: Any) -> Exit:
    """A unit that shuts down of its own will within sixty days; nothing of it was seen on site yet."""
    known: dict[str, Any] = {
        **dict.fromkeys(each.name for each in fields(Exit)), "id": 3, "unit_id": 1, "area_code": "330109001",
        "department_id": 2, "exit_kind": kind, "basis": "voluntary", "interim": "no production",
        "line": "kiln 2" if kind == "partial" else "", "leaves_on": DUE, "grade": "general", "state": state,
        "entered_at": at(DAY, 14), "decided_at": at(DAY, 14), "decided_by": 5, "waiting_on": "unit",
        "provisional": False, "moved_seq": 1, "version": 0, "seq": 0, "head": "", "area": TOWN, "charge": "county",
        "sector": "chemicals", "deadlines": [], "done": [],
    }  # fmt: skip
    return Exit(**(known | changes))


def seen(kind: str = "shutdown", **changes: Any) -> Exit:
    """One of which everything was seen on site."""
    return leaving(kind, **{"state": "underway", "done": [step.value for step in STEPS[kind]]} | changes)


def tried(
    subject: Exit, by: Actor = BUREAU_SUPERVISOR, on: date = DAY, officers: tuple[Officer, ...] = FRESH, **given: Any
) -> Attempt:
    return Attempt(subject, by, at(on, 15), on, POLICY, CHINA, given, officers, seq=subject.seq + 1)


def decided(**changes: Any) -> Exit:
    """One that was just decided, by the real move."""
    subject = leaving(**changes)
    make("decide", tried(subject, cases=[11], named=[11] if subject.is_partial else []))
    subject.seq = 1
    return subject


#: By condition: an attempt that does not meet it.
REFUSED: dict[str, Callable[[], Attempt]] = {
    "has_a_decision_if_by_government": lambda: tried(leaving(basis="government", body="county government")),
    "is_decided_by_then": lambda: tried(leaving(basis="government", body="b", number="n", decided_on=days(1))),
    "is_ahead": lambda: tried(leaving(leaves_on=days(-1))),
    "has_measures_for_the_transition": lambda: tried(leaving(interim=" ")),
    "names_its_line_if_partial": lambda: tried(leaving("partial"), cases=[]),
    "names_no_line_if_whole": lambda: tried(leaving(line="kiln 2")),
    "are_of_the_unit": lambda: tried(leaving(), strangers=[12]),
    "are_of_the_line": lambda: tried(leaving("partial"), others=[12]),
    "is_the_only_exit": lambda: tried(leaving(), running=2),
    "has_evidence": lambda: tried(leaving(), step="stopped", evidence=[]),
    "is_not_seen_yet": lambda: tried(leaving(done=["stopped"]), step="stopped"),
    "has_a_new_site_if_said_so": lambda: tried(leaving("retreat"), step="new_site"),
    "is_seen_by_two": lambda: tried(seen(), officers=FRESH[:1]),
    "is_certified": lambda: tried(seen(), officers=(FRESH[0], replace(FRESH[1], certificate=None))),
    "has_all_steps": lambda: tried(leaving(done=["stopped", "disposed", "licence"])),
    "has_nothing_open_outside": lambda: tried(seen(), outside=[12]),
    "has_note": lambda: tried(leaving()),
    "was_seen_again": lambda: tried(seen(state="verified"), **{**ON_SITE, "inspection": None}),
    "was_seen_there": lambda: tried(seen(state="verified"), **{**ON_SITE, "unit": 2}),
    "was_seen_since": lambda: tried(seen(state="verified", verified_on=days(91)), **ON_SITE),
}
GUARDS: dict[str, Guard] = {need.name: need for move in MOVES for need in move.needs}


def test_every_condition_is_tried_both_ways() -> None:
    assert set(REFUSED) == set(GUARDS)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_a_condition_says_yes(name: str) -> None:
    """A partial exit under way of which everything is seen but the last step, as nobody would object to."""
    subject = seen("relocation", done=["stopped"]) if name == "is_not_seen_yet" else seen("relocation")
    assert GUARDS[name](tried(subject, step="new_site", evidence=["photo"], **ON_SITE))


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_condition_says_no_in_a_sentence(name: str) -> None:
    against = REFUSED[name]()
    assert not GUARDS[name](against)
    assert str(GUARDS[name].says(against))


def test_a_government_decides_and_a_department_records_it() -> None:
    """Body, number and date of the decision, or it was none."""
    whole = {"basis": "government", "body": "county government", "number": "[2026] 7", "decided_on": DAY}
    assert EXIT.why_not("decide", tried(leaving(**whole))) == []
    for missing in ("body", "number", "decided_on"):
        assert len(EXIT.why_not("decide", tried(leaving(**{**whole, missing: None})))) == 1


def test_a_line_goes_with_its_hazards_and_a_unit_with_all() -> None:
    assert EXIT.why_not("decide", tried(leaving("partial"), cases=[11], named=[11])) == []
    assert len(EXIT.why_not("decide", tried(leaving("partial", line=""), cases=[11], named=[11]))) == 1
    assert len(EXIT.why_not("decide", tried(leaving(), cases=[11], named=[11]))) == 1
    assert EXIT.why_not("decide", tried(leaving(), cases=[11, 12])) == []


def test_a_refusal_names_every_unmet_condition() -> None:
    with pytest.raises(Refused) as refused:
        make(
            "decide", tried(leaving("partial", basis="government", interim="", line="", leaves_on=days(-1)), running=2)
        )
    assert len(refused.value.reasons) == 5


@pytest.mark.parametrize("kind", list(ExitKind))
def test_each_kind_takes_the_steps_of_its_kind(kind: str) -> None:
    """Each of them, and no other: DOMAIN, table of the exit."""
    for step in STEPS[kind]:
        one_short = seen(kind, done=[each.value for each in STEPS[kind] if each != step])
        [reason] = EXIT.why_not("verify", tried(one_short))
        assert f"rectify exit step 3 {step}" in str(reason)
    assert EXIT.why_not("verify", tried(seen(kind))) == []
    assert (ExitStep.new_site in STEPS[kind]) == (kind == "relocation")
    assert (ExitStep.disposed in STEPS[kind]) == (kind != "retreat")
    assert (ExitStep.licence in STEPS[kind]) == (kind != "partial")


# -- who ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "may", "may_not"),
    [
        ("decide", BUREAU_SUPERVISOR, SUPERVISOR),  # the station may not halt
        ("decide", BUREAU_SUPERVISOR, INSPECTOR),
        ("add", INSPECTOR, CONTACT),
        ("step", INSPECTOR, PATROLLER),
        ("verify", SUPERVISOR, INSPECTOR),
        ("revoke", BUREAU_SUPERVISOR, INSPECTOR),
        ("breach", INSPECTOR, CONTACT),
        ("escalate", CLOCK, SUPERVISOR),
    ],
)
def test_who_may(trigger: str, may: Actor, may_not: Actor) -> None:
    assert EXIT.may(trigger, tried(leaving(), may)) is None
    with pytest.raises(Forbidden):
        make(trigger, tried(leaving(), may_not))


def test_a_department_that_may_not_halt_is_told_to_report_up() -> None:
    assert "beyond_power" in str(EXIT.may("decide", tried(leaving(), SUPERVISOR)))


# -- what it leaves ----------------------------------------------------------------------------------------------------


def test_its_date_is_a_clock_of_its_own_that_the_unit_owes() -> None:
    subject = decided()
    [clock] = subject.deadlines
    assert (clock.rule, clock.owner, clock.set_by, clock.due_on) == ("exit", "unit", 1, DUE)
    assert (subject.waiting_on, subject.due_on, subject.due_at) == ("unit", DUE, clock.due_at)


def test_steps_leave_the_clock_alone() -> None:
    subject = decided()
    [clock] = subject.deadlines
    for step in ("stopped", "removed"):
        make("step", tried(subject, INSPECTOR, days(2), step=step, evidence=["photo"]))
        subject.seq += 1
    assert subject.deadlines == [clock]
    assert (subject.state, subject.done) == ("underway", ["stopped", "removed"])


def test_once_all_is_seen_it_waits_on_who_verifies_it() -> None:
    """The unit has done its part; what is left climbs as the department's own delay."""
    subject = decided()
    for step in STEPS["shutdown"]:
        assert subject.waiting_on == "unit"
        make("step", tried(subject, INSPECTOR, days(2), step=step.value, evidence=["photo"]))
        subject.seq += 1
    assert (subject.waiting_on, [each.owner for each in subject.deadlines]) == ("supervisor", ["supervisor"])
    claimed = {wait.value for wait in EXIT_CLAIMS.waits("underway")}
    assert claimed == {"unit", "supervisor"}


def test_a_graver_hazard_that_joins_brings_its_ladder_along() -> None:
    subject = decided()
    [clock] = subject.deadlines
    make("add", tried(subject, INSPECTOR, days(1), cases=[12], grades=["major"]))
    assert (subject.grade, clock.priority) == ("major", 0)


def test_a_hazard_that_joins_moves_nothing() -> None:
    subject = decided()
    before = replace(subject)
    make("add", tried(subject, INSPECTOR, days(1), cases=[12]))
    assert subject == before


@pytest.mark.parametrize(("trigger", "state"), [("verify", "verified"), ("revoke", "revoked")])
def test_its_end_ends_the_clock(trigger: str, state: str) -> None:
    subject = decided()
    subject.done = [step.value for step in STEPS["shutdown"]]
    make(trigger, tried(subject, on=days(30), note="so be it"))
    assert (subject.state, subject.waiting_on, subject.due_on) == (state, "none", None)
    assert [each.ended_by for each in subject.deadlines] == [2]
    assert subject.verified_on == (days(30) if trigger == "verify" else None)


def test_only_what_was_verified_is_breached() -> None:
    with pytest.raises(NotAllowed):
        make("breach", tried(leaving(), INSPECTOR, **ON_SITE))
    subject = seen(state="verified", verified_on=days(80))
    make("breach", tried(subject, INSPECTOR, days(90), **ON_SITE))
    assert (subject.state, subject.note) == ("breached", ON_SITE["note"])
    for trigger in ("step", "verify", "revoke", "breach", "add"):
        with pytest.raises(NotAllowed):
            make(trigger, tried(subject))


def test_its_rank_never_falls() -> None:
    subject = decided()
    for told, rank in (("city", "city"), ("county", "city"), ("province", "province")):
        make("escalate", tried(subject, CLOCK, rank=told))
        assert subject.rank == rank


def test_it_climbs_by_the_ladder_of_the_gravest_hazard() -> None:
    assert gravest(["general", "major", "larger"]) == "major"
    assert gravest([]) == "general"
    assert COUNTY in seen().area


def test_what_begins_an_exit_is_nothing_that_may_be_done_with_one() -> None:
    assert EXIT.possible(tried(leaving(state="underway"))) == ["step", "revoke", "add"]
    assert EXIT.possible(tried(seen())) == ["step", "verify", "revoke", "add"]
    assert EXIT.possible(tried(seen(state="verified"))) == ["breach"]
