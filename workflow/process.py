"""A process: moves as data, driven by one shared `transitions.Machine`.

A process is an immutable declaration; the state belongs to whatever is moved. This module knows how moves are tried:
who may is asked first, then whether the state has such a move, then every condition. It knows nothing of hazards.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from transitions.core import Event, Machine, Transition

from workflow.case import Actor, Attempt
from workflow.errors import Forbidden, NotAllowed, Refused
from workflow.words import Sentence, Term

#: Changes the subject of an attempt, and the facts its step will remember.
Effect = Callable[[Attempt], None]


class Guard:
    """A condition with the sentence a user reads when it says no. Its name reads after "if".

    A `standing` one asks about what is moved alone: while it says no, nothing that is typed with the move would help.
    """

    __slots__ = ("name", "sentence", "source", "standing", "test", "words")

    def __init__(
        self,
        test: Callable[[Attempt], bool],
        sentence: str,
        words: Mapping[str, Callable[[Attempt], Any]],
        *,
        standing: bool = False,
    ):
        self.test = test
        self.name = test.__name__
        self.source = test.__doc__ or ""
        self.sentence = sentence
        self.words = words
        self.standing = standing

    def __call__(self, attempt: Attempt) -> bool:
        return self.test(attempt)

    def __repr__(self) -> str:
        return self.name

    def says(self, attempt: Attempt) -> Sentence:
        """Return why this attempt is refused."""
        return Sentence(self.sentence, **{name: word(attempt) for name, word in self.words.items()})


def guard(
    sentence: str, *, standing: bool = False, **words: Callable[[Attempt], Any]
) -> Callable[[Callable[[Attempt], bool]], Guard]:
    """Make a condition a guard: `sentence` is what a user reads when it is not met, `words` fill its blanks."""
    return lambda test: Guard(test, sentence, words, standing=standing)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may make a move: a name for tables and proofs, and a test that says why not."""

    name: str
    #: Returns None when the actor may, else the sentence that says who would.
    why_not: Callable[[Actor, Attempt], Sentence | None]
    #: Whether somebody types it; else it follows from a move of another process.
    is_typed: bool = True

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a process table.

    `to` None is an internal move: it changes no state but leaves a step. `when` chooses between several moves of
    one trigger from one state; `needs` are the conditions, all named when they are not met.
    """

    trigger: str
    sources: StrEnum | Sequence[StrEnum]
    to: StrEnum | None
    by: Authority
    needs: Sequence[Guard] = ()
    when: Guard | None = None

    @property
    def states(self) -> tuple[StrEnum, ...]:
        """The states it starts from."""
        return (self.sources,) if isinstance(self.sources, StrEnum) else tuple(self.sources)


class _Transition(Transition):
    """A transition that asks its move's conditions and nothing else (×0.3 of the stock one)."""

    def __init__(self, source: str, dest: Any, *stock: Any, move: Move, effect: Effect | None) -> None:
        super().__init__(source, dest, *stock)
        self.move = move
        self.effect = effect
        # A bare function is tried like a guard; the proof says that it is none.
        self.tests = [(getattr(need, "test", need), need) for need in move.needs]

    def execute(self, attempt: Attempt) -> bool:  # type: ignore[override]  # it takes the attempt, no EventData
        move = self.move
        if move.when is not None and not move.when.test(attempt):
            return False
        reasons = [need.says(attempt) for test, need in self.tests if not test(attempt)]
        if reasons:
            raise Refused(
                Sentence("{what}: {trigger} is refused", what=attempt.called, trigger=Term("trigger", move.trigger)),
                reasons=reasons,
                called=attempt.called,
            )
        if self.effect is not None:
            self.effect(attempt)
        if self.dest is not None:
            attempt.state = self.dest
            attempt.moved = True
        return True


class _Event(Event):
    """An event that fires on any object with a state, keeps no model list and builds no event data."""

    def trigger(self, model: Attempt, *_: Any, **__: Any) -> bool:  # type: ignore[override]  # only attempts
        transitions = self.transitions
        state = model.state
        if state in transitions:
            for each in transitions[state]:
                if each.execute(model):  # type: ignore[arg-type]  # as above
                    return True
        return False


class _Machine(Machine):
    transition_cls = _Transition
    event_cls = _Event


