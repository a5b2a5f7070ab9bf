"""The life of a case along time, as a terminal draws it.

Letters only: some terminals draw other marks twice as wide. In a pipe the lines are the same, without colours.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cases.commands.printing import in_short, label
from cases.locale import translate

if TYPE_CHECKING:
    from rich.text import Text

#: The longest gap of a timeline, in cells.
_GAP = 20


def timeline(entries: Sequence[Mapping[str, Any]]) -> None:
    """Print the life of a case: when, who, what; between two days a line as long as the time that passed."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 200)
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold", max_width=16)
    drawn.add_column(overflow="fold")
    longest = max((entry["gap_days"] for entry in entries), default=0)
    for entry in entries:
        for cells in _entry(entry, longest):
            drawn.add_row(*cells)
    console.print(drawn)


def _entry(entry: Mapping[str, Any], longest: int) -> "Iterator[tuple[str | Text, ...]]":
    from rich.text import Text

    if entry["gap_days"]:
        yield "", "", gap(entry, longest)
    at = entry["at"][:16].replace("T", " ")
    if entry["trigger"] is None:
        yield at, "", Text(translate("now"), style="bold")
        return
    what = label("trigger", entry["trigger"])
    if entry["from"] != entry["to"]:
        what = translate("{what}: {names}").format(what=what, names=label("state", entry["to"]))
    yield at, Text(label("actor", entry["actor"])), Text(what, style="bold")
    facts = {**entry["facts"], **_late(entry)}
    if said := in_short(facts):
        yield "", "", Text(said, style="dim")


def _late(entry: Mapping[str, Any]) -> dict[str, str]:
    """Say when something was recorded, where that was on another day."""
    recorded_at = str(entry["recorded_at"])
    return {} if recorded_at[:10] == entry["at"][:10] else {"recorded_at": recorded_at[:10]}


def gap(entry: Mapping[str, Any], longest: int) -> "Text":
    """Return the days that passed as a line: `-` in time, `!` overdue, as long as their share of the longest gap."""
    from rich.text import Text

    days, late = entry["gap_days"], entry["overdue_days"]
    overdue = _cells(late, longest)
    drawn = Text("-" * max(_cells(days, longest) - overdue, days > late)).append("!" * overdue, style="bold red")
    said = translate("{days} days").format(days=days)
    if late:
        rule = label("rule", entry["overdue_rule"])
        said = translate("{days} days, {late} of them overdue: {rule}").format(days=days, late=late, rule=rule)
    return drawn.append(f" {said}")


def _cells(days: int, longest: int) -> int:
    return -(-days * _GAP // longest) if days else 0
