"""The headings a year's projects are analysed by: area share, activity type, gender marker, region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from muster_report.reports.project_analysis_portfolio import UNKNOWN, Portfolio, ProjectLine, Slice
from muster_report.tables import in_order
from muster_report.words import code_name, say
from muster_shared.codelists import activity_types, areas, regions

MARKERS: Final = ("4", "3", "2", "1", "0")


def by_area(portfolio: Portfolio) -> list[Slice]:
    """Each project with the percent of it in each funding area."""
    lang = portfolio.lang
    names = {code: code_name("area", code, row["name"], lang) for code, row in areas().items()}
    return _shared(portfolio, "areas", names)


def by_activity(portfolio: Portfolio) -> list[Slice]:
    """Each project with the percent of it in each type of activity."""
    lang = portfolio.lang
    names = {code: code_name("activity_type", code, row["name"], lang) for code, row in activity_types().items()}
    return _shared(portfolio, "activities", names)


def by_marker(portfolio: Portfolio) -> list[Slice]:
    """Projects by gender marker, the highest first."""
    lang = portfolio.lang
    names = {marker: say("project_analysis.marker_is", lang, marker=marker) for marker in MARKERS}
    return _whole(portfolio, names, _marker)


def by_region(portfolio: Portfolio) -> list[Slice]:
    """Projects by the region of their office."""
    return _whole(portfolio, region_names(portfolio), lambda line: line.region)


def region_names(portfolio: Portfolio) -> dict[str, str]:
    """Code to name of the regions that have projects, in the order of the list."""
    names = {code: code_name("region", code, row["name"], portfolio.lang) for code, row in regions().items()}
    return _named({line.region for line in portfolio.lines}, names, portfolio.lang)


def not_summing(portfolio: Portfolio) -> dict[str, list[ProjectLine]]:
    """Projects whose shares are stated but do not sum to 100 percent, by ``areas`` and ``activities``."""
    found = {name: [line for line in portfolio.lines if _off(line, name)] for name in ("areas", "activities")}
    return {name: lines for name, lines in found.items() if lines}


def _off(line: ProjectLine, name: str) -> bool:
    return bool(line.fact.fields.get(name)) and UNKNOWN in line.shares(name)


def _marker(line: ProjectLine) -> str:
    marker = line.fact.fields.get("gender_marker")
    return UNKNOWN if marker is None else str(marker)


def _shared(portfolio: Portfolio, name: str, names: Mapping[str, str]) -> list[Slice]:
    pieces: dict[str, list[tuple[ProjectLine, Decimal | None]]] = {}
    for line in portfolio.lines:
        for code, percent in line.shares(name).items():
            pieces.setdefault(code, []).append((line, percent))
    return [Slice(code, label, tuple(pieces[code])) for code, label in _named(pieces, names, portfolio.lang).items()]


def _whole(portfolio: Portfolio, names: Mapping[str, str], of: Callable[[ProjectLine], str]) -> list[Slice]:
    pieces: dict[str, list[tuple[ProjectLine, Decimal | None]]] = {}
    for line in portfolio.lines:
        pieces.setdefault(of(line), []).append((line, None))
    return [Slice(code, label, tuple(pieces[code])) for code, label in _named(pieces, names, portfolio.lang).items()]


def _named(codes: Iterable[str], names: Mapping[str, str], lang: str) -> dict[str, str]:
    stated = set(codes)
    found = in_order(stated - {UNKNOWN}, names)
    return found | ({UNKNOWN: say("project_analysis.not_stated", lang)} if UNKNOWN in stated else {})
