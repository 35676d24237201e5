"""A book as the bytes of a workbook: the same book gives the same bytes in any process, at any time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from math import ceil
from typing import Any, BinaryIO, cast

from openpyxl.cell.cell import Cell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as FilteredTable
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import fromstring, tostring

from muster_report.blocks import FIGURES, Column
from muster_report.book import (
    SUBTITLE_ROW,
    TITLE_ROW,
    Book,
    Charts,
    Note,
    Placed,
    Row,
    Sheet,
    Table,
    column_letters,
    column_of,
    row_of,
)
from muster_report.bulk import is_bulk
from muster_report.bulk_archive import write_archive
from muster_report.words import say
from muster_report.xlsx_cells import ACCENT, Look, Pen, plain_text
from muster_report.xlsx_charts import ROWS as CHART_ROWS
from muster_report.xlsx_charts import add_charts, descriptions
from muster_report.xlsx_looks import add_logo, painted
from muster_report.xlsx_streams import filled, streams_of, table_range

CREATOR = "Muster"
_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - what an empty book carries; the format's times are naive UTC
_CORE = "docProps/core.xml"
_TYPES = "[Content_Types].xml"
_A4 = 9
_A4_ROOM = (770, 530)  # points of a page between its margins, long side first
_POINTS_PER_CHARACTER = 5.25
_ROW_HEIGHT = 15
_BODY_LETTERS = 1.2  # letters of running text in the room of one digit of the default font
_BOLD_LETTERS = 1.1


def render(book: Book) -> bytes:
    """The workbook (.xlsx) of a book, held whole: for one of any size, ``write`` it into a file."""
    file = io.BytesIO()
    write(book, file)
    return file.getvalue()


def write(book: Book, file: BinaryIO) -> None:
    """Write the workbook (.xlsx) of a book into an empty file that can seek; bulk tables are streamed into it.

    Figures are written as values, so that they read the same in any program, calculated or not.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    pen = Pen(workbook)
    for sheet in book.sheets:
        _write_sheet(workbook.create_sheet(sheet.name), book, sheet, pen)
    _name_cells(workbook, book)
    workbook.active = 0
    streams = streams_of(workbook, book, pen)
    write_archive(file, filled(_parts(workbook, book), streams))


def _write_sheet(worksheet: Worksheet, book: Book, sheet: Sheet, pen: Pen) -> None:
    pen.look(_cell(worksheet, TITLE_ROW, 1), sheet.title, "title")
    pen.look(_cell(worksheet, SUBTITLE_ROW, 1), book.subtitle_of(sheet), "subtitle")
    worksheet.row_dimensions[TITLE_ROW].height = 26
    for number, width in enumerate(sheet.widths(), start=1):
        worksheet.column_dimensions[column_letters(number)].width = width
    for placed in sheet.placed():
        _write_block(worksheet, sheet, placed, pen)
    if book.look and book.look.logo and sheet is book.sheets[0]:
        add_logo(worksheet, sheet, book.look.logo)
    _set_view(worksheet, sheet)
    _set_print(worksheet, book, sheet)


def _write_block(worksheet: Worksheet, sheet: Sheet, placed: Placed, pen: Pen) -> None:
    match placed.block:
        case Table():
            _write_table(worksheet, sheet, placed.block, placed, pen)
        case Note():
            _write_note(worksheet, sheet, placed.block, placed, pen)
        case Charts():
            add_charts(worksheet, sheet, placed, placed.block)


def _write_table(worksheet: Worksheet, sheet: Sheet, table: Table, placed: Placed, pen: Pen) -> None:
    if table.caption:
        pen.look(_cell(worksheet, placed.row, 1), table.caption, "caption")
    header = placed.header_row()
    for number, column in enumerate(table.columns, start=1):
        look: Look = "header_number" if column.format in FIGURES else "header"
        pen.look(_cell(worksheet, header, number), column.heading, look)
    worksheet.row_dimensions[header].height = _header_height(table)
    for at, row in enumerate(() if is_bulk(table) else table.rows, start=header + 1):
        height = worksheet.row_dimensions[at].height = _row_height(table, row)
        tall = table.filtered and height > _ROW_HEIGHT + 1  # one line of text in the middle, more of them from the top
        for number, (column, value) in enumerate(zip(table.columns, row.cells, strict=True), start=1):
            cell, total = _cell(worksheet, at, number), column.role == "total"
            pen.value(cell, value, asked=column.format, role=row.role, bold=total, tall=tall)
    if table.filtered and table.rows:
        _make_filterable(worksheet, sheet, table, header)


