"""Killed at any moment (-9), the ledger loses nothing it acknowledged and doubles nothing.

Each worker tells its parent what it was told was done; the parent looks for exactly that.
"""

import os
import random
from collections import Counter

import pytest
from sqlalchemy import select, update

import cases.tables as t
from cases.clockwork import sweep
from cases.history import verify
from cases.store import Store
from cases.verbs import exits, moves
from tests.cases.ledgers import Ledger
from tests.forks import fork

KILLS = 100
DAY = 24.0


@pytest.fixture
def overdue(ledger: Ledger) -> Ledger:
    """A ledger with sixty cases that are overdue, and twenty that are moved by hand."""
    ledger.find(60, grade="major")
    ledger.find(20)
    ledger.store.close()
    return ledger


def _moving(writing: int, ledger: Ledger, cases: list[int], seed: int) -> None:
    """Write notes on random pairs of cases, all or none, and say what was acknowledged."""
    ledger.store = Store(ledger.store.url)
    chance = random.Random(seed)
    while True:
        pair = chance.sample(cases, 2)
        with ledger.door("Li", ledger.at(1)) as door:
            made = moves.move(door, "note", pair, {"note": f"{seed}"})
        told = [f"{case['id']} {case['version']}" for case in made.document["cases"]]
        os.write(writing, ("\n".join(told) + "\n").encode())


def _sweeping(writing: int, ledger: Ledger, day: float) -> None:
    ledger.store = Store(ledger.store.url)
    report = sweep(ledger.store, ledger.at(day), batch=7)
    os.write(writing, f"{report.moved}\n".encode())


def test_kills_in_the_middle_of_moves_lose_and_double_nothing(overdue: Ledger) -> None:
    """Every acknowledged step is there, every pair moved together, every chain holds."""
    chance = random.Random(1)
    cases = list(range(61, 81))
    acknowledged: list[tuple[int, int]] = []
    for seed in range(KILLS):
        said = fork(_moving, overdue, cases, seed).kill(chance.uniform(0.002, 0.06))
        acknowledged += [(int(case), int(version)) for case, version in (line.split() for line in said)]
    assert acknowledged, "no worker got as far as a single move"
    with overdue.store.read() as tx:
        steps = {(each.subject_id, each.seq): each.trigger for each in tx.all(select(t.steps))}
    assert all(steps.get(each) == "note" for each in acknowledged)
    notes = Counter(trigger for trigger in steps.values())["note"]
    assert notes % 2 == 0, "pairs move together"
    assert len(acknowledged) <= notes <= len(acknowledged) + 2 * KILLS
    assert not verify(overdue.store)[2]


def test_kills_in_the_middle_of_sweeps_lose_and_double_nothing(overdue: Ledger) -> None:
    """However often the night is killed, in the end every rung was taken once, by one step that names it."""
    chance = random.Random(2)
    for night in range(KILLS):
        fork(_sweeping, overdue, 20.0 + night // 4).kill(chance.uniform(0.001, 0.08))
    last = 20.0 + (KILLS - 1) // 4
    sweep(overdue.store, overdue.at(last))
    again = sweep(overdue.store, overdue.at(last))
    assert again.moved == 0, "a whole night was left, nothing is left for a second one"
    with overdue.store.read() as tx:
        climbs = tx.all(select(t.steps).where(t.steps.c.trigger == "escalate"))
        rungs = tx.all(select(t.rungs))
    named = Counter((each.subject_id, each.seq) for each in rungs)
    assert set(named) == {(each.subject_id, each.seq) for each in climbs}
    levels = [(each.subject_id, each.rule, each.set_by, each.level) for each in rungs]
    assert len(levels) == len(set(levels))
    majors = {each.subject_id for each in rungs if each.subject_id <= 60}
    assert len(majors) == 60
    assert not verify(overdue.store)[2]


def test_a_killed_writer_leaves_no_lock_behind(ledger: Ledger) -> None:
    """The next one to write is not refused for the sake of the dead."""
    ledger.find(3)
    ledger.store.close()
    for seed in range(5):
        fork(_moving, ledger, [1, 2, 3], seed).kill(0.02)
    ledger.move("note", [1], given={"note": "alive"})


def _deciding(writing: int, ledger: Ledger) -> None:
    """Decide that the mill goes, and say when that began and when it was acknowledged."""
    ledger.store = Store(ledger.store.url)
    os.write(writing, b"begun\n")
    with ledger.door("Sun", ledger.at(1)) as door:
        exits.decide(door, "Mill", exits.Decision("shutdown", "voluntary", ledger.on(60), "guarded"))
    os.write(writing, b"done\n")


def test_an_exit_of_five_hundred_hazards_is_decided_whole_or_not_at_all(ledger: Ledger) -> None:
    """Killed anywhere in between – while loading, deciding or writing – it leaves a decided exit with all, or nothing."""
    chance = random.Random(3)
    with ledger.store.begin() as tx:
        tx.run(update(t.departments).where(t.departments.c.name == "bureau").values(may_halt=True))
    ledger.find(500)
    ledger.store.close()
    killed = 0
    for longest in (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6):
        said = fork(_deciding, ledger).kill(chance.uniform(longest / 2, longest))
        killed += said == ["begun"]
        if _is_decided_whole(ledger):
            break
    assert killed, "no worker was killed in its work"
    assert _is_decided_whole(ledger), "in the end one of them got through"
    assert not verify(ledger.store)[2]


def _is_decided_whole(ledger: Ledger) -> bool:
    """Whether the exit is there with all its hazards, and not a part of it."""
    with ledger.store.read() as tx:
        states = Counter(row.state for row in tx.all(select(t.hazards.c.state)))
        counts = [len(tx.all(select(table.c.area_code))) for table in (t.exits, t.exit_hazards)]
        steps = len(tx.all(select(t.steps.c.seq).where(t.steps.c.trigger.in_(["decide", "decide_exit"]))))
    ledger.store.close()
    assert (states, counts, steps) in [({"found": 500}, [0, 0], 0), ({"exiting": 500}, [1, 500], 501)]
    return bool(steps)
