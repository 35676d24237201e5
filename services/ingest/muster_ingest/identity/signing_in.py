"""Signing in by a link that is sent by mail: once, within 15 minutes, in the browser that asked for it.

Nobody learns by asking which addresses are known: the answer is the same, and so is its time within reason.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from muster_ingest.identity.models import PersonRow, SignInLink
from muster_ingest.identity.people import caller_of
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import NOTIFY_SIGN_IN_LINK

LIFETIME: Final = timedelta(minutes=15)
_MOST_IN_AN_HOUR: Final = 5
_HOUR: Final = timedelta(hours=1)
_KEPT: Final = timedelta(days=1)

BY_LINK: Final = "mail link"
USED: Final = "used"
EXPIRED: Final = "expired"
OTHER_BROWSER: Final = "other_browser"
UNKNOWN: Final = "unknown"
CLOSED: Final = "closed"


class LinkDoesNotOpen(Exception):
    """A link to sign in with opens nothing; ``reason`` is used, expired, other_browser, unknown or closed."""

    def __init__(self, reason: str, email: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.email = email


@dataclass(frozen=True, slots=True)
class _Sent:
    email: str
    name: str
    language: str


def ask(context: Context, email: str, nonce: str) -> None:
    """Have a link sent to a known, active person, at most five within an hour; to everybody else nothing.

    ``nonce`` is the secret of the browser that asks.
    """
    link = secrets.token_urlsafe(32)
    with context.sessions.begin() as session:
        sent = _noted_down(session, email.strip().lower(), link, nonce, now=real_now())
    if sent:
        url = f"{context.settings.base_url()}/ingest/sign-in/mail/{link}"
        context.wake.send(NOTIFY_SIGN_IN_LINK, sent.email, sent.name, sent.language, url)


def look_at(context: Context, link: str, nonce: str) -> None:
    """Whether a link would open; nothing is used up, as programs follow the links of mails too.

    Raises:
        LinkDoesNotOpen: it would not.
    """
    with context.sessions() as session:
        row = session.get(SignInLink, _hash(link))
        if reason := _closed_for(row, nonce, real_now()):
            raise LinkDoesNotOpen(reason, row.email if row else "")


def use(context: Context, link: str, nonce: str) -> Caller:
    """Use a link up: who is signed in by it from now on.

    Raises:
        LinkDoesNotOpen: nobody is; the link stays what it was, except where its person is closed.
    """
    with context.sessions.begin() as session:
        email = _used_up(session, link, nonce, now=real_now())
        row = session.get(PersonRow, email, with_for_update=True)
        if row and row.active:
            signed_in(session, row, BY_LINK, now=context.clock.now())
            return caller_of(row)
    raise LinkDoesNotOpen(CLOSED, email)


def signed_in(session: Session, row: PersonRow, by: str, *, now: datetime) -> None:
    """Note in the transaction at hand that somebody signed in; ``by`` says how, ``now`` is the time of the business."""
    row.last_signed_in = now
    audit.note(session, caller_of(row), "sign_in", {"person": row.email, "by": by}, at=now)


def refused(context: Context, email: str, by: str, reason: str) -> None:
    """Note that somebody tried to sign in and was refused; ``email`` is empty where nobody is known."""
    told = {"person": email, "by": by, "reason": reason}
    with context.sessions.begin() as session:
        audit.note(session, Caller(email, ""), "sign_in", told, at=context.clock.now(), outcome="refused")


def _noted_down(session: Session, email: str, link: str, nonce: str, *, now: datetime) -> _Sent | None:
    session.execute(delete(SignInLink).where(SignInLink.made_at < now - _KEPT))
    row = session.get(PersonRow, email, with_for_update=True)  # one request of a person after the other: they count
    if row is None or not row.active or _within_the_hour(session, email, now) >= _MOST_IN_AN_HOUR:
        return None
    session.add(
        SignInLink(
            link_hash=_hash(link),
            nonce_hash=_hash(nonce),
            email=email,
            made_at=now,
            expires_at=now + LIFETIME,
            used_at=None,
        )
    )
    return _Sent(row.email, row.name, row.language)


def _within_the_hour(session: Session, email: str, now: datetime) -> int:
    counted = select(func.count()).select_from(SignInLink)
    return session.scalar(counted.where(SignInLink.email == email, SignInLink.made_at > now - _HOUR)) or 0


def _used_up(session: Session, link: str, nonce: str, *, now: datetime) -> str:
    """The address that a link was for; of two who use it at the same time one gets it."""
    mine = update(SignInLink).where(SignInLink.link_hash == _hash(link), SignInLink.nonce_hash == _hash(nonce))
    open_still = mine.where(SignInLink.used_at.is_(None), SignInLink.expires_at > now)
    email: str | None = session.scalar(open_still.values(used_at=now).returning(SignInLink.email))
    if email:
        return email
    row = session.get(SignInLink, _hash(link))
    raise LinkDoesNotOpen(_closed_for(row, nonce, now) or USED, row.email if row else "")


def _closed_for(row: SignInLink | None, nonce: str, now: datetime) -> str | None:
    if row is None:
        return UNKNOWN
    if row.used_at is not None:
        return USED
    if row.expires_at <= now:
        return EXPIRED
    return None if secrets.compare_digest(row.nonce_hash, _hash(nonce)) else OTHER_BROWSER


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
