"""How people want to hear from Muster: language, channel, time zone, digest, quiet hours, stand-in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_notify.ladder import Person
from muster_notify.models import PreferenceRow
from muster_shared.one_of import one_of


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who is told instead of somebody, from the first day to the last."""

    name: str
    email: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Preference:
    """What one person prefers; ``time_zone`` None: that of their office, ``digest_day`` None: every working day.

    ``digest`` False: they asked for no digests any more, so that only escalations reach them. Between
    ``quiet_from`` and ``quiet_until`` (local; over midnight where the first is later) nothing is sent.
    """

    language: str = "en"
    channel: str = "mail"
    chat_url: str | None = None
    time_zone: str | None = None
    digest: bool = True
    digest_day: str | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    stand_in: StandIn | None = None


DEFAULT = Preference()


def preferences_of(session: Session, addresses: Collection[str]) -> Mapping[str, Preference]:
    """Preferences by address in small letters, for those that state any; ``DEFAULT`` holds for all others."""
    wanted = {address.lower() for address in addresses}
    rows = session.scalars(select(PreferenceRow).where(one_of(PreferenceRow.email, wanted)))
    return {row.email: preference_of(row) for row in rows}


def stand_ins(session: Session, today: date) -> Mapping[str, Person]:
    """Who is told instead of whom on a day: address in small letters to the stand-in, who keeps their own hours."""
    query = select(PreferenceRow).where(PreferenceRow.stand_in_from <= today, PreferenceRow.stand_in_until >= today)
    found = ((row.email, preference_of(row).stand_in) for row in session.scalars(query))
    return {email: Person(one.name, one.email, "") for email, one in found if one}


def preference_of(row: PreferenceRow) -> Preference:
    """A stored preference."""
    return Preference(
        language=row.language,
        channel=row.channel,
        chat_url=row.chat_url,
        time_zone=row.time_zone,
        digest=row.digest,
        digest_day=row.digest_day,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        stand_in=_stand_in(row),
    )


def _stand_in(row: PreferenceRow) -> StandIn | None:
    if not row.stand_in or row.stand_in_from is None or row.stand_in_until is None:
        return None
    return StandIn(row.stand_in["name"], row.stand_in["email"], row.stand_in_from, row.stand_in_until)
