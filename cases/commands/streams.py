"""What a command is heard through: made ready so that it never stops one, and dropped when nobody reads it."""

import contextlib
import errno
import os
import sys
from typing import Any, TextIO

import click


def prepare() -> None:
    """A terminal that cannot show a character shows a substitute; it never stops a command, nor does a closed output."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


#: How an output fails that is a file on a full or failing disk.
_FAILING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


def is_of_output(error: Exception) -> bool:
    """Whether an error is the output's own: a file's bears its name, or was told already (cases/placing.py)."""
    return isinstance(error, OSError) and error.filename is None and error.errno in _FAILING


def drop(stream: TextIO) -> None:
    """Let nothing complain at exit of what is still in a stream's buffer."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(text: str, stream: TextIO) -> None:
    """Say what is wrong; where that cannot be heard, nothing else goes wrong."""
    try:
        click.echo(text, file=stream)
    except OSError:
        drop(stream)


def as_json(answer: Any, stream: TextIO, *, indent: int | None = None) -> str:
    """Return a document for a stream: what its encoding lacks is escaped, so that no character is lost."""
    from json import dumps

    said = dumps(answer, ensure_ascii=False, indent=indent)
    try:
        said.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return dumps(answer, indent=indent)
    return said
