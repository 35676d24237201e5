"""Counts of people by group, sex and age bounds (SADD)."""

from __future__ import annotations

from collections.abc import Iterable

from muster_ingest.kinds.kind import Fields, Issue
from muster_ingest.kinds.numbers import Whole, people
from muster_ingest.kinds.values import Choice, Strict, Text

SEXES = ("female", "male", "other", "unknown")


class PeopleCount(Strict):
    """How many people of a group, sex and age; age bounds are inclusive, both empty where age is not known."""

    group = Text(required=True, longest=200)
    sex = Choice(SEXES)
    age_min = Whole(0, 120, what="an age in years")
    age_max = Whole(0, 120, what="an age in years")
    count = people(required=True)


def check_bounds(fields: Fields, name: str) -> Iterable[Issue]:
    """The upper age is not below the lower one."""
    for index, row in enumerate(fields[name]):
        low, high = row["age_min"], row["age_max"]
        if low is not None and high is not None and high < low:
            message = f"age_max {high} is below age_min {low}: give an age of {low} or more"
            yield Issue((name, index, "age_max"), "ages_out_of_order", message)
