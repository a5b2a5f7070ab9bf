"""What went wrong in other systems of this kind, each kept as a test that names it.

Kept elsewhere: a first run over a backlog that sent 430 000 notices (test_digest), escalation that fell silent after
7 days, a pause – an acknowledgement – that went on for ever (both test_sweep), two schedulers that sent everything
twice (test_sweep, test_digest, test_thirty_nights), a receiver down for a night (test_outbox).
"""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

import cases.tables as t
from cases import clockwork
from cases.clockwork import sweep
from cases.history import verify
from cases.questions.figures import campaign_report
from cases.questions.filters import Filters
from cases.questions.health import doctor
from cases.questions.many import overdue
from cases.questions.one import show
from schedules.jobs import run_once
from schedules.service import Service
from tests.cases.ledgers import Ledger
from tests.schedules.nights import climbs, holds, levels, night, rows_of, swept
from workflow.deadlines import overdue_days
from workflow.errors import Refused


def test_a_ladder_that_only_ever_fired_its_first_rung(ledger: Ledger) -> None:
    cases = {grade: ledger.find(grade=grade)[0] for grade in ("major", "larger", "general")}
    for day in range(3, 30):
        swept(ledger, day)
    assert {grade: levels(ledger, case) for grade, case in cases.items()} == {
        "major": [[1], [2], [3], [4], [5]],
        "larger": [[1], [2], [3]],
        "general": [[1], [2]],
    }


def test_a_rung_that_fired_every_ten_minutes_for_ever(ledger: Ledger) -> None:
    """Once a rung is taken nobody so much as looks at its case before the next one is due."""
    case = ledger.find(grade="major")[0]
    day_long = [night(ledger, 4) + timedelta(minutes=minutes) for minutes in range(0, 24 * 60, 10)]
    tallies = [sweep(ledger.store, now) for now in day_long]
    assert [tally.looked_at for tally in tallies] == [1, *[0] * 143]
    assert levels(ledger, case) == [[1]]


def test_a_night_that_never_ended(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline that stays due whatever is done is named and left alone; the night goes on, and ends."""
    cases = ledger.find(3, grade="major")
    monkeypatch.setattr(clockwork, "check_at", lambda *_: night(ledger, 4))
    tally = swept(ledger, 4)
    assert (tally.looked_at, tally.moved, tally.skipped) == (3, 0, 3)
    assert sorted(error["case"] for error in tally.errors) == cases
    assert rows_of(ledger, t.rungs) == []


def test_a_night_that_left_a_case_behind_and_was_called_good(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the last sweep could not move stands in `doctor` until a sweep moves it."""
    [case] = ledger.find(grade="major")

    def left_alone(day: int) -> list[str]:
        run_once(ledger.store, "deadlines", night(ledger, day), node="a:1")
        with ledger.asking("Sun", day) as asking:
            return [each["detail"] for each in doctor(asking) if each["check"] == "last sweep" and not each["ok"]]

    with monkeypatch.context() as broken:
        broken.setattr(clockwork, "check_at", lambda *_: night(ledger, 4))
        assert left_alone(4) == [f"1 could not be moved (hazard {case}): see rectify schedule status --json"]
    assert left_alone(5) == []
    assert levels(ledger, case) == [[1]]


def test_no_deadline_read_as_day_0(ledger: Ledger) -> None:
    """What has ended has no date: it is neither overdue nor due since ever, and nobody is told of it."""
    closed = ledger.find(grade="general")[0]
    ledger.order([closed], 1)
    ledger.passed([closed], 2)
    ledger.close([closed], 3)
    assert overdue_days(None, night(ledger, 400), ledger.policy.timezone) == 0
    assert swept(ledger, 400).looked_at == 0
    with ledger.asking("Li", 400) as asking:
        assert overdue(asking, Filters()) == []
        told = show(asking, closed)
    assert (told["due_on"], told["overdue_days"], told["overdue_workdays"]) == (None, 0, 0)


def test_a_holiday_calendar_that_guessed(ledger: Ledger) -> None:
    """Nobody knows the Spring Festival of a year whose notice is not out: the date is marked (moved: test_recounts)."""
    known, guessed = ledger.find(days=150)[0], ledger.find(days=3 * 365)[0]
    with ledger.asking("Li", 3 * 365 + 1) as asking:
        assert [show(asking, case)["provisional"] for case in (known, guessed)] == [False, True]


def test_a_pause_that_was_forgotten(ledger: Ledger) -> None:
    """Nobody can silence a case for longer than the policy says, nor twice running."""
    case = ledger.find(grade="major")[0]
    swept(ledger, 10)
    for until in (45, 400):
        with pytest.raises(Refused):
            ledger.move("acknowledge", [case], 11, by="Zhao", given={"note": "wait", "until": ledger.on(until)})
    ledger.move("acknowledge", [case], 11, by="Zhao", given={"note": "wait", "until": ledger.on(41)})
    with pytest.raises(Refused):
        ledger.move("acknowledge", [case], 12, by="Zhao", given={"note": "wait", "until": ledger.on(42)})
    assert [day for day in range(11, 50) if swept(ledger, day).moved] == [42, 45]


def test_a_night_lost_because_the_process_was_down(ledger: Ledger) -> None:
    """Five nights without a service: the first tick takes what all of them owed, in one step a case."""
    case = ledger.find(grade="major")[0]
    for at in (ledger.at(4, hour=2), ledger.at(9, hour=9)):
        Service(ledger.store, node="a:1", now=partial(lambda now: now, at)).tick("deadlines")
    assert levels(ledger, case) == [[1], [2]]
    assert [facts["overdue_days"] for facts in climbs(ledger, case)] == [1, 6]
    assert holds(ledger)


def test_a_bulk_edit_that_bypassed_the_history(ledger: Ledger) -> None:
    """Fifty cases moved at once leave fifty steps; what somebody writes past the ledger is found out."""
    cases = ledger.find(50)
    ledger.order(cases, 1)
    ordered = [row.subject_id for row in rows_of(ledger, t.steps) if row.trigger == "order"]
    assert sorted(ordered) == cases
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).where(t.hazards.c.id.in_(cases[:2])).values(state="closed"))
    broken = verify(ledger.store)[2]
    assert [each.id for each in broken] == cases[:2]


def test_compliance_lost_at_closing(ledger: Ledger) -> None:
    """Put right in time and closed long after: it was in time, and stays so whenever one asks."""
    campaign = ledger.campaign("Spring", Mill="listed")
    case = ledger.find(campaign=campaign)[0]
    ledger.order([case], 1, due_on=ledger.on(20))
    ledger.submit([case], 19)
    ledger.passed([case], 29)
    for days in (21, 30):
        with ledger.asking("Sun", days) as asking:
            assert campaign_report(asking, campaign)["figures"]["rate.on_time"]["of"] == [1, 1]
    ledger.close([case], 60)
    for days in (61, 400):
        with ledger.asking("Sun", days) as asking:
            assert campaign_report(asking, campaign)["figures"]["rate.on_time"]["of"] == [1, 1]
            assert show(asking, case)["overdue_days"] == 0
