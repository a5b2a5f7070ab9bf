"""Questions about one case: show and history. What may be done with it is `moves`, how its date came about `explain`."""

import json
from typing import Any

from sqlalchemy import Select, bindparam, select

from cases.questions.asking import Asking, day, no_case
from cases.questions.exits import of_case
from cases.questions.filters import may_see
from cases.questions.halts import of_case as halts_on
from cases.questions.rows import row
from cases.statements import Statement
from cases.tables import (
    areas,
    blobs,
    campaigns,
    departments,
    evidence,
    hazards,
    items,
    joint_departments,
    orders,
    people,
    steps,
    units,
)
from workflow.errors import Forbidden
from workflow.terms import Kind
from workflow.words import Sentence

Facts = dict[str, Any]

_CASE = Statement(
    select(
        *hazards.c,
        units.c.name.label("unit"),
        areas.c.name.label("area"),
        departments.c.name.label("department"),
        people.c.name.label("assigned"),
        campaigns.c.name.label("campaign"),
    )
    .join_from(hazards, units, units.c.id == hazards.c.unit_id)
    .join(areas, areas.c.code == hazards.c.area_code)
    .join(departments, departments.c.id == hazards.c.department_id)
    .outerjoin(people, people.c.id == hazards.c.assigned_to)
    .outerjoin(campaigns, campaigns.c.id == hazards.c.campaign_id)
    .where(hazards.c.id == bindparam("case"))
)
_DEPARTMENT = Statement(select(departments.c.name).where(departments.c.id == bindparam("department")))
_PERSON = Statement(select(people.c.name).where(people.c.id == bindparam("person")))
_ORDERS = Statement(
    select(
        items.c.order_id,
        orders.c.number,
        orders.c.ordered_at,
        orders.c.served_at,
        orders.c.withdrawn_at,
        units.c.name.label("addressee"),
        *[items.c[name] for name in ("round", "requirement", "responsible", "measure", "interim")],
        *[items.c[name] for name in ("first_due_on", "due_on", "result")],
    )
    .join_from(items, orders, orders.c.id == items.c.order_id)
    .join(units, units.c.id == orders.c.addressee_id)
    .where(items.c.hazard_id == bindparam("case"))
    .order_by(items.c.order_id, items.c.id)
)
_EVIDENCE = Statement(
    select(evidence.c.seq, evidence.c.name, evidence.c.hash, blobs.c.media_type, blobs.c.size)
    .join_from(evidence, blobs, blobs.c.hash == evidence.c.hash)
    .where(evidence.c.kind == Kind.hazard, evidence.c.subject_id == bindparam("case"))
    .order_by(evidence.c.seq, evidence.c.name)
)


_JOINT = Statement(
    select(departments.c.name)
    .join_from(joint_departments, departments, departments.c.id == joint_departments.c.department_id)
    .where(joint_departments.c.hazard_id == bindparam("case"))
    .order_by(joint_departments.c.seq, departments.c.id)
)
_MEASURES = Statement(
    select(steps.c.at, steps.c.facts)
    .where(steps.c.kind == Kind.hazard, steps.c.subject_id == bindparam("case"), steps.c.trigger == "measure")
    .order_by(steps.c.seq)
)


def _measure(asking: Asking, step: Any) -> Facts:
    facts = json.loads(step.facts)
    return {
        "on": day(asking.date_of(step.at)),
        **{name: facts.get(name) for name in ("kind", "to", "number", "begins", "note")},
    }


def show(asking: Asking, case: int) -> Facts:
    """Return all that is known of a case now. Raises NotFound, or Forbidden for a contact of another unit."""
    found = asking.tx.one(_CASE, case=case)
    if found is None:
        raise no_case(case)
    check_visible(asking, case)
    return {
        **row(asking, found),
        **_plain(found),
        **_dates(asking, found),
        **_people(asking, found),
        "joint": [each.name for each in asking.tx.all(_JOINT, case=case)],
        "measures": [_measure(asking, each) for each in asking.tx.all(_MEASURES, case=case)],
        "orders": _orders(asking, case),
        "halts": halts_on(asking, case),
        "exit": of_case(asking, case, found.round),
        "evidence": [each._asdict() for each in asking.tx.all(_EVIDENCE, case=case)],
    }


