"""Which figures of an issue are hidden, so that nobody can work a small cell back.

For each small cell and each value from 1 to 4 a whole table is found that agrees with everything published and
in which the cell has that value; what stands in its way is hidden. docs/small-cells.md says why that is a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from muster_report.disclosure.equations import Equations, Sum, equations, small_sums
from muster_report.disclosure.figures import LARGEST, SMALLEST, Key, Loss, Release, Shown, Statistics, Suppression
from muster_report.disclosure.moves import Search, Wish
from muster_report.disclosure.tables import FORBIDDEN, Move, Table

_ATTEMPTS = 3
_REMEMBERED = 24  # moves tried again per sum before a new one is sought


def suppress(statistics: Statistics, before: Sequence[Release] = ()) -> Suppression:
    """What to show of each figure of an issue, given those released before it, oldest first.

    The same arguments give the same answer in any process; the order of counts and figures does not matter.
    """
    protection, exposed = _protect(statistics, before)
    made = protection.made
    exposed += [total for total in made.sums if total.small and total.known and total.published]
    shown = {key: _shown(total) for key, total in made.sum_of.items()}
    keys = {key for total in exposed for key in total.keys}
    return Suppression(shown, tuple(sorted(keys)), _loss(made, shown))


def suppress_in_turn(issues: Sequence[Statistics]) -> list[Suppression]:
    """The same for issues that are released one after the other."""
    releases: list[Release] = []
    found: list[Suppression] = []
    for issue in issues:
        found.append(suppress(issue, releases))
        releases.append(Release(issue, found[-1].shown))
    return found


def _protect(statistics: Statistics, before: Sequence[Release]) -> tuple[_Protection, list[Sum]]:
    """Protect all small cells; with those for which no tables were found."""
    made = equations(statistics, before)
    protection = _Protection(made, Search.of(made))
    exposed = list(small_sums(made))
    for _ in range(_ATTEMPTS):  # what was hidden for others may help one for which nothing was found
        exposed = [total for total in exposed if not protection.protect(total)]
    if exposed and before:
        protection.recall(_protect(before[-1].statistics, before[:-1])[0])
        exposed = [total for total in exposed if not protection.protect(total)]
    return protection, exposed


@dataclass(slots=True)
class _Protection:
    made: Equations
    search: Search
    moves: dict[int, list[Move]] = field(default_factory=dict)
    walks: dict[frozenset[int], list[list[Move]]] = field(default_factory=dict)  # by the unknowns of the sum
    recalled: dict[frozenset[int], list[list[Move]]] = field(default_factory=dict)

    def protect(self, total: Sum) -> bool:
        """Find a table for each value from 1 to 4; False where one is not found."""
        up, down = self._walk(total, 1, LARGEST - total.value), self._walk(total, -1, total.value - SMALLEST)
        if up is None or down is None:
            return self._walk_again(total)
        self.walks[total.unknowns] = [up, down]
        return True

    def _walk(self, total: Sum, sign: int, steps: int) -> list[Move] | None:
        table, walked = Table(self.made), list[Move]()
        for left in range(steps, 0, -1):
            move = self._step(Wish(table, total, sign, left), walked[-1] if walked else None)
            if move is None:
                return None
            table.add(move)
            walked.append(move)
        return walked

    def _walk_again(self, total: Sum) -> bool:
        """The walks that protected it when the last issue was made: what they change in the new one can be hidden."""
        for walk in self.recalled.get(total.unknowns, ()):
            table = Table(self.made)
            for move in walk:
                if table.price(move) >= FORBIDDEN:
                    return False
                self._hide(move)
                table.add(move)
        self.walks[total.unknowns] = self.recalled.get(total.unknowns, [])
        return total.unknowns in self.recalled

    def _step(self, wish: Wish, last: Move | None) -> Move | None:
        for move in self._known_moves(wish.total, wish.sign, last):
            if wish.table.price(move) == 0:
                return move
        found = self.search.cheapest(wish)
        if found is not None:
            self._hide(found)
        return found

    def recall(self, earlier: _Protection) -> None:
        """Take over the walks that protected the issues before."""
        numbers = {(cell, self.made.counts[u]): u for u, cell in enumerate(self.made.cells)}
        ours = [numbers[cell, earlier.made.counts[u]] for u, cell in enumerate(earlier.made.cells)]
        for unknowns, walks in earlier.walks.items():
            moved = [[self.search.move([(ours[u], n) for u, n in move.unknowns]) for move in walk] for walk in walks]
            self.recalled[frozenset(ours[u] for u in unknowns)] = moved

    def _known_moves(self, total: Sum, sign: int, last: Move | None) -> Iterator[Move]:
        if last is not None:
            yield last
        yield from _that_change(total, sign, reversed(self.moves.get(total.number, ())))

    def _hide(self, move: Move) -> None:
        for number, _ in move.sums:
            self.made.sums[number].hidden = True
            self.moves[number] = [*self.moves.get(number, ())[1 - _REMEMBERED :], move]


def _that_change(total: Sum, sign: int, moves: Iterable[Move]) -> Iterator[Move]:
    """The moves that change a sum by one, turned so that they change it by ``sign``."""
    for move in moves:
        change = dict(move.sums)[total.number]
        if abs(change) == 1:
            yield move if change == sign else move.reversed()


def _shown(total: Sum) -> Shown:
    if not total.hidden and not total.small:
        return Shown.OPEN
    within = total.small and SMALLEST <= total.low <= total.high <= LARGEST
    return Shown.FEW if within and not total.known else Shown.HIDDEN


def _loss(made: Equations, shown: dict[Key, Shown]) -> Loss:
    small = {key for key, total in made.sum_of.items() if total.small}
    hidden = {key for key, mark in shown.items() if mark is not Shown.OPEN}
    marked = sum(1 for mark in shown.values() if mark is Shown.FEW)
    return Loss(len(shown), len(small), marked, len(hidden - small))
