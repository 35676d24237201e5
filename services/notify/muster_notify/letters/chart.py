"""The picture of a person's due dates: two months back, three months ahead, today between them.

Drawn twice as large as it is shown, on a transparent ground, in colours that stand out from white and from the dark
ground of the mail alike: a picture cannot know which of them the reader has. Overdue ones are diamonds, the others
are discs, so that nobody has to tell the colours apart. The same dates give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from io import BytesIO
from typing import Final
from unicodedata import combining, normalize

from babel.dates import get_month_names
from PIL import Image, ImageDraw, ImageFont

from muster_notify.letters.language import Language, language_of

WIDTH, HEIGHT = 440, 108  # as shown
PAST_DAYS, COMING_DAYS = 60, 90
GREY, RED, BLUE = 0, 1, 2
COLOURS: Final = ((118, 122, 128), (217, 60, 54), (47, 125, 209))
_SCALE: Final = 2
_EDGE, _AXIS, _TOP = 30, 82, 20
_SIZE, _STEP, _LEVELS = 11, 12, 4
_ROWS: Final = _LEVELS + 1  # the marks, and their number above them where there are more
_TEXT: Final = 14
_SHADES: Final = 5  # with three colours and the ground 16 entries: half a byte a dot
_ROOM_FOR_COUNT: Final = 24
_BASELINE: Final = 28
_COMPRESSION: Final = 3
_ACCENTS: Final = {"\u0301": [(-1, -16), (4, -21)], "\u0302": [(-4, -16), (0, -20), (4, -16)]}  # acute, circumflex
_SHOWN_IN_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Timeline:
    """Due dates that passed and those that come, each in their order; ``today`` is the reader's day."""

    today: date
    overdue: tuple[date, ...]
    coming: tuple[date, ...]

    @property
    def first(self) -> date:
        """The first day that the picture shows."""
        return self.today - timedelta(days=PAST_DAYS)

    @property
    def last(self) -> date:
        """The last day that the picture shows."""
        return self.today + timedelta(days=COMING_DAYS)


def in_words(timeline: Timeline, language: Language) -> str:
    """The same as the picture, for those who do not see it."""
    said = [
        language.say(
            "Due dates from {first} to {last}.", first=language.day(timeline.first), last=language.day(timeline.last)
        )
    ]
    if timeline.overdue:
        said.append(language.say("Overdue since {days}.", days=_listed(timeline.overdue, language)))
    if timeline.coming:
        said.append(language.say("Due on {days}.", days=_listed(timeline.coming, language)))
    return " ".join(said)


def _listed(days: Sequence[date], language: Language) -> str:
    named = [language.short_day(day) for day in dict.fromkeys(days)]
    left = len(named) - _SHOWN_IN_WORDS
    if left > 0:
        named = [*named[:_SHOWN_IN_WORDS], language.say_number("{number} more day", "{number} more days", left)]
    return language.listed(named)


def draw(timeline: Timeline, language: Language) -> bytes:
    """The picture as PNG: ``WIDTH`` wide as shown, and as high as its marks need, at most ``HEIGHT``."""
    return _drawn(timeline, language.code)


@lru_cache(maxsize=128)  # manager and alternate have the same dates
def _drawn(timeline: Timeline, code: str) -> bytes:
    marks, columns = _placed(timeline)
    rows = _ROWS if columns else max((mark.level + 1 for mark in marks), default=1)
    canvas = _axis(timeline.today, code, rows).copy()
    for mark in marks:
        _stamp(canvas, mark.colour, (mark.x, _AXIS - 9 - mark.level * _STEP))
    for column in columns:
        _write(canvas, column.colour, (column.x, _AXIS - 4 - _LEVELS * _STEP), f"+{column.number}")
    for colour, days in ((RED, timeline.overdue), (BLUE, timeline.coming)):
        _beyond(canvas, colour, sum(day < timeline.first for day in days), sum(day > timeline.last for day in days))
    return _png(canvas.crop((0, _spare(rows) * _SCALE, *canvas.size)))


def _spare(rows: int) -> int:
    """What is left empty above so many rows of marks."""
    return (_ROWS - rows) * _STEP


@lru_cache(maxsize=64)  # the mails of one day share it
def _axis(today: date, code: str, rows: int) -> Image.Image:
    language, timeline, top = language_of(code), Timeline(today, (), ()), _TOP + _spare(rows)
    canvas = Image.new("L", (WIDTH * _SCALE, HEIGHT * _SCALE))
    _line(canvas, (_EDGE, _AXIS), (WIDTH - _EDGE, _AXIS))
    middle = _x(timeline, today)
    _line(canvas, (middle, top), (middle, _AXIS + 5))
    _write(canvas, GREY, (middle, top - 4), language.say("today"))
    names = get_month_names("abbreviated", locale=language.locale)
    for first in _firsts_of_months(timeline):
        x = _x(timeline, first)
        _line(canvas, (x, _AXIS - 3), (x, _AXIS + 3))
        _write(canvas, GREY, (x, _AXIS + 21), str(names[first.month]))
    return canvas


