"""The hazard process against the domain's tables: every state and trigger, every guard both ways, who may, and stories."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from tests.workflow.attempts import (
    BUREAU,
    BUREAU_INSPECTOR,
    BUREAU_SUPERVISOR,
    CLERK,
    COLLEAGUE,
    CONTACT,
    CONTRACTOR,
    DAY,
    FARAWAY,
    FARAWAY_INSPECTOR,
    FARAWAY_SUPERVISOR,
    FINDERS,
    FRESH,
    INSPECTOR,
    PATROLLER,
    POLICY,
    POWERLESS,
    SECOND_SUPERVISOR,
    STATION,
    STRANGER,
    SUPERVISOR,
    VILLAGE_OFFICE,
    Walk,
    at,
    attempt,
    days,
    in_state,
    item,
    new_item,
    officer,
    ready,
)
from workflow.authority import lies_under
from workflow.case import CLOCK, Attempt, Case
from workflow.errors import Forbidden, NotAllowed, Refused
from workflow.guards.site import names_referral_if_late
from workflow.hazard import BINDING, ENDED, HAZARD, MOVES, OPEN, State, make
from workflow.process import Guard
from workflow.terms import Rank, WaitsOn

TRIGGERS = list(HAZARD.authorities)

# -- every state and every trigger -------------------------------------------------------------------------------------

#: The arrows of the domain's table, read off by hand; what is not here moves nothing.
ARROWS = {
    ("found", "correct", "rechecked"),
    ("found", "order", "ordered"),
    ("ordered", "start", "rectifying"),
    ("ordered", "submit", "submitted"),
    ("rectifying", "submit", "submitted"),
    ("rechecked", "close", "closed"),
    ("rechecked", "send_back", "submitted"),
    ("rechecked", "send_back", "found"),
    ("exiting", "confirm_exit", "shutdown"),
    ("exiting", "confirm_exit", "relocated"),
    ("exiting", "confirm_exit", "retreated"),
    ("exiting", "revoke_exit", "ordered"),
    ("exiting", "revoke_exit", "found"),
    *((state, "pass_recheck", "rechecked") for state in ("ordered", "rectifying", "submitted")),
    *((state, "fail_recheck", "ordered") for state in ("ordered", "rectifying", "submitted")),
    *((state, "withdraw", to) for state in ("ordered", "rectifying", "submitted") for to in ("found", "rechecked")),
    *((state, "decide_exit", "exiting") for state in ("found", "ordered", "rectifying", "submitted")),
    *((state, "reopen", "found") for state in ("closed", "shutdown", "relocated", "retreated")),
    *((state, "void", "voided") for state in ("found", "ordered", "rectifying", "submitted", "rechecked", "exiting")),
}
#: Internal triggers, where the domain says they are not allowed in every open state.
INTERNAL_FROM = {
    "order": ["ordered", "rectifying"],
    "serve": ["ordered", "rectifying", "submitted"],
    "pass_recheck": ["ordered", "rectifying", "submitted"],
    "withdraw": ["ordered", "rectifying", "submitted"],
    "extend": ["ordered", "rectifying"],
    "release": ["rechecked", *ENDED],
    "look_back": ["closed", "shutdown", "relocated", "retreated"],
}


def test_the_arrows_of_the_table_are_the_domains():
    assert {(str(s), m.trigger, str(m.to)) for m in MOVES if m.to is not None for s in m.states} == ARROWS


def test_internal_triggers_are_allowed_in_every_open_state_unless_said_otherwise():
    internal = {move.trigger: list(move.states) for move in MOVES if move.to is None}
    assert internal == {trigger: INTERNAL_FROM.get(trigger, list(OPEN)) for trigger in internal}
    assert set(INTERNAL_FROM) <= set(internal)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_moves_exactly_as_the_table_says(trigger, state):
    tried = attempt(trigger, ready(trigger, state))
    moves = [move for move in MOVES if move.trigger == trigger and state in move.states]
    if moves:
        make(trigger, tried)
        assert tried.case.state in {move.to or state for move in moves}
    else:
        with pytest.raises(NotAllowed) as caught:
            make(trigger, tried)
        assert caught.value.exit_code == 3
        may = caught.value.facts["may"]
        assert set(may) <= {each.trigger for each in MOVES if state in each.states and each.by.is_typed}
        assert str(caught.value).endswith("it may: " + (", ".join(commands(may)) or "–"))
        assert tried.case.state == state


def commands(triggers):
    """What people type for these triggers, each once."""
    return list(dict.fromkeys(HAZARD.command_of(each).partition(" --")[0] for each in triggers))


ANYWHERE = [
    "void",
    "regrade",
    "escalate",
    "supervise",
    "transfer",
    "assign",
    "assist",
    "plan",
    "refer",
    "measure",
    "acknowledge",
    "amend",
    "note",
]


@pytest.mark.parametrize(
    ("case", "may"),
    [
        (in_state("found"), ["correct", "order", *ANYWHERE]),
        (in_state("found", "larger"), ["order", *ANYWHERE]),
        (in_state("ordered"), ["order", "start", "submit", "recheck", "void", "orders withdraw", *ANYWHERE[1:]]),
        (in_state("submitted"), ["recheck", "void", "orders withdraw", *ANYWHERE[1:]]),
        (in_state("rechecked"), ["close", "send-back", *ANYWHERE]),
        (in_state("rechecked", listed_by=1), ["send-back", "void", "regrade", "escalate", "release", *ANYWHERE[4:]]),
        (in_state("rechecked", transfer_to=2), ["close", "send-back", *ANYWHERE[:4], "accept", "decline", *ANYWHERE[5:]]),
        (in_state("exiting", acknowledged_seq=6), [each for each in ANYWHERE if each != "acknowledge"]),
        (in_state("closed"), ["reopen", "look-back"]),
        (in_state("voided"), []),
        (in_state("voided", listed_by=1), ["release"]),
    ],
    ids=lambda each: each.state if isinstance(each, Case) else "",
)  # fmt: skip
def test_a_refusal_lists_the_commands_that_can_be_typed_now(case, may):
    told = HAZARD.not_allowed("confirm_exit", attempt("confirm_exit", case))
    assert str(told).endswith("it may: " + (", ".join(may) or "–"))


def test_an_order_that_is_not_served_is_served_first():
    may = commands(HAZARD.possible(attempt("note", ready("serve", "ordered"))))
    assert may[:4] == ["order", "serve", "recheck", "void"]


def test_what_a_move_was_given_does_not_change_what_may_be_typed():
    tried = attempt("serve", in_state("ordered", items=[item(1), item(2, served_at=None)]), order_id=1)
    assert {"serve", "start"} <= set(HAZARD.possible(tried))


def test_only_releasing_may_follow_a_voided_case():
    assert HAZARD.triggers("voided") == ["release"]


@dataclass(frozen=True)
class Arrow:
    """How one arrow of the table is brought about."""

    source: str
    trigger: str
    to: str
    case: Callable[[str], Case] = in_state
    given: tuple[tuple[str, object], ...] = ()

    def attempt(self) -> Attempt:
        return attempt(self.trigger, self.case(self.source), **dict(self.given))


def _with_a_passed_item(state: str) -> Case:
    return in_state(state, items=[item(1), item(2, result="passed", result_seq=3)])


def _without_items(state: str) -> Case:
    return in_state(state, items=[])


_OTHERWISE = {
    ("withdraw", "rechecked"): (_with_a_passed_item, ()),
    ("send_back", "found"): (_without_items, ()),
    ("revoke_exit", "found"): (_without_items, ()),
    ("confirm_exit", "relocated"): (in_state, (("kind", "relocation"),)),
    ("confirm_exit", "retreated"): (in_state, (("kind", "retreat"),)),
}


@pytest.mark.parametrize(
    "arrow",
    [Arrow(*each, *_OTHERWISE.get((each[1], each[2]), ())) for each in sorted(ARROWS)],
    ids=lambda arrow: f"{arrow.source}-{arrow.trigger}-{arrow.to}",
)
def test_every_arrow_is_followed(arrow):
    tried = arrow.attempt()
    make(arrow.trigger, tried)
    assert tried.case.state == arrow.to
    assert tried.moved
    assert tried.case.entered_at == tried.at


@pytest.mark.parametrize(
    ("kind", "end"),
    [("shutdown", "shutdown"), ("partial", "shutdown"), ("relocation", "relocated"), ("retreat", "retreated")],
)
def test_an_exit_ends_a_case_by_its_kind(kind, end):
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("decide_exit", days(3), due_on=days(90))
    assert [each.result for each in walk.case.items] == ["superseded"]
    walk.do("confirm_exit", days(60), kind=kind)
    assert (walk.case.state, walk.case.waiting_on, walk.case.due_on, walk.clocks) == (end, "none", None, {})


def test_a_revoked_exit_leaves_a_new_order_where_there_was_one():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("decide_exit", days(3), due_on=days(90))
    walk.do("revoke_exit", days(10), items=[new_item(2, days(10), due_on=days(30))])
    assert walk.case.state == "ordered"
    assert [each.order_id for each in walk.case.open_items] == [2]
    assert walk.case.waiting_on == "inspector"


def test_an_extension_moves_the_date_of_its_item_and_counts():
    walk = Walk()
    walk.bind(DAY, days(20))
    step = walk.do("extend", days(15), item_id=10, due_on=days(45))
    assert (walk.case.state, walk.case.extensions, walk.case.due_on) == ("ordered", 1, days(45))
    assert [(each.due_on, each.first_due_on) for each in walk.case.items] == [(days(45), days(20))]
    assert step.facts["was"] == days(20).isoformat()


# -- every guard, both ways --------------------------------------------------------------------------------------------

STANDS = SimpleNamespace(stands=True, was_lifted=False)
LIFTED = SimpleNamespace(stands=False, was_lifted=True)
OTHER_ITEM = item(2)


def grave(state: str, grade: str = "larger", **changes: object) -> Case:
    return in_state(state, grade, **changes)


def unserved(state: str = "ordered") -> Case:
    return ready("serve", state)


def listed(state: str = "rechecked") -> Case:
    return ready("release", state)


#: Each guard by name: the trigger it is tried with, an attempt that meets it and one that does not.
GUARDS: dict[str, tuple[str, Callable[[], Attempt], Callable[[], Attempt]]] = {}


def both_ways(name: str, trigger: str, state: str, fails: Callable[[], Attempt], *also: Callable[[], Attempt]) -> None:
    passes = also[0] if also else lambda: attempt(trigger, ready(trigger, state))
    GUARDS[name] = (trigger, passes, fails)


def refuses(name: str, trigger: str, state: str, **how: object) -> None:
    """A guard that fails when something else is brought, or nothing."""
    both_ways(name, trigger, state, lambda: attempt(trigger, ready(trigger, state), **how))  # type: ignore[arg-type]


def refuses_case(name: str, trigger: str, make_case: Callable[[], Case], state: str) -> None:
    """A guard that fails for another case."""
    both_ways(name, trigger, state, lambda: attempt(trigger, make_case()))


refuses("is_by_an_officer_of_the_inspection", "correct", "found", actor=SUPERVISOR)
refuses("is_seen_by_two", "pass_recheck", "submitted", officers=[officer(COLLEAGUE), officer(COLLEAGUE)])
refuses(
    "is_certified", "pass_recheck", "submitted", officers=[officer(COLLEAGUE), officer(INSPECTOR, certificate=None)]
)
refuses("has_evidence", "correct", "found", evidence=None)
refuses_case("is_general", "correct", lambda: grave("found"), "found")
refuses("is_the_day_of_the_inspection", "correct", "found", on=days(1))
refuses("is_found_by_inspection", "correct", "found", kind="patrol")
refuses("has_three_fixed", "order", "found", items=[new_item(measure=" ")])
refuses("is_not_before_the_order", "order", "found", items=[new_item(due_on=days(-1))])
refuses("is_within_limit", "order", "found", items=[new_item(due_on=days(31))])
both_ways(
    "has_interim_measures_if_grave",
    "order",
    "found",
    lambda: attempt("order", grave("found"), items=[new_item(interim="")]),
    lambda: attempt("order", in_state("found"), items=[new_item(interim="")]),
)
refuses("has_unserved_item", "serve", "ordered", order_id=7)
refuses("says_how_it_was_served", "serve", "ordered", receipt=None, refused="angry")
refuses("is_served_after_the_order", "serve", "ordered", on=days(-1))
refuses_case("is_served", "submit", unserved, "ordered")
refuses("says_what_was_done", "submit", "rectifying", done="")
both_ways(
    "has_evidence_if_grave",
    "submit",
    "rectifying",
    lambda: attempt("submit", grave("rectifying"), evidence=None),
    lambda: attempt("submit", in_state("rectifying"), evidence=None),
)
refuses("has_opinion", "pass_recheck", "submitted", note="")
both_ways(
    "is_not_by_the_responsible",
    "pass_recheck",
    "submitted",
    lambda: attempt("pass_recheck", in_state("submitted", items=[item(responsible="Lin")])),
)
both_ways(
    "has_fresh_eyes_if_major",
    "pass_recheck",
    "submitted",
    lambda: attempt("pass_recheck", grave("submitted", "major"), officers=FINDERS),
    lambda: attempt("pass_recheck", grave("submitted", "major"), officers=FRESH),
)
both_ways(
    "leaves_no_item_open",
    "pass_recheck",
    "submitted",
    lambda: attempt("pass_recheck", in_state("submitted", items=[item(1), OTHER_ITEM]), order_id=1),
)
refuses("has_item_to_judge", "fail_recheck", "submitted", order_id=7)
refuses("has_item_to_judge", "pass_recheck", "submitted", order_id=7)
refuses("names_referral_if_late", "fail_recheck", "submitted", on=days(21))
refuses_case("has_no_open_item", "close", lambda: in_state("rechecked", items=[item(1)]), "rechecked")
refuses_case("was_passed", "close", lambda: _without_items("rechecked"), "rechecked")
refuses_case("is_released", "close", listed, "rechecked")
refuses("has_no_halt", "close", "rechecked", halts=[STANDS])
both_ways(
    "is_closed_by_another_if_grave",
    "close",
    "rechecked",
    lambda: attempt("close", grave("rechecked", rechecked_by="[3, 4]")),
    lambda: attempt("close", grave("rechecked", rechecked_by="[2, 4]")),
)
both_ways(
    "has_plan_if_major",
    "close",
    "rechecked",
    lambda: attempt("close", grave("rechecked", "major", entered_at=at(days(9)))),
    lambda: attempt("close", grave("rechecked", "major", entered_at=at(days(9)), planned=True)),
)
refuses("has_note", "send_back", "rechecked", note="")
refuses("has_no_lifted_halt", "send_back", "rechecked", halts=[LIFTED])
both_ways(
    "has_no_item",
    "send_back",
    "rechecked",
    lambda: attempt("send_back", in_state("rechecked")),
    lambda: attempt("send_back", _without_items("rechecked")),
)
refuses("has_reason_to_void", "void", "found", reason="revoked")
refuses("is_not_of_itself", "void", "found", reason="duplicate", of=12)
refuses("is_not_of_a_voided_case", "void", "found", reason="duplicate", of=7, stays=in_state("voided", id=7))
refuses(
    "is_not_a_recurrence",
    "void",
    "found",
    reason="duplicate",
    of=7,
    stays=in_state("closed", id=7, entered_at=at(days(-1))),
)
refuses("has_item_to_withdraw", "withdraw", "ordered", order_id=7)
refuses("has_reason_to_withdraw", "withdraw", "ordered", reason="revoked")
both_ways(
    "leaves_nothing", "withdraw", "ordered", lambda: attempt("withdraw", in_state("ordered", items=[item(1), item(2)]))
)
both_ways(
    "leaves_only_passed_items",
    "withdraw",
    "ordered",
    lambda: attempt("withdraw", in_state("ordered")),
    lambda: attempt("withdraw", _with_a_passed_item("ordered")),
)
refuses("has_exit_date", "decide_exit", "ordered", due_on=None)
both_ways(
    "is_relocation",
    "confirm_exit",
    "exiting",
    lambda: attempt("confirm_exit", in_state("exiting")),
    lambda: attempt("confirm_exit", in_state("exiting"), kind="relocation"),
)
both_ways(
    "is_retreat",
    "confirm_exit",
    "exiting",
    lambda: attempt("confirm_exit", in_state("exiting")),
    lambda: attempt("confirm_exit", in_state("exiting"), kind="retreat"),
)
both_ways(
    "was_never_ordered",
    "revoke_exit",
    "exiting",
    lambda: attempt("revoke_exit", in_state("exiting")),
    lambda: attempt("revoke_exit", _without_items("exiting")),
)
refuses("has_ground_to_reopen", "reopen", "closed", note="")
refuses("names_a_grade", "regrade", "found", grade=None)
refuses("is_another_grade", "regrade", "found", grade="general")
refuses("has_basis", "regrade", "found", basis="")
both_ways(
    "has_evidence_if_lowered",
    "regrade",
    "found",
    lambda: attempt("regrade", grave("found"), grade="general", evidence=None),
    lambda: attempt("regrade", in_state("found"), evidence=None),
)
both_ways(
    "is_lowered_by_another",
    "regrade",
    "found",
    lambda: attempt("regrade", grave("found", finders="[3]"), grade="general"),
    lambda: attempt("regrade", grave("found"), grade="general"),
)
refuses("names_why_it_climbs", "escalate", "found", reason="boredom")
refuses("is_overdue_if_said_so", "escalate", "found", reason="overdue")
refuses("has_listing", "supervise", "found", number=None)
refuses("is_listing_ahead", "supervise", "found", due_on=days(-1))
refuses_case("is_not_listed", "supervise", lambda: listed("found"), "found")
both_ways("is_listed", "release", "rechecked", lambda: attempt("release", in_state("rechecked")))
refuses("is_seen_at_a_look_back", "look_back", "closed", visit_kind="routine")
refuses("names_departments", "assist", "found", departments=[])
both_ways(
    "is_joined_anew",
    "assist",
    "found",
    lambda: attempt("assist", in_state("found"), departments=[STATION, BUREAU]),
    lambda: attempt("assist", in_state("found"), joint={FARAWAY.id}),
)
refuses("names_its_measure", "measure", "found", kind="water_cut")
both_ways(
    "is_major_if_power_is_cut",
    "measure",
    "found",
    lambda: attempt("measure", grave("found"), kind="power_cut"),
    lambda: attempt("measure", grave("found", "major"), kind="power_cut"),
)
refuses("has_notice", "measure", "found", number="")
both_ways(
    "is_announced_a_day_before",
    "measure",
    "found",
    lambda: attempt("measure", grave("found", "major"), kind="power_cut", begins=DAY),
    lambda: attempt("measure", grave("found", "major"), kind="power_cut", begins=DAY, danger=True),
)
refuses("has_new_date", "extend", "ordered", due_on=None)
refuses("names_a_receiver", "transfer", "found", to=None)
refuses_case("is_not_transferred", "transfer", lambda: ready("accept", "found"), "found")
refuses("is_another_department", "transfer", "found", to=STATION)
both_ways("is_transferred", "accept", "found", lambda: attempt("accept", in_state("found")))
refuses("names_a_person", "assign", "found", to=None)
refuses("is_assignable", "assign", "found", to=PATROLLER, to_may_act=False)
refuses("has_whole_plan", "plan", "ordered", funds="")
refuses("has_number", "refer", "ordered", number="")
refuses("ends_in_time", "acknowledge", "ordered", until=days(31))
refuses_case("is_not_acknowledged_twice", "acknowledge", lambda: in_state("ordered", acknowledged_seq=5), "ordered")
refuses("changes_something", "amend", "found", text=None)
refuses("has_text", "note", "found", note="")

NAMED: dict[str, Guard] = {
    guard.name: guard for move in MOVES for guard in [*move.needs, *([move.when] if move.when else [])]
}
NEEDED = {guard.name for move in MOVES for guard in move.needs}


def test_every_guard_is_tried_both_ways():
    assert set(GUARDS) == set(NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_a_guard_says_yes(name):
    trigger, passes, _ = GUARDS[name]
    tried = passes()
    assert NAMED[name](tried)
    HAZARD.fire(trigger, tried)


@pytest.mark.parametrize("name", NAMED)
def test_a_guard_says_no_and_why(name):
    trigger, _, fails = GUARDS[name]
    tried = fails()
    assert not NAMED[name](tried)
    assert str(NAMED[name].says(tried))
    if name in NEEDED:
        with pytest.raises(Refused) as caught:
            HAZARD.fire(trigger, tried)
        assert NAMED[name].says(tried) in caught.value.reasons


@pytest.mark.parametrize("original", [in_state("rectifying", id=7), in_state("closed", id=7, entered_at=at(days(3)))])
def test_a_duplicate_is_of_a_case_that_is_open_or_was_closed_since(original):
    assert reasons("void", in_state("found"), reason="duplicate", of=7, stays=original) == []


@pytest.mark.parametrize(
    ("lacks", "named"),
    [
        ({"due_on": None}, "--due"),
        ({"measure": " ", "due_on": None}, "--measure, --due"),
        ({"responsible": ""}, "--responsible"),
    ],
)
def test_only_what_is_missing_of_three_fixed_is_named(lacks, named):
    with pytest.raises(Refused) as caught:
        make("order", attempt("order", in_state("found"), items=[new_item(**lacks)]))
    (reason,) = caught.value.reasons
    assert str(reason) == f"person responsible, measure and date must all be named; add {named}"


def test_a_refusal_names_every_unmet_condition():
    tried = attempt(
        "order",
        grave("found"),
        items=[new_item(responsible="", interim="", due_on=days(-1)), new_item(8, due_on=days(61), interim="")],
    )
    with pytest.raises(Refused) as caught:
        make("order", tried)
    assert [str(reason) for reason in caught.value.reasons] == [
        "person responsible, measure and date must all be named; add --responsible",
        "the date lies before the day of the order, 2026-03-02",
        "larger hazards get at most 60 days, until 2026-05-01; set an earlier date, or add --approved-by SUPERVISOR --why T",
        "a larger or major hazard needs interim safety measures; add --interim T",
    ]
    assert caught.value.exit_code == 4
    assert tried.case.state == "found"
    assert tried.case.items == []


def test_what_is_missing_can_be_asked_without_moving():
    tried = attempt("pass_recheck", unserved(), officers=[], note="")
    missing = HAZARD.why_not("pass_recheck", tried)
    assert [str(each) for each in missing][1:] == [
        "two different officers must be on site; name them with --by NAME --by NAME",
        "the opinion is missing; add --note TEXT",
    ]
    assert tried.case.state == "ordered"
    with pytest.raises(NotAllowed):
        HAZARD.why_not("close", tried)


# -- the rules one by one ----------------------------------------------------------------------------------------------


def reasons(trigger: str, case: Case, **how: object) -> list[str]:
    """The names of the guards that refuse; [] when it moves."""
    tried = attempt(trigger, case, **how)  # type: ignore[arg-type]
    try:
        HAZARD.fire(trigger, tried)
    except Refused:
        moves = [move for move in MOVES if move.trigger == trigger and case.state in move.states]
        chosen = next(move for move in moves if move.when is None or move.when(tried))
        return [need.name for need in chosen.needs if not need(tried)]
    return []


@pytest.mark.parametrize("grade", ["larger", "major"])
def test_a_grave_hazard_is_not_closed_by_whoever_rechecked_it(grade):
    assert reasons("close", grave("rechecked", grade, rechecked_by="[3, 4]")) == ["is_closed_by_another_if_grave"]
    assert reasons("close", grave("rechecked", grade, rechecked_by="[3, 4]"), actor=SECOND_SUPERVISOR) == []


def test_a_general_hazard_may_be_closed_by_whoever_rechecked_it():
    assert reasons("close", in_state("rechecked"), actor=COLLEAGUE) == []


def test_whoever_once_failed_a_grave_hazard_does_not_close_it_either():
    walk = Walk("larger")
    walk.bind(DAY, days(20))
    walk.do("fail_recheck", days(5), officers=[officer(SUPERVISOR), officer(COLLEAGUE)])
    walk.do("serve", days(5), order_id=9)
    walk.do("pass_recheck", days(6), officers=[officer(INSPECTOR), officer(COLLEAGUE)])
    with pytest.raises(Refused, match="Wu rechecked it"):
        walk.do("close", days(7))
    walk.do("close", days(7), actor=SECOND_SUPERVISOR)
    assert walk.case.state == "closed"


def test_one_officer_named_twice_is_one_officer():
    twice = [officer(COLLEAGUE), officer(COLLEAGUE)]
    assert reasons("pass_recheck", in_state("submitted"), officers=twice) == ["is_seen_by_two"]
    assert reasons("fail_recheck", in_state("submitted"), officers=twice) == ["is_seen_by_two"]


@pytest.mark.parametrize(
    ("second", "refusal"),
    [
        (officer(INSPECTOR), []),
        (officer(INSPECTOR, valid_to=DAY), []),
        (officer(INSPECTOR, valid_to=days(-1)), ["is_certified"]),
        (officer(INSPECTOR, certificate=""), ["is_certified"]),
        (officer(INSPECTOR, retired_on=DAY), []),
        (officer(INSPECTOR, retired_on=days(-1)), ["is_certified"]),
        (officer(PATROLLER), ["is_certified"]),
        (officer(SUPERVISOR), []),
    ],
)
def test_both_officers_carry_a_certificate_valid_that_day(second, refusal):
    assert reasons("pass_recheck", in_state("submitted"), officers=[officer(COLLEAGUE), second]) == refusal


def test_a_store_may_ask_for_three_officers():
    strict = POLICY.model_copy(update={"rechecks": POLICY.rechecks.model_copy(update={"officers": 3})})
    assert reasons("pass_recheck", in_state("submitted"), policy=strict) == ["is_seen_by_two"]
    three = [*FINDERS, officer(SUPERVISOR)]
    assert reasons("pass_recheck", in_state("submitted"), officers=three, policy=strict) == []


def test_fresh_eyes_are_waived_only_by_a_supervisor_with_a_reason():
    refused = ["has_fresh_eyes_if_major"]
    assert reasons("pass_recheck", grave("submitted", "major"), officers=FINDERS, waived_by=SUPERVISOR) == refused
    assert (
        reasons("pass_recheck", grave("submitted", "major"), officers=FINDERS, waived_by=INSPECTOR, why="two officers")
        == refused
    )
    assert (
        reasons("pass_recheck", grave("submitted", "major"), officers=FINDERS, waived_by=SUPERVISOR, why="two officers")
        == []
    )
    lax = POLICY.model_copy(update={"rechecks": POLICY.rechecks.model_copy(update={"fresh_eyes": False})})
    assert reasons("pass_recheck", grave("submitted", "major"), officers=FINDERS, policy=lax) == []
    assert reasons("pass_recheck", grave("submitted", "larger"), officers=FINDERS) == []


@pytest.mark.parametrize(("grade", "limit"), [("general", 30), ("larger", 60), ("major", 180)])
def test_a_date_beyond_the_grades_limit_needs_a_supervisors_approval_and_reason(grade, limit):
    long = {"items": [new_item(due_on=days(limit + 1))]}
    assert reasons("order", grave("found", grade), items=[new_item(due_on=days(limit))]) == []
    assert reasons("order", grave("found", grade), **long) == ["is_within_limit"]
    assert reasons("order", grave("found", grade), **long, approved_by=SUPERVISOR) == ["is_within_limit"]
    assert reasons("order", grave("found", grade), **long, approved_by=INSPECTOR, why="parts") == ["is_within_limit"]
    assert reasons("order", grave("found", grade), **long, approved_by=SUPERVISOR, why="parts") == []


def test_where_dates_roll_a_recheck_on_the_day_it_rolls_to_is_not_late():
    """A date on a Saturday, kept until Monday's end: failing then asks for no referral, failing on Tuesday does."""
    rolling = POLICY.model_copy(update={"dates": POLICY.dates.model_copy(update={"rolls": True})})
    saturday = days(5)
    case = in_state("submitted", items=[item(due_on=saturday)])
    for day, policy, missing in ((2, rolling, False), (3, rolling, True), (2, POLICY, True)):
        tried = attempt("fail_recheck", case, on=days(5 + day), policy=policy)
        assert names_referral_if_late(tried) is not missing


