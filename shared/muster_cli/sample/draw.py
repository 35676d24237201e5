"""Repeatable choices for the illustrative sample: each follows from its key alone.

A shared random stream would reshuffle everything behind an inserted project; a choice that is a hash of
its key changes only when its own key does, and is the same in every version of Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Option = TypeVar("Option")


def number(key: str, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    digest = hashlib.sha256(key.encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def pick(key: str, options: Sequence[Option]) -> Option:
    """One of the options."""
    return options[number(key, 0, len(options) - 1)]


def sample(key: str, options: Sequence[Option], count: int) -> list[Option]:
    """``count`` different options, in the order the options stand."""
    ranked = sorted(range(len(options)), key=lambda index: number(f"{key}/{index}", 0, 2**63))
    return [options[index] for index in sorted(ranked[:count])]


def shares(key: str, count: int) -> list[int]:
    """``count`` whole percentages of at least 10, in steps of 5, that sum to 100."""
    parts = [10] * count
    for step in range((100 - 10 * count) // 5):
        parts[number(f"{key}/{step}", 0, count - 1)] += 5
    return parts
