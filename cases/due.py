"""What is due: running deadlines whose time to be looked at has come, in batches, major hazards first.

One query brings all that a batch needs – deadline, case, area, department – from one range of the partial index. The
sweep takes the rows under lock; a rehearsal looks at them and leaves them where they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, Table, and_, bindparam, literal_column, select, text

from cases import extensions as requests
from cases import halts as measures
from cases.exits import EXIT_COLUMNS, FOLLOW_UP_COLUMNS
from cases.ledger import CASES, DEADLINE_COLUMNS
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, deadlines, departments, exits, extensions, follow_ups, halts, hazards, units
from workflow.case import Case, Deadline, Extension, Subject
from workflow.exit import Exit
from workflow.follow_up import FollowUp
from workflow.halt import Halt
from workflow.terms import Kind

#: Major hazards first; each is one range of the index.
PRIORITIES = (0, 1, 2)
#: Where a sweep begins.
EVER = datetime(1, 1, 1, tzinfo=UTC)
#: The columns that name a deadline: whose it is, its rule, the step that set it, what it is about.
KEY = ("kind", "subject_id", "rule", "set_by", "about")

Key = tuple[str, int, str, int, int]
#: A key with its row, or with why the row cannot be read.
Found = tuple[Key, Any]

_NAMED = [deadlines.c.kind, deadlines.c.subject_id, *DEADLINE_COLUMNS]
_DEADLINE_FROM, _SUBJECT_FROM = 2, len(_NAMED)
_KEYS = [deadlines.c[name] for name in KEY]
_UNREADABLE = (ValueError, TypeError, AttributeError)


class Source(NamedTuple):
    """Where what is due of one kind comes from, and what a row of it is made into."""

    #: The tables of what is due, from its own to the one that says in which unit, area and department it is.
    tables: Sequence[Table]
    columns: Sequence[ColumnElement[Any]]
    make: Callable[[Sequence[Any]], Subject]

    @property
    def place(self) -> Table:
        """The table that says where it is, and when somebody last moved it."""
        return self.tables[-1]


_OF_CASE = list(CASES.selected_columns)


def _request_of(cells: Sequence[Any]) -> Extension:
    request = Extension(*cells[len(_OF_CASE) :])
    request.case = Case(*cells[: len(_OF_CASE)])
    return request


#: Hazards first, then what is about them. Cases come without their items: the clock asks for none.
SOURCES = {
    Kind.hazard: Source([hazards], _OF_CASE, lambda cells: Case(*cells)),
    Kind.extension: Source(
        [extensions, hazards],
        [*_OF_CASE, *[column.label("asked_" + column.name) for column in requests.COLUMNS]],
        _request_of,
    ),
    Kind.halt: Source([halts], measures.COLUMNS, lambda cells: Halt(*cells)),
    Kind.exit: Source([exits], EXIT_COLUMNS, lambda cells: Exit(*cells)),
    Kind.follow_up: Source([follow_ups], FOLLOW_UP_COLUMNS, lambda cells: FollowUp(*cells)),
}
_ABOUT = {Kind.extension: hazards.c.id == extensions.c.hazard_id}


def _joined(kind: Kind, *columns: Any) -> Select[Any]:
    """Select from running deadlines of what nobody moved after `now`.

    Unit, area and department are joined from outside: a case that lost its own is to be reported, not overlooked. Without
    its unit it has no area.
    """
    tables, place = SOURCES[kind].tables, SOURCES[kind].place
    query = select(*columns).join_from(deadlines, tables[0], tables[0].c.id == deadlines.c.subject_id)
    if kind in _ABOUT:
        query = query.join(place, _ABOUT[kind])
    return (
        query.outerjoin(units, units.c.id == place.c.unit_id)
        .outerjoin(areas, and_(areas.c.code == place.c.area_code, units.c.id.is_not(None)))
        .outerjoin(departments, departments.c.id == place.c.department_id)
        .where(
            deadlines.c.kind == literal_column(f"'{kind}'"),
            deadlines.c.ended_by.is_(None),
            deadlines.c.check_at <= bindparam("now"),
            place.c.entered_at <= bindparam("now"),
        )
    )


def batch(kind: Kind, priority: int, *columns: Any) -> Select[Any]:
    """Select a batch of what is due: one range of the partial index, in its order, the priority in plain sight."""
    return (
        _joined(kind, *columns)
        .where(deadlines.c.priority == literal_column(str(priority)))
        .where(deadlines.c.check_at >= bindparam("since"))
        .order_by(deadlines.c.check_at)
        .limit(bindparam("batch"))
    )


def locked(query: Select[Any], kind: Kind) -> Select[Any]:
    """Take the rows for this transaction alone; those of another sweep, or of somebody at work, are left to them."""
    return query.with_for_update(of=[deadlines, *SOURCES[kind].tables], skip_locked=True)


class _Ranges(NamedTuple):
    """The statements over one kind and priority: its range of the index, under lock and not, whole and by keys."""

    take: Statement
    take_keys: Statement
    take_one: Statement
    look: Statement
    look_keys: Statement
    look_one: Statement


def _ranges(kind: Kind, priority: int) -> _Ranges:
    columns = [*_NAMED, *SOURCES[kind].columns]
    one = _joined(kind, *columns).where(*(deadlines.c[name] == bindparam(name + "_") for name in KEY))
    whole, keys = batch(kind, priority, *columns), batch(kind, priority, *_KEYS)
    after: BindParameter[int] = bindparam("after")
    return _Ranges(
        Statement(locked(whole, kind)),
        Statement(keys),
        Statement(locked(one, kind)),
        Statement(whole.offset(after)),
        Statement(keys.offset(after)),
        Statement(one),
    )


RANGES = {(kind, priority): _ranges(kind, priority) for kind in SOURCES for priority in PRIORITIES}
#: The index has the order already. PostgreSQL would rather fetch all that is due, sort it and throw most of it away,
#: once a batch, when it believes that little is due.
_IN_ORDER = Statement(text("SET LOCAL enable_sort = off"))


def key_of(row: Any) -> Key:
    """Return what names the deadline of a row."""
    return (row.kind, row.subject_id, row.rule, row.set_by, row.about)


def deadline_of(row: Any) -> Deadline:
    """Return the deadline of a row."""
    return Deadline(*row[_DEADLINE_FROM:_SUBJECT_FROM])


def subject_of(row: Any) -> Subject:
    """Return what the deadline of a row is a clock of."""
    return SOURCES[row.kind].make(row[_SUBJECT_FROM:])


def take(tx: Transaction, kind: Kind, priority: int, now: datetime, since: datetime, count: int) -> Iterator[Found]:
    """Take up to `count` rows of a priority from `since` on, under lock; rows that others hold are passed over."""
    if tx.kind == "postgresql":
        tx.run(_IN_ORDER)
    of = RANGES[kind, priority]
    return _rows(tx, of.take, of.take_keys, of.take_one, now=now, since=since, batch=count)


def take_one(tx: Transaction, now: datetime, key: Key) -> Any:
    """Take one row under lock; None when it is not due any more, or somebody holds it."""
    return tx.one(RANGES[Kind(key[0]), 0].take_one, now=now, **_named(key))


def look(tx: Transaction, kind: Kind, priority: int, now: datetime, after: int, count: int) -> Iterator[Found]:
    """Look at up to `count` rows of a priority, past the first `after`."""
    of = RANGES[kind, priority]
    return _rows(tx, of.look, of.look_keys, of.look_one, now=now, since=EVER, batch=count, after=after)


def _named(key: Sequence[Any]) -> dict[str, Any]:
    return {name + "_": value for name, value in zip(KEY, key, strict=True)}


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
            row = tx.one(one, now=now, **_named(key))
        except _UNREADABLE as error:
            yield key_of(key), error
        else:
            if row is not None:
                yield key_of(key), row
