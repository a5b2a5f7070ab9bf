"""Areas, departments and people: the registers that administrators keep."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, String, bindparam, delete, func, insert, select, update

from cases.ledger import Door, Try
from cases.names import find, find_area
from cases.people import actor_of, department_of
from cases.questions.registers import masked
from cases.statements import Statement
from cases.tables import areas, department_sectors, departments, hazards, people
from cases.tables.hazard import IS_OPEN
from cases.verbs import moves
from cases.verbs.keeping import (
    Columns,
    address,
    area_code,
    change,
    entry,
    hold,
    must_administer,
    one_line,
    other_than,
    proper_name,
    refuse_if,
    twice,
    written,
)
from cases.verbs.outcome import Outcome
from workflow.authority import INSPECTOR, lies_under
from workflow.deadlines import local_date
from workflow.errors import BadInput, Refused
from workflow.terms import Rank, Role
from workflow.words import Sentence, Term

# -- areas -------------------------------------------------------------------------------------------------------------

_AREA = {"code": area_code, "name": proper_name}
_AREA_CODED = Statement(select(areas).where(areas.c.code == bindparam("code")))
_SISTERS = Statement(
    select(areas).where(areas.c.name == bindparam("name"), areas.c.under.is_not_distinct_from(bindparam("under")))
)
_CHILDREN = Statement(select(areas).where(areas.c.under == bindparam("code")).order_by(areas.c.code))
_MOVE_BELOW = Statement(
    update(areas)
    .where(func.substr(areas.c.path, 1, bindparam("length", type_=Integer)) == bindparam("was", type_=String))
    .values(path=bindparam("now", type_=String) + func.substr(areas.c.path, bindparam("rest", type_=Integer)))
)


def add_area(door: Door, code: str, name: str, rank: str, under: str | None = None) -> Outcome:
    """Add an area under another one, or at the top. Raises BadInput, NotFound, Forbidden or Refused."""
    hold(door)
    tx = door.tx
    said = written(_AREA, {"code": code, "name": name}, door.acting.policy)
    parent = find_area(tx, under) if under else None
    must_administer(door)
    there = tx.one(_AREA_CODED, code=said["code"])
    reasons = [*door.untimely(), *twice("area", there or _sister(door, said["name"], parent, None))]
    refuse_if([*reasons, *_misplaced(rank, parent, ())], "area", said["name"])
    tx.add(areas, **said, rank=rank, **_place(said["code"], parent))
    return _area(door, said["code"])


def edit_area(
    door: Door, area: str, *, name: str | None = None, rank: str | None = None, under: str | None = None
) -> Outcome:
    """Change an area; one that goes under another takes all below it along. `under` "" puts it at the top.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    tx = door.tx
    said = written(_AREA, {"name": name, "rank": rank}, door.acting.policy)
    found = find_area(tx, area)
    above = found.under if under is None else under
    parent = find_area(tx, above) if above else None
    must_administer(door)
    reasons = [*door.untimely(), *twice("area", _sister(door, said.get("name", found.name), parent, found.code))]
    if parent is not None and lies_under(parent.path, found.path):
        reasons.append(Sentence("{area} does not lie under itself", area=found.code))
    reasons += _misplaced(said.get("rank", found.rank), parent, tx.all(_CHILDREN, code=found.code))
    refuse_if(reasons, "area", found.name)
    place = _place(found.code, parent)
    change(tx, areas, found.code, {**said, **place})
    below = found.path + "/"
    tx.run(_MOVE_BELOW, length=len(below), was=below, now=place["path"], rest=len(below))
    return _area(door, found.code)


def _place(code: str, parent: Any) -> Columns:
    """Return where an area hangs: what it is under, and the codes from the top down."""
    if parent is None:
        return {"under": None, "path": code}
    return {"under": parent.code, "path": f"{parent.path}/{code}"}


def _sister(door: Door, name: str, parent: Any, own: str | None) -> Any:
    """Return another area of the same name right under the same one."""
    found = door.tx.all(_SISTERS, name=name, under=None if parent is None else parent.code)
    return next((each for each in found if each.code != own), None)


def _misplaced(rank: str, parent: Any, children: Iterable[Any]) -> list[Sentence]:
    """Return why an area of this rank cannot hang between these: ranks fall from the top down."""
    pairs = [*([] if parent is None else [(rank, parent.rank)]), *((child.rank, rank) for child in children)]
    return [
        Sentence("{lower} does not lie under {upper}", lower=Term("rank", lower), upper=Term("rank", upper))
        for lower, upper in dict.fromkeys(pairs)
        if Rank(lower) >= Rank(upper)
    ]


def _area(door: Door, code: str) -> Outcome:
    told = entry(door.tx, areas, code)
    return Outcome({"area": told}, [Sentence("area {code}: {name}", code=code, name=told["name"])])


# -- departments -------------------------------------------------------------------------------------------------------

