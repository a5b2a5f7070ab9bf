"""The hazard process is proved, and a process broken on purpose in any way is caught for just that."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest

from workflow import guards, hazard
from workflow.authority import CLOSER, SUPERVISOR
from workflow.claims import CLAIMS, HAZARD_CLAIMS
from workflow.effects import EFFECTS
from workflow.hazard import ENDED, HAZARD, MOVES, State
from workflow.policy import Ladder, default
from workflow.process import Guard, Move, Process
from workflow.processes import PROCESSES
from workflow.proof import Finding, check
from workflow.terms import WaitsOn

Change = Callable[[Move], Move | None]


def process(moves: Sequence[Move] = MOVES, **changes: Any) -> Process:
    known: dict[str, Any] = {"states": State, "initial": State.found, "ended": ENDED, "effects": {}} | changes
    return Process("hazard", moves=moves, **known)


def changed(change: Change, *triggers: str) -> Process:
    """The hazard process with every move of these triggers changed, or left out for None."""
    moves = [change(move) if move.trigger in triggers else move for move in MOVES]
    return process([move for move in moves if move is not None])


def without(guard: Guard) -> Change:
    return lambda move: replace(move, needs=[need for need in move.needs if need is not guard])


def left_out(_: Move) -> None:
    return None


def found(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(each.check, str(each.what)) for each in findings]


# -- the theorem -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_is_proved(name):
    assert check(PROCESSES[name]) == []


def test_there_are_claims_about_every_process():
    assert set(CLAIMS) == set(PROCESSES)


def test_a_copy_of_it_is_proved_too():
    assert check(process(effects=EFFECTS)) == []


def test_a_process_nobody_made_claims_about_is_not_proved():
    with pytest.raises(KeyError):
        check(Process("parade", states=State, initial=State.found, ended=ENDED, moves=MOVES, effects={}))


@pytest.mark.parametrize("name", PROCESSES)
def test_every_internal_trigger_of_the_table_is_claimed_to_be_internal(name):
    moves = PROCESSES[name].moves
    moving = {move.trigger for move in moves if move.to is not None}
    assert CLAIMS[name].internal == {move.trigger for move in moves} - moving


# -- ways --------------------------------------------------------------------------------------------------------------


def test_a_state_nothing_leads_to_is_found():
    assert found(check(changed(left_out, "start"))) == [("unreachable", "nothing leads to rectifying")]


def test_a_state_without_a_way_to_an_end_is_found():
    """Voiding does not count: it puts nothing right."""
    dead_end = changed(
        lambda move: replace(move, to=None) if move.to is not None else move, "confirm_exit", "revoke_exit"
    )
    assert ("stranded", "no way leads from exiting to an end") in found(check(dead_end))


def test_a_process_without_ends_strands_every_state():
    stranded = [each.check for each in check(changed(left_out, "close", "confirm_exit"))].count("stranded")
    assert stranded == len(hazard.OPEN)


@pytest.mark.parametrize("trigger", ["correct", "pass_recheck"])
def test_a_way_past_two_officers_on_site_is_found(trigger):
    findings = found(check(changed(without(guards.is_seen_by_two), trigger)))
    assert ("two_on_site", "a way leads from found to closed past is_seen_by_two") in findings


def test_a_new_short_cut_past_two_officers_is_found():
    short_cut = Move("skip", State.submitted, State.rechecked, SUPERVISOR, [guards.has_note])
    assert found(check(process([*MOVES, short_cut]))) == [
        ("two_on_site", "a way leads from found to closed past is_seen_by_two")
    ]


def test_a_withdrawal_that_does_not_ask_for_a_passed_item_is_found():
    anyway = changed(
        lambda move: replace(move, when=guards.leaves_nothing) if move.to == State.rechecked else move, "withdraw"
    )
    assert [each.check for each in check(anyway)] == ["two_on_site"]


def test_a_passed_item_that_one_officer_may_have_passed_vouches_for_nothing():
    """Only the internal recheck is weakened: no way changes, but withdrawing the rest would be one."""
    weakened = changed(
        lambda move: without(guards.is_seen_by_two)(move) if move.to is None else move, "pass_recheck"
    )  # fmt: skip
    assert found(check(weakened)) == [
        ("two_on_site", "leaves_only_passed_items vouches for is_seen_by_two, which not every pass_recheck needs")
    ]


def test_a_closing_by_the_rechecker_is_found():
    assert found(check(changed(without(guards.is_closed_by_another_if_grave), "close"))) == [
        ("closed_by_another", "close leads to closed without is_closed_by_another_if_grave")
    ]


def test_a_second_way_into_closed_is_found():
    second = Move("archive", State.rechecked, State.closed, CLOSER, [guards.has_note])
    assert found(check(process([*MOVES, second]))) == [
        ("closed_by_another", "archive leads to closed without is_closed_by_another_if_grave")
    ]


def test_a_closing_by_anybody_is_found():
    anybody = changed(lambda move: replace(move, by=hazard.INSPECTOR), "close")
    assert found(check(anybody)) == [
        ("closed_by_another", "close leads to closed, made by inspector instead of closer")
    ]


# -- nobody is forgotten -----------------------------------------------------------------------------------------------


def test_an_open_state_that_waits_on_nobody_and_has_no_clock_is_found():
    ended = [state for state in ENDED if state != State.voided]
    findings = found(check(process(ended=ended)))
    assert ("waits_on_nobody", "voided waits on nobody") in findings
    assert ("no_clock", "no clock runs in voided") in findings


def test_a_state_that_may_wait_on_nobody_is_found():
    def waits(state: str) -> list[WaitsOn]:
        return [] if state == "submitted" else [WaitsOn.unit]

    assert found(check(HAZARD, replace(HAZARD_CLAIMS, waits=waits))) == [
        ("waits_on_nobody", "submitted waits on nobody")
    ]


def test_a_state_without_a_clock_is_found():
    clocks = {state: rules for state, rules in HAZARD_CLAIMS.clocks.items() if state != "rechecked"}
    assert found(check(HAZARD, replace(HAZARD_CLAIMS, clocks=clocks))) == [("no_clock", "no clock runs in rechecked")]


def test_a_clock_without_a_limit_or_a_date_is_found():
    assert found(check(HAZARD, replace(HAZARD_CLAIMS, dated={"date"}))) == [
        ("no_clock", "the clock of exiting is exit, which is neither a date nor a limit of the policy")
    ]


def test_a_grade_without_a_ladder_is_found():
    policy = default()
    none = Ladder.model_construct(rungs=(), repeat=7, source="broken on purpose")
    broken = policy.model_copy(update={"ladders": policy.ladders.model_copy(update={"major": none})})
    assert found(check(HAZARD, policy=broken)) == [("no_ladder", "an overdue major case climbs nowhere")]


# -- the lines of the table --------------------------------------------------------------------------------------------


def test_a_side_door_of_the_machine_is_found():
    broken = process()
    broken.machine.add_transition("to_closed", "found", "closed", move=MOVES[0], effect=None)
    assert found(check(broken)) == [("side_door", "the machine has a side door: to_closed from found to closed")]


def test_a_side_door_behind_a_declared_trigger_is_found():
    broken = process()
    broken.machine.add_transition("close", "found", "closed", move=MOVES[0], effect=None)
    assert found(check(broken)) == [("side_door", "the machine has a side door: close from found to closed")]


def test_a_second_copy_of_a_door_is_found():
    broken = process()
    unguarded = Move("close", State.rechecked, State.closed, CLOSER)
    broken.machine.add_transition("close", "rechecked", "closed", move=unguarded, effect=None)
    assert found(check(broken)) == [("side_door", "the machine has a side door: close from rechecked to closed")]


def test_a_door_that_the_machine_lacks_is_found():
    broken = process()
    del broken.machine.events["close"]
    assert found(check(broken)) == [("side_door", "the machine has no close from rechecked to closed")]


def _documented(attempt: object) -> bool:
    """A rule."""
    return True


def _undocumented(attempt: object) -> bool:
    return True


def _impostor() -> Guard:
    def has_note(attempt: object) -> bool:
        """Not the one of the domain."""
        return True

    return Guard(has_note, "no", {})


@pytest.mark.parametrize(
    ("need", "what"),
    [
        (Guard(lambda _: True, "no", {}), "a guard is called <lambda>"),
        (Guard(_documented, " ", {}), "_documented does not say why it refuses"),
        (Guard(_undocumented, "no", {}), "_undocumented does not say what its rule is"),
        (_impostor(), "two guards are called has_note"),
    ],
)
def test_a_guard_that_cannot_speak_for_itself_is_found(need, what):
    broken = changed(lambda move: replace(move, needs=[*move.needs, need]), "note")
    assert found(check(broken)) == [("nameless_guard", what)]


def test_a_choosing_guard_must_speak_for_itself_too():
    broken = changed(
        lambda move: replace(move, when=Guard(_undocumented, "no", {})) if move.when else move, "pass_recheck"
    )
    assert [each.check for each in check(broken)] == ["nameless_guard"]


def test_a_bare_function_is_no_guard():
    broken = changed(lambda move: replace(move, needs=[_documented]), "note")  # type: ignore[list-item]
    ((code, what),) = found(check(broken))
    assert code == "nameless_guard"
    assert what.endswith("is not a guard")


def test_an_ended_state_with_a_way_out_is_found():
    broken = Move("revive", State.voided, State.found, SUPERVISOR, [guards.has_note])
    assert found(check(process([*MOVES, broken]))) == [("leaves_an_end", "revive from voided, which has ended")]


def test_a_trigger_nobody_may_make_is_found():
    broken = changed(lambda move: replace(move, by=None), "note")  # type: ignore[arg-type]
    assert found(check(broken)) == [("nobody_may", "the table does not say who may note")]


def test_a_trigger_with_two_authorities_is_found():
    """The door asks for authority by trigger: the second one would be forgotten."""
    broken = changed(lambda move: replace(move, by=SUPERVISOR) if move.to is None else move, "pass_recheck")
    assert found(check(broken)) == [("nobody_may", "the table says twice who may pass_recheck")]


def test_an_internal_trigger_that_moves_is_found():
    broken = changed(lambda move: replace(move, to=State.found), "assign")
    assert ("internal_moves", "assign leads to found") in found(check(broken))


def test_a_move_behind_one_without_a_condition_is_found():
    broken = changed(
        lambda move: replace(move, when=None) if move.to == State.rechecked else move, "pass_recheck"
    )  # fmt: skip
    assert found(check(broken)) == [
        ("ambiguous", f"a move of pass_recheck from {state} is never made") for state in hazard.BINDING
    ]


def test_a_trigger_that_may_find_no_move_is_found():
    broken = changed(lambda move: move if move.when else None, "pass_recheck")
    assert found(check(broken)) == [
        ("ambiguous", f"pass_recheck may find no move from {state}") for state in hazard.BINDING
    ]


# -- another process -------------------------------------------------------------------------------------------------


def test_claims_fit_a_process_of_other_states():
    class Light(StrEnum):
        red = "red"
        green = "green"

    moves = [Move("go", Light.red, Light.green, SUPERVISOR, [guards.has_note])]
    lights = Process("lights", states=Light, initial=Light.red, ended=[Light.green], moves=moves, effects={})
    claims = replace(
        HAZARD_CLAIMS, waits=lambda _: [WaitsOn.unit], clocks={"red": ["answer"]}, passages=[], gates=[]
    )  # fmt: skip
    assert check(lights, claims) == []
