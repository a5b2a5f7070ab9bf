"""`export cases`: cases as a ledger that prints, that the county takes, and that imports again as it is.

Every column is read from where the case keeps it: its row, its latest order, its steps. What a case was imported with and
has no place of its own here – an address, a remark – comes from the first step, where the import left it.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, or_, select

from cases.exchange.chunks import CHUNK, is_among, parameters
from cases.exchange.columns import Vocabulary, standard
from cases.exchange.sheets import Column, Form, Sheet, Value
from cases.questions.asking import Asking
from cases.questions.filters import Filters, conditions
from cases.statements import Statement
from cases.tables import (
    areas,
    departments,
    hazards,
    inspection_officers,
    inspections,
    items,
    orders,
    people,
    plans,
    steps,
    units,
)
from workflow.terms import Kind

#: The columns of an exported ledger, in their order: fields of columns.toml.
FIELDS: Final = (
    "number", "department", "area", "unit", "credit_code", "kind", "sector", "head", "address", "visit", "officers",
    "found_on", "grade", "category", "text", "place", "basis", "standard", "order", "ordered_on", "served_on",
    "requirement", "responsible", "measure", "interim", "due_on", "extended_to", "funds", "done", "done_on",
    "recheck_on", "recheckers", "opinion", "state", "closed_on", "note",
)  # fmt: skip
#: How the values of a column look, and how wide it is where that is not measured.
FORMS: Final[Mapping[str, Form]] = {
    "number": "number", "funds": "amount",
    **{name: "date" for name in FIELDS if name.endswith(("_on", "_to"))},
}  # fmt: skip
WIDTHS: Final = {"text": 40, "measure": 28, "basis": 24, "requirement": 28, "opinion": 20, "done": 24, "note": 20}

_ROWS = (
    select(
        hazards, areas.c.name.label("area"), units.c.name.label("unit"), units.c.kind.label("unit_kind"),
        units.c.credit_code, units.c.responsible.label("in_charge"), departments.c.name.label("department"),
        inspections.c.kind.label("visit"),
    )
    .join_from(hazards, units, units.c.id == hazards.c.unit_id)
    .join(areas, areas.c.code == hazards.c.area_code)
    .join(departments, departments.c.id == hazards.c.department_id)
    .join(inspections, inspections.c.id == hazards.c.inspection_id)
)  # fmt: skip


_ITEMS = Statement(
    select(items, orders.c.number, orders.c.ordered_at, orders.c.served_at)
    .join_from(items, orders, orders.c.id == items.c.order_id)
    .where(is_among(items.c.hazard_id))
    .order_by(items.c.id)
)
_TOLD: Final = (
    "order", "serve", "submit", "pass_recheck", "close", "confirm_exit", "void", "reopen", "fail_recheck", "send_back",
)  # fmt: skip
#: What each trigger is remembered as; and those after which what was put right is open again.
_AS: Final = {"close": "end", "confirm_exit": "end", "void": "end"}
_UNDO: Final = ("reopen", "fail_recheck", "send_back")
_STEPS = Statement(
    select(steps.c.subject_id, steps.c.trigger, steps.c.to_state, steps.c.at, steps.c.facts)
    .where(
        steps.c.kind == Kind.hazard,
        is_among(steps.c.subject_id),
        or_(
            steps.c.trigger.in_([literal_column(f"'{trigger}'") for trigger in _TOLD]),
            steps.c.facts.like(literal_column("""'%"imported":%'""")),
        ),
    )
    .order_by(steps.c.subject_id, steps.c.seq)
)
_OFFICERS = Statement(
    select(inspection_officers.c.inspection_id, people.c.name)
    .join_from(inspection_officers, people, people.c.id == inspection_officers.c.person_id)
    .where(is_among(inspection_officers.c.inspection_id))
    .order_by(people.c.id)
)
_FUNDS = Statement(
    select(plans.c.hazard_id, plans.c.funds).where(is_among(plans.c.hazard_id)).order_by(plans.c.hazard_id, plans.c.seq)
)
_NAMES = Statement(select(areas.c.code, areas.c.name))


def exported(asking: Asking, filters: Filters, *, is_chinese: bool) -> Sheet:
    """Return the cases that meet the filters as a sheet; its rows are read while it is written."""
    words = standard()
    titles = [words.fields[name].title if is_chinese else words.fields[name].english for name in FIELDS]
    columns = [
        Column(title, FORMS.get(name, "text"), WIDTHS.get(name), total=name == "funds")
        for name, title in zip(FIELDS, titles, strict=True)
    ]
    ledger = _Ledger(asking, words, is_chinese=is_chinese)
    title = "隐患排查治理台账" if is_chinese else "Ledger of hazards"
    return Sheet(
        "台账" if is_chinese else "Ledger",
        columns,
        ledger.rows(filters),
        title=title,
        total="合计" if is_chinese else "Total",
    )


class _Ledger:
    """Cases on their way into a sheet, some hundred at a time."""

    def __init__(self, asking: Asking, words: Vocabulary, *, is_chinese: bool) -> None:
        self.asking, self.tx = asking, asking.tx
        self.words = (
            words.offered
            if is_chinese
            else {kind: {word: word for word in said} for kind, said in words.offered.items()}
        )
        named: dict[str, list[str]] = defaultdict(list)
        for row in self.tx.all(_NAMES):
            named[row.name].append(row.code)
        #: Areas that share their name with another go by their code.
        self.ambiguous = {name for name, codes in named.items() if len(codes) > 1}
        self._days: dict[Any, date] = {}

    def rows(self, filters: Filters) -> Iterator[Sequence[Value]]:
        """Yield a row a case, in the order of their numbers."""
        wanted = conditions(self.asking, filters)
        last = 0 if filters.limit is None else self._before(wanted, filters.limit)
        query = Statement(
            _ROWS.where(*wanted, hazards.c.id > bindparam("last"))
            .order_by(hazards.c.id)
            .limit(literal_column(str(CHUNK)))
        )
        while found := self.tx.all(query, last=last):
            last = found[-1].id
            yield from self._chunk(found)

    def _before(self, wanted: Sequence[ColumnElement[bool]], limit: int) -> int:
        """Return the number before the newest so many cases."""
        newest: Select[Any] = select(hazards.c.id).where(*wanted).order_by(hazards.c.id.desc()).limit(limit)
        numbers = [row.id for row in self.tx.all(newest)]
        return min(numbers, default=1) - 1

    def _chunk(self, found: Sequence[Any]) -> Iterator[Sequence[Value]]:
        cases = parameters([row.id for row in found])
        item = {row.hazard_id: row for row in self.tx.all(_ITEMS, **cases)}
        told: dict[int, dict[str, Any]] = defaultdict(dict)
        for step in self.tx.all(_STEPS, **cases):
            of = told[step.subject_id]
            if step.trigger in _UNDO:
                for undone in ("submit", "pass_recheck", "end"):
                    of.pop(undone, None)
            else:
                of[_AS.get(step.trigger, step.trigger)] = step
        funds = {row.hazard_id: row.funds for row in self.tx.all(_FUNDS, **cases)}
        visits = parameters(sorted({row.inspection_id for row in found}))
        officers: dict[int, list[str]] = defaultdict(list)
        for row in self.tx.all(_OFFICERS, **visits):
            officers[row.inspection_id].append(row.name)
        for row in found:
            yield self._row(row, item.get(row.id), told[row.id], funds.get(row.id), officers[row.inspection_id])

    def _row(
        self, case: Any, item: Any, told: Mapping[str, Any], funds: str | None, officers: Sequence[str]
    ) -> Sequence[Value]:
        recorded = told.get("record")
        said = json.loads(recorded.facts).get("said", {}) if recorded is not None else {}
        item = None if case.state == "found" or (item is not None and item.round != case.round) else item
        funds = funds or said.get("funds")
        return (
            case.id, case.department, case.area_code if case.area in self.ambiguous else case.area, case.unit,
            case.credit_code, self.words["unit_kind"][case.unit_kind], case.sector, case.in_charge, said.get("address"),
            self.words["visit"][case.visit], "、".join(said.get("officers", officers)), case.found_on,
            self.words["grade"][case.grade], said.get("category"), case.text, case.place, case.basis, case.standard_item,
            *self._of_item(case, item, told), float(funds) if funds else None,
            *self._of_steps(case, told, said), said.get("note"),
        )  # fmt: skip

    def _of_item(self, case: Any, item: Any, told: Mapping[str, Any]) -> tuple[Value, ...]:
        """Return number, days, requirement, three-fixed, interim measures and extension of the latest order."""
        if item is None:
            return (None,) * 9
        return (
            item.number, *self._on_paper(item, told),
            None if item.requirement == case.text else item.requirement, item.responsible, item.measure, item.interim,
            item.first_due_on, item.due_on if item.due_on > item.first_due_on else None,
        )  # fmt: skip

    def _on_paper(self, item: Any, told: Mapping[str, Any]) -> tuple[date | None, date | None]:
        """Return the days of order and service; a ledger may have stated neither."""
        if "record" not in told:
            served = item.served_at
            return self.asking.date_of(item.ordered_at), None if served is None else self.asking.date_of(served)
        return self._day(told.get("order")), self._day(told.get("serve"))

    def _of_steps(self, case: Any, told: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[Value, ...]:
        """Return what was done and when, the recheck, the state and the day of its end."""
        submitted, rechecked = told.get("submit"), told.get("pass_recheck")
        has_ended = case.waiting_on == "none"
        facts = {} if rechecked is None else json.loads(rechecked.facts)
        passed = [*(officer["name"] for officer in facts.get("officers", ())), *facts.get("named", ())]
        done = said.get("done") if submitted is None else json.loads(submitted.facts).get("done") or said.get("done")
        done_on = self._day(submitted) or case.corrected_on or (None if submitted else _date(said.get("done_on")))
        return (
            done, done_on, self._day(rechecked) or _date(said.get("recheck_on")),
            "、".join(passed) or "、".join(said.get("recheckers", ())) or None, facts.get("note") or said.get("opinion"),
            self._state(case), self._day(told.get("end")) if has_ended else None,
        )  # fmt: skip

    def _state(self, case: Any) -> str:
        state = "corrected" if case.state == "closed" and case.corrected_on is not None else case.state
        return self.words["state"].get(state, state)

    def _day(self, step: Any) -> date | None:
        """Return the day of a step, unless a ledger stated it without one."""
        if step is None or '"dated":false' in step.facts:
            return None
        known = self._days.get(step.at)
        if known is None:
            known = self._days[step.at] = self.asking.date_of(step.at)
        return known


def _date(said: Any) -> date | None:
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
