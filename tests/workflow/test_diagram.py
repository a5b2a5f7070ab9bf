"""The diagram is the table: every state, every move, nothing that Mermaid would read as its own.

That Mermaid accepts it, in both languages and with the marks below, was seen with mermaid 11's own parser.
"""

import re

import pytest

from workflow.diagram import mermaid
from workflow.extension import EXTENSION
from workflow.hazard import HAZARD, State
from workflow.processes import BEGINS, PROCESSES

STATE = re.compile(r'    state "([^"\n:]+)" as ([a-z_]+)')
ARROW = re.compile(r"    (\[\*\]|[a-z_]+) --> (\[\*\]|[a-z_]+)(?: : ([^:\n]+))?")
NOTE = re.compile(r"    note right of [a-z]+\n((?:        [^\n]+\n)+)    end note")


def chinese(key: str) -> str:
    return f"中文（{key.rpartition(chr(4))[2]}）"


def marks(key: str) -> str:
    """A label full of Mermaid's own marks; sentences are left alone, their braces are blanks."""
    return key if "\x04" not in key else f'#35; :: ; "{key}" %% {{x}} [y] <b>\n--> end note'


EVERY = pytest.mark.parametrize("process", PROCESSES.values(), ids=list(PROCESSES))


@EVERY
@pytest.mark.parametrize("language", [str, chinese], ids=["en", "zh"])
def test_every_line_is_a_state_an_arrow_or_the_note(process, language):
    first, rest = mermaid(process, lambda key: language(key) if "\x04" in key else key).split("\n", 1)
    assert first == "stateDiagram-v2"
    rest = NOTE.sub("", rest)
    assert [
        line for line in rest.splitlines() if line and not STATE.fullmatch(line) and not ARROW.fullmatch(line)
    ] == []


@EVERY
def test_every_state_is_declared_and_every_end_ends(process):
    text = mermaid(process)
    assert [id_ for _, id_ in STATE.findall(text)] == list(process.states)
    arrows = [(source, to) for source, to, _ in ARROW.findall(text)]
    assert [to for source, to in arrows if source == "[*]"] == [process.initial]
    assert [source for source, to in arrows if to == "[*]"] == [
        each for each in process.states if each in process.ended
    ]


@EVERY
def test_every_move_is_drawn_once(process):
    drawn = sorted(
        (source, to, trigger)
        for source, to, label in ARROW.findall(mermaid(process))
        if label and source != "[*]"
        for trigger in label.split(" / ")
    )
    assert drawn == sorted({(s, m.to, m.trigger) for m in process.moves if m.to is not None for s in m.states})


@EVERY
def test_two_states_have_one_arrow_each_way(process):
    arrows = [arrow[:2] for arrow in ARROW.findall(mermaid(process))]
    assert len(arrows) == len(set(arrows))


@EVERY
def test_what_moves_nothing_stands_in_a_note(process):
    (note,) = NOTE.findall(mermaid(process))
    drawn = {BEGINS.get(process.name), *(move.trigger for move in process.moves if move.to is not None)}
    _, *named = note.split("\n")
    assert [name.strip() for name in named if name] == [name for name in process.authorities if name not in drawn]


def test_an_extension_begins_with_its_request():
    """A hazard is recorded, which is no move: its first arrow has no label."""
    begins = {source: label for source, _, label in ARROW.findall(mermaid(EXTENSION))}
    assert begins["[*]"] == "request"
    assert "    [*] --> found\n" in mermaid(HAZARD)
    assert "[*] --> requested : 中文（request）" in mermaid(EXTENSION, chinese)
    assert "requested --> granted : 中文（grant）" in mermaid(EXTENSION, chinese)


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