def _firsts_of_months(timeline: Timeline) -> list[date]:
    days = (timeline.first + timedelta(days=ahead) for ahead in range(PAST_DAYS + COMING_DAYS + 1))
    return [day for day in days if day.day == 1]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A due date: how far to the right it stands, in which row above the axis, in which colour."""

    x: float
    level: int
    colour: int


@dataclass(slots=True)
class _Column:
    """Marks that found no room above a place: how many, in the colour of the first."""

    x: float
    colour: int
    number: int = 0


def _placed(timeline: Timeline) -> tuple[list[_Mark], list[_Column]]:
    """A mark for each due date, above each other where they would touch; above the fourth they are counted."""
    dated = sorted([(day, RED) for day in timeline.overdue] + [(day, BLUE) for day in timeline.coming])
    free_from = [0.0] * _LEVELS
    marks: list[_Mark] = []
    columns: list[_Column] = []
    for day, colour in dated:
        if timeline.first <= day <= timeline.last:
            x = _x(timeline, day)
            level = next((number for number, free in enumerate(free_from) if x >= free), None)
            if level is None:
                _count(columns, x, colour)
            else:
                free_from[level] = x + _STEP
                marks.append(_Mark(x, level, colour))
    return marks, columns


def _count(columns: list[_Column], x: float, colour: int) -> None:
    last = columns[-1] if columns else None
    if last is None or x - last.x > _ROOM_FOR_COUNT:
        columns.append(last := _Column(x, colour))
    last.number += 1


def _beyond(canvas: Image.Image, colour: int, before: int, behind: int) -> None:
    for number, edge, inward in ((before, 2, 7), (behind, WIDTH - 2, -7)):
        if number:
            corners = [(edge, _AXIS), (edge + inward, _AXIS - 5), (edge + inward, _AXIS + 5)]
            pen = ImageDraw.Draw(canvas)
            pen.polygon([(x * _SCALE, y * _SCALE) for x, y in corners], fill=_full(colour))
            half = _font().getlength(str(number)) / 2 / _SCALE
            _write(canvas, colour, (edge + inward * 1.5 + (half if inward > 0 else -half), _AXIS + 4.5), str(number))


def _x(timeline: Timeline, day: date) -> float:
    return _EDGE + (day - timeline.first).days * (WIDTH - 2 * _EDGE) / (PAST_DAYS + COMING_DAYS)


def _line(canvas: Image.Image, start: tuple[float, float], end: tuple[float, float]) -> None:
    at = [(round(x * _SCALE), round(y * _SCALE)) for x, y in (start, end)]
    ImageDraw.Draw(canvas).line(at, fill=_full(GREY), width=_SCALE)


def _write(canvas: Image.Image, colour: int, centre: tuple[float, float], text: str) -> None:
    """Text on a baseline, centred."""
    written = _written(colour, text)
    written.lay(canvas, (centre[0] * _SCALE - written.shades.width / 2, centre[1] * _SCALE - _BASELINE))


def _stamp(canvas: Image.Image, colour: int, centre: tuple[float, float]) -> None:
    half = _SIZE * _SCALE / 2
    _mark(colour).lay(canvas, (centre[0] * _SCALE - half, centre[1] * _SCALE - half))


@dataclass(frozen=True, slots=True)
class _Inked:
    """A mask in one colour: the palette entries of its dots, and which of them are not empty."""

    shades: Image.Image
    inked: Image.Image

    @classmethod
    def of(cls, mask: Image.Image, colour: int) -> _Inked:
        entries = [_shade(colour, value) for value in range(256)]
        return cls(mask.point(entries), mask.point([255 if entry else 0 for entry in entries]))

    def lay(self, canvas: Image.Image, corner: tuple[float, float]) -> None:
        canvas.paste(self.shades, (round(corner[0]), round(corner[1])), self.inked)


@lru_cache(maxsize=128)
def _written(colour: int, text: str) -> _Inked:
    """Text with its baseline at ``_BASELINE``; accents are drawn, for the font that comes with Pillow has none."""
    font, letters, parts = _font(), "", normalize("NFD", text)
    spread = "".join(character for character in parts if not combining(character))
    mask = Image.new("L", (round(font.getlength(spread)) + 4, _BASELINE + 10))
    pen = ImageDraw.Draw(mask)
    pen.text((2, _BASELINE), spread, fill=255, font=font, anchor="ls")
    for character in parts:
        if accent := _ACCENTS.get(character):
            middle = 2 + font.getlength(letters[:-1]) + font.getlength(letters[-1]) / 2
            pen.line([(middle + x, _BASELINE + y) for x, y in accent], fill=255, width=3, joint="curve")
        elif not combining(character):
            letters += character
    return _Inked.of(mask, colour)


@cache
def _mark(colour: int) -> _Inked:
    """A red diamond or a blue disc with smooth edges: drawn eight times as large, then made small."""
    side = _SIZE * _SCALE * 8
    mask = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mask)
    if colour == RED:
        pen.polygon([(side / 2, 0), (side, side / 2), (side / 2, side), (0, side / 2)], fill=255)
    else:
        pen.ellipse((side * 0.04, side * 0.04, side * 0.96, side * 0.96), fill=255)
    return _Inked.of(mask.resize((_SIZE * _SCALE, _SIZE * _SCALE), Image.Resampling.BOX), colour)


@cache
def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(_TEXT * _SCALE)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType: the picture of due dates needs it")
    return font


def _full(colour: int) -> int:
    return _shade(colour, 255)


def _shade(colour: int, value: int) -> int:
    level = round(value * _SHADES / 255)
    return colour * _SHADES + level if level else 0


def _png(canvas: Image.Image) -> bytes:
    """A palette entry for each shade of each colour: the shades of one differ in how opaque they are."""
    entries = [colour for colour in COLOURS for _ in range(_SHADES)]
    canvas.putpalette([0, 0, 0, *(part for colour in entries for part in colour)])
    opacity = bytes([0, *(round(level * 255 / _SHADES) for _ in COLOURS for level in range(1, _SHADES + 1))])
    file = BytesIO()
    canvas.save(file, "PNG", transparency=opacity, compress_level=_COMPRESSION)
    return file.getvalue()
