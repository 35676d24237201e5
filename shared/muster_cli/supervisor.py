"""The supervisor: starts every part of an instance in order, restarts what dies, stops all in reverse order."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import requests

from muster_cli import instance, log_keeping
from muster_cli.parts import Parts, ServiceParts, ServicePlan, assemble, services, written_settings
from muster_shared.clock import Clock, real_now
from muster_shared.embedded.leftovers import end_leftovers
from muster_shared.embedded.privileges import UnreachableError
from muster_shared.embedded.processes import Launch, Process, tail
from muster_shared.embedded.server import StartError
from muster_shared.settings import Settings, SettingsError

DONE, WRONG_USE, NOT_REACHABLE = 0, 2, 3
_TICK_SECONDS = 0.05
_READY_SECONDS = 60.0
_HOUR_SECONDS = 3600.0
_TOO_MANY_RESTARTS = 3
# seconds for the stages of a stop, first the origin, last PostgreSQL; 15 in all
_STOP_ORIGIN, _STOP_SERVICES, _STOP_SERVERS = 3.5, 6.0, 5.5

Say = Callable[[str], None]


class _Stopped(Exception):
    """A signal asked to stop while the instance was starting."""


def run(
    settings: Settings,
    *,
    on_ready: Callable[[str], None] | None = None,
    environ: Mapping[str, str] | None = None,
    plan: ServicePlan = services,
    say: Say = print,
) -> int:
    """Run the instance of the settings' data folder until SIGINT or SIGTERM; call it in the main thread.

    Returns:
        Exit code: 0 stopped in order, 2 the folder or port cannot be had (one line on
        standard error says so), 3 a part did not start.
    """
    told = os.environ if environ is None else environ
    try:
        with instance.locked(settings.data_dir):
            parts = assemble_free(settings, told)
            Supervisor(parts, plan=plan, say=say).serve(on_ready)
    except (instance.AlreadyRunningError, SettingsError, UnreachableError, OSError) as error:
        print(f"muster: {error}", file=sys.stderr, flush=True)
        return WRONG_USE
    except StartError as error:
        print(f"muster: {error}", file=sys.stderr, flush=True)
        return NOT_REACHABLE
    return DONE


def assemble_free(settings: Settings, environ: Mapping[str, str]) -> Parts:
    """End what a killed supervisor left, which would hold the ports, then choose servers and ports."""
    run_folder = settings.data_dir / instance.RUN_FOLDER
    run_folder.mkdir(mode=0o700, exist_ok=True)
    end_leftovers(run_folder, settings.data_dir)
    return assemble(settings, environ, instance.read(settings.data_dir).get("ports", {}))


class Supervisor:
    """The running parts of one instance, in stages; a later stage needs the earlier ones."""

    def __init__(self, parts: Parts, *, plan: ServicePlan = services, say: Say = print) -> None:
        self._parts = parts
        self._plan = plan
        self._say = say
        self._data_dir: Path = parts.settings.data_dir
        self._stages: list[list[Process]] = []
        self._stopping = False
        self._logs_due = 0.0

    def serve(self, on_ready: Callable[[str], None] | None) -> None:
        """Start everything, say when it is ready, keep it running until a signal, stop everything.

        Raises:
            StartError: a part did not start; everything is stopped again.
        """
        with self._signals():
            try:
                self._start()
                if on_ready:
                    on_ready(self._parts.settings.base_url())
                while not self._stopping:
                    self._tend()
                    self._keep_logs(time.monotonic())
                    time.sleep(_TICK_SECONDS)
            except _Stopped:
                pass
            finally:
                self._stop()

    def _start(self) -> None:
        self._write(ready=False)
        Clock.of(self._parts.settings).begin()
        self._start_servers()
        started = self._plan(self._parts.settings, self._parts.ports)
        self._migrate(started.migrations)
        for stage in started.stages:
            self._start_stage(stage)
        self._start_origin(started)
        self._write(ready=True)

    def _start_servers(self) -> None:
        for server in self._parts.servers:
            server.prepare()
        self._start_stage([server.launch() for server in self._parts.servers])
        for server in self._parts.servers:
            self._wait(server.ready, server.name)
        if self._parts.postgres:
            self._parts.postgres.create_databases(self._parts.databases)

    def _start_origin(self, started: ServiceParts) -> None:
        origin = self._parts.origin
        origin.prepare()
        self._start_stage([origin.launch()])
        self._wait(origin.ready, origin.name)
        for path in started.ready_paths:
            self._wait(lambda path=path: _answers(origin.address + path), path.split("/")[1])  # type: ignore[misc]

    def _start_stage(self, launches: Sequence[Launch]) -> None:
        stage: list[Process] = []
        self._stages.append(stage)
        for launch in launches:
            process = self._process(launch)
            stage.append(process)
            process.start(time.monotonic())

    def _migrate(self, launches: Sequence[Launch]) -> None:
        """Run every migration at once, each to its end."""
        running = {launch.name: self._process(launch) for launch in launches}
        self._stages.append(list(running.values()))
        for process in running.values():
            process.start(time.monotonic())
        deadline = time.monotonic() + _READY_SECONDS
        while running:
            for name, process in list(running.items()):
                code = process.poll()
                if code == 0:
                    del running[name]
                elif code is not None or time.monotonic() > deadline:
                    raise StartError(f"{name} failed, see {process.log_path}:\n{tail(process.log_path)}")
            self._pause()
        self._stages.pop()

    def _process(self, launch: Launch) -> Process:
        return Process(
            launch,
            log_folder=self._data_dir / instance.LOG_FOLDER,
            run_folder=self._data_dir / instance.RUN_FOLDER,
        )

    def _wait(self, ready: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not ready():
            self._pause()
            self._tend()
            failing = [process for process in self._all() if process.restarts >= _TOO_MANY_RESTARTS]
            if failing or time.monotonic() > deadline:
                raise StartError(self._not_ready(name, failing))

    def _not_ready(self, name: str, failing: Sequence[Process]) -> str:
        suspects = failing or [process for process in self._all() if process.name.startswith(name)]
        tails = "\n".join(f"end of {process.log_path}:\n{tail(process.log_path)}" for process in suspects)
        return f"{name} did not become ready\n{tails}"

    def _tend(self) -> None:
        for process in self._all():
            code = process.tend(time.monotonic())
            if code is not None:
                self._say(f"{process.name} ended ({_how(code)}); it is started again, see {process.log_path}")

    def _keep_logs(self, now: float) -> None:
        """Once an hour, see whether a day is over; ``now`` is monotonic."""
        if now >= self._logs_due:
            self._logs_due = now + _HOUR_SECONDS
            folder, days = self._data_dir / instance.LOG_FOLDER, self._parts.settings.keep_logs_days
            log_keeping.keep(folder, today=real_now().date(), days=days)

    def _all(self) -> list[Process]:
        return [process for stage in self._stages for process in stage]

    def _pause(self) -> None:
        if self._stopping:
            raise _Stopped
        time.sleep(_TICK_SECONDS)

    def _stop(self) -> None:
        """Stop the origin, then what serves and works, then the servers, then PostgreSQL."""
        servers, *rest = self._stages or [[]]
        origins = [process for stage in rest for process in stage if process.name == self._parts.origin.name]
        serving = [process for stage in rest for process in stage if process not in origins]
        _stop_together(origins, _STOP_ORIGIN)
        _stop_together(serving, _STOP_SERVICES)
        _stop_together(servers, _STOP_SERVERS)
        self._write(ready=False)

    def _write(self, *, ready: bool) -> None:
        parts = self._parts
        instance.write(
            self._data_dir,
            settings=written_settings(parts.settings),
            ports=parts.ports,
            address=parts.settings.base_url(),
            ready=ready,
        )

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def ask(_number: int, _frame: FrameType | None) -> None:
            self._stopping = True

        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, ask) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _stop_together(processes: Sequence[Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for process in processes:
        process.ask_to_stop()
    for process in processes:
        process.wait_stopped(deadline)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
