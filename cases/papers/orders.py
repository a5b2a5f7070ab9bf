"""What stands on an order 责令限期整改指令书, of a township 限期整改意见书."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from cases.names import find_order
from cases.papers.sheets import TITLES, Reader, Row, Sheet, ended, gathered, numbers_of, signing
from cases.statements import Statement
from cases.tables import hazards, items, steps
from workflow.errors import Refused
from workflow.terms import Grade, ItemResult, Kind, PaperKind, Rank
from workflow.words import Sentence

#: What a township's order is called: it reports up what it may not punish.
OPINION = "限期整改意见书"

_ITEMS = Statement(
    select(
        items, hazards.c.grade, hazards.c.place, hazards.c.basis, hazards.c.inspection_id,
    )
    .join_from(items, hazards, hazards.c.id == items.c.hazard_id)
    .where(items.c.order_id == bindparam("order"))
    .order_by(items.c.id)
)  # fmt: skip
_ORDERED = Statement(
    select(steps.c.facts).where(
        steps.c.kind == Kind.hazard,
        steps.c.subject_id == bindparam("case"),
        steps.c.trigger == literal_column("'order'"),
    )
)
_STEP = Statement(
    select(steps.c.trigger, steps.c.facts, steps.c.at).where(
        steps.c.kind == Kind.hazard, steps.c.subject_id == bindparam("case"), steps.c.seq == bindparam("seq_")
    )
)


def title_of(rank: str) -> str:
    """Return what an order of a department of this rank is called."""
    return OPINION if Rank(rank) <= Rank.township else TITLES[PaperKind.order]


def order(reader: Reader, text: str) -> Sheet:
    """Read an order by its id, its number, or `last`. Raises NotFound; Refused when it asks for nothing, or was imported."""
    found = find_order(reader.tx, text, reader.viewer)
    department = reader.department(found.department_id)
    on_it = reader.tx.all(_ITEMS, order=found.id)
    if not on_it:
        raise Refused(Sentence("order {number} has no item; nothing is printed", number=found.number))
    _must_be_ours(reader, found, on_it[0])
    rows = [_item(reader, number, each) for number, each in enumerate(on_it, 1)]
    is_township = Rank(department.rank) <= Rank.township
    fields = {
        **reader.heading(
            PaperKind.order, title_of(department.rank), found.number, department, found.addressee_id, found.ordered_at
        ),
        **signing(_signers(reader, found, on_it)),
        "demand": "现要求" if is_township else "现责令",
        "items": rows,
        "deadlines": [{"places": places, "due": due} for places, due in gathered(rows, "due")],
        "interims": [{"places": places, "text": ended(said)} for places, said in gathered(rows, "interim")],
        "majors": numbers_of(row for row, each in zip(rows, on_it, strict=True) if each.grade == Grade.major),
        "reports_up": is_township,
    }
    mark, remarks = _became(reader, found, on_it)
    return Sheet(
        PaperKind.order, ("order", found.id), found.area_code, found.unit_id, found.addressee_id, found.number,
        found.ordered_at, " ".join(str(each.id) for each in on_it), fields, mark, remarks,
    )  # fmt: skip


def _must_be_ours(reader: Reader, found: Any, first: Any) -> None:
    """Raise Refused for an order out of an older ledger: what was served then is not made up now."""
    told = (json.loads(step.facts) for step in reader.tx.all(_ORDERED, case=first.hazard_id))
    if any("imported" in facts and facts.get("order") == found.id for facts in told):
        raise Refused(
            Sentence("order {number} was imported; its paper is the one that was served then", number=found.number)
        )


def _item(reader: Reader, number: int, each: Any) -> Row:
    return {
        "no": number,
        "case": each.hazard_id,
        "requirement": each.requirement,
        "place": each.place or "",
        "basis": each.basis or "",
        "grade": reader.word("grade", each.grade),
        "measure": each.measure,
        "responsible": each.responsible,
        "interim": each.interim or "",
        "due": reader.day(each.first_due_on),
    }


def _signers(reader: Reader, found: Any, on_it: Sequence[Any]) -> list[tuple[str, str | None]]:
    """Return the officers named on the order, else those of the visit that found its first hazard."""
    named = [reader.person(number) for number in json.loads(found.officers)]
    if named:
        return [(person.name, person.certificate) for person in named]
    return reader.on_site(on_it[0].inspection_id)


# -- what became of it -------------------------------------------------------------------------------------------------


def _became(reader: Reader, found: Any, on_it: Sequence[Any]) -> tuple[str, list[str]]:
    """Return the mark across a paper that is not in force any more, and a remark on each change since."""
    if found.withdrawn_at is not None:
        return "作废", [_withdrawal(reader, found, on_it)]
    remarks = [text for number, each in enumerate(on_it, 1) for text in _of_item(reader, number, each)]
    results = {each.result for each in on_it}
    if results == {ItemResult.withdrawn}:
        return "作废", remarks
    replaced = {ItemResult.failed, ItemResult.superseded, ItemResult.withdrawn}
    return ("已被替代" if results <= replaced else ""), remarks


def _withdrawal(reader: Reader, found: Any, on_it: Sequence[Any]) -> str:
    said = f"本文书已于{reader.day(found.withdrawn_at)}撤回，作废"
    withdrawn = [_step(reader, each) for each in on_it if each.result == ItemResult.withdrawn]
    reason = next((facts.get("reason") for trigger, facts in withdrawn if trigger == "withdraw"), None)
    why = "：".join(each for each in (reader.word("reason", reason) if reason else "", found.withdrawn_why) if each)
    replaced_by = f"，已被{found.withdrawn_number}替代" if reason == "replaced" and found.withdrawn_number else ""
    by_number = f"，文号：{found.withdrawn_number}" if found.withdrawn_number and not replaced_by else ""
    return f"{said}{replaced_by}。原因：{why}{by_number}。"


def _step(reader: Reader, each: Any) -> tuple[str, dict[str, Any]]:
    """Return the trigger and the facts of the step that gave an item its result."""
    step = reader.tx.one(_STEP, case=each.hazard_id, seq_=each.result_seq)
    return step.trigger, json.loads(step.facts)


def _of_item(reader: Reader, number: int, each: Any) -> Iterator[str]:
    if each.result == ItemResult.superseded:
        yield f"第{number}项已因退出决定不再执行。"
    elif each.result == ItemResult.withdrawn:
        yield f"第{number}项已作废。"
    elif each.result == ItemResult.failed:
        _, facts = _step(reader, each)
        yield f"第{number}项复查不合格，已被{facts['new']['number']}替代。"
    elif each.due_on != each.first_due_on:
        yield f"第{number}项整改期限已准予延长至{reader.day(each.due_on)}。"
