"""A wake-up that finds nothing new, from the wish to the end of its task, beside a Celery task that does nothing."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

from celery import Celery
from redis import Redis

from bench.bare_task import NOTHING, QUEUE
from bench.measuring import Compared
from bench.serving import Servers, servers
from muster_shared.names import NOTIFY_FOLLOW, REPORT_FOLLOW
from muster_shared.redis_clients import redis_at
from muster_shared.tasks import FINISHED, Wake, make_celery

ROUNDS: Final = 5
TRIPS: Final = 40
_PATIENCE: Final = 30.0
_OPTIONS: Final = ("-Q", QUEUE, "--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle")


def results() -> Iterator[Compared]:
    """Workers as ``muster up`` starts them, all at the same broker."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-tasks-")))
        house = stack.enter_context(servers(folder))
        web = stack.enter_context(house.web("ingest"))
        house = replace(house, settings=replace(house.settings, ingest_url=f"http://127.0.0.1:{web.port}"))
        trips = _begin(stack, house)
        for task in (REPORT_FOLLOW, NOTIFY_FOLLOW):
            yield _compared(trips, task)


@dataclass(frozen=True, slots=True)
class Trips:
    """Tasks sent one after the other, each once the one before it is done."""

    redis: Redis
    app: Celery
    wake: Wake

    def woken(self, task: str) -> float:
        """Milliseconds of the median trip of a wake-up."""
        return self._median(task, lambda _mark: self.wake(task))

    def bare(self) -> float:
        """Milliseconds of the median trip of a task that does nothing."""
        return self._median(NOTHING, lambda mark: self.app.send_task(NOTHING, (mark,), queue=QUEUE, retry=False))

    def _median(self, task: str, send: Callable[[str], Any]) -> float:
        marks = count()
        return 1000 * median(self._once(task, lambda: send(f"{time.time()} {next(marks)}")) for _ in range(TRIPS))

    def _once(self, task: str, send: Callable[[], Any]) -> float:
        before, began = self.redis.hget(FINISHED, task), time.monotonic()
        send()
        while self.redis.hget(FINISHED, task) == before:
            if time.monotonic() - began > _PATIENCE:
                raise TimeoutError(f"{task} was not done")
            time.sleep(0.0005)
        return time.monotonic() - began


def _begin(stack: ExitStack, house: Servers) -> Trips:
    stack.enter_context(house.worker("report"))
    stack.enter_context(house.worker("notify"))
    launch = house.python("bare-worker", ("celery", "-A", "bench.bare_task:celery", "worker", *_OPTIONS))
    stack.enter_context(house.running(launch))
    url = house.settings.broker_url()
    app = make_celery(QUEUE, url)
    trips = Trips(redis_at(url, seconds=5), app, Wake(app, url))
    trips.bare()  # all are there, and warm
    trips.woken(REPORT_FOLLOW)
    trips.woken(NOTIFY_FOLLOW)
    return trips


def _compared(trips: Trips, task: str) -> Compared:
    compared = Compared(f"{task} that finds nothing new, wish to end", "Celery task that does nothing", None, "ms")
    for _ in range(ROUNDS):
        compared.round(trips.woken(task), trips.bare())
    return compared
