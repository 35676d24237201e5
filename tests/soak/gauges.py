"""What an instance holds while it works: memory, files, threads and CPU of each process, connections, waiting tasks."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import psycopg
from redis import Redis, RedisError

from bench.measuring import cpu_of, kb_of, tree
from chaos.running import Running
from muster_cli import instance
from muster_shared.names import QUEUES

_EVERY: Final = 5.0
_OF_A_TABLE: Final = re.compile(r"/(base/\d+|global)/[\d_a-z.]+$")
_CONNECTIONS: Final = """
SELECT datname, count(*) FROM pg_stat_activity WHERE datname LIKE 'muster%' AND pid <> pg_backend_pid() GROUP BY 1
"""
_WORK: Final = {
    "submissions accepted": ("ingest", b"SELECT count(*) FROM submission WHERE status = 'accepted'"),
    "changes": ("ingest", b"SELECT last FROM change_log"),
    "issues made": ("report", b"SELECT count(*) FROM issue"),
    "mails sent": ("notify", b"SELECT count(*) FROM mail WHERE status = 'sent'"),
}


def work_done(running: Running) -> dict[str, int]:
    """How much of each sort of work an instance has done until now."""
    done = {}
    for what, (service, query) in _WORK.items():
        with running.database(service) as connection:
            [(count,)] = connection.execute(query)
        done[what] = int(count)
    return done


def _open_files(pid: int) -> Iterator[str]:
    """What a process has open, but for the files of tables, which PostgreSQL keeps open to find them faster."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed by now
            target = str(descriptor.readlink())
            if not _OF_A_TABLE.search(target):
                yield target


@dataclass(frozen=True, slots=True)
class Sample:
    """One look, ``at`` in seconds of the monotonic clock: of each process, with those below it, what it holds.

    ``memory`` is in MB, and only what nobody shares with it; ``cpu`` in seconds since the process began; ``files``
    without those of PostgreSQL's tables.
    """

    at: float
    memory: Mapping[str, float]
    cpu: Mapping[str, float]
    files: Mapping[str, int]
    threads: Mapping[str, int]
    connections: Mapping[str, int]
    waiting: int


class Gauges:
    """Looks every five seconds while the block runs."""

    def __init__(self, running: Running) -> None:
        self.samples: list[Sample] = []
        self._running = running
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(_EVERY):
            with suppress(psycopg.Error, RedisError):
                self.samples.append(self._sample())

    def _sample(self) -> Sample:
        memory, files, threads = Counter[str](), Counter[str](), Counter[str]()
        cpu: dict[str, float] = {}
        for name, leader in instance.pids(self._running.folder).items():
            with suppress(FileNotFoundError, ProcessLookupError):
                cpu[name] = cpu_of(leader)
            for pid in tree(leader):
                with suppress(FileNotFoundError, ProcessLookupError):
                    memory[name] += kb_of(pid, "RssAnon")  # that nobody shares with it: what a leak is made of
                    files[name] += sum(1 for _ in _open_files(pid))
                    threads[name] += len(list(Path(f"/proc/{pid}/task").iterdir()))
        in_mb = {name: kb / 1024 for name, kb in memory.items()}
        return Sample(time.monotonic(), in_mb, cpu, files, threads, self._connections(), self._waiting())

    def _connections(self) -> Mapping[str, int]:
        with self._running.database("ingest") as connection:
            return {str(name): int(count) for name, count in connection.execute(_CONNECTIONS)}

    def _waiting(self) -> int:
        with Redis.from_url(self._running.known.broker_url(), socket_timeout=2) as redis:
            return sum(cast("int", redis.llen(queue)) for queue in QUEUES)
