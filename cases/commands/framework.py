"""What every command shares: the common options, opening the ledger, the language of help, and how errors are shown.

A command parses, calls a verb or a question, and prints. Errors travel as exceptions and are shown once, in `run`.
"""

import contextlib
import gc
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from cases.commands.streams import as_json, complain, drop, is_of_output, prepare
from cases.locale import choose, translate

if TYPE_CHECKING:
    from datetime import datetime

    from cases.ledger import Door
    from cases.questions.asking import Asking
    from cases.store import Store


class Common:
    """The options that are accepted before or after any command."""

    db: str | None = None
    acting_as: str | None = None
    at: str | None = None
    json: bool = False
    lang: str | None = None
    #: What is said once the transaction that is open has been written; None: none is open.
    held_back: list[Callable[[], None]] | None = None


def common() -> Common:
    """Return the common options of the running command."""
    return click.get_current_context().find_root().ensure_object(Common)


def once_written(say: Callable[[], None]) -> None:
    """Say something now, or as soon as it is durable: nobody is told of a step that a full disk may still undo."""
    held_back = common().held_back
    if held_back is None:
        say()
    else:
        held_back.append(say)


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> Any:
        if value:
            setattr(ctx.find_root().ensure_object(Common), name, value)
            if name == "lang":
                choose(value)
        return value

    return keep


@cache
def _common_options() -> tuple[click.Option, ...]:
    """Return the common options: the same few for every command, made once."""
    return (
        CommonOption(["--db"], metavar="STORE", help="The store: a file path or postgresql+psycopg://… [env: RECTIFY_DB]", callback=_keep("db"), expose_value=False),
        CommonOption(["--as", "acting_as"], metavar="NAME", help="Act for somebody else (administrators and clerks).", callback=_keep("acting_as"), expose_value=False),
        CommonOption(["--at"], metavar="TIME", help='When it happened: "2026-09-01 10:30", or a date.', callback=_keep("at"), expose_value=False),
        CommonOption(["--json"], is_flag=True, help="Print one JSON document.", callback=_keep("json"), expose_value=False),
        CommonOption(["--lang"], type=click.Choice(["zh", "en"]), help="The language of what is printed.", callback=_keep("lang"), expose_value=False, is_eager=True),
    )  # fmt: skip


class CommonOption(click.Option):
    """An option of every command; help lists it apart. All commands share it, so it keeps its English itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.english = self.help


def _said(text: str | None) -> str | None:
    return translate(inspect.cleandoc(text)) if text else text


class Command(click.Command):
    """A command that takes the common options, and whose help is translated and ends with them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **kwargs)
        self.params += _common_options()
        self._english = _english_of(self)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the reader's language."""
        _translate_help(self, self._english)
        super().format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 80) -> str:
        """Return the first sentence in the reader's language."""
        self.help = _said(self._english[""])
        return super().get_short_help_str(limit)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the command's own options, then the common ones."""
        _write_options(self, ctx, formatter)


class Group(Command, click.Group):
    """A group whose commands share the common options.

    `lazy` members are given by their place, "module:name", and the first sentence of their help; they are imported
    when they run, and not to be listed.
    """

    command_class = Command

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every member, in the order they were declared."""
        return [*self.lazy, *(name for name in self.commands if name not in self.lazy)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the member that was named."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _Interrupted from error

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a member, imported now if it is named by its module."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.lazy[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a member; suggest near names for one there is not."""
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), 3)
            said = translate("no command {name}; did you mean {names}?" if near else "no command {name}")
            ctx.fail(said.format(name=args[0], names=translate(", ").join(near)))
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the group's own options, then the common ones, then its commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the first sentence of their help; those that are not loaded stay so."""
        rows = [(name, translate(first)) for name, (_, first) in self.lazy.items()]
        rows += [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]
        if rows:
            with formatter.section(translate("Commands")):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """End with what to type next, where the help has no example of its own."""
        if "\nrectify " not in (self.help or ""):
            formatter.write_paragraph()
            formatter.write_text(f"{ctx.command_path} {self.list_commands(ctx)[0]} --help")


