"""Numbers of papers: by department, kind and year, without gaps or repeats, also when eight make them at once."""

import multiprocessing
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select, update

import cases.tables as t
from cases.names import find_inspection
from cases.papers.numbers import next_number
from cases.store import Store
from cases.verbs import rechecks, visits
from cases.verbs.evidence import File
from tests.cases.ledgers import Ledger
from workflow.errors import Refused
from workflow.terms import PaperKind
from workflow.words import Sentence

MAKERS, EACH = 8, 4
PHOTO = File("after.jpg", "0" * 64, "image/jpeg", b"\xff\xd8\xff")


def _record_visits(made: Ledger, unit: str, by: tuple[str, str]) -> None:
    """Make visits, each putting a hazard right on the spot: two papers; some are thought better of."""
    made.store = Store(made.store.url)
    for turn in range(EACH):
        try:
            with made.door(by[0], made.at(1)) as door:
                number = visits.inspect(door, unit, by, visits.Visit()).document["inspection"]["id"]
                finding = visits.Finding("通道堵塞", "general")
                told = visits.record(door, find_inspection(door.tx, str(number), None), [finding], [])
                rechecks.correct(door, [told.document["cases"][0]["id"]], [PHOTO], None, close=False, if_version=None)
                if turn % 2:
                    raise Refused(Sentence("thought better of it"))
        except Refused:
            pass
    made.store.close()


@pytest.fixture
def busy(ledger: Ledger) -> Ledger:
    ledger.person("Wu", "inspector", "west")
    return ledger


def _serials(made: Ledger) -> dict[tuple[str, str], list[int]]:
    query = select(t.papers.c.paper, t.departments.c.name, t.papers.c.serial).join_from(
        t.papers, t.departments, t.departments.c.id == t.papers.c.department_id
    )
    found: dict[tuple[str, str], list[int]] = {}
    with made.store.read() as tx:
        for paper, department, serial in tx.all(query.order_by(t.papers.c.serial)):
            found.setdefault((str(paper), department), []).append(serial)
    return found


def test_eight_makers_at_once_leave_no_gap_and_no_repeat(busy: Ledger) -> None:
    crews = [("Mill", ("Li", "Wang")), ("Mine", ("Qian", "Wu"))]
    context = multiprocessing.get_context("fork")
    busy.store.close()
    makers = [context.Process(target=_record_visits, args=(busy, *crews[each % 2])) for each in range(MAKERS)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert [maker.exitcode for maker in makers] == [0] * MAKERS
    kept = list(range(1, MAKERS // 2 * EACH // 2 + 1))
    assert _serials(busy) == {
        (paper, department): kept for paper in ("inspection", "measures") for department in ("east", "west")
    }


def test_what_is_not_written_takes_no_number(ledger: Ledger) -> None:
    taken = []
    for _ in range(2):
        with suppress(ZeroDivisionError), ledger.store.begin() as tx:
            taken.append(next_number(tx, ledger.departments["east"], 2026, PaperKind.recheck)[0])
            raise ZeroDivisionError
    assert taken == [1, 1]


@pytest.mark.parametrize(
    ("prefix", "paper", "number"),
    [
        (None, PaperKind.order, "（east）安监责改〔2026〕1号"),
        (None, PaperKind.inspection, "（east）安监检记〔2026〕1号"),
        ("（湖）安监责改", PaperKind.order, "（湖）安监责改〔2026〕1号"),
        ("（湖）安监责改", PaperKind.recheck, "（湖）安监复查〔2026〕1号"),
        ("湖消", PaperKind.measures, "湖消现决〔2026〕1号"),
    ],
)
def test_a_number_begins_as_those_of_the_departments_orders(
    ledger: Ledger, prefix: str | None, paper: PaperKind, number: str
) -> None:
    department: Any = ledger.departments["east"]
    with ledger.store.begin() as tx:
        tx.run(update(t.departments).where(t.departments.c.id == department).values(paper_prefix=prefix))
        assert next_number(tx, department, 2026, paper) == (1, number)
        assert next_number(tx, department, 2027, paper)[0] == 1, "every year begins anew"
        assert next_number(tx, department, 2026, paper)[0] == 2