def _header_height(table: Table) -> float:
    lines = max(_lines(column.heading, column.width - 2) for column in table.columns)
    return 6 + 14 * lines


def _row_height(table: Table, row: Row) -> float:
    """Room for the longest text of the row: not every program makes rows grow with what they hold."""
    texts = [(value, c) for c, value in zip(table.columns, row.cells, strict=True) if isinstance(value, str)]
    return 3 + 13 * max((_lines(text, _letters(column, row)) for text, column in texts), default=1)


def _letters(column: Column, row: Row) -> int:
    """Letters that a line of a cell holds."""
    is_bold = row.role != "body" or column.role == "total"
    return round((column.width - 2) * (_BOLD_LETTERS if is_bold else _BODY_LETTERS))


def _lines(text: str, width: int) -> int:
    """Lines a text takes when words are kept whole, in letters as wide as the column's measure."""
    if "\n" in text:
        return sum(_lines(line, width) for line in text.split("\n"))
    lines, room = 1, 0
    for word in text.split():
        length = len(word)
        if room and room + 1 + length > width:
            lines, room = lines + 1, 0
        lines += max(0, ceil(length / max(width, 1)) - 1)
        room += length + (1 if room else 0)
    return lines


def _make_filterable(worksheet: Worksheet, sheet: Sheet, table: Table, header: int) -> None:
    name = "".join(letter for letter in f"{sheet.name}_{table.key}" if letter.isalnum() or letter == "_")
    filterable = FilteredTable(displayName=name, ref=table_range(table, header))
    if is_bulk(table):  # else openpyxl would look the headings up, and make a cell of each value on the way
        headings = (str(worksheet.cell(header, at).value) for at in range(1, len(table.columns) + 1))
        filterable.tableColumns = [TableColumn(id=at, name=name) for at, name in enumerate(headings, start=1)]
        filterable.autoFilter = AutoFilter(ref=filterable.ref)
    filterable.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    worksheet.add_table(filterable)


def _write_note(worksheet: Worksheet, sheet: Sheet, note: Note, placed: Placed, pen: Pen) -> None:
    widths = sheet.widths()
    pen.look(_cell(worksheet, placed.row, 1), note.text, "alert" if note.tone == "alert" else "note")
    if len(widths) > 1:
        worksheet.merge_cells(
            start_row=placed.row, end_row=placed.row, start_column=1, end_column=len(widths)
        )  # a merged cell does not grow with its text: its height is set below
    lines = _lines(note.text, round(sum(widths) * _BODY_LETTERS))
    worksheet.row_dimensions[placed.row].height = (9 if note.tone == "alert" else 3) + 13 * lines


def _set_view(worksheet: Worksheet, sheet: Sheet) -> None:
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_view.zoomScale = 90
    if sheet.freeze:
        table, placed = sheet.table(sheet.freeze)
        labels = sum(1 for column in table.columns if column.role == "label")
        worksheet.freeze_panes = f"{column_letters(labels + 1)}{placed.header_row() + 1}"


def _set_print(worksheet: Worksheet, book: Book, sheet: Sheet) -> None:
    worksheet.page_setup.paperSize = _A4
    worksheet.page_setup.orientation = "landscape" if _lies(worksheet, sheet) else "portrait"
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    worksheet.page_setup.fitToWidth = 1
    worksheet.page_setup.fitToHeight = 1 if sheet.one_page else 0
    worksheet.print_options.horizontalCentered = True
    margins = worksheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.65, 0.25, 0.3
    header = max((placed.header_row() for placed in sheet.placed() if isinstance(placed.block, Table)), default=0)
    if header:  # the last table, as headings are repeated on the pages after them
        worksheet.print_title_rows = f"{header}:{header}"
    _set_footer(worksheet, book, sheet)


