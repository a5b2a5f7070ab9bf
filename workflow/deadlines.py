"""Deadlines: which clocks run on a case, when each is due, and when the clock must look again.

Which deadlines a case ought to have follows from its facts alone (`wanted`), so no step can forget to start or stop
one: after every step the running ones are compared with the wanted ones. A running deadline keeps its date when the
policy changes; it is the same deadline as long as its rule, what it is about and its start are the same.

Days are counted by local date. `due_on` is the date on the paper or counted; `due_at` the last second in time, after
rolling. Nothing here reads a clock.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from workflow.calendar import Calendar
from workflow.case import Attempt, Case, Climber, Deadline, Item, Subject
from workflow.ladders import first_level, next_rung, reminders_left
from workflow.policy import Limit, Policy
from workflow.terms import Grade, ItemResult, WaitsOn

#: Which deadline is the main one of each state: the first of these that runs.
MAIN = {
    "found": ("order",),
    "ordered": ("date", "serve"),
    "rectifying": ("date", "serve"),
    "submitted": ("recheck",),
    "rechecked": ("close_out",),
    "exiting": ("exit",),
}
#: Which of the clock's three ranges a case is looked for in: major hazards first.
PRIORITY = {grade.value: Grade.major.weight - grade.weight for grade in Grade}
_ENDED = ("closed", "shutdown", "relocated", "retreated", "voided")
_BEFORE_SUBMISSION = ("ordered", "rectifying")
_UNDER_ORDER = ("ordered", "rectifying", "submitted")
_WITH_PLAN = (*_UNDER_ORDER, "rechecked")


@lru_cache(maxsize=65536)
def end_of_day(day: date, zone: str) -> datetime:
    """Return the last second of a local day, in UTC."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=65536)
def start_of_day(day: date, zone: str) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def noon(day: date, zone: str) -> datetime:
    """Return noon of a local day, in UTC: what a bare date means."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def local_date(instant: datetime, zone: str) -> date:
    """Return the local date of an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


class Due(NamedTuple):
    """What a rule comes to: the date, the last second in time, and whether a coming notice may still move it."""

    on: date
    at: datetime
    provisional: bool


def counted(limit: Limit, start_at: datetime, policy: Policy, calendar: Calendar) -> Due:
    """Count a limit from an instant: the day itself does not count, the last day counts in full.

    Natural days roll to the next working day; working days end on one (DOMAIN §3).
    """
    start = local_date(start_at, policy.timezone)
    if limit.working:
        day = rolled = calendar.add_working_days(start, limit.days)
    else:
        day = start + timedelta(limit.days)
        rolled = calendar.next_working_day(day)
    return Due(day, end_of_day(rolled, policy.timezone), not calendar.is_firm(rolled))


def months_after(day: date, months: int) -> date:
    """Return the same day so many months on, or the last one of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def counted_months(months: int, start_at: datetime, policy: Policy, calendar: Calendar) -> Due:
    """Count months from an instant: the same day of that month, or its last, rolled to a working day."""
    day = months_after(local_date(start_at, policy.timezone), months)
    rolled = calendar.next_working_day(day)
    return Due(day, end_of_day(rolled, policy.timezone), not calendar.is_firm(rolled))


def dated(day: date, policy: Policy, calendar: Calendar) -> Due:
    """Take a date from a paper: it counts in full and does not roll, unless the policy makes it."""
    if not policy.dates.rolls:
        return Due(day, end_of_day(day, policy.timezone), provisional=False)
    rolled = calendar.next_working_day(day)
    return Due(day, end_of_day(rolled, policy.timezone), not calendar.is_firm(rolled))


def expiry(items: Sequence[Item], policy: Policy, calendar: Calendar) -> datetime:
    """Return the last second of the earliest date on these items. Raises ValueError for none."""
    return dated(min(item.due_on for item in items), policy, calendar).at


def is_late(item: Item, attempt: Attempt) -> bool:
    """Whether the day of an attempt lies after the last one of an item's date."""
    last = dated(item.due_on, attempt.policy, attempt.calendar).at
    return attempt.on > local_date(last, attempt.policy.timezone)


# -- which clocks run --------------------------------------------------------------------------------------------------


class Wanted(NamedTuple):
    """A deadline that ought to run: its rule, what starts it, what it belongs to and whom it waits on."""

    rule: str
    start_at: datetime
    owner: WaitsOn
    on: date | None = None  #: the date on paper, where the rule is a date and not a count
    about: int = 0
    limit: str = ""  #: the policy's limit, where it is not named like the rule
    at: datetime | None = None  #: the last instant, where hours are counted
    months: int = 0  #: so many months from its start, where no limit is counted


