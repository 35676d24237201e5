"""A picture of a sheet that was sent, as far as something is wrong in it: the wrong rows with their neighbours."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from muster_ingest.models import Submission
from muster_ingest.workbooks.cells import shown_cell
from muster_ingest.workbooks.grid import column_and_row, letters
from muster_ingest.workbooks.reading.frames import Frame, Rows, SheetBegins
from muster_ingest.workbooks.reading.readers import Readers, Reading
from muster_ingest.workbooks.reading.refused import Refused
from muster_shared.context import Context

LARGEST: Final = 4 * 1024 * 1024  # bytes of a file that is read once more for its picture
_NEIGHBOURS: Final = 60  # wrong rows of a sheet up to which the rows above and below them are shown
_LONGEST: Final = 60  # characters of a cell in which nothing is wrong
_HEADERS: Final = 1

_log = logging.getLogger(__name__)
Place = tuple[int, int]  # row and column, from 1
Error = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenCell:
    """A cell; ``errors`` are the numbers, from 1, of what is wrong with it."""

    text: str
    errors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row; ``apart`` where rows are left out above it."""

    number: int
    cells: Sequence[SeenCell]
    apart: bool


@dataclass(slots=True)
class SeenSheet:
    """A sheet with wrong cells; ``name`` is None for a CSV file, ``number`` counts from 1."""

    number: int
    name: str | None
    marks: Mapping[Place, tuple[int, ...]]
    wanted: frozenset[int]
    found: dict[int, Sequence[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The letters of the columns, up to the last in which anything stands."""
        return [letters(column) for column in range(1, self._width() + 1)]

    @property
    def rows(self) -> Iterator[SeenRow]:
        """The headers, then every wrong row with its neighbours."""
        before, width = 0, self._width()
        for number in sorted(self.found.keys() | {row for row, _ in self.marks}):
            yield SeenRow(number, [self._cell(number, column) for column in range(1, width + 1)], number > before + 1)
            before = number

    def _width(self) -> int:
        marked = (column for _, column in self.marks)
        return max(marked, default=0) if not self.found else max(*marked, *(len(row) for row in self.found.values()))

    def _cell(self, number: int, column: int) -> SeenCell:
        row, errors = self.found.get(number, ()), self.marks.get((number, column), ())
        text = (shown_cell(row[column - 1]) or "") if column <= len(row) else ""
        return SeenCell(text if errors or len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", errors)


def pictured(context: Context, readers: Readers, row: Submission, errors: Sequence[Error]) -> list[SeenSheet]:
    """The sheets in which these errors are; none where the file has no cells, is too large, or cannot be read again."""
    sheets = list(_marked(errors))
    if not sheets or row.size > LARGEST:
        return []
    try:
        with tempfile.NamedTemporaryFile(prefix="muster-picture-") as file:
            file.write(context.objects.get(row.sha256))
            file.flush()
            with readers.read(Path(file.name), name=row.file_name or "") as reading:
                _fill(sheets, reading)
    except Refused as refused:
        _log.info("no picture of a sheet", extra={"submission": str(row.submission_id), "reason": refused.code})
        return []
    return sheets


def anchors(sheets: Iterable[SeenSheet]) -> Iterator[tuple[int, str]]:
    """The number of each error with the name of its cell on the page: ``(3, "cell-1-D14")``."""
    for sheet in sheets:
        for (row, column), numbers in sheet.marks.items():
            yield from ((number, f"cell-{sheet.number}-{letters(column)}{row}") for number in numbers)


def place_of(error: Error) -> Place | None:
    """Row and column of an error, None where it has none."""
    if error.get("cell"):
        column, row = column_and_row(error["cell"])
        return row, column
    return (error["line"], error["column"]) if error.get("line") and error.get("column") else None


def _marked(errors: Sequence[Error]) -> Iterator[SeenSheet]:
    by_sheet: dict[str | None, dict[Place, tuple[int, ...]]] = {}
    for number, error in enumerate(errors, start=1):
        if place := place_of(error):
            marks = by_sheet.setdefault(error.get("sheet"), {})
            marks[place] = (*marks.get(place, ()), number)
    for number, (name, marks) in enumerate(by_sheet.items(), start=1):
        yield SeenSheet(number, name, marks, _wanted({row for row, _ in marks}))


def _wanted(wrong: set[int]) -> frozenset[int]:
    near = {row + step for row in wrong for step in (-1, 1)} if len(wrong) <= _NEIGHBOURS else set[int]()
    return frozenset({_HEADERS, *wrong, *near})


def _fill(sheets: Sequence[SeenSheet], reading: Reading) -> None:
    by_name = {sheet.name: sheet for sheet in sheets}
    for sheet, rows in _rows(reading.frames(), by_name):
        sheet.found.update((row[0], row[1:]) for row in rows if row[0] in sheet.wanted)


def _rows(frames: Iterable[Frame], by_name: Mapping[str | None, SeenSheet]) -> Iterator[tuple[SeenSheet, Rows]]:
    """The errors of a CSV file name no sheet, unless the file is called like one."""
    sheet = None
    for frame in frames:
        if isinstance(frame, SheetBegins):
            sheet = by_name.get(frame.name) or by_name.get(None)
        elif sheet is not None and isinstance(frame, list):
            yield sheet, frame
