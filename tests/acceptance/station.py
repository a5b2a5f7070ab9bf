"""A county's safety bureau at work: registers, people with accounts of their own, and a case in every state.

It is made once through the real command line and copied for every test, so that a test types only what it is about.
Everything in it happened three and two days before `today`; what a test does happens now unless it says otherwise.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cases.store import open_store
from cases.tables import metadata
from tests.cli import Cli, Result

ZONE = ZoneInfo("Asia/Shanghai")
COUNTY, EAST, WEST = "330109", "330109001", "330109002"

#: name, role, department, what else is said. The login is the name.
PEOPLE: list[tuple[str, ...]] = [
    ("王敏", "inspector", "县安监局", "--certificate", "A-1"),
    ("李强", "inspector", "县安监局", "--certificate", "A-2"),
    ("周洁", "inspector", "县安监局", "--certificate", "A-3"),
    ("何静", "inspector", "县安监局", "--certificate", "A-4", "--valid-to", "2020-12-31"),
    ("赵刚", "supervisor", "县安监局", "--certificate", "A-5"),
    ("钱勇", "supervisor", "县安监局", "--certificate", "A-6"),
    ("孙丽", "clerk", "县安监局"),
    ("冯军", "supervisor", "县消防大队", "--certificate", "A-7"),
    ("吴江", "inspector", "东溪镇政府", "--certificate", "A-8"),
    ("周平", "patroller", "东溪镇政府"),
    ("陈涛", "inspector", "西溪镇政府", "--certificate", "A-9"),
]

OFFICERS = ("--by", "王敏", "--by", "李强")
FRESH = ("--by", "周洁", "--by", "赵刚")
PLAN = ("--goal", "消除隐患", "--method", "新建库房", "--funds", "35", "--organisation", "张伟", "--emergency", "停用")


@dataclass
class Station:
    """One such bureau, in a store of the test's own."""

    cli: Cli
    folder: Path  #: files of the test's own lie here
    today: date
    #: Case numbers by what the case is like: "found", "ordered twice", "major rechecked" …
    cases: dict[str, int]

    @property
    def store(self) -> str:
        return self.cli.store

    # -- time

    def day(self, days: int) -> str:
        return (self.today + timedelta(days)).isoformat()

    def at(self, days: int, time: str) -> tuple[str, str]:
        return "--at", f"{self.day(days)} {time}"

    def in_days(self, days: int = 20, *, responsible: str = "张伟") -> tuple[str, ...]:
        """Three-fixed, with interim measures, due in so many days."""
        return ("--responsible", responsible, "--measure", "分库储存", "--due", self.day(days), "--interim", "停用")

    # -- people at work

    def run(self, who: str | None, *args: object) -> Result:
        return self.cli.run(*args, login=who)

    def done(self, who: str | None, *args: object) -> Result:
        return self.cli.done(*args, login=who)

    def told(self, who: str | None, *args: object) -> Any:
        return self.cli.told(*args, login=who)

    def show(self, case: int) -> Any:
        return self.told("王敏", "show", case)

    def history(self, case: int) -> Any:
        return self.told("王敏", "history", case)

    def orders(self, case: int) -> list[int]:
        return [order["id"] for order in self.show(case)["orders"]]

    def moved(self, who: str, *args: object) -> int:
        """Make one case, or move it; return its number."""
        return int(self.told(who, *args)["cases"][0]["id"])

    def find(self, unit: str = "永安氧气", *more: object, text: str = "通道堵塞", grade: str = "general") -> int:
        """Find one more hazard, now."""
        self.done("王敏", "inspect", unit, *OFFICERS)
        return self.moved("王敏", "record", "last", text, "--grade", grade, *more)

    def photo(self, name: str = "after.jpg") -> Path:
        """Return a file that begins like a photo."""
        place = self.folder / name
        if not place.exists():
            place.write_bytes(b"\xff\xd8\xff\xe0" + name.encode())
        return place

    def copied(self, store: str, folder: Path) -> "Station":
        return Station(Cli(store), folder, self.today, self.cases)

    # -- what is stored

    def dump(self) -> dict[str, list[Any]]:
        """Return every row of every table but the log of forbidden attempts."""
        store = open_store(self.store)
        try:
            with store.read() as tx:
                return {
                    table.name: [tuple(row) for row in tx.all(select(table).order_by(*table.primary_key.columns))]
                    for table in metadata.sorted_tables
                    if table.name != "forbidden_attempts"
                }
        finally:
            store.close()


def made(store: str, folder: Path) -> Station:
    """Make the bureau in an empty place."""
    station = Station(Cli(store), folder, datetime.now(ZONE).date(), {})
    station.cli.init()
    _fill_registers(station.cli)
    _find_hazards(station)
    return station


