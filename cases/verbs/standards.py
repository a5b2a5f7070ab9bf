"""The standards of a campaign's checklist: which version is in force, and what a finding takes from the one that failed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import checklist_items, checklists
from workflow.errors import BadInput, NotFound
from workflow.words import Sentence

if TYPE_CHECKING:
    from cases.verbs.visits import Finding

_NEWEST = Statement(
    select(checklists.c.id, checklists.c.version)
    .where(checklists.c.campaign_id == bindparam("campaign"))
    .order_by(checklists.c.version.desc())
    .limit(1)
)
_ITEMS = Statement(
    select(*[checklist_items.c[name] for name in ("number", "text", "grade", "basis")])
    .where(checklist_items.c.checklist_id == bindparam("checklist"))
    .order_by(checklist_items.c.place)
)
#: How many standards are named that may have been meant.
_NEAR = 3


@dataclass(frozen=True)
class Standard:
    """One item of a checklist."""

    number: str
    text: str
    grade: str | None = None
    basis: str | None = None


def newest(tx: Transaction, campaign: int | None) -> Any:
    """Return the checklist in force of a campaign, its id and version; None where none was loaded."""
    return None if campaign is None else tx.one(_NEWEST, campaign=campaign)


def standards_of(tx: Transaction, checklist: int) -> list[Standard]:
    """Return the items of a checklist in its order."""
    return [Standard(*row) for row in tx.all(_ITEMS, checklist=checklist)]


def by_standard(tx: Transaction, campaign: int | None, findings: "Sequence[Finding]") -> "list[Finding]":
    """Return findings with what the checklist in force says of the standards that failed; what was typed stays.

    Without a checklist a standard stays as it was typed. Raises NotFound for one that the checklist does not have, and
    BadInput for a finding that has no text or grade from anywhere.
    """
    if all(finding.standard is None for finding in findings):
        return list(findings)
    checklist = newest(tx, campaign)
    known = {} if checklist is None else {each.number: each for each in standards_of(tx, checklist.id)}
    return [_filled(finding, checklist, known) for finding in findings]


def _filled(finding: "Finding", checklist: Any, known: dict[str, Standard]) -> "Finding":
    standard = None if finding.standard is None else known.get(finding.standard)
    if standard is None and finding.standard is not None and checklist is not None:
        raise _unknown(finding.standard, known.values())
    if standard is not None:
        finding = replace(
            finding,
            text=finding.text or standard.text,
            grade=finding.grade or standard.grade,
            basis=finding.basis or standard.basis,
            version=checklist.version,
        )
    if finding.text is None:
        raise BadInput(
            Sentence(
                "no checklist says what standard {number} is; give a TEXT with --grade, or first: rectify checklist load",
                number=finding.standard,
            )
        )
    if finding.grade is None:
        raise BadInput(Sentence("the checklist gives standard {number} no grade; add --grade", number=finding.standard))
    return finding


def _unknown(number: str, known: Any) -> NotFound:
    said = {each.number: f"{each.number} {each.text[:20]}" for each in known}
    near = get_close_matches(number, said, _NEAR, cutoff=0.5) or [
        each for each in said if each.startswith(number) or number in said[each]
    ]
    return NotFound(
        Sentence(
            "the checklist has no standard {number}; did you mean {names}?"
            if near
            else "the checklist has no standard {number}; look at it with: rectify checklist show CAMPAIGN",
            number=number[:40],
            names=[said[each] for each in near[:_NEAR]],
        )
    )
