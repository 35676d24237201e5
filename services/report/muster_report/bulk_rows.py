"""The rows of a sheet as the XML of a workbook, streamed: text formatted by the type of each value.

SpreadsheetML after ECMA-376 part 1, sections 18.3.1.73 (row), 18.3.1.4 (c) and 18.3.1.53 (is). openpyxl makes an
object for each cell, which is most of its time; here a row is one text. Styles are openpyxl's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Final
from xml.sax.saxutils import escape

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from muster_report.blocks import Column, Row, Value
from muster_report.book import column_letters
from muster_report.xlsx_cells import EXACT_DIGITS, LONGEST_TEXT, Pen, escaped_text, number_digits, starts_a_formula

ROW_HEIGHT: Final = 15
_ROWS_AT_ONCE: Final = 500
_EPOCH: Final = date(1899, 12, 30).toordinal()
_FIRST_SURE_DAY: Final = date(1900, 3, 1).toordinal()  # programs number the days before it in two ways
_NOT_PLAIN: Final = re.compile("[&<>\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_x|\\A[=+\\-@\\s]|\\s\\Z").search

WriteCell = Callable[[str, Value], str]


@dataclass(frozen=True, slots=True)
class Styles:
    """Numbers of the styles that values of one column take, in the workbook that they were registered in."""

    text: int
    quoted: int
    whole: int
    fraction: int
    day: int
    empty: int
    many_digits: int


def styles_of(column: Column, pen: Pen, worksheet: Worksheet) -> Styles:
    """Register the styles that values of a column can take."""

    def number_of(sample: Value) -> int:
        cell = Cell(worksheet, row=1, column=1)
        pen.value(cell, sample, asked=column.format, role="body", bold=column.role == "total", tall=True)
        style: int = cell.style_id
        return style

    return Styles(
        text=number_of("text"),
        quoted=number_of("=text"),
        whole=number_of(1),
        fraction=number_of(Decimal("0.5")),
        day=number_of(date(2016, 11, 30)),
        empty=number_of(None),
        many_digits=number_of(Decimal("1234567890.123456789")),
    )


def rows_xml(styles: Sequence[Styles], rows: Iterable[Row], first_row: int) -> Iterator[bytes]:
    """The ``<row>`` elements of a table, some hundred at a time; ``first_row`` is the sheet's row of the first."""
    writers = [_cell_writer(column_letters(at), style) for at, style in enumerate(styles, start=1)]
    waiting: list[str] = []
    for at, row in zip(map(str, count(first_row)), rows, strict=False):
        cells = [write(at, value) for write, value in zip(writers, row.cells, strict=True)]
        waiting.append(f'<row r="{at}" ht="{ROW_HEIGHT}" customHeight="1">{"".join(cells)}</row>')
        if len(waiting) == _ROWS_AT_ONCE:
            yield "".join(waiting).encode()
            waiting.clear()
    yield "".join(waiting).encode()


def _cell_writer(letters: str, styles: Styles) -> WriteCell:
    """What writes the cells of one column: the number of a row and a value give the element ``c``."""
    begins, texts = f'<c r="{letters}', _text_writer(letters, styles)
    whole, fraction, day = (f'" s="{style}"><v>' for style in (styles.whole, styles.fraction, styles.day))
    empty = f'" s="{styles.empty}"/>'

    def write(at: str, value: Value) -> str:
        if isinstance(value, str):
            return texts(at, value) if value else f"{begins}{at}{empty}"
        if value is None:
            return f"{begins}{at}{empty}"
        if isinstance(value, date):
            number = value.toordinal()
            if number < _FIRST_SURE_DAY:
                return texts(at, value.isoformat())
            return f"{begins}{at}{day}{number - _EPOCH}</v></c>"
        digits = _digits(value)
        if digits is None:
            return _many_digits(letters, at, styles, value)
        return f"{begins}{at}{fraction if '.' in digits else whole}{digits}</v></c>"

    return write


def _text_writer(letters: str, styles: Styles) -> Callable[[str, str], str]:
    begins = f'<c r="{letters}'
    plain = f'" s="{styles.text}" t="inlineStr"><is><t>'

    def write(at: str, text: str) -> str:
        if len(text) > LONGEST_TEXT or _NOT_PLAIN(text):
            style = styles.quoted if starts_a_formula(text) else styles.text
            kept = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
            return f"{begins}{at}{kept}{escape(escaped_text(text))}</t></is></c>"
        return f"{begins}{at}{plain}{text}</t></is></c>"

    return write


def _digits(number: int | Decimal) -> str | None:
    """The digits of a number, exactly; None where it has more than a spreadsheet's numbers hold."""
    text = str(number)
    if len(text) > EXACT_DIGITS or "E" in text:
        digits, fits = number_digits(Decimal(number))
        return digits if fits else None
    return text.rstrip("0").rstrip(".") if "." in text else text


def _many_digits(letters: str, at: str, styles: Styles, number: int | Decimal) -> str:
    digits, _ = number_digits(Decimal(number))
    return f'<c r="{letters}{at}" s="{styles.many_digits}" t="inlineStr"><is><t>{digits}</t></is></c>'
