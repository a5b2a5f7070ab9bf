"""Eight processes moving the same twenty cases: nothing lost, nothing doubled, and the throughput of one writer."""

import multiprocessing
import random
from time import perf_counter
from typing import Any

from sqlalchemy import select

import cases.tables as t
from benchmarks.measuring import Line
from benchmarks.stores import ledger
from cases.history import verify
from cases.store import Store
from cases.verbs import moves
from tests.cases.ledgers import Ledger

WRITERS, CASES, SECONDS, LIMIT = 8, 20, 6.0, 0.9


def _write(made: Ledger, cases: list[int], seed: int, made_moves: Any) -> None:
    made.store = Store(made.store.url)
    chance = random.Random(seed)
    begun, count = perf_counter(), 0
    while perf_counter() - begun < SECONDS:
        with made.door("Li", made.at(1)) as door:
            moves.move(door, "note", [chance.choice(cases)], {"note": f"{seed}"})
        count += 1
    made_moves.put(count)


def _throughput(made: Ledger, cases: list[int], writers: int) -> int:
    """Return how many moves were acknowledged in all."""
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    made.store.close()
    workers = [context.Process(target=_write, args=(made, cases, seed, told)) for seed in range(writers)]
    for worker in workers:
        worker.start()
    acknowledged = sum(told.get() for _ in workers)
    for worker in workers:
        worker.join()
    return acknowledged


def measure() -> list[Line]:
    lines = []
    for kind in ("SQLite FULL", "PostgreSQL"):
        with ledger(kind) as made:
            cases = made.find(CASES)
            alone = _throughput(made, cases, 1)
            together = _throughput(made, cases, WRITERS)
            with made.store.read() as tx:
                steps = [tuple(row) for row in tx.all(select(t.steps.c.subject_id, t.steps.c.seq))]
            lost = alone + together + CASES - len(steps)
            doubled = len(steps) - len(set(steps))
            broken = len(verify(made.store)[2])
            ratio = together / alone
            asked = f"0 lost, 0 doubled, ≥ {LIMIT} × one writer" if kind.startswith("SQLite") else "0 lost, 0 doubled"
            ok = not (lost or doubled or broken) and (ratio >= LIMIT or kind == "PostgreSQL")
            told = f"{lost} lost, {doubled} doubled, {broken} broken; ×{ratio:.2f} of one writer"
            lines.append(Line(f"{WRITERS} processes moving the same {CASES} cases, {kind}", told, asked, ok))
    return lines
