"""What is due: running deadlines whose time to be looked at has come, in batches, major hazards first.

One query brings all that a batch needs – deadline, case, area, department – from one range of the partial index. The
sweep takes the rows under lock; a rehearsal looks at them and leaves them where they are.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select, text

from cases.ledger import CASES, DEADLINE_COLUMNS
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, deadlines, departments, hazards
from workflow.case import Case, Deadline
from workflow.terms import Kind

#: Major hazards first; each is one range of the index.
PRIORITIES = (0, 1, 2)
#: Where a sweep begins.
EVER = datetime(1, 1, 1, tzinfo=UTC)
#: The columns that name a deadline: its case, its rule, the step that set it, what it is about.
KEY = ("subject_id", "rule", "set_by", "about")

Key = tuple[int, str, int, int]
#: A key with its row, or with why the row cannot be read.
Found = tuple[Key, Any]

_COLUMNS = [deadlines.c.subject_id, *DEADLINE_COLUMNS, *CASES.selected_columns]
_CASE_FROM = len(DEADLINE_COLUMNS) + 1
_UNREADABLE = (ValueError, TypeError, AttributeError)


def _joined(*columns: Any) -> Select[Any]:
    """Select from running deadlines of hazards that nobody moved after `now`.

    Area and department are joined from outside: a case that lost its own is to be reported, not overlooked.
    """
    return (
        select(*columns)
        .join_from(deadlines, hazards, hazards.c.id == deadlines.c.subject_id)
        .outerjoin(areas, areas.c.code == hazards.c.area_code)
        .outerjoin(departments, departments.c.id == hazards.c.department_id)
        .where(
            deadlines.c.kind == Kind.hazard,
            deadlines.c.ended_by.is_(None),
            deadlines.c.check_at <= bindparam("now"),
            hazards.c.entered_at <= bindparam("now"),
        )
    )


def batch(priority: int, *columns: Any) -> Select[Any]:
    """Select a batch of what is due: one range of the partial index, in its order, the priority in plain sight."""
    return (
        _joined(*columns)
        .where(deadlines.c.priority == literal_column(str(priority)))
        .where(deadlines.c.check_at >= bindparam("since"))
        .order_by(deadlines.c.check_at)
        .limit(bindparam("batch"))
    )


def locked(query: Select[Any]) -> Select[Any]:
    """Take the rows for this transaction alone; those of another sweep, or of somebody at work, are left to them."""
    return query.with_for_update(of=[deadlines, hazards], skip_locked=True)


_KEYS = [deadlines.c[name] for name in KEY]
_ONE = _joined(*_COLUMNS).where(*(deadlines.c[name] == bindparam(name) for name in KEY))
_TAKE = {priority: Statement(locked(batch(priority, *_COLUMNS))) for priority in PRIORITIES}
_TAKE_KEYS = {priority: Statement(batch(priority, *_KEYS)) for priority in PRIORITIES}
_TAKE_ONE = Statement(locked(_ONE))
_LOOK = {priority: Statement(batch(priority, *_COLUMNS).offset(bindparam("after"))) for priority in PRIORITIES}
_LOOK_KEYS = {priority: Statement(batch(priority, *_KEYS).offset(bindparam("after"))) for priority in PRIORITIES}
_LOOK_ONE = Statement(_ONE)
#: The index has the order already. PostgreSQL would rather fetch all that is due, sort it and throw most of it away,
#: once a batch, when it believes that little is due.
_IN_ORDER = Statement(text("SET LOCAL enable_sort = off"))


def key_of(row: Any) -> Key:
    """Return what names the deadline of a row."""
    return (row.subject_id, row.rule, row.set_by, row.about)


def deadline_of(row: Any) -> Deadline:
    """Return the deadline of a row."""
    return Deadline(*row[1:_CASE_FROM])


def case_of(row: Any) -> Case:
    """Return the case of a row, without its items: the clock asks for none."""
    return Case(*row[_CASE_FROM:])


def take(tx: Transaction, priority: int, now: datetime, since: datetime, count: int) -> Iterator[Found]:
    """Take up to `count` rows of a priority from `since` on, under lock; rows that others hold are passed over."""
    if tx.kind == "postgresql":
        tx.run(_IN_ORDER)
    window = {"now": now, "since": since, "batch": count}
    return _rows(tx, _TAKE[priority], _TAKE_KEYS[priority], _TAKE_ONE, **window)


def take_one(tx: Transaction, now: datetime, key: Key) -> Any:
    """Take one row under lock; None when it is not due any more, or somebody holds it."""
    return tx.one(_TAKE_ONE, now=now, **dict(zip(KEY, key, strict=True)))


def look(tx: Transaction, priority: int, now: datetime, after: int, count: int) -> Iterator[Found]:
    """Look at up to `count` rows of a priority, past the first `after`."""
    window = {"now": now, "since": EVER, "batch": count, "after": after}
    return _rows(tx, _LOOK[priority], _LOOK_KEYS[priority], _LOOK_ONE, **window)


def _rows(tx: Transaction, rows: Statement, keys: Statement, one: Statement, **window: Any) -> Iterator[Found]:
    """Yield what a window holds: each key with its row, or with why it cannot be read.

    One value that is no date spoils a whole fetch; then every row is read by itself.
    """
    try:
        read = tx.all(rows, **window)
    except _UNREADABLE:
        yield from _one_by_one(tx, tx.all(keys, **window), one, window["now"])
    else:
        yield from ((key_of(row), row) for row in read)


def _one_by_one(tx: Transaction, keys: Iterable[Any], one: Statement, now: datetime) -> Iterator[Found]:
    for key in keys:
        try:
            row = tx.one(one, now=now, **key._asdict())
        except _UNREADABLE as error:
            yield key_of(key), error
        else:
            if row is not None:
                yield key_of(key), row
