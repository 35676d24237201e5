"""Folders on small disks of their own, which can be full: the object store, and the whole data folder around it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_ROOM_MB: Final = 2048  # of which only what is in it takes memory
_TRIES: Final = 20
_NAME: Final = re.compile(r"[0-9a-f]{64}")


def mount(folder: Path) -> bool:
    """Put a small disk where a folder will be; False where that is not permitted."""
    folder.mkdir(mode=0o700, parents=True)
    return _try("mount", "-t", "tmpfs", "-o", f"size={_ROOM_MB}m,mode=0700", "tmpfs", str(folder))


def is_disk(folder: Path) -> bool:
    """Is it one of its own?"""
    return os.path.ismount(folder)


def unmount(folder: Path, *, keep: bool = False) -> None:
    """Take it away again; its files stay in the folder where they are to be kept."""
    if not is_disk(folder):
        return
    kept = folder.with_name(f"{folder.name}.kept")
    if keep:
        _try("cp", "-a", str(folder), str(kept))
    _try("umount", str(folder))
    if keep:
        folder.rmdir()
        kept.rename(folder)


@contextmanager
def no_space(folder: Path) -> Iterator[None]:
    """Nothing more fits: by a limit where it is a disk of its own, else a file stands where the folder should."""
    if is_disk(folder):
        with _shrunk(folder):
            yield
    else:
        with _in_the_way(folder):
            yield


@contextmanager
def _shrunk(folder: Path) -> Iterator[None]:
    assert any(_shrink(folder) for _ in range(_TRIES)), f"{folder} is written to all the time"
    try:
        yield
    finally:
        _try("mount", "-o", f"remount,size={_ROOM_MB}m", str(folder))


def _shrink(folder: Path) -> bool:
    """Leave no room beside what is there; False where something was written meanwhile."""
    used = os.statvfs(folder)
    pages = max(used.f_blocks - used.f_bfree, 1)
    return _try("mount", "-o", f"remount,size={pages * used.f_frsize}", str(folder))


@contextmanager
def _in_the_way(folder: Path) -> Iterator[None]:
    kept = folder.rename(folder.with_name(f"{folder.name}.kept"))
    folder.write_text("a file where a folder should be")
    try:
        yield
    finally:
        folder.unlink()
        kept.rename(folder)


def objects_are_whole(folder: Path) -> int:
    """Every object holds what its name says; how many files are left of writes that did not end.

    Raises:
        AssertionError: an object is half-written.
    """
    files = [path for path in folder.rglob("*") if path.is_file()]
    named = [path for path in files if _NAME.fullmatch(path.name)]
    torn = [str(path) for path in named if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]
    assert not torn, f"half-written objects: {torn}"
    return len(files) - len(named)


def _try(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
