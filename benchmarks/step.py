"""One durable step: a case is started on a held connection, against the raw driver doing equal work.

The raw side runs the same statements in the same round trips – begin, load under lock, items, deadlines, the seal's
number, compare-and-set, step, commit – and makes the same facts and hash. What it leaves out is the rules.

A round is a thousand steps, about as many as a SQLite store makes between two checkpoints: each pays for its own.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from benchmarks.measuring import Line, alternating
from benchmarks.stores import KINDS, ledger, served
from cases import ledger as door
from cases import pages
from cases.acting import Acting, When
from cases.ledger import Door, Try
from cases.statements import Compiled
from tests.cases.ledgers import Ledger
from workflow.case import Case

ROUNDS, STEPS = 7, 1000
LIMIT = 1.5

_HAZARD = pages.TRACKED[Case]
_CHANGED = ("state", "entered_at", "moved_seq", "version", "seq", "head")
_UPDATE, _ = _HAZARD.setter(tuple(_HAZARD.columns.index(name) for name in _CHANGED))


def ours(made: Ledger, acting: Acting, cases: Sequence[int]) -> None:
    """Start each case in a transaction of its own, through the one door."""
    for case in cases:
        with made.store.begin() as tx:
            opened = Door(tx, acting)
            opened.advance([Try("start", opened.load([case])[0])])


class Raw:
    """The same statements, by hand."""

    def __init__(self, made: Ledger, acting: Acting) -> None:
        kind = made.store.kind
        self.connection = made.store.connection()
        self.begin = "BEGIN IMMEDIATE" if kind == "sqlite" else "BEGIN"
        self.load, self.items, self.deadlines, self.epoch, self.update, self.insert = (
            _compiled(statement.on(kind))
            for statement in (
                door._LOAD, door._ITEMS, door._DEADLINES, door._EPOCH, _UPDATE, pages._ADD_STEP,
            )
        )  # fmt: skip
        self.lock = door._HOLD_OFF_SEAL.on(kind).sql if kind == "postgresql" else ""
        self.nothing = door._EPOCH.on(kind).defaults
        instant = acting.when.at
        self.iso = instant.isoformat()
        self.at: Any = instant if kind == "postgresql" else instant.replace(tzinfo=None).isoformat(" ", "microseconds")
        self.acting = acting

    def start(self, cases: Sequence[int]) -> None:
        """Start each case in a transaction of its own, without asking anybody."""
        for case in cases:
            self.step(case)

    def step(self, case: int) -> None:
        cursor = self.connection.cursor()
        cursor.execute(self.begin)
        row = dict(zip(pages.FIELDS, cursor.execute(self.load, {"case": case}).fetchone(), strict=True))
        cursor.execute(self.items, {"case": case}).fetchall()
        cursor.execute(self.deadlines, {"case": case, "kind_1": "hazard"}).fetchall()
        if self.lock:
            cursor.execute(self.lock)
        epoch = cursor.execute(self.epoch, self.nothing).fetchone()[0]
        seq, acting = row["seq"] + 1, self.acting
        facts = json.dumps({}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        said = [
            "hazard", case, seq, row["area_code"], "start", row["state"], "rectifying", acting.actor.id,
            acting.recorded_by, self.iso, self.iso, facts, acting.policy_version, acting.calendar.version, epoch, row["head"],
        ]  # fmt: skip
        encoded = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        head = hashlib.sha256(encoded.encode()).hexdigest()
        moved = cursor.execute(
            self.update,
            {
                "case": case, "was": row["version"], "new_state": "rectifying", "new_entered_at": self.at,
                "new_moved_seq": seq, "new_version": row["version"] + 1, "new_seq": seq, "new_head": head,
            },
        )  # fmt: skip
        assert moved.rowcount == 1
        cursor.execute(
            self.insert,
            {
                "kind": "hazard", "subject_id": case, "seq": seq, "area_code": row["area_code"], "trigger": "start",
                "from_state": row["state"], "to_state": "rectifying", "actor_id": acting.actor.id,
                "recorded_by": acting.recorded_by, "at": self.at, "recorded_at": self.at, "facts": facts,
                "policy": acting.policy_version, "calendar": acting.calendar.version, "seal": epoch,
                "prev": row["head"], "hash": head,
            },
        )  # fmt: skip
        cursor.execute("COMMIT")


def _compiled(statement: Compiled) -> str:
    return statement.sql


def acting_on(made: Ledger) -> Acting:
    """Return an inspector at work, three days on."""
    now = made.at(3)
    actor = made.actor("Li")
    return Acting(actor, actor.id, When(now, now), made.policy, 1, made.calendar)


def measure() -> list[Line]:
    lines = []
    for kind in KINDS:
        with ledger(kind) as made:
            mine, theirs, ratio = _compared(made)
        told = f"×{ratio:.2f} ({mine / STEPS * 1e6:.0f} µs : {theirs / STEPS * 1e6:.0f} µs)"
        lines.append(Line(f"one durable step, {kind}", told, f"≤ {LIMIT} × raw driver", ratio <= LIMIT))
    return lines


def _compared(made: Ledger) -> tuple[float, float, float]:
    cases = served(made, 2 * (ROUNDS + 1) * STEPS)
    acting = acting_on(made)
    raw = Raw(made, acting)
    batches = [cases[at : at + STEPS] for at in range(0, len(cases), STEPS)]
    ours(made, acting, batches.pop())
    raw.start(batches.pop())
    return alternating(
        lambda turn: ours(made, acting, batches[2 * turn]), lambda turn: raw.start(batches[2 * turn + 1]), ROUNDS
    )
