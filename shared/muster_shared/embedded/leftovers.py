"""Telling one's own processes from strangers, and ending those a killed supervisor left behind.

A process is known by its pid **and** its start time and boot: a pid alone may since belong to anybody.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from muster_shared.embedded.atomic_file import write_private

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
# fields of /proc/PID/stat, counted after the command's closing bracket; see proc(5)
_STATE, _SESSION, _START = 0, 3, 19
_GRACE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Record:
    """What is written about each child so that the next start knows it again."""

    name: str
    pid: int
    identity: str

    def write(self, run_folder: Path) -> None:
        """Keep the record as ``NAME.json``."""
        write_private(run_folder / f"{self.name}.json", json.dumps(asdict(self)))

    def alive(self) -> bool:
        """Does the very process still live?"""
        return identity(self.pid) == self.identity


def identity(pid: int) -> str | None:
    """Boot and start time of a living process; None where there is none (a zombie is none)."""
    if platform.system() == "Linux":
        stat = _stat(pid)
        alive = stat is not None and stat[_STATE] != "Z"
        return f"{_BOOT.read_text().strip()} {stat[_START]}" if stat and alive else None
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None


def records(run_folder: Path) -> list[Record]:
    """Every readable record in a run folder, by name; a torn or foreign file is none."""
    found = []
    for path in sorted(run_folder.glob("*.json")):
        with suppress(OSError, ValueError, TypeError):
            found.append(Record(**json.loads(path.read_text(encoding="utf-8"))))
    return found


def end_leftovers(run_folder: Path, data_dir: Path) -> list[str]:
    """End what an earlier, killed supervisor of this data folder started; return the names of what was ended.

    Ended are recorded processes of the same pid and start time, and members of their sessions whose environment
    names this data folder (a web process whose parent died first).
    """
    known = records(run_folder)
    leaders = [record for record in known if record.alive()]
    members = list(_session_members({record.pid for record in known}, data_dir))
    end_all([record.pid for record in leaders] + members)
    for record in known:
        (run_folder / f"{record.name}.json").unlink(missing_ok=True)
    return [record.name for record in leaders] + [f"process {pid}" for pid in members]


def end_all(pids: Iterable[int], *, first: signal.Signals = signal.SIGINT, grace: float = _GRACE_SECONDS) -> None:
    """Ask processes to stop, wait, kill what is left.

    SIGINT is what all our servers stop at in order: PostgreSQL would wait for its clients at SIGTERM.
    """
    waiting = {pid: born for pid in pids if (born := identity(pid))}
    for number, seconds in ((first, grace), (signal.SIGKILL, _GRACE_SECONDS)):
        for pid in waiting:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        waiting = _still_alive(waiting, seconds)


def processes_in(folder: Path) -> list[int]:
    """Pids whose working folder is this one: PostgreSQL's processes, each of which has a session of its own."""
    return [pid for pid in _pids() if _link(pid, "cwd") == str(folder) and identity(pid)]


def _still_alive(waiting: dict[int, str], seconds: float) -> dict[int, str]:
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        waiting = {pid: born for pid, born in waiting.items() if identity(pid) == born}
        time.sleep(0.02 if waiting else 0)
    return waiting


def _session_members(sessions: set[int], data_dir: Path) -> Iterator[int]:
    mark = b"MUSTER_DATA_DIR=" + os.fsencode(data_dir)
    for pid in _pids():
        stat = _stat(pid)
        if stat and int(stat[_SESSION]) in sessions and pid not in sessions and mark in _environment(pid):
            yield pid


def _pids() -> Iterator[int]:
    if _PROC.is_dir():
        yield from (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal())


def _stat(pid: int) -> list[str] | None:
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return None


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _link(pid: int, name: str) -> str:
    try:
        return str((_PROC / str(pid) / name).readlink())
    except OSError:
        return ""
