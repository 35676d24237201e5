"""The cells of a table as the cells of a page.

A cell that holds a figure has an anchor by its sheet and cell. What is shown is the figure as the language writes
it; where that loses something, ``data`` or ``time`` carries it. Text among figures is marked ``text``, a number among
words (a year, a paragraph) ``plain``, so that a program that reads the page can tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice

from markupsafe import Markup, escape

from muster_report.blocks import FIGURES
from muster_report.book import Column, Row, RowRole, Table, Value, column_letters
from muster_report.renderers.anchors import cell_anchor
from muster_report.renderers.written import exact, shown_date, shown_number


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row of a table on the page: its role, and its cells ready to stand in it."""

    role: RowRole
    cells: Markup
    name: str


@dataclass(frozen=True, slots=True)
class CellWriter:
    """Writes the cells of one table of one sheet.

    ``link`` gives the address behind a value by its row, its column and its cell, empty where it has none.
    """

    sheet: str
    table: Table
    lang: str
    link: Callable[[Row, Column, Value, str], str] | None = None

    def rows(self, first_row: int, first: int = 0, last: int | None = None) -> Iterator[PageRow]:
        """The table's rows, the first of which stands in that row of the sheet; or some, counted from 0."""
        for number, row in enumerate(islice(self.table.rows, first, last), start=first_row + first):
            yield PageRow(row.role, Markup("").join(self._cells(row, number)), exact(row.cells[0]))

    def _cells(self, row: Row, number: int) -> Iterable[Markup]:
        for at, (column, value) in enumerate(zip(self.table.columns, row.cells, strict=True), start=1):
            heading = at == 1 or column.role == "label"
            cell = f"{column_letters(at)}{number}"
            attributes, content = self._attributes(column, value, cell), self._content(column, value)
            name, scope = ("th", Markup(" scope=row")) if heading else ("td", Markup())
            if self.link and (address := self.link(row, column, value, cell)):
                content = Markup('<a href="{}">{}</a>').format(address, content)
            yield Markup("<{0}{1}{2}>{3}</{0}>").format(name, scope, attributes, content)

    def _attributes(self, column: Column, value: Value, cell: str) -> Markup:
        classes = " ".join(_classes(column, value))
        marked = Markup(' class="{}"').format(classes) if classes else Markup()
        figure = column.format in FIGURES and value not in (None, "")
        return (Markup(' id="{}"').format(cell_anchor(self.sheet, cell)) if figure else Markup()) + marked

    def _content(self, column: Column, value: Value) -> Markup:
        if isinstance(value, int | Decimal):
            shown = shown_number(value, column.format, self.lang)
            exactly = Markup('<data value="{}">{}</data>').format(shown.exact, shown.text)
            return exactly if shown.exact else escape(shown.text)
        if isinstance(value, date):
            return Markup('<time datetime="{}">{}</time>').format(exact(value), shown_date(value, self.lang))
        return escape(exact(value))


def _classes(column: Column, value: Value) -> Iterator[str]:
    if column.role == "total":
        yield "sum"
    if column.format in FIGURES and isinstance(value, str) and value:
        yield "text"
    if column.format not in FIGURES and isinstance(value, int | Decimal):
        yield "plain"
