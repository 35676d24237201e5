"""Tables that outsiders may think of, and moves: changes of a few base cells from one such table to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from muster_report.disclosure.equations import Equations, Sum
from muster_report.disclosure.figures import LARGEST, SMALLEST

MARK_LOST: Final = 4  # a small cell that may no longer be marked "<5" costs less than a cell that is hidden
FORBIDDEN: Final = 10**9  # outsiders would know better


@dataclass(frozen=True, slots=True)
class Move:
    """Unknowns and sums with what one step of it adds to each; no entry is 0."""

    unknowns: tuple[tuple[int, int], ...]
    sums: tuple[tuple[int, int], ...]

    def reversed(self) -> Move:
        """The same step the other way."""
        return Move(
            tuple((number, -change) for number, change in self.unknowns),
            tuple((number, -change) for number, change in self.sums),
        )


@dataclass(slots=True)
class Table:
    """A table that outsiders may think of: the true one and what was moved since."""

    made: Equations
    unknowns: dict[int, int] = field(default_factory=dict)
    sums: dict[int, int] = field(default_factory=dict)

    def count(self, unknown: int) -> int:
        """The count of an unknown in this table."""
        return self.made.counts[unknown] + self.unknowns.get(unknown, 0)

    def value(self, total: Sum) -> int:
        """The value of a sum in this table."""
        return total.value + self.sums.get(total.number, 0)

    def add(self, move: Move) -> None:
        """Make one step of a move, and widen the bounds of the sums that it changes."""
        for unknown, change in move.unknowns:
            self.unknowns[unknown] = self.unknowns.get(unknown, 0) + change
        for number, change in move.sums:
            self.sums[number] = self.sums.get(number, 0) + change
            total = self.made.sums[number]
            total.low = min(total.low, self.value(total))
            total.high = max(total.high, self.value(total))

    def price(self, move: Move) -> int:
        """What must be hidden for a move, 0 for nothing; FORBIDDEN and more where outsiders would know better."""
        if any(change < 0 and self.count(unknown) + change < 0 for unknown, change in move.unknowns):
            return FORBIDDEN
        return sum(self.price_of(number, change) for number, change in move.sums)

    def price_of(self, number: int, change: int) -> int:
        """The price of changing one sum: one whose value is out cannot, one marked "<5" before stays from 1 to 4."""
        total = self.made.sums[number]
        if total.known:
            return FORBIDDEN
        if not total.hidden:
            return total.price
        if not total.small or SMALLEST <= self.value(total) + change <= LARGEST:
            return 0
        if total.told:
            return FORBIDDEN
        marked = total.published and SMALLEST <= total.low <= total.high <= LARGEST
        return MARK_LOST if marked else 0
