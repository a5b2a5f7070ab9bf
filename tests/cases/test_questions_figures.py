"""The figures of a campaign: counted from history, and never smoothed."""

import pytest
from sqlalchemy import update

import cases.tables as t
from cases.questions.figures import BY, campaign_report
from cases.questions.filters import Filters
from cases.questions.many import list_cases
from tests.cases.ledgers import WEST


def report(ledger, campaign, days=60, **options):
    with ledger.asking("Sun", days) as asking:
        return campaign_report(asking, campaign, **options)


def values(told):
    return {key: figure["value"] for key, figure in told["figures"].items()}


@pytest.fixture
def campaign(ledger):
    """Seven cases at two units: closed, closed and reopened, on the spot, rechecked, overdue, found, voided."""
    number = ledger.campaign("Clean-up", Mill="listed", Mine="reference")
    a, b, c, d = ledger.find(4, campaign=number, visit_round="first")
    e, f, g = ledger.find(
        3, unit="Mine", by=["Qian", "Zhou"], campaign=number, grade="larger", visit_round="second", days=1
    )
    ledger.find(unit="Mill", days=1)  # of no campaign
    first = ledger.order([a, b], 1, due_on=ledger.on(10))
    second = ledger.order([e, f], 2, due_on=ledger.on(15), by="Qian")
    ledger.move("correct", [c], 0.1, given={"evidence": ["photo"]}, officers=["Li", "Wang"])
    ledger.submit([a], 5)
    ledger.passed([a], 6)
    ledger.close([a], 7)
    ledger.failed(b, 12, due_on=ledger.on(30))
    ledger.passed([b], 20)
    ledger.close([b], 21)
    ledger.move("reopen", [b], 30, given={"note": "seen again"})
    ledger.move("pass_recheck", [e], 9, by="Qian", given={"note": "good"}, officers=["Qian", "Zhou"])
    ledger.move("void", [g], 3, by="Sun", given={"reason": "mistaken", "note": "not theirs"})
    return {"id": number, "cases": [a, b, c, d, e, f, g], "orders": [first, second]}


def test_the_figures_of_a_small_campaign(ledger, campaign):
    told = report(ledger, campaign["id"])
    assert {key: value for key, value in values(told).items() if value} == {
        "units.due": 2, "units.inspected": 2, "units.inspected.enterprise": 2, "coverage": 1, "inspections": 2, "rounds": 2,
        "hazards.found": 6, "hazards.general": 4, "hazards.larger": 2, "hazards.ordered": 4, "hazards.on_the_spot": 1,
        "hazards.closed": 1, "orders.issued": 3, "rate.rectified": 1 / 6, "rate.on_time": 2 / 4,
        "balance.found": 7, "balance.reopened": 1, "balance.closed": 2, "balance.voided": 1, "balance.end": 5,
    }  # fmt: skip
    assert told["figures"]["rate.rectified"]["of"] == [1, 6]
    assert told["figures"]["rate.on_time"]["of"] == [2, 4]
    assert told["figures"]["hazards.found"]["of"] is None
    assert all(figure["rule"] for figure in told["figures"].values())
    assert (told["groups"], told["contradictions"]) == ([], [])


def test_the_cases_still_open_are_named(ledger, campaign):
    _, b, c, d, e, f, _ = campaign["cases"]
    assert report(ledger, campaign["id"])["open"] == [b, c, d, e, f]


def test_every_figure_can_name_its_cases(ledger, campaign):
    a, b, _, _, e, f, _ = campaign["cases"]
    told = report(ledger, campaign["id"], cases=True)["figures"]
    assert told["hazards.closed"]["cases"] == [a]
    assert told["hazards.ordered"]["cases"] == told["orders.issued"]["cases"] == [a, b, e, f]
    assert told["rate.on_time"]["cases"] == [a, e]
    assert "cases" not in report(ledger, campaign["id"])["figures"]["hazards.closed"]


def test_on_time_is_judged_by_the_first_date_and_only_once_it_has_come(ledger, campaign):
    on_time = [report(ledger, campaign["id"], days)["figures"]["rate.on_time"]["of"] for days in (9, 11, 16)]
    assert on_time == [[0, 0], [1, 2], [2, 4]]


def test_a_rate_of_nothing_has_no_value(ledger):
    told = report(ledger, ledger.campaign("Empty"))["figures"]
    assert (told["rate.rectified"]["value"], told["rate.rectified"]["of"]) == (None, [0, 0])
    assert told["hazards.found"]["value"] == 0


# -- as of a day


