"""Whom and what a row names, looked up in the registers: its unit, area, department and people. Nothing is written here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select

from cases.exchange.proving import Values
from cases.people import department_of, officer_of
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, departments, people, units
from cases.verbs.keeping import credit_code, proper_name
from cases.verbs.routing import answering
from workflow.authority import lies_under
from workflow.case import Actor, Department, Officer
from workflow.errors import BadInput, Forbidden
from workflow.policy import Policy
from workflow.terms import Rank, Role
from workflow.words import Sentence, Term

_UNITS = Statement(
    select(units.c.id, units.c.name, units.c.area_code, units.c.sector, areas.c.path)
    .join_from(units, areas, areas.c.code == units.c.area_code)
    .where(or_(units.c.name == bindparam("name"), units.c.credit_code == bindparam("code")))
    .order_by(units.c.id)
)
_AREAS = Statement(
    select(areas)
    .where(or_(areas.c.code == bindparam("text"), areas.c.name == bindparam("text")))
    .order_by(areas.c.code)
)
_BELOW = Statement(select(areas.c.code).where(areas.c.under == bindparam("code")).limit(1))
_DEPARTMENTS = Statement(select(departments.c.id).where(departments.c.name == bindparam("name")))
_PEOPLE = Statement(
    select(people).where(people.c.name == bindparam("name"), people.c.unit_id.is_(None)).order_by(people.c.id)
)
_KEEPERS = (Role.administrator, Role.clerk, Role.supervisor, Role.inspector)


#: Stands for the department of somebody who has none.
_NOBODY = Department(0, "", "", Rank.village, may_order=False, may_halt=False)


class Unmatched(Exception):
    """A cell names nobody the registers know: its field, and what was expected."""

    def __init__(self, field: str, expected: Sentence) -> None:
        super().__init__(expected)
        self.field, self.expected = field, expected


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a row; without a number it is in no register yet, and `columns` are what it would be added with."""

    id: int | None
    name: str
    area_code: str
    path: str
    sector: str
    columns: dict[str, Any] | None = None
    bad_code: bool = False


