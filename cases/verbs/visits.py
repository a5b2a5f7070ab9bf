"""`inspect` and `record`: a visit to a unit, and the hazards it found."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select

from cases.ledger import Door
from cases.names import find
from cases.papers import numbers
from cases.people import officer_of, officers_of
from cases.statements import Statement
from cases.tables import areas, hazards, inspection_departments, inspection_officers, inspections, units
from cases.verbs import evidence
from cases.verbs.keeping import on_record
from cases.verbs.outcome import Outcome, of_cases
from cases.verbs.routing import answering
from cases.verbs.standards import by_standard
from cases.verbs.texts import checked
from workflow.authority import lies_under
from workflow.case import Actor, Attempt, Case, Officer, serves
from workflow.deadlines import local_date
from workflow.errors import BadInput, Forbidden, Refused
from workflow.guards import is_certified, is_seen_by_two
from workflow.terms import RECORDERS, Grade, InspectionKind, PaperKind, Role
from workflow.words import Sentence, Term

_AREA_OF_UNIT = Statement(
    select(areas.c.path)
    .join_from(units, areas, areas.c.code == units.c.area_code)
    .where(units.c.id == bindparam("unit"))
)
_SAME_TEXT = Statement(
    select(func.count()).where(hazards.c.inspection_id == bindparam("inspection"), hazards.c.text == bindparam("said"))
)
#: Visits that one person may make, also a patroller.
_BY_ONE = (InspectionKind.patrol, InspectionKind.report)
#: Who makes these visits; a patroller makes no others.
_VISITORS = frozenset({Role.inspector, Role.supervisor, Role.patroller})


@dataclass(frozen=True)
class Visit:
    """What is said of a visit, besides the unit and who was there."""

    kind: str = "routine"
    on: date | None = None
    starts: time | None = None
    ends: time | None = None
    campaign: str | None = None
    round: str | None = None
    together_with: Sequence[str] = ()
    place: str | None = None
    signed_by: str | None = None
    sign_refused: str | None = None
    note: str | None = None


def inspect(door: Door, unit: str, by: Sequence[str], visit: Visit) -> Outcome:
    """Record a visit. Raises NotFound, Forbidden, or Refused naming all that is missing."""
    tx = door.tx
    _said(door, visit)
    found = find(tx, "unit", unit)
    campaign = None if visit.campaign is None else find(tx, "campaign", visit.campaign)
    others = [find(tx, "department", name) for name in visit.together_with]
    people = [find(tx, "person", name) for name in by]
    may_visit(door, found.id, visit.kind)
    number = visited(door, found, [officer_of(person) for person in people], visit, campaign)
    for department in {other.id for other in others}:
        tx.add(inspection_departments, inspection_id=number, department_id=department)
    return Outcome(
        {"inspection": {"id": number, "number": numbers.number_of(tx, PaperKind.inspection, "inspection", number)}},
        [Sentence("inspection {id} of {unit} on {day}", id=number, unit=found.name, day=_visited_on(door, visit))],
    )


def visited(door: Door, unit: Any, officers: Sequence[Officer], visit: Visit, campaign: Any = None) -> int:
    """Write down a visit, and make its record 现场检查记录; return its number. Raises Refused naming all that is missing."""
    number = written_down(door, unit, officers, visit, campaign)
    numbers.make(door, PaperKind.inspection, "inspection", number, unit=unit.id, area=unit.area_code)
    return number


def written_down(door: Door, unit: Any, officers: Sequence[Officer], visit: Visit, campaign: Any = None) -> int:
    """Write down a visit that has another paper than a record; return its number. Raises Refused as `visited` does."""
    tx = door.tx
    reasons = why_no_visit(door, officers, visit)
    if reasons:
        raise Refused(Sentence("the inspection of {unit} is not recorded", unit=unit.name), reasons=reasons)
    said = _said(door, visit)
    number = int(
        tx.add(
            inspections,
            unit_id=unit.id,
            area_code=unit.area_code,
            visited_on=_visited_on(door, visit),
            starts=visit.starts,
            ends=visit.ends,
            kind=visit.kind,
            campaign_id=None if campaign is None else campaign.id,
            **said,
            **on_record(door),
            department_id=None if door.acting.actor.department is None else door.acting.actor.department.id,
        )
    )
    for officer in {officer.id: officer for officer in officers}.values():
        tx.add(inspection_officers, inspection_id=number, person_id=officer.id, certificate=officer.certificate)
    return number


def why_no_visit(door: Door, officers: Sequence[Officer], visit: Visit) -> list[Sentence]:
    """Return all that is missing of a visit, or stands against its time."""
    day = _visited_on(door, visit)
    return [*door.untimely(), *_missing_on_site(door, day, visit, officers), *_untimely(door, day, visit)]


def _said(door: Door, visit: Visit) -> dict[str, str | None]:
    names = ("place", "signed_by", "sign_refused", "note", "round")
    return {name: checked(name, getattr(visit, name), door.acting.policy) for name in names}


def may_visit(door: Door, unit: int, kind: str) -> None:
    """Raise Forbidden unless the actor may visit this unit in this way."""
    actor = door.acting.actor
    if actor.role not in (_VISITORS if kind in _BY_ONE else _VISITORS - {Role.patroller}):
        raise Forbidden(
            Sentence(
                "{actor} is {role} and makes no such visit; record it for who did with --as NAME"
                if actor.role in RECORDERS
                else "{actor} is {role} and makes no such visit",
                actor=actor.name,
                role=Term("role", actor.role or "clock"),
            )
        )
    if not _covers(actor, door.tx.value(_AREA_OF_UNIT, unit=unit)):
        raise Forbidden(Sentence("the unit lies outside the area of {actor}", actor=actor.name))


def _covers(actor: Actor, area: str) -> bool:
    return actor.department is not None and lies_under(area, actor.department.area)


def _visited_on(door: Door, visit: Visit) -> date:
    return visit.on or local_date(door.at, door.acting.policy.timezone)


def _missing_on_site(door: Door, day: date, visit: Visit, officers: Sequence[Officer]) -> list[Sentence]:
    """Two officers with valid certificates; patrol and report: one is enough, also a patroller."""
    if visit.kind in _BY_ONE:
        unfit = [each.name for each in officers if each.role not in _VISITORS or not serves(each, day)]
        if unfit:
            return [
                Sentence(
                    "no inspector, supervisor or patroller in service on {day}: {names}; name another with --by",
                    day=day,
                    names=unfit,
                )
            ]
        return [] if officers else [Sentence("nobody was named; add --by NAME")]
    seen = Attempt(None, door.acting.actor, door.at, day, door.acting.policy, door.acting.calendar, officers=officers)  # type: ignore[arg-type]  # these guards look at no case
    return [need.says(seen) for need in (is_seen_by_two, is_certified) if not need(seen)]


def _untimely(door: Door, day: date, visit: Visit) -> list[Sentence]:
    reasons = []
    if day > local_date(door.acting.when.recorded_at, door.acting.policy.timezone):
        reasons.append(Sentence("the visit lies in the future, on {day}", day=day))
    if visit.starts and visit.ends and visit.ends < visit.starts:
        reasons.append(
            Sentence("the visit ends at {ends}, before it starts at {starts}", ends=visit.ends, starts=visit.starts)
        )
    return reasons


def at_the_unit(visit: Any, case: Case) -> None:
    """Raise Refused unless a visit was to the unit of this case."""
    if visit.unit_id != case.unit_id:
        raise Refused(
            Sentence("nothing was written"),
            reasons=[
                Sentence(
                    "inspection {id} was at another unit; name one of unit id:{unit} with --inspection, or leave it out",
                    id=visit.id,
                    unit=case.unit_id,
                )
            ],
        )


# -- record ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One hazard as it was written down; of a standard that failed, text and grade may be left to the checklist."""

    text: str | None
    grade: str | None
    sector: str | None = None
    place: str | None = None
    basis: str | None = None
    standard: str | None = None
    #: The version of the checklist that the standard is an item of.
    version: int | None = None


