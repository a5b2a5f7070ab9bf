"""show, history, explain, next: what is said of one case."""

import json

import pytest
from sqlalchemy import update

import cases.tables as t
from cases.questions.explain import explain
from cases.questions.moves import next_moves
from cases.questions.one import history, show
from workflow.errors import Forbidden, NotFound
from workflow.hazard import HAZARD, State

SHOW = {
    *("id", "unit", "area", "sector", "grade", "text", "state", "waiting_on", "due_on", "due_at", "provisional"),
    *("overdue_days", "overdue_workdays", "rank", "listed_by", "assigned_to", "reworks", "recurrences", "extensions"),
    *("orders", "inspection", "campaign", "halts", "exit", "evidence", "version"),
}


def ask(ledger, question, *args, viewer="Li", days=2):
    with ledger.asking(viewer, days) as asking:
        answer = question(asking, *args)
    return json.loads(json.dumps(answer))


def test_show_has_every_promised_key_and_names_instead_of_numbers(ledger):
    campaign = ledger.campaign("Clean-up", Mill="listed")
    (case,) = ledger.find(campaign=campaign, grade="larger")
    ledger.order([case], due_on=ledger.on(10))
    said = ask(ledger, show, case)
    assert set(said) >= SHOW
    assert (said["unit"], said["area"], said["campaign"]) == ("Mill", "East", "Clean-up")
    assert (said["state"], said["waiting_on"], said["due_on"]) == ("ordered", "unit", "2026-03-12")
    assert said["due_at"] == "2026-03-12T23:59:59+08:00"
    assert (said["halts"], said["exit"], said["listed_by"], said["provisional"]) == ([], None, None, False)
    assert said["found_by"] == ["Li", "Wang"]


def test_show_gives_orders_with_the_items_of_this_case_only(ledger):
    one, other = ledger.find(2)
    ledger.order([one, other], due_on=ledger.on(10))
    ledger.order([one], days=2, serve=False, responsible="Foreman")
    first, second = ask(ledger, show, one)["orders"]
    assert (first["served"], second["served"]) == (True, False)
    assert [item["result"] for item in first["items"]] == ["open"]
    assert second["items"][0]["responsible"] == "Foreman"
    assert set(first["items"][0]) >= {"requirement", "responsible", "measure", "due_on", "result"}
    assert len(ask(ledger, show, other)["orders"]) == 1


def test_overdue_days_are_natural_and_overdue_workdays_are_chinas(ledger):
    (case,) = ledger.find()
    ledger.order([case], due_on=ledger.on(4))  # Friday
    on_time, late = (ask(ledger, show, case, days=days) for days in (4, 8))  # Tuesday
    assert (on_time["overdue_days"], on_time["overdue_workdays"]) == (0, 0)
    assert (late["overdue_days"], late["overdue_workdays"]) == (4, 2)


def test_show_names_the_person_and_the_listing_body(ledger):
    (case,) = ledger.find(grade="major")
    with ledger.store.begin() as tx:
        tx.run(
            update(t.hazards)
            .where(t.hazards.c.id == case)
            .values(assigned_to=ledger.people["Wang"], listed_by=ledger.departments["bureau"])
        )
    said = ask(ledger, show, case)
    assert (said["assigned_to"], said["listed_by"]) == ("Wang", "bureau")


def test_evidence_is_shown_by_name_and_hash(ledger):
    (case,) = ledger.find()
    with ledger.store.begin() as tx:
        tx.add(t.blobs, hash="ab", media_type="image/png", size=3, content=b"png")
        tx.add(t.evidence, kind="hazard", subject_id=case, seq=1, hash="ab", name="a.png", area_code="330109001")
    assert ask(ledger, show, case)["evidence"] == [
        {"seq": 1, "name": "a.png", "hash": "ab", "media_type": "image/png", "size": 3}
    ]


@pytest.mark.parametrize("question", [show, history, explain, next_moves])
def test_a_number_that_is_no_case_is_not_found(ledger, question):
    with pytest.raises(NotFound, match="no case 99"):
        ask(ledger, question, 99)


@pytest.mark.parametrize("question", [show, history, explain, next_moves])
def test_a_contact_reads_their_own_units_cases_only(ledger, question):
    (own,) = ledger.find()
    (others,) = ledger.find(unit="Mine", by=["Qian"])
    assert ask(ledger, question, own, viewer="Contact")
    with pytest.raises(Forbidden, match="another unit's"):
        ask(ledger, question, others, viewer="Contact")


def test_a_contact_reads_a_case_that_their_unit_was_ordered_to_put_right(ledger):
    (case,) = ledger.find(unit="Mine", by=["Qian"])
    ledger.order([case], by="Qian", to="Mill")
    assert ask(ledger, show, case, viewer="Contact")["unit"] == "Mine"


# -- history


def test_history_tells_every_step_in_the_order_of_recording(ledger):
    (case,) = ledger.find()
    ledger.order([case])
    ledger.move("start", [case], 2)
    told = ask(ledger, history, case, days=3)
    assert [step["trigger"] for step in told] == ["record", "order", "serve", "start"]
    assert [(step["seq"], step["from"], step["to"]) for step in told[:2]] == [
        (1, None, "found"),
        (2, "found", "ordered"),
    ]
    assert set(told[0]) >= {"actor", "recorded_by", "at", "recorded_at", "facts", "hash"}
    assert told[3]["actor"] == "Li"
    assert told[3]["at"] == "2026-03-04T09:00:00+08:00"
    assert told[0]["facts"]["grade"] == "general"


