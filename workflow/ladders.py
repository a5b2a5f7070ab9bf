"""Ladders: so many natural days after a deadline, that rank is told; at the top it repeats until somebody acts.

A rung is known by its level: 1 for the first line of the policy's ladder, and so on; after the last line every repeat
is one level more, without end. Rungs below the rank in charge are skipped, but the last one never is: it is told to
the rank in charge instead. Source: DOMAIN §4 (practice).

Before the deadline whoever owes it is reminded. Reminders have the levels below 1: a level of -2 means that two are
still to come, 0 that none is. So one number says how far a deadline is, from the first reminder to the last rung.
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
    taken = max(taken, 0)
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


def highest(rank: str | None, told: str) -> str:
    """Return the higher of the rank reached so far and one that is told now: it never falls until the end."""
    return told if rank is None or _HEIGHT[told] > _HEIGHT[rank] else rank


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


def reminders_left(before: tuple[int, ...], level: int) -> tuple[int, ...]:
    """Return the reminders still to come at a level, in natural days before the deadline, farthest first."""
    return before[level:] if level < 0 else ()


def first_level(before: tuple[int, ...], days_left: int) -> int:
    """Return the level a deadline starts with: a reminder for today or an earlier day is none any more."""
    return -sum(days < days_left for days in before)


def reminded(before: tuple[int, ...], level: int, days_left: int) -> int | None:
    """Return the level after the reminder whose day has come, None when none has; of several missed ones it is one.

    `days_left` are natural days until the deadline, 0 on its day. Once it has passed nobody is reminded any more.
    """
    if days_left < 0:
        return None
    come = sum(days >= days_left for days in reminders_left(before, level))
    return max(level, -len(before)) + come if come else None
