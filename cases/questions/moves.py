"""`next`: what may be done with a case, by whom, and what is still missing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, or_, select

from cases.acting import Acting, When
from cases.ledger import Door, Try
from cases.people import department_of, officers_of
from cases.questions.asking import Asking
from cases.questions.filters import among
from cases.questions.one import check_visible
from cases.questions.staff import OFFICERS, is_active
from cases.statements import Statement
from cases.tables import inspections, items, orders, people
from workflow.authority import FIRED
from workflow.case import Actor, Attempt, Case
from workflow.hazard import HAZARD
from workflow.terms import Role
from workflow.words import Sentence, Term

#: How many people are named who may make a move.
_NAMED = 5

_VISIT = Statement(
    select(inspections.c.visited_on, inspections.c.kind).where(inspections.c.id == bindparam("inspection"))
)


def next_moves(asking: Asking, case: int) -> list[dict[str, Any]]:
    """Return every trigger of the case's state: whether the viewer may, who may, and each unmet condition.

    A move is tried with nothing but what its command fills in by itself, so `missing` names what has to be given.
    Raises NotFound, or Forbidden for a contact of another unit.
    """
    check_visible(asking, case)
    # Only load and attempt are used: nothing is written, so neither policy version nor recorder matters.
    acting = Acting(asking.viewer, None, When(asking.now, asking.now), asking.policy, 0, asking.calendar)
    door = Door(asking.tx, acting)
    loaded = door.load([case], lock=False)[0]
    colleagues = list(_colleagues(asking, loaded))
    attempts = ((trigger, door.attempt(_try(asking, trigger, loaded))) for trigger in HAZARD.triggers(loaded.state))
    return [_move(asking, trigger, attempt, colleagues) for trigger, attempt in attempts]


def _move(asking: Asking, trigger: str, attempt: Attempt, colleagues: list[Actor]) -> dict[str, Any]:
    may = HAZARD.may(trigger, attempt) is None
    able = [each.name for each in colleagues if HAZARD.may(trigger, replace(attempt, actor=each)) is None]
    return {
        "trigger": trigger,
        "may": may,
        "who": asking.say(_who(trigger, able)),
        "missing": [asking.say(reason) for reason in HAZARD.why_not(trigger, attempt)],
        "people": able,
    }


def _who(trigger: str, able: list[str]) -> Sentence:
    authority = HAZARD.authorities[trigger]
    if authority is FIRED:
        if trigger == "recount":
            return Sentence("nobody: it follows from a calendar or a policy that was loaded")
        return Sentence("nobody: it follows from an extension or an exit")
    role = Term("authority", authority.name)
    if not able:
        return Sentence("{role}", role=role)
    names = able if len(able) <= _NAMED else [*able[:_NAMED], "…"]
    return Sentence("{role}: {names}", role=role, names=names)


def _try(asking: Asking, trigger: str, case: Case) -> Try:
    """Return the attempt a command would make that was given nothing but the case."""
    if trigger == "correct":
        visit = asking.tx.one(_VISIT, inspection=case.inspection_id)
        given = {"inspected_on": visit.visited_on, "kind": visit.kind}
        return Try(trigger, case, given, officers_of(asking.tx, case.inspection_id))
    if trigger in ("withdraw", "serve") and case.open_items:
        unserved = [item for item in case.open_items if item.served_at is None]
        return Try(trigger, case, {"order_id": (unserved or case.open_items)[0].order_id})
    return Try(trigger, case)


# -- who could do it ---------------------------------------------------------------------------------------------------


def _colleagues(asking: Asking, case: Case) -> Iterator[Actor]:
    """Yield the active people who might act: the departments concerned, and the contacts of the units concerned."""
    concerned = {case.department_id, case.transfer_to, case.listed_by} - {None}
    known = {department: department_of(asking.tx, department) for department in concerned if department is not None}
    officers = among(people.c.role, OFFICERS) & among(people.c.department_id, known)
    addressees = (
        select(orders.c.addressee_id)
        .join_from(items, orders, orders.c.id == items.c.order_id)
        .where(items.c.hazard_id == case.id)
    )
    theirs = or_(people.c.unit_id == case.unit_id, people.c.unit_id.in_(addressees))
    contacts = (people.c.role == Role.contact.value) & theirs
    active = is_active(asking.today)
    for person in asking.tx.all(select(people).where(active, or_(officers, contacts)).order_by(people.c.id)):
        yield Actor(person.id, person.name, Role(person.role), known.get(person.department_id), person.unit_id)
