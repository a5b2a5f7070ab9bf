"""`schedule run|once|status` and `nightly`: the clock, from the command line."""

from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import Command, Group, common, opened, right_now
from cases.commands.printing import answer, facts, table
from cases.locale import translate

if TYPE_CHECKING:
    from datetime import datetime

    from cases.store import Store
    from schedules.jobs import Report

#: By name and not from the timetable: help must not wait for APScheduler.
_JOBS = ("deadlines", "digest", "outbox", "seal")
_NOW = click.option(
    "--now", metavar="TIME", help='As at this time: "2026-09-01 02:00"; in the future only with --dry-run.'
)
#: What the table of status shows of the last run.
_SHOWN = ("slot", "moved", "skipped", "seconds")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what it would come to; write nothing.")


@click.group(cls=Group)
def schedule() -> None:
    """What happens without anybody typing: the nightly job, the day's checks, the seal."""


@schedule.command("run")
@click.option("--log-json", is_flag=True, help="Log a JSON object a line, for a collector of logs.")
def run(log_json: bool) -> None:
    """Run every job at its time until stopped (Ctrl-C, SIGTERM); missed slots are made up for once.

    \b
    rectify schedule run
    rectify schedule run --log-json 2>>/var/log/rectify.jsonl
    """
    from schedules.logs import to_stderr
    from schedules.service import Service, stopped_by_signals

    to_stderr(as_json=log_json)
    with opened() as store:
        service = Service(store)
        with stopped_by_signals(service):
            service.serve()


@schedule.command("once")
@click.argument("job", type=click.Choice(_JOBS))
@_NOW
@_DRY_RUN
def once(job: str, now: str | None, dry_run: bool) -> None:
    """Run one job now.

    \b
    rectify schedule once deadlines --dry-run
    """
    _once(job, now, dry_run)


@click.command(cls=Command)
@_NOW
@_DRY_RUN
def nightly(now: str | None, dry_run: bool) -> None:
    """Let every overdue case climb its ladder, major hazards first: `schedule once deadlines`.

    \b
    rectify nightly --dry-run
    """
    _once("deadlines", now, dry_run)


@schedule.command("status")
def status() -> None:
    """Show each job: its last good run, what was missed since, and when it runs next.

    \b
    rectify schedule status
    """
    from cases.acting import moment, policy_of
    from schedules.jobs import status as status_of

    with opened() as store:
        with store.read() as tx:
            _, policy = policy_of(tx)
        told = status_of(store, moment(common().at, right_now(), policy).at)
    answer(told, _show_status)


def _show_status(told: list[dict[str, Any]]) -> None:
    rows = [{**each, **{f"last {name}": (each["last"] or {}).get(name) for name in _SHOWN}} for each in told]
    table(rows, ["job", "state", "last_good", "missed", "next", *(f"last {name}" for name in _SHOWN)], empty="no jobs")


# -- one run -----------------------------------------------------------------------------------------------------------


def _once(job: str, now: str | None, dry_run: bool) -> None:
    from schedules.jobs import run_once
    from schedules.nodes import this_node

    _refuse_to_act_for_the_clock()
    clock = right_now()
    with opened() as store:
        at = _moment(store, now, clock, dry_run)
        report = run_once(store, job, at, node=this_node(), dry_run=dry_run, recorded_at=clock)
    answer(report.document, lambda _: _show(report, dry_run))


def _refuse_to_act_for_the_clock() -> None:
    if common().at or common().acting_as:
        raise click.UsageError(translate("the clock acts for itself; leave out --as, and write --now for --at"))


def _moment(store: "Store", text: str | None, clock: "datetime", dry_run: bool) -> "datetime":
    """Return the time of a run. Raises BadInput for what is none, Refused for the future unless it is only tried."""
    from cases.acting import minutes, moment, policy_of
    from workflow.errors import Refused
    from workflow.words import Sentence

    with store.read() as tx:
        _, policy = policy_of(tx)
    at = moment(text, clock, policy).at
    if at > clock and not dry_run:
        raise Refused(
            Sentence("{at} lies in the future; add --dry-run to see what would happen", at=minutes(at, policy))
        )
    return at


def _show(report: "Report", dry_run: bool) -> None:
    if report.is_skipped:
        click.echo(translate("skipped: {job} is being run for {slot} already").format(job=report.job, slot=report.slot))
        return
    facts((name, value) for name, value in report.document.items() if name != "errors")
    told = [name for name in ("case", "person") if any(name in each for each in report.errors)]
    table(report.errors, [*told, "reason"], empty="dry run: nothing was written" if dry_run else "no errors")
