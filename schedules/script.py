"""A script: registers, then events at their own times, as a data file that a person of the trade can read and check.

One record a line. What is wrong with it is said with the line it stands on.
"""

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NaiveDatetime, ValidationError

from cases.ledger import Door
from cases.verbs import registers, staff
from schedules.campaigning import AnyCampaigning
from schedules.events import FOLDER, AnyEvent, Record
from schedules.halting import AnyHalting
from workflow.errors import BadInput
from workflow.places import line_of, lines_of
from workflow.terms import Rank, Role, ScopeList, ScopeStatus, UnitKind
from workflow.words import Sentence


class Entry(Record, ABC):
    """A line of a register."""

    @abstractmethod
    def add(self, door: Door) -> None:
        """Enter it. Raises what the register raises."""


class Area(Entry):
    """辖区."""

    code: str
    name: str
    rank: Rank
    under: str | None = None

    def add(self, door: Door) -> None:
        staff.add_area(door, **self.model_dump())


class Department(Entry):
    """部门."""

    name: str
    area: str
    rank: Rank
    sectors: tuple[str, ...] = ()
    may_order: bool | None = None
    may_halt: bool = False
    working_group: bool = False
    paper_prefix: str | None = None

    def add(self, door: Door) -> None:
        staff.add_department(door, **self.model_dump())


class Person(Entry):
    """人员."""

    name: str
    role: Role
    department: str | None = None
    unit: str | None = None
    certificate: str | None = None
    valid_to: date | None = None

    def add(self, door: Door) -> None:
        staff.add_person(door, **self.model_dump())


class Unit(Entry):
    """生产经营单位."""

    name: str
    area: str
    sector: str
    kind: UnitKind = UnitKind.enterprise
    above_scale: bool = False
    park: str | None = None
    responsible: str | None = None
    #: How it stands in the campaign's scope; the campaign's own list unless said otherwise.
    on: ScopeList | None = None
    product: str | None = None

    def add(self, door: Door) -> None:
        registers.add_unit(door, **self.model_dump(exclude={"on", "product"}))


class Campaign(Record):
    """专项行动, and the units in its scope: all of the script's."""

    name: str
    starts: date
    ends: date
    on: ScopeList = ScopeList.listed


class Printed(Record):
    """A figure as the report prints it, and which of ours it is: `of` a group, or of everything.

    `about`: the report says 余 or 约. `counts` units: the distinct units behind the cases of that figure.
    """

    key: str
    value: int | float
    unit: str
    about: bool = False
    phrase: str
    figure: str
    by: Literal["sector", "list", "product", "area"] = "sector"
    of: str | None = None
    counts: Literal["cases", "units"] = "cases"


class Script(Record):
    """One report's ledger: who and what there was, what happened, and what the report made of it."""

    title: str
    begins: NaiveDatetime
    ends: NaiveDatetime
    #: The case whose history is shown at the end, by its mark.
    told: str
    #: Somebody to look at the store as, afterwards.
    viewer: str
    campaign: Campaign
    areas: list[Area]
    departments: list[Department]
    units: list[Unit]
    people: list[Person]
    printed: list[Printed]
    events: list[Annotated[AnyEvent | AnyHalting | AnyCampaigning, Field(discriminator="do")]] = Field(min_length=1)

    def register(self, door: Door) -> None:
        """Fill the registers and the campaign's scope."""
        entries: tuple[Entry, ...] = (*self.areas, *self.departments, *self.units, *self.people)
        for entry in entries:
            entry.add(door)
        plan = self.campaign
        registers.add_campaign(door, plan.name, from_on=plan.starts, to_on=plan.ends)
        places: dict[tuple[str, str | None], list[str]] = {}
        for unit in self.units:
            places.setdefault((unit.on or plan.on, unit.product), []).append(unit.name)
        for (on, product), names in places.items():
            registers.scope(door, plan.name, names, on_list=on, product=product, status=ScopeStatus.final)


class Lines:
    """Where each record of a script stands, to name it when it is wrong."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._lines = lines_of(text)

    def fault(self, path: Sequence[str | int], why: Any) -> Sentence:
        """Return what is wrong with the record at this path, with its line."""
        return Sentence("{file}, line {line}: {why}", file=self.name, line=line_of(tuple(path), self._lines), why=why)


def read(path: Path) -> tuple[Script, Lines]:
    """Read a script. Raises BadInput that names the line of every mistake."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Sentence("{file} cannot be read as UTF-8; check the path", file=path.name)) from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(Sentence("{file} is not TOML: {why}", file=path.name, why=str(error))) from error
    lines = Lines(path.name, text)
    try:
        script = Script.model_validate(data)
    except ValidationError as error:
        faults = [lines.fault(each["loc"], _why(each)) for each in error.errors()]
        raise BadInput(Sentence("the script was not taken"), reasons=faults) from error
    faults = _out_of_order(script, lines)
    if faults:
        raise BadInput(Sentence("the script was not taken"), reasons=faults)
    return script, lines


def shipped(report: str) -> tuple[Script, Lines]:
    """Read a script that comes with the package."""
    return read(FOLDER / f"{report}.toml")


def _why(error: Any) -> str:
    """Return what pydantic has against a value, with the key it stands under."""
    keys = [part for part in error["loc"] if isinstance(part, str)]
    return f"{keys[-1]}: {error['msg']}" if keys else str(error["msg"])


def _out_of_order(script: Script, lines: Lines) -> list[Sentence]:
    """Return the events that stand before what they follow: a ledger is read from the top down."""
    times = [script.begins, *(event.at for event in script.events)]
    late = [at for at, (earlier, later) in enumerate(pairwise(times)) if later < earlier]
    faults = [lines.fault(("events", at), Sentence("it lies before the event above")) for at in late]
    if script.events[-1].at > script.ends:
        faults.append(lines.fault(("ends",), Sentence("events lie behind it")))
    return faults