def record(door: Door, inspection: Any, findings: Sequence[Finding], files: Sequence[evidence.File]) -> Outcome:
    """Open a case for each finding of an inspection, at the department that its sector and area name.

    Raises BadInput, NotFound for an unknown standard, Forbidden, or Refused when the time is not possible.
    """
    tx = door.tx
    found = by_standard(tx, inspection.campaign_id, findings)
    may_visit(door, inspection.unit_id, inspection.kind)
    unit = find(tx, "unit", f"id:{inspection.unit_id}")
    door.happened_on(inspection.visited_on)
    reasons = door.untimely()
    if local_date(door.at, door.acting.policy.timezone) < inspection.visited_on:
        reasons.append(Sentence("the inspection was on {day}; give a later --at", day=inspection.visited_on))
    if reasons:
        raise Refused(Sentence("nothing is recorded"), reasons=reasons)
    again = [each.text for each in found if tx.value(_SAME_TEXT, inspection=inspection.id, said=each.text)]
    finders = sorted(officer.id for officer in officers_of(tx, inspection.id))
    routes = [_route(door, unit, each) for each in found]
    rows = [
        {**_columns(unit, inspection, each), "department_id": route.id, "finders": str(finders)}
        for each, route in zip(found, routes, strict=True)
    ]
    facts = {"inspection": inspection.id, "finders": finders, "evidence": evidence.facts_of(files) or None}
    cases = door.record(rows, facts)
    evidence.attach(tx, door.opened(cases), files)
    outcome = of_cases(cases, inspection={"id": inspection.id})
    outcome.said += _elsewhere(door, cases, routes)
    outcome.warnings += [
        Sentence("the same text was recorded on this inspection before: {text}", text=text) for text in again
    ]
    return outcome


