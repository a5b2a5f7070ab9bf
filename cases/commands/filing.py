"""The options by which a report is written into files, and writing them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import common
from cases.commands.printing import answer, working
from cases.commands.types import Target
from cases.locale import translate

if TYPE_CHECKING:
    from cases.questions.asking import Asking
    from cases.questions.figures.scope import Scope
    from cases.reports.page import Subject


def filing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a report the options `-o` and `--chart`."""
    options = [
        click.option("-o", "file", type=Target(".xlsx", ".docx", ".md", ".csv"), help="Write it into this file: .xlsx, .docx, .md or .csv."),
        click.option("--chart", type=Target(".png", ".svg"), help="Draw its pictures into this file: .png or .svg."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def file_report(
    ask: "Asking",
    told: dict[str, Any],
    subject: "Subject",
    scope: "Callable[[], Scope]",
    *,
    file: str | None,
    chart: str | None,
) -> list[str]:
    """Write a report into the files that were asked for; return their names. `scope` is asked for to draw it."""
    if file is not None:
        from cases.reports import filing
        from cases.reports.page import page_of

        with working(file):
            filing.file(page_of(ask, told, subject), file)
    if chart is not None:
        from pathlib import Path

        from cases.placing import place
        from cases.questions.series import series
        from cases.reports.charts import picture

        with working(chart):
            drawn = series(ask, scope(), told, translate("others"))
            place(chart, picture(drawn, ask.say(subject.title), Path(chart).suffix.lower(), translate))
    return [name for name in (file, chart) if name is not None]


def answer_or_files(told: dict[str, Any], files: list[str], show: Callable[[dict[str, Any]], None]) -> None:
    """Print a report, or where it was written; as JSON both."""
    if files and not common().json:
        for name in files:
            click.echo(translate("{file} is written").format(file=name))
        return
    answer({**told, "files": files} if files else told, show)
