"""What a campaign puts on record of a unit in its scope: the path it chose, what agencies found, how it was accepted.

Nothing is changed afterwards: whoever errs puts the right thing on record, and the newest counts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from cases.ledger import Door
from cases.names import find
from cases.people import officer_of
from cases.statements import Statement
from cases.tables import (
    acceptances,
    areas,
    campaign_units,
    commitments,
    diagnoses,
    evaluations,
    passed_problems,
    problems,
)
from cases.verbs import evidence
from cases.verbs.keeping import Columns, filled, hold, must_keep_units, on_record
from cases.verbs.outcome import Outcome
from cases.verbs.texts import checked
from cases.verbs.visits import Visit, may_visit, visited, why_no_visit
from workflow.errors import BadInput, NotFound, Refused
from workflow.terms import InspectionKind
from workflow.words import Sentence, Term

_PATH = Statement(select(areas.c.path).where(areas.c.code == bindparam("code")))
_SCOPED = Statement(
    select(campaign_units.c.unit_id).where(
        campaign_units.c.campaign_id == bindparam("campaign"), campaign_units.c.unit_id == bindparam("unit")
    )
)
_PROBLEMS = Statement(
    select(problems.c.number, problems.c.text, passed_problems.c.evaluation_id)
    .join_from(
        problems,
        passed_problems,
        (passed_problems.c.campaign_id == problems.c.campaign_id)
        & (passed_problems.c.unit_id == problems.c.unit_id)
        & (passed_problems.c.number == problems.c.number),
        isouter=True,
    )
    .where(problems.c.campaign_id == bindparam("campaign"), problems.c.unit_id == bindparam("unit"))
    .order_by(problems.c.number)
)


def _newest(table: Any) -> Statement:
    """Return what reads the record that counts: the newest of a unit in a campaign."""
    return Statement(
        select(table)
        .where(table.c.campaign_id == bindparam("campaign"), table.c.unit_id == bindparam("unit"))
        .order_by(table.c.id.desc())
        .limit(1)
    )


_COMMITTED, _DIAGNOSED, _EVALUATED, _ACCEPTED = map(_newest, (commitments, diagnoses, evaluations, acceptances))


@dataclass(frozen=True)
class _Place:
    """A unit's place in a campaign's scope, and what has to be said of it on every record."""

    campaign: Any
    unit: Any
    is_in_scope: bool

    @property
    def key(self) -> Columns:
        """What its records are found by."""
        return {"campaign": self.campaign.id, "unit": self.unit.id}

    @property
    def columns(self) -> Columns:
        """What its records bear."""
        return {"campaign_id": self.campaign.id, "unit_id": self.unit.id, "area_code": self.unit.area_code}

    @property
    def outside(self) -> list[Sentence]:
        """Why nothing is recorded of a unit that the campaign has not taken in."""
        if self.is_in_scope:
            return []
        return [
            Sentence(
                "{unit} is not in the scope of {campaign}; first: rectify campaign scope {campaign} {unit} --list listed",
                unit=self.unit.name,
                campaign=self.campaign.name,
            )
        ]

    def told(self, **record: Any) -> Columns:
        """Return a record as JSON knows it."""
        names = {"campaign": self.campaign.name, "unit": self.unit.name}
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in record.items()}
        return {"id": plain.pop("id"), **names, **plain}


def _placed(door: Door, campaign: str, unit: str) -> _Place:
    """Return a unit's place in a campaign. Raises NotFound."""
    found, where = find(door.tx, "campaign", campaign), find(door.tx, "unit", unit)
    return _Place(found, where, door.tx.one(_SCOPED, campaign=found.id, unit=where.id) is not None)


def _kept(door: Door, campaign: str, unit: str) -> _Place:
    """Return the same for whoever keeps the records of that unit. Raises NotFound or Forbidden."""
    place = _placed(door, campaign, unit)
    must_keep_units(door, door.tx.value(_PATH, code=place.unit.area_code))
    return place


def _refuse_if(reasons: Sequence[Sentence], noun: str, place: _Place) -> None:
    if reasons:
        what = Sentence("{noun} of {unit} is not recorded", noun=Term("noun", noun), unit=place.unit.name)
        raise Refused(what, reasons=reasons)


def _ahead(door: Door, day: date | None) -> list[Sentence]:
    """Return why a day on which something was done cannot be that: it has not come yet."""
    if day is None or day <= door.on:
        return []
    return [Sentence("{day} has not come yet; give the day it was done", day=day)]


def _same(newest: Any, **said: Any) -> list[Sentence]:
    """Return why nothing is recorded that stands there already."""
    if newest is None or any(getattr(newest, name) != value for name, value in said.items()):
        return []
    return [Sentence("that is on record already; nothing changed")]


