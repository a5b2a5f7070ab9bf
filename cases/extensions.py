"""How requests for a later date lie in the store: one by its number, or the one that a case waits with."""

from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select

from cases.pages import DEADLINE_FIELDS, EXTENSION_FIELDS
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import deadlines, extensions
from workflow.case import Deadline, Extension
from workflow.terms import Kind

COLUMNS = [extensions.c[name] for name in EXTENSION_FIELDS]


def _locked(query: Select[Any]) -> Statement:
    return Statement(query.with_for_update(of=extensions), into=Extension)


_BY_ID = _locked(select(*COLUMNS).where(extensions.c.id == bindparam("id")))
_UNDECIDED = _locked(
    select(*COLUMNS).where(
        extensions.c.hazard_id == bindparam("case"), extensions.c.state == literal_column("'requested'")
    )
)
_DEADLINES = Statement(
    select(*[deadlines.c[name] for name in DEADLINE_FIELDS])
    .where(
        deadlines.c.kind == Kind.extension, deadlines.c.subject_id == bindparam("id"), deadlines.c.ended_by.is_(None)
    )
    .order_by(deadlines.c.set_by),
    into=Deadline,
)
_HAZARD_OF = Statement(select(extensions.c.hazard_id).where(extensions.c.id == bindparam("id")))


def hazard_of(tx: Transaction, number: int) -> int | None:
    """Return the case a request is about; None for no request."""
    found = tx.value(_HAZARD_OF, id=number)
    return None if found is None else int(found)


def load(tx: Transaction, number: int) -> Extension:
    """Load a request that is there, under lock; its case is locked before."""
    return _with_deadlines(tx, tx.one(_BY_ID, id=number))


def undecided(tx: Transaction, case: int) -> Extension | None:
    """Load the request that nobody decided yet, under lock; its case is locked before."""
    found = tx.one(_UNDECIDED, case=case)
    return None if found is None else _with_deadlines(tx, found)


def _with_deadlines(tx: Transaction, request: Extension) -> Extension:
    request.deadlines = tx.all(_DEADLINES, id=request.id)
    return request
