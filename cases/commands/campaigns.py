"""The group `campaign`: its days and scope, and what is put on record of each unit – path, agencies, acceptance."""

from datetime import date
from typing import Any

import click

from cases.commands.entries import given
from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, facts, label, outcome, table
from cases.commands.types import CAMPAIGN, DAY, PERSON, UNIT
from cases.locale import translate

LISTS = ["listed", "reference"]
STATUSES = ["surveyed", "screened", "cross_checked", "final"]
PATHS = ["in_place", "shutdown", "relocation", "retreat", "partial"]


@click.group(cls=Group)
def campaign() -> None:
    """Campaigns 专项行动: a plan with a time and a scope."""


@campaign.command("add")
@click.argument("name")
@click.option("--from", "from_on", type=DAY, required=True, help="Its first day.")
@click.option("--to", "to_on", type=DAY, required=True, help="Its last day.")
def campaign_add(name: str, from_on: date, to_on: date) -> None:
    """Add a campaign.

    \b
    rectify campaign add 大检查 --from 2026-08-01 --to 2026-10-31
    """
    from cases.verbs import registers

    with at_the_ledger() as door:
        outcome(registers.add_campaign(door, name, from_on=from_on, to_on=to_on))


@campaign.command("list")
def campaign_list() -> None:
    """List the campaigns, each with the number of units in its scope.

    \b
    rectify campaign list
    """
    from cases.questions import registers

    with asking() as ask:
        rows = registers.list_campaigns(ask)
    answer(
        rows, lambda told: table(told, ["id", "name", "from_on", "to_on", "units"], empty="there are no campaigns yet")
    )


@campaign.command("show")
@click.argument("campaign", type=CAMPAIGN)
def campaign_show(campaign: str) -> None:
    """Show a campaign and its scope: of each unit the path it chose, its papers, and how it came out.

    \b
    rectify campaign show 大检查
    """
    from cases.names import find
    from cases.questions import campaigns

    with asking() as ask:
        told = campaigns.campaign_with_records(ask, int(find(ask.tx, "campaign", campaign).id))
    answer({"campaign": told}, lambda _: _show(told))


_SCOPE = [
    "unit_id", "unit", "list", "product", "status", "commitment", "diagnosis", "problems", "evaluation", "acceptance", "outcome",
]  # fmt: skip


def _show(told: dict[str, Any]) -> None:
    facts((name, value) for name, value in told.items() if name != "scope" and value not in (None, "", []))
    if told["scope"]:
        click.echo(f"\n{label('column', 'scope')}")
        table([_in_a_line(place) for place in told["scope"]], _SCOPE, empty="")


def _in_a_line(place: dict[str, Any]) -> dict[str, Any]:
    """Return a unit's place as one line of the table shows it."""
    problems = place["problems"]
    passed = sum(problem["passed_on"] is not None for problem in problems)
    return {
        **place,
        "commitment": place["commitment"] and place["commitment"]["path"],
        "problems": f"{passed}/{len(problems)}" if problems else None,
        "diagnosis": _how_far(place["diagnosis"]),
        "evaluation": _how_far(place["evaluation"]),
        "acceptance": _accepted(place["acceptance"]),
    }


def _how_far(agency: dict[str, Any] | None) -> str | None:
    if agency is None:
        return None
    done, due, days = (agency[name] for name in ("done_on", "due_on", "days_late"))
    if agency["late"]:
        late = translate("in on {done}, {days} days late" if done else "due {due}, {days} days late")
        return late.format(done=done, due=due, days=days)
    if done:
        return translate("in on {done}").format(done=done)
    return translate("due {due}" if due else "commissioned").format(due=due)


def _accepted(acceptance: dict[str, Any] | None) -> str | None:
    if acceptance is None:
        return None
    return translate("passed on {day}" if acceptance["passed"] else "failed on {day}").format(day=acceptance["on"])


@campaign.command("edit")
@click.argument("campaign", type=CAMPAIGN)
@click.option("--name", help="Its new name.")
@click.option("--from", "from_on", type=DAY, help="Its first day.")
@click.option("--to", "to_on", type=DAY, help="Its last day.")
def campaign_edit(campaign: str, **said: str | date | None) -> None:
    """Change a campaign's name or days.

    \b
    rectify campaign edit 大检查 --to 2026-11-30
    """
    from cases.verbs import registers

    changes = given(said)
    with at_the_ledger() as door:
        outcome(registers.edit_campaign(door, campaign, **changes))


