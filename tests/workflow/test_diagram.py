"""The diagram is the table: every state, every move, nothing that Mermaid would read as its own.

That Mermaid accepts it, in both languages and with the marks below, was seen with mermaid 11's own parser.
"""

import re

import pytest

from workflow.diagram import mermaid
from workflow.hazard import ENDED, HAZARD, MOVES, State

STATE = re.compile(r'    state "([^"\n:]+)" as ([a-z_]+)')
ARROW = re.compile(r"    (\[\*\]|[a-z_]+) --> (\[\*\]|[a-z_]+)(?: : ([^:\n]+))?")
NOTE = re.compile(r"    note right of found\n((?:        [^\n]+\n)+)    end note")


def chinese(key: str) -> str:
    return f"中文（{key.rpartition(chr(4))[2]}）"


def marks(key: str) -> str:
    """A label full of Mermaid's own marks; sentences are left alone, their braces are blanks."""
    return key if "\x04" not in key else f'#35; :: ; "{key}" %% {{x}} [y] <b>\n--> end note'


def test_every_line_is_a_state_an_arrow_or_the_note():
    first, rest = mermaid(HAZARD).split("\n", 1)
    assert first == "stateDiagram-v2"
    rest = NOTE.sub("", rest)
    assert [
        line for line in rest.splitlines() if line and not STATE.fullmatch(line) and not ARROW.fullmatch(line)
    ] == []


def test_every_state_is_declared_and_every_end_ends():
    text = mermaid(HAZARD)
    assert [id_ for _, id_ in STATE.findall(text)] == list(State)
    arrows = [(source, to) for source, to, _ in ARROW.findall(text)]
    assert ("[*]", "found") in arrows
    assert [source for source, to in arrows if to == "[*]"] == list(ENDED)


def test_every_move_is_drawn_once():
    drawn = sorted(
        (source, to, trigger)
        for source, to, label in ARROW.findall(mermaid(HAZARD))
        if label
        for trigger in label.split(" / ")
    )
    assert drawn == sorted({(s, m.to, m.trigger) for m in MOVES if m.to is not None for s in m.states})


def test_two_states_have_one_arrow_each_way():
    arrows = [arrow[:2] for arrow in ARROW.findall(mermaid(HAZARD))]
    assert len(arrows) == len(set(arrows))


def test_what_moves_nothing_stands_in_a_note():
    (note,) = NOTE.findall(mermaid(HAZARD))
    moving = {move.trigger for move in MOVES if move.to is not None}
    _, *named = note.split("\n")
    assert [name.strip() for name in named if name] == [name for name in HAZARD.authorities if name not in moving]


def test_ids_stay_ascii_and_labels_are_the_readers():
    text = mermaid(HAZARD, chinese)
    assert 'state "中文（found）" as found' in text
    assert "rechecked --> closed : 中文（close）" in text
    assert [id_ for _, id_ in STATE.findall(text)] == list(State)


@pytest.mark.parametrize("mark", [":", '"', "%%", "{", "[y]", "<b>"])
def test_a_label_cannot_say_anything_to_mermaid(mark):
    labels = [label for label, _ in STATE.findall(mermaid(HAZARD, marks))]
    assert len(labels) == len(State)
    assert not [label for label in labels if mark in label]
    assert len(mermaid(HAZARD, marks).splitlines()) == len(mermaid(HAZARD).splitlines())
