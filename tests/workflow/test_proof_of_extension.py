"""The extension process, broken on purpose in each way that applies to it, is caught for just that."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from tests.workflow import attempts
from tests.workflow.test_proof import Change, _documented, _undocumented, found, left_out, without
from workflow import extension, guards, hazard
from workflow.authority import SUPERVISOR
from workflow.case import Attempt, Extension
from workflow.claims import EXTENSION_CLAIMS
from workflow.deadlines import counted, reconcile
from workflow.extension import EXTENSION
from workflow.policy import Ladder, default
from workflow.process import Guard, Move, Process
from workflow.proof import check
from workflow.states import ExtensionState
from workflow.terms import WaitsOn


def request_process(moves: Sequence[Move] = extension.MOVES, **changes: Any) -> Process:
    ended = [state for state in ExtensionState if state != "requested"]
    known = {"states": ExtensionState, "initial": ExtensionState.requested, "ended": ended, "effects": {}} | changes
    return Process("extension", moves=moves, **known)


def request_changed(change: Change, *triggers: str) -> Process:
    """The extension process with every move of these triggers changed, or left out for None."""
    moves = [change(move) if move.trigger in triggers else move for move in extension.MOVES]
    return request_process([move for move in moves if move is not None])


def test_a_copy_of_the_extension_is_proved_too():
    assert check(request_process(effects=extension.EFFECTS)) == []


def test_what_is_claimed_of_a_request_is_what_making_one_does():
    """Whom it waits on and by which clock are facts of `extension.make`; the claims repeat them for every open state."""
    attempt = _request()
    extension.make("request", attempt)
    request = attempt.subject
    assert [WaitsOn(request.waiting_on)] == EXTENSION_CLAIMS.waits(request.state)
    [deadline] = request.deadlines
    limit = dict(attempts.POLICY.limits)[EXTENSION_CLAIMS.clocks[request.state][0]]
    assert deadline.owner == "supervisor"
    assert deadline.due_on == counted(limit, attempt.at, attempts.POLICY, attempts.CHINA).on


def _request() -> Attempt:
    """A contact asks, five days after a hazard was found, for ten days more."""
    case, now = attempts.in_state("ordered"), attempts.at(attempts.days(5))
    about = (attempts.CONTACT, now, attempts.days(5), attempts.POLICY, attempts.CHINA)
    reconcile(attempts.Attempt(case, *about))
    known: dict[str, Any] = {
        **dict.fromkeys(each.name for each in fields(Extension) if each.init),
        "id": 3,
        "hazard_id": case.id,
        "item_id": 10,
        "area_code": case.area_code,
        "asked_by": attempts.CONTACT.id,
        "from_due_on": attempts.days(20),
        "until": attempts.days(30),
        "ground": "other",
        "reason": "no parts",
        "interim": "no sales",
        "state": "requested",
        "entered_at": now,
        "provisional": False,
        "deadlines": [],
    }
    request = Extension(**known)
    request.case = case
    return Attempt(request, *about)


def test_an_answer_nothing_leads_to_is_found():
    assert found(check(request_changed(left_out, "grant"))) == [("unreachable", "nothing leads to granted")]


def test_a_request_that_nobody_can_answer_is_found():
    """Taking it back and lapsing do not count: they answer nothing."""
    findings = found(check(request_changed(left_out, "grant", "refuse")))
    assert ("stranded", "no way leads from requested to an end") in findings


def test_a_request_that_waits_on_nobody_is_found():
    claims = replace(EXTENSION_CLAIMS, waits=lambda _: [])
    assert found(check(EXTENSION, claims)) == [("waits_on_nobody", "requested waits on nobody")]


def test_a_request_without_a_clock_is_found():
    assert found(check(EXTENSION, replace(EXTENSION_CLAIMS, clocks={}))) == [("no_clock", "no clock runs in requested")]
    unlimited = replace(EXTENSION_CLAIMS, clocks={"requested": ["patience"]})
    assert [each.check for each in check(EXTENSION, unlimited)] == ["no_clock"]


def test_a_new_open_state_of_a_request_that_nobody_thought_of_is_found():
    findings = found(check(request_process(ended=[ExtensionState.granted, ExtensionState.refused])))
    for state in ("withdrawn", "lapsed"):
        assert ("stranded", f"no way leads from {state} to an end") in findings
        assert ("waits_on_nobody", f"{state} waits on nobody") in findings
        assert ("no_clock", f"no clock runs in {state}") in findings


def test_a_request_that_would_climb_nowhere_is_found():
    policy = default()
    none = Ladder.model_construct(rungs=(), repeat=7, source="broken on purpose")
    broken = policy.model_copy(update={"ladders": policy.ladders.model_copy(update={"general": none})})
    assert [each.check for each in check(EXTENSION, policy=broken)] == ["no_ladder"]


@pytest.mark.parametrize("trigger", ["grant", "refuse"])
def test_a_request_decided_by_who_asked_is_found(trigger):
    findings = found(check(request_changed(without(extension.is_decided_by_another), trigger)))
    state = {"grant": "granted", "refuse": "refused"}[trigger]
    assert findings == [("decided_by_another", f"{trigger} leads to {state} without is_decided_by_another")]


def test_a_later_date_for_one_that_runs_no_more_is_found():
    assert found(check(request_changed(without(extension.is_still_asked), "grant"))) == [
        ("still_asked", "grant leads to granted without is_still_asked")
    ]


def test_a_request_decided_by_an_inspector_is_found():
    anybody = request_changed(lambda move: replace(move, by=hazard.INSPECTOR), "refuse")
    assert found(check(anybody)) == [
        ("decided_by_another", "refuse leads to refused, made by inspector instead of supervisor")
    ]


def test_a_second_way_to_a_later_date_is_found():
    wave = Move("wave_through", ExtensionState.requested, ExtensionState.granted, SUPERVISOR, [guards.has_note])
    assert {each.check for each in check(request_process([*extension.MOVES, wave]))} == {
        "decided_by_another", "still_asked",
    }  # fmt: skip


def test_a_side_door_of_the_extension_is_found():
    broken = request_process()
    broken.machine.add_transition("to_granted", "requested", "granted", move=extension.MOVES[1], effect=None)
    assert found(check(broken)) == [("side_door", "the machine has a side door: to_granted from requested to granted")]


@pytest.mark.parametrize(
    ("need", "what"),
    [
        (Guard(lambda _: True, "no", {}), "a guard is called <lambda>"),
        (Guard(_undocumented, "no", {}), "_undocumented does not say what its rule is"),
        (Guard(_documented, "", {}), "_documented does not say why it refuses"),
    ],
)
def test_a_guard_of_a_request_that_cannot_speak_for_itself_is_found(need, what):
    broken = request_changed(lambda move: replace(move, needs=[*move.needs, need]), "request")
    assert found(check(broken)) == [("nameless_guard", what)]


def test_a_decided_request_that_is_opened_again_is_found():
    again = Move("appeal", ExtensionState.refused, ExtensionState.requested, SUPERVISOR, [guards.has_note])
    assert found(check(request_process([*extension.MOVES, again]))) == [
        ("leaves_an_end", "appeal from refused, which has ended")
    ]


def test_a_request_that_anybody_may_take_back_is_found():
    broken = request_changed(lambda move: replace(move, by=None), "withdraw")  # type: ignore[arg-type]
    assert found(check(broken)) == [("nobody_may", "the table does not say who may withdraw")]


def test_a_climbing_request_that_moves_is_found():
    broken = request_changed(lambda move: replace(move, to=ExtensionState.lapsed), "escalate")
    assert found(check(broken)) == [("internal_moves", "escalate leads to lapsed")]
