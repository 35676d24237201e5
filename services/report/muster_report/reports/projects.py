"""Every project with every field, for further analysis: any number of rows, streamed.

The project's own fields stand in one sheet, each of its lists in another; the first sheet counts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from muster_report.blocks import Block, Column, ColumnRole, Note, Row
from muster_report.book import Book, Sheet
from muster_report.bulk import bulk_tables
from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.reports.projects_columns import (
    LISTS,
    PROJECTS,
    Entry,
    Field,
    Reader,
    fields_shown,
    parts_of_entry,
)
from muster_report.reports.projects_overview import Overview, overview_blocks
from muster_report.reports.projects_tally import Tally, tally
from muster_report.reports.report import Params, Report, every_known, only
from muster_report.reports.reporting_compliance_places import Place, place_of, region_names
from muster_report.streamed_facts import StreamedKind, UsedFacts
from muster_report.words import ENGLISH, pairs, say
from muster_shared.language import noted

_SEPARATOR: Final = " "  # stands before every letter of a code, so that rows come in the order of their keys


class Places(dict[str, Place]):
    """The places of offices by code, each looked up when a project first names it."""

    def __init__(self, facts: Facts, lang: str) -> None:
        super().__init__()
        self._facts, self._lang = facts, lang

    def __missing__(self, office: str) -> Place:
        place = self[office] = place_of(self._facts, office, self._lang)
        return place

    def offices(self) -> tuple[Fact, ...]:
        """The records of the offices that were named, in the order of codes."""
        return tuple(place.fact for _, place in sorted(self.items()) if place.fact)


@dataclass(frozen=True, slots=True)
class Register:
    """All projects, read again whenever they are asked for, and the offices that they belong to."""

    facts: Facts
    reader: Reader
    places: Places

    def projects(self) -> Iterator[Fact]:
        """Every project, in the order of codes."""
        return iter(self.facts.kind("project").values())

    def entries(self, list_name: str) -> Iterator[Entry]:
        """A row for each project, or for each entry of one of its lists."""
        for fact in self.projects():
            place = self.places[fact.fields["office"]]
            if not list_name:
                yield Entry(fact, fact.fields, place, self.reader)
                continue
            for at in range(len(fact.fields.get(list_name) or ())):
                yield Entry(fact, fact.fields, place, self.reader, list_name, at)

    def entry(self, list_name: str, row: str) -> Entry | None:
        """The row of that key, None where there is none."""
        code, _, number = row.partition(_SEPARATOR)
        fact = self.facts.kind("project").get(code)
        if fact is None:
            return None
        place = self.places[fact.fields["office"]]
        return Entry(fact, fact.fields, place, self.reader, list_name, int(number or 0))


def build(facts: Facts, params: Params) -> Book:
    """The workbook; ``params`` are ``copy`` and may have ``lang`` (English where it is left out)."""
    lang = params.get("lang", ENGLISH)
    reader = Reader(lang, params["copy"], region_names(lang, say("projects.no_region", lang)))
    register = Register(facts, reader, Places(facts, lang))
    counted = tally(register.projects(), lambda office: register.places[office].region)
    return Book(
        title=say("projects.title", lang),
        subtitle=say("projects.subtitle", lang),
        sheets=(_first_sheet(register, counted), *_bulk_sheets(register, counted)),
        description=say("projects.description", lang),
        definitions=pairs("projects.definitions", lang),
        used=_used(register),
        lang=lang,
    )


def _used(register: Register) -> Collection[Fact]:
    projects, offices = register.facts.kind("project"), register.places.offices()
    if isinstance(projects, StreamedKind):
        return UsedFacts(projects, offices)
    return (*projects.values(), *offices)


def _first_sheet(register: Register, counted: Tally) -> Sheet:
    lang = register.reader.lang
    overview = Overview(
        tally=counted,
        projects=register.projects,
        region_of=lambda office: register.places[office].region,
        regions=register.reader.regions,
        lang=lang,
    )
    nothing = Note("none", say("projects.nothing", lang), "alert")
    blocks = tuple(overview_blocks(overview)) if counted.projects else (nothing,)
    title, subtitle = say("projects.title", lang), say("projects.subtitle", lang)
    return Sheet(say("projects.sheet.overview", lang), title, subtitle, blocks, one_page=True)


def _bulk_sheets(register: Register, counted: Tally) -> Iterator[Sheet]:
    yield from _sheets_of(register, "projects", "", PROJECTS, counted.projects)
    for name, fields in LISTS.items():
        yield from _sheets_of(register, name, name, fields, counted.entries[name])


def _sheets_of(register: Register, key: str, list_name: str, fields: Sequence[Field], count: int) -> Iterator[Sheet]:
    """A sheet, or several where one has not enough rows."""
    lang, shown = register.reader.lang, fields_shown(fields, register.reader.copy)
    columns = tuple(_column(field, lang) for field in shown)
    rows = partial(_rows, register, list_name, shown)
    parts = partial(_parts, register, list_name, {field.key: field for field in shown})
    for number, table in enumerate(bulk_tables(key, columns, count, rows, parts=parts), start=1):
        name = say(f"projects.sheet.{key}", lang) + (f" {number}" if number > 1 else "")
        title = say(f"projects.titles.{key}", lang)
        block: Block = table if count else Note("none", say("projects.no_entries", lang))
        yield Sheet(name, title, say("projects.subtitle", lang), (block,), freeze=key if count else "")


def _column(field: Field, lang: str) -> Column:
    role: ColumnRole = "label" if field.key == "project" else "body"
    return Column(field.key, say(f"projects.column.{field.key}", lang), field.width, field.format, role, field.tag)


def _rows(register: Register, list_name: str, fields: Sequence[Field]) -> Iterator[Row]:
    values = [field.value for field in fields]
    for entry in register.entries(list_name):
        key = f"{entry.fact.key}{_SEPARATOR}{entry.at:05}" if list_name else entry.fact.key
        yield Row(key, tuple([value(entry) for value in values]), label=key)  # quicker than one by one


def _parts(register: Register, list_name: str, fields: Mapping[str, Field], row: str, column: str) -> Sequence[Part]:
    entry = register.entry(list_name, row)
    return parts_of_entry(entry, fields[column]) if entry and column in fields else []


def _affected(kind: str, _fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    return ({},) if kind == "project" else every_known(known)


REPORT: Final = Report(
    key="projects",
    title=noted("Projects"),
    description=noted("Every project with every field, and its areas, activities, targets and milestones, row by row."),
    parameters=(),
    kinds=frozenset({"project", "office"}),
    looks_at=only(office="name type region iso3"),
    affected=_affected,
    build=build,
    open_ended=True,
    streamed=frozenset({"project"}),
)
