"""What offices state that they need for a year: read, placed in its region, added up, called by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from muster_report.facts import Fact, Facts
from muster_report.figures import Observation, Part
from muster_report.reports.offices import office_fields, office_name
from muster_report.tables import alphabetical, spelt_out
from muster_report.words import code_name, say, say_number, whole_number
from muster_shared.codelists import areas, regions

CURRENCY: Final = "USD"
REPORT_KEY: Final = "funding-requirements"
APART: Final = ("southern_africa", "multi_regional")  # regions that are not stated by country
_TYPES: Final = ("country", "regional", "headquarters")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one office needs for one area; ``amount`` is None where nothing is planned."""

    fact: Fact
    office: str
    region: str
    area: str
    amount: Decimal | None
    note: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A figure that is not in any sum, and why."""

    fact: Fact
    key: str
    what: str
    amount: Decimal | None
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class Funding:
    """All that is known of one year; ``lines`` names each office's line by region and office, in printed order.

    ``lang`` is the language of all words that are not the records' own.
    """

    year: str
    lang: str
    requirements: tuple[Requirement, ...]
    initiatives: tuple[Fact, ...]
    published: tuple[Fact, ...]
    left_out: tuple[LeftOut, ...]
    lines: Mapping[str, Mapping[str, str]]
    used: tuple[Fact, ...]

    def say(self, key: str, **values: object) -> str:
        """The report's words under a key of the table ``funding``, their places filled in."""
        return say(f"funding.{key}", self.lang, **values)

    def say_number(self, key: str, number: int, **values: object) -> str:
        """The same for words that change with a number."""
        return say_number(f"funding.{key}", number, self.lang, **values)

    def number(self, number: int) -> str:
        """A whole number inside a sentence."""
        return whole_number(number, self.lang)


def read_funding(facts: Facts, year: str, lang: str) -> Funding:
    """Everything that the facts say of a year's funding, in the words of a language."""
    stated = _of_year(facts, "funding_requirement", year)
    initiatives = _of_year(facts, "initiative", year)
    published = [f for f in _of_year(facts, "published_total", year) if f.fields["report"] == REPORT_KEY]
    left_out = [out for fact in (*stated, *initiatives, *published) if (out := _left_out(facts, fact, lang))]
    outside = {out.key for out in left_out}
    requirements = tuple(_requirement(facts, fact) for fact in stated if _identity(fact) not in outside)
    offices = {fact.fields["office"] for fact in stated}
    return Funding(
        year=year,
        lang=lang,
        requirements=requirements,
        initiatives=tuple(fact for fact in initiatives if _identity(fact) not in outside),
        published=tuple(fact for fact in published if _identity(fact) not in outside),
        left_out=tuple(left_out),
        lines=_lines(facts, requirements, lang),
        used=(*stated, *initiatives, *published, *(f for f in facts.kind("office").values() if f.key in offices)),
    )


def observations(requirements: Iterable[Requirement], *, by: tuple[str, str] = ("area", "region")) -> list[Observation]:
    """Amounts by two attributes of a requirement; where nothing is planned (or a plain 0 is stated) there is none."""
    first, second = by
    return [
        Observation(getattr(each, first), getattr(each, second), Part(each.fact, "amount", each.amount))
        for each in requirements
        if each.amount
    ]


def region_names(lang: str) -> dict[str, str]:
    """Code to name of the regions, in printed order."""
    return {code: code_name("region", code, region["name"], lang) for code, region in regions().items()}


def area_names(lang: str) -> dict[str, str]:
    """Code to name of the funding areas, in printed order."""
    return {code: code_name("area", code, area["name"], lang) for code, area in areas().items()}


def named(names: Mapping[str, str], code: str) -> str:
    """The name of a code, spelt out from it where its list does not have it."""
    return names.get(code) or spelt_out(code)


def money(text: Any) -> Decimal | None:
    """An amount of a record's fields: a decimal string, or None."""
    return None if text in (None, "") else Decimal(str(text))


def _of_year(facts: Facts, kind: str, year: str) -> list[Fact]:
    return [fact for fact in facts.kind(kind).values() if str(fact.fields["year"]) == year]


def _identity(fact: Fact) -> str:
    return f"{fact.kind}/{fact.key}"


def _requirement(facts: Facts, fact: Fact) -> Requirement:
    fields = fact.fields
    region = (office_fields(facts, fields["office"]) or {})["region"]
    amount, note = money(fields.get("amount")), fields.get("note") or ""
    return Requirement(fact, fields["office"], region, fields["area"], amount, note)


def _left_out(facts: Facts, fact: Fact, lang: str) -> LeftOut | None:
    reason = _reason(facts, fact, lang)
    if reason is None:
        return None
    what = f"{say(f'funding.kinds.{fact.kind}', lang)} {fact.key}"
    return LeftOut(fact, _identity(fact), what, stated_amount(fact)[1], fact.fields.get("currency") or "", reason)


def stated_amount(fact: Fact) -> tuple[str, Decimal | None]:
    """The field of a record that holds its amount, and the amount."""
    name = next((name for name in ("amount", "required", "printed") if name in fact.fields), "amount")
    return name, money(fact.fields.get(name))


def _reason(facts: Facts, fact: Fact, lang: str) -> str | None:
    currency = fact.fields.get("currency") or CURRENCY
    if currency != CURRENCY:
        return say("funding.reason.currency", lang, stated=currency, currency=CURRENCY)
    if fact.kind != "funding_requirement":
        return None
    office = office_fields(facts, fact.fields["office"])
    if office is None:
        return say("funding.reason.office", lang)
    if office["region"] not in regions():
        return say("funding.reason.region", lang, region=office["region"])
    return None if fact.fields["area"] in areas() else say("funding.reason.area", lang)


def _lines(facts: Facts, requirements: tuple[Requirement, ...], lang: str) -> dict[str, dict[str, str]]:
    lines: dict[str, dict[str, str]] = {}
    for region, name in region_names(lang).items():
        offices = {requirement.office for requirement in requirements if requirement.region == region}
        fields = {office: office_fields(facts, office) or {} for office in offices}
        ordered = sorted(offices, key=lambda office, known=fields: _line_order(known[office], lang))  # type: ignore[misc]
        alone = all(fields[office]["type"] == "regional" for office in offices)
        lines[region] = {office: _line(fields[office], name, lang, alone=alone) for office in ordered}
    return lines


def _line_order(office: Mapping[str, Any], lang: str) -> tuple[int, tuple[str, str]]:
    return _TYPES.index(office["type"]), alphabetical(office_name(office, lang))


def _line(office: Mapping[str, Any], region: str, lang: str, *, alone: bool) -> str:
    """How a line is called: a country by its name, a regional office by what it carries, headquarters by region."""
    if office["type"] == "regional":
        return say(f"funding.{'regional_total' if alone else 'regional_programmes'}", lang, region=region)
    return region if office["type"] == "headquarters" else office_name(office, lang)
