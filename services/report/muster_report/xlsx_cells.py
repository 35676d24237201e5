"""How a value of a book is written into a cell of a workbook: type, text, digits, look."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.workbook import Workbook

from muster_report.blocks import FIGURES, Format, RowRole, Value

ACCENT = "1F4E79"
ACCENT_PALE = "E3ECF5"
INK, GREY, LINE = "262626", "6B6B6B", "D0D7DE"
ALERT, ALERT_PALE = "8A4B00", "FFF4E0"
FACE = "Calibri"

EXACT_DIGITS = 15  # a spreadsheet's numbers hold no more
LONGEST_TEXT = 32_767

Look = Literal["title", "subtitle", "caption", "header", "header_number", "note", "alert"]
Kind = Literal["text", "code", "plain", "number", "fraction", "printed", "date"]

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "code": "@",
    "plain": "0",
    "number": "#,##0",
    "fraction": "#,##0.00",
    "printed": '#,##0;-#,##0;"\u2013"',
    "date": "yyyy-mm-dd",
}


@dataclass(slots=True)
class Pen:
    """Writes values into one workbook, registering each style at its first use."""

    workbook: Workbook
    _known: dict[str, StyleArray] = field(default_factory=dict)

    def look(self, cell: Cell, text: str, look: Look) -> None:
        """Write a text that stands outside the rows of a table."""
        _write_text(cell, text)
        self._style(cell, f"Muster {look.replace('_', ' ')}", _LOOKS[look])

    def value(
        self, cell: Cell, value: Value, *, asked: Format, role: RowRole, bold: bool, tall: bool, one_line: bool = False
    ) -> None:
        """Write one value of a table; ``bold`` is for total columns, ``tall`` for tables of long texts.

        ``one_line`` is for rows that cannot grow: a second line of a text would stand half in the next row.
        """
        kind = _write(cell, value, asked)
        emphasis = role if role != "body" else ("bold" if bold else "body")
        right = asked in FIGURES
        wrap = kind == "text" and not one_line
        told = {" right": right, " top": tall, " line": kind == "text" and one_line}
        name = f"Muster {emphasis} {kind}{''.join(word for word, holds in told.items() if holds)}"
        look = _Style(_EMPHASES[emphasis], _NUMBER_FORMATS[kind], right=right, wrap=wrap, middle=not tall)
        self._style(cell, name, look)

    def _style(self, cell: Cell, name: str, style: _Style) -> None:
        quoted = isinstance(cell.value, str) and cell.data_type == "s" and starts_a_formula(cell.value)
        if name in self._known:
            # to look a style up by its name takes openpyxl as long as all else it does for a cell
            cell._style = copy(self._known[name])  # type: ignore[attr-defined]
        else:
            self.workbook.add_named_style(style.named(name))
            cell.style = name
            self._known[name] = copy(cell._style)  # type: ignore[attr-defined]
        if quoted:
            cell.quotePrefix = True


@dataclass(frozen=True, slots=True)
class _Emphasis:
    font: Font
    fill: PatternFill | None = None
    top: Side | None = None
    bottom: Side | None = None


@dataclass(frozen=True, slots=True)
class _Style:
    emphasis: _Emphasis
    number_format: str = "@"
    right: bool = False
    wrap: bool = True
    middle: bool = False
    indent: int = 1

    def named(self, name: str) -> NamedStyle:
        style = NamedStyle(name=name, font=self.emphasis.font, number_format=self.number_format)
        if self.emphasis.fill:
            style.fill = self.emphasis.fill
        style.border = Border(top=self.emphasis.top, bottom=self.emphasis.bottom)
        style.alignment = Alignment(
            horizontal="right" if self.right else "left",
            vertical="center" if self.middle else "top",
            wrap_text=self.wrap,
            indent=self.indent,
        )
        return style


def plain_text(text: str) -> str:
    """The text as a workbook can hold it: what XML forbids replaced, line ends unified, at most 32,767 long."""
    unified = _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(unified) > LONGEST_TEXT:
        unified = unified[: LONGEST_TEXT - 1] + "…"
    return unified


def _write(cell: Cell, value: Value, asked: Format) -> Kind:
    if value is None or value == "":
        return "printed" if asked == "printed" else "number" if asked in FIGURES else "text"
    if isinstance(value, int | Decimal):
        return _write_number(cell, Decimal(value), asked)
    if isinstance(value, date):
        cell.value = value
        return "date"
    _write_text(cell, value)
    return "code" if asked == "code" else "text"


def escaped_text(text: str) -> str:
    """The text as a workbook can hold it, and reads it back: Excel takes ``_x0041_`` inside a text for the letter A."""
    return _LOOKS_ESCAPED.sub("_x005F_", plain_text(text))


def starts_a_formula(text: str) -> bool:
    """Whether a text begins as a formula does when a person types it."""
    return text[:1] in {"=", "+", "-", "@"}


def number_digits(number: Decimal) -> tuple[str, bool]:
    """The digits of a number without an exponent, and whether a spreadsheet's numbers can hold all of them."""
    digits = f"{number.normalize():f}"
    fits = len(digits.strip("-").replace(".", "").lstrip("0")) <= EXACT_DIGITS or _round_enough(number)
    return digits, fits


