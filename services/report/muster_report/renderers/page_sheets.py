"""The sheets of a book as what a page shows of them: titles, tables in folds, notes and charts, ready to be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from markupsafe import Markup

from muster_report.blocks import FIGURES
from muster_report.book import Book, Chart, Charts, Note, Placed, Sheet, Table
from muster_report.renderers.anchors import cell_anchor, sheet_anchor
from muster_report.renderers.page_cells import CellWriter, PageRow
from muster_report.renderers.svg_bars import bar_picture, legend
from muster_report.renderers.written import exact
from muster_report.words import say

LONGEST_UNFOLDED = 60  # rows of a table that stand open; a longer one is folded
ROWS_FOLDED = 50  # rows of one fold


@dataclass(frozen=True, slots=True)
class Fold:
    """Some rows of a table: the row of the sheet in which they begin, and what the closed fold says of them."""

    first_row: int
    rows: Sequence[PageRow]
    summary: str = ""


def whole_sheet(book: Book, sheet: Sheet, lang: str) -> dict[str, Any]:
    """A sheet with all of its blocks; tables longer than 60 rows in folds of 50."""
    blocks = [_block(sheet, placed, lang) for placed in sheet.placed()]
    return {**heading(book, sheet), "landscape": sheet.landscape, "blocks": blocks}


def heading(book: Book, sheet: Sheet) -> dict[str, Any]:
    """What stands above the blocks of a sheet: its name and anchor, its title, and when its figures are of."""
    return {
        "name": exact(sheet.name),
        "anchor": sheet_anchor(sheet.name),
        "title": exact(sheet.title),
        "subtitle": exact(book.subtitle_of(sheet)),
    }


def note_parts(sheet: Sheet, note: Note, placed: Placed) -> dict[str, Any]:
    """A note and the anchor of its cell."""
    anchor = cell_anchor(sheet.name, f"A{placed.row}")
    return {"is": "note", "anchor": anchor, "text": exact(note.text), "alert": note.tone == "alert"}


def charts_parts(sheet: Sheet, charts: Charts, lang: str) -> dict[str, Any]:
    """Charts side by side, each with its picture, its legend and where its figures stand."""
    return {"is": "charts", "charts": [_chart(sheet, chart, lang) for chart in charts.charts]}


def table_parts(sheet: Sheet, table: Table, placed: Placed, folds: Iterable[Fold]) -> dict[str, Any]:
    """A table with some or all of its rows, read once, and the anchor of its header."""
    return {
        "is": "table",
        "anchor": _anchor_of(sheet, placed),
        "caption": exact(table.caption),
        "name": exact(table.caption or sheet.title),
        "headings": [{"text": exact(column.heading), "figures": column.format in FIGURES} for column in table.columns],
        "folds": folds,
    }


def _block(sheet: Sheet, placed: Placed, lang: str) -> dict[str, Any]:
    match placed.block:
        case Table():
            first_row = placed.header_row() + 1
            rows = CellWriter(sheet.name, placed.block, lang).rows(first_row)
            return table_parts(sheet, placed.block, placed, _folds(rows, first_row, len(placed.block.rows), lang))
        case Note():
            return note_parts(sheet, placed.block, placed)
        case Charts():
            return charts_parts(sheet, placed.block, lang)


def _anchor_of(sheet: Sheet, placed: Placed) -> str:
    return cell_anchor(sheet.name, f"A{placed.header_row()}")


def _folds(rows: Iterator[PageRow], first_row: int, count: int, lang: str) -> Iterator[Fold]:
    if count <= LONGEST_UNFOLDED:
        yield Fold(first_row, list(rows))
        return
    for start in range(0, count, ROWS_FOLDED):
        folded = list(islice(rows, ROWS_FOLDED))
        yield Fold(first_row + start, folded, _summary(folded, start, count, lang))


def _summary(folded: list[PageRow], start: int, count: int, lang: str) -> str:
    places = {"first": start + 1, "last": start + len(folded), "count": count}
    return say("page.rows", lang, **places, start=folded[0].name, end=folded[-1].name)


def _chart(sheet: Sheet, chart: Chart, lang: str) -> dict[str, Any]:
    picture: Markup = bar_picture(sheet, chart, lang)
    return {
        "title": exact(chart.title),
        "description": exact(chart.description),
        "table": _anchor_of(sheet, sheet.table(chart.table)[1]),
        "picture": picture,
        "legend": legend(chart.series),
    }
