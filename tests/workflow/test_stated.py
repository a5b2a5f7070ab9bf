"""What an older ledger may state of a hazard, and that nothing else ever takes that way."""

from dataclasses import replace

from workflow.authority import INSPECTOR
from workflow.claims import IMPORT_CLAIMS
from workflow.process import Process
from workflow.proof import check
from workflow.stated import BEFORE, IMPORT_PROCESS, MOVES
from workflow.states import ENDED, State


def process(moves: list) -> Process:
    return Process("import", states=State, initial=State.found, ended=ENDED, moves=moves, effects={})


def said(each: object) -> list[str]:
    return [str(finding.what) for finding in check(each, IMPORT_CLAIMS)]


def test_a_statement_that_names_no_row_is_found():
    assert said(
        process([replace(move, needs=move.needs[1:]) if move.trigger == "void" else move for move in MOVES])
    ) == ["void does not need is_stated_by_a_ledger"]


def test_a_statement_that_somebody_types_is_found():
    assert "close can be typed" in said(
        process([replace(move, by=INSPECTOR) if move.trigger == "close" else move for move in MOVES])
    )


def test_a_state_the_ledgers_leave_to_exits_is_no_dead_end():
    assert State.exiting not in {move.to for move in MOVES}
    assert said(IMPORT_PROCESS) == []


def test_every_state_before_an_end_has_a_statement_of_it():
    for state in BEFORE:
        assert {"close", "void", "confirm_exit"} <= set(IMPORT_PROCESS.triggers(state))
