"""Draws the templates that ship with the program from the forms: `python -m cases.papers.drawing`.

What it writes is what `print template` hands out, and what a department changes in its office program. A test holds
the files to this drawing.
"""

from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from cases.papers.forms import FORMS, KEPT, Block, Column, Table, Text, is_signed
from cases.papers.word import TEMPLATES, settled
from workflow.terms import PaperKind

#: The type of official papers; whoever has not got it falls back along `_FALLBACKS`.
_BODY, _TITLE = "仿宋", "宋体"
_FALLBACKS = {
    "仿宋": "仿宋_GB2312,FangSong,STFangsong,Noto Serif CJK SC,Noto Serif SC",
    "宋体": "SimSun,STSong,Noto Serif CJK SC,Noto Serif SC",
}
#: A4, and the margins of official papers (GB/T 9704), in cm.
_PAGE = {"page_width": 21.0, "page_height": 29.7, "top_margin": 3.0, "bottom_margin": 2.6, "left_margin": 2.7, "right_margin": 2.4}  # fmt: skip
_SIZE, _SMALL, _CELL, _LARGE = 14, 12, 10.5, 22
_LEADING = 1.6
_RED = RGBColor(0xC0, 0x00, 0x00)
_CENTRE, _RIGHT, _BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY


def draw(paper: PaperKind) -> bytes:
    """Return the template of one paper."""
    document = Document()
    _set_page(document)
    _say_fallbacks(document)
    _when(document, "mark", lambda: _stamp(document))
    _loop(document, "remark", "remarks", lambda: _write(document, "{{ remark.text }}", size=_SMALL, colour=_RED))
    _write(document, "{{ title }}", size=_LARGE, font=_TITLE, bold=True, align=_CENTRE, before=6, after=6)
    _write(document, "{{ number }}", align=_CENTRE, after=10)
    for block, after in zip_longest(FORMS[paper], FORMS[paper][1:]):
        _draw_block(document, block, keep=is_signed(after))
    properties = document.core_properties
    properties.title, properties.author, properties.comments, properties.language = (
        "{{ title }}",
        "{{ department }}",
        "",
        "zh-CN",
    )
    written = BytesIO()
    document.save(written)
    return settled(written.getvalue())


def _set_page(document: DocumentObject) -> None:
    section = document.sections[0]
    for name, width in _PAGE.items():
        setattr(section, name, Cm(width))
    section.different_first_page_header_footer = True
    _page_number(section.footer.paragraphs[0])
    _page_number(section.first_page_footer.paragraphs[0])
    header = section.header.paragraphs[0]
    header.alignment = _CENTRE
    _run(header, "{{ title }}　{{ number }}", size=10.5)
    style = document.styles["Normal"]
    style.font.size = Pt(_SIZE)
    _set_font(style.element.get_or_add_rPr(), _BODY)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = _CENTRE
    for text, field in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES"), (" 页", None)):
        _run(paragraph, text, size=10.5)
        if field is not None:
            simple = OxmlElement("w:fldSimple")
            simple.set(qn("w:instr"), field)
            paragraph._p.append(simple)


def _set_font(properties: Any, name: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for place in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(place), name)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)


