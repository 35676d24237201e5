"""What a report publishes of counts of people, and what a copy that leaves the house shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

Key = tuple[str, ...]

SMALLEST: Final = 1
LARGEST: Final = 4
SMALL: Final = range(SMALLEST, LARGEST + 1)  # a count of people in it is a small cell


@dataclass(frozen=True, slots=True)
class Figure:
    """One published count: ``key`` finds it again (sheet, row, column), ``base`` are the base cells it adds up."""

    key: Key
    base: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that one issue publishes of one set of people, on all its sheets.

    ``counts`` are the base cells: one code per dimension (office, group, sex, ...), each key of the same length,
    to a whole number of people, 0 included where a reader can tell that the cell exists.

    Raises:
        ValueError: a count is below 0, keys differ in length, a figure adds up nothing or a cell that has no
            count, or two figures share a key.
    """

    counts: Mapping[Key, int]
    figures: tuple[Figure, ...]

    def __post_init__(self) -> None:
        if any(count < 0 for count in self.counts.values()):
            raise ValueError("a count of people is below 0")
        if len({len(key) for key in self.counts}) > 1:
            raise ValueError("the keys of base cells differ in length")
        if len({figure.key for figure in self.figures}) < len(self.figures):
            raise ValueError("two figures share a key")
        for figure in self.figures:
            if not figure.base or not figure.base <= self.counts.keys():
                raise ValueError(f"figure {figure.key} adds up nothing, or a base cell without a count")

    def values(self) -> dict[Key, int]:
        """Each figure's count, by its key."""
        return {figure.key: sum(self.counts[key] for key in figure.base) for figure in self.figures}


class Shown(Enum):
    """What a copy shows in a cell; the value is the mark, empty where the count itself stands there."""

    OPEN = ""
    FEW = "<5"  # tells that it is a count from 1 to 4
    HIDDEN = "s"  # tells nothing: any count from 0 up, small ones among them


@dataclass(frozen=True, slots=True)
class Release:
    """An issue that left the house, and what it showed of each figure."""

    statistics: Statistics
    shown: Mapping[Key, Shown]


@dataclass(frozen=True, slots=True)
class Loss:
    """What suppression takes from the reader, in figures of the issue.

    ``small``: counts of 1 to 4, of which ``marked`` as "<5"; ``complementary``: others that are hidden with them.
    """

    figures: int
    small: int
    marked: int
    complementary: int


@dataclass(frozen=True, slots=True)
class Suppression:
    """What to show of each figure of an issue.

    ``exposed`` are keys of small cells, of this issue or of one before, for which no proof was found that each
    value from 1 to 4 stays possible: an issue with one must not be released. There are none where nothing was
    released before.
    """

    shown: Mapping[Key, Shown]
    exposed: tuple[Key, ...]
    loss: Loss
