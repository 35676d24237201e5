"""Values of records as people read them: codes by their names, days and numbers as the language writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from babel.numbers import format_decimal

from muster_ingest import kind_words
from muster_ingest.kinds.dates import Day, Moment
from muster_ingest.kinds.numbers import Number, Whole
from muster_ingest.kinds.values import Choice, Currency
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import Column, columns_of
from muster_ingest.workbooks.templates.lists import list_name
from muster_shared.language import Language

_LONG: Final = 80  # characters from which texts are compared word by word
_ALIKE: Final = 0.5  # share of words two texts have in common, below which they are told one after the other
_WORDS: Final = re.compile(r"\S+\s*|\s+")
_WITH_CODE: Final = "country"


class Piece(NamedTuple):
    """A part of a value that was changed; ``apart``: it stands on a line of its own."""

    how: Literal["same", "old", "new"]
    text: str
    apart: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Tells values in a language; times as a time zone's clock shows them."""

    language: Language
    zone: str

    def lines(self, kind: str, name: str, value: Any) -> list[str]:
        """The value of a field, a line for each entry of a list; none where it is empty."""
        if value is None or value in ("", []):
            return []
        entries = value if isinstance(value, list) else [value]
        return [self._entry(kind, name, entry) for entry in entries]

    def change(self, kind: str, name: str, old: Any, new: Any) -> list[Piece]:
        """What a change took away and what it brought, in the order in which it is read."""
        before, after = self.lines(kind, name, old), self.lines(kind, name, new)
        if isinstance(old, list) or isinstance(new, list):
            return list(_compared(before, after, apart=True))
        if before and after and min(len(before[0]), len(after[0])) > _LONG:
            words_before, words_after = _WORDS.findall(before[0]), _WORDS.findall(after[0])
            if SequenceMatcher(a=words_before, b=words_after, autojunk=False).ratio() > _ALIKE:
                return list(_compared(words_before, words_after, apart=False))
        told: list[Piece] = [Piece("old", text, apart=True) for text in before]
        return [*told, *(Piece("new", text, apart=True) for text in after)]

    def text(self, column: Column, value: Any) -> str:
        """One value of a column."""
        field = column.field
        if isinstance(field, Choice):
            return self.code(column, str(value))
        if isinstance(field, Day):
            return self.language.short_day(date.fromisoformat(value))
        if isinstance(field, Moment):
            return self.language.moment(datetime.fromisoformat(value), self.zone)
        if isinstance(field, Whole | Number) and column.name != "year":
            return format_decimal(Decimal(str(value)), locale=self.language.locale, decimal_quantization=False)
        return str(value)

    def code(self, column: Column, code: str) -> str:
        """A code of a column's list by its name."""
        field, listed = column.field, list_name(column)
        if not isinstance(field, Choice) or listed is None or isinstance(field, Currency):
            return code
        named = words.code_name(listed, code, field.choices.get(code, ""), self.language.code)
        return code if not named else f"{named} ({code})" if listed == _WITH_CODE else named

    def table(self, kind: str, name: str, value: Any) -> tuple[list[str], list[list[str]]] | None:
        """A list of objects as headers and rows, columns that are empty throughout left out; None for other values."""
        if not isinstance(value, list) or not value or not isinstance(value[0], Mapping):
            return None
        parts = [part for part in _parts(kind, name) if any(entry.get(part) is not None for entry in value)]
        heads = [kind_words.part_name(kind, name, part, self.language) for part in parts]
        return heads, [[self._part(kind, name, part, entry.get(part)) for part in parts] for entry in value]

    def _entry(self, kind: str, name: str, entry: Any) -> str:
        if not isinstance(entry, Mapping):
            return self.text(columns_by_name(kind)[name], entry)
        if set(entry) == {"amount", "currency"}:
            return f"{self._part(kind, name, 'amount', entry['amount'])} {entry['currency']}"
        filled = [part for part in _parts(kind, name) if entry.get(part) is not None]
        told = ((kind_words.part_name(kind, name, part, self.language), part) for part in filled)
        colon = self.language.colon
        return "; ".join(f"{label}{colon} {self._part(kind, name, part, entry[part])}" for label, part in told)

    def _part(self, kind: str, name: str, part: str, value: Any) -> str:
        return "" if value is None else self.text(columns_by_name(kind)[f"{name}.{part}"], value)


def _parts(kind: str, name: str) -> list[str]:
    """The parts of an object or entry in the order of its schema."""
    return [column.part for column in columns_of(kind) if column.group == name and column.part]


@cache
def columns_by_name(kind: str) -> Mapping[str, Column]:
    """The columns of a kind."""
    return {column.name: column for column in columns_of(kind)}


def _compared(before: Sequence[str], after: Sequence[str], *, apart: bool) -> Iterator[Piece]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for how, a, b, c, d in matcher.get_opcodes():
        if how == "equal":
            yield from (Piece("same", text, apart) for text in before[a:b])
        else:
            yield from (Piece("old", text, apart) for text in before[a:b])
            yield from (Piece("new", text, apart) for text in after[c:d])
