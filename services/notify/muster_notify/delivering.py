"""Sending what is due: claim a mail, write it, hand it over, settle it, one after the other on one connection."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_notify import mail_text, mails
from muster_notify.channels import NotTaken, ServerAway, SmtpChannel, open_smtp
from muster_notify.ladder import next_step, shipped_ladder
from muster_notify.mail_text import Letter, Line
from muster_notify.mails import Claim
from muster_notify.models import ObligationRow, Record
from muster_notify.people import Offices, projects
from muster_notify.windows import local_day
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.coverage import RETURNED

_log = logging.getLogger(__name__)
_STEPS_IN_A_LEASE = 5  # MAIL, RCPT, DATA, the text, and some time to spare


class LeaseLost(Exception):
    """Another worker took the mail over."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one run of the delivery works with."""

    context: Context
    open_offices: tuple[str, ...]
    lease: timedelta

    def connect(self) -> AbstractContextManager[SmtpChannel]:
        """A connection whose every step ends early enough for all of them to fit into the lease."""
        return open_smtp(self.context.settings.smtp_url, timeout=self.lease.total_seconds() / _STEPS_IN_A_LEASE)


def deliver(context: Context) -> int:
    """Send everything that is due to people whose window is open; returns how many mails went out."""
    this = _begin(context)
    sent = 0
    try:
        while _is_anything_left(this):
            with this.connect() as channel:
                sent += _send_while_connected(this, channel)
    except ServerAway as away:
        with context.sessions.begin() as session:
            mails.note_unreachable(session, real_now=real_now(), reason=str(away))
        _log.warning("mail server away, reminders stay held", extra={"reason": str(away)})
    return sent


def _begin(context: Context) -> Round:
    now = context.clock.now()
    domain = context.settings.mail_from.rpartition("@")[2] or "localhost"
    with context.sessions.begin() as session:
        open_offices = Offices.of(session).open_at(now)
        mails.gather(session, open_offices=open_offices, now=now, real_now=real_now(), domain=domain)
    return Round(context, tuple(open_offices), timedelta(seconds=max(context.settings.lease_seconds, 1.0)))


def _is_anything_left(this: Round) -> bool:
    with this.context.sessions() as session:
        return mails.any_to_send(session, open_offices=this.open_offices, real_now=real_now())


def _send_while_connected(this: Round, channel: SmtpChannel) -> int:
    sent = 0
    while claimed := _claim(this):
        try:
            _send(this, channel, claimed)
            sent += 1
        except LeaseLost:
            _log.warning("another worker took this mail over", extra={"mail_id": str(claimed.mail_id)})
        except NotTaken as not_taken:
            _settle_not_taken(this, claimed, not_taken)
            if not_taken.lost_connection:
                break
    return sent


def _claim(this: Round) -> Claim | None:
    with this.context.sessions.begin() as session:
        return mails.claim(session, open_offices=this.open_offices, real_now=real_now(), lease=this.lease)


def _send(this: Round, channel: SmtpChannel, claimed: Claim) -> None:
    context = this.context
    letter = Letter(
        sender=context.settings.mail_from,
        recipient=claimed.recipient,
        recipient_name=claimed.recipient_name,
        message_id=claimed.message_id,
        sent_at=context.clock.now(),
        base_url=context.settings.base_url(),
    )
    with context.sessions() as session:
        lines = _lines(session, claimed, letter)
    try:
        message = mail_text.compose(letter, lines)
    except mail_text.UnwritableAddress as error:
        raise NotTaken(str(error), permanent=True) from error
    channel.send(
        message,
        sender=letter.sender,
        recipient=letter.recipient,
        handing_over=lambda: _handing_over(this, claimed),
    )
    with context.sessions.begin() as session:
        settled = mails.settle_sent(session, claimed, now=letter.sent_at)
    _log.info("reminder sent", extra={"mail_id": str(claimed.mail_id), "lines": len(lines), "settled": settled})


def _handing_over(this: Round, claimed: Claim) -> None:
    with this.context.sessions.begin() as session:
        still_ours = mails.handing_over(session, claimed, real_now=real_now(), lease=this.lease)
    if not still_ours:
        raise LeaseLost


def _settle_not_taken(this: Round, claimed: Claim, why: NotTaken) -> None:
    with this.context.sessions.begin() as session:
        mails.settle_failed(
            session,
            claimed,
            real_now=real_now(),
            reason=why.reason,
            permanent=why.permanent,
            in_doubt=why.in_doubt,
        )
    _log.warning("reminder not taken", extra={"mail_id": str(claimed.mail_id), "reason": why.reason})


def _lines(session: Session, claimed: Claim, letter: Letter) -> list[Line]:
    rows = [row for _, row in mails.reminders_of(session, claimed)]
    titles = {code: fields["title"] for code, fields in projects(session, {r.project_code for r in rows}).items()}
    donors = _donor_names(session, rows)
    lines = [_line(row, letter) for row in rows]
    return [
        replace(
            line,
            project_title=titles.get(line.project_code, ""),
            donor=donors.get(line.grant_id, "the donor"),
        )
        for line in lines
    ]


def _line(row: ObligationRow, letter: Letter) -> Line:
    today = local_day(letter.sent_at, row.time_zone)
    return Line(
        project_code=row.project_code,
        project_title="",
        office=row.office,
        grant_id=row.grant_id,
        donor="",
        type=row.type,
        period_start=row.period_start,
        period_end=row.period_end,
        due=row.due,
        today=today,
        returned=row.state == RETURNED,
        owner=row.owner.get("name") or row.owner.get("email") or "nobody is named",
        next=next_step(row.due, today, shipped_ladder()),
    )


def _donor_names(session: Session, rows: Sequence[ObligationRow]) -> dict[str, str]:
    """Grant to the name of its donor."""
    codes = {row.project_code for row in rows}
    grants = select(Record.fields).where(Record.kind == "grant", Record.project_code.in_(codes))
    donor_of = {grant["grant_id"]: grant["donor_id"] for grant in session.scalars(grants)}
    donors = select(Record.key, Record.fields).where(Record.kind == "donor", Record.key.in_(set(donor_of.values())))
    names = {row.key: row.fields["name"] for row in session.execute(donors)}
    return {grant_id: names.get(donor_id, donor_id) for grant_id, donor_id in donor_of.items()}
