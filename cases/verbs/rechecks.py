"""`correct` and `recheck`: two officers on site say whether it was put right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select

from cases.ledger import Door, Step, Try
from cases.names import find, find_inspection, find_order
from cases.papers import numbers
from cases.people import officers_named, officers_of
from cases.statements import Statement
from cases.tables import inspections
from cases.verbs import evidence
from cases.verbs.orders import (
    Demand,
    OrderRow,
    Paper,
    draft,
    facts_of,
    is_made,
    item_of,
    made_out,
    one_unit,
    rest_days,
    said_plainly,
    supervisor_named,
    with_all_reasons,
)
from cases.verbs.outcome import Outcome, of_steps
from cases.verbs.texts import checked
from cases.verbs.visits import Visit, at_the_unit, written_down
from workflow.case import Case, Officer
from workflow.errors import Refused
from workflow.terms import PaperKind
from workflow.words import Sentence

_INSPECTION = Statement(
    select(inspections.c.id, inspections.c.kind, inspections.c.visited_on, inspections.c.unit_id).where(
        inspections.c.id == bindparam("inspection")
    )
)


def correct(
    door: Door,
    cases: Sequence[int],
    files: Sequence[evidence.File],
    note: str | None,
    *,
    close: bool,
    if_version: int | None,
) -> Outcome:
    """Put general hazards right on the spot: both officers of the inspection count as the recheck."""
    said = checked("note", note, door.acting.policy)
    tries = []
    for case in door.load(cases):
        visit = door.tx.one(_INSPECTION, inspection=case.inspection_id)
        officers = officers_of(door.tx, case.inspection_id)
        given = {"evidence": files, "note": said, "inspected_on": visit.visited_on, "kind": visit.kind}
        facts = {"evidence": evidence.facts_of(files), "note": said, "officers": on_site(officers)}
        tries.append(Try("correct", case, given, officers, facts))
    steps = door.advance(tries, if_version=if_version)
    evidence.attach(door.tx, steps, files)
    papers = _decided(door, steps)
    told = [{"inspection": paper.subject_id, "number": paper.number} for paper in papers]
    outcome = of_steps([*steps, *(closed(door, steps) if close else [])], measures=told)
    outcome.said += [numbers.is_numbered(paper, paper.subject_id) for paper in papers]
    return outcome


def _decided(door: Door, steps: Sequence[Step]) -> list[Any]:
    """Put what was corrected on its visit's decision 现场处理措施决定书, one paper a visit; return them."""
    decided = []
    by_visit = groupby(sorted(steps, key=_visit_of), key=_visit_of)
    for visit, made in by_visit:
        corrected = list(made)
        case = corrected[0].case
        paper = numbers.make(door, PaperKind.measures, "inspection", visit, unit=case.unit_id, area=case.area_code)
        numbers.put_on(door, paper, corrected)
        decided.append(paper)
    return decided


def _visit_of(step: Step) -> int:
    return step.case.inspection_id


def closed(door: Door, steps: Sequence[Step]) -> list[Step]:
    """Close out what was just put right."""
    return door.advance([Try("close", step.case) for step in steps if step.case.state == "rechecked"])


def on_site(officers: Sequence[Officer]) -> list[dict[str, Any]]:
    """Return what a step remembers of who was on site."""
    return [{"id": officer.id, "name": officer.name, "certificate": officer.certificate} for officer in officers]


@dataclass(frozen=True)
class Recheck:
    """What is said at a recheck: which passed, which failed, who saw it, and the new three-fixed for the failed."""

    passed: Sequence[int]
    failed: Sequence[int]
    by: Sequence[str]
    note: str
    order: str | None = None
    inspection: str | None = None
    demands: dict[int, Demand] = field(default_factory=dict)
    waived_by: str | None = None
    approved_by: str | None = None
    why: str | None = None
    referral: str | None = None
    no_referral: str | None = None
    close: bool = False