def test_the_clocks_steps_are_the_clocks_and_a_late_step_overtakes_them(ledger):
    (case,) = ledger.find()
    ledger.order([case], due_on=ledger.on(4))
    deadline = {"seq": 2, "rule": "date"}
    ledger.move("escalate", [case], 11, by=None, given={"rank": "township", "deadline": deadline})
    ledger.recorded_at = ledger.at(12)
    ledger.submit([case], 3)
    told = ask(ledger, history, case, days=13)
    overtaken = next(step for step in told if step["trigger"] == "escalate")
    late = told[-1]
    assert overtaken["actor"] == "clock"
    assert (overtaken["overtaken_by"], late["overtaken_by"]) == (late["seq"], None)


# -- explain


def test_a_counted_limit_is_explained_day_by_day(ledger):
    (case,) = ledger.find(days=3)  # Thursday; three working days end on Tuesday
    said = ask(ledger, explain, case, days=4)
    assert (said["rule"], said["rule_source"], said["due_on"]) == ("order", "practice", "2026-03-10")
    assert said["start"] == "2026-03-05T09:00:00+08:00"
    assert said["counted"] == [
        {"date": "2026-03-05", "counts": False, "why": "start"},
        {"date": "2026-03-06", "counts": True, "why": "working day"},
        {"date": "2026-03-07", "counts": False, "why": "weekend"},
        {"date": "2026-03-08", "counts": False, "why": "weekend"},
        {"date": "2026-03-09", "counts": True, "why": "working day"},
        {"date": "2026-03-10", "counts": True, "why": "working day"},
    ]
    assert (said["policy"], said["calendar"]) == (1, ledger.calendar.version)
    assert (said["extensions"], said["provisional"]) == ([], False)


def test_a_natural_limit_names_the_days_it_rolls_over(ledger):
    (case,) = ledger.find()
    ledger.order([case], days=4)  # submitted on a Wednesday, ten natural days end on a Saturday
    ledger.submit([case], 9)
    said = ask(ledger, explain, case, days=9)
    assert (said["rule"], said["due_on"], said["due_at"][:10]) == ("recheck", "2026-03-21", "2026-03-23")
    assert "Hubei" in said["rule_source"]
    assert [day["why"] for day in said["counted"][-3:]] == ["natural day", "rolled: weekend", "rolled: working day"]
    assert sum(day["counts"] for day in said["counted"]) == 10


def test_a_date_on_paper_is_explained_by_the_papers_number(ledger):
    (case,) = ledger.find(grade="major")
    order = ledger.order([case], due_on=ledger.on(10))
    said = ask(ledger, explain, case)
    number = ask(ledger, show, case)["orders"][0]["number"]
    assert (said["rule"], said["rule_source"], said["due_on"]) == ("date", number, "2026-03-12")
    assert f"[2026]{order}" == number
    assert {each["rule"] for each in said["others"]} == {"recheck", "plan"}


def test_without_a_deadline_nothing_is_explained(ledger):
    (case,) = ledger.find()
    ledger.move("void", [case], by="Zhao", given={"reason": "mistaken", "note": "wrong firm"})
    said = ask(ledger, explain, case)
    assert said["counted"] == []
    assert {said[name] for name in ("due_on", "due_at", "rule", "rule_source", "start", "policy", "calendar")} == {None}


# -- next


def test_next_names_every_trigger_of_the_state_and_what_is_missing(ledger):
    (case,) = ledger.find()
    told = {move["trigger"]: move for move in ask(ledger, next_moves, case)}
    assert list(told) == HAZARD.triggers("found")
    assert told["order"]["may"]
    assert told["order"]["missing"] == [
        "person responsible, measure and date must all be named; add --responsible, --measure, --due"
    ]
    assert not told["void"]["may"]
    assert "Zhao" in told["void"]["who"]
    assert not told["decide_exit"]["may"]


def test_next_fills_in_the_inspections_officers_for_a_correction_on_the_spot(ledger):
    (case,) = ledger.find()
    correct = {move["trigger"]: move for move in ask(ledger, next_moves, case, days=0)}["correct"]
    assert correct["missing"] == ["evidence is missing; add --evidence FILE"]


def test_next_names_interim_measures_for_a_grave_hazard(ledger):
    (case,) = ledger.find(grade="larger")
    order = {move["trigger"]: move for move in ask(ledger, next_moves, case)}["order"]
    assert any("interim" in reason for reason in order["missing"])


def test_next_says_that_the_units_own_contact_may(ledger):
    (case,) = ledger.find()
    ledger.order([case])
    submit = {move["trigger"]: move for move in ask(ledger, next_moves, case, viewer="Contact")}["submit"]
    assert submit["may"]
    assert "Contact" in submit["people"]
    assert submit["missing"] == ["say what was done; add --done TEXT"]


@pytest.mark.parametrize("viewer", ["Li", "Zhao", "Sun", "Contact", None])
@pytest.mark.parametrize("grade", ["general", "major"])
@pytest.mark.parametrize("state", list(State))
def test_next_answers_in_every_state_for_everybody(ledger, viewer, grade, state):
    (case,) = ledger.find(grade=grade)
    ledger.order([case])
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).where(t.hazards.c.id == case).values(state=state.value))
    told = ask(ledger, next_moves, case, viewer=viewer)
    assert [move["trigger"] for move in told] == HAZARD.triggers(state)
