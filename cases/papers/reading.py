"""A paper as it is printed now: what was printed once, with what became of it since.

A paper is frozen when it is first printed: as long as it is made from the same items, what stood on it stands on it
again, whatever its unit, its people or its department are called by then. That it was withdrawn or replaced is said on
its face, and not frozen.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from cases.history import canonical
from cases.papers import decisions, halts, measures, orders, visits
from cases.papers.sheets import Reader, Sheet
from cases.questions.asking import Asking
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import steps
from workflow.errors import Forbidden
from workflow.terms import PaperKind, Role
from workflow.words import Sentence

READERS: dict[PaperKind, Callable[[Reader, str], Sheet]] = {
    PaperKind.order: orders.order,
    PaperKind.inspection: visits.inspection,
    PaperKind.recheck: visits.recheck,
    PaperKind.measures: measures.measures,
    PaperKind.listing: decisions.listing,
    PaperKind.extension: decisions.extension,
    PaperKind.resumption: halts.resumption,
}
_PRINTINGS = Statement(
    select(steps.c.facts)
    .where(steps.c.kind == bindparam("of"), steps.c.subject_id == bindparam("id"))
    .order_by(steps.c.seq)
)


@dataclass(frozen=True)
class Print:
    """A paper as it is printed now: what stands on it, and since when."""

    sheet: Sheet
    fields: Mapping[str, Any]

    @property
    def paper(self) -> PaperKind:
        """Which paper it is."""
        return self.sheet.paper

    @property
    def made_at(self) -> datetime:
        """When the paper was made: the date its file bears."""
        return self.sheet.made_at

    @property
    def content(self) -> str:
        """The hash of all that stands on it."""
        return hashlib.sha256(canonical(self.fields).encode()).hexdigest()


def read(asking: Asking, paper: PaperKind, text: str) -> Print:
    """Read a paper: as it was first printed, with what became of it since.

    Raises NotFound, Forbidden for another unit's contact, and Refused, saying what to do, for a paper that is not made yet.
    """
    sheet = READERS[paper](Reader(asking), text)
    _must_read(asking, sheet)
    return Print(sheet, {**(frozen(asking.tx, sheet) or sheet.fields), **sheet.status})


def _must_read(asking: Asking, sheet: Sheet) -> None:
    """Raise Forbidden for a contact of a unit that the paper is neither about nor addressed to."""
    actor = asking.viewer
    if actor.role == Role.contact and actor.unit_id not in (sheet.unit, sheet.addressee):
        raise Forbidden(
            Sentence("{number} is another unit's; {actor} reads their own", number=sheet.number, actor=actor.name)
        )


def frozen(tx: Transaction, sheet: Sheet) -> Mapping[str, Any] | None:
    """Return what stood on this edition when it was first printed, None before."""
    kind, number = sheet.chain
    for step in tx.all(_PRINTINGS, of=kind, id=number):
        facts = json.loads(step.facts)
        if facts["edition"] == sheet.edition and "fields" in facts:
            fields: Mapping[str, Any] = facts["fields"]
            return fields
    return None
