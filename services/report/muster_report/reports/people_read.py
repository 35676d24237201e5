"""How records tell of people: sex, age band, and the base cells that all reports on projects' people add up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from muster_report.disclosure import Key
from muster_report.facts import Fact
from muster_report.figures import Part

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
TARGET: Final = "target"
REACHED: Final = "reached"
SETS: Final = (TARGET, REACHED)  # the people that projects are for, and those they reached: each protected on its own
_NOT_TOLD: Final = (UNKNOWN, UNKNOWN)


def age_band(row: Mapping[str, Any]) -> str:
    """The age band that bounds fall into; unknown where none is stated or the bounds reach over several."""
    return _band(row.get("age_min"), row.get("age_max"))


@lru_cache(1024)
def _band(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return UNKNOWN
    least, most = low or 0, 200 if high is None else high
    return next((name for name, band in BANDS.items() if band[0] <= least and most <= band[1]), UNKNOWN)


def sex_and_age(row: Mapping[str, Any]) -> tuple[str, str]:
    """Sex and age band of a row of counts."""
    return str(row.get("sex") or UNKNOWN), age_band(row)


def ends_in(report: Fact) -> str:
    """The year in which a report's period ends, as four digits."""
    return str(report.fields["period_end"])[:4]


def place_of(part: Part) -> tuple[str, str, str]:
    """Group, sex and age band of a count; sex and age are unknown where a part stands for a whole group."""
    name, index, *count = part.path.split("/")
    row = part.fact.fields[name][int(index)]
    return (str(row["group"]), *(sex_and_age(row) if count else _NOT_TOLD))


def base_of(part: Part) -> Key:
    """The base cell that a count belongs to: project, group, sex, age band, and the year of the report it is from.

    The same in every report that adds up projects' people, so that what one of them told protects the others.
    """
    year = ends_in(part.fact) if part.fact.kind == "progress_report" else ""
    return (str(part.fact.fields["project_code"]), *place_of(part), year)
