"""The figures of reports (DOMAIN §6), counted from history; nothing is smoothed.

`declared` says what each figure counts, `stories` and `happened` read what it is counted from, `reports` puts it
together. Three reports share them, and differ in their scope alone: a campaign, a period, a year's assessment.
"""

from cases.questions.figures.assessment import assessment_report
from cases.questions.figures.claims import check_all_rectified
from cases.questions.figures.declared import FIGURES
from cases.questions.figures.documents import Document, compared
from cases.questions.figures.reports import campaign_report, period_report

#: What `--by` of a campaign and of a period may name.
BY = ("sector", "list", "product", "area")
PERIOD_BY = ("sector", "area")
#: The keys of the figures, in the order they are printed.
KEYS = tuple(figure.key for figure in FIGURES)

__all__ = [
    "BY",
    "FIGURES",
    "KEYS",
    "PERIOD_BY",
    "Document",
    "assessment_report",
    "campaign_report",
    "check_all_rectified",
    "compared",
    "period_report",
]
