"""`doctor`: is the engine itself well? Each finding says what was checked, whether it is well, and the detail."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, text

from cases import outbox
from cases.questions.asking import Asking
from cases.questions.calendars import altered_notices
from cases.questions.staff import ranks_with_nobody
from cases.store import SCHEMA
from cases.tables import areas, hazards, people, runs, steps
from workflow.terms import Kind
from workflow.words import Sentence, Term

#: The jobs, and after how many hours without a good run something is wrong.
_JOBS = {"deadlines": 26, "digest": 26, "outbox": 26, "seal": 50}
#: How far behind the newest record the clock may be before it was set back, in minutes.
_TOLERANCE = timedelta(minutes=5)
#: How far ahead working days should be firm: most counted deadlines end within it.
_AHEAD = timedelta(days=60)

Finding = tuple[str, bool, Sentence]


def doctor(asking: Asking) -> list[dict[str, Any]]:
    """Return what was checked: `[{check, ok, detail}]`."""
    checks: list[Callable[[Asking], Iterator[Finding]]] = [
        _schema,
        _clock,
        _runs,
        _outbox,
        _calendar,
        _chain,
        _ranks,
        _people,
    ]
    return [
        {"check": name, "ok": ok, "detail": asking.say(detail)}
        for check in checks
        for name, ok, detail in check(asking)
    ]


def _schema(asking: Asking) -> Iterator[Finding]:
    found = asking.tx.value(text("SELECT version_num FROM alembic_version").columns(version_num=hazards.c.head.type))
    yield "schema", found == SCHEMA, Sentence("version {found}", found=found)


def _clock(asking: Asking) -> Iterator[Finding]:
    newest = asking.tx.value(select(func.max(steps.c.recorded_at)))
    if newest is not None and newest > asking.now + _TOLERANCE:
        yield (
            "clock",
            False,
            Sentence("the last step was recorded at {at}, in the future: set the clock", at=asking.instant(newest)),
        )
    else:
        yield "clock", True, Sentence("not behind the last step")


def _runs(asking: Asking) -> Iterator[Finding]:
    first = asking.tx.value(select(func.min(hazards.c.entered_at)))
    for job, hours in _JOBS.items():
        # What was run while the clock stood in the future does not vouch for the present.
        is_past = runs.c.finished_at <= asking.now + _TOLERANCE
        last = asking.tx.value(select(func.max(runs.c.finished_at)).where(runs.c.job == job, runs.c.ok, is_past))
        since = last or first
        if since is None:
            yield f"job {job}", True, Sentence("nothing to do yet")
        else:
            late = asking.now - since > timedelta(hours=hours)
            said = (
                Sentence("last good run {at}", at=asking.instant(last))
                if last
                else Sentence("it never ran: rectify schedule run")
            )
            yield f"job {job}", not late, said
    yield from _left_alone(asking)


def _left_alone(asking: Asking) -> Iterator[Finding]:
    """What the last sweep could not move: it climbs no more until somebody puts it right."""
    swept = select(runs.c.skipped, runs.c.errors).where(runs.c.job == "deadlines", runs.c.ok)
    last = asking.tx.one(swept.order_by(runs.c.slot.desc()).limit(1))
    if last is not None and (faults := json.loads(last.errors)):
        whose = [Sentence("{what} {id}", what=Term("kind", kind), id=number) for kind, number in _whose(faults[:10])]
        said = Sentence(
            "{count} could not be moved ({whose}): see rectify schedule status --json",
            count=last.skipped,
            whose=whose,
        )
        yield "last sweep", False, said


def _whose(faults: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    for fault in faults:
        yield from (
            (Kind.hazard.value if name == "case" else name, number)
            for name, number in fault.items()
            if name != "reason"
        )


def _outbox(asking: Asking) -> Iterator[Finding]:
    found = outbox.state(asking.tx, asking.today)
    if found.unreached:
        told = Sentence(
            "{people} could not be reached and cases are undelivered; put the address right: rectify person edit NAME --notify URL",
            people=found.unreached[:10],
        )
    else:
        told = Sentence(
            "{waiting} notices wait, {unsent} messages are on their way; {without} people have no address",
            waiting=found.waiting,
            unsent=found.unsent,
            without=found.without_address,
        )
    yield "outbox", not found.unreached, told


def _calendar(asking: Asking) -> Iterator[Finding]:
    altered = altered_notices(asking.tx)
    if altered:
        told = Sentence(
            "the notices of versions {altered} are not what was loaded; restore a backup, or load them again",
            altered=[str(version) for version in altered],
        )
    else:
        told = _firmness(asking.calendar.firm_until, asking.today)
    yield "calendar", not altered and asking.today <= asking.calendar.firm_until, told


def _firmness(firm: date, today: date) -> Sentence:
    """Say how long the working days are firm, and whether that covers what is counted now."""
    if today > firm:
        return Sentence(
            "working days were firm until {firm} only, and are provisional now; load the next notice: rectify calendar load FILE",
            firm=firm,
        )
    if today + _AHEAD > firm:
        return Sentence(
            "working days are firm until {firm}, not for the next {days} days; load the next notice once it is out: rectify calendar load FILE",
            firm=firm, days=_AHEAD.days,
        )  # fmt: skip
    return Sentence("working days are firm until {firm}, the next {days} days included", firm=firm, days=_AHEAD.days)


def _chain(asking: Asking) -> Iterator[Finding]:
    last = and_(steps.c.kind == "hazard", steps.c.subject_id == hazards.c.id, steps.c.seq == hazards.c.seq)
    broken = asking.tx.value(
        select(func.count())
        .select_from(hazards)
        .outerjoin(steps, last)
        .where(or_(steps.c.hash.is_(None), steps.c.hash != hazards.c.head))
    )
    yield (
        "chain",
        not broken,
        Sentence("{broken} cases are not where their last step left them; see: rectify audit verify", broken=broken),
    )


def _ranks(asking: Asking) -> Iterator[Finding]:
    missing = ranks_with_nobody(asking.tx, asking.policy, asking.today)
    detail = Sentence("every rank of the ladders has a supervisor")
    if missing:
        named = [
            Sentence("{area}: {ranks}", area=each["area"], ranks=[Term("rank", rank) for rank in each["ranks"]])
            for each in missing[:10]
        ]
        detail = Sentence("nobody would be told in {missing}; add a supervisor", missing=named)
    yield "ranks", not missing, detail


def _people(asking: Asking) -> Iterator[Finding]:
    without = asking.tx.value(
        select(func.count())
        .select_from(people)
        .where(people.c.role == "inspector", people.c.retired_on.is_(None), people.c.certificate.is_(None))
    )
    named = asking.tx.value(select(func.count()).select_from(areas))
    yield (
        "people",
        True,
        Sentence("{areas} areas; {without} inspectors have no certificate", areas=named, without=without),
    )


def is_well(findings: list[dict[str, Any]]) -> bool:
    """Whether nothing is wrong."""
    return all(finding["ok"] for finding in findings)
