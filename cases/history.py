"""The chain of steps: how one is written down, hashed, verified and sealed. Appending is the ledger's business.

Each step's hash covers everything it says and the hash before it, so nothing in the middle can be changed unseen. A
seal covers every step recorded since the last seal and is chained to it, so that cutting a tail, or a whole case,
shows too.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, insert, select, text

from cases.pages import TABLES, TRACKED
from cases.statements import Statement
from cases.store import Store, Transaction
from cases.tables import seals, steps
from workflow.terms import Kind
from workflow.words import Sentence

#: What the first step of a chain names as the one before it.
GENESIS = ""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
#: Most values by far; asked by exact type, because a sweep asks for every fact of every step.
_PLAIN = frozenset({str, int, float, bool, type(None)})
_hashed = itemgetter(
    "kind", "subject_id", "seq", "area_code", "trigger", "from_state", "to_state", "actor_id", "recorded_by",
    "at", "recorded_at", "facts", "policy", "calendar", "seal", "prev",
)  # fmt: skip


def canonical(facts: Mapping[str, Any]) -> str:
    """Return facts as canonical JSON: keys sorted, no spaces, dates as ISO text."""
    return _encode({key: plain(value) for key, value in facts.items() if value is not None}) if facts else "{}"


def plain(value: Any) -> Any:
    """Return a value as JSON knows it. Raises TypeError for what has no plain form."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [plain(each) for each in value]
    raise TypeError(f"a step cannot remember {type(value).__name__}")


def digest(step: Mapping[str, Any]) -> str:
    """Return the hash of a step: SHA-256 over all it says, instants in UTC, and the hash before it."""
    said = list(_hashed(step))
    at, recorded_at = said[9], said[10]
    said[9] = text = at.isoformat()
    said[10] = text if recorded_at is at else recorded_at.isoformat()
    return hashlib.sha256(_encode(said).encode()).hexdigest()


# -- verifying ---------------------------------------------------------------------------------------------------------

_ALL_STEPS = Statement(select(steps).order_by(steps.c.kind, steps.c.subject_id, steps.c.seq))
_SEALS = Statement(select(seals).order_by(seals.c.id))


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: whose it is, and at which step; of a seal neither."""

    kind: str | None
    id: int | None
    seq: int | None
    why: Sentence

    @property
    def case(self) -> int | None:
        """The case, where it is one's chain."""
        return self.id if self.kind == Kind.hazard else None


def verify(store: Store) -> tuple[int, int, list[Break]]:
    """Check every chain, every head, every seal, and when each case stood open; return (steps, cases, breaks)."""
    broken: list[Break] = []
    heads: dict[tuple[str, int], tuple[int, str, str]] = {}
    sealed = _Sealer()
    count = 0
    with store.read() as tx:
        for step in tx.each(_ALL_STEPS):
            count += 1
            key = (step.kind, step.subject_id)
            before = heads.get(key, (0, GENESIS, ""))
            broken += _faults(step, before)
            heads[key] = (step.seq, step.hash, step.to_state)
            sealed.add(step)
        rows = {of.kind: tx.all(_heads(TRACKED[of].table)) for of in TABLES}
        all_seals = tx.all(_SEALS)
        broken += _untold(tx)
    broken += _headless(rows, heads)
    broken += sealed.faults(all_seals)
    return count, len(rows[Kind.hazard]), broken


def _heads(table: Table) -> Select[Any]:
    return select(table.c.id, table.c.seq, table.c.head, table.c.state)


def _faults(step: Any, before: tuple[int, str, str]) -> list[Break]:
    faults = []
    seq, head, state = before
    if step.seq != seq + 1:
        faults.append(Break(step.kind, step.subject_id, step.seq, Sentence("step {seq} is missing", seq=seq + 1)))
    elif step.prev != head:
        faults.append(Break(step.kind, step.subject_id, step.seq, Sentence("it does not follow the step before it")))
    if step.hash != digest(step._asdict()):
        faults.append(Break(step.kind, step.subject_id, step.seq, Sentence("what it says was changed")))
    if step.seq > 1 and step.from_state != state:
        faults.append(
            Break(step.kind, step.subject_id, step.seq, Sentence("it starts from a state that was not reached"))
        )
    return faults


