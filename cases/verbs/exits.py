"""The verbs of an exit 退出: decide it, let hazards join, see its steps, verify, revoke, find it breached, visit it after.

Each is one transaction: the exit, every hazard that goes with it, the unit's halts and the visits that follow, or none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cases import exits
from cases.halts import hold_unit, named_on
from cases.ledger import Door, Step, Try
from cases.names import find, find_inspection
from cases.people import officers_named, officers_of
from cases.recipients import Recipients
from cases.verbs import evidence
from cases.verbs.escalations import climbing, told
from cases.verbs.halts import conversions
from cases.verbs.orders import (
    Demand,
    OrderRow,
    Paper,
    facts_of,
    is_made,
    item_of,
    made_out,
    rest_days,
    said_plainly,
    supervisor_named,
)
from cases.verbs.outcome import Outcome, of_steps
from cases.verbs.rechecks import on_site
from cases.verbs.texts import checked
from workflow.case import Case
from workflow.deadlines import counted_months
from workflow.errors import NotFound, Refused
from workflow.exit import FIRES, Exit, gravest
from workflow.follow_up import FollowUp
from workflow.hazard import HAZARD
from workflow.states import ENDED, ExitState, FollowUpState
from workflow.terms import Rank
from workflow.words import Sentence, Term

_JOINS = FIRES["decide"]["hazard"]


# -- decide and add ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """What is said when an exit is decided."""

    kind: str
    basis: str
    due_on: date
    interim: str
    line: str | None = None
    cases: Sequence[int] = ()
    body: str | None = None
    number: str | None = None
    decided_on: date | None = None


def decide(door: Door, unit: str, said: Decision) -> Outcome:
    """Decide that a unit, or a line of it, goes; its open hazards go with it, what was ordered of them is superseded.

    Raises NotFound, BadInput for a text, Forbidden, NotAllowed for a named case that cannot join, and Refused.
    """
    said = _checked(door, said)
    found = find(door.tx, "unit", unit)
    hold_unit(door.tx, found.id)
    line = said.line or ""
    named = list(dict.fromkeys(said.cases))
    cases = door.load(_going(door, found.id, line, named))
    joining = [case for case in cases if case.state != "rechecked"]
    leaving = _blank(door, found, said, joining)
    given = {
        "cases": [case.id for case in cases],
        "named": named,
        "running": exits.running(door.tx, found.id, line),
        **_not_its_own(leaving, cases),
    }
    trying = Try("decide", leaving, given, facts=_decided(leaving, joining))
    door.begin(trying)
    dropped = _dropped(door, "decide", leaving, exits.of_line(door.tx, found.id, line))
    tries = [
        replace(trying, along={exits.ADD_HAZARD: exits.joining(leaving, joining)}),
        *(_joining(leaving, "decide", case) for case in joining),
        *(_of_the_line(leaving, case) for case in cases if case.state == "rechecked" and line),
        *dropped,
    ]
    return _told(door.advance(tries), leaving, unit=found.name)


def _checked(door: Door, said: Decision) -> Decision:
    """Return what was said with its texts checked. Raises BadInput."""
    policy = door.acting.policy
    return replace(
        said,
        line=checked("line", said.line, policy),
        body=checked("body", said.body, policy),
        number=checked("number", said.number, policy),
        interim=checked("interim", said.interim, policy) or "",
    )


def _going(door: Door, unit: int, line: str, named: Sequence[int]) -> list[int]:
    """Return which cases go: the unit's that can, or those of its line and whichever are named."""
    able = [row for row in exits.open_cases(door.tx, unit) if _JOINS in HAZARD.triggers(row.state)]
    return list(dict.fromkeys([*named, *(row.id for row in able if not line or row.line == line)]))


def _not_its_own(leaving: Exit, cases: Iterable[Case]) -> dict[str, list[int]]:
    return {
        "strangers": [case.id for case in cases if case.unit_id != leaving.unit_id],
        "others": [case.id for case in cases if leaving.line and case.line not in (None, "", leaving.line)],
    }


