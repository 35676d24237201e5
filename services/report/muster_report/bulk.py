"""Tables of any length: their rows are made when they are asked for, one after the other, and never held.

To everything that reads a book such a table is a table like any other; workbooks stream its rows
(``bulk_rows.py``), so that 200,000 of them take no more memory than ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, overload

from muster_report.blocks import Column, Row, Table
from muster_report.figures import Parts

ROWS_OF_A_SHEET: Final = 1_048_576
_ROOM_ABOVE: Final = 16  # rows that a title, notes and the header take at most
MOST_ROWS: Final = ROWS_OF_A_SHEET - _ROOM_ABOVE

RowSource = Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True, eq=False)
class StreamedRows(Sequence[Row]):
    """Rows that a source makes anew each time they are read: ``length`` of them, the same ones every time."""

    length: int
    source: RowSource

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Row]:
        return self.source()

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        """A row, or some of them, by reading up to them."""
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(self.length))]
        number = at + self.length if at < 0 else at
        for row in islice(self.source(), max(number, 0), None):
            if number >= 0:
                return row
        raise IndexError(at)


def bulk_table(
    key: str, columns: tuple[Column, ...], count: int, rows: RowSource, *, parts: Parts | None = None
) -> Table:
    """A filterable table of ``count`` rows that ``rows`` makes; it has to be the last block of its sheet.

    Texts stand on one line each: a row's height cannot be found without reading all of it first.
    """
    streamed = StreamedRows(count, rows)
    # What reads a table's rows counts and iterates them and no more, so a sequence does as well as a tuple.
    return Table(key, columns, streamed, filtered=True, parts=parts)


def is_bulk(table: Table) -> bool:
    """Whether the rows of a table are streamed."""
    return isinstance(table.rows, StreamedRows)


def bulk_tables(
    key: str, columns: tuple[Column, ...], count: int, rows: RowSource, *, parts: Parts | None = None
) -> Iterator[Table]:
    """As many tables as the rows need, each for a sheet of its own; one, without rows, where there are none."""
    for first in range(0, max(count, 1), MOST_ROWS):
        here = min(MOST_ROWS, count - first)
        yield bulk_table(key, columns, here, _from(rows, first, here), parts=parts)


def _from(rows: RowSource, first: int, count: int) -> RowSource:
    return lambda: islice(rows(), first, first + count)
