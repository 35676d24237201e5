"""What a donor is told: its grants, budget against expenditure, people, milestones, and the reports it is owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from muster_report.book import Block, Book, Column, Note, Row, Sheet, Table
from muster_report.facts import Facts
from muster_report.figures import Part
from muster_report.money_rates import rates_sheet
from muster_report.reports.donor_grants import DonorGrants, GrantLine, read_grants
from muster_report.reports.donor_money import expenditure_blocks, own_figure_parts
from muster_report.reports.donor_overview import Told, overview_blocks
from muster_report.reports.donor_people import read_people
from muster_report.reports.donor_people_tables import PEOPLE, detail_table, notes, people_blocks
from muster_report.reports.donor_reports import milestones, milestones_table, owed, owed_table
from muster_report.reports.donor_states import states_table
from muster_report.reports.report import Narrowing, Parameter, Params, Report, Slice, only
from muster_report.reports.surroundings import Surroundings
from muster_report.words import ENGLISH, pairs, say
from muster_shared.language import noted

SHEETS: Final = ("overview", "grants", "expenditure", "people", "detail", "milestones", "reports")


def build(facts: Facts, params: Params) -> Book:
    """The workbook of a donor on a day; ``params``: ``donor_id``, ``until``, ``copy``, perhaps ``lang``."""
    lang = params.get("lang", ENGLISH)
    grants = read_grants(facts, params, lang)
    title = say("donor.title", lang, donor=grants.name)
    return Book(
        title=title,
        subtitle=_subtitle(grants),
        sheets=tuple(_sheets(grants, title)),
        description=say("donor.description", lang),
        definitions=pairs("donor.definitions", lang),
        used=grants.used(),
        lang=lang,
    )


def _sheets(grants: DonorGrants, title: str) -> Iterator[Sheet]:
    names = {key: say(f"donor.sheet_{key}", grants.lang) for key in SHEETS}
    if not grants.lines:
        nothing = Note("none", say("donor.nothing", grants.lang, donor=grants.name, until=grants.until), "alert")
        yield from (Sheet(name, title, _subtitle(grants), (nothing,)) for name in names.values())
        return
    told = _told(grants)
    blocks: dict[str, tuple[Block, ...]] = {
        "overview": overview_blocks(grants, told),
        "grants": (_grants_table(grants), Note("status", say("donor.status_rule", grants.lang))),
        "expenditure": expenditure_blocks(grants),
        **_people(grants, told),
        "milestones": _milestones(grants, told),
        "reports": _reports(grants, told),
    }
    for key, name in names.items():
        freeze = _FREEZE.get(key, "")
        heading = title if key == "overview" else f"{title}: {name}"
        yield Sheet(name, heading, _subtitle(grants), blocks[key], freeze=freeze, one_page=_on_one_page(key, grants))
    yield rates_sheet(grants.amounts(), grants.rates, title, grants.lang)


_FREEZE: Final = {"grants": "grants", "expenditure": "expenditure", "detail": "detail"}
_ONE_PAGE: Final = frozenset({"overview", "expenditure", "people"})
_MOST_ON_A_PAGE: Final = 30


def _on_one_page(key: str, grants: DonorGrants) -> bool:
    return key in _ONE_PAGE and len(grants.lines) <= _MOST_ON_A_PAGE


def _subtitle(grants: DonorGrants) -> str:
    return say("donor.subtitle", grants.lang, until=grants.until)


def _told(grants: DonorGrants) -> Told:
    due, unreadable = owed(grants)
    return Told(read_people(grants), tuple(milestones(grants)), tuple(due), tuple(unreadable))


def _people(grants: DonorGrants, told: Told) -> dict[str, tuple[Block, ...]]:
    people = told.people
    if not people.rows():
        none: tuple[Block, ...] = (Note("none", say("donor.no_people", grants.lang)),)
        return {"people": none, "detail": none}
    detail = detail_table(people, grants.lang)
    return {"people": people_blocks(people, grants), "detail": (detail, *notes(grants))}


def _milestones(grants: DonorGrants, told: Told) -> tuple[Block, ...]:
    if not told.milestones:
        return (Note("none", say("donor.no_milestones", grants.lang)),)
    rule = Note("rule", say("donor.milestone_rule", grants.lang))
    return (states_table("milestone", told.milestones, grants), rule, milestones_table(told.milestones, grants.lang))


def _reports(grants: DonorGrants, told: Told) -> tuple[Block, ...]:
    if not told.owed:
        return (Note("none", say("donor.no_reports", grants.lang)),)
    rule = Note("rule", say("donor.report_rule", grants.lang))
    return (states_table("report", told.owed, grants), rule, owed_table(told.owed, grants.lang))


def _grants_table(grants: DonorGrants) -> Table:
    lang = grants.lang
    columns = (
        Column("grant", say("donor.grant", lang), 19, "text", "label", tag="#activity+grant+code"),
        Column("project_code", say("donor.project_code", lang), 15, "code", tag="#activity+code"),
        Column("project", say("donor.project", lang), 46, "text", tag="#activity+name"),
        Column("office", say("donor.office", lang), 24, "text", tag="#org+office"),
        Column("status", say("donor.status", lang), 13, "text", tag="#status+grant"),
        Column("signed", say("donor.signed", lang), 12, "code", tag="#date+signed"),
        Column("start", say("donor.start", lang), 12, "code", tag="#date+start"),
        Column("end", say("donor.end", lang), 12, "code", tag="#date+end"),
        Column("currency", say("money.currency", lang), 10, "code", tag="#currency"),
        Column("amount", say("donor.granted", lang), 16, tag="#value+granted"),
    )
    by_key = {line.fact.key: line for line in grants.lines}
    rows = tuple(_grant_row(line, lang) for line in grants.lines)

    def parts(row: str, column: str) -> list[Part]:
        from_grant = column == "amount" and row in by_key
        return own_figure_parts([by_key[row]], grants.rates, "granted") if from_grant else []

    return Table("grants", columns, rows, filtered=True, parts=parts)


def _grant_row(line: GrantLine, lang: str) -> Row:
    fields = line.fact.fields
    status = say(f"donor.status_{fields['status']}", lang)
    dates = (date.fromisoformat(fields[name]) for name in ("signed", "start", "end"))
    named = (line.fact.key, line.code, line.project_title(), line.office_name(), status)
    return Row(line.fact.key, (*named, *dates, line.currency, line.granted.value))


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    """Issues of days before the record's own date cannot change; which donors a project has is not in its record."""
    since = _since(kind, fields)
    concerned = fields.get("donor_id")
    for params in known:
        same = concerned in (None, params.get("donor_id"))
        if same and "until" in params and (not since or params["until"] >= since):
            yield {"donor_id": params["donor_id"], "until": params["until"]}


