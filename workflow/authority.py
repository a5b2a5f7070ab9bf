"""Who may make which move. Role, area and a department's power; each refusal says who would (exit 8)."""

from collections.abc import Callable

from workflow.case import Actor, Attempt
from workflow.process import Authority
from workflow.terms import RECORDERS, Grade, Role
from workflow.words import Sentence, Term

Why = Sentence | None


def lies_under(area: str, own: str) -> bool:
    """Whether an area path lies at or under another: by the tree, not by the digits of the codes."""
    return area == own or area.startswith(own + "/")


def _is_over(actor: Actor, attempt: Attempt) -> bool:
    """Whether it lies in the actor's area, or was transferred to and accepted by their department."""
    department, subject = actor.department, attempt.subject
    if department is None:
        return False
    return lies_under(subject.area, department.area) or subject.accepted_by == department.id


def _needs_role(actor: Actor, attempt: Attempt, roles: frozenset[Role]) -> Why:
    if actor.role not in roles:
        return Sentence(
            "{what}: {actor} is {role}; this takes {roles}: act for one of them with --as NAME"
            if actor.role in RECORDERS
            else "{what}: {actor} is {role}; this takes {roles}",
            what=attempt.called,
            actor=actor.name,
            role=Term("role", actor.role or "clock"),
            roles=[Term("role", role) for role in sorted(roles)],
        )
    if not _is_over(actor, attempt):
        return Sentence(
            "{what} lies in {area}, outside the area of {actor}: ask a colleague there, or have it transferred",
            what=attempt.called,
            area=attempt.subject.area_code,
            actor=actor.name,
        )
    return None


_OFFICERS = frozenset({Role.inspector, Role.supervisor})
_SUPERVISORS = frozenset({Role.supervisor})


def _inspector(actor: Actor, attempt: Attempt) -> Why:
    return _needs_role(actor, attempt, _OFFICERS)


def _supervisor(actor: Actor, attempt: Attempt) -> Why:
    return _needs_role(actor, attempt, _SUPERVISORS)


def _unit(actor: Actor, attempt: Attempt) -> Why:
    if actor.role != Role.contact:
        return _inspector(actor, attempt)
    if actor.unit_id in attempt.subject.addressees:
        return None
    return Sentence("{what} is another unit's; {actor} acts for their own", what=attempt.called, actor=actor.name)


def _ordering_inspector(actor: Actor, attempt: Attempt) -> Why:
    why = _inspector(actor, attempt)
    if why is None and actor.department is not None and not actor.department.may_order:
        return Sentence(
            "case {case}: {department} may not order; report it up: rectify escalate {case} --reason beyond_power",
            case=attempt.case.id,
            department=actor.department.name,
        )
    return why


def _halting_supervisor(actor: Actor, attempt: Attempt) -> Why:
    why = _supervisor(actor, attempt)
    if why is None and actor.department is not None and not actor.department.may_halt:
        return Sentence(
            "{what}: {department} may neither halt nor close; report it up: rectify escalate CASE --reason beyond_power",
            what=attempt.called,
            department=actor.department.name,
        )
    return why


def _halting_officer(actor: Actor, attempt: Attempt) -> Why:
    why = _inspector(actor, attempt)
    if why is None and actor.department is not None and not actor.department.may_halt:
        return Sentence(
            "{what}: {department} may not halt; report it up: rectify escalate {case} --reason beyond_power --note T",
            what=attempt.called,
            department=actor.department.name,
            case=next((str(number) for number in attempt.facts.get("cases", ())), "CASE"),
        )
    return why


def _closer(actor: Actor, attempt: Attempt) -> Why:
    return _inspector(actor, attempt) if attempt.case.grade == Grade.general else _supervisor(actor, attempt)


def _regrader(actor: Actor, attempt: Attempt) -> Why:
    wanted = attempt.given.get("grade")
    lowers = wanted is not None and Grade(wanted).weight < Grade(attempt.case.grade).weight
    return _supervisor(actor, attempt) if lowers else _inspector(actor, attempt)


