"""The map of the world: shapes that are whole, an honest projection, classes that are easy to read, a light picture."""

from __future__ import annotations

import gzip
import re
from math import pi, radians, sin, sqrt
from pathlib import Path

import pytest

from muster_report.worldmap import shapes as reading
from muster_report.worldmap.classes import Classes
from muster_report.worldmap.drawing import Country, picture, too_small
from muster_report.worldmap.outlines import HEIGHT, WIDTH, equal_earth, outlines, placed
from muster_report.worldmap.shapes import rings, shapes

SQUARE = {
    "transform": {"scale": [0.5, 2], "translate": [-10, 5]},
    "arcs": [[[0, 0], [4, 0], [0, 4]], [[4, 4], [-4, 0], [0, -4]]],
}


def test_arcs_are_steps_on_a_grid_and_join_into_rings() -> None:
    (ring,) = rings(SQUARE, {"type": "Polygon", "arcs": [[0, 1]]})
    assert ring == [(-10, 5), (-8, 5), (-8, 13), (-10, 13), (-10, 5)]


def test_an_arc_with_a_negative_number_runs_backwards() -> None:
    (ring,) = rings(SQUARE, {"type": "MultiPolygon", "arcs": [[[-2, -1]]]})
    assert ring == [(-10, 5), (-10, 13), (-8, 13), (-8, 5), (-10, 5)]


def test_every_ring_of_the_world_is_closed() -> None:
    assert len(shapes()) > 170
    assert all(ring[0] == ring[-1] for held in shapes().values() for ring in held)


@pytest.mark.parametrize("code", ["KEN", "SSD", "XKX", "HUN", "SRB", "MMR", "PSE", "SOM", "CYP"])
def test_a_country_has_a_shape_where_it_lies(code: str) -> None:
    inside: dict[str, tuple[float, float]] = {
        "KEN": (38, 0),
        "SSD": (30, 7),
        "XKX": (21, 42.6),
        "HUN": (19, 47),
        "SRB": (21, 44),
        "MMR": (96, 21),
    }
    inside |= {"PSE": (35.2, 32), "SOM": (45, 5), "CYP": (33, 35)}
    points = [point for ring in shapes()[code] for point in ring]
    east, north = inside[code]
    assert min(x for x, _ in points) < east < max(x for x, _ in points)
    assert min(y for _, y in points) < north < max(y for _, y in points)


def test_without_the_file_the_world_is_empty_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_FILE", "bqplot/no such file")
    assert reading.shapes.__wrapped__() == {}


def test_the_package_of_the_shapes_is_not_imported() -> None:
    for file in Path(reading.__file__).parent.glob("*.py"):
        assert not re.search(r"^\s*(import|from) bqplot", file.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_projection_keeps_areas_true() -> None:
    """Cells of five degrees, added up row by row, take the same share of the map as of the sphere."""
    for south in range(-80, 80, 20):
        low, high = equal_earth(0, south)[1], equal_earth(0, south + 20)[1]
        steps = 200
        latitudes = [south + 20 * (at + 0.5) / steps for at in range(steps)]
        heights = [
            equal_earth(0, south + 20 * (at + 1) / steps)[1] - equal_earth(0, south + 20 * at / steps)[1]
            for at in range(steps)
        ]
        mapped = sum(2 * equal_earth(180, at)[0] * height for at, height in zip(latitudes, heights, strict=True))
        real = 2 * pi * (sin(radians(south + 20)) - sin(radians(south)))
        assert high > low
        assert mapped == pytest.approx(real, rel=0.002)


def test_the_equator_is_as_long_as_the_authors_say_and_the_map_fills_its_frame() -> None:
    assert equal_earth(180, 0)[0] == pytest.approx(2 * sqrt(3) * pi / (3 * 1.340264))
    assert placed((-180, 0))[0] == 0
    assert placed((180, 0))[0] == WIDTH
    assert 0 < placed((38, 0))[1] < HEIGHT


def test_a_whole_map_is_light() -> None:
    countries = [
        Country(code, 1 + at % 5, f"Country {code}: 1,234", f"/x?office={code}") for at, code in enumerate(outlines())
    ]
    drawn = str(picture(countries, "Funding"))
    assert drawn.count("<a ") == len(outlines())
    assert len(gzip.compress(drawn.encode())) < 30_000


def test_names_are_escaped_and_what_has_no_outline_is_told() -> None:
    drawn = picture([Country("KEN", 3, "<b>Kenya</b>", '/x?a="'), Country("MLT", 3, "Malta", "")], "<i>")
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert "Malta" not in drawn
    assert too_small(["KEN", "MLT"]) == ["MLT"]


def test_classes_hold_about_as_many_countries_each_between_easy_numbers() -> None:
    classes = Classes.of([*range(1, 101), 0, 0])
    assert classes.limits == (21, 41, 61, 81)
    assert [classes.of_figure(figure) for figure in (None, 0, 1, 20, 21, 100)] == [0, 0, 1, 1, 2, 5]
    assert Classes.of([1_234_567 * at for at in range(1, 11)]).limits == (3_700_000, 6_200_000, 8_600_000, 11_000_000)


@pytest.mark.parametrize("figures", [[], [0, 0], [7], [3, 3, 3], [1, 2]])
def test_few_or_equal_figures_make_fewer_classes_and_the_largest_is_always_the_darkest(figures: list[int]) -> None:
    classes = Classes.of(figures)
    assert len(set(classes.limits)) == len(classes.limits)
    if any(figures):
        assert classes.shade(classes.of_figure(max(figures))) == 5
