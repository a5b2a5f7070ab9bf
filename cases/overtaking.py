"""What is recorded late: which of the clock's steps it overtakes, and which notices of them do not go out.

The clock's steps stay, and the late step lists them: one that moved something lists all since it happened, one that
moved nothing only those about a deadline that it ended; so a note lists none. An unsent notice is cancelled only where the
late step ended the deadline it tells of: of one that runs on it is still true, and its rung is not taken again.
"""

import json
from datetime import datetime

from sqlalchemy import bindparam, select, update

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import notices, steps
from workflow.case import Attempt

_CLOCK_STEPS_AFTER = Statement(
    select(steps.c.seq, steps.c.facts)
    .where(
        steps.c.kind == bindparam("kind"),
        steps.c.subject_id == bindparam("subject"),
        steps.c.actor_id.is_(None),
        steps.c.at > bindparam("at"),
    )
    .order_by(steps.c.seq)
)
_OF_STEP = (
    notices.c.kind == bindparam("kind_"),
    notices.c.subject_id == bindparam("subject"),
    notices.c.seq == bindparam("step"),
)
_CANCEL = Statement(
    update(notices)
    .where(*_OF_STEP, notices.c.sent_at.is_(None), notices.c.cancelled_at.is_(None))
    .values(cancelled_at=bindparam("now"))
)


def overtake(tx: Transaction, attempt: Attempt, recorded_at: datetime) -> None:
    """Let what was recorded late overtake the clock's steps since it happened."""
    subject = attempt.subject
    ended = {(each.rule, each.set_by) for each in subject.deadlines if each.ended_by == attempt.seq}
    since = tx.all(_CLOCK_STEPS_AFTER, kind=subject.kind, subject=subject.id, at=attempt.at)
    answered = [step.seq for step in since if _deadline_of(step.facts) in ended]
    overtaken = [step.seq for step in since] if attempt.moved else answered
    if overtaken:
        attempt.facts["overtakes"] = overtaken
    of_subject = {"kind_": subject.kind, "subject": subject.id, "now": recorded_at}
    tx.many(_CANCEL, [{**of_subject, "step": step} for step in answered])


def _deadline_of(facts: str) -> tuple[str, int] | None:
    named = json.loads(facts).get("deadline")
    return None if named is None else (named["rule"], named["seq"])
