"""Writes a report's page into a file of the kind its name ends with."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cases.exchange.sheets import Sheet, write_csv, write_workbook
from cases.placing import place
from cases.reports.markdown import markdown
from cases.reports.page import Page


def file(page: Page, target: str) -> None:
    """Write the page; what was there before is replaced once all of it is written. Raises BadInput when it cannot be."""
    kind = Path(target).suffix.lower()
    if kind == ".xlsx":
        write_workbook(Path(target), _sheets(page))
    elif kind == ".csv":
        write_csv(Path(target), page.lines)
    elif kind == ".md":
        place(target, markdown(page).encode())
    else:
        from cases.reports.word import word

        place(target, word(page))


def _sheets(page: Page) -> Iterator[Sheet]:
    """Return the workbook: what is said, then the tables, each under the report's title."""
    for sheet in (page.said, page.figures, page.parts, page.open_cases):
        if sheet is not None:
            yield replace(sheet, title=page.title, notes=[page.basis])
