"""Measure everything the README quotes and print it: `make bench`, or `python -m benchmarks step startup`."""

import sys
from importlib import import_module

NAMES = [
    "step", "deadline", "django_fsm", "sweep", "night", "workers", "contention", "startup", "calendar", "papers", "report",
    "exchange",
]  # fmt: skip


def main(wanted: list[str]) -> int:
    """Print a line for each measurement; return how many fell short."""
    short = 0
    print("| what | measured | asked |\n|---|---|---|")
    for name in wanted or NAMES:
        for line in import_module(f"benchmarks.{name}").measure():
            short += not line.ok
            print(f"| {line.what} | {line.measured}{'' if line.ok else ' (short)'} | {line.asked} |", flush=True)
    return short


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
