"""The verbs of a halt 停产整顿: impose it, confirm, ask to resume, refuse, lift, prolong, revoke – and end it with an exit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases import halts
from cases.acting import minutes
from cases.ledger import Door, Step, Try
from cases.names import find
from cases.papers import numbers
from cases.people import officers_named
from cases.tables import areas, halt_hazards
from cases.verbs import evidence
from cases.verbs.outcome import Outcome, of_steps
from cases.verbs.rechecks import on_site
from cases.verbs.texts import checked
from workflow.case import Case, Officer
from workflow.halt import Halt, Named
from workflow.states import HaltState
from workflow.terms import Grade, HaltKind, Kind, PaperKind
from workflow.words import Sentence, Term


@dataclass(frozen=True)
class Measure:
    """What is said when a halt is imposed, besides on whom."""

    kind: str
    scope: str
    cases: Sequence[int]
    until: date
    reason: str
    by: Sequence[str] = ()
    number: str | None = None


def impose(door: Door, unit: str, measure: Measure) -> Outcome:
    """Halt a unit, or part of it, for named hazards of its own.

    A supervisor's halt stands; one imposed by two officers on site is to be confirmed. Raises NotFound, BadInput for a
    text, Forbidden for who may not halt, and Refused with all that speaks against it.
    """
    said = _checked(door, reason=measure.reason, number=measure.number)
    found = find(door.tx, "unit", unit)
    officers = officers_named(door.tx, list(measure.by))
    halts.hold_unit(door.tx, found.id)
    cases = door.load(list(dict.fromkeys(measure.cases)))
    halt = _blank(door, found, measure, said, cases)
    given = {**said, "standing": halts.standing_for(door.tx, cases, HaltKind(measure.kind))}
    facts = {
        **said, "unit": found.id, "halt_kind": measure.kind, "scope": measure.scope, "until": measure.until,
        "cases": [case.id for case in cases], "officers": on_site(officers) or None,
    }  # fmt: skip
    trying = Try("impose", halt, given, officers, facts)
    door.begin(trying)
    if halt.id:
        _name(door, halt)
    outcome = _told(door, door.advance([trying]), halt)
    if measure.kind != HaltKind.penalty:  # a penalty has the decision that it follows from
        own_number = None if halt.number is None else (halt.department_id, halt.number)
        _paper(door, outcome, PaperKind.measures, halt, own_number)
    return outcome


def _paper(door: Door, outcome: Outcome, kind: PaperKind, halt: Halt, given: tuple[int, str] | None = None) -> None:
    """Make the paper of what was just done to a halt, and tell its number."""
    paper = numbers.make(
        door, kind, Kind.halt, halt.id, unit=halt.unit_id, area=halt.area_code, step=halt.seq, given=given
    )
    outcome.document["halt"]["number"] = paper.number
    outcome.said.append(numbers.is_numbered(paper, f"halt:{halt.id}" if kind is PaperKind.measures else halt.id))


def _blank(door: Door, unit: Any, measure: Measure, said: Mapping[str, str | None], cases: Sequence[Case]) -> Halt:
    """Return a halt that was just imposed, with no number yet."""
    own = door.acting.actor.department
    path = door.tx.value(areas.select().with_only_columns(areas.c.path).where(areas.c.code == unit.area_code))
    return Halt(
        id=0, unit_id=unit.id, area_code=unit.area_code, department_id=own.id if own else 0, halt_kind=measure.kind,
        scope=measure.scope, reason=said["reason"] or "", number=said["number"] or None,
        imposed_by=door.acting.actor.id or 0, imposed_at=door.at, confirm_by=None, until=measure.until,
        state=HaltState.imposed.value, entered_at=door.at, waiting_on="unit", due_on=None, due_at=None,
        provisional=False, rank=None, note=None, moved_seq=1, version=1, seq=1, head="-", unit=unit.name,
        sector=unit.sector, area=path, charge=own.rank if own else "",
        grade=max((Grade(case.grade) for case in cases), default=Grade.general),
        named=[Named(case, case.round) for case in cases],
    )  # fmt: skip


def _name(door: Door, halt: Halt) -> None:
    for named in halt.named:
        door.tx.add(
            halt_hazards,
            halt_id=halt.id, hazard_id=named.case.id, round=named.round, area_code=halt.area_code,
        )  # fmt: skip


def decide(
    door: Door, verb: str, number: int, texts: Mapping[str, str | None], *, if_version: int | None = None, **given: Any
) -> Outcome:
    """Confirm, refuse, prolong or revoke a halt; `texts` are checked, and remembered with what is given.

    Raises NotFound, BadInput, Forbidden but for a supervisor of the department that imposed it, NotAllowed and Refused.
    """
    said = {**_checked(door, **texts), **given}
    return _moved(door, verb, _loaded(door, number), said, if_version=if_version)


def request(
    door: Door, number: int, note: str | None, files: Sequence[evidence.File], *, if_version: int | None = None
) -> Outcome:
    """Ask to resume: the unit says what was done, and the department owes a review."""
    said = _checked(door, note=note)
    return _moved(door, "request", _loaded(door, number), said, files=files, if_version=if_version)


def lift(
    door: Door,
    number: int,
    by: Sequence[str],
    note: str | None,
    files: Sequence[evidence.File],
    *,
    if_version: int | None = None,
) -> Outcome:
    """Lift a halt that two officers reviewed on site; every hazard it names is rechecked or at an end."""
    said = _checked(door, note=note)
    officers = officers_named(door.tx, list(by))
    halt = halts.load_with_hazards(door, number)
    outcome = _moved(door, "lift", halt, said, officers, files, if_version)
    _paper(door, outcome, PaperKind.resumption, halt)
    return outcome


def conversions(
    door: Door, unit: int, held: Sequence[Case], ending: Sequence[Case], *, exit_id: int, partial: bool
) -> list[Try]:
    """Return the moves that convert the halts on a unit whose exit was verified; they follow those that end its hazards.

    Whoever verifies it holds the unit and the cases `held`: those that are `ending`, and those that the halts name. Of a
    line's exit only a halt is converted that names nothing else which is still open.
    """
    gone = {case.id for case in ending}
    given = {"fired_by": "verify", "partial": partial}
    return [
        Try("convert", halt, given, facts={"exit": exit_id})
        for halt in halts.standing_on(door, unit, held)
        if not partial or all(each.has_ended or each.case.id in gone for each in halt.named)
    ]


def look_anew(door: Door, cases: Sequence[int]) -> None:
    """Let the halts that stand for regraded hazards climb by the ladder of the gravest from now on."""
    numbers = sorted({number for case in cases for number in halts.standing_of_case(door.tx, case)})
    told = {"fired_by": "regrade", "cases": list(cases)}
    door.advance([Try("recount", halts.load(door, number), told, facts=told) for number in numbers])


def _loaded(door: Door, number: int) -> Halt:
    halts.unit_of(door.tx, number)
    return halts.load(door, number)


def _moved(
    door: Door,
    verb: str,
    halt: Halt,
    said: Mapping[str, Any],
    officers: Sequence[Officer] = (),
    files: Sequence[evidence.File] = (),
    if_version: int | None = None,
) -> Outcome:
    facts = {**said, "officers": on_site(officers) or None, "evidence": evidence.facts_of(files) or None}
    steps = door.advance([Try(verb, halt, said, officers, facts)], if_version=if_version)
    evidence.attach(door.tx, steps, files)
    return _told(door, steps, halt)


def _checked(door: Door, **texts: str | None) -> dict[str, str | None]:
    return {name: checked(name, text, door.acting.policy) for name, text in texts.items()}


def _told(door: Door, steps: Sequence[Step], halt: Halt) -> Outcome:
    told = of_steps(
        steps,
        halt={
            "id": halt.id,
            "state": str(halt.state),
            "until": halt.until.isoformat(),
            "due_on": halt.due_on.isoformat() if halt.due_on else None,
            "version": halt.version,
        },
    )
    told.document.pop("cases")
    told.said.append(_where(door, halt))
    return told


def _where(door: Door, halt: Halt) -> Sentence:
    state = Term("state", halt.state)
    if not halt.is_standing:
        return Sentence("halt {id}: {state}", id=halt.id, state=state)
    waits = Term("waiting_on", halt.waiting_on)
    if halt.confirm_by is not None:
        return Sentence(
            "halt {id}: {state} until {until}; a supervisor confirms it by {by}: rectify halt confirm {id}",
            id=halt.id, state=state, until=halt.until, by=minutes(halt.confirm_by, door.acting.policy),
        )  # fmt: skip
    return Sentence(
        "halt {id}: {state} until {until}, due {due}, waiting on {waits}",
        id=halt.id, state=state, until=halt.until, due=halt.due_on, waits=waits,
    )  # fmt: skip
