"""How one value of a book is written: exactly, for programs, and as a language writes it, for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from babel.dates import format_date
from babel.numbers import format_decimal

from muster_report.blocks import FIGURES, Format, Value
from muster_report.xlsx_cells import plain_text

NOTHING_PRINTED = "\N{EN DASH}"  # what a printed overview shows for 0
_MOST_DIGITS = Context(prec=400, rounding=ROUND_HALF_UP)  # a spreadsheet rounds halves away from zero


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as people read it; ``exact`` are its digits where what is shown has lost some of them."""

    text: str
    exact: str = ""


def exact(value: Value) -> str:
    """A value without loss or ornament: plain digits with a point, ISO dates, text as a workbook can hold it."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return _digits(Decimal(value))
    return value.isoformat() if isinstance(value, date) else plain_text(value)


def shown_number(number: int | Decimal, asked: Format, lang: str) -> Shown:
    """A number with the separators of a language, rounded as the workbook shows it: whole, or two decimals."""
    exactly = Decimal(number)
    if asked == "printed" and not exactly:
        return Shown(NOTHING_PRINTED)
    whole = asked == "printed" or (asked != "decimal" and exactly == rounded(exactly, 0))
    places = 0 if whole else 2
    pattern = "0" if asked not in FIGURES and not places else "#,##0.00" if places else "#,##0"
    as_shown = rounded(exactly, places)
    with localcontext(_MOST_DIGITS):
        text = format_decimal(as_shown, format=pattern, locale=lang, decimal_quantization=False)
    return Shown(text, "" if as_shown == exactly else _digits(exactly))


def shown_date(day: date, lang: str) -> str:
    """A day in words: ``3 novembre 2016``."""
    return format_date(day, "d MMMM y" if lang == "en" else "long", locale=lang)


def rounded(number: Decimal, places: int) -> Decimal:
    """A number with that many decimals, halves away from zero."""
    return number.quantize(Decimal(1).scaleb(-places), context=_MOST_DIGITS)


def _digits(number: Decimal) -> str:
    digits = f"{number:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits if number else "0"
