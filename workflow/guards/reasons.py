"""Reasons, grades, listings, transfers and the other internal steps: what has to be said."""

from datetime import timedelta

from workflow.case import Attempt, Case, Department
from workflow.deadlines import local_date
from workflow.guards.about import has_given
from workflow.process import guard
from workflow.states import ENDED, State
from workflow.terms import Grade, InspectionKind, Measure
from workflow.words import Term

#: The six parts of a governance plan 治理方案.
PLAN_PARTS = ("goal", "method", "funds", "organisation", "deadline", "emergency")


@guard("say why; add --note T")
def has_note(attempt: Attempt) -> bool:
    """A reason in words."""
    return has_given(attempt, "note")


@guard("say why: --reason mistaken, or duplicate with --of CASE, or revoked with --number NO")
def has_reason_to_void(attempt: Attempt) -> bool:
    """Mistaken, duplicate (of which), or revoked by review or court (number)."""
    reason = attempt.given.get("reason")
    return (
        reason == "mistaken"
        or (reason == "duplicate" and has_given(attempt, "of"))
        or (reason == "revoked" and has_given(attempt, "number"))
    )


@guard("a case is not a duplicate of itself")
def is_not_of_itself(attempt: Attempt) -> bool:
    """A duplicate names the case that stays."""
    return attempt.given.get("of") != attempt.case.id


def _original(attempt: Attempt) -> Case | None:
    """Return the case that this one is said to be a duplicate of."""
    stays: Case | None = attempt.given.get("stays")
    return stays if attempt.given.get("of") not in (None, attempt.case.id) else None


@guard("case {of} was voided itself; name the case that stays with --of CASE", of=lambda a: a.given.get("of"))
def is_not_of_a_voided_case(attempt: Attempt) -> bool:
    """A duplicate leaves a case that counts."""
    original = _original(attempt)
    return original is None or original.state != State.voided


@guard(
    "it was found after case {of} had ended, so it came back; reopen that one: rectify reopen {of} --note T",
    of=lambda a: a.given.get("of"),
)
def is_not_a_recurrence(attempt: Attempt) -> bool:
    """What is found again after its end is a recurrence, not a duplicate."""
    original = _original(attempt)
    if original is None or original.state == State.voided or original.state not in ENDED:
        return True
    return attempt.case.found_on <= local_date(original.entered_at, attempt.policy.timezone)


@guard("it is {grade} already", grade=lambda a: Term("grade", a.case.grade))
def is_another_grade(attempt: Attempt) -> bool:
    """Regrading changes the grade."""
    return attempt.given.get("grade") != attempt.case.grade


@guard("the grade is missing; add --grade GRADE")
def names_a_grade(attempt: Attempt) -> bool:
    """Regrading names the new grade."""
    return has_given(attempt, "grade")


@guard("the basis is missing; add --basis T")
def has_basis(attempt: Attempt) -> bool:
    """A grade rests on a standard or a finding."""
    return has_given(attempt, "basis")


@guard("lowering the grade needs evidence; add --evidence FILE")
def has_evidence_if_lowered(attempt: Attempt) -> bool:
    """A grade is not lowered on a word."""
    return not _lowers(attempt) or has_given(attempt, "evidence")


@guard("{actor} found it; another supervisor must lower the grade", actor=lambda a: a.actor.name)
def is_lowered_by_another(attempt: Attempt) -> bool:
    """A grade is lowered by a supervisor who did not find it."""
    return not _lowers(attempt) or attempt.actor.id not in attempt.case.finder_ids


def _lowers(attempt: Attempt) -> bool:
    wanted = attempt.given.get("grade")
    return wanted is not None and Grade(wanted).weight < Grade(attempt.case.grade).weight


@guard("say why it goes up: --reason overdue, refusal, beyond_power or danger")
def names_why_it_climbs(attempt: Attempt) -> bool:
    """A person names the reason; the clock names the deadline."""
    if attempt.actor.is_clock:
        return has_given(attempt, "deadline")
    return attempt.given.get("reason") in ("overdue", "refusal", "beyond_power", "danger")


@guard("it is not overdue")
def is_overdue_if_said_so(attempt: Attempt) -> bool:
    """Overdue is a question about a date, not an opinion."""
    if attempt.given.get("reason") != "overdue" or attempt.actor.is_clock:
        return True
    return any(attempt.at > deadline.due_at for deadline in attempt.case.deadlines)


@guard("the listing's body, number and date must be named; add --body, --number and --due")
def has_listing(attempt: Attempt) -> bool:
    """Rank, number and its own date."""
    return has_given(attempt, "body", "number", "due_on")


@guard("the listing's date lies before today")
def is_listing_ahead(attempt: Attempt) -> bool:
    """A listing gives time."""
    due = attempt.given.get("due_on")
    return due is None or due >= attempt.on


@guard("it is listed already under {number}", standing=True, number=lambda a: a.case.listed_number)
def is_not_listed(attempt: Attempt) -> bool:
    """One listing at a time."""
    return attempt.case.listed_by is None


@guard("it is not listed", standing=True)
def is_listed(attempt: Attempt) -> bool:
    """Only what was listed is released."""
    return attempt.case.listed_by is not None


@guard("it is on its way to another department already", standing=True)
def is_not_transferred(attempt: Attempt) -> bool:
    """One transfer at a time."""
    return attempt.case.transfer_to is None


@guard("name the department that takes it; add --to DEPARTMENT")
def names_a_receiver(attempt: Attempt) -> bool:
    """A transfer names its receiver."""
    return has_given(attempt, "to")


