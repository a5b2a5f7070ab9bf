"""Reporting up 上报: a case climbs because a person says so, and with the step whoever answers at the next rank is told.

What climbs by itself, because a date was missed, is the clock's (cases/clockwork.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cases.ledger import Door, Try
from cases.recipients import ADD_NOTICE, Recipients
from cases.statements import Statement
from workflow.case import Case, Climber
from workflow.effects import next_above
from workflow.terms import Rank

#: What is written with a step.
Along = Mapping[Statement, Sequence[dict[str, Any]]]


def climbing(door: Door, cases: Sequence[Case], given: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Try]:
    """Return the tries that report cases up, each with the notices that go with it."""
    recipients = Recipients(door.tx, door.on)
    tries = []
    for case in cases:
        rank, along = told(door, recipients, case, next_above(case.rank or case.charge))
        tries.append(Try("escalate", case, {**given, "rank": rank}, facts=facts, along=along))
    return tries


def told(door: Door, recipients: Recipients, of: Climber, rank: Rank) -> tuple[Rank, Along]:
    """Return the lowest rank from this one up that has somebody, and the notices of the next step to them."""
    rank, people = recipients.told(of.area, of.sector, rank)
    own = {"kind": of.kind, "subject_id": of.id, "seq": of.seq + 1, "area_code": of.area_code, "rank": rank}
    notice = {**own, "created_at": door.acting.when.recorded_at, "attempts": 0}
    return rank, {ADD_NOTICE: [{**notice, "person_id": person} for person in people]}
