"""A receiver of webhooks on this machine: it takes what is posted, hangs, or answers what a test wants.

with receiver() as bell:
deliver(bell.url(), letter, timeout=5)
assert bell.keys() == [letter.key]
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What came in, and how to answer: a status, `hang`, or `endless` for a body that never ends."""

    port: int
    answer: str = "200"
    posts: list[dict[str, Any]] = field(default_factory=list)
    #: Paths asked for, with what stands behind the question mark.
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    #: What hangs goes on when this is set.
    released: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)

    def url(self, rest: str = "hook") -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/{rest}"

    def keys(self) -> list[str]:
        """Return the key of every message that came, in order."""
        return [post["key"] for post in self.posts]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.posts.append(json.loads(body))
        receiver.paths.append(self.path)
        receiver.headers.append(dict(self.headers))
        receiver.arrived.set()
        if receiver.answer == "hang":
            receiver.released.wait(60)
            return
        status = 200 if receiver.answer == "endless" else int(receiver.answer)
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
        self.end_headers()
        if receiver.answer == "endless":
            self._never_end()

    def _never_end(self) -> None:
        while not self.receiver.released.wait(0.05):
            try:
                self.wfile.write(b"." * 1000)
            except OSError:
                return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def receiver(answer: str = "200") -> Iterator[Receiver]:
    """Lend a receiver that listens on a free port."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    made = handler.receiver = Receiver(server.server_port, answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent_port() -> Iterator[int]:
    """Lend a port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        yield held.getsockname()[1]
