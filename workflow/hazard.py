"""The hazard process: its states and moves as data. It reads like the regulation.

A hazard is found, ordered to be put right, rectified, rechecked by two officers on site and closed out – or its plant
goes. Overdue, escalated, listed and extended are not states: the first is a question about a date, the others are
facts that steps leave behind.
"""

from workflow.authority import (
    CLOCK_OR_INSPECTOR,
    CLOSER,
    FIRED,
    INSPECTOR,
    LISTING_BODY,
    ORDERING_INSPECTOR,
    RECEIVER,
    REGRADER,
    RELEASING_BODY,
    SENDER,
    SUPERVISOR,
    UNIT,
)
from workflow.case import Attempt
from workflow.deadlines import reconcile
from workflow.effects import EFFECTS, look_anew
from workflow.guards import (
    changes_something,
    ends_in_time,
    has_basis,
    has_evidence,
    has_evidence_if_grave,
    has_evidence_if_lowered,
    has_exit_date,
    has_fresh_eyes_if_major,
    has_ground_to_reopen,
    has_interim_measures_if_grave,
    has_item_to_judge,
    has_item_to_withdraw,
    has_listing,
    has_new_date,
    has_no_halt,
    has_no_item,
    has_no_lifted_halt,
    has_no_open_item,
    has_note,
    has_notice,
    has_number,
    has_opinion,
    has_plan_if_major,
    has_reason_to_void,
    has_reason_to_withdraw,
    has_text,
    has_three_fixed,
    has_unserved_item,
    has_whole_plan,
    is_announced_a_day_before,
    is_another_department,
    is_another_grade,
    is_assignable,
    is_by_an_officer_of_the_inspection,
    is_certified,
    is_closed_by_another_if_grave,
    is_found_by_inspection,
    is_general,
    is_joined_anew,
    is_listed,
    is_listing_ahead,
    is_lowered_by_another,
    is_major_if_power_is_cut,
    is_not_a_recurrence,
    is_not_acknowledged_twice,
    is_not_before_the_order,
    is_not_by_the_responsible,
    is_not_listed,
    is_not_of_a_voided_case,
    is_not_of_itself,
    is_not_transferred,
    is_overdue_if_said_so,
    is_released,
    is_relocation,
    is_retreat,
    is_seen_at_a_look_back,
    is_seen_by_two,
    is_served,
    is_served_after_the_order,
    is_the_day_of_the_inspection,
    is_transferred,
    is_within_limit,
    leaves_no_item_open,
    leaves_nothing,
    leaves_only_passed_items,
    names_a_grade,
    names_a_person,
    names_a_receiver,
    names_departments,
    names_its_measure,
    names_referral_if_late,
    names_why_it_climbs,
    says_how_it_was_served,
    says_what_was_done,
    was_never_ordered,
    was_passed,
)
from workflow.process import Move, Process
from workflow.states import (
    ENDED,
    OPEN,
    State,
    closed,
    exiting,
    found,
    ordered,
    rechecked,
    rectifying,
    relocated,
    retreated,
    shutdown,
    submitted,
    voided,
)

BINDING = [ordered, rectifying, submitted]  #: an order stands
THREE_FIXED = [has_three_fixed, is_not_before_the_order, is_within_limit, has_interim_measures_if_grave]
TWO_ON_SITE = [is_seen_by_two, is_certified]
PASSED = [has_item_to_judge, is_served, *TWO_ON_SITE, has_opinion, is_not_by_the_responsible, has_fresh_eyes_if_major]
FAILED = [has_item_to_judge, *TWO_ON_SITE, has_opinion, *THREE_FIXED, names_referral_if_late]
SERVED = [has_unserved_item, says_how_it_was_served, is_served_after_the_order]
WITHDRAWN = [has_item_to_withdraw, has_reason_to_withdraw, has_note]

