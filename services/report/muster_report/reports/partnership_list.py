"""Partnerships of one source, read with their partners and offices, and the list of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from muster_report.book import Column, ColumnRole, Row, Table, Value
from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.reports.offices import office_name, offices_by_country
from muster_report.small_cells import count_shown, leaves_the_house
from muster_report.tables import alphabetical, number_or_text, spelt_out
from muster_report.words import code_name, country_name, say
from muster_shared.codelists import areas_of_collaboration, regions

NOT_KNOWN: Final = ""


@dataclass(frozen=True, slots=True)
class Partnership:
    """One partnership: its record, its partner after mergers, and its office's name and region.

    ``partner_part`` counts the partner: by its own record, or by the partnership's where the partner has none.
    """

    fact: Fact
    partner_part: Part
    partner_id: str
    partner: str
    partner_type: str
    office: str
    region: str
    countries: tuple[str, ...]

    @property
    def key(self) -> str:
        """The record's key."""
        return self.fact.key

    @property
    def fields(self) -> Mapping[str, Any]:
        """The record's fields."""
        return self.fact.fields

    @property
    def part(self) -> Part:
        """The partnership, counted."""
        return Part(self.fact, "", 1)


@dataclass(frozen=True, slots=True)
class Partnerships:
    """All partnerships of a source, as the list prints them; ``country_names`` by ISO 3166-1 alpha-3 code.

    ``lang`` is the language of all names that are not the records' own words.
    """

    source: str
    lang: str
    rows: tuple[Partnership, ...]
    country_names: Mapping[str, str]
    used: tuple[Fact, ...]


def read_partnerships(facts: Facts, source: str, lang: str) -> Partnerships:
    """Everything that the facts say of a source's partnerships."""
    stated = [fact for fact in facts.kind("partnership").values() if fact.fields.get("source") == source]
    chains = {fact.key: partner_chain(facts, fact.fields["partner_id"]) for fact in stated}
    rows = [_partnership(facts, fact, chains[fact.key], lang) for fact in stated]
    countries = offices_by_country(facts)
    used_countries = {code for row in rows for code in row.countries}
    offices = {fact.fields["office"] for fact in stated}
    offices |= {fact.key for code, fact in countries.items() if code in used_countries}
    partners = {fact.key for chain in chains.values() for fact in chain}
    return Partnerships(
        source=source,
        lang=lang,
        rows=tuple(sorted(rows, key=_printed_order)),
        country_names=_country_names(countries, used_countries, lang),
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


def list_table(partnerships: Partnerships, copy: str) -> Table:
    """The filterable list; notes are left out of copies that leave the house, small counts hidden."""
    columns = tuple(_columns(partnerships.lang, copy))
    by_key = {row.key: row for row in partnerships.rows}
    return Table(
        "list",
        columns,
        tuple(_row(row, columns, partnerships, copy) for row in partnerships.rows),
        filtered=True,
        parts=lambda row, column: _parts(by_key[row].fact, column, copy) if row in by_key else [],
    )


def _parts(fact: Fact, column: str, copy: str) -> list[Part]:
    """The number that the record itself states; none where the copy hides it."""
    stated = fact.fields.get(column)
    shown = count_shown(stated, copy) if column == "people_reached" else number_or_text(stated or None)
    return [Part(fact, column, shown)] if column in _FIGURES and isinstance(shown, int) else []


def area_name(code: str, lang: str) -> str:
    """An area of collaboration in words."""
    listed = areas_of_collaboration().get(code)
    return code_name("area_of_collaboration", code, listed["name"] if listed else spelt_out(code), lang)


def role_name(code: str, lang: str) -> str:
    """The role of a partner in words."""
    return code_name("role", code, spelt_out(code), lang)


def _columns(lang: str, copy: str) -> Iterator[Column]:
    for key, (width, tag) in _COLUMNS.items():
        if not (key == "note" and leaves_the_house(copy)):
            heading = say(f"partnerships.list.{key}", lang)
            counts = key == "people_reached"
            role: ColumnRole = "label" if key == "partner" else "body"
            yield Column(key, heading, width, "number" if counts else "text", role, tag)


_COLUMNS: Final = {  # key: width in characters, HXL tag
    "partner": (34, "#org+name+partner"),
    "partner_printed": (30, "#org+name+printed"),
    "type": (17, "#org+type+partner"),
    "office": (20, "#org+name+office"),
    "office_place": (14, "#loc+name+office"),
    "countries": (22, "#country+name+list"),
    "area": (22, "#sector+name"),
    "role": (18, "#org+role+partner"),
    "title": (40, "#activity+name"),
    "period": (14, "#meta+period"),
    "people_reached": (10, "#reached"),
    "people_unit": (13, "#meta+unit"),
    "note": (40, "#meta+note"),
    "paragraph": (8, "#meta+paragraph"),
}


_FIGURES: Final = frozenset({"people_reached", "paragraph"})


def _row(row: Partnership, columns: tuple[Column, ...], partnerships: Partnerships, copy: str) -> Row:
    fields, lang = row.fields, partnerships.lang
    shown: dict[str, Value] = {
        "partner": row.partner,
        "type": code_name("partner_type", row.partner_type, spelt_out(row.partner_type), lang),
        "office": row.office,
        "countries": ", ".join(partnerships.country_names.get(code, code) for code in row.countries),
        "area": area_name(fields["area"], lang),
        "role": role_name(fields["role"], lang),
        "period": _period(fields, lang),
        "paragraph": number_or_text(fields.get("paragraph") or None),
        "people_reached": count_shown(fields.get("people_reached"), copy),
    }
    cells = tuple(shown[c.key] if c.key in shown else fields.get(c.key) or None for c in columns)
    return Row(row.key, cells, label=f"{row.partner} ({row.key})")


def _period(fields: Mapping[str, Any], lang: str) -> str | None:
    """The period in the source's words, else its dates."""
    if fields.get("period_text"):
        return str(fields["period_text"])
    start, end = fields.get("start"), fields.get("end")
    form = "both" if start and end else "from" if start else "until" if end else ""
    return say(f"partnerships.period_{form}", lang, start=start, end=end) if form else None


def _country_names(countries: Mapping[str, Fact], used: set[str], lang: str) -> dict[str, str]:
    return {code: country_name(code, countries[code].fields["name"], lang) for code in used if code in countries}


def _partnership(facts: Facts, fact: Fact, chain: tuple[Fact, ...], lang: str) -> Partnership:
    fields = fact.fields
    holds: Mapping[str, Any] = chain[-1].fields if chain else {}
    office = facts.kind("office").get(fields["office"])
    region = office.fields["region"] if office else NOT_KNOWN
    return Partnership(
        fact=fact,
        partner_part=Part(chain[-1], "", 1) if chain else Part(fact, "partner_id", 1),
        partner_id=chain[-1].key if chain else fields["partner_id"],
        partner=holds.get("name") or fields.get("partner_printed") or fields["partner_id"],
        partner_type=holds.get("type") or NOT_KNOWN,
        office=office_name(office.fields, lang) if office else fields["office"],
        region=region if region in regions() else NOT_KNOWN,
        countries=tuple(dict.fromkeys(fields.get("countries") or ())),
    )


def _printed_order(row: Partnership) -> tuple[tuple[int, ...], tuple[str, str], str]:
    numbers = tuple(int(number) for number in re.findall(r"\d+", str(row.fields.get("paragraph") or "")))
    return numbers, alphabetical(row.partner), row.key
