"""The columns of a kind's sheet as a template lays them out: place, header, format, width, need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from openpyxl.utils import get_column_letter

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.numbers import Amount, Number, Percent, Whole
from muster_ingest.kinds.values import Text
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import ACTION, REVISION, Column, columns_of
from muster_ingest.workbooks.templates.lists import list_name, referred

TEXT, DATE, MONEY, COUNT, PLAIN = "@", "yyyy\\-mm\\-dd", "#,##0.00", "#,##0", "General"
_NARROWEST, _WIDEST, _WIDEST_LONG = 10, 34, 48

Need = Literal["yes", "together", "no"]


@dataclass(frozen=True)
class SheetColumn:
    """A column of a kind's sheet; ``column`` is None for ``action`` and ``revision``, which the schema does not know.

    ``at`` counts from 1.
    """

    kind: str
    at: int
    name: str
    column: Column | None

    @property
    def letters(self) -> str:
        """As a spreadsheet names it: ``AB``."""
        return get_column_letter(self.at)

    @property
    def need(self) -> Need:
        """Whether it must be filled in, ``together`` where only if its group is used."""
        column = self.column
        if column is None or not column.required:
            return "no"
        whole = KINDS[self.kind].schema.fields[column.group].required
        either = len({other.entry for other in columns_of(self.kind) if other.group == column.group}) > 1
        return "yes" if whole and not either else "together"

    @property
    def is_wordy(self) -> bool:
        """Free text, which may run over several lines."""
        return self.column is not None and (self.column.listed is not None or type(self.column.field) is Text)

    @property
    def code_list(self) -> str | None:
        """The list on the sheet of codes that has what it takes, if any."""
        if self.column is None:
            return ACTION if self.name == ACTION else None
        return list_name(self.column) or referred(self.kind, self.column)

    @property
    def number_format(self) -> str:
        """Excel's format of its cells."""
        if self.column is None:
            return PLAIN if self.name == REVISION else TEXT
        if self.column.listed:
            return TEXT
        field = self.column.field
        if isinstance(field, Day):
            return DATE
        if isinstance(field, Whole):
            return PLAIN if self.name == "year" else COUNT
        if isinstance(field, Amount) or (self.kind, self.name) == ("published_total", "printed"):
            return MONEY
        return PLAIN if isinstance(field, Number) else TEXT

    @property
    def side(self) -> Literal["left", "right"]:
        """Where in a cell its values stand: numbers that are compared by size at the right."""
        return "left" if self.number_format in {TEXT, DATE} or self.name == "year" else "right"

    def header(self, language: str) -> str:
        """In plain words."""
        return words.header(self.kind, self.name, language)

    def width(self, rows: Sequence[Mapping[str, Any]], language: str) -> float:
        """Wide enough, in characters, for the field name in its small type, for the longest word of the header in its
        bold one, and for what stands in these rows.
        """
        longest_word = max(map(len, self.header(language).split()))
        named = max(len(self.name) * 0.72 + 5, longest_word * 1.15 + 3)
        if self.number_format == DATE:
            return max(named, 13.0)
        if self.column is not None and isinstance(self.column.field, Number):
            return max(named, 11.0 if isinstance(self.column.field, Percent) else 18.0)
        least = 24 if self.is_wordy else _NARROWEST
        most = _WIDEST_LONG if self.is_wordy and "." not in self.name else _WIDEST
        return max(named, least, min(_longest_line(rows, self.name) * 1.15 + 3, most))


@cache
def sheet_columns(kind: str) -> tuple[SheetColumn, ...]:
    """All columns of a kind's sheet in their order."""
    known = {column.name: column for column in columns_of(kind)}
    return tuple(SheetColumn(kind, at, name, known.get(name)) for at, name in enumerate(words.all_columns(kind), 1))


def _longest_line(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    texts = (str(row[name]) for row in rows if name in row)
    return max((len(line) for text in texts for line in text.splitlines()), default=0)
