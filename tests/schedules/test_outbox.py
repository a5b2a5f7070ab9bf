"""The outbox: at least once, each with its key; nobody waits for a receiver that fails; what is given up is seen."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import update

import cases.tables as t
from cases import outbox as letters
from cases.questions.filters import Filters
from cases.questions.stuck import stuck
from cases.statements import Statement
from cases.store import Store
from schedules import outbox as sending
from schedules.channels import Envelope
from schedules.jobs import Occasion, Report, run_once
from tests.cases.ledgers import Ledger, opened
from tests.cli import Cli
from tests.schedules.nights import rows_of, swept, url_of
from tests.schedules.receiver import Receiver, receiver, silent_port
from tests.schedules.test_digest import address, digested, outbox
from workflow.policy import default_text

TOKEN = "s3cret-t0ken"

SENDER = """
import sys
from datetime import datetime
from cases.store import Store, store_url
from schedules.jobs import run_once
run_once(Store(store_url(sys.argv[1])), "outbox", datetime.fromisoformat(sys.argv[2]), node="dead:1")
"""


def sent(ledger: Ledger, minutes: float = 1, day: int = 4, **more: Any) -> Report:
    """Run the outbox so many minutes after seven o'clock."""
    now = ledger.at(day, hour=7) + timedelta(minutes=minutes)
    return run_once(ledger.store, "outbox", now, node="a:1", **more)


def impatient(ledger: Ledger, **rules: object) -> None:
    """Load a policy with other rules for notices."""
    text, begins, rest = default_text().partition("[notices]\n")
    for name, value in {"timeout_seconds": 1, **rules}.items():
        line = next(line for line in rest.splitlines() if line.startswith(f"{name} ="))
        rest = rest.replace(line, f"{name} = {value}", 1)
    with ledger.store.begin() as tx:
        tx.add(t.policies, version=2, loaded_at=ledger.at(0), loaded_by=None, text=text + begins + rest)


def people(ledger: Ledger, count: int) -> list[str]:
    """Add more people who are told what Zhao is told."""
    names = [f"chief {number}" for number in range(count)]
    for name in names:
        ledger.person(name, "supervisor", "east")
    return names


def morning(ledger: Ledger, urls: dict[str, str], cases: int = 1) -> None:
    """Let a night escalate cases to everybody in the east, and the digest make the messages."""
    ledger.find(cases, grade="major")
    swept(ledger, 4)
    for name, url in urls.items():
        address(ledger, name, url=url)
    digested(ledger, 4)


def messages(ledger: Ledger) -> dict[str, Any]:
    """Return the one message of each person, by name."""
    names = {number: name for name, number in ledger.people.items()}
    return {names[row.person_id]: row for row in rows_of(ledger, t.messages)}


def undelivered(ledger: Ledger, day: int = 5) -> list[int]:
    with ledger.asking("Sun", day) as asking:
        return [row["id"] for row in stuck(asking, Filters(), "undelivered").rows]


def test_a_message_is_sent_once(ledger: Ledger) -> None:
    with receiver() as bell:
        morning(ledger, {"Zhao": bell.url()}, cases=3)
        report = sent(ledger)
        assert (report.looked_at, report.moved, report.notices, report.skipped, report.errors) == (1, 1, 3, 0, [])
        assert sent(ledger, 6).looked_at == 0
    message = messages(ledger)["Zhao"]
    assert bell.keys() == [message.key]
    post = bell.posts[0]
    assert (post["to"], post["title"], post["text"]) == ("Zhao", message.subject, message.body)
    assert (post["cases"], post["by_grade"]["major"], len(post["worst"])) == (3, 3, 3)
    assert bell.headers[0]["Idempotency-Key"] == message.key
    assert message.sent_at is not None
    assert {row.sent_at for row in rows_of(ledger, t.notices)} == {message.sent_at}


