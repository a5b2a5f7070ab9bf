"""Lays a process out for drawing: its states in a row, its moves on tracks above and below. Geometry only; no SVG here.

Every state is a box in the order of its declaration, which is the way a case goes. Every trigger that leads to a state
is one arrow with as many tails as it has sources: forwards it runs on a track above the boxes, backwards below. Short
tracks lie next to the boxes, so that longer ones pass over them; a label sits on its track where nothing crosses it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from unicodedata import east_asian_width

from workflow.process import Process

Point = tuple[float, float]

FONT = 13.0  #: the size of every text, in pixels
_PORT = 14.0  #: between two arrows at one box
_PITCH = 24.0  #: between two tracks
_GAP = 34.0  #: between two boxes, at least
_PAD = 12.0
_LINE = FONT * 1.35


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


@dataclass(slots=True)
class Arrow:
    """What one trigger does: from several states to one, all of them before it or none."""

    trigger: str
    sources: tuple[int, ...]
    to: int
    label: str
    is_typed: bool
    track: int = 0  #: 0: straight to the next box; else counted from the boxes outwards
    tails: list[float] = field(default_factory=list)  #: where each source is left
    head: float = 0.0  #: where the target is entered
    y: float = 0.0  #: the height of its track
    sign: Box = Box(0, 0, 0, 0)  #: where its label stands

    @property
    def forwards(self) -> bool:
        """Whether it leads on; what leads back to where it came from does not."""
        return self.sources[0] < self.to

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last box it touches."""
        ends = (*self.sources, self.to)
        return min(ends), max(ends)

    @property
    def ends(self) -> tuple[float, float]:
        """Where its track begins and ends."""
        return min(*self.tails, self.head), max(*self.tails, self.head)


@dataclass(slots=True)
class Layout:
    """Where everything stands: boxes in the order of the states, arrows, and how large it came out."""

    boxes: list[Box]
    lines: list[list[str]]
    arrows: list[Arrow]
    width: float
    top: float  #: the upper edge of the boxes
    height: float


def lay_out(process: Process, states: Mapping[str, str], triggers: Mapping[str, str], margin: float) -> Layout:
    """Lay a process out by the labels of its states and triggers, `margin` pixels from the left edge."""
    lines = [broken(states[state]) for state in process.states]
    arrows = list(_arrows(process, triggers))
    straight = _straight(arrows)
    sides = [[arrow for arrow in arrows if arrow.forwards is side and arrow not in straight] for side in (True, False)]
    tracks = [_stack(side) for side in sides]
    height = max(len(each) for each in lines) * _LINE + _PAD
    top = (tracks[0] + 1) * _PITCH
    boxes = _place(lines, sides, straight, height, top, margin)
    for arrow in arrows:
        _at_height(arrow, boxes, top, height)
    _sign_straight(straight, boxes)
    below = top + height + (tracks[1] + 1) * _PITCH
    return Layout(boxes, lines, arrows, boxes[-1].right + margin / 2, top, below)


# -- arrows and their tracks -------------------------------------------------------------------------------------------


def _arrows(process: Process, labels: Mapping[str, str]) -> Iterator[Arrow]:
    places: dict[str, int] = {state: at for at, state in enumerate(process.states)}
    moves: dict[tuple[str, str], list[int]] = {}
    for move in process.moves:
        if move.to is not None:
            moves.setdefault((move.trigger, move.to), []).extend(places[state] for state in move.states)
    for (trigger, to), sources in moves.items():
        is_typed = process.authorities[trigger].is_typed
        for forwards in (True, False):
            tails = tuple(sorted({each for each in sources if (each < places[to]) is forwards}))
            if tails:
                yield Arrow(trigger, tails, places[to], labels[trigger], is_typed)


def _straight(arrows: Iterable[Arrow]) -> list[Arrow]:
    """Return the arrows that lead from one box to the next, the first of those between the same two."""
    between: dict[int, Arrow] = {}
    for arrow in arrows:
        if arrow.sources == (arrow.to - 1,):
            between.setdefault(arrow.to, arrow)
    return list(between.values())


def _stack(arrows: list[Arrow]) -> int:
    """Give every arrow of one side its track, beyond all shorter ones it meets; return how many there are."""
    placed: list[Arrow] = []
    for arrow in sorted(arrows, key=lambda each: (each.span[1] - each.span[0], each.span)):
        first, last = arrow.span
        met = [each.track for each in placed if each.span[0] < last and first < each.span[1]]
        met += [each.track for each in placed if each.span == arrow.span]
        arrow.track = max(met, default=0) + 1
        placed.append(arrow)
    return max((arrow.track for arrow in arrows), default=0)


# -- boxes, and the gaps that the labels need --------------------------------------------------------------------------


