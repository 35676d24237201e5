"""Funding requirements of a year: areas by regions, each region's lines, initiatives, reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, Literal

from muster_report.book import Block, Book, Chart, Charts, Column, Note, Row, Series, Sheet, Table
from muster_report.facts import Fact, Facts
from muster_report.figures import Number, Observation, Part
from muster_report.reports.funding_figures import (
    APART,
    CURRENCY,
    REPORT_KEY,
    Funding,
    Requirement,
    area_names,
    observations,
    read_funding,
    region_names,
    stated_amount,
)
from muster_report.reports.funding_initiatives import initiatives_sheet
from muster_report.reports.funding_reconciliation import Comparison, comparisons, differing, reconciliation_sheet
from muster_report.reports.report import Parameter, Params, Report, every_known, only
from muster_report.small_cells import leaves_the_house
from muster_report.tables import TOTAL, explained_matrix, in_order, key_figures, sum_or
from muster_report.words import ENGLISH, code_name, pairs, say
from muster_shared.codelists import regions
from muster_shared.language import noted

_COUNTRIES: Final = "Requirement_Country_Regions"
_ALL_LINES: Final = "Requirement_Total"


def build(facts: Facts, params: Params) -> Book:
    """The workbook of one year; ``params`` are ``year``, ``copy`` and ``lang`` (English where it is left out)."""
    lang = params.get("lang", ENGLISH)
    funding = read_funding(facts, params["year"], lang)
    title = funding.say("title", year=funding.year)
    return Book(
        title=title,
        subtitle=_dollars(funding),
        sheets=tuple(_sheets(funding, title, params["copy"])),
        description=funding.say("description"),
        definitions=pairs("funding.definitions", lang),
        used=funding.used,
        lang=lang,
    )


def _sheets(funding: Funding, title: str, copy: str) -> Iterator[Sheet]:
    compared = comparisons(funding)
    yield _overview(funding, compared, title)
    yield from (_region_sheet(funding, region, title, copy) for region in regions())
    yield initiatives_sheet(funding, funding.say("title_initiatives", title=title))
    yield reconciliation_sheet(funding, compared, funding.say("title_reconciliation", title=title))
    yield from _not_added(funding, title)


def _dollars(funding: Funding) -> str:
    return funding.say("dollars", currency=CURRENCY)


def _overview(funding: Funding, compared: list[Comparison], title: str) -> Sheet:
    name, notes = funding.say("sheet_overview"), tuple(_alerts(funding, compared))
    if not funding.requirements:
        nothing = Note("none", funding.say("nothing", year=funding.year), "alert")
        return Sheet(name, title, _dollars(funding), (nothing, *notes))
    apart = Note("initiatives", funding.say("initiatives_elsewhere"))
    tables = _areas_by_regions(funding), _make_up(funding)
    blocks: tuple[Block, ...] = (*notes, *tables, _empty_cell(funding), apart, _charts(funding))
    return Sheet(name, title, _dollars(funding), blocks, freeze="overview", one_page=True)


def _empty_cell(funding: Funding) -> Note:
    return Note("empty", funding.say("empty_cell"))


def _alerts(funding: Funding, compared: list[Comparison]) -> Iterator[Note]:
    if wrong := differing(compared):
        sheet, count = funding.say("sheet_reconciliation"), funding.number(len(compared))
        yield Note("reconciliation", funding.say_number("alert_differ", wrong, count=count, sheet=sheet), "alert")
    if count_out := len(funding.left_out):
        sheet = funding.say("sheet_not_added")
        yield Note("not-added", funding.say_number("alert_not_added", count_out, sheet=sheet), "alert")


def _areas_by_regions(funding: Funding) -> Table:
    return explained_matrix(
        "overview",
        observations(funding.requirements),
        corner=funding.say("area"),
        rows=area_names(funding.lang),
        columns=region_names(funding.lang),
        none=None,
        label_width=38,
        column_width=16,
        lang=funding.lang,
    )


def _make_up(funding: Funding) -> Table:
    stated = observations(funding.requirements)
    sums, names = _by_line(stated), region_names(funding.lang)
    return key_figures(
        "make-up",
        (
            (_COUNTRIES, funding.say("by_country"), sums.get(_COUNTRIES)),
            *((_line_of(code), names[code], sums.get(_line_of(code))) for code in APART),
        ),
        caption=funding.say("make_up"),
        heading=funding.say("required_in", currency=CURRENCY),
        total=(_ALL_LINES, say("tables.total", funding.lang), sum_or(sums.values(), None)),
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
    name = code_name("region_sheet", region, regions()[region]["sheet"], funding.lang)
    heading = funding.say("title_region", title=title, region=region_names(funding.lang)[region])
    if not stated:
        nothing = Note("none", funding.say("nothing_in_region", year=funding.year))
        return Sheet(name, heading, _dollars(funding), (nothing,))
    blocks: list[Block] = [_lines_by_areas(funding, region, stated), _empty_cell(funding)]
    if not leaves_the_house(copy):
        blocks += _remarks(funding, region, stated)
    return Sheet(name, heading, _dollars(funding), tuple(blocks), freeze="lines")


def _lines_by_areas(funding: Funding, region: str, stated: list[Requirement]) -> Table:
    return explained_matrix(
        "lines",
        observations(stated, by=("office", "area")),
        corner=funding.say("line"),
        rows=funding.lines[region],
        columns=in_order({requirement.area for requirement in stated}, area_names(funding.lang)),
        none=None,
        label_width=38,
        column_width=17,
        lang=funding.lang,
    )


def _remarks(funding: Funding, region: str, stated: list[Requirement]) -> Iterator[Note]:
    """What offices remark on their figures, in their own words, each remark of an office once."""
    remarks = dict.fromkeys((requirement.office, requirement.note) for requirement in stated if requirement.note)
    for office, remark in remarks:
        line = funding.lines[region][office]
        yield Note(f"remark {office} {remark}", funding.say("remark", line=line, remark=remark))


def _not_added(funding: Funding, title: str) -> Iterator[Sheet]:
    if not funding.left_out:
        return
    columns = (
        Column("what", funding.say("figure"), 70, "text", "label"),
        Column("amount", funding.say("amount"), 18),
        Column("currency", funding.say("currency"), 12, "text"),
        Column("reason", funding.say("why_not_added"), 60, "text"),
    )
    rows = tuple(Row(out.key, (out.what, out.amount, out.currency, out.reason)) for out in funding.left_out)
    facts = {out.key: out.fact for out in funding.left_out}
    table = Table("not-added", columns, rows, parts=lambda row, column: _left_parts(facts[row], column))
    name, heading = funding.say("sheet_not_added"), funding.say("title_not_added", title=title)
    yield Sheet(name, heading, funding.say("in_no_sum"), (table,), freeze="not-added")


def _left_parts(fact: Fact, column: str) -> list[Part]:
    path, amount = stated_amount(fact)
    return [Part(fact, path, amount)] if column == "amount" and amount is not None else []


def _charts(funding: Funding) -> Charts:
    by_region = _chart(funding, "by-region", "columns")
    return Charts((replace(by_region, direction="bar"), _chart(funding, "by-area", "rows")))


def _chart(funding: Funding, key: str, along: Literal["rows", "columns"]) -> Chart:
    words = key.replace("-", "_")
    return Chart(
        key=key,
        title=funding.say(f"chart_{words}", currency=CURRENCY),
        description=funding.say(f"chart_{words}_described"),
        table="overview",
        series=(Series(funding.say("required"), along, TOTAL),),
        values="millions",
    )


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


REPORT: Final = Report(
    key=REPORT_KEY,
    title=noted("Funding requirements"),
    description=noted("What offices need for a year, by area, region and line, held against the printed overview."),
    parameters=(Parameter("year", _year, noted("the year the funding is for"), "2016"),),
    kinds=frozenset({"funding_requirement", "initiative", "published_total", "office"}),
    looks_at=only(office="name type region iso3"),
    affected=_affected,
    build=build,
    standing=True,
)
