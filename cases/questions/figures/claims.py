"""What a report may say in words: that all is rectified, only when no case in its scope is open."""

from typing import Any

from sqlalchemy import bindparam, select

from cases.questions.asking import Asking
from cases.questions.figures.documents import Document
from cases.statements import Statement
from cases.tables import hazards, units
from workflow.errors import Refused
from workflow.words import Sentence, Term

_CASE = Statement(
    select(hazards.c.id, hazards.c.text, hazards.c.state, units.c.name.label("unit"))
    .join_from(hazards, units, units.c.id == hazards.c.unit_id)
    .where(hazards.c.id == bindparam("case"))
)
#: How many open cases a refusal tells of.
_TOLD = 20


def check_all_rectified(asking: Asking, told: Document) -> None:
    """Raise Refused, naming what is open, unless a report may say that all it found is rectified."""
    left = told["open"]
    if not left:
        return
    reasons = [_open(asking.tx.one(_CASE, case=case)) for case in left[:_TOLD]]
    if len(left) > _TOLD:
        reasons.append(Sentence("and {count} more", count=len(left) - _TOLD))
    raise Refused(Sentence("not all is rectified, and no report says so"), reasons=reasons, cases=left)


def _open(case: Any) -> Sentence:
    state = Term("state", case.state)
    return Sentence(
        "case {case} of {unit} is {state}: {text}", case=case.id, unit=case.unit, state=state, text=case.text
    )
