"""Where a key stands in a TOML file: what `tomllib` does not tell, so that a mistake can be named by its line."""

import re
from collections.abc import Iterator

#: Where a value stands: keys, and places in a list counted from 0.
Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
      (?P<blank>   [ \t\r]+ | \#[^\n]* )
    | (?P<text>    \"""(?:\\.|[^\\])*?"{3,5} | '''.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<mark>    [][{}=,.\n] )
    | (?P<bare>    [^][{}=,.\s"'\#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, on which each key and each entry of a list first stands, in TOML known to be valid."""
    return _Finder(text).lines


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """Return the line of this path, or of the nearest table above it that is written at all."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Finder:
    """Walks the tokens of a TOML document and notes where each key and each entry of a list first stands."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._tokens = [*_tokens(text), ("", 0)]
        self._at = 0
        self._entries: dict[Path, int] = {}  # of each array of tables, how many came before the last
        table: Path = ()
        while token := self._peek("\n"):
            if token == "[":
                table = self._header()
            else:
                self._pair(table)

    def _peek(self, skipped: str = "") -> str:
        while (token := self._tokens[self._at][0]) and token in skipped:
            self._at += 1
        return token

    def _note(self, path: Path) -> Path:
        self.lines.setdefault(path, self._tokens[self._at][1])
        return path

    def _header(self) -> Path:
        is_entry = self._tokens[self._at + 1][0] == "["
        self._peek("[")
        table = self._key(())
        if is_entry:
            self._entries[table] = self._entries.get(table, -1) + 1
            table = self._note((*table, self._entries[table]))
        self._peek("]")
        return table

    def _key(self, path: Path) -> Path:
        while (part := self._peek(".")) not in ("=", "]"):
            if path in self._entries:  # a key below an array of tables belongs to the last of them
                path = (*path, self._entries[path])
            path = self._note((*path, part.strip("\"'")))
            self._at += 1
        return path

    def _pair(self, table: Path) -> None:
        path = self._key(table)
        self._peek("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._peek()
        self._at += 1
        if opening not in ("{", "["):
            while self._peek() not in (",", "]", "}", "\n", ""):
                self._at += 1
            return
        entry = 0
        while self._peek("\n,") not in ("}", "]"):
            if opening == "{":
                self._pair(path)
            else:
                self._value(self._note((*path, entry)))
                entry += 1
        self._at += 1


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield the tokens of a TOML document, each with its line, without blanks and comments."""
    line = 1
    for found in _TOKEN.finditer(text):
        if found.lastgroup != "blank":
            yield found[0], line
        line += found[0].count("\n")
