"""What a policy's value must be beyond its type. Each check returns the value, or refuses it with its mistakes."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from workflow.places import Path
from workflow.words import Sentence

Entries = TypeVar("Entries", bound=Sequence[Any])


def refuse(*mistakes: tuple[Path, Sentence]) -> None:
    """Refuse a value for mistakes of order or meaning, each with its path below the value."""
    if mistakes:
        raise PydanticCustomError("refused", "is refused", {"mistakes": mistakes})


def is_not_empty(entries: Entries) -> Entries:
    """Refuse a list without entries."""
    # Not pydantic's min_length, which counts only the entries that are right and so complains twice.
    if not entries:
        refuse(((), Sentence("must not be empty")))
    return entries


def rises(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Refuse numbers that do not rise."""
    more = Sentence("must be more than the one before")
    refuse(*(((at,), more) for at, (before, number) in enumerate(pairwise(numbers), 1) if number <= before))
    return numbers


def falls(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Refuse numbers that do not fall."""
    less = Sentence("must be less than the one before")
    refuse(*(((at,), less) for at, (before, number) in enumerate(pairwise(numbers), 1) if number >= before))
    return numbers


def is_a_time_of_day(text: str) -> str:
    """Refuse what is no time such as "02:00"."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        refuse(((), Sentence('must be a time of day such as "02:00"')))
    return text


def is_a_zone(name: str) -> str:
    """Refuse what is no zone of the IANA's."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        refuse(((), Sentence("must be the name of a time zone such as Asia/Shanghai")))
    return name
