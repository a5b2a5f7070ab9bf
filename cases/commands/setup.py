"""`init` and the group `db`: making a store, and keeping it."""

from pathlib import Path

import click

from cases.commands.framework import Command, Group, common, opened, right_now, store_named
from cases.commands.printing import document, outcome
from cases.locale import translate


@click.command(cls=Command)
def init() -> None:
    """Set up a store, or bring an older one up to date, and become its administrator.

    \b
    rectify init
    rectify init --db postgresql+psycopg://localhost/rectify
    """
    from cases.people import login_of_url
    from cases.setup import prepare
    from cases.verbs.outcome import Outcome
    from workflow.words import Sentence, Term

    named = store_named()
    made = prepare(named, right_now(), login_of_url(named))
    said = [
        Sentence(
            "{store} is ready ({did}, schema {schema})", store=made.name, did=Term("did", made.did), schema=made.schema
        )
    ]
    if made.administrator:
        said.append(
            Sentence(
                "you are {name}, its administrator; next: rectify area add CODE NAME --rank county",
                name=made.administrator,
            )
        )
    outcome(
        Outcome(
            {
                "store": {
                    "name": made.name,
                    "did": str(made.did),
                    "schema": made.schema,
                    "administrator": made.administrator,
                }
            },
            said,
        )
    )


@click.group(cls=Group)
def db() -> None:
    """The store itself: upgrade, backup, restore, check."""


@db.command("upgrade")
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring an older store up to date.

    \b
    rectify db upgrade
    """
    ctx.invoke(init)


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a copy of the whole store, evidence included, while it is in use.

    \b
    rectify db backup rectify-2026-11-23.db
    """
    from cases.backup import backup as copy

    with opened() as store:
        copy(store, file)
    _done(str(file))


@db.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put a backup in place of an empty store; one that has cases is never overwritten.

    \b
    rectify db restore rectify-2026-11-23.db --db new.db
    """
    from cases.backup import restore as put_back

    put_back(store_named(), file)
    _done(store_named())


@db.command("check")
def check() -> None:
    """Check the store's pages, keys and schema; exit 4 when something is broken.

    \b
    rectify db check
    """
    from cases.backup import check as findings_of

    with opened() as store:
        findings = [each.say(translate) for each in findings_of(store)]
    if common().json:
        document({"ok": not findings, "findings": findings})
    else:
        click.echo("\n".join(findings) or "ok")
    if findings:
        raise click.exceptions.Exit(4)


def _done(file: str) -> None:
    if common().json:
        document({"file": file})
    else:
        click.echo(translate("written: {file}").format(file=file))
