"""Reporting compliance up to a day: reports expected, received and on time; what is overdue; extensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from muster_report.blocks import Block, Chart, Charts, Note, Series, Table, Value
from muster_report.book import Book, Sheet
from muster_report.facts import Facts
from muster_report.figures import Part
from muster_report.reports.report import DaySlice, Parameter, Params, Report, every_known, only
from muster_report.reports.reporting_compliance_extensions import DECISIONS, Asked, extensions_table
from muster_report.reports.reporting_compliance_overdue import overdue_by_band, overdue_table
from muster_report.reports.reporting_compliance_owed import Compliance, begins, read_compliance
from muster_report.reports.reporting_compliance_places import NO_REGION
from muster_report.reports.reporting_compliance_project import told_of_project
from muster_report.reports.reporting_compliance_rates import (
    figure,
    parts_of_figure,
    rates_by_office,
    rates_by_region,
)
from muster_report.tables import key_figures
from muster_report.words import ENGLISH, pairs
from muster_shared.language import noted

_HEADLINE: Final = {
    "Reports_Expected": "expected",
    "Reports_Received": "received",
    "Reports_On_Time": "on_time",
    "Reporting_Rate": "reporting_rate",
    "Reporting_Timeliness": "timeliness",
    "Reports_Overdue": "overdue",
    "Reports_Returned": "returned",
    "Reports_Due_That_Day": "due_that_day",
}


def build(facts: Facts, params: Params) -> Book:
    """The workbook of one day; ``params`` are ``until``, ``copy`` and ``lang`` (English where it is left out)."""
    lang = params.get("lang", ENGLISH)
    compliance = read_compliance(facts, date.fromisoformat(params["until"]), lang, params["copy"])
    return Book(
        title=compliance.say("title", until=compliance.until),
        subtitle=_subtitle(compliance),
        sheets=tuple(_sheets(compliance)),
        description=compliance.say("description"),
        definitions=pairs("reporting_compliance.definitions", lang),
        used=compliance.used,
        lang=lang,
    )


def _subtitle(compliance: Compliance) -> str:
    return compliance.say("subtitle", until=compliance.until)


def _sheets(compliance: Compliance) -> Iterator[Sheet]:
    regions = _regions(compliance)
    yield _sheet(compliance, "region", _by_region(compliance, regions), "regions", one_page=True)
    yield _sheet(compliance, "office", _by_office(compliance, regions), "offices")
    bands = (overdue_by_band(compliance, regions), Charts((_overdue_chart(compliance),)))
    listed, nothing = overdue_table(compliance), (_nothing(compliance, "overdue"),)
    yield _sheet(compliance, "bands", bands if listed.rows else nothing, "bands", one_page=True)
    yield _sheet(compliance, "overdue", (listed,) if listed.rows else nothing, "overdue")
    yield _sheet(compliance, "extensions", _extensions(compliance), "extensions")


def _sheet(compliance: Compliance, what: str, blocks: Sequence[Block], freeze: str, *, one_page: bool = False) -> Sheet:
    tables = {block.key for block in blocks if isinstance(block, Table)}
    return Sheet(
        name=compliance.say(f"sheet_{what}"),
        title=compliance.say(f"title_{what}", until=compliance.until),
        subtitle=_subtitle(compliance),
        blocks=tuple(blocks),
        freeze=freeze if freeze in tables else "",
        one_page=one_page,
    )


def _regions(compliance: Compliance) -> dict[str, str]:
    """Region code to name; those of no known region only where there are any."""
    unknown = any(place.region == NO_REGION for place in compliance.places)
    return {code: name for code, name in compliance.regions.items() if code != NO_REGION or unknown}


def _nothing(compliance: Compliance, what: str) -> Note:
    return Note("none", compliance.say(f"nothing_{what}", until=compliance.until))


def _by_region(compliance: Compliance, regions: Mapping[str, str]) -> tuple[Block, ...]:
    if not compliance.due:
        return (*_alerts(compliance), Note("none", compliance.say("nothing", until=compliance.until), "alert"))
    return (
        *_alerts(compliance),
        _headline(compliance),
        rates_by_region(compliance, regions),
        Note("rates", compliance.say("rates_rule")),
        Note("adds_up", compliance.say("adds_up_rule")),
        Charts((_standing_chart(compliance),)),
    )


def _by_office(compliance: Compliance, regions: Mapping[str, str]) -> tuple[Block, ...]:
    if not compliance.holding:
        return (_nothing(compliance, "running"),)
    return (rates_by_office(compliance, regions), Note("offices", compliance.say("offices_rule")))


def _extensions(compliance: Compliance) -> tuple[Block, ...]:
    if not compliance.extensions:
        return (_nothing(compliance, "asked"),)
    offices = {place.code: place.name for place in compliance.places}
    return (
        Note("rule", compliance.say("extensions_rule")),
        extensions_table(compliance.extensions, offices, lang=compliance.lang, copy=compliance.copy),
    )


def _alerts(compliance: Compliance) -> Iterator[Note]:
    if compliance.unreadable:
        grants = ", ".join(fact.key for fact in compliance.unreadable)
        yield Note("unreadable", compliance.say("unreadable", grants=grants), "alert")
    if missing := [place.code for place in compliance.places if place.region == NO_REGION]:
        yield Note("no_region", compliance.say("offices_without_region", offices=", ".join(missing)), "alert")


def _headline(compliance: Compliance) -> Table:
    figures: list[tuple[str, str, Value]] = [
        (name, compliance.say(f"headline.{measure}"), figure(measure, compliance.due))
        for name, measure in _HEADLINE.items()
    ]
    figures += [
        (
            f"Extensions_{decision.capitalize()}",
            compliance.say(f"headline.{decision}"),
            len(_decided(compliance, decision)),
        )
        for decision in DECISIONS
    ]
    table = key_figures("headline", figures, caption=compliance.say("in_all"), heading=compliance.say("figure"))
    return replace(table, parts=lambda row, column: _headline_parts(compliance, row) if column == "figure" else [])


def _headline_parts(compliance: Compliance, row: str) -> Sequence[Part]:
    if row in _HEADLINE:
        return parts_of_figure(_HEADLINE[row], compliance.due)
    asked = _decided(compliance, row.removeprefix("Extensions_").lower())
    return [Part(one.fact, "decision", 1) for one in asked]


def _decided(compliance: Compliance, decision: str) -> list[Asked]:
    return [one for one in compliance.extensions if one.decision == decision]


def _standing_chart(compliance: Compliance) -> Chart:
    return Chart(
        key="standing",
        title=compliance.say("chart_standing"),
        description=compliance.say("chart_standing_described"),
        table="regions",
        series=tuple(
            Series(compliance.say(f"measure.{measure}"), "rows", measure) for measure in ("on_time", "late", "overdue")
        ),
        direction="bar",
        stacked=True,
    )


def _overdue_chart(compliance: Compliance) -> Chart:
    return Chart(
        key="bands",
        title=compliance.say("chart_bands"),
        description=compliance.say("chart_bands_described"),
        table="bands",
        series=(Series(compliance.say("overdue_in_all"), "columns", "*"),),
    )


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    """The known days on or after the first on which a record can be seen."""
    seen = _seen_from(kind, fields)
    return [params for params in every_known(known) if params["until"] >= seen]


def _seen_from(kind: str, fields: Mapping[str, Any]) -> str:
    """The first day (ISO) on which a record can change a figure; a withdrawn or broken one could on any."""
    match kind, fields:
        case "grant", {"start": str()}:
            return begins(fields)
        case "progress_report", {"submitted_on": str(submitted), "period_start": str(begun)}:
            return max(submitted, begun)
        case "extension", {"requested_on": str(requested)}:
            return requested
    return ""


def _until(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise ValueError(f"'{text}' is not a day: give it as 2016-11-30") from error


REPORT: Final = Report(
    key="reporting-compliance",
    title=noted("Reporting compliance"),
    description=noted(
        "Reports due to donors up to a day: received, on time and overdue by region and office; extensions."
    ),
    parameters=(Parameter("until", _until, noted("the day up to which reports were due"), "2016-11-30"),),
    kinds=frozenset({"office", "donor", "project", "grant", "progress_report", "extension"}),
    looks_at=only(
        office="name type region iso3 weekend",
        donor="name",
        project="project_code title office end manager",
        grant="grant_id project_code donor_id start end reporting_rules",
        progress_report="project_code grant_id type period_start period_end submitted_on donor_status",
    ),
    affected=_affected,
    of_project=told_of_project,
    day_slice=DaySlice(
        "until",
        dated={"grant": "start", "progress_report": "submitted_on", "extension": "requested_on"},
        begins=frozenset({"grant", "extension"}),
        unless={"grant": "reporting_rules"},
    ),
    build=build,
    open_ended=True,
)
