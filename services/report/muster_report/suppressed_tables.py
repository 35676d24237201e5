"""Small cells in tables: a book whose counts of people nobody can work back, given what left the house before.

What a table's figure counts is read off its parts: each part belongs to one base cell, and figures that share base
cells are protected together, on whatever sheet they stand. The counts and figures are worked out from the parts
again, so that it does not matter whether a book was suppressed before; docs/small-cells.md says what is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from muster_report.blocks import Row, Table, Value
from muster_report.book import Book, Sheet
from muster_report.disclosure import Figure, Key, Release, Shown, Statistics, Suppression, suppress
from muster_report.figures import Part
from muster_report.money_rounding import exact_sum

Place = tuple[str, str]  # the keys of a row and a column
_MARKS: Final[Mapping[Value, Shown]] = {mark.value: mark for mark in Shown if mark is not Shown.OPEN}


@dataclass(frozen=True, slots=True)
class PeopleCells:
    """Which cells of a report's tables count people, and what they are made of.

    Attributes:
        sets: the sets of people that are protected each on its own, such as target and reached.
        set_of: the keys of table, row and column to the set that is counted there; "" where people are not counted.
        computed_from: the same keys to the counts of that table a figure is computed from; none where it is not.
        base_of: a part to the base cell it counts; a part counts the same people wherever it stands.
    """

    sets: tuple[str, ...]
    set_of: Callable[[str, str, str], str]
    computed_from: Callable[[str, str, str], Sequence[Place]]
    base_of: Callable[[Part], Key]


@dataclass(frozen=True, slots=True)
class SuppressedBook:
    """A book that may leave the house; ``hidden`` of its ``counts`` of people are not shown.

    ``exposed`` small cells cannot be protected, because earlier issues gave them away: with one, it must not be
    released.
    """

    book: Book
    counts: int
    hidden: int
    exposed: int


def suppressed(book: Book, people: PeopleCells, earlier: Sequence[Book] = ()) -> SuppressedBook:
    """The book with small cells hidden, and with them all that would give one away.

    ``earlier`` are the books of the issues released before, oldest first, each as it was released: every one whose
    figures count the same records, whatever its parameters, copy and language.

    Raises:
        ValueError: a part counts other people in one figure than in another of the same book.
    """
    found = {name: _protected(book, people, name, earlier) for name in people.sets}
    shown = {key: mark for one in found.values() for key, mark in one.shown.items()}
    sheets = tuple(_with_tables(sheet, people, shown) for sheet in book.sheets)
    return SuppressedBook(
        book=replace(book, sheets=sheets),
        counts=len(shown),
        hidden=sum(1 for mark in shown.values() if mark is not Shown.OPEN),
        exposed=sum(len(one.exposed) for one in found.values()),
    )


def statistics_of(book: Book, people: PeopleCells, name: str) -> Statistics:
    """Everything that a book publishes of one set of people; a figure's key is that of its table, row and column."""
    counts: dict[Key, int] = {}
    figures: list[Figure] = []
    for key, parts in _figures(book, people, name):
        base = _counted(parts, people)
        figures.append(Figure(key, frozenset(base)))
        for cell, count in base.items():
            if counts.setdefault(cell, count) != count:
                raise ValueError(f"{cell} counts {count} people in {key} and {counts[cell]} elsewhere")
    return Statistics(counts, tuple(figures))


def release_of(book: Book, people: PeopleCells, name: str) -> Release:
    """What a released book showed of one set of people: its marks are read off its cells."""
    statistics = statistics_of(book, people, name)
    standing = {(table.key, *place): value for table in _tables(book) for place, value in _cells(table)}
    marks = {figure.key: _MARKS.get(standing[_triple(figure.key)], Shown.OPEN) for figure in statistics.figures}
    return Release(statistics, marks)


def _protected(book: Book, people: PeopleCells, name: str, earlier: Iterable[Book]) -> Suppression:
    before = [release_of(one, people, name) for one in earlier]
    return suppress(statistics_of(book, people, name), [release for release in before if release.statistics.figures])


def _figures(book: Book, people: PeopleCells, name: str) -> Iterator[tuple[Key, Sequence[Part]]]:
    for table in _tables(book):
        for (row, column), _ in _cells(table):
            counting = table.parts is not None and people.set_of(table.key, row, column) == name
            if table.parts is not None and counting and (parts := table.parts(row, column)):
                yield (table.key, row, column), parts


def _counted(parts: Iterable[Part], people: PeopleCells) -> dict[Key, int]:
    base: dict[Key, int] = {}
    for part in parts:
        cell = people.base_of(part)
        base[cell] = base.get(cell, 0) + int(part.value)
    return base


def _with_tables(sheet: Sheet, people: PeopleCells, shown: Mapping[Key, Shown]) -> Sheet:
    blocks = tuple(_as_shown(b, people, shown) if isinstance(b, Table) else b for b in sheet.blocks)
    return replace(sheet, blocks=blocks)


def _as_shown(table: Table, people: PeopleCells, shown: Mapping[Key, Shown]) -> Table:
    def cells(row: Row) -> tuple[Value, ...]:
        pairs = zip(table.columns, row.cells, strict=True)
        return tuple(_value(table, (row.key, column.key), value, people, shown) for column, value in pairs)

    return replace(table, rows=tuple(replace(row, cells=cells(row)) for row in table.rows))


def _value(table: Table, place: Place, value: Value, people: PeopleCells, shown: Mapping[Key, Shown]) -> Value:
    basis = people.computed_from(table.key, *place)
    counted = people.set_of(table.key, *place)
    if table.parts is None or not (basis or counted):
        return value
    if any(shown.get((table.key, *of), Shown.OPEN) is not Shown.OPEN for of in basis):
        return None
    mark = shown.get((table.key, *place), Shown.OPEN)
    if mark is not Shown.OPEN:
        return str(mark.value)
    return value if isinstance(value, int | Decimal) else _sum(table.parts(*place))


def _sum(parts: Sequence[Part]) -> Value:
    """What a figure is that was hidden before; None where there is nothing to add up."""
    total = exact_sum([part.value for part in parts])
    if not parts:
        return None
    return int(total) if total == total.to_integral_value() else total


def _tables(book: Book) -> Iterator[Table]:
    for sheet in book.figures():
        yield from (block for block in sheet.blocks if isinstance(block, Table))


def _cells(table: Table) -> Iterator[tuple[Place, Value]]:
    for row in table.rows:
        for column, value in zip(table.columns, row.cells, strict=True):
            yield (row.key, column.key), value


def _triple(key: Key) -> tuple[str, str, str]:
    table, row, column = key
    return table, row, column
