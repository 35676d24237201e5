"""What a stored number means by its number format: a number, a percentage, a date, a month, a year, a time.

Built-in formats after ECMA-376 part 1, 18.8.30; custom codes after 18.8.31. Only the first section of a code counts:
it is the one for positive numbers, and dates are.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

NUMBER, PERCENT, DATE, MONTH, YEAR, TIME = "n", "%", "D", "M", "Y", "T"

_BUILT_IN = {
    **dict.fromkeys((9, 10), PERCENT),
    **dict.fromkeys((14, 15, 16, 22), DATE),
    17: MONTH,
    **dict.fromkeys((18, 19, 20, 21), TIME),
    **dict.fromkeys((27, 28, 29, 30, 31, 34, 35, 36), DATE),  # East Asian dates
    **dict.fromkeys((32, 33), TIME),  # East Asian times
    **dict.fromkeys((45, 46, 47), TIME),
    **dict.fromkeys(range(50, 59), DATE),  # East Asian dates
}
_TOKENS = re.compile(
    r'"[^"]*"?'  # quoted text
    r"|\\.|_.|\*."  # an escaped character, a blank as wide as one, a fill character
    r"|\[(?:h+|m+|s+)\]"  # elapsed time
    r"|\[[^\]]*\]?"  # a colour, a condition, a locale
    r"|general|am/pm|a/p|e[+-]"
    r"|y+|m+|d+|h+|s+|g+|b+|e+"
    r"|;|.",
    re.I | re.S,
)
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*\Z")
_LONGEST_NUMBER = 400
_LARGEST = 1.7976931348623157e308
_DAY_MS = 86_400_000
_EPOCH_1900 = date(1899, 12, 30)  # serial 61 is 1 March 1900; before it Excel counts a 29 February that never was
_EPOCH_1904 = date(1904, 1, 1)
_PHANTOM = 60
_LAST_1900 = (date(9999, 12, 31) - _EPOCH_1900).days
_LAST_1904 = (date(9999, 12, 31) - _EPOCH_1904).days
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d{1,9})?)?Z?\Z", re.ASCII)


def meaning(number_format: int, code: str | None) -> str:
    """The type of a number with this format id and custom code (None: a built-in format)."""
    return _BUILT_IN.get(number_format, NUMBER) if code is None else meaning_of_code(code)


@lru_cache(maxsize=4_096)
def meaning_of_code(code: str) -> str:
    """The type of a number with this custom format code."""
    tokens = _first_section(code)
    if any(token.startswith("[") for token in tokens):
        return TIME
    letters = {token[0] for token in tokens}
    clock = bool(letters & {"h", "s"}) or bool({"am/pm", "a/p"} & set(tokens))
    months = "m" in letters and (not clock or _has_month(tokens))
    if "d" in letters:
        return DATE
    if months:
        return DATE if clock else MONTH
    if letters & {"y", "e", "g", "b"}:
        return DATE if clock else YEAR
    if clock:
        return TIME
    return PERCENT if "%" in letters else NUMBER


def _first_section(code: str) -> list[str]:
    """The tokens that decide, in lower case: letters of dates and times, elapsed times, percent signs."""
    kept: list[str] = []
    for match in _TOKENS.finditer(code):
        mark = match[0].lower()
        if mark == ";":
            break
        elapsed = mark.startswith("[") and mark.strip("[hms]") == "" and len(mark) > 2
        named = mark in {"am/pm", "a/p", "%"} or (mark[0] in "ymdhsgbe" and set(mark) == {mark[0]})
        if elapsed or (named and mark[0] not in '"\\'):
            kept.append(mark)
    return kept


def _has_month(tokens: list[str]) -> bool:
    """Whether an m among hours and seconds is a month: it is minutes behind an h or before an s."""
    shown = [token for token in tokens if token[0] in "ymdhs"]
    for at, token in enumerate(shown):
        before = shown[at - 1][0] if at else ""
        after = shown[at + 1][0] if at + 1 < len(shown) else ""
        if token[0] == "m" and before != "h" and after != "s":
            return True
    return False


def typed_number(kind: str, text: str, *, date_1904: bool) -> str:
    """A typed cell from a stored number: ``n12.5``, ``%0.6``, ``D2016-11-30``, or ``x`` and the text as stored."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.match(text) or abs(value := float(text)) > _LARGEST:
        return "x" + text
    if kind in (NUMBER, PERCENT, TIME):
        return kind + text.strip()
    moment = moment_of(value, date_1904=date_1904)
    return "x" + text if moment is None else kind + moment


def moment_of(serial: float, *, date_1904: bool) -> str | None:
    """The ISO date or date-time of a serial number; None where there is none (18.17.4.1)."""
    first, last = (0, _LAST_1904) if date_1904 else (1, _LAST_1900)
    if not first <= serial < last + 1:
        return None
    days, milliseconds = divmod(round(serial * _DAY_MS), _DAY_MS)
    if days > last or (days == _PHANTOM and not date_1904):
        return None
    epoch = _EPOCH_1904 if date_1904 else _EPOCH_1900
    day = epoch + timedelta(days=days + (1 if not date_1904 and days < _PHANTOM else 0))
    return day.isoformat() + _clock(milliseconds)


def _clock(milliseconds: int) -> str:
    if not milliseconds:
        return ""
    seconds, rest = divmod(milliseconds, 1_000)
    text = f"T{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}" if rest else text


def typed_iso(text: str) -> str:
    """A typed cell from a date stored as ISO text (t="d")."""
    match = _ISO.match(text.strip())
    try:
        day = date.fromisoformat(match[1]) if match else None
    except ValueError:
        day = None
    if match is None or day is None or not _is_clock(match[2]):
        return "x" + text
    clock = match[2]
    return f"D{day.isoformat()}" + (f"T{clock}" if clock and clock != "00:00:00" else "")


def _is_clock(text: str | None) -> bool:
    return text is None or (text[:2] < "24" and text[3:5] < "60" and text[6:] < "60")
