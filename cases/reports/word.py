"""A report's page as an editable Word document, set as Chinese offices set theirs (GB/T 9704): sizes, indents, types.

The types are named, not put in: whoever opens the document has them, or something near. The same page is the same file.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from cases.exchange.sheets import Sheet
from cases.packing import packed
from cases.reports.page import Page
from cases.reports.sentences import shown

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

#: Types by what they are for: the Latin one, and the Chinese one.
_BODY, _HEAD = ("Times New Roman", "FangSong"), ("Times New Roman", "SimHei")
#: Sizes in points: title, heading, text, table (二号, 三号, 三号 and 小五 of the standard).
_TITLE, _HEADING, _TEXT, _SMALL = 22, 16, 16, 9
#: A document says when it was made; the same figures are to be the same file.
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # the format knows no zone


def word(page: Page) -> bytes:
    """Return the page as a .docx."""
    document = _blank()
    document.core_properties.title = page.title
    _say(document, page.title, _HEAD, _TITLE, centred=True)
    _say(document, page.basis, _BODY, 12, centred=True)
    for section in page.sections:
        _say(document, section.heading, _HEAD, _HEADING, indented=True, is_heading=True)
        for said in section.said:
            _say(document, said, _BODY, _TEXT, indented=True)
        for number, each in enumerate(section.listed, 1):
            _say(document, f"{number}. {each}", _BODY, _TEXT, indented=True)
    for table in (page.parts_in_short, page.figures_in_words):
        if table is not None:
            _say(document, table.name, _HEAD, _HEADING, centred=True, is_heading=True)
            _lay(document, table)
    made = BytesIO()
    document.save(made)
    return packed(made.getvalue())


def _blank() -> "Document":
    """Return an empty A4 page with the margins of the standard."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Mm

    document = Document()
    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:eastAsia"), "zh-CN")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    document.core_properties.author = "rectify"
    document.core_properties.created = document.core_properties.modified = _MADE
    return document


def _say(
    document: "Document",
    text: str,
    type_: tuple[str, str],
    size: int,
    *,
    centred: bool = False,
    indented: bool = False,
    is_heading: bool = False,
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.line_spacing, form.space_after, form.keep_with_next = 1.5, Pt(0), is_heading
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        form.space_before = form.space_after = Pt(6)
    if indented:
        form.first_line_indent = Pt(2 * size)
    _set(paragraph.add_run(_clean(text)), type_, size)


def _set(run: Any, type_: tuple[str, str], size: int, *, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run.font.name, run.font.size, run.bold = type_[0], Pt(size), bold or None
    run._element.rPr.rFonts.set(qn("w:eastAsia"), type_[1])  # python-docx sets the Latin type only


def _lay(document: "Document", sheet: Sheet) -> None:
    """Lay a table over the width of the page; its header is repeated on every page, and no row is broken."""
    rows = [[shown(value, column.form) for value, column in zip(row, sheet.columns, strict=True)] for row in sheet.rows]
    titles = [column.title for column in sheet.columns]
    table = document.add_table(rows=1 + len(rows), cols=len(titles), style="Table Grid")
    table.autofit = False
    widths = _widths([titles, *rows])
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for at, (cells, texts) in enumerate(zip(table.rows, [titles, *rows], strict=True)):
        for place, (cell, text) in enumerate(zip(cells.cells, texts, strict=True)):
            cell.width = widths[place]
            is_number = at > 0 and sheet.columns[place].form != "text"
            _fill(cell, text, bold=at == 0, to_the_right=is_number)
    _keep(table)


def _widths(rows: Sequence[Sequence[str]]) -> list[Any]:
    """Share the 156 mm of a page out by what stands in the columns; none is left less than a tenth of that."""
    from docx.shared import Mm

    need = [min(max(_cells(row[at]) for row in rows), 60) + 2 for at in range(len(rows[0]))]
    least = 156 / max(10, len(need) + 1)
    shares = [max(least, 156 * each / sum(need)) for each in need]
    return [Mm(156 * share / sum(shares)) for share in shares]


def _cells(text: str) -> int:
    """Return how wide a text is: a Chinese character takes two places."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def _fill(cell: Any, text: str, *, bold: bool, to_the_right: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = cell.paragraphs[0]
    if to_the_right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _set(paragraph.add_run(_clean(text)), _BODY, _SMALL, bold=bold)


def _keep(table: "Table") -> None:
    from docx.oxml import OxmlElement

    for at, row in enumerate(table.rows):
        kept = row._tr.get_or_add_trPr()
        kept.append(OxmlElement("w:cantSplit"))
        if at == 0:
            kept.append(OxmlElement("w:tblHeader"))


def _clean(text: str) -> str:
    """Return a text without characters that XML does not know."""
    return "".join(each for each in text if each.isprintable() or each == "\n")
