"""Warm, killable child processes that read and mark workbooks."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from muster_ingest.workbooks.reading.frames import (
    LENGTH,
    LONGEST_FRAME,
    Frame,
    Opened,
    frame_of,
    framed,
    opened_of,
    refusal_of,
    unframed,
)
from muster_ingest.workbooks.reading.limits import LIMITS, Limits
from muster_ingest.workbooks.reading.refused import BUSY, OVER_LIMIT, UNREADABLE, Refused

_ROOT = Path(__file__).parents[3]
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from muster_ingest.workbooks.reading.child import main; main()"
_PIPE_PIECE = 1024 * 1024


class ChildGone(Exception):
    """The child ended, or went silent, in the middle of a job."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


class Child:
    """One process, one job at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT, str(_ROOT)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, cwd="/", bufsize=0
        )
        self._held = bytearray()
        self.is_reusable = False  # its last job came to an end, and it may take another
        self.send(asdict(limits))

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def send(self, document: object) -> None:
        """Say something.

        Raises:
            ChildGone: nobody listens.
        """
        content = memoryview(framed(document))
        try:
            while content:
                content = content[os.write(self._stdin(), content) :]
        except OSError as error:
            raise self._gone() from error

    def receive(self) -> Any:
        """The next document.

        Raises:
            ChildGone: there is none, or none in time.
        """
        deadline = time.monotonic() + self._limits.wait_seconds
        length = LENGTH.unpack(self._take(LENGTH.size, deadline))[0]
        if length > LONGEST_FRAME:
            raise self._gone()
        return unframed(self._take(length, deadline))

    def end(self) -> None:
        """End the process and wait for it."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def _stdin(self) -> int:
        assert self._process.stdin  # noqa: S101 - it was started with one
        return self._process.stdin.fileno()

    def _take(self, length: int, deadline: float) -> bytes:
        assert self._process.stdout  # noqa: S101 - it was started with one
        source = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(source, select.POLLIN)
        while len(self._held) < length:
            waited = poll.poll(max(0.0, deadline - time.monotonic()) * 1_000)
            piece = os.read(source, _PIPE_PIECE) if waited else b""
            if not piece:
                raise self._gone()
            self._held += piece
        taken = bytes(self._held[:length])
        del self._held[:length]
        return taken

    def _gone(self) -> ChildGone:
        """How it ended by itself (a moment is given to a process that closed its pipes), or that it had to be ended."""
        try:
            code: int | None = self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            code = None
        self.end()
        return ChildGone(code)


class Reading:
    """One file being read: what the guard found, then its rows."""

    def __init__(self, child: Child, opened: Opened) -> None:
        self._child = child
        self.opened = opened
        self._last: dict[str, Any] | None = None  # the child's closing word, once it was said
        self._begun = False

    @property
    def pid(self) -> int:
        """The id of the process that reads."""
        return self._child.pid

    def frames(self) -> Iterator[Frame]:
        """Begin of a sheet, batches of rows, end of the sheet, and so on; once.

        Raises:
            Refused: what was read so far is not to be used.
        """
        if self._begun:
            raise RuntimeError("a file is read once")
        self._begun = True
        try:
            yield from self._received()
        except ChildGone as gone:
            raise _ended(gone) from gone

    def _received(self) -> Iterator[Frame]:
        self._child.send({"frames": True})
        while True:
            document = self._child.receive()
            if isinstance(document, dict) and "done" in document:
                self._last = document
                _raise_refusal(document)
                return
            yield frame_of(document)

    def leave(self) -> dict[str, Any] | None:
        """The child's closing word; None where it is in the middle of something."""
        if not self._begun:
            self._begun = True
            self._child.send({"frames": False})
            self._last = self._child.receive()
        return self._last


class Readers:
    """Warm, killable child processes that read and mark workbooks; a pool for one service process (threads share it).

    ``most`` files are read at once; further callers wait. ``peak_bytes`` is the most memory any child has told of.
    """

    def __init__(self, *, most: int = 2, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.peak_bytes = 0
        self._most = most
        self._forget()

    def _forget(self) -> None:
        self._owner = os.getpid()
        self._free = threading.BoundedSemaphore(self._most)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        weakref.finalize(self, _end_all, self._idle, self._owner)

    @contextmanager
    def read(self, path: Path, *, name: str = "") -> Iterator[Reading]:
        """Open a file behind the guard; ``name`` is what its owner calls it.

        Raises:
            Refused: the guard refuses it, or no reader was free in time (503).
        """
        with self._child() as child:
            child.send({"do": "read", "path": str(path.absolute()), "name": name})
            first = child.receive()
            if "done" in first:
                self._give_back(child, first)
                _raise_refusal(first)
            reading = Reading(child, opened_of(first["opened"]))
            try:
                yield reading
            except Refused:
                self._take_back(child, reading)
                raise
            self._take_back(child, reading)

    def annotate(self, path: Path, marks: Sequence[Mapping[str, Any]], out: Path, *, language: str = "en") -> None:
        """Write a copy of a workbook with marks on its wrong cells, behind the guard.

        Raises:
            Refused: the guard refuses it, or no reader was free in time (503).
        """
        job = {"do": "annotate", "path": str(path.absolute()), "out": str(out.absolute()), "language": language}
        with self._child() as child:
            child.send({**job, "marks": [dict(mark) for mark in marks]})
            last = child.receive()
            self._give_back(child, last)
            _raise_refusal(last)

    def close(self) -> None:
        """End all idle children."""
        with self._lock:
            _end_all(self._idle, os.getpid())

    @contextmanager
    def _child(self) -> Iterator[Child]:
        """A child for one job, ended unless it was given back."""
        if self._owner != os.getpid():  # a fork: the children are the other process's
            self._forget()
        if not self._free.acquire(timeout=self.limits.queue_seconds):
            message = "other files are being read: try again in a minute"
            raise Refused(BUSY, "busy", message)
        child = None
        try:
            child = self._taken()
            child.is_reusable = False
            yield child
        except ChildGone as gone:
            raise _ended(gone) from gone
        finally:
            self._put_away(child)
            self._free.release()

    def _taken(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive():
                    return child
                child.end()
        return Child(self.limits)

    def _take_back(self, child: Child, reading: Reading) -> None:
        if (last := reading.leave()) is not None:
            self._give_back(child, last)

    def _give_back(self, child: Child, last: dict[str, Any]) -> None:
        self.peak_bytes = max(self.peak_bytes, last["done"]["peak"])
        child.is_reusable = not last["done"]["retire"]

    def _put_away(self, child: Child | None) -> None:
        if child and child.is_reusable:
            with self._lock:
                self._idle.append(child)
        elif child:
            child.end()


def _end_all(idle: list[Child], owner: int) -> None:
    """End children, unless they are another process's: this one may be its fork."""
    while idle and os.getpid() == owner:
        idle.pop().end()


def _raise_refusal(last: dict[str, Any]) -> None:
    if last["refused"]:
        raise refusal_of(last["refused"])


def _ended(gone: ChildGone) -> Refused:
    if gone.code is None or gone.code == -signal.SIGXCPU:
        message = "reading this file takes too long: copy its values into a new workbook, or split it into several"
        return Refused(OVER_LIMIT, "takes_too_long", message)
    return Refused(UNREADABLE, "unreadable", "this file cannot be read: open it in Excel and save it again as .xlsx")
