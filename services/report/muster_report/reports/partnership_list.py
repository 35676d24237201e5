"""Partnerships of one source, read with their partners and offices, and the list of all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from muster_report.book import Column, Row, Table, Value
from muster_report.facts import Fact, Facts
from muster_report.reports.offices import offices_by_country
from muster_report.small_cells import count_shown, leaves_the_house
from muster_report.tables import alphabetical, number_or_text, spelt_out
from muster_shared.codelists import areas_of_collaboration, regions

NOT_KNOWN: Final = ""
PARTNER_TYPES: Final = {
    "ngo_local": "Local NGO",
    "ngo_national": "National NGO",
    "ngo_international": "International NGO",
    "church_based": "Church-based",
    "foundation": "Foundation",
    "association": "Association",
    "red_cross": "Red Cross or Red Crescent",
    "un_agency": "UN agency",
    "government": "Government",
    "research": "Research institution",
    "other": "Other",
    NOT_KNOWN: "Not known",
}


@dataclass(frozen=True, slots=True)
class Partnership:
    """One partnership: the record's fields, its partner after mergers, and its office's name and region."""

    key: str
    fields: Mapping[str, Any]
    partner_id: str
    partner: str
    partner_type: str
    office: str
    region: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partnerships:
    """All partnerships of a source, as the list prints them; ``country_names`` by ISO 3166-1 alpha-3 code."""

    source: str
    rows: tuple[Partnership, ...]
    country_names: Mapping[str, str]
    used: tuple[Fact, ...]


def read_partnerships(facts: Facts, source: str) -> Partnerships:
    """Everything that the facts say of a source's partnerships."""
    stated = [fact for fact in facts.kind("partnership").values() if fact.fields.get("source") == source]
    chains = {fact.key: partner_chain(facts, fact.fields["partner_id"]) for fact in stated}
    rows = [_partnership(facts, fact, chains[fact.key]) for fact in stated]
    countries = offices_by_country(facts)
    used_countries = {code for row in rows for code in row.countries}
    offices = {fact.fields["office"] for fact in stated}
    offices |= {fact.key for code, fact in countries.items() if code in used_countries}
    partners = {fact.key for chain in chains.values() for fact in chain}
    return Partnerships(
        source=source,
        rows=tuple(sorted(rows, key=_printed_order)),
        country_names={code: countries[code].fields["name"] for code in used_countries if code in countries},
        used=(
            *stated,
            *(fact for fact in facts.kind("partner").values() if fact.key in partners),
            *(fact for fact in facts.kind("office").values() if fact.key in offices),
        ),
    )


def partner_chain(facts: Facts, partner_id: str) -> tuple[Fact, ...]:
    """The partner's record and those it was merged into, the one that holds last; empty where there is none."""
    chain: dict[str, Fact] = {}
    follow: str | None = partner_id
    while follow and follow not in chain and follow in facts.kind("partner"):
        chain[follow] = facts.kind("partner")[follow]
        follow = chain[follow].fields.get("merged_into")
    return tuple(chain.values())


def list_table(rows: tuple[Partnership, ...], country_names: Mapping[str, str], copy: str) -> Table:
    """The filterable list; notes are left out of copies that leave the house, small counts hidden."""
    columns = [column for column in _COLUMNS if not (column.key == "note" and leaves_the_house(copy))]
    return Table("list", tuple(columns), tuple(_row(row, columns, country_names, copy) for row in rows), filtered=True)


def area_name(code: str) -> str:
    """An area of collaboration in words."""
    listed = areas_of_collaboration().get(code)
    return listed["name"] if listed else spelt_out(code)


_COLUMNS: Final = (
    Column("partner", "Partner", 34, "text", "label"),
    Column("partner_printed", "Partner as printed", 30, "text"),
    Column("type", "Type of partner", 17, "text"),
    Column("office", "Office", 20, "text"),
    Column("office_place", "Place", 14, "text"),
    Column("countries", "Countries", 22, "text"),
    Column("area", "Area of collaboration", 22, "text"),
    Column("role", "Role", 18, "text"),
    Column("title", "Project or activity", 40, "text"),
    Column("period", "Period", 14, "text"),
    Column("people_reached", "People reached", 10),
    Column("people_unit", "Counted as", 13, "text"),
    Column("note", "Note", 40, "text"),
    Column("paragraph", "Para-graph", 8, "text"),
)


def _row(row: Partnership, columns: list[Column], country_names: Mapping[str, str], copy: str) -> Row:
    fields = row.fields
    shown: dict[str, Value] = {
        "partner": row.partner,
        "type": PARTNER_TYPES.get(row.partner_type, spelt_out(row.partner_type)),
        "office": row.office,
        "countries": ", ".join(country_names.get(code, code) for code in row.countries),
        "area": area_name(fields["area"]),
        "role": spelt_out(fields["role"]),
        "period": _period(fields),
        "paragraph": number_or_text(fields.get("paragraph") or None),
        "people_reached": count_shown(fields.get("people_reached"), copy),
    }
    cells = tuple(shown[c.key] if c.key in shown else fields.get(c.key) or None for c in columns)
    return Row(row.key, cells, label=f"{row.partner} ({row.key})")


def _period(fields: Mapping[str, Any]) -> str | None:
    """The period in the source's words, else its dates."""
    if fields.get("period_text"):
        return str(fields["period_text"])
    start, end = fields.get("start"), fields.get("end")
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else None


def _partnership(facts: Facts, fact: Fact, chain: tuple[Fact, ...]) -> Partnership:
    fields = fact.fields
    holds: Mapping[str, Any] = chain[-1].fields if chain else {}
    office = facts.kind("office").get(fields["office"])
    region = office.fields["region"] if office else NOT_KNOWN
    return Partnership(
        key=fact.key,
        fields=fields,
        partner_id=chain[-1].key if chain else fields["partner_id"],
        partner=holds.get("name") or fields.get("partner_printed") or fields["partner_id"],
        partner_type=holds.get("type") or NOT_KNOWN,
        office=office.fields["name"] if office else fields["office"],
        region=region if region in regions() else NOT_KNOWN,
        countries=tuple(dict.fromkeys(fields.get("countries") or ())),
    )


def _printed_order(row: Partnership) -> tuple[tuple[int, ...], tuple[str, str], str]:
    numbers = tuple(int(number) for number in re.findall(r"\d+", str(row.fields.get("paragraph") or "")))
    return numbers, alphabetical(row.partner), row.key
