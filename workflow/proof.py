"""Checks a process like a theorem: what a table of moves must keep, whatever the regulation changes next.

A process proves itself from its data alone; nothing is fired and no case is needed. What the proof cannot read off a
table – which guard witnesses what, what a state waits on – is told in workflow/claims.py. No rule of the domain is
decided here, and one process at a time: how they play together is another proof.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflow.claims import CLAIMS, Claims, Gate, Passage
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
