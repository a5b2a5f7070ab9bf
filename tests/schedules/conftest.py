"""A small ledger for the tests of what happens by itself, in a store of each kind."""

from collections.abc import Iterator

import pytest

from tests.cases.ledgers import Ledger, opened


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Two townships, their people and units; see tests/cases/ledgers.py."""
    with opened(database_url) as made:
        yield made
