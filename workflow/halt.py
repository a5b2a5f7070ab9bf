"""The halt process 停产整顿: a measure that ends, imposed by a department that may, on a unit, for named hazards.

A halt is no exit: it is lifted once everything it names was put right and seen, and its date lifts nothing. Imposed on
site by two officers in danger it holds at once and is confirmed by their supervisor within hours (行政强制法 art 19).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple

from workflow.authority import CLOCK, FIRED, HALTING_OFFICER, IMPOSING_SUPERVISOR, UNIT
from workflow.case import Attempt, Case, Deadline, OfUnit
from workflow.deadlines import Wanted, bring_in_line, local_date, months_after, point_at
from workflow.guards import has_note, has_opinion, is_certified, is_seen_by_two
from workflow.guards.about import has_given
from workflow.ladders import highest
from workflow.process import Move, Process, guard
from workflow.states import ENDED, HaltState, State
from workflow.terms import HaltKind, Kind, Role, WaitsOn
from workflow.words import Sentence

imposed, resumption_requested, lifted, revoked, converted = HaltState

#: The states in which a halt holds.
STANDING = (imposed, resumption_requested)
#: The triggers that take a halt back: it counts no more for what it named.
LETS_GO = frozenset({"revoke"})


class Named(NamedTuple):
    """A hazard that a halt names, and the round in which it named it: reopened, a hazard has left old halts."""

    case: Case
    round: int

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is left to wait for: rechecked, at an end, or come back since as something new."""
        case = self.case
        return case.round != self.round or case.state == State.rechecked or case.state in ENDED

    @property
    def has_ended(self) -> bool:
        """Whether it is at an end, or came to one and back."""
        return self.case.round != self.round or self.case.state in ENDED


@dataclass(slots=True)
class Halt(OfUnit):
    """A halt while it is being moved. What has a column lies in it; the rest is joined, or rows."""

    kind: ClassVar[Kind] = Kind.halt

    id: int
    unit_id: int
    area_code: str
    department_id: int
    halt_kind: str
    scope: str
    reason: str
    number: str | None  # of the penalty's decision
    imposed_by: int
    imposed_at: datetime
    confirm_by: datetime | None  # until then a supervisor confirms one imposed on site; None once that was done
    until: date
    state: str
    entered_at: datetime
    waiting_on: str
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    rank: str | None
    note: str | None
    moved_seq: int
    version: int
    seq: int
    head: str
    unit: str
    sector: str
    area: str
    charge: str
    grade: str  # of the gravest hazard it names
    deadlines: list[Deadline] = field(default_factory=list)
    #: The hazards it names, for the moves that ask.
    named: list[Named] = field(default_factory=list)

    @property
    def called(self) -> Sentence:
        """What people call it; a halt that has no number yet goes by its unit."""
        return Sentence("halt {id}", id=self.id) if self.id else Sentence("the halt of {unit}", unit=self.unit)

    @property
    def since(self) -> datetime:
        """When somebody last moved it, or a hazard it names."""
        return max([self.entered_at, *(each.case.entered_at for each in self.named)])

    @property
    def is_standing(self) -> bool:
        """Whether it holds."""
        return self.state in STANDING


class HaltOn(NamedTuple):
    """What a hazard's own moves must know of a halt that names it in its present round."""

    id: int
    state: str

    def __str__(self) -> str:
        return str(self.id)

    @property
    def stands(self) -> bool:
        """Whether it holds."""
        return self.state in STANDING

    @property
    def was_lifted(self) -> bool:
        """Whether production resumed because this hazard, among others, was put right."""
        return self.state == lifted


def halt_of(attempt: Attempt) -> Halt:
    """Return the halt an attempt is at. Raises TypeError for an attempt at something else."""
    halt = attempt.subject
    if not isinstance(halt, Halt):
        raise TypeError(f"this is no attempt at a halt, but at {halt.called}")
    return halt


def last_day(halt: Halt, attempt: Attempt) -> date | None:
    """Return the last day a halt may be imposed until, prolonged or not; None where nothing limits it."""
    if halt.halt_kind != HaltKind.temporary:
        return None
    return months_after(local_date(halt.imposed_at, attempt.policy.timezone), attempt.policy.halt.temporary_months)


def _until(attempt: Attempt) -> date:
    """Return the date the attempt asks for: a prolongation's, else the halt's own."""
    return attempt.given.get("until") or halt_of(attempt).until


def _cases(which: Callable[[Attempt, Named], bool]) -> Callable[[Attempt], list[str]]:
    return lambda attempt: [str(each.case.id) for each in halt_of(attempt).named if which(attempt, each)]


# -- conditions of imposing it -----------------------------------------------------------------------------------------


@guard("name the hazards it is for; add --case CASE")
def names_hazards(attempt: Attempt) -> bool:
    """A halt is for named hazards."""
    return bool(halt_of(attempt).named)


