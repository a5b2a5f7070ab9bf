"""Reports as an office files them: a page of sentences and tables (page.py), written as a file of the kind it is named.

The figures come from `cases.questions.figures`; here they are put into words and onto paper, and none is made.
"""

#: The kinds of files a report can be, by the end of their names.
KINDS = (".xlsx", ".docx", ".md", ".csv")
