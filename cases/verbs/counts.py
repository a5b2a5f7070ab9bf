"""Counts that people bring: tallies 统计量 of a campaign or an area, and targets 目标责任书 of an area or a department.

What is counted from the ledger's own history is a figure and no tally (cases/questions/figures.py).
"""

import re
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from cases.ledger import Door
from cases.names import find, find_either
from cases.numbers import counted, number_of
from cases.statements import Statement
from cases.tables import areas, campaigns, departments, tallies, targets
from cases.verbs.keeping import Columns, filled, hold, must_keep_units, on_record
from cases.verbs.outcome import Outcome
from workflow.errors import BadInput, NotFound, Refused
from workflow.policy import Policy
from workflow.words import Sentence, Term

_OF_KEY = Statement(
    select(tallies).where(
        tallies.c.key == bindparam("key"),
        tallies.c.campaign_id.is_not_distinct_from(bindparam("campaign")),
        tallies.c.area_code.is_not_distinct_from(bindparam("area")),
    )
)
_TALLY = Statement(select(tallies).where(tallies.c.id == bindparam("id")))
_REPLACED_BY = Statement(select(tallies.c.id).where(tallies.c.replaces == bindparam("id")))
_CAMPAIGN = Statement(select(campaigns).where(campaigns.c.id == bindparam("id")))
_AREA = Statement(select(areas).where(areas.c.code == bindparam("code")))
_NEWEST_TARGET = Statement(
    select(targets.c.value)
    .where(
        targets.c.area_code.is_not_distinct_from(bindparam("area")),
        targets.c.department_id.is_not_distinct_from(bindparam("department")),
        targets.c.year == bindparam("year"),
        targets.c.key == bindparam("key"),
    )
    .order_by(targets.c.id.desc())
    .limit(1)
)
_OF_DEPARTMENT = Statement(
    select(areas.c.path)
    .join_from(departments, areas, areas.c.code == departments.c.area_code)
    .where(departments.c.id == bindparam("department"))
)

#: What one tally shares with the one it replaces, and with one that says the same.
_KEPT = ("key", "measure", "unit_id", "campaign_id", "area_code")
_SAME = ("value", "about", "on_date", "unit_id")


def _key(text: str, policy: Policy) -> str:
    said = filled("key", text, policy)
    if not re.fullmatch(r"\w[\w.-]{0,63}", said):
        raise BadInput(Sentence("{key} is no key; write one word, like publicity.banners", key=said[:40]))
    return said


# -- tallies -----------------------------------------------------------------------------------------------------------


def add_tally(
    door: Door, of: str, key: str, value: str, *, measure: str, about: bool, on: date, unit: str | None = None
) -> Outcome:
    """Record that so much of something was counted on a day, for a campaign or an area; tallies of one key add up.

    `about`: the count is not exact (余, 多, 约). Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    policy = door.acting.policy
    said = {"key": _key(key, policy), "value": counted(value), "measure": filled("measure", measure, policy)}
    noun, found = find_either(door.tx, "campaign", of)
    where = None if unit is None else find(door.tx, "unit", unit)
    must_keep_units(door, *([found.path] if noun == "area" else []))
    columns = {
        **said,
        "about": about,
        "on_date": on,
        "unit_id": None if where is None else where.id,
        **_of(noun, found),
    }
    there = door.tx.all(_OF_KEY, key=said["key"], campaign=columns["campaign_id"], area=columns["area_code"])
    _refuse_if([*_untimely(door, on), *_other_measure(columns, there), *_twice(columns, there)], said["key"])
    return _tallied(door, columns, found.name, None if where is None else where.name)


def correct_tally(door: Door, tally: int, value: str, *, about: bool = False, on: date | None = None) -> Outcome:
    """Put another count in the place of one that was wrong; both stay on record.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    said = counted(value)
    wrong = door.tx.one(_TALLY, id=tally)
    if wrong is None:
        raise NotFound(Sentence("no tally {id}; type: rectify tally list", id=tally))
    area = None if wrong.area_code is None else door.tx.one(_AREA, code=wrong.area_code)
    of = area or door.tx.one(_CAMPAIGN, id=wrong.campaign_id)
    must_keep_units(door, *([] if area is None else [area.path]))
    kept = {name: getattr(wrong, name) for name in _KEPT}
    columns = {**kept, "value": said, "about": about, "on_date": on or wrong.on_date, "replaces": tally}
    _refuse_if([*_untimely(door, columns["on_date"]), *_corrected(door, wrong, columns)], wrong.key)
    where = None if wrong.unit_id is None else find(door.tx, "unit", f"id:{wrong.unit_id}").name
    return _tallied(door, columns, of.name, where)


