"""When a case stood open: kept by the store itself from the steps, and looked up by how long it lasted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

import cases.tables as t
from cases.history import verify
from cases.migrations.run import transaction, upgrade
from cases.questions.figures import happened
from cases.questions.figures.scope import Reading, Scope
from cases.setup import Did, prepare
from cases.store import Store, store_url
from cases.tables.spells import SPANS
from tests.cases.ledgers import Ledger
from tests.schedules.nights import rows_of

#: How long cases stand open, in days: on both sides of every span they can be of here.
LASTING = [0, 0.01, *(span + beside for span in SPANS[:8] for beside in (-0.001, 0, 0.001))]
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def ended(ledger: Ledger, day: float, lasting: float) -> int:
    """Find a case and put it right on the spot so many days later."""
    (case,) = ledger.find(1, days=day)
    ledger.move("correct", [case], day + lasting, given={"evidence": ["photo"]}, officers=["Li", "Wang"])
    ledger.close([case], day + lasting)
    return case


def spells(ledger: Ledger) -> list[Any]:
    return rows_of(ledger, t.open_spells)


def standing(ledger: Ledger, at: datetime, by: str | None = "case") -> list[Any]:
    """Return what stood open at an instant, as a period that begins then counts it."""
    day = at.date()
    reading = Reading(windowed=True, dated=False)
    scope = Scope(reading, None, day, day, at, at, NOW, NOW, at, at)
    with ledger.store.read() as tx:
        return happened.standing(tx, scope, by)


def test_what_stood_open_at_any_instant_is_what_the_steps_say(ledger: Ledger) -> None:
    for number, lasting in enumerate(LASTING):
        ended(ledger, number * 1.7, lasting)
    lasting_still = ledger.find(2, days=3)
    told = {(row.hazard_id, row.opened_at, row.ended_at) for row in spells(ledger)}
    assert {case for case, _, ended_at in told if ended_at is None} == set(lasting_still)
    instants = {edge + beside for _, *edges in told for edge in edges if edge for beside in BESIDE}
    assert len(instants) > 3 * len(LASTING)
    for at in sorted(instants):
        covering = sorted(case for case, opened, ends in told if opened < at and (ends is None or ends >= at))
        found = standing(ledger, at)
        assert [each.case for each in found if each.begun] == covering, at
        assert [each.case for each in found if each.ended] == covering, at
        assert standing(ledger, at, None)[0][:2] == (len(covering), len(covering))


BESIDE = (timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1))


def test_a_case_that_came_back_stood_open_twice(ledger: Ledger) -> None:
    case = ended(ledger, 1, 0.5)
    ledger.move("reopen", [case], 3, given={"ground": "recurred", "note": "there again"})
    assert [(row.seq, row.opened_at, row.ended_at, row.span) for row in spells(ledger)] == [
        (1, ledger.at(1), ledger.at(1.5), 1),
        (4, ledger.at(3), None, 0),
    ]


def test_a_voided_case_stands_open_no_more(ledger: Ledger) -> None:
    (case,) = ledger.find(1, days=1)
    ledger.move("void", [case], 5, by="Zhao", given={"reason": "mistaken", "note": "no hazard"})
    assert [(row.ended_at, row.span) for row in spells(ledger)] == [(ledger.at(5), 8)]


@pytest.mark.parametrize(
    "meddling",
    [
        "UPDATE open_spells SET span = 4 WHERE hazard_id = 2",
        "UPDATE open_spells SET ended_at = NULL WHERE hazard_id = 2",
        "DELETE FROM open_spells WHERE hazard_id = 2",
        "INSERT INTO open_spells SELECT hazard_id, 9, opened_at, ended_at, span FROM open_spells WHERE hazard_id = 2",
    ],
)
def test_the_audit_holds_it_to_the_steps(ledger: Ledger, meddling: str) -> None:
    for day in range(3):
        ended(ledger, day, 0.5)
    assert verify(ledger.store)[2] == []
    with ledger.store.begin() as tx:
        tx.run(text(meddling))
    [broken] = verify(ledger.store)[2]
    assert (broken.case, str(broken.why)) == (2, "when it stood open is not what its steps say")


def test_an_older_store_is_told_when_its_cases_stood_open(own_sqlite_ledger: Ledger, database_url: str) -> None:
    """Its steps tell it, whichever store they are in; and from then on the store goes on with it."""
    for number, lasting in enumerate(LASTING[:8]):
        ended(own_sqlite_ledger, number, lasting)
    back = ended(own_sqlite_ledger, 1, 0.5)
    own_sqlite_ledger.move("reopen", [back], 3, given={"ground": "recurred", "note": "there again"})
    history = [{**row._asdict(), "actor_id": None, "recorded_by": None} for row in rows_of(own_sqlite_ledger, t.steps)]
    older = database_url if "://" in database_url else f"{database_url}.older"
    store = Store(store_url(older))
    creating = Store(store.url.update_query_dict({"mode": "rwc"})) if store.kind == "sqlite" else store
    with transaction(store.kind, creating.connect) as connection:
        upgrade(connection, "0012")
        connection.execute(insert(t.steps), history)
    assert prepare(older, NOW, "me").did is Did.upgraded
    with store.begin() as tx:
        tx.run(insert(t.steps), **{**history[-1], "seq": 9, "trigger": "void", "at": own_sqlite_ledger.at(5)})
    with store.read() as tx:
        told = tx.all(select(t.open_spells).order_by(*t.open_spells.primary_key.columns))
    store.close()
    assert told[:-1] == spells(own_sqlite_ledger)[:-1]
    assert (told[-1].ended_at, told[-1].span) == (own_sqlite_ledger.at(5), 4)
