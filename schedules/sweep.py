"""The night: every case whose time has come, in batches, shared between nodes."""

from cases import clockwork
from cases.clockwork import Tally
from cases.store import Store
from schedules.jobs import Occasion


def deadlines(store: Store, run: Occasion) -> Tally:
    """Climb every ladder whose rung's day has come by the run's time."""
    if run.dry_run:
        return clockwork.rehearse(store, run.now)
    return clockwork.sweep(
        store, run.now, recorded_at=run.recorded_at, keep=run.keep, is_stopped=run.is_stopped, batch=run.batch
    )
