"""Any row of a well-formed sheet, element by element: the strict lane, which also says what is wrong and where."""

from __future__ import annotations

import re
from collections.abc import Callable

from muster_ingest.workbooks.reading.columns_by_letters import COLUMNS, NUMBERS
from muster_ingest.workbooks.reading.limits import DEEPEST_COLUMN, DEEPEST_ROW, Limits
from muster_ingest.workbooks.reading.plain_rows import Progress, Row
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, Refused, damaged
from muster_ingest.workbooks.reading.strings import NoSuchString, TextTooLong
from muster_ingest.workbooks.reading.typed import CellTypes, NoSuchFormat

Attributes = dict[str, str]

_SHEET = "/worksheet"
SHEET_DATA = "/worksheet/sheetData"
_ROW = f"{SHEET_DATA}/row"
_CELL = f"{_ROW}/c"
_VALUE, _FORMULA = f"{_CELL}/v", f"{_CELL}/f"
_INLINE = f"{_CELL}/is"
_TEXTS = frozenset({_VALUE, _FORMULA, f"{_INLINE}/t", f"{_INLINE}/r/t"})
_COLUMN = "/worksheet/cols/col"
_MERGED = "/worksheet/mergeCells/mergeCell"
_KNOWN = frozenset(
    {_SHEET, SHEET_DATA, _ROW, _CELL, _INLINE, f"{_INLINE}/r", _COLUMN, _MERGED}
    | {"/worksheet/cols", "/worksheet/mergeCells"}
    | _TEXTS
)
_ELSEWHERE = "?"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?\Z")
_LONGEST_ESCAPE = 7  # _x000D_ is one character


