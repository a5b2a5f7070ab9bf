"""Every line of the hazard process that has a command is made through the real command line, from every state.

Lines are enumerated from the table: a new one without a scenario here fails. The moves fired by extensions and exits
have no command of their own, and the states they lead to are reached with them.
"""

from collections.abc import Callable

import pytest

from tests.acceptance.station import FRESH, OFFICERS, PLAN, Station
from workflow.authority import FIRED
from workflow.hazard import MOVES
from workflow.process import Move

#: States that only a unit's exit leads to.
BY_EXIT = {"exiting", "shutdown", "relocated", "retreated"}
#: A listed case is not closed before it is released, so only an exit ends one that is still listed.
NEVER = {("release", "closed")}

ROWS = [
    (move, str(state))
    for move in MOVES
    if move.by is not FIRED
    for state in move.states
    if state not in BY_EXIT and (move.trigger, state) not in NEVER
]

Scenario = Callable[[Station, str], int]
SCENARIOS: dict[tuple[str, str | None], Scenario] = {}


def scenario(trigger: str, to: str | None = None) -> Callable[[Scenario], Scenario]:
    """Register how a line of the table is made: brings a case from a state over it, and returns the case."""

    def register(made: Scenario) -> Scenario:
        SCENARIOS[trigger, to] = made
        return made

    return register


def _named(row: tuple[Move, str]) -> str:
    move, state = row
    return f"{move.trigger} {state} to {move.to or 'itself'}"


@pytest.mark.parametrize("row", ROWS, ids=_named)
def test_a_move_is_made_by_its_command(station: Station, row: tuple[Move, str]) -> None:
    move, state = row
    to = None if move.to is None else str(move.to)
    assert (move.trigger, to) in SCENARIOS, f"{move} has no scenario here: write one"
    case = SCENARIOS[move.trigger, to](station, state)
    last = station.history(case)[-1]
    assert (last["trigger"], last["from"], last["to"]) == (move.trigger, state, to or state)
    shown = station.show(case)
    assert (shown["state"], shown["version"]) == (to or state, last["seq"])
    assert station.told("王敏", "audit", "verify")["ok"]


def test_no_scenario_outlives_its_move() -> None:
    assert set(SCENARIOS) == {(move.trigger, None if move.to is None else str(move.to)) for move, _ in ROWS}


# -- the way down ------------------------------------------------------------------------------------------------------


@scenario("correct", "rechecked")
def _(station: Station, _: str) -> int:
    return station.moved("王敏", "correct", station.find(), "--evidence", station.photo())


@scenario("order", "ordered")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "order", station.cases[state], *station.in_days())


@scenario("order")
def _(station: Station, state: str) -> int:
    return station.moved("李强", "order", station.cases[state], *station.in_days(25))


@scenario("serve")
def _(station: Station, state: str) -> int:
    case = station.cases["rectifying" if state == "submitted" else state]
    station.done("王敏", "order", case, *station.in_days())
    if state == "submitted":
        station.done("张伟", "submit", case, "--done", "已分开")
    return station.moved("王敏", "serve", "last", "--receipt", "张伟")


@scenario("start", "rectifying")
def _(station: Station, state: str) -> int:
    return station.moved("张伟", "start", station.cases[state])


@scenario("submit", "submitted")
def _(station: Station, state: str) -> int:
    return station.moved("张伟", "submit", station.cases[state], "--done", "已分开")


@scenario("pass_recheck", "rechecked")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "recheck", "--pass", station.cases[state], *OFFICERS, "--note", "合格")


@scenario("pass_recheck")
def _(station: Station, state: str) -> int:
    case = station.cases[f"{state} twice"]
    first, _ = station.orders(case)
    return station.moved("王敏", "recheck", "--pass", case, "--order", f"id:{first}", *OFFICERS, "--note", "一项合格")


@scenario("fail_recheck", "ordered")
def _(station: Station, state: str) -> int:
    case = station.cases[state]
    return station.moved("王敏", "recheck", "--fail", case, *OFFICERS, "--note", "仍混放", *station.in_days())


@scenario("close", "closed")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "close", station.cases[state])


# -- back, and out -----------------------------------------------------------------------------------------------------


@scenario("send_back", "found")
def _(station: Station, _: str) -> int:
    return station.moved("赵刚", "send-back", station.cases["corrected"], "--note", "照片与现场不符")


@scenario("send_back", "submitted")
def _(station: Station, state: str) -> int:
    return station.moved("赵刚", "send-back", station.cases[state], "--note", "照片与现场不符")


