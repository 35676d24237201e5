"""Who is calling: signed tokens, and what a caller's scope is.

A token is a JWT (``keys.py``) with role and scope; expiry is by the machine's clock, not by ``MUSTER_CLOCK``.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import jwt

from muster_shared import keys
from muster_shared.clock import real_now
from muster_shared.names import ROLES
from muster_shared.settings import Settings

_AUDIENCE = "muster"
_LINK_AUDIENCE = "muster-sign-in"


class InvalidToken(Exception):
    """The token is not one of ours, or not any more; the message may be shown to its bearer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a token: ``name`` is an e-mail address or a service's name."""

    name: str
    role: str
    offices: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    donor: str | None = None

    @property
    def sees_all_offices(self) -> bool:
        """Whether the role is not bound to offices, regions, projects or a donor."""
        return self.role in {"analyst", "admin", "service"}

    @property
    def decides_centrally(self) -> bool:
        """Whether the role writes donors, rates, published totals, offices and merges."""
        return self.role in {"analyst", "admin", "service"}

    def may_write_for(self, office: str) -> bool:
        """Whether the caller may send an envelope in this office's name."""
        if self.role in {"admin", "service"}:
            return True
        if self.role == "analyst":
            return office == "HQ" or office in self.offices
        return self.role in {"focal_point", "head_of_office", "project_manager"} and office in self.offices


@dataclass(frozen=True, slots=True)
class Credential:
    """What a token says: who bears it, its id, and when it was issued and expires (seconds since 1970)."""

    caller: Caller
    token_id: str
    issued_at: float
    expires_at: float


def issue(settings: Settings, caller: Caller, *, lifetime: timedelta, token_id: str | None = None) -> str:
    """A token for this caller, valid from now for ``lifetime``; ``token_id`` is what it can be taken back by.

    Raises:
        ValueError: the role is unknown, or its scope is missing.
    """
    return _sign(settings, caller, lifetime, _AUDIENCE, token_id)


def sign_in_link(settings: Settings, caller: Caller, *, lifetime: timedelta) -> str:
    """An address that signs this caller in with a browser; it opens nothing else."""
    signed = _sign(settings, caller, lifetime, _LINK_AUDIENCE)
    service = "report" if caller.role == "donor" else "ingest"  # where the person's first page is
    return f"{settings.base_url()}/{service}/sign-in?{urlencode({'link': signed})}"


def _sign(settings: Settings, caller: Caller, lifetime: timedelta, audience: str, token_id: str | None = None) -> str:
    check_scope(caller)
    now = real_now()
    claims = {
        "sub": caller.name,
        "role": caller.role,
        "offices": list(caller.offices),
        "regions": list(caller.regions),
        "donor": caller.donor,
        "aud": audience,
        "jti": token_id or secrets.token_hex(16),
        "iat": now.timestamp(),  # with its fraction: what was issued just before a sign-out is void, just after is not
        "exp": int((now + lifetime).timestamp()),
    }
    return keys.signed(settings, claims)


def service_token(settings: Settings, service: str) -> str:
    """A short-lived token with which one service calls another."""
    return issue(settings, Caller(name=service, role="service"), lifetime=timedelta(minutes=5))


def read(settings: Settings, token: str) -> Caller:
    """The caller a token names.

    Raises:
        InvalidToken: bad signature, expired, or not ours.
    """
    return credential(settings, token).caller


def credential(settings: Settings, token: str) -> Credential:
    """All that a token says.

    Raises:
        InvalidToken: bad signature, expired, or not ours.
    """
    return _read(settings, token, _AUDIENCE)


def read_link(settings: Settings, link: str) -> Caller:
    """The caller a sign-in link names.

    Raises:
        InvalidToken: bad signature, expired, or not a link of ours.
    """
    return _read(settings, link, _LINK_AUDIENCE).caller


def _read(settings: Settings, token: str, audience: str) -> Credential:
    try:
        claims = keys.verified(settings, token, audience=audience, require=("exp", "iat", "jti", "sub"))
    except jwt.ExpiredSignatureError:
        raise InvalidToken("the token has expired: ask for a new one") from None
    except jwt.PyJWTError:
        raise InvalidToken("the token is not valid here") from None
    caller = Caller(
        name=claims["sub"],
        role=claims["role"],
        offices=tuple(claims["offices"]),
        regions=tuple(claims["regions"]),
        donor=claims["donor"],
    )
    return Credential(caller, claims["jti"], float(claims["iat"]), float(claims["exp"]))


def check_scope(caller: Caller) -> None:
    """Hold a role against the scope it needs.

    Raises:
        ValueError: the role is unknown, or its scope is missing.
    """
    if caller.role not in ROLES:
        raise ValueError(f"unknown role '{caller.role}': one of {', '.join(ROLES)}")
    if caller.role in {"focal_point", "head_of_office"} and not caller.offices:
        raise ValueError(f"the role {caller.role} needs an office, for example KEN")
    if caller.role == "reviewer" and not caller.regions:
        raise ValueError("the role reviewer needs a region, for example east_horn_of_africa")
    if caller.role == "donor" and not caller.donor:
        raise ValueError("the role donor needs a donor, for example example-fund")
