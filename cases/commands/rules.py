"""The groups `process` and `policy`: the rules themselves, shown, proved and drawn."""

from pathlib import Path
from typing import Any

import click

from cases.commands.framework import Group, asking
from cases.commands.printing import answer, facts, label, table
from cases.locale import translate

PROCESSES = ["hazard"]
_PROCESS = click.argument("name", type=click.Choice(PROCESSES), default="hazard")


@click.group(cls=Group)
def process() -> None:
    """The processes: show, check, diagram."""


@process.command("show")
@_PROCESS
def show(name: str) -> None:
    """Show a process as a table of moves.

    \b
    rectify process show hazard
    """
    from workflow.hazard import HAZARD

    rows = [
        {
            "trigger": move.trigger,
            "from": [str(state) for state in move.states],
            "to": None if move.to is None else str(move.to),
            "by": move.by.name,
            "needs": [need.name for need in move.needs],
            "when": None if move.when is None else move.when.name,
        }
        for move in HAZARD.moves
    ]
    answer(rows, _show_moves)


def _show_moves(rows: list[dict[str, Any]]) -> None:
    labelled = [
        {
            **row,
            "from": [label("state", state) for state in row["from"]],
            "to": label("state", row["to"]) if row["to"] else translate("stays"),
            "by": label("authority", row["by"]),
            "needs": [label("guard", need) for need in row["needs"]],
        }
        for row in rows
    ]
    table(labelled, ["trigger", "from", "to", "by", "needs"], empty="no moves")


@process.command("check")
@_PROCESS
def check(name: str) -> None:
    """Prove a process: everything reachable, every way to an end, two on site; exit 4 when it does not hold.

    \b
    rectify process check
    """
    from workflow.hazard import HAZARD
    from workflow.proof import check as findings_of

    found = [{"check": finding.check, "what": finding.what.say(translate)} for finding in findings_of(HAZARD)]
    said = {"ok": not found, "findings": found}
    answer(said, lambda _: table(found, ["check", "what"], empty="the process holds: nothing found"))
    if found:
        raise click.exceptions.Exit(4)


@process.command("diagram")
@_PROCESS
def diagram(name: str) -> None:
    """Print a process as a Mermaid diagram.

    \b
    rectify process diagram hazard > hazard.mmd
    """
    from workflow.diagram import mermaid
    from workflow.hazard import HAZARD

    drawn = mermaid(HAZARD, translate)
    answer({"mermaid": drawn}, lambda _: click.echo(drawn))


@click.group(cls=Group)
def policy() -> None:
    """The policy: every limit, ladder and threshold with its source."""


@policy.command("show")
def policy_show() -> None:
    """Show the policy in force in this store.

    \b
    rectify policy show
    """
    from cases.acting import policy_of

    with asking() as ask:
        version, rules = policy_of(ask.tx)
    said = {"version": version, **rules.model_dump(mode="json")}
    answer(said, lambda shown: facts(_flat(shown)))


def _flat(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    if not isinstance(tree, dict):
        return [(path, tree if not isinstance(tree, list) else "; ".join(_line(each) for each in tree))]
    return [pair for key, value in tree.items() for pair in _flat(value, f"{path}.{key}" if path else key)]


def _line(value: Any) -> str:
    return " ".join(str(each) for each in value.values()) if isinstance(value, dict) else str(value)


@policy.command("check")
@click.argument("file", type=click.Path())
def policy_check(file: str) -> None:
    """Check a policy file; every mistake is named by line and key.

    \b
    rectify policy check my-policy.toml
    """
    from workflow.errors import BadInput
    from workflow.policy import parse
    from workflow.words import Sentence

    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Sentence("{file} cannot be read; give a TOML file in UTF-8", file=file)) from error
    checked = parse(text, file)
    answer(
        {"ok": True, "title": checked.title},
        lambda _: click.echo(translate("{file} is a good policy").format(file=file)),
    )
