"""Classes of figures for a map: as many countries in each as can be, between numbers that are easy to read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

Number = int | Decimal
MOST: Final = 5
_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Classes:
    """``limits`` part the classes, each belonging to the one above it; class 1 is the lowest, 0 is for no figure."""

    limits: tuple[int, ...]

    @classmethod
    def of(cls, figures: Iterable[Number]) -> Classes:
        """Up to five classes of about as many figures each; figures of 0 and less belong to none."""
        held = sorted(figure for figure in figures if figure > 0)
        if not held:
            return cls(())
        quantiles = (held[len(held) * at // MOST] for at in range(1, MOST))
        limits = {_easy(figure) for figure in quantiles}
        return cls(tuple(sorted(limit for limit in limits if held[0] < limit <= held[-1])))

    def __len__(self) -> int:
        return len(self.limits) + 1

    def of_figure(self, figure: Number | None) -> int:
        """The class of a figure: 1 for the lowest, 0 where there is none."""
        return bisect_right(self.limits, figure) + 1 if figure is not None and figure > 0 else 0

    def shade(self, number: int) -> int:
        """The shade of a class among five: fewer classes take the darker ones, none has shade 0."""
        return number + MOST - len(self) if number else 0


def _easy(figure: Number) -> int:
    """A number with two digits that matter: 1234567 is 1200000."""
    whole = Decimal(figure).to_integral_value(ROUND_HALF_UP)
    places = max(0, whole.adjusted() + 1 - _DIGITS)
    return int(whole.quantize(Decimal(1).scaleb(places), ROUND_HALF_UP))
