"""Checks a process like a theorem: what a table of moves must keep, whatever the regulation changes next.

A process proves itself from its data alone; nothing is fired and no case is needed. What the proof cannot read off a
table – which guard witnesses what, what a state waits on – is a process's `Claims`. No rule of the domain is decided
here, and one process at a time: how the four play together is another proof.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workflow import exit as leaving
from workflow import extension, guards, halt, stated
from workflow.authority import CLOSER, IMPOSING_SUPERVISOR, SUPERVISOR
from workflow.case import Case
from workflow.deadlines import MAIN, waiting_on
from workflow.policy import Policy
from workflow.policy import default as default_policy
from workflow.process import Authority, Guard, Move, Process
from workflow.terms import Grade, WaitsOn
from workflow.words import Sentence, Term


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a process does not keep: a short code, and what is wrong."""

    check: str
    what: Sentence


# -- what a process claims ---------------------------------------------------------------------------------------------


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


# -- the proof ---------------------------------------------------------------------------------------------------------


def check(process: Process, claims: Claims | None = None, policy: Policy | None = None) -> list[Finding]:
    """Return everything that this process does not keep; [] when it is proved.

    Without `claims`, those of its name; without `policy`, the default one. Raises KeyError for a process nobody has
    made claims about.
    """
    claims = claims or CLAIMS[process.name]
    policy = policy or default_policy()
    return [
        *_shape(process, claims),
        *_unreachable(process, claims),
        *_stranded(process, claims),
        *_abandoned(process, claims, policy),
        *_without_ladder(policy),
        *(finding for passage in claims.passages for finding in _avoided(process, passage)),
        *(finding for gate in claims.gates for finding in _ungated(process, gate)),
        *(finding for guard in claims.always for finding in _unasked(process, guard)),
    ]


def _shape(process: Process, claims: Claims) -> Iterator[Finding]:
    """Find what is wrong with single lines of the table, and where the machine differs from it."""
    yield from _side_doors(process)
    yield from _nameless(process)
    yield from _without_authority(process)
    yield from _ambiguous(process)
    yield from _not_internal(process, claims)
    yield from _after_the_end(process, claims)


# -- ways --------------------------------------------------------------------------------------------------------------


def _reached(moves: Iterable[Move], start: str) -> set[str]:
    """Return every state to which these moves lead from `start`, itself included."""
    onward: dict[str, set[str]] = {}
    for move in moves:
        if move.to is not None:
            for state in move.states:
                onward.setdefault(state, set()).add(move.to)
    reached, ahead = {start}, [start]
    while ahead:
        new = onward.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return reached


def _unreachable(process: Process, claims: Claims) -> Iterator[Finding]:
    reached = _reached(process.moves, process.initial)
    for state in process.states:
        if state not in reached and state not in claims.elsewhere:
            yield Finding("unreachable", Sentence("nothing leads to {state}", state=_state(state)))


def _stranded(process: Process, claims: Claims) -> Iterator[Finding]:
    """Find open states without a way to an end that puts something right; setting a case aside is none."""
    ends = process.ended - set(claims.set_aside)
    for state in process.open:
        if state not in claims.elsewhere and not ends & _reached(process.moves, state):
            yield Finding("stranded", Sentence("no way leads from {state} to an end", state=_state(state)))


def _avoided(process: Process, passage: Passage) -> Iterator[Finding]:
    """Search for a way around a guard: what can be reached by the moves that do not need it."""
    around = [move for move in process.moves if not _witnesses(move, passage)]
    if passage.end in _reached(around, passage.start):
        yield Finding(
            passage.check,
            Sentence(
                "a way leads from {start} to {end} past {guard}",
                start=_state(passage.start),
                end=_state(passage.end),
                guard=passage.guard.name,
            ),
        )
    for told, trigger in passage.hearsay.items():
        if any(move.trigger == trigger and passage.guard not in move.needs for move in process.moves):
            yield Finding(
                passage.check,
                Sentence(
                    "{told} vouches for {guard}, which not every {trigger} needs",
                    told=told.name,
                    guard=passage.guard.name,
                    trigger=_trigger(trigger),
                ),
            )


def _witnesses(move: Move, passage: Passage) -> bool:
    return passage.guard in move.needs or any(guard in passage.hearsay for guard in _guards(move))


def _ungated(process: Process, gate: Gate) -> Iterator[Finding]:
    for move in process.moves:
        if move.to != gate.state:
            continue
        if gate.guard not in move.needs:
            yield Finding(
                gate.check,
                Sentence(
                    "{trigger} leads to {state} without {guard}",
                    trigger=_trigger(move.trigger),
                    state=_state(gate.state),
                    guard=gate.guard.name,
                ),
            )
        if move.by is not gate.by:
            yield Finding(
                gate.check,
                Sentence(
                    "{trigger} leads to {state}, made by {by} instead of {wanted}",
                    trigger=_trigger(move.trigger),
                    state=_state(gate.state),
                    by=repr(move.by),
                    wanted=repr(gate.by),
                ),
            )


def _unasked(process: Process, guard: Guard) -> Iterator[Finding]:
    for move in process.moves:
        if guard not in move.needs:
            yield Finding(
                "always",
                Sentence("{trigger} does not need {guard}", trigger=_trigger(move.trigger), guard=guard.name),
            )
        if move.by.is_typed:
            yield Finding("always", Sentence("{trigger} can be typed", trigger=_trigger(move.trigger)))


