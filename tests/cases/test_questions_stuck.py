"""stuck: why a case does not move, what weighs most, and that the open cases' own index is read."""

import pytest
from sqlalchemy import insert, select, text, update

import cases.tables as t
from cases.questions import stuck as questions
from cases.questions.filters import Filters
from cases.questions.many import overdue
from cases.questions.rows import ROW
from cases.questions.stuck import REASONS, stuck, stuck_by
from cases.statements import Statement
from tests.cases.ledgers import EAST


def ask(ledger, days, reason=None, viewer="Sun", **filters):
    with ledger.asking(viewer, days) as asking:
        return stuck(asking, Filters(**filters), reason)


def reasons(ledger, days, **filters):
    return {row["id"]: row["reasons"] for row in ask(ledger, days, **filters).rows}


# -- the reasons


def test_a_case_is_silent_once_nobody_did_anything_for_longer_than_its_state_allows(ledger):
    (case,) = ledger.find()  # found: 5 days
    assert reasons(ledger, 5) == {}
    assert reasons(ledger, 6) == {case: ["silent"]}


def test_a_note_breaks_the_silence_and_the_clock_does_not(ledger):
    noted, climbed = ledger.find(2)
    ledger.move("note", [noted], 4, given={"note": "rang them"})
    ledger.move("escalate", [climbed], 5, by=None, given={"rank": "township", "deadline": {"seq": 1, "rule": "order"}})
    assert reasons(ledger, 8) == {climbed: ["silent"]}
    assert reasons(ledger, 10) == {noted: ["silent"], climbed: ["silent"]}


def test_each_state_has_its_own_patience(ledger):
    found, rectifying = ledger.find(2)
    ledger.order([rectifying])
    ledger.move("start", [rectifying], 1)
    assert reasons(ledger, 20) == {found: ["silent"]}
    assert reasons(ledger, 47) == {found: ["silent"], rectifying: ["silent"]}


def test_a_case_is_bouncing_after_two_reworks(ledger):
    once, twice = ledger.find(2)
    ledger.order([once, twice])
    ledger.failed(once, 2, due_on=ledger.on(20))
    ledger.failed(twice, 2, due_on=ledger.on(20))
    assert reasons(ledger, 3) == {}
    ledger.failed(twice, 3, due_on=ledger.on(20))
    assert reasons(ledger, 3) == {twice: ["bouncing"]}


def test_a_transfer_is_undecided_when_our_own_answer_is_owed_too_long(ledger):
    (case,) = ledger.find()
    ledger.move("transfer", [case], 1, by="Zhao", given={"to": ledger.actor("Sun").department, "note": "theirs"})
    ledger.move("note", [case], 6, given={"note": "asked again"})
    assert reasons(ledger, 6) == {}
    assert reasons(ledger, 7) == {case: ["undecided"]}


def test_an_order_nobody_served_is_unserved(ledger):
    (case,) = ledger.find()
    order = ledger.order([case], serve=False)
    assert reasons(ledger, 8) == {}
    assert reasons(ledger, 9) == {case: ["unserved"]}
    ledger.serve(order, [case], 9)
    assert reasons(ledger, 9) == {}


def test_a_case_is_orphaned_when_its_person_left(ledger):
    (case,) = ledger.find()
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).values(assigned_to=ledger.people["Wang"]))
    assert reasons(ledger, 2) == {}
    ledger.retire("Wang", ledger.on(1))
    assert reasons(ledger, 2) == {case: ["orphaned"]}


def test_a_case_is_orphaned_when_nobody_of_its_department_could_act(ledger):
    (case,) = ledger.find(unit="Mine", by=["Qian"])
    assert reasons(ledger, 2) == {}
    ledger.retire("Qian", ledger.on(1))
    assert reasons(ledger, 2) == {case: ["orphaned"]}


def test_what_has_ended_is_not_stuck(ledger):
    (case,) = ledger.find()
    ledger.move("void", [case], by="Zhao", given={"reason": "mistaken", "note": "wrong firm"})
    assert reasons(ledger, 300) == {}


# -- the order and the foot


def test_the_heaviest_comes_first_and_of_equal_ones_the_longest_in_its_state(ledger):
    (older,) = ledger.find()
    (younger,) = ledger.find(days=1)
    (major,) = ledger.find(days=2, grade="major")
    rows = ask(ledger, 30).rows
    assert [row["id"] for row in rows] == [major, older, younger]
    assert [row["days_in_state"] for row in rows] == [28, 30, 29]
    assert set(rows[0]) >= {"unit", "text", "state", "due_on", "overdue_days", "reasons", "days_in_state"}