Group.group_class = Group


def _english_of(command: click.Command) -> dict[str, str | None]:
    """Keep the help as it is written, to translate it whenever it is shown."""
    options = [param for param in command.params if isinstance(param, click.Option)]
    return {"": command.help, **{str(each.name): getattr(each, "english", each.help) for each in options}}


def _translate_help(command: click.Command, english: Mapping[str, str | None]) -> None:
    command.help = _said(english[""])
    for param in command.params:
        if isinstance(param, click.Option):
            param.help = _said(english.get(str(param.name)))


def _write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    own: list[tuple[str, str]] = []
    shared: list[tuple[str, str]] = []
    for param in command.get_params(ctx):
        if isinstance(param, click.Option) and "--help" in param.opts:
            param.help = translate("Show this message and exit.")  # click says it once, in the language of that time
        record = param.get_help_record(ctx)
        if record is not None:
            (shared if isinstance(param, CommonOption) else own).append(record)
    for title, records in ((translate("Options"), own), (translate("For every command"), shared)):
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


# -- the ledger, as a command sees it ----------------------------------------------------------------------------------


def default_store() -> str:
    """Return the store used when nobody names one: rectify.db in the user's data folder."""
    from pathlib import Path

    from platformdirs import user_data_dir

    return str(Path(user_data_dir("rectify", appauthor=False)) / "rectify.db")


def store_named() -> str:
    """Return the store this command is about: --db, else RECTIFY_DB, else the default."""
    import os

    return common().db or os.environ.get("RECTIFY_DB") or default_store()


@contextlib.contextmanager
def opened() -> Iterator["Store"]:
    """Open the store for as long as the command runs."""
    from cases.store import open_store

    store = open_store(store_named())
    collect()
    try:
        _refuse_controls()
        yield store
    finally:
        store.close()


