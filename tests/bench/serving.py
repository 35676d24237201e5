"""Servers that a bench measures at: PostgreSQL and Valkey of its own, and Granian as ``muster up`` starts it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from muster_cli import parts
from muster_cli.instance import RUN_FOLDER
from muster_shared.auth import Caller, issue
from muster_shared.context import Context
from muster_shared.db import migrate
from muster_shared.embedded.ports import free_port
from muster_shared.embedded.postgres import Postgres
from muster_shared.embedded.processes import Launch, tail
from muster_shared.embedded.valkey import Valkey
from muster_shared.settings import SERVICES, Settings

_TESTS: Final = Path(__file__).parents[1]
_SECRET: Final = "a secret of the bench that is long enough"
_START_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Web:
    """A web process that answers, and where."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Servers:
    """A database for each service, a broker, and the settings that name them."""

    settings: Settings
    postgres: Postgres
    folder: Path

    def context(self, service: str) -> Context:
        """What a process of a service holds, in this process."""
        return Context.open(service, self.settings)

    def token(self, name: str) -> str:
        """An administrator's token; each name may send as many requests a minute as the settings let one."""
        return issue(self.settings, Caller(f"{name}@example.org", "admin"), lifetime=timedelta(hours=8))

    @contextmanager
    def web(self, service: str, *, processes: int = 1) -> Iterator[Web]:
        """A service's web process, as ``muster up`` starts it, or with more processes."""
        with self.serving(f"muster_{service}.wsgi:app", f"/{service}/healthz", processes=processes) as web:
            yield web

    @contextmanager
    def serving(self, app: str, path: str, *, processes: int = 1, **environ: str) -> Iterator[Web]:
        """Any application behind Granian with the options of ``muster up``; ``path`` answers once it is there."""
        port = free_port()
        launch = self._web_launch(port)
        options = list(launch.argv[:-1])
        options[options.index("--workers") + 1] = str(processes)
        told = {**launch.env, "PYTHONPATH": str(_TESTS), **environ}
        changed = replace(launch, name=app.partition(":")[0], argv=(*options, app), env=told)
        with self.running(changed) as pid:
            _wait_for(port, path, self.folder / f"{changed.name}.log")
            yield Web(port, pid)

    @contextmanager
    def worker(self, service: str, *, threads: int | None = None) -> Iterator[int]:
        """A service's worker, as ``muster up`` starts it, or with another number of threads; its pid."""
        launches = parts.services(self.settings, dict.fromkeys(SERVICES, 0)).stages[1]
        launch = launches[SERVICES.index(service)]
        argv = list(launch.argv)
        if threads is not None:
            argv[argv.index("--concurrency") + 1] = str(threads)
        with self.running(replace(launch, argv=tuple(argv))) as pid:
            yield pid

    @contextmanager
    def running(self, launch: Launch) -> Iterator[int]:
        """A process until the block ends; its pid."""
        popen = launch.spawn(self.folder / f"{launch.name}.log")
        try:
            yield popen.pid
        finally:
            popen.terminate()
            popen.wait(_START_SECONDS)

    def python(self, name: str, arguments: Sequence[str], **environ: str) -> Launch:
        """A module of the tests as a process with these settings."""
        told = {**parts.environment(self.settings), "PYTHONPATH": str(_TESTS), **environ}
        return Launch(name, (sys.executable, "-m", *arguments), told, self.folder)

    def _web_launch(self, port: int) -> Launch:
        return parts.services(self.settings, dict.fromkeys(SERVICES, port)).stages[0][0]


@contextmanager
def servers(folder: Path, **told: Any) -> Iterator[Servers]:
    """Servers in a folder, and the databases of all services, migrated; ``told`` are settings."""
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder / "postgres"))
        valkey = stack.enter_context(Valkey(folder / "valkey"))
        postgres.create_databases([f"muster_{name}" for name in SERVICES])
        urls: Any = {f"{name}_database_url": postgres.url(f"muster_{name}") for name in SERVICES}
        data = folder / "data"
        (data / RUN_FOLDER).mkdir(parents=True)
        given = Settings(data_dir=data, redis_url=valkey.url(), secret_key=_SECRET)
        for name in SERVICES:
            migrate(f"muster_{name}", urls[f"{name}_database_url"])
        yield Servers(replace(given, **urls, **told), postgres, folder)


def _wait_for(port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(port, path):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing answers at {path}:\n{tail(log)}")
        time.sleep(0.05)


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
