"""A sheet of any length is cut into pages that a slow line can carry, and nothing of it is lost."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from muster_report.book import Book, Column, Note, Row, Sheet, Table, Value
from muster_report.reading import MOST_CELLS, Piece, page_with, pages_of, parts
from muster_report.renderers.page_cells import PageRow
from report.bulk_of_rows import bulk_of

COLUMNS = (Column("name", "Name", 30, "text", "label"), *(Column(f"c{at}", f"Figure {at}") for at in range(19)))


def row(number: int) -> Row:
    cells: tuple[Value, ...] = (f"Row {number}", *(Decimal(number * 1_000_003 + at * 7919) / 100 for at in range(19)))
    return Row(f"r{number}", cells)


def sheet(*blocks: Table | Note) -> Sheet:
    return Sheet("Figures", "Figures of a year", blocks=blocks)


def long(rows: int) -> Table:
    return Table("long", COLUMNS, tuple(row(number) for number in range(rows)))


def table_rows(pages: list[list[Piece]]) -> list[tuple[int, int]]:
    pieces = [piece for page in pages for piece in page if isinstance(piece.placed.block, Table)]
    return [(piece.first, piece.last) for piece in pieces]


@pytest.mark.parametrize("rows", [0, 1, 119, 120, 121, 1000])
def test_every_row_stands_on_one_page_and_no_page_is_too_long(rows: int) -> None:
    pages = pages_of(sheet(Note("n", "A note"), long(rows)))
    spans = table_rows(pages)
    assert [at for first, last in spans for at in range(first, last)] == list(range(rows))
    assert all(sum((piece.last - piece.first) * 20 for piece in page) <= MOST_CELLS for page in pages)


def test_short_tables_share_a_page_and_a_sheet_without_blocks_has_one() -> None:
    short = Table("short", COLUMNS[:2], (Row("a", ("a", 1)),))
    assert len(pages_of(sheet(short, Note("n", "A note"), Table("other", COLUMNS[:2], short.rows)))) == 1
    assert pages_of(sheet()) == [[]]


def test_the_page_of_a_cell_is_the_one_that_shows_its_row() -> None:
    standing = sheet(Note("n", "A note"), long(1000))
    pages, book = pages_of(standing), Book("B", "", (standing,))
    for number in (1, 4, 6, 127, 128, 500, 1006):
        page = pages[page_with(pages, number) - 1]
        shown = parts(book, standing, page, "en", lambda *_: "")
        held = "".join(str(line.cells) for block in shown["blocks"] if block["is"] == "table" for line in folded(block))
        assert f'!B{number}"' in held or number < 7, number


def folded(block: dict[str, Any]) -> list[PageRow]:
    return [line for fold in block["folds"] for line in fold.rows]


def test_a_page_full_of_linked_figures_is_light() -> None:
    standing = sheet(long(1000))
    address = "explain?sheet=Figures+of+a+year+and+more&cell="
    page = pages_of(standing)[3]
    shown = parts(Book("B", "", (standing,)), standing, page, "en", lambda _t, _r, _c, _v, cell: address + cell)
    written = "".join(str(line.cells) for block in shown["blocks"] for line in folded(block))
    assert written.count("<a ") == 120 * 20
    assert len(gzip.compress(written.encode(), 5)) < 60_000


def test_rows_that_are_streamed_are_counted_to_be_cut_and_only_read_to_be_shown() -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for number in range(10_000):
            read += 1
            yield row(number)

    standing = sheet(bulk_of(COLUMNS, 10_000, rows, at_once=1))
    pages = pages_of(standing)
    assert (len(pages), read) == (84, 0)
    shown = parts(Book("B", "", (standing,)), standing, pages[1], "en", lambda *_: "")
    assert shown["blocks"][0]["shown"] == {"first": 121, "last": 240, "count": 10_000}
    assert read <= 241
