"""CSV files (RFC 4180, and with ; tab or | between the fields): all fields are text, rows are numbered by line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from muster_ingest.workbooks.reading.columns_by_letters import COLUMNS
from muster_ingest.workbooks.reading.frames import Opened
from muster_ingest.workbooks.reading.guard import too_many_rows
from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, UNREADABLE, Refused

_DELIMITERS = ",;\t|"
_BLOCK = 256 * 1024
_SAMPLE_RECORDS = 20
_LONGEST_LINE = 8_000_000  # bytes; the csv module holds a line as a whole
_LONGEST_CHARACTER = 4  # bytes in UTF-8
_LINE_END = re.compile(rb"\r\n|\r|\n")

Row = list[object]


def open_csv(path: Path, name: str, limits: Limits) -> Opened:
    """What a CSV file is, every byte of it looked at.

    Raises:
        Refused: it is not in UTF-8, holds NUL, or has a line without end.
    """
    lines = _count_lines(path)
    sheet = Path(name).stem or "CSV"
    return Opened("csv", {}, ((sheet, "visible"),), lines, _delimiter(path, limits))


def _count_lines(path: Path) -> int:
    lines, at, rest, length = 0, 0, b"", 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            whole = rest + block
            rest = _checked(whole, at, lines)
            taken = whole[: len(whole) - len(rest)]
            ends = taken.count(b"\n") or taken.count(b"\r")
            length = length + len(taken) if not ends else 0
            if length > _LONGEST_LINE:
                raise Refused(OVER_LIMIT, "text_too_long", f"line {lines + 1} is longer than {_LONGEST_LINE:,} bytes")
            lines, at = lines + ends, at + len(taken)
    if rest:
        raise _not_utf8(at, lines + 1)
    return lines + 1


def _checked(whole: bytes, at: int, lines: int) -> bytes:
    """The unfinished character at the end of a block whose other bytes are text."""
    rest = b""
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError as error:
        unfinished = error.reason == "unexpected end of data" and len(whole) - error.start < _LONGEST_CHARACTER
        if not unfinished:
            raise _not_utf8(at + error.start, lines + 1 + _line_ends(whole[: error.start])) from error
        rest = whole[error.start :]
    if (nul := whole.find(b"\x00")) >= 0:
        line = lines + 1 + _line_ends(whole[:nul])
        raise Refused(UNREADABLE, "damaged", f"line {line} holds a NUL character: this is no text; export it again")
    return rest


def _line_ends(text: bytes) -> int:
    return len(_LINE_END.findall(text))


def _not_utf8(at: int, line: int) -> Refused:
    message = f'byte {at + 1:,} (line {line}) is not UTF-8: save the file as "CSV UTF-8", or as .xlsx'
    return Refused(UNREADABLE, "not_utf8", message)


def _delimiter(path: Path, limits: Limits) -> str:
    """The character that cuts the first records into the most even rows of at least two fields."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(path, delimiter, limits))


def _evenness(path: Path, delimiter: str, limits: Limits) -> tuple[int, int]:
    csv.field_size_limit(limits.text_characters)
    widths: Counter[int] = Counter()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for _, record in zip(range(_SAMPLE_RECORDS), csv.reader(file, delimiter=delimiter), strict=False):
                if len(record) > 1:
                    widths[len(record)] += 1
    except csv.Error:
        return (0, 0)
    width, records = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return records, width


def read_csv(path: Path, delimiter: str, limits: Limits) -> Iterator[Row]:
    """The records that hold anything: the line each begins in, then its fields as typed cells.

    Raises:
        Refused: a quote is never closed, or a record is over a limit.
    """
    csv.field_size_limit(limits.text_characters)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        rows = cells = 0
        while True:
            line = reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _broken(str(error), line, reader.line_num) from error
            fields = ["s" + _ended(field) if field else "" for field in record]
            while fields and not fields[-1]:
                fields.pop()
            if fields:
                rows, cells = rows + 1, cells + len(fields)
                _refuse_size(rows, cells, fields, line, limits)
                yield [line, *fields]


def _ended(field: str) -> str:
    return field.replace("\r\n", "\n").replace("\r", "\n") if "\r" in field else field


def _broken(reason: str, line: int, read: int) -> Refused:
    if "unexpected end" in reason or ("field limit" in reason and read > line):
        message = f"line {line}: a quote that begins there is never closed; a quote in a text is written twice"
        return Refused(UNREADABLE, "damaged", message, cell=f"line {line}")
    if "field limit" in reason:
        message = f"line {line} holds a text of more than 32,767 characters, or a quote that is never closed"
        return Refused(OVER_LIMIT, "text_too_long", message, cell=f"line {line}")
    message = f"line {read}: a text goes on behind its closing quote; a quote in a text is written twice"
    return Refused(UNREADABLE, "damaged", message, cell=f"line {read}")


def _refuse_size(rows: int, cells: int, fields: list[str], line: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise too_many_rows(limits.rows)
    if len(fields) > limits.columns:
        message = f"line {line} has fields beyond column {COLUMNS[limits.columns - 1]} ({limits.columns}): delete them"
        raise Refused(OVER_LIMIT, "too_many_columns", message, cell=f"line {line}")
    if cells > limits.cells:
        message = f"there are more than {limits.cells:,} fields: split the file into several"
        raise Refused(OVER_LIMIT, "too_many_cells", message)
