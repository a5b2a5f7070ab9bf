"""Orders: three-fixed, dates within limits, serving and withdrawing."""

from datetime import date, timedelta

from workflow.case import Attempt
from workflow.deadlines import local_date
from workflow.guards.about import (
    has_given,
    is_signed_off,
    items_withdrawn,
    judged_items,
    limit_days,
    new_items,
    unserved_numbers,
)
from workflow.process import guard
from workflow.words import Term


def _three_fixed_missing(attempt: Attempt) -> list[str]:
    """Return the options that bring what an item lacks of person, measure and date; all where there is no item."""
    given = {
        "--responsible": lambda item: item.responsible.strip(),
        "--measure": lambda item: item.measure.strip(),
        "--due": lambda item: item.due_on,
    }
    items = new_items(attempt)
    return [option for option, of in given.items() if not items or not all(map(of, items))]


@guard("person responsible, measure and date must all be named; add {missing}", missing=_three_fixed_missing)
def has_three_fixed(attempt: Attempt) -> bool:
    """三定: no item without person, measure and date."""
    return not _three_fixed_missing(attempt)


@guard("the date lies before the day of the order, {day}", day=lambda a: a.on)
def is_not_before_the_order(attempt: Attempt) -> bool:
    """A date on an order is not before the day of the order."""
    return all(item.due_on is None or item.due_on >= attempt.on for item in new_items(attempt))


@guard(
    "{grade} hazards get at most {days} days, until {last}; set an earlier date, or add --approved-by SUPERVISOR --why T",
    grade=lambda a: Term("grade", a.case.grade),
    days=limit_days,
    last=lambda a: a.on + timedelta(limit_days(a)),
)
def is_within_limit(attempt: Attempt) -> bool:
    """The grade's limit, or longer with a supervisor's approval and reason."""
    last = attempt.on + timedelta(limit_days(attempt))
    return is_signed_off(attempt, "approved_by") or all(
        item.due_on is None or item.due_on <= last for item in new_items(attempt)
    )


@guard("a larger or major hazard needs interim safety measures; add --interim T")
def has_interim_measures_if_grave(attempt: Attempt) -> bool:
    """Until it is put right, somebody has to be kept out of its way."""
    items = new_items(attempt)
    return not attempt.case.is_grave or (bool(items) and all((item.interim or "").strip() for item in items))


@guard(
    "not served yet: {numbers}; type: rectify serve {first} --receipt NAME",
    numbers=unserved_numbers,
    first=lambda a: unserved_numbers(a)[0],
    standing=True,
)
def is_served(attempt: Attempt) -> bool:
    """Until served an order binds nobody; one that was named and asks nothing any more is no matter of serving."""
    items = judged_items(attempt)
    if not items:
        return attempt.given.get("order_id") is not None
    return all(item.served_at is not None and item.served_at <= attempt.at for item in items)


@guard("nothing of this order is left to serve for case {case}", standing=True, case=lambda a: a.case.id)
def has_unserved_item(attempt: Attempt) -> bool:
    """An order is served once."""
    order = attempt.given.get("order_id")
    return any(item.served_at is None and order in (None, item.order_id) for item in attempt.case.open_items)


@guard("say how it was served: --receipt NAME, or --refused WHY --witness NAME, or --post NO")
def says_how_it_was_served(attempt: Attempt) -> bool:
    """Receipt by name, refusal with reason and witness, or post."""
    return has_given(attempt, "receipt") or has_given(attempt, "refused", "witness") or has_given(attempt, "post")


def _first_ordered_on(attempt: Attempt) -> date | None:
    order = attempt.given.get("order_id")
    made = [item.ordered_at for item in attempt.case.open_items if order in (None, item.order_id)]
    return local_date(min(made), attempt.policy.timezone) if made else None


@guard("served before the order was made, {day}", day=_first_ordered_on)
def is_served_after_the_order(attempt: Attempt) -> bool:
    """A paper is not handed over before it is written."""
    first = _first_ordered_on(attempt)
    return first is None or attempt.on >= first


@guard("this order has no open item of case {case}", case=lambda a: a.case.id)
def has_item_to_withdraw(attempt: Attempt) -> bool:
    """Only an order that still stands is withdrawn; without an order, what it would leave is not known yet."""
    return bool(items_withdrawn(attempt))


@guard("say why: --reason mistake, revoked or replaced, with the number of the decision where there is one")
def has_reason_to_withdraw(attempt: Attempt) -> bool:
    """Mistake, revoked (by review or court, with number), replaced."""
    reason = attempt.given.get("reason")
    return reason in ("mistake", "replaced") or (reason == "revoked" and has_given(attempt, "number"))
