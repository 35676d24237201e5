"""Offices with a chat channel of their own hear there, once a working day, of all that is overdue with them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.bundling import DIGEST
from muster_notify.gathering import Moment, new_mail
from muster_notify.models import Mail, OfficeChannel
from muster_notify.readers import CHAT, Readers
from muster_notify.sending_hours import next_window, spread
from muster_notify.told import overdue_in
from muster_notify.windows import local_day

_NAMESPACE = UUID("c9b2a1c3-35d7-5f0a-9d6a-7a1e5ad2b0c4")
_ADDRESSED: Final = "office:"


def is_for_office(recipient: str) -> bool:
    """Whether a mail is for an office as a whole, not for a person."""
    return recipient.startswith(_ADDRESSED)


def tell_offices(session: Session, moment: Moment, *, is_spread: bool) -> int:
    """Make today's message for each office whose time has come and where anything is overdue; returns how many."""
    offices = session.scalars(select(OfficeChannel.office).order_by(OfficeChannel.office)).all()
    if not offices:
        return 0
    readers = Readers.of(session, ())
    ready = [office for office in offices if _is_turn(office, readers, moment, is_spread=is_spread)]
    overdue = overdue_in(session, ready, moment.now)
    wanted = [_message(office, readers, moment) for office in ready if overdue.get(office)]
    if not wanted:
        return 0
    made = insert(Mail).values(wanted).on_conflict_do_nothing().returning(Mail.mail_id)
    return len(session.scalars(made).all())


def _is_turn(office: str, readers: Readers, moment: Moment, *, is_spread: bool) -> bool:
    window = next_window(moment.now, readers.hours("", office))
    return (spread(office, window) if is_spread else window[0]) <= moment.now


def _message(office: str, readers: Readers, moment: Moment) -> dict[str, Any]:
    day = local_day(moment.now, readers.hours("", office).time_zone)
    return new_mail(
        uuid5(_NAMESPACE, f"{office} {day}"),
        moment,
        recipient=f"{_ADDRESSED}{office}",
        recipient_name=readers.offices.get(office, {}).get("name", office),
        office=office,
        kind=DIGEST,
        day=day,
        channel=CHAT,
        content={"office": office},
    )
