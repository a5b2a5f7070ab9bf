"""list, overdue, mine: which cases, in which order, and who sees them."""

import pytest
from sqlalchemy import update

import cases.tables as t
from cases.questions.filters import Filters
from cases.questions.many import list_cases, mine, overdue, overdue_by
from cases.questions.staff import ranks_with_nobody
from tests.cases.ledgers import COUNTY, EAST, WEST
from workflow.errors import NotFound

ROW = {"id", "unit", "grade", "text", "state", "waiting_on", "due_on", "overdue_days", "area"}


def listed(ledger, viewer="Sun", days=2, **filters):
    with ledger.asking(viewer, days) as asking:
        return [row["id"] for row in list_cases(asking, Filters(**filters))]


def ask(ledger, question, *args, viewer="Sun", days=2):
    with ledger.asking(viewer, days) as asking:
        return question(asking, *args)


def waits_on(ledger, viewer, days=2):
    return [(row["kind"], row["id"]) for row in ask(ledger, mine, viewer=viewer, days=days)]


def set_columns(ledger, case, **columns):
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).where(t.hazards.c.id == case).values(**columns))


# -- list and the filters


def test_a_row_has_every_promised_key(ledger):
    ledger.find()
    (row,) = ask(ledger, list_cases, Filters())
    assert set(row) >= ROW
    assert (row["unit"], row["area"], row["due_on"], row["overdue_days"]) == ("Mill", "East", "2026-03-05", 0)


def test_cases_are_filtered_by_each_word_and_all_of_them_together(ledger):
    campaign = ledger.campaign("Clean-up")
    east = ledger.find(2, campaign=campaign, text="cold store 50% full")
    (west,) = ledger.find(unit="Mine", by=["Qian"], grade="major", days=1, text="dam leaks")
    ledger.order([east[0]])
    assert listed(ledger) == [*east, west]
    assert listed(ledger, states=["ordered"]) == [east[0]]
    assert listed(ledger, states=["ordered", "found"], grades=["major"]) == [west]
    assert listed(ledger, unit=ledger.units["Mine"]) == [west]
    assert listed(ledger, campaign=campaign) == east
    assert listed(ledger, waiting_on="unit") == [east[0]]
    assert listed(ledger, text="COLD store") == east
    assert listed(ledger, since=ledger.on(1)) == [west]
    assert listed(ledger, until=ledger.on(0)) == east
    assert listed(ledger, campaign=campaign, states=["found"]) == [east[1]]


@pytest.mark.parametrize(("text", "found"), [("50%", 1), ("5%", 0), ("_", 0), ("/", 0)])
def test_text_is_searched_as_it_stands(ledger, text, found):
    ledger.find(text="50% full")
    assert len(listed(ledger, text=text)) == found


def test_an_area_means_everything_below_it_by_the_tree(ledger):
    (east,) = ledger.find()
    (west,) = ledger.find(unit="Mine", by=["Qian"])
    assert listed(ledger, area=COUNTY) == [east, west]
    assert listed(ledger, area=EAST) == [east]
    assert listed(ledger, area="West") == [west]
    with pytest.raises(NotFound, match="no area"):
        listed(ledger, area="999999")


def test_a_limit_keeps_the_newest(ledger):
    cases = ledger.find(4)
    assert listed(ledger, limit=2) == cases[2:]


def test_a_contact_sees_their_own_units_cases_everywhere(ledger):
    (own,) = ledger.find()
    (others,) = ledger.find(unit="Mine", by=["Qian"])
    (ordered,) = ledger.find(unit="Mine", by=["Qian"])
    ledger.order([ordered], by="Qian", to="Mill")
    assert listed(ledger, viewer="Contact") == [own, ordered]
    assert [row["id"] for row in ask(ledger, overdue, Filters(), viewer="Contact", days=40)] == [own, ordered]
    assert others in listed(ledger, viewer="Li")


# -- overdue


def test_overdue_cases_come_longest_first_and_closed_ones_never(ledger):
    short, long, closed = ledger.find(3)
    ledger.order([short], due_on=ledger.on(10))
    ledger.order([long], due_on=ledger.on(5))
    ledger.order([closed], due_on=ledger.on(5))
    ledger.passed([closed], 4)
    ledger.close([closed], 5)
    late = ask(ledger, overdue, Filters(), days=12)
    assert [(row["id"], row["overdue_days"]) for row in late] == [(long, 7), (short, 2)]
    assert ask(ledger, overdue, Filters(), days=5) == []
    assert len(ask(ledger, overdue, Filters(limit=1), days=12)) == 1


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("area", [("East", 2, 7), ("West", 1, 7)]),
        ("department", [("east", 2, 7), ("west", 1, 7)]),
        ("unit", [("Mill", 2, 7), ("Mine", 1, 7)]),
        ("responsible", [("Boss", 2, 7), ("Foreman", 1, 2)]),
    ],
)
def test_overdue_is_grouped_the_largest_group_first(ledger, by, groups):
    one, two = ledger.find(2)
    (three,) = ledger.find(unit="Mine", by=["Qian"])
    ledger.order([one], due_on=ledger.on(5))
    ledger.order([two], due_on=ledger.on(10), responsible="Foreman")
    ledger.order([three], due_on=ledger.on(5), by="Qian")
    told = ask(ledger, overdue_by, Filters(), by, days=12)
    assert [(group["name"], group["count"], group["worst_days"]) for group in told] == groups


