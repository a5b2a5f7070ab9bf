"""Free text at the edge: how long it may be and what it may not hold. Nothing else cleans what people write."""

import unicodedata

from workflow.errors import BadInput
from workflow.policy import Policy
from workflow.words import Sentence, Term

_ALLOWED = "\n\t"
#: Characters that reorder what is read, so that a paper says something else than the ledger.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked(name: str, text: str | None, policy: Policy) -> str | None:
    """Return a text without blanks around it, None for none.

    Raises BadInput for control characters and for texts longer than the policy's `text.max_chars`.
    """
    if text is None:
        return None
    limit = policy.text.max_chars
    if len(text) > limit:
        raise BadInput(
            Sentence(
                "{name} has {length} characters, {limit} are allowed; shorten it, or attach it with --evidence",
                name=Term("field", name),
                length=len(text),
                limit=limit,
            )
        )
    refuse_controls(name, text)
    return text.strip()


def refuse_controls(name: str, text: str) -> None:
    """Raise BadInput for a text that holds control characters; line breaks and tabs are none."""
    bad = next((each for each in text if each not in _ALLOWED and _is_control(each)), None)
    if bad is not None:
        raise BadInput(
            Sentence(
                "{name} holds a control character (U+{code:04X}); leave it out", name=Term("field", name), code=ord(bad)
            )
        )


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") or character in _REORDERING
