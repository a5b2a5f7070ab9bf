"""The pictures of a report: four panels on one sheet, as .png or .svg, with matplotlib and a Chinese type of our own.

The same figures are the same file: nothing in it says when or where it was drawn. A character that the type has no
shape for is drawn as 〓, the printer's mark for it, and never as an empty box.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from cases.questions.series import AGES, Series
from workflow.errors import BadInput
from workflow.words import Sentence, Term, Translate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The kinds of files a picture can be, by the end of their names.
KINDS = (".png", ".svg")
#: Colours that are told apart by every kind of eye, also in grey (Okabe and Ito); ages from light to dark.
_FOUND, _ENDED, _LEFT = "#E69F00", "#0072B2", "#333333"
_AGES = ("#CFE3F3", "#8FBFE0", "#3D8DC4", "#0B4F83")
_RUNG = "#B2460E"
_MISSING = "〓"
#: A panel has room for so many rows at least.
_FEW = 5


def picture(series: Series, title: str, kind: str, translate: Translate) -> bytes:
    """Return the pictures as one file. Raises BadInput when matplotlib or the type is not installed."""
    with _drawing() as figure:
        legible = _legible()
        figure.suptitle(legible(title), fontsize=16)
        panels = figure.subplots(2, 2)
        say = _Saying(translate, legible)
        for panel, draw in zip(panels.flat, (_over_time, _ages, _on_time, _rungs), strict=True):
            panel.spines[["top", "right"]].set_visible(False)
            draw(panel, series, say)
        made = BytesIO()
        nameless: dict[str, Any] = {"Date": None} if kind == ".svg" else {"Software": None}
        figure.savefig(made, format=kind.removeprefix("."), metadata=nameless)
    return made.getvalue()


class _Saying:
    """Says sentences and terms in the reader's language, in characters that can be drawn."""

    def __init__(self, translate: Translate, legible: Callable[[str], str]) -> None:
        self.translate, self.legible = translate, legible

    def __call__(self, text: str, **words: Any) -> str:
        return self.legible(Sentence(text, **words).say(self.translate))

    def term(self, kind: str, value: str) -> str:
        return self.legible(Term(kind, value).say(self.translate))


# -- the sheet and its type --------------------------------------------------------------------------------------------


@contextmanager
def _drawing() -> "Iterator[Any]":
    """Lend an empty sheet on which every text is set in our type."""
    type_ = _type()
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # that it fills its cache is nothing to tell a user
    from matplotlib import font_manager, rc_context
    from matplotlib.figure import Figure

    font_manager.fontManager.addfont(type_)
    name = font_manager.FontProperties(fname=type_).get_name()
    # Letters as outlines: the picture looks the same wherever it is opened.
    looks = {
        "font.family": name,
        "font.size": 10,
        "axes.unicode_minus": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "rectify",
    }
    with rc_context(looks):  # type: ignore[arg-type]  # the names of settings are a list too long to type
        yield Figure(figsize=(13, 9), dpi=120, layout="constrained")


def _type() -> str:
    """Return the file of the Chinese type. Raises BadInput, saying what to type, when something is not installed."""
    try:
        import matplotlib  # noqa: F401  # asked for here so that one error names all that is missing
        import pylopdf_fonts_zh_cn as types
    except ImportError as error:
        missing = Sentence("pictures need matplotlib and a Chinese type; type: pip install 'rectify[charts]'")
        raise BadInput(missing) from error
    if not types.sans_path().is_file():
        gone = Sentence(
            "the Chinese type in {folder} is gone; type: pip install --force-reinstall 'rectify[charts]'",
            folder=str(types.sans_path().parent),
        )
        raise BadInput(gone)
    return str(types.sans_path())


@cache
def _known_characters(type_: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(type_).get_charmap())


def _legible() -> Callable[[str], str]:
    """Return what replaces the characters of a text that the type has no shape for, and what matplotlib takes for math."""
    known = _known_characters(_type())

    def legible(text: str) -> str:
        return "".join(each if ord(each) in known else _MISSING for each in text).replace("$", r"\$")

    return legible


# -- panels ------------------------------------------------------------------------------------------------------------


