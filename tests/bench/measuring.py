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
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in after_name[11:15]) / _TICKS


def peak_of(pid: int) -> int:
    """Peak resident memory in MB of a process, the most it had since it began."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


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
    """One job beside its yardstick; ``limit`` is what their ratio must not exceed."""

    job: str
    yardstick: str
    limit: float
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def round(self, ours: float, theirs: float) -> None:
        self.ours.append(ours)
        self.theirs.append(theirs)

    @property
    def ratio(self) -> float:
        """Median of the rounds' own ratios: what disturbs one round disturbs both."""
        return median(ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))

    def row(self) -> tuple[str, ...]:
        figures = (f"{median(self.ours):.2f} s", f"{median(self.theirs):.2f} s", f"{self.ratio:.2f}", f"{self.limit:g}")
        return (self.job, self.yardstick, *figures)


@dataclass(slots=True)
class Bounded:
    """A figure with its bound."""

    what: str
    figure: float
    limit: float
    unit: str

    @property
    def ratio(self) -> float:
        return self.figure / self.limit

    def row(self) -> tuple[str, ...]:
        figure = f"{self.figure:.0f} {self.unit}"
        return (self.what, "", figure, "", f"{self.ratio:.2f}", f"{self.limit:g} {self.unit}")


def held(result: Compared | Bounded) -> bool:
    return result.ratio <= (result.limit if isinstance(result, Compared) else 1)
