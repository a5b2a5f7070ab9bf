"""The reports: a campaign's, a period's. Each returns one document (documents.py)."""

from datetime import date

from sqlalchemy import bindparam, select

from cases.names import find_area
from cases.questions.asking import Asking
from cases.questions.figures.counted import counted
from cases.questions.figures.documents import Document, document
from cases.questions.figures.groups import groups
from cases.questions.figures.scope import of_campaign, of_period
from cases.statements import Statement
from cases.tables import campaigns
from workflow.errors import NotFound
from workflow.words import Sentence, Term

_CAMPAIGN = Statement(select(campaigns).where(campaigns.c.id == bindparam("campaign")))


def campaign_report(
    asking: Asking, number: int, *, by: str | None = None, as_of: date | None = None, cases: bool = False
) -> Document:
    """Return a campaign's figures, in all and by group, the cases still open, and what contradicts itself.

    `as_of` counts what was recorded by the end of that day, so that a filed report can be printed again. A group is a
    part of the campaign's units: a case belongs where its unit belongs. Raises NotFound, or Refused for an `as_of`
    before the campaign began.
    """
    campaign = asking.tx.one(_CAMPAIGN, campaign=number)
    if campaign is None:
        raise NotFound(Sentence("no {noun} {text}", noun=Term("noun", "campaign"), text=number))
    whole = counted(asking, of_campaign(asking, campaign, as_of))
    parts = groups(asking.tx, whole, by, number)
    return document(asking, whole, parts, cases=cases, is_now=as_of is None)


def period_report(
    asking: Asking,
    first: date,
    last: date,
    *,
    by: str | None = None,
    area: str | None = None,
    as_of: date | None = None,
    cases: bool = False,
) -> Document:
    """Return the figures of what happened from one day to another, both included; `area`: in it and below.

    Costs what happened since, not what is stored. Raises BadInput when it ends before it begins, Refused when it is
    still to come, NotFound for an area there is not.
    """
    place = None if area is None else str(find_area(asking.tx, area).path)
    scope = of_period(asking, first, last, as_of, place)
    whole = counted(asking, scope, by="case" if cases else "unit" if by else None)
    return document(asking, whole, groups(asking.tx, whole, by, None), cases=cases, is_now=False)