def _over_time(panel: "Axes", series: Series, say: _Saying) -> None:
    """Found and ended as bars side by side, what was left open as a line above them."""
    spans = series.over_time
    panel.set_title(say("Found and ended over time"))
    at = range(len(spans))
    panel.bar([x - 0.2 for x in at], [span.found for span in spans], 0.4, color=_FOUND, label=say("found"))
    panel.bar(
        [x + 0.2 for x in at],
        [span.ended for span in spans],
        0.4,
        color=_ENDED,
        hatch="//",
        edgecolor="white",
        label=say("ended"),
    )
    panel.plot(at, [span.open for span in spans], color=_LEFT, marker="o", markersize=3, label=say("left open"))
    every = -(-len(spans) // 12)
    panel.set_xticks(list(at)[::every], [say.legible(span.name) for span in spans][::every], rotation=45, ha="right")
    _whole_numbers(panel.yaxis)
    _legend(panel)


def _ages(panel: "Axes", series: Series, say: _Saying) -> None:
    """What is open in each area, one bar made of its ages."""
    panel.set_title(say("Open by age and area"))
    if not series.ages:
        _nothing(panel, say("nothing is open"))
        return
    names = [say.legible(name) for name in series.ages]
    begins = [0] * len(names)
    for age, (colour, name) in enumerate(zip(_AGES, _age_names(say), strict=True)):
        many = [ages[age] for ages in series.ages.values()]
        bars = panel.barh(range(len(names)), many, left=begins, color=colour, edgecolor="white", label=name)
        light = age < 2
        panel.bar_label(
            bars, [str(each or "") for each in many], label_type="center", color="black" if light else "white"
        )
        begins = [begin + each for begin, each in zip(begins, many, strict=True)]
    _rows(panel, names)
    _whole_numbers(panel.xaxis)
    _legend(panel)


def _age_names(say: _Saying) -> list[str]:
    first, *rest = AGES
    between = [
        say("{from_day}–{to_day} days", from_day=low, to_day=high - 1) for low, high in zip(AGES, rest, strict=False)
    ]
    return [say("up to {days} days", days=first - 1), *between, say("from {days} days on", days=AGES[-1])]


def _on_time(panel: "Axes", series: Series, say: _Saying) -> None:
    """How many of the dates that came each department kept, in percent and in numbers."""
    panel.set_title(say("On time by department"))
    if not series.on_time:
        _nothing(panel, say("no date has come yet"))
        return
    rates = [100 * kept / due for kept, due in series.on_time.values()]
    bars = panel.barh(range(len(rates)), rates, color=_ENDED)
    panel.barh(range(len(rates)), [100 - rate for rate in rates], left=rates, color="#E5E7EB")
    texts = [f" {rate:.0f}% ({kept}/{due})" for rate, (kept, due) in zip(rates, series.on_time.values(), strict=True)]
    for bar, rate, text in zip(bars, rates, texts, strict=True):
        inside = rate > 60
        panel.text(
            rate,
            bar.get_y() + bar.get_height() / 2,
            text + " ",
            va="center",
            ha="right" if inside else "left",
            color="white" if inside else "black",
        )
    _rows(panel, [say.legible(name) for name in series.on_time])
    panel.set_xlim(0, 100)
    panel.set_xlabel("%")


def _rungs(panel: "Axes", series: Series, say: _Saying) -> None:
    """How many cases each rank was told of, the highest on top."""
    panel.set_title(say("Told to a higher rank"))
    if not any(series.rungs.values()):
        _nothing(panel, say("nothing had to climb"))
        return
    many = list(series.rungs.values())
    bars = panel.barh(range(len(many)), many, color=_RUNG)
    panel.bar_label(bars, [str(each) for each in many], padding=3)
    panel.set_yticks(range(len(many)), [say.term("rank", rank.value) for rank in series.rungs])
    panel.margins(x=0.1)
    _whole_numbers(panel.xaxis)
    panel.set_xlabel(say("cases"))


def _rows(panel: "Axes", names: Sequence[str]) -> None:
    """Name the rows, the first on top; a few are drawn no thicker than many."""
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(max(len(names), _FEW) - 0.4, -0.6)


def _legend(panel: "Axes") -> None:
    """Say what the colours mean, below the panel: inside it would lie on something."""
    panel.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4)


def _whole_numbers(axis: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))


def _nothing(panel: "Axes", said: str) -> None:
    panel.set_axis_off()
    panel.text(0.5, 0.5, said, ha="center", va="center", fontsize=12, transform=panel.transAxes)
