"""Small counts of people: what a copy that leaves the house may show."""

from __future__ import annotations

from typing import Final

from muster_report.book import Value

LEAVING: Final = frozenset({"donor", "public"})
SMALLEST_SHOWN: Final = 5
HIDDEN: Final = "<5"


def leaves_the_house(copy: str) -> bool:
    """Whether this copy goes to people outside: notes stay out of it and small counts are hidden."""
    return copy in LEAVING


def count_shown(count: int | None, copy: str) -> Value:
    """A count of people as a copy shows it: 1 to 4 become "<5" where it leaves the house.

    For counts that stand alone. Where counts are added up in the same book, hiding one is not enough: a second
    has to go with it, or the total gives the first away.
    """
    if count is not None and 0 < count < SMALLEST_SHOWN and leaves_the_house(copy):
        return HIDDEN
    return count
