"""What the commands of every register share: what was given to change, how one entry looks, how long a table is."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from cases.commands.framework import common
from cases.commands.printing import answer, facts, label, table
from cases.locale import translate

#: How many rows a table shows unless told otherwise; JSON shows all.
_LIMIT = 50

LIMIT = click.option("--limit", type=click.IntRange(1), help="So many rows; 50 unless --json.")


def given(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were typed. Raises UsageError when none was."""
    changes = {name: value for name, value in said.items() if value is not None and value != ()}
    if not changes:
        raise click.UsageError(translate("nothing to change; give an option"))
    return changes


def shown(noun: str, told: Mapping[str, Any], **tables: Sequence[str]) -> None:
    """Print one entry under its noun: its facts, then a table of these columns for each thing it has several of."""
    answer({noun: told}, lambda _: _show(told, tables))


def _show(told: Mapping[str, Any], tables: Mapping[str, Sequence[str]]) -> None:
    facts((name, value) for name, value in told.items() if name not in tables and value not in (None, "", []))
    for name, columns in tables.items():
        if told[name]:
            click.echo(f"\n{label('column', name)}")
            table(told[name], columns, empty="")


def limited(limit: int | None) -> int | None:
    """Return how many rows to ask for."""
    if limit is None:
        return None if common().json else _LIMIT
    return limit


def foot(rows: Sequence[Any], limit: int | None) -> str | None:
    """Return what stands below a table that was cut off, None below a whole one."""
    if limit is not None and len(rows) == limit:
        return translate("{count} shown; more with --limit").format(count=limit)
    return None
