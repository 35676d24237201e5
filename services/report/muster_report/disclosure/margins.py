"""What the sheets of a report publish of its base cells: which figure adds up which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Final

from muster_report.disclosure.figures import Figure, Key, Statistics

_MOST_CELLS: Final = 250_000  # combinations of codes looked at; above, only cells that have a count are unknowns


def published(counts: Mapping[Key, int], figures_of: Callable[[Key], Iterable[Key]]) -> Statistics:
    """The statistics of base cells, when ``figures_of`` names every figure that counts a base cell, on all sheets.

    Combinations of codes that nobody was counted for are added as counts of 0, as far as each of their figures is
    above 0: no reader can tell that they are empty, so a person may be thought to be there, and less has to be
    hidden. Where there are very many combinations they are left out, which is as safe and hides more.
    """
    figures: dict[Key, set[Key]] = {}
    for cell in counts:
        for key in figures_of(cell):
            figures.setdefault(key, set()).add(cell)
    values = {key: sum(counts[cell] for cell in base) for key, base in figures.items()}
    every = dict(counts)
    for cell in _combinations(counts):
        keys = tuple(figures_of(cell)) if cell not in counts else ()
        if keys and all(values.get(key) for key in keys):
            every[cell] = 0
            for key in keys:
                figures[key].add(cell)
    return Statistics(every, tuple(Figure(key, frozenset(base)) for key, base in sorted(figures.items())))


def _combinations(counts: Mapping[Key, int]) -> Iterator[Key]:
    codes = [sorted(set(of_dimension)) for of_dimension in zip(*counts, strict=True)]
    if codes and prod(map(len, codes)) <= _MOST_CELLS:
        yield from product(*codes)
