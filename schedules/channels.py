"""Channels: how a message leaves, by the scheme of a person's address. What goes wrong never repeats the address.

http, https: a JSON document is posted. file: a JSON line is appended. Every other scheme (dingtalk, wecombot, feishu,
mailto …) is apprise's. An address holds tokens, for some schemes in the place of the host: of http only the host is
ever named, of the others the scheme.
"""

import base64
import contextlib
import json
import logging
import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import url2pathname

from workflow.words import Sentence

#: Libraries that write addresses into their logs.
_TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib", "charset_normalizer")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is sent to one person. `key` is the same whenever it is sent again."""

    key: str
    to: str
    title: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """Return it as programs read it."""
        return {"key": self.key, "to": self.to, "title": self.title, "text": self.text, **self.facts}


class Undelivered(Exception):
    """A message did not arrive. It says what kind of failure it was, and nothing of the address."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


TIMED_OUT = Sentence("no answer in time")


def place_of(url: str) -> str:
    """Return as much of an address as may be told: the host of http, the scheme of all others."""
    scheme = url.partition("://")[0].lower()
    if scheme in ("http", "https"):
        with contextlib.suppress(ValueError):
            parts = urlsplit(url)
            port = "" if parts.port is None else f":{parts.port}"
            return f"{parts.hostname}{port}" if parts.hostname else f"{scheme}://…"
    return f"{scheme}://…"


def deliver(url: str, envelope: Envelope, timeout: float) -> None:
    """Send a message to an address; `timeout` is in seconds, of each wait for the receiver. Raises Undelivered."""
    channel = _CHANNELS.get(url.partition("://")[0].lower(), _by_apprise)
    try:
        channel(url, envelope, timeout)
    except Undelivered:
        raise
    except BaseException as error:
        # Only the kind of it: its words may quote the address.
        raise Undelivered(_meaning(error)) from None


def _meaning(error: BaseException) -> Sentence:
    """Return what went wrong, without a word of what the error itself says."""
    cause = getattr(error, "reason", None)
    if isinstance(cause, BaseException):
        error = cause
    for kinds, why in _MEANINGS:
        if isinstance(error, kinds):
            return why
    return Sentence("it failed ({kind})", kind=type(error).__name__)


_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], Sentence], ...] = (
    ((TimeoutError,), TIMED_OUT),
    ((ConnectionRefusedError,), Sentence("the connection is refused")),
    ((ConnectionError,), Sentence("the connection broke")),
    ((socket.gaierror,), Sentence("there is no such host")),
    ((ssl.SSLError,), Sentence("its certificate is not trusted")),
    ((PermissionError,), Sentence("its file may not be written")),
    ((FileNotFoundError, NotADirectoryError, IsADirectoryError), Sentence("its folder is not there")),
    ((UnicodeError, ValueError), Sentence("the address cannot be read")),
)


# -- http --------------------------------------------------------------------------------------------------------------


def _by_webhook(url: str, envelope: Envelope, timeout: float) -> None:
    """Post a JSON document. Any 2xx is an answer; a redirect is none: where it leads nobody entered."""
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Stays(HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    place, login = _split(url)
    body = json.dumps(envelope.document, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": envelope.key, **login}
    request = Request(place, body, {"User-Agent": "rectify", **headers}, method="POST")
    try:
        # Its body says nothing we need: a receiver that never ends it has taken the message all the same.
        with build_opener(Stays).open(request, timeout=timeout):
            pass
    except HTTPError as error:
        error.close()
        raise Undelivered(Sentence("it answers {status}", status=_status(error.code))) from None


def _split(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL without its user and password, and the header that says them instead."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].encode("idna").decode()
    place = urlunsplit(parts._replace(netloc=host, path=quote(parts.path, "/%:@!$&'()*+,;=~"), fragment=""))
    if parts.username is None:
        return place, {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return place, {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


def _status(code: int) -> str:
    with contextlib.suppress(ValueError):
        return f"{code} {HTTPStatus(code).phrase}"
    return str(code)


# -- file --------------------------------------------------------------------------------------------------------------


def _by_file(url: str, envelope: Envelope, timeout: float) -> None:
    """Append a JSON line, whole and on the disk. Only to a .jsonl: nobody's other file is written into."""
    parts = urlsplit(url)
    path = Path(url2pathname(parts.path))
    if parts.netloc not in ("", "localhost") or path.suffix != ".jsonl":
        raise Undelivered(Sentence("the address is no file:///path/name.jsonl"))
    line = json.dumps(envelope.document, ensure_ascii=False) + "\n"
    with path.open("a", encoding="utf-8") as file:
        _lock(file)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _lock(file: Any) -> None:
    """Keep others out until the file is closed, where the system can; elsewhere one append is one write anyway."""
    with contextlib.suppress(ImportError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


# -- everything else ---------------------------------------------------------------------------------------------------


def _by_apprise(url: str, envelope: Envelope, timeout: float) -> None:
    """Hand it to apprise, which knows a hundred kinds of receivers; it says yes or no, and no more."""
    _silence()
    try:
        import apprise
    except ImportError:
        told = Sentence("its kind of address needs apprise; type: pip install 'rectify[notify]'")
        raise Undelivered(told) from None
    sender = apprise.Apprise()
    if not sender.add(url):
        raise Undelivered(Sentence("apprise does not know such an address"))
    # The result is an object; only its truth is a promise.
    if not bool(sender.notify(title=envelope.title, body=envelope.text, body_format=apprise.NotifyFormat.TEXT)):
        raise Undelivered(Sentence("the receiver did not take it"))


def _silence() -> None:
    """Keep libraries out of our log that write addresses there."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)  # what is below them in the tree goes by it too


_CHANNELS: dict[str, Callable[[str, Envelope, float], None]] = {
    "http": _by_webhook,
    "https": _by_webhook,
    "file": _by_file,
}
