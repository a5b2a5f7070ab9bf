"""`order`, `serve` and `orders withdraw`: the paper that tells a unit what to put right, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from cases.ledger import Door, Step, Try
from cases.names import find, find_order
from cases.papers.numbers import next_number, year_of
from cases.people import actor_of, officer_of
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import items, orders
from cases.verbs.outcome import Outcome, of_steps
from cases.verbs.texts import checked
from workflow.case import Actor, Case, Department, Item
from workflow.errors import BadInput, Forbidden, Moved, Refused, combine
from workflow.hazard import HAZARD
from workflow.terms import ItemResult, PaperKind
from workflow.words import Sentence

_USED = Statement(
    select(orders.c.id).where(orders.c.department_id == bindparam("department"), orders.c.number == bindparam("number"))
)
_ITEMS_OF = Statement(
    select(items.c.hazard_id, items.c.result).where(items.c.order_id == bindparam("order")).order_by(items.c.hazard_id)
)
_HELD = Statement(select(orders).where(orders.c.id == bindparam("order")).with_for_update())
_SERVED = Statement(
    update(orders)
    .where(orders.c.id == bindparam("order"), orders.c.served_at.is_(None))
    .values({name: bindparam("new_" + name) for name in ("served_at", "served_how", "served_detail", "witness")})
)
_WITHDRAWN = Statement(
    update(orders)
    .where(orders.c.id == bindparam("order"), orders.c.withdrawn_at.is_(None))
    .values({name: bindparam("new_" + name) for name in ("withdrawn_at", "withdrawn_why", "withdrawn_number")})
)


@dataclass(frozen=True)
class Demand:
    """What a paper demands: three-fixed 三定 and interim measures, for all its cases or by case number."""

    responsible: str = ""
    measure: str = ""
    due_on: date | None = None
    interim: str | None = None


@dataclass(frozen=True)
class Paper:
    """What is said of an order besides what it demands."""

    to_unit: str | None = None
    by: Sequence[str] = ()
    number: str | None = None
    onto: str | None = None
    approved_by: str | None = None
    why: str | None = None


def order(
    door: Door, cases: Sequence[int], demands: Mapping[int, Demand], paper: Paper, *, if_version: int | None
) -> Outcome:
    """Order cases of one unit to be put right: one paper, one item a case.

    Raises Refused for cases of two units, for a number already used, and for every condition of the move.
    """
    tx, policy = door.tx, door.acting.policy
    demanded = {case: said_plainly(demand, door) for case, demand in demands.items()}
    why = checked("why", paper.why, policy)
    approver = supervisor_named(tx, paper.approved_by)
    officers = [officer_of(find(tx, "person", name)).id for name in paper.by]
    to_unit = None if paper.to_unit is None else find(tx, "unit", paper.to_unit)
    found = door.load(cases)
    door.precheck("order", found)

    def tries_on(row: OrderRow) -> list[Try]:
        said = {"approved_by": approver, "why": why}
        return [
            Try(
                "order",
                case,
                {"items": [item_of(row, case, demanded[case.id])], **said},
                facts=facts_of(row, demanded[case.id], approver, why),
            )
            for case in found
        ]

    try:
        one_unit(found)
        row = made_out(door, found, paper, to_unit, officers)
    except Refused as refusal:
        raise with_all_reasons(door, refusal, tries_on(draft(door, found))) from refusal
    steps = door.advance(tries_on(row), if_version=if_version)
    outcome = of_steps(steps, order={"id": row.id, "number": row.number})
    outcome.said.insert(0, is_made(row))
    outcome.warnings += rest_days(demanded.values(), door)
    return outcome


def said_plainly(demand: Demand, door: Door) -> Demand:
    """Return a demand with its texts checked. Raises BadInput."""
    policy = door.acting.policy
    return Demand(
        checked("responsible", demand.responsible, policy) or "",
        checked("measure", demand.measure, policy) or "",
        demand.due_on,
        checked("interim", demand.interim, policy) or None,
    )


def one_unit(cases: Sequence[Case]) -> None:
    """Raise Refused unless all cases are of one unit: a paper is addressed to one, a visit goes to one."""
    units = sorted({case.unit_id for case in cases})
    if len(units) > 1:
        raise Refused(
            Sentence("these cases are of {count} units; make one paper a unit", count=len(units)),
            reasons=[Sentence("case {case} is of unit id:{unit}", case=case.id, unit=case.unit_id) for case in cases],
        )


@dataclass(frozen=True)
class OrderRow:
    """The paper an item stands on."""

    id: int
    number: str
    addressee_id: int
    served_at: Any
    ordered_at: Any


def draft(door: Door, cases: Sequence[Case]) -> OrderRow:
    """Return a paper that is never written, to try what would stand on it."""
    return OrderRow(0, "–", cases[0].unit_id, None, door.at)


def with_all_reasons(door: Door, refusal: Refused, tries: Sequence[Try]) -> Refused:
    """Return a refusal of the paper together with every condition its moves do not meet; nothing may be moved after."""
    errors = [error for each in tries if isinstance(error := door.refusal(each), Refused)]
    if not errors:
        return refusal
    moves = combine(errors)
    if refusal.reasons:
        return Refused(refusal.what, reasons=[*refusal.reasons, *moves.reasons])
    return Refused(moves.what, reasons=[refusal.what, *moves.reasons])


def made_out(door: Door, cases: Sequence[Case], paper: Paper, to_unit: Any, officers: Sequence[int]) -> OrderRow:
    """Make out the paper – or find the one named by `onto` – in the door's transaction, with the next number.

    Raises Forbidden for an actor without a department, Refused for a number that is used or a paper that is served.
    """
    department, unit = door.acting.actor.department, cases[0].unit_id
    if paper.onto is not None:
        return _onto(door, paper.onto, unit)
    if department is None:
        raise Forbidden(Sentence("{actor} belongs to no department and orders nothing", actor=door.acting.actor.name))
    number = _number(door, department, paper.number)
    addressee = unit if to_unit is None else int(to_unit.id)
    key = door.tx.add(
        orders,
        number=number, department_id=department.id, area_code=cases[0].area_code, unit_id=unit,
        addressee_id=addressee, made_by=door.acting.actor.id, officers=str(list(officers)), ordered_at=door.at,
        recorded_at=door.acting.when.recorded_at,
    )  # fmt: skip
    return OrderRow(int(key), number, addressee, None, door.at)


def _onto(door: Door, name: str, unit: int) -> OrderRow:
    row = _held(door, find_order(door.tx, name, door.acting.actor.id))
    reasons = []
    if row.unit_id != unit:
        reasons.append(Sentence("order {number} is of another unit", number=row.number))
    if row.served_at is not None:
        reasons.append(Sentence("order {number} was served already; make a new one", number=row.number))
    if row.withdrawn_at is not None:
        reasons.append(Sentence("order {number} was withdrawn; make a new one", number=row.number))
    if reasons:
        raise Refused(Sentence("nothing is added to the order"), reasons=reasons)
    return OrderRow(row.id, row.number, row.addressee_id, None, row.ordered_at)


def _held(door: Door, row: Any) -> Any:
    """Return an order as it stands, for nobody else to change; whoever holds cases as well held them before."""
    return door.tx.one(_HELD, order=row.id)


def _number(door: Door, department: Department, given: str | None) -> str:
    """Return the number for a new paper: the one given, else the next of this department and year, without gaps."""
    tx, policy = door.tx, door.acting.policy
    if given is not None:
        number = checked("number", given, policy)
        if not number:
            raise BadInput(Sentence("the number is empty; leave out --number to have the next one"))
        if tx.one(_USED, department=department.id, number=number) is not None:
            raise Refused(
                Sentence("{department} used number {number} already", department=department.name, number=number)
            )
        return number
    while True:
        _, number = next_number(tx, department.id, year_of(door), PaperKind.order)
        if tx.one(_USED, department=department.id, number=number) is None:
            return number


def item_of(row: OrderRow, case: Case, demand: Demand) -> Item:
    """Return what the paper demands for this case."""
    return Item(
        id=None, order_id=row.id, number=row.number, round=case.round, requirement=case.text,
        responsible=demand.responsible, measure=demand.measure, interim=demand.interim,
        first_due_on=demand.due_on, due_on=demand.due_on,  # type: ignore[arg-type]  # a guard refuses an item without its date
        result=ItemResult.open, result_seq=None, ordered_at=row.ordered_at, served_at=row.served_at,
        addressee_id=row.addressee_id,
    )  # fmt: skip


def supervisor_named(tx: Transaction, name: str | None) -> Actor | None:
    """Return who signs an exception off, as the rules see them; none when nobody is named."""
    return None if name is None else actor_of(tx, find(tx, "person", name))


def is_made(row: OrderRow) -> Sentence:
    """Return what a reader is told of a new paper."""
    return Sentence(
        "order {number} (id:{id}) is made; serve it: rectify serve id:{id} --receipt NAME", number=row.number, id=row.id
    )


def facts_of(row: OrderRow, demand: Demand, approver: Any = None, why: str | None = None) -> dict[str, Any]:
    """Return what a step remembers of an item."""
    return {
        "order": row.id,
        "number": row.number,
        "responsible": demand.responsible,
        "measure": demand.measure,
        "due_on": demand.due_on,
        "interim": demand.interim,
        "approved_by": None if approver is None else approver.name,
        "why": why,
    }


def rest_days(demands: Any, door: Door) -> list[Sentence]:
    """Return a warning for each date that is a rest day: it counts all the same, or rolls where the policy makes it."""
    calendar, policy = door.acting.calendar, door.acting.policy
    days = sorted({demand.due_on for demand in demands if demand.due_on and not calendar.works(demand.due_on)})
    if not policy.dates.rolls:
        return [Sentence("{day} is a rest day; the date counts all the same", day=day) for day in days]
    return [
        Sentence(
            "{day} is a rest day; it is kept until the end of {last}", day=day, last=calendar.next_working_day(day)
        )
        for day in days
    ]


# -- serve and withdraw ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """How a paper was handed over: a receipt by name, a refusal with reason and witness, or by post."""

    receipt: str | None = None
    refused: str | None = None
    witness: str | None = None
    post: str | None = None
    on: date | None = None
    start: bool = False


def serve(door: Door, order_name: str, service: Service, *, if_version: int | None = None) -> Outcome:
    """Serve an order on its addressee; from now on it binds. With `start`, rectifying begins as well."""
    tx, policy = door.tx, door.acting.policy
    said = {name: checked(name, getattr(service, name), policy) for name in ("receipt", "refused", "witness", "post")}
    row = find_order(tx, order_name, door.acting.actor.id)
    door.happened_on(service.on)
    cases = _cases_on(door, row, "serve")
    given = {**said, "order_id": row.id}
    facts = {**said, "order": row.id, "number": row.number}
    steps = door.advance([Try("serve", case, given, facts=facts) for case in cases], if_version=if_version)
    how = next(name for name in ("receipt", "refused", "post") if said[name])
    tx.run(
        _SERVED,
        order=row.id,
        new_served_at=door.at,
        new_served_how=how,
        new_served_detail=said[how],
        new_witness=said["witness"],
    )
    if service.start:
        steps = [*steps, *door.advance([Try("start", step.case) for step in steps if step.case.state == "ordered"])]
    return of_steps(steps, order={"id": row.id, "number": row.number})


def withdraw(door: Door, order_name: str, reason: str, note: str, number: str | None) -> Outcome:
    """Withdraw an order: its open items fall away; its number stays used, marked 作废."""
    policy = door.acting.policy
    said = {"reason": reason, "note": checked("note", note, policy), "number": checked("number", number, policy)}
    row = find_order(door.tx, order_name, door.acting.actor.id)
    cases = _cases_on(door, row, "withdraw")
    facts = {**said, "order": row.id, "paper": row.number}
    steps: list[Step] = door.advance(
        [Try("withdraw", case, {**said, "order_id": row.id}, facts=facts) for case in cases]
    )
    door.tx.run(
        _WITHDRAWN,
        order=row.id,
        new_withdrawn_at=door.at,
        new_withdrawn_why=said["note"],
        new_withdrawn_number=said["number"],
    )
    return of_steps(steps, order={"id": row.id, "number": row.number})


def _cases_on(door: Door, row: Any, trigger: str) -> list[Case]:
    """Return the cases an order still asks something of.

    Raises Refused when it asks nothing any more; before that Forbidden, when that is nothing to the actor; Moved when
    somebody put a case on it, or took one off, before its cases were held.
    """
    listed = door.tx.all(_ITEMS_OF, order=row.id)
    still = [each.hazard_id for each in listed if each.result == ItemResult.open.value]
    if row.withdrawn_at is None and still:
        cases = door.load(still)
        if _held(door, row) != row or door.tx.all(_ITEMS_OF, order=row.id) != listed:
            raise Moved(
                Sentence(
                    "order {number} was changed by somebody else meanwhile; look again with: rectify orders show id:{id}",
                    number=row.number, id=row.id,
                )
            )  # fmt: skip
        return cases
    _check_may(door, trigger, door.load([each.hazard_id for each in listed]))
    if row.withdrawn_at is not None:
        reason = Sentence("it was withdrawn; make a new one: rectify order CASE…")
    else:
        reason = Sentence("it has no open item any more; see what became of it: rectify orders show id:{id}", id=row.id)
    raise Refused(Sentence("order {number} stays as it is", number=row.number), reasons=[reason])


def _check_may(door: Door, trigger: str, cases: Sequence[Case]) -> None:
    """Raise Forbidden unless the actor may make this move of them all, whatever their states."""
    tried = [(case.called, HAZARD.may(trigger, door.attempt(Try(trigger, case)))) for case in cases]
    errors = [Forbidden(why, called=called) for called, why in tried if why is not None]
    if errors:
        raise combine(errors)
