"""Who reads what Muster sends: what each person prefers, and when they may be written to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from muster_notify.people import ANY_OFFICE, Offices
from muster_notify.preferences import DEFAULT, Preference, preferences_of
from muster_notify.sending_hours import Hours
from muster_notify.windows import local_day
from muster_shared.schedules import Fields
from muster_shared.working_days import working_days_of

MAIL, CHAT = "mail", "chat"


@dataclass(frozen=True, slots=True)
class Readers:
    """Preferences by address in small letters, and the offices whose working days and time zones count."""

    preferences: Mapping[str, Preference]
    offices: Mapping[str, Fields]
    _hours: dict[tuple[str, str], Hours] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, addresses: Collection[str]) -> Readers:
        """What is known of these people."""
        return cls(preferences_of(session, addresses), Offices.of(session).by_code)

    def prefers(self, address: str) -> Preference:
        """What a person prefers."""
        return self.preferences.get(address.lower(), DEFAULT)

    def channel(self, address: str) -> str:
        """How a person is told."""
        prefers = self.prefers(address)
        return CHAT if prefers.channel == CHAT and prefers.chat_url else MAIL

    def hours(self, address: str, office: str) -> Hours:
        """When a person may be written to whose office's working days count; one not known is at work in UTC."""
        key = (address.lower() if address.lower() in self.preferences else "", office)
        if key not in self._hours:
            self._hours[key] = self._hours_of(self.prefers(address), self.offices.get(office))
        return self._hours[key]

    def day(self, address: str, office: str, now: datetime) -> date:
        """The day it is for a person."""
        return local_day(now, self.hours(address, office).time_zone)

    def _hours_of(self, prefers: Preference, office: Fields | None) -> Hours:
        unknown = Hours()
        return Hours(
            time_zone=prefers.time_zone or (office["time_zone"] if office else unknown.time_zone),
            office=working_days_of(office) if office else unknown.office,
            quiet_from=prefers.quiet_from,
            quiet_until=prefers.quiet_until,
            digest_day=prefers.digest_day,
        )


def home_of(offices: Mapping[str, int]) -> str:
    """The office whose hours count for a person told by several, from how often each tells them."""
    known = {office: often for office, often in offices.items() if office != ANY_OFFICE}
    return min(known, key=lambda office: (-known[office], office)) if known else ANY_OFFICE
