"""Every command says of itself what the list of commands says of it, and starts light."""

import inspect
import subprocess
import sys
from collections.abc import Iterator

import click

from cases.commands import root
from cases.commands.framework import Group


def _lazy(group: Group, ctx: click.Context) -> Iterator[tuple[str, str, click.Command]]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if name in group.lazy:
            yield name, group.lazy[name][1], command
        if isinstance(command, Group):
            yield from _lazy(command, click.Context(command, parent=ctx))


def test_a_command_that_is_not_loaded_is_listed_with_the_first_sentence_of_its_own_help() -> None:
    told = {name: (first, command) for name, first, command in _lazy(root, click.Context(root))}
    assert len(told) > 40
    for name, (first, command) in told.items():
        own = inspect.cleandoc(command.callback.__doc__ or "").split("\n\n")[0]
        assert first == " ".join(own.split()), name


def test_help_loads_neither_the_store_nor_any_command() -> None:
    asked = "import sys; from cases.commands import main; sys.argv = ['rectify', '--help']; main(); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not loaded & {"sqlalchemy", "sqlmodel", "pydantic", "transitions", "rich", "cases.commands.moves"}
    assert "inspect" in done.stdout
