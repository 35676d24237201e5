"""The picture of a map: countries shaded by their figures, each of them a link.

Its links cannot be reached with the tab key, of which there would be a hundred: the same ones stand in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from muster_report.worldmap.outlines import HEIGHT, WIDTH, outlines


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the map by its code: its shade (0 to 5), what is said of it, where it leads."""

    code: str
    shade: int
    told: str
    href: str


def picture(countries: Sequence[Country], title: str) -> Markup:
    """The map as SVG, coloured by the classes m0 to m5; land of which nothing is told lies below."""
    told = {country.code for country in countries}
    land = "".join(path for code, path in outlines().items() if code not in told)
    drawn = Markup("").join(_country(country, outlines()[country.code]) for country in countries if _is_drawn(country))
    shape = Markup(
        '<svg viewBox="0 0 {} {}" class="map" direction="ltr" role="group" aria-label="{}">'
        '<path class="land" d="{}"/>{}</svg>'
    )
    return shape.format(WIDTH, HEIGHT, title, land, drawn)


def too_small(codes: Sequence[str]) -> list[str]:
    """Those of the codes that the map has no outline for."""
    return [code for code in codes if code not in outlines()]


def _is_drawn(country: Country) -> bool:
    return country.code in outlines()


def _country(country: Country, outline: str) -> Markup:
    path = Markup('<path class="m{}" d="{}"><title>{}</title></path>').format(country.shade, outline, country.told)
    return Markup('<a href="{}" tabindex="-1">{}</a>').format(country.href, path) if country.href else path
