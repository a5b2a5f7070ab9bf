"""A month in a minute: services in processes of their own, whose clock is a file that a test turns from slot to slot.

Each ticks every job again and again, as APScheduler would at its times; the store says whose slot it is. They bear
names of other hosts, so that what a killed or frozen one left is taken over when its lease runs out, and not before.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.postgres import Server

SERVICE = """
import logging, sys, time
from datetime import datetime
from pathlib import Path
import cases.store
from cases.store import Store, store_url
from schedules.service import Service
from schedules.timetable import JOBS

logging.disable()
cases.store.REST = 2.0
face, beat = Path(sys.argv[3]), Path(sys.argv[4])
service = Service(Store(store_url(sys.argv[1])), node=sys.argv[2], now=lambda: datetime.fromisoformat(face.read_text()))
rounds = 0
while True:
    for job in JOBS:
        service.tick(job)
    rounds += 1
    beat.write_text(str(rounds))
    time.sleep(0.02)
"""

#: What happens in a day: the sweep, the seal, the digests, and the outbox after each; between them leases run out.
HOURS = ((2, 0), (2, 30), (3, 0), (7, 0), (7, 31), (13, 0), (13, 31))


def moments(first: datetime, nights: int) -> Iterator[datetime]:
    """Yield the instants of so many days from a local midnight on."""
    for day in range(nights):
        yield from (first + timedelta(days=day, hours=hour, minutes=minute) for hour, minute in HOURS)


class Month:
    """Three services, and what befalls them. `befell` counts it."""

    def __init__(self, server: Server, url: str, face: Path, chance: random.Random) -> None:
        self.befell: Counter[str] = Counter()
        self._server, self._url, self._face, self._chance = server, url, face, chance
        self._services: dict[str, subprocess.Popen[bytes]] = {}
        self._frozen: set[str] = set()

    def pass_through(self, first: datetime, nights: int) -> None:
        """Let the nights pass, and misfortune with them; at the end everybody is at work again."""
        self._turn(first)
        for number in range(3):
            self._start(f"host{number}:1")
        self._wait()
        for count, moment in enumerate(moments(first, nights)):
            self._turn(moment)
            time.sleep(0.05 + 0.15 * self._chance.random())
            self._befall(count)
            self._restart_the_dead()
            self._wait()
        for name in sorted(self._frozen):
            self._thaw(name)

    def settle(self, moment: datetime, *, seconds: float) -> None:
        """Leave everybody alone for so long at one moment."""
        self._turn(moment)
        time.sleep(seconds)
        self._restart_the_dead()

    def end(self) -> None:
        """End every service, by its own id."""
        for service in self._services.values():
            service.kill()
            service.wait()

    def _wait(self) -> None:
        """Let somebody look at every job with the clock as it is: how fast the machine is decides nothing here."""
        if len(self._frozen) == len(self._services):
            self._thaw(min(self._frozen))
        before = {name: self._rounds(name) for name in self._services}
        until = time.monotonic() + 120
        while all(self._rounds(name) < rounds + 2 for name, rounds in before.items()):
            assert time.monotonic() < until, "nobody was at work for two minutes"
            time.sleep(0.01)

    def _rounds(self, name: str) -> int:
        """Return how often a service has looked at every job since it was started."""
        try:
            return int(self._beat(name).read_text() or 0)
        except FileNotFoundError:
            return 0

    def _beat(self, name: str) -> Path:
        return self._face.with_name(name)

    def _turn(self, moment: datetime) -> None:
        """Set the clock: whoever looks sees the old time or the new one, never half of one."""
        drawn = self._face.with_suffix(".new")
        drawn.write_text(moment.isoformat())
        drawn.replace(self._face)

    def _befall(self, count: int) -> None:
        for name in sorted(self._frozen):
            if self._chance.random() < 0.5:
                self._thaw(name)
        name = self._chance.choice(sorted(self._services))
        what = self._chance.random()
        if what < 0.15:
            self._services[name].kill()
            self._frozen.discard(name)
            self.befell["killed"] += 1
        elif what < 0.30 and name not in self._frozen:
            self._services[name].send_signal(signal.SIGSTOP)
            self._frozen.add(name)
            self.befell["frozen"] += 1
        if count % 35 == 34:
            mode = self._chance.choice(["fast", "immediate"])
            self._server.restart(mode)
            self.befell["database restarted"] += 1

    def _thaw(self, name: str) -> None:
        self._services[name].send_signal(signal.SIGCONT)
        self._frozen.discard(name)

    def _start(self, name: str) -> None:
        self._beat(name).unlink(missing_ok=True)
        command = [sys.executable, "-c", SERVICE, self._url, name, str(self._face), str(self._beat(name))]
        self._services[name] = subprocess.Popen(command, env={**os.environ})

    def _restart_the_dead(self) -> None:
        """Do what an init system does."""
        for name, service in list(self._services.items()):
            if service.poll() is not None:
                self.befell["died"] += 1
                self._start(name)
