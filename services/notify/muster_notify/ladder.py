"""The ladder of reminders: which rung is due, whom it tells, who is told next. Pure.

A rung is due once its day has come, not only on that day: after an outage the highest rung due is sent and
the lower ones are recorded as skipped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

ROLE_NAMES: Final[Mapping[str, str]] = {
    "owner": "project manager",
    "alternate": "alternate manager",
    "head": "head of office",
    "reviewer": "regional reviewer",
    "headquarters": "headquarters",
}


OWNER: Final = "owner"
_KNOWN_LATE_AFTER: Final = 365  # days overdue, where ladders do not say


@dataclass(frozen=True, slots=True)
class Rung:
    """``days`` after the due date (negative: before it) the people in the roles ``tell`` are told.

    One that ``breaks_digest`` is sent by itself and at once, though not in quiet hours; others wait for the digest.
    """

    days: int
    tell: tuple[str, ...]
    breaks_digest: bool = False

    @property
    def only_announces(self) -> bool:
        """Whether it tells nobody but the owner, ahead of the due date: who has acknowledged needs no more of these."""
        return self.days < 0 and self.tell == (OWNER,)

    def telling(self, *, known_late: bool) -> Rung:
        """The rung for an obligation: of what was long overdue when it first became known the owner alone is told."""
        return replace(self, tell=(OWNER,)) if known_late else self

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

    def holds(self, days: int) -> bool:
        """Whether it has a rung of so many days: another ladder may have held when a reminder was recorded."""
        return any(rung.days == days for rung in self.rungs)


@dataclass(frozen=True, slots=True)
class Ladders:
    """The ladder of each rule set that has one of its own, and the one for all others.

    What was overdue for more than ``known_late_after`` days when it first became known climbs to nobody.
    """

    default: Ladder
    by_rules: Mapping[str, Ladder] = field(default_factory=dict)
    known_late_after: int = _KNOWN_LATE_AFTER

    def of(self, rules: str) -> Ladder:
        """The ladder of what is owed by a rule set; ``rules`` is empty where the grant writes its dates out."""
        return self.by_rules.get(rules, self.default)

    @property
    def all(self) -> tuple[Ladder, ...]:
        """Every ladder, the default first."""
        return (self.default, *self.by_rules.values())

    @property
    def most_told_at_a_rung(self) -> int:
        """How many people one obligation reminds at once, at most."""
        return max(len(rung.tell) for ladder in self.all for rung in ladder.rungs)


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
    """Someone who can be told, and the office whose working hours count for them.

    ``instead_of`` is the address of the one they are told for: a stand-in, or somebody up the ladder.
    """

    name: str
    email: str
    office: str
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a rung reaches, each address once; roles nobody with an address fills; addresses that mail cannot reach."""

    people: tuple[Person, ...]
    missing: tuple[str, ...]
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Away:
    """Who is told instead of whom on a day, and whom mail cannot reach; both by address in small letters."""

    stand_ins: Mapping[str, Person] = field(default_factory=dict)
    failing: AbstractSet[str] = frozenset()


NOBODY_AWAY: Final = Away()


@cache
def shipped_ladders() -> Ladders:
    """The ladders that come with Muster, from ``ladder.toml``."""
    return parse_ladders((files("muster_notify") / "ladder.toml").read_text(encoding="utf-8"))


def shipped_ladder() -> Ladder:
    """The ladder for rule sets that have none of their own."""
    return shipped_ladders().default


def parse_ladders(text: str) -> Ladders:
    """Read ladders from TOML: ``[[default.rung]]``, and ``[[ladder]]`` with ``rules`` and ``[[ladder.rung]]``.

    ``known_late_after`` stands before them, in days.

    Raises:
        ValueError: a ladder has no rungs, two share a day, two ladders share their rules, or a rung tells a role that
            does not exist.
    """
    written = tomllib.loads(text)
    own = written.get("ladder", [])
    by_rules = {ladder["rules"]: _ladder(ladder, f"of {ladder['rules']}") for ladder in own}
    if len(by_rules) < len(own):
        raise ValueError("two ladders are of the same rules: keep one")
    late_after = written.get("known_late_after", _KNOWN_LATE_AFTER)
    return Ladders(_ladder(written["default"], "for all"), by_rules, late_after)


def _ladder(written: Mapping[str, Any], whose: str) -> Ladder:
    rungs = sorted((_rung(row) for row in written.get("rung", ())), key=_days)
    if not rungs:
        raise ValueError(f"the ladder {whose} has no rung")
    if len({rung.days for rung in rungs}) < len(rungs):
        raise ValueError(f"two rungs of the ladder {whose} share a day")
    strangers = sorted({role for rung in rungs for role in rung.tell} - set(ROLE_NAMES))
    if strangers:
        raise ValueError(f"the ladder {whose} tells '{strangers[0]}': roles are {', '.join(ROLE_NAMES)}")
    return Ladder(tuple(rungs))


def _rung(row: Mapping[str, Any]) -> Rung:
    return Rung(row["days"], tuple(row["tell"]), row.get("breaks_digest", False))


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


def recipients(rung: Rung, people: Mapping[str, Person], away: Away = NOBODY_AWAY) -> Told:
    """Whom a rung tells, given who fills which role; each e-mail address once, in the order of roles.

    A person's stand-in is told in their place. Somebody whom mail cannot reach is passed over for the alternate, or
    for the next one up the ladder whom it can. Who is told anyway is told in their own right.
    """
    named = [role for role in rung.tell if role in people]
    reached = [person for role in named if (person := _reached(role, people, away))]
    by_address: dict[str, Person] = {}
    for person in sorted(reached, key=lambda one: one.instead_of is not None):
        by_address.setdefault(person.email.lower(), person)
    return Told(
        people=tuple(person for person in reached if by_address[person.email.lower()] is person),
        missing=tuple(role for role in rung.tell if role not in people),
        failing=tuple(dict.fromkeys(people[role].email for role in named if _fails(people[role], away))),
    )


def _reached(role: str, people: Mapping[str, Person], away: Away) -> Person | None:
    person = people[role]
    if not _fails(person, away):
        return _present(person, away)
    roles = list(ROLE_NAMES)
    above = (people[up] for up in roles[roles.index(role) + 1 :] if up in people)
    found = next((_present(one, away) for one in above if not _fails(one, away)), None)
    return replace(found, instead_of=person.email) if found else None


def _present(person: Person, away: Away) -> Person:
    """The one to tell for somebody who is reached: a stand-in whom mail cannot reach leaves the person themselves."""
    stand_in = away.stand_ins.get(person.email.lower())
    if stand_in is None or stand_in.email.lower() in away.failing:
        return person
    return Person(stand_in.name, stand_in.email, stand_in.office or person.office, instead_of=person.email)


def _fails(person: Person, away: Away) -> bool:
    """Whether mail reaches neither the person nor a stand-in of theirs."""
    stand_in = away.stand_ins.get(person.email.lower())
    return person.email.lower() in away.failing and (stand_in is None or stand_in.email.lower() in away.failing)


def in_words(roles: Sequence[str]) -> str:
    """Roles as a mail names them, such as "project manager and head of office"."""
    names = [ROLE_NAMES[role] for role in roles]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _days(rung: Rung) -> int:
    return rung.days
