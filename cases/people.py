"""Who is at the ledger: the person behind a login, whom they act for, and how the rules see people and departments."""

import os
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, func, select

from cases.names import find
from cases.statements import Statement
from cases.store import Store, Transaction, store_url
from cases.tables import areas, departments, inspection_officers, people
from workflow.case import Actor, Department, Officer
from workflow.errors import Forbidden
from workflow.terms import RECORDERS, Rank, Role
from workflow.words import Sentence

_mates = people.alias()
_HAS_INSPECTOR = exists().where(
    _mates.c.department_id == departments.c.id, _mates.c.role == Role.inspector, _mates.c.retired_on.is_(None)
)
_DEPARTMENT = select(
    departments.c.id,
    departments.c.name,
    areas.c.path.label("area"),
    departments.c.rank,
    func.coalesce(departments.c.may_order, _HAS_INSPECTOR).label("may_order"),
    departments.c.may_halt,
).join_from(departments, areas, areas.c.code == departments.c.area_code)
_BY_ID = Statement(_DEPARTMENT.where(departments.c.id == bindparam("department")))
_BY_LOGIN = Statement(select(people).where(people.c.login == bindparam("login"), people.c.retired_on.is_(None)))
_OFFICERS_OF = Statement(
    select(people, inspection_officers.c.certificate.label("carried"))
    .join_from(inspection_officers, people, people.c.id == inspection_officers.c.person_id)
    .where(inspection_officers.c.inspection_id == bindparam("inspection"))
    .order_by(people.c.id)
)


def login_of(store: Store) -> str:
    """Return the login the store knows this user by: the OS account (by uid, not by environment), or PostgreSQL's.

    An account without a name is `uid:N`.
    """
    if store.kind == "postgresql":
        return str(store.connection().execute("SELECT session_user").fetchone()[0])
    return os_login()


def login_of_url(text: str) -> str:
    """Return the login a store that may not exist yet will know this user by."""
    store = Store(store_url(text))
    try:
        return login_of(store)
    finally:
        store.close()


def os_login() -> str:
    """Return the OS account's name by uid, or `uid:N` when it has none."""
    if not hasattr(os, "getuid"):  # Windows has accounts, but no uid
        import getpass

        return getpass.getuser()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid:{os.getuid()}"


class Seat(NamedTuple):
    """Who acts, and who records it. `barred`: why this login may do neither; nothing it asks for may happen."""

    actor: Actor
    recorder: int | None
    barred: Forbidden | None = None


#: Somebody with neither role nor place: what a login that nobody bears is taken for until it is sent away.
_STRANGER = Actor(id=0, name="?", role=None)


def seat(tx: Transaction, login: str, as_name: str | None) -> Seat:
    """Return who acts and who records; barred is a login nobody bears, and `--as` by anybody but two roles.

    Raises NotFound and Refused for `as_name` as `find` does.
    """
    recorder = tx.one(_BY_LOGIN, login=login)
    named = None if as_name is None else actor_of(tx, find(tx, "person", as_name))
    if recorder is None:
        unknown = Sentence(
            "{login} is nobody here; an administrator adds you: rectify person add NAME --login {login} …", login=login
        )
        return Seat(named or _STRANGER, None, Forbidden(unknown))
    if named is None:
        return Seat(actor_of(tx, recorder), recorder.id)
    if recorder.role not in RECORDERS:
        helpless = Sentence("only administrators and clerks act for others; leave out --as")
        return Seat(named, recorder.id, Forbidden(helpless))
    return Seat(named, recorder.id)


def sign_in(tx: Transaction, login: str, as_name: str | None) -> Seat:
    """Return who acts and who records it. Raises Forbidden for who is barred, and as `seat` does."""
    taken = seat(tx, login, as_name)
    if taken.barred is not None:
        raise taken.barred
    return taken


def actor_of(tx: Transaction, person: Any) -> Actor:
    """Return a person as the rules see them."""
    own = None if person.department_id is None else department_of(tx, person.department_id)
    return Actor(person.id, person.name, Role(person.role), own, person.unit_id, person.retired_on)


def department_of(tx: Transaction, department: int) -> Department:
    """Return a department as the rules see it: may it order, in effect."""
    row = tx.one(_BY_ID, department=department)
    return Department(row.id, row.name, row.area, Rank(row.rank), bool(row.may_order), bool(row.may_halt))


def officer_of(person: Any) -> Officer:
    """Return a person as somebody on site."""
    return Officer(person.id, person.name, Role(person.role), person.certificate, person.valid_to, person.retired_on)


def officers_named(tx: Transaction, names: list[str]) -> list[Officer]:
    """Return the officers behind these names. Raises NotFound or Refused as `find` does."""
    return [officer_of(find(tx, "person", name)) for name in names]


def officers_of(tx: Transaction, inspection: int) -> list[Officer]:
    """Return who was on site at an inspection."""
    return [officer_of(row) for row in tx.all(_OFFICERS_OF, inspection=inspection)]
