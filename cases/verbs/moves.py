"""The verbs that are a move and little else: start, submit, close, send back, void, reopen, regrade, listings, transfers."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import bindparam, select

from cases.ledger import Door, Step, Try
from cases.names import find, find_inspection
from cases.papers import numbers
from cases.people import actor_of, department_of, officers_of
from cases.statements import Statement
from cases.tables import joint_departments, plans
from cases.verbs import evidence
from cases.verbs.escalations import climbing
from cases.verbs.orders import with_all_reasons
from cases.verbs.outcome import Outcome, of_steps
from cases.verbs.texts import checked
from cases.verbs.visits import at_the_unit
from workflow.authority import INSPECTOR
from workflow.case import Department, serves
from workflow.errors import BadInput, Refused
from workflow.terms import Kind, PaperKind
from workflow.words import Sentence


def move(
    door: Door,
    trigger: str,
    cases: Sequence[int],
    texts: Mapping[str, str | None],
    *,
    files: Sequence[evidence.File] = (),
    if_version: int | None = None,
    **given: Any,
) -> Outcome:
    """Make one move of these cases: all or none. `texts` are checked and remembered, `given` is for the guards.

    Raises BadInput for a text, and what `Door.advance` raises.
    """
    return of_steps(_moved(door, trigger, cases, texts, files, if_version, given))


def _moved(
    door: Door,
    trigger: str,
    cases: Sequence[int],
    texts: Mapping[str, str | None],
    files: Sequence[evidence.File],
    if_version: int | None,
    given: Mapping[str, Any],
) -> list[Step]:
    said = _checked(door, **texts)
    facts = {**said, **_remembered(given), "evidence": evidence.facts_of(files) or None}
    asked = {**said, **given, "evidence": files}
    steps = door.advance([Try(trigger, case, asked, facts=facts) for case in door.load(cases)], if_version=if_version)
    evidence.attach(door.tx, steps, files)
    if trigger == "regrade":
        from cases.verbs.halts import look_anew

        look_anew(door, cases)
    return steps


def _checked(door: Door, **texts: str | None) -> dict[str, str | None]:
    """Return texts without blanks around them. Raises BadInput: before anything is looked up that may not be there."""
    return {name: checked(name, text, door.acting.policy) for name, text in texts.items()}


def _remembered(given: Mapping[str, Any]) -> dict[str, Any]:
    """Name people and departments by id and name; the rest as it is."""
    return {
        name: {"id": value.id, "name": value.name} if hasattr(value, "name") and hasattr(value, "id") else value
        for name, value in given.items()
        if not name.endswith("_may_act")
    }


def plan(door: Door, case: int, parts: Mapping[str, str], deadline: date, *, if_version: int | None) -> Outcome:
    """Put a governance plan 治理方案 on file. `funds` are 万元. Raises BadInput for an amount that is none."""
    amount = _amount(parts["funds"])
    steps = _moved(door, "plan", [case], {**parts, "funds": amount}, (), if_version, {"deadline": deadline})
    for step in steps:
        said = {name: checked(name, text, door.acting.policy) for name, text in parts.items()}
        door.tx.add(
            plans,
            hazard_id=step.case.id, seq=step.seq, area_code=step.case.area_code, deadline=deadline,
            **{**said, "funds": amount},
        )  # fmt: skip
    return of_steps(steps)


def _amount(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise BadInput(
            Sentence("the funds {text} are no amount; write 万元 as a number, like 12.5", text=text[:40])
        ) from error
    if not amount.is_finite() or amount < 0:
        raise BadInput(Sentence("the funds {text} are no amount; write 万元 as a number, like 12.5", text=text[:40]))
    return str(amount)


def assign(door: Door, cases: Sequence[int], to: str, *, if_version: int | None) -> Outcome:
    """Give cases to an active inspector or supervisor who can act on them."""
    person = actor_of(door.tx, find(door.tx, "person", to))
    tries = []
    for case in door.load(cases):
        trying = Try("assign", case, {"to": person}, facts={"to": {"id": person.id, "name": person.name}})
        attempt = door.attempt(trying)
        able = serves(person, attempt.on) and INSPECTOR.why_not(person, attempt) is None
        tries.append(Try("assign", case, {"to": person, "to_may_act": able}, facts=trying.facts))
    return of_steps(door.advance(tries, if_version=if_version))


def escalate(door: Door, case: int, reason: str, note: str, *, if_version: int | None) -> Outcome:
    """Report a case up, and put a notice into the outbox of whoever answers at that rank."""
    said = {**_checked(door, note=note), "reason": reason}
    return of_steps(door.advance(climbing(door, door.load([case]), said, said), if_version=if_version))


def supervise(door: Door, case: int, body: str, number: str, due: date, *, if_version: int | None) -> Outcome:
    """Put a hazard under the supervision of a body 挂牌督办; the number is that of the body's notice."""
    listing, by = _checked(door, number=number), _department(door, body)
    steps = _moved(door, "supervise", [case], listing, (), if_version, {"body": by, "due_on": due})
    for step in steps:
        numbers.make(
            door, PaperKind.listing, Kind.hazard, case, unit=step.case.unit_id, area=step.case.area_code, step=step.seq,
            given=(by.id, str(listing["number"])),
        )  # fmt: skip
    return of_steps(steps)