def _of_department(whose: Callable[[Attempt], int | None], sentence: str) -> Callable[[Actor, Attempt], Why]:
    """A supervisor of one named department, wherever the case lies."""

    def why_not(actor: Actor, attempt: Attempt) -> Why:
        wanted = whose(attempt)
        if wanted is None:
            return _supervisor(actor, attempt)
        if actor.role == Role.supervisor and actor.department is not None and actor.department.id == wanted:
            return None
        return Sentence(sentence, what=attempt.called, actor=actor.name)

    return why_not


def _given_body(attempt: Attempt) -> int | None:
    body = attempt.given.get("body")
    return None if body is None else body.id


def _listing_body(actor: Actor, attempt: Attempt) -> Why:
    return _of_given_body(actor, attempt) or _supervisor(actor, attempt)


_of_given_body = _of_department(_given_body, "{what}: only a supervisor of the listing body lists it, {actor} is not")


def _clock_or_inspector(actor: Actor, attempt: Attempt) -> Why:
    return None if actor.is_clock else _inspector(actor, attempt)


def _clock(actor: Actor, attempt: Attempt) -> Why:
    if actor.is_clock:
        return None
    return Sentence("{what}: the clock does this, nobody types it", what=attempt.called)


def _fired(actor: Actor, attempt: Attempt) -> Why:
    if attempt.given.get("fired_by"):
        return None
    return Sentence("{what}: this follows from an extension or an exit, nobody types it", what=attempt.called)


def _import(actor: Actor, attempt: Attempt) -> Why:
    if attempt.given.get("imported"):
        return None
    return Sentence("{what}: only importing a ledger states this, nobody types it", what=attempt.called)


#: U: the unit's contact, or an inspector for it.
UNIT = Authority("unit", _unit)
#: I: an inspector; a supervisor may do what an inspector may.
INSPECTOR = Authority("inspector", _inspector)
#: I of a department that may order.
ORDERING_INSPECTOR = Authority("ordering inspector", _ordering_inspector)
#: S.
SUPERVISOR = Authority("supervisor", _supervisor)
#: I or S of a department that may halt.
HALTING_OFFICER = Authority("officer of a department that may halt", _halting_officer)
#: S of the department that imposed a halt.
IMPOSING_SUPERVISOR = Authority(
    "supervisor of the imposing department",
    _of_department(
        lambda attempt: attempt.subject.climber.department_id,
        "{what}: only a supervisor of the department that imposed it decides, {actor} is not",
    ),
)
#: S of a department that may halt.
HALTING_SUPERVISOR = Authority("supervisor of a department that may halt", _halting_supervisor)
#: General: I; larger and major: S.
CLOSER = Authority("closer", _closer)
#: Up: I; down: S.
REGRADER = Authority("regrader", _regrader)
#: S of the body that lists the hazard, which lies in its area.
LISTING_BODY = Authority("supervisor of the listing body", _listing_body)
#: S of the body that listed it.
RELEASING_BODY = Authority(
    "supervisor of the listing body",
    _of_department(
        lambda attempt: attempt.case.listed_by,
        "{what}: only a supervisor of the body that listed it releases it, {actor} is not",
    ),
)
#: S of the department that answers for the case.
SENDER = Authority(
    "supervisor of the sender",
    _of_department(
        lambda attempt: attempt.case.department_id,
        "{what}: only a supervisor of the department that answers for it transfers it, {actor} is not",
    ),
)
#: S of the department it was transferred to.
RECEIVER = Authority(
    "supervisor of the receiver",
    _of_department(
        lambda attempt: attempt.case.transfer_to,
        "{what}: only a supervisor of the department it was transferred to answers, {actor} is not",
    ),
)
#: C, or I and S at any time.
CLOCK_OR_INSPECTOR = Authority("clock or inspector", _clock_or_inspector)
#: C alone.
CLOCK = Authority("clock", _clock, is_typed=False)
#: Fired by an extension, a halt or an exit in its own transaction.
FIRED = Authority("fired", _fired, is_typed=False)
#: Stated by a row of an older ledger, while it is imported.
IMPORT = Authority("import", _import, is_typed=False)
