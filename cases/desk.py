"""The desk in front of the ledger: who sits there, what time it is, which policy is in force. No click, no clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import bindparam, select

from cases.acting import Acting, calendar_of, moment, policy_of
from cases.ledger import Door
from cases.people import Seat, seat, sign_in
from cases.statements import Statement
from cases.store import Store, Transaction
from cases.tables import forbidden_attempts, people
from workflow.errors import BadInput, Forbidden, NotFound

_BEARER = Statement(select(people.c.id).where(people.c.login == bindparam("login"), people.c.retired_on.is_(None)))


def door(tx: Transaction, login: str, as_name: str | None, at: str | None, now: datetime) -> Door:
    """Open the ledger for whoever this login is. Raises Forbidden, NotFound for `as_name`, BadInput for `at`."""
    return _opened(tx, sign_in(tx, login, as_name), at, now)


@contextmanager
def guarded_door(tx: Transaction, login: str, as_name: str | None, at: str | None, now: datetime) -> Iterator[Door]:
    """Open the ledger as `door` does, but let what was typed be found wanting before who typed it (CONTRACT: 9, 5, 8).

    Who is barred is sent away at the end, with the transaction, whatever else is the matter by then.
    """
    taken = seat(tx, login, as_name)
    opened = _opened(tx, taken, at, now)
    if taken.barred is None:
        yield opened
        return
    try:
        yield opened
    except (BadInput, NotFound):
        raise
    except Exception as error:
        raise taken.barred from error
    raise taken.barred


def _opened(tx: Transaction, taken: Seat, at: str | None, now: datetime) -> Door:
    version, policy = policy_of(tx)
    when = moment(at, now, policy)
    return Door(tx, Acting(taken.actor, taken.recorder, when, policy, version, calendar_of(tx)))


def log_forbidden(store: Store, login: str, command: str, error: Forbidden, now: datetime) -> None:
    """Remember a forbidden attempt, outside the chain: nothing happened, but somebody tried."""
    with store.begin() as tx:
        who = tx.value(_BEARER, login=login)
        tx.add(forbidden_attempts, at=now, login=login, command=command, why=str(error)[:1000], person_id=who)
