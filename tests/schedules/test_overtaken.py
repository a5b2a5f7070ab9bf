"""What is recorded late: a notice is taken back where its deadline had ended before, and whoever was told hears of it once."""

import json
from typing import Any

import pytest
from sqlalchemy import update

import cases.tables as t
from cases.outbox import Told
from schedules import digest
from tests.cases.ledgers import Ledger
from tests.schedules.nights import rows_of, swept
from tests.schedules.receiver import receiver
from tests.schedules.test_digest import address, digested
from tests.schedules.test_outbox import impatient, sent
from workflow.policy import default_text


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


# -- whoever was told --------------------------------------------------------------------------------------------------


def told(ledger: Ledger, name: str = "Zhao") -> list[dict[str, Any]]:
    """Return what the messages to somebody tell, the oldest first."""
    rows = [row for row in rows_of(ledger, t.messages) if row.person_id == ledger.people[name]]
    return [{**json.loads(row.facts), "title": row.subject, "text": row.body, "row": row} for row in rows]


def in_english(ledger: Ledger) -> None:
    text = default_text().replace('language = "zh"', 'language = "en"')
    with ledger.store.begin() as tx:
        tx.add(t.policies, version=2, loaded_at=ledger.at(0), loaded_by=None, text=text)


def morning(ledger: Ledger, cases: int = 1) -> list[int]:
    """Let a night escalate cases, and the digest make the message to whoever has an address."""
    found = ledger.find(cases, grade="major")
    swept(ledger, 4)
    digested(ledger, 4)
    return found


def ordered_in_time(ledger: Ledger, case: int, recorded: float = 4) -> None:
    """Record late that the order was made on its last day."""
    late(ledger, recorded)
    ledger.order([case], 3, due_on=ledger.on(20), serve=False)
    ledger.recorded_at = None


def test_whoever_was_told_is_told_once_that_it_had_been_acted_on(ledger: Ledger) -> None:
    in_english(ledger)
    with receiver() as bell:
        address(ledger, "Zhao", url=bell.url())
        (case,) = morning(ledger)
        sent(ledger)
        ordered_in_time(ledger, case)
        assert digested(ledger, 5).moved == 1
    first, second = told(ledger)
    assert (first["cases"], first["corrected"], first["corrections"]) == (1, 0, [])
    assert (second["cases"], second["ended"], second["other"], second["worst"]) == (0, 0, 0, [])
    assert (second["notices"], second["corrected"]) == (1, 1)
    assert second["corrections"] == [{"kind": "hazard", "id": case}]
    assert second["title"] == "Corrected: 1 matters of which you were told"
    told_first = second["text"].splitlines()[0]
    assert told_first == f"corrected: 1 matters of which you were told had been acted on before: case {case}"
    late(ledger, 6)
    ledger.serve(1, [case], 3)
    ledger.move("start", [case], 3)
    ledger.submit([case], 3)
    assert '"overtakes":[2]' in last_step(ledger, case).facts
    assert digested(ledger, 7).looked_at == 0


def test_in_chinese_it_names_the_case_too(ledger: Ledger) -> None:
    with receiver() as bell:
        address(ledger, "Zhao", url=bell.url())
        (case,) = morning(ledger)
        sent(ledger)
    ordered_in_time(ledger, case)
    digested(ledger, 5)
    assert f"{case} 号隐患" in told(ledger)[-1]["text"].splitlines()[0]


def test_what_was_in_no_message_is_cancelled_and_needs_no_correction(ledger: Ledger) -> None:
    (case,) = morning(ledger)  # nobody has an address yet
    ordered_in_time(ledger, case)
    address(ledger, "Zhao", "Sun")
    assert digested(ledger, 5).looked_at == 0
    assert {row.seq for row in rows_of(ledger, t.notices)} == cancelled(ledger)


def test_an_unsent_message_with_nothing_left_to_tell_is_dropped_and_needs_no_correction(ledger: Ledger) -> None:
    with receiver() as bell:
        address(ledger, "Zhao", url=bell.url())
        (case,) = morning(ledger)
        ordered_in_time(ledger, case)
        assert sent(ledger).looked_at == 0
        assert digested(ledger, 5).looked_at == 0
    (only,) = told(ledger)
    assert only["row"].cancelled_at == ledger.at(4)


def test_an_unsent_message_that_tells_of_others_too_goes_out_and_is_corrected(ledger: Ledger) -> None:
    with receiver() as bell:
        address(ledger, "Zhao", url=bell.url())
        case, _ = morning(ledger, 2)
        ordered_in_time(ledger, case)
        assert sent(ledger).moved == 1
        assert digested(ledger, 5).moved == 1
        assert sent(ledger, day=5).moved == 1
    first, second = told(ledger)
    assert (first["cases"], second["cases"], second["corrections"]) == (2, 0, [{"kind": "hazard", "id": case}])


def test_what_is_being_sent_is_corrected(ledger: Ledger) -> None:
    address(ledger, "Zhao")
    (case,) = morning(ledger)
    with ledger.store.begin() as tx:
        tx.run(update(t.messages).values(claimed_until=ledger.at(4, hour=10), claimed_by="a:1"))
    ordered_in_time(ledger, case)
    digested(ledger, 5)
    assert told(ledger)[-1]["corrected"] == 1


def test_whoever_could_not_be_reached_was_told_nothing(ledger: Ledger) -> None:
    impatient(ledger, attempts=1)
    with receiver("500") as bell:
        address(ledger, "Zhao", url=bell.url())
        (case,) = morning(ledger)
        sent(ledger)
    assert told(ledger)[0]["row"].gave_up_at is not None
    ordered_in_time(ledger, case)
    assert digested(ledger, 5).looked_at == 0


def test_everybody_told_is_corrected_and_nobody_else(ledger: Ledger) -> None:
    address(ledger, "Zhao")
    (case,) = ledger.find(grade="major")
    swept(ledger, 10)
    digested(ledger, 10)
    with ledger.store.begin() as tx:
        tx.run(update(t.messages).values(sent_at=ledger.at(10, hour=7)))
    ordered_in_time(ledger, case, recorded=10)
    address(ledger, "Zhao", "Sun")
    digested(ledger, 11)
    assert told(ledger)[-1]["corrected"] == 1
    assert told(ledger, "Sun") == []


def test_a_correction_hides_no_escalation_and_is_none(ledger: Ledger) -> None:
    """It climbs again before the next message, by the date of the order: that is told beside the correction."""
    with receiver() as bell:
        address(ledger, "Zhao", url=bell.url())
        case, other = morning(ledger, 2)
        sent(ledger)
        ordered_in_time(ledger, case)
        ordered_in_time(ledger, other)
        ledger.move("void", [other], 5, by="Zhao", given={"reason": "mistaken", "note": "no hazard"})
        swept(ledger, 20)
        assert "serve" in {row.rule for row in rows_of(ledger, t.rungs)}
        digested(ledger, 20)
    last = told(ledger)[-1]
    assert (last["cases"], last["ended"], last["corrected"]) == (1, 0, 2)
    assert [each["id"] for each in last["worst"]] == [case]
    assert sum(last["by_rank"].values()) == 1
    assert digest.title(Told(cases=1, corrected=2)) == digest.title(Told(cases=1))


def test_the_message_names_some_of_what_it_corrects_and_counts_all() -> None:
    some = [{"kind": "exit", "id": 3}, {"kind": "hazard", "id": 7}]
    body = digest.text(Told(corrected=3, corrections=some, soon=1), "k", str)
    assert body.startswith("corrected: 3 matters of which you were told had been acted on before: exit 3, case 7, …\n")
    assert "escalated" not in body
