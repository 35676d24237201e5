"""The figures that the overview begins with: one from each page, kept each by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from muster_report.blocks import Table, Value
from muster_report.boards.asked import Asked
from muster_report.boards.choices import newest_source
from muster_report.boards.making import Reader, kept, sources_of
from muster_report.boards.sources import PARAMETERS, Sources
from muster_report.boards.standing import Standings, facts_of, standings
from muster_report.boards.years import projects_by_year
from muster_report.figures import TOTAL
from muster_report.reports import catalogue
from muster_shared.language import Language, noted

Told = Callable[[Sources, Language], Value]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: what it counts, how it is told, the page that tells more, and the report that it is from."""

    key: str
    title: str
    board: str
    report: str
    told: Told
    per_cent: bool = False


def _at(report: str, table: str, row: str, column: str) -> Told:
    return lambda sources, _language: cell(sources.table(report, table), row, column)


def cell(table: Table | None, row: str, column: str) -> Value:
    """A cell by the keys of its row and column; None where it is not there."""
    if table is None:
        return None
    at = next((at for at, known in enumerate(table.columns) if known.key == column), None)
    found = next((known for known in table.rows if known.key == row), None)
    return None if at is None or found is None else found.cells[at]


def _projects(sources: Sources, language: Language) -> Value:
    return cell(projects_by_year(sources, language), TOTAL, TOTAL)


TILES: Final = (
    Tile(
        "required",
        noted("Funding required, USD"),
        "funding",
        "funding-requirements",
        _at("funding-requirements", "overview", TOTAL, TOTAL),
    ),
    Tile("projects", noted("Projects, of every year and status"), "projects", "projects", _projects),
    Tile(
        "reached",
        noted("People reached"),
        "people",
        "beneficiaries",
        _at("beneficiaries", "headline", "People_Reached", "figure"),
    ),
    Tile(
        "rate",
        noted("Reporting rate"),
        "reporting",
        "reporting-compliance",
        _at("reporting-compliance", "regions", TOTAL, "reporting_rate"),
        per_cent=True,
    ),
    Tile(
        "overdue",
        noted("Overdue reports"),
        "overdue",
        "reporting-compliance",
        _at("reporting-compliance", "regions", TOTAL, "overdue"),
    ),
    Tile(
        "extensions",
        noted("Extensions waiting for a decision"),
        "overdue",
        "reporting-compliance",
        _at("reporting-compliance", "headline", "Extensions_Waiting", "figure"),
    ),
    Tile(
        "partnerships",
        noted("Partnerships"),
        "partnerships",
        "partnerships",
        _at("partnerships", "headline", "Partnerships_Total", "figure"),
    ),
)
_REPORTS: Final = tuple(dict.fromkeys(tile.report for tile in TILES))


def _kinds(report: str) -> frozenset[str]:
    return catalogue()[report].kinds | {"office"}


_KINDS: Final[frozenset[str]] = frozenset().union(*(_kinds(report) for report in _REPORTS))


def tiles(session: Session, asked: Asked, reader: Reader) -> Markup:
    """The figures of the overview; those of one report are made together."""
    stands = standings(session, _KINDS, asked.at)
    told = (_kept(session, report, asked.only(PARAMETERS[report]), reader, stands) for report in _REPORTS)
    return Markup("").join(told)


def _kept(session: Session, report: str, asked: Asked, reader: Reader, stands: Standings) -> Markup:
    scope = reader.scope((report,), asked)
    key = ("tiles", report, asked, scope, reader.language.code)
    return kept().of(key, stands.of(_kinds(report)), lambda: _made(session, report, asked, reader, stands))


def _made(session: Session, report: str, asked: Asked, reader: Reader, stands: Standings) -> Markup:
    facts = facts_of(session, _kinds(report), stands, reader.reads_only(session, (report,), asked))
    sources = sources_of(session, facts, replace(asked, source=newest_source(facts)), reader)
    return Markup("").join(_told(tile, sources, reader.language) for tile in TILES if tile.report == report)


def _told(tile: Tile, sources: Sources, language: Language) -> Markup:
    return Markup(  # noqa: S704 - a template made it
        render_template(
            "figures_tile.html",
            tile=tile,
            figure=_written(tile.told(sources, language), tile, language),
            when=_when(tile, sources.asked, language),
            href=sources.asked.address(f"/report/figures/{tile.board}"),
            bound=sources.is_bound(tile.report),
            language=language,
        )
    )


def _written(figure: Value, tile: Tile, language: Language) -> str:
    if not isinstance(figure, int | Decimal):
        return "\N{EN DASH}"
    return language.percent(Decimal(figure) / 100) if tile.per_cent else language.number(figure)


def _when(tile: Tile, asked: Asked, language: Language) -> str:
    if "until" in PARAMETERS[tile.report]:
        return language.say("until {day}", day=language.short_day(asked.until))
    return asked.year
