"""Mails as rows: gathered from what is held, claimed with a lease, handed over, and settled.

A lease is by the machine's time, for the business clock may stand still. Who settles a mail must still hold
its attempt: a worker that was taken for dead changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import CursorResult, Select, Update, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from muster_notify.models import Mail, ObligationRow, Reminder
from muster_shared.coverage import AWAITED, RETURNED

MOST_ATTEMPTS: Final = 24
MOST_DOUBTS: Final = 2
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_NAMESPACE = UUID("5b0ff3a4-6c7e-5a53-9a39-9d4c8f3f2f57")
_NO_LONGER: Final = "the report was handed in, or is no longer owed, before the mail was sent"
_IN_DOUBT: Final = "the mail server did not answer to the mail twice: it may have arrived"


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that this worker alone may send until its lease ends; ``doubts`` are those of earlier attempts."""

    mail_id: UUID
    attempt: int
    recipient: str
    recipient_name: str
    message_id: str
    doubts: int


def gather(session: Session, *, open_offices: Collection[str], now: datetime, real_now: datetime, domain: str) -> int:
    """Put what is held for each person whose window is open into one mail each; returns how many mails that made."""
    held = and_(Reminder.status == "held", Reminder.mail_id.is_(None), Reminder.office.in_(open_offices))
    rows = session.scalars(
        select(Reminder).where(held).order_by(Reminder.reminder_id).with_for_update(skip_locked=True)
    ).all()
    by_person: dict[str, list[Reminder]] = {}
    for row in rows:
        by_person.setdefault(row.recipient.casefold(), []).append(row)
    for reminders in by_person.values():
        mail_id = uuid5(_NAMESPACE, " ".join(str(row.reminder_id) for row in reminders))
        session.execute(insert(Mail).values(_fresh(mail_id, reminders[0], now, real_now, domain)))
        for row in reminders:
            row.mail_id = mail_id
    return len(by_person)


def any_to_send(session: Session, *, open_offices: Collection[str], real_now: datetime) -> bool:
    """Whether a mail waits to be sent now."""
    return session.execute(_sendable(open_offices, real_now).limit(1)).first() is not None


def claim(session: Session, *, open_offices: Collection[str], real_now: datetime, lease: timedelta) -> Claim | None:
    """Take the next mail that is due, with what of it still holds; None where there is none.

    One that is left of a worker that died is taken again once its lease is over.
    """
    while True:
        chosen = _sendable(open_offices, real_now).order_by(Mail.try_at, Mail.mail_id).limit(1)
        mail = session.scalars(chosen.with_for_update(skip_locked=True)).first()
        if mail is None:
            return None
        if mail.doubts >= MOST_DOUBTS:
            _settle_all(session, mail, "failed", _IN_DOUBT)
        elif not _keep_what_holds(session, mail):
            _settle_all(session, mail, "skipped", _NO_LONGER)
        else:
            mail.status, mail.attempt, mail.lease_until = "sending", mail.attempt + 1, real_now + lease
            return Claim(mail.mail_id, mail.attempt, mail.recipient, mail.recipient_name, mail.message_id, mail.doubts)
        session.flush()


def reminders_of(session: Session, claimed: Claim) -> Sequence[tuple[Reminder, ObligationRow]]:
    """What a claimed mail tells, most overdue first within each project."""
    query = (
        select(Reminder, ObligationRow)
        .join(ObligationRow, ObligationRow.obligation_id == Reminder.obligation_id)
        .where(Reminder.mail_id == claimed.mail_id, Reminder.status == "sending")
        .order_by(ObligationRow.due, ObligationRow.obligation_id)
    )
    return [(row.Reminder, row.ObligationRow) for row in session.execute(query)]


def handing_over(session: Session, claimed: Claim, *, real_now: datetime, lease: timedelta) -> bool:
    """Note, just before the mail server takes it, that the outcome is in doubt until it is settled.

    False where the lease was lost: then somebody else sends it.
    """
    noted = _held_mail(claimed).values(doubts=Mail.doubts + 1, lease_until=real_now + lease)
    return _changed(session, noted)


def settle_sent(session: Session, claimed: Claim, *, now: datetime) -> bool:
    """The mail server took it; False where somebody else has the mail by now."""
    state = {"status": "sent", "sent_at": now, "reason": None}
    if not _changed(session, _held_mail(claimed).values(**state, doubts=0, lease_until=None)):
        return False
    session.execute(_sending(claimed.mail_id).values(**state))
    return True


def settle_failed(
    session: Session, claimed: Claim, *, real_now: datetime, reason: str, permanent: bool, in_doubt: bool
) -> bool:
    """It was not taken: held again for later, or failed for good; False where somebody else has the mail by now."""
    status = "failed" if permanent or claimed.attempt >= MOST_ATTEMPTS else "held"
    state: dict[str, Any] = {
        "status": status,
        "reason": reason,
        "lease_until": None,
        "try_at": real_now + pause_after(claimed.attempt),
    }
    if not in_doubt:
        state["doubts"] = claimed.doubts  # an answer takes back this attempt's doubt, not those before it
    if not _changed(session, _held_mail(claimed).values(**state)):
        return False
    session.execute(_sending(claimed.mail_id).values(status=status, reason=reason))
    return True


def note_unreachable(session: Session, *, real_now: datetime, reason: str) -> None:
    """Say on every waiting mail why it waits; that the server is away is no attempt at any of them."""
    waiting = and_(Mail.status == "held", Mail.try_at <= real_now)
    session.execute(update(Mail).where(waiting).values(reason=reason))


def pause_after(attempt: int) -> timedelta:
    """How long to wait after so many attempts: 5 seconds, doubled each time, an hour at most."""
    doublings: int = 2 ** min(attempt - 1, 20)
    return min(_FIRST_PAUSE * doublings, _LONGEST_PAUSE)


def _fresh(mail_id: UUID, first: Reminder, now: datetime, real_now: datetime, domain: str) -> dict[str, Any]:
    return {
        "mail_id": mail_id,
        "recipient": first.recipient,
        "recipient_name": first.recipient_name,
        "office": first.office,
        "status": "held",
        "attempt": 0,
        "doubts": 0,
        "try_at": real_now,
        "message_id": f"<{mail_id}@{domain}>",
        "created_at": now,
    }


def _sendable(open_offices: Collection[str], real_now: datetime) -> Select[Mail]:
    waits = and_(Mail.status == "held", Mail.try_at <= real_now)
    left_behind = and_(Mail.status == "sending", Mail.lease_until < real_now)
    return select(Mail).where(or_(waits, left_behind), Mail.office.in_(open_offices))


def _keep_what_holds(session: Session, mail: Mail) -> bool:
    """Skip what was handed in or changed since it was gathered; True where something is left to tell."""
    of_mail = and_(Reminder.mail_id == mail.mail_id, Reminder.status.in_(["held", "sending"]))
    holds = (
        select(ObligationRow.obligation_id)
        .where(
            ObligationRow.obligation_id == Reminder.obligation_id,
            ObligationRow.cancelled_at.is_(None),
            ObligationRow.state.in_([AWAITED, RETURNED]),
            ObligationRow.cycle == Reminder.cycle,
        )
        .exists()
    )
    session.execute(update(Reminder).where(of_mail, ~holds).values(status="skipped", reason=_NO_LONGER))
    return _changed(session, update(Reminder).where(of_mail).values(status="sending"))


def _settle_all(session: Session, mail: Mail, status: str, reason: str) -> None:
    mail.status, mail.reason, mail.lease_until = status, reason, None
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
