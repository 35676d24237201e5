"""What the filters of a page can be set to: what there is in the records, called as reports call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from muster_report.boards.asked import Asked
from muster_report.facts import Facts
from muster_report.reports.funding_figures import area_names, region_names
from muster_report.reports.offices import office_name
from muster_report.reports.projects_columns import status_name
from muster_report.reports.projects_overview import STATUSES
from muster_report.tables import alphabetical
from muster_shared.language import noted

NAMES: Final[Mapping[str, str]] = {
    "year": noted("Year"),
    "until": noted("Until"),
    "region": noted("Region"),
    "office": noted("Office"),
    "area": noted("Area"),
    "donor": noted("Donor"),
    "status": noted("Status"),
    "source": noted("Document"),
}
Choice = tuple[str, str]  # value and name


def choices(facts: Facts, asked: Asked, filters: tuple[str, ...], lang: str) -> dict[str, list[Choice]]:
    """Filter to its values with their names; a filter of days has none."""
    return {name: _CHOICES[name](facts, asked, lang) if name in _CHOICES else [] for name in filters}


def newest_source(facts: Facts) -> str:
    """The document that partnerships are shown of where none is asked for: the last by name; empty where none is."""
    return max(_sources(facts), default="")


def _sources(facts: Facts) -> set[str]:
    return {str(fact.fields["source"]) for fact in facts.kind("partnership").values()}


def _years(facts: Facts, asked: Asked, _lang: str) -> list[Choice]:
    stated = {str(fact.fields["year"]) for fact in facts.kind("funding_requirement").values()}
    begun = {str(fact.fields["start"])[:4] for fact in facts.kind("project").values()}
    ended = {str(fact.fields["period_end"])[:4] for fact in facts.kind("progress_report").values()}
    return [(year, year) for year in sorted({asked.year, *stated, *begun, *ended} - {""}, reverse=True)]


def _regions(_facts: Facts, _asked: Asked, lang: str) -> list[Choice]:
    return list(region_names(lang).items())


def _offices(facts: Facts, asked: Asked, lang: str) -> list[Choice]:
    """The offices of the region that is chosen, else all."""
    held = facts.kind("office").items()
    here = ((code, fact) for code, fact in held if asked.region in ("", fact.fields.get("region")))
    named = [(code, office_name(fact.fields, lang)) for code, fact in here]
    return sorted(named, key=lambda choice: alphabetical(choice[1]))


def _areas(_facts: Facts, _asked: Asked, lang: str) -> list[Choice]:
    return list(area_names(lang).items())


def _donors(facts: Facts, _asked: Asked, _lang: str) -> list[Choice]:
    named = [(key, str(fact.fields["name"])) for key, fact in facts.kind("donor").items()]
    return sorted(named, key=lambda choice: alphabetical(choice[1]))


def _statuses(_facts: Facts, _asked: Asked, lang: str) -> list[Choice]:
    return [(status, status_name(status, lang)) for status in STATUSES if status]


def _documents(facts: Facts, _asked: Asked, _lang: str) -> list[Choice]:
    return [(source, source) for source in sorted(_sources(facts), reverse=True)]


_CHOICES: Final[Mapping[str, Callable[[Facts, Asked, str], list[Choice]]]] = {
    "year": _years,
    "region": _regions,
    "office": _offices,
    "area": _areas,
    "donor": _donors,
    "status": _statuses,
    "source": _documents,
}
