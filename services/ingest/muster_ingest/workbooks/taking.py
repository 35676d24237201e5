"""Takes in the cells of a column; what was understood or refused once is remembered, for most cells repeat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from muster_ingest.kinds.refusals import Coded
from muster_ingest.kinds.values import Value
from muster_ingest.workbooks.cells import Convert
from muster_ingest.workbooks.columns import split

_REMEMBERED = 5000  # values of a column; one with more distinct values begins anew


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell: codes and messages."""

    found: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Taker:
    """Takes in the cells of one column, which stands ``at`` this place in a row."""

    name: str
    at: int
    takes: Value
    listed: bool
    convert: Convert
    known: dict[str, Any] = field(default_factory=dict)

    def take(self, typed: str) -> Any:
        """The canonical value, None for a blank, or what is wrong."""
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        taken = self.known[typed] = self._taken(typed)
        return taken

    def _taken(self, typed: str) -> Any:
        if not typed or (typed[0] == "s" and not typed[1:].strip()):
            return None
        if not self.listed:
            return self._one(typed)
        texts = [f"s{text}" for text in split(typed[1:])] if typed[0] == "s" else [typed]
        values = [self._one(text) for text in texts]
        wrong = tuple(found for value in values if isinstance(value, Wrong) for found in value.found)
        return Wrong(wrong) if wrong else values or None

    def _one(self, typed: str) -> Any:
        try:
            return self.takes.deserialize(self.convert(typed))
        except ValidationError as error:
            return Wrong(tuple((_code(message), str(message)) for message in error.messages))


def _code(message: Any) -> str:
    return message.code if isinstance(message, Coded) else "not_valid"
