"""The processes are proved together, and a system broken on purpose in any way is caught for just that, with the way there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.workflow import attempts
from workflow import exit as leaving
from workflow import guards, halt, hazard
from workflow.authority import INSPECTOR
from workflow.effects import EFFECTS
from workflow.process import Guard, Move, Process
from workflow.processes import FIRES, PROCESSES
from workflow.together import MEANINGS, START, System, check, explored

Change = Callable[[Move], Move | None]


def changed(kind: str, change: Change, *triggers: str) -> dict[str, Process]:
    """All processes, every move of these triggers of one of them changed, or left out for None."""
    own = PROCESSES[kind]
    moves = [change(move) if move.trigger in triggers else move for move in own.moves]
    kept = [move for move in moves if move is not None]
    broken = Process(kind, states=own.states, initial=own.initial, ended=own.ended, moves=kept, effects={})
    return {**PROCESSES, kind: broken}


def without(guard: Guard) -> Change:
    return lambda move: replace(move, needs=[need for need in move.needs if need is not guard])


def left_out(_: Move) -> None:
    return None


def unfired(trigger: str, *kinds: str) -> dict[str, dict[str, Mapping[str, str]]]:
    """What moves fire, but for what this move of the exit fires on these kinds."""
    fires = {kind: fired for kind, fired in leaving.FIRES[trigger].items() if kind not in kinds}
    return {**FIRES, "exit": {**leaving.FIRES, trigger: fires}}


def found(**broken: Any) -> list[tuple[str, str]]:
    system = System(**({"processes": PROCESSES, "fires": FIRES} | broken))
    return [(each.check, str(each.what)) for each in check(system)]


def test_they_are_proved_together() -> None:
    assert check() == []


def test_it_is_the_whole_system_that_is_explored() -> None:
    """Every trigger that somebody types and that leads anywhere is a way of some world, of each of the four processes."""
    system = System(PROCESSES, FIRES)
    known, _ = explored(system)
    made = {(way.kind, way.trigger) for world in known for way in system.ways(world)}
    assert made == set(_ways_typed())
    assert all(world.hazards and world != START for world in list(known)[1:])


def _ways_typed() -> Iterator[tuple[str, str]]:
    for kind in ("hazard", "extension", "halt", "exit"):
        process = PROCESSES[kind]
        begins = process.moves[0].trigger if kind != "hazard" else None
        for move in process.moves:
            if move.by.is_typed and (move.to is not None or move.trigger == begins or move.trigger in FIRES[kind]):
                yield kind, move.trigger


def test_a_question_is_asked_only_where_a_table_asks_it() -> None:
    """A condition with a meaning that no move needs any more would prove nothing."""
    needed = {need for process in PROCESSES.values() for move in process.moves for need in move.needs}
    assert set(MEANINGS) <= needed


@pytest.mark.parametrize("trigger", sorted(EFFECTS))
def test_a_new_round_begins_where_it_is_said_to(trigger: str) -> None:
    """What the proof is told of an effect is what the effect does."""
    states = [state for state in hazard.State if trigger in hazard.HAZARD.triggers(state)]
    case = attempts.ready(trigger, states[0])
    before = case.round
    EFFECTS[trigger](attempts.attempt(trigger, case))
    assert (case.round > before) == (trigger in hazard.NEW_ROUND)


# -- broken on purpose -------------------------------------------------------------------------------------------------

ALONE = "a case is exiting without a running exit, after: {}"
LEFT = "a case is left in a halt that is over, after: {}"
ENDLESS = "no way leads to a clean end, after: {}"


@pytest.mark.parametrize("trigger", ["verify", "revoke"])
def test_an_exit_that_ends_and_leaves_its_hazards_behind_is_found(trigger: str) -> None:
    fired = found(fires=unfired(trigger, "hazard"))
    assert ("exiting_alone", ALONE.format(f"exit decide, exit {trigger}")) in fired


def test_a_hazard_that_somebody_could_let_exit_without_an_exit_is_found() -> None:
    typed = changed("hazard", lambda move: replace(move, by=INSPECTOR), "decide_exit")
    assert ("exiting_alone", ALONE.format("hazard decide_exit")) in found(processes=typed)


def test_a_halt_lifted_over_an_open_hazard_is_found() -> None:
    loose = changed("halt", without(halt.are_all_at_rest), "lift")
    assert found(processes=loose) == [("left_in_halt", LEFT.format("halt impose, halt request, halt lift"))]


def test_a_hazard_sent_back_after_production_resumed_is_found() -> None:
    loose = changed("hazard", without(guards.has_no_lifted_halt), "send_back")
    [(code, what)] = found(processes=loose)
    assert (code, what.endswith("halt lift, hazard send_back")) == ("left_in_halt", True)


def test_an_exit_verified_over_an_open_hazard_is_found() -> None:
    loose = changed("exit", without(leaving.has_nothing_open_outside), "verify")
    [(code, what)] = found(processes=loose)
    assert (code, what.endswith("exit verify")) == ("left_in_halt", True)


def test_a_hazard_that_comes_back_into_its_old_halt_is_found() -> None:
    [(code, what)] = found(new_round=())
    assert (code, what.endswith("hazard reopen")) == ("left_in_halt", True)


def test_a_request_that_outlives_its_date_is_found() -> None:
    kept = changed("extension", left_out, "lapse")
    vain = "a request waits for a date that does not run, after: hazard order, extension request, hazard submit"
    assert found(processes=kept) == [("asked_in_vain", vain)]


def test_an_exit_that_can_never_be_verified_is_found() -> None:
    """Revoking it is no way out: nothing was put right by it."""
    stuck = changed("exit", left_out, "verify")
    closed = changed("hazard", left_out, "revoke_exit")
    assert ("no_clean_end", ENDLESS.format("exit decide")) in found(processes={**closed, "exit": stuck["exit"]})


def test_a_halt_that_can_neither_be_lifted_nor_converted_is_found() -> None:
    stuck = {**changed("halt", left_out, "lift"), "exit": changed("exit", left_out, "verify")["exit"]}
    assert ("no_clean_end", ENDLESS.format("halt impose")) in found(processes=stuck)


def test_what_is_fired_and_what_waits_to_be_fired_are_the_same() -> None:
    gone = changed("hazard", left_out, "confirm_exit")
    assert ("unheard", "hazard: confirm_exit is fired and there is no such move") in found(processes=gone)
    silent = found(fires=unfired("verify", "halt", "follow_up"))
    assert silent == [
        ("never_fired", "follow_up: nothing fires arrange"),
        ("never_fired", "halt: nothing fires convert"),
    ]
