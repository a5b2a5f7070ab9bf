"""Ladders: so many natural days after a deadline, that rank is told; at the top it repeats until somebody acts.

A rung is known by its level: 1 for the first line of the policy's ladder, and so on; after the last line every repeat
is one level more, without end. Rungs below the rank in charge are skipped, but the last one never is: it is told to
the rank in charge instead. Source: DOMAIN §4 (practice).
"""

from typing import NamedTuple

from workflow.policy import Ladder
from workflow.terms import Rank

_HEIGHT = {rank.value: rank.height for rank in Rank}


class Rung(NamedTuple):
    """One rung: its level, the days after the deadline, the rank that is told, and whether it is a repeat."""

    level: int
    after: int
    rank: Rank
    repeats: bool


def next_rung(ladder: Ladder, in_charge: str, taken: int) -> Rung:
    """Return the first rung above level `taken`. There always is one: it never goes silent."""
    rungs = ladder.rungs
    charge = _HEIGHT[in_charge]
    last = len(rungs)
    for level in range(taken + 1, last + 1):
        rung = rungs[level - 1]
        if _HEIGHT[rung.rank] >= charge or level == last:
            return Rung(level, rung.after, _higher(rung.rank, in_charge), repeats=False)
    level = max(taken, last) + 1
    top = rungs[-1]
    return Rung(level, top.after + (level - last) * ladder.repeat, _higher(top.rank, in_charge), repeats=True)


def _higher(rank: Rank, in_charge: str) -> Rank:
    return rank if _HEIGHT[rank] >= _HEIGHT[in_charge] else Rank(in_charge)


def rungs_due(ladder: Ladder, in_charge: str, taken: int, overdue_days: int) -> list[Rung]:
    """Return the rungs above `taken` whose day has come, lowest first; of several missed repeats only the latest.

    `overdue_days` are natural days by date: 1 on the day after the deadline.
    """
    due: list[Rung] = []
    rung = next_rung(ladder, in_charge, taken)
    while not rung.repeats and rung.after <= overdue_days:
        due.append(rung)
        rung = next_rung(ladder, in_charge, rung.level)
    if rung.repeats and rung.after <= overdue_days:
        missed = (overdue_days - rung.after) // ladder.repeat
        due.append(next_rung(ladder, in_charge, rung.level + missed - 1))
    return due
