"""Changes of bulk tables are those of any other table, found by reading both once and side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_report.blocks import Column, Note, Row, Table
from muster_report.book import Book, Sheet
from muster_report.changes import differences
from muster_report.streamed_changes import OutOfOrder
from report.bulk_of_rows import bulk_of

COLUMNS = (Column("code", "Code", 16, "code", "label"), Column("text", "Text", 30, "text"), Column("number", "Number"))
CELLS = st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from([None, 0, 1, 2]))
TABLES = st.dictionaries(st.sampled_from([f"K{number}" for number in range(8)]), CELLS)
Cells = Mapping[str, tuple[str, int | None]]


def rows(cells: Cells) -> tuple[Row, ...]:
    return tuple(Row(key, (key, *cells[key]), label=key) for key in sorted(cells))


def book(table: Table, note: str = "as it was") -> Book:
    return Book("Bulk", "", (Sheet("Rows", "Rows", "", (Note("note", note), table)),))


def streamed(cells: Cells, columns: tuple[Column, ...] = COLUMNS) -> Table:
    width = len(columns)
    return bulk_of(columns, len(cells), lambda: (Row(r.key, r.cells[:width]) for r in rows(cells)))


def held(cells: Cells) -> Table:
    return Table("rows", COLUMNS, rows(cells), filtered=True)


@given(old=TABLES, new=TABLES)
def test_they_are_the_changes_of_a_table_that_is_held(old: Cells, new: Cells) -> None:
    found = differences(book(streamed(old)), book(streamed(new), "as it is"))
    assert found == differences(book(held(old)), book(held(new), "as it is"))


def test_a_table_that_came_or_went_is_told_row_by_row() -> None:
    here, nothing = book(streamed({"K1": ("a", 1)})), Book("Bulk", "", (Sheet("Rows", "Rows", ""),))
    assert [(one.cell, one.old, one.new) for one in differences(nothing, here)][1:] == [
        ("A7", None, "K1"),
        ("B7", None, "a"),
        ("C7", None, 1),
    ]
    assert [(one.cell, one.old, one.new) for one in differences(here, nothing)][1:] == [
        ("A7", "K1", None),
        ("B7", "a", None),
        ("C7", 1, None),
    ]


def test_a_column_that_came_is_told_in_every_row_that_has_it() -> None:
    cells: Cells = {"K1": ("a", 1), "K2": ("b", None)}
    found = differences(book(streamed(cells, COLUMNS[:2])), book(streamed(cells)))
    assert [(one.cell, one.old, one.new) for one in found] == [("C7", None, 1)]


def test_each_table_is_read_once_and_no_row_is_kept() -> None:
    standing, most = 0, 0

    class Counted(str):
        __slots__ = ()

        def __new__(cls, text: str) -> Counted:
            nonlocal standing, most
            standing += 1
            most = max(most, standing)
            return super().__new__(cls, text)

        def __del__(self) -> None:
            nonlocal standing
            standing -= 1

    readings = 0

    def source() -> Iterator[Row]:
        nonlocal readings
        readings += 1
        return (Row(f"K{number:04}", (Counted(f"K{number:04}"), "a", number % 7)) for number in range(2_000))

    def other() -> Iterator[Row]:
        return (Row(row.key, (row.cells[0], "a", 0)) if row.key == "K1500" else row for row in source())

    old, new = (book(bulk_of(COLUMNS, 2_000, rows, at_once=1)) for rows in (source, other))
    assert [(one.cell, one.old, one.new) for one in differences(old, new)] == [("C1507", 1500 % 7, 0)]
    assert readings == 2
    assert most < 20


def test_rows_that_are_not_in_the_order_of_their_keys_are_refused() -> None:
    def backwards() -> Iterator[Row]:
        return iter((Row("K2", ("K2", "a", 1)), Row("K1", ("K1", "a", 1))))

    turned = book(bulk_of(COLUMNS, 2, backwards))
    with pytest.raises(OutOfOrder, match="'K1' comes after 'K2'"):
        differences(turned, turned)