# -- commitments -------------------------------------------------------------------------------------------------------


def commit(
    door: Door, campaign: str, unit: str, *, path: str, on: date, files: Sequence[evidence.File] = ()
) -> Outcome:
    """Record the path a unit chose and signed for 承诺书; a later one takes its place.

    Raises NotFound, Forbidden or Refused.
    """
    hold(door)
    place = _kept(door, campaign, unit)
    said = {"path": path, "on_date": on}
    same = [] if files else _same(door.tx.one(_COMMITTED, **place.key), **said)
    _refuse_if([*door.untimely(), *place.outside, *_ahead(door, on), *same], "commitment", place)
    number = int(door.tx.add(commitments, **place.columns, **on_record(door), **said))
    evidence.keep(door.tx, files, "commitment", number, 1, place.unit.area_code)
    return Outcome(
        {"commitment": place.told(id=number, path=path, on=on, evidence=evidence.facts_of(files))},
        [Sentence("{unit} chose {path}, signed on {day}", unit=place.unit.name, path=Term("path", path), day=on)],
    )


# -- diagnosis and evaluation ------------------------------------------------------------------------------------------


def diagnose(
    door: Door, campaign: str, unit: str, *, agency: str, due: date, done: date | None, found: Sequence[str]
) -> Outcome:
    """Record a diagnosis 诊断报告: which agency, when it is due, when it was handed in, and each problem it lists.

    The problems are numbered, on from those of an earlier one. Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    by = filled("agency", agency, door.acting.policy)
    texts = [_problem(door, text) for text in found]
    place = _kept(door, campaign, unit)
    there = door.tx.all(_PROBLEMS, **place.key)
    said = {"agency": by, "due_on": due, "done_on": done}
    reasons = [*door.untimely(), *place.outside, *_ahead(door, done), *_repeated(there, texts)]
    if texts and done is None:
        reasons.append(Sentence("a diagnosis that lists problems was handed in; add --done D"))
    same = [] if texts else _same(door.tx.one(_DIAGNOSED, **place.key), **said)
    _refuse_if([*reasons, *same], "diagnosis", place)
    number = int(door.tx.add(diagnoses, **place.columns, **on_record(door), **said))
    listed = dict(enumerate(texts, len(there) + 1))
    for at, text in listed.items():
        door.tx.add(problems, **_of_problem(place, at), diagnosis_id=number, text=text)
    return Outcome(
        {"diagnosis": place.told(id=number, **said, problems=[{"number": at, "text": listed[at]} for at in listed])},
        [
            *_handed_in("diagnosis", place, by, due, done),
            *(Sentence("problem {number}: {text}", number=at, text=text) for at, text in listed.items()),
        ],
    )


def _problem(door: Door, text: str) -> str:
    said = checked("problem", text, door.acting.policy)
    if not said:
        raise BadInput(Sentence("{field} is empty; write it out", field=Term("field", "problem")))
    return said


def _repeated(there: Sequence[Any], texts: Sequence[str]) -> list[Sentence]:
    """Return which problems are listed already, or twice."""
    known = {problem.text: problem.number for problem in there}
    again = [Sentence("problem {number} says the same: {text}", number=known[t], text=t) for t in texts if t in known]
    twice = dict.fromkeys(text for text in texts if texts.count(text) > 1)
    return [*again, *(Sentence("named twice: {text}", text=text) for text in twice)]


def _of_problem(place: _Place, number: int) -> Columns:
    return {"campaign_id": place.campaign.id, "unit_id": place.unit.id, "number": number}


def _handed_in(noun: str, place: _Place, by: str, due: date | None, done: date | None) -> list[Sentence]:
    """Tell how far an agency has come; one that was late, by how many days."""
    said: Columns = {"noun": Term("noun", noun), "unit": place.unit.name, "agency": by, "due": due, "done": done}
    if done is None:
        return [
            Sentence(
                "{noun} of {unit} by {agency}" if due is None else "{noun} of {unit} by {agency}, due {due}", **said
            )
        ]
    if due is None or done <= due:
        return [Sentence("{noun} of {unit} by {agency}, handed in on {done}", **said)]
    days = (done - due).days
    return [Sentence("{noun} of {unit} by {agency}, handed in on {done}, {days} days late", days=days, **said)]


def evaluate(
    door: Door, campaign: str, unit: str, *, agency: str, passed: Sequence[int], due: date | None, done: date | None
) -> Outcome:
    """Record an evaluation 安全评价: the problems it checked off, when it is due, when it was handed in.

    What is not said of the dates stays as it is on record of that agency.
    Raises BadInput, NotFound for a number that is no problem, Forbidden or Refused.
    """
    hold(door)
    by = filled("agency", agency, door.acting.policy)
    place = _kept(door, campaign, unit)
    there = door.tx.all(_PROBLEMS, **place.key)
    _known(place, there, passed)
    newest = door.tx.one(_EVALUATED, **place.key)
    said = {"agency": by, **_dates(newest, by, due, done)}
    reasons = [*door.untimely(), *place.outside, *_ahead(door, done), *_passed_before(there, passed)]
    same = [] if passed else _same(newest, **said)
    _refuse_if([*reasons, *same], "evaluation", place)
    number = int(door.tx.add(evaluations, **place.columns, **on_record(door), **said))
    for each in dict.fromkeys(passed):
        door.tx.add(passed_problems, **_of_problem(place, each), evaluation_id=number)
    done_so_far = sum(problem.evaluation_id is not None for problem in there) + len(set(passed))
    return Outcome(
        {
            "evaluation": place.told(
                id=number, **said, passed=list(dict.fromkeys(passed)), open=len(there) - done_so_far
            )
        },
        [
            *_handed_in("evaluation", place, by, said["due_on"], said["done_on"]),
            Sentence("{passed} of {count} problems checked off", passed=done_so_far, count=len(there)),
        ],
    )


def _dates(newest: Any, agency: str, due: date | None, done: date | None) -> Columns:
    """Return an evaluation's dates: those that are said, else those on record of the same agency."""
    before = newest if newest is not None and newest.agency == agency else None
    return {
        "due_on": due or (before.due_on if before else None),
        "done_on": done or (before.done_on if before else None),
    }