def _blank(door: Door, unit: Any, said: Decision, cases: Sequence[Case]) -> Exit:
    """Return an exit that was just decided, with no number yet."""
    department = door.acting.actor.department
    is_government = said.basis == "government"
    return Exit(
        id=0, unit=unit.name, unit_id=unit.id, area_code=unit.area_code, department_id=department.id if department else 0,
        exit_kind=said.kind, basis=said.basis, body=said.body, number=said.number,
        decided_on=(said.decided_on or door.on) if is_government else None, line=said.line or "",
        interim=said.interim or "", leaves_on=said.due_on, grade=gravest([case.grade for case in cases]),
        state=ExitState.decided.value, entered_at=door.at, decided_at=door.at, decided_by=door.acting.actor.id or 0,
        verified_on=None, note=None, waiting_on="unit", due_on=None, due_at=None, provisional=False, rank=None,
        moved_seq=1, version=1, seq=1, head="-", area=exits.path_of(door.tx, unit.area_code),
        charge=str(department.rank) if department else "", sector=unit.sector,
    )  # fmt: skip


def _decided(leaving: Exit, cases: Iterable[Case]) -> dict[str, Any]:
    """Return what its first step remembers."""
    names = ("exit_kind", "basis", "body", "number", "decided_on", "interim")
    return {
        "unit": leaving.unit_id,
        **{name: getattr(leaving, name) for name in names},
        "line": leaving.line or None,
        "due_on": leaving.leaves_on,
        "cases": [case.id for case in cases],
    }


def _joining(leaving: Exit, fired_by: str, case: Case) -> Try:
    given = {"due_on": leaving.leaves_on, "line": leaving.line, "fired_by": fired_by}
    return Try(FIRES[fired_by]["hazard"], case, given, facts={"exit": leaving.id, "due_on": leaving.leaves_on})


def _of_the_line(leaving: Exit, case: Case) -> Try:
    """What was rechecked already is closed in its own way, but before the line has gone."""
    said = {"line": leaving.line, "note": leaving.line}
    return Try("amend", case, said, facts={"line": leaving.line, "exit": leaving.id})


def add(door: Door, number: int, cases: Sequence[int], *, if_version: int | None = None) -> Outcome:
    """Let open hazards of the unit, or of the line, join a running exit."""
    leaving, found = _loaded(door, number, cases)
    given = {"cases": cases, "grades": [case.grade for case in found], **_not_its_own(leaving, found)}
    along = {exits.ADD_HAZARD: exits.joining(leaving, found)}
    tries = [
        Try("add", leaving, given, facts={"cases": [case.id for case in found]}, along=along),
        *(_joining(leaving, "add", case) for case in found),
    ]
    return _told(door.advance(tries, if_version=if_version), leaving)


# -- step and verify ---------------------------------------------------------------------------------------------------


def step(
    door: Door,
    number: int,
    name: str,
    files: Sequence[evidence.File],
    on: date | None = None,
    *,
    if_version: int | None = None,
) -> Outcome:
    """Record that a step of an exit was seen on site, with evidence."""
    leaving, _ = _loaded(door, number)
    door.happened_on(on)
    door.settle([leaving])
    seen = {"step": name, "on": door.on, "evidence": evidence.facts_of(files)}
    row = {"exit_id": leaving.id, "step": name, "area_code": leaving.area_code, "on_date": door.on}
    along = {exits.ADD_STEP: [{**row, "seq": leaving.seq + 1}]}
    trying = Try("step", leaving, {"step": name, "evidence": files}, facts=seen, along=along)
    steps = door.advance([trying], if_version=if_version)
    evidence.attach(door.tx, steps, files)
    return _told(steps, leaving)


def verify(door: Door, number: int, by: Sequence[str], *, if_version: int | None = None) -> Outcome:
    """Verify an exit on site: its hazards end with it, its unit's halts are converted, visits are planned."""
    officers = officers_named(door.tx, list(by))
    leaving, held = _loaded(door, number, exits.members, halted=True)
    members = set(exits.members(door.tx, number))
    gone = [case for case in held if case.id in members and case.state == "exiting"]
    given = {"outside": _outside(door, leaving, [case.id for case in gone])}
    seen: dict[str, Any] = {"officers": on_site(officers), "cases": [case.id for case in gone]}
    halted = conversions(door, leaving.unit_id, held, gone, exit_id=number, partial=leaving.is_partial)
    seen["halts"] = [each.subject.id for each in halted]
    confirmed = {"kind": leaving.exit_kind, "fired_by": "verify"}
    tries = [
        Try("verify", leaving, given, officers, seen),
        *(Try(FIRES["verify"]["hazard"], case, confirmed, facts={"exit": number}) for case in gone),
        *halted,
        *_visits(door, leaving),
    ]
    return _told(door.advance(tries, if_version=if_version), leaving)


