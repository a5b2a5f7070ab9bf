"""An order of five items as .docx and as .pdf: read, frozen, set, and its printing left as a step; imports not counted."""

import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.measuring import Line, seconds
from benchmarks.stores import ledger
from cases.papers import pages, reading, word
from cases.placing import place
from cases.verbs import orders, printing
from tests.cases.ledgers import Ledger
from workflow.terms import PaperKind

ITEMS, ROUNDS, LIMIT = 5, 15, 0.150
ORDER = PaperKind.order


def _ordered(made: Ledger) -> str:
    cases = made.find(ITEMS)
    demand = orders.Demand("张伟", "分库储存，安装防倾倒链，补齐警示标志", made.on(20), "停止使用并派人值守")
    with made.door("Li", made.at(1)) as door:
        told = orders.order(door, cases, dict.fromkeys(cases, demand), orders.Paper(), if_version=None)
    return f"id:{told.document['order']['id']}"


def _print(made: Ledger, order: str, file: Path) -> None:
    with made.asking("Li") as asking:
        read = reading.read(asking, ORDER, order)
    if file.suffix == ".pdf":
        content = pages.typeset(ORDER, read.fields, read.made_at)
    else:
        content = word.fill_in(word.shipped(ORDER), read.fields, read.made_at, file.name)
    with made.door("Li", made.at(2)) as door:
        printing.printed(door, read, file.name, content, None)
        place(str(file), content)


def measure() -> list[Line]:
    lines = []
    with tempfile.TemporaryDirectory() as folder, ledger("SQLite FULL") as made:
        order = _ordered(made)
        for suffix in ("docx", "pdf"):
            file = Path(folder) / f"order.{suffix}"
            _print(made, order, file)
            took = median(seconds(partial(_print, made, order, file)) for _ in range(ROUNDS))
            what = f"an order of {ITEMS} items as .{suffix}, its step included"
            lines.append(Line(what, f"{took * 1000:.0f} ms", f"≤ {LIMIT * 1000:.0f} ms", took <= LIMIT))
    return lines