def test_villages_of_one_name_are_two_groups(ledger):
    for code, under in (("330109001001", EAST), ("330109002001", WEST)):
        ledger.area(code, "Dong", "village", under)
        ledger.unit("Farm" + code, code, "学校")
        ledger.find(unit="Farm" + code)
    assert [group["count"] for group in ask(ledger, overdue_by, Filters(), "area", days=30)] == [1, 1]


# -- mine


def test_mine_is_what_the_inspectors_of_the_department_owe(ledger):
    found, ordered = ledger.find(2)
    ledger.order([ordered])
    assert waits_on(ledger, "Li") == waits_on(ledger, "Wang") == [("hazard", found)]
    assert waits_on(ledger, "Qian") == waits_on(ledger, "Zhao") == waits_on(ledger, None) == []


def test_mine_of_a_contact_is_what_their_unit_owes(ledger):
    _, ordered = ledger.find(2)
    ledger.order([ordered])
    (elsewhere,) = ledger.find(unit="Mine", by=["Qian"])
    ledger.order([elsewhere], by="Qian", to="Mill", due_on=ledger.on(5))
    assert waits_on(ledger, "Contact") == [("hazard", elsewhere), ("hazard", ordered)]


def test_an_assigned_case_is_the_assignees_until_they_leave(ledger):
    (case,) = ledger.find()
    set_columns(ledger, case, assigned_to=ledger.people["Wang"])
    assert waits_on(ledger, "Wang") == [("hazard", case)]
    assert waits_on(ledger, "Li") == []
    ledger.retire("Wang", ledger.on(1))
    assert waits_on(ledger, "Li") == [("hazard", case)]


def test_the_close_out_of_a_grave_hazard_waits_on_the_supervisor(ledger):
    general, larger = ledger.find()[0], ledger.find(grade="larger")[0]
    ledger.order([general, larger])
    ledger.passed([general, larger], 2)
    assert waits_on(ledger, "Zhao", 3) == [("hazard", larger)]
    assert waits_on(ledger, "Li", 3) == [("hazard", general)]


def test_from_expiry_on_the_inspector_owes_a_recheck_too(ledger):
    (case,) = ledger.find()
    ledger.order([case], due_on=ledger.on(5))
    assert waits_on(ledger, "Li", 5) == []
    assert waits_on(ledger, "Li", 6) == [("hazard", case)]


def test_where_a_department_has_nobody_the_nearest_one_above_acts(ledger):
    ledger.area("330109001001", "Dong", "village", EAST)
    ledger.department("village", "330109001001", "village")
    ledger.unit("Farm", "330109001001", "学校")
    ledger.person("Patrol", "patroller", "village")
    (case,) = ledger.find(unit="Farm", by=["Patrol"])
    assert waits_on(ledger, "Li") == [("hazard", case)]
    assert waits_on(ledger, "Zhou") == []
    ledger.retire("Li", ledger.on(0))
    ledger.retire("Wang", ledger.on(0))
    assert waits_on(ledger, "Zhao") == [("hazard", case)]


def test_a_transfer_waits_on_the_supervisor_of_the_receiver_and_the_sender_still_acts(ledger):
    (case,) = ledger.find()
    bureau = ledger.actor("Sun").department
    ledger.move("transfer", [case], by="Zhao", given={"to": bureau, "note": "theirs"})
    (row,) = ask(ledger, mine, viewer="Sun")
    assert (row["kind"], row["id"], row["waiting_on"], row["due_on"]) == ("transfer", case, "department", "2026-03-10")
    assert waits_on(ledger, "Li") == [("hazard", case)]


def test_the_most_urgent_comes_first_and_of_equal_ones_the_graver(ledger):
    (later,) = ledger.find(days=1)
    general, major = ledger.find()[0], ledger.find(grade="major")[0]
    assert [case for _, case in waits_on(ledger, "Li")] == [major, general, later]
    assert [row["id"] for row in ask(ledger, mine, 1, viewer="Li")] == [major]


# -- who would be told


def test_ranks_with_nobody_are_named_for_areas_with_open_cases(ledger):
    ledger.find(grade="major")
    ledger.find(unit="Mine", by=["Qian"])
    with ledger.store.read() as tx:
        told = ranks_with_nobody(tx, ledger.policy, ledger.on(0))
    assert told == [
        {"area": "East", "area_code": EAST, "ranks": ["city"]},
        {"area": "West", "area_code": WEST, "ranks": ["township"]},
    ]
