"""Which job runs when, as data: the night by the policy's hour, the day's checks, what people are told, the seal.

All in the policy's zone.

A slot is an instant at which a job is to run; it is claimed in the store, so a timetable may be read by any number of
machines at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from workflow.policy import Policy

#: The nightly job, besides the checks through the day.
DEADLINES = "deadlines"
DIGEST = "digest"
OUTBOX = "outbox"
SEAL = "seal"

#: Fields of cron; `nightly_at` stands for the hour in the policy.
TIMETABLE: dict[str, tuple[dict[str, str], ...]] = {
    DEADLINES: ({"at": "nightly_at"}, {"hour": "6-23", "minute": "*/15"}),
    DIGEST: ({"hour": "7,13", "minute": "0"},),
    OUTBOX: ({"minute": "1-59/5"},),  # a minute after the digest, so that what it made leaves at once
    SEAL: ({"hour": "3", "minute": "0"},),
}
JOBS = tuple(TIMETABLE)

#: Every job runs at least once in so long, whatever a zone does to its clocks.
_ROUND = timedelta(hours=26)
#: Missed slots are counted no farther back, and no more of them: that would say nothing more.
_REACH = timedelta(days=31)
_MOST = 100


def trigger_of(job: str, policy: Policy) -> Any:
    """Return the trigger of a job. The zone is always named: the host's is nobody's business."""
    return OrTrigger([CronTrigger(**_fields(line, policy), timezone=policy.zone) for line in TIMETABLE[job]])


def _fields(line: dict[str, str], policy: Policy) -> dict[str, str]:
    if "at" not in line:
        return line
    hour, minute = getattr(policy.service, line["at"]).split(":")
    return {"hour": hour, "minute": minute}


def slots_between(job: str, after: datetime, until: datetime, policy: Policy) -> Iterator[datetime]:
    """Yield the slots of a job after one instant, up to and including another, in the zone of UTC."""
    trigger, before = trigger_of(job, policy), after
    while True:
        found = trigger.get_next_fire_time(None, before + timedelta(seconds=1))
        if found is None or found > until:
            return
        before = found.astimezone(after.tzinfo)
        yield before


def slot_at(job: str, now: datetime, policy: Policy) -> datetime:
    """Return the slot a job is in: the last one up to now."""
    return list(slots_between(job, now - _ROUND, now, policy))[-1]


def next_slot(job: str, now: datetime, policy: Policy) -> datetime:
    """Return the first slot of a job after now."""
    return next(slots_between(job, now, now + _ROUND, policy))


def missed(job: str, last: datetime | None, now: datetime, policy: Policy) -> list[datetime]:
    """Return the slots up to now that passed since the last one that was run, as far as is worth saying: at most 100."""
    since = now - _REACH if last is None else max(last, now - _REACH)
    return list(islice(slots_between(job, since, now, policy), _MOST))
