"""The working days, asked: a whole year, the n-th one after a day, and whether the notices are still what was loaded."""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from json import loads
from typing import Any

from sqlalchemy import select

from cases.questions.asking import Asking
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import calendars, steps
from workflow.calendar import FIRST_YEAR, LAST_YEAR, china
from workflow.errors import BadInput
from workflow.words import Sentence

_LOADED = Statement(select(calendars).order_by(calendars.c.version))
_TEXTS = Statement(select(calendars.c.version, calendars.c.text).order_by(calendars.c.version))
_LOADINGS = Statement(
    select(steps.c.seq, steps.c.facts).where(steps.c.kind == "calendar", steps.c.subject_id == 1).order_by(steps.c.seq)
)


def year_of(asking: Asking, year: int) -> dict[str, Any]:
    """Return every day of a year, why it is worked or not, and whether the next notice can still change it.

    `notices` are those for the year and for the next one, replaced ones too. Raises BadInput for a year not covered.
    """
    _check(year)
    notices = list(_notices(asking, year))
    return {
        "year": year,
        "firm_until": asking.calendar.firm_until.isoformat(),
        "source": _source(asking, year, notices),
        "notices": notices,
        "days": [_day(asking, each) for each in _days(year)],
    }


def nth_working_day(asking: Asking, start: date, days: int) -> dict[str, Any]:
    """Return the `days`-th working day after a day. Raises BadInput when either lies outside of the years covered."""
    _check(start.year)
    found = asking.calendar.add_working_days(start, days)
    _check(found.year)
    return {"date": found.isoformat(), "provisional": not asking.calendar.is_firm(found)}


def _check(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(
            Sentence(
                "the calendar goes from {first} to {last}, {year} lies outside; give another year or date",
                first=FIRST_YEAR,
                last=LAST_YEAR,
                year=str(year)[:12],
            )
        )


def _notices(asking: Asking, year: int) -> Iterator[dict[str, Any]]:
    rows = asking.tx.all(_LOADED)
    newest = {row.year: row.version for row in rows}
    for row in rows:
        if row.year in (year, year + 1):
            yield {
                "version": row.version,
                "year": row.year,
                "document": row.document,
                "published": row.published_on.isoformat(),
                "loaded_at": asking.instant(row.loaded_at),
                "in_force": row.version == newest[row.year],
            }


def _source(asking: Asking, year: int, notices: list[dict[str, Any]]) -> str | None:
    """Return where a year's days come from; None: no notice is known, only weekends are."""
    by_notice = [each["document"] for each in notices if each["in_force"] and each["year"] == year]
    if by_notice:
        return str(by_notice[0])
    return china().version if asking.calendar.known_from.year <= year <= china().known_to.year else None


def _days(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(number) for number in range((date(year, 12, 31) - first).days + 1))


def _day(asking: Asking, day: date) -> dict[str, Any]:
    kind = asking.calendar.why(day)
    return {
        "date": day.isoformat(),
        "working": kind.works,
        "why": kind.value,
        "provisional": not asking.calendar.is_firm(day),
    }


def altered_notices(tx: Transaction) -> list[int]:
    """Return the versions whose text is not what their step in the chain says was loaded, or that are gone."""
    kept = {row.version: sha256(row.text.encode()).hexdigest() for row in tx.all(_TEXTS)}
    loaded = {row.seq: loads(row.facts).get("sha256") for row in tx.all(_LOADINGS)}
    return [version for version in sorted(kept.keys() | loaded.keys()) if kept.get(version) != loaded.get(version)]