def _headless(rows: Mapping[Kind, list[Any]], heads: dict[tuple[str, int], tuple[int, str, str]]) -> list[Break]:
    faults = []
    for kind, subjects in rows.items():
        for row in subjects:
            found = heads.pop((kind, row.id), None)
            if found is None:
                faults.append(Break(kind, row.id, None, Sentence("it has no history")))
            elif found != (row.seq, row.head, row.state):
                faults.append(Break(kind, row.id, found[0], Sentence("it is not where its last step left it")))
    gone = (key for key in heads if key[0] in rows)
    faults += [Break(kind, number, None, Sentence("what it tells of is gone")) for kind, number in gone]
    return faults


def _untold(tx: Transaction) -> list[Break]:
    """Return the cases of which the store says otherwise than their steps when they stood open."""
    from cases.tables.spells import told_by_the_steps

    told, kept = told_by_the_steps(tx.kind), "SELECT hazard_id, seq, opened_at, ended_at, span FROM open_spells"
    either = " UNION ".join(
        f"SELECT hazard_id FROM ({one} EXCEPT {other}) AS odd" for one, other in ((told, kept), (kept, told))
    )
    cases = text(f"{either} ORDER BY hazard_id").columns(steps.c.subject_id)
    why = Sentence("when it stood open is not what its steps say")
    return [Break(Kind.hazard, case, None, why) for (case,) in tx.all(cases)]


# -- sealing -----------------------------------------------------------------------------------------------------------

_LAST_SEAL = Statement(select(seals).order_by(seals.c.id.desc()).limit(1))
_UNSEALED = Statement(
    select(steps.c.kind, steps.c.subject_id, steps.c.seq, steps.c.seal, steps.c.hash)
    .where(steps.c.seal == bindparam("epoch"))
    .order_by(steps.c.kind, steps.c.subject_id, steps.c.seq)
)
_ADD_SEAL = Statement(insert(seals))
#: The number of the last seal: every step is recorded into the epoch that follows it.
EPOCH = select(func.coalesce(func.max(seals.c.id), 0)).scalar_subquery()


class _Epoch:
    """The running value over the steps of one epoch, in the order of their subjects."""

    def __init__(self) -> None:
        self.steps = 0
        self.subjects = 0
        self.last: tuple[str, int] | None = None
        self.hash = hashlib.sha256()

    def add(self, step: Any) -> None:
        self.steps += 1
        if (step.kind, step.subject_id) != self.last:
            self.last = (step.kind, step.subject_id)
            self.subjects += 1
        self.hash.update(f"{step.kind} {step.subject_id} {step.seq} {step.hash}\n".encode())

    def value(self, prev: str) -> str:
        return hashlib.sha256(f"{prev} {self.steps} {self.subjects} {self.hash.hexdigest()}".encode()).hexdigest()


class _Sealer:
    """Recomputes every seal's epoch while the steps stream by."""

    def __init__(self) -> None:
        self.epochs: dict[int, _Epoch] = {}

    def add(self, step: Any) -> None:
        self.epochs.setdefault(step.seal, _Epoch()).add(step)

    def faults(self, rows: list[Any]) -> list[Break]:
        faults = []
        prev = GENESIS
        for number, row in enumerate(rows, 1):
            epoch = self.epochs.get(row.id - 1, _Epoch())
            if row.id != number or row.prev != prev or row.value != epoch.value(prev):
                faults.append(Break(None, None, None, Sentence("seal {number} does not hold", number=row.id)))
            prev = row.value
        return faults


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal as it is shown and exported."""

    id: int
    sealed_at: datetime
    steps: int
    subjects: int
    prev: str
    value: str


def last_seal(store: Store) -> Sealed | None:
    """Return the newest seal, or None."""
    with store.read() as tx:
        row = tx.one(_LAST_SEAL)
    return None if row is None else Sealed(**row._asdict())


def seal(tx: Transaction, now: datetime) -> Sealed | None:
    """Seal what was recorded since the last seal; None when nothing was. Nobody may append meanwhile."""
    if tx.kind == "postgresql":
        tx.run(text("LOCK TABLE steps IN SHARE ROW EXCLUSIVE MODE"))
    last = tx.one(_LAST_SEAL)
    number, prev = (last.id, last.value) if last else (0, GENESIS)
    epoch = _Epoch()
    for step in tx.each(_UNSEALED, epoch=number):
        epoch.add(step)
    if not epoch.steps:
        return None
    made = Sealed(number + 1, now, epoch.steps, epoch.subjects, prev, epoch.value(prev))
    tx.run(_ADD_SEAL, id=made.id, sealed_at=now, steps=made.steps, subjects=made.subjects, prev=prev, value=made.value)
    return made