class Process:
    """States, moves and effects, checked once and shared by everything that is moved."""

    def __init__(
        self,
        name: str,
        *,
        states: type[StrEnum],
        initial: StrEnum,
        ended: Iterable[StrEnum],
        moves: Sequence[Move],
        effects: Mapping[str, Effect],
        begins: str | None = None,
        commands: Mapping[str, str] | None = None,
    ) -> None:
        """Build the machine; `commands` names what makes a move where that is not a command of the trigger's own name.

        `begins` is the trigger that brings something into the world: it starts from nothing, and leads to `initial`.

        Raises ValueError for an effect or a move that nothing can reach by name.
        """
        self.name = name
        self.states = states
        self.initial = initial
        self.begins = begins
        self.ended = frozenset(ended)
        self.moves = tuple(moves)
        self.authorities = {move.trigger: move.by for move in moves}
        self._commands = dict(commands or {})
        unknown = sorted(set(effects) - set(self.authorities))
        if unknown:
            raise ValueError(f"{name}: effects without a move: {', '.join(unknown)}")
        self.machine = _Machine(
            model=None,
            states=[state.value for state in states],
            initial=initial.value,
            auto_transitions=False,
            send_event=True,
            queued=False,
        )
        for move in moves:
            to, effect = None if move.to is None else move.to.value, effects.get(move.trigger)
            for state in move.states:
                self.machine.add_transition(move.trigger, state.value, to, move=move, effect=effect)

    @property
    def open(self) -> tuple[StrEnum, ...]:
        """The states that somebody still has to do something about, in the order of the declaration."""
        return tuple(state for state in self.states if state not in self.ended)

    def triggers(self, state: str) -> list[str]:
        """Return every trigger that has a move from this state, in the order of the table."""
        return list(dict.fromkeys(move.trigger for move in self.moves if state in move.states))

    def fire(self, trigger: str, attempt: Attempt) -> None:
        """Make the move: change the state and the facts of the attempt's subject.

        Raises Forbidden when the actor may not, NotAllowed when the state has no such move, Refused with every unmet
        condition. After any of them the attempt's subject is to be thrown away.
        """
        why_not = self.authorities[trigger].why_not(attempt.actor, attempt)
        if why_not is not None:
            raise Forbidden(why_not, called=attempt.called, trigger=trigger)
        if not self.machine.events[trigger].trigger(attempt):
            raise self.not_allowed(trigger, attempt)

    def why_not(self, trigger: str, attempt: Attempt) -> list[Sentence]:
        """Return every condition this attempt does not meet, without moving anything; [] when it would move.

        Raises NotAllowed when the state has no such move.
        """
        moves = [move for move in self.moves if move.trigger == trigger and attempt.state in move.states]
        chosen = next((move for move in moves if move.when is None or move.when(attempt)), None)
        if chosen is None:
            raise self.not_allowed(trigger, attempt)
        return [need.says(attempt) for need in chosen.needs if not need(attempt)]

    def may(self, trigger: str, attempt: Attempt) -> Sentence | None:
        """Return None when the attempt's actor may make this move, else who would."""
        return self.authorities[trigger].why_not(attempt.actor, attempt)

    def command_of(self, trigger: str) -> str | None:
        """Return what somebody types after `rectify` to make a move, None for one that nobody types."""
        if not self.authorities[trigger].is_typed:
            return None
        return self._commands.get(trigger, trigger.replace("_", "-"))

    def possible(self, attempt: Attempt) -> list[str]:
        """Return every trigger that somebody could type now, whoever it is, with whatever it takes besides."""
        bare = replace(attempt, given={}, officers=())
        able = (
            move.trigger
            for move in self.moves
            if move.by.is_typed
            and move.trigger != self.begins
            and attempt.state in move.states
            and all(need.test(bare) for need in move.needs if getattr(need, "standing", False))
        )
        return list(dict.fromkeys(able))

    def not_allowed(self, trigger: str, attempt: Attempt) -> NotAllowed:
        """Return the error for a move this state does not have; it lists the commands that may be typed instead."""
        may = self.possible(attempt)
        typed = (str(self.command_of(each)).partition(" --")[0] for each in may)
        return NotAllowed(
            Sentence(
                "{what} is {state} and cannot {trigger}; it may: {may}",
                what=attempt.called,
                state=Term("state", attempt.state),
                trigger=Term("trigger", trigger),
                may=list(dict.fromkeys(typed)) or "–",
            ),
            called=attempt.called,
            state=attempt.state,
            may=may,
        )