def _outside(door: Door, leaving: Exit, inside: Sequence[int]) -> list[int]:
    """Return the open cases of the unit, or of its line, that do not go with it."""
    still = exits.open_cases(door.tx, leaving.unit_id)
    return [row.id for row in still if row.id not in inside and leaving.line in ("", row.line)]


def _visits(door: Door, leaving: Exit) -> list[Try]:
    """Begin the visits that the policy plans, and return the tries that arrange them."""
    tries, opens_on = [], door.on
    for months in door.acting.policy.exit.follow_up_months:
        facts = {"exit": leaving.id, "unit": leaving.unit_id, "months": months}
        visit = _planned(door, leaving, months, opens_on)
        tries.append(Try(FIRES["verify"]["follow_up"], visit, {"fired_by": "verify"}, facts=facts))
        door.begin(tries[-1])
        opens_on = counted_months(months, door.at, door.acting.policy, door.acting.calendar).on
    return tries


def _planned(door: Door, leaving: Exit, months: int, opens_on: date) -> FollowUp:
    return FollowUp(
        id=0, exit_id=leaving.id, unit_id=leaving.unit_id, area_code=leaving.area_code,
        department_id=leaving.department_id, months=months, opens_on=opens_on, inspection_id=None, grade=leaving.grade,
        state=FollowUpState.planned.value, entered_at=door.at, waiting_on="inspector", due_on=None, due_at=None,
        provisional=False, rank=None, moved_seq=1, version=1, seq=1, head="-", area=leaving.area,
        charge=leaving.charge, sector=leaving.sector,
    )  # fmt: skip


# -- revoke and breach -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Revocation:
    """Why an exit is revoked, and until when what was once ordered of its hazards is to be done after all."""

    note: str
    demand: Demand = field(default_factory=Demand)
    approved_by: str | None = None
    why: str | None = None


def revoke(door: Door, number: int, said: Revocation, *, if_version: int | None = None) -> Outcome:
    """Revoke an exit: hazards once ordered are ordered anew on one paper, the others are found again; halts stand."""
    demand = said_plainly(said.demand, door)
    note = {"note": checked("note", said.note, door.acting.policy)}
    leaving, cases = _loaded(door, number, exits.members)
    door.precheck("revoke", [leaving])
    back = [case for case in cases if case.state == "exiting"]
    ordered = [case for case in back if case.round_items]
    paper = made_out(door, ordered, Paper(), None, []) if ordered else None
    signed = {
        "approved_by": supervisor_named(door.tx, said.approved_by),
        "why": checked("why", said.why, door.acting.policy),
    }
    tries = [
        Try("revoke", leaving, note, facts={**note, "cases": [case.id for case in back]}),
        *(_back(leaving, case, demand, paper if case in ordered else None, signed) for case in back),
    ]
    told = _told(door.advance(tries, if_version=if_version), leaving)
    if paper is not None:
        told.document["order"] = {"id": paper.id, "number": paper.number}
        told.said.append(is_made(paper))
        told.warnings += rest_days([demand], door)
    return told


def _back(leaving: Exit, case: Case, demand: Demand, paper: OrderRow | None, signed: dict[str, Any]) -> Try:
    given: dict[str, Any] = {"fired_by": "revoke", **signed}
    facts: dict[str, Any] = {"exit": leaving.id}
    if paper is not None:
        given["items"] = [item_of(paper, case, demand)]
        facts.update(facts_of(paper, demand, signed["approved_by"], signed["why"]))
    return Try(FIRES["revoke"]["hazard"], case, given, facts=facts)


def breach(door: Door, number: int, inspection: str, note: str, *, if_version: int | None = None) -> Outcome:
    """Record that what had gone runs again: its hazards come back as recurrences and climb at once.

    Whoever decided the exit is told of it, the next rank of every hazard.
    """
    said = checked("note", note, door.acting.policy)
    visit = find_inspection(door.tx, inspection, door.acting.actor.id)
    leaving, cases = _loaded(door, number, exits.members)
    officers = officers_of(door.tx, visit.id)
    seen = {"inspection": visit.id, "note": said}
    back = [case for case in cases if case.state in ENDED and "reopen" in HAZARD.triggers(case.state)]
    tries = [
        Try(
            "breach",
            leaving,
            {**seen, "unit": visit.unit_id, "seen_on": visit.visited_on},
            officers,
            {**seen, "cases": [case.id for case in back]},
            told(door, Recipients(door.tx, door.on), leaving, Rank(leaving.charge))[1],
        ),
        *(Try(FIRES["breach"]["hazard"], case, seen, officers, {**seen, "exit": number}) for case in back),
        *_dropped(door, "breach", leaving, {leaving.id}),
    ]
    steps = door.advance(tries, if_version=if_version)
    danger = {"reason": "danger", "note": said}
    climbs = door.advance(climbing(door, back, danger, {**danger, "exit": number}))
    return _told([*steps, *climbs], leaving)


