"""Every project with every field, for further analysis: any number of rows, streamed.

The project's own fields stand in one sheet, each of its lists in another; the first sheet counts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final

from muster_report.blocks import Block, Column, ColumnRole, Note
from muster_report.book import Book, Sheet
from muster_report.bulk import RowBatch, bulk_tables
from muster_report.fact_batches import FactBatch, in_batches
from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.reports.projects_columns import (
    LISTS,
    PROJECTS,
    Entries,
    Field,
    Reader,
    fields_shown,
    parts_of,
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

    def batches(self) -> Iterator[FactBatch]:
        """The same, some hundred at a time."""
        projects = self.facts.kind("project")
        if isinstance(projects, StreamedKind):
            return projects.batches()
        return in_batches("project", projects.values())

    def entries(self, batch: FactBatch, list_name: str) -> Entries:
        """A row for each of some projects, or for each entry of one of their lists."""
        places = [self.places[fields["office"]] for fields in batch.fields]
        if not list_name:
            return Entries(self.reader, batch.keys, batch.fields, places, batch.occurred_at, batch.submissions)
        lists = [fields.get(list_name) or () for fields in batch.fields]
        of = [number for number, items in enumerate(lists) for _ in items]
        return Entries(
            self.reader,
            [
                f"{key}{_SEPARATOR}{at:05}"
                for key, items in zip(batch.keys, lists, strict=True)
                for at in range(len(items))
            ],
            [batch.fields[number] for number in of],
            [places[number] for number in of],
            [batch.occurred_at[number] for number in of],
            [batch.submissions[number] for number in of],
            list(chain.from_iterable(lists)),
        )


def build(facts: Facts, params: Params) -> Book:
    """The workbook; ``params`` are ``copy`` and may have ``lang`` (English where it is left out)."""
    lang = params.get("lang", ENGLISH)
    reader = Reader(lang, params["copy"], region_names(lang, say("projects.no_region", lang)))
    register = Register(facts, reader, Places(facts, lang))
    counted = tally(register.batches(), lambda office: register.places[office].region)
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


def _rows(register: Register, list_name: str, fields: Sequence[Field]) -> Iterator[RowBatch]:
    for batch in register.batches():
        entries = register.entries(batch, list_name)
        yield RowBatch(entries.keys, [field.values(entries) for field in fields])


def _parts(register: Register, list_name: str, fields: Mapping[str, Field], row: str, column: str) -> Sequence[Part]:
    code, _, number = row.partition(_SEPARATOR)
    fact = register.facts.kind("project").get(code)
    if fact is None or column not in fields:
        return []
    at = int(number or 0)
    path = f"{list_name}/{at}" if list_name else ""
    entries = register.entries(FactBatch.of("project", [fact]), list_name)
    values = fields[column].values(entries)
    return parts_of(fact, fields[column], values[at], path) if at < len(values) else []


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
