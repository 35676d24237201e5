"""The map as a part of pages: the picture, its legend, its table; kept until the log moves on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from muster_report import addresses, asking
from muster_report.boards.asked import OF_PROJECTS, Asked
from muster_report.boards.choices import NAMES, choices
from muster_report.boards.making import Reader, kept, made_at, sources_of
from muster_report.boards.map_figures import MAP_FIGURES, MapFigure, Place, places
from muster_report.boards.standing import Standing, Standings, facts_of, standings, time_of
from muster_report.figures import Number
from muster_report.worldmap.classes import Classes
from muster_report.worldmap.drawing import Country, picture, too_small
from muster_shared.language import Language

PATH: Final = "/report/figures/map"
FILTERS: Final = ("region", *OF_PROJECTS)
_FIRST: Final = next(iter(MAP_FIGURES))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the map's table; ``href`` is where it leads."""

    name: str
    figure: Number
    href: str


def map_part(session: Session, asked: Asked, reader: Reader, *, whole: bool) -> Markup:
    """The map; ``whole`` with filters, table and what its words mean, else for another page.

    Raises:
        Problem: 422, there is no such figure; 404, the log is not applied as far as the position asked for.
    """
    figure = _figure(asked)
    of = asked.only((figure.day, *FILTERS))
    stands = standings(session, figure.kinds(), of.at)
    scope = reader.scope((figure.report,), of)
    key = ("map", figure.key, whole, of, scope, reader.language.code)
    return kept().of(key, stands.of(figure.kinds()), lambda: _made(session, figure, of, reader, stands, whole=whole))


def _figure(asked: Asked) -> MapFigure:
    if asked.of and asked.of not in MAP_FIGURES:
        raise asking.wrong("of", f"'{asked.of}' is not a figure of the map: give {', '.join(MAP_FIGURES)}")
    return MAP_FIGURES[asked.of or _FIRST]


def _made(
    session: Session, figure: MapFigure, asked: Asked, reader: Reader, stands: Standings, *, whole: bool
) -> Markup:
    facts, newest = facts_of(session, figure.kinds(), stands), stands.of(figure.kinds())
    sources = sources_of(session, facts, asked, reader)
    language, filters = reader.language, (figure.day, *FILTERS)
    countries, others = places(sources, figure)
    classes = Classes.of(place.figure for place in countries)
    title, day = language.say(figure.title), asked.until.isoformat() if figure.day == "until" else asked.year
    drawn = [_drawn(place, figure, asked, classes, language) for place in countries]
    return Markup(  # noqa: S704 - a template made it
        render_template(
            "figures_map_part.html",
            whole=whole,
            figure=figure,
            figures=MAP_FIGURES,
            title=title,
            day=day,
            picture=picture(drawn, title),
            legend=_legend(classes, language),
            lines=[_line(place, figure, asked) for place in (*countries, *others)],
            total=sum(place.figure for place in (*countries, *others)),
            small=_names(countries),
            asked=asked,
            names=NAMES,
            filters=filters,
            choices=choices(facts, asked, filters, language.code),
            meanings=sources.meanings(figure.report, figure.terms),
            workbook=addresses.of_latest(figure.report, sources.params(figure.report)),
            report=addresses.of_report(figure.report, sources.params(figure.report)),
            bound=sources.is_bound(figure.report),
            time=made_at(time_of(session, newest.position), language),
            standing=newest,
            same=_same(figure, asked, newest),
            language=language,
        )
    )


def _drawn(place: Place, figure: MapFigure, asked: Asked, classes: Classes, language: Language) -> Country:
    told = f"{place.name}: {language.number(place.figure)}"
    shade = classes.shade(classes.of_figure(place.figure))
    return Country(place.code, shade, told, _leads(place, figure, asked))


def _line(place: Place, figure: MapFigure, asked: Asked) -> Line:
    return Line(place.name, place.figure, _leads(place, figure, asked))


def _leads(place: Place, figure: MapFigure, asked: Asked) -> str:
    """The page that tells more of a country: of its office, where it has one alone."""
    path = f"/report/figures/{figure.board}"
    return asked.address(path, office=place.offices[0], of="", region="") if len(place.offices) == 1 else ""


def _legend(classes: Classes, language: Language) -> list[tuple[int, str]]:
    """Shade and range of each class, the darkest first."""
    limits = [language.number(limit) for limit in classes.limits]
    if not limits:
        return [(classes.shade(1), language.say("more than 0"))]
    between = [language.say("{low} to under {high}", low=low, high=high) for low, high in pairwise(limits)]
    ranges = [language.say("under {high}", high=limits[0]), *between, language.say("{low} and more", low=limits[-1])]
    return [(classes.shade(number), text) for number, text in enumerate(ranges, start=1)][::-1]


def _names(countries: list[Place]) -> list[str]:
    small = set(too_small([place.code for place in countries]))
    return [place.name for place in countries if place.code in small]


def _same(figure: MapFigure, asked: Asked, stands: Standing) -> str:
    day = asked.until.isoformat() if figure.day == "until" else asked.year
    chosen = {name: getattr(asked, name) for name in FILTERS}
    return asked.address(PATH, of=figure.key, **{figure.day: day}, **chosen, at=str(stands.position))
