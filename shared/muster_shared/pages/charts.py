"""Charts of pages: figures with an SVG picture made on the server, coloured by the style sheet (classes s0 to s7).

Nothing in them is a style or a script, every text is escaped, and texts are 12 px on any screen. A chart stands beside
the table of its figures; where a row has an address, its bar leads there.

    bars([("Asia", 12), ("Europe", 7)], title="Projects", language=language)
    columns([Bar("2016", (5, 3), "?year=2016")], title=..., language=language, series=("Required", "Received"))

Each takes ``rows`` (``Bar`` or pairs of a name and a number), the ``title``, the reader's ``language``, the names of
the ``series`` in the order of each bar's values, and ``written``, which turns a number into text (as the language
writes numbers if not given; ``language.short_number`` for large ones). Titles, names and series are given in the
reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from muster_shared.language import Language
from muster_shared.pages.chart_parts import (
    COLOURS,
    LETTER,
    NARROW,
    UNKNOWN,
    Bar,
    Number,
    Rows,
    Scale,
    Written,
    as_bars,
    figure,
    hint,
    linked,
    name_lines,
    percent,
    picture,
    rect,
    short,
    stacked_ends,
    stacked_parts,
    text,
)

__all__ = ["Bar", "Number", "bars", "columns", "lines"]
_ROOM: Final = 68  # percents of the width that the longest bar takes: its figure stands behind it
_BAR, _GAP = 14, 8
_ON_A_PICTURE: Final = 12  # rows of lying bars: a printer cannot part a picture, and a long chart has several
_PLOT: Final = 180  # pixels of the highest column
_FOOT: Final = 20  # pixels under columns and lines, for the names
_TURNED: Final = 13  # pixels that a figure written upwards takes of the width
_LINES_END: Final = 74  # percents of the width at which the last point lies


def bars(
    rows: Rows,
    *,
    title: str,
    language: Language,
    series: Sequence[str] = (),
    stacked: bool = True,
    written: Written | None = None,
) -> Markup:
    """Lying bars, name over bar, figure behind it: one bar a row, its series on each other or (not ``stacked``) below.

    Behind a stacked bar stands the sum of its values. Many rows are several pictures on one scale.
    """
    held, write = as_bars(rows), written or language.number
    ends = [end for bar in held for end in (stacked_ends(bar) if stacked else bar.known())]
    scale, pictures = Scale.of(ends, _ROOM), Markup("")
    for first in range(0, len(held), _ON_A_PICTURE):
        drawn, top, drawn_now = Markup(""), 0, held[first : first + _ON_A_PICTURE]
        for bar in drawn_now:
            names, top = name_lines(bar.name, top)
            inner, top = (_stack if stacked else _below_each_other)(bar, scale, top, series, write)
            drawn += linked(bar.href, names + inner)
            top += _GAP
        pictures += picture(drawn_now, title, top, drawn)
    return figure(held, title, language, series, pictures)


def columns(
    rows: Rows,
    *,
    title: str,
    language: Language,
    series: Sequence[str] = (),
    stacked: bool = False,
    written: Written | None = None,
) -> Markup:
    """Standing columns over periods, a group of columns or (``stacked``) one column for each; figures above them."""
    held, write = as_bars(rows), written or language.number
    shape = _Columns.of(held, series, write, stacked=stacked)
    drawn = Markup("").join(linked(bar.href, shape.group(at, bar)) for at, bar in enumerate(held))
    drawn += shape.base_line() + _names_below(held, shape.height - 5, NARROW)
    return figure(held, title, language, series, picture(held, title, shape.height, drawn))


def lines(
    rows: Rows,
    *,
    title: str,
    language: Language,
    series: Sequence[str] = (),
    written: Written | None = None,
) -> Markup:
    """Lines over periods: a point where a value is known, a line between neighbours, the figure at the last point."""
    held, write = as_bars(rows), written or language.number
    scale = Scale.of((value for bar in held for value in bar.known()), -_PLOT, _PLOT + 12)
    count = max((len(bar.values) for bar in held), default=0)
    drawn = Markup("").join(_line(held, at, scale, series, write) for at in range(count))
    height = _PLOT + 12 + _FOOT
    drawn += _level(scale.at(0), _LINES_END) + _names_below(held, height - 5, _LINES_END * NARROW // 100, _LINES_END)
    return figure(
        held, title, language, series, picture(held, title, height, drawn + _last_figures(held, scale, write))
    )


def _stack(bar: Bar, scale: Scale, top: int, series: Sequence[str], write: Written) -> tuple[Markup, int]:
    drawn = Markup("")
    for at, value, start, end in stacked_parts(bar):
        left, width = scale.span(start, end)
        drawn += rect((percent(left), str(top)), (percent(width), str(_BAR)), at, hint(bar, series, at, write(value)))
    total = write(sum((Decimal(value) for value in bar.known()), Decimal())) if bar.known() else UNKNOWN
    behind = scale.at(stacked_ends(bar)[0])
    return drawn + text(percent(behind), top + _BAR - 3, total, kind="figure", dx=5), top + _BAR


def _below_each_other(bar: Bar, scale: Scale, top: int, series: Sequence[str], write: Written) -> tuple[Markup, int]:
    drawn = Markup("")
    for at, value in enumerate(bar.values):
        said, (left, width) = UNKNOWN if value is None else write(value), scale.span(0, value or 0)
        if value:
            drawn += rect((percent(left), str(top)), (percent(width), str(_BAR - 1)), at, hint(bar, series, at, said))
        drawn += text(percent(left + width), top + _BAR - 3, said, kind="figure", dx=5)
        top += _BAR
    return drawn, top


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where columns stand: ``step`` percents for each name, ``wide`` for each column of it; figures lie or stand."""

    scale: Scale
    step: Decimal
    wide: Decimal
    turned: bool
    height: int
    series: Sequence[str]
    write: Written
    stacked: bool

    @classmethod
    def of(cls, held: Sequence[Bar], series: Sequence[str], write: Written, *, stacked: bool) -> _Columns:
        ends = [end for bar in held for end in (stacked_ends(bar) if stacked else bar.known())]
        step = Decimal(100) / max(1, len(held))
        each = 1 if stacked else max((len(bar.values) for bar in held), default=1)
        wide = min(step * Decimal("0.8") / max(1, each), Decimal(12))
        longest = max((len(write(end)) for end in ends), default=1)
        turned = longest * LETTER > wide * NARROW / 100 * Decimal("1.25")
        shown = not turned or wide * NARROW / 100 >= _TURNED
        head = int(longest * LETTER if turned and shown else 12) + 6
        return cls(
            Scale.of(ends, -_PLOT, head + _PLOT), step, wide, turned, head + _PLOT + _FOOT, series, write, stacked
        )

    def group(self, number: int, bar: Bar) -> Markup:
        """The columns of one name."""
        middle = self.step * number + self.step / 2
        return self._stack(bar, middle) if self.stacked else self._side_by_side(bar, middle)

    def base_line(self) -> Markup:
        """The line on which columns stand."""
        return _level(self.scale.at(0), 100)

    def _side_by_side(self, bar: Bar, middle: Decimal) -> Markup:
        drawn, left = Markup(""), middle - self.wide * len(bar.values) / 2
        for at, value in enumerate(bar.values):
            said = UNKNOWN if value is None else self.write(value)
            drawn += self._column(bar, left + self.wide * at, at, (0, value or 0), said)
            drawn += self._figure(left + self.wide * at + self.wide / 2, max(value or 0, 0), said)
        return drawn

    def _stack(self, bar: Bar, middle: Decimal) -> Markup:
        drawn, left = Markup(""), middle - self.wide / 2
        for at, value, start, end in stacked_parts(bar):
            drawn += self._column(bar, left, at, (start, end), self.write(value))
        total = self.write(sum((Decimal(value) for value in bar.known()), Decimal())) if bar.known() else UNKNOWN
        return drawn + self._figure(middle, stacked_ends(bar)[0], total)

    def _column(self, bar: Bar, left: Decimal, at: int, ends: tuple[Number, Number], said: str) -> Markup:
        top, high = self.scale.span(*ends)
        if not high:
            return Markup("")
        return rect(
            (percent(left), short(top)), (percent(self.wide), short(high)), at, hint(bar, self.series, at, said)
        )

    def _figure(self, middle: Decimal, value: Number, said: str) -> Markup:
        top = self.scale.at(value) - 4
        if not self.turned:
            return text(percent(middle), top, said, kind="figure", anchor="middle")
        if self.wide * NARROW / 100 < _TURNED or said == UNKNOWN:
            return Markup("")
        shape = Markup(
            '<svg x="{}" y="{}" overflow="visible"><text transform="rotate(-90)" dy="4" class="figure">{}</text></svg>'
        )
        return shape.format(percent(middle), short(top), said)


