"""`print` leaves a step: that a paper was printed, what stood on it, into which file.

Printing moves no case: its steps are a chain of the paper's own, and nobody who prints has acted on anything.
"""

import hashlib
from typing import Any

from sqlalchemy import bindparam, select

from cases.ledger import Door
from cases.papers.reading import Print, frozen
from cases.statements import Statement
from cases.tables import orders, papers
from cases.verbs.chains import append
from cases.verbs.outcome import Outcome
from workflow.words import Sentence, Term

#: Printing the same paper twice at once makes two steps, one after the other.
_HELD = {
    "order": Statement(select(orders.c.id).where(orders.c.id == bindparam("id")).with_for_update()),
    "paper": Statement(select(papers.c.id).where(papers.c.id == bindparam("id")).with_for_update()),
}


def printed(door: Door, paper: Print, file: str, content: bytes, template: str | None) -> Outcome:
    """Leave the step that a paper was printed into a file: what stood on it, and the hash of the file."""
    sheet = paper.sheet
    kind, number = sheet.chain
    door.tx.one(_HELD[kind], id=number)
    facts: dict[str, Any] = {
        "paper": sheet.paper,
        "number": sheet.number,
        "edition": sheet.edition,
        "content": paper.content,
        "file": hashlib.sha256(content).hexdigest(),
        "template": template,
        "mark": sheet.mark or None,
    }
    if frozen(door.tx, sheet) is None:
        facts["fields"] = {name: each for name, each in paper.fields.items() if name not in sheet.status}
    append(door, kind, number, "print", "printed", facts, area=sheet.area)
    told = {
        "kind": sheet.paper.value,
        "number": sheet.number,
        "file": file,
        "mark": sheet.mark or None,
        "content": paper.content,
    }
    said = Sentence("{paper} {number}: {file}", paper=Term("paper", sheet.paper), number=sheet.number, file=file)
    return Outcome(
        {"paper": told},
        [said],
        [Sentence("{number} is marked {mark}", number=sheet.number, mark=sheet.mark)] if sheet.mark else [],
    )
