"""The digest: one message a person and run, whatever the night sent; its counts are those of a recount."""

import json
import tracemalloc
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

import cases.tables as t
from cases.questions.health import doctor
from cases.store import Store
from schedules.jobs import Report, run_once
from tests.cases.ledgers import CITY, EAST, Ledger
from tests.cli import Cli
from tests.schedules.nights import rows_of, swept, url_of
from workflow.deadlines import overdue_days
from workflow.policy import default_text


def address(ledger: Ledger, *names: str, url: str | None = "https://example.invalid/hook") -> None:
    with ledger.store.begin() as tx:
        for name in names:
            tx.run(update(t.people).where(t.people.c.id == ledger.people[name]).values(notify=url))


def digested(ledger: Ledger, day: int, hour: int = 7, **more: Any) -> Report:
    """Run the digest of a morning."""
    return run_once(ledger.store, "digest", ledger.at(day, hour=hour), node="a:1", **more)


def message_of(ledger: Ledger, name: str) -> Any:
    found = [row for row in rows_of(ledger, t.messages) if row.person_id == ledger.people[name]]
    assert len(found) == 1
    return found[0]


def outbox(ledger: Ledger, day: int) -> dict[str, Any]:
    """Return what doctor says of the outbox."""
    with ledger.asking("Sun", day) as asking:
        return next(each for each in doctor(asking) if each["check"] == "outbox")


