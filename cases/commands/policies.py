"""The group `policy`: the rules a store may set, shown, checked, tried on past cases, and loaded."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import Group, asking, at_the_ledger
from cases.commands.printing import answer, facts, outcome, table
from cases.commands.types import DAY
from cases.locale import translate

if TYPE_CHECKING:
    from workflow.policy import Policy

#: A policy is a few pages; what is longer is another file.
_MOST_CHARACTERS = 1_000_000
#: So many cases that differ are named on the screen; JSON has all.
_NAMED = 20
_TOTALS = ["rules", "overdue", "escalated", "rungs", "tonight"]
_CASES = [
    "id", "unit", "grade", "rule", "due_on", "new_due_on", "overdue_days", "new_overdue_days", "rungs", "new_rungs",
]  # fmt: skip

_FILE = click.argument("file", type=click.Path())


@click.group(cls=Group)
def policy() -> None:
    """The policy: every limit, ladder and threshold with its source."""


@policy.command("show")
def show() -> None:
    """Show the policy in force in this store: its version, when it was loaded and by whom, and every rule.

    \b
    rectify policy show
    """
    from cases.questions.policies import in_force

    with asking() as ask:
        answer(in_force(ask), lambda shown: facts(_flat(shown)))


def _flat(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    if not isinstance(tree, dict):
        return [(path, tree if not isinstance(tree, list) else "; ".join(_line(each) for each in tree))]
    return [pair for key, value in tree.items() for pair in _flat(value, f"{path}.{key}" if path else key)]


def _line(value: Any) -> str:
    return " ".join(str(each) for each in value.values()) if isinstance(value, dict) else str(value)


@policy.command("check")
@_FILE
def check(file: str) -> None:
    """Check a policy file; every mistake is named by line and key.

    \b
    rectify policy check my-policy.toml
    """
    checked = _parsed(file)
    answer(
        {"ok": True, "title": checked.title},
        lambda _: click.echo(translate("{file} is a good policy").format(file=file)),
    )


@policy.command("load")
@_FILE
@click.option("--refix", is_flag=True, help="Count running deadlines anew too, each by a step; dates on paper stay.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
def load(file: str, refix: bool, dry_run: bool) -> None:
    """Load another policy, as a new version and a step of history; administrators only.

    New deadlines are counted by it; running ones keep their dates unless --refix is given.

    \b
    rectify policy simulate my-policy.toml
    rectify policy load my-policy.toml
    """
    from cases.verbs.policies import load as load_policy

    with at_the_ledger() as door:
        outcome(load_policy(door, _read(file), file, refix=refix, dry_run=dry_run))


@policy.command("simulate")
@click.argument("file", type=click.Path(), required=False)
@click.option("--calendar", type=click.Path(), metavar="NOTICE", help="Try this holiday notice, besides a policy or alone.")  # fmt: skip
@click.option("--since", type=DAY, help="Look at deadlines from this day on; a year back unless given.")
@click.option("--until", type=DAY, help="Look no further than this day; today unless given.")
def simulate(file: str | None, calendar: str | None, since: date | None, until: date | None) -> None:
    """Try a policy or a holiday notice on past and open cases: what would have been overdue or climbed, before and after.

    Nothing is written. Both sides are counted alike, as if every night had been kept; `tonight` are the cases that
    would climb in the coming night.

    \b
    rectify policy simulate my-policy.toml --since 2026-01-01
    rectify policy simulate --calendar 2027.toml
    """
    from cases.acting import calendar_with
    from cases.questions import policies

    if file is None and calendar is None:
        raise click.UsageError(translate("name a policy file, or a holiday notice with --calendar"))
    with asking() as ask:
        tried = None if file is None else _parsed(file)
        noticed = None if calendar is None else calendar_with(ask.tx, _notice(calendar))
        told = policies.simulate(ask, policy=tried, calendar=noticed, since=since, until=until)
        answer(told, _show_trial)


def _notice(file: str) -> str:
    """Return the text of a good holiday notice. Raises BadInput, naming the file."""
    from workflow.holidays import parse

    text = _read(file)
    parse(text, file)
    return text


def _parsed(file: str) -> "Policy":
    from workflow.policy import parse

    return parse(_read(file), file)


def _read(file: str) -> str:
    from workflow.errors import BadInput
    from workflow.words import Sentence

    try:
        with Path(file).open(encoding="utf-8") as opened:
            text = opened.read(_MOST_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadInput(Sentence("{file} cannot be read; give a TOML file in UTF-8", file=file)) from error
    if len(text) > _MOST_CHARACTERS:
        raise BadInput(Sentence("{file} is far too long; give a TOML file of a few pages", file=file))
    return text


# -- a trial -----------------------------------------------------------------------------------------------------------


def _show_trial(told: dict[str, Any]) -> None:
    sides = [
        {"rules": translate("the rules in force"), **told["before"]},
        {"rules": translate("the rules tried"), **told["after"]},
    ]
    span = translate("deadlines that ran from {since} to {until}")
    click.echo(span.format(since=told["since"], until=told["until"]))
    table(sides, _TOTALS, empty="")
    rows = [_beside(case) for case in told["cases"][:_NAMED]]
    more = len(told["cases"]) - len(rows)
    foot = translate("and {count} more: --json names all").format(count=more) if more else None
    click.echo("")
    table(rows, _CASES, empty="no case would have fared otherwise", foot=foot)


def _beside(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case as one row, what it would be beside what it is."""
    after = {f"new_{name}": value for name, value in case["after"].items()}
    return {**case, **case["before"], **after}
