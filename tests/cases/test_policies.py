"""Another policy: who may load it, what is refused, what history keeps, what runs on; and what it would have changed."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

import cases.tables as t
from cases import desk
from cases.acting import calendar_with, policy_of
from cases.history import last_seal, seal, verify
from cases.questions.policies import in_force, simulate
from cases.verbs import extensions, halts
from cases.verbs.policies import changes_of, load
from tests.cases.ledgers import Ledger
from tests.schedules.nights import holds, rows_of, swept
from workflow.deadlines import local_date
from workflow.errors import BadInput, Forbidden, Refused
from workflow.policy import default, default_text, parse
from workflow.trials import next_night

#: Found hazards are ordered within one working day, major ones climb later.
STRICT = """
title = "Strict"
[limits]
order = { days = 1, working = true, source = "ours" }
[ladders.major]
rungs = [{ after = 2, rank = "township" }, { after = 5, rank = "county" }]
repeat = 4
source = "ours"
"""
CHANGED = [
    "title", "limits.order.source", "limits.order.days", "ladders.major.source", "ladders.major.rungs",
    "ladders.major.repeat",
]  # fmt: skip
#: Rechecks are owed at once, dates on paper roll, requests are answered in a day.
HASTY = """
title = "Hasty"
[limits]
recheck = { days = 1, source = "ours" }
extension_answer = { days = 1, source = "ours" }
[dates]
general = 30
larger = 60
major = 180
rolls = true
source = "ours"
[ladders.general]
rungs = [{ after = 1, rank = "township" }, { after = 3, rank = "county" }]
repeat = 2
source = "ours"
"""


def loaded(ledger: Ledger, said: str = STRICT, days: float = 1, *, login: str = "administrator", **how: Any) -> Any:
    at = how.pop("at", None)
    with ledger.store.begin() as tx, desk.guarded_door(tx, login, None, at, ledger.at(days)) as door:
        return load(door, said, "policy.toml", **how).document["policy"]


def dump(ledger: Ledger) -> dict[str, list[Any]]:
    with ledger.store.read() as tx:
        return {table.name: tx.all(select(table)) for table in t.metadata.sorted_tables}


def chain(ledger: Ledger) -> list[Any]:
    with ledger.store.read() as tx:
        return tx.all(select(t.steps).where(t.steps.c.kind == "policy").order_by(t.steps.c.seq))


def dates(ledger: Ledger, case: int) -> dict[str, date]:
    ran = t.deadlines.c
    query = select(ran.rule, ran.due_on).where(ran.kind == "hazard", ran.subject_id == case, ran.ended_by.is_(None))
    with ledger.store.read() as tx:
        return {row.rule: row.due_on for row in tx.all(query)}


# -- loading -----------------------------------------------------------------------------------------------------------


def test_a_policy_is_loaded_as_a_version_and_a_step(ledger: Ledger) -> None:
    assert loaded(ledger) == {
        "version": 2, "title": "Strict", "changed": CHANGED, "recounted": 0, "dry_run": False,
    }  # fmt: skip
    with ledger.store.read() as tx:
        assert policy_of(tx) == (2, parse(STRICT))
    [step] = chain(ledger)
    assert (step.subject_id, step.seq, step.trigger, step.from_state, step.to_state) == (1, 1, "load", None, "loaded")
    assert (step.policy, step.actor_id, step.at) == (1, 1, ledger.at(1))
    facts = json.loads(step.facts)
    assert (facts["version"], facts["title"], facts["changed"]) == (2, "Strict", CHANGED)
    assert len(facts["sha256"]) == 64
    assert verify(ledger.store) == (1, 0, [])


def test_every_loading_follows_the_one_before_and_is_sealed(ledger: Ledger) -> None:
    loaded(ledger)
    loaded(ledger, default_text(), 2)
    assert loaded(ledger, days=3)["version"] == 4, "what was replaced may come back"
    assert [step.prev for step in chain(ledger)][1:] == [step.hash for step in chain(ledger)][:-1]
    assert [step.policy for step in chain(ledger)] == [1, 2, 3]
    with ledger.store.begin() as tx:
        seal(tx, ledger.at(4))
    assert (last_seal(ledger.store).steps, verify(ledger.store)) == (3, (3, 0, []))


def test_a_step_of_the_policys_chain_that_was_changed_is_found(ledger: Ledger) -> None:
    loaded(ledger)
    dropped = "steps_refuse_UPDATE" if ledger.store.kind == "sqlite" else "steps_refuse_change ON steps"
    with ledger.store.begin() as tx:
        tx.run(text(f"DROP TRIGGER {dropped}"))
        tx.run(text("UPDATE steps SET facts = '{}' WHERE kind = 'policy'"))
    assert [(each.kind, each.seq) for each in verify(ledger.store)[2]] == [("policy", 1)]


def test_running_deadlines_keep_their_dates_and_new_ones_are_counted_by_the_new_policy(ledger: Ledger) -> None:
    [before] = ledger.find(days=0)
    kept = dates(ledger, before)
    loaded(ledger, days=0.1)
    with ledger.store.begin() as tx, desk.guarded_door(tx, "administrator", None, None, ledger.at(0.2)) as door:
        ledger.policy = door.acting.policy
    [after] = ledger.find(days=0.2)
    assert kept == {"order": ledger.on(3)}
    assert (dates(ledger, before), dates(ledger, after)) == (kept, {"order": ledger.on(1)})
    ledger.move("note", [before], 0.3, given={"note": "seen"})
    assert dates(ledger, before) == kept


def test_with_refix_running_deadlines_are_counted_anew(ledger: Ledger) -> None:
    [case] = ledger.find(days=0)
    assert loaded(ledger, days=0.1, refix=True)["recounted"] == 1
    assert dates(ledger, case) == {"order": ledger.on(1)}
    assert verify(ledger.store)[2] == []


def test_what_was_counted_anew_goes_on_climbing_paper_by_paper(ledger: Ledger) -> None:
    """Two orders that were not served: both dates were counted anew by one step, and each climbs by itself."""
    [case] = ledger.find(days=0, grade="major")
    for day in (0.1, 0.2):
        ledger.order([case], day, serve=False)
    loaded(ledger, days=0.3, refix=True)
    tally = swept(ledger, 28)
    assert (tally.skipped, tally.errors) == (0, [])
    taken = [(row.rule, row.set_by, row.about, row.level) for row in rows_of(ledger, t.rungs)]
    assert {about for rule, _, about, _ in taken if rule == "serve"} == {1, 2}
    assert len({set_by for rule, set_by, _, _ in taken if rule == "serve"}) == 1
    assert holds(ledger)


@pytest.mark.parametrize("refix", [False, True])
def test_a_rehearsal_says_what_would_change_and_writes_nothing(ledger: Ledger, refix: bool) -> None:
    ledger.find(days=0)
    before = dump(ledger)
    assert loaded(ledger, dry_run=True, refix=refix) == {
        "version": 2, "title": "Strict", "changed": CHANGED, "recounted": int(refix), "dry_run": True,
    }  # fmt: skip
    assert dump(ledger) == before


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    "said", [default_text(), "\ufeff" + default_text() + "# explained\n", 'title = "Default policy 默认规则"']
)
def test_a_policy_that_says_the_same_is_refused(ledger: Ledger, said: str, dry_run: bool) -> None:
    before = dump(ledger)
    with pytest.raises(Refused, match="version 1 says the same already; nothing changed"):
        loaded(ledger, said, dry_run=dry_run)
    assert dump(ledger) == before


@pytest.mark.parametrize(("at", "told"), [("2026-03-09 09:00", "future"), ("2026-03-03 08:00", "after the time given")])
def test_no_policy_is_loaded_out_of_its_time(ledger: Ledger, at: str, told: str) -> None:
    loaded(ledger)
    before = dump(ledger)
    with pytest.raises(Refused, match=told):
        loaded(ledger, default_text(), 2, at=at)
    assert dump(ledger) == before


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("role", ["clerk", "supervisor", "inspector"])
def test_only_administrators_load_a_policy(ledger: Ledger, role: str, dry_run: bool) -> None:
    ledger.person("Other", role, login="other")
    with pytest.raises(Forbidden):
        loaded(ledger, login="other", dry_run=dry_run)
    with pytest.raises(BadInput, match=r"line 3, limits\.ordre"):
        loaded(ledger, 'title = "x"\n[limits]\nordre = 1\n', login="other")
    assert chain(ledger) == []


def test_what_changed_is_told_by_key() -> None:
    assert changes_of(default(), default()) == {}
    changes = changes_of(default(), parse(STRICT))
    assert changes["limits.order.days"] == (3, 1)
    assert changes["ladders.major.rungs"][1][1] == {"after": 5, "rank": "county"}


def test_the_policy_in_force_says_since_when_and_by_whom(ledger: Ledger) -> None:
    with ledger.asking("Sun") as ask:
        first = in_force(ask)
    loaded(ledger)
    with ledger.asking("Sun") as ask:
        told = in_force(ask)
    assert (first["version"], first["loaded_by"], first["title"]) == (1, "administrator", default().title)
    assert {key: told[key] for key in ("version", "loaded_at", "loaded_by", "title")} == {
        "version": 2, "loaded_at": "2026-03-03T09:00:00+08:00", "loaded_by": "administrator", "title": "Strict",
    }  # fmt: skip


# -- trying ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(ledger: Ledger) -> dict[str, int]:
    """Cases that were late and in time, ended and open, by what becomes of them; judged on day 20, a Sunday."""
    found = ledger.find(2, days=0)
    [major] = ledger.find(grade="major", days=0)
    [ended] = ledger.find(days=0)
    [asked] = ledger.find(days=0)
    ledger.order([ended], 2, due_on=ledger.on(12))
    ledger.submit([ended], 4, by="Contact")
    ledger.passed([ended], 7)
    ledger.close([ended], 8)
    ledger.order([asked], 2, due_on=ledger.on(12))
    with ledger.door("Contact", ledger.at(3)) as door:
        extensions.request(door, asked, until=ledger.on(20), ground="other", reason="late", interim="keep out")
    return {"found": found[0], "other": found[1], "major": major, "ended": ended, "asked": asked}


def tried(ledger: Ledger, said: str | None, days: float = 20, viewer: str = "Sun", **how: Any) -> dict[str, Any]:
    before = dump(ledger)
    with ledger.asking(viewer, days) as ask:
        told = simulate(ask, policy=None if said is None else parse(said), **how)
    assert dump(ledger) == before
    return told


def by_hand(told: Mapping[str, Any]) -> dict[tuple[int, str], tuple[Any, ...]]:
    """Return of each case that differs its date, days and rungs, before and after."""
    return {
        (case["id"], case["rule"]): tuple(
            case[side][name] for side in ("before", "after") for name in ("due_on", "overdue_days", "rungs")
        )
        for case in told["cases"]
    }


def test_a_trial_is_what_a_recount_by_hand_comes_to(ledger: Ledger, busy: dict[str, int]) -> None:
    told = tried(ledger, STRICT)
    # Found on Monday, day 0: to be ordered by Thursday, day 3; under the other policy by Tuesday, day 1. Day 20 is 17
    # and 19 days late. General: rungs after 7 and 20 days. Major: after 1, 3, 7, then every 7: 14; or after 2, 5, then
    # every 4: 9, 13, 17. Two were ordered on day 2, one day late.
    third, first = ledger.on(3).isoformat(), ledger.on(1).isoformat()
    assert by_hand(told) == {
        (busy["found"], "order"): (third, 17, 1, first, 19, 1),
        (busy["other"], "order"): (third, 17, 1, first, 19, 1),
        (busy["major"], "order"): (third, 17, 4, first, 19, 5),
        (busy["ended"], "order"): (third, 0, 0, first, 1, 0),
        (busy["asked"], "order"): (third, 0, 0, first, 1, 0),
    }
    # Late under both: the recheck of what is asked about would be owed on day 22; its request was to be answered by
    # day 8, a Tuesday; that is 12 days late: one rung. Its own date, day 12, is past since 8 days: one rung.
    assert told["before"] == {"overdue": 4, "escalated": 4, "rungs": 1 + 1 + 4 + 2, "tonight": 4}
    assert told["after"] == {"overdue": 5, "escalated": 4, "rungs": 1 + 1 + 5 + 2, "tonight": 4}
    assert told["cases"][0]["id"] == busy["major"], "the heaviest change first"
    assert (told["since"], told["until"]) == ((ledger.on(20) - timedelta(365)).isoformat(), ledger.on(20).isoformat())


def test_a_halts_review_is_tried_by_its_own_limit_for_the_gravest_hazard_it_names(ledger: Ledger) -> None:
    with ledger.store.begin() as tx:
        tx.run(update(t.departments).values(may_halt=True))
    cases = [*ledger.find(), *ledger.find(grade="major")]
    with ledger.door("Sun", ledger.at(1)) as door:
        halts.impose(door, "Mill", halts.Measure("temporary", "whole", cases, ledger.on(90), "fumes"))
    with ledger.door("Contact", ledger.at(2)) as door:
        halts.request(door, 1, "put right", [])
    sooner = 'title = "x"\n[limits]\nresumption_review = { days = 2, working = false, source = "practice" }\n'
    told = by_hand(tried(ledger, sooner))
    # Asked on day 2: to be reviewed by day 12, a Saturday that rolls to Monday; or by day 4. Past the bureau's own rank
    # a major one has rungs after 3 and 7 days, then every 7.
    assert told == {(cases[1], "review"): (ledger.on(12).isoformat(), 6, 1, ledger.on(4).isoformat(), 16, 3)}


def test_every_rule_is_tried_in_its_own_way(ledger: Ledger, busy: dict[str, int]) -> None:
    told = by_hand(tried(ledger, HASTY))
    # The date on paper, Saturday day 12, rolls to Monday: two days less late, and three rungs (1, 3, 5) instead of one.
    assert told[busy["asked"], "date"] == (ledger.on(12).isoformat(), 8, 1, ledger.on(12).isoformat(), 6, 3)
    # The request of Thursday, day 3: five days are Tuesday, day 8; one is Friday, day 4.
    assert told[busy["asked"], "answer"][3:5] == (ledger.on(4).isoformat(), 16)
    # Applied for on Friday, day 4, rechecked on Monday: one day is Saturday, which rolls to that Monday.
    assert (busy["ended"], "recheck") not in told


def test_what_would_climb_tonight_counts_the_rungs_already_taken(ledger: Ledger) -> None:
    from tests.schedules.nights import swept

    ledger.find(grade="major", days=0)
    swept(ledger, 5)
    assert next_night(ledger.at(5), ledger.policy) == ledger.at(6, 2)
    # Due on day 3. In the night to day 6 three days late: the second rung; by the other policy five days late.
    told = tried(ledger, STRICT, 5)
    assert (told["before"]["tonight"], told["after"]["tonight"]) == (1, 1)
    swept(ledger, 6)
    assert (tried(ledger, STRICT, 6)["before"]["tonight"], tried(ledger, STRICT, 8)["before"]["tonight"]) == (0, 0)
    assert tried(ledger, STRICT, 9)["before"]["tonight"] == 1


def test_only_deadlines_of_the_time_asked_about_are_looked_at(ledger: Ledger, busy: dict[str, int]) -> None:
    early = tried(ledger, STRICT, until=ledger.on(2))
    assert {case for case, _ in by_hand(early)} == set(busy.values())
    assert {each[4] for each in by_hand(early).values()} == {1}
    late = tried(ledger, STRICT, since=ledger.on(10))
    assert busy["ended"] not in {case for case, _ in by_hand(late)}
    assert tried(ledger, STRICT, until=ledger.on(400))["until"] == ledger.on(20).isoformat()
    assert tried(ledger, STRICT, since=ledger.on(-20), until=ledger.on(-10))["before"]["overdue"] == 0


def test_a_time_that_ends_before_it_begins_is_bad_input(ledger: Ledger) -> None:
    with pytest.raises(BadInput, match="turn them round"):
        tried(ledger, STRICT, since=ledger.on(3), until=ledger.on(2))


def test_a_policy_that_says_the_same_changes_nothing(ledger: Ledger, busy: dict[str, int]) -> None:
    told = tried(ledger, default_text())
    assert told["cases"] == []
    assert told["before"] == told["after"]


def test_a_deadline_that_was_recounted_is_counted_once(ledger: Ledger) -> None:
    ledger.find(grade="major", days=0)
    told = tried(ledger, STRICT, 30)
    loaded(ledger, STRICT, 5, refix=True)
    assert tried(ledger, STRICT, 30) | {"cases": 0} == told | {"cases": 0}


def test_a_holiday_notice_is_tried_besides_a_policy_or_alone(ledger: Ledger, busy: dict[str, int]) -> None:
    notice = """
