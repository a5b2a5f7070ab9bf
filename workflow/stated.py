"""What an older ledger states of a hazard: the past that `import ledger` takes over, as data.

Nobody types these moves, and none is made of a case that was found here: they follow, in one transaction, on opening a
case from a row of a ledger, and each names that row. They have the triggers of the hazard process, so that figures count
them like any others, and ask for none of its conditions: a ledger states that an order was served or a hazard closed; it
does not show the receipt, nor two officers on site. The step says so – its facts name the row, and nobody is in them whom
the row does not name. From where the last statement leaves a case it goes on in the hazard process, with all its conditions.
"""

from collections.abc import Callable

from workflow.authority import IMPORT
from workflow.case import Attempt, Item
from workflow.deadlines import reconcile
from workflow.effects import EFFECTS
from workflow.guards import is_relocation, is_retreat
from workflow.process import Effect, Move, Process, guard
from workflow.states import (
    ENDED,
    State,
    closed,
    found,
    ordered,
    rechecked,
    rectifying,
    relocated,
    retreated,
    shutdown,
    submitted,
    voided,
)
from workflow.terms import ItemResult


@guard("no row of a ledger states this")
def is_stated_by_a_ledger(attempt: Attempt) -> bool:
    """A statement names its ledger and row: practice."""
    row = attempt.facts.get("imported") or {}
    return bool(row.get("import") and row.get("row"))


@guard("the row names no person, measure and date")
def has_whole_items(attempt: Attempt) -> bool:
    """三定: no item without person, measure and date, also not in an older ledger."""
    items = attempt.given.get("items", ())
    return bool(items) and all(item.responsible and item.measure and item.due_on for item in items)


@guard("the row states no order")
def has_item(attempt: Attempt) -> bool:
    """What was put right, served or rechecked was ordered."""
    return bool(attempt.case.open_items)


STATED = [is_stated_by_a_ledger]
BEFORE = [found, ordered, rectifying, submitted, rechecked]
BINDING = [ordered, rectifying, submitted]

# fmt: off
MOVES = [
    # trigger, from, to, by whom, on what conditions
    Move("correct",      found,                 rechecked,  IMPORT, STATED),
    Move("order",        found,                 ordered,    IMPORT, [*STATED, has_whole_items]),
    Move("serve",        BINDING,               None,       IMPORT, [*STATED, has_item]),
    Move("start",        ordered,               rectifying, IMPORT, [*STATED, has_item]),
    Move("submit",       [ordered, rectifying], submitted,  IMPORT, [*STATED, has_item]),
    Move("pass_recheck", BINDING,               rechecked,  IMPORT, [*STATED, has_item]),
    Move("close",        BEFORE,                closed,     IMPORT, STATED),
    Move("confirm_exit", BEFORE,                relocated,  IMPORT, STATED, when=is_relocation),
    Move("confirm_exit", BEFORE,                retreated,  IMPORT, STATED, when=is_retreat),
    Move("confirm_exit", BEFORE,                shutdown,   IMPORT, STATED),
    Move("void",         BEFORE,                voided,     IMPORT, STATED),
]
# fmt: on


def _settle(attempt: Attempt, result: ItemResult) -> None:
    for item in attempt.case.open_items:
        item.result, item.result_seq = result, attempt.seq


def _served_by_now(items: list[Item]) -> None:
    """Whoever acts on an order had it: at the earliest when it was made."""
    for item in items:
        item.served_at = item.served_at or item.ordered_at


def _order(attempt: Attempt) -> None:
    EFFECTS["order"](attempt)
    attempt.case.extensions += sum(item.due_on > item.first_due_on for item in attempt.given["items"])


def _serve(attempt: Attempt) -> None:
    for item in attempt.case.open_items:
        item.served_at = attempt.at


def _start(attempt: Attempt) -> None:
    _served_by_now(attempt.case.open_items)


def _submit(attempt: Attempt) -> None:
    _served_by_now(attempt.case.open_items)
    attempt.case.recheck_from = attempt.at


def _pass(attempt: Attempt) -> None:
    _served_by_now(attempt.case.open_items)
    _settle(attempt, ItemResult.passed)
    attempt.case.add_recheckers(attempt.officers)


def _close(attempt: Attempt) -> None:
    _settle(attempt, ItemResult.passed)


def _leave(attempt: Attempt) -> None:
    _settle(attempt, ItemResult.superseded)


def _void(attempt: Attempt) -> None:
    _settle(attempt, ItemResult.withdrawn)


_EFFECTS: dict[str, Effect] = {
    "correct": EFFECTS["correct"],
    "order": _order,
    "serve": _serve,
    "start": _start,
    "submit": _submit,
    "pass_recheck": _pass,
    "close": _close,
    "confirm_exit": _leave,
    "void": _void,
}

IMPORT_PROCESS = Process("import", states=State, initial=found, ended=ENDED, moves=MOVES, effects=_EFFECTS)


def state(trigger: str, attempt: Attempt) -> None:
    """Make one statement of a case; its deadlines follow when the last is made (`settle`). Raises as `Process.fire`."""
    IMPORT_PROCESS.fire(trigger, attempt)
    if attempt.moved:
        attempt.case.entered_at, attempt.case.moved_seq = attempt.at, attempt.seq


#: Set the deadlines of a case as its last statement leaves it. None is made up for the past: no clock of ours ran then.
settle: Callable[[Attempt], None] = reconcile
