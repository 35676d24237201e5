"""How the cells of a template hold stored values: in Excel's own types, or as text where those would lose something.

Rows are written as XML here and not by openpyxl, which takes seven times as long; texts stand in their cells
(``inlineStr``), typed as text, so that one that begins with ``=`` is never a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from muster_ingest.workbooks.templates.columns import DATE, TEXT, SheetColumn

LONGEST = 32_767  # characters (UTF-16 code units) of a cell, as Excel counts them
LINE, _HIGHEST = 15, 409  # points: a line, and the highest row there is
_DIGITS = 15  # significant digits that Excel keeps of a number
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DAY_ZERO = date(1899, 12, 30)
_FIRST_SURE_DAY = date(1900, 3, 1)  # Excel counts a 29 February 1900 that never was
_NOT_XML = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")

Fragment = Callable[[Any], str]


@dataclass(frozen=True)
class Styled:
    """A column with the style of its filled cells and its width in characters."""

    column: SheetColumn
    style: int
    width: float


def rows_xml(rows: Iterable[Mapping[str, Any]], columns: Sequence[Styled], first: int) -> Iterator[bytes]:
    """The rows as XML of a sheet, from row ``first`` on, each as high as its texts need."""
    written = [(styled.column.name, styled.column.letters, _fragment(styled)) for styled in columns]
    wordy = [(styled.column.name, int(styled.width)) for styled in columns if styled.column.is_wordy]
    for number, row in enumerate(rows, start=first):
        lines = max((_lines(row[name], width) for name, width in wordy if name in row), default=1)
        height = f' ht="{min(lines * LINE, _HIGHEST)}"' if lines > 1 else ""
        cells = "".join(
            f'<c r="{letters}{number}"{fragment(row[name])}</c>' for name, letters, fragment in written if name in row
        )
        yield f'<row r="{number}"{height}>{cells}</row>'.encode()


def _lines(text: str, width: int) -> int:
    if len(text) <= width and "\n" not in text:
        return 1
    return sum(-(-len(line) // width) or 1 for line in text.split("\n"))


def fits(row: Mapping[str, Any]) -> bool:
    """Whether each text of the row has room in a cell."""
    return all(_units(value) <= LONGEST for value in row.values() if isinstance(value, str))


def _units(text: str) -> int:
    if 2 * len(text) <= LONGEST:
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def _fragment(styled: Styled) -> Fragment:
    """What turns a value into the inside of a cell's tag, from its style on."""
    style, shown = styled.style, styled.column.number_format
    number = f' s="{style}"><v>'

    def as_text(value: Any) -> str:
        text = escape(_NOT_XML.sub(_escaped, str(value)))
        return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'

    def as_number(value: Any) -> str:
        return f"{number}{value}</v>" if _is_exact(str(value)) else as_text(value)

    def as_date(value: Any) -> str:
        serial = _serial(value)
        return as_text(value) if serial is None else f"{number}{serial}</v>"

    return {TEXT: as_text, DATE: as_date}.get(shown, as_number)


def _escaped(found: re.Match[str]) -> str:
    """``_xHHHH_``, as ISO/IEC 29500-1 (22.9.2.19, ST_Xstring) writes what XML cannot hold."""
    return f"_x{ord(found[0]):04X}_"


def _is_exact(text: str) -> bool:
    """Whether Excel keeps every digit of the number."""
    if not _NUMBER.fullmatch(text):
        return False
    return len(text) <= _DIGITS or len(Decimal(text).normalize().as_tuple().digits) <= _DIGITS


def _serial(day: str) -> int | None:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return None
    return (found - _DAY_ZERO).days if found >= _FIRST_SURE_DAY else None
