"""Writes a process as a Markdown table for people, from the same table that drives it. Nothing is decided here."""

from collections.abc import Iterator

from workflow.process import Move, Process
from workflow.processes import BEGINS
from workflow.words import Term, Translate

#: Who may, where the name of an authority does not say it.
_WHO = {
    "unit": "unit, or an inspector for it",
    "ordering inspector": "inspector of a department that may order",
    "closer": "general: inspector; larger, major: supervisor",
    "regrader": "up: inspector; down: supervisor",
    "fired": "follows from an extension or exit",
    "import": "a row of the ledger that is imported",
}
#: The same for single triggers that follow from something else.
_FOLLOWS = {
    "lapse": "follows from its hazard",
    "recount": "follows from a calendar or policy loaded",
    "convert": "follows from the unit's exit",
    "arrange": "follows from an exit that was verified",
    "drop": "follows from a breach, or from another exit",
}

_HEAD = ("trigger", "中文", "from → to", "who", "command")
_CHINESE_HEAD = ("步骤", "代码", "从 → 到", "由谁", "命令")


def markdown(process: Process, translate: Translate = str) -> str:
    """Return the process as a Markdown table, a line a move; `translate` gives the second label of each trigger."""
    return _drawn(_HEAD, (_english(process, move, translate) for move in process.moves))


def chinese(process: Process, translate: Translate) -> str:
    """Return the same table for readers of Chinese; `translate` gives every label."""
    return _drawn(_CHINESE_HEAD, (_chinese(process, move, translate) for move in process.moves))


def _drawn(head: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ("---",) * len(head), *lines))


def _english(process: Process, move: Move, translate: Translate) -> tuple[str, ...]:
    trigger, by = move.trigger, move.by.name
    source, to = _ends(process, move, "any open", "any ended")
    way = f"{', '.join(source)} → {to}" if to else f"{', '.join(source)} (stays)"
    who = _FOLLOWS.get(trigger) or _WHO.get(by, by)
    return trigger, Term("trigger", trigger).say(translate), way, who, _typed(process, move)


def _chinese(process: Process, move: Move, translate: Translate) -> tuple[str, ...]:
    trigger, by = Term("trigger", move.trigger), Term("authority", move.by.name)
    states, to = _ends(process, move, "未结各状态", "已结各状态")
    source = "、".join(Term("state", state).say(translate) for state in states)
    way = f"{source} → {Term('state', to).say(translate)}" if to else f"{source}，状态不变"
    return trigger.say(translate), move.trigger, way, by.say(translate), _typed(process, move)


def _typed(process: Process, move: Move) -> str:
    command = process.command_of(move.trigger)
    return f"`rectify {command}`" if command else "–"


def _ends(process: Process, move: Move, any_open: str, any_ended: str) -> tuple[list[str], str | None]:
    """Return the states a move starts from, and the one it leads to, None when it stays where it is."""
    if move.trigger == BEGINS.get(process.name):
        return ["–"], str(process.initial)
    states = [str(state) for state in move.states]
    for name, group in ((any_open, process.open), (any_ended, tuple(process.ended))):
        if len(group) > 1 and set(group) <= set(move.states):
            states = [name, *(state for state in states if state not in group)]
    return states, None if move.to is None else str(move.to)
