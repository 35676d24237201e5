"""What differs between two books of the same report, cell by cell.

Cells are found again by the keys of their table, row and column, not by where they stand: a row that comes
or goes moves all below it without changing them. Titles and as-of lines are not figures and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from muster_report.book import Book, Cell, Number, Sheet, Value
from muster_report.facts import Fact, Submission
from muster_report.streamed_changes import Pair, held_cells, streamed_pairs
from muster_report.streamed_facts import UsedFacts


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that differs: where it stands now (or stood, if it is gone), what it is, what it was and is."""

    sheet: str
    cell: str
    row_label: str
    column_label: str
    old: Value
    new: Value

    @property
    def by(self) -> Number | None:
        """Now minus before, where both are numbers; a line that came or went counts from 0."""
        old, new = _counted(self.old), _counted(self.new)
        return None if old is None or new is None else new - old


def _counted(value: Value) -> Number | None:
    if value is None:
        return 0
    return value if isinstance(value, int | Decimal) else None


def biggest_first(found: Iterable[Difference]) -> list[Difference]:
    """Sheet by sheet in their order; within one the biggest change of a figure first, words last."""
    listed = list(found)
    sheets = list(dict.fromkeys(difference.sheet for difference in listed))
    return sorted(listed, key=lambda d: (sheets.index(d.sheet), d.by is None, -_size(d)))


def _size(difference: Difference) -> Decimal:
    return abs(Decimal(difference.by or 0))


def differences(old: Book | None, new: Book) -> list[Difference]:
    """Cells of the figures' sheets that differ, in the order of sheets and cells; none where ``old`` is None."""
    if old is None:
        return []
    before = {sheet.name: sheet for sheet in old.figures()}
    after = {sheet.name: sheet for sheet in new.figures()}
    found: list[Difference] = []
    for name in [*after, *(name for name in before if name not in after)]:
        found += _sheet_differences(name, before.get(name), after.get(name))
    return found


def sources(used: Iterable[Fact]) -> tuple[Submission, ...]:
    """The submissions that the facts came in, each once, by office and receipt."""
    submissions = used.submissions() if isinstance(used, UsedFacts) else {fact.submission for fact in used}
    return tuple(sorted(submissions, key=lambda s: (s.office, s.receipt, s.received_at, s.sha256, s.submission_id)))


def _sheet_differences(name: str, before: Sheet | None, after: Sheet | None) -> list[Difference]:
    old, new = _by_identity(before), _by_identity(after)
    identities = [*new, *(identity for identity in old if identity not in new)]
    held = ((old.get(identity), new.get(identity)) for identity in identities)
    pairs = [pair for pair in chain(held, streamed_pairs(before, after)) if _value(pair[0]) != _value(pair[1])]
    return [_difference(name, *pair) for pair in sorted(pairs, key=_place)]


def _place(pair: Pair) -> tuple[int, int, bool]:
    where = _where(*pair)
    return where.row, where.column, pair[1] is None


def _difference(name: str, was: Cell | None, stands: Cell | None) -> Difference:
    where = _where(was, stands)
    return Difference(name, where.coordinate, where.row_label, where.column_label, _value(was), _value(stands))


def _where(was: Cell | None, stands: Cell | None) -> Cell:
    where = stands or was
    assert where is not None  # noqa: S101 - a pair is of a cell that stands in one of two sheets
    return where


def _by_identity(sheet: Sheet | None) -> dict[tuple[str, ...], Cell]:
    return {cell.identity: cell for cell in held_cells(sheet)} if sheet else {}


def _value(cell: Cell | None) -> Value:
    return None if cell is None or cell.value == "" else cell.value
