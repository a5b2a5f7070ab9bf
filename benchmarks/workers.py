"""One night of 20 000 overdue cases on PostgreSQL, swept by one process and by two that share it.

Nights alternate: each takes the next rung of every overdue case. The processes are started and have everything
imported before the clock runs.
"""

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from benchmarks.measuring import Line
from benchmarks.stores import ledger, multiplied
from tests.cases.ledgers import Ledger
from tests.schedules.nights import begin, sweeper

OVERDUE = 20_000
LIMIT = 1.6
#: The nights in which a general hazard found on day 0 takes a rung: it is due on day 3, and climbs after 7, 20, 50, 80 … days.
NIGHTS = [3 + days for days in (7, 20, *range(50, 260, 30))]


def measure() -> Iterator[Line]:
    """Yield how much sooner two workers are done."""
    with ledger("PostgreSQL") as made:
        multiplied(made, stored=10 * OVERDUE, overdue=OVERDUE)
        _night(made, NIGHTS[0], workers=1)
        pairs = zip(NIGHTS[1::2], NIGHTS[2::2], strict=True)
        times = [(_night(made, one, workers=1), _night(made, two, workers=2)) for one, two in pairs]
    one, two = (median(each) for each in zip(*times, strict=True))
    ratio = median(alone / shared for alone, shared in times)
    told = f"×{ratio:.2f} ({one:.1f} s : {two:.1f} s)"
    yield Line("two sweep workers, PostgreSQL", told, f"≥ {LIMIT} × one", ok=ratio >= LIMIT)


def _night(made: Ledger, day: int, *, workers: int) -> float:
    made.store.close()
    processes = [sweeper(made, day, batch=500) for _ in range(workers)]
    begun = perf_counter()
    for each in processes:
        begin(each)
    moved = sum(int(each.communicate()[0]) for each in processes)
    took = perf_counter() - begun
    assert moved >= OVERDUE, f"{moved} of {OVERDUE} on day {day}"
    return took
