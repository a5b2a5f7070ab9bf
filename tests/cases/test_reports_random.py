"""Whatever random people do, reports equal a recount of history, and the balance adds up."""

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from cases.questions.figures import period_report
from tests.cases.ledgers import Ledger
from tests.cases.recounts import Recount, local, plainly
from tests.test_histories import lived


def check(ledger: Ledger, seed: int) -> None:
    """Compare reports over random windows, as of random days, with a recount."""
    again, chance = Recount(ledger), random.Random(seed)
    last = max(local(step.recorded_at) for step in again.steps)
    days = (last - ledger.on(0)).days
    for _ in range(12):
        first, until = sorted(ledger.on(chance.randint(0, days)) for _ in range(2))
        as_of = chance.choice([None, first + timedelta(chance.randint(0, (last - first).days))])
        with ledger.asking("Sun", days + 2) as asking:
            told = period_report(asking, first, until, as_of=as_of, by="area", cases=chance.random() < 0.5)
        figures = plainly(told)
        assert figures == again.figures(now=ledger.at(days + 2), first=first, last=until, as_of=as_of or date.max)
        balance = {
            each: figures[f"balance.{each}"]
            for each in ("start", "found", "reopened", "closed", "exited", "voided", "end")
        }
        came, went = ("start", "found", "reopened"), ("closed", "exited", "voided")
        assert sum(balance[each] for each in came) - sum(balance[each] for each in went) == balance["end"]
        assert not any("balance" in line for line in told["contradictions"])


def test_reports_on_random_histories_are_those_of_a_recount(tmp_path: Path) -> None:
    """Ten histories in one store, on SQLite."""
    with lived(str(tmp_path / "rectify.db"), histories=10, steps=25) as ledger:
        check(ledger, 1)


@pytest.mark.postgresql
def test_reports_on_random_histories_are_those_of_a_recount_on_postgresql(postgres_url: str) -> None:
    with lived(postgres_url, histories=4, steps=20) as ledger:
        check(ledger, 2)
