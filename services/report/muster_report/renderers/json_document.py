"""A book as one JSON document: everything that its sheets hold, where it stands and what it is called.

Money and other decimals are strings of plain digits (no float on the way), days are ISO 8601, times UTC with ``Z``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from muster_report.book import Book, Chart, Charts, Note, Placed, Row, Sheet, Table, Value
from muster_report.renderers.written import exact

VERSION: Final = 1
_SAFE_INTEGER: Final = 2**53 - 1  # beyond it, programs that read numbers as floats change them


def render(book: Book, lang: str = "en") -> bytes:
    """The document (UTF-8) of a book, held whole; the same book gives the same bytes in any process, at any time."""
    return "".join(_document(book, lang)).encode()


def write(book: Book, file: BinaryIO, lang: str) -> None:
    """Write the document of a book of any size: its rows are told one after the other."""
    for piece in _document(book, lang):
        file.write(piece.encode())


def _document(book: Book, lang: str) -> Iterator[str]:
    newest = book.newest()
    head = {
        "version": VERSION,
        "title": exact(book.title),
        "subtitle": exact(book.subtitle),
        "description": exact(book.description),
        "language": lang,
        "as_of": f"{newest.occurred_at:%Y-%m-%dT%H:%M:%SZ}" if newest else None,
        "position": newest.position if newest else None,
    }
    yield from _with_list(head, "sheets", (_sheet(book, sheet) for sheet in book.sheets))
    yield "\n"


def _sheet(book: Book, sheet: Sheet) -> Iterator[str]:
    placed = list(sheet.placed())
    head = {
        "name": exact(sheet.name),
        "title": exact(sheet.title),
        "subtitle": exact(book.subtitle_of(sheet)),
        "role": sheet.role,
    }
    rest = {
        "notes": [_note(at.block, at) for at in placed if isinstance(at.block, Note)],
        "charts": [_chart(chart) for at in placed if isinstance(at.block, Charts) for chart in at.block.charts],
    }
    tables = (_table(at.block, at) for at in placed if isinstance(at.block, Table))
    yield from _with_list(head, "tables", tables, rest)


def _table(table: Table, placed: Placed) -> Iterator[str]:
    head = {
        "key": exact(table.key),
        "caption": exact(table.caption),
        "header_row": placed.header_row(),
        "columns": [
            {
                "key": exact(column.key),
                "heading": exact(column.heading),
                "tag": column.tag,
                "format": column.format,
                "role": column.role,
            }
            for column in table.columns
        ],
    }
    yield from _with_list(head, "rows", ([_row(row)] for row in table.rows))


def _row(row: Row) -> str:
    return _text({"key": exact(row.key), "role": row.role, "values": [_value(value) for value in row.cells]})


def _with_list(
    head: Mapping[str, Any], name: str, entries: Iterable[Iterable[str]], rest: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """An object with a list of any length, told entry by entry, between what comes before it and behind it."""
    yield f"{_text(head)[:-1]},{_text(name)}:["
    for number, entry in enumerate(entries):
        if number:
            yield ","
        yield from entry
    yield f"],{_text(rest)[1:]}" if rest else "]}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _note(note: Note, placed: Placed) -> dict[str, Any]:
    return {"key": exact(note.key), "cell": f"A{placed.row}", "tone": note.tone, "text": exact(note.text)}


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "key": exact(chart.key),
        "title": exact(chart.title),
        "description": exact(chart.description),
        "table": exact(chart.table),
        "series": [{"name": exact(s.name), "along": s.along, "at": exact(s.at)} for s in chart.series],
    }


def _value(value: Value) -> str | int | None:
    if value is None or value == "":
        return None
    whole = isinstance(value, int) and abs(value) <= _SAFE_INTEGER
    return int(value) if whole else exact(value)  # type: ignore[arg-type]  # what is whole is an int