# fmt: off
MOVES = [
    # trigger, from, to, by whom, on what conditions
    Move("correct",      found,                 rechecked,  INSPECTOR, [is_by_an_officer_of_the_inspection, *TWO_ON_SITE, has_evidence, is_general, is_the_day_of_the_inspection, is_found_by_inspection]),
    Move("order",        found,                 ordered,    ORDERING_INSPECTOR, THREE_FIXED),
    Move("order",        [ordered, rectifying], None,       ORDERING_INSPECTOR, THREE_FIXED),
    Move("serve",        BINDING,               None,       INSPECTOR, SERVED),
    Move("start",        ordered,               rectifying, UNIT, [is_served]),
    Move("submit",       [ordered, rectifying], submitted,  UNIT, [is_served, says_what_was_done, has_evidence_if_grave]),
    Move("pass_recheck", BINDING,               rechecked,  INSPECTOR, PASSED, when=leaves_no_item_open),
    Move("pass_recheck", BINDING,               None,       INSPECTOR, PASSED),
    Move("fail_recheck", BINDING,               ordered,    INSPECTOR, FAILED),
    Move("close",        rechecked,             closed,     CLOSER, [has_no_open_item, was_passed, is_released, has_no_halt, is_closed_by_another_if_grave, has_plan_if_major]),
    Move("send_back",    rechecked,             found,      SUPERVISOR, [has_note, has_no_lifted_halt], when=has_no_item),
    Move("send_back",    rechecked,             submitted,  SUPERVISOR, [has_note, has_no_lifted_halt]),
    Move("void",         OPEN,                  voided,     SUPERVISOR, [has_reason_to_void, is_not_of_itself, is_not_of_a_voided_case, is_not_a_recurrence, has_note]),
    Move("withdraw",     BINDING,               found,      SUPERVISOR, WITHDRAWN, when=leaves_nothing),
    Move("withdraw",     BINDING,               rechecked,  SUPERVISOR, WITHDRAWN, when=leaves_only_passed_items),
    Move("withdraw",     BINDING,               None,       SUPERVISOR, WITHDRAWN),
    Move("decide_exit",  [found, *BINDING],     exiting,    FIRED, [has_exit_date]),
    Move("confirm_exit", exiting,               relocated,  FIRED, when=is_relocation),
    Move("confirm_exit", exiting,               retreated,  FIRED, when=is_retreat),
    Move("confirm_exit", exiting,               shutdown,   FIRED),
    Move("revoke_exit",  exiting,               found,      FIRED, when=was_never_ordered),
    Move("revoke_exit",  exiting,               ordered,    FIRED, THREE_FIXED),
    Move("reopen",       [closed, shutdown, relocated, retreated], found, INSPECTOR, [has_ground_to_reopen]),
    # internal: these move nothing, but leave a step
    Move("regrade",      OPEN,                  None,       REGRADER, [names_a_grade, is_another_grade, has_basis, has_evidence_if_lowered, is_lowered_by_another]),
    Move("escalate",     OPEN,                  None,       CLOCK_OR_INSPECTOR, [names_why_it_climbs, is_overdue_if_said_so]),
    Move("supervise",    OPEN,                  None,       LISTING_BODY, [has_listing, is_listing_ahead, is_not_listed]),
    Move("release",      [rechecked, *ENDED],   None,       RELEASING_BODY, [is_listed, has_note]),
    Move("look_back",    [closed, shutdown, relocated, retreated], None, INSPECTOR, [is_seen_at_a_look_back]),
    Move("extend",       [ordered, rectifying], None,       FIRED, [has_new_date]),
    Move("recount",      OPEN,                  None,       FIRED),
    Move("transfer",     OPEN,                  None,       SENDER, [names_a_receiver, is_not_transferred, is_another_department, has_note]),
    Move("accept",       OPEN,                  None,       RECEIVER, [is_transferred]),
    Move("decline",      OPEN,                  None,       RECEIVER, [is_transferred, has_note]),
    Move("assign",       OPEN,                  None,       INSPECTOR, [names_a_person, is_assignable]),
    Move("assist",       OPEN,                  None,       SUPERVISOR, [names_departments, is_joined_anew, has_note]),
    Move("plan",         OPEN,                  None,       INSPECTOR, [has_whole_plan]),
    Move("refer",        OPEN,                  None,       INSPECTOR, [has_number, has_note]),
    Move("measure",      OPEN,                  None,       SUPERVISOR, [names_its_measure, is_major_if_power_is_cut, has_notice, is_announced_a_day_before, has_note]),
    Move("acknowledge",  OPEN,                  None,       SUPERVISOR, [has_note, ends_in_time, is_not_acknowledged_twice]),
    Move("amend",        OPEN,                  None,       INSPECTOR, [changes_something, has_note]),
    Move("note",         OPEN,                  None,       INSPECTOR, [has_text]),
]
# fmt: on

#: What makes a move, where it is not a command of the trigger's own name.
COMMANDS = {"pass_recheck": "recheck --pass", "fail_recheck": "recheck --fail", "withdraw": "orders withdraw"}

#: Triggers that begin a new round: the hazard leaves its old orders, halts and exits.
NEW_ROUND = frozenset({"reopen"})

#: Triggers after which the same deadlines run as before: nothing to compare.
LEAVES_CLOCKS = frozenset({"start", "escalate", "note", "assign", "refer", "look_back", "assist", "measure"})


def make(trigger: str, attempt: Attempt) -> None:
    """Make one move and bring the case's deadlines in line with it.

    Raises what `Process.fire` raises; after that the attempt's case is to be thrown away.
    """
    HAZARD.fire(trigger, attempt)
    case = attempt.case
    if attempt.moved:
        case.entered_at = attempt.at
        case.moved_seq = attempt.seq
    is_told_again = attempt.moved and case.acknowledged_on is not None  # it silenced the state that was left
    if is_told_again:
        case.acknowledged_on = None
        look_anew(attempt)
    if is_told_again or trigger not in LEAVES_CLOCKS:
        reconcile(attempt)


HAZARD = Process("hazard", states=State, initial=found, ended=ENDED, moves=MOVES, effects=EFFECTS, commands=COMMANDS)
