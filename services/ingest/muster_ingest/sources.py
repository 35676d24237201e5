"""Where a revision comes from: its submission, and the place in it of the record and of each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster_ingest.kinds.kind import Fields
from muster_ingest.models import Revision, Submission
from muster_ingest.workbooks.columns import columns_of
from muster_ingest.workbooks.grid import letters


def source(row: Revision, origin: Submission) -> dict[str, Any]:
    """``{submission_id, sheet, row, cells, pointer}``; ``cells`` leads from each field to its cell.

    A part of an object or list has its path: ``{"amount": "D14", "areas/1/percent": "I15"}``. Of a CSV file ``row``
    is the line, and cells are written as ``line 14, column 4``. Of JSON there is the pointer only.
    """
    sheet = _sheet(row, origin)
    cells = {} if sheet is None or row.row_number is None else _cells(row, sheet)
    return {
        "submission_id": str(origin.submission_id),
        "sheet": sheet["name"] if sheet else None,
        "row": row.row_number,
        "cells": cells,
        "pointer": row.pointer,
    }


def _sheet(row: Revision, origin: Submission) -> Mapping[str, Any] | None:
    return next((sheet for sheet in origin.sheets or () if sheet["index"] == row.sheet), None)


def _cells(row: Revision, sheet: Mapping[str, Any]) -> dict[str, str]:
    first, found = row.row_number or 0, {}
    for column in columns_of(row.kind):
        if column.name not in sheet["at"]:
            continue
        at = sheet["at"][column.name]
        if not column.entry:
            found[column.name.replace(".", "/")] = _named(sheet, at, first)
            continue
        for index, entry_row in enumerate(_rows_of_entries(row, column.group, row.fields, first)):
            found[f"{column.group}/{index}/{column.part}"] = _named(sheet, at, entry_row)
    return found


def _rows_of_entries(row: Revision, group: str, fields: Fields, first: int) -> list[int]:
    """A record of one row has each list's one entry in that row."""
    if row.entry_rows is not None:
        return list(row.entry_rows.get(group, ()))
    entries = fields.get(group)
    return [first] if isinstance(entries, list) and entries else []


def _named(sheet: Mapping[str, Any], column: int, row: int) -> str:
    return f"line {row}, column {column}" if sheet["name"] is None else f"{letters(column)}{row}"
