"""Which mails may go out now: those whose reader's time has come, not too many to one reader in an hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from muster_notify.models import Mail
from muster_notify.readers import Readers
from muster_notify.sending_hours import Stretch, next_waking, next_window

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that is to be sent, as far as it says when."""

    mail_id: UUID
    recipient: str
    office: str
    kind: str
    day: date | None
    channel: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A mail that may go out until its reader's time is over; ``day`` is the reader's."""

    mail_id: UUID
    channel: str
    closes: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Turns:
    """Mails that may go out now, the longest waiting first; ``over_cap`` wait only for their reader's next hour."""

    mails: tuple[Turn, ...]
    over_cap: int


def waits(real_now: datetime) -> ColumnElement[bool]:
    """A mail that is to be sent: held until its next try, or left behind by a worker whose lease is over."""
    held = and_(Mail.status == "held", Mail.try_at <= real_now)
    left_behind = and_(Mail.status == "sending", Mail.lease_until < real_now)
    return or_(held, left_behind)


def turns(session: Session, *, now: datetime, real_now: datetime, per_hour: int) -> Turns:
    """What may go out at ``now``, the time of the business; leases and tries go by ``real_now``."""
    query = select(Mail.mail_id, Mail.recipient, Mail.office, Mail.kind, Mail.day, Mail.channel)
    rows = session.execute(query.where(waits(real_now)).order_by(Mail.try_at, Mail.mail_id))
    waiting = [Waiting(*row) for row in rows]
    readers = Readers.of(session, {mail.recipient for mail in waiting})
    went = _went(session, waiting, now=now, real_now=real_now)
    found, over_cap = [], 0
    for mail in waiting:
        opens, closes = time_for(mail, readers, now)
        if opens > now:
            continue
        went[mail.recipient.lower()] += 1
        if went[mail.recipient.lower()] > per_hour:
            over_cap += 1
        else:
            found.append(Turn(mail.mail_id, mail.channel, closes, readers.day(mail.recipient, mail.office, now)))
    return Turns(tuple(found), over_cap)


def time_for(mail: Waiting, readers: Readers, now: datetime) -> Stretch:
    """When a mail of its kind may go to its reader: ``(opens, closes)``.

    Digests and news of reports go out in the morning of a working day, what breaks the digest at any hour of one that
    is not quiet, and an answer that somebody waits for on any day.
    """
    hours = readers.hours(mail.recipient, mail.office)
    if mail.kind == "answer":
        return next_waking(now, hours, working_days=False)
    if mail.kind == "escalation" and mail.day is None:
        return next_waking(now, hours, working_days=True)
    return next_window(now, hours)


def _went(session: Session, waiting: Sequence[Waiting], *, now: datetime, real_now: datetime) -> Counter[str]:
    """How many mails each reader got within the hour, those in a worker's hands among them."""
    if not waiting:
        return Counter()
    lately = and_(Mail.status == "sent", Mail.sent_at > now - _HOUR)
    in_hand = and_(Mail.status == "sending", Mail.lease_until >= real_now)
    counted = select(Mail.recipient, func.count().label("mails")).where(or_(lately, in_hand)).group_by(Mail.recipient)
    went: Counter[str] = Counter()
    for row in session.execute(counted):
        went[row.recipient.lower()] += row.mails
    return went
