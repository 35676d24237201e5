"""Mails that come back: told apart by the signed address they were sent from, so that nobody can feign one."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from muster_notify import failing_addresses
from muster_notify.models import Mail, Reminder
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem, forbidden, not_found
from muster_shared.settings import Settings

_LOCAL_PART: Final = re.compile(r"bounce\+([0-9a-f]{32})\.([0-9a-f]{20})")
_KEY_OF: Final = b"muster bounce address"  # derived, so that neither signature says anything about the other
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463
_LONGEST_DETAIL: Final = 300


class ForgedAddress(ValueError):
    """The address that a mail came back to is not one we send from."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What the inbound hook tells: where the mail came back to, the status of RFC 3463, and the words of the server."""

    to: str
    status: str
    detail: str = ""


def bounce_address(settings: Settings, mail_id: UUID) -> str:
    """The address a mail is sent from, and comes back to where it cannot be delivered."""
    domain = settings.mail_from.rpartition("@")[2] or "localhost"
    return f"bounce+{mail_id.hex}.{_signature(settings.signing_key(), mail_id)}@{domain}"


def read_bounce_address(settings: Settings, address: str) -> UUID:
    """The mail that came back to an address.

    Raises:
        ForgedAddress: it is none that a mail was sent from here.
    """
    found = _LOCAL_PART.fullmatch(address.strip().strip("<>").rpartition("@")[0].lower())
    if found is None:
        raise ForgedAddress("is not an address that mails are sent from: it begins with bounce+")
    mail_id = UUID(found[1])
    if not any(hmac.compare_digest(found[2], _signature(key, mail_id)) for key in settings.signing_keys()):
        raise ForgedAddress("is not an address that mails are sent from: its signature is wrong")
    return mail_id


def take_bounce(context: Context, caller: Caller, bounce: Bounce) -> dict[str, Any]:
    """Note that a mail came back; for good (``5.x.x``): its address is written to no more and its rungs climb.

    Returns the mail and what it is now. The same bounce once more changes nothing.

    Raises:
        Problem: 403, 404 no such mail, 422 a forged address or no status of a failure; nothing was changed.
    """
    if caller.role not in {"service", "admin"}:
        raise forbidden("bounces come from the mail server's hook, with a service token")
    mail_id = _checked(context.settings, bounce)
    with context.sessions.begin() as session:
        mail = session.get(Mail, mail_id, with_for_update=True)
        if mail is None:
            raise not_found("no mail was sent from this address")
        reason = f"came back: {bounce.status} {' '.join(bounce.detail.split())}".strip()[:_LONGEST_DETAIL]
        if mail.status == "sent" or (mail.status in ("held", "sending") and mail.doubts):
            _note(session, mail, reason, is_permanent=bounce.status.startswith("5"), context=context)
        return {"mail_id": str(mail_id), "status": mail.status, "reason": mail.reason}


def _checked(settings: Settings, bounce: Bounce) -> UUID:
    errors = []
    if not _STATUS.fullmatch(bounce.status) or bounce.status.startswith("2"):
        message = "is not the status of a failure: write it like 5.1.1, or 4.2.2 for one that may pass"
        errors.append(DataError("bad_status", message, field="status", pointer="/status"))
    try:
        mail_id = read_bounce_address(settings, bounce.to)
    except ForgedAddress as error:
        errors.append(DataError("forged_address", str(error), field="to", pointer="/to"))
    if errors:
        raise Problem(422, "bad_bounce", "this is not a bounce of a mail sent from here", errors=errors)
    return mail_id


def _note(session: Session, mail: Mail, reason: str, *, is_permanent: bool, context: Context) -> None:
    mail.reason = reason
    if not is_permanent:
        return
    mail.status, mail.lease_until = "failed", None
    told = update(Reminder).where(Reminder.mail_id == mail.mail_id, Reminder.status.in_(["sent", "sending", "held"]))
    session.execute(told.values(status="failed", reason=reason))
    session.flush()
    now = context.clock.now()
    failing_addresses.climb(session, mail.mail_id, mail.recipient, reason, mail.office, now=now)


def _signature(signing_key: str, mail_id: UUID) -> str:
    key = hmac.digest(signing_key.encode(), _KEY_OF, "sha256")
    return hmac.digest(key, mail_id.bytes, "sha256").hex()[:20]
