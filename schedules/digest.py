"""The digest: each person's waiting notices and reminders become one message, never one a case.

It tells how many, how bad, the worst, what they were told that had been acted on before, and what is due soon.
"""

import json
from typing import Any

from cases import outbox
from cases.acting import policy_of
from cases.clockwork import LeaseLost, Tally
from cases.locale import in_language
from cases.outbox import RANGES, Told
from cases.store import Store, Transaction
from schedules.jobs import Occasion
from schedules.timetable import DIGEST, slot_at
from workflow.deadlines import local_date
from workflow.errors import StoreError
from workflow.policy import Policy
from workflow.terms import Grade, Kind, Rank
from workflow.words import Sentence, Term, Translate

#: A description longer than this is cut in a message.
_MOST_CHARACTERS = 60
Lines = list[Sentence]


def digest(store: Store, run: Occasion) -> Tally:
    """Make one message for each person with waiting notices: `looked_at` people, `moved` messages, `notices` in them.

    Whoever has no address is skipped: the notices wait, and go into one message once an address is there.
    """
    with store.read() as tx:
        _, policy = policy_of(tx)
        found = outbox.to_be_told(tx, local_date(run.now, policy.timezone))
    tally = Tally()
    for person in found:
        if run.is_stopped():
            break
        tally.looked_at += 1
        if not person.has_address:
            tally.skipped += 1
            continue
        try:
            count = _rehearsed(store, person) if run.dry_run else _gathered(store, run, policy, person)
        except (StoreError, LeaseLost):
            raise
        except Exception as error:  # one person's rows do not keep the others uninformed
            tally.skipped += 1
            tally.errors.append({"person": person.name, "reason": type(error).__name__})
        else:
            tally.moved += bool(count)
            tally.notices += count
    return tally


def _rehearsed(store: Store, person: Any) -> int:
    with store.read() as tx:
        return outbox.waiting(tx, person.id)


def _gathered(store: Store, run: Occasion, policy: Policy, person: Any) -> int:
    """Make a person's message in one transaction; return how many notices are in it."""
    slot = slot_at(DIGEST, run.now, policy)
    with store.begin() as tx:
        key, count = outbox.gather(tx, person.id, slot)
        told = outbox.told(tx, key, run.now, local_date(run.now, policy.timezone), policy) if count else Told()
        if told.is_empty:  # all of it was a reminder of what has been done
            count = 0
        else:
            _write(tx, run, policy, told, person_id=person.id, slot=slot, key=key, count=count)
        run.keep(tx)
    return count


def _write(tx: Transaction, run: Occasion, policy: Policy, told: Told, *, key: str, count: int, **whose: Any) -> None:
    translate = in_language(policy.notices.language)
    outbox.write(
        tx,
        **whose,
        key=key,
        created_at=run.recorded_at,
        count=count,
        subject=title(told).say(translate),
        body=text(told, key, translate),
        facts=json.dumps(facts(told, count), ensure_ascii=False),
        next_try_at=run.now,
    )


# -- what it says ------------------------------------------------------------------------------------------------------


def facts(told: Told, count: int) -> dict[str, Any]:
    """Return what a message tells as programs read it: names in English, every key there is."""
    return {
        "notices": count,
        "cases": told.cases,
        "by_grade": {grade.value: told.grades[grade.value] for grade in reversed(Grade)},
        "by_rank": dict(told.ranks),
        "by_overdue_days": {name: told.overdue[name] for _, name in RANGES},
        "ended": told.ended,
        "other": told.others.total(),
        "by_kind": dict(told.others),
        "corrected": told.corrected,
        "corrections": told.corrections,
        "worst": told.worst,
        "soon": told.soon,
        "soonest": told.soonest,
    }


def title(told: Told) -> Sentence:
    """Return the one line that a telephone shows."""
    if told.others and not told.cases:
        return Sentence("Overdue: {counts}", counts=_others(told))
    if told.soon and not told.cases:
        return Sentence("Due soon: {dates} dates", dates=told.soon)
    if told.corrected and not told.cases:
        return Sentence("Corrected: {count} matters of which you were told", count=told.corrected)
    return Sentence(
        "Overdue hazards: {cases} cases, {major} of them major", cases=told.cases, major=told.grades[Grade.major.value]
    )


