"""What a row of a ledger proves of a hazard, and what is odd about it. No database, no clock: today is an argument.

A hazard that was taken over is worth no more than its row. So:

* What a row states becomes a step at the row's own date, named like the move of the hazard process and marked as
  imported (workflow/stated.py). What it does not state is not made up: a row that says 已销号 closes the case without a
  recheck, and only one that names a day or people of a recheck has one.
* An item (三定) is taken over where person, measure and date are all named; a requirement stands for the measure. Without
  one a hazard that is not at its end stays `found`, and the report says so: it is ordered here.
* An order without a date of its own is dated the day the hazard was found, the earliest it can have been. Any other
  statement without a date, or with one that contradicts those before it, is dated the day of the import – the day on which
  it is known to be so – and its step says that it is undated.
* A closing is dated by the day of closing, else of the recheck, else of the completion: the last day the row names.
* 已整改 in the column for closing is a closing, as offices write it. 是 in 是否整改 is one only where a ledger has no column
  for closing; where it has one and that is empty, the hazard waits for its recheck.
* 复查合格 without an order, put right on the day it was found, was corrected on the spot.
* Of an exit that runs a row proves nothing that could be carried on here: the case stays where its order left it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from workflow.calendar import Calendar
from workflow.words import Sentence

Values = Mapping[str, Any]

#: Words of a closing, and where each leads.
_ENDS: Final = {
    "closed": "close", "corrected": "close", "shutdown": "confirm_exit", "relocated": "confirm_exit",
    "retreated": "confirm_exit", "voided": "void",
}  # fmt: skip
_UNDER_ORDER: Final = ("ordered", "rectifying", "submitted", "rechecked")
_FAILED: Final = ("不合格", "未合格", "不到位", "未完成", "未整改", "不同意", "不通过", "未通过")

#: What is odd, and how it is said of so many rows.
ODDITIES: Final[Mapping[str, Sentence]] = {
    "done_on_the_date": Sentence("put right on the very day of the date"),
    "closed_before_found": Sentence("put right, rechecked or closed before it was found: dated the day of the import"),
    "due_before_found": Sentence("the date lies before the day it was found"),
    "due_on_rest_day": Sentence("the date is a rest day"),
    "undated": Sentence("at its end or put right without a date: dated the day of the import"),
    "no_three_fixed": Sentence("person, measure or date is missing: it stays found, to be ordered"),
    "no_grade": Sentence("no grade: taken as general"),
    "exit_running": Sentence("its exit is not carried on here: it stays where its order left it"),
    "failed_recheck": Sentence("closed although its recheck did not pass"),
    "unknown_people": Sentence("people who are in no register: named in the step, not linked"),
    "unknown_department": Sentence("a department that is in no register: another one answers"),
    "new_units": Sentence("units that are in no register: added"),
    "bad_code": Sentence("a credit code that is none: left out"),
    "repeated": Sentence("the same hazard again in this file: taken once"),
    "there_already": Sentence("there already: left as it is"),
    "changed": Sentence("there already, and this file says something else of it: left as it is"),
}


class Stated(NamedTuple):
    """One statement: a trigger of the import process, the day the row gives, and the columns it is read from."""

    trigger: str
    on: date | None
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a row proves: its item, where it has one, and its statements in order."""

    has_item: bool
    statements: Sequence[Stated]
    #: Keys of ODDITIES.
    odd: Sequence[str]


def stated_state(said: Values, fields: frozenset[str] | set[str]) -> str:
    """Return where a row says its hazard is; `fields` are those that the ledger has a column for."""
    word = said.get("state")
    if word is not None:
        return "closed" if word == "done" else str(word)
    done, on = said.get("is_done"), said.get("done_on")
    word = done if done is not None else on if isinstance(on, str) else "done" if on is not None else None
    if _is_rechecked(said):
        return "ordered" if _failed(said) else "rechecked" if "state" in fields else "closed"
    if word == "done":
        return "submitted" if "state" in fields else "closed"
    if word is None:
        return "ordered" if said.get("due_on") is not None else "found"
    return str(word)


