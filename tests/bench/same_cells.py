"""The cells of a bulk workbook put out by our writer and by openpyxl's write-only mode."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from openpyxl import Workbook

from muster_report.blocks import Column, Format, Value
from muster_report.book import Book, Sheet
from muster_report.bulk import RowBatch, bulk_table
from muster_report.fact_batches import AT_ONCE
from muster_report.xlsx import write

_PROJECT_FORMATS: Final[tuple[Format, ...]] = (
    *("code", "text", "code", "text", "text", "text", "text", "text", "text", "text", "text", "text"),
    *("number", "code", "number", "text", "text"),
    *("number", "number", "number", "number", "number", "number", "text", "code"),
)
_AREA_FORMATS: Final[tuple[Format, ...]] = ("code", "text", "code", "text", "text", "code", "text", "number")


def write_only(rows: int) -> None:
    """The yardstick: as many cells of the same types, from values that cost nothing to come by."""
    workbook = Workbook(write_only=True)
    for name, cells in (("Projects", _project_cells), ("Areas", _area_cells)):
        sheet = workbook.create_sheet(name)
        for number in range(rows):
            sheet.append(cells(number))
    with tempfile.TemporaryFile() as file:
        workbook.save(file)


def our_writer(rows: int) -> None:
    """The same cells put out by the writer of our workbooks."""
    tables = {
        "Projects": bulk_table("projects", _columns(_PROJECT_FORMATS), rows, lambda: _rows(rows, _project_cells)),
        "Areas": bulk_table("areas", _columns(_AREA_FORMATS), rows, lambda: _rows(rows, _area_cells)),
    }
    sheets = tuple(Sheet(name, name, "", (table,), freeze=table.key) for name, table in tables.items())
    with tempfile.TemporaryFile() as file:
        write(Book("Projects", "The same cells", sheets), file)


def _project_cells(number: int) -> tuple[Value, ...]:
    day = date(2012, 1, 1)
    identity = (f"P-{number:06}", f"Shelter and livelihoods for displaced families, phase {number}", "AAA", "AAA")
    person = (f"Amina Otieno {number % 150}", f"amina{number % 150}@example.org") * 2
    money_and_words = (Decimal("200000.50"), "USD", 1, "10.7; 11.1", f"Families of settlement {number} have a roof")
    counts = (1, 0, 0, 0, 0, 0, day, f"HQ-{number // 500:06}")
    return (*identity, "Asia", "Active", day, day, *person, *money_and_words, *counts)


def _area_cells(number: int) -> tuple[Value, ...]:
    return (*_project_cells(number)[:4], "Asia", "migrant_assistance", "Migrant assistance", Decimal(100))


def _columns(formats: Sequence[Format]) -> tuple[Column, ...]:
    return tuple(Column(f"column{at}", f"Column {at}", 16, format_) for at, format_ in enumerate(formats))


def _rows(count: int, cells: Callable[[int], tuple[Value, ...]]) -> Iterator[RowBatch]:
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        columns = zip(*(cells(number) for number in numbers), strict=True)
        yield RowBatch([str(number) for number in numbers], list(columns))
