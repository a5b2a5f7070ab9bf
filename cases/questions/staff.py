"""Who is there to act: the active people of each department, and who stands in where a department has nobody."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from cases.questions.filters import IS_OPEN, among
from cases.store import Transaction
from cases.tables import areas, departments, hazards, people
from workflow.authority import lies_under
from workflow.case import Actor
from workflow.policy import Policy
from workflow.terms import Grade, Rank, Role

OFFICERS = (Role.inspector, Role.supervisor)


def is_active(today: date) -> ColumnElement[bool]:
    """Return whether a person has not left by today."""
    return or_(people.c.retired_on.is_(None), people.c.retired_on > today)


def retired(today: date) -> Select[Any]:
    """Return the ids of the people who have left by today."""
    return select(people.c.id).where(people.c.retired_on <= today)


def manned(today: date) -> Select[Any]:
    """Return the ids of the departments in which somebody active can act on a case."""
    officers = (among(people.c.role, OFFICERS), is_active(today), people.c.department_id.is_not(None))
    return select(people.c.department_id).where(*officers)


class Post(NamedTuple):
    """A department, and how many active inspectors and supervisors it has."""

    id: int
    area: str  # path
    rank: str
    inspectors: int
    supervisors: int

    def has(self, role: Role) -> bool:
        """Return whether somebody of this role is there."""
        return bool(self.inspectors if role == Role.inspector else self.supervisors)


def posts(tx: Transaction, today: date) -> list[Post]:
    """Return every department with its people counted."""
    counted = (
        select(departments.c.id, areas.c.path, departments.c.rank, _count(Role.inspector), _count(Role.supervisor))
        .join_from(departments, areas, areas.c.code == departments.c.area_code)
        .outerjoin(people, (people.c.department_id == departments.c.id) & is_active(today))
        .group_by(departments.c.id, areas.c.path, departments.c.rank)
    )
    return [Post(*row) for row in tx.all(counted)]


def _count(role: Role) -> ColumnElement[int]:
    return func.count(case((people.c.role == role.value, 1)))


def answers_for(tx: Transaction, today: date, viewer: Actor) -> dict[Role, list[int]]:
    """Return the departments whose cases fall to people like the viewer, when an inspector or a supervisor is owed.

    These are the viewer's own, and those without anybody of their own for which the viewer's is the nearest above.
    """
    everywhere = posts(tx, today)
    return {
        wanted: [post.id for post in everywhere if _falls_to(viewer, wanted, post, everywhere)] for wanted in OFFICERS
    }


def _falls_to(viewer: Actor, wanted: Role, post: Post, everywhere: Iterable[Post]) -> bool:
    nearest = next(_able(wanted, post, everywhere), None)
    if nearest is None or viewer.department is None:
        return False
    there, role = nearest
    return viewer.role == role and viewer.department.id in there


def _able(wanted: Role, post: Post, everywhere: Iterable[Post]) -> Iterator[tuple[list[int], Role]]:
    """Yield who could act for a department, nearest first; a supervisor may do what an inspector may."""
    roles = [role for role in OFFICERS if role in (wanted, Role.supervisor)]
    yield from (([post.id], role) for role in roles if post.has(role))
    above = [each for each in everywhere if lies_under(post.area, each.area)]
    for area in sorted({each.area for each in above}, key=len, reverse=True):
        for role in roles:
            there = [each.id for each in above if each.area == area and each.has(role)]
            if there:
                yield there, role


def ranks_with_nobody(tx: Transaction, policy: Policy, today: date) -> list[dict[str, Any]]:
    """Return the areas with open cases where a rank of the ladder has no supervisor; the next one up is told instead.

    Each is `{area, area_code, ranks}`, lowest rank first.
    """
    chiefs = {(post.area, post.rank) for post in posts(tx, today) if post.supervisors}
    missing: dict[tuple[str, str], set[Rank]] = {}
    for area in tx.all(_with_open_cases()):
        for rank in _told(policy, area.grade, area.charge):
            if not any(held == rank and lies_under(area.path, over) for over, held in chiefs):
                missing.setdefault((area.code, area.name), set()).add(rank)
    return [
        {"area": name, "area_code": code, "ranks": [rank.value for rank in sorted(ranks, key=lambda r: r.height)]}
        for (code, name), ranks in sorted(missing.items())
    ]


def _with_open_cases() -> Select[Any]:
    return (
        select(areas.c.code, areas.c.name, areas.c.path, hazards.c.grade, departments.c.rank.label("charge"))
        .join_from(hazards, areas, areas.c.code == hazards.c.area_code)
        .join(departments, departments.c.id == hazards.c.department_id)
        .where(IS_OPEN)
        .distinct()
    )


def _told(policy: Policy, grade: str, charge: str) -> set[Rank]:
    """Return the ranks a ladder tells; rungs below the rank in charge are told to it instead, or skipped."""
    return {max(rung.rank, Rank(charge)) for rung in policy.ladders.of(Grade(grade)).rungs}