_DEPARTMENT = {"name": proper_name, "paper_prefix": one_line, "review_body": one_line}
_SAME_DEPARTMENT = Statement(
    select(departments).where(departments.c.name == bindparam("name"), departments.c.area_code == bindparam("area"))
)
_SECTORS = Statement(
    select(department_sectors.c.sector)
    .where(department_sectors.c.department_id == bindparam("department"))
    .order_by(department_sectors.c.sector)
)
_NO_SECTORS = Statement(delete(department_sectors).where(department_sectors.c.department_id == bindparam("department")))
_ADD_SECTOR = Statement(insert(department_sectors))


def add_department(
    door: Door,
    name: str,
    *,
    area: str,
    rank: str,
    sectors: Sequence[str] = (),
    may_order: bool | None = None,
    may_halt: bool = False,
    working_group: bool = False,
    **papers: str | None,
) -> Outcome:
    """Add a department with what its `papers` say: `paper_prefix`, `review_body`; `may_order` None: as soon as it has an inspector.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    tx = door.tx
    said = written(_DEPARTMENT, {"name": name, **papers}, door.acting.policy)
    answers_for = _sectors(door, sectors)
    place = find_area(tx, area)
    must_administer(door)
    there = tx.one(_SAME_DEPARTMENT, name=said["name"], area=place.code)
    refuse_if([*door.untimely(), *twice("department", there)], "department", said["name"])
    powers = {"may_order": may_order, "may_halt": may_halt, "working_group": working_group}
    number = int(tx.add(departments, **said, **powers, area_code=place.code, rank=rank))
    _answer_for(door, number, answers_for)
    return _department(door, number)


def edit_department(
    door: Door, department: str, *, area: str | None = None, sectors: Sequence[str] = (), **said: Any
) -> Outcome:
    """Change a department's name, rank, powers, prefix or area; `sectors` replace the old ones, "" means all.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    tx = door.tx
    changed = written(_DEPARTMENT, said, door.acting.policy)
    answers_for = _sectors(door, sectors)
    found = find(tx, "department", department)
    if area is not None:
        changed["area_code"] = find_area(tx, area).code
    must_administer(door)
    after = {**found._asdict(), **changed}
    there = tx.one(_SAME_DEPARTMENT, name=after["name"], area=after["area_code"])
    refuse_if([*door.untimely(), *twice("department", other_than(found.id, there))], "department", found.name)
    change(tx, departments, found.id, changed)
    if sectors:
        tx.run(_NO_SECTORS, department=found.id)
        _answer_for(door, found.id, answers_for)
    return _department(door, found.id)


def _sectors(door: Door, sectors: Sequence[str]) -> list[str]:
    read = [one_line("sector", sector, door.acting.policy) for sector in sectors]
    return [sector for sector in dict.fromkeys(read) if sector is not None]


def _answer_for(door: Door, department: int, sectors: Sequence[str]) -> None:
    door.tx.many(_ADD_SECTOR, [{"department_id": department, "sector": sector} for sector in sectors])


def _department(door: Door, number: int) -> Outcome:
    told = entry(door.tx, departments, number)
    told["may_order"] = department_of(door.tx, number).may_order
    told["sectors"] = [row.sector for row in door.tx.all(_SECTORS, department=number)]
    return Outcome({"department": told}, [Sentence("department {id}: {name}", id=number, name=told["name"])])


# -- people ------------------------------------------------------------------------------------------------------------

_PERSON = {"name": proper_name, "certificate": one_line, "login": one_line, "notify": address}
_ACTIVE = people.c.retired_on.is_(None)
_SAME_PERSON = Statement(
    select(people)
    .where(_ACTIVE)
    .where(*[people.c[name] == bindparam(name) for name in ("name", "role")])
    .where(
        *[people.c[name].is_not_distinct_from(bindparam(name)) for name in ("department_id", "unit_id", "certificate")]
    )
    .where(people.c.id != bindparam("own"))
)
_SAME_LOGIN = Statement(
    select(people).where(_ACTIVE, people.c.login == bindparam("login"), people.c.id != bindparam("own"))
)
_ANY_ADMINISTRATOR = Statement(
    select(people.c.id).where(_ACTIVE, people.c.role == Role.administrator, people.c.login.is_not(None)).limit(1)
)
_OPEN_CASES_OF = Statement(
    select(hazards.c.id).where(hazards.c.assigned_to == bindparam("person"), IS_OPEN).order_by(hazards.c.id)
)


