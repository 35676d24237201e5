"""Mails as rows: claimed in batches with a lease, given back, and settled where they were not taken.

A lease is by the machine's time, for the business clock may stand still. Who settles a mail must still hold
its attempt: a worker that was taken for dead changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CursorResult, Update, and_, select, text, update
from sqlalchemy.orm import Session

from muster_notify import failing_addresses, review_mails
from muster_notify.gathering import REQUEST
from muster_notify.judging import FAILS, SNOOZED
from muster_notify.models import Mail, Reminder
from muster_notify.told import Told, told_in
from muster_notify.turns import Turn, waits
from muster_shared.erasing import is_erased
from muster_shared.logs import request_id
from muster_shared.one_of import one_of

MOST_ATTEMPTS: Final = 24
MOST_DOUBTS: Final = 2
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_NO_LONGER: Final = "the report was handed in, or is no longer owed, before the mail was sent"
ERASED: Final = "the person was erased"
_IN_DOUBT: Final = "the mail server did not answer to the mail twice: it may have arrived"

# a digest that could not go out on its own day becomes that of the day it does
_TAKE: Final = text("""
    UPDATE mail SET status = 'sending', attempt = attempt + 1, lease_until = :lease_until,
        day = CASE
            WHEN mail.day IS NOT NULL AND mail.doubts = 0 AND kind IN ('digest', 'escalation') THEN taken.day
            ELSE mail.day
        END
    FROM unnest(CAST(:mails AS uuid[]), CAST(:days AS date[])) AS taken (mail_id, day)
    WHERE mail.mail_id = taken.mail_id