document = "amended"
published = 2025-11-05
year = 2026
off = [{ from = 2026-03-03, to = 2026-03-10 }]
"""
    with ledger.store.read() as tx:
        calendar = calendar_with(tx, notice)
    told = by_hand(tried(ledger, None, calendar=calendar))
    # No day from Tuesday, day 1, to the next Tuesday is worked: the third working day after Monday is day 11.
    assert told[busy["found"], "order"] == (ledger.on(3).isoformat(), 17, 1, ledger.on(11).isoformat(), 9, 1)
    both = by_hand(tried(ledger, STRICT, calendar=calendar))
    assert both[busy["found"], "order"][3] == ledger.on(9).isoformat()
    with ledger.store.read() as tx:
        assert tx.all(select(t.calendars)) == []


def test_a_contact_sees_a_trial_of_their_own_unit_only(ledger: Ledger, busy: dict[str, int]) -> None:
    ledger.find(unit="Mine", days=0, by=("Qian", "Li"))
    assert tried(ledger, STRICT)["before"]["overdue"] == 5
    own = tried(ledger, STRICT, viewer="Contact")
    assert own["before"]["overdue"] == 4
    assert {case["unit"] for case in own["cases"]} == {"Mill"}


def test_the_night_is_the_next_one(ledger: Ledger) -> None:
    def night(now: datetime) -> tuple[date, int]:
        found = next_night(now, ledger.policy)
        return local_date(found, ledger.policy.timezone), found.astimezone(ledger.policy.zone).hour

    assert night(ledger.at(0, 1)) == (ledger.on(0), 2)
    assert night(ledger.at(0, 2)) == (ledger.on(1), 2)
    assert night(ledger.at(0, 23)) == (ledger.on(1), 2)