def test_a_filed_report_can_be_printed_again(ledger, campaign):
    filed = report(ledger, campaign["id"], days=8)
    then = report(ledger, campaign["id"], days=60, as_of=ledger.on(8))
    assert values(then)["hazards.closed"] == 1
    assert values(then)["balance.end"] == 5
    a, b, c, d, e, f, _ = campaign["cases"]
    assert then["open"] == [b, c, d, e, f]
    assert values(filed)["balance.closed"] == 2  # without --as-of all that was recorded counts
    assert values(then)["orders.issued"] == 2
    assert a not in then["open"]


def test_what_was_recorded_late_is_left_out_of_a_filed_report(ledger, campaign):
    ledger.recorded_at = ledger.at(50)
    d = campaign["cases"][3]
    ledger.move("void", [d], 4, by="Zhao", given={"reason": "mistaken", "note": "a duplicate"})
    assert values(report(ledger, campaign["id"], as_of=ledger.on(49)))["hazards.found"] == 6
    assert values(report(ledger, campaign["id"], as_of=ledger.on(50)))["hazards.found"] == 5


def test_the_grade_is_the_one_it_had_then(ledger, campaign):
    d = campaign["cases"][3]
    ledger.move("regrade", [d], 40, given={"grade": "major", "basis": "new standard"}, facts={"grade": "major"})
    assert values(report(ledger, campaign["id"]))["hazards.major"] == 1
    assert values(report(ledger, campaign["id"], as_of=ledger.on(39)))["hazards.major"] == 0


def test_a_withdrawn_order_is_not_issued_from_the_day_it_was_withdrawn(ledger, campaign):
    order = campaign["orders"][1]
    f = campaign["cases"][5]
    given = {"order_id": order, "reason": "mistake", "note": "wrong firm"}
    ledger.move("withdraw", [f], 40, by="Sun", given=given)
    with ledger.store.begin() as tx:
        tx.run(update(t.orders).where(t.orders.c.id == order).values(withdrawn_at=ledger.at(40)))
    assert values(report(ledger, campaign["id"], as_of=ledger.on(39)))["orders.issued"] == 3
    assert values(report(ledger, campaign["id"]))["orders.issued"] == 2


def test_a_listed_hazard_is_counted_at_its_rank(ledger, campaign):
    given = {"body": ledger.actor("Sun").department, "number": "1", "due_on": ledger.on(50)}
    ledger.move("supervise", [campaign["cases"][5]], 20, by="Sun", given=given)
    assert values(report(ledger, campaign["id"]))["hazards.listed.county"] == 1


# -- groups


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ("sector", {"冷库": 4, "非煤矿山": 2}),
        ("list", {"listed": 4, "reference": 2}),
        ("product", {"–": 6}),
        ("area", {"East": 4, "West": 2}),
    ],
)
def test_the_parts_of_a_campaign(ledger, campaign, by, found):
    told = report(ledger, campaign["id"], by=by)
    assert {group["name"]: group["figures"]["hazards.found"]["value"] for group in told["groups"]} == found


@pytest.mark.parametrize("by", BY)
def test_the_parts_add_up_to_the_whole(ledger, campaign, by):
    told = report(ledger, campaign["id"], by=by)
    for key, figure in told["figures"].items():
        if figure["of"] is None and key != "rounds":
            assert sum(group["figures"][key]["value"] for group in told["groups"]) == figure["value"], key


def test_a_unit_in_scope_that_nobody_visited_has_its_group_too(ledger, campaign):
    ledger.unit("Quarry", WEST, "建筑施工")
    with ledger.store.begin() as tx:
        tx.add(
            t.campaign_units, campaign_id=campaign["id"], unit_id=ledger.units["Quarry"], list="listed",
            status="final", added_at=ledger.at(0), area_code=WEST, product=None,
        )  # fmt: skip
    groups = {group["name"]: group["figures"] for group in report(ledger, campaign["id"], by="sector")["groups"]}
    assert groups["建筑施工"]["units.inspected"]["value"] == 0


# -- contradictions


def test_a_hazard_at_a_unit_that_was_not_inspected_is_named(ledger, campaign):
    with ledger.store.begin() as tx:
        tx.run(update(t.inspections).where(t.inspections.c.unit_id == ledger.units["Mine"]).values(campaign_id=None))
    (contradiction,) = report(ledger, campaign["id"])["contradictions"]
    assert "not inspected" in contradiction


def test_a_row_that_is_not_where_its_history_left_it_is_named(ledger, campaign):
    d = campaign["cases"][3]
    with ledger.store.begin() as tx:
        tx.run(update(t.hazards).where(t.hazards.c.id == d).values(state="closed"))
    told = report(ledger, campaign["id"])
    assert d in told["open"]
    assert told["contradictions"] == [f"cases that are not where their history left them: {d}"]


def test_the_lists_and_the_figures_agree(ledger, campaign):
    with ledger.asking("Sun", 60) as asking:
        rows = list_cases(asking, Filters(campaign=campaign["id"], states=["closed"]))
    assert [row["id"] for row in rows] == [campaign["cases"][0]]