def test_a_date_may_be_the_day_of_the_order():
    assert reasons("order", in_state("found"), items=[new_item(due_on=DAY)]) == []


@pytest.mark.parametrize("part", ["responsible", "measure"])
def test_no_item_without_all_three(part):
    assert reasons("order", in_state("found"), items=[new_item(), new_item(8, **{part: "  "})]) == ["has_three_fixed"]
    assert reasons("order", in_state("found"), items=[]) == ["has_three_fixed"]


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({"receipt": "Zhou"}, []),
        ({"receipt": None, "refused": "angry", "witness": "Sun"}, []),
        ({"receipt": None, "refused": "angry"}, ["says_how_it_was_served"]),
        ({"receipt": None, "witness": "Sun"}, ["says_how_it_was_served"]),
        ({"receipt": None, "post": "EMS 1"}, []),
        ({"receipt": None}, ["says_how_it_was_served"]),
    ],
)
def test_serving_needs_a_receipt_or_a_refusal_with_a_witness_or_the_post(how, refusal):
    assert reasons("serve", unserved(), **how) == refusal


@pytest.mark.parametrize("trigger", ["start", "submit", "pass_recheck"])
def test_until_served_an_order_binds_nobody(trigger):
    assert reasons(trigger, unserved()) == ["is_served"]
    assert reasons(trigger, in_state("ordered", items=[item(served_at=at(DAY, 16))]), hour=15) == ["is_served"]


