"""Records made of the examples that templates print: one of every kind, in its canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.numbers import Whole
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import Column, columns_of, split
from muster_ingest.workbooks.templates.template import Stored


def example_fields(kind: str, language: str = "en") -> dict[str, Any]:
    """The examples of a kind's columns as its schema loads them; a grant with its rule set."""
    given: dict[str, Any] = {}
    for column in columns_of(kind):
        if kind == "grant" and column.entry:
            continue
        _place(given, column, _value(column, words.example(kind, column.name, language)))
    loaded: dict[str, Any] = KINDS[kind].schema.load(given)
    return loaded


def example_records(language: str = "en") -> Mapping[str, list[Stored]]:
    """Two records of every kind that differ in the last part of their key, the later one first."""
    return {kind: [Stored(7, _other(kind, language)), Stored(1, example_fields(kind, language))] for kind in KINDS}


def _value(column: Column, example: str) -> Any:
    if column.listed:
        return split(example)
    if isinstance(column.field, Whole):
        return int(example)
    return example.split(",", maxsplit=1)[0] if column.name in {"start", "end"} else example


def _place(given: dict[str, Any], column: Column, value: Any) -> None:
    if not column.part:
        given[column.name] = value
    elif column.entry:
        given.setdefault(column.group, [{}])[0][column.part] = value
    else:
        given.setdefault(column.group, {})[column.part] = value


def _other(kind: str, language: str) -> dict[str, Any]:
    fields = example_fields(kind, language)
    later = {"area": "migration_policy_research", "period_end": "2016-12-31", "month": "2016-12"}
    name = KINDS[kind].key[-1]
    fields[name] = later.get(name) or ("2016-12-01T08:00:00Z" if name == "at" else f"{fields[name]}z")
    if name == "requested_on":
        fields[name] = "2016-10-09"
    for value in fields.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value.extend({**value[0]} | {"percent": 1} if "percent" in value[0] else dict(value[0]) for _ in range(2))
    return fields
