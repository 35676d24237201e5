"""Which column is which: found by the row of field names or by the headers' text, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from muster_ingest.kinds.kind import Kind
from muster_ingest.workbooks import words
from muster_ingest.workbooks.cells import shown_cell
from muster_ingest.workbooks.columns import ACTION, REVISION, Column, columns_of
from muster_ingest.workbooks.grid import Grid, Row
from muster_shared.problems import DataError

LOOKED_AT = 20  # rows in which the headers must come


@dataclass(slots=True)
class Headers:
    """What the first rows of a sheet say about its columns, and what is wrong with them."""

    grid: Grid
    errors: list[DataError] = field(default_factory=list)
    named_columns: set[int] = field(default_factory=set)
    misspelt: set[str] = field(default_factory=set)


def find(kind: Kind, index: int, sheet: str | None, rows: Sequence[Row]) -> Headers:
    """The columns of a sheet, from its first rows."""
    known = known_names(kind.name)
    at_row = next((n for n, row in enumerate(rows) if _is_header(row, known)), None)
    if at_row is None:
        return _without(kind, index, sheet, rows)
    header = rows[at_row]
    names = rows[at_row + 1] if at_row + 1 < len(rows) else ()
    by_name = _is_names(names, kind.name)
    first_row = (names[0] if by_name else header[0]) + 1
    found = Headers(Grid(index, kind, sheet, header[0], first_row, {}))
    at: dict[str, int] = {}
    for column in range(1, max(len(header), len(names) if by_name else 0)):
        _place(found, at, column, _texts(header, names if by_name else (), column), known)
    return _complete(found, at)


def known_names(kind: str) -> Mapping[str, str]:
    """Field names and headers in all languages, folded, to field names."""
    names = {column.name: column.name for column in columns_of(kind)} | {ACTION: ACTION, REVISION: REVISION}
    return {**words.columns_by_header(kind), **names}


def _cell_text(row: Row, column: int) -> str:
    return (shown_cell(row[column]) or "") if column < len(row) else ""


def _texts(header: Row, names: Row, column: int) -> list[str]:
    """The field name first, where the sheet has one."""
    return [text for text in (_cell_text(names, column), _cell_text(header, column)) if text.strip()]


def _is_header(row: Row, known: Mapping[str, str]) -> bool:
    texts = [text for column in range(1, len(row)) if (text := _cell_text(row, column).strip())]
    return bool(texts) and 2 * sum(words.as_compared(text) in known for text in texts) >= len(texts)


def _is_names(row: Row, kind: str) -> bool:
    names = {column.name for column in columns_of(kind)} | {ACTION, REVISION}
    texts = [text for column in range(1, len(row)) if (text := _cell_text(row, column).strip())]
    return bool(texts) and 2 * sum(text in names for text in texts) >= len(texts)


def _place(found: Headers, at: dict[str, int], column: int, texts: Sequence[str], known: Mapping[str, str]) -> None:
    if not texts:
        return
    grid = found.grid
    found.named_columns.add(column)
    name = next((known[words.as_compared(text)] for text in texts if words.as_compared(text) in known), None)
    if name is None:
        near = _nearest(texts[-1], known)
        if near:
            found.misspelt.add(near)
        hint = f"did you mean {near}?" if near else "take the column out, or give it the name of a field"
        message = f"'{texts[-1][:80]}' is not a column of {grid.kind.name}: {hint}"
        found.errors.append(grid.error(grid.header_row, column, "unknown_column", message, value=texts[-1][:200]))
    elif name in at:
        first = grid.error(grid.header_row, at[name], "", "")
        where = first.cell or f"column {first.column}"
        message = f"{name} stands twice, here and at {where}: keep one"
        found.errors.append(grid.error(grid.header_row, column, "duplicate_column", message, value=texts[-1][:200]))
    else:
        at[name] = column


def _nearest(text: str, known: Mapping[str, str]) -> str | None:
    match = get_close_matches(words.as_compared(text), known, n=1, cutoff=0.7)
    return known[match[0]] if match else None


def _without(kind: Kind, index: int, sheet: str | None, rows: Sequence[Row]) -> Headers:
    names = ", ".join(column.name for column in columns_of(kind.name) if column.required and not column.entry)
    grid = Grid(index, kind, sheet, rows[0][0] if rows else 1, 0, {})
    message = f"no headers are found in the first {LOOKED_AT} rows: write the field names in the first row ({names})"
    return Headers(grid, [grid.error(grid.header_row, 1, "no_headers", message)])


def _complete(found: Headers, at: dict[str, int]) -> Headers:
    """Name required columns that are missing; an optional field without a column stays as it is stored."""
    grid = replace(found.grid, at=at)
    missing = list(_missing(grid.kind, at))
    for name, reason in missing:
        if name in found.misspelt:
            continue
        message = f"the column {name} is missing: {reason}"
        found.errors.append(grid.error(grid.header_row, 1, "missing_column", message, field=name))
    groups = {name.partition(".")[0] for name in at}
    kept = tuple(name for name in grid.kind.schema.fields if name not in groups)
    found.grid = replace(grid, kept=kept, broken=frozenset(name.partition(".")[0] for name, _ in missing))
    return found


def _missing(kind: Kind, at: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for group in kind.schema.fields:
        columns = [column for column in columns_of(kind.name) if column.group == group]
        families = {entry: [c for c in columns if c.entry is entry] for entry in (False, True)}
        begun = [family for family in families.values() if any(column.name in at for column in family)]
        for family in begun:
            yield from _gaps(family, at)
        if not begun and kind.schema.fields[group].required:
            yield columns[0].name, f"{group} is required"


def _gaps(family: Sequence[Column], at: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    there = next(column.name for column in family if column.name in at)
    for column in family:
        if column.name not in at:
            yield column.name, f"it belongs with {there}"
