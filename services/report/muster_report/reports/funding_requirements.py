"""Funding requirements of a year: areas by regions, each region's lines, initiatives, reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from muster_report.book import Block, Book, Chart, Charts, Column, Note, Row, Series, Sheet, Table
from muster_report.facts import Facts
from muster_report.reports.funding_figures import (
    APART,
    CURRENCY,
    REPORT_KEY,
    Funding,
    Requirement,
    amounts,
    read_funding,
)
from muster_report.reports.funding_initiatives import initiatives_sheet
from muster_report.reports.funding_reconciliation import (
    SHEET as RECONCILIATION,
)
from muster_report.reports.funding_reconciliation import (
    Comparison,
    comparisons,
    differing,
    reconciliation_sheet,
)
from muster_report.reports.report import Parameter, Params, Report, every_known
from muster_report.small_cells import leaves_the_house
from muster_report.tables import TOTAL, in_order, key_figures, matrix, sum_or
from muster_shared.codelists import areas, regions

_NOT_ADDED: Final = "Not added"
_DOLLARS: Final = f"United States dollars ({CURRENCY})"
_EMPTY_CELL: Final = Note("empty", "An empty cell: nothing planned, or already funded.")


def build(facts: Facts, params: Params) -> Book:
    """The workbook of one year; ``params`` are ``year`` and ``copy``."""
    funding = read_funding(facts, params["year"])
    compared = comparisons(funding)
    title = f"Funding requirements {funding.year}"
    return Book(
        title=title,
        subtitle=_DOLLARS,
        sheets=(
            _overview(funding, compared, title),
            *(_region_sheet(funding, region, title, params["copy"]) for region in regions()),
            initiatives_sheet(funding, f"{title}: initiatives"),
            reconciliation_sheet(funding, compared, f"{title}: reconciliation"),
            *_not_added(funding, title),
        ),
        description=REPORT.description,
        definitions=_DEFINITIONS,
        used=funding.used,
    )


def _overview(funding: Funding, compared: list[Comparison], title: str) -> Sheet:
    notes = tuple(_alerts(funding, compared))
    if not funding.requirements:
        nothing = Note("none", f"No funding requirement has been submitted for {funding.year}.", "alert")
        return Sheet("Overview", title, _DOLLARS, (nothing, *notes))
    blocks: list[Block] = [*notes, _areas_by_regions(funding), _make_up(funding), _EMPTY_CELL, _APART_NOTE, _CHARTS]
    return Sheet("Overview", title, _DOLLARS, tuple(blocks), freeze="overview", one_page=True)


def _alerts(funding: Funding, compared: list[Comparison]) -> Iterator[Note]:
    if wrong := differing(compared):
        verb = "total does" if wrong == 1 else "totals do"
        text = f"{wrong} of {len(compared)} printed {verb} not agree with these sums: see the sheet {RECONCILIATION}."
        yield Note("reconciliation", text, "alert")
    if funding.left_out:
        count = len(funding.left_out)
        figures = "1 figure is" if count == 1 else f"{count} figures are"
        yield Note("not-added", f"{figures} not in these sums: see the sheet {_NOT_ADDED} for each and why.", "alert")


def _areas_by_regions(funding: Funding) -> Table:
    return matrix(
        "overview",
        corner="Area",
        rows=_area_names(),
        columns={code: region["name"] for code, region in regions().items()},
        cells=amounts(funding.requirements),
        none=None,
        label_width=38,
        column_width=16,
    )


def _make_up(funding: Funding) -> Table:
    by_region: dict[str, Decimal] = {}
    for (_, region), amount in amounts(funding.requirements).items():
        by_region[region] = by_region.get(region, Decimal()) + amount
    countries = sum_or([amount for region, amount in by_region.items() if region not in APART], None)
    return key_figures(
        "make-up",
        (
            ("Requirement_Country_Regions", "The eight regions stated by country", countries),
            *((f"Requirement_{code.title()}", regions()[code]["name"], by_region.get(code)) for code in APART),
        ),
        caption="How the total is made up",
        heading=f"Required, {CURRENCY}",
        total=("Requirement_Total", "Total", sum_or(by_region.values(), None)),
    )


def _region_sheet(funding: Funding, region: str, title: str, copy: str) -> Sheet:
    stated = [requirement for requirement in funding.requirements if requirement.region == region]
    named = regions()[region]
    heading = f"{title}: {named['name']}"
    if not stated:
        nothing = Note("none", f"No funding requirement has been submitted for this region for {funding.year}.")
        return Sheet(named["sheet"], heading, _DOLLARS, (nothing,))
    blocks: list[Block] = [_lines_by_areas(funding, region, stated), _EMPTY_CELL]
    if not leaves_the_house(copy):
        blocks += _remarks(funding.lines[region], stated)
    return Sheet(named["sheet"], heading, _DOLLARS, tuple(blocks), freeze="lines")


def _lines_by_areas(funding: Funding, region: str, stated: list[Requirement]) -> Table:
    return matrix(
        "lines",
        corner="Line",
        rows=funding.lines[region],
        columns=in_order({requirement.area for requirement in stated}, _area_names()),
        cells=amounts(stated, by=("office", "area")),
        none=None,
        label_width=38,
        column_width=17,
    )


def _remarks(lines: Mapping[str, str], stated: list[Requirement]) -> Iterator[Note]:
    """What offices remark on their figures, each remark of an office once."""
    remarks = dict.fromkeys((requirement.office, requirement.note) for requirement in stated if requirement.note)
    for office, remark in remarks:
        yield Note(f"remark {office} {remark}", f"{lines[office]}: {remark}")


def _not_added(funding: Funding, title: str) -> Iterator[Sheet]:
    if not funding.left_out:
        return
    columns = (
        Column("what", "Figure", 70, "text", "label"),
        Column("amount", "Amount", 18),
        Column("currency", "Currency", 12, "text"),
        Column("reason", "Why it is not added", 60, "text"),
    )
    rows = tuple(Row(out.key, (out.what, out.amount, out.currency, out.reason)) for out in funding.left_out)
    subtitle = "Figures that were submitted and are in no sum of this workbook"
    table = Table("not-added", columns, rows)
    yield Sheet(_NOT_ADDED, f"{title}: not added", subtitle, (table,), freeze="not-added")


def _area_names() -> dict[str, str]:
    return {code: area["name"] for code, area in areas().items()}


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    if kind == "office":
        return every_known(known)
    if kind == "published_total" and fields.get("report") != REPORT_KEY:
        return ()
    return ({"year": str(fields["year"])},) if kind in REPORT.kinds else ()


def _year(text: str) -> str:
    if not (len(text) == 4 and text.isascii() and text.isdecimal() and text >= "1951"):
        raise ValueError(f"'{text}' is not a year: give four digits, for example 2016")
    return text


_APART_NOTE: Final = Note(
    "initiatives", "The initiatives of headquarters stand on a sheet of their own; they are not added here."
)
_CHARTS: Final = Charts(
    (
        Chart(
            key="by-region",
            title="Funding required by region, USD million",
            description="Bars: the total required for each region, the figures of the table's last row.",
            table="overview",
            series=(Series("Required", "columns", TOTAL),),
            direction="bar",
            values="millions",
        ),
        Chart(
            key="by-area",
            title="Funding required by area, USD million",
            description="Columns: the total required for each area, the figures of the table's last column.",
            table="overview",
            series=(Series("Required", "rows", TOTAL),),
            values="millions",
        ),
    )
)
_DEFINITIONS: Final = (
    ("Funding requirement", "What an office needs in the year for one area of work, beyond what is already funded."),
    ("Region", "The region of the office that states the requirement."),
    ("Line", "A country office, or what a regional office carries for its region (Regional programmes)."),
    ("The eight regions stated by country", "All regions but Southern Africa and the multi-regional line."),
    ("Multi-regional", "Stated by headquarters as one line; the initiatives are not added to it."),
    ("Empty cell", "Nothing is planned, or it is already funded."),
    ("Printed", "The total as it stands in the published overview."),
    ("Computed", "The sum of what offices state, as far as it is in this workbook."),
    ("Difference", "Computed minus printed."),
)

REPORT: Final = Report(
    key=REPORT_KEY,
    title="Funding requirements",
    description="What offices need for a year, by area, region and line, held against the printed overview.",
    parameters=(Parameter("year", _year, "the year the funding is for", "2016"),),
    kinds=frozenset({"funding_requirement", "initiative", "published_total", "office"}),
    affected=_affected,
    build=build,
)
