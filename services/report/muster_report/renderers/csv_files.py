"""A book as a zip of CSV files (RFC 4180, UTF-8), one for each table, and ``notes.csv`` with what is said beside them.

Spreadsheet programs run a text that begins with ``=``, ``+``, ``-`` or ``@`` as a formula. Such a text gets one
apostrophe in front, wherever a program could take it for the beginning of a cell: at its start, and after a
semicolon, a tab or a line end, which divide cells and rows for programs set to another separator. An apostrophe
survives trimming, unlike a space, and reads as what it is, unlike a tab. Nothing is lost: texts that look as if they
had been treated are treated once more, so taking away one apostrophe at each such place gives every text back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO, Final

from muster_report.book import Book, Note, Sheet, Table, Value
from muster_report.bulk import is_bulk
from muster_report.bulk_archive import Part, write_archive
from muster_report.renderers.hxl import tag_row
from muster_report.renderers.written import exact
from muster_report.words import say

_STARTERS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # the wide forms too: some programs read them as the narrow ones
_RUNS: Final = re.compile(
    rf"\A(?=['\"\s]*[{_STARTERS}]|['\"]*[\t\r\n])|(?<=[;\t\r\n])(?=[ '\"\u00a0]*[{_STARTERS}])",
)
_ROWS_AT_ONCE: Final = 500
_NOT_IN_NAMES: Final = re.compile(r"[^\w .,()&-]+")


def render(book: Book, lang: str = "en") -> bytes:
    """The archive of a book, held whole; ``lang`` is the language of the headings of ``notes.csv``."""
    file = io.BytesIO()
    write(book, file, lang)
    return file.getvalue()


def write(book: Book, file: BinaryIO, lang: str) -> None:
    """Write the archive of a book of any size into an empty file that can seek; bulk tables are streamed into it."""
    write_archive(file, _parts(book, lang))


def _parts(book: Book, lang: str) -> Iterator[tuple[str, Part]]:
    names: list[str] = []
    for sheet in book.sheets:
        for block in sheet.blocks:
            if isinstance(block, Table):
                names.append(_free_name(f"{sheet.name} - {block.key}", names))
                yield names[-1], _table_file(block)
    yield _free_name("notes", names), _csv_bytes(_notes(book, lang))


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet program could begin to read a formula."""
    return _RUNS.sub("'", text)


def _table_file(table: Table) -> Part:
    tags = tag_row(table.columns)
    headings = [column.heading for column in table.columns]
    rows = chain([headings, *([tags] if tags else [])], (row.cells for row in table.rows))
    return _csv_pieces(rows) if is_bulk(table) else _csv_bytes(rows)


def _notes(book: Book, lang: str) -> Iterator[Iterable[Value]]:
    yield tuple(say(f"page.{name}", lang) for name in ("sheet", "cell", "note"))
    for sheet in book.sheets:
        yield from _said(book, sheet)


def _said(book: Book, sheet: Sheet) -> Iterator[tuple[str, ...]]:
    titles = {"A1": sheet.title, "A2": book.subtitle_of(sheet)}
    captions = {
        f"A{at.row}": at.block.caption for at in sheet.placed() if isinstance(at.block, Table) and at.block.caption
    }
    notes = {f"A{at.row}": at.block.text for at in sheet.placed() if isinstance(at.block, Note)}
    said = titles | captions | notes
    yield from ((sheet.name, cell, said[cell]) for cell in sorted(said, key=lambda cell: int(cell[1:])) if said[cell])


def _csv_bytes(rows: Iterable[Iterable[Value]]) -> bytes:
    return b"".join(_csv_pieces(rows))


def _csv_pieces(rows: Iterable[Iterable[Value]]) -> Iterator[bytes]:
    waiting = iter(rows)
    while some := list(islice(waiting, _ROWS_AT_ONCE)):
        file = io.StringIO(newline="")
        writer = csv.writer(file, lineterminator="\r\n")
        for row in some:
            writer.writerow([harmless(exact(value)) if isinstance(value, str) else exact(value) for value in row])
        yield file.getvalue().encode()


def _free_name(wanted: str, taken: Iterable[str]) -> str:
    """A file name that every system takes, told from the others even where capitals do not count."""
    name, known = _NOT_IN_NAMES.sub("_", wanted), {other.casefold() for other in taken}
    names = (f"{name}.csv", *(f"{name} ({number}).csv" for number in range(2, len(known) + 3)))
    return next(free for free in names if free.casefold() not in known)