@guard("that department answers for it already")
def is_another_department(attempt: Attempt) -> bool:
    """A transfer goes somewhere else."""
    to = attempt.given.get("to")
    return to is None or to.id != attempt.case.department_id


@guard("no transfer waits for an answer", standing=True)
def is_transferred(attempt: Attempt) -> bool:
    """Only a transfer that waits is answered."""
    return attempt.case.transfer_to is not None


@guard("name who takes it; add --to PERSON")
def names_a_person(attempt: Attempt) -> bool:
    """A case is assigned to somebody."""
    return has_given(attempt, "to")


@guard(
    "{name} cannot take it: only an active inspector or supervisor whose area it lies in can",
    name=lambda a: a.given["to"].name,
)
def is_assignable(attempt: Attempt) -> bool:
    """The assignee must be able to act on it."""
    to = attempt.given.get("to")
    return to is None or bool(attempt.given.get("to_may_act"))


@guard("an acknowledgement ends between today and {last}", last=lambda a: a.on + timedelta(a.policy.acknowledge.days))
def ends_in_time(attempt: Attempt) -> bool:
    """At most 30 days off (policy)."""
    until = attempt.given.get("until")
    return until is not None and attempt.on <= until <= attempt.on + timedelta(attempt.policy.acknowledge.days)


@guard("it was acknowledged already and nothing moved since; move it, or let it climb", standing=True)
def is_not_acknowledged_twice(attempt: Attempt) -> bool:
    """Never twice running: a pause must not become a habit."""
    last = attempt.case.acknowledged_seq
    return last is None or attempt.case.moved_seq > last


@guard(
    "the plan needs {missing}",
    missing=lambda a: [Term("field", name) for name in PLAN_PARTS if not a.given.get(name)],
)
def has_whole_plan(attempt: Attempt) -> bool:
    """Goals and tasks; methods and measures; funds and materials; organisation and people; time limit; emergency plan."""
    return has_given(attempt, *PLAN_PARTS)


@guard("the referral's number is missing; add --number NO")
def has_number(attempt: Attempt) -> bool:
    """A referral for penalty carries a number."""
    return has_given(attempt, "number")


@guard("nothing to change; add --text, --place, --sector or --line")
def changes_something(attempt: Attempt) -> bool:
    """A correction corrects."""
    return any(attempt.given.get(name) is not None for name in ("text", "place", "sector", "line"))


@guard("the note is empty")
def has_text(attempt: Attempt) -> bool:
    """A note says something."""
    return has_given(attempt, "note")


@guard("an inspection, or how the closing was shown to be false, is missing; add --inspection I and --note T")
def has_ground_to_reopen(attempt: Attempt) -> bool:
    """Seen again at an inspection, or a closing shown to be false."""
    return has_given(attempt, "note") or has_given(attempt, "inspection")


@guard("only a look-back visit says so; record one with: rectify inspect UNIT --kind look-back")
def is_seen_at_a_look_back(attempt: Attempt) -> bool:
    """What stayed as it was left is seen on site by a visit made for it 回头看."""
    return attempt.given.get("visit_kind") == InspectionKind.look_back


@guard("name the departments that handle it together with the one that answers; add --with DEPARTMENT")
def names_departments(attempt: Attempt) -> bool:
    """Joint handling names who joins in."""
    return has_given(attempt, "departments")


@guard("{names} handle it already", names=lambda a: [each.name for each in _already(a)])
def is_joined_anew(attempt: Attempt) -> bool:
    """Nobody joins twice; the department that answers for it is in it anyway."""
    return not _already(attempt)


def _already(attempt: Attempt) -> list[Department]:
    there = {attempt.case.department_id, *attempt.given.get("joint", ())}
    return [each for each in attempt.given.get("departments", ()) if each.id in there]


@guard("name the measure: --kind power_cut or power_restored")
def names_its_measure(attempt: Attempt) -> bool:
    """A measure is of a known kind."""
    return attempt.given.get("kind") in tuple(Measure)


@guard("power is cut for a major hazard only; regrade it first")
def is_major_if_power_is_cut(attempt: Attempt) -> bool:
    """A notice to stop the power supply takes a major hazard and a decision that was not obeyed (安全生产法 art 70)."""
    return not _cuts_power(attempt) or attempt.case.grade == Grade.major


@guard("the notice's number and whom it tells are missing; add --number NO and --to SUPPLIER")
def has_notice(attempt: Attempt) -> bool:
    """Suppliers are told in writing (安全生产法 art 70)."""
    return has_given(attempt, "number", "to")


@guard("the unit is told 24 hours before; give a later day with --from D, or --danger")
def is_announced_a_day_before(attempt: Attempt) -> bool:
    """The unit hears of it 24 hours before its power is cut, unless there is danger (安全生产法 art 70)."""
    if not _cuts_power(attempt) or attempt.given.get("danger"):
        return True
    begins = attempt.given.get("begins")
    return begins is not None and begins > attempt.on


def _cuts_power(attempt: Attempt) -> bool:
    return attempt.given.get("kind") == Measure.power_cut


@guard("the exit's date is missing; add --due D")
def has_exit_date(attempt: Attempt) -> bool:
    """The hazard is still there: what is leaving leaves by a date."""
    return has_given(attempt, "due_on")


@guard("its new date is missing")
def has_new_date(attempt: Attempt) -> bool:
    """An extension names the item and its new date."""
    return has_given(attempt, "item_id", "due_on")
