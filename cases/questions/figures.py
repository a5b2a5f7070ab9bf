"""The figures of a campaign as reports print them (DOMAIN §6), counted from history; nothing is smoothed.

Each is `{value, of, rule}`. A count has `of` null. A rate is a ratio `value` with `of` its [numerator, denominator]; of
0 of 0 the value is null, printed as "–". `rule` says in words what was counted. With `cases` each also names the cases
it counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from cases.questions.asking import Asking
from cases.questions.groups import NOBODY
from cases.questions.stories import Story, stories
from cases.statements import Statement
from cases.tables import areas, campaign_units, inspections, units
from workflow.deadlines import dated, end_of_day
from workflow.states import State
from workflow.terms import Grade, Rank
from workflow.words import Sentence

Figures = dict[str, dict[str, Any]]

#: What `--by` may name.
BY = ("sector", "list", "product", "area")
#: The ends that a verified exit brings.
EXITED = (State.shutdown, State.relocated, State.retreated)
_EVER = datetime.max.replace(tzinfo=UTC)

_VISITS = Statement(
    select(inspections.c.id, inspections.c.unit_id, inspections.c.round)
    .where(inspections.c.campaign_id == bindparam("campaign"), inspections.c.recorded_at <= bindparam("by"))
    .order_by(inspections.c.id)
)
_UNITS = Statement(
    select(
        units.c.id,
        units.c.sector,
        campaign_units.c.list,
        campaign_units.c.product,
        areas.c.name.label("area"),
        campaign_units.c.unit_id.label("scoped"),
    )
    .join_from(units, areas, areas.c.code == units.c.area_code)
    .outerjoin(
        campaign_units,
        (campaign_units.c.unit_id == units.c.id) & (campaign_units.c.campaign_id == bindparam("campaign")),
    )
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What happened in a campaign, or in a part of it."""

    visits: Sequence[Any]
    stories: Sequence[Story]
    #: Judges whether a case's first date has come, and whether it was kept; None where no date has come yet.
    kept: Callable[[Story], bool | None]

    @property
    def found(self) -> list[Story]:
        """The cases that count: not voided."""
        return [story for story in self.stories if not story.is_voided]

    def part(self, of: Iterable[int]) -> "Ledger":
        """Return what happened at these units."""
        ids = set(of)
        return Ledger(
            [visit for visit in self.visits if visit.unit_id in ids],
            [story for story in self.stories if story.unit_id in ids],
            self.kept,
        )


@dataclass(slots=True)
class Figure:
    """One figure before it is shown: how many, and of how many where it is a rate."""

    count: int
    rule: Sentence
    of: int | None = None
    cases: list[int] = field(default_factory=list)

    def shown(self, asking: Asking, *, cases: bool) -> dict[str, Any]:
        """Return the figure with the keys of CONTRACT, and on request the cases it counts."""
        named = {"cases": self.cases} if cases else {}
        rule = asking.say(self.rule)
        if self.of is None:
            return {"value": self.count, "of": None, "rule": rule, **named}
        return {"value": self.count / self.of if self.of else None, "of": [self.count, self.of], "rule": rule, **named}


def campaign_report(
    asking: Asking, number: int, *, by: str | None = None, as_of: date | None = None, cases: bool = False
) -> dict[str, Any]:
    """Return a campaign's figures, in all and by group, the cases still open, and what contradicts itself.

    `as_of` counts what was recorded by the end of that day, so that a filed report can be printed again. A group is a
    part of the campaign's units: a case belongs where its unit belongs. Raises KeyError for an unknown `by`.
    """
    ledger = _ledger(asking, number, as_of)
    figures = _figures(ledger)
    return {
        "figures": _shown(asking, figures, cases),
        "groups": [
            {"name": name, "figures": _shown(asking, _figures(part), cases)}
            for name, part in _parts(asking, number, ledger, by).items()
        ],
        "open": [story.id for story in ledger.found if story.is_open],
        "contradictions": [asking.say(each) for each in _contradictions(ledger, figures, is_now=as_of is None)],
    }


def _ledger(asking: Asking, number: int, as_of: date | None) -> Ledger:
    """Return what was recorded by the end of a day; without one all that was, whatever instant it is judged at."""
    recorded_by = _EVER if as_of is None else end_of_day(as_of, asking.policy.timezone)
    visits = asking.tx.all(_VISITS, campaign=number, by=recorded_by)
    now = min(asking.now, recorded_by)
    return Ledger(visits, stories(asking.tx, number, recorded_by), lambda story: _kept(asking, story, now))


def _kept(asking: Asking, story: Story, now: datetime) -> bool | None:
    first = story.first_date()
    if first is None:
        return None
    due_at = dated(first, asking.policy, asking.calendar).at
    if due_at >= now:
        return None
    answered = story.answered_at()
    return answered is not None and answered <= due_at


# -- counting ----------------------------------------------------------------------------------------------------------


def _figures(ledger: Ledger) -> dict[str, Figure]:
    return {**_of_visits(ledger), **_of_hazards(ledger), **_of_orders(ledger), **_rates(ledger), **_balance(ledger)}


def _of_visits(ledger: Ledger) -> dict[str, Figure]:
    return {
        "units.inspected": Figure(len({visit.unit_id for visit in ledger.visits}), Sentence("distinct units visited")),
        "inspections": Figure(len(ledger.visits), Sentence("visits")),
        "rounds": Figure(len({visit.round for visit in ledger.visits} - {None}), Sentence("named rounds")),
    }


