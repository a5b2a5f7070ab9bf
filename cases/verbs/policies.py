"""Loading another policy: a version of the store's rules, and a step in a chain of its own.

New deadlines are counted by it. Running ones keep theirs, unless told to be counted anew, each by a step of its own.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import bindparam, distinct, func, literal_column, select

from cases.acting import minutes
from cases.ledger import Door
from cases.statements import Statement
from cases.tables import deadlines, policies
from cases.verbs.chains import append_loading
from cases.verbs.keeping import hold, must_administer
from cases.verbs.outcome import Outcome
from cases.verbs.recounts import recount
from workflow.errors import Forbidden, Refused
from workflow.policy import Limits, Policy, parse
from workflow.terms import Kind
from workflow.words import Sentence

#: What the chain calls the one policy of a store. The first version was made with the store, so its steps begin with
#: the second.
KIND: Final = "policy"

_NEWEST = Statement(select(policies.c.version, policies.c.loaded_at).order_by(policies.c.version.desc()).limit(1))
_COUNTED = Statement(
    select(func.count(distinct(deadlines.c.subject_id))).where(
        deadlines.c.kind == bindparam("of"),
        deadlines.c.ended_by.is_(None),
        deadlines.c.rule.in_([literal_column(f"'{rule}'") for rule in Limits.model_fields]),
    )
)


def load(door: Door, text: str, where: str, *, refix: bool = False, dry_run: bool = False) -> Outcome:
    """Load a policy; with `refix` running deadlines are counted anew, with `dry_run` nothing is written.

    Raises BadInput for what is wrong in it, Forbidden for anybody but administrators, Refused when it changes nothing.
    """
    hold(door)
    policy = parse(text, where)
    _must_administer(door)
    newest = door.tx.one(_NEWEST)
    changes = changes_of(door.acting.policy, policy)
    reasons = _reasons(door, newest, changes)
    if reasons:
        raise Refused(Sentence("{where} is not loaded", where=where), reasons=reasons)
    version = newest.version + 1
    if dry_run:
        return _told(version, policy, changes, _concerned(door) if refix else None, dry_run=True)
    append_loading(door, KIND, _facts(version, policy, text, changes, refix=refix))
    door.tx.add(policies, version=version, loaded_at=door.at, loaded_by=door.acting.actor.id, text=text)
    return _told(version, policy, changes, recount(door, everything=True) if refix else None, dry_run=False)


def _must_administer(door: Door) -> None:
    try:
        must_administer(door)
    except Forbidden as error:
        raise Forbidden(
            Sentence("{actor} may not load a policy; ask an administrator", actor=door.acting.actor.name)
        ) from error


def _reasons(door: Door, newest: Any, changes: Mapping[str, Any]) -> list[Sentence]:
    """Return all that speaks against loading it now."""
    reasons = door.untimely()
    if door.at < newest.loaded_at:
        moved = minutes(newest.loaded_at, door.acting.policy)
        reasons.append(Sentence("a policy was loaded at {moved}, after the time given; give a later --at", moved=moved))
    if not changes:
        reasons.append(Sentence("version {version} says the same already; nothing changed", version=newest.version))
    return reasons


def _concerned(door: Door) -> int:
    """Count the cases and requests whose running deadlines would be counted anew."""
    return sum(int(door.tx.value(_COUNTED, of=kind)) for kind in Kind)


# -- what changes ------------------------------------------------------------------------------------------------------


def changes_of(before: Policy, after: Policy) -> dict[str, tuple[Any, Any]]:
    """Return what one policy says otherwise than another: by dotted key, what it was and what it is."""
    old, new = (dict(_flat(policy.model_dump(mode="json"))) for policy in (before, after))
    return {key: (old.get(key), value) for key, value in new.items() if old.get(key) != value}


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield path + key, value


def _facts(version: int, policy: Policy, text: str, changes: Mapping[str, Any], *, refix: bool) -> dict[str, Any]:
    return {
        "version": version,
        "title": policy.title,
        "sha256": sha256(text.encode()).hexdigest(),
        "changed": list(changes),
        "refix": refix,
    }


def _told(version: int, policy: Policy, changes: Mapping[str, Any], recounted: int | None, *, dry_run: bool) -> Outcome:
    if dry_run:
        said = [Sentence("policy version {version} would be: {title}", version=version, title=policy.title)]
    else:
        said = [Sentence("policy version {version}: {title}", version=version, title=policy.title)]
    said += [
        Sentence("{key}: {was} -> {now}", key=key, was=_shown(was), now=_shown(now))
        for key, (was, now) in changes.items()
    ]
    if recounted is None:
        said.append(Sentence("running deadlines keep their dates"))
    elif dry_run:
        said.append(Sentence("the running deadlines of {count} cases would be counted anew", count=recounted))
    else:
        said.append(Sentence("the running deadlines of {count} cases were counted anew", count=recounted))
    document = {
        "version": version,
        "title": policy.title,
        "changed": list(changes),
        "recounted": recounted or 0,
        "dry_run": dry_run,
    }
    return Outcome({"policy": document}, said)


def _shown(value: Any) -> str:
    """Return a value as a policy writes it, near enough."""
    if isinstance(value, list):
        return "; ".join(_shown(each) for each in value)
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return str(value).lower() if isinstance(value, bool) else str(value)
