"""When a unit was recorded: a report as of an earlier day does not count it as due."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("units", sa.Column("added_at", sa.DateTime(timezone=True)))
