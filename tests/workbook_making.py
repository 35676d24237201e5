"""Workbooks as offices would make them: sheets of records under the row of field names, and templates filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.numbers import Number, Whole
from muster_ingest.reading import read_json
from muster_ingest.workbooks.columns import columns_of, rows_of

Rows = Sequence[Mapping[str, Any]]


def fields_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The canonical fields of a record as JSON sends it."""
    sent = read_json(json.dumps(record).encode())
    return KINDS[sent.pop("kind")].schema.load(sent)  # type: ignore[no-any-return]


def cells_of_record(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a record, with values as a person types them into Excel."""
    kind = record["kind"]
    return [{name: typed(kind, name, value) for name, value in row.items()} for row in rows_of(kind, fields_of(record))]


def typed(kind: str, name: str, value: Any) -> Any:
    field = next(column.field for column in columns_of(kind) if column.name == name)
    if isinstance(field, Day):
        return date.fromisoformat(value)
    if isinstance(field, Whole | Number):
        return Decimal(str(value))
    return value


def workbook(sheets: Mapping[str, Rows], *, columns: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """One sheet for each kind, its first row the field names."""
    book = Workbook()
    del book["Sheet"]
    for kind, rows in sheets.items():
        sheet = book.create_sheet(kind)
        names = (columns or {}).get(kind) or [column.name for column in columns_of(kind)]
        extra = [name for row in rows for name in row if name not in names]
        fill(sheet, [*names, *dict.fromkeys(extra)], rows, header_row=1)
    return saved(book)


def fill(sheet: Worksheet, names: Sequence[str], rows: Rows, *, header_row: int) -> None:
    for at, name in enumerate(names, start=1):
        put(sheet, header_row, at, name)
        for number, row in enumerate(rows, start=header_row + 1):
            if row.get(name) is not None:
                put(sheet, number, at, row[name])


def put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """A text that begins with = is a text."""
    cell = sheet.cell(row, column, value)
    if isinstance(value, str):
        cell.data_type = "s"


def filled_in(template: bytes, kind: str, rows: Rows) -> bytes:
    """A template with rows written below what it holds already."""
    book = load_workbook(BytesIO(template))
    sheet = book[kind]
    at = places(sheet)
    first = next(n for n in range(3, sheet.max_row + 2) if sheet.cell(n, 1).value is None)
    for number, row in enumerate(rows, start=first):
        for name, value in row.items():
            put(sheet, number, at[name], value)
    return saved(book)


def changed(content: bytes, kind: str, row: int, name: str, value: Any) -> bytes:
    """A workbook with one cell changed, found by its field name."""
    book = load_workbook(BytesIO(content))
    put(book[kind], row, places(book[kind])[name], value)
    return saved(book)


def places(sheet: Worksheet) -> dict[str, int]:
    """The column of each field name in the second row, which templates hide."""
    return {str(cell.value): at for at, cell in enumerate(sheet[2], start=1) if cell.value is not None}


def saved(book: Workbook) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()
