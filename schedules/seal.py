"""The nightly seal: one value over everything recorded since the last one, so that cutting history shows."""

import contextlib

from cases import history
from cases.clockwork import Tally
from cases.store import Store
from schedules.jobs import Occasion


class _Rehearsed(Exception):
    """Undoes a transaction that was only a rehearsal."""


def seal(store: Store, run: Occasion) -> Tally:
    """Seal what was recorded; `looked_at` counts the steps under it. A dry run seals and takes it back."""
    tally = Tally()
    with contextlib.suppress(_Rehearsed), store.begin() as tx:
        sealed = history.seal(tx, run.recorded_at)
        tally.looked_at = sealed.steps if sealed else 0
        if run.dry_run:
            raise _Rehearsed
        run.keep(tx)
    return tally
