"""What stands on a decision on site 现场处理措施决定书: what a visit put right on the spot, or a halt that was imposed."""

from typing import Any

from cases.names import find_inspection
from cases.papers import halts, numbers, visits
from cases.papers.sheets import LAW, Reader, Sheet, gathered, hazard, sheet_of, signing
from workflow.errors import NotFound, Refused
from workflow.terms import Kind, PaperKind
from workflow.words import Sentence


def measures(reader: Reader, text: str) -> Sheet:
    """Read a decision by its number, by the inspection that put hazards right, or by the halt.

    `inspection:N` and `halt:N` tell one from the other. Raises NotFound; Refused where nothing was decided on site, and
    for a number that two decisions bear.
    """
    numbered = numbers.paper_numbered(reader.tx, PaperKind.measures, text)
    name = text if numbered is None else f"{numbered.kind}:{numbered.subject_id}"
    found = _found(reader, name)
    if not found:
        raise NotFound(Sentence("no inspection and no halt {text}; type: rectify inspections list", text=text))
    decided = {kind: paper for kind, thing in found.items() if (paper := _paper(reader, kind, thing.id)) is not None}
    if len(decided) > 1:
        choices = [f"{kind}:{thing.id}" for kind, thing in found.items()]
        raise Refused(Sentence("{text} names two decisions; choose one of: {choices}", text=text, choices=choices))
    if "halt" in decided:
        return halts.measures(reader, found["halt"], decided["halt"])
    if "inspection" in decided:
        return _corrections(reader, found["inspection"].id, decided["inspection"])
    raise Refused(_nothing(found))


def _found(reader: Reader, name: str) -> dict[str, Any]:
    kind, _, rest = name.partition(":")
    named = {kind: rest} if kind in ("inspection", "halt") else dict.fromkeys(("inspection", "halt"), name)
    found = {}
    if "inspection" in named:
        found["inspection"] = visits.tried(find_inspection, reader, named["inspection"])
    if "halt" in named:
        found["halt"] = halts.halt_by_id(reader, named["halt"])
    return {each: thing for each, thing in found.items() if thing is not None}


def _paper(reader: Reader, kind: str, number: int) -> Any:
    step = halts.IMPOSED if kind == Kind.halt else 0
    return numbers.paper_about(reader.tx, PaperKind.measures, kind, number, step)


def _nothing(found: dict[str, Any]) -> Sentence:
    if "inspection" not in found:
        halt = found["halt"]
        return Sentence(
            "halt {id} follows from decision {number}; that is its paper", id=halt.id, number=halt.number or "–"
        )
    number = found["inspection"].id
    return Sentence("nothing was put right on the spot at inspection {id}; type: rectify correct CASE", id=number)


def _corrections(reader: Reader, inspection: int, paper: Any) -> Sheet:
    visit = reader.tx.one(visits.VISIT, inspection=inspection)
    corrected = reader.tx.all(visits.ON_PAPER, paper=paper.id)
    rows = [
        {**hazard(reader, number, each), "decision": "责令立即排除，当场整改"}
        for number, each in enumerate(corrected, 1)
    ]
    fields = {
        **reader.heading_of(paper),
        **signing(reader.on_site(visit.id)),
        "inspected_on": reader.day(visit.visited_on),
        "items": rows,
        "basis": LAW,
        "decisions": [
            {"no": number, "text": f"第{places}项：{decision}。"}
            for number, (places, decision) in enumerate(gathered(rows, "decision"), 1)
        ],
    }
    return sheet_of(paper, fields, visits.edition(corrected))
