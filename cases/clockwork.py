"""The night's work on the ledger: every running deadline whose time has come climbs its ladder, through the one door.

A sweep reads what is due in batches, major hazards first, and writes each batch in one transaction: the steps, the
rungs taken, the notices to send, and when to look again. So a night costs what is due and not what is stored, and
whatever is killed has either happened whole or not at all. Which slot of which job is whose is told in `slots`.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from cases import due
from cases.acting import Acting, When, calendar_of, policy_of
from cases.ledger import Door, Try
from cases.recipients import ADD_NOTICE, Recipients
from cases.statements import Statement
from cases.store import Store, Transaction
from cases.tables import deadlines, reminders, rungs
from workflow.case import CLOCK, Climber, Deadline, Subject
from workflow.deadlines import check_at, local_date, overdue_days
from workflow.errors import RectifyError, Refused, StoreError
from workflow.ladders import Rung, reminded, rungs_due
from workflow.terms import Kind, Rank, WaitsOn
from workflow.words import Sentence

#: A run remembers this many of its errors in full; the others are counted.
MOST_ERRORS = 1000

_ADD_RUNG = Statement(insert(rungs))
_LOOK_AGAIN = Statement(
    update(deadlines)
    .where(*(deadlines.c[name] == bindparam(name + "_") for name in due.KEY))
    .values(check_at=bindparam("new_check_at"), level=bindparam("new_level"))
)
_REMINDED = (*due.KEY, "level", "person_id", "area_code", "created_at")
_ADD_REMINDER = Statement(insert(reminders).values({name: bindparam(name) for name in _REMINDED}))


class LeaseLost(Refused):
    """Another node took this run over: the batch at hand is not written, the work goes on there."""


@dataclass(slots=True)
class Tally:
    """What a run came to: deadlines looked at, steps made, notices to send, rows left alone, and why."""

    looked_at: int = 0
    moved: int = 0
    notices: int = 0
    skipped: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    def fault(self, key: due.Key, error: Exception) -> None:
        """Count a row that could not be moved, and say why."""
        self.skipped += 1
        if len(self.errors) < MOST_ERRORS:
            reason = str(error) if isinstance(error, RectifyError) else f"{type(error).__name__}: {error}"
            what = "case" if key[0] == Kind.hazard else key[0]
            self.errors.append({what: key[1], "reason": " ".join(reason.split())})

    def add(self, other: "Tally") -> None:
        """Add what a batch came to, once it is written."""
        self.looked_at += other.looked_at
        self.moved += other.moved
        self.notices += other.notices
        self.skipped += other.skipped
        self.errors += other.errors[: MOST_ERRORS - len(self.errors)]


def sweep(
    store: Store,
    now: datetime,
    *,
    recorded_at: datetime | None = None,
    batch: int | None = None,
    keep: Callable[[Transaction], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Tally:
    """Take every rung whose day has come by `now`; return what it came to.

    `batch` is how many rows go into one transaction, the policy's number when not given. `keep` is called at the end
    of each, inside it; what it raises undoes the batch and ends the sweep. `is_stopped` is asked between batches.
    Raises StoreError when the store cannot be reached or written.
    """
    with store.read() as tx:
        night = _Night(tx, now, recorded_at or now)
    work = _Sweep(store, night, batch or night.policy.service.batch, keep, is_stopped)
    with _uncollected():
        for kind, priority in due.RANGES:
            work.take(kind, priority)
    return work.tally


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector out: what a batch makes is in use to its end, and then gone without its help.

    Looking through a hundred thousand live objects again and again would cost an eighth of the night.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def rehearse(store: Store, now: datetime) -> Tally:
    """Return what a sweep would come to, from one picture of the store; nothing is written, nobody is held up."""
    tally = Tally()
    with store.read() as tx:
        night = _Night(tx, now, now)
        # Every window passes over those before it: few large ones cost less than many small ones.
        count = 5 * night.policy.service.batch
        for kind, priority in due.RANGES:
            after = 0
            while found := list(due.look(tx, kind, priority, now, after, count)):
                after += len(found)
                tally.add(_rehearsed(tx, night, found))
    return tally


def _rehearsed(tx: Transaction, night: "_Night", found: Sequence[due.Found]) -> Tally:
    batch = _Batch(night, Door(tx, night.acting), [row for _, row in found if not isinstance(row, Exception)])
    batch.rehearse()
    for key, error in found:
        if isinstance(error, Exception):
            batch.tally.looked_at += 1
            batch.tally.fault(key, error)
    return batch.tally


# -- the sweep ---------------------------------------------------------------------------------------------------------


class _Sweep:
    """One run over what is due, a batch a transaction."""

    def __init__(
        self,
        store: Store,
        night: "_Night",
        size: int,
        keep: Callable[[Transaction], None],
        is_stopped: Callable[[], bool],
    ) -> None:
        self.tally = Tally()
        self._store = store
        self._night = night
        self._size = size
        self._keep = keep
        self._is_stopped = is_stopped
        #: What could not be moved: it stays due, and is not tried again in this run.
        self._failed: set[due.Key] = set()

    def take(self, kind: Kind, priority: int) -> None:
        """Take what is due of a kind and priority. It ends when a look from the beginning finds nothing that is new."""
        since = due.EVER
        while not self._is_stopped():
            last = self._batch(kind, priority, since)
            if last is None and since == due.EVER:
                return
            # Once at the end, look from the beginning for what somebody held while we came by.
            since = last or due.EVER

    def _batch(self, kind: Kind, priority: int, since: datetime) -> datetime | None:
        """Write one batch; return the `check_at` of its last row, None when there was none."""
        rows: list[Any] = []
        try:
            with self._store.begin() as tx:
                rows = self._fresh(tx, kind, priority, since)
                done = self._climbed(tx, rows)
                self._keep(tx)
        except (StoreError, LeaseLost):
            raise
        except Exception:
            if not rows:
                raise
            done = self._each_alone(rows)
        self.tally.add(done)
        return rows[-1].check_at if rows else None

    def _fresh(self, tx: Transaction, kind: Kind, priority: int, since: datetime) -> list[Any]:
        """Take the next rows; those that failed before are passed over, those that cannot be read fail now."""
        fresh = []
        for key, row in due.take(tx, kind, priority, self._night.now, since, self._size + len(self._failed)):
            if key in self._failed:
                continue
            if isinstance(row, Exception):
                self.tally.looked_at += 1
                self._fail(key, row, self.tally)
            else:
                fresh.append(row)
        return fresh

    def _climbed(self, tx: Transaction, rows: Sequence[Any]) -> Tally:
        batch = _Batch(self._night, Door(tx, self._night.acting), rows)
        batch.write()
        self._failed.update(batch.failed)
        return batch.tally

    def _each_alone(self, rows: Sequence[Any]) -> Tally:
        """Write each row in a transaction of its own, so that one the store refuses does not hold up the others."""
        done = Tally()
        for row in rows:
            try:
                with self._store.begin() as tx:
                    again = due.take_one(tx, self._night.now, due.key_of(row))
                    alone = self._climbed(tx, [] if again is None else [again])
                    self._keep(tx)
            except (StoreError, LeaseLost):
                raise
            except Exception as error:
                alone = Tally(looked_at=1)
                self._fail(due.key_of(row), error, alone)
            done.add(alone)
        return done

    def _fail(self, key: due.Key, error: Exception, tally: Tally) -> None:
        self._failed.add(key)
        tally.fault(key, error)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A deadline whose time has come, and whose it is."""

    key: due.Key
    subject: Subject
    deadline: Deadline


