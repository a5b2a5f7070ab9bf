"""Evidence 佐证: files kept by content hash in the store itself, so that a backup is whole and every machine sees them.

What a file is, its leading bytes tell; its suffix has to agree. Files are read, never run and never overwritten.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select, text

from cases.ledger import Step
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import blobs, evidence
from workflow.errors import BadInput, NotFound
from workflow.policy import Policy
from workflow.terms import Kind
from workflow.words import Sentence

#: Suffix → (media type, the bytes such a file has at a place).
_KINDS: dict[str, tuple[str, tuple[tuple[int, bytes], ...]]] = {
    "jpg": ("image/jpeg", ((0, b"\xff\xd8\xff"),)),
    "jpeg": ("image/jpeg", ((0, b"\xff\xd8\xff"),)),
    "png": ("image/png", ((0, b"\x89PNG\r\n\x1a\n"),)),
    "gif": ("image/gif", ((0, b"GIF8"),)),
    "webp": ("image/webp", ((0, b"RIFF"), (8, b"WEBP"))),
    "heic": ("image/heic", ((4, b"ftyp"),)),
    "pdf": ("application/pdf", ((0, b"%PDF-"),)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ((0, b"PK\x03\x04"),)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ((0, b"PK\x03\x04"),)),
    "mp4": ("video/mp4", ((4, b"ftyp"),)),
}
_BLOB = Statement(select(blobs.c.hash).where(blobs.c.hash == bindparam("hash")))
#: Somebody else may keep the same bytes at the same moment.
_KEEP = Statement(
    text(
        "INSERT INTO blobs (hash, media_type, size, content) VALUES (:hash, :media_type, :size, :content) "
        "ON CONFLICT (hash) DO NOTHING"
    )
)
_OF_SUBJECT = Statement(
    select(evidence.c.seq, evidence.c.name, evidence.c.hash, blobs.c.media_type, blobs.c.content)
    .join_from(evidence, blobs, blobs.c.hash == evidence.c.hash)
    .where(evidence.c.kind == bindparam("of"), evidence.c.subject_id == bindparam("number"))
    .order_by(evidence.c.seq, evidence.c.name)
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read and checked."""

    name: str
    hash: str
    media_type: str
    content: bytes


def read(paths: Sequence[str], policy: Policy) -> list[File]:
    """Read evidence files. Raises BadInput naming every file that is missing, empty, too large, disguised or unknown."""
    found = [_read(Path(path), policy) for path in dict.fromkeys(paths)]
    faults = [each for each in found if isinstance(each, Sentence)]
    if faults:
        raise BadInput(Sentence("evidence was not taken"), reasons=faults)
    return [each for each in found if isinstance(each, File)]


def _read(path: Path, policy: Policy) -> File | Sentence:
    name, limit = path.name, policy.evidence.max_bytes
    try:
        if not path.is_file():
            return _no_file(path)
        size = path.stat().st_size
        if size == 0:
            return Sentence("{name} is empty; choose another file", name=name)
        if size > limit:
            return Sentence(
                "{name} has {size} bytes, {limit} are allowed; make it smaller", name=name, size=size, limit=limit
            )
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except (OSError, ValueError):
        return Sentence("{name} cannot be read; check who may", name=name)
    if not content or len(content) > limit:
        return Sentence("{name} changed while it was read; try again", name=name)
    return _told(name, content, policy)


def _no_file(path: Path) -> Sentence:
    if path.is_dir():
        return Sentence("{name} is a folder; name the files in it, one --evidence each", name=path)
    return Sentence("{name}: no such file; check its path", name=path.name)


def _told(name: str, content: bytes, policy: Policy) -> File | Sentence:
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix not in policy.evidence.types or suffix not in _KINDS:
        allowed = [kind for kind in policy.evidence.types if kind in _KINDS]
        return Sentence("{name} is no kind of evidence; save it as one of: {allowed}", name=name, allowed=allowed)
    media_type, marks = _KINDS[suffix]
    if any(content[at : at + len(mark)] != mark for at, mark in marks):
        return Sentence("{name} does not begin like a .{suffix} file; it is something else", name=name, suffix=suffix)
    if any(unfit in name for unfit in (*map(chr, range(32)), "\\", "\x7f")) or len(name) > 200:
        return Sentence("the name of a file cannot be used; rename it")
    return File(name, hashlib.sha256(content).hexdigest(), media_type, content)


def attach(tx: Transaction, steps: Sequence[Step], files: Sequence[File]) -> None:
    """Keep these files with these steps."""
    for step in steps:
        subject = step.subject
        keep(tx, files, subject.kind, subject.id, step.seq, subject.area_code)


def keep(tx: Transaction, files: Sequence[File], kind: str, subject: int, seq: int, area: str) -> None:
    """Keep these files with one step, or one record, of anything; bytes that are there already are not written again."""
    for file in sorted(files, key=attrgetter("hash")):  # in one order, so that nobody waits for who waits for them
        if tx.one(_BLOB, hash=file.hash) is None:
            tx.run(_KEEP, hash=file.hash, media_type=file.media_type, size=len(file.content), content=file.content)
    for name, file in _distinct(files).items():
        tx.add(evidence, kind=kind, subject_id=subject, seq=seq, hash=file.hash, name=name, area_code=area)


def _distinct(files: Sequence[File]) -> dict[str, File]:
    """Return one file a content, each under a name of its own: the same bytes twice are one piece of evidence."""
    once = list({file.hash: file for file in files}.values())
    names = [file.name for file in once]
    return {file.name if names.count(file.name) == 1 else f"{at}-{file.name}": file for at, file in enumerate(once, 1)}


def facts_of(files: Sequence[File]) -> list[dict[str, str]]:
    """Return what a step remembers of its evidence."""
    return [{"name": file.name, "hash": file.hash} for file in files]


def export(tx: Transaction, kind: Kind, number: int, folder: str) -> list[Path]:
    """Write the evidence of a case, or of something else that moves, into a folder; return the paths. Nothing is overwritten.

    Raises NotFound where there is none, BadInput where the folder cannot be written.
    """
    rows = tx.all(_OF_SUBJECT, of=kind, number=number)
    if not rows:
        raise NotFound(Sentence("nothing is attached to number {number}; add it with --evidence FILE", number=number))
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        return [_write(target, row) for row in rows]
    except OSError as error:
        raise BadInput(Sentence("{folder} cannot be written; choose another folder with -o", folder=folder)) from error


def _write(target: Path, row: Any) -> Path:
    """Write one file under a name that is only a name, whatever was stored."""
    name = Path(row.name.replace("\\", "/")).name or row.hash
    place = target / f"{row.seq}-{row.hash[:8]}-{name}"
    if not place.exists():
        with place.open("xb") as stream:
            stream.write(row.content)
    return place
