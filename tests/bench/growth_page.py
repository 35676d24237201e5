"""The table and the picture of the growth curves, in ``docs/``."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich.table import Table

from bench.growth_curves import FLAT, LINEAR, Curve

DOCS: Final = Path(__file__).parents[2] / "docs"
BEGINS: Final = "<!-- figures: begin, written by bench.growth -->"
ENDS: Final = "<!-- figures: end -->"
_SERVICES: Final = ("ingest", "report", "notify")
_COLOURS: Final = {"flat": "#1b6e9c", "linear": "#8a8a8a"}
_WRONG: Final = "#c0392b"


def table(found: Sequence[Curve]) -> Table:
    """A line for each operation, as it is printed."""
    head, lines = _head(found), _lines(found)
    made = Table(*head)
    for line in lines:
        made.add_row(*line)
    return made


def write(found: Sequence[Curve]) -> None:
    """Put the table between its marks in ``docs/growth.md``, and draw the picture beside it."""
    page = DOCS / "growth.md"
    above, _, rest = page.read_text(encoding="utf-8").partition(BEGINS)
    below = rest.partition(ENDS)[2]
    told = "\n".join(_told(found))
    page.write_text(f"{above}{BEGINS}\n\n{told}\n\n{ENDS}{below}", encoding="utf-8")
    picture(found).savefig(DOCS / "pictures" / "growth.png", dpi=110, metadata={"Software": None})


def _told(found: Sequence[Curve]) -> Iterator[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"
    yield f"Measured on {datetime.now(UTC):%d %B %Y}: {machine}."
    yield ""
    head = _head(found)
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---' if at < _WORDS else '---:' for at in range(len(head)))}|"
    for line in _lines(found):
        yield f"| {' | '.join(line)} |"


_WORDS: Final = 3  # columns of words; those behind them are of figures


def _head(found: Sequence[Curve]) -> list[str]:
    sizes = [f"{size:,}" for size in _sizes(found)]
    return ["service", "operation", "meant", *sizes, "exponent", "MB", "holds"]


def _lines(found: Sequence[Curve]) -> Iterator[list[str]]:
    for curve in found:
        costs = [curve.costs.get(size) for size in _sizes(found)]
        told = [_spoken(cost.seconds) if cost else "" for cost in costs]
        memory = " → ".join(f"{cost.memory:,.0f}" for cost in costs if cost)
        named = [curve.operation.service, curve.operation.name, curve.operation.meant]
        judged = [f"{curve.exponent:.2f}", memory, "yes" if curve.holds else "NO"]
        yield [*named, *told, *(judged if len(curve.costs) > 1 else ["", memory, ""])]


def _sizes(found: Sequence[Curve]) -> list[int]:
    return sorted({size for curve in found for size in curve.costs})


def _spoken(seconds: float) -> str:
    return f"{seconds:,.1f} s" if seconds >= 1 else f"{1000 * seconds:,.1f} ms"


def picture(found: Sequence[Curve]) -> Figure:
    """Time by number of projects for each service, both logarithmic: what is linear is a diagonal."""
    figure = Figure(figsize=(13, 5.6), layout="constrained")
    FigureCanvasAgg(figure)
    every = figure.subplots(1, len(_SERVICES), sharey=True)
    for axes, service in zip(every, _SERVICES, strict=True):
        _draw(axes, service, [curve for curve in found if curve.operation.service == service])
    every[0].set_ylabel("CPU seconds, with the database's")
    figure.suptitle("Growth of one operation with the portfolio; 50 facts to each project")
    return figure


def _draw(axes: Axes, service: str, curves: Sequence[Curve]) -> None:
    for curve in curves:
        sizes = sorted(curve.costs)
        colour = _COLOURS[curve.operation.meant] if curve.holds else _WRONG
        seconds = [curve.costs[size].seconds for size in sizes]
        axes.loglog(sizes, seconds, color=colour, marker="o", markersize=3, linewidth=1.2)
    for meant, colour in _COLOURS.items():
        bound = FLAT if meant == "flat" else LINEAR
        axes.plot([], [], color=colour, label=f"{meant}: exponent up to {bound:g}")
    axes.plot([], [], color=_WRONG, label="grows faster")
    axes.set_title(service)
    axes.set_xlabel("projects")
    axes.grid(visible=True, which="major", color="#e5e5e5")
    axes.legend(fontsize=8, frameon=False)
