"""Reminders: whoever owes a date hears of it before it comes, once each time, and of nothing that was done meanwhile."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update

import cases.tables as t
from cases.clockwork import rehearse
from schedules.jobs import run_once
from tests.cases.ledgers import Ledger
from tests.schedules.nights import holds, night, rows_of, swept


def address(ledger: Ledger, *names: str) -> None:
    with ledger.store.begin() as tx:
        for name in names:
            row = update(t.people).where(t.people.c.id == ledger.people[name])
            tx.run(row.values(notify="https://example.invalid/hook"))


def reminded(ledger: Ledger, rule: str | None = None) -> list[tuple[str, int, str]]:
    """Return who was reminded of what, at which level."""
    names = {number: name for name, number in ledger.people.items()}
    rows = rows_of(ledger, t.reminders)
    return sorted((row.rule, row.level, names[row.person_id]) for row in rows if rule in (None, row.rule))


def bound(ledger: Ledger, **found: Any) -> int:
    """Find a case on day 0 and order it on day 1, to be put right by day 21."""
    case = ledger.find(**found)[0]
    ledger.order([case])
    return case


def digest_of(ledger: Ledger, name: str, day: int) -> Any:
    """Run the digest of a morning; return the newest message of a person."""
    run_once(ledger.store, "digest", ledger.at(day, hour=7), node="a:1")
    found = [row for row in rows_of(ledger, t.messages) if row.person_id == ledger.people[name]]
    return found[-1] if found else None


# -- whom --------------------------------------------------------------------------------------------------------------


def test_the_units_contact_is_reminded_three_days_and_one_before_the_date(ledger: Ledger) -> None:
    case = bound(ledger)
    address(ledger, "Contact")
    tallies = [swept(ledger, day) for day in (17, 18, 19, 20, 21)]
    assert [tally.notices for tally in tallies] == [0, 1, 0, 1, 0]
    assert [tally.moved for tally in tallies] == [0] * 5
    assert reminded(ledger, "date") == [("date", -1, "Contact"), ("date", 0, "Contact")]
    with ledger.store.read() as tx:
        assert tx.value(select(t.hazards.c.seq).where(t.hazards.c.id == case)) == 3, "a reminder is no step of the case"
    assert holds(ledger)


def test_a_contact_without_an_address_leaves_it_to_the_inspectors(ledger: Ledger) -> None:
    bound(ledger)
    swept(ledger, 18)
    assert reminded(ledger, "date") == [("date", -1, "Li"), ("date", -1, "Wang")]


def test_an_inspector_it_is_assigned_to_is_reminded_alone(ledger: Ledger) -> None:
    case = ledger.find()[0]
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).where(t.hazards.c.id == case).values(assigned_to=ledger.people["Wang"]))
    swept(ledger, 2)
    assert reminded(ledger) == [("order", 0, "Wang")]


def test_what_a_retired_inspector_had_is_told_to_the_department(ledger: Ledger) -> None:
    case = ledger.find()[0]
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).where(t.hazards.c.id == case).values(assigned_to=ledger.people["Wang"]))
    ledger.retire("Wang", ledger.on(1))
    swept(ledger, 2)
    assert reminded(ledger) == [("order", 0, "Li")]


def test_what_a_supervisor_owes_is_told_to_those_of_the_department(ledger: Ledger) -> None:
    case = bound(ledger, grade="major")
    with ledger.store.begin() as tx:
        due = update(t.deadlines).where(t.deadlines.c.subject_id == case, t.deadlines.c.rule == "date")
        tx.run(due.values(owner="supervisor"))
    swept(ledger, 18)
    assert reminded(ledger, "date") == [("date", -1, "Zhao")]


def test_a_department_with_nobody_leaves_it_to_the_rank_above(ledger: Ledger) -> None:
    ledger.find()
    for name in ("Li", "Wang", "Zhao"):
        ledger.retire(name, ledger.on(1))
    swept(ledger, 2)
    assert reminded(ledger) == [("order", 0, "Sun")]


# -- once --------------------------------------------------------------------------------------------------------------


def test_two_sweeps_of_one_night_remind_once(ledger: Ledger) -> None:
    ledger.find(5)
    assert (swept(ledger, 2).notices, swept(ledger, 2).notices) == (10, 0)


def test_of_reminders_missed_while_the_service_was_down_one_is_sent(ledger: Ledger) -> None:
    bound(ledger)
    swept(ledger, 21)
    assert reminded(ledger, "date") == [("date", 0, "Li"), ("date", 0, "Wang")]


@pytest.mark.parametrize("after", [0, 6])
def test_a_service_down_over_the_date_reminds_nobody_of_what_is_past(ledger: Ledger, after: int) -> None:
    """And looks again on the day of the first rung, not every ten minutes."""
    bound(ledger)
    swept(ledger, 22 + after)
    assert reminded(ledger, "date") == []
    assert swept(ledger, 22 + after).looked_at == 0
    assert swept(ledger, 28).moved == (1 if after < 6 else 0)


def test_a_rehearsal_counts_reminders_and_writes_none(ledger: Ledger) -> None:
    ledger.find(3)
    assert rehearse(ledger.store, night(ledger, 2)).notices == 6
    assert reminded(ledger) == []
    assert swept(ledger, 2).notices == 6


def test_a_new_date_brings_its_own_reminders(ledger: Ledger) -> None:
    case = bound(ledger)
    swept(ledger, 18)
    ledger.submit([case], 19)
    ledger.failed(case, 20, due_on=ledger.on(40))
    swept(ledger, 37)
    assert [level for _, level, who in reminded(ledger, "date") if who == "Li"] == [-1, -1]


# -- told --------------------------------------------------------------------------------------------------------------


def test_a_digest_tells_what_is_due_soon_soonest_first(ledger: Ledger) -> None:
    address(ledger, "Li")
    bound(ledger)
    later = ledger.find(days=15)[0]
    swept(ledger, 18)
    message = digest_of(ledger, "Li", 18)
    facts = json.loads(message.facts)
    assert (message.count, facts["notices"], facts["cases"]) == (2, 2, 0)
    assert facts["soon"] == len(facts["soonest"]) == 2
    assert [(each["id"], each["rule"]) for each in facts["soonest"]] == [(later, "order"), (1, "date")]
    assert facts["soonest"][0]["due_on"] <= facts["soonest"][1]["due_on"]
    assert message.subject == "临近期限：2 项"
    assert "Mill" in message.body
    assert all(
        row.digest == message.key for row in rows_of(ledger, t.reminders) if row.person_id == ledger.people["Li"]
    )


def test_what_was_done_before_the_digest_is_not_told(ledger: Ledger) -> None:
    address(ledger, "Li")
    case = ledger.find()[0]
    swept(ledger, 2)
    ledger.order([case], 2)
    assert digest_of(ledger, "Li", 3) is None
    assert digest_of(ledger, "Li", 4) is None


def test_escalations_and_reminders_go_into_one_message(ledger: Ledger) -> None:
    address(ledger, "Zhao")
    ledger.find(grade="major")
    case = bound(ledger, grade="major")
    with ledger.store.begin() as tx:
        due = update(t.deadlines).where(t.deadlines.c.subject_id == case, t.deadlines.c.rule == "date")
        tx.run(due.values(owner="supervisor"))
    swept(ledger, 18)
    facts = json.loads(digest_of(ledger, "Zhao", 18).facts)
    assert facts["cases"] >= 1
    assert [each["rule"] for each in facts["soonest"]] == ["date"]