@scenario("void", "voided")
def _(station: Station, state: str) -> int:
    return station.moved("赵刚", "void", station.cases[state], "--reason", "mistaken", "--note", "误录")


@scenario("withdraw", "found")
def _(station: Station, state: str) -> int:
    return _withdrawn(station, station.orders(station.cases[state])[0])


@scenario("withdraw", "rechecked")
def _(station: Station, state: str) -> int:
    case = station.cases[f"{state} twice"]
    first, second = station.orders(case)
    station.done("王敏", "recheck", "--pass", case, "--order", f"id:{first}", *OFFICERS, "--note", "一项合格")
    return _withdrawn(station, second)


@scenario("withdraw")
def _(station: Station, state: str) -> int:
    return _withdrawn(station, station.orders(station.cases[f"{state} twice"])[1])


def _withdrawn(station: Station, order: int) -> int:
    return station.moved("赵刚", "orders", "withdraw", f"id:{order}", "--reason", "mistake", "--note", "有误")


@scenario("reopen", "found")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "reopen", station.cases[state], "--note", "再次混放")


# -- what moves nothing but leaves a step ------------------------------------------------------------------------------


@scenario("regrade")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "regrade", station.cases[state], "--grade", "major", "--basis", "判定标准第3条")


@scenario("escalate")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "escalate", station.cases[state], "--reason", "danger", "--note", "有危险")


@scenario("supervise")
def _(station: Station, state: str) -> int:
    return _listed(station, station.cases[state])


def _listed(station: Station, case: int) -> int:
    return station.moved("赵刚", "supervise", case, "--body", "县安监局", "--number", "督3号", "--due", station.day(60))


@scenario("look_back")
def _(station: Station, state: str) -> int:
    station.done("王敏", "inspect", "永安氧气", *OFFICERS, "--kind", "look-back")
    return station.moved("王敏", "look-back", "last", station.cases[state], "--stayed")


@scenario("assist")
def _(station: Station, state: str) -> int:
    return station.moved("赵刚", "assist", station.cases[state], "--with", "县消防大队", "--note", "合力整改")


@scenario("measure")
def _(station: Station, state: str) -> int:
    notice = ("--kind", "power_restored", "--to", "湖光供电所", "--number", "复〔2026〕1号", "--note", "已执行决定")
    return station.moved("赵刚", "measure", station.cases[state], *notice)


@scenario("release")
def _(station: Station, state: str) -> int:
    case = _listed(station, station.cases["found" if state == "voided" else state])
    if state == "voided":
        station.done("赵刚", "void", case, "--reason", "mistaken", "--note", "误录")
    return station.moved("赵刚", "release", case, "--note", "已整改到位")


@scenario("transfer")
def _(station: Station, state: str) -> int:
    return _offered(station, station.cases[state])


def _offered(station: Station, case: int) -> int:
    return station.moved("赵刚", "transfer", case, "--to", "县消防大队", "--note", "属消防职责")


@scenario("accept")
def _(station: Station, state: str) -> int:
    return station.moved("冯军", "accept", _offered(station, station.cases[state]))


@scenario("decline")
def _(station: Station, state: str) -> int:
    return station.moved("冯军", "decline", _offered(station, station.cases[state]), "--note", "不属我队职责")


@scenario("assign")
def _(station: Station, state: str) -> int:
    return station.moved("赵刚", "assign", station.cases[state], "--to", "李强")


@scenario("plan")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "plan", station.cases[state], *PLAN, "--deadline", station.day(90))


@scenario("refer")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "refer", station.cases[state], "--number", "案8号", "--note", "逾期未整改")


@scenario("acknowledge")
def _(station: Station, state: str) -> int:
    return station.moved("赵刚", "acknowledge", station.cases[state], "--until", station.day(5), "--note", "设备在途")


@scenario("amend")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "amend", station.cases[state], "--place", "3号库房", "--note", "原记录有误")


@scenario("note")
def _(station: Station, state: str) -> int:
    return station.moved("王敏", "note", station.cases[state], "企业已联系设计院", "--evidence", station.photo())


def test_two_officers_of_two_orders_are_named_in_the_history(station: Station) -> None:
    case = station.cases["rechecked"]
    passed = next(step for step in station.history(case) if step["trigger"] == "pass_recheck")
    assert [officer["name"] for officer in passed["facts"]["officers"]] == [FRESH[1], FRESH[3]]
