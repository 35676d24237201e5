"""A workbook as plain values: sheets of titles, tables, notes and charts. It knows no file format.

Where a cell stands follows from the order of the blocks alone: title in row 1, subtitle in row 2, a blank
row, then block after block with a blank row between them (notes that follow each other have none).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from muster_report.blocks import (
    Block,
    Chart,
    Charts,
    Column,
    ColumnRole,
    Format,
    Named,
    Note,
    Number,
    Row,
    RowRole,
    Series,
    Table,
    Tone,
    Value,
)
from muster_report.facts import Fact
from muster_report.look import Look
from muster_report.words import ENGLISH, say, spoken_time

__all__ = [
    "SUBTITLE_ROW",
    "TITLE_ROW",
    "Block",
    "Book",
    "Cell",
    "Chart",
    "Charts",
    "Column",
    "ColumnRole",
    "Format",
    "Named",
    "Note",
    "Number",
    "Placed",
    "Row",
    "RowRole",
    "Series",
    "Sheet",
    "Span",
    "Table",
    "Tone",
    "Value",
    "chart_spans",
    "column_letters",
    "column_of",
    "plain_value",
    "row_of",
]

TITLE_ROW, SUBTITLE_ROW, FIRST_BLOCK_ROW = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Span:
    """A rectangle of cells, counted from 1, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and the row in which it begins."""

    block: Block
    row: int

    def header_row(self) -> int:
        """Row of a table's header."""
        return self.row + (1 if isinstance(self.block, Table) and self.block.caption else 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value where it stands; ``identity`` finds the same figure again in another book."""

    row: int
    column: int
    value: Value
    identity: tuple[str, ...]
    row_label: str
    column_label: str

    @property
    def coordinate(self) -> str:
        """For example ``D14``."""
        return f"{column_letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``freeze`` names the table whose header and labels stay in sight and repeat on each page.

    ``lang`` is the language in which its notes are called so where they are listed; a book sets it to its own.
    """

    name: str
    title: str
    subtitle: str = ""
    blocks: tuple[Block, ...] = ()
    role: Literal["figures", "accompanying"] = "figures"
    freeze: str = ""
    one_page: bool = False
    landscape: bool = True
    lang: str = ENGLISH

    def placed(self) -> Iterator[Placed]:
        """Each block with its row."""
        row, before = FIRST_BLOCK_ROW, None
        for block in self.blocks:
            if before is not None and not (isinstance(before, Note) and isinstance(block, Note)):
                row += 1
            yield Placed(block, row)
            row += block.height() if isinstance(block, Table) else 1
            before = block

    def table(self, key: str) -> tuple[Table, Placed]:
        """The table of that key and its place.

        Raises:
            KeyError: the sheet has no such table.
        """
        for placed in self.placed():
            if isinstance(placed.block, Table) and placed.block.key == key:
                return placed.block, placed
        raise KeyError(key)

    def values(self) -> dict[str, Value]:
        """Cell ("D14") to value: headings and cells of tables, notes; empty cells are left out."""
        written: dict[str, Value] = {}
        for placed in self.placed():
            written.update(_headings(placed))
        written.update({cell.coordinate: cell.value for cell in self.cells()})
        return {cell: value for cell, value in written.items() if value not in (None, "")}

    def widths(self) -> tuple[int, ...]:
        """Widths of the columns in characters: the widest that any table asks for."""
        tables = [block for block in self.blocks if isinstance(block, Table)]
        count = max((len(table.columns) for table in tables), default=0)
        asked = [table.widths() for table in tables]
        return tuple(max(widths[at] for widths in asked if at < len(widths)) for at in range(count)) or (110,)

    def cells(self) -> Iterator[Cell]:
        """Every cell of tables and notes, empty ones too, from top to bottom; titles are not among them."""
        for placed in self.placed():
            if isinstance(placed.block, Table):
                yield from _table_cells(placed.block, placed)
            elif isinstance(placed.block, Note):
                note = placed.block
                yield Cell(placed.row, 1, note.text, ("note", note.key), say("page.note", self.lang), "")


@dataclass(frozen=True, slots=True)
class Dated:
    """A change of the log: its position and its time (aware, UTC)."""

    position: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """A whole workbook; ``used`` are the facts that its figures come from, ``look`` is None for that of the house.

    ``dated`` is the newest change that affects it, which may be a withdrawal and so no fact any more. ``checked``:
    what does not add up in it is told on its first sheet.
    """

    title: str
    subtitle: str
    sheets: tuple[Sheet, ...]
    description: str = ""
    definitions: tuple[tuple[str, str], ...] = ()
    used: Collection[Fact] = ()
    dated: Dated | None = None
    lang: str = ENGLISH
    look: Look | None = None
    checked: bool = False

    def newest(self) -> Dated | None:
        """The newest change in the book, or None where it is empty."""
        if self.dated:
            return self.dated
        newest = max(self.used, key=lambda fact: fact.position, default=None)
        return Dated(newest.position, newest.occurred_at) if newest else None

    def as_of(self) -> datetime | None:
        """When the newest change in the book was made, aware, UTC."""
        newest = self.newest()
        return newest.occurred_at if newest else None

    def figures(self) -> tuple[Sheet, ...]:
        """The sheets that hold figures, in the language of the book, without About, Changes and Sources."""
        return tuple(replace(sheet, lang=self.lang) for sheet in self.sheets if sheet.role == "figures")

    def subtitle_of(self, sheet: Sheet) -> str:
        """What stands under the title of a sheet: its subtitle, and for figures the as-of time."""
        as_of = self.as_of()
        time = spoken_time(as_of, self.lang) if as_of and sheet.role == "figures" else ""
        dated = say("about.as_of_time", self.lang, time=time) if time else ""
        return ". ".join(part for part in (sheet.subtitle, dated) if part)

    def values(self) -> dict[str, dict[str, Value]]:
        """Sheet name to cell ("D14") to value; cells without a value are left out."""
        return {sheet.name: self._values_of(sheet) for sheet in self.sheets}

    def with_sheets(self, *more: Sheet) -> Book:
        """The same book with sheets added at the end."""
        return replace(self, sheets=(*self.sheets, *more))

    def _values_of(self, sheet: Sheet) -> dict[str, Value]:
        titles: dict[str, Value] = {f"A{TITLE_ROW}": sheet.title, f"A{SUBTITLE_ROW}": self.subtitle_of(sheet)}
        return {cell: text for cell, text in titles.items() if text} | sheet.values()


def chart_spans(sheet: Sheet, chart: Chart, series: Series) -> tuple[Span, Span]:
    """Where a series finds its labels and its values.

    Raises:
        KeyError: the table, row or column is not there.
    """
    table, placed = sheet.table(chart.table)
    header = placed.header_row()
    rows = [header + 1 + at for at, row in enumerate(table.rows) if row.role == "body"]
    columns = [at for at, column in enumerate(table.columns, start=1) if column.role == "body"]
    if series.along == "rows":
        values = column_of(table, series.at)
        return Span(rows[0], 1, rows[-1], 1), Span(rows[0], values, rows[-1], values)
    row = header + row_of(table, series.at)
    return Span(header, columns[0], header, columns[-1]), Span(row, columns[0], row, columns[-1])


def row_of(table: Table, key: str) -> int:
    """How many rows below its header a table's row stands.

    Raises:
        KeyError: there is no such row.
    """
    for at, row in enumerate(table.rows, start=1):
        if row.key == key:
            return at
    raise KeyError(key)


def column_of(table: Table, key: str) -> int:
    """Number of a table's column, counted from 1.

    Raises:
        KeyError: there is no such column.
    """
    for at, column in enumerate(table.columns, start=1):
        if column.key == key:
            return at
    raise KeyError(key)


def column_letters(number: int) -> str:
    """Letters of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _table_cells(table: Table, placed: Placed) -> Iterator[Cell]:
    for row_number, row in enumerate(table.rows, start=placed.header_row() + 1):
        for number, (column, value) in enumerate(zip(table.columns, row.cells, strict=True), start=1):
            identity = ("table", table.key, row.key, column.key)
            yield Cell(row_number, number, value, identity, row.name(), column.heading)


def _headings(placed: Placed) -> dict[str, Value]:
    if not isinstance(placed.block, Table):
        return {}
    table, header = placed.block, placed.header_row()
    caption: dict[str, Value] = {f"A{placed.row}": table.caption} if table.caption else {}
    return caption | {f"{column_letters(at)}{header}": c.heading for at, c in enumerate(table.columns, start=1)}


def plain_value(value: Value) -> str | int | None:
    """A value as JSON tells it: decimals as strings without trailing zeros, days as ISO 8601."""
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    return value.isoformat() if isinstance(value, date) else value
