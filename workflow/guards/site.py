"""On site: who was there, with which certificates, and what a recheck needs."""

from workflow.case import Attempt, Officer, serves
from workflow.deadlines import is_late
from workflow.guards.about import has_given, is_signed_off, items_failed, judged_items
from workflow.process import guard
from workflow.terms import Grade, Role
from workflow.words import Term


@guard("two different officers must be on site; name them with --by NAME --by NAME")
def is_seen_by_two(attempt: Attempt) -> bool:
    """Rechecks take two officers: 行政处罚法 art 42."""
    return len({officer.id for officer in attempt.officers}) >= attempt.policy.rechecks.officers


@guard(
    "no valid inspector's certificate that day: {names}",
    names=lambda a: [officer.name for officer in a.officers if not _is_officer(officer, a)],
)
def is_certified(attempt: Attempt) -> bool:
    """Officers carry a certificate that is valid on the day of the visit: 行政处罚法 art 42."""
    return all(_is_officer(officer, attempt) for officer in attempt.officers)


def _is_officer(officer: Officer, attempt: Attempt) -> bool:
    return (
        officer.role in (Role.inspector, Role.supervisor)
        and officer.is_certified_on(attempt.on)
        and serves(officer, attempt.on)
    )


@guard("{actor} is not one of the inspection's two officers", actor=lambda a: a.actor.name)
def is_by_an_officer_of_the_inspection(attempt: Attempt) -> bool:
    """On the spot, both officers of the inspection count as the recheck; one of them records it."""
    return attempt.actor.id in {officer.id for officer in attempt.officers}


@guard("only on the day of the inspection, {day}", day=lambda a: a.given.get("inspected_on"))
def is_the_day_of_the_inspection(attempt: Attempt) -> bool:
    """A hazard is corrected on the spot or ordered."""
    return attempt.given.get("inspected_on") in (None, attempt.on)


@guard("found on a {kind}, which corrects nothing on the spot", kind=lambda a: Term("kind", str(a.given.get("kind"))))
def is_found_by_inspection(attempt: Attempt) -> bool:
    """Patrols and reports record and report up."""
    return attempt.given.get("kind") not in ("patrol", "report")


@guard(
    "only a general hazard is corrected on the spot; order it: rectify order {case}",
    standing=True,
    case=lambda a: a.case.id,
)
def is_general(attempt: Attempt) -> bool:
    """Larger and major hazards are always ordered."""
    return attempt.case.grade == Grade.general


@guard("evidence is missing; add --evidence FILE")
def has_evidence(attempt: Attempt) -> bool:
    """A photo, report or certificate."""
    return has_given(attempt, "evidence")


@guard("a larger or major hazard needs evidence; add --evidence FILE")
def has_evidence_if_grave(attempt: Attempt) -> bool:
    """Larger and major hazards are submitted with evidence."""
    return not attempt.case.is_grave or has_given(attempt, "evidence")


@guard("say what was done; add --done TEXT")
def says_what_was_done(attempt: Attempt) -> bool:
    """An application says what was done."""
    return has_given(attempt, "done")


@guard("the opinion is missing; add --note TEXT")
def has_opinion(attempt: Attempt) -> bool:
    """A recheck says what was seen."""
    return has_given(attempt, "note")


@guard(
    "the person responsible cannot recheck it: {names}",
    names=lambda a: [officer.name for officer in a.officers if officer.name in responsible_names(a)],
)
def is_not_by_the_responsible(attempt: Attempt) -> bool:
    """Nobody rechecks what they answer for themselves."""
    return not any(officer.name in responsible_names(attempt) for officer in attempt.officers)


def responsible_names(attempt: Attempt) -> set[str]:
    """Return who is responsible for what is judged."""
    return {item.responsible.strip() for item in judged_items(attempt)}


@guard(
    "a major hazard is rechecked by at least one officer who did not find it; name another with --by, "
    "or let a supervisor waive it: --waive-by SUPERVISOR --why T"
)
def has_fresh_eyes_if_major(attempt: Attempt) -> bool:
    """Policy `rechecks.fresh_eyes`; a supervisor may waive it where a station has two officers."""
    if attempt.case.grade != Grade.major or not attempt.policy.rechecks.fresh_eyes:
        return True
    finders = attempt.case.finder_ids
    return any(officer.id not in finders for officer in attempt.officers) or is_signed_off(attempt, "waived_by")


@guard(
    "it failed after its date: name the referral for penalty with --referral NO, or say why none with --no-referral WHY"
)
def names_referral_if_late(attempt: Attempt) -> bool:
    """Failed after the date, the step names the referral for penalty or why there is none."""
    late = any(is_late(item, attempt) for item in judged_items(attempt))
    return not late or has_given(attempt, "referral") or has_given(attempt, "no_referral")


@guard("no open item is left to judge", standing=True)
def has_item_to_judge(attempt: Attempt) -> bool:
    """A recheck judges an open item: of the order it names, where it names one."""
    return bool(items_failed(attempt))