""")
_TELL: Final = text("""
    UPDATE reminder SET status = 'sending', reason = NULL
    WHERE reminder_id = ANY (CAST(:reminders AS uuid[])) AND status IN ('held', 'sending')
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that this worker alone may send until its lease ends; ``doubts`` are those of earlier attempts.

    ``request_id`` is of the request that the mail comes from; of reminders, which come from none, of the delivery.
    """

    mail_id: UUID
    attempt: int
    recipient: str
    recipient_name: str
    office: str
    kind: str
    channel: str
    message_id: str
    content: Mapping[str, Any] | None
    doubts: int
    told: Sequence[Told] = ()
    request_id: str = ""


def claim(
    session: Session, turns: Collection[Turn], *, now: datetime, real_now: datetime, lease: timedelta
) -> list[Claim]:
    """Take those of the mails that nobody else has, with what of them still holds, in the order of their turns.

    One that is left of a worker that died is taken again once its lease is over.
    """
    days = {turn.mail_id: turn.day for turn in turns}
    chosen = select(Mail).where(one_of(Mail.mail_id, days), waits(real_now)).order_by(Mail.mail_id)
    mails = session.scalars(chosen.with_for_update(skip_locked=True)).all()
    told = told_in(session, [mail.mail_id for mail in mails], now)
    failing = failing_addresses.among(session, {mail.recipient for mail in mails})
    looked = review_mails.look(session, mails)
    _skip_what_changed(session, [one for some in told.values() for one in some])
    claimed: dict[UUID, Claim] = {}
    for mail in mails:
        kept = [one for one in told.get(mail.mail_id, ()) if one.holds and not one.is_snoozed]
        if mail.mail_id in looked.undecided:
            continue
        if mail.doubts >= MOST_DOUBTS:
            _end(session, mail, "failed", _IN_DOUBT)
        elif mail.recipient.lower() in failing:
            _end(session, mail, "failed", FAILS)
            failing_addresses.climb(session, mail.mail_id, mail.recipient, FAILS, mail.office, now=now)
        elif mail.mail_id in looked.over:
            _end(session, mail, "skipped", review_mails.MOVED_ON)
        elif is_erased(mail.recipient):
            _end(session, mail, "skipped", ERASED)
        elif not kept and mail.content is None:
            _end(session, mail, "skipped", _NO_LONGER)
        else:
            claimed[mail.mail_id] = _claim(mail, kept, looked.told.get(mail.mail_id, mail.content))
    session.flush()
    _take(session, list(claimed.values()), days, real_now + lease)
    return [claimed[turn.mail_id] for turn in turns if turn.mail_id in claimed]


def settle_failed(
    session: Session,
    claimed: Claim,
    *,
    real_now: datetime,
    reason: str,
    permanent: bool,
    in_doubt: bool,
    channel: str | None = None,
) -> str | None:
    """It was not taken: held again for later, perhaps over another channel, or failed for good.

    Returns what it is now, or None where somebody else has the mail.
    """
    status = "failed" if permanent or claimed.attempt >= MOST_ATTEMPTS else "held"
    state: dict[str, Any] = {
        "status": status,
        "reason": reason,
        "lease_until": None,
        "try_at": real_now + pause_after(claimed.attempt),
        "channel": channel or claimed.channel,
    }
    if not in_doubt:
        state["doubts"] = claimed.doubts  # an answer takes back this attempt's doubt, not those before it
    if not _changed(session, _held_mail(claimed).values(**state)):
        return None
    told = {"status": status, "reason": reason, "channel": state["channel"]}
    session.execute(_sending(claimed.mail_id).values(**told))
    return status


def give_back(session: Session, claims: Collection[Claim], *, real_now: datetime) -> None:
    """What was claimed and not handed over is there for whoever comes next."""
    for claimed in claims:
        free = _held_mail(claimed).values(status="held", lease_until=None, try_at=real_now)
        if _changed(session, free):
            session.execute(_sending(claimed.mail_id).values(status="held"))


def note_unreachable(session: Session, *, real_now: datetime, reason: str) -> None:
    """Say on every waiting mail why it waits; that the server is away is no attempt at any of them."""
    waiting = and_(Mail.status == "held", Mail.channel == "mail", Mail.try_at <= real_now)
    session.execute(update(Mail).where(waiting, Mail.reason.is_distinct_from(reason)).values(reason=reason))


def pause_after(attempt: int) -> timedelta:
    """How long to wait after so many attempts: 5 seconds, doubled each time, an hour at most."""
    doublings: int = 2 ** min(attempt - 1, 20)
    return min(_FIRST_PAUSE * doublings, _LONGEST_PAUSE)


def _skip_what_changed(session: Session, told: Sequence[Told]) -> None:
    """Skip what was handed in, moved or snoozed since it was gathered."""
    why = {one.reminder_id: _NO_LONGER for one in told if not one.holds}
    why |= {one.reminder_id: f"{SNOOZED}{one.owed.snoozed_until}" for one in told if one.holds and one.is_snoozed}
    for reason in sorted(set(why.values())):
        some = [reminder_id for reminder_id, known in why.items() if known == reason]
        skipped = update(Reminder).where(one_of(Reminder.reminder_id, some), Reminder.status.in_(["held", "sending"]))
        session.execute(skipped.values(status="skipped", reason=reason))


def _take(session: Session, claims: Sequence[Claim], days: Mapping[UUID, date], lease_until: datetime) -> None:
    if not claims:
        return
    taken = {"mails": [claim.mail_id for claim in claims], "days": [days[claim.mail_id] for claim in claims]}
    session.execute(_TAKE, taken | {"lease_until": lease_until})
    told = [one.reminder_id for claim in claims for one in claim.told]
    session.execute(_TELL, {"reminders": told})


def _claim(mail: Mail, told: Sequence[Told], content: Mapping[str, Any] | None) -> Claim:
    return Claim(
        mail_id=mail.mail_id,
        attempt=mail.attempt + 1,
        recipient=mail.recipient,
        recipient_name=mail.recipient_name,
        office=mail.office,
        kind=mail.kind,
        channel=mail.channel,
        message_id=mail.message_id,
        content=content,
        doubts=mail.doubts,
        told=told,
        request_id=(mail.content or {}).get(REQUEST) or request_id.get(),
    )


def _end(session: Session, mail: Mail, status: str, reason: str) -> None:
    """Settle a mail that is not sent; one that was skipped leaves its day to another digest."""
    mail.status, mail.reason, mail.lease_until = status, reason, None
    mail.day = None if status == "skipped" else mail.day
    left = and_(Reminder.mail_id == mail.mail_id, Reminder.status.in_(["held", "sending"]))
    session.execute(update(Reminder).where(left).values(status=status, reason=reason))


def _held_mail(claimed: Claim) -> Update:
    return update(Mail).where(
        Mail.mail_id == claimed.mail_id, Mail.attempt == claimed.attempt, Mail.status == "sending"
    )


def _sending(mail_id: UUID) -> Update:
    return update(Reminder).where(Reminder.mail_id == mail_id, Reminder.status == "sending")


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount > 0