def test_receivers_that_hang_refuse_or_fail_delay_nobody_else(ledger: Ledger) -> None:
    """More of them than are sent at once; everybody else has theirs by the end of the same run."""
    impatient(ledger)
    names = people(ledger, 24)
    with ExitStack() as stack:
        good = stack.enter_context(receiver())
        bad = [stack.enter_context(receiver(answer)).url() for answer in ("hang", "500", "hang", "302")]
        bad.append(f"http://127.0.0.1:{stack.enter_context(silent_port())}/")
        endless = stack.enter_context(receiver("endless"))
        urls = {name: (bad * 4)[at] if at < 20 else good.url() for at, name in enumerate(names)}
        morning(ledger, {**urls, "Zhao": endless.url()})
        report = sent(ledger)
    assert (report.looked_at, report.moved, report.skipped) == (25, 5, 20)
    done = {name for name, row in messages(ledger).items() if row.sent_at is not None}
    assert done == {*names[20:], "Zhao"}
    assert Counter(error["reason"].split(" (")[0] for error in report.errors) == {
        "no answer in time": 8,
        "it answers 500 Internal Server Error": 4,
        "it answers 302 Found": 4,
        "the connection is refused": 4,
    }


def test_a_thread_that_never_comes_back_is_left_to_itself(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a channel does, the run ends when its time is up."""
    from threading import Event

    impatient(ledger)
    release = Event()
    with receiver() as bell:
        morning(ledger, {name: bell.url() for name in ("Zhao", *people(ledger, 2))})
        whole = sending.deliver

        def stuck_for(url: str, envelope: Envelope, timeout: float) -> None:
            if envelope.to == "Zhao":
                release.wait(60)
            whole(url, envelope, timeout)

        monkeypatch.setattr(sending, "deliver", stuck_for)
        report = sent(ledger)
        release.set()
    assert (report.moved, [error["person"] for error in report.errors]) == (2, ["Zhao"])


def test_what_fails_is_tried_again_later_and_later(ledger: Ledger) -> None:
    with silent_port() as port:
        morning(ledger, {"Zhao": f"http://127.0.0.1:{port}/"})
        tried = [minute for minute in range(0, 600, 5) if sent(ledger, minute).looked_at]
    assert tried == [0, 5, 10, 40, 160, 520]
    message = messages(ledger)["Zhao"]
    assert (message.attempts, message.gave_up_at, message.sent_at) == (6, None, None)
    assert message.error == f"the connection is refused (127.0.0.1:{port})"


def test_a_receiver_down_for_a_night_then_catches_up(ledger: Ledger) -> None:
    with receiver("503") as bell:
        morning(ledger, {"Zhao": bell.url()})
        for minutes in range(0, 12 * 60, 5):
            sent(ledger, minutes)
        assert undelivered(ledger) == []
        bell.answer = "200"
        for minutes in range(12 * 60, 24 * 60, 5):
            sent(ledger, minutes)
    assert messages(ledger)["Zhao"].sent_at is not None
    assert len(set(bell.keys())) == 1
    assert sum(1 for row in rows_of(ledger, t.notices) if row.sent_at is None) == 0


def test_what_is_given_up_is_undelivered_in_stuck_and_doctor(ledger: Ledger) -> None:
    impatient(ledger, attempts=3, backoff_minutes="[1]")
    with receiver("500") as bell:
        morning(ledger, {"Zhao": bell.url()}, cases=2)
        assert outbox(ledger, 4)["ok"]
        reports = [sent(ledger, minutes) for minutes in (1, 6, 11, 16, 21)]
    assert [report.looked_at for report in reports] == [1, 1, 1, 0, 0]
    assert len(bell.posts) == 3
    assert messages(ledger)["Zhao"].gave_up_at is not None
    assert undelivered(ledger) == [1, 2]
    told = outbox(ledger, 4)
    assert (told["ok"], "Zhao" in told["detail"]) == (False, True)
    cli = Cli(url_of(ledger))
    assert [row["id"] for row in cli.told("stuck", "--reason", "undelivered", login="administrator")] == [1, 2]
    doctor = cli.run("doctor", "--lang", "en", login="administrator")
    assert doctor.exit_code == 4
    assert "Zhao could not be reached" in doctor.stdout


def test_what_reaches_the_person_later_ends_it(ledger: Ledger) -> None:
    impatient(ledger, attempts=1)
    with receiver("500") as bell:
        morning(ledger, {"Zhao": bell.url()})
        sent(ledger)
        assert undelivered(ledger) == [1]
        bell.answer = "200"
        ledger.find(grade="major", days=2)
        swept(ledger, 8)
        digested(ledger, 8)
        assert sent(ledger, day=8).moved == 1
    assert undelivered(ledger, 9) == []
    assert outbox(ledger, 9)["ok"]


def test_without_an_address_nothing_is_tried_until_there_is_one(ledger: Ledger) -> None:
    with receiver() as bell:
        morning(ledger, {"Zhao": bell.url()})
        address(ledger, "Zhao", url=None)
        assert sent(ledger).looked_at == 0
        assert "1 people have no address" in outbox(ledger, 4)["detail"]
        address(ledger, "Zhao", url=bell.url())
        assert sent(ledger, 6).moved == 1


def test_a_message_all_of_whose_notices_were_overtaken_is_not_sent(ledger: Ledger) -> None:
    with receiver() as bell:
        morning(ledger, {"Zhao": bell.url()})
        with ledger.store.begin() as tx:
            tx.run(update(t.notices).values(cancelled_at=ledger.at(4)))
        assert sent(ledger).looked_at == 0
    assert messages(ledger)["Zhao"].cancelled_at is not None


def test_a_rehearsal_says_what_would_be_sent_and_sends_nothing(ledger: Ledger) -> None:
    with receiver() as bell:
        morning(ledger, {"Zhao": bell.url()}, cases=2)
        report = sent(ledger, dry_run=True)
        assert (report.looked_at, report.moved, report.notices) == (1, 1, 2)
        assert bell.posts == []
    assert messages(ledger)["Zhao"].attempts == 0


def test_when_told_to_stop_it_begins_no_more_and_finishes_what_is_under_way(ledger: Ledger) -> None:
    with receiver() as bell:
        morning(ledger, {name: bell.url() for name in ("Zhao", *people(ledger, 19))})
        asked = iter([False] + [True] * 100)
        report = sent(ledger, is_stopped=lambda: next(asked))
        assert report.looked_at == report.moved == sending.AT_ONCE
        assert sent(ledger, 6).moved == 20 - sending.AT_ONCE
    assert len(set(bell.keys())) == len(bell.keys()) == 20


def test_whoever_is_relieved_notes_what_is_under_way_and_takes_no_more(ledger: Ledger) -> None:
    with receiver() as bell:
        morning(ledger, {name: bell.url() for name in ("Zhao", *people(ledger, 19))})
        asked = iter(range(100))

        def relieve() -> bool:
            if next(asked) == 1:
                with ledger.store.begin() as tx:
                    tx.run(update(t.runs).where(t.runs.c.job == "outbox").values(node="elsewhere:1"))
            return False

        sent(ledger, is_stopped=relieve)
    done = [row for row in messages(ledger).values() if row.sent_at is not None]
    assert sorted(bell.keys()) == sorted(row.key for row in done)
    assert len(done) == sending.AT_ONCE


# -- at least once -----------------------------------------------------------------------------------------------------


def test_killed_between_send_and_mark_it_is_sent_again_with_the_same_key(ledger: Ledger) -> None:
    with receiver("hang") as bell:
        morning(ledger, {"Zhao": bell.url()})
        now = ledger.at(4, hour=7.25)
        sender = subprocess.Popen([sys.executable, "-c", SENDER, url_of(ledger), now.isoformat()])
        assert bell.arrived.wait(60)
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
        bell.answer = "200"
        assert sent(ledger, 16).looked_at == 0, "its lease still runs"
        assert sent(ledger, 36).moved == 1
    assert len(bell.posts) == 2
    assert len(set(bell.keys())) == 1
    assert messages(ledger)["Zhao"].attempts == 2


@pytest.mark.parametrize("nodes", [2, 4])
@pytest.mark.postgresql
def test_jobs_at_once_send_each_message_once(postgres_url: str, nodes: int) -> None:
    with opened(postgres_url) as ledger, receiver() as bell:
        _send_at_once(ledger, bell, nodes)


def test_jobs_at_once_on_one_file_send_each_message_once(tmp_path: Path) -> None:
    with opened(str(tmp_path / "rectify.db")) as ledger, receiver() as bell:
        _send_at_once(ledger, bell, 3)


def _send_at_once(ledger: Ledger, bell: Receiver, nodes: int) -> None:
    """Without slots, so that only the messages' own claims keep them apart."""
    morning(ledger, {name: bell.url() for name in ("Zhao", *people(ledger, 39))})
    moved: list[int] = []

    now = ledger.at(4, hour=7)

    def run() -> None:
        store = Store(ledger.store.url)
        moved.append(sending.outbox(store, Occasion(now, now)).moved)
        store.close()

    threads = [Thread(target=run) for _ in range(nodes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == len(bell.keys()) == len(set(bell.keys())) == 40
    assert all(row.sent_at is not None and row.attempts == 1 for row in messages(ledger).values())


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_the_token_of_an_address_is_nowhere(ledger: Ledger, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """Not in what is kept, printed or logged, whatever goes wrong."""
    impatient(ledger, attempts=2, backoff_minutes="[1]")
    with receiver("500") as failing, receiver("hang") as hanging, silent_port() as port:
        urls = [
            failing.url(f"{TOKEN}?access_token={TOKEN}"),
            f"http://user:{TOKEN}@127.0.0.1:{hanging.port}/",
            f"http://127.0.0.1:{port}/{TOKEN}",
            failing.url(TOKEN).replace("http://", "json://"),
            f"dingtalk://{TOKEN}/!",
            f"unheard-of://{TOKEN}",
            f"file:///nowhere/{TOKEN}.jsonl",
            f"http://[{TOKEN}/",
        ]
        names = people(ledger, len(urls))
        morning(ledger, dict(zip(names, urls, strict=True)))
        with caplog.at_level(logging.DEBUG):
            reports = [sent(ledger, minutes) for minutes in (1, 6)]
            cli = Cli(url_of(ledger))
            said = [
                cli.run(*args, login="administrator")
                for args in (["doctor"], ["stuck"], ["schedule", "status", "--json"], ["history", "1"])
            ]
    assert [report.skipped for report in reports] == [8, 8]
    printed = capfd.readouterr()
    kept = [rows_of(ledger, table) for table in (t.messages, t.runs, t.steps, t.notices, t.forbidden_attempts)]
    shown = [json.dumps(report.document) for report in reports]
    everything = "\n".join(map(str, (*kept, *shown, *said, caplog.text, printed.out, printed.err)))
    assert TOKEN not in everything
    assert f"127.0.0.1:{port}" in everything


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (letters.UNDELIVERED, "ix_messages_given_up"),
        (letters._DUE, "ix_messages_unsent"),
        (letters._TO_BE_TOLD, "ix_notices_waiting"),
    ],
    ids=["undelivered", "due", "waiting"],
)
def test_what_is_asked_often_is_read_from_its_own_index(tmp_path: Path, query: Any, index: str) -> None:
    """Not from all messages and notices there ever were."""
    with opened(str(tmp_path / "rectify.db")) as ledger:
        sql = Statement(query).on("sqlite").sql
        given = dict.fromkeys(re.findall(r"(?<=:)[a-z_0-9]+", sql), "hazard")
        plan = [row[3] for row in ledger.store.connection().execute("EXPLAIN QUERY PLAN " + sql, given)]
    assert any(index in step for step in plan), plan
    assert not [step for step in plan if re.fullmatch(r"SCAN (messages|notices)", step)], plan
