"""Two people at one order, on PostgreSQL: whoever was first is seen, and nothing stands on a paper that nobody serves."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

import cases.tables as t
from cases.store import Store
from cases.verbs import orders
from cases.verbs.orders import Demand, Paper, Service
from tests.cases.ledgers import Ledger
from workflow.errors import Moved, Refused

pytestmark = pytest.mark.postgresql


@pytest.fixture
def ledger(own_postgresql_ledger: Ledger) -> Ledger:
    return own_postgresql_ledger


def added(ledger: Ledger, case: int, order: int) -> None:
    """Put another case on an order that was not served."""
    with ledger.door("Wang", ledger.at(2)) as door:
        demand = Demand("Boss", "mend it", ledger.on(20), "keep out")
        orders.order(door, [case], {case: demand}, Paper(onto=f"id:{order}"), if_version=None)


def served(ledger: Ledger, order: int) -> None:
    with ledger.door("Li", ledger.at(3)) as door:
        orders.serve(door, f"id:{order}", Service(receipt="Boss"))


def withdrawn(ledger: Ledger, order: int) -> None:
    with ledger.door("Zhao", ledger.at(3)) as door:
        orders.withdraw(door, f"id:{order}", "mistake", "written in error", None)


def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, ledger: Ledger, do: Callable[[], None]) -> None:
    """Let somebody else do something, from another connection, when a function is called first."""
    real, pending = getattr(orders, name), [do]

    def called(*given: Any, **more: Any) -> Any:
        while pending:
            mine, ledger.store = ledger.store, Store(ledger.store.url)
            try:
                pending.pop()()
            finally:
                ledger.store.close()
                ledger.store = mine
        return real(*given, **more)

    monkeypatch.setattr(orders, name, called)


def items(ledger: Ledger) -> list[Any]:
    with ledger.store.read() as tx:
        return tx.all(select(t.items.c.hazard_id, t.items.c.result).order_by(t.items.c.hazard_id))


@pytest.mark.parametrize("end", [served, withdrawn])
def test_a_case_that_was_added_meanwhile_is_not_forgotten(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, end: Callable[[Ledger, int], None]
) -> None:
    one, other = ledger.find(2)
    order = ledger.order([one], 1, serve=False)
    meanwhile(monkeypatch, "_held", ledger, lambda: added(ledger, other, order))
    with pytest.raises(Moved, match="was changed by somebody else meanwhile; look again with: rectify orders show"):
        end(ledger, order)
    end(ledger, order)
    results = {row.hazard_id: row.result for row in items(ledger)}
    assert set(results) == {one, other}
    assert set(results.values()) == {"open" if end is served else "withdrawn"}


@pytest.mark.parametrize(("end", "why"), [(served, "was served already"), (withdrawn, "was withdrawn")])
def test_nothing_is_added_to_what_was_served_or_withdrawn_meanwhile(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, end: Callable[[Ledger, int], None], why: str
) -> None:
    one, other = ledger.find(2)
    order = ledger.order([one], 1, serve=False)
    meanwhile(monkeypatch, "_held", ledger, lambda: end(ledger, order))
    with pytest.raises(Refused) as refused:
        added(ledger, other, order)
    assert any(why in str(reason) for reason in refused.value.reasons)
    assert [row.hazard_id for row in items(ledger)] == [one]
