"""What the embedded servers have in common: a folder, a port, one process, and a way to ask whether it is ready."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from muster_shared.embedded.ports import free_port
from muster_shared.embedded.processes import Launch, tail

_PASSED_ON = ("PATH", "TMPDIR", "SYSTEMROOT")


class StartError(Exception):
    """A server or process did not start; the message says which and shows the end of its log."""


class Server(ABC):
    """One embedded server on loopback. As a context manager it runs by itself: ``with Valkey(folder) as server``."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    host: ClassVar[str] = "127.0.0.1"

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder.absolute()
        self.port = port or free_port()
        self._popen: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Make folder, secrets and configuration; safe to repeat."""

    @abstractmethod
    def ready(self) -> bool:
        """Does it answer now?"""

    @abstractmethod
    def argv(self) -> tuple[str, ...]:
        """The command, without secrets."""

    def environment(self) -> Mapping[str, str]:
        """What the server's process sees: little, and a locale that exists everywhere."""
        return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"LC_ALL": "C"}

    def launch(self) -> Launch:
        """How a supervisor starts it; ``prepare`` first."""
        return Launch(self.name, self.argv(), self.environment(), self.folder, self.stop_signal)

    def start(self) -> subprocess.Popen[bytes]:
        """Prepare and start it, its log beside the folder; ``ready`` tells when it answers."""
        self.prepare()
        self._popen = self.launch().spawn(self._log_path())
        return self._popen

    def wait_ready(self, seconds: float = 30.0) -> None:
        """Wait until it answers.

        Raises:
            StartError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while not self.ready():
            ended = self._popen is not None and self._popen.poll() is not None
            if ended or time.monotonic() > deadline:
                raise StartError(f"{self.name} did not start:\n{tail(self._log_path())}")
            time.sleep(0.03)

    def stop(self, seconds: float = 10.0) -> None:
        """Stop what ``start`` started; killed when it takes longer."""
        if self._popen is None:
            return
        if self._popen.poll() is None:
            self._popen.send_signal(self.stop_signal)
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._popen = None

    def _log_path(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.log"

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
