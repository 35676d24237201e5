"""One sheet, row by row: plain pieces by patterns, others by the parser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from muster_ingest.workbooks.reading.frames import BATCH_CHARACTERS, BATCH_ROWS, SheetEnds
from muster_ingest.workbooks.reading.guard import too_many_cells, too_many_rows
from muster_ingest.workbooks.reading.lanes import Lanes
from muster_ingest.workbooks.reading.limits import DEEPEST_ROW, Limits
from muster_ingest.workbooks.reading.plain_rows import NotPlain, PlainRows, Progress, Row
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, Refused
from muster_ingest.workbooks.reading.strict_rows import SHEET_DATA, StrictRows
from muster_ingest.workbooks.reading.typed import CellTypes
from muster_ingest.workbooks.reading.xml_events import MAIN, Events


@dataclass
class Spent:
    """What the sheets read so far have cost of the limits that hold for all of them."""

    characters_left: int
    cells: int = 0


class SheetRows:
    """Reads one sheet; ``plainly=False`` keeps to the strict lane.

    Raises:
        Refused: from ``rows``; the sheet is damaged or over a limit.
    """

    def __init__(
        self, name: str, part: str, types: CellTypes, limits: Limits, spent: Spent, *, plainly: bool = True
    ) -> None:
        self._name, self._types, self._limits, self._spent = name, types, limits, spent
        self._progress = Progress()
        self._strict = StrictRows(name, types, limits, self._progress)
        self._events = Events(part, MAIN, limits, self._strict.start, self._strict.end)
        self._strict.hear = self._events.listen
        self._plain = PlainRows(types, limits)
        self._lanes = Lanes(self._events, b"<row ", b"</row>", self._take_plain if plainly else None)
        self._held = 0
        self.plain_pieces = 0

    def rows(self, pieces: Iterable[bytes]) -> Iterator[list[Row]]:
        """The rows that hold anything, some at a time: number, then typed cells from column A on."""
        for piece in pieces:
            self._lanes.feed(piece)
            yield from self._gathered()
        self._lanes.close()
        yield from self._gathered()

    def ends(self) -> SheetEnds:
        """What is known behind the last row."""
        strict = self._strict
        return SheetEnds(
            merged=tuple(strict.merged),
            hidden_rows=self._progress.hidden_rows,
            hidden_columns=strict.hidden_columns,
            date_1904=self._types.date_1904,
        )

    def _take_plain(self, piece: bytes) -> bool:
        if self._strict.path() != SHEET_DATA:
            return False
        prefixes = frozenset({"x14ac"} if self._events.bound("x14ac") else ())
        try:
            rows, after = self._plain.read(piece.decode("utf-8"), self._progress, prefixes=prefixes)
        except NotPlain:
            return False
        if after.row > DEEPEST_ROW:
            return False
        vars(self._progress).update(vars(after))
        self._strict.rows += rows
        self.plain_pieces += 1
        return True

    def _gathered(self) -> Iterator[list[Row]]:
        rows, self._strict.rows = self._strict.rows, []
        self._held += len(rows)
        if self._held > self._limits.rows:
            raise too_many_rows(self._limits.rows, self._name)
        if self._spent.cells + self._progress.cells > self._limits.cells:
            raise too_many_cells(self._limits, self._name)
        if rows:
            yield rows

    def close(self) -> None:
        """The sheet is read: its cells count against those of the workbook."""
        self._spent.cells += self._progress.cells


def batched(rows: Iterable[Row], spent: Spent) -> Iterator[list[Row]]:
    """The rows in batches of bounded size.

    Raises:
        Refused: all cells together hold more text than one file may.
    """
    held: list[Row] = []
    size = 0
    for row in rows:
        length = sum(map(len, row[1:]))  # type: ignore[arg-type]  # all but the number are texts
        size += length
        spent.characters_left -= length
        if spent.characters_left < 0:
            message = "the cells of this file hold too much text for its size: split it into several"
            raise Refused(OVER_LIMIT, "expands_too_much", message)
        held.append(row)
        if len(held) >= BATCH_ROWS or size > BATCH_CHARACTERS:
            yield held
            held, size = [], 0
    if held:
        yield held