def test_an_unserved_order_may_be_rechecked_and_fail():
    assert reasons("fail_recheck", unserved()) == []


def test_a_recheck_that_fails_after_the_date_names_the_referral_or_why_none():
    late = {"on": days(21)}
    assert reasons("fail_recheck", in_state("submitted"), on=days(20)) == []
    assert reasons("fail_recheck", in_state("submitted"), **late) == ["names_referral_if_late"]
    assert reasons("fail_recheck", in_state("submitted"), **late, referral="R1") == []
    assert reasons("fail_recheck", in_state("submitted"), **late, no_referral="flood") == []


@pytest.mark.parametrize("grade", ["larger", "major"])
def test_a_second_order_of_a_grave_hazard_needs_interim_measures_too(grade):
    bare = [new_item(interim=None)]
    assert reasons("fail_recheck", grave("submitted", grade), items=bare) == ["has_interim_measures_if_grave"]
    assert reasons("revoke_exit", grave("exiting", grade), items=bare) == ["has_interim_measures_if_grave"]


def test_a_halt_keeps_a_case_open_unless_the_units_exit_is_running():
    assert reasons("close", in_state("rechecked"), halts=[STANDS]) == ["has_no_halt"]
    assert reasons("close", in_state("rechecked"), halts=[LIFTED]) == []
    assert reasons("close", in_state("rechecked"), halts=[STANDS], exit_running=True) == []


