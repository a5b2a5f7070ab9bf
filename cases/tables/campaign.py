"""Campaigns 专项行动 and their scope. What is put on record of them stands apart: most commands need only their names."""

from datetime import date, datetime

from sqlmodel import Field

from cases.tables.columns import Row, not_blank, one_of
from workflow.terms import ScopeList, ScopeStatus


class Campaign(Row, table=True):
    """专项行动: a plan with a time and a scope."""

    __tablename__ = "campaigns"
    __table_args__ = (*not_blank(["name"]),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    from_on: date
    to_on: date
    area_code: str | None = Field(default=None, foreign_key="areas.code")


class CampaignUnit(Row, table=True):
    """A unit in a campaign's scope: listed 列入 or by reference 参照, with its status."""

    __tablename__ = "campaign_units"

    campaign_id: int = Field(foreign_key="campaigns.id", primary_key=True)
    unit_id: int = Field(foreign_key="units.id", primary_key=True, index=True)
    list: ScopeList = one_of(ScopeList)
    product: str | None = None
    status: ScopeStatus = one_of(ScopeStatus)
    added_at: datetime
    area_code: str = Field(foreign_key="areas.code")
