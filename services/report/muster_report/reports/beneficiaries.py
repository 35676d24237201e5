"""The annual statistics: people to be reached and reached, by group, sex, age band, region and office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from muster_report.book import Block, Book, Chart, Charts, Note, Series, Sheet, Table
from muster_report.facts import Fact, Facts
from muster_report.reports import beneficiaries_tables as tables
from muster_report.reports.beneficiaries_read import Beneficiaries, read_beneficiaries
from muster_report.reports.project_analysis_portfolio import UNKNOWN
from muster_report.reports.report import Parameter, Params, Report, YearSlice, every_known, only
from muster_report.reports.surroundings import Surroundings
from muster_report.words import ENGLISH, pairs, say, say_number
from muster_shared.language import noted

FIRST_YEAR, LAST_YEAR = 1951, 2100  # the years that records may name
SHEETS: Final = ("overview", "groups", "ages", "regions", "offices")
ONE_PAGE: Final = frozenset({"overview", "ages", "regions"})
_DAYS: Final = {"project": ("start", "end"), "progress_report": ("period_end", "period_end")}
_NAMED: Final = 5  # records that an alert names


def build(facts: Facts, params: Params) -> Book:
    """The workbook of a year; ``params`` are ``year``, ``copy`` and maybe ``lang`` (English where it is left out)."""
    lang = params.get("lang", ENGLISH)
    people = read_beneficiaries(facts, params["year"], lang)
    title = _say("title", people)
    return Book(
        title=title,
        subtitle=_say("subtitle", people),
        sheets=tuple(_sheets(people, title)),
        description=_say("description", people),
        definitions=pairs("beneficiaries.definitions", lang),
        used=people.used(),
        lang=lang,
    )


def _say(key: str, people: Beneficiaries, **values: object) -> str:
    return say(f"beneficiaries.{key}", people.lang, year=people.year, **values)


def _sheets(people: Beneficiaries, title: str) -> Iterator[Sheet]:
    subtitle, names = _say("subtitle", people), {key: _say(f"sheet.{key}", people) for key in SHEETS}
    if not people.projects:
        blocks = (Note("none", _say("nothing", people), "alert"), *_alerts(people))
        yield from (Sheet(name, title, subtitle, blocks) for name in names.values())
        return
    for key, (of_sheet, freeze) in _blocks(people).items():
        heading = title if key == "overview" else _heading(key, title, people)
        yield Sheet(names[key], heading, subtitle, of_sheet, freeze=freeze, one_page=key in ONE_PAGE)


def _heading(key: str, title: str, people: Beneficiaries) -> str:
    return _say("titled", people, title=title, heading=_say(f"heading.{key}", people))


def _blocks(people: Beneficiaries) -> dict[str, tuple[tuple[Block, ...], str]]:
    """The blocks of each sheet, and the table whose headings stay in sight."""
    counts = tables.counts_of(people)
    rule = Note("twice", _say("twice_rule", people))
    ages = tables.by_age_and_sex(counts, people)
    return {
        "overview": (_overview(people, tables.headline(counts, people), tables.by_region(counts, people)), ""),
        "groups": ((tables.by_group_and_sex(counts, people), rule), "groups"),
        "ages": ((ages, Note("ages", _say("age_rule", people)), *_charts("ages", people)), "ages"),
        "regions": ((tables.by_region_and_sex(counts, people), rule), "region-sex"),
        "offices": ((tables.by_office(counts, people), Note("target", _say("target_rule", people))), "offices"),
    }


def _overview(people: Beneficiaries, headline: Table, by_region: Table) -> tuple[Block, ...]:
    rules = (Note(key, _say(f"{key}_rule", people)) for key in ("target", "reached", "twice"))
    return (*_alerts(people), headline, by_region, *rules, *_charts("regions", people))


def _charts(table: str, people: Beneficiaries) -> tuple[Block, ...]:
    suffix = "/*" if table == "ages" else ""
    measures = ("target", "reached") if table == "ages" else ("target", "since")
    series = tuple(Series(_say(f"column.{m}", people), "rows", f"{m}{suffix}") for m in measures)
    described = _say(f"chart.{table}_description", people)
    return (Charts((Chart(table, _say(f"chart.{table}", people), described, table, series, "bar"),)),)


def _alerts(people: Beneficiaries) -> Iterator[Note]:
    for key, facts in (
        ("not_counted", [one.fact for one in people.others]),
        ("overlapping", people.overlapping()),
        ("returned", people.returned()),
        ("fewer", people.fewer()),
        ("no_region", [one.fact for one in people.projects if one.region == UNKNOWN]),
    ):
        if facts:
            told = say_number(
                f"beneficiaries.alert.{key}", len(facts), people.lang, named=_named(facts), year=people.year
            )
            yield Note(key, told, "alert")


def _named(facts: Sequence[Fact]) -> str:
    codes = list(dict.fromkeys(str(fact.fields["project_code"]) for fact in facts))
    return ", ".join(codes[:_NAMED]) + (", ..." if len(codes) > _NAMED else "")


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    """The years of the record's own days, and known later ones, in which its people are counted or taken off."""
    if kind == "office" or (kind == "extension" and fields.get("decision") == "approved"):
        return every_known(known)
    if kind == "extension" or (kind == "progress_report" and not fields.get("reached")):
        return ()
    first, last = (_year_of(fields.get(name)) for name in _DAYS[kind])
    if first is None or last is None:
        return ()
    own_years = [{"year": str(year)} for year in range(max(first, FIRST_YEAR), min(last, LAST_YEAR) + 1)]
    return own_years + [one for one in _later(first, known) if one not in own_years]


def _concerns(kind: str, params: Params, around: Surroundings) -> bool:
    """A report counts until its project ends, and in later years of which another report of it tells."""
    return kind != "progress_report" or around.is_told_of_in(params["year"])


def _year_of(day: object) -> int | None:
    return int(str(day)[:4]) if day else None


def _later(first: int, known: Iterable[Params]) -> list[dict[str, str]]:
    return [params for params in every_known(known) if int(params["year"]) >= first]


def _year(text: str) -> str:
    if not (len(text) == 4 and text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise ValueError(f"'{text}' is not a year: give four digits, for example 2016")
    return text


REPORT: Final = Report(
    key="beneficiaries",
    title=noted("Beneficiaries"),
    description=noted("The annual statistics: people targeted and reached by group, sex, age band, region and office."),
    parameters=(Parameter("year", _year, noted("the year of the statistics"), "2016"),),
    kinds=frozenset({"project", "office", "progress_report", "extension"}),
    looks_at=only(
        project="project_code office start end status targets",
        office="name type region iso3",
        progress_report="project_code grant_id type period_start period_end submitted_on donor_status reached",
    ),
    affected=_affected,
    concerns=_concerns,
    build=build,
    year_slice=YearSlice("year", telling="reached"),
    people=tables.PEOPLE,
)
