"""Where a revision comes from: its submission, and the place in it of the record and of each field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

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
    first, cell = row.row_number or 0, "line {1}, column {0}" if sheet["name"] is None else "{0}{1}"
    found = {}
    for path, group, part, at in _places(row.kind, tuple(sheet["at"].items()), in_lines=sheet["name"] is None):
        if group is None:
            found[path] = cell.format(at, first)
            continue
        for index, entry_row in enumerate(_rows_of_entries(row, group, first)):
            found[f"{group}/{index}/{part}"] = cell.format(at, entry_row)
    return found


@lru_cache(maxsize=256)
def _places(
    kind: str, at: tuple[tuple[str, int], ...], *, in_lines: bool
) -> tuple[tuple[str, str | None, str, str], ...]:
    """Of each column that a sheet has: the path of its field, the list it is part of, its part, where it stands."""
    columns = dict(at)
    return tuple(
        (
            column.name.replace(".", "/"),
            column.group if column.entry else None,
            column.part,
            str(columns[column.name]) if in_lines else letters(columns[column.name]),
        )
        for column in columns_of(kind)
        if column.name in columns
    )


def _rows_of_entries(row: Revision, group: str, first: int) -> list[int]:
    """A record of one row has each list's one entry in that row."""
    if row.entry_rows is not None:
        return list(row.entry_rows.get(group, ()))
    entries = row.fields.get(group)
    return [first] if isinstance(entries, list) and entries else []
