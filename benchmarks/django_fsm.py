"""The same step with django-fsm-2 and django-fsm-log: load, guard, move, save, log, in a transaction of its own."""

import tempfile
from pathlib import Path

from benchmarks.measuring import Line, alternating
from benchmarks.step import Raw, acting_on, ours
from benchmarks.stores import ledger, served

ROUNDS, STEPS, LIMIT = 5, 250, 8


def _configured(place: Path) -> None:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_fsm_log"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(place),
                               "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )  # fmt: skip
    django.setup()


def _model() -> type:
    """Return a model of a hazard that can be started, with the columns such a step reads and writes."""
    from django.db import models
    from django_fsm import FSMField, transition
    from django_fsm_log.decorators import fsm_log_by

    class Hazard(models.Model):
        state = FSMField(default="ordered", protected=True)
        served = models.BooleanField(default=True)
        entered_at = models.DateTimeField(auto_now=True)
        version = models.IntegerField(default=1)

        class Meta:
            app_label = "bench"

        def is_served(self) -> bool:
            return self.served

        @fsm_log_by
        @transition(field=state, source="ordered", target="rectifying", conditions=[is_served])
        def start(self, by: object = None) -> None:
            self.version += 1

    return Hazard


def measure() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        _configured(Path(folder) / "django.db")
        from django.core.management import call_command
        from django.db import connection, transaction

        model = _model()
        call_command("migrate", verbosity=0)
        with connection.schema_editor() as editor:
            editor.create_model(model)
        model.objects.bulk_create([model() for _ in range((2 * ROUNDS + 1) * STEPS)])

        def theirs(turn: int) -> None:
            for number in range(turn * STEPS + 1, (turn + 1) * STEPS + 1):
                with transaction.atomic():
                    hazard = model.objects.select_for_update().get(pk=number)
                    hazard.start()
                    hazard.save()

        with ledger("SQLite NORMAL") as made:
            cases = served(made, (2 * ROUNDS + 2) * STEPS)
            batches = [cases[at : at + STEPS] for at in range(0, len(cases), STEPS)]
            acting = acting_on(made)
            raw = Raw(made, acting)
            ours(made, acting, batches.pop())
            raw.start(batches.pop())
            theirs(2 * ROUNDS)
            mine, other, ratio = alternating(lambda turn: ours(made, acting, batches[turn]), theirs, ROUNDS)
            bare, again, most = alternating(
                lambda turn: raw.start(batches[ROUNDS + turn]), lambda turn: theirs(ROUNDS + turn), ROUNDS
            )
    return [
        Line(
            "faster than django-fsm-2 + django-fsm-log, SQLite NORMAL",
            _told(mine, other, ratio),
            f"≥ {LIMIT} times",
            1 / ratio >= LIMIT,
        ),
        Line("the same of the raw driver, which asks no rules", _told(bare, again, most), "the most there is", True),
    ]


def _told(mine: float, other: float, ratio: float) -> str:
    return f"×{1 / ratio:.1f} ({mine / STEPS * 1e6:.0f} µs : {other / STEPS * 1e6:.0f} µs)"
