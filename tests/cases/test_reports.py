"""Reports over a campaign and a period: every figure against a recount of history, as of any day, on both stores."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

import cases.tables as t
from cases.questions.figures import BY, KEYS, PERIOD_BY, campaign_report, compared, happened, period_report, stories
from cases.questions.figures.scope import of_period
from cases.verbs import counts, extensions, moves, orders
from tests.cases.ledgers import COUNTY, EAST, WEST, Ledger, opened
from tests.cases.recounts import Recount, plainly
from workflow.errors import BadInput, Forbidden, NotFound, Refused


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Sixty days of a campaign and of cases beside it, some of it recorded late. Nothing below changes it."""
    if request.param == "sqlite":
        with opened(str(tmp_path_factory.mktemp("reports") / "rectify.db")) as made:
            yield lived(made)
        return
    server = request.getfixturevalue("postgres_server")
    with server.database() as url, opened(url) as made:
        yield lived(made)


#: What the campaign's report printed on the evening of a day, by the kind of store.
printed: dict[tuple[str, int], dict[str, Any]] = {}


def lived(ledger: Ledger) -> Ledger:
    """Let everything happen that a report counts, and print the campaign's report now and then."""

    def evening(day: int) -> None:
        printed[ledger.store.kind, day] = campaign(ledger, day)

    ledger.unit("School", WEST, "学校")
    ledger.person("Wu", "supervisor", "west")
    number = ledger.campaign("Clean-up", Mill="listed", Mine="reference", School="listed")
    beside = ledger.find(2, days=0)
    mill = ledger.find(5, campaign=number, visit_round="first", days=1)
    mine = ledger.find(
        3, unit="Mine", by=["Qian", "Zhou"], campaign=number, grade="larger", visit_round="second", days=3
    )
    ledger.order([beside[0], mill[0], mill[1]], 4, due_on=ledger.on(20))
    second = ledger.order(mine[:2], 5, due_on=ledger.on(15), by="Qian")
    ledger.move("correct", [mill[2]], 1.1, given={"evidence": ["photo"]}, officers=["Li", "Wang"])
    with ledger.door("Sun", ledger.at(6)) as door:
        moves.supervise(door, mine[0], "bureau", "L1", ledger.on(40), if_version=None)
    with ledger.door("Sun", ledger.at(6)) as door:
        parts = {"goal": "g", "method": "m", "funds": "3.5", "organisation": "o", "emergency": "e"}
        moves.plan(door, mine[0], parts, ledger.on(60), if_version=None)
    with ledger.door("Contact", ledger.at(8)) as door:
        asked = extensions.request(
            door, mill[1], until=ledger.on(30), ground="other", reason="spare parts", interim="fenced off"
        )
    with ledger.door("Zhao", ledger.at(9)) as door:
        extensions.decide(door, "grant", asked.document["extension"]["id"], None, if_version=None)
    with ledger.door("Zhao", ledger.at(9.5)) as door:
        counts.add_tally(door, "Clean-up", "publicity.banners", "3", measure="条", about=False, on=ledger.on(2))
        counts.add_tally(
            door, "Clean-up", "publicity.banners", "5.5", measure="条", about=True, on=ledger.on(9), unit="Mill"
        )
        counts.add_tally(door, EAST, "accidents", "0", measure="起", about=False, on=ledger.on(9))
    evening(9)
    ledger.submit([mill[0]], 10)
    ledger.passed([mill[0], beside[0]], 12)
    ledger.close([mill[0], beside[0]], 13)
    evening(13)
    ledger.submit([mill[1]], 25)
    with ledger.door("Zhao", ledger.at(24)) as door:
        counts.correct_tally(door, 1, "4")
    evening(25)
    afterwards(ledger, number, mill, beside[0], f"id:{second}", evening)
    return ledger


