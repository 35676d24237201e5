"""Indicators of a place: the values of a year, and how they changed from period to period up to then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from muster_report.book import Block, Book, Note, Sheet, Table
from muster_report.facts import Facts
from muster_report.reports.indicators_periods import period_of
from muster_report.reports.indicators_read import ALL, Indicators, is_compared, read_indicators, same_text, stated_twice
from muster_report.reports.indicators_tables import charts, headline, lone_table, series_table, values_table
from muster_report.reports.report import Parameter, Params, Report, every_known
from muster_report.words import ENGLISH, pairs, say, say_number
from muster_shared.language import noted

FIRST_YEAR, LAST_YEAR = 1951, 2100  # the years that records may name
LONGEST_PLACE: Final = 200  # as records have it
ON_ONE_PAGE: Final = 40  # rows that stay legible on a page with charts


def build(facts: Facts, params: Params) -> Book:
    """The workbook of a place and a year (or "all"); ``copy`` and ``lang`` (English if left out) as ever."""
    lang = params.get("lang", ENGLISH)
    indicators = read_indicators(facts, params["place"], params["year"], lang)
    year = say("indicators.all_years", lang) if indicators.year == ALL else indicators.year
    title = _say("title", indicators, place=indicators.place, year=year)
    return Book(
        title=title,
        subtitle=_say("subtitle", indicators),
        sheets=(_values(indicators, title, year, params["copy"]), _trends(indicators, title, params["copy"])),
        description=_say("description", indicators),
        definitions=pairs("indicators.definitions", lang),
        used=indicators.used,
    )


def _say(key: str, indicators: Indicators, **values: object) -> str:
    return say(f"indicators.{key}", indicators.lang, **values)


def _values(indicators: Indicators, title: str, year: str, copy: str) -> Sheet:
    blocks: list[Block] = [*_alerts(indicators, year)]
    if indicators.values or indicators.unnamed:
        blocks.append(headline(indicators))
    if indicators.values:
        blocks.append(values_table("values", indicators.values, indicators, copy, _say("caption_values", indicators)))
    if indicators.unnamed:
        caption = _say("caption_unnamed", indicators)
        blocks.append(values_table("unnamed", indicators.unnamed, indicators, copy, caption))
    if indicators.values or indicators.unnamed:
        blocks.append(Note("units", _say("never_added", indicators)))
    freeze = "values" if indicators.values else ""
    return Sheet(_say("sheet_values", indicators), title, _say("subtitle", indicators), tuple(blocks), freeze=freeze)


def _alerts(indicators: Indicators, year: str) -> Iterator[Note]:
    if not indicators.values:
        yield Note("none", _say("nothing", indicators, place=indicators.place, year=year), "alert")
    for first, second in stated_twice([*indicators.values, *indicators.unnamed]):
        told = {"indicator": first.fields["indicator"], "first": first.period.text, "second": second.period.text}
        yield Note(f"twice {first.fact.key} {second.fact.key}", _say("alert_twice", indicators, **told), "alert")
    if indicators.unnamed:
        said = say_number("indicators.alert_unnamed", len(indicators.unnamed), indicators.lang)
        yield Note("unnamed", said, "alert")
    if len(indicators.spellings) > 1:
        yield Note("spellings", _say("spellings", indicators, spellings="; ".join(indicators.spellings)))


def _trends(indicators: Indicators, title: str, copy: str) -> Sheet:
    compared = [series for series in indicators.series if is_compared(series)]
    alone = [change.stated for series in indicators.series if not is_compared(series) for change in series]
    tables: list[Table] = [series_table(series, indicators, copy) for series in compared]
    if alone:
        tables.append(lone_table(alone, indicators, copy))
    blocks: list[Block] = [Note("compared", _say("how_compared", indicators))]
    if not compared:
        blocks.append(Note("none", _say("no_trend", indicators)))
    drawn = charts(compared, indicators, copy)
    heading = _say("title_trends", indicators, title=title)
    one_page = sum(table.height() + 1 for table in tables) <= ON_ONE_PAGE
    subtitle, all_blocks = _say("subtitle", indicators), (*blocks, *tables, *drawn)
    return Sheet(_say("sheet_trends", indicators), heading, subtitle, all_blocks, one_page=one_page)


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    """The years that the period covers, later ones that are known (their trends go back to it), and all years."""
    if kind != "indicator_value":
        return ()
    place, period = same_text(fields["place"]), period_of(str(fields["period"]))
    of_place = [params for params in every_known(known) if params["place"] == place and params["year"] != ALL]
    if period.first is None:
        return [{"place": place, "year": ALL}, *of_place]
    last = period.first if period.last is None else period.last
    years = range(max(period.first.year, FIRST_YEAR), min(last.year, LAST_YEAR) + 1)
    named = [{"place": place, "year": str(year)} for year in years] + [{"place": place, "year": ALL}]
    later = [params for params in of_place if params not in named and period.begins_by(int(params["year"]))]
    return named + later


def _place(text: str) -> str:
    place = same_text(text)
    if not place or len(place) > LONGEST_PLACE:
        raise ValueError("give a place as the records name it, capitals or not, for example United Kingdom")
    return place


def _year(text: str) -> str:
    if text.strip().casefold() == ALL:
        return ALL
    if not (len(text) == 4 and text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise ValueError(f"'{text}' is not a year: give four digits, for example 2010, or all")
    return text


REPORT: Final = Report(
    key="indicators",
    title=noted("Indicators"),
    description=noted("Values of indicators for a place and a year, and how they changed from period to period."),
    parameters=(
        Parameter("place", _place, noted("the place as the records name it"), "united kingdom"),
        Parameter("year", _year, noted("the year that the periods name, or all"), "2010"),
    ),
    kinds=frozenset({"indicator_value"}),
    affected=_affected,
    build=build,
)