def _of_hazards(ledger: Ledger) -> dict[str, Figure]:
    found = ledger.found
    figures = {"hazards.found": _those(found, Sentence("cases not voided"))}
    for grade in Grade:
        of_grade = [story for story in found if story.grade == grade]
        figures[f"hazards.{grade.value}"] = _those(of_grade, Sentence("cases not voided, of this grade"))
    ordered = [story for story in found if story.has("order")]
    figures["hazards.ordered"] = _those(ordered, Sentence("cases not voided that were ever on an order"))
    on_the_spot = [story for story in found if story.has("correct")]
    figures["hazards.on_the_spot"] = _those(on_the_spot, Sentence("cases not voided, corrected on the spot"))
    for rank in Rank:
        listed = [story for story in found if rank in story.listed_ranks()]
        figures[f"hazards.listed.{rank.value}"] = _those(listed, Sentence("cases not voided, ever listed at this rank"))
    closed, exited = _closed(found), _exited(found)
    figures["hazards.closed"] = _those(closed, Sentence("cases closed"))
    figures["hazards.exited"] = _those(exited, Sentence("cases ended by a verified exit"))
    return figures


def _of_orders(ledger: Ledger) -> dict[str, Figure]:
    papers = {story.id: story.orders() for story in ledger.stories}
    rule = Sentence("orders issued, second ones included, withdrawn ones not")
    distinct = set().union(*papers.values())
    return {"orders.issued": Figure(len(distinct), rule, cases=[case for case, on in papers.items() if on])}


def _rates(ledger: Ledger) -> dict[str, Figure]:
    found = ledger.found
    done = _closed(found) + _exited(found)
    judged = [(story, ledger.kept(story)) for story in found]
    due = [story for story, kept in judged if kept is not None]
    on_time = [story for story, kept in judged if kept]
    return {
        "rate.rectified": _those(done, Sentence("closed or exited, of those found"), of=len(found)),
        "rate.on_time": _those(
            on_time,
            Sentence("submitted, else rechecked, by the first date as extended, of those due by now"),
            of=len(due),
        ),
    }


def _balance(ledger: Ledger) -> dict[str, Figure]:
    """Return the moves in and out; `end` is counted by itself, so that a lost case would show."""
    every = ledger.stories
    return {
        "balance.start": Figure(0, Sentence("open before it began: a campaign starts with none")),
        "balance.found": Figure(len(every), Sentence("cases opened, voided ones included")),
        "balance.reopened": Figure(sum(story.count("reopen") for story in every), Sentence("times reopened")),
        "balance.closed": Figure(sum(story.entered([State.closed]) for story in every), Sentence("times closed")),
        "balance.exited": Figure(sum(story.entered(EXITED) for story in every), Sentence("times ended by an exit")),
        "balance.voided": Figure(sum(story.entered([State.voided]) for story in every), Sentence("cases voided")),
        "balance.end": _those([story for story in every if story.is_open], Sentence("cases open at the end")),
    }


def _closed(found: Sequence[Story]) -> list[Story]:
    return [story for story in found if story.state == State.closed]


def _exited(found: Sequence[Story]) -> list[Story]:
    return [story for story in found if story.state in EXITED]


def _those(counted: Sequence[Story], rule: Sentence, *, of: int | None = None) -> Figure:
    return Figure(len(counted), rule, of, [story.id for story in counted])


def _shown(asking: Asking, figures: Mapping[str, Figure], cases: bool) -> Figures:
    return {key: figure.shown(asking, cases=cases) for key, figure in figures.items()}


# -- groups and contradictions -----------------------------------------------------------------------------------------


def _parts(asking: Asking, number: int, ledger: Ledger, by: str | None) -> dict[str, Ledger]:
    """Return the campaign's parts by name: its scope, and every unit visited or found wanting besides."""
    if by is None:
        return {}
    if by not in BY:
        raise KeyError(by)
    seen = {visit.unit_id for visit in ledger.visits} | {story.unit_id for story in ledger.stories}
    members: dict[str, list[int]] = {}
    for unit in asking.tx.all(_UNITS, campaign=number):
        if unit.scoped is not None or unit.id in seen:
            members.setdefault(getattr(unit, by) or NOBODY, []).append(unit.id)
    return {name: ledger.part(ids) for name, ids in sorted(members.items())}


def _contradictions(ledger: Ledger, figures: Mapping[str, Figure], *, is_now: bool) -> list[Sentence]:
    """Return what cannot be true together, in words."""
    value = {key: figure.count for key, figure in figures.items()}
    more = [
        ("rate.rectified", "hazards.found", Sentence("more rectified than found")),
        ("hazards.ordered", "hazards.found", Sentence("more ordered than found")),
        ("rounds", "inspections", Sentence("more rounds than inspections")),
    ]
    named = [_too_many(what, value[many], value[few]) for many, few, what in more if value[many] > value[few]]
    visited = {visit.unit_id for visit in ledger.visits}
    unvisited = [story.id for story in ledger.found if story.unit_id not in visited]
    if unvisited:
        named.append(Sentence("hazards found at units that were not inspected: cases {cases}", cases=unvisited))
    left = value["balance.start"] + value["balance.found"] + value["balance.reopened"]
    left -= value["balance.closed"] + value["balance.exited"] + value["balance.voided"]
    if left != value["balance.end"]:
        named.append(_too_many(Sentence("the balance does not come out"), left, value["balance.end"]))
    astray = [story.id for story in ledger.stories if is_now and story.state != story.row_state and not story.later]
    if astray:
        named.append(Sentence("cases that are not where their history left them: {cases}", cases=astray))
    return named


def _too_many(what: Sentence, many: int, few: int) -> Sentence:
    return Sentence("{what}: {many} against {few}", what=what, many=many, few=few)
