"""Making a workbook of many rows in a process of its own.

It takes seconds of nothing but computing, in which no other thread of a service would come to its turn, and memory
that a process keeps once it had it. The process holds what it takes to make a workbook and no more; it ends with its
work, or with the process that asked for it.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from uuid import UUID

from sqlalchemy.orm import Session

from muster_report import history
from muster_report.look import Look
from muster_report.made_file import MadeFile
from muster_report.making import Made, make
from muster_report.models import Issue
from muster_report.reports import Report, catalogue
from muster_shared import logs
from muster_shared.db import Patience, engine_for
from muster_shared.garbage import collect_less_often

if TYPE_CHECKING:  # the process that makes a workbook has no use for the rest of a service
    from muster_shared.context import Context

MANY: Final = 20_000
_COMMAND: Final = (sys.executable, "-c", "from muster_report.making_apart import main; main()")
_at_work: Final = threading.BoundedSemaphore(2)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """What to make, of which database, and the number of the open file that the workbook goes into."""

    url: str
    patience: Patience
    log: tuple[str, str]
    file: int
    report: str
    params: Mapping[str, str]
    position: int
    base: UUID | None
    against: Sequence[UUID]
    look: Look | None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was made but for the workbook itself, its SHA-256 and size, and the most memory that it took, in MB."""

    made: Mapping[str, Any]
    sha256: str
    size: int
    peak: int


@dataclass(frozen=True, slots=True)
class _Failed:
    """What was raised, and the lines in which it was."""

    error: Exception
    where: str


class ProcessEnded(Exception):
    """The process that was making a workbook ended without an answer: it was killed, or could not begin."""


def made(
    context: Context,
    session: Session,
    report: Report,
    params: Mapping[str, str],
    position: int,
    *,
    base: Issue | None,
    against: Sequence[UUID] = (),
    look: Look | None = None,
) -> Made:
    """The same as ``making.make``, in a process of its own where the report tells of ``MANY`` records or more.

    No more than two are at work at a time for one process; who comes then waits.

    Raises:
        ProcessEnded: that process was killed, or could not begin.
    """
    if not report.streamed or history.count_held(session, report.streamed, position) < MANY:
        return make(session, report, params, position, base, against=against, look=look)
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed with what it is part of
    with ExitStack() as unless_made:
        unless_made.callback(file.close)
        job = _Job(
            url=context.settings.database_url(context.service),
            patience=Patience.of_workers(context.settings),
            log=(f"{context.service}-making", context.settings.log_level),
            file=file.fileno(),
            report=report.key,
            params=dict(params),
            position=position,
            base=base.issue_id if base else None,
            against=tuple(against),
            look=look,
        )
        answer = _answered(job)
        unless_made.pop_all()
    content = MadeFile(file, answer.sha256, answer.size)
    weakref.finalize(content, file.close)
    _log.info("workbook made apart", extra={"report": report.key, "size": answer.size, "peak_mb": answer.peak})
    return Made(content=content, **answer.made)


def _answered(job: _Job) -> _Answer:
    with _at_work, _alive() as alive:
        told = pickle.dumps((alive, job))
        done = subprocess.run(_COMMAND, input=told, stdout=subprocess.PIPE, pass_fds=[job.file, alive], check=False)
    if done.returncode or not done.stdout:
        raise ProcessEnded(f"exit code {done.returncode}")
    answer: _Answer | _Failed = pickle.loads(done.stdout)  # noqa: S301 - from our own process
    if isinstance(answer, _Failed):
        answer.error.add_note(f"raised in the process that made the workbook:\n{answer.where}")
        raise answer.error
    return answer


@contextmanager
def _alive() -> Iterator[int]:
    """The number of a pipe that ends with the block, or with this process: nothing is ever written into it."""
    end, held = os.pipe()
    try:
        yield end
    finally:
        os.close(end)
        os.close(held)


def main() -> None:
    """Do the job that standard input tells of, and tell on standard output what came of it."""
    alive, job = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    threading.Thread(target=_end_with_who_asked, args=[alive], daemon=True).start()
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # lines of the log do not belong among answers
        logs.configure(*job.log)
        collect_less_often()
        try:
            answer: _Answer | _Failed = _made(job)
        except Exception as error:  # noqa: BLE001 - whoever asked is to hear of it, whatever it is
            answer = _Failed(_portable(error), "".join(traceback.format_exception(error)))
        answers.write(pickle.dumps(answer))


def _end_with_who_asked(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)


def _made(job: _Job) -> _Answer:
    engine, report = engine_for(job.url, job.patience), catalogue()[job.report]
    with Session(engine) as session, os.fdopen(job.file, "w+b") as file:
        base = session.get_one(Issue, job.base) if job.base else None
        made = make(session, report, job.params, job.position, base, against=job.against, look=job.look, into=file)
        told = {name: getattr(made, name) for name in Made.__slots__ if name != "content"}
        return _Answer(told, made.content.sha256, made.content.size, _peak())


def _peak() -> int:
    """The most memory that this process took so far, in MB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM:")), 0)


def _portable(error: Exception) -> Exception:
    """An error that can be handed on, as itself where it can."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - made on this line
    except Exception:  # noqa: BLE001 - any error of any class may come here, and each fails in its own way
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
