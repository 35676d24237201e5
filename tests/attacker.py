"""An attacker who solves for hidden counts everything that was published, with a linear and an integer solver.

He knows each figure that stands open, that "<5" is a count from 1 to 4, that people are whole and never fewer
than none, how base cells add up on every sheet, and which base cells did not change between two issues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from muster_report.disclosure import Key, Release, Shown

INFEASIBLE, UNBOUNDED = 2, 3  # scipy's words for it
SMALL = (1, 2, 3, 4)
Floats = NDArray[np.float64]


class CannotSolveError(Exception):
    """The solver gave up: nothing is proved either way."""


@dataclass(frozen=True)
class Attacker:
    """What he holds of some releases: sums of unknowns, and between which bounds each must lie."""

    sums: csr_array
    low: Floats
    high: Floats
    rows: dict[tuple[int, Key], int]  # figure of a release to its row of ``sums``

    @classmethod
    def of(cls, releases: Sequence[Release]) -> Attacker:
        """Put together all that the releases say."""
        unknowns: dict[tuple[Key, int], int] = {}
        rows: dict[tuple[int, Key], int] = {}
        places: list[tuple[int, int]] = []
        bounds: list[tuple[float, float]] = []
        for number, release in enumerate(releases):
            counts, values = release.statistics.counts, release.statistics.values()
            for figure in release.statistics.figures:
                rows[number, figure.key] = len(bounds)
                of_figure = (unknowns.setdefault((cell, counts[cell]), len(unknowns)) for cell in figure.base)
                places += ((len(bounds), unknown) for unknown in of_figure)
                bounds.append(said(release.shown[figure.key], values[figure.key]))
        at = np.array(places).T
        sums = csr_array((np.ones(len(places)), (at[0], at[1])), shape=(len(bounds), len(unknowns)))
        return cls(sums, np.array([low for low, _ in bounds]), np.array([high for _, high in bounds]), rows)

    def interval(self, issue: int, key: Key) -> tuple[float, float]:
        """The least and the greatest that a figure of a release can be, by linear programming."""
        row = self.sums[[self.rows[issue, key]], :].toarray()[0]
        return self._least(row), -self._least(-row)

    def table_with(self, issue: int, key: Key, value: int) -> Floats | None:
        """What all figures are in a table of whole numbers that agrees with everything and has this value in one.

        None: there is no such table, so he can exclude the value.
        """
        row = self.rows[issue, key]
        if not self.low[row] <= value <= self.high[row]:
            return None
        low, high = self.low.copy(), self.high.copy()
        low[row] = high[row] = value
        size = self.sums.shape[1]
        found = milp(
            np.zeros(size),
            integrality=np.ones(size, dtype=np.int64),
            bounds=Bounds(0, np.inf),
            constraints=LinearConstraint(self.sums, low, high),
        )
        if not found.success and found.status != INFEASIBLE:
            raise CannotSolveError(found.message)
        return np.rint(self.sums @ np.rint(found.x)) if found.success else None

    def excluded(self, issue: int, key: Key) -> list[int]:
        """The values from 1 to 4 that he can exclude from a figure."""
        return [value for value in SMALL if self.table_with(issue, key, value) is None]

    def _least(self, row: Floats) -> float:
        low, high = np.isfinite(self.low), np.isfinite(self.high)
        found = linprog(
            row,
            A_ub=np.vstack([self.sums[high, :].toarray(), -self.sums[low, :].toarray()]),
            b_ub=np.concatenate([self.high[high], -self.low[low]]),
            bounds=(0, None),
        )
        if found.status == UNBOUNDED:
            return -np.inf
        if not found.success or found.fun is None:
            raise CannotSolveError(found.message)
        return float(found.fun)


def said(mark: Shown, value: int) -> tuple[float, float]:
    """The bounds that a cell states."""
    match mark:
        case Shown.OPEN:
            return value, value
        case Shown.FEW:
            return 1, 4
        case Shown.HIDDEN:
            return -np.inf, np.inf


def broken(releases: Sequence[Release]) -> list[tuple[int, Key]]:
    """The small cells of the releases from which the attacker can exclude a value from 1 to 4."""
    attacker = Attacker.of(releases)
    values = {(n, key): value for n, r in enumerate(releases) for key, value in r.statistics.values().items()}
    small = [figure for figure, value in values.items() if value in SMALL]
    possible = {(figure, values[figure]) for figure in small}  # the true table is one
    found: list[tuple[int, Key]] = []
    for figure, value in ((figure, value) for figure in small for value in SMALL):
        if (figure, value) not in possible:
            table = attacker.table_with(*figure, value)
            if table is None:
                found.append(figure)
            else:
                possible |= {(other, int(table[attacker.rows[other]])) for other in small}
    return list(dict.fromkeys(found))
