"""What a report is about: a campaign or a period, and up to when it was recorded.

A period counts by when things happened, `as_of` by when they were recorded; both are local days, ends included. A
campaign has no window: all that happened in it counts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, true

from cases.questions.asking import Asking
from workflow.deadlines import end_of_day
from workflow.errors import BadInput, Forbidden, Refused
from workflow.terms import Role
from workflow.words import Sentence

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """How steps are read: within a window of time or not, up to an earlier recording or not.

    The conditions that are not needed do not stand in a statement: a store asks them of every step.
    """

    windowed: bool
    dated: bool

    def inside(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Whether an instant lies in the window."""
        return (at >= bindparam("begins")) & self.before_end(at) if self.windowed else true()

    def before_end(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Whether an instant lies before the window's end."""
        return at < bindparam("ends") if self.windowed else true()

    def on(self, day: ColumnElement[date]) -> ColumnElement[bool]:
        """Whether a day lies in the window."""
        return day.between(bindparam("first"), bindparam("last")) if self.windowed else true()

    def known(self, recorded_at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Whether what was recorded at an instant was known by then."""
        return recorded_at < bindparam("known_before") if self.dated else true()


_PARAMS = ("campaign", "first", "last", "begins", "ends", "known_before", "opens", "closes")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: a campaign, or what happened from a first day to a last one, in all or in an area."""

    reading: Reading
    campaign: int | None
    first: date
    last: date
    begins: datetime
    ends: datetime
    known_before: datetime
    #: The instant by which a date has come or not.
    now: datetime
    #: From when to when a campaign is planned, or the window again.
    opens: datetime
    closes: datetime
    #: The path of the area whose units are counted; None: all.
    area: str | None = None

    @property
    def params(self) -> dict[str, Any]:
        """What the statements are given."""
        named = {name: getattr(self, name) for name in _PARAMS}
        return {**named, "area": self.area, "below": f"{self.area}/"}


def of_campaign(asking: Asking, campaign: Any, as_of: date | None) -> Scope:
    """Return the scope of a campaign's row.

    Raises Forbidden for a unit's contact, Refused for an `as_of` before it began, or still to come.
    """
    _check_reader(asking)
    known_before, now = _known(asking, as_of)
    if as_of is not None and as_of < campaign.from_on:
        raise _too_early(as_of, Sentence("the campaign began on {day}", day=campaign.from_on))
    reading = Reading(windowed=False, dated=as_of is not None)
    opens, closes = asking.start_of(campaign.from_on), asking.start_of(campaign.to_on + timedelta(1))
    return Scope(
        reading, int(campaign.id), campaign.from_on, campaign.to_on, _FIRST, _LAST, known_before, now, opens, closes
    )  # fmt: skip


def of_period(asking: Asking, first: date, last: date, as_of: date | None, area: str | None = None) -> Scope:
    """Return the scope of a period.

    Raises BadInput when it ends before it begins, Forbidden for a unit's contact, Refused when it is still to come.
    """
    if last < first:
        raise BadInput(
            Sentence("the period ends on {last}, before it begins on {first}; turn them round", first=first, last=last)
        )
    _check_reader(asking)
    if first > asking.today:
        raise Refused(Sentence("the period begins on {first}, and that is still to come", first=first))
    known_before, now = _known(asking, as_of)
    if as_of is not None and as_of < first:
        raise _too_early(as_of, Sentence("the period began on {day}", day=first))
    begins, ends = asking.start_of(first), asking.start_of(last + timedelta(1))
    reading = Reading(windowed=True, dated=as_of is not None)
    return Scope(reading, None, first, last, begins, ends, known_before, min(now, ends), begins, ends, area)


def _check_reader(asking: Asking) -> None:
    """Raise Forbidden for a contact: they read what is their own unit's, and a report is everybody's."""
    if asking.viewer.role == Role.contact:
        raise Forbidden(
            Sentence("reports tell of every unit; {actor} reads what is their own", actor=asking.viewer.name)
        )


def _known(asking: Asking, as_of: date | None) -> tuple[datetime, datetime]:
    """Return the instant before which things were recorded, and the one at which they are judged."""
    if as_of is None:
        return _LAST, asking.now
    if as_of > asking.today:
        raise Refused(Sentence("{day} is still to come: nobody knows yet what is recorded by then", day=as_of))
    known_before = asking.start_of(as_of + timedelta(1))
    # A date has not come before its day is over: printed at any hour of that day the report says the same.
    return known_before, min(asking.now, end_of_day(as_of, asking.policy.timezone))


def _too_early(as_of: date, began: Sentence) -> Refused:
    return Refused(Sentence("nothing was recorded of it by {day}: {began}", day=as_of, began=began))