def transfer(door: Door, case: int, to: str, note: str, *, if_version: int | None) -> Outcome:
    """Offer a case to another department; until it accepts, the sender still acts."""
    said = _checked(door, note=note)
    return move(door, "transfer", [case], said, if_version=if_version, to=_department(door, to))


_JOINT = Statement(select(joint_departments.c.department_id).where(joint_departments.c.hazard_id == bindparam("case")))


def assist(door: Door, case: int, departments: Sequence[str], note: str, *, if_version: int | None) -> Outcome:
    """Let departments handle a case together with the one that answers for it: each sees it, one answers."""
    said = _checked(door, note=note)
    joining = list({each.id: each for each in (_department(door, name) for name in departments)}.values())
    (found,) = door.load([case])
    joint = {row.department_id for row in door.tx.all(_JOINT, case=case)}
    facts = {**said, "departments": [{"id": each.id, "name": each.name} for each in joining]}
    trying = Try("assist", found, {**said, "departments": joining, "joint": joint}, facts=facts)
    steps = door.advance([trying], if_version=if_version)
    for each in joining:
        door.tx.add(
            joint_departments, hazard_id=case, department_id=each.id, seq=steps[0].seq, area_code=found.area_code
        )  # fmt: skip
    return of_steps(steps)


def _department(door: Door, name: str) -> Department:
    return department_of(door.tx, int(find(door.tx, "department", name).id))


def void(
    door: Door, case: int, reason: str, of: int | None, number: str | None, note: str, *, if_version: int | None
) -> Outcome:
    """Void a case recorded by mistake, twice, or revoked. Raises NotFound when the other case is none."""
    facts = {**_checked(door, note=note, number=number), "reason": reason, "of": of}
    both = door.load([case] if of is None else [case, of])
    trying = Try("void", both[0], {**facts, "stays": both[-1]}, facts=facts)
    return of_steps(door.advance([trying], if_version=if_version))


def reopen(door: Door, case: int, inspection: str | None, note: str, *, if_version: int | None) -> Outcome:
    """Open an ended case again: seen at an inspection, or a closing shown to be false. A recurrence, never found again."""
    officers = []
    given: dict[str, Any] = {}
    said = checked("note", note, door.acting.policy)
    (found,) = door.load([case])
    door.precheck("reopen", [found])
    visit = None if inspection is None else find_inspection(door.tx, inspection, door.acting.actor.id)
    if visit is not None:
        given["inspection"] = visit.id
        officers = officers_of(door.tx, visit.id)
    trying = Try("reopen", found, {**given, "note": said}, officers, {**given, "note": said})
    try:
        if visit is not None:
            at_the_unit(visit, found)
    except Refused as refusal:
        raise with_all_reasons(door, refusal, [trying]) from refusal
    return of_steps(door.advance([trying], if_version=if_version))
