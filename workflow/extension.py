"""The extension process 延期: a later date is asked for before the old one expires, and decided by somebody else.

A request moves no date. While it waits, the unit's rungs wait with it, at most until the answer is owed; granting it
fires `extend` on the hazard.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from workflow.authority import CLOCK, FIRED, SUPERVISOR, UNIT
from workflow.case import Actor, Attempt, Case, Deadline, Extension
from workflow.deadlines import Wanted, bring_in_line, check_at, point_at
from workflow.guards.about import has_given
from workflow.process import Authority, Move, Process, guard
from workflow.states import ExtensionState
from workflow.terms import WaitsOn
from workflow.words import Sentence, Term

requested, granted, refused, withdrawn, lapsed = ExtensionState

#: The states of a hazard in which a date runs that can be moved.
BEFORE_SUBMISSION = ("ordered", "rectifying")

#: What a move fires on the hazard.
FIRES = {"grant": {"hazard": "extend"}}


def request_of(attempt: Attempt) -> Extension:
    """Return the request an attempt is about. Raises TypeError for an attempt at something else."""
    request = attempt.subject
    if not isinstance(request, Extension):
        raise TypeError(f"this is no attempt at an extension, but at {request.called}")
    return request


def date_running(case: Case) -> Deadline | None:
    """Return the deadline that a request would move: the unit's, by the earliest date it was served with."""
    return next((each for each in case.deadlines if each.rule == "date" and each.ended_by is None), None)


def still_asks(request: Extension, case: Case) -> bool:
    """Whether the date a request asks about still runs."""
    running = date_running(case)
    item = next((item for item in case.served_items if item.id == request.item_id), None)
    return (
        case.state in BEFORE_SUBMISSION
        and running is not None
        and item is not None
        and item.due_on == running.due_on == request.from_due_on
    )


# -- who ---------------------------------------------------------------------------------------------------------------


def _asker(actor: Actor, attempt: Attempt) -> Sentence | None:
    request = request_of(attempt)
    if actor.id == request.asked_by:
        return None
    return Sentence("extension {id}: only who asked withdraws it, {actor} did not", id=request.id, actor=actor.name)


#: Who asked for it.
ASKER = Authority("who asked", _asker)


# -- conditions --------------------------------------------------------------------------------------------------------


@guard(
    "no date runs that could be moved: the case is {state}, and waits on no served order",
    state=lambda a: Term("state", a.case.state),
)
def has_a_date_running(attempt: Attempt) -> bool:
    """Ordered or rectifying, and served: until then nothing binds the unit."""
    return attempt.case.state in BEFORE_SUBMISSION and date_running(attempt.case) is not None


def _last_instant(attempt: Attempt) -> Any:
    running = date_running(attempt.case)
    return None if running is None else running.due_on


@guard("it is asked before the date expires; {due_on} is past: put it right, or expect a recheck", due_on=_last_instant)
def is_asked_before_expiry(attempt: Attempt) -> bool:
    """A date that has passed is not moved."""
    running = date_running(attempt.case)
    return running is None or attempt.at <= running.due_at


@guard(
    "it is asked at least {days} working days before the date, {due_on}",
    days=lambda a: a.policy.extension.ask_before_working_days,
    due_on=_last_instant,
)
def is_asked_early_enough(attempt: Attempt) -> bool:
    """Qingdao asks for 20 working days before the date of a listed hazard; by default the last day will do."""
    running, days = date_running(attempt.case), attempt.policy.extension.ask_before_working_days
    if running is None or not days or attempt.at > running.due_at:
        return True
    return attempt.calendar.working_days_between(attempt.on, running.due_on) >= days


@guard("say on what ground: --ground force_majeure or other")
def has_a_ground(attempt: Attempt) -> bool:
    """Force majeure, or another one."""
    return bool(request_of(attempt).ground)


@guard("say why; add --reason T")
def has_a_reason(attempt: Attempt) -> bool:
    """A ground is explained."""
    return bool(request_of(attempt).reason.strip())


@guard("say what keeps people safe until then; add --interim T")
def has_interim_measures(attempt: Attempt) -> bool:
    """The hazard is still there."""
    return bool(request_of(attempt).interim.strip())


def _latest(attempt: Attempt) -> date | None:
    running = date_running(attempt.case)
    return None if running is None else running.due_on + timedelta(attempt.policy.extension.days)


