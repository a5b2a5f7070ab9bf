"""The house holds: who may import what, who may read the clock, and how large a thing may grow."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("workflow", "cases", "schedules")

#: Each package, and the only places that may import it – at the top of a module or inside a function.
MAY_IMPORT = {
    "schedules": ["schedules"],
    "cases": ["cases", "schedules"],
    "click": ["cases.commands", "schedules.commands"],
    "sqlmodel": ["cases"],
    "sqlalchemy": ["cases"],
    "alembic": ["cases"],
    "psycopg": ["cases"],
    "sqlite3": ["cases"],
    "apscheduler": ["schedules.timetable", "schedules.service"],
    "transitions": ["workflow.process"],
    "tests": [],
    "benchmarks": [],
}

MAY_READ_THE_CLOCK = ["cases.commands", "schedules.commands", "schedules.service"]
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"),
    *("func.now", "func.current_timestamp", "func.current_date"),
}


def modules(*folders: str) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for name, path in modules(*folders):
        yield name, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def clocks(tree: ast.Module) -> Iterator[str]:
    """Every mention counts, not only a call: `default_factory=datetime.now` reads the clock later."""
    yield from CLOCKS.intersection(imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            mention = ".".join(ast.unparse(node).split(".")[-2:])
            if mention in CLOCKS:
                yield mention


def is_within(module: str, places: list[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("room", ROOMS)
def test_there_is_something_to_hold(room):
    assert (room, ROOT / room / "__init__.py") in modules(room)


def test_imports_go_one_way_and_libraries_stay_in_their_rooms():
    wrong = [
        f"{module} imports {name}"
        for module, tree in trees(*ROOMS)
        for name in imports(tree)
        for package, places in MAY_IMPORT.items()
        if is_within(name, [package]) and not is_within(module, places)
    ]
    assert not wrong


def test_only_commands_and_the_service_read_the_clock():
    wrong = [
        f"{module} reads {clock}"
        for module, tree in trees(*ROOMS)
        if not is_within(module, MAY_READ_THE_CLOCK)
        for clock in clocks(tree)
    ]
    assert not wrong


def test_no_file_is_longer_than_450_lines():
    lengths = {
        str(path): len(path.read_text(encoding="utf-8").splitlines()) for _, path in modules(*ROOMS, "benchmarks")
    }
    assert not {path: length for path, length in lengths.items() if length > 450}


def test_no_function_is_longer_than_45_lines():
    wrong = [
        f"{module}.{node.name} has {node.end_lineno - node.lineno + 1}"
        for module, tree in trees(*ROOMS, "benchmarks")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > 45
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("source", "mentions"),
    [
        ("import datetime as dt\nx = dt.datetime.now(dt.UTC)", ["datetime.now"]),
        ("from datetime import date\ndef f(): return date.today()", ["date.today"]),
        ("Field(default_factory=datetime.now)", ["datetime.now"]),
        ("from time import time", ["time.time"]),
        ("time.monotonic(); time.perf_counter(); facts.now; self.today", []),
    ],
)
def test_a_clock_is_seen_wherever_it_hides(source, mentions):
    assert list(clocks(ast.parse(source))) == mentions


def test_an_import_is_seen_inside_a_function_too():
    assert list(imports(ast.parse("def f():\n    from sqlmodel import Session\n    import click.testing"))) == [
        "sqlmodel.Session",
        "click.testing",
    ]
