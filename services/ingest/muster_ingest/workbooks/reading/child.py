"""The process in which files are opened: small, bounded by the kernel, spoken to by frames, ended at any time.

Nothing but the standard library and this room is imported here, so that it starts fast and stays small.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import traceback
from collections.abc import Iterator
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO

from muster_ingest.workbooks.reading.csv_rows import open_csv, read_csv
from muster_ingest.workbooks.reading.detect import form_of
from muster_ingest.workbooks.reading.frames import (
    LENGTH,
    Frame,
    Opened,
    SheetBegins,
    SheetEnds,
    framed,
    of_frame,
    of_opened,
    of_refusal,
    unframed,
)
from muster_ingest.workbooks.reading.guard import Counted, count
from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.package import Package
from muster_ingest.workbooks.reading.parts import Workbook, read_workbook
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, UNREADABLE, Refused
from muster_ingest.workbooks.reading.sheet import SheetRows, Spent, batched
from muster_ingest.workbooks.reading.strings import read_strings
from muster_ingest.workbooks.reading.typed import CellTypes


def main() -> None:
    """Do one job after another until there are no more (the parent is gone, or wants it so)."""
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not land among the frames
    gc.disable()  # rows are made and dropped by the million, and hold no cycles
    gc.freeze()
    try:
        limits = Limits(**_receive(jobs))
        _bound_memory(limits)
        while job := _receive(jobs):
            if _Job(job, limits, jobs, answers).run():
                return
    except (BrokenPipeError, EOFError):
        return


def _receive(jobs: BinaryIO) -> Any:
    head = jobs.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    return unframed(jobs.read(LENGTH.unpack(head)[0]))


def _bound_memory(limits: Limits) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_cpu(seconds: float) -> None:
    """Let the kernel end this process (SIGXCPU) when it has used so many more seconds of CPU time."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(usage.ru_utime + usage.ru_stime + seconds), hard))


def peak_memory() -> int:
    """Bytes of memory this process has had at most."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


class _Job:
    """One file: guarded, then read or marked."""

    def __init__(self, job: dict[str, Any], limits: Limits, jobs: BinaryIO, answers: BinaryIO) -> None:
        self._job, self._limits, self._jobs, self._answers = job, limits, jobs, answers

    def run(self) -> bool:
        """Do it; true when this process has to be replaced."""
        _allow_cpu(self._limits.cpu_seconds)
        refused, spoilt = None, False
        try:
            self._annotate() if self._job["do"] == "annotate" else self._read()
        except Refused as error:
            refused = error
        except MemoryError:
            refused, spoilt = _needs_too_much(), True
        except (BrokenPipeError, EOFError):
            raise
        except Exception:  # noqa: BLE001 - a defect of ours must end one job, with its trace in the log
            traceback.print_exc()
            refused, spoilt = Refused(UNREADABLE, "unreadable", "this file cannot be read: save it again"), True
        gc.collect()
        return self._done(refused, spoilt=spoilt)

    def _done(self, refused: Refused | None, *, spoilt: bool) -> bool:
        peak = peak_memory()
        retire = spoilt or peak > self._limits.retire_bytes
        self._send({"done": {"peak": peak, "retire": retire}, "refused": refused and of_refusal(refused)})
        return retire

    def _send(self, document: object) -> None:
        self._answers.write(framed(document))
        self._answers.flush()

    def _read(self) -> None:
        path, name = Path(self._job["path"]), self._job["name"]
        if form_of(path, name, self._limits) == "csv":
            self._read_csv(path, name)
        else:
            self._read_workbook(path)

    def _is_wanted(self, opened: Opened, expanded: int) -> bool:
        self._send({"opened": of_opened(opened)})
        wanted: bool = _receive(self._jobs)["frames"]
        _allow_cpu(self._limits.cpu_budget(expanded))
        return wanted

    def _read_csv(self, path: Path, name: str) -> None:
        opened = open_csv(path, name, self._limits)
        if self._is_wanted(opened, path.stat().st_size):
            sheet, state = opened.sheets[0]
            self._frame(SheetBegins(sheet, 0, state))
            spent = Spent(self._limits.text_budget(path.stat().st_size))
            for rows in batched(read_csv(path, opened.delimiter or ",", self._limits), spent):
                self._frame(rows)
            self._frame(SheetEnds((), 0, 0, date_1904=False))

    def _read_workbook(self, path: Path) -> None:
        with Package(path, self._limits) as package:
            counted = count(package, self._limits)
            workbook = read_workbook(package, self._limits)
            if self._is_wanted(_opened(workbook, counted), _expanded(counted)):
                for frame in workbook_frames(package, workbook, self._limits, _expanded(counted)):
                    self._frame(frame)

    def _frame(self, frame: Frame) -> None:
        self._send(of_frame(frame))

    def _annotate(self) -> None:
        path = Path(self._job["path"])
        if form_of(path, "", self._limits) == "csv":
            raise Refused(UNREADABLE, "not_a_workbook", "a CSV file cannot carry marks: send a workbook (.xlsx)")
        with Package(path, self._limits) as package:
            counted = count(package, self._limits)
            read_workbook(package, self._limits)
        _allow_cpu(self._limits.cpu_budget(_expanded(counted)))
        from muster_ingest.workbooks.marking.annotate import annotate  # noqa: PLC0415 - readers that never mark stay smaller

        annotate(path, self._job["marks"], Path(self._job["out"]), self._job["language"])


def workbook_frames(
    package: Package, workbook: Workbook, limits: Limits, expanded: int, *, plainly: bool = True
) -> Iterator[Frame]:
    """All sheets of a guarded workbook of so many bytes inflated; ``plainly=False`` keeps to the strict lane.

    Raises:
        Refused: on the way, where a sheet is damaged or over a limit.
    """
    strings = read_strings(package, workbook.strings, limits, plainly=plainly)
    longest = limits.text_characters
    types = CellTypes(workbook.styles.kinds, strings, date_1904=workbook.date_1904, longest=longest)
    spent = Spent(limits.text_budget(expanded))
    for index, sheet in enumerate(workbook.sheets):
        yield SheetBegins(sheet.name, index, sheet.state)
        reading = SheetRows(sheet.name, sheet.entry.name, types, limits, spent, plainly=plainly)
        rows = chain.from_iterable(reading.rows(package.pieces(sheet.entry)))
        yield from batched(rows, spent)
        reading.close()
        yield reading.ends()


def _opened(workbook: Workbook, counted: dict[str, Counted]) -> Opened:
    rows = sum(counted[sheet.entry.name.lower()].rows for sheet in workbook.sheets)
    sheets = tuple((sheet.name, sheet.state) for sheet in workbook.sheets)
    return Opened("xlsx", workbook.properties, sheets, rows, None)


def _expanded(counted: dict[str, Counted]) -> int:
    return sum(part.expanded for part in counted.values())


def _needs_too_much() -> Refused:
    message = "reading this file needs more memory than one file may take: split it into several"
    return Refused(OVER_LIMIT, "needs_too_much_memory", message)
