"""What is on record of a campaign: each unit's place with its papers, the checklists; tallies and targets.

Rows are plain. Of records that take each other's place the newest counts; all of them stay in the store.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from cases.names import find_either
from cases.numbers import number_of
from cases.questions.asking import Asking, day
from cases.questions.filters import among
from cases.questions.registers import own_unit, show_campaign
from cases.statements import Statement
from cases.tables import (
    acceptances,
    areas,
    campaign_units,
    campaigns,
    checklist_items,
    checklists,
    commitments,
    departments,
    diagnoses,
    evaluations,
    exit_steps,
    exits,
    hazards,
    inspections,
    passed_problems,
    people,
    problems,
    tallies,
    targets,
    units,
)
from workflow.errors import NotFound
from workflow.states import ExitState
from workflow.terms import ExitKind, ExitStep
from workflow.words import Sentence

Row = dict[str, Any]


def _of_campaign(table: Any) -> Statement:
    """Return what reads a campaign's records of one kind, the newest of a unit last."""
    return Statement(select(table).where(table.c.campaign_id == bindparam("campaign")).order_by(table.c.id))


_COMMITMENTS, _DIAGNOSES, _EVALUATIONS = map(_of_campaign, (commitments, diagnoses, evaluations))
_ACCEPTANCES = Statement(
    select(acceptances, inspections.c.visited_on)
    .join_from(acceptances, inspections, inspections.c.id == acceptances.c.inspection_id)
    .where(acceptances.c.campaign_id == bindparam("campaign"))
    .order_by(acceptances.c.id)
)
_PROBLEMS = Statement(
    select(problems.c.unit_id, problems.c.number, problems.c.text, evaluations.c.made_at)
    .join_from(
        problems,
        passed_problems,
        (passed_problems.c.campaign_id == problems.c.campaign_id)
        & (passed_problems.c.unit_id == problems.c.unit_id)
        & (passed_problems.c.number == problems.c.number),
        isouter=True,
    )
    .outerjoin(evaluations, evaluations.c.id == passed_problems.c.evaluation_id)
    .where(problems.c.campaign_id == bindparam("campaign"))
    .order_by(problems.c.unit_id, problems.c.number)
)
_OPEN_CASES = Statement(
    select(hazards.c.unit_id, func.count())
    .where(hazards.c.campaign_id == bindparam("campaign"), hazards.c.waiting_on != "none")
    .group_by(hazards.c.unit_id)
)

#: The exits that count: a plant that was seen to have stopped, or one that is decided to move or to turn to something else.
_GONE = Statement(
    select(exits.c.unit_id, exits.c.exit_kind)
    .join_from(exits, campaign_units, campaign_units.c.unit_id == exits.c.unit_id)
    .outerjoin(exit_steps, (exit_steps.c.exit_id == exits.c.id) & (exit_steps.c.step == ExitStep.stopped))
    .where(
        campaign_units.c.campaign_id == bindparam("campaign"),
        among(exits.c.state, (ExitState.decided, ExitState.underway, ExitState.verified)),
        or_(among(exits.c.exit_kind, (ExitKind.relocation, ExitKind.retreat)), exit_steps.c.step.is_not(None)),
    )
    .order_by(exits.c.id)
)
#: How a unit came out that went.
_WENT = {
    ExitKind.shutdown: "shutdown", ExitKind.relocation: "relocated", ExitKind.retreat: "retreated",
    ExitKind.partial: "partial",
}  # fmt: skip

# -- a campaign --------------------------------------------------------------------------------------------------------


def campaign_with_records(asking: Asking, campaign: int) -> Row:
    """Return a campaign with its scope: of each unit the path it chose, its papers, how it came out. Raises NotFound."""
    told = show_campaign(asking, campaign)
    read = {name: _newest(asking, of, campaign) for name, of in _RECORDS.items()}
    listed = _by_unit(asking.tx.all(_PROBLEMS, campaign=campaign))
    still_open = dict(asking.tx.all(_OPEN_CASES, campaign=campaign))
    gone = {row.unit_id: _WENT[row.exit_kind] for row in asking.tx.all(_GONE, campaign=campaign)}
    for place in told["scope"]:
        unit = place["unit_id"]
        papers = {name: _RENDER[name](asking, of.get(unit)) for name, of in read.items()}
        place.update(papers, problems=[_problem(asking, each) for each in listed.get(unit, ())])
        place["open"] = still_open.get(unit, 0)
        place["outcome"] = gone.get(unit) or _upgraded(place)
    return told


def _newest(asking: Asking, of: Statement, campaign: int) -> dict[int, Any]:
    return {row.unit_id: row for row in asking.tx.all(of, campaign=campaign)}


