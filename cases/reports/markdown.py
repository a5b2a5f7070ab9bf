"""A report's page as Markdown."""

from collections.abc import Iterator

from cases.exchange.sheets import Sheet
from cases.reports.page import Page
from cases.reports.sentences import shown


def markdown(page: Page) -> str:
    """Return the page: its sections, then its tables."""
    return "\n".join([f"# {_text(page.title)}", "", _text(page.basis), *_sections(page), *_tables(page), ""])


def _sections(page: Page) -> Iterator[str]:
    for section in page.sections:
        yield from ("", f"## {_text(section.heading)}")
        for said in section.said:
            yield from ("", _text(said))
        if section.listed:
            yield ""
        yield from (f"{at}. {_text(each)}" for at, each in enumerate(section.listed, 1))


def _tables(page: Page) -> Iterator[str]:
    for table in (page.parts_in_short, page.figures_in_words):
        if table is not None:
            yield from ("", f"## {_text(table.name)}", "", *_table(table))


def _table(table: Sheet) -> Iterator[str]:
    yield _row(column.title for column in table.columns)
    yield _row("---" if column.form == "text" else "---:" for column in table.columns)
    for row in table.rows:
        yield _row(shown(value, column.form) for value, column in zip(row, table.columns, strict=True))


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cell if set(cell) <= {'-', ':'} else _text(cell) for cell in cells)} |"


def _text(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return "".join("\\" + each if each in "\\`*_[]<>|#" else each for each in " ".join(text.split()))
