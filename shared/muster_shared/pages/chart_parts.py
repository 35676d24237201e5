"""What the charts of pages are put together from: bars' values, the scale, texts, the legend, the figure around it.

Widths are percents and heights pixels: a chart is as wide as its place, and its texts are as large on a phone as
anywhere. What has to turn or to grow with the chart stands in an inner ``svg``, whose place is in percents again.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from muster_shared.language import Language, noted

Number = Decimal | int
Written = Callable[[Number], str]
COLOURS: Final = 8
NARROW: Final = 320  # pixels of a chart on the narrowest screen (360) that has to be served
LETTER: Final = Decimal("6.8")  # pixels that a letter or digit of 12 px takes on average, and a bit
NOTHING: Final = noted("There is nothing to show.")
UNKNOWN: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Bar:
    """A name of a chart with its value for each series; one of None is not known. ``href`` is where it leads."""

    name: str
    values: tuple[Number | None, ...]
    href: str = ""

    def known(self) -> list[Number]:
        """The values that there are."""
        return [value for value in self.values if value is not None]


Rows = Sequence["Bar | tuple[str, Number | None]"]


def as_bars(rows: Rows) -> list[Bar]:
    """Rows as bars: a pair is a name and its only value."""
    return [row if isinstance(row, Bar) else Bar(row[0], (row[1],)) for row in rows]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where values lie between ``start`` and ``start + room``, in percents or pixels; zero is always in it."""

    low: Decimal
    unit: Decimal
    start: Decimal

    @classmethod
    def of(cls, ends: Iterable[Number], room: int, start: int = 0) -> Scale:
        """The scale whose room is just taken by these values."""
        held = [Decimal(), *(Decimal(end) for end in ends)]
        low, high = min(held), max(held)
        return cls(low, Decimal(room) / (high - low) if high > low else Decimal(), Decimal(start))

    def at(self, value: Number) -> Decimal:
        """Where a value lies."""
        return self.start + (Decimal(value) - self.low) * self.unit

    def span(self, one: Number, other: Number) -> tuple[Decimal, Decimal]:
        """(begin, length) of what lies between two values."""
        begin, end = sorted((self.at(one), self.at(other)))
        return begin, end - begin


def stacked_ends(bar: Bar) -> list[Number]:
    """How far the values of a name reach when they stand on each other, up and down."""
    up, down = (sum((Decimal(v) for v in bar.known() if (v > 0) is side), Decimal()) for side in (True, False))
    return [up, down]


def stacked_parts(bar: Bar) -> Iterator[tuple[int, Number, Decimal, Decimal]]:
    """(series, value, from, to) of each value that stands on those before it; none where there is nothing to see."""
    ends = {True: Decimal(), False: Decimal()}
    for series, value in enumerate(bar.values):
        if value:
            start = ends[value > 0]
            ends[value > 0] = start + Decimal(value)
            yield series, value, start, ends[value > 0]


def text(x: str, y: Decimal | int, content: str, *, kind: str = "", anchor: str = "", dx: int = 0) -> Markup:
    """A text of 12 px; ``x`` is a percent, ``y`` its base line."""
    shape = Markup('<text x="{}" y="{}"{}>{}</text>')
    more = Markup(' dx="{}"').format(dx) if dx else Markup("")
    more += Markup(' text-anchor="{}"').format(anchor) if anchor else ""
    more += Markup(' class="{}"').format(kind) if kind else ""
    return shape.format(x, short(y), more, content)


def name_lines(name: str, top: int) -> tuple[Markup, int]:
    """A name over its bar, in as many lines as it takes on a narrow screen, and where it ends."""
    drawn = Markup("")
    for line in textwrap.wrap(name, int(NARROW / LETTER)) or [""]:
        top += 16
        drawn += text("0", top - 4, line)
    return drawn, top


def rect(corner: tuple[str, str], size: tuple[str, str], series: int, hint: str) -> Markup:
    """A bar in its series' colour, from its (x, y) and (width, height); ``hint`` shows where a mouse rests."""
    shape = Markup('<rect x="{}" y="{}" width="{}" height="{}" class="s{}"><title>{}</title></rect>')
    return shape.format(*corner, *size, series % COLOURS, hint)


def hint(bar: Bar, series: Sequence[str], at: int, written: str) -> str:
    """What a bar stands for, e.g. ``Asia, received: 12``."""
    return f"{bar.name}, {series[at]}: {written}" if len(series) > 1 else f"{bar.name}: {written}"


def linked(href: str, drawn: Markup) -> Markup:
    """A part of a picture that leads somewhere."""
    return Markup('<a href="{}">{}</a>').format(href, drawn) if href else drawn


def percent(share: Decimal) -> str:
    """A length for an attribute, e.g. ``12.34%``."""
    return f"{short(share)}%"


def short(length: Decimal | int) -> str:
    """A length with as many digits as can be seen."""
    written = f"{Decimal(length):.2f}"
    return written.rstrip("0").rstrip(".")


def legend(series: Sequence[str]) -> Markup:
    """The names of the series with their colours, where there is more than one to tell apart."""
    if len(series) < 2:
        return Markup("")
    swatch = Markup('<svg aria-hidden="true"><rect width="100%" height="100%" class="s{}"/></svg>')
    item = Markup("<li>{} {}</li>")
    items = Markup("").join(item.format(swatch.format(at % COLOURS), name) for at, name in enumerate(series))
    return Markup('<ul class="legend">{}</ul>').format(items)


def figure(bars: Sequence[Bar], title: str, language: Language, series: Sequence[str], shape: Markup) -> Markup:
    """The figure around a picture: title, legend, picture; where there are no names, a sentence that says so."""
    nothing = Markup('<p class="empty">{}</p>').format(language.say(NOTHING))
    inner = legend(series) + shape if bars else nothing
    return Markup('<figure class="chart"><figcaption>{}</figcaption>{}</figure>').format(title, inner)


def picture(bars: Sequence[Bar], title: str, height: int, drawn: Markup) -> Markup:
    """The picture of so many pixels' height; one without links is a single image to a screen reader."""
    role = "group" if any(bar.href for bar in bars) else "img"
    shape = Markup(
        '<svg width="100%" height="{}" overflow="visible" direction="ltr" role="{}" aria-label="{}">{}</svg>'
    )
    return shape.format(height, role, title if role == "group" else _spoken(bars, title), drawn)


def _spoken(bars: Sequence[Bar], title: str) -> str:
    """What a screen reader says of an image: its title and what it is about; the figures are in the page's table."""
    return f"{title}: {', '.join(bar.name for bar in bars)}"
