"""Charts of a book as pictures made of bars, drawn where the page is made: nothing to download, nothing to run.

Bars lie flat whatever the chart asks for: on a narrow screen long names have room only above a lying bar. The
picture shows what the cells of its table hold and nothing else; a cell without a number has its text and no bar.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from muster_report.book import Chart, Series, Sheet, Span, Value, chart_spans, column_letters
from muster_report.renderers.written import exact, rounded, shown_number

WIDTH = 420  # units of the picture; a phone shows them about as large as its own points
_ROOM = 330  # what the longest bar takes, its figure standing behind it
_LETTERS = 62  # letters of a name in one line
_LINE, _BAR, _GAP = 15, 12, 8
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the series it belongs to (counted from 0), its value, and what stands behind it."""

    series: int
    value: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class BarGroup:
    """The bars of one name."""

    name: str
    bars: tuple[Bar, ...]


def bar_picture(sheet: Sheet, chart: Chart, lang: str) -> Markup:
    """The picture (SVG) of a chart; it is hidden from screen readers, which have the table and the description.

    Raises:
        KeyError: its table, row or column is not there.
    """
    groups = bar_groups(sheet, chart, lang)
    scale = _Scale.of(groups, stacked=chart.stacked)
    drawn, height = Markup(""), _GAP
    for group in groups:
        markup, height = _group(group, scale, height, stacked=chart.stacked)
        drawn += markup
    frame = Markup('<svg viewBox="0 0 {} {}" class="bars" aria-hidden="true" focusable="false">{}</svg>')
    return frame.format(WIDTH, height, drawn)


def bar_groups(sheet: Sheet, chart: Chart, lang: str) -> list[BarGroup]:
    """What the chart shows, name by name, read from the cells of its table."""
    spans = [chart_spans(sheet, chart, series) for series in chart.series]
    if not spans:
        return []
    standing = sheet.values()
    names = _standing(standing, spans[0][0])
    columns = [_standing(standing, values) for _, values in spans]
    return [
        BarGroup(exact(name), tuple(_bar(at, column[row], chart, lang) for at, column in enumerate(columns)))
        for row, name in enumerate(names)
    ]


def legend(series: tuple[Series, ...]) -> list[tuple[int, str]]:
    """Number and name of each series, where there is more than one to tell apart."""
    return [(at, exact(one.name)) for at, one in enumerate(series)] if len(series) > 1 else []


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a value lies: ``zero`` units from the left, ``unit`` units for 1."""

    zero: Decimal
    unit: Decimal

    @classmethod
    def of(cls, groups: list[BarGroup], *, stacked: bool) -> _Scale:
        ends = [Decimal(), *(end for group in groups for end in _ends(group, stacked=stacked))]
        unit = _ROOM / (max(ends) - min(ends)) if max(ends) > min(ends) else Decimal()
        return cls(-min(ends) * unit, unit)

    def span(self, start: Decimal, end: Decimal) -> tuple[str, str]:
        """(left, width) of a bar between two values."""
        left, right = sorted((self.zero + start * self.unit, self.zero + end * self.unit))
        return _tenths(left), _tenths(right - left)


def _ends(group: BarGroup, *, stacked: bool) -> list[Decimal]:
    values = [bar.value for bar in group.bars if bar.value is not None]
    up, down = [value for value in values if value > 0], [value for value in values if value < 0]
    return [sum(up, Decimal()), sum(down, Decimal())] if stacked else values


def _group(group: BarGroup, scale: _Scale, top: int, *, stacked: bool) -> tuple[Markup, int]:
    drawn = Markup("")
    for line in textwrap.wrap(group.name, _LETTERS) or [""]:
        top += _LINE
        drawn += Markup('<text x="0" y="{}">{}</text>').format(top - 4, line)
    if stacked:
        drawn += _stack(group, scale, top)
        return drawn, top + _BAR + _GAP
    for bar in group.bars:
        drawn += _single(bar, scale, top)
        top += _BAR + 2
    return drawn, top + _GAP


def _single(bar: Bar, scale: _Scale, top: int) -> Markup:
    left, width = scale.span(Decimal(), bar.value or Decimal())
    behind = Decimal(left) + Decimal(width) + 4
    return _rect(bar, left, width, top) + _figure(bar.text, behind, top)


def _stack(group: BarGroup, scale: _Scale, top: int) -> Markup:
    drawn, up, down = Markup(""), Decimal(), Decimal()
    for bar in group.bars:
        value = bar.value or Decimal()
        start = up if value >= 0 else down
        drawn += _rect(bar, *scale.span(start, start + value), top)
        up, down = (start + value, down) if value >= 0 else (up, start + value)
    texts = " + ".join(bar.text for bar in group.bars if bar.text)
    return drawn + _figure(texts, scale.zero + up * scale.unit + 4, top)


def _rect(bar: Bar, left: str, width: str, top: int) -> Markup:
    if not bar.value:
        return Markup("")
    shape = Markup('<rect x="{}" y="{}" width="{}" height="{}" class="s{}"/>')
    return shape.format(left, top, width, _BAR, bar.series % 5)


def _figure(text: str, left: Decimal, top: int) -> Markup:
    return Markup('<text x="{}" y="{}" class="figure">{}</text>').format(_tenths(left), top + _BAR - 2, text)


def _bar(series: int, value: Value, chart: Chart, lang: str) -> Bar:
    if not isinstance(value, int | Decimal):
        return Bar(series, None, exact(value))
    number = Decimal(value)
    written = number / _MILLION if chart.values == "millions" else number
    return Bar(series, number, shown_number(rounded(written, 0), "number", lang).text)


def _tenths(length: Decimal) -> str:
    return f"{length:.1f}"


def _standing(standing: dict[str, Value], span: Span) -> list[Value]:
    rows, columns = range(span.first_row, span.last_row + 1), range(span.first_column, span.last_column + 1)
    return [standing.get(f"{column_letters(column)}{row}") for row in rows for column in columns]
