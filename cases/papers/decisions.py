"""What stands on the papers by which a body decides: the notice of a listing, the answer to a request for a later date."""

import json
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from cases.papers import numbers
from cases.papers.sheets import Reader, Sheet, sheet_of
from cases.statements import Statement
from cases.tables import departments, extensions, hazards, items, orders, papers, people, steps
from workflow.errors import NotFound, Refused
from workflow.states import ExtensionState
from workflow.terms import Kind, PaperKind
from workflow.words import Sentence, Term

_askers, _deciders = people.alias(), people.alias()
_CASE = Statement(
    select(hazards, departments.c.name.label("in_charge"))
    .join_from(hazards, departments, departments.c.id == hazards.c.department_id)
    .where(hazards.c.id == bindparam("case"))
)
_LISTINGS = Statement(
    select(papers, steps.c.facts)
    .join_from(
        papers,
        steps,
        (steps.c.kind == papers.c.kind) & (steps.c.subject_id == papers.c.subject_id) & (steps.c.seq == papers.c.seq),
    )
    .where(papers.c.paper == PaperKind.listing.value, papers.c.subject_id == bindparam("case"))
    .order_by(papers.c.id.desc())
)
_EXTENSION = Statement(
    select(
        *[extensions.c[name] for name in ("id", "hazard_id", "area_code", "state", "ground", "reason", "interim")],
        *[extensions.c[name] for name in ("from_due_on", "until", "note", "moved_seq")],
        *[hazards.c.unit_id, items.c.requirement, orders.c.number.label("order"), orders.c.ordered_at],
        _askers.c.name.label("asker"),
        _deciders.c.name.label("decider"),
    )
    .join_from(extensions, hazards, hazards.c.id == extensions.c.hazard_id)
    .join(items, items.c.id == extensions.c.item_id)
    .join(orders, orders.c.id == items.c.order_id)
    .join(_askers, _askers.c.id == extensions.c.asked_by)
    .outerjoin(_deciders, _deciders.c.id == extensions.c.decided_by)
    .where(extensions.c.id == bindparam("id"))
)
_RELEASED = Statement(
    select(steps.c.at)
    .where(
        steps.c.kind == Kind.hazard,
        steps.c.subject_id == bindparam("case"),
        steps.c.seq > bindparam("step"),
        steps.c.trigger == literal_column("'release'"),
    )
    .order_by(steps.c.seq)
    .limit(1)
)
_ASKED = Statement(
    select(steps.c.at).where(steps.c.kind == Kind.extension, steps.c.subject_id == bindparam("id"), steps.c.seq == 1)
)


def listing(reader: Reader, text: str) -> Sheet:
    """Read the notice of a case's newest listing, by case or by the notice's number. Raises NotFound, Refused."""
    number = numbers.subject_numbered(reader.tx, PaperKind.listing, text) or _number(text)
    case = None if number is None else reader.tx.one(_CASE, case=number)
    if case is None:
        raise NotFound(Sentence("no case {numbers}; type: rectify list", numbers=[text]))
    paper = reader.tx.one(_LISTINGS, case=case.id)
    if paper is None:
        raise Refused(
            Sentence(
                "case {case} was not listed; type: rectify supervise {case} --body DEPARTMENT --number NO --due D",
                case=case.id,
            )
        )
    facts = json.loads(paper.facts)
    grade = reader.word("grade", case.grade)
    fields = {
        **reader.heading_of(paper),
        "case": case.id,
        "grade": grade,
        "text": case.text,
        "place": case.place or "",
        "basis": case.basis or "",
        "rank": f"{reader.word('rank', facts['rank'])}级",
        "due": reader.day(facts["due_on"]),
        "in_charge": case.in_charge,
    }
    released = reader.tx.value(_RELEASED, case=case.id, step=paper.seq)
    remarks = [] if released is None else [f"该隐患已于{reader.day(released)}摘牌。"]
    return sheet_of(paper, fields, remarks=remarks)


def _number(text: str) -> int | None:
    """Return a number that no store could have lost count of; None: it is none."""
    plain = text.removeprefix("id:")
    return int(plain) if plain.isdecimal() and len(plain) < 16 else None


def extension(reader: Reader, text: str) -> Sheet:
    """Read how a request for a later date was decided. Raises NotFound; Refused while nobody did."""
    number = numbers.subject_numbered(reader.tx, PaperKind.extension, text) or _number(text)
    found = None if number is None else reader.tx.one(_EXTENSION, id=number)
    if found is None:
        raise NotFound(Sentence("no extension {id}; type: rectify extension list", id=text), extension=number)
    if found.state not in (ExtensionState.granted, ExtensionState.refused):
        raise Refused(_not_decided(found))
    paper = numbers.the_paper(reader.tx, PaperKind.extension, Kind.extension, found.id, step=found.moved_seq)
    fields = {
        **reader.heading_of(paper),
        "case": found.hazard_id,
        "order": found.order,
        "ordered_on": reader.day(found.ordered_at),
        "requirement": found.requirement,
        "from_due": reader.day(found.from_due_on),
        "until": reader.day(found.until),
        "ground": reader.word("ground", found.ground),
        "reason": found.reason,
        "interim": found.interim,
        "asked_by": found.asker,
        "asked_on": reader.day(reader.tx.value(_ASKED, id=found.id)),
        "granted": found.state == ExtensionState.granted,
        "note": found.note or "",
        "decided_by": found.decider,
    }
    return sheet_of(paper, fields)


def _not_decided(found: Any) -> Sentence:
    if found.state == ExtensionState.requested:
        return Sentence("extension {id} waits for its answer; type: rectify extension grant {id}", id=found.id)
    return Sentence("extension {id}: {state}; nobody decided it", id=found.id, state=Term("state", found.state))
