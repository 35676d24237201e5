"""Tables of any length: their rows are made when they are asked for, some hundred at a time, and never held.

To everything that reads a book such a table is a table like any other; workbooks stream its rows
(``bulk_rows.py``), so that 200,000 of them take no more memory than ten. Rows are made and written column by
column: what comes again in a column, as most of it does, is made once for some hundred of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, overload

from muster_report.blocks import Column, Row, Table, Value
from muster_report.figures import Parts

ROWS_OF_A_SHEET: Final = 1_048_576
_ROOM_ABOVE: Final = 16  # rows that a title, notes and the header take at most
MOST_ROWS: Final = ROWS_OF_A_SHEET - _ROOM_ABOVE


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows that follow each other: their keys, by which people tell them apart too, and of each column its values."""

    keys: Sequence[str]
    columns: Sequence[Sequence[Value]]

    def rows(self) -> Iterator[Row]:
        """The same row by row."""
        cells = zip(*self.columns, strict=True)
        return (Row(key, values, label=key) for key, values in zip(self.keys, cells, strict=True))

    def cut(self, first: int, last: int) -> RowBatch:
        """The rows from ``first``, counted from 0, up to ``last``, which is left out."""
        return RowBatch(self.keys[first:last], [values[first:last] for values in self.columns])


RowSource = Callable[[], Iterator[RowBatch]]


@dataclass(frozen=True, slots=True, eq=False)
class StreamedRows(Sequence[Row]):
    """Rows that a source makes anew each time they are read: ``length`` of them, the same ones every time."""

    length: int
    source: RowSource

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(batch.rows() for batch in self.source())

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        """A row, or some of them, by reading up to them."""
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(self.length))]
        number = at + self.length if at < 0 else at
        for row in islice(self, max(number, 0), None):
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
    return streamed_rows(table) is not None


def streamed_rows(table: Table) -> StreamedRows | None:
    """The rows of a table where they are streamed, else None."""
    return table.rows if isinstance(table.rows, StreamedRows) else None


def bulk_tables(
    key: str, columns: tuple[Column, ...], count: int, rows: RowSource, *, parts: Parts | None = None
) -> Iterator[Table]:
    """As many tables as the rows need, each for a sheet of its own; one, without rows, where there are none."""
    for first in range(0, max(count, 1), MOST_ROWS):
        here = min(MOST_ROWS, count - first)
        yield bulk_table(key, columns, here, _from(rows, first, here), parts=parts)


def _from(rows: RowSource, first: int, count: int) -> RowSource:
    def some() -> Iterator[RowBatch]:
        begins = -first
        for batch in rows():
            ends = begins + len(batch.keys)
            if ends > 0:
                yield batch if begins >= 0 and ends <= count else batch.cut(max(-begins, 0), count - begins)
            begins = ends
            if begins >= count:
                return

    return some
