"""Printed papers: their numbers, what stands on each, and how one becomes a .docx that can be edited or a .pdf.

`numbers` gives a paper its number when it is made; `contents` reads from the store what it says; `forms` says how each
looks; `word` and `pages` set it. Nothing here moves a case.
"""
