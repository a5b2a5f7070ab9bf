"""What a verb answers: the document for `--json`, and what a reader should be told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cases.ledger import Step
from workflow.case import Case, Extension
from workflow.words import Sentence, Term


@dataclass
class Outcome:
    """One verb's answer. `document` has CONTRACT's keys; `said` is printed, `warnings` go to stderr."""

    document: dict[str, Any]
    said: list[Sentence] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)


def of_cases(cases: Iterable[Case], **more: Any) -> Outcome:
    """Return the answer for cases that moved (or were opened)."""
    unique = list({case.id: case for case in cases}.values())
    return Outcome(
        {"cases": [case_of(case) for case in unique], **more},
        [_where(case) for case in unique],
    )


def of_steps(steps: Iterable[Step], **more: Any) -> Outcome:
    """Return the answer for steps that were made; of what is about a unit the caller tells."""
    made = list(steps)
    outcome = of_cases([step.case for step in made if isinstance(step.subject, Case | Extension)], **more)
    outcome.warnings += [warning for step in made for warning in step.warnings]
    return outcome


def case_of(case: Case) -> dict[str, Any]:
    """Return what every move says of a case."""
    return {
        "id": case.id,
        "state": str(case.state),
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "version": case.version,
    }


def _where(case: Case) -> Sentence:
    state, waits = Term("state", case.state), Term("waiting_on", case.waiting_on)
    if case.due_on is None:
        return Sentence("case {case}: {state}", case=case.id, state=state)
    if case.provisional:
        return Sentence(
            "case {case}: {state}, due {due} (provisional), waiting on {waits}",
            case=case.id, state=state, due=case.due_on, waits=waits,
        )  # fmt: skip
    return Sentence(
        "case {case}: {state}, due {due}, waiting on {waits}", case=case.id, state=state, due=case.due_on, waits=waits
    )
