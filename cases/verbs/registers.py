"""Units and campaigns with their scope: the registers that clerks and officers keep."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from cases.ledger import Door
from cases.names import find, find_area
from cases.statements import Statement
from cases.tables import areas, campaign_units, campaigns, units
from cases.verbs.keeping import (
    Columns,
    change,
    credit_code,
    entry,
    filled,
    hold,
    must_keep_units,
    one_line,
    other_than,
    proper_name,
    refuse_if,
    twice,
    written,
)
from cases.verbs.outcome import Outcome
from workflow.errors import NotFound
from workflow.terms import ScopeStatus, UnitKind
from workflow.words import Sentence, Term

# -- units -------------------------------------------------------------------------------------------------------------

_UNIT = {
    "name": proper_name,
    "sector": filled,
    "park": one_line,
    "credit_code": credit_code,
    **dict.fromkeys(("responsible", "post", "address", "phone"), one_line),
}
_SAME_UNIT = Statement(select(units).where(units.c.name == bindparam("name"), units.c.area_code == bindparam("area")))
_SAME_CODE = Statement(select(units).where(units.c.credit_code == bindparam("code")))
_AREA = Statement(select(areas).where(areas.c.code == bindparam("code")))


def add_unit(
    door: Door, name: str, *, area: str, kind: str = UnitKind.enterprise, above_scale: bool = False, **said: Any
) -> Outcome:
    """Add a unit: its sector, and its park, credit code, address and who is responsible as far as they are known.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    columns = written(_UNIT, {"name": name, "kind": kind, "above_scale": above_scale, **said}, door.acting.policy)
    place = find_area(door.tx, area)
    must_keep_units(door, place.path)
    columns["area_code"] = place.code
    _check_unit(door, columns, None)
    return _unit(door, int(door.tx.add(units, **columns, added_at=door.acting.when.recorded_at)))


def edit_unit(door: Door, unit: str, *, area: str | None = None, **said: Any) -> Outcome:
    """Change a unit; "" empties what need not be known of it. Its cases stay in the area they were found in.

    Raises BadInput, NotFound, Forbidden or Refused.
    """
    hold(door)
    tx = door.tx
    changed = written(_UNIT, said, door.acting.policy)
    found = find(tx, "unit", unit)
    was = tx.one(_AREA, code=found.area_code)
    place = was if area is None else find_area(tx, area)
    must_keep_units(door, was.path, place.path)
    changed["area_code"] = place.code
    _check_unit(door, {**found._asdict(), **changed}, found.id)
    change(tx, units, found.id, changed)
    return _unit(door, found.id)


def _check_unit(door: Door, after: Columns, own: int | None) -> None:
    """Raise Refused for a unit that is there already, or a credit code that another one bears."""
    same = door.tx.one(_SAME_UNIT, name=after["name"], area=after["area_code"])
    reasons = [*door.untimely(), *twice("unit", other_than(own, same))]
    code = after.get("credit_code")
    bearer = None if code is None else other_than(own, door.tx.one(_SAME_CODE, code=code))
    if bearer is not None:
        reasons.append(
            Sentence("the credit code {code} is that of {name} (id:{id})", code=code, name=bearer.name, id=bearer.id)
        )
    refuse_if(reasons, "unit", after["name"])


def _unit(door: Door, number: int) -> Outcome:
    told = entry(door.tx, units, number)
    return Outcome({"unit": told}, [Sentence("unit {id}: {name}", id=number, name=told["name"])])


# -- campaigns ---------------------------------------------------------------------------------------------------------

_CAMPAIGN = {"name": proper_name}
_SAME_CAMPAIGN = Statement(select(campaigns).where(campaigns.c.name == bindparam("name")))


def add_campaign(door: Door, name: str, *, from_on: date, to_on: date) -> Outcome:
    """Add a campaign that lasts from one day to another; it is that of the actor's area. Raises as `add_unit` does."""
    hold(door)
    columns = written(_CAMPAIGN, {"name": name, "from_on": from_on, "to_on": to_on}, door.acting.policy)
    must_keep_units(door)
    _check_campaign(door, columns, None)
    own = door.acting.actor.department
    columns["area_code"] = None if own is None else own.area.rpartition("/")[2]
    return _campaign(door, int(door.tx.add(campaigns, **columns)))