def _concerns(kind: str, params: Params, around: Surroundings) -> bool:
    """A project, its reports and its extensions are told to donors with a grant of it."""
    return kind == "grant" or around.has_donor(params["donor_id"])


def _donors(kind: str, fields: Mapping[str, Any], around: Surroundings | None) -> frozenset[str] | None:
    """The donors that are told of a record; None where it is told to every one, as rates are."""
    if kind in {"grant", "donor"}:
        return frozenset({str(fields["donor_id"])}) if fields.get("donor_id") else None
    return None if around is None else frozenset(str(grant.get("donor_id")) for grant in around.grants)


def _since(kind: str, fields: Mapping[str, Any]) -> str:
    """The first day (ISO) on which a report can tell of a record; empty where any can."""
    if kind == "extension":
        return str(fields.get("decided_on") or fields["requested_on"])
    if kind == "exchange_rate":
        return f"{fields['month']}-01"
    return str(fields.get({"grant": "signed", "progress_report": "submitted_on"}.get(kind, ""), ""))


def _donor_id(text: str) -> str:
    if not text.strip() or len(text) > 100:
        raise ValueError("give the donor's id as it stands in the records, for example example-development-fund")
    return text.strip()


def _until(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"'{text}' is not a day: give year, month and day, for example 2016-11-30") from None


REPORT: Final = Report(
    key="donor",
    title=noted("Donor report"),
    description=noted(
        "A donor's grants until a day: spent against granted, people reached, milestones, and reports due."
    ),
    parameters=(
        Parameter("donor_id", _donor_id, noted("the donor's id"), "example-development-fund"),
        Parameter("until", _until, noted("the day the report is about"), "2016-11-30"),
    ),
    kinds=frozenset({"donor", "grant", "project", "office", "progress_report", "extension", "exchange_rate"}),
    looks_at=only(
        donor="name",
        project="project_code title office end targets milestones",
        office="name type iso3 weekend",
        progress_report="project_code grant_id type period_start period_end submitted_on donor_status expenditure"
        " reached milestones_completed",
    ),
    affected=_affected,
    concerns=_concerns,
    narrowing=Narrowing("donor_id", _donors),
    slice=Slice("donor_id", kind="grant", field="donor_id", keyed=frozenset({"donor"})),
    build=build,
    open_ended=True,
    people=PEOPLE,
)
