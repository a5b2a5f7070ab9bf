"""Extensions 延期: a request to move one date, decided by somebody else."""

from datetime import date

from sqlalchemy import Index, text
from sqlmodel import Field

from cases.tables.columns import Tracked, not_blank, one_of, only
from workflow.states import ExtensionState
from workflow.terms import Ground

#: A request that nobody decided yet; the literal is the same on both stores.
IS_UNDECIDED = text("state = 'requested'")


class Extension(Tracked, table=True):
    """A request for a later date on one item. Every tracked column is written by the ledger, together with a step."""

    __tablename__ = "extensions"
    __table_args__ = (
        Index("ix_extensions_undecided", "hazard_id", unique=True, info=only(IS_UNDECIDED)),
        *not_blank(["reason", "interim", "head"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    hazard_id: int = Field(foreign_key="hazards.id", index=True)
    item_id: int = Field(foreign_key="items.id")
    area_code: str = Field(foreign_key="areas.code")
    department_id: int = Field(foreign_key="departments.id")
    asked_by: int = Field(foreign_key="people.id")
    from_due_on: date
    until: date
    ground: Ground = one_of(Ground)
    reason: str
    interim: str
    state: ExtensionState = one_of(ExtensionState)
    decided_by: int | None = Field(default=None, foreign_key="people.id")
    note: str | None = None
