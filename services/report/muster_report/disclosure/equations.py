"""All that outsiders hold of a report's issues, as one set of unknowns and sums of them.

An unknown is a base cell with its count: one that did not change between two issues is the same unknown in both.
That takes the reader for somebody who knows which base cells changed (an office may tell), though not by how much.
Figures that add up the same unknowns, on whatever sheet or in whatever issue, are one sum: shown once, it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from muster_report.disclosure.figures import SMALL, Figure, Key, Release, Shown, Statistics

_AGAIN = 2  # times cheaper: what the last issue hid, so that little opens between two issues
_OUTERMOST = 5000  # above the price of any move that leaves outermost totals alone


@dataclass(slots=True)
class Sum:
    """One distinct sum of unknowns. ``low`` and ``high`` bound the values it takes in the tables found so far."""

    number: int
    key: Key
    unknowns: frozenset[int]
    value: int
    keys: set[Key] = field(default_factory=set)  # of all figures that are this sum, in whatever issue
    published: int = 0  # figures of the new issue that show it
    told: bool = False  # an issue before marked it "<5"
    known: bool = False  # an issue before shows its value
    hidden: bool = False
    price: int = 0  # of hiding it in the new issue
    low: int = 0
    high: int = 0

    @property
    def small(self) -> bool:
        """Whether it is a small cell."""
        return self.value in SMALL


@dataclass(slots=True)
class Equations:
    """Unknowns and sums by number; ``sums_of[u]`` are the sums that unknown ``u`` is in."""

    counts: list[int] = field(default_factory=list)
    cells: list[Key] = field(default_factory=list)
    issues: list[int] = field(default_factory=list)  # of each unknown: the issues it stands in, as bits
    unknowns_of: dict[Key, list[int]] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    sums_of: list[list[int]] = field(default_factory=list)
    alone: bool = True  # no issue was released before
    newest: int = 1  # the bit of the new issue
    sum_of: dict[Key, Sum] = field(default_factory=dict)  # figure of the new issue to its sum


def equations(statistics: Statistics, before: Sequence[Release]) -> Equations:
    """The new issue and those released before it, as one."""
    made, numbers, sums = (
        Equations(alone=not before, newest=1 << len(before)),
        dict[tuple[Key, int], int](),
        dict[frozenset[int], Sum](),
    )
    issues = [(release.statistics, release.shown) for release in before]
    for bit, (issue, shown) in enumerate([*issues, (statistics, None)]):
        of_issue = _unknowns(made, numbers, issue.counts, bit)
        for figure in sorted(issue.figures, key=_by_key):
            unknowns = frozenset(map(of_issue.__getitem__, figure.base))
            total = sums.get(unknowns) or _new_sum(made, sums, figure.key, unknowns)
            _note(made, total, figure, shown)
    _add_small_cells(made, sums)
    hidden_last = {key for key, mark in before[-1].shown.items() if mark is Shown.HIDDEN} if before else set[Key]()
    made.sums_of = [[] for _ in made.counts]
    for total in made.sums:
        for unknown in total.unknowns:
            made.sums_of[unknown].append(total.number)
    for total in made.sums:
        total.price = _price(made, total) // (_AGAIN if total.keys & hidden_last else 1)
        total.hidden = not total.known and (total.small or not total.published)
    return made


def _by_key(figure: Figure) -> Key:
    return figure.key


def _unknowns(
    made: Equations, numbers: dict[tuple[Key, int], int], counts: Mapping[Key, int], bit: int
) -> dict[Key, int]:
    of_issue: dict[Key, int] = {}
    for key, count in sorted(counts.items()):
        unknown = numbers.setdefault((key, count), len(made.counts))
        if unknown == len(made.counts):
            made.counts.append(count)
            made.cells.append(key)
            made.issues.append(0)
            made.unknowns_of.setdefault(key, []).append(unknown)
        made.issues[unknown] |= 1 << bit
        of_issue[key] = unknown
    return of_issue


def _new_sum(made: Equations, sums: dict[frozenset[int], Sum], key: Key, unknowns: frozenset[int]) -> Sum:
    value = sum(made.counts[unknown] for unknown in unknowns)
    total = Sum(len(made.sums), key, unknowns, value, low=value, high=value)
    made.sums.append(total)
    sums[unknowns] = total
    return total


def _add_small_cells(made: Equations, sums: dict[frozenset[int], Sum]) -> None:
    """Base cells with small counts, published or not: another report may publish what this one only adds up."""
    for unknown, count in enumerate(made.counts):
        alone = frozenset((unknown,))
        if count in SMALL and alone not in sums:
            _new_sum(made, sums, made.cells[unknown], alone)


def _note(made: Equations, total: Sum, figure: Figure, shown: Mapping[Key, Shown] | None) -> None:
    total.keys.add(figure.key)
    if shown is None:
        total.published += 1
        made.sum_of[figure.key] = total
    else:
        total.known |= shown[figure.key] is Shown.OPEN
        total.told |= shown[figure.key] is Shown.FEW


def _price(made: Equations, total: Sum) -> int:
    """What hiding a sum costs: more for large counts, for wide totals, and far more for outermost totals."""
    if not total.published:
        return 0
    size, breadth = total.value.bit_length(), len(total.unknowns).bit_length()
    return total.published * (20 + size + breadth) + (_OUTERMOST if _outermost(made, total) else 0)


def _outermost(made: Equations, total: Sum) -> bool:
    """Whether no other sum holds all its unknowns and more."""
    others = (made.sums[number] for number in made.sums_of[min(total.unknowns)])
    return not any(len(other.unknowns) > len(total.unknowns) and other.unknowns > total.unknowns for other in others)


def small_sums(made: Equations) -> Iterator[Sum]:
    """The small cells to protect, narrow ones first; those whose value is out already are not among them."""
    small = (total for total in made.sums if total.small and not total.known)
    yield from sorted(small, key=lambda total: (len(total.unknowns), total.key, total.number))


def bundles(made: Equations, start: int, cells: Sequence[Key]) -> Iterator[list[list[int]]]:
    """The unknowns of some cells that may move with one unknown of the first cell, in a few ways.

    A base cell that changed is several unknowns. Where only one issue counts there is one way; else the others move
    in the issues of the first, or in all that hang together, or only in those before, or only in the new one.
    """
    if made.alone:
        yield [made.unknowns_of[cell] for cell in cells]
        return
    own, new = made.issues[start], made.newest
    connected = _connected(made, cells, own)
    ways = [[u for u in made.unknowns_of[cell] if made.issues[u] & connected] for cell in cells]
    found = [ways]
    for wanted, kept in ((own, -1), (own & ~new, ~new), (own & new, new)):
        found.append([[start], *(_those(made, cell, wanted, kept) for cell in cells[1:])])
    for number, way in enumerate(found):
        if all(way) and way not in found[:number]:
            yield way


def _those(made: Equations, cell: Key, wanted: int, kept: int) -> list[int]:
    return [u for u in made.unknowns_of[cell] if made.issues[u] & wanted and not made.issues[u] & ~kept]


def _connected(made: Equations, cells: Sequence[Key], issues: int) -> int:
    """The issues that unknowns of the cells tie to some issues."""
    while True:
        wider = issues
        for unknown in chain.from_iterable(made.unknowns_of[cell] for cell in cells):
            wider |= made.issues[unknown] if made.issues[unknown] & issues else 0
        if wider == issues:
            return issues
        issues = wider
