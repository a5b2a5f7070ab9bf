"""Puts a file where somebody asked for it: whole or not at all. It is written beside its place and moved there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workflow.errors import BadInput
from workflow.words import Sentence


def place(file: str, content: bytes) -> None:
    """Write a file, in place of the one that may be there. Raises BadInput where it cannot be written."""
    target = Path(file)
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)  # a pipe or a terminal is written to, not replaced
        else:
            _move_in(target.resolve(), content)
    except OSError as error:
        why = Sentence("{file} cannot be written: {why}; choose another place", file=file, why=error.strerror or error)
        raise BadInput(why, file=file) from error


def _move_in(target: Path, content: bytes) -> None:
    with beside(target) as unfinished:
        unfinished.write_bytes(content)
        unfinished.replace(target)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Lend a new file in the folder of a place, to be moved there when it is whole; else it is gone. Raises OSError."""
    unfinished = target.with_name(f".rectify-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        unfinished.touch(exist_ok=False)
        yield unfinished
    finally:
        with suppress(OSError):
            unfinished.unlink()
