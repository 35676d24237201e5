"""Reading the workbooks that report makes, as openpyxl does and not as report knows them."""

from __future__ import annotations

import hashlib
import io
from itertools import takewhile
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string


def sheet_rows(workbook: bytes, sheet: str) -> list[tuple[Any, ...]]:
    """The cells of one sheet, row by row, trailing empty cells left out."""
    rows = load_workbook(io.BytesIO(workbook))[sheet].iter_rows(values_only=True)
    return [row for row in (_trimmed(row) for row in rows) if row]


def cell(workbook: bytes, sheet: str, coordinate: str) -> Any:
    return load_workbook(io.BytesIO(workbook))[sheet][coordinate].value


def changes_in(workbook: bytes) -> list[tuple[Any, ...]]:
    """``(sheet, cell, was, is now)`` of every line of the sheet Changes, in the order of sheets and cells."""
    rows = sheet_rows(workbook, "Changes")
    heading = next((at for at, row in enumerate(rows) if row[:2] == ("Sheet", "Cell") and "Was" in row), len(rows))
    sheets = load_workbook(io.BytesIO(workbook)).sheetnames
    lines = takewhile(lambda row: len(row) > 1 and row[0] in sheets, rows[heading + 1 :])
    found = [(row[0], row[1], _at(row, 4), _at(row, 5)) for row in lines]
    return sorted(found, key=lambda line: (sheets.index(line[0]), *_place(line[1])))


def _place(coordinate: str) -> tuple[int, int]:
    letters, row = coordinate_from_string(coordinate)
    return row, column_index_from_string(letters)


def moved_cells(before: bytes, after: bytes) -> list[tuple[Any, ...]]:
    """The same, found by holding two workbooks of the same shape against each other, cell by cell below the titles."""
    old, new = load_workbook(io.BytesIO(before)), load_workbook(io.BytesIO(after))
    cells = [cell for name in new.sheetnames[:-3] for row in new[name].iter_rows(min_row=3) for cell in row]
    pairs = [(old[cell.parent.title][cell.coordinate].value, cell) for cell in cells]
    return [(new.parent.title, new.coordinate, was, new.value) for was, new in pairs if was != new.value]


def about(workbook: bytes) -> dict[str, Any]:
    """What the sheet About says, by the words on its left."""
    return {row[0]: _at(row, 1) for row in sheet_rows(workbook, "About")}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _trimmed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    filled = [at for at, value in enumerate(row) if value is not None]
    return row[: filled[-1] + 1] if filled else ()


def _at(row: tuple[Any, ...], at: int) -> Any:
    return row[at] if at < len(row) else None
