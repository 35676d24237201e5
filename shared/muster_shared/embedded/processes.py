"""A managed child process: started in its own session, logged, restarted with backoff, stopped cleanly.

Start children from the main thread: the signal that ends them when the supervisor is killed is tied to the
thread that made them (prctl(2), PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from muster_shared.embedded.leftovers import Record, identity

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 10 * 1024 * 1024
_FIRST_DELAY, _LONGEST_DELAY, _SETTLED_SECONDS = 0.2, 10.0, 30.0


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start one process. Secrets belong into ``env`` or a file, never into ``argv``, which all can read."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    before: Callable[[], None] | None = None

    def spawn(self, log_path: Path) -> subprocess.Popen[bytes]:
        """Start it once, output appended to the log, tied to the life of the calling thread."""
        if self.before:
            self.before()
        log_path.parent.mkdir(parents=True, exist_ok=True)
        rotate(log_path)
        with log_path.open("ab") as log:
            return subprocess.Popen(
                self.argv,
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(self.stop_signal),  # noqa: PLW1509 - one thread, no lock is held
                user=self.user,
                group=_group_of(self.user) if self.user else None,
                extra_groups=[] if self.user else None,
            )


class Backoff:
    """How long to wait before a restart: doubling, and short again after a long enough life."""

    def __init__(self) -> None:
        self._next = _FIRST_DELAY

    def after(self, lived: float) -> float:
        """Seconds to wait, given the seconds the process lived."""
        if lived >= _SETTLED_SECONDS:
            self._next = _FIRST_DELAY
        delay, self._next = self._next, min(self._next * 2, _LONGEST_DELAY)
        return delay


class Process:
    """One child that is kept running. Times are monotonic seconds, given by the caller."""

    def __init__(self, launch: Launch, *, log_folder: Path, run_folder: Path) -> None:
        self.launch = launch
        self.log_path = log_folder / f"{launch.name}.log"
        self.restarts = 0
        self._run_folder = run_folder
        self._popen: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._due: float | None = None
        self._backoff = Backoff()

    @property
    def name(self) -> str:
        """Name of the process, also of its log and record."""
        return self.launch.name

    @property
    def pid(self) -> int | None:
        """Pid of the living child."""
        return self._popen.pid if self._popen else None

    def start(self, now: float) -> None:
        """Start the child and record who it is."""
        self._popen = self.launch.spawn(self.log_path)
        self._started, self._due = now, None
        born = identity(self._popen.pid)
        if born:
            Record(self.name, self._popen.pid, born).write(self._run_folder)

    def tend(self, now: float) -> int | None:
        """Notice a death and restart when its time has come; return the exit code of a death just noticed."""
        if self._popen is None:
            if self._due is not None and now >= self._due:
                self._restart(now)
            return None
        code = self._popen.poll()
        if code is not None:
            self._bury()
            self._due = now + self._backoff.after(now - self._started)
        return code

    def poll(self) -> int | None:
        """Exit code of a child that ended and is not to be restarted; None while it runs."""
        code = self._popen.poll() if self._popen else None
        if code is not None:
            self._bury()
        return code

    def ask_to_stop(self) -> None:
        """Send the stop signal; no restart from now on."""
        self._due = None
        if self._popen and self._popen.poll() is None:
            self._popen.send_signal(self.launch.stop_signal)

    def wait_stopped(self, deadline: float) -> bool:
        """Wait until the monotonic deadline, then kill the whole group; was it an orderly stop?"""
        if self._popen is None:
            return True
        orderly = True
        try:
            self._popen.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            orderly = False
            self._kill_group()
            self._popen.wait()
        self._bury()
        return orderly

    def stop(self, seconds: float = 5.0) -> bool:
        """Stop the child: signal, wait, kill."""
        self.ask_to_stop()
        return self.wait_stopped(time.monotonic() + seconds)

    def _restart(self, now: float) -> None:
        self.restarts += 1
        try:
            self.start(now)
        except OSError:  # no memory, a full disk: the others go on, this one is tried again
            if self._popen is None:
                self._due = now + self._backoff.after(0.0)

    def _bury(self) -> None:
        self._kill_group()  # what a killed parent left in its group would hold the port
        self._popen = None
        (self._run_folder / f"{self.name}.json").unlink(missing_ok=True)

    def _kill_group(self) -> None:
        if self._popen:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)


def rotate(log_path: Path) -> None:
    """Move a log above ten megabytes aside, to ``NAME.log.1``."""
    if log_path.exists() and log_path.stat().st_size > _LOG_BYTES:
        log_path.replace(log_path.with_name(log_path.name + ".1"))


def tail(log_path: Path, lines: int = 15) -> str:
    """The last lines of a log, for a message about a failed start."""
    with suppress(OSError), log_path.open("rb") as log:
        log.seek(max(0, log_path.stat().st_size - 20_000))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
    return ""


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if platform.system() != "Linux":
        return None
    libc = ctypes.CDLL(None)  # loaded here: a child between fork and exec must not import or allocate much
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # the parent died before the call above
            os.kill(os.getpid(), number)

    return in_child


def _group_of(user: str) -> int:
    import pwd  # noqa: PLC0415 - not on every platform, and needed only as root

    return pwd.getpwnam(user).pw_gid
