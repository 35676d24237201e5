"""Shapes of countries, from a TopoJSON file of Natural Earth's 1:110 million countries (public domain).

The file comes with the package ``bqplot``, of which nothing is imported. Its format: arcs are lists of steps on a
grid, the shapes name the arcs of their rings, a negative number ``-n`` meaning arc ``n - 1`` backwards
(https://github.com/topojson/topojson-specification).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import pycountry

Point = tuple[float, float]  # degrees east and north
Ring = list[Point]
_PACKAGE, _FILE = "bqplot", "bqplot/map_data/WorldMap.json"
_WITHOUT_NUMBER: Final = {"-1": "CYP", "-2": "XKX", "-3": "SOM"}
"""Shapes that ISO 3166 gives no number: Kosovo/UNSC 1244 has a code of its own; the others are drawn with the country
that the United Nations list them under."""
_LEFT_OUT: Final = frozenset({"ATA"})  # nobody works there, and it takes a fifth of the picture


@cache
def shapes() -> Mapping[str, list[Ring]]:
    """ISO 3166-1 alpha-3 code (or XKX) to the rings of its shape; empty where the file is not installed."""
    try:
        file = Path(str(distribution(_PACKAGE).locate_file(_FILE)))
        topology = json.loads(file.read_text(encoding="utf-8"))
    except (PackageNotFoundError, FileNotFoundError):
        return {}
    found: dict[str, list[Ring]] = {}
    for shape in topology["objects"]["subunits"]["geometries"]:
        code = _code(str(shape["id"]))
        if code and code not in _LEFT_OUT:
            found.setdefault(code, []).extend(rings(topology, shape))
    return dict(sorted(found.items()))


def rings(topology: Mapping[str, Any], shape: Mapping[str, Any]) -> Iterator[Ring]:
    """The rings of a polygon or of several, holes among them."""
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    for numbers in (ring for polygon in polygons for ring in polygon):
        yield list(_joined(_arc(topology, number) for number in numbers))


def _joined(arcs: Iterable[Ring]) -> Iterator[Point]:
    """Arcs one behind the other: each begins where the one before it ends."""
    for number, arc in enumerate(arcs):
        yield from arc[1:] if number else arc


def _arc(topology: Mapping[str, Any], number: int) -> Ring:
    steps = topology["arcs"][number if number >= 0 else ~number]
    scale, begin = topology["transform"]["scale"], topology["transform"]["translate"]
    at = accumulate(steps, lambda held, step: [held[0] + step[0], held[1] + step[1]])
    points = [(x * scale[0] + begin[0], y * scale[1] + begin[1]) for x, y in at]
    return points if number >= 0 else points[::-1]


def _code(number: str) -> str:
    if number in _WITHOUT_NUMBER:
        return _WITHOUT_NUMBER[number]
    country = pycountry.countries.get(numeric=number.zfill(3))
    return str(country.alpha_3) if country else ""