def collect() -> None:
    """Let the garbage collector work from now on, where `main` had it wait, but not on what starting has made."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _refuse_controls() -> None:
    """Raise BadInput for a control character in anything that was typed: no name, number or text has one."""
    from cases.verbs.texts import refuse_controls

    ctx, asked = click.get_current_context(), common()
    for name, value in (*ctx.params.items(), ("as", asked.acting_as), ("at", asked.at)):
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                refuse_controls(name, text)


class _UndoneError(Exception):
    """Ends a transaction that was only tried."""


@contextlib.contextmanager
def at_the_ledger(*, dry_run: bool = False) -> Iterator["Door"]:
    """Open the door to the ledger in one transaction; a forbidden attempt is logged outside it.

    With `dry_run` everything is done and said as it would be, and undone before it is durable.
    """
    from cases.desk import guarded_door, log_forbidden
    from cases.people import login_of
    from workflow.errors import Forbidden

    asked, now = common(), right_now()
    with opened() as store:
        login = login_of(store)
        asked.held_back = []
        try:
            with store.begin() as tx, guarded_door(tx, login, asked.acting_as, asked.at, now) as door:
                yield door
                if dry_run:
                    raise _UndoneError
        except _UndoneError:
            pass
        except Forbidden as error:
            log_forbidden(store, login, command_path(), error, now)
            raise
    for say in asked.held_back:
        say()


@contextlib.contextmanager
def asking() -> "Iterator[Asking]":
    """Open the store for reading only: one consistent picture, as at an instant."""
    from cases.acting import calendar_of, moment, policy_of
    from cases.people import login_of, sign_in
    from cases.questions.asking import Asking
    from workflow.errors import Forbidden, StoreError

    asked, now = common(), right_now()
    with opened() as store:
        login = login_of(store)
        try:
            with store.read() as tx:
                _, policy = policy_of(tx)
                at = moment(asked.at, now, policy).at
                viewer = sign_in(tx, login, asked.acting_as).actor
                yield Asking(tx, viewer, at, policy, calendar_of(tx), translate)
        except Forbidden as error:
            from cases.desk import log_forbidden

            with contextlib.suppress(StoreError):  # who may only read the store is still told what is forbidden
                log_forbidden(store, login, command_path(), error, now)
            raise


def command_path() -> str:
    """Return what was typed, without its values: "order", "person add"."""
    return click.get_current_context().command_path.partition(" ")[2]


def right_now() -> "datetime":
    """Read the clock: nothing below the commands does."""
    from datetime import UTC, datetime

    return datetime.now(UTC).replace(microsecond=0)


# -- running -----------------------------------------------------------------------------------------------------------

_INTERRUPTED, _PIPE_CLOSED = 130, 141
#: What the C library's <sysexits.h> calls EX_IOERR: what was asked is done, and the answer could not be written.
_UNHEARD = 74
#: What was typed is repeated in a message up to this length.
_REPEATED = 400


class _Interrupted(BaseException):
    """Ctrl-C, under a name that click does not answer with a line of its own."""


def run(root: click.Group, args: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. Every error is shown here, once, as one line."""
    arguments = list(sys.argv[1:] if args is None else args)
    prepare()
    choose(_lang_asked(arguments))
    try:
        code = root.main(arguments, prog_name="rectify", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0  # click returns the code of an Exit, and what a command returns
    except SystemExit as left:  # click answers a closed pipe with exit 1, which here would mean a bug
        if left.code == 1:
            drop(sys.stdout)
        return _PIPE_CLOSED if left.code == 1 else int(left.code or 0)
    except BrokenPipeError:  # whoever read us had enough: end as a program killed by SIGPIPE would
        drop(sys.stdout)
        return _PIPE_CLOSED
    except (click.Abort, _Interrupted, KeyboardInterrupt):
        _complain("interrupted", translate("interrupted; what was not acknowledged was not written"), [], arguments)
        return _INTERRUPTED
    except Exception as error:
        return _unheard(error) if is_of_output(error) else _explain(error, arguments)


def _unheard(error: Exception) -> int:
    why = getattr(error, "strerror", None) or str(error)
    _complain(
        "output", translate("the answer could not be written ({why}); what was asked is done").format(why=why), [], []
    )
    drop(sys.stdout)
    return _UNHEARD


def _explain(error: Exception, arguments: Sequence[str]) -> int:
    from workflow.errors import RectifyError

    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        complain(error.format_message(), sys.stderr)  # a group without its command: click's message is its help
        return error.exit_code
    if isinstance(error, click.ClickException):
        code, exit_code = ("bad_input", 9) if isinstance(error, click.FileError) else ("usage", 2)
        ctx = getattr(error, "ctx", None)
        what = " ".join(error.format_message().split()).rstrip(".。")
        if ctx is not None:
            what = translate("{what}; type: {command} --help").format(what=what, command=ctx.command_path)
        _complain(code, what, [], arguments)
        return exit_code
    if isinstance(error, RectifyError):
        _complain(error.code, error.say(translate), [reason.say(translate) for reason in error.reasons], arguments)
        return error.exit_code
    _complain(
        "bug",
        translate("sorry, this is our fault; what happened is written in {log}").format(log=_log(error)),
        [],
        arguments,
    )
    return 1


def _complain(code: str, message: str, reasons: Sequence[str], arguments: Sequence[str]) -> None:
    line, said = _plain(message, arguments), [_plain(reason, arguments) for reason in reasons]
    complain(f"rectify: {line}", sys.stderr)
    if "--json" in arguments:
        complain(as_json({"error": {"code": code, "message": line, "reasons": said}}, sys.stdout), sys.stdout)


def _plain(message: str, arguments: Sequence[str]) -> str:
    """Return a message as one line that a terminal can be given, whatever was typed and is repeated in it."""
    for argument in arguments:
        if len(argument) > _REPEATED:
            message = message.replace(argument, f"{argument[:40]}…")
    return "".join(each if each.isprintable() else "\ufffd" for each in " ".join(message.split()))


def _log(error: Exception) -> str:
    import traceback
    from pathlib import Path

    from platformdirs import user_log_dir

    folder = Path(user_log_dir("rectify", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / "rectify.log"
        with place.open("a", encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(error)))
    except OSError:
        return "-"
    return str(place)


def _lang_asked(arguments: Sequence[str]) -> str | None:
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None
