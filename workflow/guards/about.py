"""What an attempt is about – the items it judges, withdraws or brings – and what chooses between two moves."""

from typing import Any

from workflow.authority import SUPERVISOR
from workflow.case import Attempt, Item, serves
from workflow.process import guard


def has_given(attempt: Attempt, *names: str) -> bool:
    """Return whether all of these were given, none of them empty."""
    return all(attempt.given.get(name) for name in names)


def judged_items(attempt: Attempt) -> list[Item]:
    """Return the items a recheck judges: the open ones of the order it names, else all served open ones."""
    order = attempt.given.get("order_id")
    if order is not None:
        return [item for item in attempt.case.open_items if item.order_id == order]
    return attempt.case.served_items


def items_failed(attempt: Attempt) -> list[Item]:
    """Return the items a recheck fails: those it judges, or where nothing was served and no order named, all open ones."""
    judged = judged_items(attempt)
    return judged or ([] if attempt.given.get("order_id") is not None else attempt.case.open_items)


def items_withdrawn(attempt: Attempt) -> list[Item]:
    """Return the open items of the order that is withdrawn."""
    return [item for item in attempt.case.open_items if item.order_id == attempt.given.get("order_id")]


def unserved_numbers(attempt: Attempt) -> list[str]:
    """Return the numbers of the orders that still wait to be served; a dash for none."""
    return [item.number for item in attempt.case.open_items if item.served_at is None] or ["–"]


def new_items(attempt: Attempt) -> list[Any]:
    """Return the items this attempt brings: what was typed, so that a date may still be missing."""
    return list(attempt.given.get("items", ()))


def limit_days(attempt: Attempt) -> int:
    """Return how many days off a date on an order may be, for the case's grade."""
    return int(getattr(attempt.policy.dates, attempt.case.grade))


def is_signed_off(attempt: Attempt, who: str) -> bool:
    """Whether a supervisor in service, who may decide on the case, put a name and a reason to an exception."""
    person = attempt.given.get(who)
    return (
        person is not None
        and serves(person, attempt.on)
        and SUPERVISOR.why_not(person, attempt) is None
        and has_given(attempt, "why")
    )


@guard("other items stay open")
def leaves_no_item_open(attempt: Attempt) -> bool:
    """Whether the case's last open item is among those judged."""
    judged = {id(item) for item in judged_items(attempt)}
    return all(id(item) in judged for item in attempt.case.open_items)


@guard("other items stay open, or one has passed")
def leaves_nothing(attempt: Attempt) -> bool:
    """Whether withdrawing leaves neither an open nor a passed item in this round."""
    return _is_last_withdrawn(attempt) and not has_passed_item(attempt)


@guard("other items stay open, or none has passed")
def leaves_only_passed_items(attempt: Attempt) -> bool:
    """Whether withdrawing leaves no open item, but one that passed."""
    return _is_last_withdrawn(attempt) and has_passed_item(attempt)


@guard("it has items in this round")
def has_no_item(attempt: Attempt) -> bool:
    """Whether nothing was ordered in this round (or all of it was withdrawn)."""
    return not has_passed_item(attempt)


@guard("it was ordered in this round")
def was_never_ordered(attempt: Attempt) -> bool:
    """Whether no order of this round names it."""
    return not attempt.case.round_items


@guard("the exit is of another kind")
def is_relocation(attempt: Attempt) -> bool:
    """Whether the exit moves the unit into a park."""
    return attempt.given.get("kind") == "relocation"


@guard("the exit is of another kind")
def is_retreat(attempt: Attempt) -> bool:
    """Whether the unit retreats from industry (退二进三)."""
    return attempt.given.get("kind") == "retreat"


def _is_last_withdrawn(attempt: Attempt) -> bool:
    gone = {id(item) for item in items_withdrawn(attempt)}
    return all(id(item) in gone for item in attempt.case.open_items)


def has_passed_item(attempt: Attempt) -> bool:
    """Return whether an item of this round has passed."""
    return any(item.result == "passed" for item in attempt.case.round_items)
