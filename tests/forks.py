"""Workers that are forked with everything imported, so that a kill lands in their work and not in their start.

Each tells its parent through a pipe what it came to. No connection may cross a fork: close the store before.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True)
class Worker:
    """A forked process, and the end of the pipe through which it speaks."""

    pid: int
    reading: int

    def said(self) -> list[str]:
        """Wait for its end; return the lines it wrote whole."""
        said = b""
        while chunk := os.read(self.reading, 65536):
            said += chunk
        os.close(self.reading)
        os.waitpid(self.pid, 0)
        return said.decode().split("\n")[:-1]

    def kill(self, after: float) -> list[str]:
        """Kill it (-9) after so many seconds; return the lines it wrote whole."""
        time.sleep(after)
        os.kill(self.pid, signal.SIGKILL)
        return self.said()


def fork(work: Callable[..., None], *given: Any) -> Worker:
    """Start a worker: `work` is called with the end of the pipe to write to, and what is given."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return Worker(child, reading)
    os.close(reading)
    return _work(work, writing, *given)


def _work(work: Callable[..., None], writing: int, *given: Any) -> NoReturn:
    try:
        work(writing, *given)
    finally:
        os._exit(0)