def _dropped(door: Door, fired_by: str, leaving: Exit, of: Iterable[int]) -> list[Try]:
    """Return the tries that drop the visits still to be made after these exits."""
    given, facts = {"fired_by": fired_by}, {"exit": leaving.id}
    still = [visit for visit in exits.planned(door.tx, leaving.unit_id) if visit.exit_id in of]
    return [Try(FIRES[fired_by]["follow_up"], visit, given, facts=facts) for visit in still]


# -- the visits after --------------------------------------------------------------------------------------------------


def visit(door: Door, number: int, inspection: str, note: str | None = None) -> Outcome:
    """Record that a visit found it still shut: the visits that were due by then are made, or else the next one.

    Raises Refused when none is planned any more.
    """
    said = checked("note", note, door.acting.policy)
    seen = find_inspection(door.tx, inspection, door.acting.actor.id)
    leaving, _ = _loaded(door, number)
    door.happened_on(seen.visited_on)
    planned = [each for each in exits.planned(door.tx, leaving.unit_id) if each.exit_id == leaving.id]
    if not planned:
        what = Sentence("exit {id}: nothing is written", id=number)
        raise Refused(
            what, reasons=[Sentence("no visit to it is planned any more; see: rectify exit show {id}", id=number)]
        )
    if exits.is_told_of(door.tx, leaving.id, seen.id):
        what = Sentence("exit {id}: nothing is written", id=number)
        raise Refused(what, reasons=[Sentence("inspection {id} was told of already; name a later visit", id=seen.id)])
    door.settle(planned)
    made = [each for each in planned if each.due_on is not None and each.due_on <= seen.visited_on] or planned[:1]
    given = {"inspection": seen.id, "unit": seen.unit_id, "seen_on": seen.visited_on}
    facts = {"inspection": seen.id, "exit": number, "note": said, "still_shut": True}
    officers = officers_of(door.tx, seen.id)
    steps = door.advance([Try("visit", each, given, officers, facts) for each in made])
    return _told(steps, leaving)


# -- loading and telling -----------------------------------------------------------------------------------------------


def _loaded(door: Door, number: int, cases: Any = (), *, halted: bool = False) -> tuple[Exit, list[Case]]:
    """Load an exit and cases under lock – these, or those `cases` finds for it –, their unit first. Raises NotFound.

    With `halted` also the cases that the halts on its unit name: all of them in one go, so in the order of the house.
    """
    unit = exits.unit_of(door.tx, number)
    if unit is None:
        raise NotFound(Sentence("no exit {id}; type: rectify exit list", id=number), exit=number)
    hold_unit(door.tx, unit)
    numbers = cases(door.tx, number) if callable(cases) else cases
    if halted:
        numbers = [*numbers, *named_on(door.tx, unit)]
    found = door.load(numbers) if numbers else []
    return exits.load(door.tx, number), found


def _told(steps: Sequence[Step], leaving: Exit, **more: Any) -> Outcome:
    told = of_steps(steps, exit=document(leaving), **more)
    visits = [step.subject for step in steps if isinstance(step.subject, FollowUp)]
    told.document["follow_ups"] = [_visit(visit) for visit in visits]
    state = Term("state", leaving.state)
    told.said[:0] = [Sentence("exit {id}: {state}", id=leaving.id, state=state), *map(_where, visits)]
    return told


def document(leaving: Exit) -> dict[str, Any]:
    """Return what every move says of an exit."""
    return {
        "id": leaving.id,
        "state": str(leaving.state),
        "due_on": leaving.due_on.isoformat() if leaving.due_on else None,
        "missing": leaving.missing if leaving.is_running else [],
        "version": leaving.version,
    }


def _visit(visit: FollowUp) -> dict[str, Any]:
    due = visit.due_on.isoformat() if visit.due_on else None
    return {"id": visit.id, "months": visit.months, "state": str(visit.state), "due_on": due}


def _where(visit: FollowUp) -> Sentence:
    state = Term("state", visit.state)
    if visit.due_on is None:
        return Sentence("visit after {months} months: {state}", months=visit.months, state=state)
    return Sentence(
        "visit after {months} months: {state}, due {due}", months=visit.months, state=state, due=visit.due_on
    )
