"""Pictures of what was measured: lines over time or size, one panel under the other, as a PNG for the docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")  # no screen
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

Points = Sequence[tuple[float, float]]
_WIDTH, _PANEL_HEIGHT, _DPI = 9.0, 2.4, 110
_ROOM_FOR_MARKS, _APART = 58, 0.022  # points above the axes, and share of their width


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes: ``lines`` by their names; ``marks`` are moments on the x axis with what happened then."""

    title: str
    lines: Mapping[str, Points]
    x: str = ""
    y: str = ""
    logarithmic: bool = False
    marks: Sequence[tuple[float, str]] = field(default_factory=tuple)


def draw(path: Path, panels: Sequence[Panel], *, title: str = "") -> None:
    """Write the picture; the same figures give the same bytes."""
    height = sum(_PANEL_HEIGHT + (_ROOM_FOR_MARKS / 72 if panel.marks else 0) for panel in panels)
    figure, axes = plt.subplots(len(panels), 1, figsize=(_WIDTH, height), squeeze=False)
    for panel, axis in zip(panels, axes[:, 0], strict=True):
        _panel(axis, panel)
    if title:
        figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    plt.close(figure)


def _panel(axis: Axes, panel: Panel) -> None:
    for name, points in panel.lines.items():
        axis.plot([x for x, _ in points], [y for _, y in points], label=name, linewidth=1.2, marker=_marker(points))
    _mark(axis, panel.marks)
    axis.set(xlabel=panel.x, ylabel=panel.y)
    axis.set_title(panel.title, pad=6 if not panel.marks else _ROOM_FOR_MARKS)
    if panel.logarithmic:
        axis.set(xscale="log", yscale="log")
    else:
        axis.set_ylim(bottom=0)
    axis.grid(visible=True, alpha=0.3)
    if len(panel.lines) > 1:
        axis.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))


def _mark(axis: Axes, marks: Sequence[tuple[float, str]]) -> None:
    """Dashed lines; what happened stands slanting above the axes, each word apart from the one before."""
    apart = _APART * (axis.get_xlim()[1] - axis.get_xlim()[0])
    place = float("-inf")
    for moment, what in sorted(marks):
        axis.axvline(moment, color="0.6", linewidth=0.8, linestyle="--")
        place = max(moment, place + apart)
        axis.annotate(
            what,
            (moment, 1),
            xytext=(place, 1.03),
            xycoords=("data", "axes fraction"),
            textcoords=("data", "axes fraction"),
            rotation=40,
            rotation_mode="anchor",
            fontsize=7,
        )


def _marker(points: Points) -> str:
    return "o" if len(points) < 12 else ""
