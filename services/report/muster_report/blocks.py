"""What a sheet is made of: tables, notes and charts, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from muster_report.figures import Parts

Value = str | int | Decimal | date | None
Number = int | Decimal
RowRole = Literal["body", "group", "subtotal", "total"]
ColumnRole = Literal["label", "body", "total"]
Format = Literal["text", "code", "number", "decimal", "printed"]
FIGURES: frozenset[Format] = frozenset({"number", "decimal", "printed"})
Tone = Literal["plain", "alert"]
_AROUND = 2  # of a figure: the indent, and a little


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; ``width`` in characters, ``key`` stays the same when the heading changes.

    ``decimal`` shows every figure with two decimals, so that a column of cents or rates reads evenly; ``number`` only
    those that have any. ``tag`` is its HXL 1.1 hashtag with attributes (``#country+code``), where it has one. ``sums``
    is False where a total is not the sum of its rows by nature, as with percentages; see ``reconciling``.
    """

    key: str
    heading: str
    width: int = 14
    format: Format = "number"
    role: ColumnRole = "body"
    tag: str = ""
    sums: bool = True


@dataclass(slots=True)  # not frozen, as millions are made; nobody changes one
class Row:
    """One row of a table; ``key`` is unique in its table, ``label`` is how people tell it from others."""

    key: str
    cells: tuple[Value, ...]
    role: RowRole = "body"
    label: str = ""

    def name(self) -> str:
        """The label, or what stands in the first cell."""
        return self.label or str(self.cells[0] or "")


@dataclass(frozen=True, slots=True)
class Named:
    """A cell of a table that formulas of other workbooks may refer to by name."""

    name: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows; ``filtered`` asks for a sortable, filterable table.

    ``parts`` gives what a figure is made of, by the keys of its row and column; None where nothing is explained.
    """

    key: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    caption: str = ""
    filtered: bool = False
    names: tuple[Named, ...] = ()
    parts: Parts | None = field(default=None, compare=False, repr=False)

    def widths(self) -> tuple[int, ...]:
        """Widths of the columns: as asked for, or what the longest figure needs, or it would show as ###.

        Rows that are streamed are not read for it.
        """
        rows = self.rows if isinstance(self.rows, tuple) else ()
        widths = enumerate(column.width for column in self.columns)
        return tuple(max([width, *(_room(row.cells[at], self.columns[at]) for row in rows)]) for at, width in widths)

    def height(self) -> int:
        """Rows that the table takes, caption and header included."""
        return (1 if self.caption else 0) + 1 + len(self.rows)


def _room(value: Value, column: Column) -> int:
    if not isinstance(value, int | Decimal):
        return 0
    cents = column.format == "decimal" or value != int(value)
    return len(f"{value:,.2f}" if cents else f"{int(value):,}") + _AROUND


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence or two across the sheet; ``alert`` is for what a reader must not miss."""

    key: str
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of bars: the body rows of the column ``at``, or the body columns of the row ``at``."""

    name: str
    along: Literal["rows", "columns"]
    at: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars drawn from the cells of a table of the same sheet; ``description`` is read out to who cannot see it."""

    key: str
    title: str
    description: str
    table: str
    series: tuple[Series, ...]
    direction: Literal["bar", "column"] = "column"
    stacked: bool = False
    values: Literal["millions", "count"] = "count"


@dataclass(frozen=True, slots=True)
class Charts:
    """Charts side by side below everything else; they share the width of the sheet, or take ``width`` characters."""

    charts: tuple[Chart, ...]
    width: int = 0


Block = Table | Note | Charts
