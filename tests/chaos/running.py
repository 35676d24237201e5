"""A real instance whose processes are killed; only pids that its own data folder records are ever signalled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from chaos.reached import Reached
from muster_cli import instance
from muster_cli.up import Background, background
from muster_shared.clock import Clock
from muster_shared.settings import Settings, load


class Running(Reached):
    """One data folder and the instance on it."""

    def __init__(self, told: Settings) -> None:
        self.folder = told.data_dir
        self._told = told
        self._stack = ExitStack()
        self._up: Background | None = None

    def start(self) -> float:
        """Start it; the seconds until it was ready."""
        began = time.monotonic()
        self._up = self._stack.enter_context(background(self._told, environ=self._environ()))
        return time.monotonic() - began

    def stop(self) -> None:
        self.release_supervisor()  # one that is held still would not hear that it is to stop
        self._stack.close()
        self._up = None

    @property
    def mail_folder(self) -> Path:
        """Where mails arrive: beside the data folder at a mail server of the test's own, else at the instance's."""
        return self.folder.parent / "mail" if self._told.smtp_url else self.folder / instance.MAIL_FOLDER

    @property
    def address(self) -> str:
        assert self._up, "it is not running"
        return self._up.address

    @property
    def known(self) -> Settings:
        """The settings of its processes."""
        return load({"MUSTER_DATA_DIR": str(self.folder)})

    @property
    def clock(self) -> Clock:
        return Clock.of(self.known)

    def pid(self, name: str) -> int:
        return instance.pids(self.folder)[name]

    def kill(self, name: str) -> int:
        """End a process as the system does when memory is out; what it started is left behind. Its pid."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_with_children(self, name: str) -> int:
        """End a process and those of its session."""
        pid = self.pid(name)
        os.killpg(pid, signal.SIGKILL)
        return pid

    def kill_child(self, name: str) -> int:
        """End what a process started, not itself; the pid of that process."""
        pid = self.pid(name)
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        children = [int(child) for child, parent in map(str.split, listed.splitlines()) if int(parent) == pid]
        assert children, f"{name} has no child"
        for child in children:
            os.kill(child, signal.SIGKILL)
        return pid

    def kill_everything(self) -> None:
        """As if the machine's processes all went at one moment: the supervisor is held still meanwhile."""
        self.hold_supervisor()
        for pid in instance.pids(self.folder).values():
            os.killpg(pid, signal.SIGKILL)
        self.kill_supervisor()

    def kill_supervisor(self) -> None:
        """End what keeps the others running: they stop by themselves; ``start`` is needed then."""
        assert self._up, "it is not running"
        os.kill(self._up.pid, signal.SIGKILL)
        self.stop()

    def hold_supervisor(self) -> None:
        """Nothing that dies from now on is started again."""
        assert self._up, "it is not running"
        os.kill(self._up.pid, signal.SIGSTOP)

    def release_supervisor(self) -> None:
        """It starts again what has died meanwhile; nothing where it is not running."""
        if self._up:
            os.kill(self._up.pid, signal.SIGCONT)

    def followers_held(self) -> AbstractContextManager[None]:
        """Report and notify stand still: nobody reads what is written meanwhile."""
        return self.held("report-worker", "notify-worker")

    @contextmanager
    def held(self, *names: str) -> Iterator[None]:
        """Processes that stand still for a time."""
        held = [self.pid(name) for name in names]
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in held:
                os.kill(pid, signal.SIGCONT)

    def empty_broker(self) -> None:
        """Lose all that waits in a queue, with the file it was kept in."""
        shutil.rmtree(self.folder / "valkey")

    def wait_for_new(self, name: str, old: int, seconds: float = 60) -> None:
        """Until another process has taken a killed one's place."""
        eventually(lambda: instance.pids(self.folder).get(name, old) != old, f"{name} is started again", seconds)

    def _environ(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
        return inherited | {"MUSTER_SMTP_URL": self._told.smtp_url}  # given, not found out by an earlier start


def eventually(condition: Callable[[], object], what: str, seconds: float = 30, *, pause: float = 0.05) -> float:
    """Wait for what other processes do, looking every ``pause`` seconds; the seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, f"not within {seconds} s: {what}"
        time.sleep(pause)
    return time.monotonic() - began
