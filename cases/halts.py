"""How halts lie in the store: one by its number, alone or with the hazards it names, and those that a hazard is under.

Whoever imposes or ends one for its hazards holds the unit first, then the hazards, then the halt.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, Select, bindparam, case, literal_column, select

from cases.pages import DEADLINE_FIELDS, TRACKED
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, deadlines, departments, halt_hazards, halts, hazards, units
from workflow.case import Case, Deadline
from workflow.errors import NotFound
from workflow.halt import STANDING, Halt, HaltOn, Named
from workflow.terms import Grade, HaltKind, Kind
from workflow.words import Sentence

if TYPE_CHECKING:
    from cases.ledger import Door

_WEIGHT = case({grade.value: grade.weight for grade in Grade}, value=hazards.c.grade)


def gravest(column: ColumnElement[Any], halt: Column[Any] = halts.c.id) -> Any:
    """Return a column of the gravest hazard that a halt names, of equally grave ones the first."""
    return (
        select(column)
        .join_from(halt_hazards, hazards, hazards.c.id == halt_hazards.c.hazard_id)
        .where(halt_hazards.c.halt_id == halt)
        .order_by(_WEIGHT.desc(), hazards.c.id)
        .limit(literal_column("1"))
        .correlate(halt.table)
        .scalar_subquery()
    )


#: What a halt is made of, in the order of its fields.
COLUMNS = [
    *[halts.c[name] for name in TRACKED[Halt].columns],
    units.c.name.label("unit"),
    units.c.sector.label("sector"),
    areas.c.path.label("area"),
    departments.c.rank.label("charge"),
    gravest(hazards.c.grade).label("grade"),
]
_HALTS = (
    select(*COLUMNS)
    .join_from(halts, units, units.c.id == halts.c.unit_id)
    .join(areas, areas.c.code == halts.c.area_code)
    .join(departments, departments.c.id == halts.c.department_id)
)
IS_STANDING = halts.c.state.in_([literal_column(f"'{state}'") for state in STANDING])


def _locked(query: Select[Any]) -> Statement:
    return Statement(query.with_for_update(of=halts), into=Halt)


_BY_ID = _locked(_HALTS.where(halts.c.id == bindparam("id")))
_OF_UNIT = Statement(select(halts.c.id).where(halts.c.unit_id == bindparam("unit"), IS_STANDING).order_by(halts.c.id))
_OF_CASE = Statement(
    select(halts.c.id)
    .join_from(halt_hazards, halts, halts.c.id == halt_hazards.c.halt_id)
    .where(halt_hazards.c.hazard_id == bindparam("case"), IS_STANDING)
    .order_by(halts.c.id)
)
_DEADLINES = Statement(
    select(*[deadlines.c[name] for name in DEADLINE_FIELDS])
    .where(deadlines.c.kind == Kind.halt, deadlines.c.subject_id == bindparam("id"), deadlines.c.ended_by.is_(None))
    .order_by(deadlines.c.set_by, deadlines.c.rule),
    into=Deadline,
)
_NAMED = Statement(
    select(halt_hazards.c.hazard_id, halt_hazards.c.round)
    .where(halt_hazards.c.halt_id == bindparam("id"))
    .order_by(halt_hazards.c.hazard_id)
)
_ON_CASE = Statement(
    select(halts.c.id, halts.c.state)
    .join_from(halt_hazards, halts, halts.c.id == halt_hazards.c.halt_id)
    .where(halt_hazards.c.hazard_id == bindparam("case"), halt_hazards.c.round == bindparam("round_"))
    .order_by(halts.c.id),
    into=HaltOn,
)
_STANDING_FOR = Statement(
    select(halts.c.id)
    .join_from(halt_hazards, halts, halts.c.id == halt_hazards.c.halt_id)
    .where(
        halt_hazards.c.hazard_id == bindparam("case"),
        halt_hazards.c.round == bindparam("round_"),
        halts.c.halt_kind == bindparam("halt_kind"),
        IS_STANDING,
    )
    .order_by(halts.c.id)
    .limit(literal_column("1"))
)
_UNIT_OF = Statement(select(halts.c.unit_id).where(halts.c.id == bindparam("id")))
_HOLD_UNIT = Statement(select(units.c.id).where(units.c.id == bindparam("unit")).with_for_update(key_share=True))


def hold_unit(tx: Transaction, unit: int) -> None:
    """Lock a unit before its cases and whatever is about them; what merely names it need not wait."""
    tx.one(_HOLD_UNIT, unit=unit)


def unit_of(tx: Transaction, number: int) -> int:
    """Return the unit of a halt. Raises NotFound for no halt."""
    found = tx.value(_UNIT_OF, id=number)
    if found is None:
        raise NotFound(Sentence("no halt {id}; type: rectify halt list", id=number), halt=number)
    return int(found)


def load(door: "Door", number: int) -> Halt:
    """Load a halt that is there, under lock, without the hazards it names."""
    halt: Halt = door.tx.one(_BY_ID, id=number)
    halt.deadlines = door.tx.all(_DEADLINES, id=number)
    door.settle([halt])
    return halt


def load_with_hazards(door: "Door", number: int) -> Halt:
    """Load a halt with the hazards it names, all under lock in the order of the house. Raises NotFound for no halt."""
    hold_unit(door.tx, unit_of(door.tx, number))
    rounds = rounds_of(door.tx, number)
    cases = door.load(list(rounds))
    return _naming(load(door, number), rounds, {each.id: each for each in cases})


def rounds_of(tx: Transaction, number: int) -> dict[int, int]:
    """Return the hazards that a halt names, each with the round it was in then."""
    return {row.hazard_id: row.round for row in tx.all(_NAMED, id=number)}


def named_on(tx: Transaction, unit: int) -> list[int]:
    """Return the hazards that the halts on a unit name. Whoever holds the unit holds them next: no other halt comes up."""
    halted = [row.id for row in tx.all(_OF_UNIT, unit=unit)]
    return sorted({case for number in halted for case in rounds_of(tx, number)})


def standing_on(door: "Door", unit: int, held: Iterable[Case]) -> list[Halt]:
    """Load the halts that stand on a unit, under lock, with the hazards they name.

    The unit is held already, and so are the cases: `held` has at least those of `named_on`. What the caller moves of them
    in the same transaction the halts see as it becomes.
    """
    known = {each.id: each for each in held}
    numbers = [row.id for row in door.tx.all(_OF_UNIT, unit=unit)]
    return [_naming(load(door, number), rounds_of(door.tx, number), known) for number in numbers]


def standing_for(tx: Transaction, cases: Sequence[Case], kind: HaltKind) -> dict[int, int]:
    """Return which of these cases are under a halt of a kind already, each with that halt."""
    found = {each.id: tx.value(_STANDING_FOR, case=each.id, round_=each.round, halt_kind=kind) for each in cases}
    return {number: int(halt) for number, halt in found.items() if halt is not None}


def standing_of_case(tx: Transaction, number: int) -> list[int]:
    """Return the halts that stand for a case, whatever its round."""
    return [row.id for row in tx.all(_OF_CASE, case=number)]


def on_case(tx: Transaction, number: int, round_: int) -> list[HaltOn]:
    """Return the halts that name a hazard in its present round."""
    return tx.all(_ON_CASE, case=number, round_=round_)


def _naming(halt: Halt, rounds: dict[int, int], cases: dict[int, Case]) -> Halt:
    halt.named = [Named(cases[number], round_) for number, round_ in rounds.items()]
    return halt
