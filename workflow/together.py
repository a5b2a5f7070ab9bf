"""Proves the processes together: a unit with two hazards, a request for a later date, a halt and an exit, as one system.

Where each of them is, and which hazards the halt and the exit are about, is a `World`. Every world that the tables of
moves lead to is visited, breadth first; the tables themselves are read, none of their moves is repeated here. What a
move fires on the others it says itself (`FIRES`), what a condition asks of the others is told in `MEANINGS`. All other
conditions ask for papers, people and time, and are taken to be met: somebody will bring them.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any, NamedTuple

from workflow import exit as leaving
from workflow import extension, guards, halt
from workflow.authority import FIRED
from workflow.claims import CLAIMS
from workflow.hazard import NEW_ROUND
from workflow.process import Guard, Move, Process
from workflow.processes import BEGINS, FIRES, PROCESSES
from workflow.proof import Finding
from workflow.words import Sentence, Term

#: There is none of its kind, or one that ended and nothing can be done with any more.
NONE = ""


class Hazard(NamedTuple):
    """One hazard: its state, and whether the exit and the halt are about its present round."""

    state: str
    in_exit: bool = False
    in_halt: bool = False


class World(NamedTuple):
    """Where everything is. The extension is asked for the first hazard; a partial exit is of a line of the unit."""

    hazards: tuple[Hazard, ...]
    extension: str = NONE
    halt: str = NONE
    exit: str = NONE
    partial: bool = False


class Way(NamedTuple):
    """One step somebody may make: of which process, by which trigger, to where, and whether it sets something aside."""

    kind: str
    trigger: str
    to: World
    sets_aside: bool


Which = Collection[int]  #: hazards of a world, by their places
Meaning = Callable[["System", World, Which], bool]


# -- what conditions ask of the others ---------------------------------------------------------------------------------


def _are_at_rest(system: "System", world: World, _: Which) -> bool:
    return all(system.is_at_rest(each) for each in world.hazards if each.in_halt)


def _nothing_is_outside(system: "System", world: World, _: Which) -> bool:
    """What is outside the exit of a line is of no line that it knows."""
    return world.partial or all(each.in_exit or system.has_ended("hazard", each.state) for each in world.hazards)


def _no_halt_stands(system: "System", world: World, which: Which) -> bool:
    halted = world.halt in halt.STANDING and any(world.hazards[at].in_halt for at in which)
    return not halted or (system.is_leaving(world) and not world.partial)


def _no_halt_was_lifted(_: "System", world: World, which: Which) -> bool:
    return world.halt != halt.lifted or not any(world.hazards[at].in_halt for at in which)


def _is_over_if_partial(system: "System", world: World, _: Which) -> bool:
    return not world.partial or all(system.has_ended("hazard", each.state) for each in world.hazards if each.in_halt)


def _date_runs(_: "System", world: World, __: Which) -> bool:
    return world.hazards[0].state in extension.BEFORE_SUBMISSION


MEANINGS: dict[Guard, Meaning] = {
    guards.has_no_halt: _no_halt_stands,
    guards.has_no_lifted_halt: _no_halt_was_lifted,
    extension.has_a_date_running: _date_runs,
    extension.is_still_asked: _date_runs,
    leaving.is_the_only_exit: lambda system, world, _: not system.is_leaving(world),
    leaving.has_nothing_open_outside: _nothing_is_outside,
    halt.are_all_at_rest: _are_at_rest,
    halt.is_over_if_partial: _is_over_if_partial,
}


# -- the system --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class System:
    """The processes that play together, and what their moves fire on each other."""

    processes: Mapping[str, Process]
    fires: Mapping[str, Mapping[str, Mapping[str, str]]]
    #: The triggers of a hazard that begin a new round: it leaves old halts and exits.
    new_round: Collection[str] = NEW_ROUND

    # -- reading the tables

    @cached_property
    def moves(self) -> Mapping[tuple[str, str], Sequence[Move]]:
        """The moves of each process from each of its states, but for the one that begins it."""
        return {
            (kind, str(state)): [
                move for move in process.moves if state in move.states and move.trigger != BEGINS.get(kind)
            ]
            for kind, process in self.processes.items()
            for state in process.states
        }

    @cached_property
    def alike(self) -> Mapping[tuple[str, str], str]:
        """By state the first one from which the very same moves lead: neither a table nor a question tells them apart."""
        first: dict[object, str] = {}
        return {(kind, state): first.setdefault(self._looks(kind, state), state) for kind, state in self.moves}

    def _looks(self, kind: str, state: str) -> object:
        """Return all by which a state can be told from others."""
        asked = kind == "halt" or state in ("exiting", "rechecked", *extension.BEFORE_SUBMISSION)
        leads = frozenset((move.trigger, move.to, *move.needs, move.when) for move in self.moves[kind, state])
        return (kind, state if asked else "", self.has_ended(kind, state), state in leaving.RUNNING, leads)

    def has_ended(self, kind: str, state: str) -> bool:
        """Whether there is none of a kind, or it has ended."""
        return state == NONE or state in self.processes[kind].ended

    def is_at_rest(self, hazard: Hazard) -> bool:
        """Whether a hazard is rechecked or at an end."""
        return hazard.state == "rechecked" or self.has_ended("hazard", hazard.state)

    def is_leaving(self, world: World) -> bool:
        """Whether an exit is running."""
        return world.exit in leaving.RUNNING

    def can(self, hazard: Hazard, trigger: str) -> bool:
        """Whether a hazard's state has such a move."""
        return any(move.trigger == trigger for move in self.moves["hazard", hazard.state])

    def allows(self, move: Move, world: World, which: Which) -> bool:
        """Whether the others let this move be made of these hazards, or of what is about them."""
        return all(MEANINGS[need](self, world, which) for need in (*move.needs, move.when) if need in MEANINGS)

    # -- ways from a world

    def ways(self, world: World) -> Iterator[Way]:
        """Yield every step that somebody may make: moves that leave a mark, none that only leave a note."""
        for at, hazard in enumerate(world.hazards):
            for move in self._typed("hazard", hazard.state):
                if move.to is not None and self.allows(move, world, [at]):
                    yield self._way("hazard", move, self._moved(world, at, move))
        for kind in ("extension", "halt", "exit"):
            state = getattr(world, kind)
            if self.has_ended(kind, state):
                yield from (self._way(kind, begins, to) for begins, to in self._begun(kind, world))
            for move in self._typed(kind, state) if state else ():
                if (move.to is not None or move.trigger in self.fires[kind]) and self.allows(move, world, ()):
                    yield from (self._way(kind, move, to) for to in self._made(kind, move, world))

    def _typed(self, kind: str, state: str) -> Iterator[Move]:
        return (move for move in self.moves[kind, state] if move.by is not FIRED)

    def _way(self, kind: str, move: Move, to: World) -> Way:
        return Way(kind, move.trigger, self._settled(to), move.to in CLAIMS[kind].set_aside)

    def _begun(self, kind: str, world: World) -> Iterator[tuple[Move, World]]:
        """Yield what may be asked for, imposed or decided, about every choice of hazards."""
        process = self.processes[kind]
        for move in process.moves:
            if move.trigger == BEGINS[kind] and self.allows(move, world, ()):
                yield from ((move, to) for to in self._choices(kind, move, world, str(process.initial)))

    def _choices(self, kind: str, move: Move, world: World, initial: str) -> Iterator[World]:
        if kind == "extension":
            yield world._replace(extension=initial)
        elif kind == "halt":
            for chosen in _some(
                at for at, each in enumerate(world.hazards) if not self.has_ended("hazard", each.state)
            ):
                yield self._halted(world, chosen)._replace(halt=initial)
        else:
            trigger = self.fires["exit"].get(move.trigger, {}).get("hazard", NONE)
            able = [at for at, each in enumerate(world.hazards) if self.can(each, trigger)]
            for chosen, partial in ((tuple(able), False), *((some, True) for some in _some(able))):
                fresh = self._joined(world, ())._replace(exit=initial, partial=partial)
                yield from self._fired(fresh, trigger, chosen)

    def _made(self, kind: str, move: Move, world: World) -> Iterator[World]:
        """Yield where a move of an extension, a halt or an exit leads, with all that it fires."""
        ahead: dict[str, Any] = {} if move.to is None else {kind: str(move.to)}
        there = world._replace(**ahead)
        fires = self.fires[kind].get(move.trigger, {})
        if kind == "halt" and move.trigger in halt.LETS_GO:
            there = self._halted(there, ())
        if "hazard" not in fires:
            yield there
            return
        for which in self._concerned(kind, move, world, fires["hazard"]):
            for to in self._fired(there, fires["hazard"], which):
                yield from self._converted(to, fires["halt"]) if "halt" in fires else [to]

    def _concerned(self, kind: str, move: Move, world: World, trigger: str) -> Iterable[Which]:
        """Return on which hazards a trigger may be fired: for what joins every choice, else all that the exit is about."""
        if kind == "extension":
            return [[0]]
        if move.to is None:
            able = (at for at, each in enumerate(world.hazards) if self.can(each, trigger) and not each.in_exit)
            return _some(able)
        ended = self.has_ended(kind, getattr(world, kind))
        mine = [at for at, each in enumerate(world.hazards) if each.in_exit]
        return [[at for at in mine if self.has_ended("hazard", world.hazards[at].state) == ended]]

    def _fired(self, world: World, trigger: str, which: Which) -> Iterator[World]:
        """Yield where the hazards may be after a trigger was fired on them; nowhere when one of them cannot."""
        options = [
            [(at, move) for move in self.moves["hazard", world.hazards[at].state] if move.trigger == trigger]
            for at in which
        ]
        for chosen in product(*options):
            to = world
            for at, move in chosen:
                to = self._moved(to, at, move)
            yield to

    def _converted(self, world: World, trigger: str) -> Iterator[World]:
        """Yield the world with its halt converted; where a line goes and that is refused, the halt stands on."""
        standing = world.halt in halt.STANDING
        moves = [move for move in self.moves["halt", world.halt] if move.trigger == trigger] if standing else []
        able = [move for move in moves if self.allows(move, world, ())]
        yield from (world._replace(halt=str(move.to)) for move in able)
        if not able and (world.partial or not standing):
            yield world

    def _moved(self, world: World, at: int, move: Move) -> World:
        """Return the world after one move of one hazard: its state, and what it is in from then on."""
        hazards = world.hazards
        state, in_exit, in_halt = hazards[at]
        if move.trigger in self.new_round:
            in_exit = in_halt = False
        elif move.trigger in JOINS:
            in_exit = JOINS[move.trigger]
        moved = Hazard(state if move.to is None else self.alike["hazard", str(move.to)], in_exit, in_halt)
        return World((*hazards[:at], moved, *hazards[at + 1 :]), *world[1:])

    def _halted(self, world: World, which: Which) -> World:
        """Return the world with the halt about these hazards and no others."""
        hazards = tuple(Hazard(each[0], each[1], at in which) for at, each in enumerate(world.hazards))
        return World(hazards, *world[1:])

    def _joined(self, world: World, which: Which) -> World:
        """Return the world with the exit about these hazards and no others."""
        hazards = tuple(Hazard(each[0], at in which, each[2]) for at, each in enumerate(world.hazards))
        return World(hazards, *world[1:])

    def _settled(self, world: World) -> World:
        """Let a request lapse whose date does not run any more, and forget what has ended for good."""
        hazards, asked, halted, gone, partial = world
        if asked and not self.has_ended("extension", asked) and not _date_runs(self, world, ()):
            asked = next((str(move.to) for move in self.moves["extension", asked] if move.trigger == "lapse"), asked)
        if self.has_ended("extension", asked):
            asked = NONE
        gone = gone and self.alike["exit", gone]
        if self.has_ended("exit", gone) and not (gone and self.moves["exit", gone]):
            hazards, gone, partial = self._joined(world, ()).hazards, NONE, False
        return World(hazards, asked, halted, gone, partial)


