"""The draft of a record of one row in which nothing is wrong or missing: most are, and this is the short way.

Whatever is out of the ordinary is left to ``assembly.py``, which makes the same drafts and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from muster_ingest.drafts import Draft
from muster_ingest.kinds.kind import blank
from muster_ingest.workbooks.assembly import Part, Shape, Taken
from muster_ingest.workbooks.columns import ACTION, REVISION
from muster_ingest.workbooks.grid import InSheet

_NO_WRONG: frozenset[str] = frozenset()
_Get = Callable[[Sequence[Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    parts: tuple[str, ...]
    values: _Get
    required: _Get
    needed: bool
    is_list: bool


def _getter(places: Sequence[int]) -> _Get:
    """The values at some places; where there is one place, ``itemgetter`` would give no tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[at] for at in places)


class PlainRecords:
    """Makes drafts of the rows of one sheet."""

    def __init__(self, shape: Shape) -> None:
        self._shape, self._grid = shape, shape.grid
        self._blank = dict(blank(self._grid.kind.schema))
        self._lists = tuple(part.column for part in shape.singles if self._blank[part.column] == [])
        self._names = tuple(part.column for part in shape.singles)
        self._values = _getter([part.at for part in shape.singles])
        self._required = _getter([part.at for part in shape.singles if part.required])
        self._groups = (*self._grouped(shape.objects, is_list=False), *self._grouped(shape.lists, is_list=True))
        self._usable = not self._grid.broken and not set(shape.objects) & set(shape.lists)
        self._action, self._revision = self._grid.at.get(ACTION), self._grid.at.get(REVISION)

    def draft(self, row: Taken) -> Draft | None:
        """The record of a row; None where it takes a closer look."""
        if not self._usable or self._says(row, self._action):
            return None
        values = row.values
        fields = self._blank | dict(zip(self._names, self._values(values), strict=True))
        if None in self._required(values) or not self._fill(fields, values):
            return None
        for name in self._lists:
            fields[name] = fields[name] or []
        typed = self._says(row, self._revision)
        if typed and not (typed[0] == "n" and typed[1:].isdecimal()):
            return None
        place = InSheet(self._grid, (row.number,), (row.raw,))
        base = int(typed[1:]) if typed else None
        return Draft(self._grid.kind, "upsert", fields, self._grid.kept, base, place, _NO_WRONG)

    def _fill(self, fields: dict[str, Any], values: Sequence[Any]) -> bool:
        """Objects, and lists of one entry; False where a part of one is missing."""
        for group in self._groups:
            found = group.values(values)
            if found.count(None) == len(found):
                if group.needed:
                    return False
            elif None in group.required(values):
                return False
            else:
                made = dict(zip(group.parts, found, strict=True))
                fields[group.name] = [made] if group.is_list else made
        return True

    def _grouped(self, groups: Mapping[str, Sequence[Part]], *, is_list: bool) -> tuple[_Group, ...]:
        schema = self._grid.kind.schema.fields
        return tuple(
            _Group(
                name,
                tuple(part.name for part in parts),
                _getter([part.at for part in parts]),
                _getter([part.at for part in parts if part.required]),
                bool(schema[name].required),
                is_list,
            )
            for name, parts in groups.items()
        )

    @staticmethod
    def _says(row: Taken, at: int | None) -> str:
        return str(row.raw[at]) if at is not None and at < len(row.raw) else ""
