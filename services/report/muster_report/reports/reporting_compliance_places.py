"""Offices and regions as they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from muster_report.facts import Fact, Facts
from muster_report.reports.offices import office_name
from muster_report.words import code_name
from muster_shared.codelists import regions

NO_REGION: Final = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An office as it is printed, and its region's code (``NO_REGION`` where that is not known)."""

    code: str
    name: str
    region: str
    fact: Fact | None


def place_of(facts: Facts, code: str, lang: str) -> Place:
    """An office by its code; a country office is called by its country, in the language of the book."""
    office = facts.kind("office").get(code)
    if office is None:
        return Place(code, code, NO_REGION, None)
    region = str(office.fields.get("region"))
    return Place(code, office_name(office.fields, lang), region if region in regions() else NO_REGION, office)


def region_names(lang: str, no_region: str) -> dict[str, str]:
    """Region code to name, in the order of the code list; ``no_region`` is what offices of none stand under."""
    names = {code: code_name("region", code, region["name"], lang) for code, region in regions().items()}
    return names | {NO_REGION: no_region}
