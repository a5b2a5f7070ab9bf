"""What a driver's error means to a user: translated here, once, with its cause kept."""

import re
from collections.abc import Mapping
from typing import Final

from workflow.errors import Moved, StoreError
from workflow.words import Sentence

_DAMAGED = Sentence("{name} is damaged; restore a backup")
_READ_ONLY = Sentence("{name} is read-only; check who may write the file and its folder")
_FULL = Sentence("the disk under {name} is full or failing; make room and try again")
_LOCKED = Sentence("{name} is locked by somebody else; try again in a moment")
_NO_LOGIN = Sentence("{name} refuses the login ({why}); check user and password in the URL")
_NO_DATABASE = Sentence("{name} has no such database; create it first: createdb")
_UNREACHABLE = Sentence("{name} cannot be reached ({why}); check the address and that the server runs")

#: By the first two words of SQLite's name for the error.
_SQLITE_MEANINGS: Final[Mapping[str, Sentence]] = {
    "SQLITE_NOTADB": Sentence("{name} is not a rectify store; choose another file"),
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": _FULL,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_PROTOCOL": _LOCKED,
    "SQLITE_CANTOPEN": Sentence("{name} cannot be opened; check the path, and who may write the file and its folder"),
}

#: By the beginning of the SQLSTATE, the most particular first. Messages are in the server's language: no help.
_POSTGRESQL_MEANINGS: Final[Mapping[str, Sentence]] = {
    "25006": Sentence(
        "{name} is read-only, perhaps a standby; name the primary, or add target_session_attrs=read-write"
    ),
    "25P03": Sentence(
        "{name} ended what rested in the middle, to hold up nobody else; nothing was written, do it again"
    ),
    "28": _NO_LOGIN,
    "3D": _NO_DATABASE,
    "40": Sentence("{name} was changed by somebody else at the same time; try again"),
    "42501": Sentence("{name} does not let this login do that ({why}); ask the database's owner"),
    "53100": _FULL,
    "53": _UNREACHABLE,
    "55P03": _LOCKED,
    "57P": _UNREACHABLE,
    "08": _UNREACHABLE,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}

#: While connecting there is no SQLSTATE yet, only what the server said.
_CONNECTING: Final[Mapping[str, Sentence]] = {
    "password authentication|no password supplied|role .* does not exist|pg_hba": _NO_LOGIN,
    "database .* does not exist": _NO_DATABASE,
}


def translated(error: Exception, name: str) -> Exception:
    """Return what a driver's error means to a user; any other error comes back as it is."""
    error = getattr(error, "orig", None) or error  # SQLAlchemy's wrapping, while migrations run
    module = type(error).__module__
    if module.startswith("sqlite3"):
        code = "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])
        meaning = _SQLITE_MEANINGS.get(code)
    elif module.startswith("psycopg"):
        meaning = _postgresql_meaning(error)
    else:
        return error
    if meaning is None:
        return error
    at_once = meaning is _POSTGRESQL_MEANINGS["40"]
    return (Moved if at_once else StoreError)(Sentence(meaning.template, name=name, why=first_line(error)), name=name)


def _postgresql_meaning(error: Exception) -> Sentence | None:
    if state := getattr(error, "sqlstate", None):
        return next((meaning for begins, meaning in _POSTGRESQL_MEANINGS.items() if state.startswith(begins)), None)
    if not any(each.__name__ in ("OperationalError", "InterfaceError") for each in type(error).__mro__):
        return None
    said = str(error)
    return next((meaning for pattern, meaning in _CONNECTING.items() if re.search(pattern, said)), _UNREACHABLE)


def first_line(error: Exception) -> str:
    """Return what a driver says before it goes into details."""
    return str(error).strip().split("\n", 1)[0]
