"""A book as one page that needs nothing else: no script, no other host, readable on a phone and on paper."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
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


def render(book: Book, lang: str = "en") -> bytes:
    """The page (UTF-8) of a book; the same book gives the same bytes in any process, at any time.

    Tables longer than 60 rows are folded by 50 rows, the first fold open; on paper every fold is open.
    """
    sheets = [_sheet(book, sheet, lang) for sheet in book.sheets]
    words = {"exact": exact, "say": lambda key: say(key, lang)}
    text: str = _template().render(book=book, sheets=sheets, lang=lang, look=_look(book), **words)
    return text.encode()


def _look(book: Book) -> dict[str, str] | None:
    if book.look is None:
        return None
    logo = b64encode(book.look.logo.content).decode() if book.look.logo else ""
    return {"name": exact(book.look.name), "accent": book.look.accent, "tint": book.look.tint, "logo": logo}


@cache
def _template() -> Any:
    loader = PackageLoader("muster_report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("book.html")


def _sheet(book: Book, sheet: Sheet, lang: str) -> dict[str, Any]:
    return {
        "name": exact(sheet.name),
        "anchor": sheet_anchor(sheet.name),
        "title": exact(sheet.title),
        "subtitle": exact(book.subtitle_of(sheet)),
        "landscape": sheet.landscape,
        "blocks": [_block(sheet, placed, lang) for placed in sheet.placed()],
    }


def _block(sheet: Sheet, placed: Placed, lang: str) -> dict[str, Any]:
    match placed.block:
        case Table():
            return _table(sheet, placed.block, placed, lang)
        case Note():
            note, anchor = placed.block, cell_anchor(sheet.name, f"A{placed.row}")
            return {"is": "note", "anchor": anchor, "text": exact(note.text), "alert": note.tone == "alert"}
        case Charts():
            return {"is": "charts", "charts": [_chart(sheet, chart, lang) for chart in placed.block.charts]}


def _table(sheet: Sheet, table: Table, placed: Placed, lang: str) -> dict[str, Any]:
    rows = list(CellWriter(sheet.name, table, lang).rows(placed.header_row() + 1))
    return {
        "is": "table",
        "anchor": _anchor_of(sheet, placed),
        "caption": exact(table.caption),
        "name": exact(table.caption or sheet.title),
        "headings": [{"text": exact(column.heading), "figures": column.format in FIGURES} for column in table.columns],
        "folds": list(_folds(rows, placed.header_row() + 1, lang)),
    }


def _anchor_of(sheet: Sheet, placed: Placed) -> str:
    return cell_anchor(sheet.name, f"A{placed.header_row()}")


def _folds(rows: list[PageRow], first_row: int, lang: str) -> Iterator[Fold]:
    if len(rows) <= LONGEST_UNFOLDED:
        yield Fold(first_row, rows)
        return
    for start in range(0, len(rows), ROWS_FOLDED):
        folded = rows[start : start + ROWS_FOLDED]
        yield Fold(first_row + start, folded, _summary(folded, start, len(rows), lang))


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
