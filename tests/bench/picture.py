"""The picture of ``docs/benchmarks.md``: for each bound, how much of it is needed, on a scale that doubles."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Bar = tuple[str, float, bool]

_ROW, _TOP, _LEFT, _WIDTH, _RIGHT = 26, 84, 560, 560, 90
_LOW, _HIGH = -5, 4  # powers of two
_WITHIN, _BEYOND, _INK, _FAINT = "#0f766e", "#b91c1c", "#1f2937", "#d1d5db"
_LONGEST: Final = 78


def draw(bars: Sequence[Bar]) -> bytes:
    """A PNG; each bar is a name, the share of its bound, and whether it holds."""
    image = Image.new("RGB", (_LEFT + _WIDTH + _RIGHT, _TOP + _ROW * len(bars) + 20), "white")
    pen = ImageDraw.Draw(image)
    pen.text((16, 14), "Each figure as a share of its bound", fill=_INK, font=ImageFont.load_default(20))
    pen.text((16, 42), "left of the line it holds; each step doubles", fill=_INK, font=ImageFont.load_default(14))
    _scale(pen, len(bars))
    for number, bar in enumerate(bars):
        _bar(pen, _TOP + _ROW * number, bar)
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _scale(pen: ImageDraw.ImageDraw, count: int) -> None:
    font, foot = ImageFont.load_default(12), _TOP + _ROW * count
    for power in range(_LOW, _HIGH + 1):
        x = _place(2.0**power)
        is_bound = power == 0
        pen.line((x, _TOP - 6, x, foot), fill=_INK if is_bound else _FAINT, width=2 if is_bound else 1)
        label = "bound" if is_bound else f"{2**power}x" if power > 0 else f"1/{2**-power}"
        pen.text((x, _TOP - 20), label, fill=_INK, font=font, anchor="ma")


def _bar(pen: ImageDraw.ImageDraw, y: int, bar: Bar) -> None:
    name, share, holds = bar
    font = ImageFont.load_default(13)
    said = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    pen.text((_LEFT - 10, y + _ROW // 2), said, fill=_INK, font=font, anchor="rm")
    end = _place(share)
    pen.rectangle((_LEFT, y + 5, max(end, _LEFT + 2), y + _ROW - 5), fill=_WITHIN if holds else _BEYOND)
    place, figure = (max(end, _LEFT + 2) + 6, y + _ROW // 2), f"{share:.2f}"
    pen.rectangle(pen.textbbox(place, figure, font=font, anchor="lm"), fill="white")  # the line would cross it
    pen.text(place, figure, fill=_INK, font=font, anchor="lm")


def _place(share: float) -> int:
    power = min(max(math.log2(max(share, 1e-9)), _LOW), _HIGH)
    return round(_LEFT + _WIDTH * (power - _LOW) / (_HIGH - _LOW))
