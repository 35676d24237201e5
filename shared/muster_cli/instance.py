"""An instance: the data folder of one ``muster up``, its lock, its file, and what is known from outside.

``instance.json`` (mode 0600, it holds passwords) is what ``settings.load`` completes the environment with, so that
every command works on the instance of its data folder, also while that is stopped or restarting.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster_shared.embedded.atomic_file import write_private
from muster_shared.embedded.leftovers import records
from muster_shared.settings import INSTANCE_FILE

LOCK_FILE = "lock"
RUN_FOLDER = "run"
LOG_FOLDER = "logs"
MAIL_FOLDER = "mail"
_LOCK_TRIES = 10


class AlreadyRunningError(Exception):
    """Another process holds the data folder; the message is one line with folder, pid and address."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known about an instance from outside; ``processes`` maps each living process's name to its pid."""

    running: bool
    ready: bool
    pid: int | None
    address: str | None
    processes: Mapping[str, int]


def status(data_dir: Path) -> Status:
    """Is an instance running in this data folder, and which processes live?"""
    written, holder = read(data_dir), _holder(data_dir)
    return Status(
        running=holder is not None,
        ready=bool(written.get("ready")) and written.get("pid") == holder,
        pid=holder,
        address=written.get("address"),
        processes=pids(data_dir),
    )


def pids(data_dir: Path) -> dict[str, int]:
    """Name and pid of every living process of the instance, the supervisor not among them."""
    return {record.name: record.pid for record in records(data_dir / RUN_FOLDER) if record.alive()}


def read(data_dir: Path) -> dict[str, Any]:
    """What was written last about the instance; empty where there is none."""
    try:
        return dict(json.loads((data_dir / INSTANCE_FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}


def write(data_dir: Path, *, settings: Mapping[str, str], ports: Mapping[str, int], address: str, ready: bool) -> None:
    """Say where this process's instance is; ``settings`` maps field names of ``Settings`` to texts."""
    content = {
        "settings": dict(settings),
        "ports": dict(ports),
        "address": address,
        "pid": os.getpid(),
        "ready": ready,
    }
    write_private(data_dir / INSTANCE_FILE, json.dumps(content, indent=1))


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the data folder; the system lets go of it when the process ends in whatever way.

    Raises:
        AlreadyRunningError: another process holds it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _lock(descriptor):
            raise AlreadyRunningError(_already_running(data_dir, descriptor))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    for _ in range(_LOCK_TRIES):  # a passing `status` may hold it for an instant
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def _holder(data_dir: Path) -> int | None:
    """Pid of the supervisor that holds the data folder."""
    try:
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(_written_pid(descriptor) or 0)
    else:
        return None
    finally:
        os.close(descriptor)


def _written_pid(descriptor: int) -> str:
    return os.pread(descriptor, 20, 0).decode(errors="replace").strip()


def _already_running(data_dir: Path, descriptor: int) -> str:
    pid, written = _written_pid(descriptor), read(data_dir)
    starting = str(written.get("pid")) != pid
    where = "still starting" if starting else f"at {written.get('address')}"
    return f"Muster already runs in {data_dir}: process {pid}, {where}"
