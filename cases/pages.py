"""What one advance writes: how cases differ from the store's picture of them, their steps, and what rides along.

Rows are gathered by statement, so that a thousand cases take as many statements as one. Only the ledger's door comes
here; it decides what is written, this says how.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import compress
from operator import attrgetter, is_not
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, insert, literal_column, select, update

from cases import tables
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, deadlines, departments, extensions, hazards, items, steps
from workflow.case import Case, Deadline, Extension, Item, Subject
from workflow.errors import Moved
from workflow.exit import Exit
from workflow.follow_up import FollowUp
from workflow.halt import Halt
from workflow.words import Sentence

_ANSWER_BY = (
    select(extensions.c.due_at)
    .where(extensions.c.hazard_id == hazards.c.id, extensions.c.state == literal_column("'requested'"))
    .correlate(hazards)
    .scalar_subquery()
)
JOINED: dict[str, ColumnElement[Any]] = {"area": areas.c.path, "charge": departments.c.rank, "answer_by": _ANSWER_BY}
FIELDS = [each.name for each in fields(Case) if each.name not in ("items", "deadlines")]
ITEM_FIELDS = [each.name for each in fields(Item)]
DEADLINE_FIELDS = [each.name for each in fields(Deadline)]

_ITEM_STATE = ("due_on", "result", "result_seq")
_DEADLINE_STATE = ("owner", "priority", "check_at", "level", "ended_by")


class Tracked:
    """How one kind of thing that moves lies in the store: what its dataclass calls like a column of its table."""

    def __init__(self, of: type[Subject], table: Table) -> None:
        self.kind = of.kind
        self.table = table
        self.columns = columns = tuple(each.name for each in fields(of) if each.name in table.c)  # type: ignore[arg-type]  # a dataclass
        #: In C: a sweep asks a case for its columns twice.
        self.read = attrgetter(*columns)
        self.version = self.columns.index("version")
        self.places = range(len(self.columns))
        self._setters: dict[tuple[int, ...], tuple[Statement, tuple[str, ...]]] = {}

    def setter(self, places: tuple[int, ...]) -> tuple[Statement, tuple[str, ...]]:
        """Return the compare-and-set update of the columns at these places, and what it calls their new values."""
        known = self._setters.get(places)
        if known is None:
            new = {self.columns[place]: "new_" + self.columns[place] for place in places}
            known = self._setters[places] = (
                Statement(
                    update(self.table)
                    .where(self.table.c.id == bindparam("case"), self.table.c.version == bindparam("was"))
                    .values({column: bindparam(name) for column, name in new.items()})
                ),
                tuple(new.values()),
            )
        return known


#: Everything that moves, and the table it lies in.
TABLES: dict[type[Subject], str] = {
    Case: "hazards", Extension: "extensions", Halt: "halts", Exit: "exits", FollowUp: "follow_ups"
}  # fmt: skip


class _Tracked(dict[type[Subject], Tracked]):
    """How each kind lies in the store, worked out when first asked for: a command waits for no table it does not write."""

    def __missing__(self, of: type[Subject]) -> Tracked:
        made = self[of] = Tracked(of, getattr(tables, TABLES[of]))
        return made


TRACKED = _Tracked()
_item_state = attrgetter(*_ITEM_STATE)
_deadline_state = attrgetter(*_DEADLINE_STATE)

_ADD_STEP = Statement(insert(steps))
_ADD_CASE = Statement(insert(hazards))
_ADD_ITEM = Statement(
    insert(items).values({column.name: bindparam(column.name) for column in items.c if column.name != "id"})
)
_NO_CASE = dict.fromkeys(column.name for column in hazards.c)
_SET_ITEM = Statement(
    update(items)
    .where(items.c.id == bindparam("item"))
    .values({name: bindparam("new_" + name) for name in _ITEM_STATE})
)
_ADD_DEADLINE = Statement(insert(deadlines))
_SET_DEADLINE = Statement(
    update(deadlines)
    .where(
        deadlines.c.kind == bindparam("kind_"),
        deadlines.c.subject_id == bindparam("case"),
        deadlines.c.rule == bindparam("rule_"),
        deadlines.c.set_by == bindparam("set_by_"),
        deadlines.c.about == bindparam("about_"),
    )
    .values({name: bindparam("new_" + name) for name in _DEADLINE_STATE})
)


class Picture(NamedTuple):
    """Something tracked as the store has it, to tell what a move changed."""

    columns: tuple[Any, ...]
    items: list[tuple[Item, tuple[Any, ...]]]
    deadlines: list[tuple[Deadline, tuple[Any, ...]]]

    @classmethod
    def of(cls, subject: Subject) -> "Picture":
        """Take a picture of something as it was loaded or written; deadlines that ended are history."""
        subject.deadlines = running = [each for each in subject.deadlines if each.ended_by is None]
        return cls(
            TRACKED[type(subject)].read(subject),
            [(item, _item_state(item)) for item in subject.items] if isinstance(subject, Case) else [],
            [(deadline, _deadline_state(deadline)) for deadline in running],
        )


class Pages:
    """What one advance has to write: rows by statement, in the order in which the first case needs them."""

    def __init__(self, versions: Mapping[str, Any]) -> None:
        """Begin with nothing; `versions` are the policy's and the calendar's, for new deadlines."""
        self._versions = versions
        self._rows: dict[Statement, list[dict[str, Any]]] = {}
        #: The compare-and-set updates among them, and whom each changes first.
        self._moved: dict[Statement, Subject] = {}
        self._new_items: list[tuple[Item, Case]] = []

    def opens(self, case: Case, more: Mapping[str, Any]) -> None:
        """Note a whole new case, number and all, as its first steps leave it; `more` are the columns no move reads."""
        tracked = TRACKED[Case]
        self._note(_ADD_CASE, {**_NO_CASE, **dict(zip(tracked.columns, tracked.read(case), strict=True)), **more})
        for item in case.items:
            self._note(_ADD_ITEM, _item_row(item, case))
        for deadline in case.deadlines:
            self._note(_ADD_DEADLINE, self._deadline_row(deadline, case))

    def changes(self, subject: Subject, picture: Picture) -> None:
        """Note how something that makes a step differs from its picture."""
        self._note_columns(subject, picture)
        self.clocks(subject, picture)
        if isinstance(subject, Case):
            self._note_items(subject, picture)
        for deadline in subject.deadlines:
            if deadline.set_by == subject.seq:
                self._note(_ADD_DEADLINE, self._deadline_row(deadline, subject))

    def clocks(self, subject: Subject, picture: Picture) -> None:
        """Note what became of the deadlines that ran: also of a case that made no step itself."""
        for deadline, was in picture.deadlines:
            if _deadline_state(deadline) != was:
                self._note(_SET_DEADLINE, _deadline_change(deadline, subject))

    def step(self, row: dict[str, Any], along: Mapping[Statement, Sequence[dict[str, Any]]]) -> None:
        """Note a step, and the rows that are written with it."""
        self._note(_ADD_STEP, row)
        for statement, rows in along.items():
            self._rows.setdefault(statement, []).extend(rows)

    def write(self, tx: Transaction) -> None:
        """Write it all. Raises Moved when a case is not as it was in its picture."""
        for statement, rows in self._rows.items():
            if tx.many(statement, rows) != len(rows) and statement in self._moved:
                raise changed_by_another(self._moved[statement], None)
        for item, case in self._new_items:
            item.id = tx.add(items, **_item_row(item, case))

    def _note(self, statement: Statement, row: dict[str, Any]) -> None:
        self._rows.setdefault(statement, []).append(row)

    def _note_columns(self, subject: Subject, picture: Picture) -> None:
        was, tracked = picture.columns, TRACKED[type(subject)]
        now = tracked.read(subject)
        # Most columns are the very objects that were loaded: comparing by identity first spares comparing by value.
        others = compress(tracked.places, map(is_not, now, was))
        changed = tuple([place for place in others if now[place] != was[place]])
        statement, names = tracked.setter(changed)
        row = {name: now[place] for name, place in zip(names, changed, strict=True)}
        row["case"], row["was"] = subject.id, was[tracked.version]
        self._moved.setdefault(statement, subject)
        self._note(statement, row)

    def _note_items(self, case: Case, picture: Picture) -> None:
        for item, was in picture.items:
            if _item_state(item) != was:
                new = {"new_" + name: getattr(item, name) for name in _ITEM_STATE}
                self._note(_SET_ITEM, {"item": item.id, **new})
        self._new_items += [(item, case) for item in case.items if item.id is None]

    def _deadline_row(self, deadline: Deadline, subject: Subject) -> dict[str, Any]:
        row = {name: getattr(deadline, name) for name in DEADLINE_FIELDS}
        own = {"kind": subject.kind, "subject_id": subject.id, "area_code": subject.area_code}
        return {**row, **own, **self._versions}


def _item_row(item: Item, case: Case) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in ITEM_FIELDS if name in items.c and name != "id"}
    return {**row, "hazard_id": case.id, "area_code": case.area_code}


def _deadline_change(deadline: Deadline, subject: Subject) -> dict[str, Any]:
    return {
        "kind_": subject.kind,
        "case": subject.id,
        "rule_": deadline.rule,
        "set_by_": deadline.set_by,
        "about_": deadline.about,
        **{"new_" + name: getattr(deadline, name) for name in _DEADLINE_STATE},
    }


def changed_by_another(subject: Subject, version: int | None) -> Moved:
    """Return what somebody is told who was not the fastest."""
    now = Sentence("it is at version {version}", version=version) if version else Sentence("somebody was faster")
    return Moved(
        Sentence(
            "{what} was changed by somebody else: {now}; look again with: rectify {show}",
            what=subject.called,
            now=now,
            show=f"show {subject.id}" if isinstance(subject, Case) else f"{subject.kind} show {subject.id}",
        ),
        called=subject.called,
    )
