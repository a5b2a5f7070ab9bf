"""A night: 20 000 overdue among 1 000 000 cases, against the raw driver writing the same rows in chunks of 1000.

Nights alternate, ours and the raw driver's, each taking the next rung of every overdue case: equal rows, one step, one
rung and one notice a case. The raw side reads the same columns, makes the same facts and hashes, and asks no rules.
"""

import hashlib
import json
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from benchmarks.measuring import Line, resident_mb, seconds
from benchmarks.stores import ledger, multiplied
from cases import clockwork, due, pages, recipients
from cases.clockwork import sweep
from tests.cases.ledgers import Ledger
from workflow.case import Case
from workflow.deadlines import start_of_day
from workflow.terms import Kind

STORED, OVERDUE = 1_000_000, 20_000
LIMIT, MEMORY_MB = 1.6, 20
CHUNK = 1000
#: The ladder of a general hazard, in days after the deadline; it repeats every 30.
RUNGS = [(7, "township"), (20, "county")] + [(50 + 30 * more, "county") for more in range(8)]

_SUFFIX = (",", ":")
_HAZARD = pages.TRACKED[Case]
_UPDATE, _ = _HAZARD.setter(tuple(_HAZARD.columns.index(name) for name in ("rank", "version", "seq", "head")))


class Raw:
    """A night by hand."""

    def __init__(self, made: Ledger) -> None:
        kind = made.store.kind
        self.made, self.kind = made, kind
        self.moved = _UPDATE.on(kind).sql
        self.take, self.step, self.rung, self.notice, self.deadline = (
            statement.on(kind).sql
            for statement in (
                due.RANGES[Kind.hazard, 2].take,
                pages._ADD_STEP,
                clockwork._ADD_RUNG,
                recipients.ADD_NOTICE,
                pages._SET_DEADLINE,
            )
        )
        self.defaults = due.RANGES[Kind.hazard, 2].take.on(kind).defaults
        self.begin = "BEGIN IMMEDIATE" if kind == "sqlite" else "BEGIN"
        self.person = made.people["Zhao"], made.people["Sun"]

    def instant(self, at: datetime) -> Any:
        return at if self.kind == "postgresql" else at.replace(tzinfo=None).isoformat(" ", "microseconds")

    def night(self, now: datetime, level: int, rank: str, again: datetime) -> int:
        """Take one rung of everything due; return how many cases there were."""
        done = 0
        while count := self.chunk(now, level, rank, again):
            done += count
        return done

    def chunk(self, now: datetime, level: int, rank: str, again: datetime) -> int:
        cursor = self.made.store.connection().cursor()
        cursor.execute(self.begin)
        at, iso, look = self.instant(now), now.isoformat(), self.instant(again)
        window = {**self.defaults, "now": at, "since": self.instant(due.EVER), "batch": CHUNK}
        cursor.execute(self.take, window)
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        cases, steps, rungs, notices, deadlines = [], [], [], [], []
        first = len(pages.DEADLINE_FIELDS) + 2
        overdue_days = (now.date() - self.made.on(3)).days
        person = self.person[0] if rank == "township" else self.person[1]
        for row in rows:
            deadline = dict(zip(names[:first], row[:first], strict=True))
            case = dict(zip(pages.FIELDS, row[first:], strict=True))
            seq, number, area = case["seq"] + 1, case["id"], case["area_code"]
            named = {"rule": deadline["rule"], "seq": deadline["set_by"]}
            facts = json.dumps(
                {"deadline": named, "overdue_days": overdue_days, "rank": rank, "rungs": [level]},
                sort_keys=True, ensure_ascii=False, separators=_SUFFIX,
            )  # fmt: skip
            said = ["hazard", number, seq, area, "escalate", case["state"], case["state"], None, None, iso, iso, facts, 1,
                    self.made.calendar.version, 0, case["head"]]  # fmt: skip
            head = hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=_SUFFIX).encode()).hexdigest()
            cases.append({"case": number, "was": case["version"], "new_rank": rank, "new_version": case["version"] + 1,
                          "new_seq": seq, "new_head": head})  # fmt: skip
            steps.append({"kind": "hazard", "subject_id": number, "seq": seq, "area_code": area, "trigger": "escalate",
                          "from_state": case["state"], "to_state": case["state"], "actor_id": None, "recorded_by": None,
                          "at": at, "recorded_at": at, "facts": facts, "policy": 1,
                          "calendar": self.made.calendar.version, "seal": 0, "prev": case["head"], "hash": head})  # fmt: skip
            own = {"kind": "hazard", "subject_id": number, "seq": seq, "area_code": area}
            rungs.append({**own, "rule": deadline["rule"], "set_by": deadline["set_by"], "level": level, "rank": rank})
            notices.append({**own, "created_at": at, "person_id": person, "rank": rank, "attempts": 0})
            deadlines.append({"kind_": "hazard", "case": number, "rule_": deadline["rule"], "set_by_": deadline["set_by"],
                              "about_": deadline["about"], "new_owner": deadline["owner"], "new_priority": 2,
                              "new_check_at": look, "new_level": level, "new_ended_by": None})  # fmt: skip
        self.write(cursor, [cases, steps, rungs, notices, deadlines])
        cursor.execute("COMMIT")
        return len(rows)

    def write(self, cursor: Any, rows: list[list[dict[str, Any]]]) -> None:
        if rows[0]:
            for sql, many in zip((self.moved, self.step, self.rung, self.notice, self.deadline), rows, strict=True):
                if self.kind == "postgresql" and sql.startswith("INSERT"):
                    self.stream(cursor, sql.split()[2], many)
                else:
                    cursor.executemany(sql, many)

    def stream(self, cursor: Any, table: str, rows: list[dict[str, Any]]) -> None:
        with cursor.copy(f"COPY {table} ({', '.join(rows[0])}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))


def _night(made: Ledger, rung: int) -> datetime:
    """Return two o'clock of the night on which the rung is taken."""
    day = made.on(3) + timedelta(RUNGS[rung][0])  # found on day 0: three working days, due on day 3
    return start_of_day(day, "Asia/Shanghai") + timedelta(hours=2)


def measure() -> list[Line]:
    lines = []
    for kind in ("SQLite FULL", "PostgreSQL"):
        with ledger(kind) as made:
            multiplied(made, STORED, OVERDUE)
            lines += _compared(kind, made)
    return [*lines, _growth()]


def _compared(kind: str, made: Ledger) -> list[Line]:
    """Alternate nights; the first of each warms up, and what it costs is left out of the medians by being one of four."""
    raw = Raw(made)
    mine: list[float] = []
    theirs: list[float] = []
    grown = 0.0
    for rung in range(8):
        now, again = _night(made, rung), _night(made, rung + 1) - timedelta(hours=2)
        if rung % 2 == 0:
            before = resident_mb()
            mine.append(seconds(partial(sweep, made.store, now)) / OVERDUE)
            grown = max(grown, resident_mb() - before) if rung else 0.0
        else:
            theirs.append(seconds(partial(raw.night, now, rung + 1, RUNGS[rung][1], again)) / OVERDUE)
    return _lines(kind, mine, theirs, grown)


def _lines(kind: str, mine: list[float], theirs: list[float], grown: float) -> list[Line]:
    ratio = median(mine) / median(theirs)
    told = f"×{ratio:.2f} ({median(mine) * 1e6:.0f} µs : {median(theirs) * 1e6:.0f} µs a case)"
    return [
        Line(f"a night of {OVERDUE} overdue among {STORED}, {kind}", told, f"≤ {LIMIT} × raw driver", ratio <= LIMIT),
        Line(f"memory grown by such a night, {kind}", f"{grown:.1f} MB", f"< {MEMORY_MB} MB", grown < MEMORY_MB),
    ]


def _growth() -> Line:
    """The same 2000 overdue among ever more stored cases: the cost a case stays the same."""
    costs = []
    for stored in (20_000, 400_000):
        with ledger("SQLite FULL") as made:
            multiplied(made, stored, 2000)
            sweep(made.store, _night(made, 0))
            costs.append(seconds(partial(sweep, made.store, _night(made, 1))) / 2000)
    told = f"{costs[0] * 1e6:.0f} µs a case among 20 000, {costs[1] * 1e6:.0f} µs among 400 000"
    return Line(
        "a night grows with what is due, not with what is stored", told, "about equal", costs[1] < 1.5 * costs[0]
    )
