"""What a soak found: whether anything grew or failed, the figures in words, and the picture."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import curves
from soak.gauges import Sample
from soak.traffic import Answered, Traffic

_MORE_MB, _MORE_TIMES = 15.0, 1.15
_MORE_FILES: Final = 12  # sockets of requests that are just being answered
_BUCKET: Final = 15.0
_WHATS: Final = ("page", "submission", "workbook", "workbook with mistakes")


def findings(samples: Sequence[Sample], answered: Sequence[Answered]) -> list[str]:
    """What is wrong: requests that failed, and what the last quarter holds more of than the second did."""
    failed = Counter((each.what, each.status) for each in answered if not each.is_fine)
    wrong = [f"{count} times {what} was answered with {status}" for (what, status), count in failed.items()]
    wrong += _growth(samples, "MB of memory", lambda sample: sample.memory, _MORE_MB, _MORE_TIMES)
    wrong += _growth(samples, "open files", lambda sample: sample.files, _MORE_FILES, 1)
    wrong += _growth(samples, "threads", lambda sample: sample.threads, _MORE_FILES, 1)
    return wrong + _growth(samples, "connections", lambda sample: sample.connections, _MORE_FILES, 1)


def _growth(
    samples: Sequence[Sample], what: str, read: Callable[[Sample], Mapping[str, float]], more: float, times: float
) -> list[str]:
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter], samples[3 * quarter :]
    found = []
    for name in sorted(read(samples[-1])):
        before = median(read(sample).get(name, 0) for sample in early)
        after = median(read(sample).get(name, 0) for sample in late)
        if after > before * times + more:
            found.append(f"{name}: {before:.0f} {what} in the second quarter, {after:.0f} in the last")
    return found


def summary(samples: Sequence[Sample], traffic: Traffic, rest: float, done: Mapping[str, int]) -> str:
    """The figures, a line for each kind of request and each process; ``done`` is the work they were for."""
    lines = [f"{len(traffic.answered)} requests, the latest {traffic.late:.1f} s late; at rest {rest:.1f} s afterwards"]
    for what in _WHATS:
        took = sorted(each.seconds for each in traffic.answered if each.what == what)
        if len(took) > 1:
            cuts = quantiles(took, n=100)
            told = f"median {1000 * cuts[49]:.0f} ms, p95 {1000 * cuts[94]:.0f} ms, p99 {1000 * cuts[98]:.0f} ms"
            lines.append(f"{what}: {len(took)}, {told}, longest {took[-1]:.1f} s")
    lines.append(", ".join(f"{count} {what}" for what, count in done.items()))
    first, last = samples[len(samples) // 4], samples[-1]
    lines += [_held(name, samples[0], first, last) for name in sorted(last.memory)]
    told = ", ".join(f"{name} {count}" for name, count in sorted(last.connections.items()))
    return "\n".join([*lines, f"connections: {told}; most tasks waiting {max(each.waiting for each in samples)}"])


def _held(name: str, start: Sample, first: Sample, last: Sample) -> str:
    memory = f"{first.memory.get(name, 0):.0f} -> {last.memory[name]:.0f} MB"
    took = f"{last.cpu.get(name, 0) - start.cpu.get(name, 0):.0f} s of CPU"
    files = f"{first.files.get(name, 0)} -> {last.files[name]} files"
    return f"{name}: {took}, {memory}, {files}, {last.threads[name]} threads"


def draw(path: Path, samples: Sequence[Sample], answered: Sequence[Answered]) -> None:
    """Throughput, waiting times, memory, and what is open, over the minutes."""
    buckets = {what: _buckets(answered, what, began=samples[0].at) for what in _WHATS}
    rates = {what: [(minute, len(took) / _BUCKET) for minute, took in told] for what, told in buckets.items()}
    waits = {what: [(minute, _p95(took)) for minute, took in told] for what, told in buckets.items()}
    panels = [
        curves.Panel("Requests a second", rates),
        curves.Panel("Time to the answer, 95 of 100 within", waits, y="s"),
        curves.Panel("Cores at work", _cores(samples)),
        curves.Panel("Memory of their own", _lines(samples, lambda sample: sample.memory), y="MB"),
        curves.Panel("Open files", _lines(samples, lambda sample: sample.files)),
        curves.Panel("Connections to databases", _lines(samples, lambda sample: sample.connections)),
        curves.Panel("Tasks waiting", _lines(samples, lambda sample: {"in all queues": sample.waiting}), x="minutes"),
    ]
    curves.draw(path, panels)


def _lines(
    samples: Sequence[Sample], read: Callable[[Sample], Mapping[str, float]]
) -> dict[str, list[tuple[float, float]]]:
    names = sorted({name for sample in samples for name in read(sample)})
    return {name: [((each.at - samples[0].at) / 60, read(each).get(name, 0)) for each in samples] for name in names}


def _cores(samples: Sequence[Sample]) -> dict[str, list[tuple[float, float]]]:
    """How many cores each process kept busy between two looks; one that was started anew counts from then."""
    lines: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for before, after in pairwise(samples):
        for name, total in after.cpu.items():
            used = max(0.0, total - before.cpu.get(name, total))
            lines[name].append(((after.at - samples[0].at) / 60, used / (after.at - before.at)))
    return dict(sorted(lines.items()))


def _p95(took: list[float]) -> float:
    return sorted(took)[int(0.95 * (len(took) - 1))]


def _buckets(answered: Sequence[Answered], what: str, *, began: float) -> list[tuple[float, list[float]]]:
    """The waiting times of a kind of request, by the minute of the middle of each quarter of a minute."""
    buckets: dict[int, list[float]] = defaultdict(list)
    for each in answered:
        if each.what == what:
            buckets[int((each.at - began) // _BUCKET)].append(each.seconds)
    return [((number + 0.5) * _BUCKET / 60, took) for number, took in sorted(buckets.items())]
