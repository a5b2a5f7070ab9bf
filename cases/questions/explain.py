"""`explain`: how a case's date came about – rule, its source, start, each day counted or skipped, each extension."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from cases.questions.asking import Asking, day
from cases.questions.one import check_visible
from cases.statements import Statement
from cases.tables import deadlines, hazards, items, orders, policies, steps
from workflow.deadlines import MAIN
from workflow.policy import Policy, parse
from workflow.terms import Kind

Facts = dict[str, Any]

_RUNNING = Statement(
    select(deadlines)
    .where(deadlines.c.kind == Kind.hazard, deadlines.c.subject_id == bindparam("case"), deadlines.c.ended_by.is_(None))
    .order_by(deadlines.c.due_at, deadlines.c.set_by)
)
_HAZARD = Statement(
    select(hazards.c.state, hazards.c.round, hazards.c.listed_number).where(hazards.c.id == bindparam("case"))
)
_POLICY = Statement(select(policies.c.text).where(policies.c.version == bindparam("version")))
_PAPER = Statement(
    select(orders.c.number)
    .join_from(items, orders, orders.c.id == items.c.order_id)
    .where(
        items.c.hazard_id == bindparam("case"),
        items.c.round == bindparam("round"),
        items.c.result == "open",
        items.c.due_on == bindparam("due_on"),
        orders.c.served_at.is_not(None),
    )
    .order_by(items.c.id)
)
_TURNS = Statement(
    select(steps.c.seq, steps.c.trigger, steps.c.at, steps.c.facts)
    .where(
        steps.c.kind == Kind.hazard,
        steps.c.subject_id == bindparam("case"),
        steps.c.trigger.in_([bindparam("extend"), bindparam("reopen")]),
    )
    .order_by(steps.c.seq)
)
_NO_DATE: Facts = {
    "due_on": None, "due_at": None, "provisional": False, "rule": None, "rule_source": None, "start": None,
    "counted": [], "extensions": [], "policy": None, "calendar": None, "others": [],
}  # fmt: skip


def explain(asking: Asking, case: int) -> Facts:
    """Return how the date of the case's present state came about; `others` holds the other deadlines that run.

    Without a deadline every field is null. Raises NotFound, or Forbidden for a contact of another unit.
    """
    check_visible(asking, case)
    hazard = asking.tx.one(_HAZARD, case=case)
    running = asking.tx.all(_RUNNING, case=case)
    main = next((each for rule in MAIN.get(hazard.state, ()) for each in running if each.rule == rule), None)
    others = [_explained(asking, case, hazard, each) for each in running if each is not main]
    if main is None:
        return {**_NO_DATE, "others": others}
    return {**_explained(asking, case, hazard, main), "others": others}


def _explained(asking: Asking, case: int, hazard: Any, deadline: Any) -> Facts:
    policy = _policy_of(asking, deadline.policy)
    return {
        "due_on": day(deadline.due_on),
        "due_at": asking.instant(deadline.due_at),
        "provisional": deadline.provisional,
        "rule": deadline.rule,
        "rule_source": _source(asking, case, hazard, deadline, policy),
        "start": asking.instant(deadline.start_at),
        "counted": list(_counted(asking, deadline, policy)),
        "extensions": _extensions(asking, case) if deadline.rule == "date" else [],
        "policy": deadline.policy,
        "calendar": deadline.calendar,
    }


def _policy_of(asking: Asking, version: int) -> Policy:
    """Return the policy a deadline was counted with: running ones keep theirs."""
    text = asking.tx.value(_POLICY, version=version)
    return asking.policy if text is None else parse(text)


def _source(asking: Asking, case: int, hazard: Any, deadline: Any, policy: Policy) -> str | None:
    """Return where the rule comes from: a law or practice, or the paper that the date stands on."""
    if deadline.rule == "date":
        number: str | None = asking.tx.value(_PAPER, case=case, round=hazard.round, due_on=deadline.due_on)
        return number
    if deadline.rule == "listing":
        return str(hazard.listed_number)
    limit = getattr(policy.limits, deadline.rule, None)
    return None if limit is None else str(limit.source)


# -- the days ----------------------------------------------------------------------------------------------------------


def _counted(asking: Asking, deadline: Any, policy: Policy) -> Iterator[Facts]:
    """Yield every day from the start to the last one, whether it counts and why."""
    start, last = asking.date_of(deadline.start_at), asking.date_of(deadline.due_at)
    if start <= last:
        yield _day(start, counts=False, why="start")
    limit = getattr(policy.limits, deadline.rule, None)
    for each in _days(start, last):
        kind = asking.calendar.why(each)
        if each > deadline.due_on:
            yield _day(each, counts=False, why=f"rolled: {kind.value}")
        elif limit is not None and limit.working:
            yield _day(each, counts=kind.works, why=kind.value)
        else:
            yield _day(each, counts=True, why="natural day")


def _days(after: date, last: date) -> Iterator[date]:
    yield from (after + timedelta(n) for n in range(1, (last - after).days + 1))


def _day(on: date, *, counts: bool, why: str) -> Facts:
    return {"date": on.isoformat(), "counts": counts, "why": why}


def _extensions(asking: Asking, case: int) -> list[Facts]:
    """Return what was granted in this round, oldest first: the date as it was and as it became."""
    turns = asking.tx.all(_TURNS, case=case, extend="extend", reopen="reopen")
    reopened = max((turn.seq for turn in turns if turn.trigger == "reopen"), default=0)
    granted = [(turn, json.loads(turn.facts)) for turn in turns if turn.trigger == "extend" and turn.seq > reopened]
    return [
        {"seq": turn.seq, "at": asking.instant(turn.at), "was": facts.get("was"), "due_on": facts.get("due_on")}
        for turn, facts in granted
    ]