#: The triggers by which a hazard joins the exit that fires them, or leaves it.
JOINS = {"decide_exit": True, "revoke_exit": False}


def _some(places: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of at least one."""
    known = list(places)
    return (chosen for count in range(1, len(known) + 1) for chosen in combinations(known, count))


# -- the proof ---------------------------------------------------------------------------------------------------------

#: What no move of another process fires: a calendar or a policy that is loaded, a date that runs no more.
FIRED_OTHERWISE = {"recount", "lapse"}
START = World((Hazard("found"), Hazard("found")))

#: Every world that is come to, with how it is come to first.
Known = dict[World, tuple[World, Way] | None]


def check(system: System | None = None) -> list[Finding]:
    """Return everything that the processes do not keep together; [] when it is proved."""
    system = system or System(PROCESSES, FIRES)
    known, back = explored(system)
    clean = _leading_to(back, [world for world in known if _is_clean(system, world)])
    wrong: list[tuple[Finding, Callable[[World], bool]]] = [
        (
            Finding("exiting_alone", Sentence("a case is exiting without a running exit")),
            lambda world: _is_exiting_alone(system, world),
        ),
        (
            Finding("left_in_halt", Sentence("a case is left in a halt that is over")),
            lambda world: _is_left_in_halt(system, world),
        ),
        (
            Finding("asked_in_vain", Sentence("a request waits for a date that does not run")),
            lambda world: _is_asked_in_vain(system, world),
        ),
        (Finding("no_clean_end", Sentence("no way leads to a clean end")), lambda world: world not in clean),
    ]
    found = ((finding, next((world for world in known if is_so(world)), None)) for finding, is_so in wrong)
    return [*_unheard(system), *(_told(finding, known, world) for finding, world in found if world is not None)]


def explored(system: System) -> tuple[Known, dict[World, list[World]]]:
    """Visit every world, the nearest first. Return them, and from where each is come to without setting anything aside."""
    known: Known = {START: None}
    back: dict[World, list[World]] = {}
    ahead = deque([START])
    while ahead:
        world = ahead.popleft()
        for way in system.ways(world):
            if not way.sets_aside:
                back.setdefault(way.to, []).append(world)
            if way.to not in known:
                known[way.to] = (world, way)
                ahead.append(way.to)
    return known, back


def _leading_to(back: Mapping[World, Sequence[World]], ends: Iterable[World]) -> set[World]:
    reached = set(ends)
    ahead = deque(reached)
    while ahead:
        new = set(back.get(ahead.popleft(), ())) - reached
        reached |= new
        ahead.extend(new)
    return reached


def _is_clean(system: System, world: World) -> bool:
    """Whether nothing waits on anybody: every case has ended, and so has what was about them."""
    ended = all(system.has_ended("hazard", each.state) for each in world.hazards)
    return ended and all(system.has_ended(kind, getattr(world, kind)) for kind in ("extension", "halt", "exit"))


def _is_exiting_alone(system: System, world: World) -> bool:
    return any(each.state == "exiting" and not (each.in_exit and system.is_leaving(world)) for each in world.hazards)


def _is_left_in_halt(system: System, world: World) -> bool:
    """History does not count: a case that came back is in a new round, and what was revoked halted nothing."""
    is_over = bool(world.halt) and world.halt not in halt.STANDING
    return is_over and any(each.in_halt and not system.is_at_rest(each) for each in world.hazards)


def _is_asked_in_vain(system: System, world: World) -> bool:
    return bool(world.extension) and not _date_runs(system, world, ())


def _unheard(system: System) -> Iterator[Finding]:
    """Find what is fired and does not exist, and what exists to be fired and never is."""
    fired = {each for of in system.fires.values() for fires in of.values() for each in fires.items()}
    tables = {(kind, move.trigger): move.by for kind, process in system.processes.items() for move in process.moves}
    for kind, trigger in sorted(fired - set(tables)):
        what = Sentence("{kind}: {trigger} is fired and there is no such move", **_words(kind, trigger))
        yield Finding("unheard", what)
    for kind, trigger in sorted(set(tables) - fired):
        if tables[kind, trigger] is FIRED and trigger not in FIRED_OTHERWISE:
            yield Finding("never_fired", Sentence("{kind}: nothing fires {trigger}", **_words(kind, trigger)))


def _words(kind: str, trigger: str) -> dict[str, Term]:
    return {"kind": Term("kind", kind), "trigger": Term("trigger", trigger)}


def _told(finding: Finding, known: Known, world: World) -> Finding:
    """Return a finding with the shortest way to a world where it is so."""
    trail: list[Sentence] = []
    step = known[world]
    while step is not None:
        before, way = step
        trail.insert(0, Sentence("{kind} {trigger}", **_words(way.kind, way.trigger)))
        step = known[before]
    return Finding(finding.check, Sentence("{what}, after: {trail}", what=finding.what, trail=trail or "–"))
