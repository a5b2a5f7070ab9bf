"""The life of a case along time: what was done when, how long nothing was, and how much of that was overdue.

Steps stand in the order in which they happened; what was recorded late has its place between the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from cases.questions.asking import Asking
from cases.statements import Statement
from cases.tables import deadlines
from workflow.deadlines import local_date, overdue_days
from workflow.states import ENDED
from workflow.terms import Kind

Facts = dict[str, Any]

_DEADLINES = Statement(
    select(deadlines.c.rule, deadlines.c.set_by, deadlines.c.ended_by, deadlines.c.due_at)
    .where(deadlines.c.kind == Kind.hazard, deadlines.c.subject_id == bindparam("case"))
    .order_by(deadlines.c.due_at, deadlines.c.rule)
)


def timeline(asking: Asking, case: int, history: Sequence[Facts]) -> list[Facts]:
    """Return the steps of a case's history by when they happened, and for an open case today as the last entry.

    Each has besides `gap_days` since the one before, `overdue_days` of these, and of which rule: the deadline that was
    overdue longest. Today's entry has no trigger.
    """
    at = {step["seq"]: datetime.fromisoformat(step["at"]) for step in history}
    entries = sorted(history, key=lambda step: (at[step["seq"]], step["seq"]))
    if entries and entries[-1]["to"] not in ENDED and asking.now >= at[entries[-1]["seq"]]:
        entries.append({"seq": None, "at": asking.instant(asking.now), "trigger": None, "facts": {}})
    instants = [datetime.fromisoformat(entry["at"]) for entry in entries]
    clocks = asking.tx.all(_DEADLINES, case=case)
    return [
        {**entry, **_gap(asking, clocks, at, since, until)}
        for entry, since, until in zip(entries, [*instants[:1], *instants], instants, strict=False)
    ]


def _gap(asking: Asking, clocks: Iterable[Any], at: Mapping[int, datetime], since: datetime, until: datetime) -> Facts:
    zone = asking.policy.timezone
    late = [(_overdue(each, at, since, until, zone), each.rule) for each in clocks]
    overdue, rule = max(late, key=lambda pair: pair[0], default=(0, None))
    days = (local_date(until, zone) - local_date(since, zone)).days
    return {"gap_days": days, "overdue_days": overdue, "overdue_rule": rule if overdue else None}


def _overdue(clock: Any, at: Mapping[int, datetime], since: datetime, until: datetime, zone: str) -> int:
    """Count the natural days between two instants on which a deadline was running and overdue."""
    ended_at = until if clock.ended_by is None else at[clock.ended_by]
    if ended_at <= since or at[clock.set_by] >= until:
        return 0
    return overdue_days(clock.due_at, min(until, ended_at), zone) - overdue_days(clock.due_at, since, zone)