def _of(noun: str, found: Any) -> Columns:
    of_area = noun == "area"
    return {"campaign_id": None if of_area else found.id, "area_code": found.code if of_area else None}


def _untimely(door: Door, on: date) -> list[Sentence]:
    ahead = [Sentence("{day} has not come yet; give the day it was counted", day=on)] if on > door.on else []
    return [*door.untimely(), *ahead]


def _other_measure(columns: Columns, there: list[Any]) -> list[Sentence]:
    """Return why a count in another measure is refused: it would not add up."""
    others = dict.fromkeys(each.measure for each in there if each.measure != columns["measure"])
    return [Sentence("{key} is counted in {measure}", key=columns["key"], measure=other) for other in others]


def _twice(columns: Columns, there: list[Any]) -> list[Sentence]:
    same = [each.id for each in there if all(getattr(each, name) == columns[name] for name in _SAME)]
    return [Sentence("it is there already, as tally {id}", id=number) for number in same[:1]]


def _corrected(door: Door, wrong: Any, columns: Columns) -> list[Sentence]:
    other = door.tx.value(_REPLACED_BY, id=wrong.id)
    if other is not None:
        return [Sentence("tally {other} stands in its place; correct that one", other=other)]
    if all(getattr(wrong, name) == columns[name] for name in ("value", "about", "on_date")):
        return [Sentence("that is on record already; nothing changed")]
    return []


def _refuse_if(reasons: list[Sentence], key: str) -> None:
    if reasons:
        raise Refused(Sentence("{key} is not counted", key=key), reasons=reasons)


def _tallied(door: Door, columns: Columns, of: str, unit: str | None) -> Outcome:
    number = int(door.tx.add(tallies, **columns, **on_record(door)))
    told = {
        "id": number,
        "of": of,
        "key": columns["key"],
        "value": number_of(columns["value"]),
        "measure": columns["measure"],
        "about": columns["about"],
        "on": columns["on_date"].isoformat(),
        "unit": unit,
        "replaces": columns.get("replaces"),
    }
    said = Sentence(
        "tally {id}: {key} about {value} {measure}" if columns["about"] else "tally {id}: {key} {value} {measure}",
        id=number,
        key=columns["key"],
        value=columns["value"],
        measure=columns["measure"],
    )
    return Outcome({"tally": told}, [said])


# -- targets -----------------------------------------------------------------------------------------------------------


def set_target(door: Door, of: str, *, year: int, key: str, value: str) -> Outcome:
    """Set what an area or a department is to reach in a year; a later one takes its place.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    said = {"year": year, "key": _key(key, door.acting.policy), "value": counted(value)}
    noun, found = find_either(door.tx, "department", of)
    of_area = noun == "area"
    must_keep_units(door, found.path if of_area else door.tx.value(_OF_DEPARTMENT, department=found.id))
    whose = {"area_code": found.code if of_area else None, "department_id": None if of_area else found.id}
    before = door.tx.value(
        _NEWEST_TARGET, area=whose["area_code"], department=whose["department_id"], year=year, key=said["key"]
    )
    same = [Sentence("it is {value} already; nothing changed", value=before)] if before == said["value"] else []
    reasons = [*door.untimely(), *same]
    if reasons:
        what = Sentence("{noun} {name} is not written", noun=Term("noun", "target"), name=said["key"])
        raise Refused(what, reasons=reasons)
    number = int(door.tx.add(targets, **whose, **said, **on_record(door)))
    told = {"id": number, noun: found.name, "year": year, "key": said["key"], "value": number_of(str(said["value"]))}
    line = Sentence("target of {name} in {year}: {key} {value}", name=found.name, **said)
    return Outcome({"target": told}, [line])