def test_a_major_hazard_put_right_the_day_it_was_found_needs_no_plan():
    assert reasons("close", grave("rechecked", "major")) == []
    assert reasons("close", grave("rechecked", "major", entered_at=at(days(1)))) == ["has_plan_if_major"]
    assert reasons("close", grave("rechecked", "larger", entered_at=at(days(1)))) == []


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"reason": "mistaken"}, []),
        ({"reason": "duplicate", "of": 3}, []),
        ({"reason": "duplicate"}, ["has_reason_to_void"]),
        ({"reason": "revoked", "number": "R3"}, []),
        ({"reason": "revoked"}, ["has_reason_to_void"]),
        ({"reason": None}, ["has_reason_to_void"]),
    ],
)
def test_a_case_is_void_as_mistaken_as_a_duplicate_of_another_or_as_revoked_with_a_number(given, refusal):
    assert reasons("void", in_state("found"), **given) == refusal


def test_voiding_withdraws_the_open_items():
    tried = attempt("void", in_state("ordered", items=[item(1), item(2, result="passed", result_seq=3)]))
    make("void", tried)
    assert [each.result for each in tried.case.items] == ["withdrawn", "passed"]


def test_the_clock_names_the_deadline_and_a_person_the_reason():
    assert reasons("escalate", in_state("ordered"), actor=CLOCK, reason=None) == ["names_why_it_climbs"]
    assert reasons("escalate", in_state("ordered"), actor=CLOCK, reason=None, deadline={"seq": 3, "rule": "date"}) == []
    for reason in ("refusal", "beyond_power", "danger"):
        assert reasons("escalate", in_state("ordered"), reason=reason) == []


