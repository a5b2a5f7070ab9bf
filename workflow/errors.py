"""What can go wrong in front of a user: each error keeps its facts, knows its code and its exit code.

An error is raised where the fact is known, and shown once, at the root of the command line.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from workflow.words import Sentence, Translate


class RectifyError(Exception):
    """Something a user can cause and mend. `what` says what is wrong and what to do; `reasons` names all that is."""

    code: ClassVar[str]
    exit_code: ClassVar[int]

    def __init__(self, what: Sentence, *, reasons: Sequence[Sentence] = (), **facts: Any) -> None:
        super().__init__(what)
        self.what = what
        self.reasons = tuple(reasons)
        self.facts = facts

    def say(self, translate: Translate = str) -> str:
        """Return the one line a user reads, reasons included."""
        if not self.reasons:
            return self.what.say(translate)
        reasons = translate("; ").join(reason.say(translate) for reason in self.reasons)
        return Sentence("{what}: {reasons}", what=self.what, reasons=reasons).say(translate)

    def __str__(self) -> str:
        return self.say()


class NotAllowed(RectifyError):
    """The process has no such move from this state."""

    code, exit_code = "not_allowed", 3


class Refused(RectifyError):
    """A condition of the move is not met; `reasons` lists every one."""

    code, exit_code = "refused", 4


class NotFound(RectifyError):
    """No such case, person, unit …; near matches are suggested."""

    code, exit_code = "not_found", 5


class Moved(RectifyError):
    """Somebody else changed it first; nothing was written."""

    code, exit_code = "moved", 6


class StoreError(RectifyError):
    """The store is missing, older, newer, locked, read-only, full, damaged or unreachable."""

    code, exit_code = "store", 7


class Forbidden(RectifyError):
    """Not this person's role, area, rank, or their department's power."""

    code, exit_code = "forbidden", 8


class BadInput(RectifyError):
    """A file or value is wrong: `what` says where and why; nothing was written."""

    code, exit_code = "bad_input", 9


#: Over several cases the first kind in this order is raised (CONTRACT, exit codes).
PRECEDENCE: tuple[type[RectifyError], ...] = (StoreError, BadInput, NotFound, Forbidden, NotAllowed, Refused, Moved)


def combine(errors: Sequence[RectifyError]) -> RectifyError:
    """Return one error for several cases: of the first kind that occurs, naming every case that would not move.

    Raises ValueError when there are no errors to combine.
    """
    if len(errors) == 1:
        return errors[0]
    kind = min((type(error) for error in errors), key=PRECEDENCE.index)
    return kind(
        Sentence("{count} of the cases would not move, so none did", count=len(errors)),
        reasons=[sentence for error in errors for sentence in _by_case(error)],
        errors=errors,
    )


def _by_case(error: RectifyError) -> list[Sentence]:
    """Return an error's reasons, each naming its case: alone they would not say whose they are."""
    if not error.reasons:
        return [error.what]
    return [Sentence("{what}: {reasons}", what=error.facts.get("called"), reasons=each) for each in error.reasons]
