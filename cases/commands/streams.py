"""The output of a command: made ready so that it never stops one, and dropped when nobody reads it."""

import contextlib
import errno
import os
import sys


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


def drop_output() -> None:
    """Let nothing complain at exit of what is still in the output's buffer."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
