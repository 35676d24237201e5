"""The figures that a map can show: of each office, from the reports' own tables, and of the countries they are in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from muster_report.blocks import Table
from muster_report.boards.sources import Sources
from muster_report.facts import Facts
from muster_report.figures import TOTAL, Number
from muster_report.reports import catalogue
from muster_report.reports.offices import office_name
from muster_report.tables import alphabetical
from muster_shared.language import noted


@dataclass(frozen=True, slots=True)
class MapFigure:
    """A figure of a map: the column of a report's tables whose rows are offices, and the page that tells more."""

    key: str
    title: str
    report: str
    table: str
    column: str
    board: str
    terms: tuple[str, ...]
    day: str = "year"

    def kinds(self) -> frozenset[str]:
        """The kinds of records that it is made of."""
        return catalogue()[self.report].kinds | {"office", "donor"}


_BY_OFFICE: Final = "offices"
MAP_FIGURES: Final[Mapping[str, MapFigure]] = {
    figure.key: figure
    for figure in (
        MapFigure(
            "required",
            noted("Funding required (USD)"),
            "funding-requirements",
            "lines",
            TOTAL,
            "funding",
            ("Funding requirement",),
        ),
        MapFigure(
            "projects",
            noted("Projects running in the year"),
            "beneficiaries",
            _BY_OFFICE,
            "projects",
            "people",
            ("Projects of the year",),
        ),
        MapFigure(
            "overdue",
            noted("Overdue reports"),
            "reporting-compliance",
            _BY_OFFICE,
            "overdue",
            "overdue",
            ("Overdue",),
            "until",
        ),
        MapFigure(
            "reached",
            noted("People reached in the year"),
            "beneficiaries",
            _BY_OFFICE,
            "reached",
            "people",
            ("Reached in the year", "Counted twice"),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Place:
    """A country, or an office that is not one country's: its name, its offices and the sum of their figures."""

    code: str
    name: str
    offices: tuple[str, ...]
    figure: Number


def places(sources: Sources, figure: MapFigure) -> tuple[list[Place], list[Place]]:
    """The countries with a figure, and the offices besides that are on no map; each by name."""
    countries: dict[str, list[tuple[str, Number]]] = {}
    others: list[Place] = []
    for office, value in _by_office(sources, figure):
        fields = _fields(sources.facts, office)
        if code := fields.get("iso3"):
            countries.setdefault(str(code), []).append((office, value))
        else:
            others.append(Place("", _name(sources, office), (office,), value))
    found = [_country(sources, code, held) for code, held in countries.items()]
    return sorted(found, key=_by_name), sorted(others, key=_by_name)


def _by_office(sources: Sources, figure: MapFigure) -> Iterator[tuple[str, Number]]:
    for table in sources.tables(figure.report, figure.table):
        yield from _rows(table, figure.column)


def _rows(table: Table, column: str) -> Iterator[tuple[str, Number]]:
    at = next(number for number, known in enumerate(table.columns) if known.key == column)
    for row in table.rows:
        value = row.cells[at]
        if row.role == "body" and isinstance(value, int | Decimal):
            yield row.key, value


def _country(sources: Sources, code: str, held: list[tuple[str, Number]]) -> Place:
    offices = tuple(office for office, _ in held)
    return Place(code, _name(sources, offices[0]), offices, sum(value for _, value in held))


def _name(sources: Sources, office: str) -> str:
    fields = _fields(sources.facts, office)
    return office_name(fields, sources.lang) if fields else office


def _fields(facts: Facts, office: str) -> Mapping[str, str]:
    fact = facts.kind("office").get(office)
    return fact.fields if fact else {}


def _by_name(place: Place) -> tuple[str, str]:
    return alphabetical(place.name)
