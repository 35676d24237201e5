"""A bulk table of rows that are told one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from muster_report.blocks import Column, Row, Table
from muster_report.bulk import RowBatch, RowSource, bulk_table

_AT_ONCE = 10


def source_of(rows: Callable[[], Iterable[Row]], at_once: int = _AT_ONCE) -> RowSource:
    """The rows that a function gives, each time it is called, in batches."""

    def batches() -> Iterator[RowBatch]:
        waiting = iter(rows())
        while some := list(islice(waiting, at_once)):
            cells = zip(*(row.cells for row in some), strict=True)
            yield RowBatch([row.key for row in some], [list(values) for values in cells])

    return batches


def bulk_of(
    columns: tuple[Column, ...], count: int, rows: Callable[[], Iterable[Row]], at_once: int = _AT_ONCE
) -> Table:
    """A bulk table ``rows`` of them."""
    return bulk_table("rows", columns, count, source_of(rows, at_once))
