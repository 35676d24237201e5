"""Printed totals of a published overview held against the sums of what offices state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from muster_report.book import Block, Column, Note, Row, RowRole, Sheet, Table
from muster_report.facts import Fact
from muster_report.figures import Observation, Part, Parts
from muster_report.reports.funding_figures import (
    CURRENCY,
    Funding,
    area_names,
    money,
    named,
    observations,
    region_names,
)
from muster_report.tables import spelt_out
from muster_report.words import known_as
from muster_shared.codelists import areas, regions

ALL: Final = "all"
_TABLES: Final = ("overview", "region")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One printed total and what the sum is made of; both 0 where nothing is planned."""

    fact: Fact
    key: str
    table: str
    region: str
    area: str
    printed: Decimal
    stated: tuple[Part, ...]

    @property
    def computed(self) -> Decimal:
        """The sum of what offices state."""
        return sum((Decimal(part.value) for part in self.stated), Decimal())

    @property
    def difference(self) -> Decimal:
        """Computed minus printed."""
        return self.computed - self.printed


def comparisons(funding: Funding) -> list[Comparison]:
    """Every printed total of the year: those that differ first, the largest difference leading."""
    stated = observations(funding.requirements)
    return sorted((_comparison(fact, stated) for fact in funding.published), key=_order)


def reconciliation_sheet(funding: Funding, compared: list[Comparison], title: str) -> Sheet:
    """The sheet that shows all of them, and says what to make of it."""
    blocks: tuple[Block, ...]
    if compared:
        blocks = (_verdict(funding, compared), _table(funding, compared), *_explanations(funding))
    else:
        blocks = (Note("none", funding.say("no_printed_total", year=funding.year)),)
    name, subtitle = funding.say("sheet_reconciliation"), funding.say("printed_against_sums", currency=CURRENCY)
    return Sheet(name, title, subtitle, blocks, freeze="reconciliation" if compared else "", landscape=False)


def differing(compared: list[Comparison]) -> int:
    """How many printed totals are not the sum of their parts."""
    return sum(1 for comparison in compared if comparison.difference)


def _verdict(funding: Funding, compared: list[Comparison]) -> Note:
    count, wrong = funding.number(len(compared)), differing(compared)
    if not wrong:
        return Note("verdict", funding.say("all_agree", count=count))
    return Note("verdict", funding.say_number("differ", wrong, count=count), "alert")


def _explanations(funding: Funding) -> tuple[Note, ...]:
    return Note("sign", funding.say("sign_means")), Note("dash", funding.say("dash_means"))


def _table(funding: Funding, compared: list[Comparison]) -> Table:
    columns = (
        Column("table", funding.say("table"), 20, "text"),
        Column("region", funding.say("region"), 46, "text"),
        Column("area", funding.say("area"), 40, "text"),
        Column("printed", funding.say("printed"), 16, "printed"),
        Column("computed", funding.say("computed"), 16, "printed"),
        Column("difference", funding.say("difference"), 16),
    )
    all_regions = {ALL: funding.say("all_regions"), **region_names(funding.lang)}
    all_areas = {ALL: funding.say("all_areas"), **area_names(funding.lang)}
    rows = tuple(_row(comparison, all_regions, all_areas, funding.lang) for comparison in compared)
    return Table("reconciliation", columns, rows, filtered=True, parts=_parts(funding, compared))


def _row(comparison: Comparison, regions_: Mapping[str, str], areas_: Mapping[str, str], lang: str) -> Row:
    words = (
        known_as("funding.tables", comparison.table, spelt_out(comparison.table), lang),
        named(regions_, comparison.region),
        named(areas_, comparison.area),
    )
    figures = (comparison.printed, comparison.computed, comparison.difference)
    role: RowRole = "subtotal" if comparison.difference else "body"
    return Row(comparison.key, (*words, *figures), role, label=", ".join(words))


def _comparison(fact: Fact, observed: list[Observation]) -> Comparison:
    region, area = fact.fields["region"], fact.fields["area"]
    stated = tuple(o.part for o in observed if area in (o.row, ALL) and region in (o.column, ALL))
    printed = money(fact.fields["printed"]) or Decimal()
    return Comparison(fact, fact.key, fact.fields["table"], region, area, printed, stated)


def _parts(funding: Funding, compared: list[Comparison]) -> Parts:
    by_key = {comparison.key: comparison for comparison in compared}

    def parts(row: str, column: str) -> list[Part]:
        comparison = by_key[row]
        printed, stated = Part(comparison.fact, "printed", comparison.printed), list(comparison.stated)
        less = Part(comparison.fact, "printed", -comparison.printed, funding.say("taken_away"))
        return {"printed": [printed], "computed": stated, "difference": [*stated, less]}.get(column, [])

    return parts


def _order(comparison: Comparison) -> tuple[Decimal, int, int, int, str]:
    return (
        -abs(comparison.difference),
        _place(comparison.table, _TABLES),
        _place(comparison.region, tuple(regions())),
        _place(comparison.area, tuple(areas())),
        comparison.key,
    )


def _place(code: str, codes: tuple[str, ...]) -> int:
    return codes.index(code) if code in codes else len(codes)
