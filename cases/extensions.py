"""How requests for a later date lie in the store: one by its number, or the one that a case waits with."""

from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select

from cases.pages import DEADLINE_FIELDS, TRACKED
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import deadlines, extensions
from workflow.case import Case, Deadline, Extension
from workflow.terms import Kind

COLUMNS = [extensions.c[name] for name in TRACKED[Extension].columns]


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


def load(tx: Transaction, number: int, case: Case) -> Extension:
    """Load a request that is there, under lock; its case is locked before."""
    return _about(tx, tx.one(_BY_ID, id=number), case)


def undecided(tx: Transaction, case: Case) -> Extension | None:
    """Load the request that nobody decided yet, under lock; its case is locked before."""
    found = tx.one(_UNDECIDED, case=case.id)
    return None if found is None else _about(tx, found, case)


def _about(tx: Transaction, request: Extension, case: Case) -> Extension:
    request.case = case
    request.deadlines = tx.all(_DEADLINES, id=request.id)
    return request