def test_overdue_is_a_question_about_a_date():
    walk = Walk()
    walk.bind(DAY, days(20))
    with pytest.raises(Refused, match="it is not overdue"):
        walk.do("escalate", days(20), reason="overdue")
    walk.do("escalate", days(21), reason="overdue")


def test_the_rank_told_never_falls():
    walk = Walk()
    walk.do("escalate", days(1))
    assert walk.case.rank == "county"  # the next one above the rank in charge
    walk.do("escalate", days(2))
    assert walk.case.rank == "city"
    step = walk.do("escalate", days(3), actor=CLOCK, deadline={"rule": "order"}, rank="township")
    assert (walk.case.rank, step.facts["rank"]) == ("city", "township")
    for _ in range(3):
        walk.do("escalate", days(4))
    assert walk.case.rank == "province"


def test_a_recheck_that_fails_does_not_lower_the_rank_but_a_new_round_begins_without_one():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("escalate", days(1))
    walk.do("fail_recheck", days(2))
    assert walk.case.rank == "county"
    walk.do("serve", days(2), order_id=9)
    walk.do("pass_recheck", days(3))
    walk.do("close", days(3))
    walk.do("reopen", days(9))
    assert walk.case.rank is None


def test_acknowledging_twice_running_is_refused_until_somebody_moves_the_case():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("acknowledge", days(1))
    walk.do("note", days(1))
    with pytest.raises(Refused, match="acknowledged already"):
        walk.do("acknowledge", days(2))
    walk.do("start", days(3))
    walk.do("acknowledge", days(4))