def afterwards(
    ledger: Ledger, number: int, mill: list[int], beside: int, order: str, evening: Callable[[int], None]
) -> None:
    """Let some of it be recorded late, and some turn out otherwise."""
    ledger.recorded_at = ledger.at(33)
    ledger.move("void", [mill[4]], 14, by="Zhao", given={"reason": "mistaken", "note": "not theirs"})
    ledger.move("regrade", [mill[3]], 16, given={"grade": "major", "basis": "3.1"}, facts={"grade": "major"})
    ledger.recorded_at = None
    evening(33)
    ledger.move("reopen", [mill[0]], 34, given={"note": "seen again"})
    ledger.find(1, days=35, campaign=number, visit_round="third")
    with ledger.door("Wu", ledger.at(40)) as door:
        orders.withdraw(door, order, "mistake", "wrong firm", None)
    evening(40)
    for unit, days, passed in (("Mill", 41, True), ("School", 41, False), ("School", 42, True), ("Mine", 42, True)):
        accept(ledger, number, unit, days, passed)
    seen = ledger.inspect("Mill", ledger.at(41), kind="look-back", campaign_id=number)
    with ledger.store.begin() as tx:
        for case, result in ((beside, "stayed"), (mill[0], "recurred")):
            tx.add(
                t.look_backs, inspection_id=seen, hazard_id=case, seq=1, result=result, area_code=EAST, note=None,
                made_by=1, recorded_by=1, made_at=ledger.at(41), recorded_at=ledger.at(41),
            )  # fmt: skip
    ledger.order([mill[0]], 41, due_on=ledger.on(55))
    ledger.passed([mill[0]], 44)
    ledger.close([mill[0]], 45)


def accept(ledger: Ledger, campaign: int, unit: str, days: float, passed: bool) -> None:
    at = ledger.at(days)
    visit = ledger.inspect(unit, at, kind="acceptance", campaign_id=campaign)
    with ledger.store.begin() as tx:
        tx.add(
            t.acceptances, campaign_id=campaign, unit_id=ledger.units[unit], area_code=EAST, inspection_id=visit,
            passed=passed, panel="[]", note="seen", made_by=1, recorded_by=1, made_at=at, recorded_at=at,
        )  # fmt: skip


CAMPAIGN = 1
TODAY = 70


def campaign(ledger: Ledger, days: int = TODAY, **options: Any) -> dict[str, Any]:
    with ledger.asking("Sun", days) as asking:
        return campaign_report(asking, CAMPAIGN, **options)


def period(ledger: Ledger, first: int, last: int, days: int = TODAY, **options: Any) -> dict[str, Any]:
    with ledger.asking("Sun", days) as asking:
        return period_report(asking, ledger.on(first), ledger.on(last), **options)


@pytest.fixture(scope="module")
def again(ledger: Ledger) -> Recount:
    return Recount(ledger)


# -- against a recount -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_of", [None, 0, 1, 6, 9, 13, 15, 16, 25, 32, 33, 34, 40, 45, 60])
def test_a_campaigns_figures_are_those_of_a_recount_whatever_was_recorded_by_then(ledger, again, as_of):
    day = None if as_of is None else ledger.on(as_of)
    told = campaign(ledger, as_of=day)
    assert plainly(told) == again.figures(now=ledger.at(TODAY), campaign=CAMPAIGN, as_of=day or date.max)


WINDOWS = [(0, 0), (0, 13), (1, 5), (4, 20), (10, 30), (13, 14), (14, 16), (25, 45), (34, 44), (46, 60), (0, 69)]


@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_a_periods_figures_are_those_of_a_recount_whatever_was_recorded_by_then(ledger, again, first, last):
    for as_of in (None, first, last, 20, 33, 60):
        if as_of is None or as_of >= first:
            day = None if as_of is None else ledger.on(as_of)
            told = plainly(period(ledger, first, last, as_of=day))
            window = {"first": ledger.on(first), "last": ledger.on(last)}
            assert told == again.figures(now=ledger.at(TODAY), **window, as_of=day or date.max), as_of


