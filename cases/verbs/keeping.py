"""What keeping any register takes: who may, how an entry is written, and that nobody else changes it meanwhile.

Which registers there are, and what each refuses, belongs to `staff` (areas, departments, people) and `registers`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Table, bindparam, select, update

from cases.ledger import Door
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import people, policies
from cases.verbs.texts import checked
from workflow.authority import lies_under
from workflow.errors import BadInput, Forbidden, Refused
from workflow.policy import Policy
from workflow.terms import Role
from workflow.words import Sentence, Term

Columns = dict[str, Any]
#: Reads one field as somebody typed it; None stands for an empty one. Raises BadInput.
Reader = Callable[[str, str, Policy], str | None]

#: Every store has a first policy, and nothing changes it: whoever holds its row is alone at the registers.
_ALONE = Statement(select(policies.c.version).where(policies.c.version == 1).with_for_update())
_ROLE_OF = Statement(select(people.c.name, people.c.role).where(people.c.id == bindparam("person")))
_OFFICERS = (Role.inspector, Role.supervisor)


def hold(door: Door) -> None:
    """Let nobody else change the registers until this transaction ends: what is checked holds when it is written."""
    door.tx.one(_ALONE)


# -- who may -----------------------------------------------------------------------------------------------------------


def must_administer(door: Door) -> None:
    """Raise Forbidden unless an administrator is at the desk: a clerk does not become one by `--as`."""
    recorder = door.tx.one(_ROLE_OF, person=door.acting.recorded_by)
    for person in (door.acting.actor, *([] if recorder is None else [recorder])):
        if person.role != Role.administrator:
            raise Forbidden(
                Sentence(
                    "{actor} is {role}; administrators keep areas, departments and people",
                    actor=person.name,
                    role=Term("role", person.role or "clock"),
                )
            )


def must_keep_units(door: Door, *areas: str) -> None:
    """Raise Forbidden unless the actor keeps units and campaigns; inspectors and supervisors do where these areas lie.

    `areas` are paths.
    """
    actor = door.acting.actor
    if actor.role in (Role.administrator, Role.clerk):
        return
    if actor.role not in _OFFICERS:
        raise Forbidden(
            Sentence(
                "{actor} is {role}; administrators, clerks, supervisors and inspectors keep units and campaigns",
                actor=actor.name,
                role=Term("role", actor.role or "clock"),
            )
        )
    own = actor.department
    outside = [area for area in areas if own is None or not lies_under(area, own.area)]
    if outside:
        raise Forbidden(
            Sentence(
                "{area} lies outside the area of {actor}; ask a colleague there, or a clerk",
                area=outside[0].rpartition("/")[2],
                actor=actor.name,
            )
        )


# -- how an entry is written -------------------------------------------------------------------------------------------


def one_line(field: str, text: str, policy: Policy) -> str | None:
    """Return a text of one line, None for an empty one. Raises BadInput."""
    said = checked(field, text, policy) or None
    if said is not None and ("\n" in said or "\t" in said):
        raise BadInput(Sentence("{field} has more than one line; write it on one", field=Term("field", field)))
    return said


def filled(field: str, text: str, policy: Policy) -> str:
    """Return a text of one line that says something. Raises BadInput."""
    said = one_line(field, text, policy)
    if said is None:
        raise BadInput(Sentence("{field} is empty; write it out", field=Term("field", field)))
    return said


def proper_name(field: str, text: str, policy: Policy) -> str:
    """Return a name that no command takes for a number or for `last`. Raises BadInput."""
    said = filled(field, text, policy)
    if said == "last" or said.startswith("id:"):
        raise BadInput(Sentence("{name} means something else in commands; choose another name", name=said[:40]))
    return said


def area_code(field: str, text: str, policy: Policy) -> str:
    """Return the code of an area: letters, digits, dots and dashes, because a slash parts the codes of a path."""
    said = filled(field, text, policy)
    if not re.fullmatch(r"[\w.-]{1,32}", said):
        raise BadInput(Sentence("{code} is no area code; write it like 330109", code=said[:40]))
    return said


def address(field: str, text: str, policy: Policy) -> str | None:
    """Return where notices go. Raises BadInput for what has no scheme, without repeating it: it holds a token."""
    said = one_line(field, text, policy)
    if said is not None and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://\S", said):
        raise BadInput(Sentence("the address for notices has no scheme; write it like mailto://…"))
    return said


_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(field: str, text: str, policy: Policy) -> str | None:
    """Return a 统一社会信用代码 of 18 characters, the last of which checks the others (GB 32100-2015). Raises BadInput."""
    said = one_line(field, text.upper(), policy)
    if said is None:
        return None
    if len(said) != 18 or not set(said) <= set(_ALPHABET):
        why = Sentence("it has 18 digits and capital letters, never I, O, S, V or Z")
    elif said[17] != _check_digit(said[:17]):
        why = Sentence("its last character does not check the others")
    else:
        return said
    raise BadInput(
        Sentence("{code} is no credit code: {why}; copy it from the business licence", code=said[:24], why=why)
    )


def _check_digit(code: str) -> str:
    return _ALPHABET[-sum(_ALPHABET.index(each) * pow(3, place, 31) for place, each in enumerate(code)) % 31]


def written(readers: Mapping[str, Reader], said: Mapping[str, Any], policy: Policy) -> Columns:
    """Return the columns that were said, each read by its reader where it has one; None: it was not said."""
    return {
        field: readers[field](field, value, policy) if field in readers else value
        for field, value in said.items()
        if value is not None
    }


def on_record(door: Door) -> Columns:
    """Return who puts something on record now, for whom, and when it happened."""
    acting = door.acting
    return {
        "made_by": acting.actor.id,
        "recorded_by": acting.recorded_by,
        "made_at": door.at,
        "recorded_at": acting.when.recorded_at,
    }


# -- writing it --------------------------------------------------------------------------------------------------------


def refuse_if(reasons: Sequence[Sentence], noun: str, name: str) -> None:
    """Raise Refused when there are reasons; nothing is written then."""
    if reasons:
        raise Refused(
            Sentence("{noun} {name} is not written", noun=Term("noun", noun), name=name[:80]), reasons=reasons
        )


def twice(noun: str, found: Any) -> list[Sentence]:
    """Return why an entry is refused that is there already, as `found`; none when nothing was found."""
    if found is None:
        return []
    key = found.code if noun == "area" else f"id:{found.id}"
    return [
        Sentence(
            "{noun} {name} is there already; look at it with: rectify {command} show {key}",
            noun=Term("noun", noun),
            name=found.name,
            command=noun,
            key=key,
        )
    ]


def other_than(own: int | None, found: Any) -> Any:
    """Return what was found unless it is the entry itself."""
    return None if found is None or found.id == own else found


def change(tx: Transaction, table: Table, key: Any, columns: Columns) -> None:
    """Write these columns of one entry."""
    if columns:
        tx.run(_changing(table, tuple(columns)), key=key, **{f"new_{column}": each for column, each in columns.items()})


@cache
def _changing(table: Table, columns: tuple[str, ...]) -> Statement:
    return Statement(
        update(table)
        .where(_key(table) == bindparam("key"))
        .values({column: bindparam(f"new_{column}") for column in columns})
    )


def entry(tx: Transaction, table: Table, key: Any) -> Columns:
    """Return an entry as JSON knows it."""
    row = tx.one(_reading(table), key=key)
    return {column: value.isoformat() if isinstance(value, date) else value for column, value in row._asdict().items()}


@cache
def _reading(table: Table) -> Statement:
    return Statement(select(table).where(_key(table) == bindparam("key")))


def _key(table: Table) -> Any:
    return next(iter(table.primary_key.columns))