def add_person(
    door: Door, name: str, *, role: str, department: str | None = None, unit: str | None = None, **said: Any
) -> Outcome:
    """Add a person, with a certificate, its last day, a login and where notices go, as far as they are known.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    columns = written(_PERSON, {"name": name, "role": role, **said}, door.acting.policy)
    columns.update(_belonging(door, department, unit))
    must_administer(door)
    _check_person(door, columns, None)
    return _person(door, int(door.tx.add(people, **columns)))


def edit_person(
    door: Door, person: str, *, department: str | None = None, unit: str | None = None, **said: Any
) -> Outcome:
    """Change a person who is still there; somebody who changes from unit to department leaves the unit.

    Raises BadInput, NotFound, Forbidden or Refused: the last administrator stays one.
    """
    hold(door)
    tx = door.tx
    changed = written(_PERSON, said, door.acting.policy)
    found = find(tx, "person", person)
    changed.update(_belonging(door, department, unit))
    must_administer(door)
    _check_person(door, {**found._asdict(), **changed}, found)
    change(tx, people, found.id, changed)
    _check_administered(door)
    return _person(door, found.id)


def _belonging(door: Door, department: str | None, unit: str | None) -> Columns:
    """Return the department or unit a person belongs to from now on, nothing when neither was said."""
    if department is not None:
        return {"department_id": find(door.tx, "department", department).id, "unit_id": None}
    if unit is not None:
        return {"department_id": None, "unit_id": find(door.tx, "unit", unit).id}
    return {}


def _check_person(door: Door, after: Columns, found: Any) -> None:
    """Raise BadInput for a role without its place, Refused for a person or a login that is there already."""
    role, name = Role(after["role"]), after["name"]
    place = {column: after.get(column) for column in ("department_id", "unit_id")}
    if not _is_at_home(role, **place):
        raise BadInput(
            Sentence("{role} {name} has no place; give --unit to a contact, --department to others",
                     role=Term("role", role), name=name)
        )  # fmt: skip
    tx, own = door.tx, 0 if found is None else found.id
    same = tx.one(_SAME_PERSON, name=name, role=role, certificate=after.get("certificate"), own=own, **place)
    reasons = [*door.untimely(), *_retired(found), *twice("person", same)]
    login = after.get("login")
    bearer = None if login is None else tx.one(_SAME_LOGIN, login=login, own=own)
    if bearer is not None:
        reasons.append(
            Sentence("the login {login} is that of {name} (id:{id})", login=login, name=bearer.name, id=bearer.id)
        )
    refuse_if(reasons, "person", name)


def _is_at_home(role: Role, department_id: int | None, unit_id: int | None) -> bool:
    """Whether contacts belong to a unit and officers to a department; an administrator needs neither."""
    if role == Role.contact:
        return unit_id is not None
    return unit_id is None and (department_id is not None or role == Role.administrator)


def _retired(person: Any) -> list[Sentence]:
    if person is None or person.retired_on is None:
        return []
    return [Sentence("{name} retired on {day}", name=person.name, day=person.retired_on)]


def _check_administered(door: Door) -> None:
    """Raise Refused when nobody who can sign in is left to administer."""
    if door.tx.one(_ANY_ADMINISTRATOR) is None:
        raise Refused(
            Sentence("the last administrator stays; first: rectify person add NAME --role administrator --login LOGIN")
        )


def _person(door: Door, number: int) -> Outcome:
    told = entry(door.tx, people, number)
    told["notify"] = masked(told["notify"])
    return Outcome({"person": told}, [Sentence("person {id}: {name}", id=number, name=told["name"])])


# -- retiring ----------------------------------------------------------------------------------------------------------


def retire(door: Door, person: str, to: str | None = None) -> Outcome:
    """Retire a person, whose open cases `to` takes over; without, they wait for somebody to be assigned.

    Raises NotFound, Forbidden, or Refused: a successor must be able to act on every case, the last administrator stays.
    """
    hold(door)
    tx = door.tx
    found = find(tx, "person", person)
    successor = None if to is None else find(tx, "person", to)
    must_administer(door)
    theirs = [int(row.id) for row in tx.all(_OPEN_CASES_OF, person=found.id)]
    reasons = [*door.untimely(), *_retired(found), *_retired(successor)]
    if successor is not None and successor.id == found.id:
        reasons.append(Sentence("{name} does not succeed themselves", name=found.name))
    refuse_if(reasons, "person", found.name)
    handed = Outcome({"cases": []}) if successor is None else _handed_over(door, theirs, successor)
    left = {"retired_on": local_date(door.at, door.acting.policy.timezone)}
    change(tx, people, found.id, {**left, "replaced_by": None if successor is None else successor.id})
    _check_administered(door)
    said = [Sentence("{name} retired on {day}", name=found.name, day=left["retired_on"]), *handed.said]
    return Outcome({**_person(door, found.id).document, **handed.document}, said, _orphaned(theirs, successor))


def _handed_over(door: Door, cases: Sequence[int], successor: Any) -> Outcome:
    """Let the successor take these cases; the steps name them, and who recorded it."""
    heir = actor_of(door.tx, successor)
    desk = Door(door.tx, replace(door.acting, actor=heir))
    tries = [Try("assign", case) for case in desk.load(cases)]
    reasons = [why for each in tries if (why := INSPECTOR.why_not(heir, desk.attempt(each))) is not None]
    if reasons:
        raise Refused(Sentence("{name} cannot take these cases over", name=heir.name), reasons=reasons)
    return moves.assign(desk, cases, f"id:{heir.id}", if_version=None)


def _orphaned(cases: Sequence[int], successor: Any) -> list[Sentence]:
    if successor is not None or not cases:
        return []
    numbers = [str(case) for case in cases]
    return [Sentence("nobody has these cases now: {cases}; type: rectify assign CASE… --to NAME", cases=numbers)]
