"""The verbs of an extension 延期: ask for a later date, grant it, refuse it, take the request back."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, func, select

from cases import extensions as requests
from cases.ledger import Door, Step, Try
from cases.pages import changed_by_another
from cases.papers import numbers
from cases.statements import Statement
from cases.tables import extensions
from cases.verbs.outcome import Outcome, of_steps
from cases.verbs.texts import checked
from workflow.case import Case, Extension, Item
from workflow.errors import NotFound
from workflow.extension import date_running
from workflow.states import ExtensionState
from workflow.terms import Kind, PaperKind
from workflow.words import Sentence, Term

_GRANTED = Statement(
    select(func.count())
    .select_from(extensions)
    .where(extensions.c.item_id == bindparam("item"), extensions.c.state == ExtensionState.granted)
)


def request(
    door: Door, case: int, *, until: date, ground: str, reason: str, interim: str, if_version: int | None = None
) -> Outcome:
    """Ask for a later date on the item whose date runs.

    Raises NotFound, BadInput for a text, Forbidden, Refused with all that speaks against it, and Moved when the case is
    not at the version it is to be.
    """
    said = {name: checked(name, text, door.acting.policy) for name, text in (("reason", reason), ("interim", interim))}
    [found] = door.load([case])
    version = found.version
    running = requests.undecided(door.tx, found)
    item = _item(found)
    asked = _blank(door, found, item, until, ground, said["reason"] or "", said["interim"] or "")
    given = {
        "running": None if running is None else running.id,
        "granted": 0 if item is None else door.tx.value(_GRANTED, item=item.id),
    }
    trying = Try("request", asked, given, facts={**said, "case": case, "until": until, "ground": ground})
    door.begin(trying)
    steps = door.advance([trying])
    if if_version not in (None, version):
        raise changed_by_another(found, version)
    return _told(steps, asked)


def decide(door: Door, verb: str, number: int, note: str | None, *, if_version: int | None = None) -> Outcome:
    """Grant, refuse or withdraw a request. Granting moves the date of its case in the same transaction.

    Raises NotFound, Forbidden, NotAllowed once it is decided, and Refused.
    """
    said = {"note": checked("note", note, door.acting.policy)}
    case = requests.hazard_of(door.tx, number)
    if case is None:
        raise NotFound(Sentence("no extension {id}; type: rectify extension list", id=number), extension=number)
    [found] = door.load([case])
    asked = requests.load(door.tx, number, found)
    tries = [Try(verb, asked, said, facts=said)]
    if verb == "grant":
        moved = {"item_id": asked.item_id, "due_on": asked.until, "fired_by": "grant"}
        tries.append(Try("extend", found, moved, facts={"extension": number, "due_on": asked.until}))
    outcome = _told(door.advance(tries, if_version=if_version), asked)
    if verb in ("grant", "refuse"):
        paper = numbers.make(
            door, PaperKind.extension, Kind.extension, number, unit=found.unit_id, area=found.area_code, step=asked.seq
        )
        outcome.document["extension"]["number"] = paper.number
    return outcome


def _item(case: Case) -> Item | None:
    """Return the item whose date runs: the earliest that was served."""
    running = date_running(case)
    if running is None:
        return None
    return next((item for item in case.served_items if item.due_on == running.due_on), None)


def _blank(door: Door, case: Case, item: Item | None, until: date, ground: str, reason: str, interim: str) -> Extension:
    """Return a request that was just made, with no number yet."""
    asked = Extension(
        id=0, hazard_id=case.id, item_id=(item.id or 0) if item else 0, area_code=case.area_code,
        department_id=case.department_id, asked_by=door.acting.actor.id or 0,
        from_due_on=item.due_on if item else until, until=until, ground=ground, reason=reason, interim=interim,
        state=ExtensionState.requested.value, entered_at=door.at, waiting_on="supervisor", due_on=None, due_at=None,
        provisional=False, rank=None, decided_by=None, note=None, moved_seq=1, version=1, seq=1, head="-",
    )  # fmt: skip
    asked.case = case
    return asked


def _told(steps: Sequence[Step], asked: Extension) -> Outcome:
    told = of_steps(
        steps,
        extension={
            "id": asked.id,
            "state": str(asked.state),
            "due_on": asked.due_on.isoformat() if asked.due_on else None,
            "version": asked.version,
        },
    )
    state = Term("state", asked.state)
    told.said.insert(0, Sentence("extension {id}: {state}", id=asked.id, state=state))
    return told