def _say_fallbacks(document: DocumentObject) -> None:
    """Name other types for a machine that has not got ours."""
    part = next(rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/fontTable"))
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, others in _FALLBACKS.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", fonts.encode() + b"</w:fonts>")


# -- blocks ------------------------------------------------------------------------------------------------------------


def _draw_block(document: DocumentObject, block: Block, *, keep: bool) -> None:
    def draw_it() -> None:
        if isinstance(block, Table):
            _draw_table(document, block)
        elif block.each is not None:
            _loop(document, *block.each, lambda: _draw_text(document, block, keep=keep))
        else:
            _draw_text(document, block, keep=keep)

    if block.when:
        _when(document, block.when, draw_it)
    else:
        draw_it()


def _draw_text(document: DocumentObject, block: Text, *, keep: bool) -> None:
    looks: dict[str, dict[str, Any]] = {
        "body": {"indent": 2, "align": _BOTH, "before": 3},
        "plain": {"before": 3},
        "to": {"after": 4},
        "line": {},
        "sign": {"before": 8},
        "right": {"align": _RIGHT, "right": 2},
        "foot": {"size": _SMALL, "before": 10},
    }
    _write(document, block.text, **looks[block.style], keep=keep or block.style in KEPT)


def _draw_table(document: DocumentObject, block: Table) -> None:
    table = document.add_table(rows=4, cols=len(block.columns))
    table.style = "Table Grid"
    table.autofit = False
    for place, column in enumerate(block.columns):
        _fill(table, place, column)
    for row, word in ((1, f"{{%tr for {block.row} in {block.rows} %}}"), (3, "{%tr endfor %}")):
        table.cell(row, 0).text = word
    for row, looks in ((0, ("w:cantSplit", "w:tblHeader")), (2, ("w:cantSplit",))):
        for look in looks:
            table.rows[row]._tr.get_or_add_trPr().append(OxmlElement(look))


def _fill(table: Any, place: int, column: Column) -> None:
    for row, text, align in ((0, column.heading, _CENTRE), (2, column.cell, None)):
        cell = table.cell(row, place)
        paragraph = cell.paragraphs[0]
        paragraph.alignment = align
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
        _run(paragraph, text, size=_CELL, bold=row == 0)
    table.columns[place].width = Cm(column.width)
    for row in table.rows:
        row.cells[place].width = Cm(column.width)


def _when(document: DocumentObject, what: str, draw_it: Any) -> None:
    document.add_paragraph(f"{{%p if {what} %}}")
    draw_it()
    document.add_paragraph("{%p endif %}")


def _loop(document: DocumentObject, row: str, rows: str, draw_it: Any) -> None:
    document.add_paragraph(f"{{%p for {row} in {rows} %}}")
    draw_it()
    document.add_paragraph("{%p endfor %}")


def _stamp(document: DocumentObject) -> None:
    """Say across the top that the paper is not in force any more."""
    paragraph = _write(document, "{{ mark }}", size=28, font=_TITLE, bold=True, colour=_RED, align=_CENTRE)
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "18"), ("space", "4"), ("color", "C00000")):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Cm(4.5)
    paragraph._p.get_or_add_pPr().append(borders)


def _write(
    document: DocumentObject,
    text: str,
    *,
    size: float = _SIZE,
    font: str = _BODY,
    bold: bool = False,
    colour: RGBColor | None = None,
    align: Any = None,
    indent: int = 0,
    right: int = 0,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
) -> Any:
    """Write a paragraph; `indent` and `right` count characters."""
    paragraph = document.add_paragraph()
    looks = paragraph.paragraph_format
    looks.line_spacing_rule = WD_LINE_SPACING.EXACTLY  # whatever type a machine has, the pages break alike
    looks.line_spacing = Pt(size * _LEADING)
    looks.space_before, looks.space_after = Pt(before), Pt(after)
    looks.keep_with_next = keep
    paragraph.alignment = align
    if indent:
        looks.first_line_indent = Pt(size * indent)
    if right:
        looks.right_indent = Pt(size * right)
    _run(paragraph, text, size=size, font=font, bold=bold, colour=colour)
    return paragraph


def _run(
    paragraph: Any, text: str, *, size: float, font: str = _BODY, bold: bool = False, colour: RGBColor | None = None
) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    if colour is not None:
        run.font.color.rgb = colour
    _set_font(run._r.get_or_add_rPr(), font)


def main(folder: Path = TEMPLATES) -> None:
    """Write every template into its folder."""
    for paper in FORMS:
        (folder / f"{paper}.docx").write_bytes(draw(paper))


if __name__ == "__main__":
    main()
