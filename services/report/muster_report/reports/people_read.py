"""How records tell of people: the base cells, of sex and age band too, that all reports on projects' people add up."""

from __future__ import annotations

from typing import Final

from muster_report.disclosure import Key
from muster_report.facts import Fact
from muster_report.figures import Part
from muster_shared.age_bands import UNKNOWN, sex_and_age

TARGET: Final = "target"
REACHED: Final = "reached"
SETS: Final = (TARGET, REACHED)  # the people that projects are for, and those they reached: each protected on its own
_NOT_TOLD: Final = (UNKNOWN, UNKNOWN)


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
