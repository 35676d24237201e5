"""Stories for a year of reminders: who owes what, what happens to them, when the scheduler is down.

All of a story comes from a number, so that it can be told again, and cut down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

BEGIN = date(2016, 1, 4)
OFFICES = {
    "ITA": ("Europe/Rome", ("sat", "sun")),
    "DZA": ("Africa/Algiers", ("fri", "sat")),
    "COL": ("America/Bogota", ("sat", "sun")),
}
CENTRAL = {"HQ": ("headquarters", "head", "hq@example.org"), "RO": ("regional", "reviewer", "ro@example.org")}
ADDRESSES = tuple(f"p{number}@example.org" for number in range(12))
DEAD = "p11@example.org"  # the mail server refuses it for good


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that comes to pass on a day of the year, to a project."""

    day: int
    what: str
    project: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Story:
    """A year: so many projects, what happens to them, and on which days the scheduler is down."""

    seed: int
    projects: tuple[int, ...]
    days: int
    happenings: tuple[Happening, ...]
    outages: frozenset[int]


def story(seed: int, projects: int, days: int = 366) -> Story:
    """A story drawn from a number."""
    drawn = Random(seed)  # noqa: S311 - a repeatable draw
    whats = ("report", "report", "returned", "snooze", "acknowledge", "extension", "handover", "leave", "pause", "due")
    happenings = [
        Happening(drawn.randrange(days - 20), drawn.choice(whats), drawn.randrange(projects), drawn.randrange(10**6))
        for _ in range(projects * 8)
    ]
    outages: set[int] = set()
    while len(outages) < days // 4:
        first = drawn.randrange(days - 20)
        outages |= set(range(first, min(first + drawn.choice((1, 2, 5, 12)), days - 12)))
    return Story(seed, tuple(range(projects)), days, tuple(sorted(happenings, key=_day)), frozenset(outages))


def _day(happening: Happening) -> int:
    return happening.day


def smaller(broken: Story, still_breaks: Callable[[Story], bool], tries: int = 40) -> Story:
    """The story with projects, happenings and outages left out for as long as it still breaks."""
    for _ in range(tries):
        found = next((one for one in _cuts(broken) if still_breaks(one)), None)
        if found is None:
            return broken
        broken = found
    return broken


def _cuts(broken: Story) -> Iterator[Story]:
    half = len(broken.projects) // 2
    for kept in (broken.projects[:half], broken.projects[half:]):
        if half and kept:
            left = tuple(one for one in broken.happenings if one.project in kept)
            yield replace(broken, projects=kept, happenings=left)
    if broken.outages:
        yield replace(broken, outages=frozenset())
    if broken.happenings:
        middle = (len(broken.happenings) + 1) // 2
        yield replace(broken, happenings=broken.happenings[:middle] if middle < len(broken.happenings) else ())
        yield replace(broken, happenings=broken.happenings[middle:])


def first_records(told: Story) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, key and fields of the offices, projects and grants there are when it begins."""
    made: list[tuple[str, str, dict[str, Any]]] = []
    for code, (zone, weekend) in OFFICES.items():
        head = {"name": code, "email": f"head-{code.lower()}@example.org"}
        made.append(("office", code, _office(code, "country", zone, list(weekend), head=head)))
    for code, (kind, role, email) in CENTRAL.items():
        who = {role: {"name": code, "email": email}}
        made.append(("office", code, _office(code, kind, "Europe/Zurich", ["sat", "sun"], **who)))
    for number in told.projects:
        drawn = Random(f"{told.seed} {number}")  # noqa: S311
        made += [
            ("project", code_of(number), _project(number, drawn)),
            ("grant", code_of(number), _grant(number, drawn)),
        ]
    return made


def _office(code: str, kind: str, zone: str, weekend: list[str], **who: Any) -> dict[str, Any]:
    return {"office": code, "name": code, "type": kind, "region": "r", "time_zone": zone, "weekend": weekend, **who}


def code_of(number: int) -> str:
    """The code of a project, and of its grant."""
    return f"P{number:03}"


def _project(number: int, drawn: Random) -> dict[str, Any]:
    manager, alternate = drawn.sample(ADDRESSES, 2)
    return {
        "project_code": code_of(number),
        "title": f"Project {number}",
        "office": drawn.choice(sorted(OFFICES)),
        "start": "2015-07-01",
        "end": "2016-09-30",
        "manager": {"name": manager, "email": manager},
        "alternate_manager": drawn.choice([None, {"name": alternate, "email": alternate}]),
        "status": "active",
    }


def _grant(number: int, drawn: Random) -> dict[str, Any]:
    rules: Any = drawn.choice([{"rules": "un-default"}, {"rules": "prm"}, {"rules": "echo"}, _written(drawn)])
    dates = {"start": "2015-07-01", "end": "2016-09-30"}
    return {
        "grant_id": code_of(number),
        "project_code": code_of(number),
        "donor_id": "d",
        "reporting_rules": rules,
        **dates,
    }


def _written(drawn: Random) -> list[dict[str, str]]:
    due = BEGIN + timedelta(days=drawn.randrange(20, 300))
    return [{"type": "interim", "period_start": "2015-07-01", "period_end": "2015-12-31", "due": due.isoformat()}]
