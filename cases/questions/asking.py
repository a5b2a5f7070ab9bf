"""Who asks, at which instant, under which rules: what every question needs besides its own words."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cases.store import Transaction
from workflow.calendar import Calendar
from workflow.case import Actor
from workflow.deadlines import local_date, overdue_days, start_of_day
from workflow.errors import NotFound
from workflow.policy import Policy
from workflow.words import Sentence, Translate


@dataclass(frozen=True, slots=True)
class Asking:
    """A question's surroundings. `now` may lie in the past: then today's rows are judged as at that instant."""

    tx: Transaction
    viewer: Actor
    now: datetime
    policy: Policy
    calendar: Calendar
    #: Renders sentences for the reader; keys and enum values stay English.
    translate: Translate = str

    @property
    def today(self) -> date:
        """The local date of `now`."""
        return self.date_of(self.now)

    def date_of(self, instant: datetime) -> date:
        """Return the local date of an instant."""
        return local_date(instant, self.policy.timezone)

    def days_since(self, instant: datetime) -> int:
        """Count the natural days from the local date of an instant to today."""
        return (self.today - self.date_of(instant)).days

    def start_of(self, day: date) -> datetime:
        """Return the first instant of a local day."""
        return start_of_day(day, self.policy.timezone)

    def overdue_days(self, due_at: datetime | None) -> int:
        """Count the natural days a deadline is overdue; 0 in time or without one."""
        return overdue_days(due_at, self.now, self.policy.timezone)

    def instant(self, instant: datetime | None) -> str | None:
        """Return an instant as ISO 8601 with the local offset."""
        return None if instant is None else instant.astimezone(ZoneInfo(self.policy.timezone)).isoformat()

    def say(self, sentence: Sentence) -> str:
        """Return a sentence in the reader's language."""
        return sentence.say(self.translate)


def day(value: date | None) -> str | None:
    """Return a date as `YYYY-MM-DD`."""
    return None if value is None else value.isoformat()


def no_case(case: int) -> NotFound:
    """Return the error for a number that is no case."""
    return NotFound(Sentence("no case {numbers}; type: rectify list", numbers=[str(case)]), cases=[case])
