"""Streaming the rows of bulk tables into the sheets that openpyxl wrote without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from openpyxl.workbook import Workbook

from muster_report.blocks import Table
from muster_report.book import Book, Sheet, column_letters
from muster_report.bulk import StreamedRows, streamed_rows
from muster_report.bulk_archive import Part
from muster_report.bulk_rows import Styles, rows_xml, styles_of
from muster_report.xlsx_cells import Pen

_END_OF_ROWS: Final = b"</sheetData>"
# Written before the rows are known, it would make readers that trust it stop after the header.
_DIMENSION: Final = re.compile(rb"<dimension [^>]*/>")


@dataclass(frozen=True, slots=True)
class Stream:
    """The rows of a bulk table, the row of its sheet in which they begin, and the styles of its columns."""

    rows: StreamedRows
    first_row: int
    styles: tuple[Styles, ...]

    def into(self, sheet: bytes) -> Iterator[bytes]:
        """The XML of the sheet with the rows of the table after those that it has."""
        above, below = sheet.split(_END_OF_ROWS)
        yield _DIMENSION.sub(b"", above)
        yield from rows_xml(self.styles, self.rows.source(), self.first_row)
        yield _END_OF_ROWS + below


def streams_of(workbook: Workbook, book: Book, pen: Pen) -> dict[str, Stream]:
    """The bulk tables of a book by the name of their sheet's part; their styles are registered in the workbook.

    Raises:
        ValueError: something stands below a bulk table.
    """
    streams: dict[str, Stream] = {}
    for number, sheet in enumerate(book.sheets, start=1):
        for table, rows, first_row in _bulk_tables(sheet):
            styles = tuple(styles_of(column, pen, workbook[sheet.name]) for column in table.columns)
            streams[f"xl/worksheets/sheet{number}.xml"] = Stream(rows, first_row, styles)
    return streams


def filled(parts: dict[str, bytes], streams: dict[str, Stream]) -> Iterator[tuple[str, Part]]:
    """The parts of a workbook, the rows of its bulk tables streamed into their sheets."""
    for name, content in parts.items():
        yield name, streams[name].into(content) if name in streams else content


def table_range(table: Table, header: int) -> str:
    """The cells of a table whose header stands in that row, for example ``A4:Y200004``."""
    return f"A{header}:{column_letters(len(table.columns))}{header + len(table.rows)}"


def _bulk_tables(sheet: Sheet) -> Iterator[tuple[Table, StreamedRows, int]]:
    """Each bulk table with its rows, and the row of the sheet in which they begin."""
    for placed in sheet.placed():
        if isinstance(placed.block, Table) and (rows := streamed_rows(placed.block)) is not None:
            if placed.block is not sheet.blocks[-1]:
                raise ValueError(f"a bulk table is the last of its sheet, and '{placed.block.key}' is not")
            yield placed.block, rows, placed.header_row() + 1
