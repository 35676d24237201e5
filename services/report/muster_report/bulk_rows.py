"""The rows of a sheet as the XML of a workbook, streamed: text formatted by the type of each value.

SpreadsheetML after ECMA-376 part 1, sections 18.3.1.73 (row), 18.3.1.4 (c) and 18.3.1.53 (is). openpyxl makes an
object for each cell, which is most of its time; here a row is one text. Styles are openpyxl's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import repeat
from typing import Final, cast
from xml.sax.saxutils import escape

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from muster_report.blocks import Column, Value
from muster_report.book import column_letters
from muster_report.bulk import RowBatch
from muster_report.xlsx_cells import EXACT_DIGITS, LONGEST_TEXT, Pen, escaped_text, number_digits, starts_a_formula

ROW_HEIGHT: Final = 15
_ROW_BEGINS: Final = '<row r="'
_ROW_GOES_ON: Final = f'" ht="{ROW_HEIGHT}" customHeight="1">'
_COME_AGAIN: Final = 2  # where values of a column do so often, each is written once
_BEGINS_OTHERWISE: Final = frozenset("=+-@ ")
_NOTHING: Final[frozenset[Value]] = frozenset({None, ""})
_EPOCH: Final = date(1899, 12, 30).toordinal()
_FIRST_SURE_DAY: Final = date(1900, 3, 1).toordinal()  # programs number the days before it in two ways
_NOT_PLAIN: Final = re.compile("[&<>\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_x|\\A[=+\\-@\\s]|\\s\\Z").search


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
        pen.value(
            cell, sample, asked=column.format, role="body", bold=column.role == "total", tall=False, one_line=True
        )
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


def rows_xml(styles: Sequence[Styles], batches: Iterable[RowBatch], first_row: int) -> Iterator[bytes]:
    """The ``<row>`` elements of a table, a batch at a time; ``first_row`` is the sheet's row of the first."""
    writers = [_Column(style, _behind(at, len(styles))) for at, style in enumerate(styles, start=1)]
    at = first_row
    for batch in batches:
        count = len(batch.keys)
        columns = [writer.write(values) for writer, values in zip(writers, batch.columns, strict=True)]
        # Each piece ends where the number of the row follows, so that one joining with it makes the whole row.
        rows = zip(repeat(_ROW_BEGINS, count), repeat(_ROW_GOES_ON + _cell_begins(1), count), *columns, strict=True)
        numbers = map(str, range(at, at + count))
        yield "".join([number.join(row) for number, row in zip(numbers, rows, strict=True)]).encode()
        at += count


def _cell_begins(column: int) -> str:
    return f'<c r="{column_letters(column)}'


def _behind(column: int, last: int) -> str:
    return _cell_begins(column + 1) if column < last else "</row>"


@dataclass(frozen=True, slots=True)
class _Column:
    """Writes the cells of one column: a value gives the element ``c`` from behind the number of its row.

    ``behind`` is what follows it up to the next number.
    """

    styles: Styles
    behind: str

    def write(self, values: Sequence[Value]) -> list[str]:
        different = set(values)
        if _COME_AGAIN * len(different) <= len(values):
            written = {value: self._cell(value) for value in different}
            return [written[value] for value in values]
        if _are_plain_texts(different - _NOTHING):
            begins, ends = _plain_text(self.styles, "|").split("|")
            nothing, ends = self._cell(None), f"{ends}{self.behind}"
            return [f"{begins}{value}{ends}" if value else nothing for value in values]
        return [self._cell(value) for value in values]

    def _cell(self, value: Value) -> str:
        return _after_row(self.styles, value) + self.behind


def _are_plain_texts(values: Collection[Value]) -> bool:
    """Whether all are texts, none of them empty, that stand in XML as they are; found by looking at all at once."""
    if set(map(type, values)) != {str}:
        return False
    texts = cast(Collection[str], values)
    at_ends = {text[0] for text in texts}.isdisjoint(_BEGINS_OTHERWISE) and " " not in {text[-1] for text in texts}
    return at_ends and max(map(len, texts)) <= LONGEST_TEXT and _stands_as_it_is("".join(texts))


def _stands_as_it_is(text: str) -> bool:
    return text.isprintable() and "&" not in text and "<" not in text and ">" not in text and "_x" not in text


def _after_row(styles: Styles, value: Value) -> str:
    if value is None or value == "":
        return f'" s="{styles.empty}"/>'
    if isinstance(value, str):
        return _text(styles, value)
    if isinstance(value, date):
        number = value.toordinal()
        if number < _FIRST_SURE_DAY:
            return _text(styles, value.isoformat())
        return f'" s="{styles.day}"><v>{number - _EPOCH}</v></c>'
    digits = _digits(value)
    if digits is None:
        return _many_digits(styles, value)
    return f'" s="{styles.fraction if "." in digits else styles.whole}"><v>{digits}</v></c>'


def _text(styles: Styles, text: str) -> str:
    if not _is_plain(text):
        style = styles.quoted if starts_a_formula(text) else styles.text
        kept = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        return f"{kept}{escape(escaped_text(text))}</t></is></c>"
    return _plain_text(styles, text)


def _plain_text(styles: Styles, text: str) -> str:
    return f'" s="{styles.text}" t="inlineStr"><is><t>{text}</t></is></c>'


def _is_plain(text: str) -> bool:
    """Whether a text, which is not empty, stands in XML as it is: asked of most cells, and mostly so."""
    if len(text) > LONGEST_TEXT:
        return False
    if text[0] not in _BEGINS_OTHERWISE and text[-1] != " " and _stands_as_it_is(text):
        return True
    return not _NOT_PLAIN(text)


def _digits(number: int | Decimal) -> str | None:
    """The digits of a number, exactly; None where it has more than a spreadsheet's numbers hold."""
    if not number:
        return "0"  # without a sign
    text = str(number)
    if len(text) > EXACT_DIGITS or "E" in text:
        digits, fits = number_digits(Decimal(number))
        return digits if fits else None
    return text.rstrip("0").rstrip(".") if "." in text else text


def _many_digits(styles: Styles, number: int | Decimal) -> str:
    digits, _ = number_digits(Decimal(number))
    return f'" s="{styles.many_digits}" t="inlineStr"><is><t>{digits}</t></is></c>'
