"""What a store may set: limits, dates, ladders, thresholds, each with its source. `policy.toml` ships the default.

A policy is data and never changes: the store numbers the ones it loads. What the numbers do belongs to `deadlines` and
to the questions; here they are only read, checked, and their mistakes named by line and key.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from importlib import resources
from itertools import pairwise
from operator import itemgetter
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from workflow.errors import BadInput
from workflow.places import Path, line_of, lines_of
from workflow.terms import Grade, Rank
from workflow.values import falls, is_a_time_of_day, is_a_zone, is_not_empty, refuse, rises
from workflow.words import Sentence

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Count = Annotated[int, Field(ge=1, le=10_000)]
Days = Annotated[int, Field(ge=1, le=3650)]
Minutes = Annotated[int, Field(ge=1, le=10_080)]
Months = Annotated[int, Field(ge=1, le=120)]
Suffix = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,10}$")]
Weight = Annotated[int, Field(ge=0, le=1000)]

T = TypeVar("T")


# -- the tables of the file --------------------------------------------------------------------------------------------


class Section(BaseModel):
    """A table of the file. Types are strict: "3" is no number, 1 is no yes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", strict=True)


class Rule(Section):
    """A table that says where its numbers come from."""

    source: Words  #: the law or paper, "practice" where none is known


class ByGrade(Section, Generic[T]):
    """One value for each grade."""

    general: T
    larger: T
    major: T

    def of(self, grade: Grade) -> T:
        """Return what holds for a hazard of this grade."""
        value: T = getattr(self, grade)
        return value


class Limit(Rule):
    """Within so many days; natural ones roll to the next working day, working ones end on one."""

    days: Days
    working: bool = False


class Limits(Section):
    """The counted limits, by what they are for."""

    order: Limit  #: from found: order it, or correct it on the spot
    serve: Limit  #: from the order
    recheck: Limit  #: from the application, or from expiry if that was first
    close_out: Limit  #: from the recheck that passed
    plan: Limit  #: from the order of a major hazard
    answer: Limit  #: from a transfer
    extension_answer: Limit  #: from a request to extend
    resumption_review: Limit  #: from a request to resume


class Dates(ByGrade[Days], Rule):
    """How many days off the date on an order may be."""

    rolls: bool = False  #: whether a date on paper that is a day off moves to the next working day

    @field_validator("larger", "major")
    @classmethod
    def _does_not_fall(cls, days: int, info: ValidationInfo) -> int:
        lesser = "general" if info.field_name == "larger" else "larger"
        least = info.data.get(lesser, days)
        if days < least:
            refuse(((), Sentence("must not be less than {key}, {least}", key=lesser, least=least)))
        return days


class Halt(Rule):
    """What bounds a halt."""

    temporary_months: Months  #: in all
    confirm_hours: Annotated[int, Field(ge=1, le=720)]  #: of one imposed on site


class Extension(Rule):
    """How far, how often and until when a date may be extended."""

    days: Days
    times: Annotated[int, Field(ge=0, le=100)]  #: 0: never
    ask_before_working_days: Annotated[int, Field(ge=0, le=250)]  #: 0: up to the day of expiry


class Rechecks(Rule):
    """Who makes a recheck."""

    officers: Annotated[int, Field(ge=2, le=20)]  #: no fewer than two by law
    fresh_eyes: bool  #: major: at least one who did not find it


class Acknowledge(Rule):
    """How long a supervisor's note silences repeats."""

    days: Days


class Rung(Section):
    """So many natural days after a deadline, this rank is told."""

    after: Days
    rank: Rank


