"""What deadlines cost: a durable `submit` that ends one deadline and sets another, against the same step without any.

The bare side makes the same move in the same transaction. Once it writes the same rows, and works out nothing; once it
leaves the deadlines alone, and writes no row of theirs either. Rounds alternate on the same store, many and short: a disk
that is slow for a moment is slow for both.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from unittest.mock import patch

from benchmarks.measuring import Line, alternating
from benchmarks.step import acting_on
from benchmarks.stores import KINDS, ledger, served
from cases.acting import Acting
from cases.ledger import Door, Try
from tests.cases.ledgers import Ledger
from workflow.case import Attempt, Deadline

ROUNDS, STEPS = 90, 15
LIMITS = {"SQLite NORMAL": 30, "SQLite FULL": 15, "PostgreSQL": 15}
_SAID = {"done": "mended", "evidence": ["photo"]}


def submit(made: Ledger, acting: Acting, cases: Sequence[int]) -> None:
    """Submit each case in a transaction of its own."""
    for case in cases:
        with made.store.begin() as tx:
            opened = Door(tx, acting)
            opened.advance([Try("submit", opened.load([case])[0], _SAID)])


def ready_made(attempt: Attempt) -> None:
    """Put a deadline in the place of those that ran, without working anything out: the same rows are written."""
    case, at = attempt.case, attempt.at
    for running in case.deadlines:
        running.ended_by, running.check_at = attempt.seq, None
    fresh = Deadline("recheck", attempt.seq, at, attempt.on, at, False, "inspector", at, 2)
    case.deadlines = [fresh, *case.deadlines]
    case.waiting_on, case.due_on, case.due_at, case.provisional = "inspector", attempt.on, at, False


def measure() -> Iterator[Line]:
    """Yield the share of a step that deadlines add, on each kind of store: to work them out, and their rows besides."""
    for kind in KINDS:
        limit = LIMITS[kind]
        share = _added(kind, ready_made)
        yield Line(f"deadline and check_at of a step, {kind}", f"+{share:.0f} %", f"≤ {limit} %", ok=share <= limit)
        share = _added(kind, lambda _: None)
        yield Line(f"… with their rows, {kind}", f"+{share:.0f} %", "–", ok=True)


def _added(kind: str, instead: Callable[[Attempt], None]) -> float:
    """Return by how much, in percent, a step takes longer than one with something else in the place of its deadlines."""
    with ledger(kind) as made:
        acting, cases = acting_on(made), iter(served(made, 2 * (ROUNDS + 1) * STEPS))

        def whole(_: int) -> None:
            submit(made, acting, list(islice(cases, STEPS)))

        def bare(_: int) -> None:
            with patch("workflow.hazard.reconcile", instead):
                submit(made, acting, list(islice(cases, STEPS)))

        whole(0)
        bare(0)
        took, spared, _ = alternating(whole, bare, ROUNDS)
        return 100 * (took / spared - 1)
