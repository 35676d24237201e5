"""Copies that leave the house: what they hide of counts of people, and the notes that say so on their first sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from muster_report.book import Book, Note, Sheet, Table
from muster_report.disclosure import Key, Shown
from muster_report.reports import Report
from muster_report.small_cells import leaves_the_house
from muster_report.suppressed_tables import Marks, PeopleCells, Told, suppressed, with_marks
from muster_report.words import say, say_number

BEFORE = ""  # in place of a sheet's name: figures of issues released before


@dataclass(frozen=True, slots=True)
class Protected:
    """A book as it may leave the house, and what an issue keeps of its protection.

    ``suppression`` is ``{counts, hidden, exposed}``: how many counts of people there are, how many are hidden, and
    how many small ones cannot be protected, by sheet. ``marks`` is mark to the keys of hidden figures.
    """

    book: Book
    suppression: dict[str, Any]
    marks: dict[str, Any]


def people_of(report: Report, params: Mapping[str, str]) -> PeopleCells | None:
    """Which figures have to be protected; None where the copy stays in the house, or no people are counted."""
    return report.people if leaves_the_house(params["copy"]) else None


def protected(book: Book, people: PeopleCells, earlier: Sequence[Told] = ()) -> Protected:
    """The book with small counts hidden; ``earlier`` is what issues released before told, oldest first."""
    found = suppressed(book, people, earlier)
    exposed = dict(sorted(_by_sheet(book, found.exposed).items()))
    suppression = {"counts": found.counts, "hidden": len(found.marks), "exposed": exposed}
    return Protected(_noted(found.book, suppression), suppression, _listed(found.marks))


def as_made(book: Book, people: PeopleCells, suppression: Mapping[str, Any], marks: Mapping[str, Any]) -> Book:
    """The book of an issue as it was made, from what the issue keeps of its protection."""
    listed = {tuple(key): Shown(mark) for mark, keys in marks.items() for key in keys}
    return _noted(with_marks(book, people, listed), suppression)


def _listed(marks: Marks) -> dict[str, Any]:
    listed: dict[str, Any] = {}
    for key, mark in sorted(marks.items()):
        listed.setdefault(mark.value, []).append(list(key))
    return listed


def _by_sheet(book: Book, keys: Iterable[Key]) -> Counter[str]:
    sheets = {table.key: sheet.name for sheet in book.sheets for table in _tables(sheet)}
    return Counter(sheets.get(key[0], BEFORE) for key in keys)


def _tables(sheet: Sheet) -> Iterator[Table]:
    return (block for block in sheet.blocks if isinstance(block, Table))


def _noted(book: Book, suppression: Mapping[str, Any]) -> Book:
    if not suppression["counts"]:
        return book
    first, *others = book.sheets
    return replace(book, sheets=(replace(first, blocks=(*_notes(suppression, book.lang), *first.blocks)), *others))


def _notes(suppression: Mapping[str, Any], lang: str) -> Iterator[Note]:
    if exposed := sum(suppression["exposed"].values()):
        yield Note("exposed", say_number("small_cells.exposed", exposed, lang), "alert")
    told = say_number("small_cells.hidden", suppression["hidden"], lang, counts=suppression["counts"])
    yield Note("hidden", f"{told} {say('small_cells.hidden_rule', lang)}")
