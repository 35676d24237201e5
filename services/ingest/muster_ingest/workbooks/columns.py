"""The columns of a kind's sheet, taken from its schema, and the rows of a record that is already stored.

A field with one value has one column (``title``), an object one for each of its parts (``budget.amount``), a list
of plain values one column whose cell holds several (``countries``: ``KEN; UGA``; a value that holds a semicolon
itself stands in double quotes, as in CSV). A list of objects has a column
for each part (``areas.code``, ``areas.percent``) and takes a further row for each further entry; such a row
repeats the key and may leave the rest blank.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

from marshmallow import Schema, fields

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.grant import ReportingRules
from muster_ingest.kinds.kind import Fields
from muster_ingest.kinds.values import Many, Part, Value

ACTION, REVISION = "action", "revision"
SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind's sheet.

    Attributes:
        name: as the row of field names has it, such as ``areas.percent``.
        field: what takes one value of a cell in.
        entry: one part of an entry of a list; further entries stand in further rows.
        listed: the list whose values the cell holds, with semicolons between them; None where it holds one.
        required: blank only where its whole object or entry is.
        key: part of the natural key.
    """

    name: str
    field: Value
    entry: bool
    listed: Many | None
    required: bool
    key: bool

    @property
    def group(self) -> str:
        """The field of the record that the column is part of."""
        return self.name.partition(".")[0]

    @property
    def part(self) -> str:
        """Its name within an object, empty for a field of its own."""
        return self.name.partition(".")[2]


@cache
def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind in the order of its schema, without ``action`` and ``revision``."""
    schema, key = KINDS[kind].schema, KINDS[kind].key
    return tuple(column for name, field in schema.fields.items() for column in _columns(name, field, key=name in key))


@cache
def has_entries(kind: str) -> bool:
    """Whether a record of the kind may take several rows."""
    return any(column.entry for column in columns_of(kind))


def _columns(name: str, field: fields.Field[Any], *, key: bool) -> Iterator[Column]:
    if isinstance(field, ReportingRules):
        yield from _parts(name, field.rule_set, entry=False)
        yield from _parts(name, field.due_date, entry=True)
    elif isinstance(field, Part):
        yield from _parts(name, field.schema, entry=False)
    elif isinstance(field, Many) and isinstance(field.inner, Part):
        yield from _parts(name, field.inner.schema, entry=True)
    elif isinstance(field, Many):
        yield Column(name, _value(field.inner), entry=False, listed=field, required=field.required, key=key)
    else:
        yield Column(name, _value(field), entry=False, listed=None, required=field.required, key=key)


def _parts(name: str, schema: Schema, *, entry: bool) -> Iterator[Column]:
    for part, field in schema.fields.items():
        yield Column(f"{name}.{part}", _value(field), entry, listed=None, required=field.required, key=False)


def _value(field: fields.Field[Any]) -> Value:
    if not isinstance(field, Value):
        raise TypeError(f"a column cannot hold {type(field).__name__}")
    return field


def joined(values: Sequence[str]) -> str:
    """Several values as one cell holds them."""
    return f"{SEPARATOR} ".join(_quoted(value) for value in values)


def split(text: str) -> list[str]:
    """The values in a cell that holds several; quotes that quote no whole value are part of the text."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATOR, skipinitialspace=True, strict=True))
    except csv.Error:
        rows = [line.split(SEPARATOR) for line in text.splitlines()]
    return [value.strip() for row in rows for value in row if value.strip()]


def _quoted(value: str) -> str:
    if not any(mark in value for mark in f'{SEPARATOR}\n\r"'):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def rows_of(kind: str, stored: Fields) -> list[dict[str, Any]]:
    """A stored record as the rows of its sheet: ``{column name: canonical value}``, blanks left out.

    The first row has everything; a further one its key and one more entry of each list that has more.
    """
    flat, lists = _flat(kind, stored)
    names = {column.name for column in columns_of(kind) if column.key}
    key = {name: value for name, value in flat.items() if name in names}
    further = [
        {name: value for part in parts for name, value in part.items()} for parts in zip_longest(*lists, fillvalue={})
    ]
    first, rest = (further[0], further[1:]) if further else ({}, [])
    return [{**flat, **first}, *({**key, **entries} for entries in rest)]


def _flat(kind: str, stored: Fields) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    flat: dict[str, Any] = {}
    lists: list[list[dict[str, Any]]] = []
    listed = {column.name for column in columns_of(kind) if column.listed}
    for name in KINDS[kind].schema.fields:
        value = stored.get(name)
        if isinstance(value, Mapping):
            flat |= _named(name, value)
        elif name in listed:
            flat |= {name: joined(value)} if value else {}
        elif isinstance(value, list):
            lists.append([_named(name, entry) for entry in value])
        elif value is not None:
            flat[name] = value
    return flat, lists


def _named(name: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}.{part}": value for part, value in parts.items() if value is not None}