def test_every_figure_has_its_key_its_rule_and_its_cases(ledger):
    told = period(ledger, 0, 69, cases=True)["figures"]
    assert tuple(told) == (*KEYS, "accidents", "publicity.banners")
    assert (told["publicity.banners"]["measure"], told["publicity.banners"]["about"]) == ("条", True)
    assert all(figure["rule"] for figure in told.values())
    for key in (key for key in KEYS if key.startswith(("hazards.", "balance.start", "balance.end"))):
        assert len(told[key]["cases"]) == told[key]["value"], key
    assert "cases" not in period(ledger, 0, 69)["figures"]["hazards.found"]


def test_a_report_as_of_a_day_is_what_was_printed_on_that_day(ledger):
    then = {day: told for (kind, day), told in printed.items() if kind == ledger.store.kind}
    assert list(then) == [9, 13, 25, 33, 40]
    for day, told in then.items():
        assert campaign(ledger, as_of=ledger.on(day)) == told, day


# -- groups ------------------------------------------------------------------------------------------------------------

#: What a unit, a paper or a case is counted in once only; rounds cut across groups.
ADDS_UP = [key for key in KEYS if key not in ("rounds", "standards", "coverage") and not key.startswith("rate.")]


@pytest.mark.parametrize("by", BY)
def test_the_parts_of_a_campaign_add_up_to_the_whole(ledger, by):
    adds_up(campaign(ledger, by=by))


@pytest.mark.parametrize("by", PERIOD_BY)
@pytest.mark.parametrize("cases", [False, True])
def test_the_parts_of_a_period_add_up_to_the_whole(ledger, by, cases):
    for first, last in WINDOWS:
        adds_up(period(ledger, first, last, by=by, cases=cases))


def adds_up(told):
    for key in ADDS_UP:
        parts = [group["figures"][key]["value"] for group in told["groups"]]
        assert sum(parts) == told["figures"][key]["value"], key
    for key in ("rate.rectified", "rate.on_time", "coverage"):
        parts = [group["figures"][key]["of"] for group in told["groups"]]
        assert [sum(each) for each in zip(*parts, strict=True)] == told["figures"][key]["of"], key


def test_periods_that_follow_each_other_add_up_to_the_longer_one(ledger):
    months = [plainly(period(ledger, first, last)) for first, last in ((0, 19), (20, 39), (40, 69))]
    whole = plainly(period(ledger, 0, 69))
    for key in ("inspections", "hazards.found", "balance.found", "balance.closed", "balance.voided", "orders.issued"):
        assert sum(month[key] for month in months) == whole[key], key
    assert [month["balance.end"] for month in months[:2]] == [month["balance.start"] for month in months[1:]]


def test_an_areas_period_is_that_of_its_units(ledger, again):
    units = {ledger.units["Mine"], ledger.units["School"]}
    for first, last in WINDOWS:
        told = plainly(period(ledger, first, last, area=WEST))
        window = {"first": ledger.on(first), "last": ledger.on(last)}
        expected = again.figures(now=ledger.at(TODAY), **window, units=units)
        assert told == {key: expected[key] for key in KEYS}


def test_a_tally_belongs_to_its_area_to_the_unit_it_names_or_to_its_campaign(ledger):
    tallied = {area: set(period(ledger, 0, 69, area=area)["figures"]) - set(KEYS) for area in (EAST, WEST, COUNTY)}
    assert tallied == {
        EAST: {"accidents", "publicity.banners"},
        WEST: set(),
        COUNTY: {"accidents", "publicity.banners"},
    }


# -- what cannot be asked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda led: period(led, 9, 8), BadInput, "before it begins"),
        (lambda led: period(led, TODAY + 1, TODAY + 9), Refused, "still to come"),
        (lambda led: period(led, 9, 20, as_of=led.on(8)), Refused, "the period began"),
        (lambda led: period(led, 9, 20, as_of=led.on(TODAY + 1)), Refused, "still to come"),
        (lambda led: period(led, 9, 20, area="Nowhere"), NotFound, "Nowhere"),
        (lambda led: campaign(led, as_of=led.on(-1)), Refused, "the campaign began"),
    ],
)  # fmt: skip
def test_what_cannot_be_reported_is_said_in_one_line(ledger, ask, error, said):
    with pytest.raises(error, match=said) as caught:
        ask(ledger)
    assert "\n" not in str(caught.value)


