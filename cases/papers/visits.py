"""What stands on a visit's papers: the record of an inspection, the decision on what was put right there, a recheck's opinion."""

import json
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from cases.names import find_inspection, find_order
from cases.papers import numbers
from cases.papers.orders import title_of
from cases.papers.sheets import Reader, Row, Sheet, gathered, hazard, sheet_of, signing
from cases.statements import Statement
from cases.tables import (
    campaigns,
    departments,
    hazards,
    inspection_departments,
    inspections,
    items,
    orders,
    paper_cases,
    papers,
    steps,
)
from workflow.errors import NotFound, Refused
from workflow.terms import Kind, PaperKind
from workflow.words import Sentence

VISIT = Statement(
    select(inspections, campaigns.c.name.label("campaign"))
    .outerjoin_from(inspections, campaigns, campaigns.c.id == inspections.c.campaign_id)
    .where(inspections.c.id == bindparam("inspection"))
)
_TOGETHER = Statement(
    select(departments.c.name)
    .join_from(inspection_departments, departments, departments.c.id == inspection_departments.c.department_id)
    .where(inspection_departments.c.inspection_id == bindparam("inspection"))
    .order_by(departments.c.id)
)
_FOUND = Statement(select(hazards).where(hazards.c.inspection_id == bindparam("inspection")).order_by(hazards.c.id))
ON_PAPER = Statement(
    select(hazards, steps.c.seq.label("step"), steps.c.trigger, steps.c.facts)
    .join_from(paper_cases, hazards, hazards.c.id == paper_cases.c.hazard_id)
    .join(
        steps,
        (steps.c.kind == Kind.hazard) & (steps.c.subject_id == hazards.c.id) & (steps.c.seq == paper_cases.c.seq),
    )
    .where(paper_cases.c.paper_id == bindparam("paper"))
    .order_by(hazards.c.id, steps.c.seq)
)
_JUDGED = Statement(
    select(items.c.requirement, orders.c.number, orders.c.ordered_at, departments.c.rank)
    .join_from(items, orders, orders.c.id == items.c.order_id)
    .join(departments, departments.c.id == orders.c.department_id)
    .where(items.c.hazard_id == bindparam("case"), items.c.result_seq == bindparam("step"))
    .order_by(items.c.id)
)
_JUDGED_AGAIN = Statement(
    select(steps.c.trigger, steps.c.at)
    .where(
        steps.c.kind == Kind.hazard,
        steps.c.subject_id == bindparam("case"),
        steps.c.seq > bindparam("step"),
        steps.c.trigger.in_([literal_column(f"'{each}'") for each in ("send_back", "pass_recheck", "fail_recheck")]),
    )
    .order_by(steps.c.seq)
    .limit(1)
)
_RECHECKS_OF = Statement(
    select(papers.c.subject_id)
    .join_from(papers, paper_cases, paper_cases.c.paper_id == papers.c.id)
    .join(items, (items.c.hazard_id == paper_cases.c.hazard_id) & (items.c.result_seq == paper_cases.c.seq))
    .where(papers.c.paper == PaperKind.recheck.value, items.c.order_id == bindparam("order"))
    .order_by(papers.c.id.desc())
    .limit(1)
)


# -- the record of an inspection ---------------------------------------------------------------------------------------


def inspection(reader: Reader, text: str) -> Sheet:
    """Read the record of a visit, by its number or `last`. Raises NotFound; Refused for a recheck's own visit."""
    visit = _visit(reader, PaperKind.inspection, text)
    if (
        _paper(reader, PaperKind.inspection, visit.id) is None
        and _paper(reader, PaperKind.recheck, visit.id) is not None
    ):
        raise Refused(
            Sentence(
                "inspection {id} was a recheck; print its opinion: rectify print recheck {id} -o FILE", id=visit.id
            )
        )
    paper = numbers.the_paper(reader.tx, PaperKind.inspection, "inspection", visit.id)
    found = reader.tx.all(_FOUND, inspection=visit.id)
    on_site = reader.on_site(visit.id)
    fields = {
        **reader.heading_of(paper),
        **signing(on_site),
        "place": visit.place or "",
        "starts": _moment(reader, visit.visited_on, visit.starts),
        "ends": _moment(reader, visit.visited_on, visit.ends),
        "visit_kind": reader.word("kind", visit.kind),
        "campaign": visit.campaign or "",
        "round": visit.round or "",
        "together": "、".join(each.name for each in reader.tx.all(_TOGETHER, inspection=visit.id)),
        "certified": len(on_site) > 1 and all(certificate for _, certificate in on_site),
        "note": visit.note or "",
        "items": [hazard(reader, number, each) for number, each in enumerate(found, 1)],
        "signed_by": visit.signed_by or "",
        "refusal": visit.sign_refused or "",
    }
    return sheet_of(paper, fields, " ".join(str(each.id) for each in found))


def _visit(reader: Reader, paper: PaperKind, text: str) -> Any:
    """Return a visit by its number, by the number on its paper, or the newest one this person made. Raises NotFound."""
    numbered = numbers.subject_numbered(reader.tx, paper, text)
    number = numbered or find_inspection(reader.tx, text, reader.viewer).id
    return reader.tx.one(VISIT, inspection=number)


