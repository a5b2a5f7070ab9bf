"""What stands on the papers of a halt: the decision 现场处理措施决定书 that imposed it, the reply 恢复生产批复 that lifted it."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, select

from cases.papers import numbers
from cases.papers.sheets import LAW, Reader, Row, Sheet, ended, hazard, numbers_of, sheet_of, signing
from cases.statements import Statement
from cases.tables import halt_hazards, halts, hazards, steps
from workflow.errors import NotFound, Refused
from workflow.states import HaltState, State
from workflow.terms import HaltKind, HaltScope, Kind, PaperKind
from workflow.words import Sentence, Term

#: What is decided on site; of a penalty the paper is the penalty's own.
DECIDED = {
    HaltKind.temporary: "责令暂时停产停业",
    HaltKind.stop_use: "责令停止使用相关设施、设备",
    HaltKind.stop_work: "责令停止施工",
    HaltKind.penalty: "停产停业整顿",
}

_HALT = Statement(select(halts).where(halts.c.id == bindparam("id")))
_NAMED = Statement(
    select(hazards, halt_hazards.c.round.label("named_round"))
    .join_from(halt_hazards, hazards, hazards.c.id == halt_hazards.c.hazard_id)
    .where(halt_hazards.c.halt_id == bindparam("id"))
    .order_by(hazards.c.id)
)
_STEPS = Statement(
    select(steps.c.seq, steps.c.trigger, steps.c.at, steps.c.facts)
    .where(steps.c.kind == Kind.halt, steps.c.subject_id == bindparam("id"))
    .order_by(steps.c.seq)
)


#: The step that imposes a halt, and makes the decision's paper.
IMPOSED = 1


def halt_by_id(reader: Reader, text: str) -> Any:
    """Return a halt by its number, None for no such one."""
    number = text.removeprefix("id:")
    return reader.tx.one(_HALT, id=int(number)) if number.isdecimal() and len(number) < 16 else None


# -- the decision ------------------------------------------------------------------------------------------------------


def measures(reader: Reader, halt: Any, paper: Any) -> Sheet:
    """Read the decision that imposed a halt."""
    history = reader.tx.all(_STEPS, id=halt.id)
    imposed = json.loads(history[0].facts)
    decision = DECIDED[HaltKind(halt.halt_kind)]
    rows = [
        {**hazard(reader, number, each), "decision": decision}
        for number, each in enumerate(reader.tx.all(_NAMED, id=halt.id), 1)
    ]
    fields = {
        **reader.heading_of(paper),
        **_signing(reader, halt, imposed),
        "inspected_on": reader.day(halt.imposed_at),
        "items": rows,
        "basis": LAW,
        "decisions": _decisions(reader, halt, imposed, rows),
    }
    mark, remarks = _became(reader, history)
    return sheet_of(paper, fields, "", mark, list(remarks))


def _signing(reader: Reader, halt: Any, facts: Row) -> Row:
    """Return the officers on site, or the supervisor who imposed it."""
    on_site = facts.get("officers")
    if on_site:
        return signing((each["name"], each["certificate"]) for each in on_site)
    imposer = reader.person(halt.imposed_by)
    return signing([(imposer.name, imposer.certificate)])


def _decisions(reader: Reader, halt: Any, imposed: Row, rows: list[Row]) -> list[Row]:
    scope = reader.word("scope", halt.scope)
    until = f"自{reader.day(halt.imposed_at)}起至{reader.day(imposed['until'])}止"
    texts = [
        f"因上述第{numbers_of(rows)}项无法保证安全，{DECIDED[HaltKind(halt.halt_kind)]}（{scope}），{until}。{ended(halt.reason)}",
        "上述隐患全部排除后，应当提出恢复申请，经本机关复查同意，方可恢复生产经营和使用。期限届满不等于解除。",
    ]
    return [{"no": number, "text": text} for number, text in enumerate(texts, 1)]


def _became(reader: Reader, history: list[Any]) -> tuple[str, Iterator[str]]:
    mark = "作废" if any(step.trigger == "revoke" for step in history) else ""
    return mark, (text for step in history if (text := _remark(reader, step)))


def _remark(reader: Reader, step: Any) -> str:
    on, facts = reader.day(step.at), json.loads(step.facts)
    match step.trigger:
        case "prolong":
            return f"期限已于{on}延长至{reader.day(facts['until'])}。"
        case "lift":
            return f"已于{on}解除，恢复生产。"
        case "convert":
            return f"已于{on}因单位退出而终结。"
        case "revoke":
            number = f"，文号：{facts['number']}" if facts.get("number") else ""
            return f"本决定已于{on}撤销，作废。原因：{facts['note']}{number}。"
    return ""


# -- the reply ---------------------------------------------------------------------------------------------------------


def resumption(reader: Reader, text: str) -> Sheet:
    """Read the reply that lifted a halt, by the halt or by its number.

    Raises NotFound; Refused, saying what to do, while the halt stands, and where nobody lifted it.
    """
    numbered = numbers.paper_numbered(reader.tx, PaperKind.resumption, text)
    halt = halt_by_id(reader, text if numbered is None else str(numbered.subject_id))
    if halt is None:
        raise NotFound(Sentence("no halt {id}; type: rectify halt list", id=text))
    if halt.state != HaltState.lifted:
        raise Refused(_not_lifted(halt))
    paper = numbers.the_paper(reader.tx, PaperKind.resumption, Kind.halt, halt.id, step=halt.moved_seq)
    history = {step.trigger: step for step in reader.tx.all(_STEPS, id=halt.id)}
    lifted = json.loads(history["lift"].facts)
    rows = [
        {**hazard(reader, number, each), "result": _result(reader, each)}
        for number, each in enumerate(reader.tx.all(_NAMED, id=halt.id), 1)
    ]
    imposing = numbers.paper_about(reader.tx, PaperKind.measures, Kind.halt, halt.id, IMPOSED)
    fields = {
        **reader.heading_of(paper),
        **_signing(reader, halt, lifted),
        "measure": DECIDED[HaltKind(halt.halt_kind)],
        "scope": reader.word("scope", HaltScope(halt.scope)),
        "imposed_on": reader.day(halt.imposed_at),
        "decision": (halt.number if imposing is None else imposing.number) or "",
        "asked_on": reader.day(history["request"].at),
        "done": json.loads(history["request"].facts).get("note") or "",
        "reviewed_on": reader.day(history["lift"].at),
        "items": rows,
        "note": lifted.get("note") or "",
    }
    return sheet_of(paper, fields)


def _result(reader: Reader, each: Any) -> str:
    """Return how a hazard stood when its halt was lifted: what came back since had been put right then."""
    if each.round > each.named_round or each.state in (State.rechecked, State.closed):
        return "复查合格"
    return reader.word("state", each.state)


def _not_lifted(halt: Any) -> Sentence:
    if halt.state == HaltState.imposed:
        return Sentence("halt {id} stands; the unit asks to resume: rectify halt request {id} --note T", id=halt.id)
    if halt.state == HaltState.resumption_requested:
        return Sentence(
            "halt {id} is to be reviewed; type: rectify halt lift {id} --by NAME --by NAME --note T", id=halt.id
        )
    return Sentence("halt {id}: {state}; nobody lifted it", id=halt.id, state=Term("state", halt.state))
