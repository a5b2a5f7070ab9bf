"""The numbers of papers: by department, kind of paper and year, in the transaction of what makes the paper.

The row of `numberings` is held from taking a number to the end of the transaction, so that several makers wait for each
other and none leaves a gap: who does not commit took nothing.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, column, insert, select, text

from cases.statements import Statement
from cases.store import Transaction
from cases.tables import departments, paper_cases, papers
from workflow.deadlines import local_date
from workflow.errors import Refused
from workflow.terms import PaperKind
from workflow.words import Sentence, Term

if TYPE_CHECKING:
    from cases.ledger import Door, Step

#: What a number says of the paper's kind, after what all the department's begin with; a listing's number is given.
SIGNS = {
    PaperKind.order: "责改",
    PaperKind.inspection: "检记",
    PaperKind.measures: "现决",
    PaperKind.recheck: "复查",
    PaperKind.extension: "延批",
    PaperKind.resumption: "复产",
}

_NEXT = Statement(
    text(
        "INSERT INTO numberings (department_id, year, paper, last) VALUES (:department, :year, :paper, 1) "
        "ON CONFLICT (department_id, year, paper) DO UPDATE SET last = numberings.last + 1 RETURNING last"
    ).columns(column("last"))
)
_PREFIX = Statement(
    select(departments.c.paper_prefix, departments.c.name).where(departments.c.id == bindparam("department"))
)
_MADE = Statement(
    select(papers).where(
        papers.c.paper == bindparam("paper"),
        papers.c.kind == bindparam("about"),
        papers.c.subject_id == bindparam("subject"),
        papers.c.seq == bindparam("step"),
    )
)
_NUMBERED = Statement(
    select(papers)
    .where(papers.c.paper == bindparam("paper"), papers.c.number == bindparam("number"))
    .order_by(papers.c.id.desc())
    .limit(1)
)
_PUT_ON = Statement(insert(paper_cases))


def next_number(tx: Transaction, department: int, year: int, paper: PaperKind) -> tuple[int, str]:
    """Take the next number of a department's papers of one kind and year: （地）安监责改〔年〕序号号."""
    serial = int(tx.value(_NEXT, department=department, year=year, paper=paper.value))
    return serial, f"{_beginning(tx.one(_PREFIX, department=department), paper)}〔{year}〕{serial}号"


def _beginning(department: Any, paper: PaperKind) -> str:
    """Return what the number begins with: the department's prefix is that of its orders, the others' follow from it."""
    of_orders: str = department.paper_prefix or f"（{department.name}）安监责改"
    if paper is PaperKind.order:
        return of_orders
    return of_orders.removesuffix(SIGNS[PaperKind.order]) + SIGNS[paper]


def year_of(door: "Door") -> int:
    """Return the year that counts for a number: that of what happens now, by local time."""
    return local_date(door.at, door.acting.policy.timezone).year


def paper_about(tx: Transaction, paper: PaperKind, about: str, subject: int, step: int = 0) -> Any:
    """Return the paper that was made of something, None before it is."""
    return tx.one(_MADE, paper=paper.value, about=about, subject=subject, step=step)


def paper_numbered(tx: Transaction, paper: PaperKind, number: str) -> Any:
    """Return the newest paper of this kind with this number, None where none has it."""
    return tx.one(_NUMBERED, paper=paper.value, number=number)


def subject_numbered(tx: Transaction, paper: PaperKind, number: str) -> int | None:
    """Return what the newest paper of this kind with this number is about, None where none has it."""
    found = paper_numbered(tx, paper, number)
    return None if found is None else int(found.subject_id)


def number_of(tx: Transaction, paper: PaperKind, about: str, subject: int, step: int = 0) -> str | None:
    """Return the number on the paper that was made of something, None where none was."""
    made = paper_about(tx, paper, about, subject, step)
    return None if made is None else str(made.number)


def the_paper(tx: Transaction, paper: PaperKind, about: str, subject: int, step: int = 0) -> Any:
    """Return the paper that was made of something. Raises Refused for what is older than the numbers."""
    made = paper_about(tx, paper, about, subject, step)
    if made is None:
        raise Refused(
            Sentence(
                "{about} {id} was imported, or is older than the numbers of papers; its paper is the one written then",
                about=Term("kind", about), id=subject,
            )
        )  # fmt: skip
    return made


def make(
    door: "Door",
    paper: PaperKind,
    about: str,
    subject: int,
    *,
    unit: int,
    area: str,
    step: int = 0,
    given: tuple[int, str] | None = None,
) -> Any:
    """Make a paper, or return the one that was made of this already. `given` is a department with its own number.

    Without it the paper is the actor's department's, with the next number; None for an actor without a department.
    """
    made = paper_about(door.tx, paper, about, subject, step)
    own = door.acting.actor.department
    if made is not None or (own is None and given is None):
        return made
    year = year_of(door)
    if given is not None:
        department, serial, number = given[0], None, given[1]
    else:
        assert own is not None
        department, (serial, number) = own.id, next_number(door.tx, own.id, year, paper)
    door.tx.add(
        papers,
        paper=paper, kind=about, subject_id=subject, seq=step, unit_id=unit, area_code=area, department_id=department,
        year=year, serial=serial, number=number, made_by=door.acting.actor.id, made_at=door.at,
        recorded_at=door.acting.when.recorded_at,
    )  # fmt: skip
    return paper_about(door.tx, paper, about, subject, step)


def put_on(door: "Door", paper: Any, steps: Iterable["Step"]) -> None:
    """Note which cases stand on a paper, and by which steps."""
    rows = [
        {"paper_id": paper.id, "hazard_id": step.case.id, "seq": step.seq, "area_code": step.case.area_code}
        for step in steps
    ]
    if rows:
        door.tx.many(_PUT_ON, rows)


def is_numbered(paper: Any, key: object) -> Sentence:
    """Return what a reader is told of a new paper."""
    return Sentence(
        "{paper} {number} is made; print it: rectify print {kind} {key} -o FILE.docx",
        paper=Term("paper", paper.paper), number=paper.number, kind=str(paper.paper), key=key,
    )  # fmt: skip
