"""What is recorded late: a notice is taken back where its deadline had ended before, and nowhere else."""

from typing import Any

import pytest

import cases.tables as t
from tests.cases.ledgers import Ledger
from tests.schedules.nights import rows_of, swept


def late(ledger: Ledger, day: float) -> None:
    """Let what comes now be recorded on this day."""
    ledger.recorded_at = ledger.at(day)


def last_step(ledger: Ledger, case: int) -> Any:
    return [row for row in rows_of(ledger, t.steps) if row.kind == "hazard" and row.subject_id == case][-1]


def escalations(ledger: Ledger) -> dict[str, int]:
    """Return the number of the step by which the clock took a case higher, by the rule that was missed."""
    return {row.rule: row.seq for row in rows_of(ledger, t.rungs)}


def cancelled(ledger: Ledger) -> set[int]:
    """Return the numbers of the steps whose notices do not go out; those of one step go or stay together."""
    found = {(row.seq, row.cancelled_at is not None) for row in rows_of(ledger, t.notices)}
    seqs = [seq for seq, _ in found]
    assert len(seqs) == len(set(seqs))
    return {seq for seq, is_cancelled in found if is_cancelled}


@pytest.mark.parametrize("trigger", ["note", "assign", "acknowledge"])
def test_what_leaves_the_missed_deadline_running_silences_nobody(ledger: Ledger, trigger: str) -> None:
    (case,) = ledger.find(grade="major")
    assert swept(ledger, 4).notices
    given = {
        "note": {"note": "called them"},
        "assign": {"to": ledger.actor("Wang"), "to_may_act": True},
        "acknowledge": {"until": ledger.on(6), "note": "seen to"},
    }
    late(ledger, 4)
    ledger.move(trigger, [case], 3, by="Zhao" if trigger == "acknowledge" else "Li", given=given[trigger])
    assert "overtakes" not in last_step(ledger, case).facts
    assert cancelled(ledger) == set()


def test_a_move_that_ends_the_missed_deadline_cancels_what_is_unsent(ledger: Ledger) -> None:
    case, other = ledger.find(2, grade="major")
    swept(ledger, 4)
    late(ledger, 4)
    ledger.order([case], 3, due_on=ledger.on(20), serve=False)
    assert '"overtakes":[2]' in last_step(ledger, case).facts
    taken_back = {row.subject_id: row.cancelled_at is not None for row in rows_of(ledger, t.notices)}
    assert taken_back == {case: True, other: False}


def test_a_move_lists_all_the_clocks_steps_but_what_runs_on_is_told(ledger: Ledger) -> None:
    """The unit had begun before its date, and was done before it: that it has no plan is so all the same."""
    (case,) = ledger.find(grade="major")
    ledger.order([case], 1, due_on=ledger.on(20))
    swept(ledger, 22)
    climbed = escalations(ledger)
    assert set(climbed) >= {"plan", "date"}
    late(ledger, 22)
    ledger.move("start", [case], 18)
    listed = ",".join(str(seq) for seq in sorted(climbed.values()))
    assert f'"overtakes":[{listed}]' in last_step(ledger, case).facts
    assert cancelled(ledger) == set()
    ledger.submit([case], 19)
    assert f'"overtakes":[{listed}]' in last_step(ledger, case).facts
    assert climbed["date"] in cancelled(ledger)
    assert climbed["plan"] not in cancelled(ledger)


def test_what_moves_nothing_overtakes_the_deadline_that_it_ended(ledger: Ledger) -> None:
    (case,) = ledger.find(grade="major")
    ledger.order([case], 1, due_on=ledger.on(20))
    swept(ledger, 22)
    climbed = escalations(ledger)
    late(ledger, 22)
    whole = dict.fromkeys(("goal", "method", "organisation", "emergency"), "as drawn")
    ledger.move("plan", [case], 3, given={**whole, "funds": "1000", "deadline": ledger.on(20)})
    assert f'"overtakes":[{climbed["plan"]}]' in last_step(ledger, case).facts
    assert cancelled(ledger) == {climbed["plan"]}
