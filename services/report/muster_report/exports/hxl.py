"""Records of one kind as an HXL 1.1 CSV: field names, hashtags, then rows; memory does not grow with them.

UTF-8, lines ended by CR LF as RFC 4180 has it. A record takes one row, and one more for each further entry of its
lists; such a row repeats the key and leaves the rest blank, so that a sum over a column counts everything once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any, Final

from muster_report.exports.hxl_columns import Column, columns_of
from muster_report.exports.iati_elements import plain
from muster_report.facts import Fact
from muster_report.small_cells import leaves_the_house

CONTENT_TYPE: Final = "text/csv; charset=utf-8; header=present"
SEPARATOR: Final = ";"
_STARTS_A_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - the wide forms, which some programs read as the plain
_PIECE: Final = 1 << 16

Row = dict[str, Any]


def hxl_csv(kind: str, facts: Iterable[Fact], copy: str = "internal") -> Iterator[bytes]:
    """The CSV of a kind in pieces, its records in the order given.

    A ``copy`` that leaves the house (``donor``, ``public``) has no columns of persons, notes and counts of people.

    Raises:
        KeyError: at once, where there is no such kind.
    """
    columns = [column for column in columns_of(kind) if not (column.inside and leaves_the_house(copy))]
    return _pieces(columns, facts)


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe goes before what would start one."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _pieces(columns: Sequence[Column], facts: Iterable[Fact]) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    writer.writerow([column.tag for column in columns])
    for fact in facts:
        writer.writerows([_cell(column, row.get(column.name)) for column in columns] for row in _rows(columns, fact))
        if buffer.tell() > _PIECE:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _rows(columns: Sequence[Column], fact: Fact) -> Iterator[Row]:
    """The rows of a record by column name: everything in the first, further entries with the key below it."""
    flat: Row = {}
    lists: list[list[Row]] = []
    for name in dict.fromkeys(column.field for column in columns):
        value = fact.fields.get(name)
        if isinstance(value, Mapping):
            flat |= _named(name, value)
        elif isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value):
            lists.append([_named(name, entry) for entry in value])
        else:
            flat[name] = _joined(value) if isinstance(value, list) else value
    entries = [{k: v for part in parts for k, v in part.items()} for parts in zip_longest(*lists, fillvalue={})]
    yield {**flat, **(entries[0] if entries else {})}
    key = {column.name: flat.get(column.name) for column in columns if column.key}
    yield from ({**key, **entry} for entry in entries[1:])


def _named(name: str, parts: Mapping[str, Any]) -> Row:
    return {f"{name}.{part}": value for part, value in parts.items()}


def _joined(values: Sequence[Any]) -> str:
    return f"{SEPARATOR} ".join(_quoted(str(value)) for value in values)


def _quoted(value: str) -> str:
    """A value that holds a semicolon, a quote or a line end stands in double quotes, as in CSV."""
    if not any(mark in value for mark in f'{SEPARATOR}\n\r"'):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    return _number(str(value)) if column.number else harmless(str(value))


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return harmless(text)
    return plain(number) if number.is_finite() else harmless(text)
