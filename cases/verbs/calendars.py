"""Loading a yearly holiday notice: a version of the store's calendar, and a step in a chain of its own.

Provisional deadlines are counted anew with it, each by a step; dates on a paper never move by themselves.
"""

from hashlib import sha256
from typing import Any, Final

from sqlalchemy import bindparam, select

from cases.acting import calendar_of, minutes
from cases.ledger import Door
from cases.statements import Statement
from cases.tables import calendars
from cases.verbs.chains import append_loading, head_of
from cases.verbs.keeping import hold, must_administer
from cases.verbs.outcome import Outcome
from cases.verbs.recounts import recount
from workflow.calendar import Notice
from workflow.errors import Forbidden, Refused
from workflow.holidays import parse
from workflow.words import Sentence

#: What the chain calls the one calendar of a store; its `seq` is the calendar's version.
KIND: Final = "calendar"

_OF_YEAR = Statement(
    select(calendars.c.version, calendars.c.text)
    .where(calendars.c.year == bindparam("year"))
    .order_by(calendars.c.version.desc())
    .limit(1)
)


def load(door: Door, text: str, where: str) -> Outcome:
    """Load a year's notice, the first one or one in place of another, and count provisional deadlines anew.

    Raises BadInput for what is wrong in it, Forbidden for anybody but administrators, Refused when it changes nothing.
    """
    hold(door)
    notice = parse(text, where)
    _must_administer(door)
    head = head_of(door.tx, KIND)
    replaced = door.tx.one(_OF_YEAR, year=notice.year)
    reasons = _reasons(door, notice, head, replaced)
    if reasons:
        raise Refused(Sentence("{where} is not loaded", where=where), reasons=reasons)
    version = 1 if head is None else head.seq + 1
    append_loading(door, KIND, _facts(notice, text, replaced))
    _keep(door, version, notice, text)
    return _told(door, version, notice, replaced, recount(door, everything=False))


def _must_administer(door: Door) -> None:
    try:
        must_administer(door)
    except Forbidden as error:
        raise Forbidden(
            Sentence("{actor} may not load a holiday notice; ask an administrator", actor=door.acting.actor.name)
        ) from error


def _reasons(door: Door, notice: Notice, head: Any, replaced: Any) -> list[Sentence]:
    """Return all that speaks against loading it now."""
    reasons = door.untimely()
    if head is not None and door.at < head.at:
        moved = minutes(head.at, door.acting.policy)
        reasons.append(Sentence("a notice was loaded at {moved}, after the time given; give a later --at", moved=moved))
    if notice.published > door.on:
        reasons.append(Sentence("it is published on {published} only", published=notice.published))
    if replaced is not None and parse(replaced.text) == notice:
        reasons.append(Sentence("version {version} says the same already; nothing changed", version=replaced.version))
    known = door.acting.calendar.known_to.year
    if notice.year > known + 1:
        reasons.append(Sentence("the notice for {year} is not known yet; load that one first", year=known + 1))
    return reasons


# -- what is written ---------------------------------------------------------------------------------------------------


def _facts(notice: Notice, text: str, replaced: Any) -> dict[str, Any]:
    return {
        "document": notice.document,
        "published": notice.published,
        "year": notice.year,
        "sha256": sha256(text.encode()).hexdigest(),
        "days": len(notice.off) + len(notice.worked),
        "replaces": None if replaced is None else replaced.version,
    }


def _keep(door: Door, version: int, notice: Notice, text: str) -> None:
    door.tx.add(
        calendars,
        version=version,
        document=notice.document,
        published_on=notice.published,
        year=notice.year,
        loaded_at=door.at,
        loaded_by=door.acting.actor.id,
        text=text,
    )


def _told(door: Door, version: int, notice: Notice, replaced: Any, recounted: int) -> Outcome:
    firm = calendar_of(door.tx).firm_until
    days = Sentence("{off} days off, {worked} weekend days worked", off=len(notice.off), worked=len(notice.worked))
    told = Sentence(
        "calendar version {version}: {year} by {document}, {days}; firm until {firm}",
        version=version, year=notice.year, document=notice.document, days=days, firm=firm,
    )  # fmt: skip
    said = [told]
    if replaced is not None:
        said.append(Sentence("it takes the place of version {version}, which history keeps", version=replaced.version))
    if recounted:
        said.append(Sentence("{count} cases had a provisional deadline: counted anew", count=recounted))
    document = {
        "version": version,
        "year": notice.year,
        "document": notice.document,
        "days_off": len(notice.off),
        "days_worked": len(notice.worked),
        "firm_until": firm.isoformat(),
        "recounted": recounted,
    }
    return Outcome({"calendar": document}, said)
