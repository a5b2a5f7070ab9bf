"""The night: ladders climb, each rung of each deadline exactly once, and nothing stops it."""

import json
import os
import random
from collections import Counter
from itertools import chain, repeat
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

import cases.tables as t
from cases import due
from cases.clockwork import rehearse
from cases.statements import Statement
from tests.cases.ledgers import CITY, COUNTY, Ledger
from tests.forks import fork
from tests.schedules.nights import (
    climbs,
    holds,
    levels,
    night,
    rows_of,
    spoil,
    swept,
    told,
)
from workflow.terms import Kind


def test_a_major_hazard_climbs_a_rung_a_time(ledger: Ledger) -> None:
    """DOMAIN §4: 1 township, 3 county, 7 city, then weekly at the top; days are counted by date."""
    case = ledger.find(grade="major")[0]
    taken = [day for day in range(30) if swept(ledger, day).moved]
    assert taken == [4, 6, 10, 17, 24]
    assert levels(ledger, case) == [[1], [2], [3], [4], [5]]
    assert [facts["overdue_days"] for facts in climbs(ledger, case)] == [1, 3, 7, 14, 21]
    assert holds(ledger)


def test_a_climb_names_its_deadline_and_the_rank_that_is_told(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    swept(ledger, 4)
    assert climbs(ledger, case) == [
        {"deadline": {"rule": "order", "seq": 1}, "rank": "township", "rungs": [1], "overdue_days": 1}
    ]
    with ledger.store.read() as tx:
        row = tx.one(select(t.hazards).where(t.hazards.c.id == case))
        step = tx.one(select(t.steps).where(t.steps.c.subject_id == case, t.steps.c.seq == 2))
    assert (row.rank, row.state, row.seq, row.head) == ("township", "found", 2, step.hash)
    assert (step.actor_id, step.recorded_by, step.at) == (None, None, night(ledger, 4))


def test_what_is_not_due_stays_as_it_is(ledger: Ledger) -> None:
    ledger.find(grade="major")
    assert swept(ledger, 3).moved == 0
    assert swept(ledger, 3).looked_at == 0
    assert rows_of(ledger, t.rungs) == []


def test_a_second_sweep_of_the_same_night_finds_nothing(ledger: Ledger) -> None:
    ledger.find(5, grade="major")
    assert swept(ledger, 4).moved == 5
    assert swept(ledger, 4).looked_at == 0
    assert holds(ledger)


def test_several_missed_rungs_are_taken_in_one_step_that_names_them(ledger: Ledger) -> None:
    """Every rank that was passed is told."""
    case = ledger.find(grade="major")[0]
    swept(ledger, 6)
    assert levels(ledger, case) == [[1, 2]]
    assert told(ledger, case) == ["Zhao", "Sun"]
    assert holds(ledger)


def test_it_never_goes_silent(ledger: Ledger) -> None:
    """Until somebody moves the case it repeats at the top, a week apart, each time as a rung of its own."""
    case = ledger.find(grade="major")[0]
    taken = [day for day in range(4, 64) if swept(ledger, day).moved]
    assert taken == [4, 6, *range(10, 64, 7)]
    assert [rungs[0] for rungs in levels(ledger, case)] == list(range(1, len(taken) + 1))


def test_missed_repeats_come_to_one(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    swept(ledger, 10)
    swept(ledger, 45)
    assert levels(ledger, case) == [[1, 2, 3], [8]]
    assert swept(ledger, 51).moved == 0
    assert swept(ledger, 52).moved == 1


def test_an_acknowledgement_silences_repeats_until_it_ends(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    swept(ledger, 10)
    ledger.move("acknowledge", [case], 11, by="Zhao", given={"note": "parts are coming", "until": ledger.on(20)})
    assert [day for day in range(11, 30) if swept(ledger, day).moved] == [21, 24]


def test_an_acknowledgement_does_not_silence_the_next_rung(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    swept(ledger, 6)
    ledger.move("acknowledge", [case], 6, by="Zhao", given={"note": "parts are coming", "until": ledger.on(20)})
    assert [day for day in range(7, 24) if swept(ledger, day).moved] == [10, 21]
    assert levels(ledger, case)[1] == [3]


def test_an_acknowledgement_ends_with_the_state_it_silenced(ledger: Ledger) -> None:
    """Nobody acknowledged the date of the order: its repeats are told."""
    case = ledger.find(grade="major")[0]
    ledger.move(
        "acknowledge", [case], 1, by="Zhao", given={"note": "the order is being written", "until": ledger.on(30)}
    )
    ledger.order([case], 2, due_on=ledger.on(3))
    for day in range(4, 26):
        swept(ledger, day)
    taken = [facts["rungs"] for facts in climbs(ledger, case) if facts["deadline"]["rule"] == "date"]
    assert taken == [[1], [2], [3], [4], [5]], "on days 4, 6, 10, and a week and two later"


def test_an_acknowledged_case_climbs_after_its_unit_started(ledger: Ledger) -> None:
    """Starting leaves the date running: its rungs are taken, and its repeats are told."""
    case = ledger.find(grade="major")[0]
    ledger.order([case], 1, due_on=ledger.on(5))
    ledger.move("acknowledge", [case], 2, by="Zhao", given={"note": "parts are coming", "until": ledger.on(30)})
    ledger.move("start", [case], 3, by="Contact")
    for day in range(4, 28):
        swept(ledger, day)
    taken = [facts["rungs"] for facts in climbs(ledger, case) if facts["deadline"]["rule"] == "date"]
    assert taken == [[1], [2], [3], [4], [5]], "on days 6, 8, 12, and a week and two later"
    assert holds(ledger)


def test_a_moved_case_leaves_its_ladder(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    swept(ledger, 4)
    ledger.order([case], 5, due_on=ledger.on(60), serve=True)
    assert swept(ledger, 10).moved == 0


def test_two_deadlines_of_one_case_climb_each_on_its_own(ledger: Ledger) -> None:
    """From expiry the inspector owes a recheck too; the step of each names which it is."""
    case = ledger.find(grade="major")[0]
    ledger.order([case], 1, due_on=ledger.on(3))
    whole = ("goal", "method", "funds", "organisation", "deadline", "emergency")
    ledger.move("plan", [case], 2, given=dict.fromkeys(whole, "said"))
    tally = swept(ledger, 40)
    rules = [facts["deadline"]["rule"] for facts in climbs(ledger, case)]
    assert sorted(rules) == ["date", "recheck"]
    assert tally.moved == tally.looked_at == 2
    assert holds(ledger)


# -- who is told -------------------------------------------------------------------------------------------------------


def test_a_rank_with_nobody_passes_to_the_next_one_up(ledger: Ledger) -> None:
    """West has no supervisor: the county is told, and the step says so."""
    case = ledger.find(unit="Mine", grade="major", by=("Qian", "Zhou"))[0]
    swept(ledger, 4)
    assert climbs(ledger, case)[0]["rank"] == "county"
    assert told(ledger, case) == ["Sun"]


def test_where_nobody_is_left_the_step_is_taken_all_the_same(ledger: Ledger) -> None:
    ledger.retire("Sun", ledger.on(0))
    case = ledger.find(unit="Mine", grade="major", by=("Qian", "Zhou"))[0]
    assert swept(ledger, 4).notices == 0
    assert climbs(ledger, case)[0]["rank"] == "township"


def test_only_those_are_told_whose_department_answers_for_the_sector(ledger: Ledger) -> None:
    for name, sector in (("mines", "非煤矿山"), ("cold", "冷库")):
        ledger.department(name, CITY, "city")
        with ledger.store.begin() as tx:
            tx.add(t.department_sectors, department_id=ledger.departments[name], sector=sector)
        ledger.person(f"S {name}", "supervisor", name)
    case = ledger.find(unit="Mill", grade="major")[0]
    for day in (4, 6, 10):
        swept(ledger, day)
    assert told(ledger, case) == ["Zhao", "Sun", "S cold"]


def test_everybody_of_the_rank_is_told_once(ledger: Ledger) -> None:
    ledger.department("second bureau", COUNTY, "county")
    ledger.person("Wu", "supervisor", "second bureau")
    ledger.person("Zheng", "clerk", "second bureau")
    case = ledger.find(grade="major")[0]
    assert swept(ledger, 6).notices == 3
    assert sorted(told(ledger, case)) == ["Sun", "Wu", "Zhao"]


# -- in what order, and how much ---------------------------------------------------------------------------------------


def test_major_hazards_go_first(ledger: Ledger) -> None:
    """Also when the others have waited longer."""
    grades = {ledger.find(grade=grade, days=day)[0]: grade for day, grade in enumerate(("general", "larger", "major"))}
    swept(ledger, 60, batch=1, is_stopped=chain([False], repeat(True)).__next__)
    assert [grades[row.subject_id] for row in rows_of(ledger, t.rungs)][:1] == ["major"]
    swept(ledger, 60, batch=1)
    seqs = [row.subject_id for row in rows_of(ledger, t.steps) if row.trigger == "escalate"]
    assert {grades[case] for case in seqs} == {"general", "larger", "major"}


def test_batches_are_of_the_size_the_policy_gives(ledger: Ledger) -> None:
    ledger.find(7, grade="major")
    sizes = []
    swept(ledger, 4, batch=3, keep=lambda tx: sizes.append(tx.value(select(func.count()).select_from(t.rungs))))
    assert sizes[:3] == [3, 6, 7]


def test_a_stop_finishes_the_batch_and_leaves_the_rest(ledger: Ledger) -> None:
    ledger.find(7, grade="major")
    stopped = iter([False, True])
    assert swept(ledger, 4, batch=3, is_stopped=lambda: next(stopped, True)).moved == 3
    assert swept(ledger, 4).moved == 4


def test_a_case_moved_after_the_time_of_the_sweep_is_left_alone(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    ledger.order([case], 5, due_on=ledger.on(6))
    tally = swept(ledger, 4)
    assert (tally.moved, tally.skipped) == (0, 0)


# -- a bad row ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "value"), [("state", "lost"), ("grade", "dreadful")])
def test_a_bad_row_is_named_and_the_others_climb(ledger: Ledger, column: str, value: str) -> None:
    cases = ledger.find(6, grade="major")
    spoil(ledger, "hazards", column, value, cases[2])
    tally = swept(ledger, 4, batch=2)
    assert (tally.looked_at, tally.moved, tally.skipped) == (6, 5, 1)
    assert [error["case"] for error in tally.errors] == [cases[2]]
    assert value in tally.errors[0]["reason"]
    assert climbs(ledger, cases[2]) == []


def test_a_value_that_is_no_date_is_named_and_the_others_climb(ledger: Ledger) -> None:
    if ledger.store.kind != "sqlite":
        pytest.skip("PostgreSQL refuses it")
    cases = ledger.find(6, grade="major")
    spoil(ledger, "deadlines", "due_at", "soon", cases[2])
    tally = swept(ledger, 4, batch=4)
    assert (tally.looked_at, tally.moved, tally.skipped) == (6, 5, 1)
    assert "soon" in tally.errors[0]["reason"]
    rehearsed = rehearse(ledger.store, night(ledger, 6))
    assert (rehearsed.moved, rehearsed.skipped) == (5, 1)


def test_a_row_that_the_store_refuses_is_named_and_the_others_climb(ledger: Ledger) -> None:
    """A rung that was taken already is never taken again, whatever the deadline says."""
    cases = ledger.find(6, grade="major")
    with ledger.store.begin() as tx:
        tx.run(t.rungs.insert().values(kind="hazard", subject_id=cases[2], rule="order", set_by=1, about=0, level=1, seq=9, rank="city", area_code=COUNTY))  # fmt: skip
    tally = swept(ledger, 4, batch=4)
    assert (tally.looked_at, tally.moved, tally.skipped) == (6, 5, 1)
    assert [error["case"] for error in tally.errors] == [cases[2]]


def test_a_deadline_that_is_looked_at_too_soon_is_looked_at_again_later(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    with ledger.store.begin() as tx:
        tx.run(update(t.deadlines).where(t.deadlines.c.subject_id == case).values(check_at=ledger.at(1)))
    assert (swept(ledger, 2).looked_at, swept(ledger, 2).looked_at) == (1, 0)
    assert swept(ledger, 4).moved == 1


# -- a rehearsal -------------------------------------------------------------------------------------------------------


def test_a_rehearsal_says_what_a_sweep_will_come_to_and_writes_nothing(ledger: Ledger) -> None:
    cases = [*ledger.find(4, grade="major"), *ledger.find(3, grade="larger")]
    ledger.order(cases[:2], 1, due_on=ledger.on(3))
    spoil(ledger, "hazards", "state", "lost", cases[3])
    before = [rows_of(ledger, table) for table in (t.steps, t.hazards, t.deadlines, t.rungs, t.notices, t.runs)]
    rehearsed = rehearse(ledger.store, night(ledger, 30))
    after = [rows_of(ledger, table) for table in (t.steps, t.hazards, t.deadlines, t.rungs, t.notices, t.runs)]
    assert before == after
    assert rehearsed == swept(ledger, 30)
    assert rehearsed.moved > 6


# -- real processes ----------------------------------------------------------------------------------------------------


def _sweeping(writing: int, ledger: Ledger, day: int, batch: int) -> None:
    os.write(writing, f"{swept(ledger, day, batch=batch).moved}\n".encode())


def test_two_processes_at_the_same_time_take_every_rung_once(ledger: Ledger) -> None:
    ledger.find(80, grade="major")
    ledger.store.close()
    moved = [worker.said() for worker in [fork(_sweeping, ledger, 6, 5) for _ in range(2)]]
    assert sum(int(line) for (line,) in moved) == 80, moved
    assert len(rows_of(ledger, t.rungs)) == 160
    assert holds(ledger)


def test_killed_at_random_moments_every_rung_is_taken_once(ledger: Ledger) -> None:
    chance = random.Random(7)
    ledger.find(40, grade="major")
    ledger.store.close()
    for round_ in range(20):
        fork(_sweeping, ledger, 4 + round_, 3).kill(chance.uniform(0, 0.05))
    swept(ledger, 23)
    assert swept(ledger, 23).looked_at == 0
    assert holds(ledger)
    highest = Counter(row.subject_id for row in rows_of(ledger, t.rungs))
    assert len(highest) == 40


# -- what it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("priority", due.PRIORITIES)
def test_a_sweep_reads_the_partial_index_and_not_the_table(ledger: Ledger, priority: int) -> None:
    """A night costs what is due, not what is stored."""
    _fill(ledger, 20_000)
    query = due.batch(Kind.hazard, priority, *[t.deadlines.c[name] for name in due.KEY], t.hazards.c.head)
    compiled = Statement(due.locked(query, Kind.hazard)).on(ledger.store.kind)
    given = compiled.params({"now": ledger.at(4), "since": due.EVER, "batch": 1000})
    plan = _plan(ledger, compiled.sql, given)
    assert "ix_deadlines_check" in plan
    for worse in (
        "SCAN deadlines",
        "SCAN hazards",
        "Seq Scan on deadlines",
        "Seq Scan on hazards",
        "TEMP B-TREE",
        "Sort",
    ):
        assert worse not in plan


def _plan(ledger: Ledger, sql: str, given: Any) -> str:
    explain = "EXPLAIN QUERY PLAN " if ledger.store.kind == "sqlite" else "EXPLAIN "
    with ledger.store.begin() as tx:
        list(due.take(tx, Kind.hazard, 0, ledger.at(0), due.EVER, 1))  # what it sets for its transaction holds here too
        return "\n".join(str(row[-1]) for row in ledger.store.connection().execute(explain + sql, given))


def _fill(ledger: Ledger, count: int) -> None:
    """Add many cases, nine in ten of them closed, and tell PostgreSQL about them."""
    first = ledger.find(grade="major")[0]
    hazards = [column.name for column in t.hazards.c if column.name != "id"]
    clocks = [column.name for column in t.deadlines.c if column.name not in ("subject_id", "priority", "ended_by")]
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    with ledger.store.begin() as tx:
        tx.run(text(f"{numbers} INSERT INTO hazards ({', '.join(hazards)}) SELECT {', '.join(hazards)} FROM hazards, n WHERE id = {first}"))  # fmt: skip
        tx.run(
            text(
                f"INSERT INTO deadlines (subject_id, priority, ended_by, {', '.join(clocks)})"
                f" SELECT h.id, h.id % 3, CASE WHEN h.id % 10 = 0 THEN NULL ELSE 2 END, {', '.join('d.' + c for c in clocks)}"
                f" FROM hazards h, deadlines d WHERE h.id > {first} AND d.subject_id = {first}"
            )
        )
    if ledger.store.kind == "postgresql":
        ledger.store.connection().execute("ANALYZE")


def test_what_is_left_in_the_outbox_says_whom_of_what_at_which_rank(ledger: Ledger) -> None:
    case = ledger.find(grade="major")[0]
    swept(ledger, 4)
    notice = rows_of(ledger, t.notices)[0]
    assert (notice.subject_id, notice.seq, notice.person_id) == (case, 2, ledger.people["Zhao"])
    assert (notice.rank, notice.attempts, notice.sent_at) == ("township", 0, None)
    assert notice.created_at == night(ledger, 4)
    assert json.loads(rows_of(ledger, t.steps)[-1].facts)["rungs"] == [1]
