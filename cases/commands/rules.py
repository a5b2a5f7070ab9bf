"""The group `process`: the rules themselves, shown, proved and drawn."""

from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import Group
from cases.commands.printing import answer, label, table, written
from cases.commands.types import Target
from cases.locale import translate

if TYPE_CHECKING:
    from workflow.process import Process

#: The names of workflow.processes, which help does without: a test holds the two together.
PROCESSES = ["hazard", "extension", "halt", "exit", "follow_up", "import"]
_ONE = click.argument("name", type=click.Choice(PROCESSES), default="hazard")
_ALL_OR_ONE = click.argument("name", type=click.Choice(PROCESSES), required=False)


@click.group(cls=Group)
def process() -> None:
    """The processes: show, check, diagram."""


def _named(name: str | None) -> "list[Process]":
    """Return the process of this name; every one without a name."""
    from workflow.processes import PROCESSES as KNOWN

    return list(KNOWN.values()) if name is None else [KNOWN[name]]


def _of(process: "Process", name: str | None) -> dict[str, str]:
    """Say of a row which process it is about, where there may be several."""
    return {"process": process.name} if name is None else {}


def _columns(name: str | None, columns: list[str]) -> list[str]:
    return columns if name else ["process", *columns]


@process.command("show")
@_ALL_OR_ONE
def show(name: str | None) -> None:
    """Show a process as a table of moves; without a name, every process.

    \b
    rectify process show hazard
    """
    rows = [{**_of(process, name), **row} for process in _named(name) for row in _moves(process)]
    answer(rows, lambda shown: _show_moves(shown, name))


def _moves(process: "Process") -> list[dict[str, Any]]:
    from workflow.processes import BEGINS

    rows = [
        {
            "trigger": move.trigger,
            "from": [str(state) for state in move.states],
            "to": None if move.to is None else str(move.to),
            "by": move.by.name,
            "needs": [need.name for need in move.needs],
            "when": None if move.when is None else move.when.name,
        }
        for move in process.moves
    ]
    begins = {"from": [], "to": str(process.initial)}
    return [{**row, **begins} if row["trigger"] == BEGINS.get(process.name) else row for row in rows]


def _show_moves(rows: list[dict[str, Any]], name: str | None) -> None:
    labelled = [
        {
            **row,
            "process": label("kind", row.get("process", "")),
            "from": [label("state", state) for state in row["from"]],
            "to": label("state", row["to"]) if row["to"] else translate("stays"),
            "by": label("authority", row["by"]),
            "needs": [label("guard", need) for need in row["needs"]],
        }
        for row in rows
    ]
    table(labelled, _columns(name, ["trigger", "from", "to", "by", "needs"]), empty="no moves")


@process.command("check")
@_ALL_OR_ONE
def check(name: str | None) -> None:
    """Prove a process, or every one and all together: all ways end, nobody forgotten, two on site; exit 4 when it does not hold.

    Together they are explored as one system – a unit with two hazards, a request for a later date, a halt and an exit –
    and what they do not keep is told with the shortest way there.

    \b
    rectify process check
    rectify process check extension
    """
    from workflow.proof import check as findings_of
    from workflow.together import check as findings_together

    proved = [(_of(process, name), findings_of(process)) for process in _named(name)]
    if name is None:
        proved.append(({"process": "together"}, findings_together()))
    found = [
        {**of, "check": finding.check, "what": finding.what.say(translate)}
        for of, findings in proved
        for finding in findings
    ]
    answer({"ok": not found, "findings": found}, lambda _: _show_findings(found, name))
    if found:
        raise click.exceptions.Exit(4)


def _show_findings(found: list[dict[str, str]], name: str | None) -> None:
    labelled = [{**each, "process": label("kind", each.get("process", ""))} for each in found]
    table(
        labelled,
        _columns(name, ["check", "what"]),
        empty="the process holds: nothing found" if name else "the processes hold: nothing found",
    )


@process.command("diagram")
@_ONE
@click.option(
    "-o", "file", type=Target(".svg", ".mmd"), help="Draw it into this file: .svg to look at, .mmd for Mermaid."
)
def diagram(name: str, file: str | None) -> None:
    """Print a process as a Mermaid diagram, or draw it.

    \b
    rectify process diagram hazard -o hazard.svg
    rectify process diagram hazard > hazard.mmd
    """
    from workflow.diagram import mermaid

    [chosen] = _named(name)
    if file is not None:
        written(file, _drawn(chosen, file))
        return
    drawn = mermaid(chosen, translate)
    answer({"mermaid": drawn}, lambda _: click.echo(drawn))


def _drawn(process: "Process", file: str) -> bytes:
    from workflow.diagram import mermaid
    from workflow.drawing import svg

    draw = svg if file.lower().endswith(".svg") else mermaid
    return draw(process, translate).encode()