def test_the_foot_counts_all_of_them_whatever_the_limit(ledger):
    silent, unserved, _ = ledger.find(3)
    ledger.order([unserved], serve=False)
    answer = ask(ledger, 30, limit=1)
    assert [row["id"] for row in answer.rows] == [unserved]
    assert answer.totals == {
        "cases": 3,
        "by_reason": dict.fromkeys(REASONS, 0) | {"silent": 3, "unserved": 1},
    }
    assert silent in [row["id"] for row in ask(ledger, 30).rows]


def test_one_reason_can_be_asked_for_and_the_others_are_named_too(ledger):
    _, unserved = ledger.find(2)
    ledger.order([unserved], serve=False)
    answer = ask(ledger, 30, reason="unserved")
    assert [(row["id"], row["reasons"]) for row in answer.rows] == [(unserved, ["silent", "unserved"])]
    assert answer.totals["cases"] == 1
    with pytest.raises(ValueError, match="not in"):
        ask(ledger, 30, reason="bored")


def test_filters_and_the_contacts_bounds_hold_here_too(ledger):
    (east,) = ledger.find()
    (west,) = ledger.find(unit="Mine", by=["Qian"], grade="major")
    assert list(reasons(ledger, 30, area=EAST)) == [east]
    assert list(reasons(ledger, 30, grades=["major"])) == [west]
    assert [row["id"] for row in ask(ledger, 30, viewer="Contact").rows] == [east]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("area", [("East", 2, 30), ("West", 1, 28)]),
        ("department", [("east", 2, 30), ("west", 1, 28)]),
        ("unit", [("Mill", 2, 30), ("Mine", 1, 28)]),
        ("responsible", [("–", 2, 30), ("Foreman", 1, 29)]),
    ],
)
def test_stuck_is_grouped_the_largest_group_first(ledger, by, groups):
    one, _ = ledger.find(2)
    ledger.order([one], responsible="Foreman")
    ledger.find(unit="Mine", by=["Qian"], days=2)
    with ledger.asking("Sun", 30) as asking:
        answer = stuck_by(asking, Filters(), by)
    assert [(group["name"], group["count"], group["worst_days"]) for group in answer.rows] == groups
    assert answer.totals["cases"] == 3


def test_more_cases_than_one_fetch_holds_keep_their_order(ledger):
    cases = ledger.find(620)
    assert [row["id"] for row in ask(ledger, 30).rows] == cases


def test_every_reason_known_so_far_has_a_weight_in_the_policy(ledger):
    assert all(getattr(ledger.policy.stuck.weights, reason) for reason in REASONS)


# -- reading no more than the open cases


def crowd(ledger, closed=20_000, batch=2_000):
    """Many closed cases around the open ones, written past the door: only the planner looks at them."""
    with ledger.store.begin() as tx:
        like = tx.one(select(t.hazards).limit(1))._asdict()
        ended = {**like, "state": "closed", "waiting_on": "none", "due_at": None, "due_on": None}
        adding = Statement(insert(t.hazards))
        for first in range(1000, 1000 + closed, batch):
            tx.many(adding, [{**ended, "id": first + n} for n in range(batch)])
        tx.run(text("ANALYZE"))


def plan(tx, query):
    explained = "EXPLAIN QUERY PLAN" if tx.kind == "sqlite" else "EXPLAIN"
    compiled = Statement(query).on(tx.kind)
    tx._cursor.execute(f"{explained} {compiled.sql}", compiled.params({}))
    return "\n".join(" ".join(str(part) for part in row) for row in tx._cursor.fetchall())


def test_the_open_cases_are_found_by_their_own_index(ledger):
    ledger.find(5)
    crowd(ledger)
    with ledger.asking("Sun", 30) as asking:
        for by in (None, "area", "responsible"):
            assert "ix_hazards_open" in plan(asking.tx, questions._flagged(asking, Filters(), by))
        late = ROW.where(*overdue_conditions(asking))
        assert "ix_hazards_open" in plan(asking.tx, late)
        assert len(overdue(asking, Filters())) == 5


def overdue_conditions(asking):
    from cases.questions.many import _overdue

    return _overdue(asking, Filters())
