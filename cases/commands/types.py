"""The kinds of values commands take – case numbers, days, hours – and what a shell completes for them."""

import contextlib
from collections.abc import Callable
from datetime import date, time
from typing import Any

import click
from click.shell_completion import CompletionItem

from cases.locale import translate

#: Days the program can count from and to without leaving the calendar of any store.
_FIRST, _LAST = date(1990, 1, 1), date(2199, 12, 31)


#: The largest number that every store and every reader of JSON can hold.
_LARGEST = 2**53


class Number(click.types.IntParamType):
    """An extension, halt or exit by its number: help shows no range, which says nothing to a reader."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number. Fails as click's own values do (exit 2)."""
        number = int(super().convert(value, param, ctx))
        if not 1 <= number <= _LARGEST:
            self.fail(translate("{value} is no number that a list shows").format(value=value), param, ctx)
        return number


class Case(Number):
    """A case by its number."""

    name = "case"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete open cases by number, or by the beginning of their unit's name."""
        return [CompletionItem(str(number), help=about) for number, about in _asked(ctx, _cases_like, incomplete)]


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day. Fails as click's own values do (exit 2)."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(translate("{value} is no date; write it as 2026-09-01").format(value=repr(value)), param, ctx)
        if not _FIRST <= day <= _LAST:
            self.fail(translate("{value} is no date between 1990 and 2199").format(value=value), param, ctx)
        return day


class Hour(click.ParamType[time]):
    """A time of day as HH:MM."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> time:
        """Return the time of day. Fails as click's own values do (exit 2)."""
        if isinstance(value, time):
            return value
        try:
            return time.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(translate("{value} is no time of day; write it as 09:30").format(value=repr(value)), param, ctx)


class Named(click.ParamType[str]):
    """A person, unit, department or campaign by name or id:N."""

    def __init__(self, noun: str) -> None:
        self.name = noun
        self.noun = noun

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it was typed."""
        if not str(value).strip():
            self.fail(translate("the name is empty"), param, ctx)
        return str(value).strip()

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the names that begin so."""

        def names(tx: Any) -> list[str]:
            from cases.names import beginning_with

            return beginning_with(tx, self.noun, incomplete)

        return [CompletionItem(name) for name in _asked(ctx, lambda tx, _: names(tx), incomplete)]


class Target(click.ParamType[str]):
    """A file to be written; what kind of file is said by the end of its name."""

    name = "file"

    def __init__(self, *suffixes: str) -> None:
        self.suffixes = suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the file's name. Fails for a kind that is not made here (exit 2)."""
        if not str(value).lower().endswith(self.suffixes):
            kinds = translate(", ").join(self.suffixes)
            self.fail(translate("{file}: name it {kinds}").format(file=repr(value), kinds=kinds), param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Let the shell complete the file."""
        return [CompletionItem(incomplete, type="file")]


CASE = Case()
NUMBER = Number()
DAY = Day()
HOUR = Hour()
PERSON = Named("person")
UNIT = Named("unit")
DEPARTMENT = Named("department")
CAMPAIGN = Named("campaign")


def _asked(ctx: click.Context, question: Callable[[Any, str], list[Any]], incomplete: str) -> list[Any]:
    """Ask the store of the line that is typed for completions; a store that cannot be read completes nothing."""
    with contextlib.suppress(Exception):
        from cases.commands.framework import opened

        # click completes outside of any context, and --db stands in this one
        with ctx.scope(cleanup=False), opened() as store, store.read() as tx:
            return question(tx, incomplete)
    return []


def _cases_like(tx: Any, incomplete: str) -> list[tuple[int, str]]:
    from sqlalchemy import String, cast, func, or_, select, text

    from cases.tables import hazards, units

    begins = or_(
        func.substr(cast(hazards.c.id, String), 1, len(incomplete)) == incomplete,
        func.substr(units.c.name, 1, len(incomplete)) == incomplete,
    )
    found = (
        select(hazards.c.id, units.c.name)
        .join_from(hazards, units, units.c.id == hazards.c.unit_id)
        .where(text("waiting_on <> 'none'"), begins)
        .order_by(hazards.c.id.desc())
        .limit(50)
    )
    return [(row[0], row[1]) for row in tx.all(found)]
