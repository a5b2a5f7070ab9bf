"""Goes through a ledger and the store side by side: what is new in it, what is there already, what is wrong or odd.

The same walk is made twice: to say what was understood before anything is written, and to write it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from cases.exchange import chunks, values
from cases.exchange.matching import Registers, Unit, Unmatched
from cases.exchange.proving import Proof, Values, proof_of
from cases.exchange.reading import Complaint, Row, Sheet
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import hazards, imported_rows, imports, orders, units
from workflow.calendar import Calendar
from workflow.case import Department
from workflow.words import Sentence

#: Rows that are looked up together, and places that are named of an oddity.
BATCH, _NAMED = 500, 10
_PAST: tuple[str, ...] = ("found_on", "ordered_on", "served_on", "done_on", "recheck_on", "closed_on")

_IMPORTED = Statement(
    select(imported_rows.c.fingerprint, imported_rows.c.content).where(chunks.is_among(imported_rows.c.fingerprint))
)
_SOLE_BEARERS = Statement(
    select(units.c.name).where(chunks.is_among(units.c.name)).group_by(units.c.name).having(func.count() == 1)
)
_CASES = Statement(
    select(hazards.c.id, hazards.c.unit_id, hazards.c.found_on, hazards.c.text, hazards.c.place).where(
        chunks.is_among(hazards.c.unit_id)
    )
)
#: What an import makes it records at one instant, and nothing else is recorded at it.
_IS_IMPORTED = select(imports.c.id).where(imports.c.imported_at == orders.c.recorded_at).exists()
_ORDERS = Statement(
    select(
        *[orders.c[name] for name in ("id", "department_id", "number", "unit_id", "served_at", "withdrawn_at")],
        _IS_IMPORTED.label("imported"),
    ).where(chunks.is_among(orders.c.number))
)
Progress = Callable[[int], None]
#: What is not done without having the paper.
SERVES = frozenset({"serve", "start", "submit", "pass_recheck"})


@dataclass(slots=True)
class Entry:
    """One hazard of a row – or a visit that found none – with whom and what it names."""

    row: Row
    said: Values
    unit: Unit
    department: Department
    proof: Proof
    fingerprint: str
    content: str
    odd: list[str]

    @property
    def is_clean(self) -> bool:
        """Whether the row tells of a visit that found nothing."""
        return self.said["text"] is None


@dataclass
class Odd:
    """How often something odd was seen, and where first."""

    count: int = 0
    places: list[tuple[str, int]] = field(default_factory=list)
    last: tuple[str, int] | None = None

    def add(self, row: Row) -> None:
        """Note one more row; several hazards of one are one row."""
        if self.last == (row.sheet, row.number):
            return
        self.last = (row.sheet, row.number)
        self.count += 1
        if len(self.places) < _NAMED:
            self.places.append((row.sheet, row.number))


@dataclass(frozen=True, slots=True)
class Paper:
    """An order by its number: whose it is, and where it is in the store its id and when it was served.

    `closed_to` says what a number must be that a row may bear, where this one's order takes no more hazards.
    """

    unit: int | str
    id: int | None = None
    served_at: datetime | None = None
    closed_to: Sentence | None = None


def _paper_of(row: Any) -> Paper:
    closed_to = None
    if row.withdrawn_at is not None:
        closed_to = Sentence("a number whose order was not withdrawn")
    elif not row.imported:
        closed_to = Sentence("a number that is not of an order made out here")
    return Paper(row.unit_id, row.id, row.served_at, closed_to)


@dataclass
class Findings:
    """What a walk came to."""

    rows: int = 0
    remarks: int = 0
    clean: int = 0
    states: Counter[str] = field(default_factory=Counter)
    new_units: list[str] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    odd: dict[str, Odd] = field(default_factory=dict)
    dated: int = 0

    @property
    def cases(self) -> int:
        """How many cases are new."""
        return self.states.total()

    @property
    def bad_rows(self) -> int:
        """How many rows cannot be taken over."""
        return len({(each.sheet, each.row) for each in self.complaints})

    def see(self, entry: Entry) -> None:
        """Count an entry that is new."""
        for kind in entry.odd:
            self.odd.setdefault(kind, Odd()).add(entry.row)
        if entry.is_clean:
            self.clean += 1
        else:
            self.states[_state_after(entry.proof)] += 1
        if isinstance(entry.said.get("due_on"), date) and isinstance(entry.said.get("done_on"), date):
            self.dated += 1

    def oddities(self) -> Mapping[str, Odd]:
        """Return what is odd. That a hazard is put right on the very day of its date is odd when most of them are."""
        same = self.odd.get("done_on_the_date")
        if same is not None and (same.count < 5 or same.count * 2 <= self.dated):
            return {kind: odd for kind, odd in self.odd.items() if odd is not same}
        return self.odd


_STATES = {
    "order": "ordered", "serve": "ordered", "start": "rectifying", "submit": "submitted", "pass_recheck": "rechecked",
    "correct": "rechecked", "close": "closed", "void": "voided",
}  # fmt: skip


def _state_after(proof: Proof) -> str:
    if not proof.statements:
        return "found"
    last = proof.statements[-1]
    if last.trigger == "confirm_exit":
        return str(last.said["state"])
    return _STATES[last.trigger]


class Examination:
    """One walk through the sheets of a ledger."""

    def __init__(self, tx: Transaction, registers: Registers, calendar: Calendar, today: date) -> None:
        self.tx, self.registers, self.calendar, self.today = tx, registers, calendar, today
        self.findings = Findings()
        self._sheet: Sheet
        self._seen: set[bytes] = set()
        self._new_units: set[int] = set()
        self._cases: dict[int, dict[str, int]] = {}
        #: The order of each number of a department, in the store or in this file.
        self.orders: dict[tuple[int, str], Paper] = {}

    def batches(self, sheets: Sequence[Sheet], progress: Progress) -> Iterator[list[Entry]]:
        """Yield what is new, in batches; everything else is in the findings."""
        for sheet in sheets:
            self._sheet, rows = sheet, sheet.rows()
            while batch := list(islice(rows, BATCH)):
                found = [entry for row in batch for entry in self._entries(row)]
                new = self._new(found)
                for entry in new:
                    self.findings.see(entry)
                yield new
                progress(len(batch))

    # -- one row

    def _entries(self, row: Row) -> list[Entry]:
        findings = self.findings
        findings.rows += 1
        if row.is_remark:
            findings.remarks += 1
            return []
        made = [] if row.complaints else self._matched(row)
        findings.complaints += row.complaints
        return [] if row.complaints else made

    def _matched(self, row: Row) -> list[Entry]:
        first = row.entries[0]
        for name in _PAST:
            if isinstance(first.get(name), date) and first[name] > self.today:
                row.complain(self._sheet.heading(name), first[name], Sentence("a day that has come"))
        try:
            unit = self.registers.unit(first)
            department, is_named = self.registers.department(first, unit)
        except Unmatched as unmatched:
            row.complain(self._sheet.heading(unmatched.field), first.get(unmatched.field), unmatched.expected)
            return []
        odd = [] if is_named else ["unknown_department"]
        names = (*first.get("officers", ()), *first.get("recheckers", ()))
        odd += ["unknown_people"] if self.registers.people(names, department)[1] else []
        fields = self._sheet.header.fields
        return [self._entry(row, said, unit, department, odd, fields) for said in row.entries]

    def _entry(
        self, row: Row, said: Values, unit: Unit, department: Department, odd: Sequence[str], fields: set[str]
    ) -> Entry:
        is_clean = said["text"] is None
        proof = Proof(False, (), ()) if is_clean else proof_of(said, fields, self.calendar)
        print_ = _hashed(values.same(unit.name, unit.area_code, said["found_on"], said["text"], said.get("place")))
        content = _hashed(repr(sorted(said.items())))
        return Entry(row, said, unit, department, proof, print_, content[:16], [*odd, *proof.odd])

    # -- what is new

    def _new(self, entries: list[Entry]) -> list[Entry]:
        there = self._imported(entries)
        self._look_up_cases(entries)
        self._look_up_orders(entries)
        return [entry for entry in entries if self._is_new(entry, there)]

    def _is_new(self, entry: Entry, there: Mapping[str, str]) -> bool:
        print_ = bytes.fromhex(entry.fingerprint)
        kind = None
        if print_ in self._seen:
            kind = "repeated"
        elif entry.fingerprint in there:
            kind = "there_already" if there[entry.fingerprint] == entry.content else "changed"
        elif _known(entry) in self._cases.get(entry.unit.id or 0, ()):
            kind = "there_already"
        self._seen.add(print_)
        if kind is not None:
            self.findings.odd.setdefault(kind, Odd()).add(entry.row)
            return False
        return self._is_ordered_once(entry) and self._note_unit(entry)

    def _note_unit(self, entry: Entry) -> bool:
        unit = entry.unit
        if unit.id is None and id(unit) not in self._new_units:
            self._new_units.add(id(unit))
            self.findings.new_units.append(unit.name)
            entry.odd += ["new_units", *(["bad_code"] if unit.bad_code else [])]
        return True

    def _is_ordered_once(self, entry: Entry) -> bool:
        """Whether a number on an order is of one unit only – a paper is addressed to one – and takes this hazard."""
        number = entry.said.get("order")
        if number is None or not entry.proof.has_item:
            return True
        owner = entry.unit.id or entry.unit.name
        paper = self.orders.setdefault((entry.department.id, number), Paper(owner))
        expected = paper.closed_to
        if paper.unit not in (owner, entry.unit.name):
            expected = Sentence("a number of this unit alone")
        elif expected is None and paper.id is not None and paper.served_at is None and _is_served(entry):
            expected = Sentence(
                "the number of an order that was served; type: rectify serve id:{id} --receipt NAME", id=paper.id
            )
        if expected is None:
            return True
        heading = self._sheet.heading("order")
        self.findings.complaints.append(Complaint(entry.row.sheet, entry.row.number, heading, number, expected))
        return False

    # -- lookups, a batch at a time

    def _imported(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Return what earlier imports brought. The first ones knew units by name alone: so it counts while one bears it."""
        by_name = {entry.fingerprint: _print_by_name(entry) for entry in entries}
        there = dict(chunks.rows(self.tx, _IMPORTED, {*by_name, *by_name.values()}))
        asked = {entry.unit.name for entry in entries if by_name[entry.fingerprint] in there}
        sole = {row.name for row in chunks.rows(self.tx, _SOLE_BEARERS, asked)}
        older = {
            entry.fingerprint: there[by_name[entry.fingerprint]]
            for entry in entries
            if entry.unit.name in sole and by_name[entry.fingerprint] in there
        }
        return older | there

    def _look_up_cases(self, entries: Sequence[Entry]) -> None:
        asked = {entry.unit.id for entry in entries if entry.unit.id is not None} - self._cases.keys()
        self._cases |= {unit: {} for unit in asked}
        for row in chunks.rows(self.tx, _CASES, asked):
            self._cases[row.unit_id][values.same(row.found_on, row.text, row.place)] = row.id

    def _look_up_orders(self, entries: Iterable[Entry]) -> None:
        numbers = {entry.said["order"] for entry in entries if entry.said.get("order") and entry.proof.has_item}
        for row in chunks.rows(self.tx, _ORDERS, numbers):
            self.orders.setdefault((row.department_id, row.number), _paper_of(row))


def _is_served(entry: Entry) -> bool:
    return any(stated.trigger in SERVES for stated in entry.proof.statements)


def _print_by_name(entry: Entry) -> str:
    return _hashed(values.same(entry.unit.name, entry.said["found_on"], entry.said["text"], entry.said.get("place")))


def _known(entry: Entry) -> str:
    return values.same(entry.said["found_on"], entry.said["text"], entry.said.get("place"))


def _hashed(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:32]
