"""Cells of a sheet's XML, restyled row by row without reading the rest."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from muster_ingest.workbooks.marking.xml import attribute_pattern, with_attribute

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_R = attribute_pattern("r")
_S = attribute_pattern("s")
_CUSTOM = attribute_pattern("customFormat")
_SPANS = attribute_pattern("spans")
_ANY = re.compile(rb"\s([\w:.-]+)\s*=")


def position_of(cell: str) -> tuple[int, int] | None:
    """Row and column of "D14", counted from 1; None where there is no such cell."""
    match = _REFERENCE.fullmatch(cell.strip())
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    return (row, column) if row <= LAST_ROW and column <= LAST_COLUMN else None


def cell_at(row: int, column: int) -> str:
    """The name of a cell: (14, 4) is "D14"."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


@dataclass(frozen=True)
class ColumnStyles:
    """Which style a column gives to the cells it does not have yet: (first, last, style)."""

    spans: list[tuple[int, int, int]] = field(default_factory=list)

    def of(self, column: int) -> int:
        """The style of this column."""
        return next((style for first, last, style in self.spans if first <= column <= last), 0)


@dataclass(frozen=True)
class Restyling:
    """What is to happen to a sheet's cells.

    `wrong`: the columns to mark by row. `with_mark`: the style of a cell (row, column, its style) with our fill.
    `marked`: the styles that had the fill before. `original`: what a cell (row, column; 0 for a whole row) in such a
    style had before that.
    """

    wrong: Mapping[int, set[int]]
    with_mark: Callable[[int, int, int], int]
    marked: frozenset[int]
    original: Callable[[int, int, int], int]


