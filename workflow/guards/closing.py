"""Closing out: nothing left open, released, rechecked by others, planned for."""

from workflow.case import Attempt
from workflow.deadlines import local_date
from workflow.process import guard
from workflow.terms import Grade, ItemResult


@guard("items are still open: {numbers}", standing=True, numbers=lambda a: [item.number for item in a.case.open_items])
def has_no_open_item(attempt: Attempt) -> bool:
    """销号 comes after every item."""
    return not attempt.case.open_items


@guard(
    "the last recheck of this round did not pass, or there was none; send it back: rectify send-back {case} --note T",
    case=lambda a: a.case.id,
    standing=True,
)
def was_passed(attempt: Attempt) -> bool:
    """The last recheck or on-the-spot correction passed."""
    if attempt.case.corrected_on is not None:
        return True
    judged = [item for item in attempt.case.round_items if item.result in (ItemResult.passed, ItemResult.failed)]
    last = max(judged, key=lambda item: item.result_seq or 0, default=None)
    return last is not None and last.result == ItemResult.passed


@guard(
    "it is still listed under {number}; type: rectify release {case}",
    number=lambda a: a.case.listed_number,
    case=lambda a: a.case.id,
    standing=True,
)
def is_released(attempt: Attempt) -> bool:
    """A listed hazard is released (摘牌) before it is closed."""
    return attempt.case.listed_by is None


@guard("a halt stands on it: {halts}", standing=True, halts=lambda a: [str(halt) for halt in a.halts])
def has_no_halt(attempt: Attempt) -> bool:
    """No halt stands on it, unless the unit's exit is running."""
    return attempt.exit_running or not any(halt.stands for halt in attempt.halts)


@guard("{actor} rechecked it; another supervisor must close it", actor=lambda a: a.actor.name)
def is_closed_by_another_if_grave(attempt: Attempt) -> bool:
    """Larger and major hazards are closed by a supervisor who rechecked nothing of it."""
    return not attempt.case.is_grave or attempt.actor.id not in attempt.case.rechecker_ids


@guard(
    "a major hazard needs its governance plan on file; type: rectify plan {case} …",
    standing=True,
    case=lambda a: a.case.id,
)
def has_plan_if_major(attempt: Attempt) -> bool:
    """治理方案, unless it was put right on the day it was found."""
    case = attempt.case
    passed_on = local_date(case.entered_at, attempt.policy.timezone)
    return case.grade != Grade.major or case.planned or passed_on == case.found_on


@guard("a halt on it was lifted since; nothing can be sent back", standing=True)
def has_no_lifted_halt(attempt: Attempt) -> bool:
    """Production resumed on the strength of this recheck."""
    return not any(halt.was_lifted for halt in attempt.halts)
