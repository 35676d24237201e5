"""Outlines of countries as the paths of a picture: Equal Earth, which keeps areas true, on a grid of whole units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Final

from muster_report.worldmap.shapes import Point, Ring, shapes

WIDTH: Final = 1400  # units; on a screen of 700 pixels a unit is half of one
NORTH, SOUTH = 83.7, -56.0  # degrees; what lies beyond is not drawn
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
"""Coefficients of the projection: B. Šavrič, T. Patterson, B. Jenny, The Equal Earth map projection, 2018."""


def equal_earth(longitude: float, latitude: float) -> Point:
    """Where degrees east and north lie, both in radii of the earth; the equator is 2 * 2.70663 long."""
    angle = asin(sqrt(3) / 2 * sin(radians(latitude)))
    square = angle * angle
    sixth = square**3
    across = 9 * _A4 * sixth * square + 7 * _A3 * sixth + 3 * _A2 * square + _A1
    x = 2 * sqrt(3) * radians(longitude) * cos(angle) / (3 * across)
    return x, angle * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))


_HALF: Final = equal_earth(180, 0)[0]
_UNIT: Final = WIDTH / (2 * _HALF)
_TOP: Final = equal_earth(0, NORTH)[1]
HEIGHT: Final = round((_TOP - equal_earth(0, SOUTH)[1]) * _UNIT)


@cache
def outlines() -> Mapping[str, str]:
    """ISO 3166-1 alpha-3 code (or XKX) to the path of its outline; one too small for the grid is not there."""
    drawn = {code: "".join(_paths(rings)) for code, rings in shapes().items()}
    return {code: path for code, path in drawn.items() if path}


def placed(point: Point) -> tuple[int, int]:
    """The unit of the picture in which degrees east and north lie, counted from its upper left corner."""
    x, y = equal_earth(*point)
    return round((x + _HALF) * _UNIT), round((_TOP - y) * _UNIT)


def _paths(rings: Iterable[Ring]) -> Iterator[str]:
    for ring in rings:
        points = [placed(point) for point in ring]
        corners = [point for point, following in pairwise(points) if point != following]
        if len(set(corners)) > 2:
            yield _path(corners)


def _path(corners: list[tuple[int, int]]) -> str:
    """``m`` to the first corner and steps to the others: as short as a path can be written."""
    steps = ((x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise(corners))
    first = f"M{corners[0][0]} {corners[0][1]}l"
    return first + " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-") + "z"
