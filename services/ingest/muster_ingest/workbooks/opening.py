"""From an uploaded workbook or CSV file to the envelope of a submission, with every wrong cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from muster_ingest import remarks
from muster_ingest.drafts import BATCH, HELD, Drafts
from muster_ingest.envelope import Envelope
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Kind
from muster_ingest.workbooks import headers, words
from muster_ingest.workbooks.columns import columns_of
from muster_ingest.workbooks.grid import Grid, InSheet
from muster_ingest.workbooks.marking.annotate import is_errors_sheet_name
from muster_ingest.workbooks.reading.frames import Rows, SheetBegins, SheetEnds
from muster_ingest.workbooks.reading.readers import Reading
from muster_ingest.workbooks.shaping import Shaper
from muster_ingest.workbooks.templates import template
from muster_shared.problems import DataError


@dataclass(slots=True)
class Opening:
    """Reads one file into an envelope.

    Attributes:
        kind: of a CSV file's records; a workbook's sheets name theirs.
        file_name: as the sender calls it; a CSV file may be named for its kind.
        tick: told the share of rows that is read, from 0 to 1.
    """

    envelope: Envelope
    kind: str | None = None
    file_name: str = ""
    tick: Callable[[float], None] = lambda _done: None
    grids: list[Grid] = field(default_factory=list)
    _shaper: Shaper | None = None
    _begins: SheetBegins | None = None
    _first: Rows = field(default_factory=list)
    _rows_read: int = 0

    def read(self, reading: Reading) -> Envelope:
        """Every record and every wrong cell of the file.

        Raises:
            Refused: the file turns out to be damaged, or over a limit.
        """
        self.envelope.drafts = Drafts(self._unpack, held=HELD if reading.opened.rows <= HELD else BATCH)
        self._check_mark(reading)
        for frame in reading.frames():
            if isinstance(frame, SheetBegins):
                self._begin(frame, csv=reading.opened.form == "csv")
            elif isinstance(frame, SheetEnds):
                self._end(frame)
            else:
                self._feed(frame)
                self._rows_read += len(frame)
                self.tick(min(1.0, self._rows_read / max(1, reading.opened.rows)))
        self.envelope.count = len(self.envelope.drafts)
        self._check_any(reading)
        return self.envelope

    def sheets(self) -> list[dict[str, Any]]:
        """What a submission remembers of its sheets, so that each field leads back to its cell."""
        return [{"index": grid.index, "name": grid.sheet, "at": dict(grid.at)} for grid in self.grids]

    def _unpack(self, packed: list[Any]) -> InSheet:
        index, rows, raw, entry_rows = packed
        grid = next(grid for grid in self.grids if grid.index == index)
        return InSheet(grid, tuple(rows), raw, entry_rows)

    def _check_mark(self, reading: Reading) -> None:
        mark = template.read_mark(reading.opened.properties)
        if mark is None:
            return
        if mark.version != template.VERSION:
            message = (
                f"this template is of version {mark.version}, version {template.VERSION} is current: "
                f"get the current one and copy your rows into it"
            )
            self.envelope.report(DataError("old_template", message, value=mark.version))
        if self.envelope.office and mark.office != self.envelope.office:
            message = f"this template was made for office {mark.office}, you submit it for {self.envelope.office}"
            self.envelope.report(DataError("other_office", message, "office", value=mark.office))

    def _begin(self, begins: SheetBegins, *, csv: bool) -> None:
        self._begins, self._first, self._shaper = None, [], None
        if csv or self._kind_of(begins.name):
            self._begins = begins
            return
        folded = words.as_compared(begins.name)
        if folded in words.own_sheets() or is_errors_sheet_name(begins.name):
            return
        near = get_close_matches(folded, words.kinds_by_title(), n=1, cutoff=0.8)
        if near:
            kind = words.kinds_by_title()[near[0]]
            message = f"'{begins.name}' is not a sheet of records: did you mean {kind}?"
            self.envelope.report(DataError("unknown_sheet", message, sheet=begins.name, cell="A1"))
        else:
            self.envelope.remarks.append(remarks.UNREAD_SHEET.format(sheet=begins.name))

    def _kind_of(self, sheet: str) -> str | None:
        return words.kinds_by_title().get(words.as_compared(sheet))

    def _feed(self, rows: Rows) -> None:
        if self._begins is None:
            return
        if self._shaper is None:
            self._first += rows
            if len(self._first) >= headers.LOOKED_AT:
                self._shape()
            return
        self._shaper.feed(rows)

    def _shape(self) -> None:
        """The columns are found in the first rows, which are then records too, as far as they are."""
        if self._begins is None:
            return
        rows, self._first = self._first, []
        kind, sheet = self._named_kind(rows)
        if kind is None:
            self._begins = None
            return
        found = headers.find(kind, self._begins.index, sheet, rows[: headers.LOOKED_AT])
        for error in found.errors:
            self.envelope.report(error)
        if not found.grid.at:
            self._begins = None
            return
        self.grids.append(found.grid)
        drafts, report = self.envelope.drafts, self.envelope.report
        self._shaper = Shaper(found.grid, drafts, report, named_columns=frozenset(found.named_columns))
        self._shaper.feed(rows)

    def _named_kind(self, rows: Rows) -> tuple[Kind | None, str | None]:
        """A sheet is named for its kind; a CSV file says it in its name or its headers, or is told."""
        name = self._begins.name if self._begins else ""
        if kind := self._kind_of(name):
            return KINDS[kind], name
        told = self.kind or _named_in(self.file_name) or _guessed(rows[:1])
        if told in KINDS:
            return KINDS[str(told)], None
        message = f"it is not told which kind of record this is: give kind=..., one of {', '.join(KINDS)}"
        self.envelope.report(DataError("unknown_kind", message, "kind", line=1, column=1))
        return None, None

    def _end(self, ends: SheetEnds) -> None:
        if self._begins is None:
            return
        if self._shaper is None and self._first:
            self._shape()
        if self._shaper is not None:
            self._shaper.end(ends.merged)
        self._tell_hidden(ends)
        self._begins = self._shaper = None

    def _tell_hidden(self, ends: SheetEnds) -> None:
        if self._begins is not None and self._begins.state != "visible":
            self.envelope.remarks.append(remarks.HIDDEN_SHEET.format(sheet=self._begins.name))
        if self._begins is not None and ends.hidden_rows > 1:  # the row of field names is hidden in our templates
            message = remarks.HIDDEN_ROWS.format(count=ends.hidden_rows, sheet=self._begins.name)
            self.envelope.remarks.append(message)

    def _check_any(self, reading: Reading) -> None:
        if self.envelope.count or self.envelope.found:
            return
        if self.grids:
            message = "no record is in it: write one record in each row below the headers"
        else:
            names = ", ".join(KINDS)
            message = f"no sheet is named for a kind of record: name it for what it holds, one of {names}"
        sheet = None if reading.opened.form == "csv" else next((name for name, _ in reading.opened.sheets), None)
        self.envelope.report(DataError("no_records", message, sheet=sheet))


def _named_in(file_name: str) -> str | None:
    """The kind a file is named for: ``funding_requirements_2016.csv``."""
    stem = PurePath(file_name).stem.casefold().replace("-", "_")
    named = sorted((kind for kind in KINDS if stem.startswith(kind)), key=len)
    plurals = sorted((kind for kind in KINDS if kind.endswith("y") and stem.startswith(f"{kind[:-1]}ies")), key=len)
    return next(iter([*reversed(named), *reversed(plurals)]), None)


def _guessed(rows: Rows) -> str | None:
    """The one kind whose required columns are all among the headers, each of which it knows."""
    texts = {words.as_compared(str(cell)[1:]) for row in rows for cell in row[1:] if cell}
    fitting = [kind for kind in KINDS if _fits(kind, texts)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(kind: str, texts: set[str]) -> bool:
    known = headers.known_names(kind)
    named = {known[text] for text in texts if text in known}
    needed = {column.name for column in columns_of(kind) if column.required and "." not in column.name}
    return len(named) == len(texts) and needed <= named


def told_office(reading: Reading, given: str | None, offices: Sequence[str], *, central: bool) -> str | None:
    """In whose name a file is sent: as given, as its template says, the sender's only office, or headquarters."""
    mark = template.read_mark(reading.opened.properties)
    only = offices[0] if len(offices) == 1 else "HQ" if central and not offices else None
    return given or (mark.office if mark else None) or only