def _is_anothers(attempt: Attempt, named: Named) -> bool:
    return named.case.unit_id != halt_of(attempt).unit_id


@guard(
    "of another unit: case {cases}; name hazards of {unit}", cases=_cases(_is_anothers), unit=lambda a: halt_of(a).unit
)
def names_its_own_hazards(attempt: Attempt) -> bool:
    """A unit is halted for hazards of its own."""
    return not any(_is_anothers(attempt, each) for each in halt_of(attempt).named)


@guard("at an end: case {cases}; name hazards that are open", cases=_cases(lambda _, each: each.has_ended))
def names_open_hazards(attempt: Attempt) -> bool:
    """What was put right halts nobody."""
    return not any(each.has_ended for each in halt_of(attempt).named)


@guard(
    "halt {halts} of this kind stands for case {cases} already; prolong it: rectify halt prolong ID, or name other hazards",
    halts=lambda a: [str(halt) for halt in dict.fromkeys(a.given.get("standing", {}).values())],
    cases=lambda a: [str(case) for case in a.given.get("standing", {})],
)
def is_the_only_one(attempt: Attempt) -> bool:
    """One halt of a kind for a hazard at a time."""
    return not has_given(attempt, "standing")


@guard("say why; add --reason T")
def has_a_reason(attempt: Attempt) -> bool:
    """A measure is reasoned."""
    return has_given(attempt, "reason")


@guard(
    "its date {until} lies before the day it is imposed, {day}; give a later --until", until=_until, day=lambda a: a.on
)
def is_ahead(attempt: Attempt) -> bool:
    """A measure that ends has an end still to come."""
    return _until(attempt) >= attempt.on


@guard(
    "a temporary halt lasts at most {months} months in all, prolonged or not: until {last}; set an earlier --until",
    months=lambda a: a.policy.halt.temporary_months,
    last=lambda a: last_day(halt_of(a), a),
)
def is_within_months_if_temporary(attempt: Attempt) -> bool:
    """责令暂时停产停业: at most six months in all, prolonged or not (policy)."""
    last = last_day(halt_of(attempt), attempt)
    return last is None or _until(attempt) <= last


@guard("a penalty is decided first; add --number NO of the decision")
def has_the_decisions_number_if_penalty(attempt: Attempt) -> bool:
    """停产停业整顿 is a penalty 行政处罚, with its own decision."""
    return halt_of(attempt).halt_kind != HaltKind.penalty or bool(halt_of(attempt).number)


def is_on_site(attempt: Attempt) -> bool:
    """Return whether officers impose it on site, in danger, before a supervisor is asked."""
    return attempt.actor.role != Role.supervisor


@guard("without a supervisor two different officers must be on site; name them with --by NAME --by NAME")
def is_seen_by_two_if_on_site(attempt: Attempt) -> bool:
    """A supervisor imposes a halt, or in danger two officers on site do."""
    return not is_on_site(attempt) or is_seen_by_two(attempt)


# -- conditions of what follows ----------------------------------------------------------------------------------------


@guard("it needs no confirmation, or has it already", standing=True)
def waits_for_confirmation(attempt: Attempt) -> bool:
    """Only one imposed on site is confirmed, once."""
    return halt_of(attempt).confirm_by is not None


@guard("say what was done; add --note T")
def says_what_was_done(attempt: Attempt) -> bool:
    """A request to resume says what was put right."""
    return has_given(attempt, "note")


@guard(
    "not rechecked yet: case {cases}; recheck them first: rectify recheck --pass CASE",
    cases=_cases(lambda _, each: not each.is_at_rest),
    standing=True,
)
def are_all_at_rest(attempt: Attempt) -> bool:
    """Production resumes once every hazard it names is rechecked or at an end."""
    return all(each.is_at_rest for each in halt_of(attempt).named)


@guard("{until} is no later than the date that stands, {stands}", until=_until, stands=lambda a: halt_of(a).until)
def is_later(attempt: Attempt) -> bool:
    """Prolonging moves the date on."""
    return _until(attempt) > halt_of(attempt).until


@guard("say why: --reason unconfirmed, mistaken, or revoked with --number NO")
def has_reason_to_revoke(attempt: Attempt) -> bool:
    """Unconfirmed, mistaken, or revoked by review or court (number)."""
    reason = attempt.given.get("reason")
    return reason in ("unconfirmed", "mistaken") or (reason == "revoked" and has_given(attempt, "number"))


@guard("it waits for no confirmation; revoke it as mistaken, or as revoked with --number NO")
def is_unconfirmed_if_said_so(attempt: Attempt) -> bool:
    """What a supervisor imposed or confirmed is not unconfirmed."""
    return attempt.given.get("reason") != "unconfirmed" or halt_of(attempt).confirm_by is not None


@guard("the exit of a line ends it only where every hazard it names is at an end")
def is_over_if_partial(attempt: Attempt) -> bool:
    """Where only a line goes, the rest stays halted for what is left."""
    return not attempt.given.get("partial") or all(each.has_ended for each in halt_of(attempt).named)


