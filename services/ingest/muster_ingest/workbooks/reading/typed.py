"""From what a cell's XML says to its typed cell: one character for the type, then the content.

``s`` text, ``n`` number as stored, ``%`` number shown as a percentage, ``D`` date or date-time (ISO), ``M`` date that
shows no day, ``Y`` date that shows its year only, ``T`` time or duration as stored, ``b1``/``b0``, ``e#N/A`` error,
``f=SUM(A1:A2)`` formula without a stored value, ``x`` a cell that cannot be what it says. Blank is the empty text.
"""

from __future__ import annotations

from muster_ingest.workbooks.reading.formats import typed_iso, typed_number
from muster_ingest.workbooks.reading.strings import SharedStrings, TextTooLong, unescaped

_TRUTH = {"1": "b1", "true": "b1", "0": "b0", "false": "b0"}
_LONGEST_ERROR = 40


class NoSuchFormat(Exception):
    """A cell asks for a cell format that is not there."""


class CellTypes:
    """Types the cells of one workbook (ECMA-376 part 1, 18.3.1.4 and 18.18.11)."""

    def __init__(self, kinds: list[str], strings: SharedStrings, *, date_1904: bool, longest: int) -> None:
        self._kinds, self.strings, self.date_1904, self._longest = kinds, strings, date_1904, longest

    def kind(self, style: str) -> str:
        """The type of a number with this cell format (an index, as the cell states it).

        Raises:
            NoSuchFormat: there is none of this index.
        """
        if not (style.isascii() and style.isdigit() and len(style) < 10) or int(style) >= len(self._kinds):
            raise NoSuchFormat(style)
        return self._kinds[int(style)]

    def cell(self, said: str, kind: str, value: str | None, formula: str | None, inline: str | None) -> str:
        """The typed cell of a cell whose type attribute is ``said``, with the number type of its format.

        Raises:
            NoSuchString: it names a shared string that is not there.
            TextTooLong: its text has more characters than a cell may hold.
        """
        if said == "inlineStr":
            return self.text(inline or "")
        if not value and (said != "str" or value is None):  # an empty text is what a formula may well give
            return "" if formula is None else "f=" + self.text(formula)[1:]
        return self._valued(said, kind, value or "")

    def _valued(self, said: str, kind: str, value: str) -> str:  # noqa: PLR0911 - one for each type of the format
        match said:
            case "n":
                return typed_number(kind, value, date_1904=self.date_1904)
            case "s":
                return self.strings[value.strip()]
            case "str":
                return self.text(value)
            case "b":
                return _TRUTH.get(value.strip()) or "x" + value
            case "e":
                return ("e" if value.startswith("#") and len(value) <= _LONGEST_ERROR else "x") + value
            case "d":
                return typed_iso(value)
        return "x" + value

    def text(self, stored: str) -> str:
        """A text cell, Excel's escapes resolved; blank for the empty text."""
        text = unescaped(stored)
        if len(text) > self._longest:
            raise TextTooLong
        return "s" + text if text else ""


class DatedCells(dict[str, str]):
    """Typed cells of one date type by the number as stored: the same days come again and again."""

    def __init__(self, kind: str, *, date_1904: bool) -> None:
        super().__init__()
        self._kind, self._date_1904 = kind, date_1904

    def __missing__(self, number: str) -> str:
        if len(self) > 10_000:
            self.clear()
        cell = self[number] = typed_number(self._kind, number, date_1904=self._date_1904)
        return cell
