"""The life of a case along time: every day that passed is counted once, and every overdue one is marked."""

from datetime import datetime

from cases.questions.one import history
from cases.questions.timeline import timeline


def lived(ledger, case, days):
    with ledger.asking("Sun", days) as asking:
        return timeline(asking, case, history(asking, case))


def test_a_line_of_time_says_what_happened_how_long_nothing_did_and_what_was_overdue(ledger):
    [case] = ledger.find()
    ledger.order([case], 2, due_on=ledger.on(10))
    ledger.submit([case], 14)
    ledger.passed([case], 15)
    ledger.close([case], 15)
    line = lived(ledger, case, 40)
    assert [entry["trigger"] for entry in line] == ["record", "order", "serve", "submit", "pass_recheck", "close"]
    assert [entry["gap_days"] for entry in line] == [0, 2, 0, 12, 1, 0]
    assert [entry["overdue_days"] for entry in line] == [0, 0, 0, 4, 0, 0]
    assert [entry["overdue_rule"] for entry in line if entry["overdue_days"]] == ["date"]


def test_an_open_case_ends_today_and_its_overdue_days_add_up(ledger):
    [case] = ledger.find()
    ledger.order([case], 2, due_on=ledger.on(10))
    ledger.move("note", [case], 17, given={"note": "seen"})
    line = lived(ledger, case, 30)
    assert line[-1]["trigger"] is None
    assert sum(entry["gap_days"] for entry in line) == 30
    with ledger.asking("Sun", 30) as asking:
        due_at = datetime.fromisoformat(f"{ledger.on(10)}T23:59:59+08:00")
        assert sum(entry["overdue_days"] for entry in line) == asking.overdue_days(due_at) == 20


def test_what_was_recorded_late_stands_where_it_happened(ledger):
    [case] = ledger.find()
    ledger.move("note", [case], 9, given={"note": "second"})
    ledger.recorded_at = ledger.at(12)
    ledger.move("note", [case], 4, by="Wang", given={"note": "first"})
    notes = [(each["actor"], each["gap_days"]) for each in lived(ledger, case, 12) if each["trigger"] == "note"]
    assert notes == [("Wang", 4), ("Li", 5)]


def test_asked_as_of_a_day_before_its_last_step_it_does_not_end_today(ledger):
    [case] = ledger.find()
    ledger.move("note", [case], 9, given={"note": "later"})
    assert [entry["trigger"] for entry in lived(ledger, case, 5)] == ["record", "note"]
