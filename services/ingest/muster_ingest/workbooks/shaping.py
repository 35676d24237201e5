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
from muster_ingest.workbooks.plain_records import PlainRecords
from muster_ingest.workbooks.taking import Taker, Wrong


class Shaper:
    """Makes drafts of one sheet's rows; ``named_columns`` have a header, of our own or one already refused."""

    def __init__(self, grid: Grid, drafts: Drafts, report: Report, *, named_columns: frozenset[int]) -> None:
        self._grid, self._drafts, self._report = grid, drafts, report
        self._shape = Shape(grid)
        self._plain = PlainRecords(self._shape)
        self._takers = [
            Taker(grid.at[column.name], column.field, column.listed, convert)
            for column in self._shape.columns
            for convert in [converter_for(column.field, typed_numbers=grid.sheet is not None)]
        ]
        self._named = set(named_columns)
        self._last_named = max(self._named, default=0)
        self._gaps = [column for column in range(1, self._last_named) if column not in self._named]
        self._in_groups = has_entries(grid.kind.name)
        self._open: list[Taken] = []
        self._key: tuple[Any, ...] | None = None
        self._has_wrong = False
        self._begun: dict[tuple[Any, ...], int] = {}

    def feed(self, rows: Sequence[Row]) -> None:
        """Take in rows, in the order of the sheet; a row that says nothing of a record is left out."""
        rows = [row for row in rows if row[0] >= self._grid.first_row]
        if not rows:
            return
        width = max(map(len, rows))
        if self._gaps or width > self._last_named + 1:
            for row in rows:
                self._find_headless(row)
        columns = [taker.take_all(_column(rows, taker.at)) for taker in self._takers]
        self._has_wrong = any(taker.has_wrong for taker in self._takers)
        for row, values in zip(rows, zip(*columns, strict=True), strict=True):
            if values.count(None) < len(values):
                self._group(Taken(row[0], row, values))

    def end(self, merged: Sequence[str] = ()) -> None:
        """The sheet has ended; ranges merged among its records are errors."""
        self._close()
        for merge in merged:
            (left, top), (right, bottom) = (column_and_row(cell) for cell in (merge.split(":") * 2)[:2])
            if bottom >= self._grid.first_row and any(left <= at <= right for at in self._grid.at.values()):
                message = f"{merge} is merged: unmerge it and write the value in each row it belongs to"
                self._report(self._grid.error(max(top, self._grid.first_row), left, "merged_cells", message))

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
        if self._open and all(taken.values[index] is None for index in self._shape.common):
            if self._shape.keys:
                self._lacks_key(taken)
            self._open.append(taken)
            return
        key = self._shape.key(taken.values)
        if self._open and ((key is not None and key == self._key) or self._goes_on(taken)):
            self._open.append(taken)
            return
        self._close()
        self._open, self._key = [taken], key

    def _goes_on(self, taken: Taken) -> bool:
        """Whether a row of entries has the key of the record above it but for cells that are wrong in either."""
        first, keys = self._open[0].values, self._shape.keys
        return (
            bool(keys)
            and all(taken.values[index] is None for index in self._shape.common if index not in keys)
            and all(
                taken.values[index] == first[index] or Wrong in {taken.values[index].__class__, first[index].__class__}
                for index in keys
            )
        )

    def _lacks_key(self, taken: Taken) -> None:
        """A row of entries alone goes on with the record above it, which it has to name."""
        name = self._grid.kind.key[0]
        message = f"{name}: is required in each row: repeat it from row {self._open[0].number}, if this goes on with it"
        column = self._grid.first(name)
        self._report(self._grid.error(taken.number, column, "required", message, field=name))

    def _close(self) -> None:
        if self._open:
            rows, self._open = self._open, []
            if self._key is None or not self._stands_apart(self._key, rows[0]):
                self._make(rows)

    def _make(self, rows: list[Taken]) -> None:
        draft = self._plain.draft(rows[0]) if len(rows) == 1 and not self._has_wrong else None
        self._drafts.append(draft or Assembly(self._shape, rows, self._report).draft())

    def _stands_apart(self, key: tuple[Any, ...], first: Taken) -> bool:
        """A record whose rows are torn apart could as well be two that were given the same key."""
        begun = self._begun.setdefault(key, first.number)
        if begun == first.number:
            return False
        column = self._grid.first(self._grid.kind.key[0])
        message = f"the record of this row begins in row {begun}: put its rows together, or give this one its own key"
        value = shown_cell(first.raw[column])
        self._report(self._grid.error(first.number, column, "duplicate_key", message, value=value))
        return True


def _column(rows: Sequence[Row], at: int) -> list[str]:
    return [row[at] if at < len(row) else "" for row in rows]