class RowPatch:
    """Restyles blocks of whole rows, given from the top down."""

    def __init__(self, prefix: str, columns: ColumnStyles, change: Restyling) -> None:
        self._change, self._columns = change, columns
        self._p = p = prefix.encode()
        self._row = re.compile(rb"<" + p + rb"row(?=[\s/>])([^>]*)>")
        self._row_close = b"</" + p + b"row"
        self._cell = re.compile(rb"<" + p + rb"c(?=[\s/>])([^>]*)>")
        self._cell_close = re.compile(rb"</" + p + rb"c\s*>")
        numbers = b"|".join(str(style).encode() for style in sorted(change.marked))
        self._marked = re.compile(rb"\ss\s*=\s*[\"'](?:" + numbers + rb")[\"']") if change.marked else None
        self._waiting = sorted(change.wrong)
        self._next = self._last = 0

    def block(self, rows: bytes) -> bytes:
        """These rows with their cells restyled, and the missing rows between them."""
        if not self._concerns(rows):
            return rows
        return b"".join(self._pieces(rows))

    def rest(self) -> bytes:
        """The rows to mark that lie below the last row there is."""
        return self._missing(LAST_ROW + 1)

    def _concerns(self, rows: bytes) -> bool:
        """Whether a row of the block is to change; if not, its last row is remembered as the last one seen."""
        if self._marked is not None and self._marked.search(rows):
            return True
        start = rows.rfind(b"<" + self._p + b"row")
        match = self._row.match(rows, start) if start >= 0 else None
        number = _number(_R, match[1]) if match else None
        if number is None:
            return True
        if self._next < len(self._waiting) and self._waiting[self._next] <= number:
            return True
        self._last = number
        return False

    def _pieces(self, rows: bytes) -> Iterator[bytes]:
        position = 0
        for match in self._row.finditer(rows):
            number = _number(_R, match[1])
            self._last = self._last + 1 if number is None else number
            end = self._end_of(rows, match)
            missing = self._missing(self._last)
            wrong = self._change.wrong.get(self._last)
            if missing:
                yield rows[position : match.start()] + missing
                position = match.start()
            if wrong or (self._marked and self._marked.search(rows, match.start(), end)):
                yield rows[position : match.start()]
                yield self._restyled(rows, match, end, wrong or set())
                position = end
            self._next = max(self._next, bisect_right(self._waiting, self._last))
        yield rows[position:]

    def _end_of(self, rows: bytes, match: re.Match[bytes]) -> int:
        if match[1].endswith(b"/"):
            return match.end()
        return rows.index(b">", rows.index(self._row_close, match.end())) + 1

    def _missing(self, before: int) -> bytes:
        """New rows for the waiting ones above row `before`."""
        upto = bisect_left(self._waiting, before, lo=self._next)
        rows, self._next = self._waiting[self._next : upto], upto
        return b"".join(self._new_row(row) for row in rows)

    def _new_row(self, row: int) -> bytes:
        cells = b"".join(self._new_cell(row, column) for column in sorted(self._change.wrong[row]))
        return b'<%brow r="%d">%b</%brow>' % (self._p, row, cells, self._p)

    def _new_cell(self, row: int, column: int) -> bytes:
        style = self._change.with_mark(row, column, self._columns.of(column))
        return b'<%bc r="%b" s="%d"/>' % (self._p, cell_at(row, column).encode(), style)

    def _restyled(self, rows: bytes, match: re.Match[bytes], end: int, wrong: set[int]) -> bytes:
        empty = end == match.end()
        told, default = self._row_told(match[1].rstrip(b"/") if empty else match[1])
        content = b"" if empty else rows[match.end() : rows.rindex(b"<", match.end(), end)]
        cells, beyond = self._split(content)
        if not wrong <= cells.keys():
            told = _SPANS.sub(b"", told)  # a cell outside the promised span would break the promise
        for column in sorted(wrong | cells.keys()):
            cells[column] = self._cell_now(cells.get(column), column, default, wrong=column in wrong)
        inner = b"".join(cells[column] for column in sorted(cells)) + beyond
        if inner:
            return b"<%brow%b>%b</%brow>" % (self._p, told, inner, self._p)
        bare = set(_ANY.findall(told)) <= {b"r", b"spans"}
        return b"" if bare and not empty else b"<%brow%b/>" % (self._p, told)

    def _row_told(self, told: bytes) -> tuple[bytes, int | None]:
        """The row's attributes with its own style restored, and the style it gives to the cells it does not have."""
        style = _number(_S, told)
        if style is not None and style in self._change.marked:
            style = self._change.original(self._last, 0, style)
            told = _S.sub(b' s="%d"' % style, told)
        custom = _CUSTOM.search(told)
        applies = custom is not None and (custom[1] or custom[2]) in (b"1", b"true")
        return told, (style or 0) if applies else None

    def _split(self, content: bytes) -> tuple[dict[int, bytes], bytes]:
        """The row's cells by column, and what stands behind the last of them."""
        cells: dict[int, bytes] = {}
        column = position = 0
        while match := self._cell.search(content, position):
            column = _column(match[1]) or column + 1
            position = match.end()
            if not match[1].endswith(b"/"):
                closing = self._cell_close.search(content, position)
                position = closing.end() if closing else len(content)
            cells[column] = content[match.start() : position]
        return cells, content[position:]

    def _cell_now(self, cell: bytes | None, column: int, default: int | None, *, wrong: bool) -> bytes:
        """The cell without the mark of an earlier run, and with a new one where it is wrong."""
        inherited = self._columns.of(column) if default is None else default
        if cell is None:
            return self._styled(b"<%bc/>" % self._p, column, self._change.with_mark(self._last, column, inherited))
        style = _style_of(cell)
        restored = self._change.original(self._last, column, style) if style in self._change.marked else style
        if wrong:
            return self._styled(cell, column, self._change.with_mark(self._last, column, restored))
        if restored == style:
            return cell
        if restored == inherited and self._holds_nothing(cell):
            return b""
        return self._styled(cell, column, restored)

    def _styled(self, cell: bytes, column: int, style: int) -> bytes:
        named = with_attribute(cell, "s", str(style))
        return with_attribute(named, "r", cell_at(self._last, column))

    def _holds_nothing(self, cell: bytes) -> bool:
        opening = cell[: cell.index(b">") + 1]
        empty = opening.endswith(b"/>") or not self._cell_close.sub(b"", cell[len(opening) :]).strip()
        return empty and set(_ANY.findall(opening)) <= {b"r", b"s"}


def _number(attribute: re.Pattern[bytes], told: bytes) -> int | None:
    match = attribute.search(told)
    return int(match[1] or match[2]) if match else None


def _column(told: bytes) -> int | None:
    match = _R.search(told)
    position = position_of((match[1] or match[2]).decode()) if match else None
    return position[1] if position else None


def _style_of(cell: bytes) -> int:
    return _number(_S, cell[: cell.index(b">")]) or 0
