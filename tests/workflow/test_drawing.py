"""The picture is the table: every state and every trigger can be read, and nothing lies on top of anything else."""

from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest

from cases.locale import in_language
from workflow.drawing import svg
from workflow.process import Process
from workflow.processes import BEGINS, PROCESSES
from workflow.tracks import Box, Layout, lay_out
from workflow.words import Term

SVG = "{http://www.w3.org/2000/svg}"
EVERY = pytest.mark.parametrize("process", PROCESSES.values(), ids=list(PROCESSES))
LANGUAGES = pytest.mark.parametrize("translate", [in_language("en"), in_language("zh")], ids=["en", "zh"])


def laid_out(process: Process, translate: Callable[[str], str]) -> Layout:
    states = {state: Term("state", state).say(translate) for state in process.states}
    triggers = {name: Term("trigger", name).say(translate) for name in process.authorities}
    return lay_out(process, states, triggers, 60)


def texts(drawn: str, **attributes: str) -> list[str]:
    found = ET.fromstring(drawn).iter(f"{SVG}text")
    return [each.text or "" for each in found if all(each.get(key) == value for key, value in attributes.items())]


@EVERY
@LANGUAGES
def test_every_state_is_drawn_with_its_label(process: Process, translate: Callable[[str], str]) -> None:
    drawn = ET.fromstring(svg(process, translate))
    groups = {each.get("id"): each for each in drawn.iter(f"{SVG}g") if each.get("class") == "state"}
    assert list(groups) == list(process.states)
    for state, group in groups.items():
        said = "".join(each.text or "" for each in group.iter(f"{SVG}text"))
        assert said.replace(" ", "") == Term("state", str(state)).say(translate).replace(" ", "")
        assert (len(list(group.iter(f"{SVG}rect"))) == 2) is (state in process.ended)


@EVERY
@LANGUAGES
def test_every_move_is_drawn_and_what_moves_nothing_is_named(process: Process, translate: Callable[[str], str]) -> None:
    drawn = svg(process, translate)
    begins = BEGINS.get(process.name)
    moves = {(move.trigger, move.to) for move in process.moves if move.to is not None}
    labels = [Term("trigger", name).say(translate) for name, _ in moves] + [
        Term("trigger", str(begins)).say(translate)
    ] * bool(begins)
    assert sorted(texts(drawn, **{"class": "move"})) == sorted(labels)
    below = "\n".join(texts(drawn, **{"text-anchor": "start"}))
    for name in set(process.authorities) - {name for name, _ in moves} - {begins}:
        assert Term("trigger", name).say(translate) in below


@EVERY
def test_every_way_of_the_table_is_drawn(process: Process) -> None:
    states = list(process.states)
    drawn = {
        (arrow.trigger, states[source], states[arrow.to])
        for arrow in laid_out(process, str).arrows
        for source in arrow.sources
    }
    assert drawn == {(m.trigger, state, m.to) for m in process.moves if m.to is not None for state in m.states}


@EVERY
@LANGUAGES
def test_no_two_labels_or_boxes_overlap(process: Process, translate: Callable[[str], str]) -> None:
    layout = laid_out(process, translate)
    standing = [*layout.boxes, *(arrow.sign for arrow in layout.arrows)]
    assert [pair for pair in combinations(standing, 2) if pair[0].overlaps(pair[1])] == []
    for box in standing:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= layout.width
        assert box.bottom <= layout.height


@EVERY
@LANGUAGES
def test_no_arrow_crosses_the_label_of_another_or_a_box(process: Process, translate: Callable[[str], str]) -> None:
    layout = laid_out(process, translate)
    for arrow in layout.arrows:
        lines = list(segments(layout, arrow))
        others = [other.sign for other in layout.arrows if other is not arrow]
        assert [line for line in lines for box in [*others, *layout.boxes] if line.overlaps(box)] == [], arrow.trigger


def segments(layout: Layout, arrow: object) -> Iterator[Box]:
    """The lines of an arrow as boxes without a width: between its corners."""
    if not arrow.track:
        yield Box(arrow.tails[0], arrow.y, arrow.head - arrow.tails[0], 0.01)
        return
    edge = layout.top if arrow.forwards else layout.boxes[0].bottom
    for x in (*arrow.tails, arrow.head):
        yield Box(x, min(edge, arrow.y), 0.01, abs(edge - arrow.y))
    for left, right in pairwise(sorted((*arrow.tails, arrow.head))):
        yield Box(left, arrow.y, right - left, 0.01)


def test_a_label_cannot_break_the_document() -> None:
    def marks(key: str) -> str:
        return f'<{key.rpartition(chr(4))[2]}> & "]]>' if "\x04" in key else key

    for process in PROCESSES.values():
        assert any('& "]]>' in text for text in texts(svg(process, marks)))


@EVERY
def test_the_same_process_is_drawn_the_same(process: Process) -> None:
    assert svg(process) == svg(process)
