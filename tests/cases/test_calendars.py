"""Loading the yearly notice: who may, what is refused, what history keeps, and that everything then counts by it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, text

from cases import desk
from cases.acting import calendar_of, policy_of
from cases.clockwork import sweep
from cases.history import last_seal, seal, verify
from cases.people import sign_in
from cases.questions.asking import Asking
from cases.questions.calendars import nth_working_day, year_of
from cases.questions.health import doctor
from cases.setup import prepare
from cases.store import Store, open_store
from cases.tables import calendars, metadata, people, steps
from cases.verbs.calendars import load
from tests.cases.ledgers import Ledger
from workflow.calendar import china
from workflow.errors import BadInput, Forbidden, Refused

#: The first year that the program does not know by itself, and a day late enough for its notice to be out.
YEAR = china().known_to.year + 1
NOW = datetime(YEAR - 1, 11, 23, 1, tzinfo=UTC)


def notice(year: int = YEAR, *, document: str = "国办发明电〔2026〕7号", off: str = "01-01", more: str = "") -> str:
    return f"""
document = "{document}"
published = {year - 1}-11-05
year = {year}
off = [{year}-{off}, {year}-01-02{more}]
"""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    prepare(database_url, NOW, "me")
    made = open_store(database_url)
    with made.begin() as tx:
        for name, role in (("孙丽", "clerk"), ("赵刚", "supervisor")):
            tx.add(people, name=name, role=role, login=name)
    yield made
    made.close()


def loaded(
    store: Store, said: str, *, login: str = "me", now: datetime = NOW, at: str | None = None, **more: Any
) -> Any:
    with store.begin() as tx, desk.guarded_door(tx, login, more.get("as_name"), at, now) as door:
        return load(door, said, "notice.toml")


def dump(store: Store) -> dict[str, list[Any]]:
    with store.read() as tx:
        return {table.name: tx.all(select(table)) for table in metadata.sorted_tables}


@contextmanager
def asking(store: Store, now: datetime = NOW) -> Iterator[Asking]:
    with store.read() as tx:
        yield Asking(tx, sign_in(tx, "me", None).actor, now, policy_of(tx)[1], calendar_of(tx))


def health(store: Store, now: datetime = NOW) -> tuple[bool, str]:
    with asking(store, now) as ask:
        found = next(each for each in doctor(ask) if each["check"] == "calendar")
    return found["ok"], found["detail"]


def test_without_a_notice_the_calendar_is_the_one_that_ships(store):
    with store.read() as tx:
        assert calendar_of(tx) is china()


def test_a_notice_makes_its_year_firm_and_every_command_counts_by_it(store):
    new_year = date(YEAR, 1, 1)
    with asking(store) as ask:
        assert nth_working_day(ask, date(YEAR - 1, 12, 25), 10)["provisional"]
    made = loaded(store, notice()).document["calendar"]
    assert made == {
        "version": 1, "year": YEAR, "document": "国办发明电〔2026〕7号", "days_off": 2, "days_worked": 0,
        "firm_until": f"{YEAR}-12-20",
        "recounted": 0,
    }  # fmt: skip
    with store.begin() as tx:
        calendar = desk.door(tx, "me", None, None, NOW).acting.calendar
    assert not calendar.works(new_year)
    assert calendar.is_firm(new_year)
    assert calendar.version == f"{china().version} + 国办发明电〔2026〕7号 v1"
    with asking(store) as ask:
        assert not nth_working_day(ask, date(YEAR - 1, 12, 25), 10)["provisional"]


def test_a_loading_is_a_step_of_a_chain_that_verifies_and_is_sealed(store):
    loaded(store, notice())
    loaded(store, notice(document="国办发明电〔2026〕8号", off="01-04"))
    assert verify(store) == (2, 0, [])
    with store.begin() as tx:
        seal(tx, NOW)
    assert (last_seal(store).steps, verify(store)[2]) == (2, [])
    with store.read() as tx:
        first, second = tx.all(select(steps).order_by(steps.c.seq))
    assert (first.kind, first.subject_id, first.trigger, first.actor_id) == ("calendar", 1, "load", 1)
    assert (first.calendar, second.calendar) == (china().version, f"{china().version} + 国办发明电〔2026〕7号 v1")
    assert '"replaces"' not in first.facts
    assert '"replaces":1' in second.facts
    assert second.prev == first.hash


def test_another_notice_for_the_year_is_an_amendment_and_history_keeps_both(store):
    loaded(store, notice())
    loaded(store, notice(document="国办发明电〔2026〕8号", off="01-04"))
    with store.read() as tx:
        assert calendar_of(tx).version.endswith("国办发明电〔2026〕8号 v2")
        assert [calendar_of(tx).works(date(YEAR, 1, day)) for day in (1, 4)] == [date(YEAR, 1, 1).weekday() < 5, False]
        assert [row.document for row in tx.all(select(calendars).order_by(calendars.c.version))] == ["国办发明电〔2026〕7号", "国办发明电〔2026〕8号"]  # fmt: skip
    with asking(store) as ask:
        told = year_of(ask, YEAR)
    assert [(each["version"], each["in_force"]) for each in told["notices"]] == [(1, False), (2, True)]
    assert told["source"] == "国办发明电〔2026〕8号"


def test_the_notice_that_was_replaced_may_be_loaded_again(store):
    for document in ("one", "two", "one"):
        loaded(store, notice(document=document))
    with store.read() as tx:
        assert calendar_of(tx).version.endswith("one v3")
    assert verify(store)[2] == []


@pytest.mark.parametrize("said", [notice(), "\ufeff" + notice() + "# with a word of explanation\n"])
def test_the_same_notice_again_is_refused(store, said):
    loaded(store, notice())
    before = dump(store)
    with pytest.raises(Refused, match="version 1 says the same already; nothing changed"):
        loaded(store, said)
    assert dump(store) == before


@pytest.mark.parametrize(
    ("said", "how", "told"),
    [
        (notice(YEAR + 1), {"now": NOW.replace(year=YEAR)}, f"the notice for {YEAR} is not known yet"),
        (notice(), {"now": NOW.replace(month=10)}, f"it is published on {YEAR - 1}-11-05 only"),
        (notice(), {"at": f"{YEAR - 1}-11-24 09:00"}, "future"),
    ],
)
def test_a_notice_out_of_its_time_is_refused(store, said, how, told):
    before = dump(store)
    with pytest.raises(Refused, match=told):
        loaded(store, said, **how)
    assert dump(store) == before


def test_no_loading_is_recorded_before_the_last_one(store):
    loaded(store, notice())
    with pytest.raises(Refused, match="after the time given"):
        loaded(store, notice(off="01-04"), at=f"{YEAR - 1}-11-20 09:00")


@pytest.mark.parametrize(
    "who", [{"login": "赵刚"}, {"login": "孙丽"}, {"login": "孙丽", "as_name": "me"}, {"as_name": "赵刚"}]
)
def test_only_administrators_load_a_notice(store, who):
    before = dump(store)
    with pytest.raises(Forbidden):
        loaded(store, notice(), **who)
    assert dump(store) == before


def test_what_is_wrong_in_the_file_is_said_before_who_may_load_it(store):
    before = dump(store)
    with pytest.raises(BadInput, match=r"line 5, off\.3: .* twice"):
        loaded(store, notice(more=f", {YEAR}-01-02"), login="赵刚")
    assert dump(store) == before


def test_of_two_who_load_the_same_notice_at_once_one_is_refused(store):
    ready = Barrier(2)

    def one(_: int) -> str:
        ready.wait()
        try:
            loaded(store, notice())
        except Refused:
            return "refused"
        return "loaded"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == ["loaded", "refused"]
    assert verify(store) == (1, 0, [])


def test_the_night_counts_by_the_notice_and_says_so(ledger: Ledger):
    case = ledger.find()[0]
    day = ledger.at(0).year
    with ledger.store.begin() as tx, desk.guarded_door(tx, "administrator", None, None, ledger.at(0)) as door:
        load(door, notice(day, document="amended"), "notice.toml")
    assert sweep(ledger.store, ledger.at(30)).moved == 1
    with ledger.store.read() as tx:
        last = tx.one(
            select(steps).where(steps.c.kind == "hazard", steps.c.subject_id == case).order_by(steps.c.seq.desc())
        )
    assert (last.trigger, last.calendar) == ("escalate", f"{china().version} + amended v1")


# -- whether it is well ------------------------------------------------------------------------------------------------


def test_doctor_says_how_long_working_days_are_firm(store):
    firm = china().firm_until
    assert health(store, NOW.replace(month=3)) == (
        True,
        f"working days are firm until {firm}, the next 60 days included",
    )
    ok, said = health(store, NOW)
    assert (ok, "not for the next 60 days" in said) == (True, True)
    ok, said = health(store, NOW.replace(month=12, day=22))
    assert (ok, "rectify calendar load FILE" in said) == (False, True)
    loaded(store, notice())
    assert health(store, NOW.replace(month=12, day=22)) == (True, f"working days are firm until {YEAR}-12-20, the next 60 days included")  # fmt: skip


def test_doctor_sees_a_notice_that_was_changed_behind_its_back(store):
    loaded(store, notice())
    assert health(store, NOW)[0]
    dropped = "calendars_refuse_UPDATE" if store.kind == "sqlite" else "calendars_refuse_change ON calendars"
    with store.begin() as tx:
        tx.run(text(f"DROP TRIGGER {dropped}"))
        tx.run(text("UPDATE calendars SET text = text || ' '"))
    ok, said = health(store, NOW)
    assert (ok, "versions 1 are not what was loaded" in said) == (False, True)