class Registers:
    """The registers, as one import asks them: each name once."""

    def __init__(self, tx: Transaction, actor: Actor, policy: Policy, department: str | None) -> None:
        """Begin with whoever imports; `department` answers where a row names none. Raises Forbidden."""
        if actor.role not in _KEEPERS:
            raise Forbidden(
                Sentence(
                    "{actor} is {role}; administrators, clerks, supervisors and inspectors import ledgers",
                    actor=actor.name,
                    role=Term("role", actor.role or "clock"),
                )
            )
        self.tx, self.actor, self.policy = tx, actor, policy
        self.fallback = actor.department
        self.is_for_all = department is not None
        self._routes: dict[tuple[str, str], Department | None] = {}
        self._units: dict[tuple[str, str | None, str | None], Unit] = {}
        self._new: dict[tuple[str, str], Unit] = {}
        self._areas: dict[str, Any] = {}
        self._departments: dict[str, Department | None] = {}
        self._people: dict[str, list[Any]] = {}
        self._groups: dict[tuple[tuple[str, ...], int], tuple[list[Officer], list[str]]] = {}
        if department is not None:
            self.fallback = self._department(department)
            if self.fallback is None:
                raise BadInput(
                    Sentence("no department is called {text}; type: rectify department list", text=department)
                )

    # -- units

    def unit(self, said: Values) -> Unit:
        """Return the unit a row names. Raises Unmatched for one that is in no register and cannot be added."""
        asked = (" ".join(said["unit"].split()), said.get("credit_code"), said.get("area"))
        found = self._units.get(asked)
        if found is None:
            found = self._units[asked] = self._find_unit(*asked, said)
        return found

    def _find_unit(self, name: str, code: str | None, area: str | None, said: Values) -> Unit:
        rows = self.tx.all(_UNITS, name=name, code=code or "")
        named = [row for row in rows if row.name == name] or rows
        if len(named) > 1 and area is not None:
            place = self._area(area)
            named = [row for row in named if lies_under(row.path, place.path)] or named
        if len(named) > 1:
            choices = [row.area_code for row in named]
            raise Unmatched("area", Sentence("one of the areas of the units of this name: {choices}", choices=choices))
        if named:
            row = named[0]
            return Unit(row.id, row.name, row.area_code, row.path, row.sector)
        return self._new_unit(name, code, area, said)

    def _new_unit(self, name: str, code: str | None, area: str | None, said: Values) -> Unit:
        """Return a unit to be added, as far as the row gives what one needs."""
        sector = said.get("sector")
        area = area or self._only_area(said)
        if area is None or sector is None:
            missing = "area" if area is None else "sector"
            raise Unmatched(missing, Sentence("the area and sector of a unit that is in no register yet"))
        place = self._area(area)
        known = self._new.get((name, place.code))
        if known is not None:
            return known
        checked, bad = self._code(code)
        try:
            name = proper_name("name", name, self.policy)
        except BadInput as error:
            raise Unmatched("unit", error.what) from error
        columns = {
            "name": name, "area_code": place.code, "sector": sector.split("；")[0], "kind": said.get("kind") or "enterprise",
            "above_scale": False, "credit_code": checked, "park": None, "responsible": said.get("head"),
        }  # fmt: skip
        made = self._new[name, place.code] = Unit(None, name, place.code, place.path, sector, columns, bad)
        return made

    def _only_area(self, said: Values) -> str | None:
        """Return the area of the department that answers, where nothing lies below it: no other is left for a unit."""
        answers = self._department(said["department"]) if "department" in said else None
        answers = answers or self.fallback
        if answers is None:
            return None
        own = answers.area.rpartition("/")[2]
        return None if self.tx.one(_BELOW, code=own) is not None else own

    def _code(self, code: str | None) -> tuple[str | None, bool]:
        try:
            return (credit_code("credit_code", code, self.policy) if code else None), False
        except BadInput:
            return None, True

    def _area(self, text: str) -> Any:
        if text not in self._areas:
            rows = self.tx.all(_AREAS, text=text)
            exact = [row for row in rows if row.code == text] or rows
            if len(exact) != 1:
                expected = Sentence("an area of the register, by its name or code")
                raise Unmatched("area", expected)
            self._areas[text] = exact[0]
        return self._areas[text]

    # -- departments and people

    def department(self, said: Values, unit: Unit) -> tuple[Department, bool]:
        """Return the department that answers for a row, and whether it is the one named. Raises Unmatched, Forbidden."""
        named = said.get("department")
        found = None if named is None else self._department(named)
        answers = found or self._answering(unit, said)
        if answers is None:
            raise Unmatched("department", Sentence("a department of the register; or name one with --department"))
        if not lies_under(unit.path, answers.area):
            raise Unmatched(
                "department",
                Sentence("a department in whose area {unit} lies; {name} is none", unit=unit.name, name=answers.name),
            )
        own = self.actor.department
        if self.actor.role in (Role.inspector, Role.supervisor) and (
            own is None or not lies_under(unit.path, own.area)
        ):
            raise Forbidden(Sentence("{unit} lies outside the area of {actor}", unit=unit.name, actor=self.actor.name))
        return answers, named is None or found is not None

    def _answering(self, unit: Unit, said: Values) -> Department | None:
        """Return who answers where a row names nobody: the department named for all, else whom sector and area name."""
        if self.is_for_all:
            return self.fallback
        asked = (unit.path, said.get("sector") or unit.sector)
        if asked not in self._routes:
            self._routes[asked] = self._routed(*asked)
        return self._routes[asked]

    def _routed(self, area: str, sector: str) -> Department | None:
        own = self.fallback
        if own is None or not lies_under(area, own.area):
            own = _NOBODY
        try:
            route = answering(self.tx, area, sector, own)
        except StopIteration:  # nobody answers for this sector there, and whoever imports is of no department there
            return None
        return own if route.id == own.id else department_of(self.tx, route.id)

    def _department(self, name: str) -> Department | None:
        if name not in self._departments:
            rows = self.tx.all(_DEPARTMENTS, name=name)
            self._departments[name] = department_of(self.tx, rows[0].id) if len(rows) == 1 else None
        return self._departments[name]

    def people(self, names: tuple[str, ...], department: Department) -> tuple[list[Officer], list[str]]:
        """Return the officers of these names, and the names that nobody or several bear."""
        asked = (names, department.id)
        if asked not in self._groups:
            self._groups[asked] = self._known(names, department)
        return self._groups[asked]

    def _known(self, names: Iterable[str], department: Department) -> tuple[list[Officer], list[str]]:
        known, unknown = [], []
        for name in names:
            rows = self._bearers(name)
            mine = [row for row in rows if row.department_id == department.id] or rows
            if len(mine) == 1:
                known.append(officer_of(mine[0]))
            else:
                unknown.append(name)
        return known, unknown

    def _bearers(self, name: str) -> list[Any]:
        if name not in self._people:
            self._people[name] = self.tx.all(_PEOPLE, name=name)
        return self._people[name]
