"""CPU time and peak memory of processes, medians of interleaved rounds, and the table they end in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from tree(int(child))


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, of those below it, and of those of them that have ended."""
    return sum(_cpu(each) for each in tree(pid))


def _cpu(pid: int) -> float:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended while we looked: its time is that of its parent now
        return 0.0
    return sum(int(ticks) for ticks in after_name[11:15]) / _TICKS


def peak_of(pid: int) -> int:
    """Peak resident memory in MB of a process, the most it had since it began."""
    return kb_of(pid, "VmHWM") // 1024


def kb_of(pid: int, what: str) -> int:
    """A line of what the system says of a process's memory, in kB; 0 where it says nothing, as of one that ended."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{what}:")), 0)


def own_cpu(work: Callable[[], object]) -> float:
    """CPU seconds that this process takes for some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def cpu_during(pid: int, work: Callable[[], object]) -> float:
    """CPU seconds that another process takes while it does some work for us."""
    began = cpu_of(pid)
    work()
    return cpu_of(pid) - began


@dataclass(slots=True)
class Compared:
    """One job beside its yardstick; ``limit`` is what their ratio must not exceed, or reach where ``least`` says so.

    Without a ``limit`` the ratio is told and nothing is asked of it. ``unit`` is that of the figures of both.
    """

    job: str
    yardstick: str
    limit: float | None
    unit: str = "s"
    least: bool = False
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def round(self, ours: float, theirs: float) -> None:
        self.ours.append(ours)
        self.theirs.append(theirs)

    @property
    def ratio(self) -> float:
        """Median of the rounds' own ratios: what disturbs one round disturbs both."""
        return median(ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))

    @property
    def holds(self) -> bool | None:
        """Whether the ratio is within its limit; None where it has none."""
        if self.limit is None:
            return None
        return self.ratio >= self.limit if self.least else self.ratio <= self.limit

    def row(self) -> tuple[str, ...]:
        """Job, yardstick, the figure of each, their ratio, its bound, and of how many rounds."""
        figures = (written(median(self.ours), self.unit), written(median(self.theirs), self.unit))
        bound = "" if self.limit is None else f"{'at least' if self.least else 'at most'} {self.limit:.3g}"
        return (self.job, self.yardstick, *figures, f"{self.ratio:.2f}", bound, str(len(self.ours)))


@dataclass(slots=True)
class Bounded:
    """A figure with its bound, which it must not exceed, or must reach where ``least`` says so."""

    what: str
    figure: float
    limit: float
    unit: str
    least: bool = False

    @property
    def ratio(self) -> float:
        return self.figure / self.limit

    @property
    def holds(self) -> bool | None:
        return self.ratio >= 1 if self.least else self.ratio <= 1

    def row(self) -> tuple[str, ...]:
        """As that of ``Compared``."""
        bound = f"{'at least' if self.least else 'at most'} {written(self.limit, self.unit)}"
        return (self.what, "", written(self.figure, self.unit), "", f"{self.ratio:.2f}", bound, "1")


def written(figure: float, unit: str) -> str:
    """A figure with three digits that count, and its unit."""
    digits = 0 if abs(figure) >= 100 else 1 if abs(figure) >= 10 else 2 if abs(figure) >= 1 else 3
    return f"{figure:,.{digits}f} {unit}".strip()


def held(result: Compared | Bounded) -> bool:
    """Whether nothing of it is broken."""
    return result.holds is not False
