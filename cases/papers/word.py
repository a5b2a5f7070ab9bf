"""Papers as .docx: a template is checked, filled in, and packed so that the same paper is the same file.

A template is somebody's file: it is read in a sandbox, its fields are compared with those the paper has before anything
is filled in, and it is never run.
"""

import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cases.packing import packed
from cases.papers.fields import FIELDS
from workflow.errors import BadInput
from workflow.terms import PaperKind
from workflow.words import Sentence

TEMPLATES = Path(__file__).parent / "templates"

#: No template unpacks to more than this: a zip can promise any size.
_LARGEST = 64 * 2**20
_DRAWN_AT = datetime(2026, 1, 1, tzinfo=UTC)


def shipped(paper: PaperKind) -> bytes:
    """Return the template that ships with the program."""
    return (TEMPLATES / f"{paper}.docx").read_bytes()


def template_at(path: str) -> bytes:
    """Read somebody's own template. Raises BadInput when it cannot be read, or is none."""
    try:
        content = Path(path).read_bytes()
        with zipfile.ZipFile(BytesIO(content)) as package:
            size = sum(entry.file_size for entry in package.infolist())
    except OSError as error:
        raise BadInput(Sentence("{file} cannot be read: {why}", file=path, why=error.strerror)) from error
    except zipfile.BadZipFile as error:
        raise _no_template(path) from error
    if size > _LARGEST:
        raise BadInput(Sentence("{file} is too large for a template; leave out its pictures", file=path))
    return content


def _no_template(path: str) -> BadInput:
    return BadInput(
        Sentence("{file} is no .docx; begin with ours: rectify print template PAPER -o FILE.docx", file=path)
    )


# -- checking ----------------------------------------------------------------------------------------------------------


def check(template: bytes, paper: PaperKind, path: str) -> None:
    """Raise BadInput unless a template can be filled in: naming every field it asks for that this paper has not got."""
    env = _environment()
    unknown = dict.fromkeys(name for xml in _texts(template, path) for name in _unknown(_parsed(env, xml, path), paper))
    if unknown:
        raise BadInput(
            Sentence(
                "{file} asks for fields that this paper has not got; type: rectify print fields {paper}",
                file=path,
                paper=str(paper),
            ),
            reasons=[Sentence("unknown field {name}", name=name) for name in unknown],
        )


def _environment() -> Environment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


def _texts(template: bytes, path: str) -> Iterator[str]:
    """Yield what a template says: its body, its headers and footers. Raises BadInput."""
    document = DocxTemplate(BytesIO(template))
    try:
        document.init_docx()
        parts = [
            part for uri in (document.HEADER_URI, document.FOOTER_URI) for _, part in document.get_headers_footers(uri)
        ]
        yield document.patch_xml(document.get_xml())
        yield from (document.patch_xml(document.get_part_xml(part)) for part in parts)
    except Exception as error:  # zip, XML and Word's own parts: whatever is damaged in it, it is no template
        raise _no_template(path) from error


def _parsed(env: Environment, xml: str, path: str) -> nodes.Template:
    try:
        return env.parse(xml)
    except TemplateError as error:
        raise BadInput(
            Sentence(
                "{file} is no template: {why}; mend what stands in {{{{ }}}} and {{% %}}", file=path, why=error.message
            )
        ) from error


def _unknown(template: nodes.Template, paper: PaperKind) -> Iterator[str]:
    """Yield the fields a template asks for that a paper has not got, rows' fields as `items.no`."""
    fields = FIELDS[paper]
    rows = {
        loop.target.name: loop.iter.name
        for loop in template.find_all(nodes.For)
        if isinstance(loop.target, nodes.Name) and isinstance(loop.iter, nodes.Name)
    }
    set_here = {name.name for name in template.find_all(nodes.Name) if name.ctx == "store"} | {"loop"}
    for name in template.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in fields and name.name not in set_here:
            yield name.name
    for got in template.find_all(nodes.Getattr):
        listed = rows.get(got.node.name) if isinstance(got.node, nodes.Name) else None
        if isinstance(known := fields.get(listed or ""), Mapping) and got.attr not in known:
            yield f"{listed}.{got.attr}"


# -- filling in --------------------------------------------------------------------------------------------------------


def fill_in(template: bytes, fields: Mapping[str, Any], made_at: datetime, path: str) -> bytes:
    """Return a paper as .docx: the same fields in the same template are the same bytes. Raises BadInput."""
    document = DocxTemplate(BytesIO(template))
    try:
        document.render(dict(fields), _environment(), autoescape=True)
    except Exception as error:  # a template is a small program of its owner's: it may divide by zero
        why = error.message if isinstance(error, TemplateError) else str(error)
        raise BadInput(
            Sentence("{file} cannot be filled in: {why}", file=path, why=" ".join(str(why).split()))
        ) from error
    properties = document.core_properties
    properties.created = properties.modified = made_at.replace(tzinfo=None)
    properties.last_modified_by, properties.revision = "", 1
    written = BytesIO()
    document.save(written)
    return packed(written.getvalue())


def settled(content: bytes) -> bytes:
    """Return a template as it ships: dated once and for all, so that drawing it again changes nothing."""
    document = DocxTemplate(BytesIO(content))
    document.init_docx()
    properties = document.core_properties
    properties.created = properties.modified = _DRAWN_AT.replace(tzinfo=None)
    written = BytesIO()
    document.docx.save(written)
    return packed(written.getvalue())
