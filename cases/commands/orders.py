"""`order`, `serve`, `recheck` and the group `orders`: the papers between an inspector and a unit."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cases.commands.framework import Command, Group, at_the_ledger
from cases.commands.printing import outcome
from cases.commands.types import CASE, DAY, PERSON, UNIT
from cases.locale import translate

if TYPE_CHECKING:
    from cases.verbs.orders import Demand

_IF_VERSION = click.option("--if-version", type=int, metavar="N", help="Only if the case is still at this version.")
_THREE_FIXED = ("responsible", "measure", "due")

T = TypeVar("T", bound=Callable[..., Any] | click.Command)


def _three_fixed(*, required: bool, **helps: str) -> Callable[[T], T]:
    """Add the options that say what a paper demands, each with its help: common to all cases, or CASE=VALUE for one."""

    def add(command: T) -> T:
        for name, text in reversed(helps.items()):
            command = click.option(
                f"--{name}",
                multiple=True,
                required=required and name in _THREE_FIXED,
                metavar="DATE" if name == "due" else None,
                help=text,
            )(command)
        return command

    return add


@click.command(cls=Command)
@click.argument("cases", type=CASE, nargs=-1, required=True, metavar="CASE...")
@_three_fixed(
    responsible="The person responsible; CASE=NAME for one item.",
    measure="What is to be done; CASE=TEXT for one item.",
    due="Until when; CASE=DATE for one item.",
    interim="Safety measures meanwhile; CASE=TEXT for one item.",
    required=True,
)
@click.option("--to", "to_unit", type=UNIT, help="Another unit that must act: contractor, owner.")
@click.option("--by", type=PERSON, multiple=True, help="An officer named on the paper.")
@click.option("--number", help="The paper's number; the next one unless given.")
@click.option("--onto", metavar="ORDER", help="Add to this unserved order instead of making a new one.")
@click.option("--approved-by", type=PERSON, help="The supervisor who approves a date beyond the limit.")
@click.option("--why", help="The reason for the exception.")
@_IF_VERSION
def order(
    cases: tuple[int, ...],
    responsible: tuple[str, ...],
    measure: tuple[str, ...],
    due: tuple[str, ...],
    interim: tuple[str, ...],
    if_version: int | None,
    **paper: Any,
) -> None:
    """Order hazards of one unit to be put right: one paper, one item a case.

    \b
    rectify order 12 13 --responsible 张伟 --measure "分库储存" --due 2026-12-20
    rectify order 12 13 --responsible 张伟 --measure "分库储存" --due 2026-12-20 --due 13=2026-12-05
    """
    from cases.verbs import orders

    demands = demanded(cases, responsible, measure, due, interim)
    with at_the_ledger() as door:
        outcome(orders.order(door, cases, demands, orders.Paper(**paper), if_version=if_version))


def demanded(
    cases: Sequence[int], responsible: Sequence[str], measure: Sequence[str], due: Sequence[str], interim: Sequence[str]
) -> "dict[int, Demand]":
    """Return what is demanded for each case: its own value where one is given as CASE=VALUE, else the common one."""
    from cases.verbs.orders import Demand

    who, what = _by_case("--responsible", responsible, cases), _by_case("--measure", measure, cases)
    until = {case: _day(text) for case, text in _by_case("--due", due, cases).items()}
    meanwhile = _by_case("--interim", interim, cases)
    return {case: Demand(who.get(case, ""), what.get(case, ""), until.get(case), meanwhile.get(case)) for case in cases}


def _day(text: str) -> date:
    return DAY.convert(text, None, click.get_current_context(silent=True))


def _by_case(option: str, values: Sequence[str], cases: Sequence[int]) -> dict[int, str]:
    common: str | None = None
    own: dict[int, str] = {}
    for value in values:
        named = re.match(r"(\d{1,16})=(.*)", value, re.DOTALL)
        if named is None:
            if common is not None:
                raise click.UsageError(
                    translate("{option} is given twice; write CASE=VALUE for one item").format(option=option)
                )
            common = value
        elif int(named[1]) not in cases:
            raise click.UsageError(
                translate("{option} {value}: case {case} is not among the cases").format(
                    option=option, value=value[:40], case=named[1]
                )
            )
        else:
            own[int(named[1])] = named[2]
    return {case: own.get(case, common) or "" for case in cases if case in own or common is not None}


@click.command(cls=Command)
@click.argument("order")
@click.option("--receipt", metavar="NAME", help="Who received it.")
@click.option("--refused", metavar="WHY", help="Why they refused it.")
@click.option("--witness", metavar="NAME", help="Who witnessed the refusal.")
@click.option("--post", metavar="NO", help="The number of the registered letter.")
@click.option("--on", type=DAY, help="The day it was served.")
@click.option("--start", is_flag=True, help="Rectifying begins as well.")
@_IF_VERSION
def serve(order: str, if_version: int | None, **how: Any) -> None:
    """Serve an order (`last`: the newest one you made); from now on it binds.

    \b
    rectify serve last --receipt 张伟
    """
    from cases.verbs import orders

    ways = [name for name in ("receipt", "refused", "post") if how[name]]
    if len(ways) != 1 or (how["refused"] is not None) != (how["witness"] is not None):
        raise click.UsageError(translate("give one of --receipt NAME, --refused WHY --witness NAME, --post NO"))
    with at_the_ledger() as door:
        outcome(orders.serve(door, order, orders.Service(**how), if_version=if_version))


@click.command(cls=Command)
@click.option("--pass", "passed", type=CASE, multiple=True, help="A case that passed.")
@click.option("--fail", "failed", type=CASE, multiple=True, help="A case that failed; it is ordered anew.")
@click.option("--by", type=PERSON, multiple=True, required=True, help="An officer on site; two.")
@click.option("--note", required=True, help="The opinion.")
@click.option("--order", help="Only the items of this order.")
@click.option("--inspection", help="Join this visit instead of making one.")
@click.option("--evidence", "files", metavar="FILE", multiple=True, help="A photo, report or certificate.")
@_three_fixed(
    responsible="For the failed: the person responsible; CASE=NAME for one.",
    measure="For the failed: what is to be done; CASE=TEXT for one.",
    due="For the failed: until when; CASE=DATE for one.",
    interim="For the failed: safety measures meanwhile; CASE=TEXT for one.",
    required=False,
)
@click.option("--waive-by", "waived_by", type=PERSON, help="The supervisor who waives fresh eyes for a major hazard.")
@click.option("--approved-by", type=PERSON, help="The supervisor who approves a date beyond the limit.")
@click.option("--why", help="The reason for the exception.")
@click.option("--referral", metavar="NO", help="The referral for penalty, when it failed after its date.")
@click.option("--no-referral", metavar="WHY", help="Why there is no referral.")
@click.option("--close", is_flag=True, help="Close out what passed.")
@_IF_VERSION
def recheck(
    passed: tuple[int, ...],
    failed: tuple[int, ...],
    files: tuple[str, ...],
    responsible: tuple[str, ...],
    measure: tuple[str, ...],
    due: tuple[str, ...],
    interim: tuple[str, ...],
    if_version: int | None,
    **seen: Any,
) -> None:
    """Recheck cases of one unit in one visit, two officers on site.

    \b
    rectify recheck --pass 12 --by 王敏 --by 李强 --note "已分库储存" --close
    """
    from cases.verbs import evidence, rechecks

    if not passed and not failed:
        raise click.UsageError(translate("say what was rechecked: --pass CASE or --fail CASE"))
    demands = demanded(failed, responsible, measure, due, interim)
    with at_the_ledger() as door:
        kept = evidence.read(files, door.acting.policy)
        asked = rechecks.Recheck(passed=passed, failed=failed, demands=demands, **seen)
        outcome(rechecks.recheck(door, asked, kept, if_version=if_version))


@click.group(
    cls=Group,
    lazy={
        "list": ("cases.commands.registers:orders_list", "List the orders, the newest last."),
        "show": (
            "cases.commands.registers:orders_show",
            "Show an order (`last`: the newest one you made) and its items.",
        ),
    },
)
def orders() -> None:
    """Orders: list, show, withdraw."""


@orders.command("withdraw")
@click.argument("order")
@click.option("--reason", type=click.Choice(["mistake", "revoked", "replaced"]), required=True, help="Why.")
@click.option("--note", required=True, help="The reason in words.")
@click.option("--number", help="The number of the decision that revoked it.")
def withdraw(order: str, reason: str, note: str, number: str | None) -> None:
    """Withdraw an order; its number stays used, marked 作废.

    \b
    rectify orders withdraw last --reason mistake --note "单位名称有误"
    """
    from cases.verbs import orders as verbs

    with at_the_ledger() as door:
        outcome(verbs.withdraw(door, order, reason, note, number))
