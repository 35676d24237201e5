"""Finding moves that leave every published figure as it is.

A move takes one person away here and adds one there: at the corners of a box in the table of base cells, with
signs in turn, so that every sum that runs along an edge of the box stays the same. What it does change must be
hidden; that is its price.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, islice, product
from typing import Final

from muster_report.disclosure.equations import Equations, Sum, bundles
from muster_report.disclosure.figures import Key
from muster_report.disclosure.tables import FORBIDDEN, Move, Table

_NEAR: Final = 6  # neighbours looked at per dimension, the cheapest first
_LOOKED_AT: Final = 24  # neighbours among which the cheapest are sought
_GLANCES: Final = 3  # boxes tried per choice of dimensions before the best choices are searched
_BOXES: Final = 24  # boxes tried per choice that is searched
_CHOICES: Final = 2
_PARTNERS: Final = 12
_NARROW: Final = 4  # sums, the narrowest, whose other cells are tried as partners
_DIMENSIONS: Final = 4  # of a box, at most
_TWINS: Final = 8  # pairs kept for each difference, those with most people first
_STARTS: Final = 40  # unknowns of a sum from which a move is sought where none is found


_Difference = tuple[frozenset[int], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Wish:
    """That a sum change by ``sign`` (1 or -1) in a table, and ``steps`` times in all."""

    table: Table
    total: Sum
    sign: int
    steps: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A move that may be made, with its price in the table it was drafted for."""

    move: Move
    price: int


