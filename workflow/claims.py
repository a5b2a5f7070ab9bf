"""What each process claims beyond its table: which guard witnesses what, and what a state waits on.

The proof (workflow/proof.py) holds the tables to these; none of them is a rule of its own.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from workflow import exit as leaving
from workflow import extension, guards, halt, stated
from workflow.authority import CLOSER, IMPOSING_SUPERVISOR, SUPERVISOR
from workflow.case import Case
from workflow.deadlines import MAIN, waiting_on
from workflow.process import Authority, Guard
from workflow.terms import Grade, WaitsOn


@dataclass(frozen=True, slots=True)
class Passage:
    """A claim: no way leads from `start` to `end` but through a move that needs `guard`."""

    check: str
    start: str
    end: str
    guard: Guard
    #: Guards that tell of an earlier move, and its trigger: they witness as well, if all moves of it need `guard`.
    hearsay: Mapping[Guard, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """A claim: every move into `state` needs `guard`, and is made by `by`."""

    check: str
    state: str
    guard: Guard
    by: Authority


@dataclass(frozen=True, slots=True)
class Claims:
    """What the proof must be told about one process."""

    #: Whom a state may wait on, in every case there is.
    waits: Callable[[str], Collection[WaitsOn]]
    #: The rules of which a state's main deadline is one.
    clocks: Mapping[str, Sequence[str]]
    #: The rules that are a date on paper; all others are a limit of the policy.
    dated: Collection[str] = ()
    #: The triggers that move nothing.
    internal: Collection[str] = ()
    #: The triggers that have moves from an ended state.
    after_the_end: Collection[str] = ()
    #: Ends that are no way out: nothing was put right by them.
    set_aside: Collection[str] = ()
    #: Open states that this table leaves to another one: it neither leads there nor has to lead on.
    elsewhere: Collection[str] = ()
    passages: Sequence[Passage] = ()
    gates: Sequence[Gate] = ()
    #: Guards without which there is no move at all.
    always: Sequence[Guard] = ()


def _hazard_waits(state: str) -> list[WaitsOn]:
    """Ask `waiting_on` about a case of each grade with nothing served."""
    return [waiting_on(_bare(state, grade)) for grade in Grade]


def _bare(state: str, grade: Grade) -> Case:
    """Return a case that has only the facts `waiting_on` reads."""
    case = Case.__new__(Case)
    case.state, case.grade, case.round, case.items = state, grade, 1, []
    return case


HAZARD_CLAIMS = Claims(
    waits=_hazard_waits,
    clocks=MAIN,
    dated={"date", "exit"},
    internal={
        *("serve", "regrade", "escalate", "supervise", "release", "extend", "recount", "transfer", "accept", "decline"),
        *("assign", "plan", "refer", "acknowledge", "amend", "note", "look_back", "assist", "measure"),
    },
    after_the_end={"reopen", "release", "look_back"},
    set_aside={"voided"},
    passages=[
        Passage(
            "two_on_site",
            start="found",
            end="closed",
            guard=guards.is_seen_by_two,
            hearsay={guards.leaves_only_passed_items: "pass_recheck"},
        )
    ],
    gates=[Gate("closed_by_another", state="closed", guard=guards.is_closed_by_another_if_grave, by=CLOSER)],
)

#: Whom a request for a later date waits on while it is open; a test holds `extension.make` to this and to the clock.
_EXTENSION_WAITS = {"requested": [WaitsOn.supervisor]}

EXTENSION_CLAIMS = Claims(
    waits=lambda state: _EXTENSION_WAITS.get(state, []),
    clocks={"requested": ["extension_answer"]},
    internal={"request", "recount", "escalate"},
    set_aside={"withdrawn", "lapsed"},
    gates=[
        Gate("decided_by_another", state="granted", guard=extension.is_decided_by_another, by=SUPERVISOR),
        Gate("decided_by_another", state="refused", guard=extension.is_decided_by_another, by=SUPERVISOR),
        Gate("still_asked", state="granted", guard=extension.is_still_asked, by=SUPERVISOR),
    ],
)

HALT_CLAIMS = Claims(
    waits=lambda state: [halt.waits_on(state)],
    clocks={"imposed": ["halt"], "resumption_requested": ["resumption_review"]},
    dated={"halt"},
    internal={"impose", "confirm", "prolong", "recount", "escalate"},
    set_aside={"revoked", "converted"},
    passages=[Passage("two_on_site", start="imposed", end="lifted", guard=guards.is_seen_by_two)],
    gates=[
        Gate("all_at_rest", state="lifted", guard=halt.are_all_at_rest, by=IMPOSING_SUPERVISOR),
        Gate("reviewed", state="lifted", guard=guards.has_opinion, by=IMPOSING_SUPERVISOR),
    ],
)

#: Until every step was seen an exit waits on the unit, then on whoever verifies it; a test holds `exit.make` to this.
_EXIT_WAITS = {"decided": [WaitsOn.unit], "underway": [WaitsOn.unit, WaitsOn.supervisor]}

EXIT_CLAIMS = Claims(
    waits=lambda state: _EXIT_WAITS.get(state, []),
    clocks={"decided": ["exit"], "underway": ["exit"]},
    dated={"exit"},
    internal={"decide", "add", "escalate"},
    after_the_end={"breach"},
    set_aside={"revoked", "breached"},
    passages=[Passage("two_on_site", start="decided", end="verified", guard=guards.is_seen_by_two)],
    gates=[
        Gate("verified_whole", state="verified", guard=leaving.has_all_steps, by=SUPERVISOR),
        Gate("leaves_nothing", state="verified", guard=leaving.has_nothing_open_outside, by=SUPERVISOR),
    ],
)

FOLLOW_UP_CLAIMS = Claims(
    waits=lambda state: [WaitsOn.inspector] if state == "planned" else [],
    clocks={"planned": ["follow_up"]},
    dated={"follow_up"},
    internal={"arrange", "recount", "escalate"},
    set_aside={"dropped"},
    passages=[Passage("two_on_site", start="planned", end="visited", guard=guards.is_seen_by_two)],
)

#: What an older ledger states makes no claim about officers on site; but every statement names its row, nobody types one,
#: and whom an open case waits on from there is the hazard process's business.
IMPORT_CLAIMS = Claims(
    waits=_hazard_waits,
    clocks=MAIN,
    dated={"date", "exit"},
    internal={"serve"},
    set_aside={"voided"},
    elsewhere={"exiting"},
    always=[stated.is_stated_by_a_ledger],
)

#: The claims of each process, by its name.
CLAIMS = {
    "hazard": HAZARD_CLAIMS, "extension": EXTENSION_CLAIMS, "halt": HALT_CLAIMS, "exit": EXIT_CLAIMS,
    "follow_up": FOLLOW_UP_CLAIMS, "import": IMPORT_CLAIMS,
}  # fmt: skip