def edit_campaign(door: Door, campaign: str, **said: Any) -> Outcome:
    """Change a campaign's name or days. Raises as `edit_unit` does."""
    hold(door)
    changed = written(_CAMPAIGN, said, door.acting.policy)
    found = find(door.tx, "campaign", campaign)
    must_keep_units(door)
    _check_campaign(door, {**found._asdict(), **changed}, found.id)
    change(door.tx, campaigns, found.id, changed)
    return _campaign(door, found.id)


def _check_campaign(door: Door, after: Columns, own: int | None) -> None:
    same = door.tx.one(_SAME_CAMPAIGN, name=after["name"])
    reasons = [*door.untimely(), *twice("campaign", other_than(own, same))]
    if after["to_on"] < after["from_on"]:
        reasons.append(
            Sentence("it ends on {to}, before it begins on {begins}", to=after["to_on"], begins=after["from_on"])
        )
    refuse_if(reasons, "campaign", after["name"])


def _campaign(door: Door, number: int) -> Outcome:
    told = entry(door.tx, campaigns, number)
    return Outcome({"campaign": told}, [Sentence("campaign {id}: {name}", id=number, name=told["name"])])


# -- scope -------------------------------------------------------------------------------------------------------------

_IN_SCOPE = (campaign_units.c.campaign_id == bindparam("campaign"), campaign_units.c.unit_id == bindparam("unit"))
_SCOPED = Statement(select(campaign_units).where(*_IN_SCOPE))
_RESCOPE = Statement(
    update(campaign_units)
    .where(*_IN_SCOPE)
    .values({name: bindparam(f"new_{name}") for name in ("list", "product", "status")})
)


def scope(
    door: Door,
    campaign: str,
    named: Sequence[str],
    *,
    on_list: str,
    product: str | None = None,
    status: str | None = None,
) -> Outcome:
    """Take units into a campaign's scope, or change how they stand in it: all or none.

    A unit that comes new is surveyed unless said otherwise; what is not said of one that was there stays.
    Raises BadInput, NotFound naming every unknown unit, Forbidden, or Refused for a unit named twice.
    """
    hold(door)
    tx = door.tx
    said = written({"product": one_line}, {"list": on_list, "product": product, "status": status}, door.acting.policy)
    found = find(tx, "campaign", campaign)
    entering = _each_unit(door, named)
    must_keep_units(door, *[tx.one(_AREA, code=unit.area_code).path for unit in entering])
    refuse_if([*door.untimely(), *_repeated(entering)], "campaign", found.name)
    placed = [_place(door, found.id, unit, said) for unit in entering]
    return Outcome(
        {**_campaign(door, found.id).document, "units": placed},
        [
            Sentence("{unit}: {list}, {status}", unit=each["unit"], list=Term("scope_list", each["list"]),
                     status=Term("scope_status", each["status"]))
            for each in placed
        ],
    )  # fmt: skip


def _each_unit(door: Door, named: Sequence[str]) -> list[Any]:
    """Return the units of these names. Raises NotFound naming all that are unknown, or Refused for an ambiguous one."""
    found, unknown = [], []
    for name in named:
        try:
            found.append(find(door.tx, "unit", name))
        except NotFound as error:
            unknown.append(error)
    if len(unknown) == 1:
        raise unknown[0]
    if unknown:
        raise NotFound(Sentence("the scope stays as it is"), reasons=[error.what for error in unknown])
    return found


def _repeated(entering: Sequence[Any]) -> list[Sentence]:
    numbers = [unit.id for unit in entering]
    twice_named = dict.fromkeys(unit.name for unit in entering if numbers.count(unit.id) > 1)
    return [Sentence("{unit} is named twice", unit=name) for name in twice_named]


def _place(door: Door, campaign: int, unit: Any, said: Columns) -> Columns:
    tx = door.tx
    there = tx.one(_SCOPED, campaign=campaign, unit=unit.id)
    before = {"product": None, "status": ScopeStatus.surveyed} if there is None else there._asdict()
    after = {name: said.get(name, before.get(name)) for name in ("list", "product", "status")}
    if there is None:
        tx.add(
            campaign_units, campaign_id=campaign, unit_id=unit.id, **after, added_at=door.at, area_code=unit.area_code
        )
    else:
        tx.run(_RESCOPE, campaign=campaign, unit=unit.id, **{f"new_{name}": value for name, value in after.items()})
    return {"id": unit.id, "unit": unit.name, **after}