def wanted(case: Case, policy: Policy, calendar: Calendar) -> list[Wanted]:
    """Return the deadlines that ought to run on a case, from its facts alone."""
    if case.state in _ENDED:
        return []
    clocks: list[Wanted] = []
    if case.state == "found":
        clocks.append(Wanted("order", case.entered_at, WaitsOn.inspector))
    elif case.state in _UNDER_ORDER:
        clocks += _of_items(case, policy, calendar)
    elif case.state == "rechecked":
        clocks.append(Wanted("close_out", case.entered_at, closer(case)))
    if case.grade == Grade.major and not case.planned and case.state in _WITH_PLAN:
        ordered = [item.ordered_at for item in case.round_items if item.result != ItemResult.withdrawn]
        clocks += [Wanted("plan", min(ordered), WaitsOn.inspector)] if ordered else []
    if case.listed_due_on is not None and case.listed_at is not None:
        clocks.append(Wanted("listing", case.listed_at, WaitsOn.supervisor, on=case.listed_due_on))
    if case.transfer_at is not None:
        clocks.append(Wanted("answer", case.transfer_at, WaitsOn.department))
    return clocks


def _of_items(case: Case, policy: Policy, calendar: Calendar) -> list[Wanted]:
    clocks: list[Wanted] = []
    items = case.open_items
    served = [item for item in items if item.served_at is not None]
    if len(served) < len(items):
        unserved = {item.order_id: item.ordered_at for item in items if item.served_at is None}
        clocks += [Wanted("serve", at, WaitsOn.inspector, about=order) for order, at in unserved.items()]
    if served and case.state in _BEFORE_SUBMISSION:
        first = served[0] if len(served) == 1 else min(served, key=lambda item: item.due_on)
        clocks.append(Wanted("date", first.served_at or first.ordered_at, WaitsOn.unit, on=first.due_on))
        clocks.append(Wanted("recheck", dated(first.due_on, policy, calendar).at, WaitsOn.inspector))
    elif case.state == "submitted":
        clocks.append(Wanted("recheck", case.recheck_from or case.entered_at, WaitsOn.inspector))
    return clocks


def closer(case: Case) -> WaitsOn:
    """Whom a rechecked case waits on: a general one an inspector, the others a supervisor."""
    return WaitsOn.inspector if case.grade == Grade.general else WaitsOn.supervisor


def waiting_on(case: Case) -> WaitsOn:
    """Whom the case waits on in its present state."""
    match case.state:
        case "found" | "submitted":
            return WaitsOn.inspector
        case "ordered":
            return WaitsOn.unit if case.served_items else WaitsOn.inspector
        case "rectifying" | "exiting":
            return WaitsOn.unit
        case "rechecked":
            return closer(case)
        case _:
            return WaitsOn.none


# -- after a step ------------------------------------------------------------------------------------------------------


def reconcile(attempt: Attempt) -> None:
    """Bring the attempt's deadlines in line with its case: end, keep or set them, and fill in what the case waits on."""
    case = attempt.case
    wants = [*wanted(case, attempt.policy, attempt.calendar), *_of_exit(attempt)]
    _point_at_main(case, bring_in_line(attempt, case, wants))


def bring_in_line(attempt: Attempt, subject: Subject, wants: Sequence[Wanted]) -> list[Deadline]:
    """End, keep or set the deadlines of what is moved; return those that run."""
    climber, policy = subject.climber, attempt.policy
    running = list(subject.deadlines)
    kept: list[Deadline] = []
    for want in wants:
        deadline = next((each for each in running if _is_wanted(each, want)), None)
        if deadline is None:
            deadline = _set(want, attempt)
        elif _is_recounted(deadline, want, attempt):
            deadline = _recounted(deadline, _set(want, attempt), attempt)
        else:
            running.remove(deadline)
        deadline.owner = want.owner.value
        kept.append(deadline)
    for deadline in running:
        deadline.ended_by = attempt.seq
        deadline.check_at = None
    priority = PRIORITY[climber.grade]
    for deadline in kept:
        deadline.priority = priority
        if deadline.check_at is None:
            deadline.check_at = check_at(deadline, climber, policy)
    subject.deadlines = [*kept, *running]
    return kept


