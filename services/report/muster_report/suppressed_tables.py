"""Small cells in tables: a book whose counts of people nobody can work back, given what left the house before.

What a table's figure counts is read off its parts: each part belongs to one base cell, and figures that share base
cells are protected together, on whatever sheet they stand. docs/small-cells.md says what is promised.
What is hidden of one set of people does not depend on what is hidden of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from muster_report.blocks import Row, Table, Value
from muster_report.book import Book, Sheet
from muster_report.disclosure import Figure, Key, Release, Shown, Statistics, suppress
from muster_report.disclosure.figures import SMALL
from muster_report.figures import Part

Place = tuple[str, str]  # the keys of a row and a column
Told = Mapping[str, Release]  # what an issue told, by set of people
Marks = Mapping[Key, Shown]  # what stands in place of a figure, by the keys of its table, row and column
_MARKS: Final[Mapping[Value, Shown]] = {mark.value: mark for mark in Shown if mark is not Shown.OPEN}


@dataclass(frozen=True, slots=True)
class PeopleCells:
    """Which cells of a report's tables count people, and what they are made of.

    Attributes:
        sets: the sets of people that are protected each on its own, such as target and reached. The same name in
            two reports means the same base cells: what one of them told is known when the other one is protected.
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
    """A book that may leave the house, and what stands in its cells in place of ``counts`` counts of people.

    ``exposed`` are the keys of small cells that cannot be protected, because earlier issues gave them away: with
    one, the book must not be released. They may be figures of those issues.
    """

    book: Book
    counts: int
    marks: Marks
    exposed: tuple[Key, ...]


def suppressed(book: Book, people: PeopleCells, earlier: Sequence[Told] = ()) -> SuppressedBook:
    """The book with small cells hidden, and with them all that would give one away.

    ``earlier`` is what the issues released before told, oldest first: every one whose figures count the same people,
    of whatever report, parameters, copy and language.

    Raises:
        ValueError: a part counts other people in one figure than in another of the same book.
    """
    shown: dict[Key, Shown] = {}
    exposed: list[Key] = []
    for name in people.sets:
        before = [told[name] for told in earlier if name in told]
        of_set, given_away = _protected(statistics_of(book, people, name), before)
        shown |= of_set
        exposed += given_away
    marks = {key: mark for key, mark in shown.items() if mark is not Shown.OPEN}
    return SuppressedBook(with_marks(book, people, marks), len(shown), marks, tuple(sorted(exposed)))


def with_marks(book: Book, people: PeopleCells, marks: Marks) -> Book:
    """The book with marks in place of the figures that they belong to; what is computed from those is left out."""
    sheets = tuple(_with_tables(sheet, people, marks) for sheet in book.sheets)
    return replace(book, sheets=sheets)


def told_by(book: Book, people: PeopleCells) -> dict[str, Release]:
    """What a book tells as it stands, by set of people; sets of which it tells nothing are left out."""
    releases = {name: release_of(book, people, name) for name in people.sets}
    return {name: release for name, release in releases.items() if release.statistics.figures}


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
    return Statistics(counts, tuple(sorted(figures, key=_by_key)))


def release_of(book: Book, people: PeopleCells, name: str) -> Release:
    """What a released book showed of one set of people: its marks are read off its cells."""
    statistics = statistics_of(book, people, name)
    standing = {(table.key, *place): value for table in _tables(book) for place, value in _cells(table)}
    marks = {figure.key: _MARKS.get(standing[_triple(figure.key)], Shown.OPEN) for figure in statistics.figures}
    return Release(statistics, marks)


def _protected(statistics: Statistics, before: Sequence[Release]) -> tuple[Marks, Sequence[Key]]:
    """What to show of each figure, and the exposed ones.

    Who tells just what was told before, and hides the same, tells nothing new: it needs no other proof.
    """
    for release in reversed(before):
        if release.statistics == statistics and _hides_small_cells(release):
            return release.shown, ()
    found = suppress(statistics, [release for at, release in enumerate(before) if release not in before[:at]])
    return found.shown, found.exposed


def _hides_small_cells(release: Release) -> bool:
    values = release.statistics.values()
    return all(values[key] not in SMALL for key, mark in release.shown.items() if mark is Shown.OPEN)


def _by_key(figure: Figure) -> Key:
    return figure.key


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


def _with_tables(sheet: Sheet, people: PeopleCells, marks: Marks) -> Sheet:
    blocks = tuple(_as_shown(b, people, marks) if isinstance(b, Table) else b for b in sheet.blocks)
    return replace(sheet, blocks=blocks)


def _as_shown(table: Table, people: PeopleCells, marks: Marks) -> Table:
    def cells(row: Row) -> tuple[Value, ...]:
        pairs = zip(table.columns, row.cells, strict=True)
        return tuple(_value(table, (row.key, column.key), value, people, marks) for column, value in pairs)

    return replace(table, rows=tuple(replace(row, cells=cells(row)) for row in table.rows))


def _value(table: Table, place: Place, value: Value, people: PeopleCells, marks: Marks) -> Value:
    basis = people.computed_from(table.key, *place)
    counted = people.set_of(table.key, *place)
    if table.parts is None or not (basis or counted):
        return value
    if any(marks.get((table.key, *of), Shown.OPEN) is not Shown.OPEN for of in basis):
        return None
    mark = marks.get((table.key, *place), Shown.OPEN)
    return value if mark is Shown.OPEN else str(mark.value)


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