def test_a_first_run_over_a_backlog_that_sent_430_000_notices(ledger: Ledger) -> None:
    """Three people, three messages, and no more memory than a message takes: here with 5100 of the notices."""
    ledger.department("city", CITY, "city")
    ledger.person("Wei", "supervisor", "city")
    ledger.find(1700, grade="major")
    assert swept(ledger, 10).notices == 5100
    address(ledger, "Zhao", "Sun", "Wei")
    digested(ledger, 9)  # everything is imported and compiled before memory is measured
    with ledger.store.begin() as tx:
        tx.run(update(t.notices).values(digest=None))
        tx.run(t.messages.delete())
    tracemalloc.start()
    report = digested(ledger, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (report.looked_at, report.moved, report.notices, report.errors) == (3, 3, 5100, [])
    messages = rows_of(ledger, t.messages)
    assert sorted(row.person_id for row in messages) == sorted(ledger.people[name] for name in ("Zhao", "Sun", "Wei"))
    assert {row.count for row in messages} == {1700}
    assert all(len(json.loads(row.facts)["worst"]) == 10 for row in messages)
    assert peak < 1_000_000
    assert digested(ledger, 11).looked_at == 0


def test_the_counts_are_those_of_a_recount(ledger: Ledger) -> None:
    ledger.find(4, grade="major")
    ledger.find(3, grade="larger", days=2)
    general = ledger.find(5, days=1)
    for day in (6, 9, 14, 20):
        swept(ledger, day)
    ledger.order(general[:1], 20, due_on=ledger.on(45))
    ledger.move("void", general[1:2], 20, by="Zhao", given={"reason": "mistaken", "note": "no hazard"})
    address(ledger, "Zhao", "Sun")
    digested(ledger, 21)
    for name in ("Zhao", "Sun"):
        message = message_of(ledger, name)
        facts = json.loads(message.facts)
        notices = [row for row in rows_of(ledger, t.notices) if row.person_id == ledger.people[name]]
        assert {row.digest for row in notices} == {message.key}
        assert facts["notices"] == message.count == len(notices)
        newest = {row.subject_id: row for row in sorted(notices, key=lambda row: row.seq)}
        cases = {row.id: row for row in rows_of(ledger, t.hazards) if row.id in newest}
        running = {number: row for number, row in cases.items() if row.waiting_on != "none"}
        days = {number: overdue_days(row.due_at, ledger.at(21, hour=7), "Asia/Shanghai") for number, row in running.items()}  # fmt: skip
        assert facts["cases"] == len(running)
        assert facts["ended"] == len(cases) - len(running)
        assert facts["other"] == 0
        assert Counter(facts["by_grade"]) == Counter(row.grade for row in running.values())
        assert Counter(facts["by_rank"]) == Counter(newest[number].rank for number in running)
        assert Counter(facts["by_overdue_days"]) == Counter(range_of(each) for each in days.values())
        order = sorted(running, key=lambda n: (-("general", "larger", "major").index(running[n].grade), -days[n], n))
        assert [(each["id"], each["overdue_days"]) for each in facts["worst"]] == [(n, days[n]) for n in order[:10]]


def range_of(days: int) -> str:
    return next(name for least, name in ((31, "31+"), (8, "8-30"), (4, "4-7"), (1, "1-3"), (0, "0")) if days >= least)


def test_people_in_china_read_chinese(ledger: Ledger) -> None:
    ledger.find(2, grade="major", text="氧气瓶与乙炔瓶混放" * 20)
    swept(ledger, 4)
    address(ledger, "Zhao")
    digested(ledger, 4)
    message = message_of(ledger, "Zhao")
    assert message.subject == "隐患逾期督办：2 件，其中重大 2 件"
    lines = message.body.splitlines()
    assert lines[:4] == [
        "有 2 件隐患升级报到您处",
        "按等级：重大 2 件",
        "按上报层级：乡镇 2 件",
        "按逾期天数：1-3 天 2 件",
    ]
    assert lines[5].startswith("1. 1 号，Mill，重大：氧气瓶")
    assert lines[5].endswith("…；逾期 1 天；已报乡镇级")
    assert lines[-1] == f"消息编号 {message.key}"
    assert json.loads(message.facts)["worst"][0]["text"] == "氧气瓶与乙炔瓶混放" * 20


def test_the_policy_says_the_language_and_how_many_are_named(ledger: Ledger) -> None:
    told = default_text().replace('language = "zh"', 'language = "en"').replace("worst = 10", "worst = 1")
    with ledger.store.begin() as tx:
        tx.add(t.policies, version=2, loaded_at=ledger.at(0), loaded_by=None, text=told)
    ledger.find(2, grade="major")
    swept(ledger, 4)
    address(ledger, "Zhao")
    digested(ledger, 4)
    message = message_of(ledger, "Zhao")
    assert message.subject == "Overdue hazards: 2 cases, 2 of them major"
    assert "1. case 1, Mill, major: hazard 1; 1 days overdue; told at township rank" in message.body
    assert "2. case" not in message.body


def test_a_notice_is_in_one_message(ledger: Ledger) -> None:
    """A second run finds nothing; what comes later goes into the next message, with a key of its own."""
    ledger.find(3, grade="major")
    address(ledger, "Zhao", "Sun")
    swept(ledger, 4)
    assert [digested(ledger, 4).moved for _ in range(2)] == [1, 0]
    swept(ledger, 6)
    assert digested(ledger, 6).moved == 1
    keys = [row.key for row in rows_of(ledger, t.messages)]
    assert len(set(keys)) == 2
    assert keys[0] == f"rectify-20260305T2300Z-{ledger.people['Zhao']}-1"


def test_the_same_slot_run_by_hand_again_has_another_key(ledger: Ledger) -> None:
    address(ledger, "Zhao")
    for _ in range(2):
        ledger.find(grade="major")
        swept(ledger, 4)
        assert digested(ledger, 4).moved == 1
    assert [row.key[-2:] for row in rows_of(ledger, t.messages)] == ["-1", "-2"]


def test_whoever_has_no_address_is_no_failure_and_gets_one_message_once_there_is_one(ledger: Ledger) -> None:
    ledger.find(3, grade="major")
    for day in range(4, 30):
        swept(ledger, day)
        assert digested(ledger, day).errors == []
    assert rows_of(ledger, t.messages) == []
    waiting = len(rows_of(ledger, t.notices))
    told = outbox(ledger, 30)
    assert (told["ok"], told["detail"]) == (True, f"{waiting} notices wait, 0 messages are on their way; 2 people have no address")  # fmt: skip
    address(ledger, "Zhao", "Sun")
    report = digested(ledger, 30)
    assert (report.moved, report.notices, report.skipped) == (2, waiting, 0)


def test_whoever_retired_is_told_nothing(ledger: Ledger) -> None:
    ledger.find(grade="major")
    swept(ledger, 4)
    address(ledger, "Zhao")
    ledger.retire("Zhao", ledger.on(4))
    assert digested(ledger, 4).looked_at == 0
    assert "0 notices wait" in outbox(ledger, 4)["detail"]


def test_cancelled_notices_are_in_no_message(ledger: Ledger) -> None:
    ledger.find(2, grade="major")
    swept(ledger, 4)
    address(ledger, "Zhao")
    with ledger.store.begin() as tx:
        tx.run(update(t.notices).where(t.notices.c.subject_id == 1).values(cancelled_at=ledger.at(4)))
    assert digested(ledger, 4).notices == 1
    assert json.loads(message_of(ledger, "Zhao").facts)["cases"] == 1


def test_a_rehearsal_counts_and_writes_nothing(ledger: Ledger) -> None:
    ledger.find(3, grade="major")
    swept(ledger, 4)
    address(ledger, "Zhao")
    report = digested(ledger, 4, dry_run=True)
    assert (report.looked_at, report.moved, report.notices) == (1, 1, 3)
    assert rows_of(ledger, t.messages) == []
    assert {row.digest for row in rows_of(ledger, t.notices)} == {None}
    assert rows_of(ledger, t.runs) == []


def test_one_persons_rows_do_not_keep_the_others_uninformed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from cases import outbox as letters

    ledger.find(2, grade="major")
    swept(ledger, 6)
    address(ledger, "Zhao", "Sun")
    whole = letters.told

    def told(tx: Any, key: str, *more: Any) -> Any:
        if f"-{ledger.people['Zhao']}-" in key:
            raise ZeroDivisionError
        return whole(tx, key, *more)

    with monkeypatch.context() as broken:
        broken.setattr(letters, "told", told)
        report = digested(ledger, 6)
    assert (report.moved, report.skipped) == (1, 1)
    assert report.errors == [{"person": "Zhao", "reason": "ZeroDivisionError"}]
    message_of(ledger, "Sun")
    assert digested(ledger, 7).moved == 1


def test_whoever_is_relieved_in_the_middle_writes_no_more(ledger: Ledger) -> None:
    ledger.find(2, grade="major")
    swept(ledger, 6)
    address(ledger, "Zhao", "Sun")

    def relieve() -> bool:
        with ledger.store.begin() as tx:
            tx.run(update(t.runs).values(node="elsewhere:1"))
        return False

    assert digested(ledger, 6, is_stopped=relieve).is_skipped
    assert rows_of(ledger, t.messages) == []


@pytest.mark.postgresql
def test_two_digests_at_once_make_one_message(postgres_url: str) -> None:
    """Also where two nodes hold different slots: the notices themselves say who gathered them."""
    from threading import Thread

    from tests.cases.ledgers import opened

    with opened(postgres_url) as ledger:
        ledger.find(200, grade="major")
        swept(ledger, 4)
        address(ledger, "Zhao")

        def run(hour: int) -> None:
            store = Store(ledger.store.url)
            run_once(store, "digest", ledger.at(4, hour=hour), node=f"n:{hour}")
            store.close()

        threads = [Thread(target=run, args=(hour,)) for hour in (7, 13, 31, 37)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert message_of(ledger, "Zhao").count == 200


def test_both_jobs_on_the_command_line(ledger: Ledger) -> None:
    ledger.find(2, grade="major")
    swept(ledger, 4)
    address(ledger, "Zhao")
    cli = Cli(url_of(ledger))
    rehearsed = cli.told("schedule", "once", "digest", "--dry-run")
    assert (rehearsed["job"], rehearsed["moved"], rehearsed["notices"]) == ("digest", 1, 2)
    assert cli.told("schedule", "once", "digest")["moved"] == 1
    assert cli.told("schedule", "once", "outbox", "--dry-run")["moved"] == 1
    assert rows_of(ledger, t.messages)[0].attempts == 0


def test_a_message_is_due_at_once_and_says_which_slot_made_it(ledger: Ledger) -> None:
    ledger.find(grade="major")
    swept(ledger, 4)
    address(ledger, "Zhao")
    digested(ledger, 4, hour=8)
    message = message_of(ledger, "Zhao")
    assert message.slot == ledger.at(4, hour=7)
    assert message.created_at == message.next_try_at == message.slot + timedelta(hours=1)
    with ledger.store.read() as tx:
        assert tx.value(select(t.hazards.c.area_code)) == EAST