def _place(
    lines: Sequence[Sequence[str]],
    sides: Sequence[list[Arrow]],
    straight: Sequence[Arrow],
    height: float,
    top: float,
    margin: float,
) -> list[Box]:
    """Place the boxes: as near as the labels between them allow."""
    ports = [[_ports(arrows, at) for at in range(len(lines))] for arrows in sides]
    widths = [max(width_of(each) for each in text) + 2 * _PAD if text else 0.0 for text in lines]
    widths = [max(width, *((len(side[at]) + 1) * _PORT for side in ports)) for at, width in enumerate(widths)]
    gaps = [_GAP] * len(lines)
    for arrow in straight:
        gaps[arrow.to - 1] = max(_GAP, width_of(arrow.label) + 24)
    while True:
        boxes = _in_a_row(widths, gaps, height, top, margin)
        for side in ports:
            _connect(side, boxes)
        tight = [arrow for arrows in sides for arrow in arrows if not _sign(arrow, arrows)]
        if not tight:
            return boxes
        for arrow in tight:
            gap = arrow.to - 1 if arrow.forwards else min(arrow.to, len(gaps) - 2)
            gaps[gap] = max(gaps[gap] + 4, width_of(arrow.label) + 12)


def _in_a_row(widths: Sequence[float], gaps: Sequence[float], height: float, top: float, x: float) -> list[Box]:
    boxes = []
    for width, gap in zip(widths, gaps, strict=True):
        boxes.append(Box(x, top, width, height))
        x += width + gap
    return boxes


def _ports(arrows: Iterable[Arrow], at: int) -> list[tuple[Arrow, bool]]:
    """Return what touches one box on one side, from left to right; True: enters it. So ordered, own lines do not cross."""
    touching = [(arrow, False) for arrow in arrows if at in arrow.sources]
    touching += [(arrow, True) for arrow in arrows if at == arrow.to]
    return sorted(touching, key=lambda port: _from_the_left(port[0], at, enters=port[1]))


def _from_the_left(arrow: Arrow, at: int, *, enters: bool) -> tuple[int, int, bool]:
    first, last = arrow.span
    if at == last and at != first:
        return 0, arrow.track, enters
    if at == first and at != last:
        return 2, -arrow.track, not enters
    return 1, arrow.track, enters


def _connect(ports: Sequence[Sequence[tuple[Arrow, bool]]], boxes: Sequence[Box]) -> None:
    for touching in ports:
        for arrow, enters in touching:
            if not enters:
                arrow.tails = []
    for box, touching in zip(boxes, ports, strict=True):
        left = box.centre[0] - (len(touching) - 1) * _PORT / 2
        for at, (arrow, enters) in enumerate(touching):
            if enters:
                arrow.head = left + at * _PORT
            else:
                arrow.tails.append(left + at * _PORT)


def _sign(arrow: Arrow, side: Iterable[Arrow]) -> bool:
    """Put a label on its track, next to the target, where no line crosses it; False where there is no such place."""
    wide = width_of(arrow.label) + 8
    begin, end = arrow.ends
    crossing = {x for each in side if each.track > arrow.track for x in (*each.tails, each.head)}
    stops = sorted({begin, end, *arrow.tails, *(x for x in crossing if begin < x < end)})
    free = [(left, right) for left, right in pairwise(stops) if right - left >= wide]
    if not free:
        return False
    left, right = free[-1] if arrow.forwards else free[0]
    arrow.sign = Box((left + right - wide) / 2, arrow.y - _LINE / 2, wide, _LINE)
    return True


def _at_height(arrow: Arrow, boxes: Sequence[Box], top: float, height: float) -> None:
    outwards = arrow.track * _PITCH
    arrow.y = top - outwards if arrow.forwards else top + height + outwards
    if arrow.track:
        arrow.sign = Box(arrow.sign.x, arrow.y - _LINE / 2, arrow.sign.width, _LINE)
    else:
        arrow.y = boxes[arrow.to].centre[1]
        arrow.tails, arrow.head = [boxes[arrow.to - 1].right], boxes[arrow.to].x


def _sign_straight(arrows: Iterable[Arrow], boxes: Sequence[Box]) -> None:
    """Put the label of a straight arrow on top of it."""
    for arrow in arrows:
        wide = width_of(arrow.label)
        middle = (boxes[arrow.to - 1].right + boxes[arrow.to].x) / 2
        arrow.sign = Box(middle - wide / 2, arrow.y - _LINE - 1, wide, _LINE)


# -- texts -------------------------------------------------------------------------------------------------------------


def width_of(text: str) -> float:
    """Return how wide a text is at most: a Chinese character is as wide as high, a Latin one two thirds of it."""
    return sum(FONT if east_asian_width(each) in "WF" else FONT * 0.62 for each in text)


def broken(text: str) -> list[str]:
    """Break a label in two lines: before a bracket, else at the space, or hyphen, nearest to its middle."""
    if "（" in text:
        first, _, rest = text.partition("（")
        return [first, f"（{rest}"]
    marks = " " if " " in text else "-"
    cuts = [at + 1 for at, mark in enumerate(text) if mark in marks]
    if width_of(text) < 100 or not cuts:
        return [text]
    cut = min(cuts, key=lambda at: abs(at - len(text) / 2))
    return [text[:cut].rstrip(), text[cut:]]