def recheck(door: Door, seen: Recheck, files: Sequence[evidence.File], *, if_version: int | None) -> Outcome:
    """Recheck cases of one unit in one visit, on one paper; what failed is ordered anew on a second one.

    Raises Refused for cases of two units, for none at all, and for every condition of the moves.
    """
    demands = {case: said_plainly(demand, door) for case, demand in seen.demands.items()}
    told = _told(door, seen, files)
    cases = _judged(door, seen)
    failed = [cases[number] for number in dict.fromkeys(seen.failed)]

    def tries_on(row: OrderRow) -> list[Try]:
        return [
            *(
                Try("pass_recheck", cases[each], told.given, told.officers, told.facts)
                for each in dict.fromkeys(seen.passed)
            ),
            *(_failing(case, row, demands[case.id], told) for case in failed),
        ]

    unwritten = draft(door, list(cases.values()))
    try:
        one_unit(list(cases.values()))
        if told.visit is not None:
            at_the_unit(told.visit, next(iter(cases.values())))
        second = made_out(door, failed, Paper(), None, [officer.id for officer in told.officers]) if failed else None
    except Refused as refusal:
        raise with_all_reasons(door, refusal, tries_on(unwritten)) from refusal
    steps = door.advance(tries_on(second or unwritten), if_version=if_version)
    evidence.attach(door.tx, steps, files)
    opinion = _opinion(door, seen, steps, told)
    outcome = of_steps(
        [*steps, *(closed(door, steps) if seen.close else [])],
        inspection={"id": opinion.subject_id},
        recheck={"number": opinion.number},
    )
    outcome.said.append(numbers.is_numbered(opinion, opinion.subject_id))
    if second is not None:
        outcome.document["order"] = {"id": second.id, "number": second.number}
        outcome.said.append(is_made(second))
        outcome.warnings += rest_days(demands.values(), door)
    return outcome


@dataclass(frozen=True)
class _Told:
    """What a recheck says of every case: who was on site, what the guards are given, what the steps remember."""

    officers: Sequence[Officer]
    given: dict[str, Any]
    facts: dict[str, Any]
    #: The visit it joins; None: it makes its own.
    visit: Any


def _told(door: Door, seen: Recheck, files: Sequence[evidence.File]) -> _Told:
    tx, policy = door.tx, door.acting.policy
    said = {name: checked(name, getattr(seen, name), policy) for name in ("note", "why", "referral", "no_referral")}
    officers = officers_named(tx, list(seen.by))
    waiver, approver = supervisor_named(tx, seen.waived_by), supervisor_named(tx, seen.approved_by)
    order = None if seen.order is None else find_order(tx, seen.order, door.acting.actor.id).id
    facts = {
        **said,
        "order_id": order,
        "officers": on_site(officers),
        "waived_by": None if waiver is None else waiver.name,
        "evidence": evidence.facts_of(files) or None,
    }
    visit = None if seen.inspection is None else find_inspection(tx, seen.inspection, door.acting.actor.id)
    given = {**said, "order_id": order, "waived_by": waiver, "approved_by": approver}
    return _Told(officers, given, facts, visit)


def _judged(door: Door, seen: Recheck) -> dict[int, Case]:
    """Return the cases by number, once it is clear that somebody may recheck them all."""
    cases = {case.id: case for case in door.load([*seen.passed, *seen.failed])}
    door.precheck("pass_recheck", [cases[number] for number in seen.passed])
    door.precheck("fail_recheck", [cases[number] for number in seen.failed])
    _no_contradiction(seen)
    return cases


def _failing(case: Case, second: OrderRow, demand: Demand, told: _Told) -> Try:
    return Try(
        "fail_recheck",
        case,
        {**told.given, "items": [item_of(second, case, demand)]},
        told.officers,
        {**told.facts, "new": facts_of(second, demand, told.given["approved_by"], told.given["why"])},
    )


def _no_contradiction(seen: Recheck) -> None:
    both = sorted(set(seen.passed) & set(seen.failed))
    if both:
        raise Refused(
            Sentence("nothing was rechecked"),
            reasons=[
                Sentence("case {case} cannot both pass and fail; name it with --pass or with --fail", case=each)
                for each in both
            ],
        )
    if not seen.passed and not seen.failed:
        told = Sentence("say what was rechecked; add --pass CASE or --fail CASE")
        raise Refused(Sentence("nothing was rechecked"), reasons=[told])


def _opinion(door: Door, seen: Recheck, steps: Sequence[Step], told: _Told) -> Any:
    """Put what was judged on its visit's opinion 整改复查意见书, one paper a visit; return it."""
    case = steps[0].case
    visit = _the_visit(door, seen, case, told)
    paper = numbers.make(door, PaperKind.recheck, "inspection", visit, unit=case.unit_id, area=case.area_code)
    numbers.put_on(door, paper, steps)
    return paper


def _the_visit(door: Door, seen: Recheck, case: Case, told: _Told) -> int:
    """Return the visit this recheck belongs to: the one it joins, else one of its own."""
    if told.visit is not None:
        return int(told.visit.id)
    unit = find(door.tx, "unit", f"id:{case.unit_id}")
    return written_down(door, unit, told.officers, Visit(kind="recheck", note=seen.note))
