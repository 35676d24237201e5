"""From a typed cell, as the reader hands it over, to a value of a field: understood as Excel means it, or refused
with the reason; nothing is guessed.

A typed cell is text whose first character is the type: ``s`` text, ``n`` number as stored, ``%`` number with a
percent format, ``D`` date or date and time, ``M`` date shown without its day, ``Y`` date shown as a year, ``T`` time
or duration, ``b1``/``b0``, ``e#N/A`` error, ``f`` formula without a stored value, ``x`` not what it says; blank is "".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from functools import cache
from typing import Any

from marshmallow import ValidationError

from muster_ingest.kinds.dates import Day, Moment, Month, PartialDay
from muster_ingest.kinds.numbers import Number, Percent, Whole
from muster_ingest.kinds.refusals import refused
from muster_ingest.kinds.values import Choice, Value

_AS_EXCEL = Context(prec=15)  # the digits Excel keeps; stored text has up to 17, of which the last are noise
_MOST_DIGITS = 15
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009"), " ")
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
_GROUPED = re.compile(r"([+-]?\d{1,3})((?:([ '\u2019.,])\d{3})(?:\3\d{3})*)(?:([.,])(\d+))?")
_COMMA = re.compile(r"([+-]?\d+),(\d{1,2}|\d{4,})")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_PERCENT = Decimal(100)
Convert = Callable[[str], Any]


def shown_cell(typed: str) -> str | None:
    """A cell as its author sees it, at most 200 characters; None for a blank one."""
    if not typed:
        return None
    letter, content = typed[0], typed[1:]
    if letter == "b":
        return "TRUE" if content == "1" else "FALSE"
    if letter == "%":
        return f"{_plain(_number(content) * _PERCENT)}%"
    return (_plain(_number(content)) if letter == "n" else storable(content))[:200]


def storable(text: str) -> str:
    """Text without what neither JSON nor a database holds: NUL and halves of pairs become U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def converter_for(field: Value, *, typed_numbers: bool = True) -> Convert:
    """How a cell becomes what this field takes in; raises marshmallow's ``ValidationError`` for what it cannot be.

    ``typed_numbers``: the file can tell numbers from text, as a workbook can and CSV cannot; where it cannot,
    ``1.250`` is one and a quarter.
    """
    if isinstance(field, Whole | Number):
        return _for_numbers(field, typed_numbers=typed_numbers)
    if isinstance(field, Day | Month | PartialDay | Moment):
        return _DATES[type(field)]
    return _for_text(field.choices if isinstance(field, Choice) else None)


def _unusable(typed: str) -> ValidationError:
    letter, content = typed[0], typed[1:]
    if letter == "e":
        return refused("error_cell", f"{content} is an error of the formula: mend it, or write the value itself")
    if letter == "f":
        message = f"the formula {content[:60]} has no stored value: open the file in Excel, let it calculate, save it"
        return refused("formula_without_value", message)
    return refused(
        "unreadable_cell",
        f"'{content[:60]}' is not what the cell's format says (such as a date): write the value again",
    )


def _for_text(choices: Mapping[str, str] | None) -> Convert:
    named = _by_any_name(tuple(choices.items())) if choices else {}

    def convert(typed: str) -> str:
        text = typed[1:] if typed[0] == "s" else _text(typed)
        if storable(text) != text:
            raise refused(
                "bad_character", "holds a character that text cannot carry (NUL or half a pair): leave it out"
            )
        return named.get(text.strip().casefold(), text) if named else text

    return convert


