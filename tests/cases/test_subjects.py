"""Everything that moves is known wherever something is done for each kind of it."""

from dataclasses import fields

import pytest

from cases.due import SOURCES
from cases.pages import TABLES, TRACKED
from cases.subjects import LOADERS
from workflow.case import Subject
from workflow.claims import CLAIMS
from workflow.processes import MAKES, PROCESSES
from workflow.terms import Kind

#: What every tracked row carries.
CARRIED = {
    "id", "area_code", "state", "entered_at", "waiting_on", "due_on", "due_at", "provisional", "rank", "moved_seq",
    "version", "seq", "head",
}  # fmt: skip
#: Whose every date stands on a paper: nothing counts it anew.
ON_PAPER = {Kind.exit}


def test_every_kind_is_moved_proved_stored_and_swept() -> None:
    assert {of.kind for of in TABLES} == set(Kind) == set(MAKES) == set(SOURCES)
    assert set(Kind) <= set(PROCESSES)
    assert set(CLAIMS) == set(PROCESSES)


def test_every_kind_whose_limits_are_counted_can_be_loaded_to_be_counted_anew() -> None:
    assert set(LOADERS) == set(Kind) - ON_PAPER


@pytest.mark.parametrize("of", TABLES, ids=lambda of: str(of.kind))
def test_the_door_writes_all_that_a_tracked_row_carries(of: type[Subject]) -> None:
    assert set(TRACKED[of].columns) >= CARRIED
    assert {each.name for each in fields(of)} >= set(TRACKED[of].columns)  # type: ignore[arg-type]  # a dataclass