# -- nobody is forgotten -----------------------------------------------------------------------------------------------


def _abandoned(process: Process, claims: Claims, policy: Policy) -> Iterator[Finding]:
    """Find open states that wait on nobody or in which no clock runs."""
    for state in process.open:
        waits = claims.waits(state)
        if not waits or WaitsOn.none in waits:
            yield Finding("waits_on_nobody", Sentence("{state} waits on nobody", state=_state(state)))
        rules = claims.clocks.get(state, ())
        if not rules:
            yield Finding("no_clock", Sentence("no clock runs in {state}", state=_state(state)))
        for rule in rules:
            if rule not in claims.dated and rule not in dict(policy.limits):
                yield Finding(
                    "no_clock",
                    Sentence(
                        "the clock of {state} is {rule}, which is neither a date nor a limit of the policy",
                        state=_state(state),
                        rule=rule,
                    ),
                )


def _without_ladder(policy: Policy) -> Iterator[Finding]:
    """Find grades whose overdue cases would climb nowhere: every clock climbs by the ladder of its case's grade."""
    for grade in Grade:
        if not policy.ladders.of(grade).rungs:
            yield Finding("no_ladder", Sentence("an overdue {grade} case climbs nowhere", grade=Term("grade", grade)))


# -- the lines of the table --------------------------------------------------------------------------------------------


def _guards(move: Move) -> tuple[Guard, ...]:
    return (*move.needs, move.when) if move.when is not None else tuple(move.needs)


def _side_doors(process: Process) -> Iterator[Finding]:
    """Compare the doors of the machine with those of the table, each as often as it is there."""
    declared = Counter(
        (move.trigger, str(state), "–" if move.to is None else str(move.to))
        for move in process.moves
        for state in move.states
    )
    built = Counter(
        (trigger, str(source), transition.dest or "–")
        for trigger, event in process.machine.events.items()
        for source, transitions in event.transitions.items()
        for transition in transitions
    )
    for extra, said in (
        (built - declared, Sentence("the machine has a side door: {trigger} from {source} to {to}")),
        (declared - built, Sentence("the machine has no {trigger} from {source} to {to}")),
    ):
        for trigger, source, to in sorted(extra):
            yield Finding(
                "side_door",
                Sentence(said.template, trigger=_trigger(trigger), source=_state(source), to=_state(to)),
            )


def _nameless(process: Process) -> Iterator[Finding]:
    """Find conditions that could not say why they refuse, or where their rule comes from."""
    named: dict[str, Guard] = {}
    for guard in dict.fromkeys(each for move in process.moves for each in _guards(move)):
        if not isinstance(guard, Guard):
            yield Finding("nameless_guard", Sentence("{guard} is not a guard", guard=repr(guard)))
        elif not guard.name.isidentifier():
            yield Finding("nameless_guard", Sentence("a guard is called {name}", name=guard.name))
        elif not guard.sentence.strip():
            yield Finding("nameless_guard", Sentence("{guard} does not say why it refuses", guard=guard.name))
        elif not guard.source.strip():
            yield Finding("nameless_guard", Sentence("{guard} does not say what its rule is", guard=guard.name))
        elif named.setdefault(guard.name, guard) is not guard:
            yield Finding("nameless_guard", Sentence("two guards are called {name}", name=guard.name))


def _without_authority(process: Process) -> Iterator[Finding]:
    """Find triggers that anybody could make, or that the table gives to two different kinds of people."""
    by: dict[str, Authority] = {}
    for move in process.moves:
        if not isinstance(move.by, Authority):
            yield Finding(
                "nobody_may", Sentence("the table does not say who may {trigger}", trigger=_trigger(move.trigger))
            )
        elif by.setdefault(move.trigger, move.by) is not move.by:
            yield Finding(
                "nobody_may", Sentence("the table says twice who may {trigger}", trigger=_trigger(move.trigger))
            )


def _ambiguous(process: Process) -> Iterator[Finding]:
    """Find triggers that do not say which of their moves from one state is made: the last one, and it only, is plain."""
    for state in process.states:
        for trigger in process.triggers(state):
            moves = [move for move in process.moves if move.trigger == trigger and state in move.states]
            plain = [move.when is None for move in moves]
            if any(plain[:-1]):
                yield Finding(
                    "ambiguous",
                    Sentence(
                        "a move of {trigger} from {state} is never made", trigger=_trigger(trigger), state=_state(state)
                    ),
                )
            if not plain[-1]:
                yield Finding(
                    "ambiguous",
                    Sentence("{trigger} may find no move from {state}", trigger=_trigger(trigger), state=_state(state)),
                )


def _not_internal(process: Process, claims: Claims) -> Iterator[Finding]:
    for move in process.moves:
        if move.trigger in claims.internal and move.to is not None:
            yield Finding(
                "internal_moves",
                Sentence("{trigger} leads to {state}", trigger=_trigger(move.trigger), state=_state(move.to)),
            )


def _after_the_end(process: Process, claims: Claims) -> Iterator[Finding]:
    for move in process.moves:
        for state in move.states:
            if state in process.ended and move.trigger not in claims.after_the_end:
                yield Finding(
                    "leaves_an_end",
                    Sentence(
                        "{trigger} from {state}, which has ended", trigger=_trigger(move.trigger), state=_state(state)
                    ),
                )


def _state(state: str) -> Term:
    return Term("state", str(state))


def _trigger(trigger: str) -> Term:
    return Term("trigger", trigger)
