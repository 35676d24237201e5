"""What a submission changes, field by field, as its page tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from muster_ingest import kind_words
from muster_ingest.kinds import KINDS
from muster_ingest.shown_values import Piece, Shown


@dataclass(frozen=True, slots=True)
class ToldField:
    """A field with what was taken away and what was brought."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One record's change; ``title`` is its kind in plain words."""

    kind: str
    title: str
    key: str
    action: Literal["new", "changed", "withdrawn"]
    revision: int
    fields: list[ToldField]


def told(changes: Iterable[Mapping[str, Any]], shown: Shown) -> Iterator[ToldChange]:
    """The changes of a receipt in words."""
    for change in changes:
        kind = change["kind"]
        title = kind_words.title(kind, shown.language)
        fields = list(_fields(kind, change["fields"], shown))
        yield ToldChange(kind, title, change["key"], change["action"], change["revision"], fields)


def _fields(kind: str, fields: Mapping[str, list[Any]], shown: Shown) -> Iterator[ToldField]:
    for name in KINDS[kind].schema.fields:
        if name in fields:
            old, new = fields[name]
            yield ToldField(kind_words.field_name(kind, name, shown.language), shown.change(kind, name, old, new))