def _names_below(held: Sequence[Bar], base: int, room: int, width: int = 100) -> Markup:
    """The names under their columns; where they would run into each other, every second, third or fourth only."""
    if not held:
        return Markup("")
    longest = max(len(bar.name) for bar in held)
    every = max(1, -(-int(longest * LETTER + 6) * len(held) // room))
    step = Decimal(width) / len(held)
    chosen = [(at, bar) for at, bar in enumerate(held) if (len(held) - 1 - at) % every == 0]
    return Markup("").join(text(percent(step * at + step / 2), base, bar.name, anchor="middle") for at, bar in chosen)


def _level(y: Decimal, width: int) -> Markup:
    return Markup('<line x1="0" x2="{}%" y1="{}" y2="{}" class="axis"/>').format(width, short(y), short(y))


def _line(held: Sequence[Bar], at: int, scale: Scale, series: Sequence[str], write: Written) -> Markup:
    points = [_point(held, number, at, scale) for number in range(len(held))]
    drawn = Markup("")
    for one, other in pairwise(points):
        if one and other:
            shape = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="line l{}"/>')
            drawn += shape.format(*one, *other, at % COLOURS)
    for bar, point in zip(held, points, strict=True):
        if point:
            shape = Markup('<circle cx="{}" cy="{}" r="3.5" class="s{}"><title>{}</title></circle>')
            said = hint(bar, series, at, write(bar.values[at] or 0))
            drawn += linked(bar.href, shape.format(*point, at % COLOURS, said))
    return drawn


def _point(held: Sequence[Bar], number: int, at: int, scale: Scale) -> tuple[str, str] | None:
    value = held[number].values[at] if at < len(held[number].values) else None
    step = Decimal(_LINES_END) / len(held)
    return None if value is None else (percent(step * number + step / 2), short(scale.at(value)))


def _last_figures(held: Sequence[Bar], scale: Scale, write: Written) -> Markup:
    """The figure of each series' last point, moved apart where they would lie on each other."""
    if not held:
        return Markup("")
    last = sorted((scale.at(value), write(value)) for value in held[-1].known())
    drawn, above, step = Markup(""), Decimal(-20), Decimal(_LINES_END) / len(held)
    for y, said in last:
        above = max(y + 4, above + 13)
        drawn += text(percent(_LINES_END - step / 2), above, said, kind="figure", dx=8)
    return drawn
