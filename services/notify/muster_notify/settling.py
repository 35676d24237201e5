"""What becomes of a mail that was not taken: tried again, told another way, or failed, with who is to know of it."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from muster_notify import alarms, failing_addresses, mails
from muster_notify.channels import NotTaken
from muster_notify.chat import MOST_ATTEMPTS as MOST_BY_CHAT
from muster_notify.mails import Claim
from muster_notify.office_digests import is_for_office
from muster_notify.readers import CHAT, MAIL
from muster_shared.clock import real_now

_log = logging.getLogger(__name__)
_CHAT_FAILS: Final = "The chat channel of {who} did not take {times} messages in a row: {then}"
_GIVEN_UP: Final = "Mail to {who} was given up after {times} attempts: {reason}"


def settle_not_taken(session: Session, claimed: Claim, why: NotTaken, *, now: datetime) -> None:
    """Settle a mail as its channel answered; an address refused for good is written to no more, and the rung climbs."""
    gives_up_chat = claimed.channel == CHAT and claimed.attempt >= MOST_BY_CHAT
    turns_to_mail = gives_up_chat and not is_for_office(claimed.recipient)
    status = mails.settle_failed(
        session,
        claimed,
        real_now=real_now(),
        reason=why.reason,
        permanent=why.permanent,
        in_doubt=why.in_doubt,
        channel=MAIL if turns_to_mail else None,
    )
    told = {"request_id": claimed.request_id, "mail_id": str(claimed.mail_id), "reason": why.reason}
    _log.warning("not taken", extra={**told, "status": status})
    if status == "failed" and why.permanent:
        failing_addresses.climb(session, claimed.mail_id, claimed.recipient, why.reason, claimed.office, now=now)
    elif status == "failed":
        said = _GIVEN_UP.format(who=claimed.recipient, times=claimed.attempt, reason=why.reason)
        _alarm(session, claimed, said, now)
    elif status is not None and gives_up_chat:
        then = "told by mail" if turns_to_mail else "tried again later"
        _alarm(session, claimed, _CHAT_FAILS.format(who=claimed.recipient, times=claimed.attempt, then=then), now)


def _alarm(session: Session, claimed: Claim, detail: str, now: datetime) -> None:
    alarms.raise_alarm(
        session,
        kind=alarms.ADDRESS_FAILS,
        office=claimed.office,
        subject=claimed.recipient.lower(),
        detail=detail,
        now=now,
    )
