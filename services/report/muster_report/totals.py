"""The totals of a book and what they are to sum: rows above a total row, columns beside a total column, groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from muster_report.blocks import FIGURES, Column, Number, Row, Table, Value
from muster_report.book import Book, Placed, Sheet, column_letters
from muster_report.bulk import is_bulk
from muster_report.figures import Part

Across = Literal["rows", "columns", "group"]
Addend = tuple[Row, int]  # a row, and the index of its cell


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell of a table that holds a total or a key figure."""

    sheet: Sheet
    placed: Placed
    table: Table
    at: int
    column: int

    @property
    def row(self) -> Row:
        """The row it stands in."""
        return self.table.rows[self.at]

    @property
    def cell(self) -> str:
        """Where it stands, as ``D14``."""
        return f"{column_letters(self.column + 1)}{self.placed.header_row() + 1 + self.at}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What finds the same figure in another book: sheet, table, row and column."""
        return self.sheet.name, self.table.key, self.row.key, self.table.columns[self.column].key

    @property
    def heading(self) -> str:
        """The heading of its column."""
        return self.table.columns[self.column].heading

    def value(self) -> Number | None:
        """The figure; None where there is none, or a copy hides it."""
        return number_of(self.row.cells[self.column])

    def parts(self) -> Sequence[Part]:
        """What it is made of; nothing where the table does not tell."""
        return parts_of(self.table, (self.row, self.column))


@dataclass(frozen=True, slots=True)
class Total:
    """A figure that sums others of its table."""

    figure: Figure
    addends: tuple[Addend, ...]
    across: Across

    def sum(self) -> Number | None:
        """What its addends come to; None where a copy hides one of them."""
        values = [row.cells[column] for row, column in self.addends]
        if any(is_hidden(value) for value in values):
            return None
        return sum((Decimal(number) for value in values if (number := number_of(value)) is not None), Decimal(0))

    def parts_of_addends(self) -> list[Part]:
        """The parts of all that it sums."""
        return [part for addend in self.addends for part in parts_of(self.figure.table, addend)]


def tables_of(book: Book) -> Iterator[tuple[Sheet, Placed, Table]]:
    """Every table of the sheets of figures, and where it stands; streamed ones have no totals and are left out."""
    for sheet in book.figures():
        for placed in sheet.placed():
            if isinstance(placed.block, Table) and not is_bulk(placed.block):
                yield sheet, placed, placed.block


def is_streamed(book: Book) -> bool:
    """Whether the book tells any number of records: then parts cost a reading of all of them for each figure."""
    return any(isinstance(block, Table) and is_bulk(block) for sheet in book.figures() for block in sheet.blocks)


def totals(book: Book) -> Iterator[Total]:
    """Every cell that is to be the sum of others."""
    for sheet, placed, table in tables_of(book):
        for at, column, addends, across in (*_down(table), *_across(table)):
            if addends:
                yield Total(Figure(sheet, placed, table, at, column), tuple(addends), across)


def grand_totals(book: Book) -> Iterator[Total]:
    """The last total of each table, as the sum of its innermost cells; key figures, which sum nothing, without any.

    A table with a total column has one; one with several columns of figures has one for each of them.
    """
    for sheet, placed, table in tables_of(book):
        rows, last = _leaves(table)
        for number, column in enumerate(table.columns):
            if rows and last is not None and adds_up(column) and (is_total(column) or not _has_total(table)):
                addends = tuple((row, at) for row in rows for at in _summed_by(table, column) or [number])
                yield Total(Figure(sheet, placed, table, last, number), addends, "rows")
        for at, _ in enumerate(table.rows if last is None and is_list_of_figures(table) else ()):
            yield Total(Figure(sheet, placed, table, at, 1), (), "rows")


def figures(book: Book) -> Iterator[Figure]:
    """Every total and every key figure."""
    for sheet, placed, table in tables_of(book):
        listed = is_list_of_figures(table)
        for at, row in enumerate(table.rows):
            for number, column in enumerate(table.columns):
                total = listed or row.role == "total" or is_total(column)
                if total and adds_up(column) and number_of(row.cells[number]) is not None:
                    yield Figure(sheet, placed, table, at, number)


def adds_up(column: Column) -> bool:
    """Whether a column holds figures that can be added up."""
    return column.sums and column.role != "label" and column.format in FIGURES


def is_total(column: Column) -> bool:
    """Whether a column sums others: all of them, or, with a key as ``reached/*``, those that begin like it."""
    return column.role == "total" or column.key.endswith("/*")


def is_list_of_figures(table: Table) -> bool:
    """Whether a table is a short list of key figures, each in a unit of its own (``tables.key_figures``)."""
    return [column.key for column in table.columns] == ["label", "figure"]


def number_of(value: Value) -> Number | None:
    """A cell's number, else None."""
    return value if isinstance(value, int | Decimal) else None


def is_hidden(value: Value) -> bool:
    """Whether words stand where a number belongs, as in a copy that hides it."""
    return isinstance(value, str) and bool(value)


def parts_of(table: Table, addend: Addend) -> Sequence[Part]:
    """The parts of a cell; nothing where the table does not tell them."""
    row, column = addend
    return [] if table.parts is None else table.parts(row.key, table.columns[column].key)


_Found = tuple[int, int, list[Addend], Across]


def _down(table: Table) -> Iterator[_Found]:
    columns = [at for at, column in enumerate(table.columns) if adds_up(column)]
    above: list[Row] = []
    for at, row in enumerate(table.rows):
        if row.role == "body":
            above.append(row)
        elif row.role == "group":
            members = list(_members(table.rows[at + 1 :]))
            yield from ((at, column, [(one, column) for one in members], "group") for column in columns)
        elif row.role == "total":
            yield from ((at, column, [(one, column) for one in above], "rows") for column in columns)
            above = []


def _members(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if row.role != "body":
            return
        yield row


def _leaves(table: Table) -> tuple[list[Row], int | None]:
    """The body rows above the last total row, and its place; no place where there is none."""
    last = max((at for at, row in enumerate(table.rows) if row.role == "total"), default=None)
    return [row for row in table.rows[:last] if row.role == "body"], last


def _has_total(table: Table) -> bool:
    return any(is_total(column) and adds_up(column) for column in table.columns)


def _across(table: Table) -> Iterator[_Found]:
    for number, column in enumerate(table.columns):
        others = _summed_by(table, column)
        for at, row in enumerate(table.rows if others else ()):
            yield at, number, [(row, other) for other in others], "columns"


def _summed_by(table: Table, total: Column) -> list[int]:
    if not (is_total(total) and adds_up(total)):
        return []
    start = total.key.removesuffix("*") if total.key.endswith("/*") else ""
    return [
        at
        for at, column in enumerate(table.columns)
        if adds_up(column) and not is_total(column) and column.key.startswith(start)
    ]
