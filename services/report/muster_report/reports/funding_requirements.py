"""Funding requirements of a year: areas by regions, each region's lines, initiatives, reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from muster_report.book import Block, Book, Chart, Charts, Column, Note, Row, Series, Sheet, Table
from muster_report.facts import Fact, Facts
from muster_report.figures import Number, Observation, Part
from muster_report.reports.funding_figures import (
    APART,
    CURRENCY,
    REPORT_KEY,
    Funding,
    Requirement,
    observations,
    read_funding,
    stated_amount,
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
from muster_report.tables import TOTAL, explained_matrix, in_order, key_figures, sum_or
from muster_shared.codelists import areas, regions

_NOT_ADDED: Final = "Not added"
_COUNTRIES: Final = "Requirement_Country_Regions"
_ALL_LINES: Final = "Requirement_Total"
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
    return explained_matrix(
        "overview",
        observations(funding.requirements),
        corner="Area",
        rows=_area_names(),
        columns={code: region["name"] for code, region in regions().items()},
        none=None,
        label_width=38,
        column_width=16,
    )


def _make_up(funding: Funding) -> Table:
    stated = observations(funding.requirements)
    sums = _by_line(stated)
    return key_figures(
        "make-up",
        (
            (_COUNTRIES, "The eight regions stated by country", sums.get(_COUNTRIES)),
            *((_line_of(code), regions()[code]["name"], sums.get(_line_of(code))) for code in APART),
        ),
        caption="How the total is made up",
        heading=f"Required, {CURRENCY}",
        total=(_ALL_LINES, "Total", sum_or(sums.values(), None)),
        parts=lambda row, _column: [seen.part for seen in stated if row in (_line_of(seen.column), _ALL_LINES)],
    )


def _by_line(stated: Iterable[Observation]) -> dict[str, Number]:
    sums: dict[str, Number] = {}
    for seen in stated:
        line = _line_of(seen.column)
        sums[line] = sums.get(line, Decimal()) + seen.part.value
    return sums


def _line_of(region: str) -> str:
    return f"Requirement_{region.title()}" if region in APART else _COUNTRIES


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
    return explained_matrix(
        "lines",
        observations(stated, by=("office", "area")),
        corner="Line",
        rows=funding.lines[region],
        columns=in_order({requirement.area for requirement in stated}, _area_names()),
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
    facts = {out.key: out.fact for out in funding.left_out}
    table = Table("not-added", columns, rows, parts=lambda row, column: _left_parts(facts[row], column))
    yield Sheet(_NOT_ADDED, f"{title}: not added", subtitle, (table,), freeze="not-added")


def _left_parts(fact: Fact, column: str) -> list[Part]:
    path, amount = stated_amount(fact)
    return [Part(fact, path, amount)] if column == "amount" and amount is not None else []


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
