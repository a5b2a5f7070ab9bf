"""Steps, seals and policies are only appended: the store refuses to change or remove them.

A copy of cases/tables/append_only.py as it was, and no import of it.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = {
    "steps": "kind = NEW.kind AND subject_id = NEW.subject_id AND seq = NEW.seq",
    "seals": "id = NEW.id",
    "policies": "version = NEW.version",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        on_sqlite()
    else:
        on_postgresql()


def on_sqlite() -> None:
    for table, same in APPEND_ONLY.items():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"""CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table} are only appended: {verb} is refused'); END"""
            )
        op.execute(
            f"""CREATE TRIGGER {table}_refuse_REPLACE BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
            BEGIN SELECT RAISE(ABORT, '{table} are only appended: this one is there already'); END"""
        )


def on_postgresql() -> None:
    op.execute(
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% are only appended: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation'; END
$$"""
    )
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )
