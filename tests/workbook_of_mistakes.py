"""A workbook of several hundred rows as an office might send it on a bad day: each mistake named, pinned to its cell
and written beside what would be right, among rows that are right and must stay unnamed.

``spoiled()`` is the workbook with all of them, ``corrected(content)`` writes what is right over them, in the cells
and nowhere else, whatever else was done to the workbook in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.packaging.custom import CustomPropertyList, StringProperty

import mistakes_in_funding as funding
import mistakes_in_partners as partners
import mistakes_in_projects as projects
from mistakes_not_made import ODDITIES
from mistakes_written import Make, Mistake, Sheet, Slip, write, writing
from muster_ingest.workbooks.grid import letters
from muster_ingest.workbooks.templates.template import MARK, VERSION
from workbook_making import saved

# name of the sheet, kind, how a record is made, what is wrong in it, how many records are right besides
_SHEETS: tuple[tuple[str, str, Make, Sequence[Slip], int], ...] = (
    ("project", "project", projects.project, projects.PROJECTS, 12),
    ("partner", "partner", partners.partner, partners.PARTNERS, 20),
    ("partnership", "partnership", partners.partnership, partners.PARTNERSHIPS, 30),
    ("grant", "grant", funding.grant, funding.GRANTS, 15),
    ("funding_requirement", "funding_requirement", funding.requirement, funding.REQUIREMENTS, 30),
    ("progress_report", "progress_report", funding.progress_report, funding.REPORTS, 20),
    ("extension", "extension", funding.extension, funding.EXTENSIONS, 12),
    ("follow_up", "follow_up", funding.follow_up, funding.FOLLOW_UPS, 10),
    ("field_activity", "field_activity", partners.field_activity, partners.ACTIVITIES, 12),
    ("Indicator values", "indicator_value", partners.indicator_value, partners.INDICATORS, 20),
    ("exchange_rate", "exchange_rate", partners.exchange_rate, funding.RATES, 0),
    ("office", "office", partners.office, partners.OFFICES, 0),
    ("initiative", "initiative", partners.initiative, (), 3),
)
_SEVERAL = "Initiatives"  # a kind may have more sheets than one: in plain words, in another language
_TWICE = "KE-TWICE"
_MISNAMED, _NAMED = "indicator_vlaue", "indicator_value"


@cache
def sheets() -> tuple[Sheet, ...]:
    """Every sheet, its right records first."""
    made = []
    for name, kind, make, slips, right in _SHEETS:
        sheet = Sheet(name, kind, make)
        sheet.right(right)
        sheet.wrong(slips)
        for changes, cells in ODDITIES.get(name, ()):
            sheet.odd(changes, cells)
        made.append(sheet)
        _add_a_project_named_by_a_grant(sheet)
    for name, kind, make, start in (
        (_SEVERAL, "initiative", partners.initiative, 100),
        (_NAMED, "indicator_value", partners.indicator_value, 100),
    ):
        sheet = Sheet(name, kind, _from(make, start))
        sheet.right(3)
        made.append(sheet)
    return tuple(made)


def _add_a_project_named_by_a_grant(sheet: Sheet) -> None:
    """What is wrong with the project must not be held against the grant."""
    if sheet.name == "project":
        sheet.right(1, project_code=_TWICE, **projects.ONE_ROW)
    if sheet.name == "grant":
        sheet.right(1, project_code=_TWICE)


def _from(make: Make, start: int) -> Make:
    return lambda number, **changes: make(start + number, **changes)


def named(name: str) -> Sheet:
    """The sheet of this name."""
    return next(sheet for sheet in sheets() if sheet.name == name)


@cache
def mistakes() -> tuple[Mistake, ...]:
    """Every mistake, in the order in which they are made."""
    return (*(mistake for sheet in sheets() for mistake in sheet.mistakes), *_in_headers(), *_in_the_whole())


def records() -> int:
    """How many records the corrected workbook holds."""
    return sum(sheet.records for sheet in sheets())


def rows() -> int:
    """How many rows of records the workbook holds."""
    return sum(len(sheet.rows) for sheet in sheets())


def spoiled() -> bytes:
    """The workbook with every mistake in it."""
    book = Workbook()
    del book["Sheet"]
    for sheet in sheets():
        page = book.create_sheet(sheet.name)
        for cell, value in sheet.content():
            write(page, cell, value)
    book.create_sheet("Our own notes")["B2"] = "call Nairobi"
    for mistake in mistakes():
        mistake.spoil(book)
    return saved(book)


def corrected(content: bytes) -> bytes:
    """The workbook with what is right in the place of each mistake, everything else as it is."""
    book = load_workbook(BytesIO(content))
    for mistake in reversed(mistakes()):
        mistake.mend(book)
    return saved(book)


def _in_headers() -> Iterator[Mistake]:
    needs, initiatives, several = named("funding_requirement"), named("initiative"), named(_SEVERAL)
    past = [letters(len(needs.columns) + further) for further in (1, 2, 4)]
    for name, cell, code, says, wrong, right in (
        ("a misspelt header", needs.cell("note", 1), "unknown_column", "did you mean note?", "nots", "note"),
        (
            "a misspelt header of what is needed",
            needs.cell("currency", 1),
            "unknown_column",
            "currency?",
            "curency",
            "currency",
        ),
        ("a header of nothing", f"{past[0]}1", "unknown_column", "take the column out", "Colour", None),
        ("a header twice", f"{past[1]}1", "duplicate_column", "keep one", "amount", None),
        ("a cell beyond all headers", f"{past[2]}7", "no_header", "write one", "why?", None),
    ):
        acts = writing(needs.name, {cell: wrong}), writing(needs.name, {cell: right})
        yield Mistake(name, needs.name, cell, code, says, *acts)
    title = {cell: value for cell, value in initiatives.content() if cell.startswith(initiatives.cell("title", 1)[0])}
    yield Mistake(
        "a column left out",
        "initiative",
        "A1",
        "missing_column",
        "the column title is missing",
        writing("initiative", dict.fromkeys(title)),
        writing("initiative", title),
    )
    headers = {several.cell(column, 1): column for column in several.columns}
    yield Mistake(
        "no headers at all",
        _SEVERAL,
        "A1",
        "no_headers",
        "write the field names in the first row (year, slug, title",
        writing(_SEVERAL, {cell: f"Column {number}" for number, cell in enumerate(headers, start=1)}),
        writing(_SEVERAL, headers),
    )


def _in_the_whole() -> Iterator[Mistake]:
    activities = named("field_activity")
    note = activities.cell("note", 2)
    merged = f"{note}:{activities.cell('note', 3)}"
    yield Mistake(
        "merged cells",
        "field_activity",
        note,
        "merged_cells",
        "unmerge it and write the value in each row",
        lambda book: book["field_activity"].merge_cells(merged),
        lambda book: book["field_activity"].unmerge_cells(merged),
    )
    yield _row_twice("a row of a list twice", activities, 5, activities.rows[3])
    yield _row_twice("a whole record twice", named("project"), len(named("project").rows) + 2, {})
    yield Mistake(
        "a misspelt name of a sheet",
        _MISNAMED,
        "A1",
        "unknown_sheet",
        "did you mean indicator_value?",
        _renaming(_NAMED, _MISNAMED),
        _renaming(_MISNAMED, _NAMED),
    )
    of_old = "get the current one and copy your rows into it"
    yield Mistake("a template of long ago", None, None, "old_template", of_old, _marked(9999, "UGA"), _unmarked)
    of_others = "made for office UGA, you submit it for KEN"
    yield Mistake(
        "a template of others", None, None, "other_office", of_others, lambda _book: None, _marked(VERSION, "KEN")
    )


def _row_twice(name: str, sheet: Sheet, row: int, right: Mapping[str, Any]) -> Mistake:
    """A row that is a copy of the row before; ``right`` are the cells of what should stand there, if anything."""
    before = sheet.rows[row - 3]
    copied = {sheet.cell(column, row): before.get(column) for column in sheet.columns}
    meant = {sheet.cell(column, row): right.get(column) for column in sheet.columns}
    acts = writing(sheet.name, copied), writing(sheet.name, meant)
    pinned = sheet.cell(sheet.columns[0], row)
    return Mistake(name, sheet.name, pinned, "duplicate_key", "take one of them out", *acts)


def _renaming(old: str, new: str) -> Callable[[Workbook], None]:
    def do(book: Workbook) -> None:
        book[old].title = new

    return do


def _marked(version: int, office: str) -> Callable[[Workbook], None]:
    def do(book: Workbook) -> None:
        _unmarked(book)
        _properties(book).append(StringProperty(name=MARK, value=f"{version};all;{office};en"))

    return do


def _unmarked(book: Workbook) -> None:
    if MARK in _properties(book).names:
        del _properties(book)[MARK]


def _properties(book: Any) -> CustomPropertyList[Any]:
    properties: CustomPropertyList[Any] = book.custom_doc_props
    return properties
