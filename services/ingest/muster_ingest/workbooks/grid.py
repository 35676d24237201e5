"""A sheet whose columns are known, and where in it a record stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from muster_ingest.drafts import Differing, Path, name_in
from muster_ingest.kinds.kind import Kind
from muster_ingest.workbooks.cells import shown_cell
from muster_ingest.workbooks.columns import REVISION
from muster_shared.problems import DataError

Row = Sequence[Any]  # its number, then its typed cells from column A on, without the blanks at its end
_SUMMED = {"percent_sum": "percent"}  # said of a list as a whole, seen in one of its columns
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet of records.

    Attributes:
        index: place among the sheets of the file, from 0.
        sheet: its name; None for a CSV file, whose errors have lines and columns instead of cells.
        header_row: the row of headers.
        at: the column of each name, from 1, as in ``{"areas.percent": 9}``.
        kept: fields that have no column: they stay as they are stored.
        broken: fields of which a needed column is missing.
    """

    index: int
    kind: Kind
    sheet: str | None
    header_row: int
    first_row: int
    at: Mapping[str, int]
    kept: tuple[str, ...] = ()
    broken: frozenset[str] = frozenset()

    def error(self, row: int, column: int, code: str, message: str, **more: Any) -> DataError:
        """An error at a cell; ``column`` from 1."""
        if self.sheet is None:
            return DataError(code, message, line=row, column=column, **more)
        return DataError(code, message, sheet=self.sheet, cell=f"{letters(column)}{row}", **more)

    def first(self, name: str) -> int:
        """The column of a name, of a field's first part, or, where the sheet has neither, of the key."""
        exact = self.at.get(name)
        parts = [column for known, column in self.at.items() if known.startswith(f"{name}.")]
        return exact or min(parts, default=0) or self.at.get(self.kind.key[0], 1)


@dataclass(frozen=True, slots=True)
class InSheet:
    """Where a record stands: its rows, and for each list the row of each entry.

    ``raw`` are the rows as they were read, for the values that errors quote.
    """

    grid: Grid
    rows: tuple[int, ...]
    raw: Sequence[Row]
    entry_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def described(self) -> str:
        """Its first row."""
        return f"line {self.rows[0]}" if self.grid.sheet is None else f"row {self.rows[0]} of '{self.grid.sheet}'"

    def conflicts(self, differing: Differing) -> Iterable[tuple[Path, Differing]]:
        """Each at its own cell."""
        return [((name,), {name: values}) for name, values in differing.items()]

    def error(self, path: Path, code: str, message: str, value: Any = None) -> DataError:
        """An error at the cell a path leads to; a list as a whole stands at its first entry."""
        row, column = self._cell((*path, 0, _SUMMED[code]) if code in _SUMMED else path)
        seen = self._value(row, column) or value
        return self.grid.error(row, column, code, message, field=name_in(path), value=seen)

    def source(self) -> Mapping[str, Any]:
        """Sheet, first row, and the rows of entries where there are several."""
        several = {"entry_rows": dict(self.entry_rows)} if len(self.rows) > 1 else {}
        return {"sheet": self.grid.index, "row": self.rows[0], **several}

    def packed(self) -> list[Any]:
        """Without the grid, of which only the index is kept."""
        return [self.grid.index, self.rows, self.raw, dict(self.entry_rows)]

    def _cell(self, path: Path) -> tuple[int, int]:
        names = [part for part in path if isinstance(part, str)]
        entry = next((part for part in path if isinstance(part, int)), 0)
        if not names:
            return self.rows[0], self.grid.first(self.grid.kind.key[0])
        rows = self.entry_rows.get(names[0]) or self.rows[:1]
        row = rows[entry] if entry < len(rows) else rows[0]
        name = REVISION if names[0] == "base_revision" else ".".join(names)
        return row, self.grid.first(name)

    def _value(self, row: int, column: int) -> str | None:
        cells = next((raw for raw in self.raw if raw[0] == row), ())
        return shown_cell(cells[column]) if column < len(cells) else None


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """1 is A, 27 is AA."""
    named = ""
    while column:
        column, rest = divmod(column - 1, 26)
        named = chr(65 + rest) + named
    return named


def column_and_row(cell: str) -> tuple[int, int]:
    """``"D14"`` is (4, 14); what is no cell is (0, 0)."""
    match = _CELL.fullmatch(cell)
    if match is None:
        return 0, 0
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return column, int(match[2])