class Ladder(Rule):
    """How the cases of a grade climb: rungs, then the last one again every `repeat` days."""

    rungs: tuple[Rung, ...]  #: at least one; days rise, ranks do not fall
    repeat: Days

    @field_validator("rungs")
    @classmethod
    def _climb(cls, rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
        later = Sentence("must be more than the rung before")
        higher = Sentence("must not be lower than the rung before")
        steps = list(enumerate(pairwise(is_not_empty(rungs)), 1))
        refuse(
            *(((at, "after"), later) for at, (before, rung) in steps if rung.after <= before.after),
            *(((at, "rank"), higher) for at, (before, rung) in steps if rung.rank < before.rank),
        )
        return rungs


class Ladders(ByGrade[Ladder]):
    """The ladder of each grade."""


class Reminders(Rule):
    """How many days before a date whoever owes it is reminded."""

    before: Annotated[tuple[Days, ...], AfterValidator(falls)]  #: farthest first; none: no reminders


class SilentDays(Section):
    """How long a case may stay in each open state before it is called silent, in days."""

    found: Days
    ordered: Days
    rectifying: Days
    submitted: Days
    rechecked: Days
    exiting: Days


class Weights(Section):
    """How heavy each reason for being stuck is."""

    silent: Weight
    bouncing: Weight
    over_extended: Weight
    undecided: Weight
    unserved: Weight
    undelivered: Weight
    orphaned: Weight
    halt_ending: Weight


class GradeWeights(ByGrade[Weight]):
    """What the reasons' weights are multiplied by."""


class Stuck(Rule):
    """When a case is shown as stuck, and how far up."""

    bouncing_reworks: Count
    undecided_days: Days
    unserved_days: Days
    halt_ending_days: Days = 14  #: as shipped, where a policy was written before it
    silent_days: SilentDays
    weights: Weights
    grade_weights: GradeWeights


class Evidence(Rule):
    """What may be filed as evidence."""

    max_bytes: Annotated[int, Field(ge=1, le=2_000_000_000)]
    types: Annotated[tuple[Suffix, ...], AfterValidator(is_not_empty)]  #: lower case, without the dot


class Text(Rule):
    """How long a free text may be."""

    max_chars: Annotated[int, Field(ge=1, le=100_000)]


class Exit(Rule):
    """What follows a verified exit."""

    follow_up_months: Annotated[tuple[Months, ...], AfterValidator(rises)]  #: visits, from the verification


class Notices(Rule):
    """What people are told, and how hard it is tried to reach them."""

    language: Literal["zh", "en"]
    worst: Annotated[int, Field(ge=0, le=100)]  #: cases that a message names; all are counted
    attempts: Annotated[int, Field(ge=1, le=1000)]  #: then it is given up
    backoff_minutes: Annotated[tuple[Minutes, ...], AfterValidator(is_not_empty)]  #: after each attempt; then the last
    timeout_seconds: Annotated[int, Field(ge=1, le=300)]  #: of one attempt


class Service(Rule):
    """How the nightly job runs."""

    nightly_at: Annotated[str, AfterValidator(is_a_time_of_day)]  #: in the policy's zone, "HH:MM"
    lease_minutes: Annotated[int, Field(ge=1, le=1440)]
    batch: Count


class Policy(Section):
    """Everything a store may set."""

    title: Words
    timezone: Annotated[str, AfterValidator(is_a_zone)]  #: of local time, by its IANA name
    limits: Limits
    dates: Dates
    halt: Halt
    extension: Extension
    rechecks: Rechecks
    acknowledge: Acknowledge
    ladders: Ladders
    reminders: Reminders
    stuck: Stuck
    evidence: Evidence
    text: Text
    exit: Exit
    notices: Notices
    service: Service

    @property
    def zone(self) -> ZoneInfo:
        """The zone of local time."""
        return ZoneInfo(self.timezone)


# -- reading -----------------------------------------------------------------------------------------------------------


def parse(text: str, where: str = "policy") -> Policy:
    """Read a policy from TOML; rules that it leaves out are the default's, a rule that it has it has whole.

    Raises BadInput with a reason for every mistake, each naming line and dotted key (entries of a list counted from
    1); `where` names the file.
    """
    text = text.removeprefix("\ufeff")  # Notepad's
    return _checked(_with_defaults(_read(text, where)), text, where)


@cache
def default() -> Policy:
    """Return the policy that ships with the program."""
    return _checked(_shipped(), default_text(), "policy.toml")


@cache
def default_text() -> str:
    """Return the file of the default policy, comments and all: what a store's own begins as."""
    return resources.files("workflow").joinpath("policy.toml").read_text("utf-8")


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(default_text())


class _Mistake(NamedTuple):
    path: Path
    problem: Sentence


def _read(text: str, where: str) -> dict[str, Any]:
    """Read TOML, or raise BadInput with the one mistake that the reader stops at."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told, _, place = str(error).partition(" (at ")
        number = re.match(r"line (\d+)", place)
        line = int(number[1]) if number else text.rstrip("\n").count("\n") + 1
        raise _bad(where, [Sentence("line {line}: {problem}", line=line, problem=told)]) from error
    except (ValueError, RecursionError) as error:
        raise _bad(where, [_UNREADABLE]) from error


def _with_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """Fill in the rules left out. The title never: who writes a policy names it."""
    shipped = _shipped()
    whole = {**shipped, **given}
    for group in ("limits", "ladders"):
        if isinstance(whole[group], dict):
            whole[group] = {**shipped[group], **whole[group]}
    if "title" not in given:
        del whole["title"]
    return whole


def _checked(data: dict[str, Any], text: str, where: str) -> Policy:
    # By way of JSON, where strictness still lets an array be a tuple and a word be an enum's.
    try:
        return Policy.model_validate_json(json.dumps(data, default=lambda _: {}))
    except (ValueError, RecursionError) as error:
        lines = lines_of(text)
        found = [(line_of(mistake.path, lines), mistake) for mistake in _mistakes(error)]
        raise _bad(where, [_reason(*each) for each in sorted(found, key=itemgetter(0))]) from error


def _bad(where: str, reasons: Sequence[Sentence]) -> BadInput:
    return BadInput(Sentence("{where} cannot be used as a policy", where=where), reasons=reasons, where=where)


def _reason(line: int, mistake: _Mistake) -> Sentence:
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in mistake.path)
    if not mistake.path:
        return mistake.problem
    shown = "".join(letter if letter.isprintable() else "?" for letter in key)
    return Sentence("line {line}, {key}: {problem}", line=line, key=shown, problem=mistake.problem)


# -- what is wrong -----------------------------------------------------------------------------------------------------

_UNREADABLE = Sentence("it holds a number too long, a character that is none, or brackets too deep")

#: What a mistake that pydantic finds is called here. Its own words are kept for any other.
_PROBLEMS = {
    "json_invalid": _UNREADABLE,
    "missing": Sentence("is missing"),
    "int_type": Sentence("must be a whole number"),
    "int_parsing_size": Sentence("is far too large"),
    "string_type": Sentence("must be text in quotes"),
    "bool_type": Sentence("must be true or false"),
    "model_type": Sentence("must be a table"),
    "tuple_type": Sentence("must be a list"),
    "enum": Sentence("must be one of {expected}"),
    "literal_error": Sentence("must be one of {expected}"),
    "greater_than_equal": Sentence("must be at least {ge}"),
    "less_than_equal": Sentence("must be at most {le}"),
    "string_too_short": Sentence("must not be empty"),
    "string_too_long": Sentence("must be at most {max_length} characters long"),
    "string_pattern_mismatch": Sentence("has characters that may not be used here"),
}


def _mistakes(error: Exception) -> Iterator[_Mistake]:
    if not isinstance(error, ValidationError):
        yield _Mistake((), _UNREADABLE)
        return
    for detail in error.errors(include_url=False):
        if detail["type"] == "refused":
            yield from (_Mistake(detail["loc"] + below, problem) for below, problem in detail["ctx"]["mistakes"])
        else:
            yield _Mistake(detail["loc"], _problem(detail))


def _problem(detail: ErrorDetails) -> Sentence:
    if detail["type"] == "extra_forbidden":
        return _unknown_key(detail["loc"])
    told = _PROBLEMS.get(detail["type"], Sentence("{message}"))
    return Sentence(told.template, message=detail["msg"], **detail.get("ctx", {}))


def _unknown_key(path: Path) -> Sentence:
    near = get_close_matches(str(path[-1]), _keys_at(path[:-1]), n=1)
    if near:
        return Sentence("there is no such key; did you mean {near}?", near=near[0])
    return Sentence("there is no such key")


def _keys_at(path: Path) -> list[str]:
    """Return the keys that the table at this path may have."""
    kind: Any = Policy
    for part in path:
        kind = get_args(kind)[0] if isinstance(part, int) else kind.model_fields[part].annotation
    return list(kind.model_fields)
