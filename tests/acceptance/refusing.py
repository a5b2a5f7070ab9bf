"""What every refusal owes its user, whatever the mistake: one line, the right exit code, and nothing written."""

from typing import Any

from tests.acceptance.station import Station
from tests.cli import Result

CODES = {
    1: "bug", 2: "usage", 3: "not_allowed", 4: "refused", 5: "not_found", 6: "moved", 7: "store", 8: "forbidden",
    9: "bad_input", 130: "interrupted",
}  # fmt: skip


def error_of(result: Result, exit_code: int) -> dict[str, Any]:
    """Return what a failed command with `--json` told, once it is in due form."""
    assert (result.exit_code, result.error["code"]) == (exit_code, CODES[exit_code]), result
    assert set(result.error) == {"code", "message", "reasons"}
    assert result.stderr == f"rectify: {result.error['message']}\n"
    assert len(result.stderr) < 3000
    return result.error


def refused(station: Station, who: str | None, *args: object, exit_code: int) -> dict[str, Any]:
    """Run a command that must be refused, with and without `--json`; return the error it told."""
    before = station.dump()
    plain = station.run(who, *args)
    error = error_of(station.run(who, *args, "--json"), exit_code)
    assert (plain.exit_code, plain.stdout, plain.stderr) == (exit_code, "", f"rectify: {error['message']}\n")
    assert station.dump() == before, "something was written"
    return error


def says(error: dict[str, Any], *fragments: str) -> None:
    """Require that the one line says all of this."""
    missing = [each for each in fragments if each not in error["message"]]
    assert not missing, f"{missing} not in: {error['message']}"
