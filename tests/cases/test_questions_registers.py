"""Lists and entries of the registers, of visits and of papers."""

import json

import pytest
from sqlalchemy import update

import cases.tables as t
from cases.questions import registers
from tests.cases.ledgers import EAST
from workflow.errors import Forbidden, NotFound


def ask(ledger, question, *args, viewer="Sun", **options):
    with ledger.asking(viewer, 3) as asking:
        return json.loads(json.dumps(question(asking, *args, **options)))


@pytest.mark.parametrize(
    "question",
    [
        registers.list_areas, registers.list_departments, registers.list_people, registers.list_units,
        registers.list_campaigns, registers.list_inspections, registers.list_orders,
    ],
)  # fmt: skip
def test_every_register_is_listed(ledger, question):
    ledger.order(ledger.find(campaign=ledger.campaign("Clean-up", Mill="listed")))
    assert ask(ledger, question)


@pytest.mark.parametrize(
    ("question", "number"),
    [
        (registers.show_area, "999"), (registers.show_department, 99), (registers.show_person, 99),
        (registers.show_unit, 99), (registers.show_campaign, 99), (registers.show_inspection, 99),
        (registers.show_order, 99),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(ledger, question, number):
    with pytest.raises(NotFound, match="99"):
        ask(ledger, question, number)


def test_an_area_shows_what_lies_below_it_and_its_departments(ledger):
    said = ask(ledger, registers.show_area, "330109")
    assert [below["name"] for below in said["areas"]] == ["East", "West"]
    assert [own["name"] for own in said["departments"]] == ["bureau"]


def test_a_department_shows_its_power_in_effect_its_sectors_and_people(ledger):
    with ledger.store.begin() as tx:
        tx.add(t.department_sectors, department_id=ledger.departments["east"], sector="冷库")
    said = ask(ledger, registers.show_department, ledger.departments["east"])
    assert (said["may_order"], said["may_halt"], said["sectors"]) == (True, False, ["冷库"])
    assert [person["name"] for person in said["people"]] == ["Li", "Wang", "Zhao"]
    for name in ("Li", "Wang"):
        ledger.retire(name, ledger.on(0))
    assert ask(ledger, registers.show_department, ledger.departments["east"])["may_order"] is False


def test_where_notices_go_is_never_shown(ledger):
    ledger.person("Wu", "inspector", "east", notify="dingtalk://secret-token@x/")
    ledger.person("Xu", "inspector", "east", notify="secret-token")
    shown = json.dumps([ask(ledger, registers.list_people), ask(ledger, registers.show_person, ledger.people["Wu"])])
    assert "secret" not in shown
    assert ask(ledger, registers.show_person, ledger.people["Wu"])["notify"] == "dingtalk://…"


def test_people_who_left_are_listed_on_request_only(ledger):
    ledger.retire("Li", ledger.on(0))
    assert "Li" not in [person["name"] for person in ask(ledger, registers.list_people)]
    assert "Li" in [person["name"] for person in ask(ledger, registers.list_people, with_retired=True)]


def test_a_person_shows_the_open_cases_assigned_to_them(ledger):
    (case,) = ledger.find()
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).values(assigned_to=ledger.people["Wang"]))
    assert ask(ledger, registers.show_person, ledger.people["Wang"])["assigned"] == [case]


def test_a_unit_shows_its_cases_halts_exits_and_contacts(ledger):
    (case,) = ledger.find()
    said = ask(ledger, registers.show_unit, ledger.units["Mill"])
    assert [row["id"] for row in said["cases"]] == [case]
    assert (said["halts"], said["exits"], said["area"], said["area_code"]) == ([], [], "East", EAST)
    assert [person["name"] for person in said["contacts"]] == ["Contact"]


def test_a_campaign_shows_its_scope(ledger):
    number = ledger.campaign("Clean-up", Mill="listed", Mine="reference")
    said = ask(ledger, registers.show_campaign, number)
    assert [(place["unit"], place["list"], place["status"]) for place in said["scope"]] == [
        ("Mill", "listed", "final"),
        ("Mine", "reference", "final"),
    ]
    assert ask(ledger, registers.list_campaigns)[0]["units"] == 2


def test_an_inspection_shows_who_was_there_and_what_it_found(ledger):
    (case,) = ledger.find()
    (visit,) = ask(ledger, registers.list_inspections)
    said = ask(ledger, registers.show_inspection, visit["id"])
    assert [officer["name"] for officer in said["officers"]] == ["Li", "Wang"]
    assert [found["id"] for found in said["cases"]] == [case]
    assert (said["unit"], said["visited_on"], said["made_by"]) == ("Mill", "2026-03-02", "Li")


def test_an_order_shows_its_items(ledger):
    one, two = ledger.find(2)
    order = ledger.order([one, two])
    said = ask(ledger, registers.show_order, order)
    assert [item["case"] for item in said["items"]] == [one, two]
    assert (said["served"], said["addressee"], said["department"]) == (True, "Mill", "east")


def test_a_contact_sees_their_own_unit_its_visits_and_papers(ledger):
    ledger.find()
    theirs = ledger.find(unit="Mine", by=["Qian"])
    order = ledger.order(theirs, by="Qian")
    addressed = ledger.order(ledger.find(unit="Mine", by=["Qian"]), by="Qian", to="Mill")
    assert [unit["name"] for unit in ask(ledger, registers.list_units, viewer="Contact")] == ["Mill"]
    assert [visit["unit"] for visit in ask(ledger, registers.list_inspections, viewer="Contact")] == ["Mill"]
    assert [paper["id"] for paper in ask(ledger, registers.list_orders, viewer="Contact")] == [addressed]
    with pytest.raises(Forbidden):
        ask(ledger, registers.show_unit, ledger.units["Mine"], viewer="Contact")
    with pytest.raises(NotFound):
        ask(ledger, registers.show_order, order, viewer="Contact")


def test_lists_keep_the_newest_and_narrow_to_a_unit_or_area(ledger):
    ledger.order(ledger.find())
    ledger.find(unit="Mine", by=["Qian"])
    assert [visit["unit"] for visit in ask(ledger, registers.list_inspections, limit=1)] == ["Mine"]
    assert len(ask(ledger, registers.list_orders, unit=ledger.units["Mill"])) == 1
    path = ledger.actor("Li").department.area
    assert [unit["name"] for unit in ask(ledger, registers.list_units, area=path)] == ["Mill"]
