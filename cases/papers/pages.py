"""Papers as .pdf: the form filled in and set by typst, in a Chinese type that comes with the extra `pdf`.

A page is set as PDF/A, which refuses a character without a shape instead of drawing a box; warnings are errors too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from cases.papers.forms import FORMS, Block, Table, is_signed
from workflow.errors import BadInput
from workflow.terms import PaperKind
from workflow.words import Sentence

_PAGE = Path(__file__).with_name("page.typ")
_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)  # plain text for typst, never HTML

Fields = Mapping[str, Any]


def fonts() -> list[Path]:
    """Return the folders of the type that papers are set in. Raises BadInput when it, or typst, is not installed."""
    try:
        import pylopdf_fonts_zh_cn as noto
        import typst  # noqa: F401
    except ImportError as error:
        raise BadInput(
            Sentence(
                "a PDF is set by typst in a Chinese type that is not installed; type: pip install 'rectify[pdf]', or print a .docx"
            )
        ) from error
    folder = noto.serif_path().parent
    if not (noto.serif_path().is_file() and noto.sans_path().is_file()):
        raise BadInput(
            Sentence(
                "the Chinese type in {folder} is gone; type: pip install --force-reinstall 'rectify[pdf]'",
                folder=folder,
            )
        )
    return [folder]


def typeset(paper: PaperKind, fields: Fields, made_at: datetime) -> bytes:
    """Return a paper as PDF/A: the same fields are the same bytes.

    Raises BadInput for a character that the type has no shape for, or when nothing is installed to set it in.
    """
    folders = fonts()
    import typst

    try:
        content, warnings = typst.compile_with_warnings(
            _PAGE,
            font_paths=folders,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["a-2b"],
            sys_inputs={"paper": json.dumps(_filled_in(paper, fields, made_at), ensure_ascii=False)},
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise _unset(str(error)) from error
    if warnings:
        raise _unset("; ".join(str(warning) for warning in warnings))
    return bytes(content)


def _unset(why: str) -> BadInput:
    return BadInput(Sentence("the paper cannot be set as PDF: {why}; print it as .docx", why=why))


def _filled_in(paper: PaperKind, fields: Fields, made_at: datetime) -> dict[str, Any]:
    return {
        "made": [made_at.year, made_at.month, made_at.day],
        **{name: fields[name] for name in ("title", "number", "department", "mark")},
        "remarks": [remark["text"] for remark in fields["remarks"]],
        "blocks": list(_kept_together(FORMS[paper], fields)),
    }


def _kept_together(form: Sequence[Block], fields: Fields) -> Iterator[dict[str, Any]]:
    for block, after in zip_longest(form, form[1:]):
        if _is_wanted(block.when, fields):
            for said in _blocks(block, fields):
                yield {**said, "keep": is_signed(after) or is_signed(block)}


def _is_wanted(when: str, fields: Fields) -> bool:
    return not when or bool(_ENVIRONMENT.compile_expression(when)(**fields))


def _blocks(block: Block, fields: Fields) -> Iterator[dict[str, Any]]:
    if isinstance(block, Table):
        yield {
            "style": "table",
            "headings": [column.heading for column in block.columns],
            "widths": [column.width for column in block.columns],
            "rows": [
                [_template(column.cell).render(fields, **{block.row: row}) for column in block.columns]
                for row in fields[block.rows]
            ],
        }
    elif block.each is None:
        yield {"style": block.style, "text": _template(block.text).render(fields)}
    else:
        name, rows = block.each
        for row in fields[rows]:
            yield {"style": block.style, "text": _template(block.text).render(fields, **{name: row})}


@cache
def _template(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)