@guard(
    "{until} is no later than the date that runs, {due_on}", until=lambda a: request_of(a).until, due_on=_last_instant
)
def is_later(attempt: Attempt) -> bool:
    """An extension moves the date on."""
    running = date_running(attempt.case)
    return running is None or request_of(attempt).until > running.due_on


@guard(
    "a date is moved by at most {days} days, until {last}; ask for an earlier date",
    days=lambda a: a.policy.extension.days,
    last=_latest,
)
def is_within_days(attempt: Attempt) -> bool:
    """The policy's limit."""
    last = _latest(attempt)
    return last is None or request_of(attempt).until <= last


@guard("a date is moved at most {times} times, and it was", times=lambda a: a.policy.extension.times)
def is_within_number(attempt: Attempt) -> bool:
    """The policy's limit, counted over the item that the date stands on."""
    return int(attempt.given.get("granted", 0)) < attempt.policy.extension.times


@guard("extension {id} asks about this date already", id=lambda a: a.given.get("running"))
def is_the_only_one(attempt: Attempt) -> bool:
    """One request per date running."""
    return not has_given(attempt, "running")


@guard("who asked does not decide; ask another supervisor")
def is_decided_by_another(attempt: Attempt) -> bool:
    """Nobody grants their own request."""
    return attempt.actor.id != request_of(attempt).asked_by


@guard("the date it asks about does not run any more")
def is_still_asked(attempt: Attempt) -> bool:
    """What was put right, or has another date by now, needs no later one."""
    return still_asks(request_of(attempt), attempt.case)


ASKED_FOR = [
    has_a_date_running, is_asked_before_expiry, is_asked_early_enough, has_a_ground, has_a_reason, has_interim_measures,
    is_later, is_within_days, is_within_number, is_the_only_one,
]  # fmt: skip

# fmt: off
MOVES = [
    # trigger, from, to, by whom, on what conditions
    Move("request",  requested, None,      UNIT, ASKED_FOR),  # its first step: from nothing
    Move("grant",    requested, granted,   SUPERVISOR, [is_decided_by_another, is_still_asked]),
    Move("refuse",   requested, refused,   SUPERVISOR, [is_decided_by_another]),
    Move("withdraw", requested, withdrawn, ASKER),
    Move("lapse",    requested, lapsed,    FIRED),
    # internal
    Move("recount",  requested, None,      FIRED),
    Move("escalate", requested, None,      CLOCK),
]
# fmt: on


def _decide(attempt: Attempt) -> None:
    request = request_of(attempt)
    request.decided_by = attempt.actor.id
    request.note = attempt.given.get("note")
    attempt.facts.update(case=request.hazard_id, until=request.until, note=request.note)


def _note(attempt: Attempt) -> None:
    request = request_of(attempt)
    request.note = attempt.given.get("note")
    attempt.facts.update(case=request.hazard_id, note=request.note)


def _climb(attempt: Attempt) -> None:
    request_of(attempt).rank = str(attempt.given["rank"])


EFFECTS: dict[str, Callable[[Attempt], None]] = {
    "grant": _decide,
    "refuse": _decide,
    "withdraw": _note,
    "lapse": _note,
    "escalate": _climb,
}

EXTENSION = Process(
    "extension",
    states=ExtensionState,
    initial=requested,
    ended=(granted, refused, withdrawn, lapsed),
    moves=MOVES,
    effects=EFFECTS,
    begins="request",
    commands={trigger: f"extension {trigger}" for trigger in ("request", "grant", "refuse", "withdraw")},
)


def make(trigger: str, attempt: Attempt) -> None:
    """Make one move of a request, bring its clock in line, and let the unit's rungs wait for it or go on.

    Raises what `Process.fire` raises; after that the attempt's request and case are to be thrown away.
    """
    EXTENSION.fire(trigger, attempt)
    request, case = request_of(attempt), attempt.case
    if trigger == "escalate":
        return
    if trigger != "recount":
        request.entered_at, request.moved_seq = attempt.at, attempt.seq
    is_open = request.state == requested
    request.waiting_on = (WaitsOn.supervisor if is_open else WaitsOn.none).value
    wants = [Wanted("answer", request.entered_at, WaitsOn.supervisor, limit="extension_answer")] if is_open else []
    kept = bring_in_line(attempt, request, wants)
    point_at(request, kept[0] if kept else None)
    case.answer_by = request.due_at
    for deadline in case.deadlines:
        if deadline.ended_by is None and deadline.owner == WaitsOn.unit:
            deadline.check_at = check_at(deadline, case, attempt.policy)
