"""What the stores themselves refuse: changing or removing a step, a seal, a policy that was in force, what is on record.

The triggers stand here as DDL; the migrations that made them hold copies, and `make check` compares the two. They stop
mistakes and careless hands. Whoever may drop a trigger can do more: the chain of hashes shows that (cases/history.py).
"""

from collections.abc import Iterator
from typing import Final

#: The tables to which rows are only ever added, and the keys by which SQLite knows a row again.
APPEND_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "steps": ("kind", "subject_id", "seq"),
    "seals": ("id",),
    "policies": ("version",),
    "calendars": ("version",),
    "checklists": ("id",),
    "checklist_items": ("checklist_id", "number"),
    "commitments": ("id",),
    "diagnoses": ("id",),
    "problems": ("campaign_id", "unit_id", "number"),
    "evaluations": ("id",),
    "passed_problems": ("campaign_id", "unit_id", "number"),
    "acceptances": ("id",),
    "tallies": ("id",),
    "targets": ("id",),
    "look_backs": ("inspection_id", "hazard_id"),
    "joint_departments": ("hazard_id", "department_id"),
}

_SQLITE_CHANGE = """
CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are only appended: {verb} is refused'); END
"""

# INSERT OR REPLACE removes the old row without asking a DELETE trigger.
_SQLITE_REPLACE = """
CREATE TRIGGER {table}_refuse_REPLACE BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table} are only appended: this one is there already'); END
"""

_POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% are only appended: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation'; END
$$
"""

# For the statement and not for each row: TRUNCATE knows no rows, and what touches none is a mistake as well.
_POSTGRESQL_CHANGE = """
CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def triggers(kind: str) -> Iterator[str]:
    """Yield the statements that make a store of this kind refuse changes."""
    if kind == "postgresql":
        yield _POSTGRESQL_FUNCTION.strip()
        yield from (_POSTGRESQL_CHANGE.strip().format(table=table) for table in APPEND_ONLY)
        return
    for table, key in APPEND_ONLY.items():
        yield from (_SQLITE_CHANGE.strip().format(table=table, verb=verb) for verb in ("UPDATE", "DELETE"))
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        yield _SQLITE_REPLACE.strip().format(table=table, same=same)
