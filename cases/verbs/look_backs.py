"""`look-back`: a later visit says whether what had ended stayed ended 回头看."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from cases.ledger import Door, Try
from cases.names import find_inspection
from cases.people import officers_of
from cases.statements import Statement
from cases.tables import hazards, look_backs
from cases.verbs.keeping import on_record
from cases.verbs.orders import with_all_reasons
from cases.verbs.outcome import Outcome, of_steps
from cases.verbs.texts import checked
from cases.verbs.visits import at_the_unit
from workflow.case import Attempt
from workflow.errors import Refused
from workflow.guards import is_seen_at_a_look_back
from workflow.terms import InspectionKind, LookBackResult
from workflow.words import Sentence

_SEEN = Statement(
    select(look_backs.c.hazard_id).where(
        look_backs.c.inspection_id == bindparam("inspection"), look_backs.c.hazard_id == bindparam("case")
    )
)
_COUNTS = Statement(
    select(look_backs.c.result, func.count())
    .where(look_backs.c.inspection_id == bindparam("inspection"))
    .group_by(look_backs.c.result)
)
_NEW = Statement(select(func.count()).where(hazards.c.inspection_id == bindparam("inspection")))


def look_back(door: Door, inspection: str, cases: Sequence[int], result: str, note: str | None) -> Outcome:
    """Say of ended cases what a look-back visit saw: each stayed, or recurred and is open again, in one transaction.

    Raises NotFound, Forbidden, NotAllowed for a case that is open, or Refused: another kind of visit, another unit, twice.
    """
    tx = door.tx
    said = checked("note", note, door.acting.policy) or None
    visit = find_inspection(tx, inspection, door.acting.actor.id)
    found = door.load(cases)
    trigger = "look_back" if result == LookBackResult.stayed else "reopen"
    door.precheck(trigger, found)
    door.happened_on(visit.visited_on)
    given = {"inspection": visit.id, "visit_kind": visit.kind, "note": said}
    facts = {"inspection": visit.id, "look_back": result, "note": said}
    tries = [Try(trigger, case, given, officers_of(tx, visit.id), facts) for case in found]
    reasons = _unfit(door, visit, trigger, [case.id for case in found])
    try:
        for case in found:
            at_the_unit(visit, case)
        if reasons:
            raise Refused(Sentence("nothing was written"), reasons=reasons)
    except Refused as refusal:
        raise with_all_reasons(door, refusal, tries) from refusal
    steps = door.advance(tries)
    for step in steps:
        tx.add(
            look_backs,
            inspection_id=visit.id, hazard_id=step.case.id, seq=step.seq, result=result, note=said,
            area_code=step.case.area_code, **on_record(door),
        )  # fmt: skip
    return _counted(of_steps(steps), door, visit.id)


def _unfit(door: Door, visit: Any, trigger: str, cases: Sequence[int]) -> list[Sentence]:
    """Return why this visit cannot say so: it has said so before, or was none to look back."""
    seen = [each for each in cases if door.tx.one(_SEEN, inspection=visit.id, case=each) is not None]
    reasons = [Sentence("inspection {id} has told of case {case} already", id=visit.id, case=each) for each in seen]
    # The process asks this of what stayed; what recurred is reopened by any visit, but counted by a look-back alone.
    if trigger == "reopen" and visit.kind != InspectionKind.look_back:
        told = Attempt(None, door.acting.actor, door.at, door.on, door.acting.policy, door.acting.calendar)  # type: ignore[arg-type]  # this guard looks at no case
        reasons.append(is_seen_at_a_look_back.says(told))
    return reasons


def _counted(outcome: Outcome, door: Door, visit: int) -> Outcome:
    """Add what the visit has come to so far: stayed, recurred, and the new hazards it found."""
    counts = dict.fromkeys(map(str, LookBackResult), 0)
    counts.update({str(result): count for result, count in door.tx.all(_COUNTS, inspection=visit)})
    counts["new"] = int(door.tx.value(_NEW, inspection=visit))
    outcome.document["look_back"] = {"inspection": visit, **counts}
    outcome.said.append(
        Sentence("look-back at inspection {id}: {stayed} stayed, {recurred} recurred, {new} new", id=visit, **counts)
    )
    return outcome
