"""Whom the clock tells.

A rung: the supervisors of a rank over a case's area and sector; a rank with nobody passes to the next. A reminder:
whoever owes what is due – the unit's contacts, the inspector it is assigned to or those of the department, or its
supervisors. Where no contact of the unit has an address, the inspector is reminded, and where a department has none, the
supervisors of the rank in charge: a reminder always finds somebody when a rung would.
"""

from collections import defaultdict
from datetime import date

from sqlalchemy import and_, bindparam, insert, or_, select

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import department_sectors, departments, notices, people
from workflow.case import Climber, Deadline
from workflow.terms import Rank, Role, WaitsOn

_SUPERVISORS = Statement(
    select(people.c.id, departments.c.id, departments.c.area_code, departments.c.rank)
    .join_from(people, departments, departments.c.id == people.c.department_id)
    .where(
        people.c.role == Role.supervisor,
        or_(people.c.retired_on.is_(None), people.c.retired_on > bindparam("today")),
    )
    .order_by(people.c.id)
)
_SECTORS = Statement(select(department_sectors.c.department_id, department_sectors.c.sector))

_OWING = Statement(
    select(people.c.id, people.c.role, people.c.department_id, people.c.unit_id)
    .where(
        or_(
            people.c.role == Role.inspector,
            people.c.role == Role.supervisor,
            and_(people.c.role == Role.contact, people.c.notify != ""),
        ),
        or_(people.c.retired_on.is_(None), people.c.retired_on > bindparam("today")),
    )
    .order_by(people.c.id)
)

#: Written with the step that somebody is to be told of.
ADD_NOTICE = Statement(
    insert(notices).values(
        {
            name: bindparam(name)
            for name in ("kind", "subject_id", "seq", "person_id", "area_code", "rank", "created_at", "attempts")
        }
    )
)

#: A rank that is told, and the numbers of its people; nobody when no rank from there up has anyone.
Told = tuple[Rank, tuple[int, ...]]


class Recipients:
    """Everybody who may be told, read once a run: a question per case would cost more than the case."""

    def __init__(self, tx: Transaction, today: date) -> None:
        sectors: dict[int, set[str]] = defaultdict(set)
        for department, sector in tx.all(_SECTORS):
            sectors[department].add(sector)
        self._at: dict[tuple[str, str], list[tuple[int, set[str] | None]]] = defaultdict(list)
        for person, department, area, rank in tx.all(_SUPERVISORS, today=today):
            self._at[area, rank].append((person, sectors.get(department)))
        self._told: dict[tuple[str, str, Rank], Told] = {}
        self._today = today
        self._staff: dict[tuple[str, int | None], tuple[int, ...]] = {}
        self._is_staffed = False

    def told(self, area: str, sector: str, rank: Rank) -> Told:
        """Return the lowest rank from this one up that has somebody over the area path and sector, and who that is.

        Where nobody is found up to the province, it is the rank asked for, and nobody.
        """
        key = (area, sector, rank)
        if key not in self._told:
            self._told[key] = self._lowest(area, sector, rank)
        return self._told[key]

    def owing(self, tx: Transaction, of: Climber, deadline: Deadline) -> tuple[int, ...]:
        """Return the people to remind of a deadline of a case, or of something else that climbs."""
        if not self._is_staffed:
            self._read_staff(tx)
        return self._owing(of, deadline.owner) or self.told(of.area, of.sector, Rank(of.charge))[1]

    def _owing(self, of: Climber, owner: str) -> tuple[int, ...]:
        if owner == WaitsOn.unit:
            return self._of_staff(Role.contact, of.unit_id) or self._inspectors(of)
        if owner == WaitsOn.inspector:
            return self._inspectors(of)
        asked = of.department_id if owner == WaitsOn.supervisor or of.transfer_to is None else of.transfer_to
        return self._of_staff(Role.supervisor, asked)

    def _inspectors(self, of: Climber) -> tuple[int, ...]:
        theirs = self._of_staff(Role.inspector, of.department_id)
        return (of.assigned_to,) if of.assigned_to in theirs else theirs

    def _of_staff(self, role: Role, of: int) -> tuple[int, ...]:
        return self._staff.get((role, of), ())

    def _read_staff(self, tx: Transaction) -> None:
        """Read the people of each department and unit by role, when the first reminder is due."""
        for person, role, department, unit in tx.all(_OWING, today=self._today):
            key = (role, unit if role == Role.contact else department)
            self._staff[key] = (*self._staff.get(key, ()), person)
        self._is_staffed = True

    def _lowest(self, area: str, sector: str, rank: Rank) -> Told:
        for higher in list(Rank)[rank.height :]:
            found = self._of(area, sector, higher)
            if found:
                return higher, found
        return rank, ()

    def _of(self, area: str, sector: str, rank: Rank) -> tuple[int, ...]:
        around = [person for code in area.split("/") for person in self._at.get((code, rank), ())]
        return tuple(sorted(person for person, sectors in around if sectors is None or sector in sectors))
