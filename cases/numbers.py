"""Counts as people bring them: read from what was typed, kept as a decimal text, shown as a number."""

import re
from decimal import Decimal

from workflow.errors import BadInput
from workflow.words import Sentence


def counted(text: str) -> str:
    """Return a count as a decimal without idle zeros: 27, 229.8, 0. Raises BadInput for what is negative or no number."""
    if not re.fullmatch(r"\d{1,15}(\.\d{1,6})?", text.strip(), re.ASCII):
        raise BadInput(Sentence("{value} is no count; write a number from 0 up, like 27 or 229.8", value=text[:40]))
    whole, _, part = text.strip().partition(".")
    return str(int(whole)) + (f".{part.rstrip('0')}" if part.rstrip("0") else "")


def number_of(value: str) -> int | float:
    """Return a count as JSON knows it."""
    exact = Decimal(value)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