@cache
def _by_any_name(choices: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Code by itself, by its name and by ``Name (CODE)``, in any case; a name of two codes names none."""
    found: dict[str, str] = {}
    for code, name in choices:
        for label in {name.casefold(), f"{name} ({code})".casefold()} - {""}:
            found[label] = "" if label in found else code
    found = {label: code for label, code in found.items() if code}
    return found | {code.casefold(): code for code, _ in choices}


def _text(typed: str) -> str:
    """What is no text but may stand for one."""
    letter, content = typed[0], typed[1:]
    if letter == "n":
        return _digits(content)
    if letter == "%":
        raise refused("number_for_text", f"{shown_cell(typed)} is a number here: {_AS_TEXT}")
    if letter in "DMYT":
        raise refused("date_for_text", f"Excel has made this a date or time ({content}): {_AS_TEXT}")
    if letter == "b":
        raise refused("wrong_type", f"{shown_cell(typed)} is not text: {_AS_TEXT}")
    raise _unusable(typed)


_AS_TEXT = "format the cell as text and write it again"


def _digits(content: str) -> str:
    number = _number(content)
    if abs(number) >= Decimal(10) ** _MOST_DIGITS:
        raise refused("digits_lost", f"Excel keeps {_MOST_DIGITS} digits of a number, this one has more: {_AS_TEXT}")
    if number != int(number):
        message = f"{_plain(number)} is stored as a number, which loses zeros at its end (1.10 becomes 1.1): {_AS_TEXT}"
        raise refused("number_for_text", message)
    return _plain(number)


def _for_numbers(field: Whole | Number, *, typed_numbers: bool) -> Convert:
    percent = isinstance(field, Percent)

    def convert(typed: str) -> Decimal:
        letter, content = typed[0], typed[1:]
        if letter == "n":
            return _number(content)
        if letter == "s":
            return _number_in_text(content, percent=percent, typed_numbers=typed_numbers)
        if letter == "%":
            return _percentage(typed, percent=percent)
        if letter in "DMYT":
            message = f"Excel holds a date or time here ({content}): format the cell as a number and write it again"
            raise refused("date_for_number", message)
        if letter == "b":
            raise refused("wrong_type", f"{shown_cell(typed)} is not a number: write it like 1250.50")
        raise _unusable(typed)

    return convert


def _number(content: str) -> Decimal:
    """A stored number with the 15 digits that Excel means."""
    return _AS_EXCEL.create_decimal(content) if len(content) > _MOST_DIGITS else Decimal(content)


def _plain(number: Decimal) -> str:
    return format(number.normalize() + 0, "f") if abs(number.adjusted()) < 40 else str(number)


def _percentage(typed: str, *, percent: bool) -> Decimal:
    if percent:
        return _number(typed[1:]) * _PERCENT
    shown = shown_cell(typed)
    message = f"{shown} is {_plain(_number(typed[1:]))} to Excel: format the cell as a number and write what is meant"
    raise refused("percent_for_number", message)


def _number_in_text(text: str, *, percent: bool, typed_numbers: bool) -> Decimal:
    """A number written as text, with or without separators of thousands; refused where it could be two numbers."""
    written = text.translate(_SPACES).strip()
    if percent and written.endswith("%"):
        written = written[:-1].rstrip()
    if _PLAIN.fullmatch(written) and not (typed_numbers and _AMBIGUOUS.fullmatch(written)):
        return Decimal(written)
    if _AMBIGUOUS.fullmatch(written):
        raise refused("ambiguous_number", f"'{text[:60]}' is text and {_either(written)}: write it as a number")
    if match := _COMMA.fullmatch(written):
        return Decimal(f"{match[1]}.{match[2]}")
    if (match := _GROUPED.fullmatch(written)) and match[3] != match[4]:
        whole = re.sub(r"\D", "", match[2])
        return Decimal(f"{match[1]}{whole}.{match[5] or 0}")
    raise refused("wrong_type", f"'{text[:60]}' is not a number: write digits only, like 1250.50")


def _either(written: str) -> str:
    separated = re.sub(r"[.,]", "", written)
    return f"could be {separated} or {written.replace(',', '.')}"


def _no_date(typed: str, code: str, example: str) -> ValidationError:
    if typed[0] in "efx":
        return _unusable(typed)
    return refused(code, f"'{shown_cell(typed)}' is not a date: write it like {example}, in a cell formatted as a date")


def _day(typed: str) -> str:
    letter, content = typed[0], typed[1:]
    if letter == "s":
        return content.translate(_SPACES)
    if letter in "DMY":
        if len(content) > 10:
            raise refused("not_a_date", f"{content} has a time of day: write the date alone, like {content[:10]}")
        return content
    raise _no_date(typed, "not_a_date", "2016-11-30")


def _month(typed: str) -> str:
    if typed[0] in "DM" and typed[9:] == "01":
        return typed[1:8]  # Excel makes the first of the month of "2016-11"
    if typed[0] in "DMY":
        message = f"{typed[1:]} is a day, not a month: write the month as text, like {typed[1:8]}"
        raise refused("not_a_month", message)
    if typed[0] == "s":
        return typed[1:].translate(_SPACES)
    raise _no_date(typed, "not_a_month", "2016-11")


def _partial_day(typed: str) -> str:
    letter, content = typed[0], typed[1:]
    if letter in "MY" and len(content) == 10:
        return content[: 7 if letter == "M" else 4]
    if letter == "n" and re.fullmatch(r"(19|20)\d\d", content):
        return content
    return _day(typed)


def _moment(typed: str) -> str:
    if typed[0] == "s":
        return typed[1:].translate(_SPACES).strip()
    if typed[0] in "DMY":
        message = f"{typed[1:]} says no time zone: write it as text, like {typed[1:11]}T08:00:00Z"
        raise refused("not_a_time", message)
    raise _no_date(typed, "not_a_time", "2016-11-30T08:00:00Z")


_DATES: Mapping[type[Value], Convert] = {Day: _day, Month: _month, PartialDay: _partial_day, Moment: _moment}
