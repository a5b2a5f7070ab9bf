"""The figures counted a second time: by plain loops over every row of history, as a clerk with patience would.

Nothing of cases/questions/figures is used here. Slow, and easy to check.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

import cases.tables as t
from tests.cases.ledgers import Ledger

ZONE = ZoneInfo("Asia/Shanghai")
ENDED = {"closed", "shutdown", "relocated", "retreated", "voided"}
EXITED = {"shutdown", "relocated", "retreated"}


def local(instant: datetime) -> date:
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(ZONE).date()


#: What an exit of each kind is counted as.
LEFT = {"shutdown": "shutdown", "relocation": "relocated", "retreat": "retreated", "partial": "partial"}
#: The five-in-place, by the part of a plan each is read from.
PARTS = {"goal": "goals", "funds": "funds", "organisation": "bodies", "deadline": "time", "emergency": "measures"}
#: What is counted case by case.
NAMES = [
    *(f"hazards.{each}" for each in ("found", "general", "larger", "major", "ordered", "on_the_spot", "closed", "exited")),
    *(f"hazards.listed.{rank}" for rank in ("village", "township", "county", "city", "province")),
    *(f"balance.{each}" for each in ("start", "found", "reopened", "closed", "exited", "voided", "end")),
    *(f"plan.{each}" for each in ("listed", "goals", "funds", "bodies", "time", "measures")),
    "funds", "look_back.new", "judged", "kept",
]  # fmt: skip


@dataclass
class Window:
    """From when to when things happened, by when they were recorded, and when somebody asks."""

    first: date
    last: date
    as_of: date
    now: datetime

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last


def was_answered(known: list[Any], day: date) -> bool:
    """Whether a case was first submitted, else passed, by its date."""
    answers = [step for step in known if step.trigger == "submit"]
    answers = answers or [step for step in known if step.trigger == "pass_recheck"]
    return bool(answers) and min(local(step.at) for step in answers) <= day


class Recount:
    """Everything in a store, read once; `figures` counts it for a campaign or a period."""

    def __init__(self, ledger: Ledger) -> None:
        with ledger.store.read() as tx:
            self.hazards = tx.all(select(t.hazards).order_by(t.hazards.c.id))
            self.steps = tx.all(select(t.steps).order_by(t.steps.c.kind, t.steps.c.subject_id, t.steps.c.seq))
            self.by_case: dict[int, list[Any]] = {hazard.id: [] for hazard in self.hazards}
            for step in self.steps:
                if step.kind == "hazard":
                    self.by_case[step.subject_id].append(step)
            self.items = tx.all(
                select(t.items, t.orders.c.ordered_at, t.orders.c.served_at, t.orders.c.recorded_at)
                .join_from(t.items, t.orders, t.orders.c.id == t.items.c.order_id)
                .order_by(t.orders.c.ordered_at, t.items.c.due_on, t.items.c.id)
            )
            self.orders = tx.all(select(t.orders))
            self.visits = tx.all(select(t.inspections))
            self.units = tx.all(select(t.units))
            self.scoped = tx.all(select(t.campaign_units))
            self.extensions = tx.all(select(t.extensions))
            self.look_backs = tx.all(select(t.look_backs))
            self.halts = tx.all(select(t.halts))
            self.named = tx.all(select(t.halt_hazards))
            self.checklists = tx.all(select(t.checklists).order_by(t.checklists.c.version))
            self.listed = tx.all(select(t.checklist_items))
            self.campaigns = tx.all(select(t.campaigns))
            self.exits = tx.all(select(t.exits))
            self.along = tx.all(select(t.exit_hazards))
            self.acceptances = tx.all(select(t.acceptances).order_by(t.acceptances.c.id))
            self.tallies = tx.all(select(t.tallies))

    def figures(
        self,
        *,
        now: datetime,
        campaign: int | None = None,
        first: date = date.min,
        last: date = date.max,
        as_of: date = date.max,
        units: set[int] | None = None,
    ) -> dict[str, Any]:
        """Return each figure: a number, or [numerator, denominator]."""

        def chosen(unit: int, of: int | None) -> bool:
            return (units is None or unit in units) and (campaign is None or of == campaign)

        window = Window(first, last, as_of, now)
        hazards = [each for each in self.hazards if chosen(each.unit_id, each.campaign_id)]
        visits = [each for each in self.visits if chosen(each.unit_id, each.campaign_id)]
        due = {each.unit_id for each in self.scoped if each.campaign_id == campaign}
        if campaign is None:
            due = {unit.id for unit in self.units if chosen(unit.id, None)}
        count = Counter(dict.fromkeys(NAMES, 0))
        inspected = {hazard.id: hazard.inspection_id for hazard in hazards}
        again = {visit.id for visit in visits if visit.kind == "look-back" and window.has(visit.visited_on)}
        for hazard in hazards:
            if known := self.known(hazard.id, window):
                self.count_balance(count, known, window)
                if all(step.trigger != "void" for step in known):
                    found = self.count_hazard(count, hazard.id, known, window)
                    count["look_back.new"] += found and inspected[hazard.id] in again
        done, judged, on_time = (
            count["hazards.closed"] + count["hazards.exited"],
            count.pop("judged"),
            count.pop("kept"),
        )
        return {
            **count,
            **self.of_visits(visits, due, window),
            "standards": self.standards(campaign, window),
            **self.on_record(hazards, campaign, window),
            "units.halted": len(self.halted({hazard.id for hazard in hazards}, campaign, units, window)),
            **self.gone(campaign, units, window),
            "units.upgraded": len(self.upgraded(chosen, window)),
            "orders.issued": self.issued({hazard.id for hazard in hazards}, window),
            "rate.rectified": [done, count["hazards.found"]],
            "rate.on_time": [on_time, judged],
        }

    def known(self, case: int, window: "Window") -> list[Any]:
        """The steps of a case that were recorded by then."""
        return [step for step in self.by_case[case] if local(step.recorded_at) <= window.as_of]

    def of_visits(self, visits: list[Any], due: set[int], window: "Window") -> dict[str, Any]:
        made = [each for each in visits if window.has(each.visited_on) and local(each.recorded_at) <= window.as_of]
        visited = {each.unit_id for each in made}
        kinds = Counter(unit.kind for unit in self.units if unit.id in visited)
        return {
            "units.due": len(due),
            "units.inspected": len(visited),
            **{f"units.inspected.{kind}": kinds[kind] for kind in ("enterprise", "school", "site", "other")},
            "coverage": [len(visited & due), len(due)],
            "inspections": len(made),
            "rounds": len({each.round for each in made if each.round}),
        }

    def count_balance(self, count: Counter[str], known: list[Any], window: "Window") -> None:
        before = [step for step in known if local(step.at) < window.first]
        until = [step for step in known if local(step.at) <= window.last]
        count["balance.start"] += bool(before) and before[-1].to_state not in ENDED
        count["balance.end"] += bool(until) and until[-1].to_state not in ENDED
        for step in until:
            if window.has(local(step.at)) and step.from_state != step.to_state:
                count["balance.found"] += step.trigger == "record"
                count["balance.reopened"] += step.trigger == "reopen"
                count["balance.closed"] += step.to_state == "closed"
                count["balance.exited"] += step.to_state in EXITED
                count["balance.voided"] += step.to_state == "voided"

    def count_hazard(self, count: Counter[str], case: int, known: list[Any], window: "Window") -> bool:
        until = [step for step in known if local(step.at) <= window.last]
        happened = [step for step in until if window.has(local(step.at))]
        triggers = {step.trigger for step in happened}
        state = until[-1].to_state if until else None
        if "record" in triggers:
            grades = [json.loads(step.facts)["grade"] for step in until if step.trigger in ("record", "regrade")]
            count["hazards.found"] += 1
            count[f"hazards.{grades[-1]}"] += 1
        count["hazards.ordered"] += "order" in triggers
        count["hazards.on_the_spot"] += "correct" in triggers
        count["hazards.closed"] += state == "closed" and "close" in triggers
        count["hazards.exited"] += state in EXITED and "confirm_exit" in triggers
        for rank in {json.loads(step.facts)["rank"] for step in happened if step.trigger == "supervise"}:
            count[f"hazards.listed.{rank}"] += 1
        day = self.first_date(case, known, window.as_of)
        if day is not None and window.has(day) and day < min(local(window.now), window.as_of):
            count["judged"] += 1
            count["kept"] += was_answered(known, day)
        plans = [json.loads(step.facts) for step in happened if step.trigger == "plan"]
        if plans:
            for part, key in PARTS.items():
                count[f"plan.{key}"] += bool(plans[-1][part])
            count["plan.listed"] += 1
            count["funds"] += Decimal(plans[-1]["funds"])
        return "record" in triggers

    def halted(self, cases: set[int], campaign: int | None, units: set[int] | None, window: "Window") -> set[int]:
        """The units halted within the window for one of these cases, unless it was revoked by its end."""
        stopped = set()
        for halt in self.halts:
            steps = [step for step in self.steps if step.kind == "halt" and step.subject_id == halt.id]
            until = [
                step for step in steps if local(step.recorded_at) <= window.as_of and local(step.at) <= window.last
            ]
            imposed = any(step.trigger == "impose" and window.has(local(step.at)) for step in until)
            names = {each.hazard_id for each in self.named if each.halt_id == halt.id}
            is_of = (units is None or halt.unit_id in units) if campaign is None else bool(names & cases)
            if imposed and is_of and until[-1].to_state != "revoked":
                stopped.add(halt.unit_id)
        return stopped

    def gone(self, campaign: int | None, units: set[int] | None, window: "Window") -> dict[str, int]:
        """The units that left, each kind by itself, and how many of them had every step verified."""
        left: dict[str, set[int]] = {}
        for leaving in self.exits:
            known = [
                step for step in self.steps
                if step.kind == "exit" and step.subject_id == leaving.id and local(step.recorded_at) <= window.as_of
            ]  # fmt: skip
            until = [step for step in known if local(step.at) <= window.last]
            if not until or until[-1].to_state in ("revoked", "breached") or not self.is_of(leaving, campaign, units):
                continue
            happened = [step for step in until if window.has(local(step.at))]
            stopped = any(step.trigger == "step" and json.loads(step.facts)["step"] == "stopped" for step in happened)
            decided = any(step.trigger == "decide" for step in happened)
            name = "units." + LEFT[leaving.exit_kind]
            if decided if leaving.exit_kind in ("relocation", "retreat") else stopped:
                left.setdefault(name, set()).add(leaving.unit_id)
            if any(step.trigger == "verify" for step in happened):
                left.setdefault(f"{name}.verified", set()).add(leaving.unit_id)
        names = [f"units.{name}{more}" for name in LEFT.values() for more in ("", ".verified")]
        return {name: len(left.get(name, ())) for name in names}

    def is_of(self, leaving: Any, campaign: int | None, units: set[int] | None) -> bool:
        """Whether an exit is a campaign's, or at one of these units."""
        if campaign is None:
            return units is None or leaving.unit_id in units
        plan = next(each for each in self.campaigns if each.id == campaign)
        scoped = any((each.campaign_id, each.unit_id) == (campaign, leaving.unit_id) for each in self.scoped)
        in_time = plan.from_on <= local(leaving.decided_at) <= plan.to_on
        cases = {each.hazard_id for each in self.along if each.exit_id == leaving.id}
        return (scoped and in_time) or any(each.id in cases and each.campaign_id == campaign for each in self.hazards)

    def standards(self, campaign: int | None, window: "Window") -> int:
        """How many items the newest checklist has, of this campaign or of each that was loaded within the window."""
        known = [
            each
            for each in self.checklists
            if local(each.recorded_at) <= window.as_of and local(each.made_at) <= window.last
        ]
        newest = {each.campaign_id: each for each in known if campaign in (None, each.campaign_id)}
        wanted = {each.id for each in newest.values() if window.has(local(each.made_at))}
        return sum(item.checklist_id in wanted for item in self.listed)

    def upgraded(self, chosen: Callable[[int, int], bool], window: "Window") -> set[int]:
        """The units that were accepted in the end, with no case of the campaign open at them."""
        known = [each for each in self.acceptances if local(each.recorded_at) <= window.as_of]
        until = [
            each for each in known if local(each.made_at) <= window.last and chosen(each.unit_id, each.campaign_id)
        ]
        newest = {(each.campaign_id, each.unit_id): each for each in until}.values()
        return {
            each.unit_id for each in newest
            if each.passed and window.has(local(each.made_at)) and not self.has_open(each.campaign_id, each.unit_id, window)
        }  # fmt: skip

    def has_open(self, campaign: int, unit: int, window: "Window") -> bool:
        of_unit = [each.id for each in self.hazards if (each.campaign_id, each.unit_id) == (campaign, unit)]
        until = ([step for step in self.known(case, window) if local(step.at) <= window.last] for case in of_unit)
        return any(steps and steps[-1].to_state not in ENDED for steps in until)

    def on_record(self, hazards: list[Any], campaign: int | None, window: "Window") -> dict[str, Any]:
        cases = {hazard.id for hazard in hazards}
        known = [
            each for each in self.look_backs if local(each.recorded_at) <= window.as_of and each.hazard_id in cases
        ]
        seen = [each for each in known if window.has(local(each.made_at))]
        counts = {
            f"look_back.{result}": len({each.hazard_id for each in seen if each.result == result})
            for result in ("stayed", "recurred")
        }
        added: dict[str, Decimal] = {}
        for tally in self.tallies:
            replaced = [
                each for each in self.tallies if each.replaces == tally.id and local(each.recorded_at) <= window.as_of
            ]
            of = campaign is None or tally.campaign_id == campaign
            if of and not replaced and window.has(tally.on_date) and local(tally.recorded_at) <= window.as_of:
                added[tally.key] = added.get(tally.key, Decimal(0)) + Decimal(tally.value)
        return {**counts, **added}

    def issued(self, cases: set[int], window: "Window") -> int:
        """How many papers ask something for these cases and were not withdrawn."""
        return sum(
            window.has(local(order.ordered_at))
            and local(order.recorded_at) <= window.as_of
            and any(item.order_id == order.id and item.hazard_id in cases for item in self.items)
            and not self.is_withdrawn(order.id, window.as_of)
            for order in self.orders
        )

    def first_date(self, case: int, known: list[Any], as_of: date) -> date | None:
        """The date of the first order that bound a case, as extended by then."""
        seqs = {step.seq for step in known}
        served = {step.at for step in known if step.trigger == "serve"}
        for item in self.items:
            lapsed = item.result in ("withdrawn", "superseded") and item.result_seq in seqs
            if item.hazard_id == case and item.served_at in served and not lapsed:
                late = [
                    asked.from_due_on for asked in self.extensions
                    if asked.item_id == item.id and asked.state == "granted" and self.granted_on(asked.id) > as_of
                ]  # fmt: skip
                return min(late, default=item.due_on)
        return None

    def granted_on(self, extension: int) -> date:
        granted = [
            step
            for step in self.steps
            if (step.kind, step.subject_id, step.trigger) == ("extension", extension, "grant")
        ]
        return local(granted[-1].recorded_at)

    def is_withdrawn(self, order: Any, as_of: date) -> bool:
        return any(
            step.trigger == "withdraw" and json.loads(step.facts)["order"] == order and local(step.recorded_at) <= as_of
            for step in self.steps
        )


def plainly(told: dict[str, Any]) -> dict[str, Any]:
    """Return a report's figures as a recount gives them."""
    return {
        key: figure["value"] if figure["of"] is None else figure["of"]
        for key, figure in told["figures"].items()
    }  # fmt: skip
