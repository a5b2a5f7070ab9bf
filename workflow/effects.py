"""What each trigger changes besides the state: the case's own facts and its items. Deadlines follow by themselves.

An effect runs once every condition is met and before the state changes. It writes to the attempt's case, which the
ledger throws away when anything in the same command is refused.
"""

import json

from workflow.case import Attempt
from workflow.deadlines import expiry, is_late
from workflow.guards import items_failed, items_withdrawn, judged_items
from workflow.ladders import highest
from workflow.process import Effect
from workflow.terms import ItemResult, Rank


def _settle(attempt: Attempt, items: list, result: ItemResult) -> None:  # type: ignore[type-arg]  # list[Item], of the case
    for item in items:
        item.result = result
        item.result_seq = attempt.seq


def _correct(attempt: Attempt) -> None:
    attempt.case.corrected_on = attempt.on
    attempt.case.add_recheckers(attempt.officers)


def _order(attempt: Attempt) -> None:
    attempt.case.items.extend(attempt.given["items"])


def _serve(attempt: Attempt) -> None:
    order = attempt.given["order_id"]
    for item in attempt.case.open_items:
        if item.order_id == order:
            item.served_at = attempt.at


def _submit(attempt: Attempt) -> None:
    case = attempt.case
    case.recheck_from = min(attempt.at, expiry(case.served_items, attempt.policy, attempt.calendar))


def _pass(attempt: Attempt) -> None:
    judged = judged_items(attempt)
    _settle(attempt, judged, ItemResult.passed)
    attempt.case.add_recheckers(attempt.officers)


def _fail(attempt: Attempt) -> None:
    case = attempt.case
    late = [item for item in judged_items(attempt) if is_late(item, attempt)]
    _settle(attempt, items_failed(attempt), ItemResult.failed)
    case.items.extend(attempt.given["items"])
    case.reworks += 1
    case.recheck_from = None
    case.add_recheckers(attempt.officers)
    attempt.facts["late"] = bool(late)


def _send_back(attempt: Attempt) -> None:
    case = attempt.case
    passed = [item for item in case.round_items if item.result == ItemResult.passed]
    last = max((item.result_seq or 0 for item in passed), default=0)
    for item in passed:
        if item.result_seq == last:
            item.result, item.result_seq = ItemResult.open, None
    case.recheck_from = attempt.at
    case.corrected_on = None


def _end(attempt: Attempt) -> None:
    """A transfer that nobody answered lapses when the case ends."""
    attempt.case.transfer_to = attempt.case.transfer_at = None


def _void(attempt: Attempt) -> None:
    _settle(attempt, attempt.case.open_items, ItemResult.withdrawn)
    _end(attempt)


def _withdraw(attempt: Attempt) -> None:
    _settle(attempt, items_withdrawn(attempt), ItemResult.withdrawn)


def _decide_exit(attempt: Attempt) -> None:
    case = attempt.case
    _settle(attempt, case.open_items, ItemResult.superseded)
    case.line = attempt.given.get("line") or case.line


def _revoke_exit(attempt: Attempt) -> None:
    attempt.case.items.extend(attempt.given.get("items", ()))


def _reopen(attempt: Attempt) -> None:
    case = attempt.case
    case.round += 1
    case.recurrences += 1
    case.planned = False
    case.corrected_on = None
    case.rank = None
    finders = {*case.finder_ids, *(officer.id for officer in attempt.officers)}
    if attempt.actor.id is not None:
        finders.add(attempt.actor.id)
    case.finders = json.dumps(sorted(finders))


def _regrade(attempt: Attempt) -> None:
    attempt.facts["was"] = attempt.case.grade
    attempt.case.grade = attempt.given["grade"]
    look_anew(attempt)


def look_anew(attempt: Attempt) -> None:
    """Forget when the clock looks again: who is told, or when, has changed for every deadline that runs."""
    for deadline in attempt.case.deadlines:
        deadline.check_at = None


def _escalate(attempt: Attempt) -> None:
    """The rank never falls until the case ends: a lower one told later changes nothing."""
    case = attempt.case
    told = str(attempt.given.get("rank") or next_above(case.rank or case.charge))
    case.rank = highest(case.rank, told)
    attempt.facts["rank"] = told


def next_above(rank: str) -> Rank:
    """Return the rank above this one; a province has none above it here."""
    ranks = list(Rank)
    return ranks[min(Rank(rank).height + 1, len(ranks) - 1)]


def _supervise(attempt: Attempt) -> None:
    case, body = attempt.case, attempt.given["body"]
    case.listed_by, case.listed_rank = body.id, str(body.rank)
    case.listed_number, case.listed_due_on = attempt.given["number"], attempt.given["due_on"]
    case.listed_at = attempt.at
    attempt.facts["rank"] = str(body.rank)


def _release(attempt: Attempt) -> None:
    case = attempt.case
    attempt.facts.update(rank=case.listed_rank, number=case.listed_number)
    case.listed_by = case.listed_rank = case.listed_number = case.listed_due_on = case.listed_at = None


def _extend(attempt: Attempt) -> None:
    case = attempt.case
    for item in case.open_items:
        if item.id == attempt.given["item_id"]:
            attempt.facts["was"] = item.due_on.isoformat()
            item.due_on = attempt.given["due_on"]
    case.extensions += 1


def _transfer(attempt: Attempt) -> None:
    attempt.case.transfer_to, attempt.case.transfer_at = attempt.given["to"].id, attempt.at


def _accept(attempt: Attempt) -> None:
    case = attempt.case
    attempt.facts["was"] = case.department_id
    case.department_id = case.accepted_by = case.transfer_to  # type: ignore[assignment]  # the guard saw a transfer
    if attempt.actor.department is not None:
        case.charge = str(attempt.actor.department.rank)
    case.assigned_to = None
    case.transfer_to = case.transfer_at = None
    look_anew(attempt)


def _decline(attempt: Attempt) -> None:
    attempt.case.transfer_to = attempt.case.transfer_at = None


def _assign(attempt: Attempt) -> None:
    attempt.case.assigned_to = attempt.given["to"].id


def _plan(attempt: Attempt) -> None:
    attempt.case.planned = True


def _acknowledge(attempt: Attempt) -> None:
    attempt.case.acknowledged_on = attempt.given["until"]
    attempt.case.acknowledged_seq = attempt.seq
    look_anew(attempt)


def _amend(attempt: Attempt) -> None:
    case = attempt.case
    for name in ("text", "place", "sector", "line"):
        if attempt.given.get(name) is not None:
            attempt.facts["was_" + name] = getattr(case, name)
            setattr(case, name, attempt.given[name])


EFFECTS: dict[str, Effect] = {
    "correct": _correct,
    "order": _order,
    "serve": _serve,
    "submit": _submit,
    "pass_recheck": _pass,
    "fail_recheck": _fail,
    "close": _end,
    "send_back": _send_back,
    "void": _void,
    "withdraw": _withdraw,
    "decide_exit": _decide_exit,
    "confirm_exit": _end,
    "revoke_exit": _revoke_exit,
    "reopen": _reopen,
    "regrade": _regrade,
    "escalate": _escalate,
    "supervise": _supervise,
    "release": _release,
    "extend": _extend,
    "transfer": _transfer,
    "accept": _accept,
    "decline": _decline,
    "assign": _assign,
    "plan": _plan,
    "acknowledge": _acknowledge,
    "amend": _amend,
}
