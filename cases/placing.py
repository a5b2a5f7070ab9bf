"""Puts a file where somebody asked for it: whole or not at all. It is written beside its place and moved there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workflow.errors import BadInput
from workflow.words import Sentence


def place(file: str, content: bytes) -> None:
    """Write a file, in place of the one that may be there. Raises BadInput where it cannot be written."""
    with whole(file) as unfinished:
        unfinished.write_bytes(content)


@contextmanager
def whole(file: str | Path) -> Iterator[Path]:
    """Lend a file that takes its place once all of it is written. Raises BadInput where it cannot be written."""
    path = Path(file)
    try:
        if path.exists() and not path.is_file():
            yield path  # a pipe or a terminal is written to, not replaced
            return
        target = path.resolve()  # a link stays one
        with beside(target) as unfinished:
            yield unfinished
            unfinished.replace(target)
    except OSError as error:
        raise unwritable(file, error.strerror or error) from error


def unwritable(file: str | Path, why: object) -> BadInput:
    """Return what is said of a file that cannot be written."""
    return BadInput(
        Sentence("{file} cannot be written: {why}; choose another place", file=str(file), why=why), file=str(file)
    )


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
