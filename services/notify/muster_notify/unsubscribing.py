"""Asking for no digests any more, by the signed address that every digest carries (RFC 8058, one click).

Such an address holds as long as its mail lies in somebody's folder, and opens nothing but this.
"""

from __future__ import annotations

from typing import Final

import jwt
from sqlalchemy.dialects.postgresql import insert

from muster_notify.models import PreferenceRow
from muster_shared import keys
from muster_shared.context import Context
from muster_shared.settings import Settings

_AUDIENCE: Final = "muster-unsubscribe"


class ForgedAddress(ValueError):
    """The address to unsubscribe at was not made here, or is not whole."""


def unsubscribe_url(settings: Settings, recipient: str) -> str:
    """Where ``recipient`` asks for no digests; the same address each time."""
    claims = {"aud": _AUDIENCE, "sub": recipient.strip().lower()}
    return f"{settings.base_url()}/notify/unsubscribe/{keys.signed(settings, claims)}"


def read_token(settings: Settings, token: str) -> str:
    """Whose address it is, in small letters.

    Raises:
        ForgedAddress: it is not one of ours.
    """
    try:
        claims = keys.verified(settings, token, audience=_AUDIENCE, require=("sub", "aud"))
    except jwt.PyJWTError as error:
        raise ForgedAddress("not an address to unsubscribe at: it is forged, or not whole") from error
    return str(claims["sub"])


def unsubscribe(held: Context, email: str) -> None:
    """From now on only escalations reach this person; doing so again changes nothing."""
    now = held.clock.now()
    stated = insert(PreferenceRow).values(email=email, digest=False, updated_at=now, updated_by=email)
    state = {"digest": False, "updated_at": now, "updated_by": email}
    is_news = PreferenceRow.digest.is_(True)
    with held.sessions.begin() as session:
        session.execute(stated.on_conflict_do_update(index_elements=["email"], set_=state, where=is_news))
