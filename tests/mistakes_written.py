"""How a mistake is written down: which cell is spoiled and how, what the service must say, what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from muster_ingest.workbooks.columns import ACTION, REVISION, columns_of
from muster_ingest.workbooks.grid import letters
from workbook_making import cells_of_record

Make = Callable[..., dict[str, Any]]


class Same:
    """The cell stays as the record has it: the mistake lies in its row."""


SAME = Same()


@dataclass(frozen=True)
class Shown:
    """A value under a number format, or a cell of another type than its value's: ``e`` error, ``f`` formula."""

    value: Any
    number_format: str = "General"
    data_type: str | None = None


@dataclass(frozen=True)
class Slip:
    """A mistake in a cell of a record that is right otherwise.

    Attributes:
        says: a fragment of the message that tells what would be right.
        row: in which row of the record, from 0.
        at: the column the error is pinned to, where it is not the spoiled one.
        record: what the record has otherwise than others of its sheet.
        cells: cells of its first row beyond the record's fields, such as the revision; right as they stand.
        also: further cells that are spoiled with it; corrected with it.
        then: further mistakes of the same record.
        alone: only taking the row out corrects it: an office may not send such a record at all.
    """

    name: str
    column: str
    wrong: Any
    code: str
    says: str
    row: int = 0
    at: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)
    then: Sequence[Slip] = ()
    alone: bool = False


@dataclass(frozen=True)
class Mistake:
    """What is done to a workbook, and the one error it must bring. ``cell`` is None for the workbook as a whole."""

    name: str
    sheet: str | None
    cell: str | None
    code: str
    says: str
    spoil: Callable[[Workbook], None]
    mend: Callable[[Workbook], None]


def write(sheet: Worksheet, cell: str, value: Any) -> None:
    """A value as a person's cell holds it: text stays text, a date looks like one."""
    shown = value if isinstance(value, Shown) else Shown(value, _usual_format(value))
    target = sheet[cell]
    target.value = shown.value
    target.number_format = shown.number_format
    if shown.data_type or isinstance(shown.value, str):
        target.data_type = shown.data_type or "s"


def _usual_format(value: Any) -> str:
    return "yyyy-mm-dd" if isinstance(value, date) else "General"


def writing(sheet: str, cells: Mapping[str, Any]) -> Callable[[Workbook], None]:
    """Writes these cells of a sheet."""

    def do(book: Workbook) -> None:
        for cell, value in cells.items():
            write(book[sheet], cell, value)

    return do


class Sheet:
    """A sheet of records that are right, and the mistakes to be made in it."""

    def __init__(self, name: str, kind: str, make: Make, *, without: Sequence[str] = ()) -> None:
        named = dict.fromkeys((*(column.name for column in columns_of(kind)), ACTION, REVISION))
        self.name, self.kind, self._make = name, kind, make
        self.columns = [column for column in named if column not in without]
        self.rows: list[dict[str, Any]] = []
        self.mistakes: list[Mistake] = []
        self.records = 0

    def right(self, count: int, **changes: Any) -> None:
        """Add this many records in which nothing is wrong."""
        for _ in range(count):
            self._add(changes, {})

    def odd(self, changes: Mapping[str, Any], cells: Mapping[str, Any]) -> None:
        """Add a record in which nothing is wrong, some of its cells written in a way of their own."""
        self._add(changes, cells)

    def wrong(self, slips: Sequence[Slip]) -> None:
        """Add a record for each mistake."""
        for slip in slips:
            first = self._add(slip.record, slip.cells)
            if slip.alone:
                self.records -= 1
            for one in (slip, *slip.then):
                self.mistakes.append(self._mistake(one, first, alone=slip.alone))

    def cell(self, column: str, row: int) -> str:
        """Where a column meets a row."""
        return f"{letters(self.columns.index(column) + 1)}{row}"

    def content(self) -> Iterator[tuple[str, Any]]:
        """Every cell as it is right."""
        for column in self.columns:
            yield self.cell(column, 1), column
        for number, row in enumerate(self.rows, start=2):
            for column, value in row.items():
                if column in self.columns and value is not None:
                    yield self.cell(column, number), value

    def _add(self, changes: Mapping[str, Any], cells: Mapping[str, Any]) -> int:
        first = len(self.rows) + 2
        made = cells_of_record(self._make(first, **changes))
        self.rows += [{**made[0], **cells}, *made[1:]]
        self.records += 1
        return first

    def _mistake(self, slip: Slip, first: int, *, alone: bool) -> Mistake:
        row = first + slip.row
        spoiled = {} if slip.wrong is SAME else {slip.column: slip.wrong}
        wrong = {self.cell(column, row): value for column, value in {**spoiled, **slip.also}.items()}
        right = {cell: self._right(cell) for cell in wrong}
        if alone:
            right = {self.cell(column, first): None for column in self.columns}
        pinned = self.cell(slip.at or slip.column, row)
        acts = writing(self.name, wrong), writing(self.name, right)
        return Mistake(f"{self.kind}: {slip.name}", self.name, pinned, slip.code, slip.says, *acts)

    def _right(self, cell: str) -> Any:
        return dict(self.content()).get(cell)
