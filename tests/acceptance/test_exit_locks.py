"""An exit and somebody else's move of the same hazards, on PostgreSQL: they wait for each other in one order."""

import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text

import cases.tables as t
from cases.store import Store, store_url
from cases.verbs import exits
from tests.acceptance.conftest import lent
from tests.acceptance.station import OFFICERS, Station
from tests.acceptance.test_exits import INSPECTOR, STORE, SUPERVISOR, decided, see

pytestmark = pytest.mark.postgresql

HOLD = select(t.hazards.c.id).where(t.hazards.c.id == bindparam("case")).with_for_update()
WAITING = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
)


@pytest.fixture
def station(request: pytest.FixtureRequest) -> Iterator[Station]:
    with lent("postgresql", request) as station:
        yield station


def held(url: str, cases: list[int], errors: list[BaseException]) -> None:
    """Hold cases in the order of their numbers, as whatever moves several does."""
    store = Store(store_url(url))
    try:
        with store.begin() as tx:
            for case in sorted(cases):
                tx.one(HOLD, case=case)
    except BaseException as error:
        errors.append(error)
    finally:
        store.close()


def until_somebody_waits(url: str) -> None:
    store = Store(store_url(url))
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with store.read() as tx:
                if tx.one(WAITING) is not None:
                    return
            time.sleep(0.02)
        pytest.fail("nobody waits")
    finally:
        store.close()


def test_a_verified_exit_holds_what_its_units_halts_name_together_with_its_own_hazards(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A halt names a case with a lower number than one that goes: both are held before the exit, the lower one first."""
    halted, going = station.cases["found elsewhere"], station.cases["ordered elsewhere"]
    assert halted < going
    halt = ("halt", "impose", STORE, "--kind", "temporary", "--case", halted, "--scope", "part", "--reason", "泄漏")
    halt_id = station.told(SUPERVISOR, *halt, "--until", station.day(60))["halt"]["id"]
    station.done(SUPERVISOR, "void", halted, "--reason", "mistaken", "--note", "误录")
    number = decided(station)
    see(station, number)
    errors: list[BaseException] = []
    another = Thread(target=held, args=(station.store, [halted, going], errors))
    real = exits.conversions

    def meanwhile(*given: Any, **more: Any) -> Any:
        another.start()
        until_somebody_waits(station.store)
        return real(*given, **more)

    monkeypatch.setattr(exits, "conversions", meanwhile)
    result = station.run(SUPERVISOR, "exit", "verify", number, *OFFICERS)
    another.join()
    assert not errors
    assert result.exit_code == 0, result.stderr
    assert station.show(going)["state"] == "shutdown"
    assert station.told(INSPECTOR, "halt", "show", halt_id)["state"] == "converted"
