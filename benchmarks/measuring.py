"""Taking turns: two ways of doing equal work, round by round, and the median of their ratios."""

import gc
import resource
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Line:
    """One line of the report: what was measured, what it came to, and what was asked."""

    what: str
    measured: str
    asked: str
    ok: bool


def seconds(work: Callable[[], object]) -> float:
    """Return how long this takes once, in seconds, without the collector's interference."""
    gc.collect()
    gc.disable()
    try:
        begun = perf_counter()
        work()
        return perf_counter() - begun
    finally:
        gc.enable()


def alternating(
    ours: Callable[[int], object], theirs: Callable[[int], object], rounds: int
) -> tuple[float, float, float]:
    """Let both take turns; return (median of ours, median of theirs, median of the rounds' ratios)."""
    pairs = []
    for turn in range(rounds):
        first = turn % 2
        times = [0.0, 0.0]
        for which in (first, 1 - first):
            times[which] = seconds(partial((ours, theirs)[which], turn))
        pairs.append(tuple(times))
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def resident_mb() -> float:
    """Return the resident memory of this process now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
