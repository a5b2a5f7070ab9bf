"""The real command line, run in this process, on a store of the test's own.

    rectify = Cli(database_url)
    rectify.init()
    assert rectify.run("unit", "list", "--json").json == []

Without `login` the user is who really runs the tests: the OS account, or on PostgreSQL the session's user.
"""

import io
import json
import os
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from cases.commands import root
from cases.commands.framework import run


@dataclass(frozen=True)
class Result:
    """What one command came to."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, Any]:
        """What `--json` says of an error: code, message, reasons."""
        error: dict[str, Any] = self.json["error"]
        return error


class Cli:
    """Runs commands on one store."""

    def __init__(self, store: str) -> None:
        self.store = store

    def init(self) -> Result:
        """Make the store, and whoever runs the tests its administrator."""
        return self.done("init")

    def run(self, *args: object, login: str | None = None) -> Result:
        """Run a command and return what it came to, whatever that is. `login` runs it from another account."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, {"RECTIFY_DB": self.store}))
            stack.enter_context(redirect_stdout(out))
            stack.enter_context(redirect_stderr(err))
            if login is not None:  # an account cannot be changed from within a process
                stack.enter_context(patch("cases.people.login_of", lambda _: login))
            exit_code = run(root, [str(arg) for arg in args])
        return Result(exit_code, _text(out), _text(err))

    def done(self, *args: object, login: str | None = None) -> Result:
        """Run a command that must succeed."""
        result = self.run(*args, login=login)
        assert result.exit_code == 0, f"{args}: exit {result.exit_code}\n{result.stdout}{result.stderr}"
        return result

    def told(self, *args: object, login: str | None = None) -> Any:
        """Run a command that must succeed with `--json`; return its document."""
        return self.done(*args, "--json", login=login).json


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
