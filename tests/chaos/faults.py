"""What befalls an instance: each fault lasts as long as its block does, or is over at once.

Faults overlap: what one of them signals may be dead of another by then, and that is no failure of the test.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Final

import psycopg
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

from chaos import queues
from chaos.holding import publishing_held, regeneration_held, slow_commits, writing_held
from chaos.ledger import OFFICES
from chaos.running import Running
from chaos.storage import is_disk, no_space
from muster_cli.parts import environment

Happening = Callable[[Running, str], AbstractContextManager[None]]
_DAY: Final = timedelta(days=1)
_WORKERS: Final = ("ingest-worker", "report-worker", "notify-worker")
_BEAT: Final = ("celery", "-A", "muster_shared.beat:celery", "beat", "--pidfile", "", "--loglevel", "WARNING")
_SLOW_MS: Final = 150


@contextmanager
def killed(running: Running, name: str) -> Iterator[None]:
    """A process ends as it does when memory is out; what it started is left behind."""
    with _perhaps_gone():
        running.kill(name)
    yield


@contextmanager
def killed_with_children(running: Running, name: str) -> Iterator[None]:
    with _perhaps_gone():
        running.kill_with_children(name)
    yield


@contextmanager
def restarted(running: Running, name: str) -> Iterator[None]:
    """Stopped in order, as PostgreSQL is by an administrator: whoever is connected is cut off."""
    with _perhaps_gone():
        os.kill(running.pid(name), signal.SIGINT)
    yield


@contextmanager
def frozen(running: Running, name: str) -> Iterator[None]:
    """A process and those of its session stand still, and go on as if no time had passed."""
    held = _pids(running, name)
    _signal(held, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(held, signal.SIGCONT)


@contextmanager
def unsupervised(running: Running, _name: str) -> Iterator[None]:
    """What dies meanwhile is not started again."""
    running.hold_supervisor()
    try:
        yield
    finally:
        running.release_supervisor()


@contextmanager
def queues_lost(running: Running, _name: str) -> Iterator[None]:
    """The broker starts again with nothing of what waited in it."""
    with unsupervised(running, ""):
        with _perhaps_gone():
            running.kill("valkey")
        shutil.rmtree(running.folder / "valkey" / "appendonlydir", ignore_errors=True)
    yield


@contextmanager
def slow_broker(running: Running, _name: str) -> Iterator[None]:
    """Each command takes the broker up to a seventh of a second."""
    over = threading.Event()
    thread = threading.Thread(target=_slow_down, args=(running.known.broker_url(), over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _slow_down(broker_url: str, over: threading.Event) -> None:
    with Redis.from_url(broker_url, socket_timeout=2, socket_connect_timeout=2) as redis:
        while not over.wait(2 * _SLOW_MS / 1000):
            with suppress(RedisError, OSError):
                redis.client_pause(_SLOW_MS)


@contextmanager
def two_schedulers(running: Running, _name: str) -> Iterator[None]:
    """A second one ticks beside the first."""
    beside = running.folder.parent  # where there is room while the disk of the instance is full
    with (beside / "second-beat.log").open("ab") as log:
        schedule = beside / "second-beat.db"
        command = (sys.executable, "-m", *_BEAT, "--schedule", str(schedule))
        beat = subprocess.Popen(command, env=environment(running.known), cwd=running.folder, stdout=log, stderr=log)
    try:
        yield
    finally:
        beat.kill()
        beat.wait()


@contextmanager
def tasks_again(running: Running, seed: str) -> Iterator[None]:
    """What waits in the queues, and every wake-up there is, comes twice and in another order."""
    held = [pid for name in _WORKERS for pid in _pids(running, name)]
    _signal(held, signal.SIGSTOP)
    try:
        yield
        with suppress(RedisError, OperationalError, OSError):
            queues.wake_all_twice(running.known.broker_url(), random.Random(seed))  # noqa: S311 - a plan, no secret
    finally:
        _signal(held, signal.SIGCONT)


@contextmanager
def a_day_later(running: Running, _name: str) -> Iterator[None]:
    _advance(running, _DAY)
    yield


@contextmanager
def a_day_later_and_back(running: Running, _name: str) -> Iterator[None]:
    moved = _advance(running, _DAY)
    try:
        yield
    finally:
        if moved:
            running.clock.advance(-_DAY)


def _advance(running: Running, span: timedelta) -> bool:
    """Move the clock; not where there is no room to write its time down."""
    try:
        running.clock.advance(span)
    except OSError:
        return False
    return True


@contextmanager
def held_up(running: Running, name: str) -> Iterator[None]:
    """A lock that somebody holds, or a slow commit, keeps work waiting in the middle of it."""
    holding = ExitStack()
    with suppress(psycopg.Error):  # the database may be away by now
        holding.enter_context(HOLDINGS[name](running))
    try:
        yield
    finally:
        with suppress(psycopg.Error):
            holding.close()


@contextmanager
def disk_full(running: Running, _name: str) -> Iterator[None]:
    """Nothing more can be written to the object store."""
    with no_space(running.folder / "objects"):
        yield


@contextmanager
def no_disk_left(running: Running, _name: str) -> Iterator[None]:
    """Nothing more can be written anywhere: to the databases, the queues, the object store, the logs."""
    with ExitStack() as full:
        full.enter_context(no_space(running.folder / "objects"))
        if is_disk(running.folder):
            full.enter_context(no_space(running.folder))
        yield


@contextmanager
def supervisor_killed(running: Running, _name: str) -> Iterator[None]:
    """What it started stops by itself; an administrator starts it again."""
    running.kill_supervisor()
    running.start()
    yield


@contextmanager
def everything_killed(running: Running, queues_too: str) -> Iterator[None]:
    """All processes at one moment, perhaps with all that waited in the queues; then it is started again."""
    running.kill_everything()
    if queues_too:
        running.empty_broker()
    running.start()
    yield


HOLDINGS: Final[dict[str, Callable[[Running], AbstractContextManager[object]]]] = {
    "publishing": publishing_held,
    "writing": writing_held,
    "regeneration": regeneration_held,
    "commits": partial(slow_commits, offices=OFFICES[::2]),
}
HAPPENINGS: Final[dict[str, Happening]] = {
    happening.__name__: happening
    for happening in (
        killed,
        killed_with_children,
        restarted,
        frozen,
        unsupervised,
        queues_lost,
        slow_broker,
        two_schedulers,
        tasks_again,
        a_day_later,
        a_day_later_and_back,
        held_up,
        disk_full,
        no_disk_left,
        supervisor_killed,
        everything_killed,
    )
}


def _pids(running: Running, name: str) -> list[int]:
    """A process that leads a session, where it lives."""
    with _perhaps_gone():
        return [running.pid(name)]
    return []


def _signal(leaders: list[int], number: signal.Signals) -> None:
    for pid in leaders:
        with _perhaps_gone():
            os.killpg(pid, number)


def _perhaps_gone() -> suppress:
    return suppress(KeyError, ProcessLookupError)