class _Batch:
    """The rows of one transaction, all of one kind, and what becomes of them.

    Of a subject with several deadlines each takes its turn.
    """

    def __init__(self, night: "_Night", door: Door, rows: Sequence[Any]) -> None:
        self.tally = Tally(looked_at=len(rows))
        self.failed: list[due.Key] = []
        self._night = night
        self._door = door
        self._later: list[dict[str, Any]] = []
        self._reminders: list[dict[str, Any]] = []
        self._spoiled: dict[int, Exception] = {}
        self._waves: dict[int, list[_Turn]] = defaultdict(list)
        self._sort(rows)

    def write(self) -> None:
        """Make every move the rules allow, and note when to look again."""
        for wave in self._waves.values():
            for turn in wave:
                self._door.adopt(turn.subject)
            tries = self._tries(wave)
            left_out: list[tuple[Try, RectifyError]] = []
            self._door.advance(tries, left_out=left_out)
            self._settle(wave, tries, left_out)
        self._door.tx.many(_LOOK_AGAIN, self._later)
        self._door.tx.many(_ADD_REMINDER, self._reminders)

    def rehearse(self) -> None:
        """Ask the rules about every move, and write nothing."""
        for wave in self._waves.values():
            tries = self._tries(wave)
            refusals = [(trying, self._door.refusal(trying)) for trying in tries]
            self._settle(wave, tries, [(trying, error) for trying, error in refusals if error is not None])

    def _sort(self, rows: Sequence[Any]) -> None:
        """Give each subject one object, and its due deadlines a wave each: a step follows the step before it."""
        known: dict[int, Subject] = {}
        for row in rows:
            subject = known.get(row.subject_id)
            if subject is None:
                subject = known[row.subject_id] = due.subject_of(row)
            turn = _Turn(due.key_of(row), subject, due.deadline_of(row))
            subject.deadlines.append(turn.deadline)
            self._waves[len(subject.deadlines)].append(turn)

    def _tries(self, wave: Iterable[_Turn]) -> list[Try]:
        tries = []
        for turn in wave:
            try:
                trying = self._try(turn)
            except Exception as error:  # whatever the rules make of a row, the others go on
                self._fault(turn.key, error)
            else:
                tries += [trying] if trying is not None else []
        return tries

    def _try(self, turn: _Turn) -> Try | None:
        if turn.subject.id in self._spoiled:
            raise self._spoiled[turn.subject.id]
        trying, reminds = self._night.climb(turn.subject, turn.deadline)
        if reminds:
            self._remind(turn)
        if trying is None:
            named = {name + "_": value for name, value in zip(due.KEY, turn.key, strict=True)}
            look = {"new_check_at": turn.deadline.check_at, "new_level": turn.deadline.level}
            self._later.append(named | look)
        return trying

    def _remind(self, turn: _Turn) -> None:
        night, deadline = self._night, turn.deadline
        own = dict(zip(due.KEY, turn.key, strict=True)) | {"area_code": turn.subject.area_code}
        told = own | {"level": deadline.level, "created_at": night.acting.when.recorded_at}
        people = night.recipients.owing(self._door.tx, turn.subject.climber, deadline)
        self._reminders += [told | {"person_id": person} for person in people]
        self.tally.notices += len(people)

    def _settle(
        self, wave: Iterable[_Turn], tries: Sequence[Try], left_out: Iterable[tuple[Try, RectifyError]]
    ) -> None:
        """Count what was made, and say of what was left out why."""
        refused = {trying.subject.id: error for trying, error in left_out}
        made = [trying for trying in tries if trying.subject.id not in refused] if refused else tries
        self.tally.moved += len(made)
        self.tally.notices += sum(len(trying.along[ADD_NOTICE]) for trying in made)
        for turn in wave if refused else ():
            if turn.subject.id in refused:
                self._fault(turn.key, refused[turn.subject.id])

    def _fault(self, key: due.Key, error: Exception) -> None:
        self._spoiled[key[1]] = error
        self.failed.append(key)
        self.tally.fault(key, error)