def _by_unit(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(row)
    return found


def _commitment(_: Asking, row: Any) -> Row | None:
    return None if row is None else {"path": row.path, "on": day(row.on_date)}


def _agency(asking: Asking, row: Any) -> Row | None:
    """Return how far an agency has come: late is what was handed in after its day, or is not in past it."""
    if row is None:
        return None
    late = 0 if row.due_on is None else max(0, ((row.done_on or asking.today) - row.due_on).days)
    return {
        "agency": row.agency,
        "due_on": day(row.due_on),
        "done_on": day(row.done_on),
        "late": late > 0,
        "days_late": late,
    }


def _acceptance(_: Asking, row: Any) -> Row | None:
    if row is None:
        return None
    panel = json.loads(row.panel)
    return {
        "passed": bool(row.passed),
        "on": day(row.visited_on),
        "panel": panel,
        "note": row.note,
        "inspection": row.inspection_id,
    }


def _problem(asking: Asking, row: Any) -> Row:
    passed_on = None if row.made_at is None else day(asking.date_of(row.made_at))
    return {"number": row.number, "text": row.text, "passed_on": passed_on}


def _upgraded(place: Row) -> str | None:
    """Return that a unit was upgraded in place, once accepted with all its hazards ended; None while it is not."""
    accepted = place["acceptance"] is not None and place["acceptance"]["passed"]
    return "upgraded" if accepted and not place["open"] else None


_RECORDS = {
    "commitment": _COMMITMENTS, "diagnosis": _DIAGNOSES, "evaluation": _EVALUATIONS, "acceptance": _ACCEPTANCES,
}  # fmt: skip
_RENDER: dict[str, Callable[[Asking, Any], Row | None]] = {
    "commitment": _commitment, "diagnosis": _agency, "evaluation": _agency, "acceptance": _acceptance,
}  # fmt: skip

# -- checklists --------------------------------------------------------------------------------------------------------

_CHECKLISTS = (
    select(
        checklists.c.campaign_id,
        campaigns.c.name.label("campaign"),
        checklists.c.version,
        checklists.c.name,
        func.count(checklist_items.c.number).label("items"),
        people.c.name.label("made_by"),
        checklists.c.recorded_at,
        checklists.c.id,
    )
    .join_from(checklists, campaigns, campaigns.c.id == checklists.c.campaign_id)
    .join(checklist_items, checklist_items.c.checklist_id == checklists.c.id)
    .join(people, people.c.id == checklists.c.made_by)
    .group_by(checklists.c.id, campaigns.c.name, people.c.name)
    .order_by(checklists.c.campaign_id, checklists.c.version)
)
_ITEMS = Statement(
    select(*[checklist_items.c[name] for name in ("number", "text", "grade", "basis")])
    .where(checklist_items.c.checklist_id == bindparam("checklist"))
    .order_by(checklist_items.c.place)
)


def list_checklists(asking: Asking, campaign: int | None = None) -> list[Row]:
    """Return every version of every checklist, or those of one campaign."""
    wanted = [] if campaign is None else [checklists.c.campaign_id == campaign]
    return [_checklist(asking, row) for row in asking.tx.all(_CHECKLISTS.where(*wanted))]


def show_checklist(asking: Asking, campaign: int, version: int | None = None) -> Row:
    """Return a version of a campaign's checklist with its items, the newest unless told otherwise. Raises NotFound."""
    found = [row for row in list_checklists(asking, campaign) if version in (None, row["version"])]
    if not found:
        raise NotFound(Sentence("there is no such checklist; load one with: rectify checklist load CAMPAIGN FILE"))
    items = [row._asdict() for row in asking.tx.all(_ITEMS, checklist=found[-1]["id"])]
    return {**found[-1], "items": items}


def _checklist(asking: Asking, row: Any) -> Row:
    return {**row._asdict(), "recorded_at": asking.instant(row.recorded_at)}


# -- tallies and targets -----------------------------------------------------------------------------------------------

_instead = tallies.alias("instead")
_TALLIES = (
    select(
        tallies,
        campaigns.c.name.label("campaign"),
        areas.c.name.label("area"),
        units.c.name.label("unit"),
        _instead.c.id.label("replaced_by"),
    )
    .outerjoin(campaigns, campaigns.c.id == tallies.c.campaign_id)
    .outerjoin(areas, areas.c.code == tallies.c.area_code)
    .outerjoin(units, units.c.id == tallies.c.unit_id)
    .outerjoin(_instead, _instead.c.replaces == tallies.c.id)
    .order_by(tallies.c.id)
)
_TARGETS = (
    select(targets, areas.c.name.label("area"), departments.c.name.label("department"))
    .outerjoin(areas, areas.c.code == targets.c.area_code)
    .outerjoin(departments, departments.c.id == targets.c.department_id)
    .order_by(targets.c.year, targets.c.id)
)


def list_tallies(asking: Asking, of: str | None = None, *, everything: bool = False) -> list[Row]:
    """Return the tallies, those of a campaign or an area; with `everything` also what another one replaced.

    Raises NotFound or Refused for a name that nothing or several bear.
    """
    wanted = own_unit(asking, tallies.c.unit_id)
    if of is not None:
        noun, found = find_either(asking.tx, "campaign", of)
        wanted.append(tallies.c.area_code == found.code if noun == "area" else tallies.c.campaign_id == found.id)
    if not everything:
        wanted.append(_instead.c.id.is_(None))
    return [_tally(row) for row in asking.tx.all(_TALLIES.where(*wanted))]


def _tally(row: Any) -> Row:
    kept = {name: getattr(row, name) for name in ("id", "key", "measure", "unit", "replaces", "replaced_by")}
    return {
        **kept,
        "of": row.campaign or row.area,
        "value": number_of(row.value),
        "about": bool(row.about),
        "on": day(row.on_date),
    }


def list_targets(asking: Asking, *, year: int | None = None, everything: bool = False) -> list[Row]:
    """Return the targets, those of a year; of one key the newest, with `everything` all."""
    wanted = [] if year is None else [targets.c.year == year]
    rows = list(_told_targets(asking.tx.all(_TARGETS.where(*wanted))))
    if everything:
        return rows
    newest = {(row["area"], row["department"], row["year"], row["key"]): row for row in rows}
    return list(newest.values())


def _told_targets(rows: Iterable[Any]) -> Iterator[Row]:
    for row in rows:
        kept = {name: getattr(row, name) for name in ("id", "area", "department", "year", "key")}
        yield {**kept, "value": number_of(row.value)}
