"""`doctor`: is the engine itself well? Each finding says what was checked, whether it is well, and the detail."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, text

from cases.questions.asking import Asking
from cases.questions.staff import ranks_with_nobody
from cases.store import SCHEMA
from cases.tables import areas, hazards, notices, people, runs, steps
from workflow.words import Sentence, Term

#: The jobs, and after how many hours without a good run something is wrong.
_JOBS = {"deadlines": 26, "seal": 50}
#: How far behind the newest record the clock may be before it was set back, in minutes.
_TOLERANCE = timedelta(minutes=5)

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
        last = asking.tx.value(select(func.max(runs.c.finished_at)).where(runs.c.job == job, runs.c.ok))
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


def _outbox(asking: Asking) -> Iterator[Finding]:
    gone = asking.tx.value(select(func.count()).select_from(notices).where(notices.c.gave_up_at.is_not(None)))
    waiting = asking.tx.value(
        select(func.count())
        .select_from(notices)
        .where(text("sent_at IS NULL AND cancelled_at IS NULL AND gave_up_at IS NULL"))
    )
    yield "outbox", not gone, Sentence("{waiting} wait, {gone} given up", waiting=waiting, gone=gone)


def _calendar(asking: Asking) -> Iterator[Finding]:
    firm = asking.calendar.firm_until
    yield "calendar", asking.today <= firm, Sentence("working days are firm until {firm}", firm=firm)


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
