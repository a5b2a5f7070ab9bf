"""What a person reports up tells whoever answers at the next rank, with the step."""

import pytest
from sqlalchemy import select

import cases.tables as t
from cases.verbs import moves
from tests.cases.ledgers import Ledger


def told(ledger: Ledger) -> list[tuple[int, int, str | None]]:
    with ledger.store.read() as tx:
        return [(row.seq, row.person_id, row.rank) for row in tx.all(select(t.notices).order_by(t.notices.c.seq))]


def escalated(ledger: Ledger, case: int, days: float = 1) -> str:
    with ledger.door("Li", ledger.at(days)) as door:
        moves.escalate(door, case, "beyond_power", "needs the county", if_version=None)
    with ledger.store.read() as tx:
        return str(tx.value(select(t.hazards.c.rank).where(t.hazards.c.id == case)))


def test_the_next_rank_is_told(ledger: Ledger) -> None:
    [case] = ledger.find()
    assert escalated(ledger, case) == "county"
    assert told(ledger) == [(2, ledger.people["Sun"], "county")]


@pytest.mark.parametrize("rank", ["city", "province"])
def test_a_rank_with_nobody_passes_it_on(ledger: Ledger, rank: str) -> None:
    area = {"city": "330100", "province": "330000"}[rank]
    ledger.retire("Sun", ledger.on(0))
    ledger.department("above", area, rank)
    chief = ledger.person("Chief", "supervisor", "above")
    [case] = ledger.find()
    assert escalated(ledger, case) == rank
    assert told(ledger) == [(2, chief, rank)]


def test_where_nobody_answers_above_the_step_is_made_all_the_same(ledger: Ledger) -> None:
    ledger.retire("Sun", ledger.on(0))
    [case] = ledger.find()
    assert escalated(ledger, case) == "county"
    assert told(ledger) == []


def test_a_second_report_climbs_on(ledger: Ledger) -> None:
    [case] = ledger.find()
    escalated(ledger, case)
    assert escalated(ledger, case, 2) == "city"
    assert len(told(ledger)) == 1, "nobody is above the county here"
