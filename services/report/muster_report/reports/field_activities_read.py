"""Field activities of a year, read with their offices, and those that no date places in any year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from muster_report.facts import Fact, Facts
from muster_report.reports.field_activities_placed import ALL, Placed, ancestors, placed
from muster_report.tables import alphabetical, in_order, spelt_out
from muster_report.words import code_name, country_name
from muster_shared.codelists import activity_types

COUNTED: Final = ("programme", "activity")  # a component is part of one of them and is not counted again
NOT_STATED: Final = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """One field activity; ``wholes`` are the keys of what it is part of, nearest first."""

    fact: Fact
    placed: Placed
    wholes: tuple[str, ...]

    @property
    def key(self) -> str:
        """The activity's own code."""
        return self.fact.key

    @property
    def fields(self) -> Mapping[str, Any]:
        """The record's fields."""
        return self.fact.fields

    @property
    def counted(self) -> bool:
        """Whether it counts among programmes and activities."""
        return self.fields["level"] in COUNTED

    @property
    def offices(self) -> tuple[str, ...]:
        """Codes of its offices, each once."""
        return tuple(dict.fromkeys(self.fields.get("offices") or (NOT_STATED,)))

    @property
    def types(self) -> tuple[str, ...]:
        """Codes of its types, each once."""
        return tuple(dict.fromkeys(self.fields.get("types") or (NOT_STATED,)))


@dataclass(frozen=True, slots=True)
class Activities:
    """The field activities of a year as the workbook shows them.

    ``running`` belong to the year; ``undated`` state no date that could place them. ``office_names`` by code.
    """

    year: str
    lang: str
    running: tuple[Activity, ...]
    undated: tuple[Activity, ...]
    office_names: Mapping[str, str]
    used: tuple[Fact, ...]


def read_activities(facts: Facts, year: str, lang: str) -> Activities:
    """Everything that the facts say of a year's field activities; ``year`` may be "all"."""
    records = facts.kind("field_activity")
    read = [Activity(records[key], at, ancestors(records, key)) for key, at in placed(records).items()]
    running = [activity for activity in read if activity.placed.covers(year)]
    undated = [activity for activity in read if activity.placed.basis == "none" and year != ALL]
    codes = {code for activity in (*running, *undated) for code in activity.offices}
    offices = [fact for fact in facts.kind("office").values() if fact.key in codes]
    names = {code: code for code in codes} | {fact.key: _office_name(fact, lang) for fact in offices}
    return Activities(
        year=year,
        lang=lang,
        running=_in_order(running, names),
        undated=_in_order(undated, names),
        office_names=names,
        used=(*(activity.fact for activity in (*running, *undated)), *offices),
    )


def type_names(activities: Iterable[Activity], lang: str, not_stated: str) -> dict[str, str]:
    """The types that the activities have, in the order of the code list; last the word for none stated."""
    names = {code: code_name("activity_type", code, row["name"], lang) for code, row in activity_types().items()}
    codes = {code for activity in activities for code in activity.types}
    return in_order(codes, names | ({NOT_STATED: not_stated} if NOT_STATED in codes else {}))


def level_name(code: str, lang: str) -> str:
    """A level (programme, activity, component) in words."""
    return code_name("activity_level", code, spelt_out(code), lang)


def offices_of(activity: Activity, activities: Activities) -> str:
    """The names of an activity's offices, between commas."""
    return ", ".join(activities.office_names[code] for code in activity.offices)


def _office_name(office: Fact, lang: str) -> str:
    name, code = str(office.fields["name"]), office.fields.get("iso3")
    return country_name(code, name, lang) if code and office.fields.get("type") == "country" else name


def _in_order(activities: list[Activity], names: Mapping[str, str]) -> tuple[Activity, ...]:
    """By office, each followed by its parts where these are run by the same offices."""

    def place(activity: Activity) -> tuple[tuple[str, str], tuple[tuple[tuple[int, str], ...], ...]]:
        office = alphabetical(", ".join(names[code] for code in activity.offices))
        return office, tuple(_numbered(key) for key in (*reversed(activity.wholes), activity.key))

    return tuple(sorted(activities, key=place))


def _numbered(key: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which 2 comes before 10."""
    return tuple((int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", key))