# -- climbing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Climb:
    """What a night means for every deadline of one date, grade, charge and level: worked out once, not per case."""

    overdue_days: int
    #: Whether the day of a reminder has come, and the level after it and after the rungs.
    reminds: bool
    level: int
    reached: tuple[Rung, ...]
    #: When to look again.
    check_at: datetime | None
    #: By area and sector: the rank of each rung reached, and the highest rank each person is told at.
    told: dict[tuple[str, str], tuple[tuple[Rank, ...], dict[int, Rank]]] = field(default_factory=dict)


class _Night:
    """What a run knows before it looks at its first case: when it is, the policy, and who may be told."""

    def __init__(self, tx: Transaction, now: datetime, recorded_at: datetime) -> None:
        version, self.policy = policy_of(tx)
        self.now = now
        self.acting = Acting(CLOCK, None, When(now, recorded_at), self.policy, version, calendar_of(tx))
        self._today = local_date(now, self.policy.timezone)
        self.recipients = Recipients(tx, self._today)
        self._climbs: dict[tuple[Any, ...], _Climb] = {}

    def climb(self, subject: Subject, deadline: Deadline) -> tuple[Try | None, bool]:
        """Return the one step that takes every rung whose day has come, None when none has; and whether to remind.

        Sets the deadline's level and when to look at it again.
        """
        of = subject.climber
        if not of.area or not of.charge:
            raise Refused(Sentence("{what} has lost its unit, its area or its department", what=of.called))
        waits = of.answer_by if deadline.owner == WaitsOn.unit else None
        key = (of.grade, of.charge, deadline.level, deadline.due_at, of.acknowledged_on, waits)
        climb = self._climbs.get(key)
        if climb is None:
            climb = self._climbs[key] = self._worked_out(of, deadline)
        deadline.check_at, deadline.level = climb.check_at, climb.level
        if not climb.reached:
            return None, climb.reminds
        return self._escalation(subject, deadline, climb), False

    def _worked_out(self, of: Climber, deadline: Deadline) -> _Climb:
        policy, zone = self.policy, self.policy.timezone
        days = overdue_days(deadline.due_at, self.now, zone)
        days_left = (local_date(deadline.due_at, zone) - self._today).days
        level = reminded(policy.reminders.before, deadline.level, days_left)
        reached = rungs_due(getattr(policy.ladders, of.grade), of.charge, deadline.level, days)
        if of.answer_by is not None and deadline.owner == WaitsOn.unit and self.now <= of.answer_by:
            reached = []
        if of.acknowledged_on is not None and of.acknowledged_on >= self._today:
            reached = [rung for rung in reached if not rung.repeats]
        if reached:
            after = reached[-1].level
        elif level is not None:
            after = level
        else:
            after = max(deadline.level, 0) if days_left < 0 else deadline.level
        look = check_at(replace(deadline, level=after), of, policy)
        if look is not None and look <= self.now:
            # Whatever rules led to it: a night that takes the same row again and again would never end.
            raise Refused(Sentence("{what}: its deadline stays due, whatever is done", what=of.called))
        return _Climb(days, level is not None, after, tuple(reached), look)

    def _escalation(self, subject: Subject, deadline: Deadline, climb: _Climb) -> Try:
        place = (subject.climber.area, subject.climber.sector)
        if place not in climb.told:
            climb.told[place] = self._telling(climb.reached, *place)
        ranks, people = climb.told[place]
        named = {"seq": deadline.set_by, "rule": deadline.rule} | ({"about": deadline.about} if deadline.about else {})
        levels = [rung.level for rung in climb.reached]
        own = {"kind": subject.kind, "subject_id": subject.id, "seq": subject.seq + 1, "area_code": subject.area_code}
        rung = {**own, "rule": deadline.rule, "set_by": deadline.set_by, "about": deadline.about}
        notice = {**own, "created_at": self.acting.when.recorded_at, "attempts": 0}
        return Try(
            "escalate",
            subject,
            given={"deadline": named, "rank": ranks[-1]},
            facts={"deadline": named, "rank": ranks[-1], "rungs": levels, "overdue_days": climb.overdue_days},
            along={
                _ADD_RUNG: [{**rung, "level": level, "rank": rank} for level, rank in zip(levels, ranks, strict=True)],
                ADD_NOTICE: [{**notice, "person_id": person, "rank": rank} for person, rank in people.items()],
            },
        )

    def _telling(self, reached: Iterable[Rung], area: str, sector: str) -> tuple[tuple[Rank, ...], dict[int, Rank]]:
        told = [self.recipients.told(area, sector, rung.rank) for rung in reached]
        return tuple(rank for rank, _ in told), {person: rank for rank, people in told for person in people}