class StrictRows:
    """Listens to one sheet; rows that hold anything gather in ``rows``."""

    def __init__(self, sheet: str, types: CellTypes, limits: Limits, progress: Progress) -> None:
        self._sheet, self._types, self._limits = sheet, types, limits
        self.progress = progress
        self.rows: list[Row] = []
        self.merged: list[str] = []
        self.hidden_columns = 0
        self._path = [""]
        self._cells: list[str] = []
        self._column = 0
        self._attributes: Attributes = {}
        self._texts: dict[str, list[str]] = {}
        self._room = 0
        self.hear: Callable[[Callable[[str], None] | None], None] = lambda _: None
        self._starts: dict[str, Callable[[Attributes], None]] = {
            _ROW: self._begin_row,
            _CELL: self._begin_cell,
            _COLUMN: self._column_width,
            _MERGED: self._merge,
        }

    def path(self) -> str:
        """Where in the sheet the parser stands."""
        return self._path[-1]

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        path = f"{self._path[-1]}/{name}"
        path = path if path in _KNOWN else _ELSEWHERE
        if len(self._path) == 1 and path != _SHEET:
            raise damaged("a sheet is something else than a sheet", sheet=self._sheet)
        self._path.append(path)
        if handle := self._starts.get(path):
            handle(attributes)
        elif path in _TEXTS:
            self._begin_text(path)

    def end(self, _: str) -> None:
        """An element ends."""
        path = self._path.pop()
        if path in _TEXTS:
            self.hear(None)
        elif path == _CELL:
            self._end_cell()
        elif path == _ROW:
            self._end_row()

    def _begin_row(self, attributes: Attributes) -> None:
        text = attributes.get("r")
        number = self.progress.row + 1 if text is None else int(text) if _is_row(text) else 0
        if number <= self.progress.row or number > DEEPEST_ROW:
            after = f"row {text or number} follows row {self.progress.row}"
            raise damaged(f"{after}: rows stand in order, each once", sheet=self._sheet)
        self.progress.row = number
        self.progress.hidden_rows += attributes.get("hidden") in {"1", "true"}
        self._cells, self._column = [], 0

    def _end_row(self) -> None:
        if self._cells:
            self.rows.append([self.progress.row, *self._cells])

    def _begin_cell(self, attributes: Attributes) -> None:
        column = self._column + 1
        if (said := attributes.get("r")) is not None:
            match = _REFERENCE.match(said)
            column = NUMBERS.get(match[1], 0) if match and int(match[2]) == self.progress.row else 0
        if not self._column < column <= DEEPEST_COLUMN:
            raise damaged(
                f"the cell {(said or '?')[:20]!r} in row {self.progress.row} is out of order, stands twice,"
                " or belongs to another row",
                sheet=self._sheet,
                cell=said if said and _REFERENCE.match(said) else None,
            )
        self._column, self._attributes, self._texts = column, attributes, {}
        self._room = _LONGEST_ESCAPE * (self._limits.text_characters + 1)
        self.progress.cells += 1

    def _begin_text(self, path: str) -> None:
        if path in self._texts and path in (_VALUE, _FORMULA):
            raise damaged("a cell has two values", sheet=self._sheet, cell=self._place())
        self._texts.setdefault(path if path in (_VALUE, _FORMULA) else _INLINE, [])
        self.hear(self._hear)

    def _hear(self, text: str) -> None:
        path = self._path[-1]
        if path not in _TEXTS:
            return
        self._room -= len(text)
        if self._room < 0:
            raise self._too_long()
        self._texts[path if path in (_VALUE, _FORMULA) else _INLINE].append(text)

    def _end_cell(self) -> None:
        cell = self._typed()
        if not cell:
            return
        if self._column > self._limits.columns:
            message = f"there are cells beyond column {COLUMNS[self._limits.columns - 1]} ({self._limits.columns})"
            raise Refused(
                OVER_LIMIT, "too_many_columns", f"{message}: delete them", sheet=self._sheet, cell=self._place()
            )
        self._cells += [""] * (self._column - 1 - len(self._cells))
        self._cells.append(cell)

    def _typed(self) -> str:
        attributes = self._attributes
        try:
            kind = self._types.kind(attributes.get("s", "0"))
            value, formula, inline = self._text(_VALUE), self._text(_FORMULA), self._text(_INLINE)
            return self._types.cell(attributes.get("t", "n"), kind, value, formula, inline)
        except NoSuchString as error:
            raise damaged("a cell names a text that is not there", sheet=self._sheet, cell=self._place()) from error
        except NoSuchFormat as error:
            raise damaged("a cell names a format that is not there", sheet=self._sheet, cell=self._place()) from error
        except TextTooLong as error:
            raise self._too_long() from error

    def _text(self, path: str) -> str | None:
        return "".join(self._texts[path]) if path in self._texts else None

    def _too_long(self) -> Refused:
        most = self._limits.text_characters
        message = f"the cell {self._place()} holds a text of more than {most:,} characters: shorten it"
        return Refused(OVER_LIMIT, "text_too_long", message, sheet=self._sheet, cell=self._place())

    def _place(self) -> str:
        return f"{COLUMNS[self._column - 1]}{self.progress.row}"

    def _column_width(self, attributes: Attributes) -> None:
        if attributes.get("hidden") in {"1", "true"}:
            first, last = (attributes.get(name, "") for name in ("min", "max"))
            if not (_is_row(first) and _is_row(last)) or int(last) > DEEPEST_COLUMN:
                raise damaged("it hides columns that are not there", sheet=self._sheet)
            self.hidden_columns += max(0, int(last) - int(first) + 1)

    def _merge(self, attributes: Attributes) -> None:
        said = attributes.get("ref", "")
        match = _RANGE.match(said)
        corners = [(match[1], match[2]), (match[3] or "A", match[4] or "1")] if match else []
        if not corners or any(letters not in NUMBERS or int(row) > DEEPEST_ROW for letters, row in corners):
            raise damaged(f"it merges cells ({said[:40]!r}) that are not there", sheet=self._sheet)
        self.merged.append(said.replace("$", ""))
        if len(self.merged) > self._limits.merged_ranges:
            message = (
                f"the sheet {self._sheet} has more than {self._limits.merged_ranges:,} merged ranges: unmerge them"
            )
            raise Refused(OVER_LIMIT, "too_many_merged_ranges", message, sheet=self._sheet)


def _is_row(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 8 and int(text) > 0
