"""The one door through which tracked rows change: for one case or a thousand, all or none.

A door is opened in a transaction for somebody acting at some time. It loads cases under lock, asks the rules, and
writes compare-and-set updates, one step a move onto each case's chain, items and deadlines. Nothing else writes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text

from cases import extensions as requests
from cases.acting import Acting
from cases.history import EPOCH, GENESIS, canonical, digest
from cases.pages import DEADLINE_FIELDS, FIELDS, ITEM_FIELDS, JOINED, TRACKED, Pages, Picture, changed_by_another
from cases.statements import Statement
from cases.store import Transaction
from cases.tables import areas, deadlines, departments, hazards, items, orders
from workflow import extension
from workflow.case import Attempt, Case, Deadline, Item, Officer, Subject
from workflow.deadlines import local_date, noon, reconcile
from workflow.errors import Forbidden, NotFound, RectifyError, Refused, combine
from workflow.hazard import LEAVES_CLOCKS
from workflow.policy import Policy
from workflow.processes import MAKES, PROCESSES
from workflow.terms import Kind
from workflow.words import Sentence

_CASE_COLUMNS = [(JOINED[name] if name in JOINED else hazards.c[name]).label(name) for name in FIELDS]

CASES = (
    select(*_CASE_COLUMNS)
    .join_from(hazards, areas, areas.c.code == hazards.c.area_code)
    .join(departments, departments.c.id == hazards.c.department_id)
)
_LOAD = Statement(CASES.where(hazards.c.id == bindparam("case")).with_for_update(of=hazards), into=Case)
_PEEK = Statement(CASES.where(hazards.c.id == bindparam("case")), into=Case)
_ITEMS = Statement(
    select(*[(orders.c if name in orders.c and name not in items.c else items.c)[name] for name in ITEM_FIELDS])
    .join_from(items, orders, orders.c.id == items.c.order_id)
    .where(items.c.hazard_id == bindparam("case"))
    .order_by(items.c.id),
    into=Item,
)
DEADLINE_COLUMNS = [deadlines.c[name] for name in DEADLINE_FIELDS]
_DEADLINES = Statement(
    select(*DEADLINE_COLUMNS)
    .where(deadlines.c.kind == Kind.hazard, deadlines.c.subject_id == bindparam("case"), deadlines.c.ended_by.is_(None))
    .order_by(deadlines.c.set_by, deadlines.c.rule),
    into=Deadline,
)
_BLANK = {column.name: None for column in hazards.c if column.name != "id"}
_EPOCH = Statement(select(EPOCH))
#: A seal waits for whoever holds this, and they for it: between reading the seal's number and writing the step no seal
#: may come. SQLite has one writer at a time anyway.
_HOLD_OFF_SEAL = Statement(text("LOCK TABLE steps IN ROW EXCLUSIVE MODE"))


#: What the first step of a case remembers of its columns.
_SAID = ("grade", "text", "place", "basis", "standard_item", "standard_version", "sector", "department_id")
#: The moves of a hazard that ask which halts name it.
_ASK_FOR_HALTS = frozenset({"close", "send_back"})


@dataclass(slots=True)
class Try:
    """One move asked of one case, or of something else that moves."""

    trigger: str
    subject: Subject
    given: Mapping[str, Any] = field(default_factory=dict)
    officers: Sequence[Officer] = ()
    #: What the step remembers besides what effects add.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Rows that are written with the step, or not at all: rungs taken, notices to send.
    along: Mapping[Statement, Sequence[dict[str, Any]]] = field(default_factory=dict)


class Step(NamedTuple):
    """A move that was made."""

    subject: Subject
    trigger: str
    seq: int
    from_state: str
    warnings: Sequence[Sentence]

    @property
    def case(self) -> Case:
        """The case that was moved, or that what was moved is about. Raises TypeError for what is about a unit."""
        return self.subject.case


#: A move that was made: its trigger, the state it left, the attempt, and the rows that go with its step.
_Made = tuple[str, str | None, Attempt, Mapping[Statement, Sequence[dict[str, Any]]]]


class Door:
    """The ledger, open in one transaction for somebody acting."""

    def __init__(self, tx: Transaction, acting: Acting) -> None:
        self.tx = tx
        self.acting = acting
        self.at = acting.when.at
        #: Each case as the store has it: taken before a case is first moved, and again after it was written.
        self._pictures: dict[tuple[type, int], Picture] = {}
        self._epoch: int | None = None
        self._today: tuple[datetime, date] | None = None

    @property
    def epoch(self) -> int:
        """The number of the last seal, which every step carries."""
        if self._epoch is None:
            if self.tx.kind == "postgresql":
                self.tx.run(_HOLD_OFF_SEAL)
            self._epoch = int(self.tx.value(_EPOCH))
        return self._epoch

    def load(self, ids: Sequence[int], *, lock: bool = True) -> list[Case]:
        """Load cases in the order asked for, locking them in the order of their numbers.

        Settles the moment of a bare date. Raises NotFound naming every number that is no case.
        """
        statement = _LOAD if lock else _PEEK
        numbers = sorted(set(ids)) if len(ids) > 1 else ids
        found = {number: self.tx.one(statement, case=number) for number in numbers}
        missing = [number for number, case in found.items() if case is None]
        if missing:
            raise NotFound(
                Sentence("no case {numbers}; type: rectify list", numbers=[str(number) for number in missing]),
                cases=missing,
            )
        for number, case in found.items():
            case.items = self.tx.all(_ITEMS, case=number)
            case.deadlines = self.tx.all(_DEADLINES, case=number)
        self.settle(found.values())
        return [found[number] for number in dict.fromkeys(ids)]

    def happened_on(self, day: date | None) -> None:
        """Take the day something happened from the command itself (`--on`), unless `--at` names an instant.

        It is noon that day, or the nearest later moment allowed; today it is now.
        """
        when, zone = self.acting.when, self.acting.policy.timezone
        if day is None or when.is_given or day == local_date(when.recorded_at, zone):
            return
        self.acting = replace(self.acting, when=replace(when, at=noon(day, zone), is_bare=True, is_given=True))
        self.at = self.acting.when.at

    def untimely(self) -> list[Sentence]:
        """Return why the time given is impossible for anything: it has not come yet."""
        if self.at <= self.acting.when.recorded_at:
            return []
        return [Sentence("{at} lies in the future; give an earlier --at", at=_clock(self.at, self.acting.policy))]

    def opened(self, cases: Sequence[Case]) -> list[Step]:
        """Return the first steps of cases just recorded."""
        return [Step(case, "record", case.seq, "", ()) for case in cases]

    def adopt(self, subject: Subject) -> None:
        """Remember something as the store has it, unless that is known: before anybody changes it."""
        key = (type(subject), subject.id)
        if key not in self._pictures:
            self._pictures[key] = Picture.of(subject)

    @property
    def on(self) -> date:
        """The local date of the moment things happen at."""
        if self._today is None or self._today[0] is not self.at:
            self._today = (self.at, local_date(self.at, self.acting.policy.timezone))
        return self._today[1]

    def begin(self, trying: Try) -> None:
        """Give a number to what a first move is to bring into the world, if the rules admit it; then it is made as any other."""
        subject, attempt = trying.subject, self.attempt(trying)
        process = PROCESSES[subject.kind]
        if process.may(trying.trigger, attempt) or process.why_not(trying.trigger, attempt) or self._untimely(attempt):
            return
        tracked = TRACKED[type(subject)]
        columns = {name: getattr(subject, name) for name in tracked.columns if name != "id"}
        subject.id = int(self.tx.add(tracked.table, **columns))
        self.adopt(subject)
        subject.seq, subject.version, subject.head = 0, 0, GENESIS

    def attempt(self, trying: Try) -> Attempt:
        """Return the attempt the rules will see."""
        acting = self.acting
        halts = self._halts_on(trying.subject.case) if trying.trigger in _ASK_FOR_HALTS else ()
        return Attempt(
            subject=trying.subject,
            actor=acting.actor,
            at=self.at,
            on=self.on,
            policy=acting.policy,
            calendar=acting.calendar,
            given=trying.given,
            officers=trying.officers,
            seq=trying.subject.seq + 1,
            halts=halts,
            exit_running=any(halt.stands for halt in halts) and self._is_leaving(trying.subject.case),
            facts=dict(trying.facts),
        )

    def _halts_on(self, case: Case) -> Sequence[Any]:
        from cases import halts

        return halts.on_case(self.tx, case.id, case.round)

    def _is_leaving(self, case: Case) -> bool:
        from cases import exits

        return exits.runs_for(self.tx, case)

    def precheck(self, trigger: str, subjects: Sequence[Subject]) -> None:
        """Raise Forbidden or NotAllowed before a verb writes any paper: who may comes first, then the state."""
        errors: list[RectifyError] = []
        for subject in subjects:
            attempt, process = self.attempt(Try(trigger, subject)), PROCESSES[subject.kind]
            why = process.may(trigger, attempt)
            if why is not None:
                errors.append(Forbidden(why, called=subject.called))
            elif trigger not in process.triggers(subject.state):
                errors.append(process.not_allowed(trigger, attempt))
        if errors:
            raise combine(errors)

    def advance(
        self,
        tries: Sequence[Try],
        *,
        if_version: int | None = None,
        left_out: list[tuple[Try, RectifyError]] | None = None,
    ) -> list[Step]:
        """Make every move or none. With `left_out`, what the rules refuse is put there, and the others are made.

        Raises Forbidden, NotAllowed or Refused – over several cases the first kind that occurs, naming them all – and
        Moved when a case is not at `if_version`, or was changed by somebody else.
        """
        attempts: list[_Made] = []
        refused = left_out if left_out is not None else []
        for trying in tries:
            subject = trying.subject
            self.adopt(subject)
            if subject.climber is not subject:
                self.adopt(subject.climber)
            was, attempt = subject.state, self.attempt(trying)
            error = self._made(trying.trigger, attempt)
            if error is None:
                attempts.append((trying.trigger, was, attempt, trying.along))
            else:
                refused.append((trying, error))
        attempts += self._lapses(attempts)
        if refused and left_out is None:
            raise combine([error for _, error in refused])
        if if_version is not None:
            _check_version(tries, if_version)
        if self.acting.when.is_given:
            for _, _, attempt, _ in attempts:
                self._overtake(attempt)
        self._write(attempts)
        return [Step(made.subject, trigger, made.seq, was or "", made.warnings) for trigger, was, made, _ in attempts]

    def _lapses(self, made: Sequence[_Made]) -> list[_Made]:
        """Let the requests lapse whose date does not run any more after these moves."""
        lapses: list[_Made] = []
        for trigger, _, attempt, _ in made:
            case = attempt.subject
            if not isinstance(case, Case) or case.answer_by is None or trigger in LEAVES_CLOCKS:
                continue
            request = requests.undecided(self.tx, case)
            if request is None or extension.still_asks(request, case):
                continue
            self.adopt(request)
            lapse = self.attempt(Try("lapse", request, {"fired_by": trigger}))
            extension.make("lapse", lapse)
            lapses.append(("lapse", "requested", lapse, {}))
        return lapses

    def refusal(self, trying: Try) -> RectifyError | None:
        """Return why a move would be refused, writing nothing; after that its case is to be thrown away."""
        return self._made(trying.trigger, self.attempt(trying))

    def record(self, found: Sequence[dict[str, Any]], facts: Mapping[str, Any]) -> list[Case]:
        """Open a case for each new hazard, whose columns are given; its first step is `record`."""
        fresh = {
            "finders": "[]", "state": "found", "entered_at": self.at, "waiting_on": "inspector", "provisional": False,
            "round": 1, "reworks": 0, "recurrences": 0, "extensions": 0, "rechecked_by": "[]", "planned": False,
            "moved_seq": 1, "version": 1, "seq": 1, "head": "-",
        }  # fmt: skip
        ids = [int(self.tx.add(hazards, **{**_BLANK, **fresh, **columns})) for columns in found]
        cases = self.load(ids)
        opened: list[_Made] = []
        for case, columns in zip(cases, found, strict=True):
            self.adopt(case)
            case.seq, case.version, case.head = 0, 0, GENESIS
            said = {name: columns.get(name) for name in _SAID}
            attempt = self.attempt(Try("record", case, facts={**facts, **said}))
            reconcile(attempt)
            opened.append(("record", None, attempt, {}))
        self._write(opened)
        return cases

    # -- trying

    def _made(self, trigger: str, attempt: Attempt) -> RectifyError | None:
        # Almost always the time is possible: nothing is worked out then.
        is_timely = attempt.subject.since <= attempt.at <= self.acting.when.recorded_at
        untimely = [] if is_timely else self._untimely(attempt)
        try:
            MAKES[attempt.subject.kind](trigger, attempt)
        except Refused as error:
            return Refused(error.what, reasons=[*untimely, *error.reasons], **error.facts)
        except RectifyError as error:
            return error
        if untimely:
            what = Sentence("{what} stays as it is", what=attempt.called)
            return Refused(what, reasons=untimely, called=attempt.called)
        return None

    def _untimely(self, attempt: Attempt) -> list[Sentence]:
        if attempt.at >= attempt.subject.since:
            return self.untimely()
        return [
            *self.untimely(),
            Sentence(
                "it was moved at {moved}, after the time given; give a later --at",
                moved=_clock(attempt.subject.since, self.acting.policy),
            ),
        ]

    def _overtake(self, attempt: Attempt) -> None:
        """Let what people record late overtake the clock's steps since it happened."""
        from cases.overtaking import overtake

        recorded_at = self.acting.when.recorded_at
        if self.at < recorded_at and not self.acting.actor.is_clock:
            overtake(self.tx, attempt, recorded_at)

    def settle(self, subjects: Iterable[Subject]) -> None:
        """Let a bare date mean noon, or the nearest later moment that day after these were last moved."""
        if not self.acting.when.is_bare:
            return
        zone = self.acting.policy.timezone
        latest = max((subject.since for subject in subjects), default=self.at)
        if latest > self.at and local_date(latest, zone) == local_date(self.at, zone):
            self.at = latest

    # -- writing

    def _write(self, attempts: Sequence[_Made]) -> None:
        acting = self.acting
        pages = Pages({"policy": acting.policy_version, "calendar": acting.calendar.version})
        for trigger, was, attempt, along in attempts:
            subject = attempt.subject
            step = self.chained(trigger, was, attempt)
            pages.changes(subject, self._pictures.pop((type(subject), subject.id)))
            pages.step(step, along)
        for _, _, attempt, _ in attempts:
            climber = attempt.subject.climber
            if climber is not attempt.subject and (seen := self._pictures.pop((type(climber), climber.id), None)):
                pages.clocks(climber, seen)
        pages.write(self.tx)

    def chained(self, trigger: str, was: str | None, attempt: Attempt) -> dict[str, Any]:
        """Return the step of a move that was made, chained to the last of its subject; who writes it writes both."""
        subject, acting = attempt.subject, self.acting
        step = {
            "kind": subject.kind,
            "subject_id": subject.id,
            "seq": attempt.seq,
            "area_code": subject.area_code,
            "trigger": trigger,
            "from_state": was,
            "to_state": str(subject.state),
            "actor_id": acting.actor.id,
            "recorded_by": acting.recorded_by,
            "at": attempt.at,
            "recorded_at": acting.when.recorded_at,
            "facts": canonical(attempt.facts),
            "policy": acting.policy_version,
            "calendar": acting.calendar.version,
            "seal": self.epoch,
            "prev": subject.head,
        }
        step["hash"] = subject.head = digest(step)
        subject.seq = attempt.seq
        subject.version += 1
        return step


def _check_version(tries: Sequence[Try], wanted: int) -> None:
    named = type(tries[0].subject)
    for trying in tries:
        if isinstance(trying.subject, named) and trying.subject.version != wanted:
            raise changed_by_another(trying.subject, trying.subject.version)


def _clock(instant: datetime, policy: Policy) -> str:
    from zoneinfo import ZoneInfo

    return instant.astimezone(ZoneInfo(policy.timezone)).strftime("%Y-%m-%d %H:%M")
