"""The years that field activities belong to: by their own dates, by those of their parts, by what they are part of.

Dates are a year, a month or a day, as the source has them; only their years matter here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from muster_report.facts import Fact

ALL: Final = "all"
Basis = Literal["own", "parts", "whole", "none"]


@dataclass(frozen=True, slots=True)
class Years:
    """First and last year, both included; ``last`` is None where no end is stated and the activity runs on."""

    first: int
    last: int | None

    def cover(self, year: int) -> bool:
        """Whether the year lies in them."""
        return self.first <= year and (self.last is None or year <= self.last)


@dataclass(frozen=True, slots=True)
class Placed:
    """The years of an activity, and what tells them: its own dates, its parts', its whole's, or nothing."""

    years: tuple[Years, ...]
    basis: Basis

    def covers(self, year: str) -> bool:
        """Whether the activity belongs to a year; to "all" each does, dated or not."""
        return year == ALL or any(years.cover(int(year)) for years in self.years)

    def only_runs_on(self, year: str) -> bool:
        """Whether it belongs to the year only because it started before and states no end."""
        if year == ALL:
            return False
        covering = [years for years in self.years if years.cover(int(year))]
        return bool(covering) and all(years.last is None and years.first < int(year) for years in covering)


def own_years(fields: Mapping[str, Any]) -> Years | None:
    """The years of an activity's own dates; None where it states none.

    A start without an end runs on; an end without a start tells its own year only.
    """
    start, end = (_year(fields.get(name)) for name in ("start", "end"))
    if start is None:
        return None if end is None else Years(end, end)
    return Years(start, end)


def ancestors(activities: Mapping[str, Fact], key: str) -> tuple[str, ...]:
    """What an activity is part of, nearest first; records that name each other in a circle are part of nothing."""
    found: dict[str, None] = {}
    parent: str = activities[key].fields.get("parent_activity_id") or ""
    while parent in activities and parent not in found and parent != key:
        found[parent] = None
        parent = activities[parent].fields.get("parent_activity_id") or ""
    return () if parent == key else tuple(found)


def placed(activities: Mapping[str, Fact]) -> dict[str, Placed]:
    """Every activity's years, by its key."""
    parts: dict[str, list[str]] = {}
    for key, fact in activities.items():
        parts.setdefault(fact.fields.get("parent_activity_id") or "", []).append(key)
    return {key: _placed(activities, parts, key) for key in activities}


def _placed(activities: Mapping[str, Fact], parts: Mapping[str, list[str]], key: str) -> Placed:
    if own := own_years(activities[key].fields):
        return Placed((own,), "own")
    if of_parts := _stated(activities, parts, key, frozenset()):
        return Placed(of_parts, "parts")
    for whole in ancestors(activities, key):
        if of_whole := _stated(activities, parts, whole, frozenset()):
            return Placed(of_whole, "whole")
    return Placed((), "none")


def _stated(
    activities: Mapping[str, Fact], parts: Mapping[str, list[str]], key: str, seen: frozenset[str]
) -> tuple[Years, ...]:
    """An activity's own years, else those of all its parts."""
    own = own_years(activities[key].fields)
    return (own,) if own else tuple(dict.fromkeys(_of_parts(activities, parts, key, seen | {key})))


def _of_parts(
    activities: Mapping[str, Fact], parts: Mapping[str, list[str]], key: str, seen: frozenset[str]
) -> Iterator[Years]:
    for part in parts.get(key, ()):
        if part not in seen:
            yield from _stated(activities, parts, part, seen)


def _year(text: Any) -> int | None:
    return int(str(text)[:4]) if text else None
