"""Cases and attempts for tests of the rules: each one would succeed as it is; a test changes one thing.

`in_state` makes a case, `attempt` one try at one trigger, `Walk` moves one case step after step, as the ledger would.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflow.calendar import Calendar, china
from workflow.case import Actor, Attempt, Case, Deadline, Department, Item, Officer
from workflow.deadlines import check_at, reconcile
from workflow.hazard import make
from workflow.policy import Policy, default
from workflow.terms import Grade, ItemResult, Rank, Role

POLICY = default()
CHINA = china()
ZONE = ZoneInfo(POLICY.timezone)
DAY = date(2026, 3, 2)  #: a Monday without a holiday near; hazards of these tests are found on it


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """An instant of a local day."""
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


def days(count: int, after: date = DAY) -> date:
    return after + timedelta(count)


# -- who ---------------------------------------------------------------------------------------------------------------

TOWN, COUNTY, CITY = "330000/330100/330109/330109001", "330000/330100/330109", "330000/330100"
STATION = Department(1, "Linwan station", TOWN, Rank.township, may_order=True, may_halt=False)
BUREAU = Department(2, "Linwan bureau", COUNTY, Rank.county, may_order=True, may_halt=True)
FARAWAY = Department(3, "Faraway bureau", "330000/330200/330203", Rank.county, may_order=True, may_halt=True)
VILLAGE_OFFICE = Department(4, "Village office", TOWN, Rank.village, may_order=False, may_halt=False)

INSPECTOR = Actor(1, "Chen", Role.inspector, STATION)
COLLEAGUE = Actor(2, "Lin", Role.inspector, STATION)
SUPERVISOR = Actor(3, "Wu", Role.supervisor, STATION)
BUREAU_INSPECTOR = Actor(4, "He", Role.inspector, BUREAU)
BUREAU_SUPERVISOR = Actor(5, "Xu", Role.supervisor, BUREAU)
FARAWAY_INSPECTOR = Actor(6, "Gao", Role.inspector, FARAWAY)
FARAWAY_SUPERVISOR = Actor(7, "Tang", Role.supervisor, FARAWAY)
PATROLLER = Actor(8, "Shen", Role.patroller, STATION)
CLERK = Actor(9, "Ye", Role.clerk, STATION)
POWERLESS = Actor(10, "Pan", Role.inspector, VILLAGE_OFFICE)
CONTACT = Actor(11, "Zhou", Role.contact, unit_id=1)
CONTRACTOR = Actor(12, "Fang", Role.contact, unit_id=2)
STRANGER = Actor(13, "Qian", Role.contact, unit_id=3)
SECOND_SUPERVISOR = Actor(14, "Du", Role.supervisor, STATION)


def officer(actor: Actor, **changes: Any) -> Officer:
    """This person on site, with a certificate that does not run out."""
    known: dict[str, Any] = {"certificate": f"C{actor.id}", "valid_to": None, "retired_on": None} | changes
    assert actor.id is not None
    assert actor.role is not None
    return Officer(actor.id, actor.name, actor.role, **known)


FINDERS = (officer(INSPECTOR), officer(COLLEAGUE))
FRESH = (officer(COLLEAGUE), officer(BUREAU_INSPECTOR))  #: one of them did not find it


# -- what --------------------------------------------------------------------------------------------------------------


def item(order: int = 1, **changes: Any) -> Item:
    """An open item of an order, served the day it was made, due in twenty days."""
    due_on = changes.get("due_on", days(20))
    ordered_at = changes.get("ordered_at", at(DAY, 13))
    known: dict[str, Any] = {
        "id": order * 10,
        "order_id": order,
        "number": f"[2026] {order}",
        "round": 1,
        "requirement": "separate storage from sales",
        "responsible": "Zhou Min",
        "measure": "build a wall",
        "interim": "no sales",
        "first_due_on": due_on,
        "due_on": due_on,
        "result": ItemResult.open,
        "result_seq": None,
        "ordered_at": ordered_at,
        "served_at": ordered_at,
        "addressee_id": 1,
    }
    return Item(**(known | changes))


def new_item(order: int = 9, on: date = DAY, **changes: Any) -> Item:
    """An item as `order` and `fail_recheck` bring it: not served yet."""
    known: dict[str, Any] = {"served_at": None, "ordered_at": at(on, 13), "due_on": days(20, on)}
    return item(order, **(known | changes))


_RESULTS = {
    **dict.fromkeys(("ordered", "rectifying", "submitted"), ItemResult.open),
    **dict.fromkeys(("rechecked", "closed"), ItemResult.passed),
    **dict.fromkeys(("exiting", "shutdown", "relocated", "retreated"), ItemResult.superseded),
    "voided": ItemResult.withdrawn,
}


def in_state(state: str, grade: str = Grade.general, **changes: Any) -> Case:
    """A case of the station as an ordinary way would have brought it here: ordered once, rechecked by colleagues."""
    result = _RESULTS.get(state)
    settled = result not in (None, ItemResult.open)
    items = [] if result is None else [item(result=result, result_seq=4 if settled else None)]
    known: dict[str, Any] = {
        **dict.fromkeys(each.name for each in fields(Case)),
        "id": 12,
        "unit_id": 1,
        "inspection_id": 1,
        "area_code": "330109001",
        "area": TOWN,
        "department_id": STATION.id,
        "found_on": DAY,
        "finders": "[1, 2]",
        "grade": str(grade),
        "sector": "gas",
        "text": "cylinders in the shop",
        "state": str(state),
        "entered_at": at(DAY, 10),
        "waiting_on": "inspector",
        "provisional": False,
        "charge": "township",
        "round": 1,
        **dict.fromkeys(("reworks", "recurrences", "extensions"), 0),
        "rechecked_by": "[2, 4]" if result == ItemResult.passed else "[]",
        "planned": False,
        "moved_seq": 5,
        "version": 5,
        "seq": 5,
        "head": "",
        "items": items,
        "deadlines": [],
    }
    return Case(**(known | changes))


# -- one try -----------------------------------------------------------------------------------------------------------

_EXIT = {"fired_by": "exit 1"}
_ARE_GIVEN: dict[str, dict[str, Any]] = {
    "correct": {"evidence": ["photo"], "inspected_on": DAY, "kind": "routine"},
    "serve": {"order_id": 1, "receipt": "Zhou"},
    "submit": {"done": "the wall stands", "evidence": ["photo"]},
    "pass_recheck": {"note": "the wall stands"},
    "fail_recheck": {"note": "no wall"},
    "send_back": {"note": "the photo shows another shop"},
    "void": {"reason": "mistaken", "note": "another shop"},
    "withdraw": {"order_id": 1, "reason": "mistake", "note": "another shop"},
    "decide_exit": _EXIT | {"due_on": days(60)},
    "confirm_exit": _EXIT | {"kind": "shutdown"},
    "revoke_exit": _EXIT,
    "reopen": {"note": "seen again"},
    "regrade": {"grade": "larger", "basis": "GB 1", "evidence": ["report"]},
    "escalate": {"reason": "danger"},
    "supervise": {"body": STATION, "number": "L1", "due_on": days(30)},
    "release": {"note": "put right"},
    "recount": {"fired_by": "recount", "recount": "everything"},
    "extend": {"fired_by": "extension 1", "item_id": 10, "due_on": days(40)},
    "transfer": {"to": BUREAU, "note": "theirs"},
    "decline": {"note": "not ours"},
    "assign": {"to": COLLEAGUE, "to_may_act": True},
    "plan": {part: part for part in ("goal", "method", "funds", "organisation", "deadline", "emergency")},
    "refer": {"number": "R1", "note": "penalty"},
    "acknowledge": {"note": "waiting for parts", "until": days(20)},
    "amend": {"text": "cylinders in the yard", "note": "wrong place"},
    "note": {"note": "called them"},
    "look_back": {"visit_kind": "look-back", "inspection": 7},
    "assist": {"departments": [BUREAU], "note": "fire and gas together"},
    "measure": {"kind": "power_restored", "to": "Grid", "number": "P1", "begins": days(2), "note": "it obeys"},
}
_BRINGS_AN_ITEM = ("order", "fail_recheck", "revoke_exit")
_ON_SITE = {"correct": FINDERS, "pass_recheck": FRESH, "fail_recheck": FRESH}
_MADE_BY = {
    **dict.fromkeys(("start", "submit"), CONTACT),
    **dict.fromkeys(("close", "send_back", "void", "withdraw", "regrade", "supervise", "release"), SUPERVISOR),
    **dict.fromkeys(("transfer", "acknowledge", "assist", "measure"), SUPERVISOR),
    **dict.fromkeys(("accept", "decline"), BUREAU_SUPERVISOR),
}


def ready(trigger: str, state: str, **changes: Any) -> Case:
    """A case in this state on which nothing but the state could keep the trigger from being made."""
    case = in_state(state, **changes)
    if trigger == "serve":
        for each in case.items:
            each.served_at = None
    if trigger == "release":
        case.listed_by, case.listed_number, case.listed_rank = STATION.id, "L1", "township"
    if trigger in ("accept", "decline"):
        case.transfer_to, case.transfer_at = BUREAU.id, at(DAY, 11)
    return case


def attempt(
    trigger: str,
    case: Case,
    *,
    on: date = DAY,
    hour: int = 14,
    actor: Actor | None = None,
    officers: Sequence[Officer] | None = None,
    halts: Sequence[Any] = (),
    exit_running: bool = False,
    policy: Policy = POLICY,
    calendar: Calendar = CHINA,
    **given: Any,
) -> Attempt:
    """A try that brings everything its trigger may ask for; what is `given` replaces or takes away (None)."""
    brought = _ARE_GIVEN.get(trigger, {}) | given
    if trigger in _BRINGS_AN_ITEM:
        brought.setdefault("items", [new_item(on=on, round=case.round)])
    return Attempt(
        case,
        actor=actor or _MADE_BY.get(trigger, INSPECTOR),
        at=at(on, hour),
        on=on,
        policy=policy,
        calendar=calendar,
        given=brought,
        officers=_ON_SITE.get(trigger, ()) if officers is None else officers,
        seq=case.seq + 1,
        halts=halts,
        exit_running=exit_running,
    )


# -- step after step ---------------------------------------------------------------------------------------------------


class Walk:
    """One case on its way: a move that is refused leaves it as it was, as in the ledger."""

    def __init__(self, grade: str = Grade.general, on: date = DAY, **changes: Any) -> None:
        first = in_state("found", grade, found_on=on, entered_at=at(on, 10), seq=0, moved_seq=1, **changes)
        self.ended: list[Deadline] = []
        self._adopt(attempt("record", first, on=on, hour=10), reconcile)

    def _adopt(self, tried: Attempt, change: Any) -> None:
        change(tried)
        self.case = tried.case
        self.case.seq = self.case.version = tried.seq
        self.ended += [each for each in self.case.deadlines if each.ended_by is not None]
        self.case.deadlines = [each for each in self.case.deadlines if each.ended_by is None]

    def do(self, trigger: str, on: date, **how: Any) -> Attempt:
        """Make one move; its dates count from its own day."""
        if trigger == "acknowledge":
            how.setdefault("until", days(20, on))
        tried = attempt(trigger, deepcopy(self.case), on=on, **how)
        self._adopt(tried, lambda each: make(trigger, each))
        return tried

    def remind(self) -> None:
        """Let every reminder have been sent, so that only rungs are to come."""
        for clock in self.case.deadlines:
            clock.level = max(clock.level, 0)
            clock.check_at = check_at(clock, self.case, POLICY)

    def order(self, on: date, due_on: date, order: int = 1, **how: Any) -> None:
        """Order it, without serving it."""
        self.do("order", on, items=[new_item(order, on, due_on=due_on, round=self.case.round)], **how)

    def bind(self, on: date, due_on: date, order: int = 1) -> None:
        """Order it and serve the order the same day."""
        self.order(on, due_on, order)
        self.do("serve", on, order_id=order)

    @property
    def clocks(self) -> dict[str, Deadline]:
        """The running deadlines by rule."""
        return {each.rule: each for each in self.case.deadlines}