def _is_rechecked(said: Values) -> bool:
    return isinstance(said.get("recheck_on"), date) or bool(said.get("recheckers"))


def _failed(said: Values) -> bool:
    opinion = said.get("opinion") or ""
    return any(word in opinion for word in _FAILED)


def _day(said: Values, *names: str) -> date | None:
    """Return the first of these that is a day: a word may stand in its place."""
    for name in names:
        value = said.get(name)
        if value is not None and type(value) is date:
            return value
    return None


def proof_of(said: Values, fields: frozenset[str] | set[str], calendar: Calendar) -> Proof:
    """Return what a row proves of one hazard, and what is odd about it."""
    state = stated_state(said, fields)
    is_leaving = state == "exiting"
    state = "ordered" if is_leaving else state
    due = _day(said, "due_on")
    measure = said.get("measure") or said.get("requirement")
    has_item = bool(due and measure and said.get("responsible")) and state not in ("found", "corrected")
    odd = [] if said.get("grade") else ["no_grade"]
    odd += ["exit_running"] if is_leaving else []
    if state == "rechecked" and not has_item and _day(said, "done_on") == said["found_on"]:
        state = "on_the_spot"
    elif state in _UNDER_ORDER and not has_item:
        odd.append("no_three_fixed")
        state = "found"
    made = _statements(said, state, has_item)
    odd += _odd(said, state, made, due, calendar)
    return Proof(has_item, made, odd)


def _statements(said: Values, state: str, has_item: bool) -> list[Stated]:
    made = []
    if has_item:
        made.append(
            Stated("order", _day(said, "ordered_on"), _of(said, "order", "ordered_on", "due_on", "extended_to"))
        )
        if _day(said, "served_on"):
            made.append(Stated("serve", said["served_on"], _of(said, "served_on")))
        made += _progress(said, state)
    if state in ("corrected", "on_the_spot"):
        made.append(Stated("correct", said["found_on"], _of(said, "state", "is_done", "done", "done_on")))
    if state in _ENDS:
        last = _day(said, "closed_on", "recheck_on", "done_on")
        on = last or (said["found_on"] if state == "corrected" else None)
        made.append(Stated(_ENDS[state], on, _of(said, "state", "closed_on", "is_done", "done_on", "recheck_on")))
    return made


def _progress(said: Values, state: str) -> list[Stated]:
    """Return what happened between an order and its end."""
    made = []
    if state == "rectifying":
        made.append(Stated("start", None, _of(said, "state", "is_done")))
    is_done = state in ("submitted", "rechecked") or (state == "closed" and _day(said, "done_on") is not None)
    if is_done:
        made.append(Stated("submit", _day(said, "done_on"), _of(said, "is_done", "done_on", "done")))
    if state == "rechecked" or (state == "closed" and _is_rechecked(said) and not _failed(said)):
        made.append(Stated("pass_recheck", _day(said, "recheck_on"), _of(said, "recheck_on", "recheckers", "opinion")))
    return made


def _of(said: Values, *names: str) -> dict[str, Any]:
    return {name: said[name] for name in names if said.get(name) is not None}


def _odd(said: Values, state: str, made: Sequence[Stated], due: date | None, calendar: Calendar) -> list[str]:
    found_on = said["found_on"]
    odd = []
    if due is not None:
        odd += ["due_before_found"] if due < found_on else []
        odd += ["due_on_rest_day"] if not calendar.works(due) else []
        odd += ["done_on_the_date"] if _day(said, "done_on") == due else []
    later = [stated for stated in made if stated.trigger not in ("order", "serve")]
    if any(stated.on is not None and stated.on < found_on for stated in later):
        odd.append("closed_before_found")
    if any(stated.on is None and stated.trigger != "start" for stated in later):
        odd.append("undated")
    if state in _ENDS and _failed(said):
        odd.append("failed_recheck")
    return odd
