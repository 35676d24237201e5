"""Field activities of a year: by office and type, people targeted and reached, and all of them listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from muster_report.book import Block, Book, Chart, Charts, Note, Series, Sheet, Table
from muster_report.facts import Facts
from muster_report.figures import TOTAL
from muster_report.reports.field_activities_counts import EACH_ONCE, by_office_and_type, headline, running_on
from muster_report.reports.field_activities_list import list_table
from muster_report.reports.field_activities_people import PEOPLE, groups_of, people_tables
from muster_report.reports.field_activities_placed import ALL, own_years
from muster_report.reports.field_activities_read import Activities, Activity, read_activities
from muster_report.reports.report import Parameter, Params, Report, every_known, only
from muster_report.words import ENGLISH, pairs, say, say_number
from muster_shared.language import noted

FIRST_YEAR, LAST_YEAR = 1951, 2100  # the years that records may name
MOST_BARS: Final = 30  # in the height of a chart, more are not legible
ON_ONE_PAGE: Final = 60  # rows that stay legible on a page with charts


def build(facts: Facts, params: Params) -> Book:
    """The workbook of one year; ``params`` are ``year`` (or "all"), ``copy`` and ``lang`` (English if left out)."""
    lang = params.get("lang", ENGLISH)
    activities = read_activities(facts, params["year"], lang)
    title = _say("title", activities, year=year_name(activities.year, lang))
    return Book(
        title=title,
        subtitle=_say("subtitle", activities),
        sheets=tuple(_sheets(activities, title, params["copy"])),
        description=_say("description", activities),
        definitions=pairs("field_activities.definitions", lang),
        used=activities.used,
        lang=lang,
    )


def year_name(year: str, lang: str) -> str:
    """A year as titles write it."""
    return say("field_activities.all_years", lang) if year == ALL else year


def _say(key: str, activities: Activities, **values: object) -> str:
    return say(f"field_activities.{key}", activities.lang, **values)


def _sheets(activities: Activities, title: str, copy: str) -> Iterator[Sheet]:
    yield _sheet("office", title, _by_office(activities), activities)
    for what, blocks in (("people", _people(activities)), ("list", _list(activities, copy))):
        yield _sheet(what, _say(f"title_{what}", activities, title=title), blocks, activities)


def _sheet(what: str, title: str, blocks: tuple[Block, ...], activities: Activities) -> Sheet:
    none = () if activities.running else (_nothing(activities),)
    rows = sum(block.height() for block in blocks if isinstance(block, Table))
    return Sheet(
        _say(f"sheet_{what}", activities),
        title,
        _say("subtitle", activities),
        (*none, *blocks),
        freeze=_freeze(what, activities),
        one_page=what == "office" and rows <= ON_ONE_PAGE,
    )


def _freeze(what: str, activities: Activities) -> str:
    """The table whose header stays in sight: none where one with other columns follows below it."""
    if what == "office" and activities.undated:
        return ""
    return {"office": "offices", "list": "list-offices"}.get(what, "") if activities.running else ""


def _nothing(activities: Activities) -> Note:
    year = year_name(activities.year, activities.lang)
    return Note("none", _say("nothing", activities, year=year), "alert")


def _by_office(activities: Activities) -> tuple[Block, ...]:
    blocks: list[Block] = [*_alerts(activities), headline(activities)]
    for key, shown in _both(activities):
        caption = _say(f"caption_{key}", activities, year=year_name(activities.year, activities.lang))
        blocks.append(by_office_and_type(key, shown, activities, caption))
        blocks += _reconciled(key, shown, activities)
    if any(activity.counted for activity in activities.running):
        blocks.append(Charts(tuple(_charts(activities))))
    return tuple(blocks)


def _both(activities: Activities) -> Iterator[tuple[str, tuple[Activity, ...]]]:
    """The activities of the year and those without dates, each where there are any."""
    if activities.running:
        yield "offices", activities.running
    if activities.undated:
        yield "undated", activities.undated


def _alerts(activities: Activities) -> Iterator[Note]:
    lang = activities.lang
    undated = sum(1 for activity in activities.undated if activity.counted)
    if undated:
        yield Note("undated", say_number("field_activities.alert_undated", undated, lang), "alert")
    if going_on := len(running_on(activities)):
        year = activities.year
        yield Note("running-on", say_number("field_activities.alert_running_on", going_on, lang, year=year), "alert")
    if apart := _apart(activities):
        yield Note("apart", _say("alert_apart", activities, keys=", ".join(apart)), "alert")


def _apart(activities: Activities) -> list[str]:
    """Components whose programme or activity is not in the year, or not known."""
    running = {activity.key for activity in activities.running}
    return [a.key for a in activities.running if not a.counted and not running.intersection(a.wholes)]


def _reconciled(key: str, shown: Iterable[Activity], activities: Activities) -> Iterator[Note]:
    counted = [activity for activity in shown if activity.counted]
    types = sum(len(activity.types) for activity in counted)
    offices = sum(len(activity.offices) for activity in counted)
    told = {"counted": len(counted), "types": types, "offices": offices}
    yield Note(f"reconciled-{key}", _say("reconciled", activities, **told))


def _charts(activities: Activities) -> Iterator[Chart]:
    series = Series(_say("activities", activities), "columns", TOTAL)
    yield _chart("type", series, activities)
    if len({code for a in activities.running if a.counted for code in a.offices}) <= MOST_BARS:
        yield _chart("office", Series(_say("activities", activities), "rows", EACH_ONCE), activities)


def _chart(what: str, series: Series, activities: Activities) -> Chart:
    title = _say(f"chart_{what}", activities)
    described = _say(f"chart_{what}_description", activities)
    return Chart(f"by-{what}", title, described, "offices", (series,), direction="bar")


def _people(activities: Activities) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for key, shown in _both(activities):
        if groups := groups_of(shown):
            blocks += people_tables(key, groups, activities)
    rule = Note("people-rule", _say("people_rule", activities))
    return (rule, *(blocks or [Note("no-people", _say("no_people", activities))]))


def _list(activities: Activities, copy: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for key, shown in _both(activities):
        caption = _say(f"caption_list_{key}", activities, year=year_name(activities.year, activities.lang))
        blocks.append(list_table(f"list-{key}", shown, activities, copy, caption))
    return tuple(blocks)


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    """Every known set for an office's name, for what states no dates, and for parts, which may date their whole."""
    if kind == "office":
        return every_known(known)
    years = own_years(fields)
    sets = every_known(known)
    if years and not fields.get("parent_activity_id"):
        sets = [params for params in sets if params["year"] != ALL and years.cover(int(params["year"]))]
    own = range(max(years.first, FIRST_YEAR), min(_last(years.first, years.last), LAST_YEAR) + 1) if years else ()
    named = [{"year": str(year)} for year in own] + [{"year": ALL}]
    return named + [params for params in sets if params not in named]


def _last(first: int, last: int | None) -> int:
    """The last year that is certain: for one that runs on, others are affected once they are asked for."""
    return first if last is None else last


def _year(text: str) -> str:
    if text.strip().casefold() == ALL:
        return ALL
    if not (len(text) == 4 and text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise ValueError(f"'{text}' is not a year: give four digits, for example 2016, or all")
    return text


REPORT: Final = Report(
    key="field-activities",
    title=noted("Field activities"),
    description=noted(
        "Field activities of a year by office and type, people targeted and reached, with a list of all."
    ),
    parameters=(Parameter("year", _year, noted("the year of the activities, or all"), "2002"),),
    kinds=frozenset({"field_activity", "office"}),
    looks_at=only(office="name type iso3"),
    affected=_affected,
    build=build,
    people=PEOPLE,
)
