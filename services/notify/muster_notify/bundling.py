"""What of that which is held for a person goes out now, and in which mail. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from muster_notify.judging import SNOOZED
from muster_notify.ladder import Ladders, Rung
from muster_notify.readers import Readers, home_of
from muster_notify.sending_hours import Hours, next_waking, next_window, spread
from muster_notify.windows import local_day

DIGEST: Final = "digest"
ESCALATION: Final = "escalation"
UNSUBSCRIBED: Final = "the person asked for no digests: only escalations reach them"


@dataclass(frozen=True, slots=True)
class Held:
    """A reminder that waits for its mail, with what of its obligation says whether it is to be told."""

    reminder_id: UUID
    recipient: str
    recipient_name: str
    rung: int
    rules: str
    snoozed_until: date | None
    time_zone: str


@dataclass(slots=True)
class Waiting:
    """A person something is held for: every spelling of the address, how often each office tells them, which rungs."""

    spellings: set[str] = field(default_factory=set)
    offices: dict[str, int] = field(default_factory=dict)
    rungs: set[tuple[str, int]] = field(default_factory=set)

    @property
    def home(self) -> str:
        """The office whose hours count for them."""
        return home_of(self.offices)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes to one person in one mail; ``day`` None: it does not wait for the day's digest."""

    kind: str
    day: date | None
    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is held for a person: to be told, and by reason what is not."""

    told: Sequence[Held]
    skipped: Mapping[str, Sequence[Held]]


@dataclass(frozen=True, slots=True)
class Rules:
    """By what is decided who hears of what: ``is_spread`` where each person has a turn of their own in the window."""

    readers: Readers
    ladders: Ladders
    now: datetime
    is_spread: bool

    def is_time_for(self, address: str, person: Waiting) -> bool:
        """Whether anything of what is held for a person may go out now."""
        hours = self.readers.hours(address, person.home)
        breaks = any(self._breaks(rules, days) for rules, days in person.rungs)
        return self._is_turn(address, hours) or (breaks and self._is_awake(hours))

    def sort(self, address: str, held: Sequence[Held]) -> Sorted:
        """What is snoozed, or too low to reach somebody who asked for no digests, is left out."""
        digest = self.readers.prefers(address).digest
        told: list[Held] = []
        skipped: dict[str, list[Held]] = {}
        for one in held:
            if one.snoozed_until and one.snoozed_until >= local_day(self.now, one.time_zone):
                skipped.setdefault(f"{SNOOZED}{one.snoozed_until}", []).append(one)
            elif digest or is_escalation(self._rung(one.rules, one.rung)):
                told.append(one)
            else:
                skipped.setdefault(UNSUBSCRIBED, []).append(one)
        return Sorted(told, skipped)

    def bundles(self, address: str, office: str, told: Sequence[Held]) -> Iterator[Bundle]:
        """What breaks the digest, where the person is awake; the rest, where it is their turn."""
        hours = self.readers.hours(address, office)
        at_once = [one for one in told if self._breaks(one.rules, one.rung)]
        rest = [one for one in told if not self._breaks(one.rules, one.rung)]
        if at_once and self._is_awake(hours):
            yield Bundle(ESCALATION, None, at_once)
        if rest and self._is_turn(address, hours):
            kind = DIGEST if self.readers.prefers(address).digest else ESCALATION
            yield Bundle(kind, local_day(self.now, hours.time_zone), rest)

    def _is_turn(self, address: str, hours: Hours) -> bool:
        window = next_window(self.now, hours)
        return (spread(address, window) if self.is_spread else window[0]) <= self.now

    def _is_awake(self, hours: Hours) -> bool:
        return next_waking(self.now, hours, working_days=True)[0] <= self.now

    def _breaks(self, rules: str, days: int) -> bool:
        rung = self._rung(rules, days)
        return rung is not None and rung.breaks_digest

    def _rung(self, rules: str, days: int) -> Rung | None:
        ladder = self.ladders.of(rules)
        return ladder.rung(days) if ladder.holds(days) else None


def is_escalation(rung: Rung | None) -> bool:
    """Whether a rung tells of what is overdue, and more people than its owner: it reaches who wants no digests too."""
    return rung is not None and rung.days > 0 and len(rung.tell) > 1