def _known(place: _Place, there: Sequence[Any], passed: Sequence[int]) -> None:
    """Raise NotFound for numbers that no diagnosis lists."""
    unknown = sorted(set(passed) - {problem.number for problem in there})
    if not unknown:
        return
    raise NotFound(
        Sentence(
            "no problem {numbers} of {unit}: they are numbered 1 to {last}"
            if there
            else "no problem {numbers}: no diagnosis of {unit} lists any",
            numbers=[str(number) for number in unknown],
            unit=place.unit.name,
            last=len(there),
        )
    )


def _passed_before(there: Sequence[Any], passed: Sequence[int]) -> list[Sentence]:
    before = [problem.number for problem in there if problem.evaluation_id is not None and problem.number in passed]
    return [Sentence("problem {number} was checked off before", number=number) for number in before]


# -- acceptance --------------------------------------------------------------------------------------------------------


def accept(
    door: Door, campaign: str, unit: str, *, by: Sequence[str], panel: Sequence[str], passed: bool, note: str
) -> Outcome:
    """Record an acceptance 验收 on site by two officers and a panel; it is a visit of its own.

    It passes once every problem of the diagnosis is checked off. Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    policy = door.acting.policy
    said, experts = filled("note", note, policy), [filled("panel", name, policy) for name in panel]
    place = _placed(door, campaign, unit)
    officers = [officer_of(find(door.tx, "person", name)) for name in by]
    may_visit(door, place.unit.id, InspectionKind.acceptance)
    visit = Visit(kind=InspectionKind.acceptance, note=said)
    reasons = [*place.outside, *why_no_visit(door, officers, visit), *(_unfinished(door, place) if passed else [])]
    _refuse_if(reasons, "acceptance", place)
    inspection = visited(door, place.unit, officers, visit, place.campaign)
    record = {"inspection_id": inspection, "passed": passed, "note": said}
    number = int(
        door.tx.add(acceptances, **place.columns, **on_record(door), **record, panel=json.dumps(experts, ensure_ascii=False))
    )  # fmt: skip
    result = Sentence("{unit} is accepted" if passed else "{unit} is not accepted", unit=place.unit.name)
    told = place.told(id=number, **record, panel=experts, on=door.on)
    return Outcome({"acceptance": told, "inspection": {"id": inspection}}, [result])


def _unfinished(door: Door, place: _Place) -> list[Sentence]:
    """Return what stands against accepting a unit: problems nobody checked off, or that it is accepted already."""
    there = door.tx.all(_PROBLEMS, **place.key)
    left = [str(problem.number) for problem in there if problem.evaluation_id is None]
    newest = door.tx.one(_ACCEPTED, **place.key)
    reasons = []
    if left:
        reasons.append(
            Sentence(
                "problems {numbers} are not checked off; first: rectify campaign evaluate … --passed N", numbers=left
            )
        )
    if newest is not None and newest.passed:
        reasons.append(Sentence("it was accepted before, at inspection {id}", id=newest.inspection_id))
    return reasons
