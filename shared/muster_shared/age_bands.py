"""The age bands in which people are counted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

UNKNOWN: Final = "unknown"
SEXES: Final = ("female", "male", "other", UNKNOWN)
BANDS: Final[Mapping[str, tuple[int, int]]] = {
    "0-4": (0, 4),
    "5-11": (5, 11),
    "12-17": (12, 17),
    "18-59": (18, 59),
    "60+": (60, 200),
}
AGES: Final = (*BANDS, UNKNOWN)


def age_band(row: Mapping[str, Any]) -> str:
    """The age band that bounds fall into; unknown where none is stated or the bounds reach over several."""
    return _band(row.get("age_min"), row.get("age_max"))


def sex_and_age(row: Mapping[str, Any]) -> tuple[str, str]:
    """Sex and age band of a row of counts."""
    return str(row.get("sex") or UNKNOWN), age_band(row)


@lru_cache(1024)
def _band(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return UNKNOWN
    least, most = low or 0, 200 if high is None else high
    return next((name for name, band in BANDS.items() if band[0] <= least and most <= band[1]), UNKNOWN)