def _fill_registers(cli: Cli) -> None:
    cli.done("area", "add", COUNTY, "湖光县", "--rank", "county")
    cli.done("area", "add", EAST, "东溪镇", "--rank", "township", "--under", COUNTY)
    cli.done("area", "add", WEST, "西溪镇", "--rank", "township", "--under", COUNTY)
    cli.done(
        "department",
        "add",
        "县安监局",
        "--area",
        COUNTY,
        "--rank",
        "county",
        "--may-halt",
        "--paper-prefix",
        "湖安监责改",
    )
    cli.done("department", "add", "县消防大队", "--area", COUNTY, "--rank", "county")
    cli.done("department", "add", "东溪镇政府", "--area", EAST, "--rank", "township", "--no-may-order")
    cli.done("department", "add", "西溪镇政府", "--area", WEST, "--rank", "township")
    for name, role, department, *more in PEOPLE:
        cli.done("person", "add", name, "--role", role, "--department", department, "--login", name, *more)
    for unit, area, sector in (
        ("永安氧气", EAST, "氧气乙炔经销"),
        ("宏达冷库", EAST, "冷库"),
        ("西溪矿业", WEST, "非煤矿山"),
    ):
        cli.done("unit", "add", unit, "--area", area, "--sector", sector)
    cli.done("person", "add", "张伟", "--role", "contact", "--unit", "永安氧气", "--login", "张伟")
    cli.done("person", "add", "刘洋", "--role", "contact", "--unit", "宏达冷库", "--login", "刘洋")


def _find_hazards(station: Station) -> None:
    """Bring one case into every state that commands lead to, some of them with two orders, some of them major."""
    visit = _visit(station, "永安氧气")
    for name, orders, until in (
        ("found", 0, ""),
        ("ordered unserved", 1, ""),
        ("ordered", 1, "serve"),
        ("rectifying", 1, "start"),
        ("submitted", 1, "submit"),
        ("rechecked", 1, "recheck"),
        ("another rechecked", 1, "recheck"),
        ("third rechecked", 1, "recheck"),
        ("closed", 1, "close"),
        ("voided", 0, "void"),
        ("ordered twice", 2, "serve"),
        ("rectifying twice", 2, "start"),
        ("submitted twice", 2, "submit"),
    ):
        station.cases[name] = _brought(station, visit, name, orders, until)
    station.cases["corrected"] = _record(station, visit, "corrected")
    station.done("王敏", "correct", station.cases["corrected"], "--evidence", station.photo(), *station.at(-3, "10:00"))
    responsible = _brought(station, visit, "ordered to 李强", 1, "serve", responsible="李强")
    station.cases["ordered to 李强"] = responsible
    for name, orders, until in (
        ("found", 0, ""),
        ("ordered", 1, "serve"),
        ("submitted", 1, "submit"),
        ("rechecked", 1, "recheck"),
    ):
        station.cases[f"major {name}"] = _brought(station, visit, f"major {name}", orders, until, grade="major")
    visit = _visit(station, "宏达冷库")
    station.cases["found elsewhere"] = _record(station, visit, "found elsewhere")
    station.cases["ordered elsewhere"] = _brought(station, visit, "ordered elsewhere", 1, "serve")


def _visit(station: Station, unit: str) -> int:
    return int(station.told("王敏", "inspect", unit, *OFFICERS, *station.at(-3, "09:00"))["inspection"]["id"])


def _record(station: Station, visit: int, text: str, grade: str = "general") -> int:
    return station.moved("王敏", "record", visit, text, "--grade", grade, *station.at(-3, "09:45"))


#: What a case goes through, in this order.
_WAY = ("", "serve", "start", "submit", "recheck", "close")


def _brought(
    station: Station, visit: int, text: str, orders: int, until: str, grade: str = "general", responsible: str = "张伟"
) -> int:
    case = _record(station, visit, text, grade)
    for _ in range(orders):
        station.done("王敏", "order", case, *station.in_days(responsible=responsible), *station.at(-3, "10:00"))
        if until:
            station.done("王敏", "serve", "last", "--receipt", "张伟", *station.at(-3, "11:00"))
    if until == "void":
        station.done("赵刚", "void", case, "--reason", "mistaken", "--note", "误录", *station.at(-3, "10:00"))
        return case
    for name, day, time, command in (
        ("start", -3, "12:00", ("start", case)),
        ("submit", -3, "13:00", ("submit", case, "--done", "已分开", "--evidence", station.photo())),
        ("recheck", -2, "14:00", ("recheck", "--pass", case, *FRESH, "--note", "合格")),
        ("close", -2, "15:00", ("close", case)),
    ):
        if _WAY.index(name) <= _WAY.index(until):
            station.done("王敏", *command, *station.at(day, time))
    return case