@dataclass(slots=True)
class Search:
    """Finds moves; ``lines`` maps a dimension and a key without it to the cells that differ only there."""

    made: Equations
    lines: dict[tuple[int, Key], list[Key]]
    closest: dict[tuple[int, Key], list[Key]] = field(default_factory=dict)
    open: dict[int, frozenset[int]] = field(default_factory=dict)
    twins: dict[_Difference, list[tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, made: Equations) -> Search:
        """Cells of each line with large counts first."""
        lines: dict[tuple[int, Key], list[Key]] = {}
        largest = {cell: max(made.counts[u] for u in unknowns) for cell, unknowns in made.unknowns_of.items()}
        for cell in sorted(made.unknowns_of, key=lambda cell: (-largest[cell], cell)):
            for at in range(len(cell)):
                lines.setdefault((at, cell[:at] + cell[at + 1 :]), []).append(cell)
        return cls(made, lines)

    def cheapest(self, wish: Wish) -> Move | None:
        """The cheapest move found that fulfils a wish; None: every one found is forbidden."""
        drafts: list[tuple[int, int, Draft]] = []
        for number, unknown in enumerate(_starts(wish)):
            if number >= _STARTS or (number >= _GLANCES and min(drafts)[0] < FORBIDDEN):
                break
            for draft in chain(self._with_twins(wish, unknown), self._from(wish, unknown), self._pairs(wish, unknown)):
                if draft.price == 0:
                    return draft.move
                drafts.append((_worth(draft, wish), len(drafts), draft))
        best = min(drafts)[2] if drafts else None
        return best.move if best is not None and best.price < FORBIDDEN else None

    def _from(self, wish: Wish, unknown: int) -> Iterator[Draft]:
        near = self._neighbours(wish, unknown)
        ranked: list[tuple[int, int, tuple[int, ...]]] = []
        for size in range(min(len(near), _DIMENSIONS) + 1):
            for order, choice in enumerate(combinations(sorted(near), size)):
                found = list(islice(self._boxes(wish, unknown, [near[at] for at in choice]), _GLANCES))
                yield from found
                if found and choice:
                    ranked.append((min(_worth(draft, wish) for draft in found), size * 100 + order, choice))
        for _, _, choice in sorted(ranked)[:_CHOICES]:
            yield from islice(self._boxes(wish, unknown, [near[at] for at in choice]), _GLANCES, _BOXES)

    def _with_twins(self, wish: Wish, unknown: int) -> Iterator[Draft]:
        """A person moves to a neighbour, and back between two other cells that differ in the very same sums.

        Boxes find this only where the other two have the same codes; projects rarely share their groups.
        """
        if not self.twins:
            self._find_twins()
        for other in self._partners(unknown):
            for there, back in self.twins.get(self._difference(unknown, other), ()):
                if len({unknown, other, there, back}) == 4:
                    yield from self._drafted(wish, ((unknown, 1), (other, -1), (there, -1), (back, 1)))

    def _drafted(self, wish: Wish, corners: Iterable[tuple[int, int]]) -> Iterator[Draft]:
        move = self.move([(u, sign * wish.sign) for u, sign in corners])
        price = wish.table.price(move)
        if (wish.total.number, wish.sign) in move.sums and price < FORBIDDEN:
            yield Draft(move, price)

    def _find_twins(self) -> None:
        pairs = [(u, other) for u in range(len(self.made.counts)) for other in self._partners(u)]
        counts = self.made.counts
        for pair in sorted(pairs, key=lambda pair: -min(counts[pair[0]], counts[pair[1]])):
            known = self.twins.setdefault(self._difference(*pair), [])
            if len(known) < _TWINS:
                known.append(pair)

    def _partners(self, unknown: int) -> Iterator[int]:
        """Unknowns that differ in one dimension, the closest of each, and stand in the same issues."""
        cell, issues = self.made.cells[unknown], self.made.issues[unknown]
        for at in range(len(cell)):
            for other in self._closest(cell, at)[:_NEAR]:
                yield from (u for u in self.made.unknowns_of[other] if self.made.issues[u] == issues)

    def _difference(self, unknown: int, other: int) -> _Difference:
        """The sums that are not hidden from the first, in which only one of two unknowns is."""
        if unknown not in self.open:
            self.open[unknown] = self._open_sums(unknown)
        if other not in self.open:
            self.open[other] = self._open_sums(other)
        return self.open[unknown] - self.open[other], self.open[other] - self.open[unknown]

    def _open_sums(self, unknown: int) -> frozenset[int]:
        sums = self.made.sums
        return frozenset(
            n for n in self.made.sums_of[unknown] if sums[n].known or (sums[n].published and not sums[n].small)
        )

    def _boxes(self, wish: Wish, unknown: int, near: list[list[tuple[int, str]]]) -> Iterator[Draft]:
        """Boxes along some dimensions, as far as they exist, have people to give and change the sum."""
        cell = self.made.cells[unknown]
        for picked in product(*near):
            corners = _corners(cell, picked, wish.sign, self.made.unknowns_of)
            for draft in self._drafts(wish.table, unknown, corners) if corners else ():
                if (wish.total.number, wish.sign) in draft.move.sums:
                    yield draft

    def _pairs(self, wish: Wish, unknown: int) -> Iterator[Draft]:
        """Moves between two cells of a narrow sum, however much they differ: for tables with few cells."""
        made, seen = self.made, {unknown}
        wide = (made.sums[number] for number in made.sums_of[unknown])
        wider = [total for total in wide if not total.unknowns <= wish.total.unknowns]
        for total in sorted(wider, key=lambda total: (len(total.unknowns), total.number))[:_NARROW]:
            for other in sorted(total.unknowns - seen)[:_PARTNERS]:
                seen.add(other)
                corners = [(made.cells[unknown], wish.sign), (made.cells[other], -wish.sign)]
                for draft in self._drafts(wish.table, unknown, corners):
                    if (wish.total.number, wish.sign) in draft.move.sums:
                        yield draft

    def _drafts(self, table: Table, unknown: int, corners: list[tuple[Key, int]]) -> Iterator[Draft]:
        for moved in bundles(self.made, unknown, [cell for cell, _ in corners]):
            unknowns = [(u, sign) for together, (_, sign) in zip(moved, corners, strict=True) for u in together]
            if all(sign > 0 or table.count(u) > 0 for u, sign in unknowns):
                move = self.move(unknowns)
                yield Draft(move, table.price(move))

    def move(self, unknowns: Sequence[tuple[int, int]]) -> Move:
        """The move that changes some unknowns so."""
        changes: dict[int, int] = {}
        for u, sign in unknowns:
            for number in self.made.sums_of[u]:
                changes[number] = changes.get(number, 0) + sign
        return Move(tuple(unknowns), tuple((number, change) for number, change in changes.items() if change))

    def _neighbours(self, wish: Wish, unknown: int) -> dict[int, list[tuple[int, str]]]:
        """By dimension, the other codes to which a person may move, the cheapest first."""
        cell, near = self.made.cells[unknown], dict[int, list[tuple[int, str]]]()
        own = set(self.made.sums_of[unknown])
        for at in range(len(cell)):
            rated = [
                (rating, other[at])
                for other in self._closest(cell, at)
                if (rating := self._rating(wish, other, own)) is not None
            ]
            if rated:
                near[at] = [(at, code) for _, code in sorted(rated)[:_NEAR]]
        return near

    def _closest(self, cell: Key, at: int) -> list[Key]:
        """The cells that differ in one dimension only, those first that share most sums with this one."""
        if (at, cell) not in self.closest:
            made, line = self.made, self.lines[at, cell[:at] + cell[at + 1 :]]
            own = {number for u in made.unknowns_of[cell] for number in made.sums_of[u]}
            shared = {
                other: sum(number in own for u in made.unknowns_of[other] for number in made.sums_of[u])
                for other in line
                if other != cell
            }
            ranked = sorted(shared, key=lambda other: -shared[other])  # stable: large counts stay first
            self.closest[at, cell] = [other for other in ranked[:_LOOKED_AT] if shared[other]]
        return self.closest[at, cell]

    def _rating(self, wish: Wish, other: Key, own: set[int]) -> int | None:
        """Less is better: what all those sums cost that the other cell is in and this one is not."""
        made, unknowns = self.made, self.made.unknowns_of[other]
        if made.alone and unknowns[0] in wish.total.unknowns:
            return None
        left = max(wish.table.count(u) for u in unknowns)
        if wish.sign > 0 and left < 1:
            return None
        apart = {number for u in unknowns for number in made.sums_of[u]} - own
        dear = sum(made.sums[number].price for number in apart if not made.sums[number].hidden)
        return dear if wish.sign < 0 or left >= wish.steps else 2 * dear


def _worth(draft: Draft, wish: Wish) -> int:
    """The price, and more where the cells cannot give all the steps: another move has to be paid for then."""
    table = wish.table
    possible = min((table.count(u) for u, change in draft.move.unknowns if change < 0), default=wish.steps)
    return draft.price + draft.price * max(0, wish.steps - possible) // wish.steps


def _starts(wish: Wish) -> Iterable[int]:
    """Unknowns of a sum that may begin a move, those that most people are in first."""
    table = wish.table
    ranked = sorted(wish.total.unknowns, key=lambda u: (-table.count(u), table.made.cells[u], u))
    return ranked if wish.sign > 0 else [u for u in ranked if table.count(u) > 0]


def _corners(
    cell: Key, picked: tuple[tuple[int, str], ...], sign: int, known: dict[Key, list[int]]
) -> list[tuple[Key, int]] | None:
    corners = [(cell, sign)]
    for at, code in picked:
        further = [((*corner[:at], code, *corner[at + 1 :]), -way) for corner, way in corners]
        if any(corner not in known for corner, _ in further):
            return None
        corners += further
    return corners
