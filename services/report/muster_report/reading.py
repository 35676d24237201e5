"""The sheets of a book cut into pages that a slow line can carry. Pure: it knows no request and no database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from muster_report.blocks import Block, Charts, Column, Note, Row, Table, Value
from muster_report.book import Book, Placed, Sheet
from muster_report.renderers.page_cells import CellWriter
from muster_report.renderers.page_sheets import Fold, charts_parts, heading, note_parts, table_parts

MOST_CELLS: Final = 2400  # of one page: with their links at most some 60 kB compressed
_A_CHART: Final = 200  # cells that weigh as much
_FEW: Final = 5  # rows for which a table is not begun at the end of a page

Link = Callable[[Table, Row, Column, Value, str], str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block, or of a table the rows from ``first`` (counted from 0) up to ``last``, which is left out."""

    placed: Placed
    first: int = 0
    last: int = 0

    @property
    def row(self) -> int:
        """The row of the sheet in which it begins."""
        return self.placed.header_row() + 1 + self.first if self.first else self.placed.row


def pages_of(sheet: Sheet, most: int = MOST_CELLS) -> list[list[Piece]]:
    """The pieces of a sheet, page by page; at least one page. Rows are counted, not read."""
    pages: list[list[Piece]] = [[]]
    room = most
    for placed in sheet.placed():
        for piece in _pieces(placed, most):
            weight = _weight(piece)
            if pages[-1] and weight > room:
                pages.append([])
                room = most
            pages[-1].append(piece)
            room -= weight
    return pages


def _pieces(placed: Placed, most: int) -> list[Piece]:
    """A block that fits on one page, or a table cut into as many as it needs."""
    table = placed.block
    if not isinstance(table, Table) or len(table.rows) * len(table.columns) <= most:
        return [Piece(placed, 0, len(table.rows) if isinstance(table, Table) else 0)]
    rows = max(most // len(table.columns), _FEW)
    return [Piece(placed, at, min(at + rows, len(table.rows))) for at in range(0, len(table.rows), rows)]


def _weight(piece: Piece) -> int:
    match piece.placed.block:
        case Table() as table:
            return (piece.last - piece.first) * len(table.columns)
        case Charts() as charts:
            return len(charts.charts) * _A_CHART
        case Note():
            return 1


def page_with(pages: Sequence[Sequence[Piece]], row: int) -> int:
    """The number, from 1, of the page that shows a row of the sheet."""
    begun = [number for number, page in enumerate(pages, start=1) if page and page[0].row <= row]
    return max(begun, default=1)


def parts(book: Book, sheet: Sheet, page: Sequence[Piece], lang: str, link: Link) -> dict[str, Any]:
    """What a page shows of a sheet, as ``page_sheets`` tells it; figures are links where ``link`` gives an address."""
    return {**heading(book, sheet), "blocks": [_block(sheet, piece, lang, link) for piece in page]}


def _block(sheet: Sheet, piece: Piece, lang: str, link: Link) -> dict[str, Any]:
    block: Block = piece.placed.block
    match block:
        case Table():
            return _table(sheet, block, piece, lang, link)
        case Note():
            return note_parts(sheet, block, piece.placed)
        case Charts():
            return charts_parts(sheet, block, lang)


def _table(sheet: Sheet, table: Table, piece: Piece, lang: str, link: Link) -> dict[str, Any]:
    first_row = piece.placed.header_row() + 1
    writer = CellWriter(sheet.name, table, lang, partial(link, table))
    fold = Fold(first_row + piece.first, list(writer.rows(first_row, piece.first, piece.last)))
    some = piece.last - piece.first < len(table.rows)
    shown = {"first": piece.first + 1, "last": piece.last, "count": len(table.rows)} if some else None
    return {**table_parts(sheet, table, piece.placed, [fold]), "shown": shown, "begins": piece.first == 0}
