"""The demo: a report's ledger played into a store of its own, and its figures set beside the ones the report prints.

The store is built beside its place and moved there when it is whole, so that nothing half-made is ever left. Only a
store that a demo made is ever replaced: its first policy says so.
"""

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases.acting import policy_of
from cases.names import find
from cases.people import sign_in
from cases.questions.asking import Asking
from cases.questions.figures import campaign_report
from cases.questions.filters import Filters
from cases.questions.many import list_cases
from cases.questions.one import history
from cases.questions.stuck import stuck
from cases.setup import prepare
from cases.store import Store, Transaction, open_store, store_url
from schedules.events import Book
from schedules.replay import Tick, instant, replay
from schedules.script import Printed, Script, shipped
from workflow.calendar import china
from workflow.errors import Refused, StoreError
from workflow.policy import default_text, parse
from workflow.terms import WaitsOn
from workflow.words import Sentence, Term, Translate

#: The title of a demo's policy. No other store begins with a policy of this title: one that is loaded is the second.
TITLE = "Demo policy 演示规则"


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that was played: its store, its script, what its marks stand for."""

    store: str
    script: Script
    book: Book

    @property
    def ends(self) -> str:
        """The local time at which it ends, as `--at` takes it."""
        return f"{self.script.ends:%Y-%m-%d %H:%M}"

    @property
    def told(self) -> int:
        """The case whose history is shown."""
        return self.book.number(self.script.told)


def build(report: str, target: Path, login: str, tick: Tick = lambda _: None) -> Demo:
    """Play a report's ledger into a new store at `target`, instead of the demo that may be there.

    Raises Refused for any other file there, StoreError where it cannot be written.
    """
    script, _ = shipped(report)
    _check_replaceable(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".rectify-demo-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        made = workshop / target.name
        demo = play(report, str(made), login, tick)
        # Once more: somebody may have put something else there meanwhile.
        _check_replaceable(target)
        made.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return Demo(str(target), script, demo.book)


def play(report: str, named: str, login: str, tick: Tick = lambda _: None) -> Demo:
    """Play a report's ledger into an empty store at a file path or URL. Raises StoreError."""
    script, lines = shipped(report)
    rules = re.sub(r'^title = ".*"', f'title = "{TITLE}"', default_text(), count=1, flags=re.MULTILINE)
    prepare(named, instant(script.begins, parse(rules)), login, rules)
    store = _hurried(named)
    try:
        return Demo(named, script, replay(script, lines, store, login, tick))
    finally:
        store.close()


def _hurried(named: str) -> Store:
    """Open a store that need not survive a power cut before it is whole."""
    url = store_url(named)
    return Store(url.update_query_dict({"synchronous": "normal"}) if url.get_backend_name() == "sqlite" else url)


def _unwritable(target: Path, error: OSError) -> StoreError:
    return StoreError(
        Sentence(
            "{name} cannot be written ({why}); name another with --keep FILE", name=str(target), why=error.strerror
        )
    )


def _check_replaceable(target: Path) -> None:
    """Raise Refused for anything at `target` but a demo's store that nobody else has open."""
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_file() or target.is_symlink() or not is_demo(target):
        raise Refused(Sentence("{file} is there and is no demo; name another with --keep FILE", file=str(target)))
    # What a store leaves beside it goes when its last user leaves.
    if any(target.with_name(target.name + suffix).exists() for suffix in ("-wal", "-journal")):
        raise Refused(
            Sentence("{file} is open elsewhere; close it, or name another with --keep FILE", file=str(target))
        )


def is_demo(path: Path) -> bool:
    """Return whether a demo made the store at this path."""
    try:
        store = open_store(str(path))
    except StoreError:
        return False
    try:
        with store.read() as tx:
            version, policy = policy_of(tx)
            return version == 1 and policy.title == TITLE
    except StoreError:
        return False
    finally:
        store.close()


# -- what it came to ---------------------------------------------------------------------------------------------------


def told(demo: Demo, login: str, translate: Translate = str) -> dict[str, Any]:
    """Return the demo's answer: figures beside the report's, the stuck list at its end, one case's history."""
    store = open_store(demo.store)
    try:
        with store.read() as tx:
            asking = _at_the_end(tx, demo, login, translate)
            stuck_now = stuck(asking, Filters()).rows
            return {
                "store": demo.store,
                "report": demo.script.title,
                "campaign": demo.script.campaign.name,
                "at": demo.ends,
                "figures": _figures(asking, demo.script),
                "stuck": stuck_now,
                "case": demo.told,
                "history": history(asking, demo.told),
                "worst": stuck_now[0]["id"] if stuck_now else demo.told,
                "viewer": demo.script.viewer,
            }
    finally:
        store.close()


def _at_the_end(tx: Transaction, demo: Demo, login: str, translate: Translate) -> Asking:
    viewer = sign_in(tx, login, None).actor
    _, policy = policy_of(tx)
    return Asking(tx, viewer, instant(demo.script.ends, policy), policy, china(), translate)


def _figures(asking: Asking, script: Script) -> list[dict[str, Any]]:
    """Return each printed figure beside the one that is counted from history."""
    number = int(find(asking.tx, "campaign", script.campaign.name).id)
    reports = {by: campaign_report(asking, number, by=by, cases=True) for by in {each.by for each in script.printed}}
    parts = {
        (by, name): figures
        for by, report in reports.items()
        for name, figures in [
            (None, report["figures"]),
            *((each["name"], each["figures"]) for each in report["groups"]),
        ]
    }
    cases = {row["id"]: row for row in list_cases(asking, Filters(campaign=number))}
    return [_compared(asking, each, parts.get((each.by, each.of), {}), cases) for each in script.printed]


def _compared(
    asking: Asking, printed: Printed, figures: Mapping[str, Any], cases: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    row = {"key": printed.key, "phrase": printed.phrase, "report": printed.value}
    figure = figures.get(printed.figure)
    if figure is None:
        return {**row, "computed": None, "agrees": None, "note": asking.say(Sentence("not counted yet"))}
    by_unit = {cases[case]["unit"] for case in figure["cases"]} if printed.counts == "units" else ()
    computed = len(by_unit) if printed.counts == "units" else figure["value"]
    agrees = computed >= printed.value if printed.about else computed == printed.value
    left = [] if agrees else [each for each in cases.values() if each["waiting_on"] != WaitsOn.none]
    return {**row, "computed": computed, "agrees": agrees, "note": asking.say(_still_open(left)) if left else ""}


def _still_open(left: Sequence[Mapping[str, Any]]) -> Sentence:
    """Say which cases are open where a report says that more was put right."""
    named = [Sentence("case {case} of {unit}, {text}: {state}", case=each["id"], unit=each["unit"], text=each["text"],
                      state=Term("state", each["state"])) for each in left]  # fmt: skip
    return Sentence("still open: {cases}", cases=named)
