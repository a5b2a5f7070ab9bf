"""Draws a process as a Mermaid state diagram, from the same table that drives it.

Ids are ASCII, labels are in the reader's language: Mermaid breaks on Chinese ids. Nothing is decided here.
"""

from collections.abc import Iterator

from workflow.process import Process
from workflow.processes import BEGINS
from workflow.words import Sentence, Term, Translate

#: What Mermaid would read as its own: each stands as its entity, which Mermaid shows as the character again.
_ENTITIES = str.maketrans({**{mark: f"#{ord(mark)};" for mark in '#:;"%<>{}[]`\\'}, "\n": " ", "\r": " ", "\t": " "})


def mermaid(process: Process, translate: Translate = str) -> str:
    """Return the process as a Mermaid `stateDiagram-v2`: states, moves, and a note of what moves nothing."""
    lines = [*_states(process, translate), *_arrows(process, translate), *_internal(process, translate)]
    return "\n".join(["stateDiagram-v2", *("    " + line for line in lines)]) + "\n"


def _states(process: Process, translate: Translate) -> Iterator[str]:
    for state in process.states:
        yield f'state "{_label(Term("state", state).say(translate))}" as {state}'
    begins = BEGINS.get(process.name)
    yield f"[*] --> {process.initial}" + (f" : {_label(Term('trigger', begins).say(translate))}" if begins else "")
    yield from (f"{state} --> [*]" for state in process.states if state in process.ended)


def _arrows(process: Process, translate: Translate) -> Iterator[str]:
    """Draw one arrow between two states, with every trigger that leads there."""
    triggers: dict[tuple[str, str], list[str]] = {}
    for move in process.moves:
        if move.to is not None:
            for state in move.states:
                named = triggers.setdefault((state, move.to), [])
                if move.trigger not in named:
                    named.append(move.trigger)
    for (source, to), names in triggers.items():
        labels = " / ".join(_label(Term("trigger", name).say(translate)) for name in names)
        yield f"{source} --> {to} : {labels}"


def _internal(process: Process, translate: Translate) -> Iterator[str]:
    """Name the triggers that only ever leave a step, in a note beside the first state."""
    drawn = {BEGINS.get(process.name), *(move.trigger for move in process.moves if move.to is not None)}
    names = [Term("trigger", name) for name in process.authorities if name not in drawn]
    if names:
        yield f"note right of {process.initial}"
        yield f"    {_label(Sentence('leave a step, move nothing').say(translate))}"
        yield from (f"    {_label(name.say(translate))}" for name in names)
        yield "end note"


def _label(text: str) -> str:
    return text.translate(_ENTITIES).strip() or "–"