@campaign.command("scope")
@click.argument("campaign", type=CAMPAIGN)
@click.argument("units", type=UNIT, nargs=-1, required=True, metavar="UNIT...")
@click.option("--list", "on_list", type=click.Choice(LISTS), required=True, help="Listed 列入, or by reference 参照.")
@click.option("--product", metavar="P", help="What they make.")
@click.option(
    "--status", type=click.Choice(STATUSES), help="How far their place is settled; surveyed when they come new."
)
def campaign_scope(campaign: str, units: tuple[str, ...], **said: Any) -> None:
    """Take units into a campaign's scope, or change how they stand in it: all or none.

    \b
    rectify campaign scope 大检查 永安氧气 宏达染料 --list listed --status screened
    """
    from cases.verbs import registers

    with at_the_ledger() as door:
        outcome(registers.scope(door, campaign, units, **said))


# -- what is put on record of a unit -----------------------------------------------------------------------------------

_CAMPAIGN = click.argument("campaign", type=CAMPAIGN)
_UNIT = click.argument("unit", type=UNIT)
_AGENCY = click.option("--agency", metavar="NAME", required=True, help="The agency 中介机构 that does it.")
_DONE = click.option("--done", type=DAY, help="When it was handed in.")


@campaign.command("commit")
@_CAMPAIGN
@_UNIT
@click.option("--path", type=click.Choice(PATHS), required=True, help="The path the unit chose.")
@click.option("--on", type=DAY, required=True, help="When it was signed.")
@click.option("--evidence", "files", metavar="FILE", multiple=True, help="The signed commitment 承诺书.")
def campaign_commit(campaign: str, unit: str, path: str, on: date, files: tuple[str, ...]) -> None:
    """Record the path a unit chose and signed for 承诺书; a later one takes its place.

    \b
    rectify campaign commit 小化工整治 宏达胶业 --path in_place --on 2026-05-05
    """
    from cases.verbs import campaigns, evidence

    with at_the_ledger() as door:
        kept = evidence.read(files, door.acting.policy)
        outcome(campaigns.commit(door, campaign, unit, path=path, on=on, files=kept))


@campaign.command("diagnose")
@_CAMPAIGN
@_UNIT
@_AGENCY
@click.option("--due", type=DAY, required=True, help="When its report is due.")
@_DONE
@click.option("--problem", "found", metavar="T", multiple=True, help="A problem it lists; each gets its number.")
def campaign_diagnose(campaign: str, unit: str, **said: Any) -> None:
    """Record a diagnosis 诊断报告 and each problem it lists.

    \b
    rectify campaign diagnose 小化工整治 宏达胶业 --agency 东澜化工设计院 --due 2026-06-15
    rectify campaign diagnose 小化工整治 宏达胶业 --agency 东澜化工设计院 --due 2026-06-15 --done 2026-06-20 --problem 反应釜无温度报警
    """
    from cases.verbs import campaigns

    with at_the_ledger() as door:
        outcome(campaigns.diagnose(door, campaign, unit, **said))


@campaign.command("evaluate")
@_CAMPAIGN
@_UNIT
@_AGENCY
@click.option("--passed", type=int, metavar="N", multiple=True, help="The number of a problem that was put right.")
@click.option("--due", type=DAY, help="When its report is due.")
@_DONE
def campaign_evaluate(campaign: str, unit: str, **said: Any) -> None:
    """Record an evaluation 安全评价: the problems it checked off, one by one.

    \b
    rectify campaign evaluate 小化工整治 宏达胶业 --agency 临澜安评公司 --passed 1 --passed 2
    """
    from cases.verbs import campaigns

    with at_the_ledger() as door:
        outcome(campaigns.evaluate(door, campaign, unit, **said))


@campaign.command("accept")
@_CAMPAIGN
@_UNIT
@click.option("--by", type=PERSON, multiple=True, required=True, help="An officer on site; two.")
@click.option("--panel", metavar="T", multiple=True, help="Somebody else on the panel: an expert, a design institute.")
@click.option("--pass/--fail", "passed", default=None, help="Whether it is accepted.")
@click.option("--note", required=True, help="What the panel found.")
def campaign_accept(campaign: str, unit: str, passed: bool | None, **said: Any) -> None:
    """Record an acceptance 验收 on site; it is a visit of its own.

    \b
    rectify campaign accept 小化工整治 宏达胶业 --by 王敏 --by 李强 --panel 化工专家 --pass --note 逐条核查合格
    """
    from cases.verbs import campaigns

    if passed is None:
        raise click.UsageError(translate("either --pass or --fail"))
    with at_the_ledger() as door:
        outcome(campaigns.accept(door, campaign, unit, passed=passed, **said))