@pytest.mark.parametrize(("until", "ok"), [(-1, False), (0, True), (30, True), (31, False)])
def test_an_acknowledgement_ends_at_most_thirty_days_off(until, ok):
    assert (reasons("acknowledge", in_state("ordered"), until=days(until)) == []) is ok


def test_regrading_keeps_both_grades_in_its_step_and_makes_the_case_grave():
    walk = Walk()
    step = walk.do("regrade", DAY, actor=INSPECTOR, grade="major", evidence=None)
    assert (walk.case.grade, step.facts["was"]) == ("major", "general")
    with pytest.raises(Refused, match="interim"):
        walk.do("order", DAY, items=[new_item(interim="")])


@pytest.mark.parametrize("state", ["rechecked", *ENDED])
def test_a_listing_is_released_once_rechecked_or_ended(state):
    tried = attempt("release", ready("release", state))
    make("release", tried)
    assert tried.case.listed_by is None
    assert tried.facts == {"rank": "township", "number": "L1"}
    assert tried.case.state == state


def test_an_amendment_keeps_what_was_written_before():
    tried = attempt("amend", in_state("found"), place="yard")
    make("amend", tried)
    assert (tried.case.text, tried.case.place) == ("cylinders in the yard", "yard")
    assert tried.facts == {"was_text": "cylinders in the shop", "was_place": None}


# -- who may -----------------------------------------------------------------------------------------------------------

YES, NO = True, False

#: Each authority: the trigger it is tried with, from where; then who may and who may not.
WHO: dict[str, tuple[str, str, list[tuple[bool, dict[str, object]]]]] = {
    "unit": (
        "submit",
        "rectifying",
        [
            (YES, {"actor": CONTACT}),
            (YES, {"actor": INSPECTOR}),
            (YES, {"actor": SUPERVISOR}),
            (NO, {"actor": STRANGER}),
            (NO, {"actor": CONTRACTOR}),
            (NO, {"actor": CLERK}),
            (NO, {"actor": PATROLLER}),
            (NO, {"actor": FARAWAY_INSPECTOR}),
            (NO, {"actor": CLOCK}),
        ],
    ),
    "inspector": (
        "assign",
        "found",
        [
            (YES, {"actor": INSPECTOR}),
            (YES, {"actor": SUPERVISOR}),
            (YES, {"actor": BUREAU_INSPECTOR}),
            (YES, {"actor": POWERLESS}),
            (NO, {"actor": PATROLLER}),
            (NO, {"actor": CONTACT}),
            (NO, {"actor": CLERK}),
            (NO, {"actor": FARAWAY_SUPERVISOR}),
            (NO, {"actor": CLOCK}),
        ],
    ),
    "ordering inspector": (
        "order",
        "found",
        [
            (YES, {"actor": INSPECTOR}),
            (YES, {"actor": SUPERVISOR}),
            (NO, {"actor": POWERLESS}),
            (NO, {"actor": PATROLLER}),
            (NO, {"actor": FARAWAY_INSPECTOR}),
            (NO, {"actor": CONTACT}),
        ],
    ),
    "supervisor": (
        "void",
        "found",
        [
            (YES, {"actor": SUPERVISOR}),
            (YES, {"actor": BUREAU_SUPERVISOR}),
            (NO, {"actor": INSPECTOR}),
            (NO, {"actor": FARAWAY_SUPERVISOR}),
            (NO, {"actor": CLERK}),
        ],
    ),
    "closer": (
        "close",
        "rechecked",
        [(YES, {"actor": INSPECTOR}), (YES, {"actor": SUPERVISOR}), (NO, {"actor": CONTACT})],
    ),
    "regrader": (
        "regrade",
        "found",
        [(YES, {"actor": INSPECTOR}), (NO, {"actor": PATROLLER}), (NO, {"actor": FARAWAY_INSPECTOR})],
    ),
    "supervisor of the listing body": (
        "supervise",
        "found",
        [
            (YES, {"actor": SUPERVISOR}),
            (YES, {"actor": BUREAU_SUPERVISOR, "body": BUREAU}),
            (NO, {"actor": BUREAU_SUPERVISOR}),
            (NO, {"actor": INSPECTOR}),
            (NO, {"actor": FARAWAY_SUPERVISOR, "body": FARAWAY}),
        ],
    ),
    "supervisor of the sender": (
        "transfer",
        "found",
        [(YES, {"actor": SUPERVISOR}), (NO, {"actor": BUREAU_SUPERVISOR}), (NO, {"actor": INSPECTOR})],
    ),
    "supervisor of the receiver": (
        "accept",
        "found",
        [(YES, {"actor": BUREAU_SUPERVISOR}), (NO, {"actor": SUPERVISOR}), (NO, {"actor": BUREAU_INSPECTOR})],
    ),
    "clock or inspector": (
        "escalate",
        "found",
        [
            (YES, {"actor": CLOCK, "deadline": {"rule": "order"}}),
            (YES, {"actor": INSPECTOR}),
            (NO, {"actor": PATROLLER}),
            (NO, {"actor": FARAWAY_INSPECTOR}),
        ],
    ),
    "fired": ("decide_exit", "found", [(YES, {"actor": SUPERVISOR}), (NO, {"actor": SUPERVISOR, "fired_by": None})]),
}


