"""Reports: a campaign of 100 000 cases against the same counts by hand-written SQL, and a month in ever larger stores.

Both sides of the first read 600 000 steps on one connection, in turns. The SQL by hand takes the grade and the last
state from the cases' rows, where ours reads history; ours also says which cases are open and what contradicts itself.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from benchmarks.measuring import Line, alternating, seconds
from benchmarks.stores import ledger, multiply, settle
from cases.questions.figures import Document, campaign_report, period_report
from tests.cases.ledgers import Ledger

CASES, ROUNDS, LIMIT = 100_000, 5, 3.0
#: A month of so many cases, in stores of so many months.
MONTH, SMALL, LARGE = 5_000, 20, 200
GROWTH = 1.5

_BY_HAND = (
    """
    SELECT count(*), sum(voided = 0), sum(voided = 0 AND grade = 'general'), sum(voided = 0 AND grade = 'larger'),
           sum(voided = 0 AND grade = 'major'), sum(voided = 0 AND ordered > 0), sum(voided = 0 AND corrected > 0),
           sum(state = 'closed'), sum(state IN ('shutdown', 'relocated', 'retreated')), sum(listed), sum(planned),
           sum(reopened), sum(closed), sum(exited), sum(voided),
           sum(state NOT IN ('closed', 'shutdown', 'relocated', 'retreated', 'voided')),
           sum(due IS NOT NULL AND voided = 0), sum(voided = 0 AND coalesce(submitted, passed) <= due)
    FROM (
        SELECT h.id, h.grade, h.state, count(CASE WHEN s.trigger = 'void' THEN 1 END) AS voided,
               count(CASE WHEN s.trigger = 'order' THEN 1 END) AS ordered,
               count(CASE WHEN s.trigger = 'correct' THEN 1 END) AS corrected,
               count(CASE WHEN s.trigger = 'supervise' THEN 1 END) AS listed,
               count(CASE WHEN s.trigger = 'plan' THEN 1 END) AS planned,
               count(CASE WHEN s.trigger = 'reopen' THEN 1 END) AS reopened,
               count(CASE WHEN s.trigger = 'close' THEN 1 END) AS closed,
               count(CASE WHEN s.trigger = 'confirm_exit' THEN 1 END) AS exited,
               min(CASE WHEN s.trigger = 'submit' THEN {day} END) AS submitted,
               min(CASE WHEN s.trigger = 'pass_recheck' THEN {day} END) AS passed,
               (SELECT i.due_on FROM items i JOIN orders o ON o.id = i.order_id
                WHERE i.hazard_id = h.id AND o.served_at IS NOT NULL AND i.result NOT IN ('withdrawn', 'superseded')
                ORDER BY o.ordered_at, i.due_on LIMIT 1) AS due
        FROM hazards h JOIN steps s ON s.kind = 'hazard' AND s.subject_id = h.id
        WHERE h.campaign_id = {campaign} GROUP BY h.id
    ) AS told
    """,
    "SELECT count(*), count(DISTINCT unit_id), count(DISTINCT round) FROM inspections WHERE campaign_id = {campaign}",
    """
    SELECT count(DISTINCT o.id) FROM hazards h JOIN items i ON i.hazard_id = h.id JOIN orders o ON o.id = i.order_id
    WHERE h.campaign_id = {campaign} AND o.withdrawn_at IS NULL
    """,
)
#: The local date of a step, as each store says it.
_DAY = {"sqlite": "date(s.at, '+8 hours')", "postgresql": "(s.at AT TIME ZONE 'Asia/Shanghai')::date"}


def by_hand(made: Ledger, campaign: int) -> list[Any]:
    """Count it all by SQL alone."""
    cursor = made.store.connection().cursor()
    counts: list[Any] = []
    for sql in _BY_HAND:
        said = sql.format(day=_DAY[made.store.kind], campaign=campaign)
        if made.store.kind == "postgresql":
            said = _sums_of_truths(said)
        counts += cursor.execute(said).fetchone()
    return counts


def _sums_of_truths(sql: str) -> str:
    """Write `sum(condition)` as PostgreSQL wants it; `sum(column)` stays."""
    lines = sql.split("FROM (", 1)
    if len(lines) == 1:
        return sql
    told = [each if each.strip(" \n").isidentifier() else f"({each})::int" for each in _arguments(lines[0])]
    return "SELECT count(*), " + ", ".join(f"sum({each})" for each in told) + " FROM (" + lines[1]


def _arguments(selected: str) -> list[str]:
    """Return what stands in each `sum(…)`."""
    found, rest = [], selected
    while (at := rest.find("sum(")) >= 0:
        depth, end = 1, at + 4
        while depth:
            depth += (rest[end] == "(") - (rest[end] == ")")
            end += 1
        found.append(rest[at + 4 : end - 1])
        rest = rest[end:]
    return found


def ours(made: Ledger, campaign: int, days: int) -> Document:
    """Return the report, as a command does."""
    with made.asking("Sun", days) as asking:
        return campaign_report(asking, campaign)


def measure() -> Iterator[Line]:
    for kind in ("SQLite FULL", "PostgreSQL"):
        with ledger(kind) as made:
            yield _campaign(kind, made)
    for kind in ("SQLite FULL", "PostgreSQL"):
        yield from _months(kind)


def _campaign(kind: str, made: Ledger) -> Line:
    campaign = made.campaign("Clean-up", Mill="listed")
    case = _life(made, 0, campaign=campaign)
    with made.store.begin() as tx:
        multiply(tx, case, 1000, CASES - 1)
    settle(made)
    told = ours(made, campaign, 100)["figures"]
    counted = by_hand(made, campaign)
    assert told["hazards.found"]["value"] == counted[1] == CASES
    assert told["rate.on_time"]["of"] == [counted[17], counted[16]]
    mine, theirs, ratio = alternating(lambda _: ours(made, campaign, 100), lambda _: by_hand(made, campaign), ROUNDS)
    told_as = f"×{ratio:.2f} ({mine:.2f} s : {theirs:.2f} s)"
    return Line(
        f"report campaign, {CASES} cases and {6 * CASES} steps, {kind}",
        told_as,
        f"≤ {LIMIT} × SQL by hand",
        ratio <= LIMIT,
    )


def _life(made: Ledger, day: float, **more: Any) -> int:
    """Let a case be found, ordered, served, submitted, passed and closed: six steps."""
    (case,) = made.find(1, days=day, **more)
    made.order([case], day + 1, due_on=made.on(int(day) + 20))
    made.submit([case], day + 5)
    made.passed([case], day + 7)
    made.close([case], day + 8)
    return case


def _months(kind: str) -> Iterator[Line]:
    """The last month, and one in the middle, of a small store and of one ten times as large."""
    last, middle = zip(*(_of_months(kind, months) for months in (SMALL, LARGE)), strict=True)
    for which, (small, large) in (("the last", last), ("one in the middle", middle)):
        told = f"{small * 1e3:.0f} ms of {SMALL * MONTH} cases, {large * 1e3:.0f} ms of {LARGE * MONTH}"
        what = f"report period, a month of {MONTH} cases, {which}, {kind}"
        yield Line(what, told, "about equal", large <= GROWTH * small)


def _of_months(kind: str, months: int) -> tuple[float, float]:
    with ledger(kind) as made:
        for month in range(months):
            _month(made, -30 * (month + 1), 1000 + month * MONTH)
        settle(made)
        return tuple(_median(partial(_report, made, -30 * month)) for month in (1, months // 2))  # type: ignore[return-value]  # two


def _month(made: Ledger, day: int, first: int) -> None:
    """Fill a month: a third is closed within it, a third in the next, a third was put right on the spot."""
    lives = [_life(made, day), _life(made, day + 25), _spot(made, day + 3)]
    with made.store.begin() as tx:
        for n, case in enumerate(lives):
            multiply(tx, case, 1_000_000 * (n + 1) * 10 + first, MONTH // 3 - 1)


def _spot(made: Ledger, day: float) -> int:
    (case,) = made.find(1, days=day)
    made.move("correct", [case], day, given={"evidence": ["photo"]}, officers=["Li", "Wang"])
    made.close([case], day)
    return case


def _report(made: Ledger, day: int) -> None:
    with made.asking("Sun", 1) as asking:
        first = made.on(day)
        period_report(asking, first, first + timedelta(29), by="area")


def _median(work: Callable[[], object]) -> float:
    work()
    return median(seconds(work) for _ in range(ROUNDS))