IMPOSED = [
    names_hazards, names_its_own_hazards, names_open_hazards, is_the_only_one, has_a_reason, is_ahead,
    is_within_months_if_temporary, has_the_decisions_number_if_penalty, is_seen_by_two_if_on_site, is_certified,
]  # fmt: skip
LIFTED = [is_seen_by_two, is_certified, has_opinion, are_all_at_rest]
PROLONGED = [is_later, is_ahead, is_within_months_if_temporary, has_a_reason]
REVOKED = [has_reason_to_revoke, is_unconfirmed_if_said_so, has_note]

# fmt: off
MOVES = [
    # trigger, from, to, by whom, on what conditions
    Move("impose",   imposed,              None,      HALTING_OFFICER, IMPOSED),  # its first step: from nothing
    Move("request",  imposed,              resumption_requested, UNIT, [says_what_was_done]),
    Move("refuse",   resumption_requested, imposed,   IMPOSING_SUPERVISOR, [has_note]),
    Move("lift",     resumption_requested, lifted,    IMPOSING_SUPERVISOR, LIFTED),
    Move("revoke",   STANDING,             revoked,   IMPOSING_SUPERVISOR, REVOKED),
    Move("convert",  STANDING,             converted, FIRED, [is_over_if_partial]),
    # internal
    Move("confirm",  STANDING,             None,      IMPOSING_SUPERVISOR, [waits_for_confirmation]),
    Move("prolong",  STANDING,             None,      IMPOSING_SUPERVISOR, PROLONGED),
    Move("recount",  STANDING,             None,      FIRED),
    Move("escalate", STANDING,             None,      CLOCK),
]
# fmt: on


def _impose(attempt: Attempt) -> None:
    if is_on_site(attempt):
        halt_of(attempt).confirm_by = attempt.at + timedelta(hours=attempt.policy.halt.confirm_hours)


def _confirm(attempt: Attempt) -> None:
    halt_of(attempt).confirm_by = None


def _say(attempt: Attempt) -> None:
    halt_of(attempt).note = attempt.given.get("note")


def _prolong(attempt: Attempt) -> None:
    halt = halt_of(attempt)
    attempt.facts["was"] = halt.until
    halt.until = attempt.given["until"]


def _look_anew(attempt: Attempt) -> None:
    """A hazard it names has another grade, or rules have changed: when the clock looks again is worked out anew."""
    for deadline in halt_of(attempt).deadlines:
        deadline.check_at = None


def _climb(attempt: Attempt) -> None:
    halt = halt_of(attempt)
    halt.rank = highest(halt.rank, str(attempt.given["rank"]))


EFFECTS: dict[str, Callable[[Attempt], None]] = {
    "impose": _impose,
    "confirm": _confirm,
    "request": _say,
    "refuse": _say,
    "lift": _say,
    "prolong": _prolong,
    "revoke": _say,
    "recount": _look_anew,
    "escalate": _climb,
}

HALT = Process(
    "halt",
    states=HaltState,
    initial=imposed,
    ended=(lifted, revoked, converted),
    moves=MOVES,
    effects=EFFECTS,
    begins="impose",
    commands={
        trigger: f"halt {trigger}"
        for trigger in ("impose", "confirm", "request", "refuse", "lift", "prolong", "revoke")
    },
)


def make(trigger: str, attempt: Attempt) -> None:
    """Make one move of a halt and bring its clocks in line.

    Raises what `Process.fire` raises; after that the attempt's halt is to be thrown away.
    """
    HALT.fire(trigger, attempt)
    halt = halt_of(attempt)
    if trigger == "escalate":
        return
    if attempt.moved or trigger == "impose":
        halt.entered_at, halt.moved_seq = attempt.at, attempt.seq
    halt.waiting_on = waits_on(halt.state).value
    kept = {each.rule: each for each in bring_in_line(attempt, halt, wanted(halt))}
    point_at(halt, kept.get("review") or kept.get("halt"))


def waits_on(state: str) -> WaitsOn:
    """Return whom a halt waits on: the unit, then the department that reviews what it did."""
    match state:
        case "imposed":
            return WaitsOn.unit
        case "resumption_requested":
            return WaitsOn.department
        case _:
            return WaitsOn.none


def wanted(halt: Halt) -> list[Wanted]:
    """Return the clocks that ought to run on a halt: its date, the review, and the confirmation of one imposed on site."""
    if not halt.is_standing:
        return []
    clocks = [Wanted("halt", halt.imposed_at, waits_on(halt.state), on=halt.until)]
    if halt.state == resumption_requested:
        clocks.append(Wanted("review", halt.entered_at, WaitsOn.department, limit="resumption_review"))
    if halt.confirm_by is not None:
        clocks.append(Wanted("confirm", halt.imposed_at, WaitsOn.supervisor, at=halt.confirm_by))
    return clocks
