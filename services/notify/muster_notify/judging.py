"""What a sweep does about one obligation: pure, and what ``judging.sql`` does for all of them at once is held to it.

Reasons stand here in words, for people read them in the list of reminders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from muster_notify.ladder import (
    NOBODY_AWAY,
    ROLE_NAMES,
    Away,
    Ladder,
    Person,
    Rung,
    Told,
    next_step,
    recipients,
    steps_due,
)

NOBODY: Final = ""
OVERTAKEN: Final = "a higher rung was reached first: only the highest one due is sent"
NO_LONGER_OWED: Final = "the report is no longer owed"
REPLACED: Final = "somebody else is told by now"
NOT_CHASED: Final = "nobody is chased for a project that is "
SNOOZED: Final = "snoozed until "
FAILS: Final = "mail cannot reach this address"
TAKEN_BACK: Final = (NO_LONGER_OWED, REPLACED, NOT_CHASED, SNOOZED)
"""How reasons begin for which a reminder was taken back before it was sent: its rung may come again."""


@dataclass(frozen=True, slots=True)
class Past:
    """A reminder of the obligation's present cycle, as it stands."""

    rung: int
    recipient: str
    status: str
    reason: str | None = None

    @property
    def counts(self) -> bool:
        """Whether its rung is done by it."""
        taken_back = self.status == "skipped" and (self.reason or "").startswith(TAKEN_BACK)
        return self.recipient == NOBODY or not taken_back

    @property
    def reached_nobody(self) -> bool:
        """Whether it says only that somebody could not be told: a role nobody fills, an address that fails."""
        return self.recipient in ROLE_NAMES or self.status == "failed" or self.reason == FAILS


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation as the sweep sees it: ``why_snoozed`` and ``why_acknowledged`` in the words of ``reason``.

    ``known_late``: it was long overdue when it first became known; the owner alone is told of it.
    """

    due: date
    snoozed_until: date | None = None
    why_snoozed: str = ""
    why_acknowledged: str | None = None
    known_late: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A reminder to record: held for a person, or skipped with its reason; then ``person`` names a role or nobody."""

    rung: int
    person: Person
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to record, when to look again, and which reminders still held give way.

    Below the rung ``sent`` all do; of the rung ``retold`` those to anybody whom it does not tell any more. ``tells``
    are the addresses of either, None where no rung is to be told of; empty: it reaches nobody.
    """

    rows: tuple[Row, ...]
    look_again_on: date | None
    sent: int | None = None
    retold: int | None = None
    tells: tuple[str, ...] | None = None


def judge(
    owed: Owed,
    today: date,
    past: Sequence[Past],
    *,
    ladder: Ladder,
    people: Mapping[str, Person],
    away: Away = NOBODY_AWAY,
) -> Judgement:
    """What is to be recorded on ``today`` for an obligation that is owed and chased.

    While it is snoozed, nothing. Else the highest rung reached is sent; one that is still held, or that reached nobody,
    is worked out anew, for people change.
    """
    if owed.snoozed_until and today <= owed.snoozed_until:
        return Judgement((), owed.snoozed_until + timedelta(days=1))
    done = {one.rung for one in past if one.counts}
    steps = steps_due(owed.due, today, done, ladder)
    ahead = next_step(owed.due, today, ladder)
    rows = [_skipped(days, NOBODY, _why_overtaken(owed, days)) for days in steps.skipped]
    look_again_on = ahead.on if ahead else None
    days = steps.send if steps.send is not None else _to_retell(past, done, ladder)
    if days is None:
        return Judgement(tuple(rows), look_again_on)
    rung = ladder.rung(days)
    if owed.why_acknowledged and rung.only_announces:
        rows += [_skipped(days, NOBODY, owed.why_acknowledged)] if steps.send is not None else []
        return Judgement(tuple(rows), look_again_on, sent=steps.send)
    told = recipients(rung.telling(known_late=owed.known_late), people, away)
    return Judgement(
        (*rows, *_told(rung, told, past)),
        look_again_on,
        sent=steps.send,
        retold=None if steps.send is not None else days,
        tells=tuple(person.email for person in told.people),
    )


def why_snoozed(follow_up: Mapping[str, Any]) -> str:
    """The reason of a reminder that a snooze holds back, from the record or its event."""
    return f"{SNOOZED}{follow_up['until']} by {follow_up['by']}: {follow_up['reason']}"


def why_acknowledged(follow_up: Mapping[str, Any]) -> str:
    """The reason of a reminder that an acknowledgement makes needless, from the record or its event."""
    return f"acknowledged on {follow_up['at'][:10]} by {follow_up['by']}: {follow_up['reason']}"


def why_missing(role: str) -> str:
    """The reason where nobody with an address fills a role."""
    return f"no {ROLE_NAMES[role]} with an address is named"


def _why_overtaken(owed: Owed, days: int) -> str:
    slept = owed.snoozed_until is not None and owed.due + timedelta(days=days) <= owed.snoozed_until
    return owed.why_snoozed if slept else OVERTAKEN


def _to_retell(past: Sequence[Past], done: set[int], ladder: Ladder) -> int | None:
    """The highest rung done, where it still waits to be sent or reached nobody."""
    highest = max(done, default=None)
    if highest is None or not ladder.holds(highest):
        return None
    at_it = [one for one in past if one.rung == highest and one.counts and one.recipient != NOBODY]
    unreached = bool(at_it) and all(one.reached_nobody for one in at_it)
    return highest if unreached or any(one.status == "held" for one in at_it) else None


def _told(rung: Rung, told: Told, past: Sequence[Past]) -> list[Row]:
    known = [one for one in past if one.rung == rung.days and one.counts]
    reached = {one.recipient.lower() for one in known if one.reason != FAILS}
    rows = [Row(rung.days, person) for person in told.people if person.email.lower() not in reached]
    rows += [_skipped(rung.days, role, why_missing(role)) for role in told.missing]
    rows += [_skipped(rung.days, address, FAILS) for address in told.failing]
    said = {one.recipient for one in known}
    return [row for row in rows if row.reason is None or row.person.email not in said]


def _skipped(days: int, recipient: str, reason: str) -> Row:
    return Row(days, Person(name="", email=recipient, office=""), reason)
