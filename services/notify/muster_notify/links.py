"""The signed links of mails: each opens one page for one person, for sixty days, and does one thing once.

A link's time is the business clock's, like that of the mail it stands in. It opens nothing else: its audience
differs from that of a token.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import jwt

from muster_shared import keys
from muster_shared.settings import Settings

LIFETIME: Final = timedelta(days=60)
_AUDIENCE: Final = "muster-act"


class ForgedLink(Exception):
    """The link was not made here, or not whole."""


class ExpiredLink(Exception):
    """The link is older than it may be."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link of a mail is bound to; ``extension`` is the day (ISO) of the request it lets decide, if it does."""

    link_id: str
    obligation_id: UUID
    recipient: str
    extension: str | None = None


def action_url(settings: Settings, obligation_id: UUID, recipient: str, now: datetime) -> str:
    """Where ``recipient`` says what becomes of an obligation; the same arguments give the same address."""
    return _url(settings, obligation_id, recipient, now, extension=None)


def decision_url(settings: Settings, obligation_id: UUID, recipient: str, now: datetime, *, requested_on: str) -> str:
    """Where ``recipient`` decides on the extension that was asked for on a day (ISO), of the obligation's project."""
    return _url(settings, obligation_id, recipient, now, extension=requested_on)


def read_link(settings: Settings, token: str, *, now: datetime) -> Link:
    """What the last part of a link's address says.

    Raises:
        ForgedLink: it is not one of ours.
        ExpiredLink: its time is over at ``now``.
    """
    claims = _claims(settings, token)
    try:
        link = Link(claims["jti"], UUID(claims["sub"]), claims["to"], claims.get("ext"))
        expires = int(claims["until"])
    except (KeyError, TypeError, ValueError) as error:
        raise ForgedLink from error
    if not link.recipient:
        raise ForgedLink
    if now.timestamp() >= expires:
        raise ExpiredLink
    return link


def project_url(base_url: str, project_code: str) -> str:
    """The page of a project: where it stands, and the steps its reader may take."""
    return f"{base_url}/ingest/projects/{quote(project_code, safe='')}"


def _url(settings: Settings, obligation_id: UUID, recipient: str, now: datetime, *, extension: str | None) -> str:
    claims: dict[str, Any] = {
        "aud": _AUDIENCE,
        "sub": str(obligation_id),
        "to": recipient.strip().lower(),
        "until": int((now + LIFETIME).timestamp()),
    }
    if extension:
        claims["ext"] = extension
    named = hashlib.sha256("\x1f".join(str(value) for value in claims.values()).encode())
    claims["jti"] = named.hexdigest()[:32]
    return f"{settings.base_url()}/notify/act/{keys.signed(settings, claims)}"


def _claims(settings: Settings, token: str) -> dict[str, Any]:
    try:
        return keys.verified(settings, token, audience=_AUDIENCE, require=("sub",))
    except jwt.PyJWTError as error:
        raise ForgedLink from error
