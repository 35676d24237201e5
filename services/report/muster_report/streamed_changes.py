"""What differs between two bulk tables: both are read once, side by side, and no more than a row of each is held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from muster_report.blocks import Row, Table
from muster_report.book import Cell, Placed, Sheet
from muster_report.bulk import is_bulk

Pair = tuple[Cell | None, Cell | None]


class OutOfOrder(ValueError):
    """The rows of a bulk table do not come in the order of their keys."""


def held_cells(sheet: Sheet) -> Iterator[Cell]:
    """The cells of a sheet but for those of its bulk tables."""
    for placed in sheet.placed():
        if _bulk(placed) is None:
            alone = replace(sheet, blocks=(placed.block,))
            shift = placed.row - next(alone.placed()).row
            yield from (replace(cell, row=cell.row + shift) for cell in alone.cells())


def streamed_pairs(before: Sheet | None, after: Sheet | None) -> Iterator[Pair]:
    """The cells of the bulk tables of two sheets, each with the one of the same row and column, in rows that differ.

    Raises:
        OutOfOrder: while it is read, where rows do not come in the order of their keys.
    """
    old, new = _tables(before), _tables(after)
    for key in [*new, *(key for key in old if key not in new)]:
        yield from _merged(_rows(old.get(key)), _rows(new.get(key)))


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A row of a table and where it stands in its sheet."""

    table: Table
    number: int
    row: Row

    def cells(self) -> dict[str, Cell]:
        label, key = self.row.name(), self.table.key
        columns = enumerate(zip(self.table.columns, self.row.cells, strict=True), start=1)
        return {
            column.key: Cell(self.number, at, value, ("table", key, self.row.key, column.key), label, column.heading)
            for at, (column, value) in columns
        }

    def says_the_same_as(self, other: _Numbered) -> bool:
        same_columns = self.table.columns is other.table.columns or [c.key for c in self.table.columns] == [
            c.key for c in other.table.columns
        ]
        return self.row.cells == other.row.cells and same_columns


def _merged(old: Iterator[_Numbered], new: Iterator[_Numbered]) -> Iterator[Pair]:
    was, stands = next(old, None), next(new, None)
    while was or stands:
        if was and stands and was.row.key == stands.row.key:
            yield from _paired(was, stands)
            was, stands = next(old, None), next(new, None)
        elif stands is None or (was and was.row.key < stands.row.key):
            assert was is not None  # noqa: S101 - one of the two is there
            yield from ((cell, None) for cell in was.cells().values())
            was = next(old, None)
        else:
            yield from ((None, cell) for cell in stands.cells().values())
            stands = next(new, None)


def _paired(was: _Numbered, stands: _Numbered) -> Iterator[Pair]:
    if was.says_the_same_as(stands):
        return
    old, new = was.cells(), stands.cells()
    for key in [*new, *(key for key in old if key not in new)]:
        yield old.get(key), new.get(key)


def _tables(sheet: Sheet | None) -> dict[str, tuple[Table, Placed]]:
    found = ((_bulk(placed), placed) for placed in (sheet.placed() if sheet else ()))
    return {table.key: (table, placed) for table, placed in found if table is not None}


def _bulk(placed: Placed) -> Table | None:
    return placed.block if isinstance(placed.block, Table) and is_bulk(placed.block) else None


def _rows(found: tuple[Table, Placed] | None) -> Iterator[_Numbered]:
    if found is None:
        return
    table, placed = found
    last = ""
    for number, row in enumerate(table.rows, start=placed.header_row() + 1):
        if number > placed.header_row() + 1 and row.key <= last:
            raise OutOfOrder(f"'{row.key}' comes after '{last}' in '{table.key}'")
        last = row.key
        yield _Numbered(table, number, row)
