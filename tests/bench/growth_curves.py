"""What an operation costs at each size of the portfolio, and the exponent with which that grows.

Each operation is measured in a process of its own, forked from one that is small, so that memory of one does not count
for another. Time is CPU time, its own and that of the database server: a busy machine changes it little.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import psycopg

from bench.measuring import cpu_of, peak_of
from muster_shared.settings import Settings

Meant = Literal["flat", "linear"]
FLAT, LINEAR = 0.15, 1.1
"""What exponents are at most, of what is meant to be flat and of everything else."""
_LONG_ENOUGH: Final = 0.3
_OFTEN: Final = 12
_NOT_AGAIN: Final = 15.0  # seconds: what takes longer is measured as it was, with what a first time costs more


Act = Callable[[], object]


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Doing:
    """What is measured, and what has to be done before it can be done again, which is not."""

    act: Act
    again: Act = _nothing


@dataclass(frozen=True, slots=True)
class World:
    """The three services over a portfolio of a size: their databases on one server, and a mail server."""

    projects: int
    facts: int
    server: int
    smtp: str
    settings: Mapping[str, Settings]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something Muster does; ``prepare`` gives what is measured, which may be done again and again.

    ``meant``: whether it may grow with the portfolio, or touches one slice of it only.
    """

    service: str
    name: str
    meant: Meant
    prepare: Callable[[World], Act | Doing]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of one time, and the peak of memory in MB above that of a process that has only begun."""

    seconds: float
    memory: float


@dataclass(slots=True)
class Curve:
    """Costs of an operation by number of projects."""

    operation: Operation
    costs: dict[int, Cost] = field(default_factory=dict)

    @property
    def exponent(self) -> float:
        """Of time, over the last step: what is fixed, or costs little at small sizes, hides less there."""
        return slope({size: cost.seconds for size, cost in self.costs.items()})

    @property
    def memory_exponent(self) -> float:
        """Of memory, over the last step."""
        return slope({size: max(cost.memory, 1.0) for size, cost in self.costs.items()})

    @property
    def holds(self) -> bool:
        """Whether it grows no faster than it may."""
        return self.exponent <= (FLAT if self.operation.meant == "flat" else LINEAR)


def slope(figures: Mapping[int, float]) -> float:
    """The exponent between the two largest sizes; 0 where there is only one."""
    sizes = sorted(figures)[-2:]
    if len(sizes) < 2:
        return 0.0
    return math.log(figures[sizes[1]] / figures[sizes[0]]) / math.log(sizes[1] / sizes[0])


def cost_of(operation: Operation, world: World) -> Cost:
    """What an operation costs once, in a process of its own.

    Raises:
        RuntimeError: it failed there; the message is the traceback.
    """
    forked = multiprocessing.get_context("fork")
    here, there = forked.Pipe()
    child = forked.Process(target=_measure, args=(operation, world, there))
    child.start()
    there.close()
    try:
        answer: Any = here.recv()
    except EOFError:
        answer = f"the process of '{operation.name}' ended without a word"
    child.join()
    if isinstance(answer, Cost):
        return answer
    raise RuntimeError(answer)


def _measure(operation: Operation, world: World, told: Any) -> None:
    try:
        before = _resident()
        prepared = operation.prepare(world)
        doing = prepared if isinstance(prepared, Doing) else Doing(prepared)
        _settle(world.settings[operation.service], operation.service)
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        seconds = _seconds(doing, world.server)
        told.send(Cost(seconds, float(max(peak_of(os.getpid()) - before, 0))))
    except BaseException:  # noqa: BLE001 - whatever it is, the parent tells it
        told.send(traceback.format_exc())
    finally:
        told.close()
        os._exit(0)


def _settle(settings: Settings, service: str) -> None:
    """Have the server write what earlier work left to be written: its time would count for what comes now."""
    url = str(getattr(settings, f"{service}_database_url")).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _seconds(doing: Doing, server: int) -> float:
    """CPU seconds of one time: the first counts only where it took so long that a second is not worth the wait."""
    first = _spent(doing, 1, server)
    if first > _NOT_AGAIN:
        return first
    second = _spent(doing, 1, server)
    times = min(int(_LONG_ENOUGH / max(second, 0.001)), _OFTEN)
    return _spent(doing, times, server) if times > 1 else second


def _spent(doing: Doing, times: int, server: int) -> float:
    spent = 0.0
    for _ in range(times):
        began = cpu_of(os.getpid()) + cpu_of(server)
        doing.act()
        spent += cpu_of(os.getpid()) + cpu_of(server) - began
        doing.again()
    return spent / times


def _resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def worst(curves: Sequence[Curve]) -> list[Curve]:
    """Those that grow faster than they may, the worst first."""
    return sorted((curve for curve in curves if not curve.holds), key=lambda curve: -curve.exponent)
