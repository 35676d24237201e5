"""A function of many values of which most come again: asked once for each that is different."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

V = TypeVar("V", bound=Hashable)
R = TypeVar("R")


def each_once(function: Callable[[V], R], values: Sequence[V]) -> list[R]:
    """What a function that always gives the same for a value gives for each of these, in their order."""
    known = {value: function(value) for value in set(values)}
    return [known[value] for value in values]
