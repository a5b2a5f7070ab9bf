"""How long a command takes to start: against the bare interpreter, and against importing sqlmodel and asking once."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.measuring import Line
from tests.cases.ledgers import opened

ROUNDS = 15
RECTIFY = [sys.executable, "-c", "import sys; from cases.commands import main; sys.exit(main())"]
ONE_QUERY = """
import sqlite3, sys, sqlmodel
print(sqlite3.connect(sys.argv[1]).execute("SELECT * FROM hazards WHERE id = 1").fetchone())
"""


def _times(commands: list[list[str]]) -> list[float]:
    """Return the median time of each command, taking turns."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for command, taken in zip(commands, times, strict=True):
            begun = perf_counter()
            subprocess.run(command, check=False, capture_output=True, env=environment)
            taken.append(perf_counter() - begun)
    return [median(taken) for taken in times]


def measure() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "rectify.db")
        from cases.people import os_login

        with opened(place) as made:
            made.find(1)
            made.store.close()
            made.store.connection().execute("UPDATE people SET login = ? WHERE role = 'administrator'", (os_login(),))
        bare, helped = _times([[sys.executable, "-c", "pass"], [*RECTIFY, "--help"]])
        os.environ["RECTIFY_DB"] = place
        asked, shown = _times([[sys.executable, "-c", ONE_QUERY, place], [*RECTIFY, "show", "1"]])
    return [
        Line("rectify --help", f"×{helped / bare:.1f} ({helped * 1e3:.0f} ms : {bare * 1e3:.0f} ms)", "≤ 5 × python -c pass", helped <= 5 * bare),
        Line("rectify show", f"×{shown / asked:.2f} ({shown * 1e3:.0f} ms : {asked * 1e3:.0f} ms)", "≤ 1.5 × import sqlmodel and one query", shown <= 1.5 * asked),
    ]  # fmt: skip