def _columns(unit: Any, inspection: Any, finding: Finding) -> dict[str, Any]:
    return {
        "unit_id": unit.id, "inspection_id": inspection.id, "campaign_id": inspection.campaign_id,
        "area_code": unit.area_code, "found_on": inspection.visited_on, "grade": finding.grade,
        "sector": finding.sector or unit.sector, "text": finding.text, "place": finding.place, "basis": finding.basis,
        "standard_item": finding.standard, "standard_version": finding.version,
    }  # fmt: skip


def _route(door: Door, unit: Any, finding: Finding) -> Any:
    """Return the department that a finding goes to."""
    own = door.acting.actor.department
    assert own is not None, "may_visit lets nobody by who has none"
    return answering(door.tx, door.tx.value(_AREA_OF_UNIT, unit=unit.id), finding.sector or unit.sector, own)


def _elsewhere(door: Door, cases: Sequence[Case], routes: Sequence[Any]) -> list[Sentence]:
    """Say which cases another department answers for, and why."""
    own = door.acting.actor.department
    return [
        Sentence(
            "case {case} goes to {department}, which answers for {sector} in {area}",
            case=case.id, department=route.name, sector=case.sector, area=route.area,
        )
        for case, route in zip(cases, routes, strict=True)
        if own is None or route.id != own.id
    ]  # fmt: skip


_COLUMNS = ("text", "grade", "sector", "place", "basis", "standard")


def findings_in(path: str, door: Door) -> list[Finding]:
    """Read findings from a CSV file with the columns text, grade and, optional, sector, place, basis, standard.

    Raises BadInput naming every row and column that is wrong.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            Sentence("{file} cannot be read as CSV in UTF-8; check the path and save it again", file=path)
        ) from error
    faults = [fault for at, row in enumerate(rows, 2) for fault in _faults(at, row)]
    if faults or not rows:
        raise BadInput(Sentence("{file} was not taken", file=path), reasons=faults or [Sentence("it has no rows")])
    return [finding(door, **{name: (row.get(name) or "").strip() or None for name in _COLUMNS}) for row in rows]


def _faults(at: int, row: dict[str | None, Any]) -> list[Sentence]:
    faults = []
    if None in row:
        faults.append(Sentence("row {at}: more cells than the header has", at=at))
    text, grade, standard = ((row.get(name) or "").strip() for name in ("text", "grade", "standard"))
    if not text and not standard:
        faults.append(Sentence("row {at}, column {column}: it is empty", at=at, column="text"))
    if grade not in set(Grade) and (grade or not standard):
        faults.append(
            Sentence(
                "row {at}, column {column}: one of {words} was expected",
                at=at,
                column="grade",
                words=[str(g) for g in Grade],
            )
        )
    return faults


def finding(
    door: Door, text: str | None, grade: str | None, *, standard: str | None = None, **more: str | None
) -> Finding:
    """Return a finding with its texts checked. Raises BadInput."""
    policy = door.acting.policy
    said = checked("text", text, policy)
    if not said and (text is not None or not standard):
        raise BadInput(Sentence("the hazard's text is empty; say what is wrong"))
    place, basis, sector = (checked(name, more.get(name), policy) or None for name in ("place", "basis", "sector"))
    return Finding(said, grade, sector, place, basis, checked("standard", standard, policy) or None)
