"""From one issue to a later one: what each total was, what was added to it cell by cell, and what it is.

What was added is summed over the cells (or records) below a total and never taken from the totals, so that opening
and added come to the closing figure only where both books are right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from muster_report.blocks import Number
from muster_report.book import Book
from muster_report.figures import identity
from muster_report.reconciling import each_once
from muster_report.totals import Figure, Total, grand_totals, is_hidden, is_streamed, number_of

_Leaves = Mapping[tuple[str, ...], Number]
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Movement:
    """A total in two books; ``figure`` is where it stands now, or stood."""

    figure: Figure
    opening: Number
    added: Number
    closing: Number

    @property
    def difference(self) -> Number:
        """Closing, less opening and what was added: 0, or one of the totals is wrong."""
        return self.closing - self.opening - self.added


def movements(old: Book, new: Book) -> list[Movement]:
    """How every total and key figure came to be what it is; without those that a copy hides.

    Of a book that streams its records the key figures, which only records could tell, are left out.
    """
    before, after = _by_key(old), _by_key(new)
    keys = [*after, *(key for key in before if key not in after)]
    found = (_movement(before.get(key), after.get(key)) for key in keys)
    return [movement for movement in found if movement is not None]


def _by_key(book: Book) -> dict[_Key, Total]:
    streamed = is_streamed(book)
    return {total.figure.key: total for total in grand_totals(book) if total.addends or not streamed}


def _movement(before: Total | None, after: Total | None) -> Movement | None:
    there = [total for total in (before, after) if total is not None]
    of_parts = any(not total.addends or _each_once(total) for total in there)
    was, now = (_leaves(total, of_parts=of_parts) if total else {} for total in (before, after))
    if was is None or now is None:
        return None
    added = sum((now.get(leaf, 0) - was.get(leaf, 0) for leaf in {**was, **now}), Decimal(0))
    opening, closing = (total.figure.value() if total else 0 for total in (before, after))
    return Movement(there[-1].figure, opening or 0, added, closing or 0)


def _each_once(total: Total) -> bool:
    return total.sum() not in (None, total.figure.value()) and each_once(total)


def _leaves(total: Total, *, of_parts: bool) -> _Leaves | None:
    """What is below a total; None where that, or the total, is hidden or not told, so that nothing can be added up."""
    value = total.figure.value()
    if is_hidden(total.figure.row.cells[total.figure.column]) or (of_parts and value is None):
        return None
    leaves = _of_parts(total) if of_parts else _of_cells(total)
    return None if _is_untold(total, value, leaves, of_parts=of_parts) else leaves


def _is_untold(total: Total, value: Number | None, leaves: _Leaves, *, of_parts: bool) -> bool:
    if of_parts:
        return bool(value) and not leaves
    return total.sum() is None or (value is None and any(leaves.values()))


def _of_parts(total: Total) -> _Leaves:
    leaves: dict[tuple[str, ...], Number] = {}
    for part in total.figure.parts():
        leaf = identity(part)
        leaves[leaf] = leaves.get(leaf, 0) + part.value
    return leaves


def _of_cells(total: Total) -> _Leaves:
    columns = total.figure.table.columns
    found = (((row.key, columns[at].key), number_of(row.cells[at])) for row, at in total.addends)
    return {leaf: number for leaf, number in found if number is not None}