def _of_exit(attempt: Attempt) -> list[Wanted]:
    """Return the exit's own clock: its date is named when the case joins the exit, and its row keeps it from then on."""
    if attempt.case.state != "exiting":
        return []
    running = [each for each in attempt.case.deadlines if each.rule == "exit"]
    if running:
        return [Wanted("exit", each.start_at, WaitsOn.unit, on=each.due_on) for each in running]
    due_on = attempt.given.get("due_on")
    return [] if due_on is None else [Wanted("exit", attempt.at, WaitsOn.unit, on=due_on)]


def _is_wanted(deadline: Deadline, want: Wanted) -> bool:
    """Whether a running deadline is the wanted one: the same rule about the same thing, from the same start."""
    return (
        deadline.rule == want.rule
        and deadline.about == want.about
        and (want.on is None or deadline.due_on == want.on)
        and deadline.start_at == want.start_at
    )


def _is_recounted(deadline: Deadline, want: Wanted, attempt: Attempt) -> bool:
    """Whether this step counts a running deadline anew: never a date on paper or a count of hours, and only if asked to."""
    asked = attempt.given.get("recount")
    return (
        want.on is None
        and want.at is None
        and (asked == "everything" or (asked == "provisional" and deadline.provisional))
    )


def _recounted(old: Deadline, new: Deadline, attempt: Attempt) -> Deadline:
    """Put a deadline in the place of one that was counted by other rules; the rungs taken stay taken."""
    new.level = old.level if old.level > 0 else new.level
    told = {"rule": old.rule, "seq": old.set_by, "was": old.due_on, "due_on": new.due_on}
    attempt.facts.setdefault("recounted", []).append(told)
    return new


def _set(want: Wanted, attempt: Attempt) -> Deadline:
    policy, calendar = attempt.policy, attempt.calendar
    if want.on is not None:
        due = dated(want.on, policy, calendar)
    elif want.at is not None:
        due = Due(local_date(want.at, policy.timezone), want.at, provisional=False)
    elif want.months:
        due = counted_months(want.months, want.start_at, policy, calendar)
    else:
        due = counted(getattr(policy.limits, want.limit or want.rule), want.start_at, policy, calendar)
    return Deadline(
        rule=want.rule,
        set_by=attempt.seq,
        start_at=want.start_at,
        due_on=due.on,
        due_at=due.at,
        provisional=due.provisional,
        owner=want.owner.value,
        check_at=None,
        priority=0,
        level=first_level(policy.reminders.before, (local_date(due.at, policy.timezone) - attempt.on).days),
        about=want.about,
    )


def _point_at_main(case: Case, running: Sequence[Deadline]) -> None:
    case.waiting_on = waiting_on(case).value
    for rule in MAIN.get(case.state, ()):
        mine = [each for each in running if each.rule == rule]
        if mine:
            point_at(case, mine[0] if len(mine) == 1 else min(mine, key=lambda each: each.due_at))
            return
    point_at(case, None)


def point_at(subject: Subject, main: Deadline | None) -> None:
    """Let what is moved show this deadline as the date of its state; None: it has none."""
    if main is None:
        subject.due_on, subject.due_at, subject.provisional = None, None, False
    else:
        subject.due_on, subject.due_at, subject.provisional = main.due_on, main.due_at, main.provisional


def check_at(deadline: Deadline, climber: Climber, policy: Policy) -> datetime | None:
    """Return the next instant at which anything time-based can happen to a running deadline: its next reminder or rung.

    Each is taken on a date: from the first instant of that local day on. An acknowledgement silences repeats, not
    the next rung; while an extension is asked for, the unit's rungs wait for the answer, at most until it is owed
    (DOMAIN §2).
    """
    due_on = local_date(deadline.due_at, policy.timezone)
    reminders = reminders_left(policy.reminders.before, deadline.level)
    if reminders:
        return start_of_day(due_on - timedelta(reminders[0]), policy.timezone)
    ladder = getattr(policy.ladders, climber.grade)
    rung = next_rung(ladder, climber.charge, deadline.level)
    day = due_on + timedelta(rung.after)
    if climber.answer_by is not None and deadline.owner == WaitsOn.unit:
        day = max(day, local_date(climber.answer_by, policy.timezone) + timedelta(1))
    if rung.repeats and climber.acknowledged_on is not None and climber.acknowledged_on >= day:
        day = climber.acknowledged_on + timedelta(1)
    return start_of_day(day, policy.timezone)


def overdue_days(due_at: datetime | None, now: datetime, zone: str) -> int:
    """Count the natural days a deadline is overdue; 0 in time or without one."""
    if due_at is None or now <= due_at:
        return 0
    return (local_date(now, zone) - local_date(due_at, zone)).days