def _write_text(cell: Cell, text: str) -> None:
    cell.value = escaped_text(text)
    cell.data_type = "s"  # whatever it begins with, it is text and never a formula


def _write_number(cell: Cell, number: Decimal, asked: Format) -> Kind:
    digits, fits = number_digits(number)
    if not fits:
        _write_text(cell, digits)
        return "text"
    cell.value = digits
    cell.data_type = "n"  # the digits as they are: a float on the way would change the last one
    if asked == "printed":
        return "printed"
    if "." in digits or asked == "decimal":
        return "fraction"
    return "number" if asked == "number" else "plain"  # a year or a position among words


def _round_enough(number: Decimal) -> bool:
    return len(number.normalize().as_tuple().digits) <= EXACT_DIGITS


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)


_HAIR = Side("hair", color=LINE)
_THIN = Side("thin", color=ACCENT)
_BODY = Font(name=FACE, size=10, color=INK)
_BOLD = Font(name=FACE, size=10, color=INK, bold=True)
_EMPHASES: dict[str, _Emphasis] = {
    "body": _Emphasis(_BODY, bottom=_HAIR),
    "bold": _Emphasis(_BOLD, bottom=_HAIR),
    "group": _Emphasis(Font(name=FACE, size=10, color=ACCENT, bold=True), _fill(ACCENT_PALE), bottom=_HAIR),
    "subtotal": _Emphasis(_BOLD, bottom=_THIN),
    "total": _Emphasis(_BOLD, _fill(ACCENT_PALE), top=_THIN, bottom=_THIN),
}
_HEADER = _Emphasis(Font(name=FACE, size=10, color="FFFFFF", bold=True), _fill(ACCENT))
_LOOKS: dict[Look, _Style] = {
    "title": _Style(_Emphasis(Font(name=FACE, size=16, color=ACCENT, bold=True)), wrap=False, middle=True, indent=0),
    "subtitle": _Style(_Emphasis(Font(name=FACE, size=10, color=GREY)), wrap=False, indent=0),
    "caption": _Style(_Emphasis(Font(name=FACE, size=11, color=ACCENT, bold=True)), wrap=False, indent=0),
    "header": _Style(_HEADER, middle=True),
    "header_number": _Style(_HEADER, right=True, middle=True),
    "note": _Style(_Emphasis(Font(name=FACE, size=9, color=GREY)), indent=0),
    "alert": _Style(_Emphasis(Font(name=FACE, size=10, color=ALERT, bold=True), _fill(ALERT_PALE)), middle=True),
}
