"""Every figure of a book knows its parts, and they add up to it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from muster_report.book import Book, Table


def wrongly_explained(book: Book) -> Iterator[str]:
    """Each figure whose parts are missing or do not add up to it, in words."""
    for sheet in book.figures():
        for block in sheet.blocks:
            if isinstance(block, Table):
                yield from (f"{sheet.name}: {told}" for told in _of_table(block))


def _of_table(table: Table) -> Iterator[str]:
    for row in table.rows:
        for column, value in zip(table.columns, row.cells, strict=True):
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                total = (
                    None if table.parts is None else sum((p.value for p in table.parts(row.key, column.key)), Decimal())
                )
                if total != value:
                    yield f"{table.key}, {row.key}, {column.key}: {value} is explained as {total}"
