"""The group `print`: papers as .docx or .pdf, the templates they are made from, and the fields those may name."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cases.commands.framework import Group, asking, at_the_ledger, opened
from cases.commands.printing import answer, outcome, table
from cases.commands.types import Target
from cases.locale import translate

if TYPE_CHECKING:
    from cases.papers.reading import Print

PAPERS = ["order", "inspection", "recheck", "measures", "listing", "extension", "resumption"]

_FILE = click.option(
    "-o", "output", type=Target(".docx", ".pdf"), required=True, help="The file to write: .docx to edit, or .pdf."
)
_TEMPLATE = click.option("--template", metavar="FILE", help="Your department's own template, a .docx.")
_PAPER = click.argument("paper", type=click.Choice(PAPERS))


@click.group("print", cls=Group)
def print_() -> None:
    """Papers 文书: the order that is served, the record, the opinion, the decisions; .docx to edit, or .pdf."""


@print_.command("order")
@click.argument("order")
@_FILE
@_TEMPLATE
def print_order(order: str, output: str, template: str | None) -> None:
    """Print an order 责令限期整改指令书 by id, number or `last`; a township's is called 限期整改意见书.

    \b
    rectify print order last -o order.docx
    """
    _print("order", order, output, template)


@print_.command("inspection")
@click.argument("inspection")
@_FILE
@_TEMPLATE
def print_inspection(inspection: str, output: str, template: str | None) -> None:
    """Print the record of an inspection 现场检查记录 by id, number or `last`.

    \b
    rectify print inspection last -o record.pdf
    """
    _print("inspection", inspection, output, template)


@print_.command("recheck")
@click.argument("inspection")
@_FILE
@_TEMPLATE
def print_recheck(inspection: str, output: str, template: str | None) -> None:
    """Print the opinion of a recheck 整改复查意见书: by the inspection that `recheck` made, or by the order.

    \b
    rectify print recheck last -o opinion.docx
    """
    _print("recheck", inspection, output, template)


@print_.command("measures")
@click.argument("decided", metavar="INSPECTION|HALT")
@_FILE
@_TEMPLATE
def print_measures(decided: str, output: str, template: str | None) -> None:
    """Print the decision on the measures taken on site 现场处理措施决定书: what an inspection put right, or a halt.

    \b
    rectify print measures last -o decision.docx
    rectify print measures halt:3 -o decision.docx
    """
    _print("measures", decided, output, template)


@print_.command("listing")
@click.argument("case")
@_FILE
@_TEMPLATE
def print_listing(case: str, output: str, template: str | None) -> None:
    """Print the notice that a case was put under supervision 挂牌督办通知书, by case or number.

    \b
    rectify print listing 12 -o notice.docx
    """
    _print("listing", case, output, template)


@print_.command("extension")
@click.argument("extension")
@_FILE
@_TEMPLATE
def print_extension(extension: str, output: str, template: str | None) -> None:
    """Print how a request for a later date was decided 延期审批.

    \b
    rectify print extension 3 -o answer.docx
    """
    _print("extension", extension, output, template)


@print_.command("resumption")
@click.argument("halt")
@_FILE
@_TEMPLATE
def print_resumption(halt: str, output: str, template: str | None) -> None:
    """Print the reply that lifted a halt 恢复生产批复, by the halt.

    \b
    rectify print resumption 3 -o reply.docx
    """
    _print("resumption", halt, output, template)


def _print(paper: str, text: str, output: str, template: str | None) -> None:
    """Read a paper, set it while nobody waits for the store, then leave the step together with the file."""
    is_pdf = output.lower().endswith(".pdf")
    if is_pdf and template is not None:
        raise click.UsageError(translate("a template makes a .docx; name the file so, or leave out --template"))
    from cases.papers import reading
    from cases.placing import place
    from cases.verbs import printing
    from workflow.terms import PaperKind

    with opened():
        setting = _as_pdf() if is_pdf else _as_docx(paper, template)
    with asking() as ask:
        read = reading.read(ask, PaperKind(paper), text)
    content = setting(read)
    with at_the_ledger() as door:
        outcome(printing.printed(door, read, output, content, template))
        place(output, content)


def _as_pdf() -> "Callable[[Print], bytes]":
    from cases.papers import pages

    pages.fonts()
    return lambda read: pages.typeset(read.paper, read.fields, read.made_at)


def _as_docx(paper: str, template: str | None) -> "Callable[[Print], bytes]":
    from cases.papers import word
    from workflow.terms import PaperKind

    if template is None:
        form = word.shipped(PaperKind(paper))
    else:
        form = word.template_at(template)
        word.check(form, PaperKind(paper), template)
    return lambda read: word.fill_in(form, read.fields, read.made_at, template or f"{paper}.docx")


# -- templates ---------------------------------------------------------------------------------------------------------


@print_.command("template")
@_PAPER
@click.option("-o", "output", type=Target(".docx"), required=True, help="The file to write: .docx.")
def print_template(paper: str, output: str) -> None:
    """Write out our template of a paper, for your department to change and give to --template.

    \b
    rectify print template order -o our-order.docx
    """
    from cases.papers import word
    from cases.placing import place
    from workflow.terms import PaperKind

    place(output, word.shipped(PaperKind(paper)))
    answer({"template": {"kind": paper, "file": output}}, lambda _: click.echo(output))


@print_.command("fields")
@_PAPER
def print_fields(paper: str) -> None:
    """List the fields that a template of a paper may name; those of a list's rows as items.no.

    \b
    rectify print fields order
    """
    from cases.papers.fields import FIELDS
    from workflow.terms import PaperKind

    rows = [row for name, meaning in FIELDS[PaperKind(paper)].items() for row in _described(name, meaning)]
    answer(rows, lambda told: table(told, ["field", "meaning"], empty=""))


def _described(name: str, meaning: Any) -> list[dict[str, str]]:
    if isinstance(meaning, str):
        return [{"field": name, "meaning": meaning}]
    return [{"field": f"{name}.{each}", "meaning": said} for each, said in meaning.items()]
