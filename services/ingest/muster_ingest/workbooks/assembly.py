"""From the taken-in rows of one record to its draft, with what is wrong or missing in its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from muster_ingest.drafts import Draft
from muster_ingest.kinds.kind import blank
from muster_ingest.workbooks.cells import shown_cell
from muster_ingest.workbooks.columns import ACTION, REVISION, Column, columns_of
from muster_ingest.workbooks.grid import Grid, InSheet, Row
from muster_ingest.workbooks.taking import Wrong
from muster_shared.problems import DataError

Report = Callable[[DataError], None]
_WITHDRAW = "withdraw"
_NOT_THERE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Taken:
    """A row whose cells were taken in: its number, its cells as read, the value of each column of the shape."""

    number: int
    raw: Row
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A column of a sheet and the place of its value: ``name`` within its object, or by itself."""

    name: str
    column: str
    at: int
    required: bool


@dataclass(frozen=True)
class Shape:
    """How the columns that a sheet has make a record."""

    grid: Grid

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the sheet has."""
        return tuple(column for column in columns_of(self.grid.kind.name) if column.name in self.grid.at)

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """Where the values of the key stand; empty where the sheet lacks part of it."""
        at = tuple(index for index, column in enumerate(self.columns) if column.key)
        needed = sum(column.key for column in columns_of(self.grid.kind.name))
        return at if len(at) == needed else ()

    @cached_property
    def common(self) -> tuple[int, ...]:
        """The columns that a further row leaves blank or repeats."""
        return tuple(index for index, column in enumerate(self.columns) if not column.entry)

    @cached_property
    def singles(self) -> tuple[Part, ...]:
        """Fields with one column."""
        return tuple(part for part in self._parts(entry=False) if part.name == part.column)

    @cached_property
    def objects(self) -> Mapping[str, tuple[Part, ...]]:
        """Fields that are an object, with their parts."""
        return self._grouped(entry=False)

    @cached_property
    def lists(self) -> Mapping[str, tuple[Part, ...]]:
        """Fields that are a list of objects, with the parts of an entry."""
        return self._grouped(entry=True)

    @cached_property
    def blank(self) -> Mapping[str, Any]:
        """A record of which nothing is known."""
        return blank(self.grid.kind.schema)

    def key(self, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """The values of the key, or None where one cannot be told or all are blank.

        A code that is misspelt the same way in several rows still holds them together.
        """
        found = tuple(values[index] for index in self.keys)
        if not any(value is not None for value in found) or any(_is_untold(value) for value in found):
            return None
        return found

    def _parts(self, *, entry: bool) -> Iterator[Part]:
        for index, column in enumerate(self.columns):
            if column.entry is entry:
                yield Part(column.part or column.name, column.name, index, column.required)

    def _grouped(self, *, entry: bool) -> Mapping[str, tuple[Part, ...]]:
        parts = [part for part in self._parts(entry=entry) if part.name != part.column]
        groups = dict.fromkeys(part.column.partition(".")[0] for part in parts)
        return {group: tuple(part for part in parts if part.column.startswith(f"{group}.")) for group in groups}


def _is_untold(value: Any) -> bool:
    return isinstance(value, Wrong) and any(code != "not_a_code" for code, _ in value.found)


@dataclass(slots=True)
class Assembly:
    """One record from its rows."""

    shape: Shape
    rows: Sequence[Taken]
    report: Report
    fields: dict[str, Any] = field(default_factory=dict)
    entry_rows: dict[str, list[int]] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    def draft(self) -> Draft:
        """The record as sent; fields with a wrong or missing cell are blank in it and named."""
        grid, first = self.shape.grid, self.rows[0]
        action = self._action()
        self.fields.update(self.shape.blank)
        self.wrong |= grid.broken
        if action == _WITHDRAW:
            self._singles(part for part in self.shape.singles if part.column in grid.kind.key)
            self.fields = {name: self.fields[name] for name in grid.kind.key}
        else:
            self._upsert()
        place = InSheet(grid, tuple(row.number for row in self.rows), [row.raw for row in self.rows], self.entry_rows)
        base = self._base_revision(first)
        return Draft(grid.kind, action, self.fields, grid.kept, base, place, frozenset(self.wrong))

    def _upsert(self) -> None:
        self.rows = [self.rows[0], *(row for row in self.rows[1:] if not self._repeats(row))]
        self._singles(self.shape.singles)
        for group, parts in self.shape.objects.items():
            self.fields[group] = self._object(self.rows[0], group, parts, needed=self._is_needed(group))
        for group, parts in self.shape.lists.items():
            self._list(group, parts)
        for row in self.rows[1:]:
            self._agrees(row)

    def _singles(self, parts: Iterator[Part] | Sequence[Part]) -> None:
        values = self.rows[0].values
        for part in parts:
            value = values[part.at]
            if value is None:
                if part.required:
                    self._missing(self.rows[0], part)
            elif value.__class__ is Wrong:
                self._wrong(self.rows[0], part.column, value)
            else:
                self.fields[part.column] = value

    def _object(self, row: Taken, group: str, parts: Sequence[Part], *, needed: bool) -> dict[str, Any] | None:
        values = row.values
        if not needed and all(values[part.at] is None for part in parts):
            return None
        made = {}
        for part in parts:
            value = values[part.at]
            if value is None and part.required:
                self._missing(row, part)
            elif value.__class__ is Wrong:
                self._wrong(row, part.column, value)
                value = None
            made[part.name] = value
        return made if group not in self.wrong else self.shape.blank[group]

    def _list(self, group: str, parts: Sequence[Part]) -> None:
        entries, rows = [], []
        for row in self.rows:
            if any(row.values[part.at] is not None for part in parts):
                entries.append(self._object(row, group, parts, needed=True))
                rows.append(row.number)
        self.entry_rows[group] = rows
        if group in self.shape.objects and (entries or not self.fields[group]):
            self._rules_or_dates(group, entries)
        elif group not in self.shape.objects:
            if not entries and self.shape.grid.kind.schema.fields[group].required:
                self._missing(self.rows[0], parts[0])
            self.fields[group] = self.shape.blank[group] if group in self.wrong else entries

    def _rules_or_dates(self, group: str, entries: list[Any]) -> None:
        """A rule set in one row or due dates in many, not both."""
        if entries and self.fields[group]:
            column = self.shape.lists[group][0].column
            message = "give either a rule set or due dates, not both"
            self._error(self.rows[0], column, "not_applicable", message)
        elif not entries and group not in self.wrong:
            self._missing(self.rows[0], self.shape.objects[group][0])
        self.fields[group] = None if group in self.wrong else entries

    def _is_needed(self, group: str) -> bool:
        return bool(self.shape.grid.kind.schema.fields[group].required) and group not in self.shape.lists

    def _repeats(self, row: Taken) -> bool:
        """A row that was copied; what it says is not counted twice."""
        first, grid = self.rows[0], self.shape.grid
        if row.raw[1:] != first.raw[1:]:
            return False
        message = f"repeats row {first.number} and adds nothing: take one of them out"
        column = grid.at[grid.kind.key[0]]
        self.report(grid.error(row.number, column, "duplicate_key", message, value=shown_cell(row.raw[column])))
        return True

    def _agrees(self, row: Taken) -> None:
        """A further row may leave the record's own cells blank or repeat them."""
        first = self.rows[0]
        for index in self.shape.common:
            value, column = row.values[index], self.shape.columns[index].name
            if value.__class__ is Wrong:
                self._wrong(row, column, value)
                continue
            if value is None or value == first.values[index] or first.values[index].__class__ is Wrong:
                continue
            said = shown_cell(first.raw[self.shape.grid.at[column]]) if self._is_filled(first, column) else "nothing"
            message = f"{column}: row {first.number} of the same record says {said}: say it once, or the same"
            self._error(row, column, "differs_from_first_row", message)

    def _is_filled(self, row: Taken, column: str) -> bool:
        return self.shape.grid.at[column] < len(row.raw) and bool(row.raw[self.shape.grid.at[column]])

    def _action(self) -> str:
        typed = self._typed(self.rows[0], ACTION)
        said = (shown_cell(typed) or "").strip().casefold()
        if said == _WITHDRAW:
            return _WITHDRAW
        if said not in ("", "upsert") and ACTION not in self.shape.grid.kind.schema.fields:
            message = (
                f"'{said[:40]}' is not an action: write withdraw to withdraw the record, else leave the cell blank"
            )
            self._error(self.rows[0], ACTION, "not_in_list", message)
        return "upsert"

    def _base_revision(self, row: Taken) -> int | None:
        typed = self._typed(row, REVISION)
        if not typed:
            return None
        text = typed[1:].removesuffix(".0")
        if typed[0] in "ns" and text.isdecimal() and len(text) <= 15:
            return int(text)
        message = "is not a revision: leave the cell as the template has it, or blank"
        self._error(row, REVISION, "wrong_type", message)
        return None

    def _typed(self, row: Taken, name: str) -> str:
        at = self.shape.grid.at.get(name, len(row.raw))
        return str(row.raw[at]) if at < len(row.raw) else ""

    def _missing(self, row: Taken, part: Part) -> None:
        self._error(row, part.column, "required", f"{part.column}: is required and must not be empty")

    def _wrong(self, row: Taken, column: str, wrong: Wrong) -> None:
        for code, message in wrong.found:
            self._error(row, column, code, f"{column}: {message}")

    def _error(self, row: Taken, column: str, code: str, message: str) -> None:
        group = column.partition(".")[0]
        self.wrong.add(group)
        at = self.shape.grid.at[column]
        value = shown_cell(row.raw[at]) if at < len(row.raw) else None
        self.report(self.shape.grid.error(row.number, at, code, message, field=column, value=value))
