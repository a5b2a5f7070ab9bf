"""`import ledger`: an older ledger becomes cases with a past, through the ledger's own door, all of it or none.

First the whole file is gone through and what was understood is said (`surveyed`); then, in one transaction, it is gone
through again and written (`taken`), a batch of rows at a time. What a row proves is decided in `proving`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, insert, update

from cases.exchange.columns import Vocabulary
from cases.exchange.examining import SERVES, Entry, Examination, Findings, Paper, Progress
from cases.exchange.matching import Registers, Unit
from cases.exchange.proving import Stated
from cases.exchange.reading import Row, Sheet, sheet_of
from cases.exchange.sources import Source
from cases.ledger import Door
from cases.pasts import Past, Statement, reserved, take_over
from cases.statements import Statement as Sql
from cases.store import Transaction
from cases.tables import imported_rows, imports, inspection_officers, inspections, orders, units
from cases.verbs.keeping import hold
from cases.verbs.rechecks import on_site
from workflow.calendar import Calendar
from workflow.case import Actor, Case, Item, Officer
from workflow.deadlines import local_date, noon
from workflow.errors import BadInput
from workflow.policy import Policy
from workflow.terms import Grade, InspectionKind, ItemResult
from workflow.words import Sentence

_ADD_INSPECTION = Sql(insert(inspections))
_ADD_OFFICER = Sql(insert(inspection_officers))
_ADD_ORDER = Sql(insert(orders))
_NO_VISIT, _NO_ORDER = (dict.fromkeys(column.name for column in table.c) for table in (inspections, orders))
_ADD_ROW = Sql(insert(imported_rows))
_SERVED = Sql(
    update(orders)
    .where(orders.c.id == bindparam("order"), orders.c.served_at.is_(None))
    .values(served_at=bindparam("new_served_at"))
)
#: What a case keeps in columns of its own; everything else a row says is in the facts of its first step.
_KEPT: Final = frozenset(
    {"unit", "text", "place", "basis", "standard", "sector", "grade", "area", "department", "number"}
)


@dataclass
class Survey:
    """What was understood of a file: its sheets with their headers, those without one, and what is in them."""

    sheets: Sequence[Sheet]
    unread: Sequence[str]
    findings: Findings


def sheets_of(source: Source, vocabulary: Vocabulary, policy: Policy) -> tuple[list[Sheet], list[str]]:
    """Return the sheets of a ledger, and the names of those that are none.

    Raises BadInput when there is no header at all, or one without a column that is needed.
    """
    found = [(page.name, sheet_of(page, vocabulary, policy.text.max_chars)) for page in source.pages]
    sheets = [sheet for _, sheet in found if sheet is not None]
    needed = [vocabulary.fields[name].title for name in vocabulary.needed]
    if not sheets:
        raise BadInput(
            Sentence(
                "{file} has no header with the columns {needed}; name yours with --mapping FILE",
                file=source.path.name,
                needed=needed,
            )
        )
    for sheet in sheets:
        missing = [vocabulary.fields[name].title for name in vocabulary.needed if name not in sheet.header.fields]
        if missing:
            raise BadInput(
                Sentence(
                    "{file}, sheet {sheet}, row {row}: the header has no column for {missing} (unused: {unused}); "
                    "name it with --mapping FILE",
                    file=source.path.name, sheet=sheet.page.name, row=sheet.header.last + 1, missing=missing,
                    unused=list(sheet.header.unused) or "–",
                )
            )  # fmt: skip
    return sheets, [name for name, sheet in found if sheet is None]


@dataclass(frozen=True)
class Asked:
    """Who wants what imported, when, by which rules; `department` answers where a row names none."""

    actor: Actor
    policy: Policy
    calendar: Calendar
    now: datetime
    vocabulary: Vocabulary
    department: str | None = None

    def examination(self, tx: Transaction) -> Examination:
        """Begin a walk. Raises Forbidden or BadInput."""
        department = self.department or self.vocabulary.defaults.get("department")
        registers = Registers(tx, self.actor, self.policy, department)
        return Examination(tx, registers, self.calendar, local_date(self.now, self.policy.timezone))


def surveyed(tx: Transaction, source: Source, asked: Asked, progress: Progress) -> Survey:
    """Go through a file and say what is in it; nothing is written. Raises BadInput, Forbidden."""
    sheets, unread = sheets_of(source, asked.vocabulary, asked.policy)
    walk = asked.examination(tx)
    for _ in walk.batches(sheets, progress):
        pass
    return Survey(sheets, unread, walk.findings)


# -- writing -----------------------------------------------------------------------------------------------------------


class Made(NamedTuple):
    """A case that an import made, as little of it as is told: there may be a hundred thousand."""

    id: int
    state: str
    due_on: date | None
    version: int

    def told(self) -> dict[str, Any]:
        """Return what every move says of a case."""
        return {**self._asdict(), "due_on": None if self.due_on is None else self.due_on.isoformat()}


def taken(door: Door, source: Source, asked: Asked, progress: Progress) -> tuple[int, list[Made], Findings]:
    """Write a file that was surveyed; return the import's number, the cases and what was found on the way.

    Rows that cannot be read are left out: whether any may be is decided before.
    """
    hold(door)
    sheets, _ = sheets_of(source, asked.vocabulary, asked.policy)
    walk = asked.examination(door.tx)
    number = int(
        door.tx.add(
            imports, file=source.path.name, digest=source.digest, imported_at=door.acting.when.recorded_at,
            imported_by=door.acting.actor.id,
        )
    )  # fmt: skip
    taking = _Taking(door, walk, number, asked)
    cases: list[Made] = []
    for batch in walk.batches(sheets, progress):
        cases += [Made(case.id, case.state, case.due_on, case.version) for case in taking.take(batch)]
    return number, cases, walk.findings


@dataclass
class _Paper:
    """An order of a ledger: one number, or one row."""

    id: int
    number: str
    ordered_at: datetime
    served_at: datetime | None = None


@dataclass
class _Batch:
    """The rows that one batch writes before its cases."""

    inspections: list[dict[str, Any]] = field(default_factory=list)
    officers: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    served: list[dict[str, Any]] = field(default_factory=list)

    def write(self, tx: Transaction) -> None:
        tx.many(_ADD_INSPECTION, self.inspections)
        tx.many(_ADD_OFFICER, self.officers)
        tx.many(_ADD_ORDER, self.orders)
        tx.many(_SERVED, self.served)


class _Taking:
    """The writing side of an import: visits, papers and cases, a batch at a time."""

    def __init__(self, door: Door, walk: Examination, number: int, asked: Asked) -> None:
        self.door, self.walk, self.number = door, walk, number
        self.zone, self.now = asked.policy.timezone, asked.now
        self._units: dict[int, int] = {}
        self._visits: dict[tuple[Any, ...], int] = {}
        self._papers: dict[tuple[int, str], _Paper] = {}
        #: The paper of the row at hand, where it has no number: its hazards share it.
        self._row_paper: tuple[Row, _Paper] | None = None
        self._noons: dict[date, datetime] = {}
        self._spare: dict[str, list[int]] = {}

    def take(self, entries: Sequence[Entry]) -> list[Case]:
        """Write a batch; return its cases."""
        batch = _Batch()
        # At most one visit and one paper an entry; what is left over was never written.
        self._spare = {table.name: reserved(self.door.tx, table, len(entries))[::-1] for table in (inspections, orders)}
        pasts, of = [], []
        clean: list[Entry] = []
        for entry in entries:
            visit, finders = self._visit(batch, entry)
            if entry.is_clean:
                clean.append(entry)
                continue
            of.append(entry)
            pasts.append(self._past(batch, entry, visit, finders))
        batch.write(self.door.tx)
        cases = take_over(self.door, pasts)
        rows = [self._row(entry, case.id) for entry, case in zip(of, cases, strict=True)]
        self.door.tx.many(_ADD_ROW, [*rows, *(self._row(entry, None) for entry in clean)])
        return cases

    def _row(self, entry: Entry, case: int | None) -> dict[str, Any]:
        return {
            "fingerprint": entry.fingerprint, "import_id": self.number, "hazard_id": case, "sheet": entry.row.sheet,
            "row": entry.row.number, "content": entry.content,
        }  # fmt: skip

    def _next(self, table: Table) -> int:
        return self._spare[table.name].pop()

    def _noon(self, day: date) -> datetime:
        at = self._noons.get(day)
        if at is None:
            at = self._noons[day] = min(noon(day, self.zone), self.now)
        return at

    def _unit(self, unit: Unit) -> int:
        if unit.id is not None:
            return unit.id
        known = self._units.get(id(unit))
        if known is None:
            added = {**(unit.columns or {}), "added_at": self.door.acting.when.recorded_at}
            known = self._units[id(unit)] = int(self.door.tx.add(units, **added))
        return known

    # -- the visit

    def _visit(self, batch: _Batch, entry: Entry) -> tuple[int, list[int]]:
        """Return the visit on which a hazard was found, and who found it as far as they are known."""
        said, unit = entry.said, self._unit(entry.unit)
        known, unknown = self.walk.registers.people(said.get("officers", ()), entry.department)
        finders = sorted({officer.id for officer in known})
        key = (unit, said["found_on"], said.get("visit"), said.get("officers"))
        number = self._visits.get(key)
        if number is None:
            number = self._visits[key] = self._next(inspections)
            batch.inspections.append(self._inspection(number, unit, entry, unknown))
            batch.officers += [{"inspection_id": number, "person_id": each, "certificate": None} for each in finders]
        return number, finders

    def _inspection(self, number: int, unit: int, entry: Entry, unknown: Sequence[str]) -> dict[str, Any]:
        acting = self.door.acting
        return {
            **_NO_VISIT, "id": number, "unit_id": unit, "area_code": entry.unit.area_code, "visited_on": entry.said["found_on"],
            "kind": entry.said.get("visit") or InspectionKind.routine.value, "note": "、".join(unknown) or None,
            "made_by": acting.actor.id, "recorded_by": acting.recorded_by, "department_id": entry.department.id,
            "made_at": self._noon(entry.said["found_on"]), "recorded_at": acting.when.recorded_at,
        }  # fmt: skip

    # -- the case

    def _past(self, batch: _Batch, entry: Entry, visit: int, finders: list[int]) -> Past:
        said, unit = entry.said, entry.unit
        source = {"import": self.number, "sheet": entry.row.sheet, "row": entry.row.number}
        grade = said.get("grade") or Grade.general.value
        columns = {
            "unit_id": self._unit(unit), "inspection_id": visit, "area_code": unit.area_code, "area": unit.path,
            "department_id": entry.department.id, "charge": str(entry.department.rank), "found_on": said["found_on"],
            "finders": str(finders), "grade": grade, "sector": said.get("sector") or unit.sector,
            "text": said["text"], "place": said.get("place"),
        }  # fmt: skip
        more = {"basis": said.get("basis"), "standard_item": said.get("standard")}
        facts = {
            "inspection": visit, "finders": finders, **{name: columns[name] for name in ("grade", "text", "place", "sector")},
            "basis": more["basis"], "standard_item": more["standard_item"], "imported": source,
            "said": {name: value for name, value in said.items() if name not in _KEPT},
        }  # fmt: skip
        opened_at = self._noon(said["found_on"])
        statements = self._statements(batch, entry, source, opened_at)
        return Past(columns, more, opened_at, facts, statements)

    def _statements(
        self, batch: _Batch, entry: Entry, source: Mapping[str, Any], opened_at: datetime
    ) -> list[Statement]:
        last, made = opened_at, []
        paper: _Paper | None = None
        for stated in entry.proof.statements:
            at = self._dated(stated, last)
            facts: dict[str, Any] = {"imported": source, "says": stated.said}
            if at is None:
                facts["dated"] = False
                at = last if stated.trigger in ("order", "start") else self.now
            given: dict[str, Any] = {"imported": source}
            officers: list[Officer] = []
            if stated.trigger == "order":
                paper = self._paper(batch, entry, at)
                item = _item(paper, entry)
                given["items"] = [item]
                facts |= _about(item)
            elif stated.trigger == "pass_recheck":
                officers = self._recheck(entry, facts)
            elif stated.trigger == "submit":
                facts["done"] = entry.said.get("done")
            elif stated.trigger == "confirm_exit":
                given["kind"] = {"relocated": "relocation", "retreated": "retreat"}.get(
                    stated.said["state"], "shutdown"
                )
            if paper is not None and paper.served_at is None and stated.trigger in SERVES:
                self._serve(batch, paper, at if stated.trigger == "serve" else paper.ordered_at)
            made.append(Statement(stated.trigger, at, facts, given, officers))
            last = at
        return made

    def _dated(self, stated: Stated, last: datetime) -> datetime | None:
        """Return the instant of a statement by its own date, None when it has none, or one that cannot be."""
        at = None if stated.on is None else self._noon(stated.on)
        return at if at is not None and at >= last else None

    def _recheck(self, entry: Entry, facts: dict[str, Any]) -> list[Officer]:
        known, unknown = self.walk.registers.people(entry.said.get("recheckers", ()), entry.department)
        facts |= {"officers": on_site(known), "named": unknown or None, "note": entry.said.get("opinion")}
        return known

    # -- the paper

    def _paper(self, batch: _Batch, entry: Entry, at: datetime) -> _Paper:
        """Return the paper that a hazard is ordered on: that of its number, else one for its row."""
        number = entry.said.get("order")
        if number is None:
            if self._row_paper is None or self._row_paper[0] is not entry.row:
                self._row_paper = entry.row, self._new_paper(batch, entry, at, None)
            return self._row_paper[1]
        key = (entry.department.id, number)
        if key not in self._papers:
            self._papers[key] = self._new_paper(batch, entry, at, self.walk.orders[key])
        return self._papers[key]

    def _new_paper(self, batch: _Batch, entry: Entry, at: datetime, there: Paper | None) -> _Paper:
        if there is not None and there.id is not None:
            return _Paper(there.id, entry.said["order"], at, there.served_at)
        acting, number = self.door.acting, self._next(orders)
        paper = _Paper(number, entry.said.get("order") or f"台账{self.number}-{number}", at)
        unit = self._unit(entry.unit)
        batch.orders.append(
            {
                **_NO_ORDER, "id": paper.id, "number": paper.number, "department_id": entry.department.id,
                "area_code": entry.unit.area_code, "unit_id": unit, "addressee_id": unit, "made_by": acting.actor.id,
                "officers": "[]", "ordered_at": at, "recorded_at": acting.when.recorded_at,
            }
        )  # fmt: skip
        return paper

    def _serve(self, batch: _Batch, paper: _Paper, at: datetime) -> None:
        """Note that a paper was served: the row says when, or says what nobody does without having it."""
        paper.served_at = at
        batch.served.append({"order": paper.id, "new_served_at": at})


def _item(paper: _Paper, entry: Entry) -> Item:
    said = entry.said
    extended = said.get("extended_to")
    return Item(
        id=None, order_id=paper.id, number=paper.number, round=1, requirement=said.get("requirement") or said["text"],
        responsible=said["responsible"], measure=said.get("measure") or said["requirement"], interim=said.get("interim"),
        first_due_on=said["due_on"], due_on=extended if isinstance(extended, date) else said["due_on"],
        result=ItemResult.open, result_seq=None, ordered_at=paper.ordered_at, served_at=paper.served_at,
        addressee_id=0,
    )  # fmt: skip


def _about(item: Item) -> dict[str, Any]:
    return {
        "order": item.order_id, "number": item.number, "responsible": item.responsible, "measure": item.measure,
        "due_on": item.due_on, "interim": item.interim,
    }  # fmt: skip
