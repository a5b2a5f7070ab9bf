"""A database that is lent again is as it was, and one that was changed in more than its rows is not lent again."""

import pytest

from cases.store import Store, store_url
from tests.lending import Lending

pytestmark = pytest.mark.postgresql

AS_IT_WAS = [("33", "Zhe", 1), ("next", "-", 2)]
NEXT = "INSERT INTO areas (code, name) VALUES ('next', '-')"


@pytest.fixture(scope="module")
def lending(postgres_server):
    with postgres_server.database() as url:
        store = Store(store_url(url))
        store.connection().execute("CREATE TABLE areas (code text PRIMARY KEY, name text NOT NULL, number serial)")
        store.connection().execute("INSERT INTO areas (code, name) VALUES ('33', 'Zhe')")
        store.close()
        yield Lending(postgres_server, store.url.database)


def lent(lending, *statements):
    """Borrow a database and run these in it; return where it was and what it held then."""
    with lending.database() as url:
        store = Store(store_url(url))
        for statement in statements:
            store.connection().execute(statement)
        rows = store.connection().execute("SELECT code, name, number FROM areas ORDER BY number").fetchall()
    store.close()  # only now: a test may leave somebody connected
    return url, rows


def test_rows_and_numbers_are_put_back(lending):
    url, _ = lent(lending, "UPDATE areas SET name = 'x'", NEXT, "DELETE FROM areas WHERE code = '33'")
    assert lent(lending, NEXT) == (url, AS_IT_WAS)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE areas ADD CHECK (code <> '')",
        "CREATE INDEX by_name ON areas (name)",
        "ANALYZE areas",
        "INSERT INTO areas SELECT n, repeat('-', 100) FROM generate_series(100, 20000) n",
    ],
)
def test_whatever_else_was_changed_is_thrown_away(lending, change):
    url, _ = lent(lending, change)
    other, rows = lent(lending, NEXT)
    assert other != url
    assert rows == AS_IT_WAS
