"""Whom a rung tells: the supervisors of a rank over a case's area and sector. A rank with nobody passes to the next."""

from collections import defaultdict
from datetime import date

from sqlalchemy import bindparam, or_, select

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import department_sectors, departments, people
from workflow.terms import Rank, Role

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

    def told(self, area: str, sector: str, rank: Rank) -> Told:
        """Return the lowest rank from this one up that has somebody over the area path and sector, and who that is.

        Where nobody is found up to the province, it is the rank asked for, and nobody.
        """
        key = (area, sector, rank)
        if key not in self._told:
            self._told[key] = self._lowest(area, sector, rank)
        return self._told[key]

    def _lowest(self, area: str, sector: str, rank: Rank) -> Told:
        for higher in list(Rank)[rank.height :]:
            found = self._of(area, sector, higher)
            if found:
                return higher, found
        return rank, ()

    def _of(self, area: str, sector: str, rank: Rank) -> tuple[int, ...]:
        around = [person for code in area.split("/") for person in self._at.get((code, rank), ())]
        return tuple(sorted(person for person, sectors in around if sectors is None or sector in sectors))
