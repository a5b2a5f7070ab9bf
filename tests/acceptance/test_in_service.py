"""Who has retired, or is none of those who visit, does nothing more: not by name and not by number."""

from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import update

from cases.store import open_store
from cases.tables import people
from tests.acceptance.refusing import refused, says
from tests.acceptance.station import Station

UNIT = "永安氧气"


def retired(station: Station, name: str) -> str:
    """Let somebody have retired yesterday; return their number."""
    number = next(row["id"] for row in station.told(None, "person", "list") if row["name"] == name)
    station.done(None, "person", "retire", name)
    with closing(open_store(station.store)) as store, store.begin() as tx:
        tx.run(update(people).where(people.c.id == number).values(retired_on=station.today - timedelta(1)))
    return f"id:{number}"


@pytest.mark.parametrize("kind", ["patrol", "report"])
@pytest.mark.parametrize("name", ["孙丽", "张伟"])
def test_a_contact_or_a_clerk_patrols_nothing(station: Station, kind: str, name: str) -> None:
    refusal = refused(station, "周平", "inspect", UNIT, "--by", name, "--kind", kind, exit_code=4)
    says(refusal, f"no inspector, supervisor or patroller in service on {station.day(0)}: {name}")


def test_who_has_retired_visits_takes_and_approves_nothing(station: Station) -> None:
    number = retired(station, "赵刚")
    case = station.cases["found"]
    says(refused(station, "周平", "inspect", UNIT, "--by", number, "--kind", "patrol", exit_code=4), "赵刚")
    says(
        refused(station, "王敏", "assign", case, "--to", number, exit_code=4), "only an active inspector or supervisor"
    )
    approved = ("--approved-by", number, "--why", "设备定制")
    far = ("--responsible", "张伟", "--measure", "分开存放", "--due", station.day(90))
    says(refused(station, "王敏", "order", case, *far, *approved, exit_code=4), "--approved-by SUPERVISOR --why T")
