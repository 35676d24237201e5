"""Takes in the cells of a column; what was understood or refused once is remembered, for most cells repeat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from muster_ingest.kinds.refusals import Coded
from muster_ingest.kinds.values import Many, Value
from muster_ingest.workbooks.cells import Convert
from muster_ingest.workbooks.columns import split

_REMEMBERED = 5000  # values of a column; one with more distinct values begins anew


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell: codes and messages."""

    found: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Taker:
    """Takes in the cells of one column, which stands ``at`` this place in a row.

    ``has_wrong``: one of the cells so far was wrong.
    """

    at: int
    takes: Value
    listed: Many | None
    convert: Convert
    known: dict[str, Any] = field(default_factory=dict)
    has_wrong: bool = False

    def take_all(self, cells: Iterable[str]) -> list[Any]:
        """The canonical value of each cell, None for a blank, or what is wrong."""
        known = self.known
        if len(known) >= _REMEMBERED:
            known.clear()
        return [known[typed] if typed in known else self._remembered(typed) for typed in cells]

    def _remembered(self, typed: str) -> Any:
        taken = self.known[typed] = self._taken(typed)
        self.has_wrong = self.has_wrong or isinstance(taken, Wrong)
        return taken

    def _taken(self, typed: str) -> Any:
        if not typed or (typed[0] == "s" and (typed == "s" or typed[1:].isspace())):
            return None
        if self.listed is None:
            return self._one(typed)
        texts = [f"s{text}" for text in split(typed[1:])] if typed[0] == "s" else [typed]
        values = [self._one(text) for text in texts]
        wrong = tuple(found for value in values if isinstance(value, Wrong) for found in value.found)
        try:
            self.listed.check_length(len(values))
        except ValidationError as error:
            wrong += _found(error)
        return Wrong(wrong) if wrong else values or None

    def _one(self, typed: str) -> Any:
        try:
            return self.takes.take(self.convert(typed))
        except ValidationError as error:
            return Wrong(_found(error))


def _found(error: ValidationError) -> tuple[tuple[str, str], ...]:
    messages = error.messages if isinstance(error.messages, list) else [error.messages]
    return tuple((message.code if isinstance(message, Coded) else "not_valid", str(message)) for message in messages)