def test_every_authority_is_tried_both_ways():
    assert set(WHO) == {move.by.name for move in MOVES}
    assert all({may for may, _ in tries} == {YES, NO} for _, _, tries in WHO.values())


@pytest.mark.parametrize(
    ("trigger", "state", "may", "how"),
    [(trigger, state, may, how) for trigger, state, tries in WHO.values() for may, how in tries],
)
def test_who_may(trigger, state, may, how):
    tried = attempt(trigger, ready(trigger, state), **how)
    if may:
        assert HAZARD.may(trigger, tried) is None
        HAZARD.fire(trigger, tried)
    else:
        with pytest.raises(Forbidden) as caught:
            HAZARD.fire(trigger, tried)
        assert caught.value.exit_code == 8
        assert str(caught.value) == str(HAZARD.may(trigger, tried))
        assert "case 12" in str(caught.value)


def test_who_may_is_asked_before_whether_the_state_has_the_move():
    with pytest.raises(Forbidden):
        HAZARD.fire("close", attempt("close", in_state("found"), actor=PATROLLER))


@pytest.mark.parametrize(("grade", "may"), [("general", True), ("larger", False), ("major", False)])
def test_an_inspector_closes_general_hazards_only(grade, may):
    why_not = HAZARD.may("close", attempt("close", grave("rechecked", grade), actor=INSPECTOR))
    assert (why_not is None) is may


def test_a_grade_is_raised_by_an_inspector_and_lowered_by_a_supervisor():
    lower = attempt("regrade", grave("found"), grade="general", actor=INSPECTOR)
    assert HAZARD.may("regrade", lower) is not None
    assert HAZARD.may("regrade", attempt("regrade", grave("found"), grade="major", actor=INSPECTOR)) is None
    assert HAZARD.may("regrade", attempt("regrade", grave("found"), grade="general", actor=SUPERVISOR)) is None


def test_a_contact_acts_on_an_order_addressed_to_their_unit():
    case = in_state("rectifying", items=[item(addressee_id=2)])
    assert HAZARD.may("submit", attempt("submit", case, actor=CONTRACTOR)) is None
    assert HAZARD.may("submit", attempt("submit", case, actor=STRANGER)) is not None


def test_only_the_body_that_listed_it_releases_it():
    case = ready("release", "rechecked")
    case.listed_by = BUREAU.id
    assert HAZARD.may("release", attempt("release", case, actor=SUPERVISOR)) is not None
    assert HAZARD.may("release", attempt("release", case, actor=BUREAU_SUPERVISOR)) is None


def test_containment_follows_the_tree_not_the_digits():
    assert lies_under("33/330100/330109", "33/330100")
    assert lies_under("33", "33")
    assert not lies_under("33/3301", "33/330")
    assert not lies_under("33", "33/330100")


def test_who_accepted_a_transfer_acts_on_the_case_wherever_it_lies():
    walk = Walk()
    with pytest.raises(Forbidden):
        walk.do("assign", DAY, actor=FARAWAY_INSPECTOR)
    walk.do("transfer", DAY, to=FARAWAY)
    with pytest.raises(Forbidden):  # not accepted yet
        walk.do("assign", DAY, actor=FARAWAY_INSPECTOR)
    walk.do("assign", DAY, actor=INSPECTOR)  # until then the sender still acts
    walk.do("accept", days(1), actor=FARAWAY_SUPERVISOR)
    walk.do("order", days(1), actor=FARAWAY_INSPECTOR)
    assert (walk.case.department_id, walk.case.charge, walk.case.transfer_to) == (FARAWAY.id, "county", None)
    assert walk.case.assigned_to is None
    with pytest.raises(Forbidden):  # and only who answers for it sends it on
        walk.do("transfer", days(2), actor=SUPERVISOR)
    walk.do("transfer", days(2), actor=FARAWAY_SUPERVISOR, to=STATION)


def test_a_declined_transfer_stays_with_its_sender():
    walk = Walk()
    walk.do("transfer", DAY)
    assert "answer" in walk.clocks
    walk.do("decline", days(1))
    assert (walk.case.department_id, walk.case.transfer_to, walk.case.accepted_by) == (STATION.id, None, None)
    assert "answer" not in walk.clocks


@pytest.mark.parametrize("end", ["void", "close", "confirm_exit"])
def test_a_transfer_lapses_when_the_case_ends(end):
    state = {"void": "found", "close": "rechecked", "confirm_exit": "exiting"}[end]
    tried = attempt(end, ready("accept", state))
    make(end, tried)
    assert (tried.case.transfer_to, tried.case.transfer_at) == (None, None)


# -- several orders on one hazard --------------------------------------------------------------------------------------


def two_orders() -> Walk:
    walk = Walk()
    walk.bind(DAY, days(20), order=1)
    walk.bind(DAY, days(10), order=2)
    return walk


def results(walk: Walk) -> dict[int, str]:
    return {each.order_id: str(each.result) for each in walk.case.items}


def test_the_case_moves_when_its_last_open_item_has_passed():
    walk = two_orders()
    step = walk.do("pass_recheck", days(5), order_id=2)
    assert (walk.case.state, step.moved, results(walk)) == ("ordered", False, {1: "open", 2: "passed"})
    assert walk.case.due_on == days(20)
    walk.do("pass_recheck", days(6), order_id=1)
    assert (walk.case.state, results(walk)) == ("rechecked", {1: "passed", 2: "passed"})
    assert walk.case.rechecker_ids == [2, 4]


def test_a_recheck_that_names_no_order_judges_every_served_open_item():
    walk = two_orders()
    walk.do("pass_recheck", days(5))
    assert (walk.case.state, results(walk)) == ("rechecked", {1: "passed", 2: "passed"})


def test_an_unserved_order_keeps_the_case_open():
    walk = Walk()
    walk.bind(DAY, days(20), order=1)
    walk.order(DAY, days(10), order=2)
    walk.do("pass_recheck", days(5))
    assert (walk.case.state, results(walk)) == ("ordered", {1: "passed", 2: "open"})
    assert walk.case.waiting_on == "inspector"


def test_the_cases_date_is_the_earliest_served_one():
    walk = Walk()
    walk.bind(DAY, days(20), order=1)
    walk.order(DAY, days(10), order=2)
    assert walk.case.due_on == days(20)
    walk.do("serve", days(1), order_id=2)
    assert walk.case.due_on == days(10)
    assert walk.case.state == "ordered"


def test_serving_one_order_serves_no_other():
    walk = Walk()
    walk.order(DAY, days(20), order=1)
    walk.order(DAY, days(10), order=2)
    walk.do("serve", days(1), order_id=1)
    assert [each.served_at is not None for each in walk.case.items] == [True, False]


