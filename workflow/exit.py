"""The exit process 退出: a unit, or a named line of it, goes – shut down, relocated, retreated – and its hazards with it.

What goes is decided once; its steps are seen on site one by one, and two officers verify the whole. What each move
fires on the hazards, the unit's halts and the follow-up visits, in its own transaction, is told here too (`FIRES`). A
halt is no exit, and a department does not decide what the government must (安全生产法 art 113, 115).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from workflow.authority import CLOCK, HALTING_SUPERVISOR, INSPECTOR, SUPERVISOR
from workflow.case import Attempt, Deadline, OfUnit
from workflow.deadlines import Wanted, bring_in_line, point_at
from workflow.guards import has_evidence, has_note, is_certified, is_seen_by_two
from workflow.guards.about import has_given
from workflow.process import Move, Process, guard
from workflow.states import ExitState
from workflow.terms import Basis, ExitKind, ExitStep, Grade, Kind, Rank, WaitsOn
from workflow.words import Sentence, Term

decided, underway, verified, revoked, breached = ExitState
stopped, disposed, removed, licence, new_site = ExitStep

RUNNING = (decided, underway)

#: What is seen on site before an exit of each kind is verified.
STEPS: dict[str, Sequence[ExitStep]] = {
    ExitKind.shutdown: (stopped, disposed, removed, licence),
    ExitKind.relocation: (stopped, disposed, removed, licence, new_site),
    ExitKind.retreat: (stopped, removed, licence),
    ExitKind.partial: (stopped, disposed, removed),
}

#: What each move fires, by the kind of what is moved with it.
FIRES: dict[str, dict[str, str]] = {
    "decide": {"hazard": "decide_exit", "follow_up": "drop"},
    "add": {"hazard": "decide_exit"},
    "verify": {"hazard": "confirm_exit", "halt": "convert", "follow_up": "arrange"},
    "revoke": {"hazard": "revoke_exit"},
    "breach": {"hazard": "reopen", "follow_up": "drop"},
}


@dataclass(slots=True)
class Exit(OfUnit):
    """An exit while it is being moved. What has a column lies in it; the rest is joined, or rows."""

    kind: ClassVar[Kind] = Kind.exit

    id: int
    unit_id: int
    area_code: str
    department_id: int
    exit_kind: str
    basis: str
    body: str | None
    number: str | None
    decided_on: date | None  # the day of the government's decision
    line: str  # "" for the whole unit
    interim: str
    leaves_on: date
    grade: str  # of the gravest hazard that went with it
    state: str
    entered_at: datetime
    decided_at: datetime
    decided_by: int
    verified_on: date | None
    note: str | None
    waiting_on: str
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    rank: str | None
    moved_seq: int
    version: int
    seq: int
    head: str
    area: str
    charge: str
    sector: str
    deadlines: list[Deadline] = field(default_factory=list)
    #: The steps seen on site so far.
    done: list[str] = field(default_factory=list)
    #: The unit's name, for one that has no number yet.
    unit: str = ""

    @property
    def called(self) -> Sentence:
        """What people call it; an exit that has no number yet goes by its unit."""
        return Sentence("exit {id}", id=self.id) if self.id else Sentence("the exit of {unit}", unit=self.unit)

    @property
    def since(self) -> datetime:
        """When somebody last moved it."""
        return self.entered_at

    @property
    def is_partial(self) -> bool:
        """Whether a line goes and the unit stays."""
        return self.exit_kind == ExitKind.partial

    @property
    def is_running(self) -> bool:
        """Whether it is decided and neither verified nor revoked."""
        return self.state in RUNNING

    @property
    def missing(self) -> list[str]:
        """The steps of its kind that nobody has seen yet, in their order."""
        return [step.value for step in STEPS[self.exit_kind] if step not in self.done]


def exit_of(attempt: Attempt) -> Exit:
    """Return the exit an attempt is at. Raises TypeError for an attempt at something else."""
    leaving = attempt.subject
    if not isinstance(leaving, Exit):
        raise TypeError(f"this is no attempt at an exit, but at {leaving.called}")
    return leaving


def _numbers(name: str) -> Callable[[Attempt], list[str]]:
    """Return what names the cases that an attempt was given under this name."""
    return lambda attempt: [str(number) for number in attempt.given.get(name, ())]


# -- conditions --------------------------------------------------------------------------------------------------------


@guard(
    "closing is the government's decision, a department only proposes it; add --body T and --number NO of the decision"
)
def has_a_decision_if_by_government(attempt: Attempt) -> bool:
    """关闭决定: recorded with body, number and date, 安全生产法 art 113, 115."""
    leaving = exit_of(attempt)
    return leaving.basis != Basis.government or bool(leaving.body and leaving.number and leaving.decided_on)


@guard("the decision is dated {day}, which has not come yet", day=lambda a: exit_of(a).decided_on)
def is_decided_by_then(attempt: Attempt) -> bool:
    """A decision that is still to be made decides nothing."""
    day = exit_of(attempt).decided_on
    return day is None or day <= attempt.on


@guard("the exit's date lies before today, {day}; give a later --due", day=lambda a: a.on)
def is_ahead(attempt: Attempt) -> bool:
    """What is leaving leaves by a date that is still to come."""
    return exit_of(attempt).leaves_on >= attempt.on


@guard("the hazards are still there; say what keeps people safe until then with --interim T")
def has_measures_for_the_transition(attempt: Attempt) -> bool:
    """Interim measures for the transition 过渡期."""
    return bool(exit_of(attempt).interim.strip())


@guard("say which line goes, and with which hazards; add --line T and --case CASE")
def names_its_line_if_partial(attempt: Attempt) -> bool:
    """A partial exit names the line and its hazards."""
    leaving = exit_of(attempt)
    return not leaving.is_partial or bool(leaving.line and has_given(attempt, "cases"))


@guard("the whole unit goes, with all its hazards; leave out --line and --case, or choose --kind partial")
def names_no_line_if_whole(attempt: Attempt) -> bool:
    """Only a line goes alone."""
    return exit_of(attempt).is_partial or not (exit_of(attempt).line or has_given(attempt, "named"))


@guard("exit {id} is running already; verify or revoke it first", id=lambda a: a.given.get("running"))
def is_the_only_exit(attempt: Attempt) -> bool:
    """One running per unit, or per line."""
    return not has_given(attempt, "running")


@guard(
    "another unit's: case {cases}; name hazards of unit id:{unit}",
    cases=_numbers("strangers"),
    unit=lambda a: exit_of(a).unit_id,
)
def are_of_the_unit(attempt: Attempt) -> bool:
    """Only its own hazards go with a unit."""
    return not has_given(attempt, "strangers")


@guard(
    "of another line: case {cases}; this exit is of line {line}",
    cases=_numbers("others"),
    line=lambda a: exit_of(a).line,
)
def are_of_the_line(attempt: Attempt) -> bool:
    """Only its own hazards go with a line."""
    return not has_given(attempt, "others")


@guard("{step} was seen on site already", step=lambda a: Term("exit_step", str(a.given.get("step"))))
def is_not_seen_yet(attempt: Attempt) -> bool:
    """Each step is seen once."""
    return attempt.given.get("step") not in exit_of(attempt).done


@guard("only a relocation has a new site to accept")
def has_a_new_site_if_said_so(attempt: Attempt) -> bool:
    """新址验收 belongs to 搬迁入园."""
    return attempt.given.get("step") != new_site or exit_of(attempt).exit_kind == ExitKind.relocation


@guard(
    "not seen on site yet: {steps}; type: rectify exit step {id} {first} --evidence FILE",
    steps=lambda a: [Term("exit_step", step) for step in exit_of(a).missing],
    id=lambda a: exit_of(a).id,
    first=lambda a: next(iter(exit_of(a).missing), "–"),
    standing=True,
)
def has_all_steps(attempt: Attempt) -> bool:
    """Every step of its kind is seen on site before the whole is verified."""
    return not exit_of(attempt).missing


@guard(
    "still open outside it: case {cases}; let them join: rectify exit add {id} CASE, or close them first",
    cases=_numbers("outside"),
    id=lambda a: exit_of(a).id,
)
def has_nothing_open_outside(attempt: Attempt) -> bool:
    """What goes leaves no open hazard behind."""
    return not has_given(attempt, "outside")


@guard("name the visit that found it running again; add --inspection I")
def was_seen_again(attempt: Attempt) -> bool:
    """A breach 死灰复燃 is found at an inspection."""
    return has_given(attempt, "inspection")


@guard(
    "inspection {id} was at another unit; name one of unit id:{unit}",
    id=lambda a: a.given.get("inspection"),
    unit=lambda a: exit_of(a).unit_id,
)
def was_seen_there(attempt: Attempt) -> bool:
    """What is shut is looked at where it was."""
    return attempt.given.get("unit") in (None, exit_of(attempt).unit_id)


@guard("the visit was on {day}, before the exit was verified", day=lambda a: a.given.get("seen_on"))
def was_seen_since(attempt: Attempt) -> bool:
    """Only what had gone comes back."""
    seen, gone = attempt.given.get("seen_on"), exit_of(attempt).verified_on
    return seen is None or gone is None or seen >= gone


DECIDED = [
    has_a_decision_if_by_government, is_decided_by_then, is_ahead, has_measures_for_the_transition,
    names_its_line_if_partial, names_no_line_if_whole, are_of_the_unit, are_of_the_line, is_the_only_exit,
]  # fmt: skip
SEEN = [has_evidence, is_not_seen_yet, has_a_new_site_if_said_so]
VERIFIED = [is_seen_by_two, is_certified, has_all_steps, has_nothing_open_outside]
RUNNING_AGAIN = [was_seen_again, was_seen_there, was_seen_since, has_note]

# fmt: off
MOVES = [
    # trigger, from, to, by whom, on what conditions
    Move("decide",   decided,  None,     HALTING_SUPERVISOR, DECIDED),  # its first step: from nothing
    Move("step",     decided,  underway, INSPECTOR, SEEN),
    Move("step",     underway, None,     INSPECTOR, SEEN),
    Move("verify",   RUNNING,  verified, SUPERVISOR, VERIFIED),
    Move("revoke",   RUNNING,  revoked,  SUPERVISOR, [has_note]),
    Move("breach",   verified, breached, INSPECTOR, RUNNING_AGAIN),
    # internal
    Move("add",      RUNNING,  None,     INSPECTOR, [are_of_the_unit, are_of_the_line]),
    Move("escalate", RUNNING,  None,     CLOCK),
]
# fmt: on


def _add(attempt: Attempt) -> None:
    """A graver hazard brings its ladder along."""
    leaving = exit_of(attempt)
    grade = gravest([leaving.grade, *attempt.given.get("grades", ())])
    if grade != leaving.grade:
        leaving.grade = grade
        for deadline in leaving.deadlines:
            deadline.check_at = None


def _step(attempt: Attempt) -> None:
    exit_of(attempt).done.append(str(attempt.given["step"]))


def _verify(attempt: Attempt) -> None:
    exit_of(attempt).verified_on = attempt.on


def _note(attempt: Attempt) -> None:
    exit_of(attempt).note = attempt.given.get("note")


def _climb(attempt: Attempt) -> None:
    """The rank never falls until the exit ends."""
    leaving, told = exit_of(attempt), str(attempt.given["rank"])
    if leaving.rank is None or Rank(told) > Rank(leaving.rank):
        leaving.rank = told


EFFECTS: dict[str, Callable[[Attempt], None]] = {
    "add": _add,
    "step": _step,
    "verify": _verify,
    "revoke": _note,
    "breach": _note,
    "escalate": _climb,
}

EXIT = Process(
    "exit",
    states=ExitState,
    initial=decided,
    ended=(verified, revoked, breached),
    moves=MOVES,
    effects=EFFECTS,
    begins="decide",
    commands={trigger: f"exit {trigger}" for trigger in ("decide", "add", "step", "verify", "revoke", "breach")},
)


def make(trigger: str, attempt: Attempt) -> None:
    """Make one move of an exit and bring its clock in line.

    Its date is the unit's until every step was seen; from then on it waits on the supervisor who verifies it. Raises
    what `Process.fire` raises; after that the attempt's exit is to be thrown away.
    """
    EXIT.fire(trigger, attempt)
    leaving = exit_of(attempt)
    if trigger == "escalate":
        return
    if attempt.moved or trigger == "decide":
        leaving.entered_at, leaving.moved_seq = attempt.at, attempt.seq
    owner = waits_on(leaving)
    leaving.waiting_on = owner.value
    wants = [Wanted("exit", leaving.decided_at, owner, on=leaving.leaves_on)] if leaving.is_running else []
    kept = bring_in_line(attempt, leaving, wants)
    point_at(leaving, kept[0] if kept else None)


def waits_on(leaving: Exit) -> WaitsOn:
    """Return whom an exit waits on: the unit that goes, then whoever verifies that it has gone."""
    if not leaving.is_running:
        return WaitsOn.none
    return WaitsOn.unit if leaving.missing else WaitsOn.supervisor


def gravest(grades: Collection[str]) -> str:
    """Return by whose ladder an exit climbs: that of the gravest hazard that goes with it; general where none does."""
    return max((Grade(grade) for grade in grades), default=Grade.general).value
