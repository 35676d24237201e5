"""The ladder of reminders: which rung is due, whom it tells, who is told next. Pure.

A rung is due once its day has come, not only on that day: after an outage the highest rung due is sent and
the lower ones are recorded as skipped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

ROLE_NAMES: Final[Mapping[str, str]] = {
    "owner": "project manager",
    "alternate": "alternate manager",
    "head": "head of office",
    "reviewer": "regional reviewer",
    "headquarters": "headquarters",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """``days`` after the due date (negative: before it) the people in the roles ``tell`` are told."""

    days: int
    tell: tuple[str, ...]

    def on(self, due: date) -> date:
        """The day this rung is reached."""
        return due + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs, lowest first."""

    rungs: tuple[Rung, ...]

    def rung(self, days: int) -> Rung:
        """The rung of so many days."""
        return next(rung for rung in self.rungs if rung.days == days)


@dataclass(frozen=True, slots=True)
class Steps:
    """What a sweep has to do for one obligation: rungs by their days."""

    send: int | None
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NextStep:
    """The rung that comes next, the day it is reached and the roles it tells."""

    rung: int
    on: date
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can be told, and the office whose working hours count for them."""

    name: str
    email: str
    office: str


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a rung reaches, each address once, and the roles for which nobody with an address is named."""

    people: tuple[Person, ...]
    missing: tuple[str, ...]


@cache
def shipped_ladder() -> Ladder:
    """The ladder that comes with Muster, from ``ladder.toml``."""
    return parse_ladder((files("muster_notify") / "ladder.toml").read_text(encoding="utf-8"))


def parse_ladder(text: str) -> Ladder:
    """Read a ladder from TOML: ``[[rung]]`` with ``days`` and ``tell``.

    Raises:
        ValueError: two rungs share a day, or a rung tells a role that does not exist.
    """
    rungs = sorted((Rung(row["days"], tuple(row["tell"])) for row in tomllib.loads(text)["rung"]), key=_days)
    if len({rung.days for rung in rungs}) < len(rungs):
        raise ValueError("two rungs of the ladder share a day")
    strangers = sorted({role for rung in rungs for role in rung.tell} - set(ROLE_NAMES))
    if strangers:
        raise ValueError(f"the ladder tells '{strangers[0]}': roles are {', '.join(ROLE_NAMES)}")
    return Ladder(tuple(rungs))


def steps_due(due: date, today: date, done: AbstractSet[int], ladder: Ladder) -> Steps:
    """Which rung to send on ``today`` and which to record as skipped, given the rungs already ``done``.

    Sent is the highest rung reached, unless it or a higher one is done; every lower one still open is skipped.
    """
    reached = [rung.days for rung in ladder.rungs if rung.on(due) <= today]
    if not reached:
        return Steps(send=None)
    send = reached[-1] if reached[-1] > max(done, default=reached[0] - 1) else None
    return Steps(send, tuple(days for days in reached if days != send and days not in done))


def next_step(due: date, today: date, ladder: Ladder) -> NextStep | None:
    """The first rung not reached on ``today``, or None behind the last."""
    ahead = (NextStep(rung.days, rung.on(due), rung.tell) for rung in ladder.rungs if rung.on(due) > today)
    return next(ahead, None)


def recipients(rung: Rung, people: Mapping[str, Person]) -> Told:
    """Whom a rung tells, given who fills which role; each e-mail address once, in the order of roles."""
    by_address: dict[str, Person] = {}
    for role in rung.tell:
        if role in people:
            by_address.setdefault(people[role].email.casefold(), people[role])
    return Told(tuple(by_address.values()), tuple(role for role in rung.tell if role not in people))


def in_words(roles: Sequence[str]) -> str:
    """Roles as a mail names them, such as "project manager and head of office"."""
    names = [ROLE_NAMES[role] for role in roles]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _days(rung: Rung) -> int:
    return rung.days
