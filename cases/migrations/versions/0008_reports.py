"""What reports look up: the steps they count and the papers, by when they happened, and the items by their date."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

COUNTED = (
    "record", "order", "correct", "plan", "supervise", "close", "reopen", "void", "confirm_exit",
    "impose", "decide", "step", "verify", "breach",
)  # fmt: skip


def upgrade() -> None:
    columns = ["kind", "at", "trigger", "recorded_at"]
    where = sa.text("(" + " OR ".join(f"trigger = '{trigger}'" for trigger in COUNTED) + ")")
    op.create_index("ix_steps_counted", "steps", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_orders_ordered_at", "orders", ["ordered_at"])
    op.create_index("ix_items_due_on", "items", ["due_on"])