def _paper(reader: Reader, paper: PaperKind, visit: int) -> Any:
    return numbers.paper_about(reader.tx, paper, "inspection", visit)


def _moment(reader: Reader, on: date, at: time | None) -> str:
    """Return a moment as the form asks for it; the hour is written by hand where it was not recorded."""
    return reader.day(on) + (f"{at.hour}时{at.minute:02d}分" if at else "　　时　　分")


def edition(on_paper: Sequence[Any]) -> str:
    """Return what a paper was made from: its cases, by the steps that put them there."""
    return " ".join(f"{each.id}:{each.step}" for each in on_paper)


# -- the opinion of a recheck ------------------------------------------------------------------------------------------


def recheck(reader: Reader, text: str) -> Sheet:
    """Read a recheck's opinion, by the number of its visit, or of the order it was about (the newest recheck of that).

    Raises NotFound; Refused where nothing was rechecked yet.
    """
    visit = reader.tx.one(VISIT, inspection=_rechecking(reader, text))
    paper = _paper(reader, PaperKind.recheck, visit.id)
    judged = reader.tx.all(ON_PAPER, paper=paper.id)
    rows, originals = _opinions(reader, judged)
    fields = {
        **reader.heading_of(paper),
        **signing(reader.on_site(visit.id)),
        "rechecked_on": reader.day(visit.visited_on),
        "originals": originals,
        "items": [{name: row[name] for name in _OPINION} for row in rows],
        "ordered_again": _ordered_again(reader, rows),
    }
    back = _sent_back(reader, rows)
    remarks = [f"第{places}项复查意见已于{day}退回，不再有效。" for places, day in gathered(back, "back_on")]
    return sheet_of(paper, fields, edition(judged), "作废" if len(back) == len(rows) else "", remarks)


_FINDERS: dict[str, Callable[..., Any]] = {"inspection": find_inspection, "order": find_order}


def _rechecking(reader: Reader, text: str) -> int:
    """Return the visit whose opinion is meant: by its own number, else of the order; `order:N` asks for that alone."""
    numbered = numbers.subject_numbered(reader.tx, PaperKind.recheck, text)
    if numbered is not None:
        return numbered
    kind, _, rest = text.partition(":")
    named = {kind: rest} if kind in _FINDERS else dict.fromkeys(_FINDERS, text)
    found = {each: row for each, name in named.items() if (row := tried(_FINDERS[each], reader, name)) is not None}
    if not found:
        raise NotFound(Sentence("no inspection and no order {text}; type: rectify inspections list", text=text))
    visit = next((visit for each, row in found.items() if (visit := _recheck_of(reader, each, row)) is not None), None)
    if visit is None:
        raise Refused(Sentence("{text} was not rechecked yet; type: rectify recheck --pass CASE …", text=text))
    return visit


def tried(find: Callable[..., Any], reader: Reader, text: str) -> Any:
    """Return what is found by this text, None where nothing is."""
    try:
        return find(reader.tx, text, reader.viewer)
    except NotFound:
        return None


def _recheck_of(reader: Reader, kind: str, row: Any) -> int | None:
    """Return the visit at which something was rechecked: itself, or the newest at which an order was."""
    if kind == "inspection":
        return row.id if _paper(reader, PaperKind.recheck, row.id) is not None else None
    newest = reader.tx.value(_RECHECKS_OF, order=row.id)
    return None if newest is None else int(newest)


#: What a template may name of a row.
_OPINION = ("no", "case", "text", "order", "result", "opinion")


def _opinions(reader: Reader, judged: Sequence[Any]) -> tuple[list[Row], list[Row]]:
    """Return a row for each item that was judged, and the orders they stand on."""
    rows: list[Row] = []
    originals: dict[str, Row] = {}
    for each in judged:
        facts = json.loads(each.facts)
        passed = each.trigger == "pass_recheck"
        for item in reader.tx.all(_JUDGED, case=each.id, step=each.step):
            title = title_of(item.rank)
            originals[item.number] = {"date": reader.day(item.ordered_at), "title": title, "number": item.number}
            rows.append(
                {
                    "no": len(rows) + 1, "case": each.id, "text": item.requirement, "order": item.number,
                    "result": "合格" if passed else "不合格", "opinion": facts["note"], "step": each.step,
                    "again": (facts["new"]["number"], facts["new"]["due_on"]) if "new" in facts else None,
                }
            )  # fmt: skip
    return rows, list(originals.values())


def _ordered_again(reader: Reader, rows: Sequence[Row]) -> list[Row]:
    return [
        {"places": places, "number": number, "due": reader.day(due)}
        for places, (number, due) in gathered(rows, "again")
    ]


def _sent_back(reader: Reader, rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose opinion does not stand any more: they passed, and were sent back before they were judged again."""
    back = []
    for row in rows:
        after = reader.tx.one(_JUDGED_AGAIN, case=row["case"], step=row["step"])
        if after is not None and after.trigger == "send_back":
            back.append({**row, "back_on": reader.day(after.at)})
    return back