def check_visible(asking: Asking, case: int) -> None:
    """Raise NotFound for no case, Forbidden for a case that the viewer may not read: contacts read their own unit's."""
    if may_see(asking, case):
        return
    if asking.tx.value(select(hazards.c.id).where(hazards.c.id == case)) is None:
        raise no_case(case)
    raise Forbidden(
        Sentence("case {case} is another unit's; {actor} reads their own", case=case, actor=asking.viewer.name),
        case=case,
    )


_AS_STORED = (
    "sector", "place", "basis", "standard_item", "standard_version", "round", "line", "reworks", "recurrences", "extensions", "planned",
    "version", "department_id", "department", "campaign_id", "campaign", "listed_rank", "listed_number",
)  # fmt: skip


def _plain(found: Any) -> Facts:
    return {**{name: getattr(found, name) for name in _AS_STORED}, "inspection": found.inspection_id}


def _dates(asking: Asking, found: Any) -> Facts:
    late = asking.overdue_days(found.due_at)
    due_on = asking.date_of(found.due_at) if late else asking.today
    return {
        "due_at": asking.instant(found.due_at),
        "overdue_workdays": asking.calendar.working_days_between(due_on, asking.today),
        "found_on": day(found.found_on),
        "entered_at": asking.instant(found.entered_at),
        "days_in_state": asking.days_since(found.entered_at),
        "listed_due_on": day(found.listed_due_on),
        "acknowledged_on": day(found.acknowledged_on),
    }


def _people(asking: Asking, found: Any) -> Facts:
    tx = asking.tx
    named = {name: getattr(found, name) for name in ("listed_by", "transfer_to", "accepted_by")}
    return {
        **{name: tx.value(_DEPARTMENT, department=each) if each else None for name, each in named.items()},
        "assigned_to": found.assigned,
        "assigned_to_id": found.assigned_to,
        "found_by": [tx.value(_PERSON, person=person) for person in json.loads(found.finders)],
    }


def _orders(asking: Asking, case: int) -> list[Facts]:
    """Return the orders a case stands on, each with its items of this case; other cases' items are theirs."""
    by_order: dict[int, Facts] = {}
    for found in asking.tx.all(_ORDERS, case=case):
        order = by_order.setdefault(found.order_id, _order(asking, found))
        order["items"].append(_item(found))
    return list(by_order.values())


def _order(asking: Asking, found: Any) -> Facts:
    return {
        "id": found.order_id,
        "number": found.number,
        "served": found.served_at is not None,
        "addressee": found.addressee,
        "ordered_at": asking.instant(found.ordered_at),
        "served_at": asking.instant(found.served_at),
        "withdrawn_at": asking.instant(found.withdrawn_at),
        "items": [],
    }


def _item(found: Any) -> Facts:
    return {
        "requirement": found.requirement,
        "responsible": found.responsible,
        "measure": found.measure,
        "interim": found.interim,
        "first_due_on": day(found.first_due_on),
        "due_on": day(found.due_on),
        "result": found.result,
        "round": found.round,
    }


# -- history -----------------------------------------------------------------------------------------------------------

_CLOCK = "clock"


def history(asking: Asking, case: int) -> list[Facts]:
    """Return every step of a case in the order of recording; `overtaken_by` names a later step recorded too late for it.

    Raises NotFound, or Forbidden for a contact of another unit.
    """
    check_visible(asking, case)
    told = [_step(asking, step) for step in asking.tx.all(_STEPS, case=case)]
    overtaken = {seq: step["seq"] for step in told for seq in step["facts"].get("overtakes", ())}
    return [{**step, "overtaken_by": overtaken.get(step["seq"])} for step in told]


def _steps() -> Select[Any]:
    actor, recorder = people.alias("actor"), people.alias("recorder")
    return (
        select(steps, actor.c.name.label("actor"), recorder.c.name.label("recorder"))
        .outerjoin(actor, actor.c.id == steps.c.actor_id)
        .outerjoin(recorder, recorder.c.id == steps.c.recorded_by)
        .where(steps.c.kind == Kind.hazard, steps.c.subject_id == bindparam("case"))
        .order_by(steps.c.seq)
    )


_STEPS = Statement(_steps())


def _step(asking: Asking, step: Any) -> Facts:
    return {
        "seq": step.seq,
        "trigger": step.trigger,
        "from": step.from_state,
        "to": step.to_state,
        "actor": step.actor or _CLOCK,
        "recorded_by": step.recorder or step.actor or _CLOCK,
        "at": asking.instant(step.at),
        "recorded_at": asking.instant(step.recorded_at),
        "facts": json.loads(step.facts),
        "hash": step.hash,
    }