def test_a_units_contact_reads_no_report(ledger):
    with ledger.asking("Contact", TODAY) as asking:
        with pytest.raises(Forbidden, match="every unit"):
            campaign_report(asking, CAMPAIGN)
        with pytest.raises(Forbidden, match="every unit"):
            period_report(asking, ledger.on(0), ledger.on(9))


def test_a_quiet_period_has_figures_of_nothing_and_rates_of_no_value(ledger):
    told = period(ledger, 61, 62)
    assert plainly(told)["hazards.found"] == 0
    assert (told["figures"]["rate.rectified"]["value"], told["figures"]["rate.rectified"]["of"]) == (None, [0, 0])
    assert told["figures"]["balance.start"]["value"] == told["figures"]["balance.end"]["value"] > 0


# -- open, and contradictions ------------------------------------------------------------------------------------------


def test_a_period_names_the_cases_it_found_that_are_still_open(ledger, again):
    told = period(ledger, 0, 13)
    rows = {hazard.id: hazard for hazard in again.hazards}
    assert told["open"]
    assert all(rows[case].found_on <= ledger.on(13) for case in told["open"])


def test_closing_a_backlog_is_named_where_more_is_rectified_than_found(ledger):
    told = period(ledger, 45, 46)
    assert told["contradictions"] == ["more rectified than found: 1 against 0; 1 were found before"]


# -- what it costs -----------------------------------------------------------------------------------------------------


def test_a_period_looks_up_what_happened_in_it_by_an_index(ledger):
    """Not one of its statements reads all steps, visits, papers or items."""
    scope = of_a_month(ledger)
    wanted = {
        stories._folded(scope.reading, False): ["ix_steps_counted", "ix_items_due_on"],
        happened._visits(scope.reading, False): ["ix_inspections_visited_on"],
        happened._papers(scope.reading, False): ["ix_orders_ordered_at"],
        happened._standing(scope.reading, False, None): ["ix_open_spells_span"],
        happened._standing(scope.reading, False, "unit"): ["ix_open_spells_span"],
    }
    for statement, indexes in wanted.items():
        plan = planned(ledger, statement, scope)
        assert [index for index in indexes if index not in plan] == [], plan
        assert not re.search(r"(SCAN|Seq Scan on) (steps|items|inspections|orders|open_spells|hazards)", plan), plan


def of_a_month(ledger):
    with ledger.asking("Sun", TODAY) as asking:
        return of_period(asking, ledger.on(40), ledger.on(TODAY), None)


def planned(ledger, statement, scope):
    """Return how the store means to run a statement, as it would where tables are large."""
    compiled = statement.on(ledger.store.kind)
    cursor = ledger.store.connection().cursor()
    if ledger.store.kind == "sqlite":
        rows = cursor.execute(
            f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.params(happened.params_of_standing(scope))
        ).fetchall()
        return "\n".join(row[-1] for row in rows)
    cursor.execute("SET enable_seqscan = off")
    rows = cursor.execute(f"EXPLAIN {compiled.sql}", compiled.params(happened.params_of_standing(scope))).fetchall()
    cursor.execute("RESET enable_seqscan")
    return "\n".join(row[0] for row in rows)


def test_what_changed_since_a_report_was_filed_stands_beside_it(ledger):
    filed, now = campaign(ledger, as_of=ledger.on(9)), campaign(ledger)
    told = compared(now, filed)["figures"]
    assert (told["hazards.closed"]["value"], told["hazards.closed"]["was"]) == (1, {"value": 0, "of": None})
    assert {key: figure["was"] for key, figure in told.items()} == {
        key: {"value": figure["value"], "of": figure["of"]} for key, figure in filed["figures"].items()
    }
