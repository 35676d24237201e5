"""Offices as reports speak of them: their names, regions and countries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster_report.facts import Fact, Facts
from muster_report.words import country_name


def office_fields(facts: Facts, office: str) -> Mapping[str, Any] | None:
    """Fields of an office's record, or None where there is none."""
    fact = facts.kind("office").get(office)
    return fact.fields if fact else None


def office_name(fields: Mapping[str, Any], lang: str) -> str:
    """A country office is called by its country, in a language of ``words``; other names are the records' own."""
    name, code = str(fields["name"]), fields.get("iso3")
    return country_name(code, name, lang) if code and fields.get("type") == "country" else name


def offices_by_country(facts: Facts) -> dict[str, Fact]:
    """The country office of each ISO 3166-1 alpha-3 code (or XKX)."""
    countries: dict[str, Fact] = {}
    for fact in facts.kind("office").values():
        if fact.fields.get("iso3"):
            countries.setdefault(fact.fields["iso3"], fact)
    return countries
