"""`audit verify`, `audit seal` and `doctor`: can this ledger be trusted, and is its engine well?"""

from typing import Any

import click

from cases.commands.framework import Command, Group, asking, opened, right_now
from cases.commands.printing import answer, note, table
from cases.locale import translate


@click.group(cls=Group)
def audit() -> None:
    """The chain of history: verify and seal."""


@audit.command("verify")
def verify() -> None:
    """Check every chain, head and seal; exit 4 when one does not hold.

    \b
    rectify audit verify
    """
    from cases import history

    with opened() as store:
        steps, cases, breaks = history.verify(store)
    broken = [
        {"case": each.case, "kind": each.kind, "id": each.id, "seq": each.seq, "why": each.why.say(translate)}
        for each in breaks
    ]
    answer({"ok": not broken, "steps": steps, "cases": cases, "broken": broken}, _show_verified)
    if broken:
        raise click.exceptions.Exit(4)


def _show_verified(told: dict[str, Any]) -> None:
    said = translate("{steps} steps of {cases} cases: every chain holds")
    table(told["broken"], ["kind", "id", "seq", "why"], empty=said.format(steps=told["steps"], cases=told["cases"]))


@audit.command("seal")
@click.option("--to", metavar="FILE", help="Write the seal to a file as well, to be kept elsewhere.")
def seal(to: str | None) -> None:
    """Seal what was recorded since the last seal.

    \b
    rectify audit seal --to seal-2026-11-23.json
    """
    from dataclasses import asdict

    from cases import history
    from cases.history import plain
    from workflow.words import Sentence

    with opened() as store:
        with store.begin() as tx:
            made = history.seal(tx, right_now())
        last = history.last_seal(store)
    told = {"sealed": made is not None, "seal": None if last is None else plain(asdict(last))}
    if to is not None and last is not None:
        _write(to, told)
    answer(told, _show_seal)
    if to is not None and last is None:
        note([Sentence("there is no seal yet, so {file} was not written", file=to)])
    elif to is not None and made is None:
        note([Sentence("nothing was recorded since the last seal; {file} holds that one", file=to)])


def _write(to: str, told: dict[str, Any]) -> None:
    from json import dumps
    from pathlib import Path

    from workflow.errors import BadInput
    from workflow.words import Sentence

    try:
        with Path(to).open("x", encoding="utf-8") as file:
            file.write(dumps(told["seal"], ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        raise BadInput(Sentence("{file} cannot be written; choose a new file", file=to)) from error


def _show_seal(told: dict[str, Any]) -> None:
    if told["seal"] is None:
        click.echo(translate("nothing was recorded yet"))
    elif not told["sealed"]:
        click.echo(translate("nothing new since seal {id}: {value}").format(**told["seal"]))
    else:
        click.echo(translate("seal {id} over {steps} steps: {value}").format(**told["seal"]))


@click.command(cls=Command)
def doctor() -> None:
    """Check the engine: jobs, outbox, schema, calendar, clock, chain, ranks; exit 4 when something is wrong.

    \b
    rectify doctor
    """
    from cases.questions import health

    with asking() as ask:
        findings = health.doctor(ask)
    well = health.is_well(findings)
    answer(
        {"ok": well, "findings": findings}, lambda told: table(told["findings"], ["check", "ok", "detail"], empty="")
    )
    if not well:
        raise click.exceptions.Exit(4)
