"""Writes a process as a Markdown table for people, from the same table that drives it. Nothing is decided here."""

from collections.abc import Iterator

from workflow.authority import FIRED
from workflow.process import Move, Process
from workflow.words import Term, Translate

#: What makes a move, where it is not a command of the trigger's own name.
_COMMANDS = {"pass_recheck": "recheck --pass", "fail_recheck": "recheck --fail", "withdraw": "orders withdraw"}

#: Who may, where the name of an authority does not say it.
_WHO = {
    "unit": "unit, or an inspector for it",
    "ordering inspector": "inspector of a department that may order",
    "closer": "general: inspector; larger, major: supervisor",
    "regrader": "up: inspector; down: supervisor",
    "fired": "follows from an extension or exit",
}

_HEAD = ("trigger", "中文", "from → to", "who", "command")


def command_of(move: Move) -> str | None:
    """Return what somebody types after `rectify` to make a move, None for one that follows from another process."""
    if move.by is FIRED:
        return None
    return _COMMANDS.get(move.trigger, move.trigger.replace("_", "-"))


def markdown(process: Process, translate: Translate = str) -> str:
    """Return the process as a Markdown table, a line a move; `translate` gives the second label of each trigger."""
    lines = [_HEAD, ("---",) * len(_HEAD), *_lines(process, translate)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _lines(process: Process, translate: Translate) -> Iterator[tuple[str, ...]]:
    for move in process.moves:
        command = command_of(move)
        yield (
            move.trigger,
            Term("trigger", move.trigger).say(translate),
            _way(process, move),
            _WHO.get(move.by.name, move.by.name),
            f"`rectify {command}`" if command else "–",
        )


def _way(process: Process, move: Move) -> str:
    source = ", ".join(_folded(process, move))
    return f"{source} (stays)" if move.to is None else f"{source} → {move.to}"


def _folded(process: Process, move: Move) -> list[str]:
    """Name the open states together where it starts from all of them, and the ended ones likewise."""
    states = [str(state) for state in move.states]
    for name, group in (("any open", process.open), ("any ended", process.ended)):
        if set(group) <= set(move.states):
            states = [name, *(state for state in states if state not in group)]
    return states