def _lies(worksheet: Worksheet, sheet: Sheet) -> bool:
    """Whether the paper lies: as the sheet asks, and where all goes on one page, as it is shown larger."""
    if not any(isinstance(block, Table) for block in sheet.blocks):
        return True
    if not sheet.one_page:
        return sheet.landscape
    width = _POINTS_PER_CHARACTER * sum(sheet.widths())
    last = max(placed.row + _rows_of(placed) for placed in sheet.placed())
    height = sum(worksheet.row_dimensions[row].height or _ROW_HEIGHT for row in range(1, last))
    long, short = _A4_ROOM
    return min(long / width, short / height) >= min(short / width, long / height)


def _rows_of(placed: Placed) -> int:
    block = placed.block
    return block.height() if isinstance(block, Table) else CHART_ROWS if isinstance(block, Charts) else 1


def _set_footer(worksheet: Worksheet, book: Book, sheet: Sheet) -> None:
    footer = worksheet.HeaderFooter.oddFooter = HeaderFooterItem()
    footer.left.text = plain_text(book.title).replace("&", "&&")
    footer.center.text = plain_text(sheet.name).replace("&", "&&")
    footer.right.text = say("page.footer", book.lang, page="&P", pages="&N")
    for part in (footer.left, footer.center, footer.right):
        part.size, part.color = 8, ACCENT


def _name_cells(workbook: Workbook, book: Book) -> None:
    for sheet in book.sheets:
        for placed in sheet.placed():
            for name, address in _named_cells(sheet, placed):
                workbook.defined_names[name] = DefinedName(name, attr_text=address)


def _named_cells(sheet: Sheet, placed: Placed) -> Iterator[tuple[str, str]]:
    table = placed.block
    if isinstance(table, Table):
        for named in table.names:
            row = placed.header_row() + row_of(table, named.row)
            quoted = sheet.name.replace("'", "''")
            yield named.name, f"'{quoted}'!${column_letters(column_of(table, named.column))}${row}"


def _cell(worksheet: Worksheet, row: int, column: int) -> Cell:
    return cast(Cell, worksheet.cell(row, column))


def _parts(workbook: Workbook, book: Book) -> dict[str, bytes]:
    stream = io.BytesIO()
    workbook.save(stream)
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[_CORE] = _xml(_properties(book).to_tree())
    parts |= dict(_described_drawings(parts, book))
    parts |= dict(_formatted_charts(parts))
    parts |= dict(painted(parts, book.look)) if book.look else {}
    return {_TYPES: parts.pop(_TYPES), **parts}


def _properties(book: Book) -> DocumentProperties:
    as_of = book.as_of()
    moment = as_of.replace(tzinfo=None, microsecond=0) if as_of else _NO_TIME
    return DocumentProperties(
        creator=CREATOR,
        lastModifiedBy=CREATOR,
        title=plain_text(book.title),
        subject=plain_text(book.subtitle),
        description=plain_text(book.description),
        created=moment,
        modified=moment,
    )


def _described_drawings(parts: dict[str, bytes], book: Book) -> Iterator[tuple[str, bytes]]:
    """The drawings with titles and descriptions as their alternative texts, which openpyxl cannot write."""
    drawn = [told for sheet in book.sheets if (told := [*descriptions(sheet), *_told_of_logo(book, sheet)])]
    for number, told in enumerate(drawn, start=1):
        name = f"xl/drawings/drawing{number}.xml"
        tree = fromstring(parts[name])
        for frame, (title, description) in zip(tree.iter("{*}cNvPr"), told, strict=True):
            frame.set("name", plain_text(title))
            frame.set("descr", plain_text(description))
        yield name, _xml(tree)


def _told_of_logo(book: Book, sheet: Sheet) -> Iterator[tuple[str, str]]:
    """(name, description) of the logo, where this sheet has it."""
    if book.look and book.look.logo and sheet is book.sheets[0]:
        yield book.look.name, book.look.name


def _formatted_charts(parts: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The charts with labels in their own number format: without a word against it, programs take the cells'."""
    for name in [name for name in parts if name.startswith("xl/charts/chart")]:
        tree = fromstring(parts[name])
        for labels in tree.iter("{*}dLbls"):
            for number_format in labels.iter("{*}numFmt"):
                number_format.set("sourceLinked", "0")
        yield name, _xml(tree)


def _xml(tree: Any) -> bytes:
    written: str | bytes = tostring(tree)
    return written.encode() if isinstance(written, str) else written