def test_withdrawing_the_last_open_item_brings_the_case_back_to_found():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("withdraw", days(1))
    assert (walk.case.state, results(walk)) == ("found", {1: "withdrawn"})
    walk.bind(days(2), days(22), order=2)
    assert walk.case.state == "ordered"


def test_withdrawing_one_of_two_orders_moves_nothing():
    walk = two_orders()
    step = walk.do("withdraw", days(1), order_id=2)
    assert (walk.case.state, step.moved, walk.case.due_on) == ("ordered", False, days(20))


def test_withdrawing_what_is_left_beside_a_passed_item_leaves_a_rechecked_case():
    walk = two_orders()
    walk.do("pass_recheck", days(3), order_id=2)
    walk.do("withdraw", days(4), order_id=1)
    assert walk.case.state == "rechecked"
    walk.do("close", days(5))


def test_a_case_is_not_closed_on_an_older_recheck_when_the_last_one_failed():
    """Passed on one order, failed on the other, whose second order was then withdrawn: nobody saw it put right."""
    walk = two_orders()
    walk.do("pass_recheck", days(3), order_id=2)
    walk.do("fail_recheck", days(4), order_id=1)
    walk.do("withdraw", days(5), order_id=9)
    assert walk.case.state == "rechecked"
    with pytest.raises(Refused, match="the last recheck of this round did not pass"):
        walk.do("close", days(6))
    walk.do("send_back", days(6))
    walk.do("pass_recheck", days(7))
    walk.do("close", days(8))


def test_failing_one_order_leaves_the_items_of_another_open():
    walk = two_orders()
    walk.do("fail_recheck", days(3), order_id=2)
    assert results(walk) == {1: "open", 2: "failed", 9: "open"}
    with pytest.raises(Refused, match="no open item is left to judge"):
        walk.do("fail_recheck", days(4), order_id=2)
    assert results(walk) == {1: "open", 2: "failed", 9: "open"}


def test_a_recheck_that_fails_counts_a_rework_and_brings_a_second_order():
    walk = Walk()
    walk.bind(DAY, days(20))
    walk.do("start", days(1))
    walk.do("submit", days(2))
    step = walk.do("fail_recheck", days(3))
    assert (walk.case.state, walk.case.reworks, results(walk)) == ("ordered", 1, {1: "failed", 9: "open"})
    assert walk.case.waiting_on == "inspector"  # the second order is not served yet
    assert step.facts["late"] is False
    walk.do("serve", days(3), order_id=9)
    walk.do("fail_recheck", days(24), items=[new_item(10, days(24), due_on=days(40))], no_referral="flood")
    assert walk.case.reworks == 2


def test_sending_back_opens_again_what_that_recheck_passed():
    walk = two_orders()
    walk.do("pass_recheck", days(3), order_id=2)
    walk.do("pass_recheck", days(4), order_id=1)
    walk.do("send_back", days(5))
    assert (walk.case.state, results(walk)) == ("submitted", {1: "open", 2: "passed"})
    walk.do("pass_recheck", days(6))
    assert walk.case.state == "rechecked"


def test_a_correction_on_the_spot_is_sent_back_to_found():
    walk = Walk()
    walk.do("correct", DAY)
    assert (walk.case.state, walk.case.corrected_on, walk.case.rechecker_ids) == ("rechecked", DAY, [1, 2])
    walk.do("send_back", days(1))
    assert (walk.case.state, walk.case.corrected_on) == ("found", None)


def test_a_reopened_case_begins_a_new_round_and_leaves_the_old_orders():
    walk = Walk("larger")
    walk.bind(DAY, days(20))
    walk.do("pass_recheck", days(3))
    walk.do("close", days(4))
    walk.do("reopen", days(40), actor=BUREAU_INSPECTOR)
    assert (walk.case.state, walk.case.round, walk.case.recurrences) == ("found", 2, 1)
    assert walk.case.round_items == []
    assert walk.case.finder_ids == [1, 2, 4]
    walk.bind(days(40), days(60), order=2)
    assert results(walk) == {1: "passed", 2: "open"}
    with pytest.raises(NotAllowed):
        walk.do("close", days(41))


def test_what_an_earlier_round_passed_does_not_close_this_one():
    case = in_state("rechecked", round=2)
    assert reasons("close", case) == ["was_passed"]
    assert reasons("close", in_state("rechecked", items=[item(round=2, result="passed", result_seq=4)], round=2)) == []


# -- the whole way -----------------------------------------------------------------------------------------------------


def test_a_major_hazard_goes_the_whole_way():
    walk = Walk("major")
    seen = [(walk.case.state, walk.case.waiting_on)]
    for trigger, on in [
        ("order", DAY),
        ("serve", days(1)),
        ("plan", days(2)),
        ("start", days(3)),
        ("submit", days(30)),
        ("pass_recheck", days(33)),
        ("close", days(35)),
    ]:
        how = {"items": [new_item(1, due_on=days(90))]} if trigger == "order" else {}
        walk.do(trigger, on, **how)
        seen.append((walk.case.state, walk.case.waiting_on))
    assert seen == [
        ("found", WaitsOn.inspector),
        ("ordered", WaitsOn.inspector),
        ("ordered", WaitsOn.unit),
        ("ordered", WaitsOn.unit),
        ("rectifying", WaitsOn.unit),
        ("submitted", WaitsOn.inspector),
        ("rechecked", WaitsOn.supervisor),
        ("closed", WaitsOn.none),
    ]
    assert walk.clocks == {}


def test_a_refused_move_says_so_in_the_readers_language():
    def translate(key: str) -> str:
        return {"state\x04found": "已排查", "trigger\x04close": "销号"}.get(key, key)

    with pytest.raises(NotAllowed) as caught:
        HAZARD.fire("close", attempt("close", in_state("found")))
    assert caught.value.say(translate).startswith("case 12 is 已排查 and cannot 销号; it may: correct, order")


def test_ranks_above_the_charge_exist_for_every_rank():
    for rank in Rank:
        tried = attempt("escalate", in_state("found", charge=str(rank)))
        make("escalate", tried)
        assert Rank(tried.case.rank).height == min(rank.height + 1, len(Rank) - 1)


def test_a_department_without_power_is_told_to_report_up():
    tried = attempt("order", in_state("found"), actor=replace(POWERLESS, department=VILLAGE_OFFICE))
    assert "rectify escalate 12 --reason beyond_power" in str(HAZARD.may("order", tried))


def test_binding_states_are_those_with_an_order():
    assert [str(state) for state in BINDING] == ["ordered", "rectifying", "submitted"]
