"""What is told of an import: what was understood before, what came of it after. As sentences, and as a document."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases.exchange.examining import Odd
from cases.exchange.importing import Made, Survey
from cases.exchange.proving import ODDITIES
from cases.exchange.sources import Source
from workflow.errors import BadInput
from workflow.words import Sentence, Term, Translate

#: Complaints that an error names; the copy beside the file names them all.
_NAMED = 20


@dataclass
class Told:
    """One import, as it is told."""

    source: Source
    survey: Survey
    is_rehearsal: bool
    #: Where the copy with the reasons is, when there was something to complain about.
    copy: Path | None = None

    def understood(self) -> Iterator[Sentence]:
        """Say which columns mean what, and what is in the rows: before anything is written."""
        for sheet in self.survey.sheets:
            columns = [self._understood(name, heading) for name, heading in sheet.header.columns.values()]
            yield Sentence(
                "sheet {sheet}, header in row {row}: {columns}",
                sheet=sheet.page.name, row=sheet.header.last + 1, columns=columns,
            )  # fmt: skip
            if sheet.header.unused:
                yield Sentence("not used: {columns}", columns=list(sheet.header.unused))
        if self.survey.unread:
            yield Sentence("no ledger: {sheets}", sheets=list(self.survey.unread))
        yield from self._found()

    def _understood(self, name: str, heading: str) -> str:
        title = self.survey.sheets[0].vocabulary.fields[name].title
        return heading if heading == title else f"{heading} → {title}"

    def _found(self) -> Iterator[Sentence]:
        findings = self.survey.findings
        states = [
            Sentence("{state} {count}", state=Term("state", state), count=count)
            for state, count in findings.states.items()
        ]
        yield Sentence(
            "{rows} rows: {cases} new cases ({states}), {clean} visits that found nothing, {remarks} lines without a hazard",
            rows=findings.rows, cases=findings.cases, states=states or "–", clean=findings.clean, remarks=findings.remarks,
        )  # fmt: skip
        if findings.new_units:
            named = findings.new_units[:_NAMED]
            yield Sentence("{count} units are added: {units}", count=len(findings.new_units), units=named)
        for kind, odd in findings.oddities().items():
            yield Sentence("{count} rows – {what}: {places}", count=odd.count, what=ODDITIES[kind], places=_places(odd))
        if findings.complaints:
            yield Sentence("{count} rows cannot be read:", count=findings.bad_rows)
            yield from (each.said() for each in findings.complaints[:_NAMED])

    def refusal(self) -> BadInput:
        """Return the error for a file with rows that cannot be read."""
        findings = self.survey.findings
        said = [each.said() for each in findings.complaints[:_NAMED]]
        more = len(findings.complaints) - len(said)
        where = Sentence("; {copy} says why", copy=str(self.copy)) if self.copy is not None else ""
        return BadInput(
            Sentence(
                "{count} rows of {file} cannot be read, nothing was written{where}; mend them, or add --skip-bad",
                count=findings.bad_rows,
                file=self.source.path.name,
                where=where,
            ),
            reasons=[*said, *([Sentence("and {count} more", count=more)] if more > 0 else [])],
        )

    def document(self, number: int | None, cases: Sequence[Made], translate: Translate) -> dict[str, Any]:
        """Return what `--json` prints."""
        findings = self.survey.findings
        told = {
            "id": number, "file": self.source.path.name, "dry_run": self.is_rehearsal,
            "sheets": [_sheet(sheet) for sheet in self.survey.sheets], "unread": list(self.survey.unread),
            "rows": findings.rows, "cases": findings.cases, "states": dict(findings.states), "clean": findings.clean,
            "remarks": findings.remarks, "units_added": findings.new_units, "bad_rows": findings.bad_rows,
            "copy": None if self.copy is None else str(self.copy),
            "complaints": [
                {"sheet": each.sheet, "row": each.row, "column": each.column, "found": each.found,
                 "expected": each.expected.say(translate)}
                for each in findings.complaints
            ],
            "oddities": [
                {"kind": kind, "what": ODDITIES[kind].say(translate), "count": odd.count,
                 "rows": [{"sheet": sheet, "row": row} for sheet, row in odd.places]}
                for kind, odd in findings.oddities().items()
            ],
        }  # fmt: skip
        return {"import": told, "cases": [case.told() for case in cases]}

    def came_of_it(self, number: int | None) -> Iterator[Sentence]:
        """Say what was done."""
        if self.copy is not None:
            yield Sentence("{copy} says of each row why it was left out", copy=str(self.copy))
        if self.is_rehearsal:
            yield Sentence("nothing was written: this was a dry run")
        elif number is None:
            yield Sentence("nothing new: nothing was written")
        else:
            yield Sentence(
                "import {id}: {cases} cases from {file}",
                id=number,
                cases=self.survey.findings.cases,
                file=self.source.path.name,
            )


def _sheet(sheet: Any) -> dict[str, Any]:
    header = sheet.header
    columns: Mapping[str, str] = dict(reversed(list(header.columns.values())))
    return {"name": sheet.page.name, "header_row": header.last + 1, "columns": columns, "unused": list(header.unused)}


def _places(odd: Odd) -> Sentence | list[Sentence]:
    places = [Sentence("{sheet} row {row}", sheet=sheet, row=row) for sheet, row in odd.places[:3]]
    return [*places, Sentence("…")] if odd.count > len(places) else places
