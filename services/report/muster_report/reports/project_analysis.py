"""The projects of a year: by funding year, area share, activity type, gender marker and region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from muster_report.book import Block, Book, Chart, Charts, Note, Series, Sheet, Table
from muster_report.facts import Facts
from muster_report.money_rates import rates_sheet
from muster_report.reports.project_analysis_overview import overview_blocks, projects_table
from muster_report.reports.project_analysis_portfolio import Portfolio, read_portfolio
from muster_report.reports.project_analysis_slices import by_activity, by_area, by_marker, by_region, region_names
from muster_report.reports.project_analysis_tables import (
    breakdown,
    breakdown_table,
    crossed,
    crossed_table,
    funding_years_table,
)
from muster_report.reports.report import Parameter, Params, Report, YearSlice, every_known, only
from muster_report.reports.surroundings import Surroundings
from muster_report.words import ENGLISH, pairs, say
from muster_shared.language import noted

SHEETS: Final = ("overview", "funding_years", "areas", "activities", "markers", "regions", "projects")


def build(facts: Facts, params: Params) -> Book:
    """The workbook of a year; ``params`` are ``year``, ``copy`` and maybe ``lang`` (English where it is left out)."""
    lang = params.get("lang", ENGLISH)
    portfolio = read_portfolio(facts, params["year"], lang)
    title = _say("title", portfolio, year=portfolio.year)
    return Book(
        title=title,
        subtitle=_say("subtitle", portfolio, year=portfolio.year),
        sheets=tuple(_sheets(portfolio, title)),
        description=_say("description", portfolio),
        definitions=pairs("project_analysis.definitions", lang),
        used=portfolio.used(),
    )


def _say(key: str, portfolio: Portfolio, **values: object) -> str:
    return say(f"project_analysis.{key}", portfolio.lang, **values)


def _sheets(portfolio: Portfolio, title: str) -> Iterator[Sheet]:
    names = {key: _say(f"sheet_{key}", portfolio) for key in SHEETS}
    subtitle = _say("subtitle", portfolio, year=portfolio.year)
    if not portfolio.lines and not portfolio.others:
        nothing = Note("none", _say("nothing", portfolio, year=portfolio.year), "alert")
        yield from (Sheet(name, title, subtitle, (nothing,)) for name in names.values())
        return
    tables = dict(_tables(portfolio))
    blocks: dict[str, tuple[Block, ...]] = {key: _blocks(key, table, portfolio) for key, table in tables.items()}
    blocks["regions"] = (*blocks["regions"], *_crossed(portfolio))
    blocks["overview"] = overview_blocks(portfolio, tables)
    for key, name in names.items():
        heading = title if key == "overview" else f"{title}: {name}"
        freeze = key if key == "projects" else ""
        yield Sheet(name, heading, subtitle, blocks[key], freeze=freeze, one_page=key != "projects")
    yield rates_sheet(portfolio.amounts(), portfolio.rates, title, portfolio.lang)


def _tables(portfolio: Portfolio) -> Iterator[tuple[str, Table]]:
    areas, regions = by_area(portfolio), by_region(portfolio)
    budgets = crossed(portfolio, areas)
    made = {
        "areas": breakdown(portfolio, areas, {"budget": budgets.rows}),
        "activities": breakdown(portfolio, by_activity(portfolio)),
        "markers": breakdown(portfolio, by_marker(portfolio)),
        "regions": breakdown(portfolio, regions, {"budget": budgets.columns}),
    }
    yield "funding_years", funding_years_table(portfolio)
    for key, one in made.items():
        yield key, breakdown_table(key, _say(f"corner_{key}", portfolio), one, portfolio, _TAGS[key])
    yield "projects", projects_table(portfolio)


_TAGS: Final = {
    "areas": "#sector+name",
    "activities": "#activity+type",
    "markers": "#indicator+gender_marker",
    "regions": "#region+name",
}


def _blocks(key: str, table: Table, portfolio: Portfolio) -> tuple[Block, ...]:
    rules: tuple[Block, ...] = (Note("rule", _say(f"rule_{key}", portfolio)),)
    if key not in _TAGS or not portfolio.lines:
        return (table, *rules)
    names = [(measure, _say(measure, portfolio)) for measure in ("budget", "granted", "spent")]
    series = tuple(Series(name, "rows", measure) for measure, name in names)
    title = _say(f"sheet_{key}", portfolio)
    heading = _say("chart_title", portfolio, what=title)
    chart = Chart(key, heading, _say("chart_description", portfolio, what=title), key, series, "bar", values="millions")
    return (table, *rules, *(() if key == "regions" else (Charts((chart,)),)))


def _crossed(portfolio: Portfolio) -> tuple[Block, ...]:
    if not portfolio.lines:
        return ()
    areas, corner = by_area(portfolio), _say("corner_areas", portfolio)
    whole = crossed(portfolio, areas)
    return (crossed_table(corner, areas, region_names(portfolio), portfolio, whole),)


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    """A project's year is that of its start; the records of its money do not tell it, nor do offices and rates."""
    if kind == "project":
        start = fields.get("start")
        return ({"year": str(start)[:4]},) if start else ()
    return every_known(known)


def _concerns(kind: str, params: Params, around: Surroundings) -> bool:
    """Money is that of a project of the year."""
    return kind == "project" or around.starts_in(params["year"])


def _year(text: str) -> str:
    if not (len(text) == 4 and text.isascii() and text.isdecimal()) or int(text) == 0:
        raise ValueError(f"'{text}' is not a year: give four digits, for example 2016")
    return text


REPORT: Final = Report(
    key="project-analysis",
    title=noted("Project analysis"),
    description=noted("Projects of a year and their money by funding year, area, activity, gender marker and region."),
    parameters=(Parameter("year", _year, noted("the year in which the projects start"), "2016"),),
    kinds=frozenset({"project", "office", "grant", "progress_report", "exchange_rate"}),
    looks_at=only(
        project="project_code title office start status budget areas activities gender_marker",
        office="name region",
        grant="grant_id project_code amount currency signed",
        progress_report="project_code grant_id type period_start period_end submitted_on donor_status expenditure",
    ),
    affected=_affected,
    concerns=_concerns,
    build=build,
    year_slice=YearSlice("year"),
)
