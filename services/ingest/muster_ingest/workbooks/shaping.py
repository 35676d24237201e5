"""From the rows of a sheet to drafts of records, with every wrong cell.

A draft comes of every record, also of one with wrong cells: its other values are still to be held against what is
stored, and other rows may name it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muster_ingest.drafts import Drafts
from muster_ingest.workbooks.assembly import Assembly, Report, Shape, Taken
from muster_ingest.workbooks.cells import converter_for, shown_cell
from muster_ingest.workbooks.columns import has_entries
from muster_ingest.workbooks.grid import Grid, Row, column_and_row
from muster_ingest.workbooks.taking import Taker


class Shaper:
    """Makes drafts of one sheet's rows; ``named_columns`` have a header, of our own or one already refused."""

    def __init__(self, grid: Grid, drafts: Drafts, report: Report, *, named_columns: frozenset[int]) -> None:
        self._grid, self._drafts, self._report = grid, drafts, report
        self._shape = Shape(grid)
        self._takers = [
            Taker(column.name, grid.at[column.name], column.field, column.listed, convert)
            for column in self._shape.columns
            for convert in [converter_for(column.field, typed_numbers=grid.sheet is not None)]
        ]
        self._named = set(named_columns)
        self._last_named = max(self._named, default=0)
        self._gaps = [column for column in range(1, self._last_named) if column not in self._named]
        self._in_groups = has_entries(grid.kind.name)
        self._open: list[Taken] = []
        self._begun: dict[tuple[Any, ...], int] = {}

    def feed(self, rows: Sequence[Row]) -> None:
        """Take in rows, in the order of the sheet; a row that says nothing of a record is left out."""
        for row in rows:
            if row[0] < self._grid.first_row:
                continue
            self._find_headless(row)
            values = self._values(row)
            if any(value is not None for value in values):
                self._group(Taken(row[0], row, values))

    def end(self, merged: Sequence[str] = ()) -> None:
        """The sheet has ended; ranges merged among its records are errors."""
        self._close()
        for merge in merged:
            (left, top), (right, bottom) = (column_and_row(cell) for cell in (merge.split(":") * 2)[:2])
            if bottom >= self._grid.first_row and any(left <= at <= right for at in self._grid.at.values()):
                message = f"{merge} is merged: unmerge it and write the value in each row it belongs to"
                self._report(self._grid.error(max(top, self._grid.first_row), left, "merged_cells", message))

    def _values(self, row: Row) -> list[Any]:
        width, values = len(row), []
        for taker in self._takers:
            typed = row[taker.at] if taker.at < width else ""
            try:
                values.append(taker.known[typed])
            except KeyError:
                values.append(taker.take(typed))
        return values

    def _find_headless(self, row: Row) -> None:
        """Cells under no header are named once for each column, for nothing of it is read."""
        for column in (*self._gaps, *range(self._last_named + 1, len(row))):
            if column < len(row) and row[column] and column not in self._named:
                self._named.add(column)
                message = "stands in a column without a header: write one, or take the column out"
                value = shown_cell(row[column])
                self._report(self._grid.error(row[0], column, "no_header", message, value=value))

    def _group(self, taken: Taken) -> None:
        """A row with the key of the row before is of the same record, where the kind has lists of entries."""
        if not self._in_groups:
            self._make([taken])
            return
        key = self._shape.key(taken.values)
        if self._open and key is not None and key == self._shape.key(self._open[0].values):
            self._open.append(taken)
            return
        self._close()
        self._open = [taken]

    def _close(self) -> None:
        if self._open:
            rows, self._open = self._open, []
            if not self._stands_apart(rows):
                self._make(rows)

    def _make(self, rows: list[Taken]) -> None:
        self._drafts.append(Assembly(self._shape, rows, self._report).draft())

    def _stands_apart(self, rows: list[Taken]) -> bool:
        """A record whose rows are torn apart could as well be two that were given the same key."""
        key = self._shape.key(rows[0].values)
        if key is None:
            return False
        begun = self._begun.setdefault(key, rows[0].number)
        if begun == rows[0].number:
            return False
        column = self._grid.first(self._grid.kind.key[0])
        message = f"the record of this row begins in row {begun}: put its rows together, or give this one its own key"
        value = shown_cell(rows[0].raw[column])
        self._report(self._grid.error(rows[0].number, column, "duplicate_key", message, value=value))
        return True
