"""The timeline of a project as a picture: widths are percents, so that texts stay readable on any screen. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from babel.dates import format_skeleton
from markupsafe import Markup

from muster_ingest import timeline
from muster_ingest.timeline import Lane, Mark, Span, Timeline
from muster_shared.language import Language, noted
from muster_shared.months import add_months, full_months

LANE_NAMES: Final[Mapping[str, str]] = {"project": noted("Project"), "milestones": noted("Milestones")}
SPAN_NAMES: Final[Mapping[str, str]] = {
    timeline.PROJECT: noted("Project: {start} to {end}"),
    timeline.EXTENDED: noted("Extended until {end}"),
    timeline.WISHED: noted("Extension until {end} asked for, not decided"),
    timeline.GRANT: noted("Grant: {start} to {end}"),
}
_SHAPES: Final[Mapping[str, str]] = {
    timeline.MILESTONE: "M0 -7 7 0 0 7 -7 0z",
    timeline.REPORT: "M-5 -6.5H2L5.5 -3V6.5H-5.5V-6.5z",
    timeline.ASKED: "M-5 -6 6 0 -5 6z",
}
_TOP, _LANE, _TRACK, _BAR = 40, 50, 30, 10
_ABOVE: Final = 14  # pixels: what was asked for stands over the bar that it is to lengthen
_STEPS: Final = (1, 3, 6, 12, 24, 60, 120, 240)
_MOST_TICKS: Final = 6
_NEAR_THE_END: Final = 80  # percent: what is written there stands to the left, or it would leave the screen


@dataclass(frozen=True, slots=True)
class _Axis:
    """Days to percents of the width; a little room is left at both ends."""

    first: date
    days: int

    def at(self, day: date) -> float:
        return round(2 + 96 * (day - self.first).days / self.days, 2)

    def percent(self, day: date) -> str:
        return f"{self.at(day):g}%"


def picture(line: Timeline, language: Language) -> Markup:
    """The ``<svg>``; all that it says stands in the table below it as well, so that it needs no words of its own."""
    axis = _Axis(line.first, max((line.last - line.first).days, 1))
    height = _TOP + _LANE * len(line.lanes) + 6
    inner = Markup("").join(
        (
            *_ticks(line, axis, height, language),
            *_today(line, axis, height, language),
            *(part for at, lane in enumerate(line.lanes) for part in _lane(lane, _TOP + at * _LANE, axis, language)),
        )
    )
    name = language.say("Timeline: {start} to {end}", start=_said(line.first, language), end=_said(line.last, language))
    return Markup('<svg class="timeline" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        height, name, inner
    )


def symbol(kind: str, state: str) -> Markup:
    """A mark by itself, for the legend and the table."""
    return Markup('<svg class="sign" width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">{}</svg>').format(
        _shape(kind, state)
    )


def ticks(first: date, last: date) -> list[tuple[date, int]]:
    """The days at which the axis is written on, at most six, each with the months from one to the next."""
    months = full_months(first, last) or 1
    step = next((step for step in _STEPS if months / step <= _MOST_TICKS), _STEPS[-1])
    day = date(first.year, 1, 1)
    found = []
    while day <= last:
        found += [(day, step)] if day >= first else []
        day = add_months(day, step)
    return found


def _ticks(line: Timeline, axis: _Axis, height: int, language: Language) -> Iterator[Markup]:
    for number, (day, step) in enumerate(ticks(line.first, line.last)):
        x, anchor = axis.percent(day), "end" if axis.at(day) > _NEAR_THE_END else "start"
        kind = "figure between" if number % 2 else "figure"  # a narrow screen leaves out every second one
        written = str(day.year) if step >= 12 else format_skeleton("yMMM", day, locale=language.locale)
        rule = Markup('<line class="axis" x1="{0}" x2="{0}" y1="18" y2="{1}"/>').format(x, height)
        said = Markup('<text class="{}" x="{}" y="12" text-anchor="{}">{}</text>')
        yield rule + said.format(kind, x, anchor, written)


def _today(line: Timeline, axis: _Axis, height: int, language: Language) -> Iterator[Markup]:
    if line.first <= line.today <= line.last:
        x = axis.percent(line.today)
        anchor = "end" if axis.at(line.today) > _NEAR_THE_END else "start"
        rule = Markup('<line class="today" x1="{0}" x2="{0}" y1="20" y2="{1}"/>').format(x, height)
        said = language.say("Today")
        yield rule + Markup('<text class="today" x="{}" y="30" text-anchor="{}" dx="{}">{}</text>').format(
            x, anchor, -4 if anchor == "end" else 4, said
        )


def _lane(lane: Lane, top: int, axis: _Axis, language: Language) -> Iterator[Markup]:
    name = language.say(LANE_NAMES[lane.kind]) if lane.kind in LANE_NAMES else lane.name
    yield Markup('<text x="0" y="{}" class="lane">{}</text>').format(top + 14, name)
    yield Markup('<line class="axis" x1="2%" x2="98%" y1="{0}" y2="{0}"/>').format(top + _TRACK)
    yield from (_span(span, top + _TRACK, axis, language) for span in lane.spans)
    yield from (_mark(mark, top + _TRACK, axis, language) for mark in lane.marks)


def _span(span: Span, middle: int, axis: _Axis, language: Language) -> Markup:
    left, width = axis.at(span.start), max(axis.at(span.end) - axis.at(span.start), 0.3)
    said = language.say(SPAN_NAMES[span.kind], start=_said(span.start, language), end=_said(span.end, language))
    shape = Markup('<rect class="span {}" x="{:g}%" y="{}" width="{:g}%" height="{}" rx="3"><title>{}</title></rect>')
    return shape.format(span.kind, left, middle - _BAR // 2, round(width, 2), _BAR, said)


def _mark(mark: Mark, middle: int, axis: _Axis, language: Language) -> Markup:
    said = f"{_said(mark.day, language)}{language.colon} {mark_name(mark, language)}"
    place = Markup('<svg x="{}" y="{}" overflow="visible"><title>{}</title>{}</svg>')
    beside = middle - _ABOVE if mark.kind == timeline.ASKED else middle
    return place.format(axis.percent(mark.day), beside, said, _shape(mark.kind, mark.state))


def mark_name(mark: Mark, language: Language) -> str:
    """What a mark is about, in words."""
    if mark.kind == timeline.REPORT:
        return language.say(timeline.REPORT_NAMES[mark.name])
    if mark.kind == timeline.ASKED:
        return language.say("Extension asked for")
    return mark.name


def _shape(kind: str, state: str) -> Markup:
    shape = Markup('<path class="mark {}" d="{}"/>').format(state, _SHAPES[kind])
    if state == timeline.LATE:
        shape += Markup('<path class="cross" d="M-2.5 -2.5 2.5 2.5M2.5 -2.5-2.5 2.5"/>')
    return shape


def _said(day: date, language: Language) -> str:
    return language.short_day(day)
