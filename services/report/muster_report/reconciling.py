"""What does not add up in a book: totals against rows and columns, figures against parts, sheets against each other.

Nothing is taken on trust from the report that built the book: the cells are added up as they are printed. A total that
is not the sum of its rows is right only where its parts prove it: they are what the rows are made of, each counted
once (a project with two areas stands in two rows, and once in the total).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from muster_report.blocks import Note, Number
from muster_report.book import Book
from muster_report.figures import Identity, Part, identity, stated
from muster_report.totals import Figure, Total, figures, is_streamed, totals
from muster_report.words import say_number

Against = Literal["rows", "columns", "group", "parts", "sheet"]
_ALERT: Final = "unreconciled"
_MOST_NAMED: Final = 5
_NOTHING: Final = Decimal(0)
_Values = Mapping[Identity, Decimal]
_Told = tuple[Figure, Sequence[Part]]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A figure and what it should be by its rows, columns, group or parts, or by another sheet's cell ``place``."""

    sheet: str
    cell: str
    row_label: str
    column_label: str
    value: Number
    other: Number
    against: Against
    place: str = ""


def reconciled(book: Book) -> list[Discrepancy]:
    """Everything in a book that does not add up, sheet by sheet; empty where all does.

    Hidden figures, and totals of hidden ones, cannot be checked and are passed over.
    """
    found = [*_sums(book)]
    if not is_streamed(book):
        told = [(figure, parts) for figure in figures(book) if (parts := figure.parts())]
        found += [*_explained(told), *_between_sheets(told)]
    order = [sheet.name for sheet in book.sheets]
    return sorted(found, key=lambda one: order.index(one.sheet))


def flagged(book: Book) -> Book:
    """The book, with an alert on top of its first sheet where something does not add up; one checked already as is."""
    found = [] if book.checked else reconciled(book)
    if not found:
        return replace(book, checked=True)
    first, *others = book.sheets
    alert = Note(_ALERT, said(found, book.lang), "alert")
    return replace(book, sheets=(replace(first, blocks=(alert, *first.blocks)), *others), checked=True)


def said(found: Sequence[Discrepancy], lang: str) -> str:
    """The discrepancies in a sentence, the first five one by one."""
    named = "; ".join(map(_said, found[:_MOST_NAMED]))
    more = "; …" if len(found) > _MOST_NAMED else ""
    return say_number("about.unreconciled", len(found), lang, named=f"{named}{more}")


def _said(one: Discrepancy) -> str:
    at = f" ({one.place})" if one.place else ""
    return f"'{one.sheet}'!{one.cell} {Decimal(one.value):f} ≠ {Decimal(one.other):f}{at}"


def _sums(book: Book) -> Iterator[Discrepancy]:
    for total in totals(book):
        value, summed = total.figure.value(), total.sum()
        if value is not None and summed is not None and value != summed and not each_once(total):
            yield _discrepancy(total.figure, summed, total.across)


def each_once(total: Total) -> bool:
    """Whether the parts prove that a total counts what its addends count, each only once."""
    parts, of_addends = total.figure.parts(), total.parts_of_addends()
    once, often = Counter(map(identity, parts)), Counter(map(identity, of_addends))
    if once.keys() != often.keys() or all(often[key] <= count for key, count in once.items()):
        return False
    values = {(identity(part), part.value) for part in of_addends}
    return all((identity(part), part.value) in values for part in parts) and _sum(parts) == total.figure.value()


def _explained(told: Sequence[_Told]) -> Iterator[Discrepancy]:
    for figure, parts in told:
        if figure.value() != (summed := _sum(parts)):
            yield _discrepancy(figure, summed, "parts")


def _between_sheets(told: Sequence[_Told]) -> Iterator[Discrepancy]:
    """Figures of the same parts that differ; those in other units (a currency, a percentage) are not compared."""
    for candidates in _perhaps_the_same(told):
        known: list[_Candidate] = []
        for one in map(_Candidate, candidates):
            same = next((other for other in known if other.is_the_same_as(one)), None)
            if same is None:
                known.append(one)
            else:
                yield from _differing(one, same)


def _perhaps_the_same(told: Sequence[_Told]) -> Iterator[list[_Told]]:
    """Figures that differ though they are made of as many changes of the log: few, and quickly found."""
    groups: dict[tuple[int, int], list[_Told]] = {}
    for figure, parts in told:
        groups.setdefault((len(parts), sum([part.fact.position for part in parts])), []).append((figure, parts))
    yield from (group for group in groups.values() if len({figure.value() for figure, _ in group}) > 1)


@dataclass(eq=False)
class _Candidate:
    """A figure that may be the same as another; what takes long is found out where it is asked for, and once."""

    told: _Told

    @cached_property
    def records(self) -> Counter[Identity]:
        """What it is made of, whatever that contributes."""
        return Counter(map(identity, self.told[1]))

    @cached_property
    def values(self) -> _Values:
        """What each of them contributes."""
        return _values(self.told[1])

    def is_the_same_as(self, other: _Candidate) -> bool:
        """Whether both are made of the same parts, and in the same unit."""
        if _plainly_not(self.told[1], other.told[1]) or self.records != other.records:
            return False
        return _in_one_unit(self.told[1], self.values, other.values)


def _differing(one: _Candidate, same: _Candidate) -> Iterator[Discrepancy]:
    figure, other = one.told[0], same.told[0]
    value, standing = Decimal(figure.value() or 0), Decimal(other.value() or 0)
    if value != standing and abs(value - standing) > (0 if same.values == one.values else 1):
        yield replace(_discrepancy(figure, standing, "sheet"), place=f"'{other.sheet.name}'!{other.cell}")


def _in_one_unit(parts: Sequence[Part], mine: _Values, theirs: _Values) -> bool:
    """Whether the same parts are equal in both, or amounts rounded to whole numbers, each figure its own way."""
    differing = {key for key, value in mine.items() if value != theirs[key]}
    if any(abs(mine[key] - theirs[key]) != 1 or mine[key] % 1 for key in differing):
        return False
    amounts = (part for part in parts if identity(part) in differing) if differing else ()
    return all(part.path and stated(part) is not None and not _counts(part) for part in amounts)


def _plainly_not(some: Sequence[Part], others: Sequence[Part]) -> bool:
    """Whether two figures of the same parts, in the same order, begin with one of different units; cheap."""
    first, other = some[0], others[0]
    apart = abs(Decimal(first.value) - Decimal(other.value))
    return identity(first) == identity(other) and apart != 0 and (first.value % 1 != 0 or apart > 1)


def _counts(part: Part) -> bool:
    return part.path.endswith("count")


def _values(parts: Sequence[Part]) -> _Values:
    values: dict[Identity, Decimal] = {}
    for part in parts:
        key = identity(part)
        values[key] = values.get(key, _NOTHING) + part.value
    return values


def _sum(parts: Sequence[Part]) -> Number:
    return sum(part.value for part in parts)


def _discrepancy(figure: Figure, other: Number, against: Against) -> Discrepancy:
    value = figure.value() or 0
    return Discrepancy(figure.sheet.name, figure.cell, figure.row.name(), figure.heading, value, other, against)
