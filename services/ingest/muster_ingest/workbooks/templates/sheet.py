"""A kind's sheet of a template: headers, widths, formats, validations, print set-up; its rows come in as XML later."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import REVISION, columns_of
from muster_ingest.workbooks.templates.cells import LINE, Styled, rows_xml
from muster_ingest.workbooks.templates.columns import Need, SheetColumn, sheet_columns
from muster_ingest.workbooks.templates.lists import CodeList
from muster_ingest.workbooks.templates.page import set_page
from muster_ingest.workbooks.templates.validations import validation

HEADERS, NAMES, FIRST = 1, 2, 3  # rows
FREE_ROWS = 2_000
MOST_ROWS = 1_048_576  # of a sheet, as Excel has it
COLOURS: Mapping[Need, str] = {"yes": "1F4E78", "together": "5B87B2", "no": "DDE6EF"}
_WHITE, _DARK, _GREY = "FFFFFF", "1F2933", "7A8791"
_LOOKED_AT = 500  # rows that decide the widths


@dataclass(frozen=True)
class Edition:
    """For whom a template is made: name of the office, language; and the lists of its sheet of codes by name."""

    office_name: str
    language: str
    lists: Mapping[str, CodeList]


@dataclass(frozen=True)
class Made:
    """A sheet without its records: its name, its last row, and the XML of the records' rows."""

    title: str
    last_row: int
    rows: Iterator[bytes]


def add_sheet(book: Workbook, kind: str, rows: Sequence[Mapping[str, Any]], edition: Edition) -> Made:
    """Add a kind's sheet.

    Raises:
        ValueError: there are more rows than a sheet has.
    """
    last = FIRST - 1 + len(rows)
    if last > MOST_ROWS:
        raise ValueError(f"{kind} takes {len(rows)} rows: a sheet has {MOST_ROWS}")
    sheet = book.create_sheet(kind)
    widths = [column.width(rows[:_LOOKED_AT], edition.language) for column in sheet_columns(kind)]
    styles = []
    for column, width in zip(sheet_columns(kind), widths, strict=True):
        _head(sheet, column, edition.language)
        styles.append(Styled(column, _style_column(sheet, column, width), width))
        _validate(sheet, column, edition, last)
    _set_heights(sheet, kind, edition.language, widths)
    _fix(sheet, kind, last)
    title = words.title(kind, edition.language)
    set_page(sheet, title=title, office=edition.office_name, to=edition.language, width=sum(widths))
    return Made(kind, last, rows_xml(rows, styles, FIRST))


def _head(sheet: Worksheet, column: SheetColumn, to: str) -> None:
    header = sheet.cell(HEADERS, column.at, column.header(to))
    header.font = Font(name="Calibri", size=11, bold=True, color=_DARK if column.need == "no" else _WHITE)
    header.fill = PatternFill("solid", fgColor=COLOURS[column.need])
    header.alignment = Alignment(horizontal=column.side, indent=1, vertical="center", wrap_text=True)
    header.border = Border(right=Side("thin", color=_WHITE))
    name = sheet.cell(NAMES, column.at, column.name)
    name.alignment = Alignment(horizontal="left", indent=1)
    name.font = Font(name="Calibri", size=8, color=_GREY)
    name.border = Border(bottom=Side("thin", color=_GREY))


def _style_column(sheet: Worksheet, column: SheetColumn, width: float) -> int:
    """Format a whole column, filled or not, and give the style that its filled cells take."""
    dimension = sheet.column_dimensions[column.letters]
    dimension.width = width
    dimension.number_format = column.number_format
    dimension.alignment = Alignment(horizontal=column.side, indent=1, vertical="top", wrap_text=column.is_wordy)
    dimension.hidden = column.name == REVISION
    return int(dimension.style_id)


def _validate(sheet: Worksheet, column: SheetColumn, edition: Edition, last: int) -> None:
    ruled = validation(column, edition.lists, edition.language)
    ruled.add(f"{column.letters}{FIRST}:{column.letters}{min(last + FREE_ROWS, MOST_ROWS)}")
    sheet.add_data_validation(ruled)


def _set_heights(sheet: Worksheet, kind: str, to: str, widths: Sequence[float]) -> None:
    headers = [column.header(to) for column in sheet_columns(kind)]
    lines = max(math.ceil(len(header) / (width - 3)) for header, width in zip(headers, widths, strict=True))
    sheet.row_dimensions[HEADERS].height = LINE * lines + 9
    sheet.row_dimensions[NAMES].height = LINE


def _fix(sheet: Worksheet, kind: str, last: int) -> None:
    """Panes, filter, repeated titles; the filter stands on the field names, so that sorting leaves them in place."""
    columns, keys = sheet_columns(kind), sum(column.key for column in columns_of(kind))
    sheet.freeze_panes = f"{columns[keys].letters}{FIRST}"
    sheet.auto_filter.ref = f"A{NAMES}:{columns[-1].letters}{max(last, FIRST)}"
    sheet.print_options.gridLines = True
    sheet.print_title_rows = f"{HEADERS}:{HEADERS}"
    sheet.print_title_cols = f"A:{columns[keys - 1].letters}"
