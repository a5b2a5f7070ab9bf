"""`nightly` and `schedule`, through the real command line."""

import pytest

import cases.tables as t
from tests.cases.ledgers import Ledger
from tests.cli import Cli
from tests.schedules.nights import holds, rectify, rows_of, spoil, url_of

NIGHT = "2026-03-06 02:00"


@pytest.fixture
def cli(ledger: Ledger) -> Cli:
    return Cli(url_of(ledger))


def test_nightly_prints_what_it_came_to(ledger: Ledger, cli: Cli) -> None:
    ledger.find(3, grade="major")
    told = cli.told("nightly", "--now", NIGHT)
    assert list(told) == ["job", "slot", "looked_at", "moved", "notices", "skipped", "errors", "seconds"]
    assert (told["job"], told["slot"], told["moved"], told["errors"]) == (
        "deadlines",
        "2026-03-06T02:00:00+08:00",
        3,
        [],
    )
    assert cli.told("nightly", "--now", NIGHT)["looked_at"] == 0
    assert holds(ledger)


def test_nightly_is_schedule_once_deadlines(ledger: Ledger, cli: Cli) -> None:
    ledger.find(2, grade="major")
    assert cli.told("schedule", "once", "deadlines", "--now", NIGHT, "--dry-run")["moved"] == 2
    assert cli.told("nightly", "--now", NIGHT, "--dry-run")["moved"] == 2
    assert cli.told("schedule", "once", "deadlines", "--now", NIGHT)["moved"] == 2


def test_without_a_time_it_is_now(ledger: Ledger, cli: Cli) -> None:
    ledger.find(grade="major")
    assert cli.told("nightly")["moved"] == 1
    assert "no errors" in cli.done("nightly").stdout


def test_the_future_is_only_rehearsed(ledger: Ledger, cli: Cli) -> None:
    ledger.find(grade="major")
    result = cli.run("nightly", "--now", "2199-01-01", "--json")
    assert (result.exit_code, result.error["code"]) == (4, "refused")
    assert cli.told("nightly", "--now", "2199-01-01", "--dry-run")["moved"] == 1
    assert rows_of(ledger, t.rungs) == []
    assert rows_of(ledger, t.runs) == []


def test_history_keeps_when_it_was_for_and_when_it_was_recorded(ledger: Ledger, cli: Cli) -> None:
    ledger.find(grade="major")
    cli.done("nightly", "--now", NIGHT)
    step = rows_of(ledger, t.steps)[-1]
    assert step.at.isoformat() == "2026-03-05T18:00:00+00:00"
    assert step.recorded_at > step.at


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["nightly", "--now", "soon"], 9),
        (["nightly", "--at", "2026-03-01"], 2),
        (["nightly", "--as", "Sun"], 2),
        (["schedule", "once"], 2),
        (["schedule", "once", "supper"], 2),
        (["schedule", "often"], 2),
    ],
)
def test_what_is_no_run_is_refused(cli: Cli, args: list[str], code: int) -> None:
    result = cli.run(*args)
    assert result.exit_code == code
    assert len(result.stderr.strip().splitlines()) == 1


def test_errors_are_listed_and_the_exit_code_is_0(ledger: Ledger, cli: Cli) -> None:
    """A bad row is the clerk's business in the morning; cron need not shout at night."""
    cases = ledger.find(3, grade="major")
    spoil(ledger, "hazards", "state", "lost", cases[1])
    told = cli.told("nightly", "--now", NIGHT)
    assert [error["case"] for error in told["errors"]] == [cases[1]]
    assert told["moved"] == 2
    assert str(cases[1]) in cli.done("nightly", "--now", NIGHT).stdout


def test_two_at_the_same_time_one_says_skipped(ledger: Ledger) -> None:
    """Both exit 0, and every rung is taken once."""
    ledger.find(300, grade="major")
    runs = [rectify(ledger, "nightly", "--now", NIGHT, "--json") for _ in range(4)]
    told = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0] * 4, told
    assert len(rows_of(ledger, t.rungs)) == 300
    assert holds(ledger)


def test_a_slot_in_other_hands_says_skipped(ledger: Ledger, cli: Cli) -> None:
    from tests.schedules.test_service import held

    held(ledger, ledger.at(4, hour=2), "elsewhere:1")
    with ledger.store.begin() as tx:
        tx.run(t.runs.update().values(lease_until=ledger.at(400_000)))
    result = cli.done("nightly", "--now", NIGHT)
    assert result.stdout.startswith("skipped")
    assert cli.told("nightly", "--now", NIGHT)["skipped"] == 1


def test_the_seal_is_a_job(ledger: Ledger, cli: Cli) -> None:
    ledger.find(3)
    assert cli.told("schedule", "once", "seal")["looked_at"] == 3
    assert len(rows_of(ledger, t.seals)) == 1


def test_status_shows_every_job(ledger: Ledger, cli: Cli) -> None:
    assert [job["state"] for job in cli.told("schedule", "status")] == ["never_run"] * 4
    cli.done("nightly")
    assert [job["state"] for job in cli.told("schedule", "status")] == ["idle", *["never_run"] * 3]
    assert "deadlines" in cli.done("schedule", "status").stdout