def text(told: Told, key: str, translate: Translate) -> str:
    """Return the message in the language of `translate`: the counts, the worst cases, where to see all, its key."""
    lines = [
        *_counts(told),
        *_worst(told),
        *_soonest(told),
        Sentence("all of them: rectify overdue; why one is due: rectify explain N"),
    ]
    return "\n".join(line.say(translate) for line in [*lines, Sentence("message {key}", key=key)])


def _counts(told: Told) -> Lines:
    grades = [_times(Term("grade", grade.value), told.grades[grade.value]) for grade in reversed(Grade)]
    ranks = [_times(Term("rank", rank.value), told.ranks[rank.value]) for rank in reversed(Rank)]
    days = [_times(_days(name), told.overdue[name]) for _, name in RANGES]
    is_of_cases = told.cases or not (told.soon or told.others or told.corrected)
    lines = [Sentence("{cases} cases were escalated to you", cases=told.cases)] if is_of_cases else []
    lines += [Sentence("by grade: {counts}", counts=_some(grades))] if told.cases else []
    lines += [Sentence("told at: {counts}", counts=_some(ranks))] if _some(ranks) else []
    lines += [Sentence("by days overdue: {counts}", counts=_some(days))] if told.cases else []
    lines += [Sentence("ended since: {count}", count=told.ended)] if told.ended else []
    lines += [Sentence("other matters: {counts}", counts=_others(told))] if told.others else []
    return [*lines, *_corrected(told)]


def _corrected(told: Told) -> Lines:
    """Return what the person was told of although it had been acted on before, as was recorded only later."""
    if not told.corrected:
        return []
    which: list[Sentence | str] = [_named(each["kind"], each["id"]) for each in told.corrections]
    if told.corrected > len(which):
        which.append("…")
    return [
        Sentence(
            "corrected: {count} matters of which you were told had been acted on before: {which}",
            count=told.corrected,
            which=which,
        )
    ]


def _named(kind: str, number: int) -> Sentence:
    if kind == Kind.hazard:
        return Sentence("case {case}", case=number)
    return Sentence("{kind} {number}", kind=Term("kind", kind), number=number)


def _others(told: Told) -> list[Sentence]:
    return _some([_times(Term("kind", kind), count) for kind, count in sorted(told.others.items())])


def _times(what: Any, count: int) -> Sentence | None:
    return Sentence("{what} {count}", what=what, count=count) if count else None


def _some(counts: list[Sentence | None]) -> Lines:
    return [each for each in counts if each is not None]


def _days(name: str) -> Sentence:
    return Sentence("not any more") if name == "0" else Sentence("{days} days", days=name)


def _worst(told: Told) -> Lines:
    heading = [Sentence("the worst:")] if told.worst else []
    return heading + [_line(number, each) for number, each in enumerate(told.worst, 1)]


def _line(number: int, each: dict[str, Any]) -> Sentence:
    line = Sentence(
        "{number}. case {case}, {unit}, {grade}: {text}; {days} days overdue",
        number=number,
        case=each["id"],
        unit=each["unit"],
        grade=Term("grade", each["grade"]),
        text=_short(each["text"]),
        days=each["overdue_days"],
    )
    return Sentence("{line}; told at {rank} rank", line=line, rank=Term("rank", each["rank"]))


def _soonest(told: Told) -> Lines:
    heading = [Sentence("due soon: {dates} dates", dates=told.soon)] if told.soon else []
    return heading + [
        Sentence(
            "{due_on} {of}, {unit}: {what} – {text}",
            due_on=each["due_on"],
            of=Sentence("exit {id}", id=each["exit"]) if "exit" in each else Sentence("case {case}", case=each["id"]),
            unit=each["unit"],
            what=Term("rule", each["rule"]),
            text=_short(each["text"]),
        )
        for each in told.soonest
    ]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _MOST_CHARACTERS else plain[: _MOST_CHARACTERS - 1] + "…"
