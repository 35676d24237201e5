"""The endorsement workflow as a picture, drawn from the table that drives it. Pure: the same table, the same bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import Final

from markupsafe import Markup

from muster_ingest.kinds.project import STATUSES
from muster_ingest.workflow import Step, Workflow

_WIDE, _HIGH, _GAP_X, _GAP_Y, _EDGE = 116, 40, 92, 86, 24
_IN_BOX: Final = 15  # letters
_STYLE: Final = """
svg { font: 13px system-ui, sans-serif }
rect { fill: #e8f0f8; stroke: #1f4e79; stroke-width: 1.5 }
rect.last { fill: #f1f1f1; stroke: #555 }
path { fill: none; stroke: #1f4e79; stroke-width: 1.5 }
text { fill: #10263b; text-anchor: middle }
text.step { font-size: 11px }
@media (prefers-color-scheme: dark) {
  rect { fill: #173049; stroke: #8ab8e6 } rect.last { fill: #2b2b2b; stroke: #aaa } path { stroke: #8ab8e6 }
  text { fill: #e6eef5 } #tip { fill: #8ab8e6 }
}
"""


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a status stands, in pixels: its upper left corner."""

    left: int
    top: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.left + _WIDE // 2, self.top + _HIGH // 2


@dataclass(frozen=True, slots=True)
class Words:
    """What a map says: its title, itself in words, statuses and steps by their names; ``here`` is the status marked."""

    title: str
    told: str
    status: Callable[[str], str]
    step: Callable[[str], str]
    here: str | None = None


def svg(workflow: Workflow) -> str:
    """The statuses as boxes, the way from the first to the last in a line, and each step with who takes it."""
    words = Words("How a project is endorsed", in_words(workflow), str, _short)
    tip = ' style="fill: #1f4e79; stroke: none"'
    return _drawn(workflow, words, ' xmlns="http://www.w3.org/2000/svg"', f"\n<style>{_STYLE}</style>", tip)


def on_page(workflow: Workflow, words: Words) -> Markup:
    """The same for a page, whose style sheet colours it."""
    return Markup(_drawn(workflow, words, ' class="workflow"', "", ""))  # noqa: S704 - every text in it is escaped


def _drawn(workflow: Workflow, words: Words, attributes: str, style: str, tip: str) -> str:
    places = _places(workflow)
    wide = max(box.left for box in places.values()) + _WIDE + _EDGE
    high = max(box.top for box in places.values()) + _HIGH + _EDGE
    parts = [
        f'<svg{attributes} viewBox="0 0 {wide} {high}" role="img" aria-labelledby="map-title map-text">',
        f'<title id="map-title">{escape(words.title)}</title>',
        f'<desc id="map-text">{escape(words.told)}</desc>{style}',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path id="tip" d="M0 0 8 4 0 8z"{tip}/></marker></defs>',
        *_arrows(workflow, places, words),
        *_boxes(workflow, places, words),
        "</svg>\n",
    ]
    return "\n".join(parts)


def in_words(workflow: Workflow) -> str:
    """The same as sentences."""
    return " ".join(f"From {step.from_} to {step.to}: {step.name}, by {_who(step)}." for step in workflow.steps)


def _who(step: Step) -> str:
    return " or ".join(role.replace("_", " ") for role in step.who)


def _places(workflow: Workflow) -> Mapping[str, _Box]:
    """The longest way in a line; below it what comes back to it, lowest what ends anywhere."""
    line = _longest_way(workflow)
    places = {status: _Box(_EDGE + i * (_WIDE + _GAP_X), _EDGE) for i, status in enumerate(line)}
    others = [status for status in STATUSES if status not in places]
    returning = [status for status in others if workflow.out_of(status)]
    for depth, group in enumerate((returning, [s for s in others if s not in returning]), start=1):
        for status in group:
            into = {places[step.from_].left for step in workflow.steps if step.to == status and step.from_ in places}
            left = sorted(into)[len(into) // 2] if into else _EDGE
            places[status] = _Box(left, _EDGE + depth * (_HIGH + _GAP_Y))
    return places


def _longest_way(workflow: Workflow) -> Sequence[str]:
    """The longest way through the statuses that goes on in their order only."""
    order = {status: number for number, status in enumerate(STATUSES)}
    best: dict[str, list[str]] = defaultdict(list)
    for status in reversed(STATUSES):
        onward = (best[step.to] for step in workflow.out_of(status) if order[step.to] > order[status])
        best[status] = [status, *max(onward, key=len, default=[])]
    return best[STATUSES[0]]


def _boxes(workflow: Workflow, places: Mapping[str, _Box], words: Words) -> Iterator[str]:
    for status, box in places.items():
        x, y = box.middle
        here = ' class="here"' if status == words.here else ""
        last = here or ("" if workflow.out_of(status) else ' class="last"')
        yield f'<rect x="{box.left}" y="{box.top}" width="{_WIDE}" height="{_HIGH}" rx="6"{last}/>'
        yield f'<text x="{x}" y="{y + 5}"{here}>{_in_box(words.status(status), x)}</text>'


def _in_box(name: str, x: int) -> str:
    """A name, on two lines where it is too long for one."""
    if len(name) <= _IN_BOX:
        return escape(name)
    first, *others = wrap(name, _IN_BOX)
    return f'<tspan dy="-8">{escape(first)}</tspan><tspan x="{x}" dy="16">{escape(" ".join(others))}</tspan>'


def _arrows(workflow: Workflow, places: Mapping[str, _Box], words: Words) -> Iterator[str]:
    neighbours = set(pairwise(_longest_way(workflow)))
    for step in workflow.steps:
        start, end = places[step.from_], places[step.to]
        if (step.from_, step.to) in neighbours:
            yield from _along(words.step(step.name), start, end)
        else:
            yield _across(start, end)


def _along(name: str, start: _Box, end: _Box) -> Iterator[str]:
    y = start.middle[1]
    yield f'<path d="M{start.left + _WIDE} {y}H{end.left - 2}" marker-end="url(#arrow)"/>'
    x = (start.left + _WIDE + end.left) // 2
    yield f'<text class="step" x="{x}" y="{y - 8}">{escape(name)}</text>'


def _across(start: _Box, end: _Box) -> str:
    """Down to a lower row or back up; the ways down and up between the same boxes stand side by side."""
    down = end.top > start.top
    shift = 14 if down else -14
    x1, x2 = start.middle[0] + shift, end.middle[0] + shift
    y1, y2 = (start.top + _HIGH, end.top - 2) if down else (start.top, end.top + _HIGH + 2)
    middle = (y1 + y2) // 2
    return f'<path d="M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}" marker-end="url(#arrow)"/>'


def _short(name: str) -> str:
    return name.split(" ", 1)[0]
