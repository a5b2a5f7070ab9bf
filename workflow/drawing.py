"""Draws a process as SVG, from the same table that drives it, without Mermaid, JavaScript or a network.

Colours tell neighbouring arrows apart and mean nothing; moves that nobody types are dashed, ended states have a double
frame. Texts are texts: they can be searched, and the reader's own font shows them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from xml.sax.saxutils import escape, quoteattr

from workflow.process import Process
from workflow.processes import BEGINS
from workflow.tracks import FONT, Arrow, Box, Layout, Point, lay_out, width_of
from workflow.words import Sentence, Term, Translate

#: Dark enough to be read on white (contrast above 4.5), apart for every kind of eye.
_COLOURS = ("#0b5cad", "#b0420a", "#1b6e3c", "#83389b", "#8a5a00", "#00707a")
_INK, _OPEN, _ENDED = "#1f2933", "#eaf2fb", "#eef0f2"
_FONTS = "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
_MARGIN = 24.0
_TITLE = 18.0
_LINE = FONT * 1.5


def svg(process: Process, translate: Translate = str) -> str:
    """Return the process as one SVG document: states, moves, and in words what moves nothing."""
    begins = Term("trigger", BEGINS[process.name]).say(translate) if process.name in BEGINS else ""
    states = {str(state): Term("state", state).say(translate) for state in process.states}
    triggers = {name: Term("trigger", name).say(translate) for name in process.authorities}
    layout = lay_out(process, states, triggers, _MARGIN + 30 + width_of(begins))
    notes = _wrapped(list(_notes(process, translate)), layout.width - 2 * _MARGIN)
    head = 2 * _MARGIN + _TITLE
    height = head + layout.height + _MARGIN + len(notes) * _LINE
    title = Term("kind", process.name).say(translate)
    body = chain(
        _text((_MARGIN, _MARGIN + _TITLE / 2), title, size=_TITLE, anchor="start", weight=True),
        [f'<g transform="translate(0 {head:g})">'],
        _beginning(layout, process, begins),
        *(_arrow(arrow, _COLOURS[at % len(_COLOURS)], layout) for at, arrow in enumerate(layout.arrows)),
        *(_state(state, layout, at, process) for at, state in enumerate(process.states)),
        *(_label(arrow, _COLOURS[at % len(_COLOURS)]) for at, arrow in enumerate(layout.arrows)),
        ["</g>"],
        *(
            _text((_MARGIN, head + layout.height + _MARGIN / 2 + at * _LINE), line, anchor="start")
            for at, line in enumerate(notes)
        ),
    )
    return "\n".join([*_head(title, layout.width, height), *body, "</svg>", ""])


def _head(title: str, width: float, height: float) -> list[str]:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family={quoteattr(_FONTS)} font-size="{FONT:g}">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]


# -- pieces ------------------------------------------------------------------------------------------------------------


def _beginning(layout: Layout, process: Process, begins: str) -> Iterator[str]:
    """The dot that everything comes from, and what brings it into the world."""
    first = layout.boxes[list(process.states).index(process.initial)]
    y, x = first.centre[1], _MARGIN
    yield f'<circle cx="{x + 5:g}" cy="{y:g}" r="5" fill="{_INK}"/>'
    yield from _line([(x + 5, y), (first.x, y)], _INK, dashed=False)
    if begins:
        yield from _text(((x + 10 + first.x - 10) / 2, y - FONT * 0.85), begins, css="move")


def _state(state: str, layout: Layout, at: int, process: Process) -> Iterator[str]:
    box, lines, ended = layout.boxes[at], layout.lines[at], state in process.ended
    yield f'<g class="state" id="{state}">'
    yield _rect(box, fill=_ENDED if ended else _OPEN)
    if ended:
        yield _rect(Box(box.x + 3, box.y + 3, box.width - 6, box.height - 6), fill="none")
    x, y = box.centre
    for row, line in enumerate(lines):
        yield from _text((x, y + (row - (len(lines) - 1) / 2) * FONT * 1.3), line, weight=not ended)
    yield "</g>"


def _rect(box: Box, *, fill: str) -> str:
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect {place} rx="6" fill="{fill}" stroke="{_INK}"/>'


def _arrow(arrow: Arrow, colour: str, layout: Layout) -> Iterator[str]:
    dashed = not arrow.is_typed
    if not arrow.track:
        yield from _line([(arrow.tails[0], arrow.y), (arrow.head, arrow.y)], colour, dashed=dashed)
        return
    edge = layout.top if arrow.forwards else layout.boxes[0].bottom
    outer = max(arrow.tails, key=lambda x: abs(x - arrow.head))
    for x in arrow.tails:
        if x != outer:
            yield _path([(x, edge), (x, arrow.y)], colour, dashed=dashed)
            yield f'<circle cx="{x:g}" cy="{arrow.y:g}" r="2.5" fill="{colour}"/>'
    corners = [(outer, edge), (outer, arrow.y), (arrow.head, arrow.y), (arrow.head, edge)]
    yield from _line(corners, colour, dashed=dashed)


def _label(arrow: Arrow, colour: str) -> Iterator[str]:
    sign = arrow.sign
    if arrow.track:
        yield f'<rect x="{sign.x:g}" y="{sign.y:g}" width="{sign.width:g}" height="{sign.height:g}" fill="#ffffff"/>'
    yield from _text(sign.centre, arrow.label, css="move", colour=colour)


def _line(points: Sequence[Point], colour: str, *, dashed: bool) -> Iterator[str]:
    """Draw a line with a head at its last point."""
    (x0, y0), (x, y) = points[-2:]
    along = ((x > x0) - (x < x0), (y > y0) - (y < y0))
    back = (x - 8 * along[0], y - 8 * along[1])
    yield _path([*points[:-1], back], colour, dashed=dashed)
    wing = (4 * along[1], 4 * along[0])
    corners = [(x, y), (back[0] - wing[0], back[1] - wing[1]), (back[0] + wing[0], back[1] + wing[1])]
    yield f'<polygon points="{_points(corners)}" fill="{colour}"/>'


def _path(points: Iterable[Point], colour: str, *, dashed: bool) -> str:
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    return f'<polyline points="{_points(points)}" fill="none" stroke="{colour}" stroke-width="1.4"{dashes}/>'


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _text(
    at: Point,
    text: str,
    *,
    size: float = FONT,
    anchor: str = "middle",
    weight: bool = False,
    colour: str = _INK,
    css: str = "",
) -> Iterator[str]:
    look = f' font-size="{size:g}"' if size != FONT else ""
    look += ' font-weight="bold"' if weight else ""
    look += f' class="{css}"' if css else ""
    # The baseline is set by hand: not every viewer knows dominant-baseline.
    place = f'x="{at[0]:g}" y="{at[1] + size * 0.36:g}"'
    yield f'<text {place} text-anchor="{anchor}" fill="{colour}"{look}>{escape(text)}</text>'


# -- what is said below ------------------------------------------------------------------------------------------------


def _notes(process: Process, translate: Translate) -> Iterator[str]:
    drawn = {BEGINS.get(process.name), *(move.trigger for move in process.moves if move.to is not None)}
    names = [Term("trigger", name).say(translate) for name in process.authorities if name not in drawn]
    if names:
        still = Sentence("leave a step, move nothing").say(translate)
        yield Sentence("{what}: {names}", what=still, names=names).say(translate)
    yield Sentence("dashed: nobody types it, it follows from another move; double frame: it has ended").say(translate)


def _wrapped(texts: Iterable[str], width: float) -> list[str]:
    """Break texts into lines of at most so many pixels, at a space or behind a Chinese mark."""
    lines = []
    for text in texts:
        line = ""
        for word in _words(text):
            if line and width_of(line + word.rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += word
        lines.append(line.rstrip())
    return lines


def _words(text: str) -> Iterator[str]:
    word = ""
    for mark in text:
        word += mark
        if mark in " 、；，：":
            yield word
            word = ""
    yield word
