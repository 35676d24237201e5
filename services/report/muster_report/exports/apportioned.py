"""Splitting a whole into parts that add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence


def apportioned(whole: int, weights: Sequence[int]) -> list[int]:
    """``whole`` (0 or more) in as many whole parts as there are weights (0 or more, not all 0).

    By largest remainder: each part is its exact share rounded down, and what is left over goes, one by one, to the
    shares that lost most by rounding, the earlier of two equal ones first.

    Raises:
        ZeroDivisionError: the weights sum to 0.
    """
    total = sum(weights)
    shares = [divmod(whole * weight, total) for weight in weights]
    parts = [part for part, _ in shares]
    by_loss = sorted(range(len(shares)), key=lambda at: (-shares[at][1], at))
    for at in by_loss[: whole - sum(parts)]:
        parts[at] += 1
    return parts
