"""The year's assessment 年终考核: what areas and departments reached of their targets 目标责任书, and how they rank.

A target is reached by as much as it says, or more; of what is not to happen – accidents, recurrences, what stays open –
by as little, or less. What has no value, like a rate of nothing or a tally nobody recorded, is neither, and named.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from statistics import fmean
from typing import Any

from sqlalchemy import bindparam, select

from cases.numbers import number_of
from cases.questions.asking import Asking
from cases.questions.figures.counted import Counted, counted, divided, joined
from cases.questions.figures.declared import RATES, Number
from cases.questions.figures.documents import Document, document, numbers_of, shown
from cases.questions.figures.happened import Due
from cases.questions.figures.scope import Reading, of_period
from cases.statements import Statement
from cases.tables import areas, department_sectors, departments, targets, units
from workflow.words import Sentence, Term

#: What `--by` may name.
BY = ("area", "department")
#: Of these, and of what begins so, little is much.
_AT_MOST = ("accidents", "deaths", "injuries", "balance.end", "balance.reopened", "look_back.recurred")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is to reach something: an area with everything below it, or a department with what is its own."""

    kind: str
    name: str
    path: str
    department: int | None = None
    sectors: frozenset[str] = frozenset()
    targets: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one target was reached: `share` of it, None where there is no value."""

    key: str
    target: float
    share: float | None

    @property
    def sense(self) -> str:
        """Whether a target is a least or a most."""
        return "at_most" if self.key.startswith(_AT_MOST) else "at_least"

    @property
    def is_met(self) -> bool | None:
        """Whether the target was reached."""
        return None if self.share is None else self.share >= 1


def assessment_report(
    asking: Asking, year: int, *, by: str | None = None, as_of: date | None = None, cases: bool = False
) -> Document:
    """Return what areas and departments reached of the year's targets, best first; `by` leaves one kind of them out.

    Raises Refused for a year that is still to come.
    """
    scope = of_period(asking, date(year, 1, 1), date(year, 12, 31), as_of)
    whole = counted(asking, scope, by="case" if cases else "owner")
    told = document(asking, whole, (), cases=cases, is_now=False)
    holders = _holders(asking, scope.reading, year, scope.params)
    groups = [
        _group(asking, holder, _part(holder, parts), cases=cases)
        for kind in BY
        if by in (None, kind)
        for parts in [_parts(asking, whole, kind)]
        for holder in holders
        if holder.kind == kind
    ]
    unknown = [asking.say(_no_value(group, key)) for group in groups for key in _without_value(group)]
    return {**told, "groups": list(_ranked(groups)), "contradictions": [*told["contradictions"], *unknown]}


# -- who is to reach what ----------------------------------------------------------------------------------------------


@cache
def _targets(reading: Reading) -> Statement:
    own, above = areas.alias("own"), areas.alias("above")
    return Statement(
        select(
            targets.c.key, targets.c.value, targets.c.area_code, targets.c.department_id,
            own.c.name.label("area"), own.c.path, departments.c.name.label("department"), above.c.path.label("above"),
        )
        .outerjoin(own, own.c.code == targets.c.area_code)
        .outerjoin(departments, departments.c.id == targets.c.department_id)
        .outerjoin(above, above.c.code == departments.c.area_code)
        .where(targets.c.year == bindparam("year"), reading.known(targets.c.recorded_at))
        .order_by(own.c.path, departments.c.id, targets.c.id)
    )  # fmt: skip


_SECTORS = Statement(select(department_sectors))


def _holders(asking: Asking, reading: Reading, year: int, params: Mapping[str, Any]) -> list[Holder]:
    """Return who has targets in a year, each with the newest of every key."""
    sectors: dict[int, set[str]] = {}
    for row in asking.tx.all(_SECTORS):
        sectors.setdefault(row.department_id, set()).add(row.sector)
    holders: dict[Any, Holder] = {}
    for row in asking.tx.all(_targets(reading), **params, year=year):
        holder = holders.setdefault((row.area_code, row.department_id), _holder(row, sectors))
        holder.targets[row.key] = _target(row.key, number_of(row.value))
    return list(holders.values())


def _holder(row: Any, sectors: Mapping[int, set[str]]) -> Holder:
    if row.area_code is not None:
        return Holder("area", row.area, row.path)
    own = frozenset(sectors.get(row.department_id, ()))
    return Holder("department", row.department, row.above, row.department_id, own)


def _target(key: str, value: float) -> float:
    """Return a target; that of a rate may be written in percent."""
    return value / 100 if key in RATES and value > 1 else value


# -- what they reached -------------------------------------------------------------------------------------------------

_UNITS = Statement(
    select(units.c.id, units.c.sector, areas.c.path).join_from(units, areas, areas.c.code == units.c.area_code)
)
_AREAS = Statement(select(areas.c.code, areas.c.path))


@dataclass(frozen=True, slots=True)
class Parts:
    """A report divided for those who have targets: by the path of the area, or by the department."""

    whole: Counted
    by_key: Mapping[Any, Counted]
    #: Every unit with its sector and the path of its area.
    units: Iterable[Any]


def _parts(asking: Asking, whole: Counted, kind: str) -> Parts:
    known = {each.unit_id for each in whole.due}
    there = [unit for unit in asking.tx.all(_UNITS) if unit.id in known]
    if kind == "department":
        return Parts(whole, divided(whole, lambda each: each.department_id), there)
    lies = {unit.id: unit.path for unit in there}
    paths = {area.code: area.path for area in asking.tx.all(_AREAS)}
    return Parts(whole, divided(whole, lambda each: lies.get(each.unit_id) or paths.get(each.area_code)), there)


def _part(holder: Holder, parts: Parts) -> Counted:
    """Return what happened where, or with whom, a target is to be reached."""
    if holder.department is None:
        return joined(parts.whole, [part for path, part in parts.by_key.items() if _lies(path, holder.path)])
    answers = [unit.id for unit in parts.units if _lies(unit.path, holder.path) and _is_of(unit, holder)]
    own = [parts.by_key[holder.department]] if holder.department in parts.by_key else []
    return replace(joined(parts.whole, own), due=[Due(unit) for unit in answers])


def _lies(path: str, below: str) -> bool:
    return path == below or path.startswith(f"{below}/")


def _is_of(unit: Any, holder: Holder) -> bool:
    return not holder.sectors or unit.sector in holder.sectors


def _group(asking: Asking, holder: Holder, part: Counted, *, cases: bool) -> Document:
    numbers = numbers_of(part)
    wanted = {key: numbers.get(key, Number(0, 0)) for key in holder.targets}
    reached = {key: _reached(key, target, wanted[key]) for key, target in holder.targets.items()}
    told = shown(asking, wanted, cases=cases)
    judged = [each for each in reached.values() if each.share is not None]
    return {
        "name": holder.name,
        "kind": holder.kind,
        "rank": None,
        "score": fmean(min(each.share or 0, 1) for each in judged) if judged else None,
        "met": [sum(bool(each.is_met) for each in judged), len(reached)],
        "figures": {
            key: {
                **figure,
                "of": figure["of"] if key in numbers else None,
                "target": reached[key].target,
                "sense": reached[key].sense,
                "achieved": reached[key].share,
                "met": reached[key].is_met,
            }
            for key, figure in told.items()
        },
    }


def _reached(key: str, target: float, number: Number) -> Reached:
    least = Reached(key, target, None)
    if number.value is None:
        return least
    if least.sense == "at_most":
        return Reached(key, target, 1.0 if number.value <= target else target / number.value)
    return Reached(key, target, number.value / target if target else 1.0)


def _ranked(groups: list[Document]) -> Iterator[Document]:
    """Yield the groups of each kind, best first; equal ones share a rank, and who cannot be judged has none."""
    for kind in BY:
        own = [group for group in groups if group["kind"] == kind]
        scores = sorted((group["score"] for group in own if group["score"] is not None), reverse=True)
        for group in sorted(own, key=lambda each: -1 if each["score"] is None else each["score"], reverse=True):
            yield {**group, "rank": None if group["score"] is None else scores.index(group["score"]) + 1}


def _without_value(group: Document) -> list[str]:
    return [key for key, figure in group["figures"].items() if figure["value"] is None]


def _no_value(group: Document, key: str) -> Sentence:
    figure = Term("figure", key)
    return Sentence(
        "{name} has a target of {figure}, and there is nothing to measure it by", name=group["name"], figure=figure
    )
