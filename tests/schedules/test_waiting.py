"""While a later date is asked for, the unit's rungs wait for the answer – and the answer is owed by a clock of its own."""

import json

import pytest
from sqlalchemy import select

import cases.tables as t
from cases.verbs import extensions
from tests.cases.ledgers import Ledger
from tests.schedules.nights import holds, levels, swept

#: Ordered on day 1 with a date on day 10; asked on day 10, so the answer is owed by day 15.
DUE, ASKED = 10, 10


def asking(ledger: Ledger, grade: str = "major") -> tuple[int, int]:
    """Order a case, and ask for a later date on its last day; return both numbers."""
    [case] = ledger.find(grade=grade)
    ledger.order([case], 1, due_on=ledger.on(DUE))
    with ledger.door("Contact", ledger.at(ASKED)) as door:
        told = extensions.request(
            door, case, until=ledger.on(DUE + 10), ground="other", reason="late parts", interim="keep out"
        )
    return case, told.document["extension"]["id"]


def decided(ledger: Ledger, verb: str, number: int, days: int) -> None:
    with ledger.door("Zhao", ledger.at(days)) as door:
        extensions.decide(door, verb, number, None)


def climbs_of(ledger: Ledger, number: int) -> list[dict[str, object]]:
    chosen = (t.steps.c.kind == "extension", t.steps.c.subject_id == number, t.steps.c.trigger == "escalate")
    with ledger.store.read() as tx:
        return [json.loads(row.facts) for row in tx.all(select(t.steps).where(*chosen).order_by(t.steps.c.seq))]


def dates(ledger: Ledger, case: int) -> list[list[int]]:
    """Return the rungs that the date itself took, and not the recheck that is owed besides."""
    with ledger.store.read() as tx:
        query = select(t.rungs).where(
            t.rungs.c.kind == "hazard", t.rungs.c.subject_id == case, t.rungs.c.rule == "date"
        )
        return sorted([row.seq, row.level] for row in tx.all(query))


def test_the_units_rungs_wait_for_the_answer(ledger: Ledger) -> None:
    case, _ = asking(ledger)
    for day in range(DUE + 1, DUE + 6):
        swept(ledger, day)
    assert dates(ledger, case) == []


def test_when_the_answer_is_late_both_climb(ledger: Ledger) -> None:
    case, number = asking(ledger)
    for day in range(DUE + 1, DUE + 10):
        swept(ledger, day)
    assert dates(ledger, case), "the unit's rungs wait no longer than the answer's clock"
    assert [facts["deadline"] for facts in climbs_of(ledger, number)][:1] == [{"rule": "answer", "seq": 1}]
    assert climbs_of(ledger, number)[0]["rank"] == "township"
    assert holds(ledger)


def test_a_refused_one_is_overdue_from_the_old_date(ledger: Ledger) -> None:
    case, number = asking(ledger)
    decided(ledger, "refuse", number, DUE + 3)
    swept(ledger, DUE + 4)
    assert [level for _, level in dates(ledger, case)] == [1, 2], "a day and three days after the old date"
    assert climbs_of(ledger, number) == []
    assert holds(ledger)


@pytest.mark.parametrize(("verb", "by"), [("refuse", "Zhao"), ("withdraw", "Contact")])
def test_what_waited_through_a_night_goes_on_when_the_request_is_over(ledger: Ledger, verb: str, by: str) -> None:
    """The night put the date off until the answer is owed; without a request there is nothing to wait for."""
    case, number = asking(ledger)
    swept(ledger, DUE + 1)
    assert dates(ledger, case) == []
    with ledger.door(by, ledger.at(DUE + 1)) as door:
        extensions.decide(door, verb, number, None)
    swept(ledger, DUE + 2)
    assert [level for _, level in dates(ledger, case)] == [1]
    assert holds(ledger)


def test_a_granted_one_climbs_from_the_new_date(ledger: Ledger) -> None:
    case, number = asking(ledger)
    decided(ledger, "grant", number, DUE + 2)
    for day in range(DUE + 3, DUE + 11):
        swept(ledger, day)
    assert dates(ledger, case) == []
    swept(ledger, DUE + 11)
    assert [level for _, level in dates(ledger, case)] == [1]
    assert holds(ledger)


def test_a_pause_is_not_forgotten_when_something_else_is_recorded(ledger: Ledger) -> None:
    """A known failure of such systems: a pause that was forgotten – or one that another step ended by mistake."""
    case, _ = asking(ledger)
    ledger.move(
        "regrade", [case], DUE + 1, by="Zhao", given={"grade": "larger", "basis": "seen", "evidence": ["photo"]}
    )
    for day in range(DUE + 2, DUE + 6):
        swept(ledger, day)
    assert dates(ledger, case) == []
    for day in range(DUE + 6, DUE + 12):
        swept(ledger, day)
    assert dates(ledger, case), "and it ends by itself"
    assert levels(ledger, case)
